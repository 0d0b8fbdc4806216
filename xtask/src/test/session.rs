//! What several stages share, made when the first of them needs it.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
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
    compiled: OnceCell<Result<Vec<Program>, String>>,
    bundle: OnceCell<Result<Weight, String>>,
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
        let test_tools = TestTools::ensure()?;
        Ok(Session {
            tools,
            test_tools,
            full,
            names,
            compiled: OnceCell::new(),
            bundle: OnceCell::new(),
        })
    }

    /// The test programs of a package.
    pub(super) fn tests_of(&self, package: &str) -> Result<Vec<&Program>> {
        let programs = self.compiled()?;
        Ok(programs
            .iter()
            .filter(|program| program.is_test && program.package == package)
            .collect())
    }

    /// The backend's program.
    pub(super) fn backend(&self) -> Result<&Path> {
        let programs = self.compiled()?;
        programs
            .iter()
            .find(|program| !program.is_test && program.target == "casement-backend")
            .map(|program| program.path.as_path())
            .context("the workspace has no program `casement-backend`")
    }

    /// What the bundle weighs, which is built first.
    pub(super) fn bundle(&self) -> Result<&Weight> {
        let result = self
            .bundle
            .get_or_init(|| bundle::build(&self.tools).map_err(|problem| format!("{problem:#}")));
        result
            .as_ref()
            .map_err(|problem| anyhow!("no bundle: {problem}"))
    }

    fn compiled(&self) -> Result<&[Program]> {
        let result = self
            .compiled
            .get_or_init(|| compile().map_err(|problem| format!("{problem:#}")));
        match result {
            Ok(programs) => Ok(programs),
            Err(problem) => Err(anyhow!("nothing to run: {problem}")),
        }
    }
}

/// Compiles every native program and test in one go, so that no crate is
/// compiled twice with different features.
fn compile() -> Result<Vec<Program>> {
    progress::step("compiling the programs and their tests");
    let messages = Task::new("cargo")
        .args([
            "test",
            "--workspace",
            "--no-run",
            "--message-format=json-render-diagnostics",
        ])
        .read_with_errors_shown()?;
    Ok(messages.lines().filter_map(program).collect())
}

/// The program that a message of cargo tells of, if it does.
fn program(message: &str) -> Option<Program> {
    let message: Value = serde_json::from_str(message).ok()?;
    if message["reason"] != "compiler-artifact" {
        return None;
    }
    let path = PathBuf::from(message["executable"].as_str()?);
    let folder = Path::new(message["manifest_path"].as_str()?).parent()?;
    Some(Program {
        package: package_name(folder)?,
        target: message["target"]["name"].as_str()?.to_owned(),
        is_test: message["profile"]["test"].as_bool()?,
        path,
        folder: folder.to_owned(),
    })
}

/// The package of a folder of the workspace.
fn package_name(folder: &Path) -> Option<String> {
    let below = folder.strip_prefix(workspace::root()).ok()?;
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
    use super::*;

    #[test]
    fn a_compiled_test_is_recognised_in_cargos_messages() {
        let manifest = workspace::root().join("backend/Cargo.toml");
        let message = serde_json::json!({
            "reason": "compiler-artifact",
            "manifest_path": manifest,
            "target": { "name": "api", "kind": ["test"] },
            "profile": { "test": true },
            "executable": "/t/debug/deps/api-1",
        });
        let found = program(&message.to_string()).unwrap();
        assert_eq!(
            (found.package.as_str(), found.target.as_str()),
            ("casement-backend", "api")
        );
        assert!(found.is_test);
        assert_eq!(found.folder, workspace::root().join("backend"));
    }

    #[test]
    fn libraries_and_other_messages_are_passed_over() {
        let library = r#"{"reason":"compiler-artifact","manifest_path":"/x/Cargo.toml","target":{"name":"x"},"profile":{"test":false},"executable":null}"#;
        for message in [
            library,
            r#"{"reason":"build-finished","success":true}"#,
            "not JSON",
            "",
        ] {
            assert_eq!(program(message), None, "{message}");
        }
    }
}
