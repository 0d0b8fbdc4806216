//! A client that others wrote against the backend's uploads: what they speak is the protocol.

use anyhow::Result;

use super::TemporaryFolder;
use super::session::Session;
use super::totals::{Totals, of_rust_tests};
use crate::backend::{Backend, Start};
use crate::process::Task;
use crate::{progress, workspace};

/// Starts the backend on a new database and has the client upload to it.
pub(super) fn run(session: &Session) -> Result<Totals> {
    let source = workspace::root().join("tests/tus");
    let home = workspace::target().join("tus");
    session.tools.npm_packages(&source, &home, || {
        progress::step("tus: fetching tus-js-client from npm, once");
    })?;
    std::fs::copy(source.join("upload.mjs"), home.join("upload.mjs"))?;
    let folder = TemporaryFolder::new("tus")?;
    let backend = Backend::start(&Start {
        program: session.backend()?,
        port: 0,
        database: &format!("sqlite:{}", folder.path().join("casement.sqlite").display()),
        portal: folder.path(),
    })?;
    let outcome = Task::new("node")
        .arg("upload.mjs")
        .env("CASEMENT_ADDRESS", &backend.address)
        .folder(&home)
        .watch()?;
    Ok(of_rust_tests(&outcome.text, outcome.succeeded))
}
