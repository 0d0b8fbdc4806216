//! What several stages share, made when the first of them needs it.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;

use crate::bundle::{self, Weight};
use crate::process::Task;
use crate::tools::{TestTools, Tools};
use crate::{progress, workspace};

/// The tools and the results of the long builds of one `cargo xtask test`.
pub(super) struct Session {
    pub(super) tools: Tools,
    pub(super) test_tools: TestTools,
    /// More generated cases and more rounds.
    pub(super) full: bool,
    /// Parts of test names; all tests if empty.
    pub(super) names: Vec<String>,
    compiled: OnceLock<Result<Compiled, String>>,
    bundle: OnceLock<Result<Weight, String>>,
}

/// A compiled program of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Program {
    pub(super) package: String,
    pub(super) target: String,
    pub(super) is_test: bool,
    pub(super) path: PathBuf,
    /// Its package's folder, which tests expect to be started in.
    pub(super) folder: PathBuf,
}

impl Session {
    /// Makes sure of every tool, so that a missing one is known at once.
    pub(super) fn prepare(full: bool, names: Vec<String>) -> Result<Session> {
        let tools = Tools::for_portal()?;
        let test_tools = TestTools::ensure(full)?;
        Ok(Session {
            tools,
            test_tools,
            full,
            names,
            compiled: OnceLock::new(),
            bundle: OnceLock::new(),
        })
    }

    /// The test programs of a package.
    pub(super) fn tests_of(&self, package: &'static str) -> Result<Vec<&Program>> {
        let programs = self.programs_of(package)?;
        Ok(programs.filter(|program| program.is_test).collect())
    }

    /// The backend's program.
    pub(super) fn backend(&self) -> Result<&Path> {
        self.program_of("casement-backend", "casement-backend")
    }

    /// A program of a package that is no test.
    pub(super) fn program_of(&self, package: &'static str, name: &str) -> Result<&Path> {
        let mut programs = self.programs_of(package)?;
        programs
            .find(|program| !program.is_test && program.target == name)
            .map(|program| program.path.as_path())
            .with_context(|| format!("the workspace has no program `{name}`"))
    }

    /// What the bundle weighs, which is built first; who comes while it is being built, waits.
    pub(super) fn bundle(&self) -> Result<&Weight> {
        let result = self
            .bundle
            .get_or_init(|| bundle::build(&self.tools).map_err(|problem| format!("{problem:#}")));
        result
            .as_ref()
            .map_err(|problem| anyhow!("no bundle: {problem}"))
    }

    /// What compiled of a package; an error if something of it did not.
    fn programs_of(&self, package: &'static str) -> Result<impl Iterator<Item = &Program>> {
        let compiled = self
            .compiled
            .get_or_init(|| compile().map_err(|problem| format!("{problem:#}")));
        let compiled = compiled
            .as_ref()
            .map_err(|problem| anyhow!("nothing to run: {problem}"))?;
        if compiled.broken.iter().any(|broken| broken == package) {
            bail!("{package} does not compile; the errors are above");
        }
        Ok(compiled
            .programs
            .iter()
            .filter(move |program| program.package == package))
    }
}

/// What came of compiling the workspace.
#[derive(Debug, Default)]
struct Compiled {
    programs: Vec<Program>,
    /// The packages with an error.
    broken: Vec<String>,
}

/// Compiles every native program and test in one go, so that no crate is
/// compiled twice with different features. A package that does not compile
/// leaves the others to be tested.
fn compile() -> Result<Compiled> {
    progress::step("compiling the programs and their tests");
    let outcome = Task::new("cargo")
        .args([
            "test",
            "--workspace",
            "--no-run",
            "--no-fail-fast",
            "--message-format=json",
        ])
        .read_whatever_comes()?;
    let mut compiled = Compiled::default();
    for line in outcome.text.lines() {
        let Ok(message) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        compiled.programs.extend(program(&message));
        if let Some((package, error)) = error(&message) {
            println!("{error}");
            compiled.broken.push(package);
        }
    }
    if !outcome.succeeded && compiled.broken.is_empty() {
        bail!("cargo failed; what it said is above");
    }
    Ok(compiled)
}

/// The package and the text of an error that a message of cargo tells of.
fn error(message: &Value) -> Option<(String, String)> {
    let is_error =
        message["reason"] == "compiler-message" && message["message"]["level"] == "error";
    if !is_error {
        return None;
    }
    let text = message["message"]["rendered"].as_str()?;
    Some((package(message)?, text.to_owned()))
}

/// The program that a message of cargo tells of, if it does.
fn program(message: &Value) -> Option<Program> {
    if message["reason"] != "compiler-artifact" {
        return None;
    }
    Some(Program {
        package: package(message)?,
        target: message["target"]["name"].as_str()?.to_owned(),
        is_test: message["profile"]["test"].as_bool()?,
        path: PathBuf::from(message["executable"].as_str()?),
        folder: folder(message)?.to_owned(),
    })
}

fn folder(message: &Value) -> Option<&Path> {
    Path::new(message["manifest_path"].as_str()?).parent()
}

/// The package of the workspace that a message is about.
fn package(message: &Value) -> Option<String> {
    let below = folder(message)?.strip_prefix(workspace::root()).ok()?;
    let name = match below.to_str()? {
        "" => "casement",
        "backend" => "casement-backend",
        "tests/e2e" => "casement-e2e",
        other => other,
    };
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message_about_backend(more: &Value) -> Value {
        let mut message = json!({ "manifest_path": workspace::root().join("backend/Cargo.toml") });
        for (name, value) in more.as_object().into_iter().flatten() {
            message[name] = value.clone();
        }
        message
    }

    #[test]
    fn a_compiled_test_is_recognised_in_cargos_messages() {
        let message = message_about_backend(&json!({
            "reason": "compiler-artifact",
            "target": { "name": "api", "kind": ["test"] },
            "profile": { "test": true },
            "executable": "/t/debug/deps/api-1",
        }));
        let found = program(&message).unwrap();
        assert_eq!(
            (found.package.as_str(), found.target.as_str()),
            ("casement-backend", "api")
        );
        assert!(found.is_test);
        assert_eq!(found.folder, workspace::root().join("backend"));
    }

    #[test]
    fn libraries_and_other_messages_are_no_programs() {
        let library = message_about_backend(&json!({
            "reason": "compiler-artifact",
            "target": { "name": "casement_backend" },
            "profile": { "test": false },
            "executable": null,
        }));
        for message in [
            library,
            json!({"reason": "build-finished", "success": true}),
            json!(null),
        ] {
            assert_eq!(program(&message), None, "{message}");
        }
    }

    #[test]
    fn an_error_names_its_package_and_a_warning_breaks_nothing() {
        let message = |level: &str| {
            message_about_backend(&json!({
                "reason": "compiler-message",
                "message": { "level": level, "rendered": "error: no" },
            }))
        };
        let found = error(&message("error"));
        assert_eq!(
            found,
            Some((String::from("casement-backend"), String::from("error: no")))
        );
        assert_eq!(error(&message("warning")), None);
    }
}
