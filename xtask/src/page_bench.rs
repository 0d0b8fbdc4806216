//! Pages that measure something in headless Chromium: a small server hands them and the portal's files
//! out, plays a backend that takes everything, and takes what they found.
//!
//! Figures are those of the machine, so nothing here passes or fails.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, UNIX_EPOCH};

use anyhow::{Context, Result, bail};

use crate::process::Task;
use crate::tools::{self, Tools, is_root};
use crate::{bundle, workspace};

/// What a request to the backend takes.
const ROUND_TRIP: Duration = Duration::from_millis(20);
/// When a page has no prospects any more.
const LONGEST: Duration = Duration::from_secs(600);

/// The pages of one measurement, on their way to a browser.
pub(crate) struct Pages {
    /// Below `/bench/`; the result and the browser's own files go there, too. What each page of the
    /// portal is to run besides stands in `probe.js`, if it is there.
    pub(crate) folder: PathBuf,
    /// The portal's files, at the root.
    pub(crate) portal: PathBuf,
}

/// Makes the folder of a measurement from the sources in `tests/bench`, with its packages from npm;
/// `says` tells that they are fetched.
pub(crate) fn folder(tools: &Tools, name: &str, says: fn()) -> Result<PathBuf> {
    let source = workspace::root().join("tests/bench").join(name);
    let folder = workspace::target().join(format!("bench-{name}"));
    std::fs::create_dir_all(&folder)?;
    for entry in std::fs::read_dir(&source)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            std::fs::copy(entry.path(), folder.join(entry.file_name()))
                .with_context(|| format!("cannot copy {}", entry.path().display()))?;
        }
    }
    tools.npm_packages(&source, &folder, says)?;
    Ok(folder)
}

/// The release bundle: the one that `CASEMENT_DIST` names, as for the end-to-end
/// tests, else that of these sources.
pub(crate) fn portal(tools: &Tools) -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("CASEMENT_DIST") {
        return Ok(folder.into());
    }
    bundle::build(tools)?;
    Ok(workspace::dist())
}

/// A server of pages; it ends with this program.
pub(crate) struct Served {
    port: u16,
    folder: PathBuf,
    results: Receiver<String>,
}

impl Pages {
    /// A place for them, before anything is served: `http://localhost:PORT`, the pages' own origin.
    pub(crate) fn listen() -> Result<(TcpListener, String)> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let origin = format!("http://localhost:{}", listener.local_addr()?.port());
        Ok((listener, origin))
    }

    /// Serves them.
    pub(crate) fn serve(self, listener: TcpListener) -> Result<Served> {
        let (done, results) = mpsc::channel();
        let port = listener.local_addr()?.port();
        let folder = self.folder.clone();
        thread::spawn(move || serve(&listener, &self, &done));
        Ok(Served {
            port,
            folder,
            results,
        })
    }
}

impl Served {
    /// What a page finds in a browser of its own, started with these words.
    pub(crate) fn measure(&self, page: &str, words: &[&str]) -> Result<String> {
        let profile = self.folder.join("profile");
        if profile.exists() {
            std::fs::remove_dir_all(&profile)?;
        }
        let mut browser = Task::new(tools::chromium()?)
            .args(["--headless=new", "--disable-gpu", "--no-first-run"])
            .args(["--window-size=1300,1000", "--accept-lang=en-US"])
            .args(words)
            .arg(format!("--user-data-dir={}", profile.display()));
        if is_root() {
            browser = browser.arg("--no-sandbox");
        }
        let log = self.folder.join("browser.log");
        let address = format!("http://localhost:{}/bench/{page}", self.port);
        let browser = browser.arg(address).serve_logged(&log)?;
        let text = self.results.recv_timeout(LONGEST);
        drop(browser);
        match text {
            Ok(text) if !text.starts_with("failed: ") => Ok(text),
            Ok(text) => bail!("{text}"),
            Err(_) => bail!("the page told nothing; see {}", log.display()),
        }
    }
}

struct Asked {
    method: String,
    path: String,
    /// What the browser has of it, and whether it takes Brotli.
    known: String,
    takes_brotli: bool,
    body: Vec<u8>,
}

struct Answer {
    status: &'static str,
    kind: &'static str,
    more: String,
    body: Vec<u8>,
}

impl Answer {
    fn new(status: &'static str, kind: &'static str, body: impl Into<Vec<u8>>) -> Answer {
        Answer {
            status,
            kind,
            more: String::new(),
            body: body.into(),
        }
    }
}

/// How often each file went out whole.
type Sent = Mutex<BTreeMap<String, u32>>;

fn serve(listener: &TcpListener, pages: &Pages, done: &Sender<String>) {
    let sent = Sent::default();
    let sent = &sent;
    thread::scope(|scope| {
        for connection in listener.incoming().flatten() {
            // A browser that hangs up is what ends a connection.
            scope.spawn(move || talk(connection, pages, sent, done));
        }
    });
}

fn talk(connection: TcpStream, pages: &Pages, sent: &Sent, done: &Sender<String>) -> Result<()> {
    connection.set_nodelay(true)?;
    let mut input = BufReader::new(connection.try_clone()?);
    let mut output = connection;
    while let Some(asked) = read(&mut input)? {
        let answer = if asked.path == "/result" {
            done.send(String::from_utf8_lossy(&asked.body).into_owned())?;
            Answer::new("204 No Content", "text/plain", "")
        } else if asked.path == "/sent" {
            let sent = sent.lock().map(|sent| serde_json::to_vec(&*sent));
            Answer::new(
                "200 OK",
                "application/json",
                sent.unwrap_or(Ok(Vec::new()))?,
            )
        } else if asked.path.starts_with("/api/") {
            thread::sleep(ROUND_TRIP);
            api(&asked)
        } else {
            let answer = pages.file(&asked);
            if let (false, Ok(mut sent)) = (answer.body.is_empty(), sent.lock()) {
                *sent.entry(asked.path.clone()).or_default() += 1;
            }
            answer
        };
        let head = format!(
            "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nCache-Control: no-cache\r\n\
             Access-Control-Allow-Origin: *\r\nTiming-Allow-Origin: *\r\n{}\r\n",
            answer.status,
            answer.kind,
            answer.body.len(),
            answer.more
        );
        // In one piece, so that nothing waits for an acknowledgement.
        output.write_all(&[head.as_bytes(), &answer.body].concat())?;
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
    let mut asked = Asked {
        method: method.to_string(),
        path: path.to_string(),
        known: String::new(),
        takes_brotli: false,
        body: Vec::new(),
    };
    let mut length = 0;
    loop {
        let mut line = String::new();
        input.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse()?,
            "if-none-match" => asked.known = value.trim().to_string(),
            "accept-encoding" => {
                asked.takes_brotli = value.split(',').any(|one| one.trim() == "br")
            }
            _ => {}
        }
    }
    asked.body = vec![0; length];
    input.read_exact(&mut asked.body)?;
    Ok(Some(asked))
}

/// A backend that takes everything and has nothing.
fn api(asked: &Asked) -> Answer {
    let (status, answer) = match (asked.method.as_str(), asked.path.as_str()) {
        ("POST", _) => ("201 Created", r#"{"id":"record"}"#),
        (_, "/api/session") => (
            "200 OK",
            r#"{"signed_in":true,"subject":"bench","contact_id":"c","login":"bench","csrf":"x"}"#,
        ),
        (_, "/api/changes") => ("200 OK", r#"{"items":[],"cursor":"1","more":false}"#),
        _ => ("404 Not Found", "{}"),
    };
    Answer::new(status, "application/json", answer)
}

impl Pages {
    /// A file, compressed where the browser and the folder have it so, and only if it has changed.
    fn file(&self, asked: &Asked) -> Answer {
        let path = asked.path.as_str();
        // Whatever has no ending is a page of the portal.
        let (file, ours) = match path.strip_prefix("/bench/") {
            Some(file) => (self.folder.join(file), true),
            None if path.contains('.') => (self.portal.join(path.trim_start_matches('/')), false),
            None => (self.portal.join("index.html"), false),
        };
        let ending = file.extension().and_then(|ending| ending.to_str());
        let kind = match ending {
            Some("html") => "text/html; charset=utf-8",
            Some("js") => "text/javascript",
            Some("wasm") => "application/wasm",
            Some("css") => "text/css",
            Some("json") => "application/json",
            Some("svg") => "image/svg+xml",
            _ => "application/octet-stream",
        };
        let probed = !ours && ending == Some("html") && self.folder.join("probe.js").exists();
        let packed = PathBuf::from(format!("{}.br", file.display()));
        let packed = Some(packed).filter(|packed| asked.takes_brotli && !probed && packed.exists());
        let stands = packed.as_deref().unwrap_or(&file);
        let content = std::fs::read(stands).ok();
        let Some(mut content) = content.filter(|_| !path.contains("..")) else {
            return Answer::new("404 Not Found", "text/plain", "");
        };
        let mark = format!("\"{}-{}\"", content.len(), made_at(stands));
        if probed {
            content.extend(b"<script type=module src=/bench/probe.js></script>");
        }
        let mut answer = match asked.known == mark {
            true => Answer::new("304 Not Modified", kind, ""),
            false => Answer::new("200 OK", kind, content),
        };
        answer.more = format!("ETag: {mark}\r\n");
        if packed.is_some() {
            answer.more += "Content-Encoding: br\r\n";
        }
        answer
    }
}

/// When a file was written, as far as it is known.
fn made_at(file: &Path) -> u128 {
    let written = std::fs::metadata(file).and_then(|facts| facts.modified());
    let since = written
        .ok()
        .and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    since.unwrap_or_default().as_micros()
}
