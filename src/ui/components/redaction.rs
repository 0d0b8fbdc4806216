//! What a text should perhaps not say (NEW-05): how many secrets and personal data were found in it,
//! and what can be done about it before it is sent. Three texts are looked through: the files of a
//! draft, the small ones when they are added and larger ones when somebody asks; a comment as it is
//! typed; and the files of a case, which wait for an answer where something was found.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{bdi, button, details, div, li, p, span, summary, ul};
use leptos::ev;
use leptos::task::spawn_local;

use super::icon::icon;
use crate::browser::clock;
use crate::core::draft::DraftFile;
use crate::core::files::{Look, look, shown_name};
use crate::core::redact::{Finding, KINDS, find, mask};
use crate::ui::actions::attach::{Asked, Intake};
use crate::ui::actions::attach_to_case::How;
use crate::ui::actions::redact;
use crate::ui::state::{App, Words};

/// The largest text that is looked through without being asked, in bytes.
const AT_ONCE: u64 = 1 << 20;
/// The longest text that is looked through at every key, in bytes. A longer one becomes a file.
const TYPED: usize = 128 << 10;

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
    let original = file.clone();
    let mask = move |_| redact::mask_in_copy(app, original.clone());
    let act = act(words, "shield-check", "redact.mask", &file.name, mask);
    let found = found(words, Some(&file.name), &counted(places));
    let title = words.count("redact.found", places.len() as u64);
    let name = span()
        .class("vh")
        .child(format!(" {}", shown_name(&file.name)));
    let note = p().class("muted").child(words.t("redact.note"));
    details()
        .class("file-peek small")
        .child((summary().child((title, name)), found, note, p().child(act)))
        .into_any()
}

/// How many places there are of each kind, the gravest first; kinds without any are left out.
fn counted(places: &[Finding]) -> Vec<(&'static str, u64)> {
    let count = |kind| places.iter().filter(|one| one.kind == kind).count() as u64;
    let kinds = KINDS.iter().map(|kind| (kind.key(), count(*kind)));
    kinds.filter(|(_, count)| *count > 0).collect()
}

fn found(words: &Words, of: Option<&str>, kinds: &[(&'static str, u64)]) -> AnyView {
    let rows = kinds.iter().map(|(kind, count)| {
        let name = words.t(&format!("redact.{kind}"));
        li().child((name, ": ", clock::number(words.lang(), *count)))
    });
    ul().class("file-inside")
        .attr("aria-label", of.map(shown_name))
        .child(rows.collect_view())
        .into_any()
}

fn act(
    words: &Words,
    sign: &'static str,
    key: &'static str,
    of: &str,
    act: impl FnMut(web_sys::MouseEvent) + 'static,
) -> AnyView {
    let of = (!of.is_empty()).then(|| span().class("vh").child(format!(" {}", shown_name(of))));
    button()
        .class("btn btn-s")
        .attr("type", "button")
        .on(ev::click, act)
        .child((icon(sign), words.t(key), of))
        .into_any()
}

/// What was found in a text as it stands in its field; `replace` takes the one without it.
pub fn in_text(
    words: &Words,
    text: RwSignal<String>,
    replace: impl Fn(String) + Clone + 'static,
) -> AnyView {
    let kinds = Memo::new(move |_| {
        text.with(|text| match text.len() <= TYPED {
            true => counted(&find(text)),
            false => Vec::new(),
        })
    });
    let words = words.clone();
    let view = move || {
        let kinds = kinds.get();
        let count = kinds.iter().map(|(_, count)| count).sum();
        let replace = replace.clone();
        let mask = move |_| {
            let before = text.get_untracked();
            replace(mask(&before, &find(&before)));
        };
        (count > 0).then(|| {
            let note = p().class("muted").child(words.t("redact.note_text"));
            let act = act(&words, "shield-check", "redact.mask_text", "", mask);
            details().class("file-peek small").child((
                summary().child(words.count("redact.found", count)),
                found(&words, None, &kinds),
                note,
                p().child(act),
            ))
        })
    };
    div().attr("aria-live", "polite").child(view).into_any()
}

/// The files of a case in which something was found, each until it is answered what becomes of it.
pub fn asking(
    words: &Words,
    intake: RwSignal<Intake>,
    answer: impl Fn(Asked, How) + Clone + 'static,
) -> AnyView {
    let asked = Memo::new(move |_| intake.with(|intake| intake.asked.clone()));
    let words = words.clone();
    let view = move || {
        let rows = asked.get().into_iter().map(|one| {
            let choice = |sign, key, how: How| {
                let (answer, asked) = (answer.clone(), one.clone());
                act(&words, sign, key, &one.name, move |_| {
                    answer(asked.clone(), how)
                })
            };
            let acts = (
                choice("shield-check", "redact.mask", How::Masked),
                choice("send", "redact.as_is", How::AsItIs),
                choice("trash", "field.remove", How::Not),
            );
            let count = words.count("redact.found", one.places.len() as u64);
            let state = p().child((count, " ", words.t("redact.waits")));
            li().class("file").child((
                icon("file-text"),
                span().child((
                    bdi().class("file-name").child(shown_name(&one.name)),
                    state,
                    found(&words, Some(&one.name), &counted(&one.places)),
                )),
                p().class("file-peek actions").child(acts),
            ))
        });
        rows.collect_view()
    };
    ul().class("files")
        .attr("aria-live", "polite")
        .child(view)
        .into_any()
}
