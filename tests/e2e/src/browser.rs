//! A browser with its driver, both started for one test and ended with it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::{Capabilities, TimeoutConfiguration, WebDriver};

use crate::environment::tools;
use crate::patience::in_vain;
use crate::process::{Process, end_all_below, end_users_of, free_port, is_root};

/// The three engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Chromium.
    Chromium,
    /// Firefox.
    Firefox,
    /// WebKitGTK.
    WebKit,
}

const MINIBROWSERS: [&str; 2] = [
    "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
    "/usr/lib/aarch64-linux-gnu/webkit2gtk-4.1/MiniBrowser",
];

/// The language of the tests.
const FIREFOX_PREFERENCES: [(&str, &str); 1] = [("intl.accept_languages", "en-US, en")];

/// A running browser.
#[derive(Debug)]
pub struct Browser {
    engine: Engine,
    /// Whether its windows are private ones.
    private: bool,
    /// Whether it finds its storage again when it is started again.
    lasting: bool,
    /// Profile, home and whatever else the browser writes.
    folder: TempDir,
    running: Option<Running>,
}

/// In the order in which they are given up.
#[derive(Debug)]
struct Running {
    session: WebDriver,
    driver: Process,
    _display: Option<Process>,
}

impl Browser {
    /// Starts a browser with a fresh profile.
    pub async fn start(engine: Engine) -> Browser {
        let folder = TempDir::new().expect("there is a place for temporary files");
        let lasting = engine != Engine::WebKit;
        let running = Some(run(engine, folder.path(), false, lasting).await);
        Browser {
            engine,
            private: false,
            lasting,
            folder,
            running,
        }
    }

    /// As [`Browser::start`], with storage that is found again after a crash where the system has
    /// what that takes: WebKitGTK's own window for drivers keeps nothing, and the one of ours needs
    /// Python's bindings of WebKitGTK.
    pub async fn start_lasting(engine: Engine) -> Browser {
        if engine != Engine::WebKit || !has_lasting_webkit() {
            return Browser::start(engine).await;
        }
        let folder = TempDir::new().expect("there is a place for temporary files");
        let running = Some(run(engine, folder.path(), false, true).await);
        Browser {
            engine,
            private: false,
            lasting: true,
            folder,
            running,
        }
    }

    /// Which engine it is.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Whether it finds its storage again when it is started again.
    pub fn is_lasting(&self) -> bool {
        self.lasting
    }

    /// The session in which it is driven.
    pub fn session(&self) -> &WebDriver {
        match &self.running {
            Some(running) => &running.session,
            None => panic!("the browser was closed"),
        }
    }

    /// A place for files that the test has a person choose.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Ends the browser's processes at once, as a crash would, and starts it with the same profile.
    pub async fn crash_and_start_again(&mut self) {
        self.end();
        self.running = Some(self.again().await);
    }

    /// From now on its windows are private ones, which keep nothing when they are closed. WebKitGTK's
    /// driver opens no others anyway.
    pub async fn start_again_privately(&mut self) {
        self.private = true;
        self.crash_and_start_again().await;
    }

    /// As [`Browser::crash_and_start_again`], with something done to the browser's files in between.
    pub async fn crash_with(&mut self, harm: impl FnOnce(&Path)) {
        self.end();
        harm(self.folder.path());
        self.running = Some(self.again().await);
    }

    /// Closes the browser as its user would, so that its driver can clear up after it.
    pub async fn close(&mut self) {
        if let Some(running) = self.running.take() {
            // Whatever does not close in time is ended below.
            let quit = running.session.clone().quit();
            let _ = tokio::time::timeout(Duration::from_secs(5), quit).await;
            let _ = running.session.leak();
        }
        self.end();
    }

    async fn again(&self) -> Running {
        run(self.engine, self.folder.path(), self.private, self.lasting).await
    }

    fn end(&mut self) {
        if let (Engine::WebKit, Some(running)) = (self.engine, &self.running) {
            // Its processes don't tell whose they are.
            end_all_below(running.driver.id());
        }
        end_users_of(self.folder.path());
        if let Some(running) = self.running.take() {
            // The browser is gone, so its session has nobody to say good-bye to.
            let _ = running.session.leak();
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.end();
    }
}

async fn run(engine: Engine, folder: &Path, private: bool, lasting: bool) -> Running {
    let port = free_port();
    let (driver, display, capabilities) = match engine {
        Engine::Chromium => {
            let driver = chromedriver(port, folder);
            (driver, None, chromium(folder, private))
        }
        Engine::Firefox => {
            let driver = geckodriver(port, folder);
            (driver, None, firefox(folder, private))
        }
        Engine::WebKit => {
            let (display, number) = display();
            let driver = webkitdriver(port, folder, &number);
            (driver, Some(display), webkit(lasting.then_some(folder)))
        }
    };
    let url = format!("http://127.0.0.1:{port}");
    until_ready(&url).await;
    let Value::Object(capabilities) = capabilities else {
        panic!("capabilities are an object");
    };
    let session = match WebDriver::new(&url, Capabilities::from(capabilities)).await {
        Ok(session) => session,
        Err(error) => in_vain(format!("{engine:?} to start: {error}")),
    };
    let patience = Some(Duration::from_secs(60));
    let timeouts = TimeoutConfiguration::new(patience, patience, None);
    // Browsers have timeouts of their own, which are long enough if these are not taken.
    let _ = session.update_timeouts(timeouts).await;
    Running {
        session,
        driver,
        _display: display,
    }
}

/// A driver is ready some moments after its start.
async fn until_ready(url: &str) {
    let client = reqwest::Client::new();
    for _ in 0..2_000 {
        if client.get(format!("{url}/status")).send().await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    in_vain(format!("the driver at {url} to answer"));
}

fn chromedriver(port: u16, folder: &Path) -> Process {
    let mut command = Command::new(&tools().chromedriver);
    Process::start(command.arg(format!("--port={port}")).env("HOME", folder))
}

fn chromium(folder: &Path, private: bool) -> Value {
    let profile = folder.join("profile");
    let mut arguments = vec![
        "--headless=new".to_string(),
        "--disable-dev-shm-usage".into(),
        "--no-first-run".into(),
        "--window-size=1280,900".into(),
        "--accept-lang=en-US".into(),
        format!("--user-data-dir={}", profile.display()),
    ];
    if is_root() {
        arguments.push("--no-sandbox".into());
    }
    if private {
        arguments.push("--incognito".into());
    }
    json!({
        "browserName": "chrome",
        "goog:chromeOptions": { "binary": tools().chromium, "args": arguments },
        "goog:loggingPrefs": { "browser": "ALL" },
    })
}

fn geckodriver(port: u16, folder: &Path) -> Process {
    let mut command = Command::new(&tools().geckodriver);
    command
        .args(["--host", "127.0.0.1", "--port", &port.to_string()])
        .args(["--websocket-port", &free_port().to_string()])
        .arg("--profile-root")
        .arg(folder)
        .env("HOME", folder);
    Process::start(&mut command)
}

/// A profile of its own, which a crash leaves: the driver would make a fresh one for each session,
/// and it sets no preferences in one that it is given.
fn firefox(folder: &Path, private: bool) -> Value {
    let profile = folder.join("profile");
    std::fs::create_dir_all(&profile).expect("the browser's folder can be written");
    let private = ("browser.privatebrowsing.autostart", json!(private));
    let preferences = FIREFOX_PREFERENCES.map(|(name, value)| (name, json!(value)));
    let lines = preferences.into_iter().chain([private]);
    let lines = lines.map(|(name, value)| format!("user_pref(\"{name}\", {value});\n"));
    std::fs::write(profile.join("user.js"), lines.collect::<String>())
        .expect("the browser's profile can be written");
    json!({
        "browserName": "firefox",
        "moz:firefoxOptions": {
            "binary": tools().firefox,
            "args": [
                "-headless", "--width=1280", "--height=900", "-profile", profile,
            ],
        },
    })
}

/// WebKitGTK can't do without a display.
fn display() -> (Process, String) {
    let mut command = Command::new("Xvfb");
    command.args(["-displayfd", "1", "-screen", "0", "1280x1000x24"]);
    command.args(["-nolisten", "tcp"]);
    Process::start_until(&mut command, "")
}

fn webkitdriver(port: u16, folder: &Path, display: &str) -> Process {
    let runtime = folder.join("runtime");
    std::fs::create_dir_all(&runtime).expect("the profile's folder can be written");
    let mut command = Command::new(&tools().webkitdriver);
    command
        .arg(format!("--port={port}"))
        .arg("--host=127.0.0.1")
        .env("DISPLAY", format!(":{display}"))
        .env("HOME", folder)
        .env("XDG_RUNTIME_DIR", runtime)
        .env("LANG", "en_US.UTF-8")
        .env("LIBGL_ALWAYS_SOFTWARE", "1")
        .env("WEBKIT_DISABLE_COMPOSITING_MODE", "1");
    Process::start(&mut command)
}

/// Where our own window for WebKitGTK's driver is.
fn window_of_webkit() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("webkit/window.py")
}

/// Whether this system can show it.
fn has_lasting_webkit() -> bool {
    let asked = "import gi; gi.require_version('WebKit2', '4.1')";
    let mut command = Command::new("/usr/bin/python3");
    let command = command.args(["-c", asked]).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// With a folder, what pages keep is kept there.
fn webkit(folder: Option<&Path>) -> Value {
    let (binary, argument) = match folder {
        Some(folder) => (window_of_webkit(), folder.join("profile")),
        None => {
            let mut known = MINIBROWSERS.into_iter().map(PathBuf::from);
            let found = known.find(|path| path.exists());
            (
                found.unwrap_or_else(|| MINIBROWSERS[0].into()),
                "--automation".into(),
            )
        }
    };
    json!({
        "browserName": "MiniBrowser",
        "webkitgtk:browserOptions": { "binary": binary, "args": [argument] },
    })
}
