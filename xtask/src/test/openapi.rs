//! schemathesis against the backend: what the OpenAPI document says is true.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::TemporaryFolder;
use super::session::Session;
use super::totals::{self, Totals};
use crate::backend::{Backend, Start};
use crate::process::Task;
use crate::workspace;

/// The account whose data the generated requests meet.
const LOGIN: &str = r#"{"login":"sato@hokuto-systems.example","password":"casement"}"#;

/// The same requests every time, so that a failure can be seen again.
const SEED: &str = "20260101";

/// Starts the backend on a new database and lets schemathesis at it.
pub(super) fn run(session: &Session) -> Result<Totals> {
    let folder = TemporaryFolder::new("openapi")?;
    let backend = Backend::start(&Start {
        program: session.backend()?,
        port: 0,
        database: &format!("sqlite:{}", folder.path().join("casement.sqlite").display()),
        portal: folder.path(),
    })?;
    let signed_in = sign_in(&backend)?;
    let settings = workspace::root().join("xtask/openapi");
    let report = folder.path().join("report.xml");
    let examples = if session.full { "200" } else { "20" };
    let outcome = Task::new(&session.test_tools.schemathesis)
        .arg("--config-file")
        .arg(settings.join("schemathesis.toml"))
        .args([
            "run",
            "--checks=all",
            "--seed",
            SEED,
            "--max-examples",
            examples,
        ])
        .args(["--report", "junit", "--report-junit-path"])
        .arg(&report)
        .arg(format!("{}/openapi.json", backend.address))
        .env("CASEMENT_HOOKS", settings.join("hooks.py"))
        .env("CASEMENT_ADDRESS", &backend.address)
        .env("CASEMENT_LOGIN", LOGIN)
        .env("CASEMENT_SESSION", &signed_in.cookie)
        .env("CASEMENT_CSRF", &signed_in.csrf)
        .folder(folder.path())
        .watch()?;
    let report = std::fs::read_to_string(&report).unwrap_or_default();
    Ok(totals::of_junit(&report, outcome.succeeded))
}

struct SignedIn {
    /// The value of the session's cookie.
    cookie: String,
    csrf: String,
}

fn sign_in(backend: &Backend) -> Result<SignedIn> {
    let headers = [("Content-Type", "application/json")];
    let answer = backend.request("POST", "/api/session", &headers, LOGIN)?;
    ensure!(
        answer.status == 200,
        "signing in was answered with {}: {}",
        answer.status,
        answer.body
    );
    let session: Value = serde_json::from_str(&answer.body)?;
    let csrf = session["csrf"]
        .as_str()
        .context("the session has no CSRF token")?
        .to_owned();
    let cookie = cookie(&answer.head).context("signing in set no cookie")?;
    Ok(SignedIn { cookie, csrf })
}

/// The value of the session's cookie in the header of an answer.
fn cookie(head: &str) -> Option<String> {
    head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let (cookie, value) = value.split(';').next()?.trim().split_once('=')?;
        let is_session = name.eq_ignore_ascii_case("set-cookie") && cookie == "__Host-casement";
        is_session.then(|| value.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_taken_without_its_attributes() {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nset-cookie: __Host-casement=abc; Secure; Path=/";
        assert_eq!(cookie(head).as_deref(), Some("abc"));
        assert_eq!(cookie("HTTP/1.1 200 OK\r\nserver: x"), None);
    }
}
