//! The reference backend as a process: built, started, asked, ended.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::ChildStdout;
use std::thread;

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;

use crate::process::{Server, Task};
use crate::{progress, workspace};

/// What the backend prints before its address once it answers.
const READY: &str = "casement-backend listening on ";

/// How to start it.
pub(crate) struct Start<'a> {
    pub(crate) program: &'a Path,
    /// A port on 127.0.0.1, or 0 for any.
    pub(crate) port: u16,
    pub(crate) database: &'a str,
    pub(crate) portal: &'a Path,
}

/// A running backend with example data; it ends when this value goes.
pub(crate) struct Backend {
    pub(crate) server: Server,
    /// `http://127.0.0.1:PORT`
    pub(crate) address: String,
}

/// An example account to sign in with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) login: String,
    pub(crate) password: String,
    pub(crate) about: String,
}

/// An answer to a request of ours.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// Compiles the backend and returns the program.
pub(crate) fn build() -> Result<PathBuf> {
    progress::step("backend: compiling");
    Task::new("cargo")
        // With the whole workspace, so that shared crates get the same features
        // as in the tests and are compiled once.
        .args(["build", "--workspace", "--bin", "casement-backend"])
        .run()?;
    Ok(workspace::target().join("debug/casement-backend"))
}

impl Backend {
    /// Starts it and waits until it answers.
    pub(crate) fn start(start: &Start<'_>) -> Result<Backend> {
        let (server, mut output) = Task::new(start.program)
            .args(["serve", "--example-data", "--listen"])
            .arg(format!("127.0.0.1:{}", start.port))
            .args(["--database", start.database])
            .arg("--portal")
            .arg(start.portal)
            .serve_piped()?;
        let address = wait_until_ready(&mut output)?;
        thread::spawn(move || forward(output));
        Ok(Backend { server, address })
    }

    /// The accounts of the example data, as the backend tells them.
    pub(crate) fn accounts(&self) -> Result<Vec<Account>> {
        let answer = self.request("GET", "/api/session", &[], "")?;
        accounts(&answer.body)
    }

    /// Sends one request and reads the whole answer.
    pub(crate) fn request(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Answer> {
        let host = self.address.trim_start_matches("http://");
        let mut stream =
            TcpStream::connect(host).with_context(|| format!("the backend at {host} is gone"))?;
        let mut request = format!(
            "{method} {path} HTTP/1.0\r\nHost: {host}\r\nContent-Length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        request.push_str(body);
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        parse_answer(&answer)
    }
}

fn wait_until_ready(output: &mut BufReader<ChildStdout>) -> Result<String> {
    let mut line = String::new();
    while output.read_line(&mut line)? > 0 {
        if let Some(address) = line.trim().strip_prefix(READY) {
            return Ok(address.to_owned());
        }
        print!("{line}");
        line.clear();
    }
    bail!("the backend ended before it was ready; what it said is above")
}

fn forward(output: BufReader<ChildStdout>) {
    for line in output.lines().map_while(Result::ok) {
        println!("{line}");
    }
}

fn parse_answer(text: &str) -> Result<Answer> {
    let (head, body) = text
        .split_once("\r\n\r\n")
        .ok_or_else(|| anyhow!("the backend's answer has no end of its header"))?;
    let status = head
        .split_whitespace()
        .nth(1)
        .and_then(|word| word.parse().ok())
        .ok_or_else(|| anyhow!("the backend's answer has no status"))?;
    Ok(Answer {
        status,
        head: head.to_owned(),
        body: body.to_owned(),
    })
}

fn accounts(body: &str) -> Result<Vec<Account>> {
    let session: Value = serde_json::from_str(body).context("the backend's session is not JSON")?;
    let examples = session["examples"].as_array().cloned().unwrap_or_default();
    Ok(examples.iter().map(account).collect())
}

fn account(example: &Value) -> Account {
    let text = |name: &str| example[name].as_str().unwrap_or_default().to_owned();
    let about = [text("name"), text("note")]
        .into_iter()
        .filter(|part| !part.is_empty());
    Account {
        login: text("login"),
        password: text("password"),
        about: about.collect::<Vec<_>>().join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_split_into_status_head_and_body() {
        let answer =
            parse_answer("HTTP/1.1 201 Created\r\nETag: \"1\"\r\n\r\n{\"id\":\"1\"}").unwrap();
        assert_eq!(answer.status, 201);
        assert!(answer.head.contains("ETag"));
        assert_eq!(answer.body, "{\"id\":\"1\"}");
    }

    #[test]
    fn a_broken_answer_is_an_error_not_a_panic() {
        for text in ["", "HTTP/1.1", "\r\n\r\n", "HTTP/1.1 x\r\n\r\n"] {
            assert!(parse_answer(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn example_accounts_are_read_from_the_session() {
        let body = r#"{"signed_in":false,"examples":[{"login":"a@b.example","password":"p","name":"A","note":"two contracts"}]}"#;
        let found = accounts(body).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].login.as_str(), found[0].about.as_str()),
            ("a@b.example", "A, two contracts")
        );
    }

    #[test]
    fn a_session_without_examples_has_no_accounts() {
        assert_eq!(accounts(r#"{"signed_in":false}"#).unwrap(), []);
    }
}
