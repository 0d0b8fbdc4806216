//! A PostgreSQL of its own for the tests: new, on loopback, gone afterwards.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::TemporaryFolder;
use crate::process::{Account, Server, Task};
use crate::progress;
use crate::tools::is_root;

/// A running PostgreSQL; it ends, and its data goes, with this value.
pub(super) struct Postgres {
    // Declared before the folder, so that the server ends before its data goes.
    _server: Server,
    _folder: TemporaryFolder,
    port: u16,
}

/// How long a server may take to answer after its start.
const PATIENCE: Duration = Duration::from_secs(60);

impl Postgres {
    /// Makes a database cluster in a temporary folder and starts it.
    pub(super) fn start(programs: &Path) -> Result<Postgres> {
        progress::step("starting a PostgreSQL for the tests");
        let folder = TemporaryFolder::new("postgres")?;
        let account = unprivileged()?;
        if let Some(account) = account {
            chown(folder.path(), Some(account.user), Some(account.group))?;
        }
        let data = folder.path().join("data");
        Task::new(programs.join("initdb"))
            .args([
                "--auth=trust",
                "--username=casement",
                "--encoding=UTF8",
                "--locale=C",
                "--no-sync",
                "--pgdata",
            ])
            .arg(&data)
            .folder(folder.path())
            .account(account)
            .run_quietly()?;
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let log = folder.path().join("log");
        let mut server = Task::new(programs.join("postgres"))
            .arg("-D")
            .arg(&data)
            .args([
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                &format!("port={port}"),
            ])
            .arg("-c")
            .arg(format!(
                "unix_socket_directories={}",
                folder.path().display()
            ))
            // The data is thrown away; only speed matters.
            .args(["-c", "fsync=off", "-c", "max_connections=300"])
            .folder(folder.path())
            .account(account)
            .serve_logged(&log)?;
        wait_until_ready(programs, port, &mut server, &log)?;
        Ok(Postgres {
            _server: server,
            _folder: folder,
            port,
        })
    }

    /// Where it is, for an account that may do everything.
    pub(super) fn url(&self) -> String {
        format!("postgres://casement@127.0.0.1:{}", self.port)
    }
}

fn wait_until_ready(programs: &Path, port: u16, server: &mut Server, log: &Path) -> Result<()> {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        let port = port.to_string();
        let asked =
            Task::new(programs.join("pg_isready")).args(["-q", "-h", "127.0.0.1", "-p", &port]);
        if asked.succeeds() {
            return Ok(());
        }
        if server.ended().is_some() {
            break;
        }
        thread::sleep(Duration::from_millis(50));
    }
    let said = fs::read_to_string(log).unwrap_or_default();
    bail!("PostgreSQL did not start; it said:\n{said}")
}

/// PostgreSQL refuses to run as root, so root lends it another account.
fn unprivileged() -> Result<Option<Account>> {
    if !is_root() {
        return Ok(None);
    }
    let name = if Task::new("id").arg("postgres").succeeds() {
        "postgres"
    } else {
        "nobody"
    };
    Ok(Some(Account {
        user: id("-u", name)?,
        group: id("-g", name)?,
    }))
}

fn id(kind: &str, name: &str) -> Result<u32> {
    let told = Task::new("id").args([kind, name]).read()?;
    told.trim()
        .parse()
        .with_context(|| format!("`id {kind} {name}` told no number"))
}
