//! Files with what is known of them: name, size, where they are, what can be seen of them, and what
//! can be done. A file is shown as text and as a picture of pixels, and never opened.

use std::sync::Arc;

use crate::ui::dom::prelude::*;
use crate::ui::dom::{bdi, br, button, details, img, li, p, pre, progress, span, summary, ul};
use leptos::ev;
use leptos::task::spawn_local;

use super::entitlement::reason;
use super::file_drop::choose_again;
use super::icon::icon;
use super::redaction::redaction;
use crate::browser::clock;
use crate::browser::files::live;
use crate::browser::files::peek::{Peek, Picture, peek, picture};
use crate::core::draft::DraftFile;
use crate::core::files::{Look, look, safe_name, shown_name};
use crate::core::policy::Policy;
use crate::ui::actions::attach::{self, Intake, Reading, Refused};
use crate::ui::state::{App, Words};

/// How many files that were not taken are named.
const NAMED: usize = 8;

/// The name of a file, whatever is in it: hidden characters as their codes, and its direction its
/// own. Under it, the name it is sent by, if that is another.
pub fn name(words: &Words, name: &str) -> AnyView {
    let (shown, safe) = (shown_name(name), safe_name(name));
    let sent_as = (safe != name).then(|| {
        let text = words.with("files.sent_as", &[("name", &safe)]);
        span().class("file-meta").child((br(), text))
    });
    (bdi().class("file-name").child(shown), sent_as).into_any()
}

/// The files of the open draft, those being read, and those that were not taken.
pub fn of_draft(
    app: App,
    words: &Words,
    policy: Option<Arc<Policy>>,
    intake: RwSignal<Intake>,
) -> AnyView {
    let files = Memo::new(move |_| {
        app.editor.with(|draft| {
            let draft = draft.as_ref();
            draft.map(|draft| draft.files.clone()).unwrap_or_default()
        })
    });
    // Each file is shown once for as long as it is there: a picture is not read anew at every key.
    let kept = {
        let words = words.clone();
        keyed(move || files.get(), move |file| kept_row(app, &words, file))
    };
    ul().class("files")
        .attr("aria-live", "polite")
        .child((kept, taking(words, policy, intake)))
        .into_any()
}

/// The files being read, and those that were not taken.
pub fn of_intake(words: &Words, policy: Option<Arc<Policy>>, intake: RwSignal<Intake>) -> AnyView {
    ul().class("files")
        .attr("aria-live", "polite")
        .child(taking(words, policy, intake))
        .into_any()
}

fn taking(
    words: &Words,
    policy: Option<Arc<Policy>>,
    intake: RwSignal<Intake>,
) -> impl IntoView + use<> {
    let ids = Memo::new(move |_| {
        let ids = |intake: &Intake| intake.reading.iter().map(|one| one.id.clone()).collect();
        intake.with(ids)
    });
    let reading = {
        let words = words.clone();
        keyed::<String>(move || ids.get(), move |id| reading_row(&words, intake, id))
    };
    let refused = Memo::new(move |_| intake.with(|intake| intake.refused.clone()));
    let words = words.clone();
    let refused = move || {
        let all = refused.get();
        let named = all.iter().take(NAMED);
        let rows = named.map(|one| refused_row(&words, policy.as_deref(), one));
        let more = all.len().saturating_sub(NAMED) as u64;
        let rest = (more > 0).then(|| {
            let text = words.count("files.more_refused", more);
            li().class("file file-error")
                .child((icon("file"), span().class("file-meta").child(text)))
        });
        (rows.collect_view(), rest)
    };
    (reading, refused)
}

fn row(
    class: &'static str,
    lead: AnyView,
    title: AnyView,
    meta: AnyView,
    below: Option<AnyView>,
    end: Option<AnyView>,
) -> AnyView {
    li().class(class)
        .child((lead, span().child((title, br(), meta)), end, below))
        .into_any()
}

fn meta(text: String) -> AnyView {
    span().class("file-meta").child(text).into_any()
}

fn kept_row(app: App, words: &Words, file: &DraftFile) -> AnyView {
    let id = file.id.clone();
    let remove = button()
        .class("btn btn-quiet btn-s")
        .attr("type", "button")
        .on(ev::click, move |_| attach::remove(app, id.clone()))
        .child((
            icon("trash"),
            words.t("field.remove"),
            span()
                .class("vh")
                .child(format!(" {}", shown_name(&file.name))),
        ));
    row(
        "file",
        lead(app, words, file),
        name(words, &file.name),
        where_it_is(words, file),
        Some((contents(app, words, file), redaction(app, words, file)).into_any()),
        Some(remove.into_any()),
    )
}

/// Where the bytes of a file are, and, if they are nowhere, the way to bring them back.
fn where_it_is(words: &Words, file: &DraftFile) -> AnyView {
    let size = clock::bytes(words.lang(), file.size);
    if file.is_kept() {
        return meta(words.with("files.kept", &[("size", &size)]));
    }
    let here = RwSignal::new(live::held(&file.id).is_some());
    let other = RwSignal::new(false);
    let (words, file) = (words.clone(), file.clone());
    (move || {
        let sized = |key: &str| meta(words.with(key, &[("size", &size)]));
        if here.get() {
            return sized("files.live");
        }
        let file = file.clone();
        let again = choose_again(words.t("files.choose_again"), move |chosen| {
            attach::choose_again(file.clone(), chosen, move |same| {
                other.try_set(!same);
                here.try_set(same);
            });
        });
        let wrong = other.get().then(|| {
            let text = words.t("files.other_file");
            p().class("error")
                .child((icon("circle-alert"), span().child(text)))
        });
        (sized("files.not_here"), wrong, p().child(again)).into_any()
    })
    .into_any()
}

/// What stands before a file: the picture it holds, or a sign.
pub fn lead(app: App, words: &Words, file: &DraftFile) -> AnyView {
    let sign = match look(&file.name, &file.media_type) {
        Look::Image => return thumbnail(app, words, file),
        Look::Text => "file-text",
        _ => "file",
    };
    icon(sign).into_any()
}

fn thumbnail(app: App, words: &Words, file: &DraftFile) -> AnyView {
    let shown: RwSignal<Option<Picture>> = RwSignal::new(None);
    let alt = words.with("files.picture", &[("name", &shown_name(&file.name))]);
    if let Some(runtime) = app.runtime() {
        let file = file.clone();
        spawn_local(async move {
            let found = picture(&runtime.store, &file).await;
            shown.try_set(found);
        });
    }
    (move || {
        let address = shown.with(|shown| shown.as_ref().map(Picture::address));
        match address {
            // What turns out to be no picture leaves the sign.
            Some(address) => img()
                .class("file-thumb")
                .attr("src", address)
                .attr("alt", alt.clone())
                .on(ev::error, move |_| shown.set(None))
                .into_any(),
            None => icon("file").into_any(),
        }
    })
    .into_any()
}

/// What can be seen of a file, once somebody wants to.
pub fn contents(app: App, words: &Words, file: &DraftFile) -> Option<AnyView> {
    let key = match look(&file.name, &file.media_type) {
        Look::Text => "files.lines",
        Look::Zip | Look::Tar => "files.inside",
        Look::Image | Look::Other => return None,
    };
    let shown: RwSignal<Option<Peek>> = RwSignal::new(None);
    let asked = RwSignal::new(false);
    let open = {
        let file = file.clone();
        move |_| {
            let Some(runtime) = app.runtime() else { return };
            if asked.get_untracked() {
                return;
            }
            asked.set(true);
            let file = file.clone();
            spawn_local(async move {
                let found = peek(&runtime.store, &file).await;
                shown.try_set(Some(found.unwrap_or(Peek::Nothing)));
            });
        }
    };
    let name = shown_name(&file.name);
    let title = (words.t(key), span().class("vh").child(format!(" {name}")));
    let words = words.clone();
    let view = details()
        .class("file-peek small")
        .on(ev::toggle, open)
        .child((summary().child(title), move || {
            shown.with(|shown| shown.as_ref().map(|shown| seen(&words, shown)))
        }));
    Some(view.into_any())
}

fn seen(words: &Words, peek: &Peek) -> AnyView {
    match peek {
        Peek::Lines(lines) => pre()
            .class("file-lines")
            .attr("tabindex", "0")
            .child(lines.clone())
            .into_any(),
        Peek::Inside(listing) => {
            let entries = listing.entries.iter().map(|entry| {
                let size = clock::bytes(words.lang(), entry.size);
                li().child((bdi().child(entry.name.clone()), " ", meta(size)))
            });
            let more = listing.total.saturating_sub(listing.entries.len() as u64);
            let rest = (more > 0).then(|| p().class("muted").child(words.t("files.inside_more")));
            (
                ul().class("file-inside")
                    .attr("tabindex", "0")
                    .child(entries.collect_view()),
                rest,
            )
                .into_any()
        }
        Peek::Nothing => p()
            .class("muted")
            .child(words.t("files.nothing_to_see"))
            .into_any(),
    }
}

fn reading_row(words: &Words, intake: RwSignal<Intake>, id: &str) -> AnyView {
    let wanted = id.to_string();
    let found = move || {
        intake.with(|intake| {
            let mut all = intake.reading.iter();
            all.find(|one| one.id == wanted).cloned()
        })
    };
    let reading = Memo::new(move |_| found());
    let Some(Reading {
        id, name: of, size, ..
    }) = reading.get_untracked()
    else {
        return li().into_any();
    };
    let done = move || reading.with(|one| one.as_ref().map_or(0, |one| one.done));
    let text = {
        let words = words.clone();
        move || {
            let (done, size) = (
                clock::bytes(words.lang(), done()),
                clock::bytes(words.lang(), size),
            );
            span()
                .class("file-meta")
                .child(words.with("files.reading_of", &[("done", &done), ("size", &size)]))
        }
    };
    let cancel = button()
        .class("btn btn-quiet btn-s")
        .attr("type", "button")
        .on(ev::click, move |_| attach::stop(intake, &id))
        .child((
            icon("x"),
            words.t("files.cancel"),
            span().class("vh").child(format!(" {}", shown_name(&of))),
        ));
    row(
        "file",
        icon("file").into_any(),
        name(words, &of),
        text.into_any(),
        Some(bar(&of, done, size)),
        Some(cancel.into_any()),
    )
}

/// How much of a file is done, as a bar; the words beside it say the same.
pub fn bar(of: &str, done: impl Fn() -> u64 + 'static, size: u64) -> AnyView {
    progress()
        .class("progress")
        .attr("max", size.max(1).to_string())
        .attr("aria-label", shown_name(of))
        .attr("value", move || done().to_string())
        .into_any()
}

fn refused_row(words: &Words, policy: Option<&Policy>, refused: &Refused) -> AnyView {
    let sentences: Vec<String> = refused
        .why
        .iter()
        .map(|why| {
            let (text, remedy) = reason(words, policy, why);
            format!("{text} {remedy}")
        })
        .collect();
    let title = bdi().class("file-name").child(shown_name(&refused.name));
    let lines = sentences.into_iter().enumerate();
    let lines = lines.map(|(index, text)| ((index > 0).then(br), text));
    let meta = span().class("file-meta").child(lines.collect_view());
    row(
        "file file-error",
        icon("file").into_any(),
        title.into_any(),
        meta.into_any(),
        None,
        None,
    )
}

/// A file being read, several that were not taken, and a name that would be another.
pub fn examples(app: App) -> super::example::Examples {
    let words = app.words_now();
    let reading = Reading {
        id: "reading".into(),
        name: "collector.tar".into(),
        done: 3_200_000_000,
        size: 10_000_000_000,
    };
    let why = |code, facts: &[(&'static str, &str)]| {
        let facts = facts.iter().map(|(name, fact)| (*name, fact.to_string()));
        crate::core::entitlement::Decision::no(code, facts.collect())
    };
    let refused = Refused {
        name: "invoice\u{202e}gpj.exe".into(),
        why: vec![
            why(
                "file_too_big",
                &[("size", "2147483648"), ("limit", "100000000")],
            ),
            why("file_type_refused", &[("type", ".exe")]),
        ],
    };
    let intake = RwSignal::new(Intake {
        reading: vec![reading],
        refused: vec![refused],
        asked: Vec::new(),
    });
    let hostile = li().class("file").child((
        icon("file"),
        span().child(name(&words, "../<b>x\u{202e}gol.exe")),
    ));
    vec![
        ("Being read, and not taken", of_intake(&words, None, intake)),
        (
            "A name that would be another",
            ul().class("files").child(hostile).into_any(),
        ),
    ]
}
