//! Databases, servers and clients for the tests.

use casement_backend::server::{Config, Server};
use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use sqlx::{Connection, Executor, PgConnection};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub(crate) const SATO: &str = "sato@hokuto-systems.example";
pub(crate) const MORI: &str = "mori@hokuto-systems.example";
pub(crate) const LIN: &str = "lin@bluewave-it.example";
pub(crate) const ALEX: &str = "alex@northgate.example";
pub(crate) const TANAKA: &str = "tanaka@kita-networks.example";
pub(crate) const ITO: &str = "ito@aozora-cloud.example";
pub(crate) const UEDA: &str = "ueda@aozora-cloud.example";
pub(crate) const KIM: &str = "kim@brightpath-advisory.example";
pub(crate) const WANG: &str = "wang@lianyun-reseller.example";
pub(crate) const SILVA: &str = "silva@porto-it.example";
pub(crate) const MARCO: &str = "marco@porto-it.example";
pub(crate) const ENDO: &str = "endo@gold-works.example";
/// One of Sato's open cases.
pub(crate) const CASE: &str = "case-80999701";

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A database that belongs to one test, and a folder for its files.
pub(crate) struct Database {
    pub(crate) url: String,
    folder: PathBuf,
    borrowed: bool,
}

impl Database {
    /// The same database for another thread; it stays when this one is dropped.
    pub(crate) fn same(other: &Self) -> Self {
        Self {
            url: other.url.clone(),
            folder: other.folder.clone(),
            borrowed: true,
        }
    }

    /// An empty folder of this test.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if !self.borrowed {
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

/// Runs a test on a database of its own.
pub(crate) fn on_database<F: AsyncFnOnce(&Database)>(test: F) {
    run(true, test);
}

/// Runs a test on a database of its own in which there is nothing yet.
pub(crate) fn on_empty_database<F: AsyncFnOnce(&Database)>(test: F) {
    run(false, test);
}

fn run<F: AsyncFnOnce(&Database)>(may_be_filled: bool, test: F) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime starts");
    runtime.block_on(async {
        let name = format!(
            "casement_test_{}_{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(&name);
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        let Ok(server) = std::env::var("CASEMENT_TEST_POSTGRES") else {
            let file = folder.join("test.sqlite");
            if may_be_filled {
                std::fs::write(&file, filled()).expect("a file can be written");
            }
            let url = format!("sqlite:{}", file.display());
            let borrowed = false;
            test(&Database {
                url,
                folder,
                borrowed,
            })
            .await;
            return;
        };
        // One template, one new database at a time: PostgreSQL copies it for each.
        let server = server.trim_end_matches('/').to_owned();
        on_postgres(&server, &format!("CREATE DATABASE {name}")).await;
        let url = format!("{server}/{name}");
        let borrowed = false;
        test(&Database {
            url,
            folder,
            borrowed,
        })
        .await;
        on_postgres(&server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
    });
}

/// A SQLite database with the example data, made once for all tests of this process: filling it
/// takes longer than most of them.
fn filled() -> &'static [u8] {
    static FILLED: OnceLock<Vec<u8>> = OnceLock::new();
    FILLED.get_or_init(|| {
        // A thread of its own, because a runtime is already running on this one.
        let filling = std::thread::spawn(|| {
            let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
            runtime.block_on(fill())
        });
        filling.join().expect("the database is filled")
    })
}

async fn fill() -> Vec<u8> {
    let name = format!("casement_filled_{}.sqlite", std::process::id());
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let database = Database {
        url: format!("sqlite:{}", file.display()),
        folder: PathBuf::new(),
        borrowed: true,
    };
    Service::example(&database).await.stop().await;
    let bytes = std::fs::read(&file).expect("the file can be read");
    let _ = std::fs::remove_file(&file);
    bytes
}

async fn on_postgres(server: &str, statement: &str) {
    let mut connection = PgConnection::connect(&format!("{server}/postgres"))
        .await
        .expect("PostgreSQL answers");
    connection
        .execute(sqlx::AssertSqlSafe(statement.to_owned()))
        .await
        .expect("the statement works");
}

/// How most tests run the service.
pub(crate) fn usual(database: &Database) -> Config {
    Config {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        database: database.url.clone(),
        portal: None,
        example_data: true,
        allow_origins: Vec::new(),
        max_upload: 1 << 34,
        faults: false,
    }
}

/// A running service.
pub(crate) struct Service {
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Service {
    pub(crate) async fn start(config: Config) -> Self {
        let server = Server::bind(config).await.expect("the service starts");
        let address = server.address();
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            let until = async move {
                let _ = stopped.await;
            };
            server.run_until(until).await;
        });
        Self {
            address,
            stop,
            task,
        }
    }

    /// A service with the example data.
    pub(crate) async fn example(database: &Database) -> Self {
        Self::start(usual(database)).await
    }

    pub(crate) async fn stop(self) {
        let _ = self.stop.send(());
        self.task.await.expect("the service ends");
    }

    /// Somebody who is not signed in.
    pub(crate) fn stranger(&self) -> Client {
        Client::new(self.address)
    }

    /// Somebody who is signed in.
    pub(crate) async fn client(&self, login: &str) -> Client {
        Client::signed_in(self.address, login).await
    }
}

/// Somebody who talks to a service.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    cookie: Option<String>,
    csrf: Option<String>,
}

impl Client {
    pub(crate) fn new(address: SocketAddr) -> Self {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client starts");
        Self {
            http,
            base: format!("http://{address}"),
            cookie: None,
            csrf: None,
        }
    }

    pub(crate) async fn signed_in(address: SocketAddr, login: &str) -> Self {
        let mut client = Self::new(address);
        let answer = client
            .request(Method::POST, "/api/session")
            .json(&json!({"login": login, "password": "casement"}))
            .send()
            .await
            .expect("the service answers");
        assert_eq!(answer.status(), StatusCode::OK);
        let cookie = cookies(answer.headers())
            .into_iter()
            .find(|cookie| cookie.starts_with("__Host-casement="))
            .expect("a cookie is set");
        client.cookie = cookie.split(';').next().map(str::to_owned);
        client.csrf = body(answer).await["csrf"].as_str().map(str::to_owned);
        client
    }

    /// The same session at another service.
    pub(crate) fn at(&self, address: SocketAddr) -> Self {
        Self {
            base: format!("http://{address}"),
            ..self.clone()
        }
    }

    /// The same session without the CSRF token.
    pub(crate) fn without_csrf(&self) -> Self {
        Self {
            csrf: None,
            ..self.clone()
        }
    }

    /// Somebody who comes with this cookie and this CSRF token.
    pub(crate) fn with(&self, cookie: &str, csrf: &str) -> Self {
        Self {
            cookie: Some(cookie.to_owned()),
            csrf: Some(csrf.to_owned()),
            ..self.clone()
        }
    }

    pub(crate) fn cookie(&self) -> &str {
        self.cookie.as_deref().unwrap_or_default()
    }

    pub(crate) fn csrf(&self) -> &str {
        self.csrf.as_deref().unwrap_or_default()
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(cookie) = &self.cookie {
            request = request.header("Cookie", cookie);
        }
        if let Some(csrf) = &self.csrf {
            request = request.header("X-CSRF-Token", csrf);
        }
        request
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        let request = self.request(Method::GET, path);
        request.send().await.expect("the service answers")
    }

    /// The JSON of a page that must be there.
    pub(crate) async fn read(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        body(answer).await
    }

    pub(crate) async fn create(&self, path: &str, key: &str, record: &Value) -> Response {
        self.request(Method::POST, path)
            .header("Idempotency-Key", key)
            .json(record)
            .send()
            .await
            .expect("the service answers")
    }

    /// Files a case that must be accepted.
    pub(crate) async fn file(&self, key: &str, subject: &str) -> Value {
        let answer = self.create("/api/cases", key, &new_case(subject)).await;
        assert_eq!(answer.status(), StatusCode::CREATED);
        body(answer).await
    }

    /// Asks for an action on a case.
    pub(crate) async fn act(&self, case: &str, key: &str, action: &Value) -> Response {
        let path = format!("/api/cases/{case}/actions");
        self.create(&path, key, action).await
    }

    /// Does something as the vendor that must be done, and gives the record after it.
    pub(crate) async fn as_vendor(&self, path: &str, deed: &Value) -> Value {
        let request = self.request(Method::POST, &format!("/api/desk/{path}"));
        let answer = request.json(deed).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK, "{path} {deed}");
        body(answer).await
    }

    pub(crate) async fn edit(&self, id: &str, version: &str, patch: &Value) -> Response {
        self.request(Method::PATCH, &format!("/api/cases/{id}"))
            .header("If-Match", format!("\"{version}\""))
            .json(patch)
            .send()
            .await
            .expect("the service answers")
    }
}

/// The JSON of an answer.
pub(crate) async fn body(answer: Response) -> Value {
    answer.json().await.expect("the answer is JSON")
}

/// The status and the code of a problem, which must be a complete one.
pub(crate) async fn problem(answer: Response) -> (u16, String) {
    let status = answer.status();
    assert_eq!(header(&answer, "content-type"), "application/problem+json");
    assert_eq!(header(&answer, "cache-control"), "no-store");
    let problem = body(answer).await;
    let code = problem["code"].as_str().expect("a code").to_owned();
    assert_eq!(problem["status"], status.as_u16());
    assert_eq!(problem["type"], format!("urn:casement:problem:{code}"));
    assert!(problem["title"].is_string() && problem["detail"].is_string());
    (status.as_u16(), code)
}

/// The pointers and codes of the fields that a problem names.
pub(crate) async fn mistakes(answer: Response) -> Vec<(String, String)> {
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let problem = body(answer).await;
    let errors = problem["errors"].as_array().expect("errors are named");
    errors
        .iter()
        .map(|error| (text(error, "pointer"), text(error, "code")))
        .collect()
}

pub(crate) fn header(answer: &Response, name: &str) -> String {
    let value = answer.headers().get(name);
    value
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .unwrap_or_default()
}

pub(crate) fn cookies(headers: &HeaderMap) -> Vec<String> {
    headers
        .get_all("set-cookie")
        .iter()
        .filter_map(|value: &HeaderValue| value.to_str().ok().map(str::to_owned))
        .collect()
}

pub(crate) fn text(record: &Value, field: &str) -> String {
    record[field].as_str().unwrap_or_default().to_owned()
}

/// A case that Sato may file, with as little as is needed.
pub(crate) fn new_case(subject: &str) -> Value {
    json!({
        "policy": "citrix",
        "subject": subject,
        "description": "公開アプリの起動に 2 分以上かかります。",
        "severity": "3",
        "type": "technical",
        "product_id": "cvad",
        "product_version": "2402-ltsr",
        "contact_id": "ct-sato",
        "callback_number": "+81 3-5550-0142",
    })
}
