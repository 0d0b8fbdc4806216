//! A profile of one's own, or the portal's, checked in this page: by itself, on recorded answers, and
//! against the backend with one's own sign-in.
//!
//! Nothing of it is kept. The check sends nothing that could change anything; the trial with a test
//! case does, and is begun by whoever agrees to it.

use leptos::task::spawn_local;
use serde_json::Value;
use wasm_bindgen_futures::JsFuture;
use web_sys::File;

use crate::browser::{clock, http};
use crate::core::profile::advice::LARGEST;
use crate::core::profile::live::{Observed, Probe};
use crate::core::profile::trial::{Trial, Tried};
use crate::core::profile::{Conversation, Next, Profile};
use crate::core::sla::server::offset;
use crate::ui::state::App;
use crate::ui::wiring::{load_json, while_there};

/// Reads a file's text; nothing if it can't be read. Of one that is too large only as much comes as
/// shows that it is.
pub fn read(file: File, found: impl FnOnce(Option<String>) + 'static) {
    spawn_local(async move {
        let most = LARGEST as f64 + 1.0;
        let text = match file.slice_with_f64_and_f64(0.0, file.size().min(most)) {
            Ok(start) => JsFuture::from(start.text()).await.ok(),
            Err(_) => None,
        };
        found(text.and_then(|text| text.as_string()));
    });
}

/// The profiles that lie beside the deployment's own, by id and name; none where there is no list.
pub fn list(app: App, found: impl FnOnce(Vec<(String, String)>) + 'static) {
    while_there(app, async move {
        let listed = load_json(app, "backends.json").await.unwrap_or_default();
        let all = listed.as_object().into_iter().flatten();
        let named = all.filter_map(|(id, name)| Some((id.clone(), name.as_str()?.to_string())));
        found(named.collect());
    });
}

/// Reads one of them, and tells its file's name and text.
pub fn load(app: App, id: String, found: impl FnOnce(String, Option<String>) + 'static) {
    while_there(app, async move {
        let file = format!("{id}.json");
        let json = load_json(app, &format!("backends/{file}")).await;
        found(file, json.ok().map(|json| json.to_string()));
    });
}

/// What is known of who is signed in.
pub fn person(app: App) -> Value {
    app.identity.with_untracked(|identity| {
        let session = identity.session();
        session.map(|session| session.person()).unwrap_or_default()
    })
}

/// Tries the profile on the backend with a test case, and tells what came of it.
pub fn attempt(app: App, profile: Profile, body: Value, tried: impl FnOnce(Tried) + 'static) {
    let (base, person) = (app.api(), person(app));
    let csrf = app.identity.with_untracked(|identity| {
        let session = identity.session();
        session.map(|session| session.csrf.clone())
    });
    spawn_local(async move {
        let csrf = csrf.unwrap_or_default();
        let ids = (0..5).map(|_| clock::uuid()).collect();
        let mut trial = Trial::new(&profile, &person, &body, ids);
        let mut reply = None;
        loop {
            match trial.next(reply.take(), clock::now()) {
                Next::Done(outcome) => return tried(outcome),
                Next::Ask(request) => {
                    reply = Some(http::send(&base, &csrf, &request, None).await);
                }
            }
        }
    });
}

/// Asks the backend as the profile says and tells what was seen.
pub fn ask(app: App, profile: Profile, seen: impl FnOnce(Profile, Observed) + 'static) {
    let (base, person) = (app.api(), person(app));
    spawn_local(async move {
        let mut observed = {
            let mut probe = Probe::new(&profile, &person);
            let mut reply = None;
            loop {
                match probe.next(reply.take(), clock::now()) {
                    Next::Done(observed) => break observed,
                    Next::Ask(request) => {
                        reply = Some(http::send(&base, "", &request, None).await);
                    }
                }
            }
        };
        observed.offset = offset(&http::samples());
        seen(profile, observed);
    });
}
