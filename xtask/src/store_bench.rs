//! `cargo xtask bench store`: the portal's store and outbox measured in headless
//! Chromium beside raw IndexedDB, Dexie and `@tanstack/offline-transactions`,
//! and typing in the release bundle. No part of the tests: figures depend on the
//! machine.
//!
//! A small server here hands out the pages, plays the backend at a round trip of
//! [`ROUND_TRIP`], and takes the result.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::process::Task;
use crate::tools::{self, Tools, is_root};
use crate::{bundle, progress, workspace};

const TARGET: &str = "wasm32-unknown-unknown";
const MODULE: &str = "casement_bench_store";
const ROUND_TRIP: Duration = Duration::from_millis(20);
/// When the page has no prospects any more.
const LONGEST: Duration = Duration::from_secs(600);

/// Builds, measures and prints.
pub(crate) fn run() -> Result<()> {
    let tools = Tools::for_portal()?;
    let chromium = tools::chromium()?;
    let folder = workspace::target().join("bench-store");
    std::fs::create_dir_all(&folder)?;
    script(&tools, &folder)?;
    module(&tools, &folder)?;
    let portal = portal(&tools)?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = format!("http://{}/bench/index.html", listener.local_addr()?);
    let (done, result) = mpsc::channel();
    thread::spawn(move || serve(&listener, &Pages { folder, portal }, &done));
    progress::step("bench: measuring in headless Chromium, which takes a minute");
    let profile = workspace::target().join("bench-store/profile");
    if profile.exists() {
        std::fs::remove_dir_all(&profile)?;
    }
    let mut browser = Task::new(chromium)
        .args(["--headless=new", "--disable-gpu", "--no-first-run"])
        .args(["--window-size=1300,1000", "--accept-lang=en-US"])
        .arg(format!("--user-data-dir={}", profile.display()));
    if is_root() {
        browser = browser.arg("--no-sandbox");
    }
    let log = workspace::target().join("bench-store/browser.log");
    let browser = browser.arg(address).serve_logged(&log)?;
    let text = result.recv_timeout(LONGEST);
    drop(browser);
    match text {
        Ok(text) if !text.starts_with("failed: ") => {
            println!("{text}");
            Ok(())
        }
        Ok(text) => bail!("{text}"),
        Err(_) => bail!("the page told nothing; see {}", log.display()),
    }
}

/// The page's script with the libraries in it.
fn script(tools: &Tools, folder: &Path) -> Result<()> {
    let source = workspace::root().join("tests/bench/store");
    for name in ["package.json", "package-lock.json", "page.js", "index.html"] {
        std::fs::copy(source.join(name), folder.join(name))
            .with_context(|| format!("cannot copy {name}"))?;
    }
    if !folder.join("node_modules/dexie").is_dir() {
        progress::step("bench: fetching dexie and @tanstack/offline-transactions from npm, once");
        tools
            .task("npm")
            .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
            .arg("--loglevel=error")
            .folder(folder)
            .run()?;
    }
    tools
        .task("esbuild")
        .args(["page.js", "--bundle", "--minify", "--format=esm"])
        .arg(format!("--external:./{MODULE}.js"))
        .args(["--log-level=error", "--outfile=bench.js"])
        .folder(folder)
        .run()
}

/// The store and the outbox as a module for the page.
fn module(tools: &Tools, folder: &Path) -> Result<()> {
    progress::step("bench: building the store and the outbox for the web");
    tools
        .task("cargo")
        .args(["build", "--release", "--package", "casement-bench-store"])
        .args(["--target", TARGET])
        .run()?;
    let built = workspace::target().join(format!("{TARGET}/release/{MODULE}.wasm"));
    tools
        .task("wasm-bindgen")
        .args(["--target", "web", "--no-typescript", "--out-dir"])
        .args([folder, built.as_path()])
        .run()
}

/// The release bundle: the one that `CASEMENT_DIST` names, as for the end-to-end
/// tests, else that of these sources.
fn portal(tools: &Tools) -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("CASEMENT_DIST") {
        return Ok(folder.into());
    }
    bundle::build(tools)?;
    Ok(workspace::dist())
}

struct Pages {
    folder: PathBuf,
    portal: PathBuf,
}

struct Asked {
    method: String,
    path: String,
    body: Vec<u8>,
}

fn serve(listener: &TcpListener, pages: &Pages, done: &Sender<String>) {
    thread::scope(|scope| {
        for connection in listener.incoming().flatten() {
            // A browser that hangs up is what ends a connection.
            scope.spawn(move || talk(connection, pages, done));
        }
    });
}

fn talk(connection: TcpStream, pages: &Pages, done: &Sender<String>) -> Result<()> {
    connection.set_nodelay(true)?;
    let mut input = BufReader::new(connection.try_clone()?);
    let mut output = connection;
    while let Some(asked) = read(&mut input)? {
        let (status, kind, body) = if asked.path == "/result" {
            done.send(String::from_utf8_lossy(&asked.body).into_owned())?;
            ("204 No Content", "text/plain", Vec::new())
        } else if asked.path.starts_with("/api/") {
            thread::sleep(ROUND_TRIP);
            api(&asked)
        } else {
            pages.file(&asked.path)
        };
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\
             Cache-Control: no-store\r\n\r\n",
            body.len()
        );
        // In one piece, so that nothing waits for an acknowledgement.
        output.write_all(&[head.as_bytes(), &body].concat())?;
    }
    Ok(())
}

fn read(input: &mut impl BufRead) -> Result<Option<Asked>> {
    let mut line = String::new();
    if input.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        bail!("no request");
    };
    let path = target.split('?').next().unwrap_or(target);
    let (method, path) = (method.to_string(), path.to_string());
    let mut length = 0;
    loop {
        let mut line = String::new();
        input.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse()?;
        }
    }
    let mut body = vec![0; length];
    input.read_exact(&mut body)?;
    Ok(Some(Asked { method, path, body }))
}

/// A backend that takes everything and has nothing.
fn api(asked: &Asked) -> (&'static str, &'static str, Vec<u8>) {
    let (status, answer) = match (asked.method.as_str(), asked.path.as_str()) {
        ("POST", _) => ("201 Created", r#"{"id":"record"}"#),
        (_, "/api/session") => (
            "200 OK",
            r#"{"signed_in":true,"subject":"bench","contact_id":"c","login":"bench","csrf":"x"}"#,
        ),
        (_, "/api/changes") => ("200 OK", r#"{"items":[],"cursor":"1","more":false}"#),
        _ => ("404 Not Found", "{}"),
    };
    (status, "application/json", answer.into())
}

impl Pages {
    fn file(&self, path: &str) -> (&'static str, &'static str, Vec<u8>) {
        // Whatever has no ending is a page of the portal.
        let file = match path.strip_prefix("/bench/") {
            Some(file) => self.folder.join(file),
            None if path.contains('.') => self.portal.join(path.trim_start_matches('/')),
            None => self.portal.join("index.html"),
        };
        let ending = file.extension().and_then(|ending| ending.to_str());
        let kind = match ending {
            Some("html") => "text/html",
            Some("js") => "text/javascript",
            Some("wasm") => "application/wasm",
            Some("css") => "text/css",
            Some("json") => "application/json",
            Some("svg") => "image/svg+xml",
            _ => "application/octet-stream",
        };
        match std::fs::read(&file) {
            Ok(content) if !path.contains("..") => ("200 OK", kind, content),
            _ => ("404 Not Found", "text/plain", Vec::new()),
        }
    }
}
