//! The connection between browser and backend, which fails on wish: the backend's fault mode
//! (`casement-backend serve --faults`), which drops, cuts, repeats and refuses as its script says.
//!
//! The address of the portal stays that of the backend, so a browser notices nothing else.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use serde_json::{Value, json};

use crate::patience::{PATIENCE, PAUSE, in_vain};

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

impl Fault {
    fn in_script(self) -> Value {
        match self {
            Fault::Cut => json!("drop_before"),
            Fault::AnswerLost => json!("drop_after"),
            Fault::ServerError => json!({"status": [500, null]}),
            Fault::Held => json!("hold"),
            Fault::OtherPage => json!("other_page"),
        }
    }
}

/// A line to one backend in fault mode.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    backend: SocketAddr,
}

impl Line {
    /// Takes hold of the line to a backend.
    pub fn to(backend: SocketAddr) -> Line {
        Line { backend }
    }

    /// From now on every request that begins with `start`, such as `POST /api/cases`, meets a fault.
    pub fn fail(&self, start: &str, fault: Fault) {
        self.script(0, &json!([{"on": start, "fault": fault.in_script()}]));
    }

    /// From now on requests meet the faults of these rules, in the words of the fault mode.
    pub fn script(&self, seed: u64, rules: &Value) {
        let script = json!({"seed": seed, "rules": rules}).to_string();
        self.ask("POST", "/faults", &script);
    }

    /// From now on all is well.
    pub fn mend(&self) {
        self.ask("DELETE", "/faults", "");
    }

    /// Waits until so many requests have met the fault that was set last.
    pub async fn until_met(&self, times: u64) {
        let end = Instant::now() + PATIENCE;
        loop {
            let found = self.ask("GET", "/faults", "");
            let met = found["met"][0].as_u64().unwrap_or_default();
            if met >= times {
                return;
            }
            if Instant::now() > end {
                in_vain(format!(
                    "the fault to be met {times} times; it was {met} times"
                ));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// What clients have brought about: lists of records under `case`, `comment`, `attachment`, in
    /// the order in which they came to be.
    pub fn ledger(&self) -> Value {
        self.ask("GET", "/faults/ledger", "")
    }

    /// One request of the fault mode itself, which never fails on wish.
    fn ask(&self, method: &str, path: &str, body: &str) -> Value {
        let request = format!(
            "{method} {path} HTTP/1.0\r\nHost: {}\r\nContent-Length: {}\r\n\r\n{body}",
            self.backend,
            body.len()
        );
        let mut answer = Vec::new();
        let asked = TcpStream::connect(self.backend).and_then(|mut stream| {
            stream.write_all(request.as_bytes())?;
            stream.read_to_end(&mut answer)
        });
        let answer = String::from_utf8_lossy(&answer);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        let taken = head
            .split(' ')
            .nth(1)
            .is_some_and(|code| code.starts_with('2'));
        assert!(
            asked.is_ok() && taken,
            "{method} {path}: {asked:?} {answer}"
        );
        serde_json::from_str(body).unwrap_or_default()
    }
}
