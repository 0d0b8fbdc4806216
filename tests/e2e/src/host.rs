//! Somebody's page: a server of another origin than the portal, with the pages of one test.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// How long a browser may take for a request.
const PATIENCE: Duration = Duration::from_secs(10);

/// A file of somebody's site.
#[derive(Clone, Debug)]
pub struct File {
    /// Its path, from `/` on.
    pub path: &'static str,
    /// Its media type.
    pub kind: &'static str,
    /// Its content; `__PORTAL__` becomes the portal's origin.
    pub content: String,
}

/// Somebody's site; it ends when this goes.
#[derive(Debug)]
pub struct Host {
    address: SocketAddr,
    ended: Arc<AtomicBool>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Host {
    /// Serves files, each with the same content security policy; none if it is empty.
    pub fn serve(portal: &str, policy: &str, files: Vec<File>) -> Host {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
        let address = listener.local_addr().expect("it listens");
        let ended = Arc::new(AtomicBool::new(false));
        let seen = ended.clone();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = asked.clone();
        let portal = portal.to_string();
        let policy = policy.replace("__PORTAL__", &portal);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if seen.load(Ordering::Relaxed) {
                    break;
                }
                // A connection that a browser opens and does not use is no failure.
                let _ = answer(stream, &portal, &policy, &files, &heard);
            }
        });
        Host {
            address,
            ended,
            asked,
        }
    }

    /// The requests that came here: method, path and headers.
    pub fn asked(&self) -> Vec<String> {
        let asked = self.asked.lock();
        asked.expect("nobody panics while writing this").clone()
    }

    /// Its origin by a name that makes it another site than the portal.
    pub fn other_site(&self) -> String {
        format!("http://localhost:{}", self.address.port())
    }

    /// Its origin on the portal's site.
    pub fn same_site(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        // Wakes the one who waits for a connection; if it does not, the process's end does.
        let _ = TcpStream::connect(self.address);
    }
}

fn answer(
    mut stream: TcpStream,
    portal: &str,
    policy: &str,
    files: &[File],
    heard: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let path = line.split_whitespace().nth(1).unwrap_or("/").to_string();
    while reader.read_line(&mut line)? > 2 {}
    if !line.is_empty() && path != "/favicon.ico" {
        let mut heard = heard.lock().expect("nobody panics while writing this");
        heard.push(line.clone());
    }
    let file = files.iter().find(|file| file.path == path);
    let (status, kind, body) = match file {
        Some(file) => (
            "200 OK",
            file.kind,
            file.content.replace("__PORTAL__", portal),
        ),
        // Browsers ask for an icon, and say so loudly if there is none.
        None if path == "/favicon.ico" => ("204 No Content", "image/x-icon", String::new()),
        None => ("404 Not Found", "text/plain", String::new()),
    };
    let policy = match policy.is_empty() {
        true => String::new(),
        false => format!("Content-Security-Policy: {policy}\r\n"),
    };
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Length: {}\r\n\
         {policy}Connection: close\r\n\r\n{body}",
        body.len()
    )
}
