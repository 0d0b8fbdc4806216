//! A reference backend of one test: its own process, its own database, example data; and its API,
//! with which a test sees what has really arrived.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

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
    /// Whether it fails on wish.
    fails: bool,
    address: SocketAddr,
    process: Option<Process>,
}

/// A database with the example data, filled once for all tests of a run: thousands of records need
/// no second writing. It is a folder of files to be copied.
fn filled() -> &'static Path {
    static FILLED: OnceLock<PathBuf> = OnceLock::new();
    FILLED.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/e2e/example-data");
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("what an earlier run has left can be removed");
        }
        fs::create_dir_all(&folder).expect("the target folder can be written");
        let mut command = serve(
            &folder,
            SocketAddr::from(([127, 0, 0, 1], 0)),
            &tools().bundle,
        );
        // It ends here, as in a power cut; what it has said it holds is in its files.
        drop(Process::start_until(&mut command, "listening on http://"));
        folder
    })
}

/// The command that serves a portal from a database in a folder.
fn serve(folder: &Path, address: SocketAddr, portal: &Path) -> Command {
    let database = folder.join("backend.sqlite");
    let mut command = Command::new(&tools().backend);
    command
        .args(["serve", "--example-data", "--listen"])
        .arg(address.to_string())
        .arg("--database")
        .arg(format!("sqlite:{}", database.display()))
        .arg("--portal")
        .arg(portal);
    command
}

impl Backend {
    /// Starts a backend that serves the bundle in `portal`.
    pub fn start(portal: &Path) -> Backend {
        Backend::new(portal, false)
    }

    /// Starts one that fails as a [`crate::line::Line`] says.
    pub fn that_fails(portal: &Path) -> Backend {
        Backend::new(portal, true)
    }

    fn new(portal: &Path, fails: bool) -> Backend {
        let folder = TempDir::new().expect("there is a place for temporary files");
        for file in fs::read_dir(filled())
            .expect("the filled database is there")
            .flatten()
        {
            let copy = folder.path().join(file.file_name());
            fs::copy(file.path(), copy).expect("the filled database can be copied");
        }
        let mut backend = Backend {
            folder,
            portal: portal.into(),
            fails,
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
        let mut command = serve(self.folder.path(), self.address, &self.portal);
        if self.fails {
            command.arg("--faults");
        }
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

    /// Adds a file to a case, as another program would.
    pub async fn add_file(&self, case: &str, name: &str, media_type: &str, content: &str) {
        let name: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let path = format!("{}/cases/{case}/attachments?name={name}", self.base);
        let answer = self
            .client
            .post(path)
            .header("Cookie", &self.cookie)
            .header("X-CSRF-Token", &self.csrf)
            .header("Idempotency-Key", format!("e2e-{}", name.replace('%', "")))
            .header("Content-Type", media_type)
            .body(content.to_string())
            .send()
            .await
            .expect("the backend answers to a file");
        assert_eq!(answer.status().as_u16(), 201, "the file was not taken");
    }

    /// Makes something, as somebody else at another desk would.
    pub async fn post(&self, path: &str, what: Value) -> Value {
        let answer = self
            .client
            .post(format!("{}{path}", self.base))
            .header("Cookie", &self.cookie)
            .header("X-CSRF-Token", &self.csrf)
            .header("Idempotency-Key", format!("e2e-{path}-{what}"))
            .json(&what)
            .send()
            .await
            .expect("the backend answers");
        let status = answer.status();
        let record: Value = answer.json().await.expect("a record is JSON");
        assert!(status.is_success(), "{path} {what}: {status} {record}");
        record
    }

    /// Changes a resource whose version is known, as somebody else at another desk would.
    pub async fn edit(&self, path: &str, version: &str, what: Value) -> Value {
        let answer = self
            .client
            .patch(format!("{}{path}", self.base))
            .header("Cookie", &self.cookie)
            .header("X-CSRF-Token", &self.csrf)
            .header("If-Match", format!("\"{version}\""))
            .json(&what)
            .send()
            .await
            .expect("the backend answers to a change");
        let status = answer.status();
        let record: Value = answer.json().await.expect("a record is JSON");
        assert_eq!(status.as_u16(), 200, "{path} {what}: {record}");
        record
    }

    /// Has the vendor's side do something, as its staff or its systems would.
    pub async fn desk(&self, path: &str, what: Value) -> Value {
        let answer = self
            .client
            .post(format!("{}/desk{path}", self.base))
            .header("Cookie", &self.cookie)
            .header("X-CSRF-Token", &self.csrf)
            .json(&what)
            .send()
            .await
            .expect("the backend answers to the vendor");
        let status = answer.status();
        let record: Value = answer.json().await.expect("a record is JSON");
        assert_eq!(status.as_u16(), 200, "{path} {what}: {record}");
        record
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
