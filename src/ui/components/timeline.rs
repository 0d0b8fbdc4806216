//! Everything that happened on a case in one line: changes of its state, what was said, files, and
//! at the end what is still on this device, marked as such.

use std::sync::Arc;

use crate::core::order::sort_by_key;
use crate::ui::dom::prelude::*;
use crate::ui::dom::{a, article, b, bdi, br, button, div, header, li, ol, p, span, time, ul};
use chrono::{DateTime, Utc};
use leptos::ev;

use super::clock_panel;
use super::icon::icon;
use super::link::link;
use super::operation::{behind, title};
use super::status::{here, of_operation};
use super::upload::upload;
use crate::browser::clock;
use crate::core::case::{Attachment, Case, Comment, Happening};
use crate::core::files::{safe_name, shown_name};
use crate::core::policy::{Policy, name_of};
use crate::core::route::Route;
use crate::core::standing::{held, is_conflict, on_case};
use crate::core::sync::{Operation, Progress, What};
use crate::ui::actions::fetch_file;
use crate::ui::clocks;
use crate::ui::state::{App, Words};

/// What is shown of a case.
#[derive(Clone, Default, PartialEq)]
struct Story {
    case: Case,
    comments: Vec<Comment>,
    files: Vec<Attachment>,
    unsent: Vec<Operation>,
}

/// The operations on a case that are not acknowledged yet, oldest first.
pub fn unsent(outbox: &[Operation], case: &str) -> Vec<Operation> {
    on_case(case, outbox).cloned().collect()
}

/// The time line of a case.
pub fn timeline(app: App, id: &str) -> AnyView {
    let words = app.words_now();
    let shown = clocks::of_one(app, id);
    let lines = {
        let words = words.clone();
        Memo::new(move |_| shown.with(|shown| clock_panel::lines(&words, shown)))
    };
    let id = id.to_string();
    let story = Memo::new(move |_| {
        let records = app.records.get();
        let case = records.cases.iter().find(|one| one.id == id);
        let comments = records.comments.iter().filter(|one| one.case_id == id);
        let files = records.attachments.iter().filter(|one| one.case_id == id);
        Arc::new(Story {
            case: case.cloned().unwrap_or_default(),
            comments: comments.cloned().collect(),
            files: files.cloned().collect(),
            unsent: app.outbox.with(|outbox| unsent(outbox, &id)),
        })
    });
    let most = RwSignal::new(0);
    let earlier = RwSignal::new(0);
    let list = NodeRef::<leptos::html::Ol>::new();
    let more = {
        let words = words.clone();
        move || show_earlier(&words, earlier.get(), most, list)
    };
    let list = ol()
        .class("timeline")
        .node_ref(list)
        .attr("tabindex", "-1")
        .child(move || {
            lines.with(|lines| {
                let events = events(app, &words, &story.get(), lines, most.get());
                earlier.set(events.earlier);
                events.shown
            })
        });
    (more, list).into_any()
}

/// How many more events are shown each time one asks for earlier ones, and how many of a case are
/// shown at once without asking.
const EVENTS: usize = 40;
/// How many are shown at first of a case that has more than those.
const LATEST: usize = 12;

/// The way to what happened before the events that are shown.
fn show_earlier(
    words: &Words,
    earlier: usize,
    most: RwSignal<usize>,
    list: NodeRef<leptos::html::Ol>,
) -> Option<AnyView> {
    let next = earlier.min(EVENTS);
    let go_on = move |_| {
        most.update(|most| *most += EVENTS);
        if let Some(list) = list.get_untracked() {
            // It has a tabindex; the button may be gone now.
            let _ = list.focus();
        }
    };
    (next > 0).then(|| {
        let button = button()
            .class("btn")
            .attr("type", "button")
            .on(ev::click, go_on)
            .child(words.count("timeline.earlier", next as u64));
        div().class("more").child(button).into_any()
    })
}

/// The latest events of a case, and how many there were before them.
struct Events {
    shown: Vec<AnyView>,
    earlier: usize,
}

/// An event that is made only if it is shown: a case may have ten thousand.
type Dated<'a> = (Option<DateTime<Utc>>, Box<dyn FnOnce() -> AnyView + 'a>);

fn events(
    app: App,
    words: &Words,
    story: &Story,
    lines: &[clock_panel::Line],
    most: usize,
) -> Events {
    let policy = app.policy(&story.case.policy);
    let policy = policy.as_deref();
    let mut events: Vec<Dated> = Vec::new();
    for one in &story.case.history {
        events.push((one.at, Box::new(move || happening(words, policy, one))));
    }
    for one in &story.comments {
        events.push((one.created_at, Box::new(move || comment(words, one))));
    }
    events.extend(files(app, words, &story.files));
    for one in lines {
        let (at, view) = clock_panel::event(words, one);
        events.push((at, Box::new(move || view)));
    }
    sort_by_key(&mut events, |(at, _)| *at);
    let at_first = match events.len() {
        few if few <= EVENTS => few,
        _ => LATEST,
    };
    let earlier = events.len().saturating_sub(at_first + most);
    let unsent = story
        .unsent
        .iter()
        .map(|one| waiting(app, words, &story.case, one));
    let shown = events.into_iter().skip(earlier).map(|(_, view)| view());
    Events {
        shown: shown.chain(unsent).collect(),
        earlier,
    }
}

fn moment(words: &Words, at: Option<DateTime<Utc>>) -> AnyView {
    time()
        .class("nowrap")
        .attr("datetime", at.map(|at| at.to_rfc3339()))
        .child(clock::record_time(words.lang(), at))
        .into_any()
}

/// The icon and the sentence of each kind of change, those of a status standing for any other.
const KINDS: [(&str, &str, &str); 12] = [
    ("created", "square-pen", "timeline.created"),
    ("assigned", "user", "timeline.assigned"),
    ("reassigned", "users", "timeline.reassigned"),
    ("edited", "pencil", "timeline.edited"),
    ("severity", "triangle-alert", "timeline.severity"),
    ("escalated", "users", "timeline.escalated"),
    ("rma", "archive-restore", "timeline.rma"),
    ("requested", "circle-alert", "timeline.requested"),
    ("progress", "circle-dot", "timeline.progress"),
    ("closed", "circle-check", "timeline.closed"),
    ("reopened", "undo-2", "timeline.reopened"),
    ("status", "circle-dot", "timeline.status"),
];

/// A change of the case's state: one line, and under it what was said about it.
fn happening(words: &Words, policy: Option<&Policy>, one: &Happening) -> AnyView {
    let known = KINDS.iter().find(|(kind, _, _)| *kind == one.kind);
    let (_, mark, key) = known.unwrap_or(&KINDS[KINDS.len() - 1]);
    let (detail, note) = detail(words, policy, one);
    let by = match one.by.as_str() {
        "system" | "" => String::new(),
        by => words.with("timeline.by", &[("name", by)]),
    };
    let reassigned = policy.and_then(|policy| policy.life.reassigned.as_ref());
    let reassigned = reassigned.filter(|_| one.kind == "reassigned");
    let note = match reassigned {
        Some(text) => text.get(words.lang()).into(),
        None => note,
    };
    li().class("event")
        .child((
            span().class("event-mark").child(icon(mark)),
            div().child((
                p().class("event-line").child((
                    b().child(words.with(key, &[("detail", &detail)])),
                    format!(" {by} "),
                    moment(words, one.at),
                )),
                (!note.is_empty()).then(|| p().class("small muted plain").child(note)),
            )),
        ))
        .into_any()
}

/// What a change became, in the words of the policy, and what was said about it.
fn detail(words: &Words, policy: Option<&Policy>, one: &Happening) -> (String, String) {
    let lang = words.lang();
    let plain = |text: String| (text, String::new());
    match (one.kind.as_str(), policy) {
        ("status", Some(policy)) => plain(name_of(&policy.statuses, &one.detail, lang).into()),
        ("edited", _) => {
            let fields = one.detail.split(", ");
            let fields =
                fields.map(|field| known_or(words, &format!("timeline.field.{field}"), field));
            plain(fields.collect::<Vec<_>>().join(&words.t("list.comma")))
        }
        ("severity", _) => {
            let (change, reason) = one.detail.split_once('\n').unwrap_or((&one.detail, ""));
            let name = |id: &str| {
                let found = policy.and_then(|policy| policy.severity(id));
                found.map_or_else(|| id.to_string(), |one| one.name.get(lang).into())
            };
            let change = match change.split_once('>') {
                Some((from, to)) => format!("{} → {}", name(from), name(to)),
                None => name(change),
            };
            (change, reason.into())
        }
        ("escalated", policy) => {
            let escalate = policy.and_then(|policy| policy.life.escalate.as_ref());
            let channels = escalate.map(|escalate| escalate.channels.iter());
            let mut channels = channels.into_iter().flatten();
            let found = channels.find(|channel| channel.id == one.detail);
            plain(found.map_or(one.detail.clone(), |channel| channel.name.get(lang).into()))
        }
        ("progress", policy) => {
            let steps = policy.map(|policy| policy.life.progress.iter());
            let found = steps
                .into_iter()
                .flatten()
                .find(|step| step.id == one.detail);
            plain(found.map_or(one.detail.clone(), |step| step.name.get(lang).into()))
        }
        ("rma", _) => {
            let key = format!("timeline.part.{}", one.detail);
            plain(known_or(words, &key, &one.detail))
        }
        ("requested" | "closed" | "reopened", _) => (String::new(), one.detail.clone()),
        _ => plain(one.detail.clone()),
    }
}

/// The portal's word for a code, the code where it has none.
fn known_or(words: &Words, key: &str, code: &str) -> String {
    match words.0.has(key) {
        true => words.t(key),
        false => code.into(),
    }
}

/// What was said or added: a card with a head and a body.
fn card(
    side: &str,
    mark: &str,
    class: &'static str,
    head: AnyView,
    at: AnyView,
    body: AnyView,
) -> AnyView {
    li().class(class)
        .attr("data-side", side.to_string())
        .child((
            span().class("event-mark").child(icon(mark)),
            article().class("event-card").child((
                header().class("event-head").child((head, at)),
                div().class("event-body").child(body),
            )),
        ))
        .into_any()
}

fn comment(words: &Words, one: &Comment) -> AnyView {
    let (mark, side) = match one.side.as_str() {
        "vendor" => ("message-square", "timeline.side.vendor"),
        "system" => ("info", "timeline.side.system"),
        _ => ("user", "timeline.side.partner"),
    };
    let head = (b().child(one.author.clone()), span().child(words.t(side)));
    card(
        &one.side,
        mark,
        "event",
        head.into_any(),
        moment(words, one.created_at),
        said(words, &one.body),
    )
}

/// How much of a text is shown at first, and how much more each time one asks, in bytes: a log of
/// five megabytes, laid out at once, would keep everything waiting.
const TEXT: usize = 20_000;

/// A text of any length.
fn said(words: &Words, text: &str) -> AnyView {
    if text.len() <= TEXT {
        return p().class("plain").child(text.to_string()).into_any();
    }
    let whole: Arc<str> = text.into();
    let until = RwSignal::new(beginning(text, TEXT));
    let shown = {
        let whole = whole.clone();
        move || whole[..until.get()].to_string()
    };
    let (words, length) = (words.clone(), whole.len());
    let left = Memo::new(move |_| length - until.get());
    let more = move || {
        let whole = whole.clone();
        let rest = clock::bytes(words.lang(), left.get() as u64);
        (left.get() > 0).then(|| {
            button()
                .class("btn btn-quiet btn-s")
                .attr("type", "button")
                .on(ev::click, move |_| {
                    until.update(|until| *until = beginning(&whole, *until + TEXT));
                })
                .child(words.with("timeline.more_text", &[("rest", &rest)]))
        })
    };
    (p().class("plain").child(shown), more).into_any()
}

/// Where a text may be cut that is to have at most so many bytes.
fn beginning(text: &str, most: usize) -> usize {
    text.floor_char_boundary(most)
}

/// Files that came together stand together.
fn files<'a>(app: App, words: &'a Words, all: &'a [Attachment]) -> Vec<Dated<'a>> {
    let mut sorted: Vec<&Attachment> = all.iter().collect();
    sort_by_key(&mut sorted, |one| one.created_at);
    let minute = |one: &&Attachment| one.created_at.map(|at| at.timestamp() / 60);
    let mut groups: Vec<Dated> = Vec::new();
    for group in sorted.chunk_by(|one, next| minute(one) == minute(next)) {
        let at = group[0].created_at;
        let group = group.to_vec();
        groups.push((at, Box::new(move || files_card(app, words, at, &group))));
    }
    groups
}

fn files_card(
    app: App,
    words: &Words,
    at: Option<DateTime<Utc>>,
    group: &[&Attachment],
) -> AnyView {
    let entries: Vec<_> = group.iter().map(|one| file(app, words, one)).collect();
    let head = b().child(words.count("timeline.files", group.len() as u64));
    let body = ul().class("files").child(entries);
    card(
        "partner",
        "paperclip",
        "event",
        head.into_any(),
        moment(words, at),
        body.into_any(),
    )
}

fn file(app: App, words: &Words, one: &Attachment) -> AnyView {
    let said = || {
        (
            icon("download"),
            words.t("timeline.download"),
            span()
                .class("vh")
                .child(format!(" {}", shown_name(&one.name))),
        )
    };
    let away = app.away(&one.id, &one.case_id);
    let address = away
        .as_ref()
        .and_then(|away| away.address(app.deployment().cookie));
    let way = match (address, away) {
        (Some(address), _) => a()
            .class("btn btn-quiet btn-s")
            .href(address)
            .attr("download", safe_name(&one.name))
            .child(said())
            .into_any(),
        (None, Some(away)) => {
            let name = safe_name(&one.name);
            let busy = RwSignal::new(false);
            button()
                .class("btn btn-quiet btn-s")
                .attr("type", "button")
                .attr("aria-disabled", move || busy.get().then_some("true"))
                .on(ev::click, move |_| {
                    if !busy.get_untracked() {
                        fetch_file::fetch(app, away.clone(), name.clone(), busy);
                    }
                })
                .child(said())
                .into_any()
        }
        (None, None) => ().into_any(),
    };
    li().class("file")
        .child((
            icon("file-text"),
            span().child((
                bdi().class("file-name").child(shown_name(&one.name)),
                br(),
                span()
                    .class("file-meta")
                    .child(clock::bytes(words.lang(), one.size)),
            )),
            way,
        ))
        .into_any()
}

/// What is still on this device, with its state in the portal's words.
fn waiting(app: App, words: &Words, case: &Case, operation: &Operation) -> AnyView {
    let (mark, text) = match &operation.what {
        What::AddComment { text, .. } => ("user", text.clone()),
        What::Attach { file, .. } => {
            let size = clock::bytes(words.lang(), file.size);
            ("paperclip", format!("{} ({size})", shown_name(&file.name)))
        }
        What::EditCase { patch, .. } => {
            // What was added to the description says more than that it was changed.
            let added = patch
                .get("description")
                .and_then(|text| text.as_str()?.strip_prefix(case.description.trim()))
                .map(|text| text.trim().to_string());
            ("pencil", added.unwrap_or_else(|| title(words, operation)))
        }
        What::CreateCase { .. } | What::Act { .. } => ("pencil", title(words, operation)),
    };
    let needs = matches!(operation.state, Progress::NeedsYou { .. });
    let route = match is_conflict(operation) {
        true => Route::Conflict(operation.id.clone()),
        false => Route::Pending,
    };
    let decide = needs.then(|| link(app, "", route, words.t("timeline.decide")));
    let far = upload(app, words, operation);
    let first = app
        .outbox
        .with_untracked(|outbox| held(outbox).get(operation.id.as_str()).copied().cloned());
    let state = match &first {
        Some(_) => here(app, words),
        None => of_operation(app, words, operation),
    };
    let behind = first.map(|first| behind(words, &first));
    let body = (p().class("plain").child(text), behind, far, decide);
    let at = DateTime::from_timestamp_millis(operation.created_at);
    card(
        "partner",
        mark,
        "event event-unsent",
        state,
        moment(words, at),
        body.into_any(),
    )
}

/// Everything that can have happened, and a comment that is not sent yet.
pub fn examples(app: App) -> super::example::Examples {
    vec![("Every kind of event", timeline(app, super::example::ID))]
}
