//! A file on its way: how much has arrived, how long the rest will take, and how to stop it, go on,
//! or bring back the file that is no longer here. It looks by itself how far the upload is, so that
//! the row around it, and what has the focus there, stays.

use std::time::Duration;

use crate::ui::dom::prelude::*;
use crate::ui::dom::{button, div, p, span};
use leptos::ev;

use super::file_drop::choose_again;
use super::file_list::bar;
use super::icon::icon;
use crate::browser::clock;
use crate::core::draft::DraftFile;
use crate::core::files::{shown_name, time_left};
use crate::core::sync::{Event, Operation, Progress, What};
use crate::ui::actions::attach;
use crate::ui::state::{App, Words};

/// Time between two looks.
const LOOK: Duration = Duration::from_millis(500);

/// Bytes from which on reading a file takes long enough to be told.
const LARGE: u64 = 32 << 20;

/// How far an upload is.
#[derive(Clone, Copy, PartialEq)]
struct Far {
    done: u64,
    left: Option<i64>,
}

/// What there is to see of an operation's file and to do with it; nothing for other operations.
pub fn upload(app: App, words: &Words, operation: &Operation) -> Option<AnyView> {
    let What::Attach { file, .. } = &operation.what else {
        return None;
    };
    match &operation.state {
        Progress::Sending => {
            let far = far(app, words, &operation.id, file);
            let stop = stop(app, words, &operation.id, file);
            Some((far, stop).into_any())
        }
        Progress::Waiting => Some(stop(app, words, &operation.id, file)),
        Progress::NeedsYou { code, .. } if code == "file_not_here" => {
            Some(bring_back(app, words, &operation.id, file))
        }
        _ => None,
    }
}

fn wish(app: App, event: Event) {
    if let Some(runtime) = app.runtime() {
        runtime.wish(event);
    }
}

fn stop(app: App, words: &Words, id: &str, file: &DraftFile) -> AnyView {
    let hidden = format!(" {}", shown_name(&file.name));
    let id = id.to_string();
    let pause = button()
        .class("btn btn-s btn-quiet")
        .attr("type", "button")
        .on(ev::click, move |_| wish(app, Event::Pause(id.clone())))
        .child((
            icon("pause"),
            words.t("files.pause"),
            span().class("vh").child(hidden),
        ));
    p().child(pause).into_any()
}

fn bring_back(app: App, words: &Words, id: &str, file: &DraftFile) -> AnyView {
    let other = RwSignal::new(false);
    let (id, file) = (id.to_string(), file.clone());
    let again = choose_again(words.t("files.choose_again"), move |chosen| {
        let id = id.clone();
        attach::choose_again(file.clone(), chosen, move |same| {
            other.try_set(!same);
            if same {
                wish(app, Event::Retry(id));
            }
        });
    });
    let words = words.clone();
    let wrong = move || {
        other.get().then(|| {
            let text = words.t("files.other_file");
            p().class("error")
                .child((icon("circle-alert"), span().child(text)))
        })
    };
    (p().child(again), wrong).into_any()
}

fn far(app: App, words: &Words, id: &str, file: &DraftFile) -> AnyView {
    let shown: RwSignal<Option<Far>> = RwSignal::new(None);
    look(app, id.to_string(), shown, None);
    let is_known = Memo::new(move |_| shown.with(Option::is_some));
    let done = Memo::new(move |_| shown.with(|far| far.map_or(0, |far| far.done)));
    let (words, file) = (words.clone(), file.clone());
    (move || {
        if !is_known.get() {
            // Its hash is computed first, which of a large file takes a while.
            let text = (file.size > LARGE).then(|| words.t("files.read_first"));
            return p().class("file-meta").child(text).into_any();
        }
        let (words, all) = (words.clone(), file.size);
        let text = move || shown.with(|far| far.map(|far| said(&words, far, all)));
        let far = div().class("upload").child((
            bar(&file.name, move || done.get(), file.size),
            p().class("file-meta").child(text),
        ));
        far.into_any()
    })
    .into_any()
}

/// Looks now and again, as long as somebody sees it. The pace is that since the first look.
fn look(app: App, id: String, shown: RwSignal<Option<Far>>, first: Option<(i64, u64)>) {
    let found = app.runtime().and_then(|runtime| runtime.uploaded(&id));
    let now = clock::now();
    let first = first.or(found.map(|(done, _)| (now, done)));
    let far = found.map(|(done, all)| Far {
        done,
        left: first.and_then(|first| time_left(first, (now, done), all)),
    });
    let is_same = shown.try_with_untracked(|known| *known == far);
    let seen = match is_same {
        Some(false) => shown.try_set(far),
        same => same.is_some(),
    };
    if seen {
        set_timeout(move || look(app, id, shown, first), LOOK);
    }
}

fn said(words: &Words, far: Far, all: u64) -> String {
    let [done, size] = [far.done, all].map(|bytes| clock::bytes(words.lang(), bytes));
    let mut text = words.with("files.sent_of", &[("done", &done), ("size", &size)]);
    if let Some(left) = far.left {
        let time = clock::length(words.lang(), left);
        text.push_str(" · ");
        text.push_str(&words.with("files.left", &[("time", &time)]));
    }
    text
}

/// Stopped by nothing, and in need of the file.
pub fn examples(app: App) -> super::example::Examples {
    let words = app.words_now();
    let file = DraftFile {
        id: "example".into(),
        name: "collector.tar".into(),
        size: 10_000_000_000,
        media_type: String::new(),
        chunks: 0,
        fingerprint: "none".into(),
        sha256: String::new(),
    };
    let at = Far {
        done: 3_200_000_000,
        left: Some(420_000),
    };
    let under_way = div().class("upload").child((
        bar(&file.name, move || at.done, file.size),
        p().class("file-meta").child(said(&words, at, file.size)),
        stop(app, &words, "example", &file),
    ));
    vec![
        ("On its way", under_way.into_any()),
        ("Needs the file", bring_back(app, &words, "example", &file)),
    ]
}
