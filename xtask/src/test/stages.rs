//! What each stage of `cargo xtask test` does, in the order of the list.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::json;

use super::postgres::Postgres;
use super::session::{Program, Session};
use super::totals::{Totals, of_rust_tests};
use super::{TemporaryFolder, faults, openapi, tus};
use crate::process::Task;
use crate::tools::is_root;
use crate::{progress, workspace};

/// One stage.
pub(super) struct Stage {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    /// Whether parts of test names mean anything to it.
    pub(super) has_named_tests: bool,
    /// Whether it waits for the release bundle.
    pub(super) needs_bundle: bool,
    pub(super) run: fn(&Session) -> Result<Totals>,
}

/// Quick checks first, then what is nearest to the sources.
pub(super) const STAGES: &[Stage] = &[
    stage("format", "rustfmt", format),
    stage(
        "lint",
        "clippy, native and for the web, without a warning",
        lint,
    ),
    stage(
        "licences",
        "licences, sources and duplicates of every dependency",
        licences,
    ),
    tests(
        "native",
        "the portal's core and the tools, natively",
        native,
    ),
    tests(
        "backend",
        "the reference backend on SQLite",
        backend_on_sqlite,
    ),
    tests(
        "postgres",
        "the same backend tests on PostgreSQL",
        backend_on_postgres,
    ),
    stage(
        "openapi",
        "schemathesis against the published OpenAPI document",
        openapi::run,
    ),
    stage(
        "tus",
        "the npm client tus-js-client against the backend's uploads",
        tus::run,
    ),
    tests(
        "browser",
        "the portal's browser side in headless Chromium",
        browser,
    ),
    with_bundle(stage(
        "bundle",
        "the release bundle and the size of its first load",
        bundle,
    )),
    with_bundle(tests(
        "e2e",
        "the whole portal in Chromium, Firefox and WebKit",
        end_to_end,
    )),
    with_bundle(stage(
        "faults",
        "a few rounds of the fault bench in Chromium",
        faults::run,
    )),
];

const fn stage(
    name: &'static str,
    about: &'static str,
    run: fn(&Session) -> Result<Totals>,
) -> Stage {
    Stage {
        name,
        about,
        has_named_tests: false,
        needs_bundle: false,
        run,
    }
}

const fn tests(
    name: &'static str,
    about: &'static str,
    run: fn(&Session) -> Result<Totals>,
) -> Stage {
    Stage {
        name,
        about,
        has_named_tests: true,
        needs_bundle: false,
        run,
    }
}

const fn with_bundle(stage: Stage) -> Stage {
    Stage {
        needs_bundle: true,
        ..stage
    }
}

fn format(_: &Session) -> Result<Totals> {
    let outcome = Task::new("cargo")
        .args(["fmt", "--all", "--check"])
        .watch()?;
    Ok(Totals::of_check(outcome.succeeded))
}

fn lint(session: &Session) -> Result<Totals> {
    let native = Task::new("cargo").args(["clippy", "--workspace", "--all-targets"]);
    let web = session
        .tools
        .task("cargo")
        .args([
            "clippy",
            "--package",
            "casement",
            "--lib",
            "--bins",
            "--test",
            "browser",
        ])
        .args(["--target", "wasm32-unknown-unknown"]);
    let mut totals = Totals::default();
    for task in [native, web] {
        let outcome = task.args(["--", "--deny", "warnings"]).watch()?;
        totals.add(Totals::of_check(outcome.succeeded));
    }
    Ok(totals)
}

fn licences(session: &Session) -> Result<Totals> {
    let outcome = Task::new(&session.test_tools.cargo_deny)
        .args([
            "--workspace",
            "--log-level",
            "error",
            "check",
            "licenses",
            "bans",
            "sources",
        ])
        .watch()?;
    Ok(Totals::of_check(outcome.succeeded))
}

fn native(session: &Session) -> Result<Totals> {
    let mut totals = Totals::default();
    for package in ["casement", "xtask"] {
        for program in session.tests_of(package)? {
            totals.add(run_tests(session, program, &[])?);
        }
    }
    Ok(totals)
}

fn backend_on_sqlite(session: &Session) -> Result<Totals> {
    let mut totals = Totals::default();
    for program in session.tests_of("casement-backend")? {
        totals.add(run_tests(session, program, &[])?);
    }
    Ok(totals)
}

fn backend_on_postgres(session: &Session) -> Result<Totals> {
    let postgres = Postgres::start(&session.test_tools.postgres)?;
    let variables = [("CASEMENT_TEST_POSTGRES", PathBuf::from(postgres.url()))];
    let mut totals = Totals::default();
    for program in session.tests_of("casement-backend")? {
        totals.add(run_tests(session, program, &variables)?);
    }
    Ok(totals)
}

fn browser(session: &Session) -> Result<Totals> {
    let folder = TemporaryFolder::new("browser")?;
    let capabilities = folder.path().join("webdriver.json");
    fs::write(&capabilities, chromium_capabilities(session).to_string())?;
    let outcome = session
        .tools
        .task("cargo")
        .args(["test", "--package", "casement", "--test", "browser"])
        .args(["--target", "wasm32-unknown-unknown", "--"])
        .args(&session.names)
        .env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
            "wasm-bindgen-test-runner",
        )
        .env("CHROMEDRIVER", &session.test_tools.chromedriver)
        .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", &capabilities)
        .watch()?;
    Ok(of_rust_tests(&outcome.text, outcome.succeeded))
}

/// Chromium refuses its sandbox to root; everyone else keeps it.
fn chromium_capabilities(session: &Session) -> serde_json::Value {
    let mut arguments = vec!["--headless=new", "--disable-dev-shm-usage"];
    if is_root() {
        arguments.push("--no-sandbox");
    }
    json!({
        "goog:chromeOptions": {
            "binary": session.test_tools.chromium,
            "args": arguments,
        }
    })
}

fn bundle(session: &Session) -> Result<Totals> {
    let weight = session.bundle()?;
    println!("{weight}");
    let mut totals = Totals::success();
    totals.add(Totals::of_check(weight.is_within_budget()));
    Ok(totals)
}

/// The sign-in provider of the tests, with its packages beside it.
fn provider(session: &Session) -> Result<PathBuf> {
    let source = workspace::root().join("tests/oidc");
    let home = workspace::target().join("oidc");
    session.tools.npm_packages(&source, &home, || {
        progress::step("e2e: fetching oidc-provider from npm, once");
    })?;
    let script = home.join("provider.mjs");
    std::fs::copy(source.join("provider.mjs"), &script)?;
    Ok(script)
}

/// The pages of docs/examples, built as their readers would.
fn examples(session: &Session) -> Result<PathBuf> {
    let source = workspace::root().join("docs/examples");
    let home = workspace::target().join("examples");
    session.tools.npm_packages(&source, &home, || {
        progress::step("e2e: fetching React and Vue from npm, once");
    })?;
    for name in ["plain", "react", "vue"] {
        let folder = home.join(name);
        fs::create_dir_all(&folder)?;
        for file in fs::read_dir(source.join(name))? {
            let file = file?;
            fs::copy(file.path(), folder.join(file.file_name()))?;
        }
    }
    session
        .tools
        .task("esbuild")
        .args(["react/main.jsx", "vue/main.js", "--bundle", "--minify"])
        .args(["--format=esm", "--jsx=automatic", "--log-level=warning"])
        .arg("--define:process.env.NODE_ENV=\"production\"")
        .arg("--define:__VUE_OPTIONS_API__=false")
        .arg("--define:__VUE_PROD_DEVTOOLS__=false")
        .arg("--define:__VUE_PROD_HYDRATION_MISMATCH_DETAILS__=false")
        .args(["--outdir=.", "--outbase=.", "--allow-overwrite"])
        .folder(&home)
        .run()
        .context("the examples could not be built")?;
    Ok(home)
}

fn end_to_end(session: &Session) -> Result<Totals> {
    let variables = in_browsers(session)?;
    let tried_again = workspace::target().join("e2e/second-attempts.txt");
    // It is there only if tests of an earlier run were tried again.
    let _ = fs::remove_file(&tried_again);
    let mut totals = Totals::default();
    for program in session.tests_of("casement-e2e")? {
        totals.add(run_tests(session, program, &variables)?);
    }
    if let Ok(list) = fs::read_to_string(&tried_again) {
        println!("waited in vain and tried a second time, alone:\n{list}");
    }
    Ok(totals)
}

/// Where everything is that drives the portal in browsers.
pub(super) fn in_browsers(session: &Session) -> Result<Vec<(&'static str, PathBuf)>> {
    session.bundle()?;
    let tools = &session.test_tools;
    Ok(vec![
        ("CASEMENT_BACKEND_BIN", session.backend()?.to_owned()),
        ("CASEMENT_DIST", workspace::dist()),
        ("CASEMENT_CHROMIUM", tools.chromium.clone()),
        ("CASEMENT_CHROMEDRIVER", tools.chromedriver.clone()),
        ("CASEMENT_FIREFOX", tools.firefox.clone()),
        ("CASEMENT_GECKODRIVER", tools.geckodriver.clone()),
        ("CASEMENT_WEBKITDRIVER", tools.webkitdriver.clone()),
        ("CASEMENT_ROUNDUP", tools.roundup.clone()),
        ("CASEMENT_CADDY", tools.caddy.clone()),
        ("CASEMENT_OIDC", provider(session)?),
        ("CASEMENT_EXAMPLES", examples(session)?),
        (
            "CASEMENT_AXE",
            session.tools.npm_file("axe-core/axe.min.js"),
        ),
    ])
}

fn run_tests(
    session: &Session,
    program: &Program,
    variables: &[(&str, PathBuf)],
) -> Result<Totals> {
    let mut task = Task::new(&program.path)
        .args(&session.names)
        .folder(&program.folder)
        .env("CARGO_MANIFEST_DIR", &program.folder);
    if session.full {
        task = task.env("CASEMENT_TEST_FULL", "1");
    }
    for (name, value) in variables {
        task = task.env(name, value);
    }
    let outcome = task
        .watch()
        .with_context(|| format!("the tests `{}` of {}", program.target, program.package))?;
    Ok(of_rust_tests(&outcome.text, outcome.succeeded))
}
