//! A reference backend of one test: its own process, its own database, example data; and its API,
//! with which a test sees what has really arrived.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::environment::tools;
use crate::process::Process;

/// The password of all example accounts.
pub const PASSWORD: &str = "casement";

/// A backend with example data that also serves the portal.
#[derive(Debug)]
pub struct Backend {
    folder: TempDir,
    portal: PathBuf,
    address: SocketAddr,
    process: Option<Process>,
}

impl Backend {
    /// Starts a backend that serves the bundle in `portal`.
    pub fn start(portal: &Path) -> Backend {
        let folder = TempDir::new().expect("there is a place for temporary files");
        let mut backend = Backend {
            folder,
            portal: portal.into(),
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            process: None,
        };
        backend.go_on();
        backend
    }

    /// Ends the process, as a power cut would; its database stays.
    pub fn stop(&mut self) {
        self.process = None;
    }

    /// Starts the process again, at the same address with the same database.
    pub fn go_on(&mut self) {
        let database = self.folder.path().join("backend.sqlite");
        let mut command = Command::new(&tools().backend);
        command
            .args(["serve", "--example-data", "--listen"])
            .arg(self.address.to_string())
            .arg("--database")
            .arg(format!("sqlite:{}", database.display()))
            .arg("--portal")
            .arg(&self.portal);
        let (process, address) = Process::start_until(&mut command, "listening on http://");
        self.address = address.parse().expect("the backend says its address");
        self.process = Some(process);
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Signs in at the API.
    pub async fn api(&self, login: &str) -> Api {
        Api::sign_in(self.address, login).await
    }
}

/// The API as one signed-in person.
#[derive(Debug)]
pub struct Api {
    client: reqwest::Client,
    base: String,
    cookie: String,
    csrf: String,
}

impl Api {
    async fn sign_in(address: SocketAddr, login: &str) -> Api {
        let client = reqwest::Client::new();
        let base = format!("http://{address}/api");
        let answer = client
            .post(format!("{base}/session"))
            .json(&json!({ "login": login, "password": PASSWORD }))
            .send()
            .await
            .expect("the backend answers to a sign-in");
        let cookies = answer.headers().get_all("set-cookie").into_iter();
        let cookie = cookies
            .filter_map(|cookie| cookie.to_str().ok()?.split(';').next())
            .collect::<Vec<_>>()
            .join("; ");
        let session: Value = answer.json().await.expect("a session is JSON");
        let csrf = session["csrf"].as_str().unwrap_or_default().to_string();
        assert!(!csrf.is_empty(), "{login} could not sign in: {session}");
        Api {
            client,
            base,
            cookie,
            csrf,
        }
    }

    /// Reads a resource.
    pub async fn get(&self, path: &str) -> Value {
        let answer = self
            .client
            .get(format!("{}{path}", self.base))
            .header("Cookie", &self.cookie)
            .send()
            .await
            .expect("the backend answers");
        answer.json().await.expect("a resource is JSON")
    }

    /// Reads the bytes of a resource.
    pub async fn bytes(&self, path: &str) -> Vec<u8> {
        let answer = self
            .client
            .get(format!("{}{path}", self.base))
            .header("Cookie", &self.cookie)
            .send()
            .await
            .expect("the backend answers");
        answer.bytes().await.expect("a content arrives").to_vec()
    }

    /// Adds a comment, as somebody else at another desk would.
    pub async fn add_comment(&self, case: &str, text: &str) {
        let answer = self
            .client
            .post(format!("{}/cases/{case}/comments", self.base))
            .header("Cookie", &self.cookie)
            .header("X-CSRF-Token", &self.csrf)
            .header("Idempotency-Key", format!("e2e-{case}-{}", text.len()))
            .json(&json!({ "body": text }))
            .send()
            .await
            .expect("the backend answers to a comment");
        assert_eq!(answer.status().as_u16(), 201, "the comment was not taken");
    }

    /// All cases with exactly this subject.
    pub async fn cases_about(&self, subject: &str) -> Vec<Value> {
        let all = self.get("/cases?limit=500").await;
        let cases = all["items"].as_array().cloned().unwrap_or_default();
        let fits = |case: &Value| case["subject"] == subject;
        cases.into_iter().filter(fits).collect()
    }

    /// The one case with this subject; two would mean that something was sent twice.
    pub async fn the_case_about(&self, subject: &str) -> Value {
        let mut found = self.cases_about(subject).await;
        assert_eq!(found.len(), 1, "cases about “{subject}”: {found:#?}");
        found.remove(0)
    }
}
