//! A profile of one's own, or the portal's, checked in this page: by itself, on recorded answers, and
//! against the backend with one's own sign-in.
//!
//! Nothing of it is kept, and the check sends nothing that could change anything.

use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;
use web_sys::File;

use crate::browser::{clock, http};
use crate::core::profile::advice::LARGEST;
use crate::core::profile::live::{Observed, Probe};
use crate::core::profile::{Conversation, Next, Profile};
use crate::core::sla::server::offset;
use crate::ui::state::App;

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

/// Asks the backend as the profile says and tells what was seen.
pub fn ask(app: App, profile: Profile, seen: impl FnOnce(Profile, Observed) + 'static) {
    let base = app.api();
    let person = app.identity.with_untracked(|identity| {
        let session = identity.session();
        session.map(|session| session.person()).unwrap_or_default()
    });
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
