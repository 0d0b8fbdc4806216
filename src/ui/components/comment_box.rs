//! Where a comment is written (CMS-16): counted against the vendor's limit, kept as it is typed,
//! offered as a file when it is too long; and where files join a case that exists (CMS-15).

use std::sync::Arc;

use std::rc::Rc;

use crate::ui::dom::prelude::*;
use crate::ui::dom::{button, div, form, label, p, span, textarea};
use leptos::ev;
use web_sys::SubmitEvent;

use super::file_drop::{self, FileDrop, file_drop};
use super::file_list;
use super::icon::icon;
use super::redaction;
use crate::browser::clock;
use crate::core::case::Case;
use crate::core::policy::{CaseWords, Policy};
use crate::core::text::{LocalText, graphemes};
use crate::ui::actions::attach::Intake;
use crate::ui::actions::keep_comment::Kept;
use crate::ui::actions::{add_comment, attach_to_case};
use crate::ui::state::{App, Toast, Words};

/// The longest comment of a vendor whose policy is not known.
const LIMIT: u64 = 4_000;
const FIELD: &str = "comment-text";

/// The form for a comment on a case; `sent` hears of each comment that is on its way.
pub fn comment_box(app: App, case: &Case, sent: Rc<dyn Fn()>) -> AnyView {
    let words = app.words_now();
    if !app.deployment().profile.can("comment", "create") {
        return p()
            .class("muted")
            .child(words.t("comment.not_taken"))
            .into_any();
    }
    let policy = app.policy(&case.policy);
    let limit = policy
        .as_deref()
        .map_or(LIMIT, |policy| policy.comment_limit);
    // A vendor's own words stand where it has them (NTT-11).
    let own = |pick: fn(&CaseWords) -> &Option<LocalText>| {
        let text = pick(&policy.as_ref()?.words).as_ref()?;
        Some(text.get(words.lang()).to_string())
    };
    let label_text = own(|words| &words.comment).unwrap_or_else(|| words.t("comment.label"));
    let send_text = own(|words| &words.comment_send).unwrap_or_else(|| words.t("comment.send"));
    let place = add_comment::case_ref(&case.id);
    let kept = Kept::open(app, add_comment::kept_name(app, &place));
    add_comment::take_over(app, &case.id, kept);
    let intake = RwSignal::new(Intake::default());
    let area = NodeRef::<leptos::html::Textarea>::new();
    let empty = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let count = Memo::new(move |_| kept.text.with(|text| graphemes(text.trim()) as u64));
    let over = Memo::new(move |_| count.get() > limit);
    let submit = {
        let id = case.id.clone();
        move |event: SubmitEvent| {
            event.prevent_default();
            empty.set(count.get_untracked() == 0);
            if empty.get_untracked() || over.get_untracked() {
                focus(area);
            } else if !busy.get_untracked() {
                busy.set(true);
                let sent = sent.clone();
                add_comment::add(app, &id, kept, move |worked| {
                    busy.try_set(false);
                    if worked {
                        tell(app, "comment.on_its_way");
                        sent();
                    }
                });
            }
        }
    };
    let as_file = {
        let (id, number) = (case.id.clone(), case.number.clone());
        move |_| as_text_file(app, &id, &number, kept, intake, area)
    };
    form()
        .class("reply")
        .attr("novalidate", "")
        .on(ev::submit, submit)
        .child((
            div()
                .class(move || {
                    if empty.get() || over.get() {
                        "field field-error"
                    } else {
                        "field"
                    }
                })
                .child((
                    label().class("label").attr("for", FIELD).child(label_text),
                    p().class("hint")
                        .id("comment-hint")
                        .child(words.t("comment.hint")),
                    error_line(&words, limit, empty, over),
                    text_area(kept, area, empty, over),
                    below(&words, limit, kept, count, over, as_file),
                    redaction::in_text(&words, kept.text, move |text| {
                        kept.typed(text);
                        focus(area);
                    }),
                )),
            div().class("actions").child(
                button()
                    .class("btn btn-primary")
                    .attr("type", "submit")
                    .child((icon("send"), {
                        let words = words.clone();
                        move || {
                            if app.online.get() {
                                send_text.clone()
                            } else {
                                words.t("comment.keep_until_online")
                            }
                        }
                    })),
            ),
            files(app, case, policy, &words, intake),
        ))
        .into_any()
}

/// That the backend takes no files, in the place of where they are chosen.
pub fn files_not_taken(words: &Words) -> AnyView {
    p().class("small muted")
        .child(words.t("files.not_taken"))
        .into_any()
}

fn focus(area: NodeRef<leptos::html::Textarea>) {
    if let Some(area) = area.get_untracked() {
        // A text area that stands in the page can take the focus.
        let _ = area.focus();
    }
}

/// Says something in the one place that is read out.
pub fn tell(app: App, key: &str) {
    let text = app.words_now().t(key);
    let undo_draft = None;
    app.toast.set(Some(Toast { text, undo_draft }));
}

/// Sends what is too long for a comment as a file, and leaves a comment that says so.
fn as_text_file(
    app: App,
    case: &str,
    number: &str,
    kept: Kept,
    intake: RwSignal<Intake>,
    area: NodeRef<leptos::html::Textarea>,
) {
    let name = format!("comment-{number}-{}.txt", clock::today());
    let text = kept.text.get_untracked();
    let note = app.words_now().with("comment.see_file", &[("name", &name)]);
    kept.hold();
    let changes = vec![kept.forget()];
    attach_to_case::attach_text(
        app,
        case.into(),
        intake,
        &name,
        &text,
        changes,
        move |worked| {
            kept.handed_on(worked);
            if worked {
                tell(app, "comment.file_on_its_way");
                kept.typed(note);
                focus(area);
            }
        },
    );
}

fn error_line(
    words: &Words,
    limit: u64,
    empty: RwSignal<bool>,
    over: Memo<bool>,
) -> impl IntoView + use<> {
    let words = words.clone();
    move || {
        let text = if over.get() {
            let limit = clock::number(words.lang(), limit);
            words.with("comment.too_long", &[("limit", &limit)])
        } else if empty.get() {
            words.t("comment.empty")
        } else {
            return None;
        };
        Some(
            p().class("error")
                .id("comment-error")
                .child((icon("circle-alert"), span().child(text))),
        )
    }
}

fn text_area(
    kept: Kept,
    area: NodeRef<leptos::html::Textarea>,
    empty: RwSignal<bool>,
    over: Memo<bool>,
) -> AnyView {
    // The text comes back from the store, and goes away once it is sent. Setting what is there
    // already would move the caret.
    Effect::new(move |_| {
        let text = kept.text.get();
        if let Some(area) = area.get()
            && area.value() != text
        {
            area.set_value(&text);
        }
    });
    let wrong = move || empty.get() || over.get();
    textarea()
        .class("textarea textarea-s")
        .id(FIELD)
        .node_ref(area)
        .attr("aria-invalid", move || wrong().then_some("true"))
        .attr("aria-describedby", move || {
            if wrong() {
                "comment-hint comment-error comment-count"
            } else {
                "comment-hint comment-count"
            }
        })
        .on(ev::input, move |event| {
            empty.set(false);
            kept.typed(event_target_value(&event));
        })
        .into_any()
}

fn below(
    words: &Words,
    limit: u64,
    kept: Kept,
    count: Memo<u64>,
    over: Memo<bool>,
    as_file: impl Fn(web_sys::MouseEvent) + Clone + 'static,
) -> AnyView {
    let (left, right) = (words.clone(), words.clone());
    let state = move || {
        if over.get() {
            let offer = button()
                .class("link-btn")
                .attr("type", "button")
                .on(ev::click, as_file.clone())
                .child(left.t("comment.as_file"));
            return Some(offer.into_any());
        }
        let time = clock::time_of_day(left.lang(), kept.at.get()?);
        let text = left.with("saved.at", &[("time", &time)]);
        let saved = span()
            .class("saved")
            .attr("data-state", "saved")
            .child((icon("check"), text));
        Some(saved.into_any())
    };
    div()
        .class("below")
        .child((
            state,
            span()
                .id("comment-count")
                .class(move || {
                    if over.get() {
                        "count count-over"
                    } else {
                        "count"
                    }
                })
                .child(move || {
                    let number = |n| clock::number(right.lang(), n);
                    let facts = [("n", number(count.get())), ("most", number(limit))];
                    let facts = facts.each_ref().map(|(key, fact)| (*key, fact.as_str()));
                    right.with("field.count", &facts)
                }),
        ))
        .into_any()
}

/// Files for the case: chosen or dropped, each on its way as soon as it is kept.
fn files(
    app: App,
    case: &Case,
    policy: Option<Arc<Policy>>,
    words: &Words,
    intake: RwSignal<Intake>,
) -> AnyView {
    if !app.deployment().profile.can("attachment", "create") {
        return files_not_taken(words);
    }
    let take = {
        let (case, policy) = (case.id.clone(), case.policy.clone());
        move |chosen| {
            let (case, policy) = (case.clone(), policy.clone());
            attach_to_case::attach(app, case, policy, intake, chosen, move |worked| {
                if worked {
                    tell(app, "comment.file_on_its_way");
                }
            });
        }
    };
    let limits = policy
        .as_deref()
        .map(|policy| file_drop::limits(words, &policy.files));
    let asking = {
        let case = case.id.clone();
        redaction::asking(words, intake, move |asked, how| {
            attach_to_case::answer(app, case.clone(), intake, asked, how, move |worked| {
                if worked {
                    tell(app, "comment.file_on_its_way");
                }
            });
        })
    };
    // What was taken is in the time line.
    let list = file_list::of_intake(words, policy, intake);
    div()
        .class("field")
        .child((
            span()
                .class("label")
                .id("case-files")
                .child(words.t("comment.files")),
            file_drop(
                FileDrop {
                    id: "case-file".into(),
                    label: "case-files".into(),
                    choose: words.t("files.choose"),
                    or_drop: words.t("files.or_drop"),
                    limits: limits.unwrap_or_default(),
                    accept: "",
                    folder: Some(words.t("files.folder")),
                },
                take,
            ),
            asking,
            list,
        ))
        .into_any()
}

/// Empty, as it is found.
pub fn examples(app: App) -> super::example::Examples {
    let cases = &app.records.get_untracked().cases;
    let view = cases
        .first()
        .map(|case| comment_box(app, case, std::rc::Rc::new(|| ())));
    vec![("Empty", view.into_any())]
}
