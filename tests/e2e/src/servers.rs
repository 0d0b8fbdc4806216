//! Ticket systems that are not ours, and the proxy that puts one beside the portal on one origin.
//!
//! Each is a process of its own on loopback with a fresh database in a temporary folder, sends no
//! mail and is ended when it is dropped. The portal reaches it as in a real deployment: the proxy
//! serves the bundle, and the ticket system below a path prefix that its own answers know nothing
//! of.

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::environment::tools;
use crate::process::{Process, free_port};

/// Where the ticket system is below the proxy's origin.
pub const PREFIX: &str = "/b/desk";
/// When a server is given up that never answers; it decides nothing that passes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running ticket system.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    login: &'static str,
    password: &'static str,
    _process: Process,
    _folder: TempDir,
}

/// Roundup (PyPI), whose tracker lives below `/desk/`.
pub fn roundup() -> Server {
    let folder = folder();
    let address = local(free_port());
    let python = &tools().roundup;
    let script = |name: &str| {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("servers")
            .join(name)
    };
    let made = Command::new(python)
        .arg(script("roundup_setup.py"))
        .arg(folder.path())
        .arg(address.port().to_string())
        .arg(format!("http://{address}"))
        .output()
        .expect("Python can be started");
    assert!(
        made.status.success(),
        "the tracker could not be made: {}",
        String::from_utf8_lossy(&made.stderr)
    );
    let mut serve = Command::new(python);
    serve
        .arg(script("roundup_serve.py"))
        .arg(folder.path())
        .arg(address.port().to_string());
    let (process, _) = Process::start_until(&mut serve, "listening on http://");
    Server {
        address,
        login: "partner",
        password: "casement",
        _process: process,
        _folder: folder,
    }
}

/// Debian's Request Tracker 5; nothing if it is not installed.
pub fn request_tracker() -> Option<Server> {
    const PROGRAM: &str = "/usr/share/request-tracker5/libexec/rt-server";
    if !Path::new(PROGRAM).exists() {
        return None;
    }
    let folder = folder();
    let address = local(free_port());
    let database = folder.path().join("rt.sqlite");
    let settings = folder.path().join("RT_SiteConfig.pm");
    let more = folder.path().join("RT_SiteConfig.d");
    fs::create_dir(&more).expect("a temporary folder can be written");
    let port = address.port();
    let text = [
        ("rtname", "'desk.example'".to_string()),
        ("Organization", "'desk.example'".into()),
        ("Timezone", "'UTC'".into()),
        ("DatabaseType", "'SQLite'".into()),
        ("DatabaseName", format!("'{}'", database.display())),
        ("WebDomain", "'127.0.0.1'".into()),
        ("WebPort", port.to_string()),
        ("WebPath", "''".into()),
        ("WebBaseURL", format!("'http://127.0.0.1:{port}'")),
        // Mail is written to a file of the system's temporary folder and never sent.
        ("MailCommand", "'testfile'".into()),
        ("LogToSyslog", "undef".into()),
        ("LogToSTDERR", "'critical'".into()),
        ("WebSecureCookies", "0".into()),
    ];
    let lines = text.map(|(key, value)| format!("Set(${key}, {value});\n"));
    fs::write(&settings, format!("{}1;\n", lines.concat())).expect("the settings can be written");
    let with_settings = |program: &str| {
        let mut command = Command::new(program);
        command
            .env("RT_SITE_CONFIG", &settings)
            .env("RT_SITE_CONFIG_DIR", &more);
        command
    };
    let made = with_settings("rt-setup-database-5")
        .args(["--action", "init", "--skip-create", "--force"])
        .output()
        .expect("Request Tracker's setup can be started");
    assert!(
        made.status.success(),
        "the database could not be made: {}",
        String::from_utf8_lossy(&made.stderr)
    );
    let mut serve = with_settings(PROGRAM);
    serve.args(["--server", "Starlet", "--host", "127.0.0.1", "--port"]);
    serve.arg(port.to_string()).args(["--max-workers", "3"]);
    let process = Process::start(&mut serve);
    listens(address, "Request Tracker");
    Some(Server {
        address,
        login: "root",
        password: "password",
        _process: process,
        _folder: folder,
    })
}

impl Server {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Who signs in.
    pub fn login(&self) -> &'static str {
        self.login
    }

    /// With which password.
    pub fn password(&self) -> &'static str {
        self.password
    }

    /// Asks the system itself, past proxy and portal, as somebody at another desk would.
    pub async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method is a word");
        let mut request = reqwest::Client::new()
            .request(method, format!("http://{}{path}", self.address))
            .basic_auth(self.login, Some(self.password))
            .header("X-Requested-With", "rest")
            .header("Origin", format!("http://{}", self.address));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.expect("the ticket system answers");
        let status = answer.status();
        let text = answer.text().await.expect("an answer can be read");
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::String(text))
    }
}

/// A sign-in provider and a portal whose API takes its tokens; see `tests/oidc/provider.mjs`.
#[derive(Debug)]
pub struct SignInService {
    address: SocketAddr,
    issuer: String,
    _process: Process,
}

impl SignInService {
    /// Starts one before a backend that serves the portal.
    pub fn before(backend: SocketAddr) -> SignInService {
        let mut command = Command::new("node");
        command
            .arg(&tools().provider)
            .arg(format!("http://{backend}"));
        let (process, told) = Process::start_until(&mut command, "listening on http://");
        let (address, issuer) = told.split_once(" issuer ").expect("it names its issuer");
        SignInService {
            address: address.parse().expect("it says its address"),
            issuer: issuer.into(),
            _process: process,
        }
    }

    /// Where the portal is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The provider.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Asks for something of the test's own: `expire` or `end` (the tokens), `counts`. Tells how
    /// often tokens were given for a code and for a renewal.
    pub async fn control(&self, what: &str) -> (u64, u64) {
        let counts = self.told(what).await;
        let count = |key: &str| counts[key].as_u64().unwrap_or_default();
        (count("code"), count("refresh"))
    }

    /// Every token that was given.
    pub async fn tokens(&self) -> Vec<String> {
        let told = self.told("counts").await;
        let given = told["given"].as_array().cloned().unwrap_or_default();
        let text = |one: &Value| one.as_str().map(String::from);
        given.iter().filter_map(text).collect()
    }

    async fn told(&self, what: &str) -> Value {
        let answer = reqwest::get(format!("http://{}/test/{what}", self.address)).await;
        let answer = answer.expect("the service answers");
        answer.json().await.expect("what it tells is JSON")
    }
}

/// A proxy that serves a copy of the bundle, with its own `portal.json`, and a ticket system below
/// [`PREFIX`].
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    _process: Process,
    _folder: TempDir,
}

impl Proxy {
    /// Serves the bundle with these settings of `portal.json` put over its own, and with this profile of
    /// a backend; the ticket system is reached at `upstream`.
    pub fn before(
        server: &Server,
        upstream: SocketAddr,
        settings: &Value,
        profile: &Value,
    ) -> Proxy {
        let folder = folder();
        let site = folder.path().join("site");
        crate::desk::copy(&tools().bundle, &site);
        let portal = site.join("portal.json");
        let text = fs::read_to_string(&portal).expect("the bundle has a portal.json");
        let mut json: Value = serde_json::from_str(&text).expect("portal.json is JSON");
        if let (Some(json), Some(settings)) = (json.as_object_mut(), settings.as_object()) {
            json.extend(settings.clone());
        }
        fs::write(&portal, json.to_string()).expect("a copy of the bundle can be written");
        let id = profile["id"].as_str().expect("a profile has an id");
        fs::write(
            site.join(format!("backends/{id}.json")),
            profile.to_string(),
        )
        .expect("a copy of the bundle can be written");
        // The policy that docs/policies.md builds: one of an invented vendor.
        let policy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/example-policy.json");
        fs::copy(policy, site.join("policies/ferrywell.json")).expect("the example is there");
        let address = local(free_port());
        let file = folder.path().join("Caddyfile");
        fs::write(&file, caddyfile(address, &site, upstream, server.address))
            .expect("the proxy's settings can be written");
        let mut command = Command::new(&tools().caddy);
        command
            .args(["run", "--adapter", "caddyfile", "--config"])
            .arg(&file)
            .env("XDG_DATA_HOME", folder.path())
            .env("XDG_CONFIG_HOME", folder.path());
        let process = Process::start(&mut command);
        listens(address, "the proxy");
        Proxy {
            address,
            _process: process,
            _folder: folder,
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// What an operator would write, apart from the port; `docs/backends.md` explains it.
fn caddyfile(address: SocketAddr, site: &Path, upstream: SocketAddr, name: SocketAddr) -> String {
    format!(
        "{{
	admin off
	auto_https off
}}
http://{address} {{
	bind 127.0.0.1
	header Content-Security-Policy \"default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types casement\"
	handle_path {PREFIX}/* {{
		reverse_proxy {upstream} {{
			header_up Host {name}
			header_up Origin http://{name}
			header_up -X-Forwarded-Host
		}}
	}}
	handle {{
		root * {site}
		try_files {{path}} /index.html
		file_server
	}}
}}
",
        site = site.display()
    )
}

fn folder() -> TempDir {
    TempDir::new().expect("there is a place for temporary files")
}

fn local(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

/// Waits until somebody listens.
fn listens(address: SocketAddr, who: &str) {
    let given_up = Instant::now() + PATIENCE;
    while TcpStream::connect(address).is_err() {
        assert!(Instant::now() < given_up, "{who} does not listen");
        std::thread::sleep(Duration::from_millis(20));
    }
}
