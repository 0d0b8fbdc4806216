//! schemathesis against the backend: what the OpenAPI document says is true.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::TemporaryFolder;
use super::session::Session;
use super::totals::Totals;
use crate::backend::{Backend, Start};
use crate::process::Task;

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
    let report = folder.path().join("report.xml");
    let examples = if session.full { "200" } else { "20" };
    let outcome = Task::new(&session.test_tools.schemathesis)
        .args([
            "run",
            "--checks=all",
            "--seed",
            SEED,
            "--max-examples",
            examples,
        ])
        // Signing out would end the session of every later request.
        .args(["--exclude-by", "DELETE /api/session"])
        .args(["--header", &format!("Cookie: {}", signed_in.cookie)])
        .args(["--header", &format!("X-CSRF-Token: {}", signed_in.csrf)])
        .args(["--report", "junit", "--report-junit-path"])
        .arg(&report)
        .arg(format!("{}/openapi.json", backend.address))
        .folder(folder.path())
        .watch()?;
    Ok(Totals::of_check(outcome.succeeded))
}

struct SignedIn {
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

/// The name and value of the first cookie that an answer sets.
fn cookie(head: &str) -> Option<String> {
    head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let pair = value.split(';').next()?.trim();
        name.eq_ignore_ascii_case("set-cookie")
            .then(|| pair.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_is_taken_without_its_attributes() {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nset-cookie: __Host-casement=abc; Secure; Path=/";
        assert_eq!(cookie(head).as_deref(), Some("__Host-casement=abc"));
        assert_eq!(cookie("HTTP/1.1 200 OK\r\nserver: x"), None);
    }
}
