//! `cargo xtask run`: the portal and the reference backend on this machine.

use std::fs;
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::backend::{self, Backend, Start};
use crate::cli::RunOptions;
use crate::demo::{self, Demo};
use crate::process::Server;
use crate::tools::Tools;
use crate::{bundle, interrupt, progress, workspace};

/// Builds what is missing, serves until Ctrl-C, and ends cleanly.
pub(crate) fn run(options: &RunOptions) -> Result<()> {
    let tools = Tools::for_portal()?;
    bundle::build(&tools)?;
    let program = backend::build()?;
    let interrupted = interrupt::as_message()?;
    let database = database(options)?;
    let page = Demo::at(options.port.saturating_add(1))?;
    let portal = data_folder("run")?.join("portal");
    let policies = demo::portal_for(&workspace::dist(), &portal, &page.origin)?;
    let mut backend = Backend::start(&Start {
        program: &program,
        port: free_port(options.port),
        database: &database,
        portal: &portal,
    })?;
    println!("\n  A page with the widget is at  {}/demo/", page.origin);
    page.serve(&backend.address, &policies);
    introduce(&backend, &backend.address)?;
    wait(&interrupted, &mut backend.server, "the backend")?;
    progress::step("ending");
    backend.server.end();
    Ok(())
}

/// Says where the portal is and who may sign in.
pub(crate) fn introduce(backend: &Backend, address: &str) -> Result<()> {
    println!("\n  Casement is at  {address}/\n");
    let accounts = backend.accounts()?;
    if !accounts.is_empty() {
        println!("  Sign in as");
        for account in accounts {
            println!(
                "    {:<32} password {:<12} {}",
                account.login, account.password, account.about
            );
        }
        println!();
    }
    println!("  Ctrl-C ends it.\n");
    Ok(())
}

/// Returns when interrupted; an error if the server ends by itself before.
pub(crate) fn wait(interrupted: &Receiver<()>, server: &mut Server, name: &str) -> Result<()> {
    loop {
        match interrupted.recv_timeout(Duration::from_millis(200)) {
            Ok(()) => return Ok(()),
            Err(RecvTimeoutError::Timeout) => {
                if let Some(status) = server.ended() {
                    bail!("{name} ended by itself ({status}); what it said is above");
                }
            }
            Err(RecvTimeoutError::Disconnected) => bail!("nothing listens for Ctrl-C any more"),
        }
    }
}

/// The wanted port, or 0 (any free one) if somebody has it already.
pub(crate) fn free_port(wanted: u16) -> u16 {
    match TcpListener::bind(("127.0.0.1", wanted)) {
        Ok(_) => wanted,
        Err(_) => {
            progress::note(format!("port {wanted} is taken; choosing another"));
            0
        }
    }
}

fn database(options: &RunOptions) -> Result<String> {
    if let Some(url) = &options.database {
        return Ok(url.clone());
    }
    let folder = data_folder("run")?;
    if options.fresh {
        fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot empty {}", folder.display()))?;
        fs::create_dir_all(&folder)?;
    }
    Ok(format!(
        "sqlite:{}",
        folder.join("casement.sqlite").display()
    ))
}

/// A folder for a command's data in the target folder.
pub(crate) fn data_folder(command: &str) -> Result<PathBuf> {
    let folder = workspace::target().join(command);
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_exchanged_and_a_free_one_kept() {
        let holder = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = holder.local_addr().unwrap().port();
        assert_eq!(free_port(port), 0);
        drop(holder);
        assert_eq!(free_port(port), port);
    }
}
