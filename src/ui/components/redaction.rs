//! What a text of the draft should perhaps not say (NEW-05): how many secrets and personal data were
//! found in it, and a copy without them to send in its place. Small texts are looked through when
//! they are added, larger ones when somebody asks.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{button, details, li, p, span, summary, ul};
use leptos::ev;
use leptos::task::spawn_local;

use super::icon::icon;
use crate::browser::clock;
use crate::core::draft::DraftFile;
use crate::core::files::{Look, look, shown_name};
use crate::core::redact::{Finding, KINDS};
use crate::ui::actions::redact;
use crate::ui::state::{App, Words};

/// The largest text that is looked through without being asked, in bytes.
const AT_ONCE: u64 = 1 << 20;

/// What was found of one file, or a way to find it; nothing for what is no text, and for a text
/// where nothing was found.
pub fn redaction(app: App, words: &Words, file: &DraftFile) -> Option<AnyView> {
    let is_text = look(&file.name, &file.media_type) == Look::Text;
    if !is_text || file.size > redact::LARGEST {
        return None;
    }
    let found: RwSignal<Option<Vec<Finding>>> = RwSignal::new(None);
    let search = {
        let file = file.clone();
        move || {
            let file = file.clone();
            spawn_local(async move {
                let places = redact::look_through(app, &file).await;
                found.try_set(Some(places));
            });
        }
    };
    let at_once = file.size <= AT_ONCE;
    if at_once {
        search();
    }
    let (words, file) = (words.clone(), file.clone());
    let view = move || {
        let hidden = || {
            span()
                .class("vh")
                .child(format!(" {}", shown_name(&file.name)))
        };
        found.with(|found| match found {
            None if at_once => ().into_any(),
            None => {
                let search = search.clone();
                let look = button()
                    .class("btn btn-quiet btn-s")
                    .attr("type", "button")
                    .on(ev::click, move |_| search())
                    .child((icon("search"), words.t("redact.look"), hidden()));
                p().class("file-peek").child(look).into_any()
            }
            Some(places) if places.is_empty() && at_once => ().into_any(),
            Some(places) if places.is_empty() => p()
                .class("file-peek file-meta")
                .child(words.t("redact.nothing"))
                .into_any(),
            Some(places) => told(app, &words, &file, places),
        })
    };
    Some(view.into_any())
}

fn told(app: App, words: &Words, file: &DraftFile, places: &[Finding]) -> AnyView {
    let kinds = KINDS.iter().filter_map(|kind| {
        let count = places.iter().filter(|one| one.kind == *kind).count() as u64;
        let name = words.t(&format!("redact.{}", kind.key()));
        let count = (count > 0).then(|| clock::number(words.lang(), count))?;
        Some(li().child((name, ": ", count)))
    });
    let name = shown_name(&file.name);
    let title = (
        words.count("redact.found", places.len() as u64),
        span().class("vh").child(format!(" {name}")),
    );
    let original = file.clone();
    let mask = button()
        .class("btn btn-s")
        .attr("type", "button")
        .on(ev::click, move |_| {
            redact::mask_in_copy(app, original.clone())
        })
        .child((
            icon("shield-check"),
            words.t("redact.mask"),
            span().class("vh").child(format!(" {name}")),
        ));
    details()
        .class("file-peek small")
        .child((
            summary().child(title),
            ul().class("file-inside").child(kinds.collect_view()),
            p().class("muted").child(words.t("redact.note")),
            p().child(mask),
        ))
        .into_any()
}
