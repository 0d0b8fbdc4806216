//! `cargo xtask dev`: a debug build with live reload in front of the backend.

use std::net::TcpListener;

use anyhow::Result;

use crate::backend::{self, Backend, Start};
use crate::cli::DevOptions;
use crate::tools::Tools;
use crate::{bundle, interrupt, run};

/// Serves until Ctrl-C. Trunk rebuilds and reloads; `/api` goes to the backend.
pub(crate) fn run(options: &DevOptions) -> Result<()> {
    let tools = Tools::for_portal()?;
    bundle::fetch_crates(&tools)?;
    let program = backend::build()?;
    let interrupted = interrupt::as_message()?;
    let folder = run::data_folder("dev")?;
    let portal = folder.join("dist");
    std::fs::create_dir_all(&portal)?;
    let mut backend = Backend::start(&Start {
        program: &program,
        port: 0,
        database: &format!("sqlite:{}", folder.join("casement.sqlite").display()),
        portal: &portal,
    })?;
    // Trunk cannot choose a port by itself and say which.
    let port = match run::free_port(options.port) {
        0 => TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port(),
        port => port,
    };
    let mut trunk = bundle::trunk(&tools, "serve")
        .arg(format!("--port={port}"))
        .arg("--dist")
        .arg(&portal)
        .arg(format!("--proxy-backend={}/api", backend.address))
        .serve()?;
    run::introduce(&backend, &format!("http://127.0.0.1:{port}"))?;
    let outcome = run::wait(&interrupted, &mut trunk, "trunk");
    trunk.end();
    backend.server.end();
    outcome
}
