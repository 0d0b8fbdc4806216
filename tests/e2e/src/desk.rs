//! A test's desk: backend, browser and the portal in it, and what the browser may complain about.

use std::any::Any;
use std::fs;
use std::io::Write;
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
use crate::patience::{in_vain, was_in_vain};
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
        let name = name().replace("::", "-");
        let folder = traces();
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
pub fn in_chromium(test: impl AsyncFn(&mut Desk)) {
    at_a_desk(Engine::Chromium, None, false, test);
}

/// Runs a test in a browser.
pub fn in_browser(engine: Engine, test: impl AsyncFn(&mut Desk)) {
    at_a_desk(engine, None, false, test);
}

/// Runs a test in Chromium with a connection that can be made to fail.
pub fn behind_a_line(test: impl AsyncFn(&mut Desk)) {
    at_a_desk(Engine::Chromium, None, true, test);
}

/// Runs a test in Chromium with an edited copy of the bundle.
pub fn with_bundle(edit: fn(&Path), test: impl AsyncFn(&mut Desk)) {
    at_a_desk(Engine::Chromium, Some(edit), false, test);
}

/// As [`with_bundle`] in any browser.
pub fn with_bundle_in(engine: Engine, edit: fn(&Path), test: impl AsyncFn(&mut Desk)) {
    at_a_desk(engine, Some(edit), false, test);
}

fn at_a_desk(engine: Engine, edit: Option<fn(&Path)>, line: bool, test: impl AsyncFn(&mut Desk)) {
    let first = {
        let _place = Place::take();
        attempt(engine, edit, line, &test)
    };
    match first {
        Err(failure) if was_in_vain(failure.as_ref()) => {
            let _alone = Place::take_all();
            remember_second(failure.as_ref());
            if let Err(failure) = attempt(engine, edit, line, &test) {
                resume_unwind(failure);
            }
        }
        Err(failure) => resume_unwind(failure),
        Ok(()) => {}
    }
}

/// The list of tests that waited in vain and were tried again, for whoever reads the run's output.
fn remember_second(failure: &(dyn Any + Send)) {
    let said = failure.downcast_ref::<String>().map_or("", String::as_str);
    let line = said.lines().next().unwrap_or_default();
    let path = traces().join(SECOND_ATTEMPTS);
    let list = fs::OpenOptions::new().create(true).append(true).open(path);
    // Without the list the test still tells how it ended.
    let _ = list.and_then(|mut list| writeln!(list, "{}: {line}", name()));
}

fn traces() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/e2e")
}

fn name() -> String {
    std::thread::current().name().unwrap_or("test").to_string()
}

/// One desk, from its start to its end.
fn attempt(
    engine: Engine,
    edit: Option<fn(&Path)>,
    line: bool,
    test: &impl AsyncFn(&mut Desk),
) -> Result<(), Box<dyn Any + Send>> {
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
    let start = AssertUnwindSafe(|| runtime.block_on(Browser::start(engine)));
    let browser = catch_unwind(start)?;
    let mut desk = Desk {
        line: line.then(|| Line::to(backend.address())),
        backend,
        browser,
        forgiven: Vec::new(),
        bundle,
    };
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(async {
            let ended = tokio::time::timeout(longest(), test(&mut desk)).await;
            if ended.is_err() {
                in_vain("the end of the test");
            }
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
    outcome
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

/// The file below target/e2e that lists which tests were tried a second time.
const SECOND_ATTEMPTS: &str = "second-attempts.txt";

/// Some of the places for desks; they are free again when this is dropped.
struct Place(usize);

static PLACES: Mutex<Places> = Mutex::new(Places {
    taken: 0,
    somebody_wants_all: false,
});
static FREE: Condvar = Condvar::new();

struct Places {
    taken: usize,
    /// Then nobody else takes one, or it would never be their turn.
    somebody_wants_all: bool,
}

impl Place {
    fn take() -> Place {
        let places = PLACES.lock().expect("nobody panics while counting");
        let mut places = FREE
            .wait_while(places, |one| one.somebody_wants_all || one.taken >= DESKS)
            .expect("nobody panics while counting");
        places.taken += 1;
        Place(1)
    }

    /// All of them: nobody else has a browser meanwhile.
    fn take_all() -> Place {
        let places = PLACES.lock().expect("nobody panics while counting");
        let mut places = FREE
            .wait_while(places, |one| one.somebody_wants_all)
            .expect("nobody panics while counting");
        places.somebody_wants_all = true;
        let mut places = FREE
            .wait_while(places, |one| one.taken > 0)
            .expect("nobody panics while counting");
        places.taken = DESKS;
        places.somebody_wants_all = false;
        Place(DESKS)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Ok(mut places) = PLACES.lock() {
            places.taken -= self.0;
        }
        FREE.notify_all();
    }
}
