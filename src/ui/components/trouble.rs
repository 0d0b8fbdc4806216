//! An answer of the backend that could not be used: which request it was and what came instead. In
//! full where one looks for what is on its way, and as a quiet line where that is shown which would
//! be newer.

use std::time::Duration;

use crate::ui::dom::prelude::*;
use crate::ui::dom::{code, div, p};
use leptos::prelude::set_interval_with_handle;

use super::link::link;
use super::notice::{Tone, notice};
use crate::core::error::Kind;
use crate::core::route::Route;
use crate::ui::state::{App, Words};

/// How often it is looked whether answers can be used by now.
const LOOK: Duration = Duration::from_secs(2);

/// The request and what came of it, as long as an answer can't be used. No network and a sign-in that
/// has ended are told elsewhere.
fn found(app: App) -> RwSignal<Option<String>> {
    let found = RwSignal::new(None::<String>);
    let look = move || {
        let error = app.runtime().and_then(|runtime| runtime.trouble());
        let quiet = [Kind::Unreachable, Kind::SignedOut, Kind::Busy];
        let error = error.filter(|error| !quiet.contains(&error.kind()));
        let words = error.map(|error| error.context().to_string());
        if found.with_untracked(|known| *known != words) {
            found.set(words);
        }
    };
    look();
    if let Ok(handle) = set_interval_with_handle(look, LOOK) {
        on_cleanup(move || handle.clear());
    }
    found
}

/// All of it.
pub fn whole(app: App, words: &Words) -> AnyView {
    let (found, words) = (found(app), words.clone());
    let shown = move || found.get().map(|context| told(&words, context));
    div().attr("role", "status").child(shown).into_any()
}

fn told(words: &Words, context: String) -> AnyView {
    let context = p()
        .class("small plain")
        .attr("lang", "en")
        .child(code().child(context));
    notice(Tone::Warning, words.t("pending.trouble"), context)
}

/// A line that leads to it.
pub fn line(app: App, words: &Words) -> AnyView {
    let (found, words) = (found(app), words.clone());
    let is_there = Memo::new(move |_| found.with(Option::is_some));
    let shown = move || is_there.get().then(|| quietly(app, &words));
    div().attr("role", "status").child(shown).into_any()
}

fn quietly(app: App, words: &Words) -> AnyView {
    let way = link(app, "", Route::Pending, words.t("records.trouble_way"));
    p().class("small muted")
        .child((words.t("records.trouble"), " ", way))
        .into_any()
}

/// In full with much to say, and as a line.
pub fn examples(app: App) -> super::example::Examples {
    let words = app.words_now();
    let context = "GET /changes: status 200, a page instead of an answer";
    vec![
        ("In full", told(&words, context.into())),
        ("Very long", told(&words, super::example::LONG.into())),
        ("As a line", quietly(app, &words)),
    ]
}
