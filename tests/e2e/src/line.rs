//! The connection between browser and backend, which fails on wish.
//!
//! It passes every request on as it is, one a connection, until a [`Fault`] is set for requests of a
//! method and path. The address of the portal is then the line's, so a browser notices nothing else.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// When waiting has no prospects any more; it decides nothing that passes.
const PATIENCE: Duration = Duration::from_secs(40);
const PAUSE: Duration = Duration::from_millis(40);

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The request never arrives and the connection is cut.
    Cut,
    /// The backend does what it was asked to, but its answer never arrives.
    AnswerLost,
    /// Something on the way answers with status 500.
    ServerError,
    /// The request is held back until all is well again.
    Held,
    /// Something on the way answers with its own page, as a hotel's network does.
    OtherPage,
}

#[derive(Debug, Default)]
struct Trouble {
    fault: Option<(String, Fault)>,
    met: usize,
}

/// A line to one backend.
#[derive(Debug)]
pub struct Line {
    address: SocketAddr,
    trouble: Arc<Mutex<Trouble>>,
}

impl Line {
    /// Lays a line to a backend.
    pub async fn to(backend: SocketAddr) -> Line {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("loopback has a free port");
        let address = listener.local_addr().expect("a listener has an address");
        let trouble = Arc::new(Mutex::new(Trouble::default()));
        let shared = trouble.clone();
        tokio::spawn(async move {
            while let Ok((browser, _)) = listener.accept().await {
                let trouble = shared.clone();
                tokio::spawn(async move {
                    // A connection that breaks is what lines do; the browser will try again.
                    let _ = serve(browser, backend, &trouble).await;
                });
            }
        });
        Line { address, trouble }
    }

    /// Where the browser finds the portal.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on every request that begins with `start`, such as `POST /api/cases`, meets a fault.
    pub fn fail(&self, start: &str, fault: Fault) {
        let mut trouble = self.lock();
        trouble.fault = Some((start.into(), fault));
        trouble.met = 0;
    }

    /// From now on all is well.
    pub fn mend(&self) {
        self.lock().fault = None;
    }

    /// Waits until so many requests have met the fault that was set last.
    pub async fn until_met(&self, times: usize) {
        let end = Instant::now() + PATIENCE;
        while self.lock().met < times {
            assert!(
                Instant::now() < end,
                "the fault was met {} times only, waited for {times}",
                self.lock().met
            );
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Trouble> {
        self.trouble
            .lock()
            .expect("nobody panics while holding this")
    }
}

fn fault_of(trouble: &Mutex<Trouble>, head: &str) -> Option<Fault> {
    let mut trouble = trouble.lock().expect("nobody panics while holding this");
    let (start, fault) = trouble.fault.as_ref()?;
    let fault = head.starts_with(start.as_str()).then_some(*fault);
    trouble.met += usize::from(fault.is_some());
    fault
}

async fn until_mended(trouble: &Mutex<Trouble>) {
    let mended = || {
        let trouble = trouble.lock().expect("nobody panics while holding this");
        trouble.fault.is_none()
    };
    while !mended() {
        tokio::time::sleep(PAUSE).await;
    }
}

async fn serve(
    mut browser: TcpStream,
    backend: SocketAddr,
    trouble: &Mutex<Trouble>,
) -> std::io::Result<()> {
    let Some((head, body)) = read_request(&mut browser).await? else {
        return Ok(());
    };
    let fault = fault_of(trouble, &head);
    match fault {
        Some(Fault::Cut) => return Ok(()),
        Some(Fault::ServerError) => {
            return answer(
                &mut browser,
                "500 Internal Server Error",
                "text/plain",
                "no",
            )
            .await;
        }
        Some(Fault::OtherPage) => {
            let page = "<!doctype html><title>Welcome</title><h1>Sign in to this network</h1>";
            return answer(&mut browser, "200 OK", "text/html", page).await;
        }
        Some(Fault::Held) => until_mended(trouble).await,
        Some(Fault::AnswerLost) | None => {}
    }
    let mut upstream = TcpStream::connect(backend).await?;
    upstream.write_all(once(&head).as_bytes()).await?;
    upstream.write_all(&body).await?;
    if fault == Some(Fault::AnswerLost) {
        let mut lost = Vec::new();
        upstream.read_to_end(&mut lost).await?;
        return Ok(());
    }
    tokio::io::copy(&mut upstream, &mut browser).await?;
    browser.shutdown().await
}

/// The head of a request, and its body. A browser may also connect without asking anything.
async fn read_request(browser: &mut TcpStream) -> std::io::Result<Option<(String, Vec<u8>)>> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(place) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break place + 4;
        }
        if browser.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut body = bytes.split_off(end);
    let length = header(&head, "content-length")
        .and_then(|length| length.parse::<usize>().ok())
        .unwrap_or(0);
    while body.len() < length {
        if browser.read_buf(&mut body).await? == 0 {
            return Ok(None);
        }
    }
    Ok(Some((head, body)))
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// The head of a request that asks for the connection to be closed after the answer.
fn once(head: &str) -> String {
    let mut lines: Vec<&str> = head
        .lines()
        .filter(|line| !line.is_empty() && !line.to_ascii_lowercase().starts_with("connection:"))
        .collect();
    lines.push("Connection: close");
    lines.join("\r\n") + "\r\n\r\n"
}

async fn answer(
    browser: &mut TcpStream,
    status: &str,
    media_type: &str,
    body: &str,
) -> std::io::Result<()> {
    let length = body.len();
    let text = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{body}"
    );
    browser.write_all(text.as_bytes()).await?;
    browser.shutdown().await
}
