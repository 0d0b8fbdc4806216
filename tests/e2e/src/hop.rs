//! A hop on the way to a ticket system of others, which loses answers on wish; our own backend does
//! so by itself ([`crate::line`]).
//!
//! It passes every request on as it is, one a connection, until requests of a method and path are to
//! be performed and their answers lost, not to arrive at all, or to be sent elsewhere.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::patience::{PATIENCE, PAUSE, in_vain};

/// What becomes of a request.
#[derive(Clone, Debug)]
enum Fate {
    /// It is performed, and its answer comes back.
    Answered,
    /// It is performed, and nobody hears of it.
    Lost,
    /// It does not arrive.
    Cut,
    /// It does not arrive, and whoever asks is sent to another address.
    Elsewhere(String),
}

#[derive(Debug, Default)]
struct Trouble {
    /// Requests that begin so, and what becomes of them.
    on: Option<(String, Fate)>,
    met: usize,
}

/// The hop.
#[derive(Clone, Debug)]
pub struct Hop {
    address: SocketAddr,
    trouble: Arc<Mutex<Trouble>>,
}

impl Hop {
    /// Puts one before a server.
    pub async fn before(server: SocketAddr) -> Hop {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("loopback has a free port");
        let hop = Hop {
            address: listener.local_addr().expect("a listener has an address"),
            trouble: Arc::default(),
        };
        let serving = hop.clone();
        tokio::spawn(async move {
            while let Ok((asker, _)) = listener.accept().await {
                let hop = serving.clone();
                // A connection that breaks is what hops have; whoever asked tries again.
                tokio::spawn(async move { drop(hop.serve(asker, server).await) });
            }
        });
        hop
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on requests that begin so, such as `POST /desk`, are performed and nobody hears of it.
    pub fn lose_answers(&self, start: &str) {
        self.meet(start, Fate::Lost);
    }

    /// From now on requests that begin so do not arrive.
    pub fn cut(&self, start: &str) {
        self.meet(start, Fate::Cut);
    }

    /// From now on requests that begin so do not arrive: their answer leads to another address.
    pub fn send_elsewhere(&self, start: &str, address: &str) {
        self.meet(start, Fate::Elsewhere(address.into()));
    }

    fn meet(&self, start: &str, fate: Fate) {
        *self.lock() = Trouble {
            on: Some((start.into(), fate)),
            met: 0,
        };
    }

    /// From now on all is well.
    pub fn mend(&self) {
        self.lock().on = None;
    }

    /// Waits until so many requests have met what was set last.
    pub async fn until_met(&self, times: usize) {
        let end = Instant::now() + PATIENCE;
        while self.lock().met < times {
            if Instant::now() > end {
                let met = self.lock().met;
                in_vain(format!("{times} requests; there were {met}"));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Trouble> {
        self.trouble
            .lock()
            .expect("nobody panics while holding this")
    }

    fn fate(&self, head: &str) -> Fate {
        let mut trouble = self.lock();
        match &trouble.on {
            Some((start, fate)) if head.starts_with(start.as_str()) => {
                let fate = fate.clone();
                trouble.met += 1;
                fate
            }
            _ => Fate::Answered,
        }
    }

    async fn serve(&self, mut asker: TcpStream, server: SocketAddr) -> std::io::Result<()> {
        let Some((head, body)) = read_request(&mut asker).await? else {
            return Ok(());
        };
        let fate = self.fate(&head);
        match &fate {
            Fate::Answered | Fate::Lost => (),
            Fate::Cut => return Ok(()),
            Fate::Elsewhere(address) => {
                // 307 asks for the same again, with method and body, at the other address.
                let answer = format!(
                    "HTTP/1.1 307 Temporary Redirect\r\nLocation: {address}\r\n\
                     Content-Length: 0\r\nConnection: close\r\n\r\n"
                );
                asker.write_all(answer.as_bytes()).await?;
                return asker.shutdown().await;
            }
        }
        let mut upstream = TcpStream::connect(server).await?;
        upstream.write_all(once(&head).as_bytes()).await?;
        upstream.write_all(&body).await?;
        if matches!(fate, Fate::Lost) {
            // Read to its end, so that it was performed when the connection is cut.
            upstream.read_to_end(&mut Vec::new()).await?;
            return Ok(());
        }
        tokio::io::copy(&mut upstream, &mut asker).await?;
        asker.shutdown().await
    }
}

/// The head of a request, and its body. Somebody may also connect without asking anything.
async fn read_request(asker: &mut TcpStream) -> std::io::Result<Option<(String, Vec<u8>)>> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(place) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break place + 4;
        }
        if asker.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut body = bytes.split_off(end);
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let fits = name.eq_ignore_ascii_case("content-length");
        fits.then(|| value.trim().parse::<usize>().ok())?
    });
    while body.len() < length.unwrap_or(0) {
        if asker.read_buf(&mut body).await? == 0 {
            return Ok(None);
        }
    }
    Ok(Some((head, body)))
}

/// The head of a request that asks for the connection to be closed after the answer.
fn once(head: &str) -> String {
    let keeps =
        |line: &&str| !line.is_empty() && !line.to_ascii_lowercase().starts_with("connection:");
    let mut lines: Vec<&str> = head.lines().filter(keeps).collect();
    lines.push("Connection: close");
    lines.join("\r\n") + "\r\n\r\n"
}
