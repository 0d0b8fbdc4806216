//! A test's desk: backend, browser and the portal in it, and what the browser may complain about.

use std::fs;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use tempfile::TempDir;

use crate::backend::{Api, Backend};
use crate::browser::{Browser, Engine};
use crate::environment::tools;
use crate::line::Line;
use crate::portal::Portal;

/// How many browsers run at once; more of them only wait for each other.
const DESKS: usize = 2;
/// When a test is ended that never comes to an end by itself.
const LONGEST: Duration = Duration::from_secs(300);

/// What one test works with.
#[derive(Debug)]
pub struct Desk {
    /// The backend.
    pub backend: Backend,
    /// The browser.
    pub browser: Browser,
    /// The connection between them, in tests where it fails.
    line: Option<Line>,
    forgiven: Vec<&'static str>,
    /// An edited copy of the bundle, if there is one.
    bundle: Option<TempDir>,
}

impl Desk {
    /// The portal in the browser.
    pub fn portal(&self) -> Portal {
        let address = self.backend.address();
        // WebKitGTK's driver makes no keys of other scripts than Latin.
        let types_by_script = self.browser.engine() == Engine::WebKit;
        let session = self.browser.session().clone();
        Portal::new(session, origin(address), types_by_script)
    }

    /// The connection between browser and backend.
    pub fn line(&self) -> &Line {
        match &self.line {
            Some(line) => line,
            None => panic!("this test is not behind a line"),
        }
    }

    /// The API as an example person.
    pub async fn api(&self, login: &str) -> Api {
        self.backend.api(login).await
    }

    /// A file that a person could choose.
    pub fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.browser.folder().join(name);
        fs::write(&path, content).expect("the browser's folder can be written");
        path
    }

    /// The bundle that is served; a test may change only its own copy.
    pub fn bundle(&self) -> &Path {
        self.bundle.as_ref().map_or(&tools().bundle, TempDir::path)
    }

    /// Lets the browser complain about something that this test brings about itself, such as a
    /// connection that is cut. What violates the security policy is never forgiven.
    pub fn forgive(&mut self, complaint: &'static str) {
        self.forgiven.push(complaint);
    }

    async fn complaints(&self) -> Vec<String> {
        let mut all = self.portal().complaints().await;
        if self.browser.engine() == Engine::Chromium {
            // A browser that has gone has no log; its test has failed already.
            let log = self.browser.session().browser_log().await;
            let severe = log.unwrap_or_default().into_iter();
            let severe = severe.filter(|entry| entry.level == "SEVERE");
            all.extend(severe.map(|entry| entry.message));
        }
        all.retain(|one| !self.forgiven.iter().any(|known| one.contains(known)));
        all
    }

    /// What helps to understand a failure: a picture of the page and what the browser said.
    async fn leave_traces(&self) {
        let name = std::thread::current().name().unwrap_or("test").to_string();
        let name = name.replace("::", "-");
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/e2e");
        if fs::create_dir_all(&folder).is_ok()
            && let Ok(picture) = self.browser.session().screenshot_as_png().await
        {
            let path = folder.join(format!("{name}.png"));
            // Without its picture the failure is still told.
            let _ = fs::write(&path, picture);
            eprintln!("the page as it was: target/e2e/{name}.png");
        }
        for complaint in self.complaints().await {
            eprintln!("the browser said: {complaint}");
        }
    }
}

fn origin(address: SocketAddr) -> String {
    format!("http://{address}")
}

/// Runs a test in Chromium.
pub fn in_chromium(test: impl AsyncFnOnce(&mut Desk)) {
    at_a_desk(Engine::Chromium, None, false, test);
}

/// Runs a test in a browser.
pub fn in_browser(engine: Engine, test: impl AsyncFnOnce(&mut Desk)) {
    at_a_desk(engine, None, false, test);
}

/// Runs a test in Chromium with a connection that can be made to fail.
pub fn behind_a_line(test: impl AsyncFnOnce(&mut Desk)) {
    at_a_desk(Engine::Chromium, None, true, test);
}

/// Runs a test in Chromium with an edited copy of the bundle.
pub fn with_bundle(edit: fn(&Path), test: impl AsyncFnOnce(&mut Desk)) {
    at_a_desk(Engine::Chromium, Some(edit), false, test);
}

/// As [`with_bundle`] in any browser.
pub fn with_bundle_in(engine: Engine, edit: fn(&Path), test: impl AsyncFnOnce(&mut Desk)) {
    at_a_desk(engine, Some(edit), false, test);
}

fn at_a_desk(
    engine: Engine,
    edit: Option<fn(&Path)>,
    line: bool,
    test: impl AsyncFnOnce(&mut Desk),
) {
    let _place = Place::take();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a test can have a runtime");
    let bundle = edit.map(edited_bundle);
    let portal = match &bundle {
        Some(folder) => folder.path(),
        None => &tools().bundle,
    };
    let backend = match line {
        true => Backend::that_fails(portal),
        false => Backend::start(portal),
    };
    let mut desk = runtime.block_on(async {
        let line = line.then(|| Line::to(backend.address()));
        Desk {
            backend,
            browser: Browser::start(engine).await,
            line,
            forgiven: Vec::new(),
            bundle,
        }
    });
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(async {
            let ended = tokio::time::timeout(longest(), test(&mut desk)).await;
            assert!(ended.is_ok(), "the test did not come to an end");
            let complaints = desk.complaints().await;
            assert!(
                complaints.is_empty(),
                "the browser complained: {complaints:#?}"
            );
        });
    }));
    if outcome.is_err() {
        runtime.block_on(desk.leave_traces());
    }
    runtime.block_on(desk.browser.close());
    if let Err(failure) = outcome {
        resume_unwind(failure);
    }
}

/// Many rounds take their time.
fn longest() -> Duration {
    match std::env::var_os("CASEMENT_TEST_FULL") {
        Some(_) => 20 * LONGEST,
        None => LONGEST,
    }
}

/// A copy of the bundle, edited. What was compressed beforehand would hide the edit.
fn edited_bundle(edit: fn(&Path)) -> TempDir {
    let folder = TempDir::new().expect("there is a place for temporary files");
    copy(&tools().bundle, folder.path());
    edit(folder.path());
    folder
}

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a temporary folder can be written");
    for entry in fs::read_dir(from)
        .expect("the bundle can be read")
        .flatten()
    {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target);
        } else if path.extension().is_none_or(|ending| ending != "br") {
            fs::copy(&path, &target).expect("a file of the bundle can be copied");
        }
    }
}

/// One of the places for a desk; it is free again when this is dropped.
struct Place;

static TAKEN: Mutex<usize> = Mutex::new(0);
static FREE: Condvar = Condvar::new();

impl Place {
    fn take() -> Place {
        let taken = TAKEN.lock().expect("nobody panics while counting");
        let mut taken = FREE
            .wait_while(taken, |taken| *taken >= DESKS)
            .expect("nobody panics while counting");
        *taken += 1;
        Place
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Ok(mut taken) = TAKEN.lock() {
            *taken -= 1;
        }
        FREE.notify_one();
    }
}
