//! Two changes of one thing, to choose between: of a case, where somebody else changed it while one's
//! own change waited, or of a draft that was written in two tabs.
//!
//! Field by field it shows what it was, what was made of it here and there, and how the two differ.
//! Nothing is chosen beforehand where both changed the same; a text made of both is kept as it is
//! typed. What will come of it stands beneath before it is done, and is done in one transaction.

use std::collections::BTreeMap;

use crate::ui::dom::prelude::*;
use crate::ui::dom::{
    button, div, fieldset, h2, h3, header, input, label, legend, li, nav, p, section, span,
    textarea, ul,
};
use leptos::ev;
use leptos::task::spawn_local;
use serde_json::Value;

use super::draft_copies;
use crate::core::case::{Case, Record};
use crate::core::conflict::{Came, Choice, Field, of_operation, settle};
use crate::core::diff::{Kind, pieces};
use crate::core::policy::{Policy, name_of};
use crate::core::route::Route;
use crate::core::standing::is_conflict;
use crate::core::sync::{CaseRef, Event, Operation, What};
use crate::ui::actions::keep_choice;
use crate::ui::actions::keep_comment::Kept;
use crate::ui::components::icon::icon;
use crate::ui::components::link::link;
use crate::ui::components::notice::{Tone, notice};
use crate::ui::components::page_head::page_head;
use crate::ui::dom::El;
use crate::ui::state::{App, Words};
use crate::ui::wiring::read_drafts;

/// The page of an operation, or of the copy of a draft.
pub fn page(app: App, id: &str) -> AnyView {
    let words = app.words_now();
    // What is chosen here must not be made anew with every piece of news; so only whether there is
    // something to choose, and against which version, is followed.
    let found = {
        let id = id.to_string();
        Memo::new(move |_| {
            let operation = app
                .outbox
                .with(|outbox| outbox.iter().find(|one| one.id == id).cloned());
            let operation = operation.filter(is_conflict)?;
            let now = now(app, &operation);
            Some((operation, now))
        })
    };
    let copies = draft_copies::of(app, id);
    // Another tab may have gone on with either of them.
    spawn_local(read_drafts(app));
    let shown = move || match found.get() {
        Some((operation, Some(now))) => of_case(app, &words, &operation, &now),
        Some((operation, None)) => not_here_yet(app, &words, &operation),
        None => match copies.get() {
            Some((copy, original)) => draft_copies::compared(app, &words, &copy, original),
            None => over(app, &words),
        },
    };
    div().class("page").child(shown).into_any()
}

/// The case as others have made it: as the answer had it, unless something newer has come since.
fn now(app: App, operation: &Operation) -> Option<Case> {
    let CaseRef::Known(id) = operation.what.case()? else {
        return None;
    };
    let pulled = app.records.with(|records| {
        let found = records.cases.iter().find(|one| one.id == *id);
        found.cloned()
    });
    let told = operation.theirs.as_ref().map(Case::from_json);
    let base = match &operation.what {
        What::EditCase { base, .. } => base.as_str(),
        _ => "",
    };
    match (pulled, told) {
        (Some(pulled), Some(told)) if told.updated_at > pulled.updated_at => Some(told),
        (Some(pulled), Some(_)) => Some(pulled),
        // Without the answer's record only a version that is not the old one is news.
        (Some(pulled), None) => Some(pulled).filter(|pulled| pulled.version != base),
        (None, told) => told,
    }
}

fn back(app: App, words: &Words) -> AnyView {
    back_to(app, words, Route::Pending, "nav.pending")
}

/// The way back to a list.
pub(super) fn back_to(app: App, words: &Words, route: Route, name: &str) -> AnyView {
    let content = (icon("arrow-left"), words.t(name));
    nav()
        .class("page-nav")
        .attr("aria-label", words.t("case.nav"))
        .child(link(app, "back", route, content))
        .into_any()
}

fn over(app: App, words: &Words) -> AnyView {
    (
        back(app, words),
        page_head(words.t("conflict.over"), words.t("conflict.over_next")),
    )
        .into_any()
}

/// The newer state of the case did not come with the refusal, and has not been pulled yet.
fn not_here_yet(app: App, words: &Words, operation: &Operation) -> AnyView {
    let refresh = move |_| {
        if let Some(runtime) = app.runtime() {
            runtime.wish(Event::Refresh);
        }
    };
    (
        back(app, words),
        page_head(words.t("conflict.title"), words.t("conflict.not_here")),
        div().class("actions").child(
            button()
                .class("btn")
                .attr("type", "button")
                .on(ev::click, refresh)
                .child((icon("refresh-cw"), words.t("pending.refresh"))),
        ),
        ul().class("rows")
            .child(crate::ui::components::operation::row(app, words, operation)),
    )
        .into_any()
}

pub(super) type Choices = RwSignal<BTreeMap<String, Choice>>;

/// What the two sides of a choice are called, by the keys of their words.
pub(super) struct Called {
    pub(super) mine: &'static str,
    pub(super) theirs: &'static str,
    pub(super) take_mine: &'static str,
    pub(super) take_theirs: &'static str,
}

const OF_CASE: Called = Called {
    mine: "conflict.mine",
    theirs: "conflict.theirs",
    take_mine: "conflict.take_mine",
    take_theirs: "conflict.take_theirs",
};

fn of_case(app: App, words: &Words, operation: &Operation, now: &Case) -> AnyView {
    let policy = app.policy(&now.policy);
    let policy = policy.as_deref();
    let fields = of_operation(operation, now);
    let is_edit = matches!(operation.what, What::EditCase { .. });
    let choices: Choices = RwSignal::new(BTreeMap::new());
    let asked = |field: &&Field| matches!(field.came, Came::Both | Came::Merged(_));
    let cards: Vec<AnyView> = fields
        .iter()
        .filter(asked)
        .map(|field| match is_edit {
            true => {
                let kept = Kept::open_with(
                    app,
                    format!("merge/{}/{}", operation.id, field.name),
                    first_of_both(field),
                );
                card(words, policy, field, choices, kept, &OF_CASE)
            }
            false => compared(words, policy, field, &OF_CASE),
        })
        .collect();
    let alone = |came: Came| {
        let found = fields.iter().filter(|field| field.came == came);
        let rows: Vec<_> = found
            .map(|field| changed(app, words, policy, field))
            .collect();
        rows
    };
    let number = format!("{} {}", now.number, now.subject);
    (
        header().class("page-head").child((
            back(app, words),
            page_head(words.t("conflict.title"), words.t("conflict.lede")),
            p().child(link(app, "", Route::Case(now.id.clone()), number)),
        )),
        (is_edit && cards.len() > 1).then(|| all_of(words, &fields, choices)),
        cards,
        list(words, "conflict.mine_alone", alone(Came::Mine)),
        list(words, "conflict.theirs_alone", alone(Came::Theirs)),
        match is_edit {
            true => outcome(app, words, operation, now, fields, choices),
            false => ask_again(app, words, operation, now),
        },
    )
        .into_any()
}

/// What a text of both begins with: the merge, where there is one, else both one after the other.
pub(super) fn first_of_both(field: &Field) -> String {
    let before = field.before.as_str().unwrap_or_default();
    match (&field.came, field.mine.as_str(), field.theirs.as_str()) {
        (Came::Merged(text), ..) => text.clone(),
        // What was only added here goes behind what it is now.
        (_, Some(mine), Some(theirs)) => match mine.strip_prefix(before) {
            Some(added) if !before.is_empty() => format!("{theirs}{added}"),
            _ => format!("{theirs}\n\n{mine}"),
        },
        _ => String::new(),
    }
}

/// One side for all fields at once.
fn all_of(words: &Words, fields: &[Field], choices: Choices) -> AnyView {
    let one = |key: &str, choice: Choice| {
        let names: Vec<String> = fields
            .iter()
            .filter(|field| matches!(field.came, Came::Both | Came::Merged(_)))
            .map(|field| field.name.clone())
            .collect();
        button()
            .class("btn btn-s")
            .attr("type", "button")
            .on(ev::click, move |_| {
                let all = names.iter().map(|name| (name.clone(), choice.clone()));
                choices.set(all.collect());
            })
            .child(words.t(key))
    };
    div()
        .class("actions")
        .child((
            one("conflict.all_mine", Choice::Mine),
            one("conflict.all_theirs", Choice::Theirs),
        ))
        .into_any()
}

/// The name of a field in the words of the interface or the policy.
pub(super) fn name(words: &Words, policy: Option<&Policy>, field: &str) -> String {
    let lang = words.lang();
    let own = field.strip_prefix("fields.");
    let question = own.and_then(|key| policy?.field(key));
    let key = format!("timeline.field.{field}");
    match (question, words.0.has(&key)) {
        (Some(question), _) => question.label.get(lang).into(),
        (None, true) => words.t(&key),
        (None, false) => own.unwrap_or(field).into(),
    }
}

/// A value as a person reads it.
fn readable(words: &Words, policy: Option<&Policy>, field: &str, value: &Value) -> String {
    let lang = words.lang();
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Array(all) => {
            let texts = all.iter().filter_map(Value::as_str);
            return texts.collect::<Vec<_>>().join("\n");
        }
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let named = policy.and_then(|policy| match field {
        "severity" => Some(policy.severity(&text)?.name.get(lang).to_string()),
        "status" => Some(name_of(&policy.statuses, &text, lang).to_string()),
        "progress" => {
            let step = policy.life.progress.iter().find(|step| step.id == text)?;
            Some(step.name.get(lang).to_string())
        }
        own => {
            let question = policy.field(own.strip_prefix("fields.")?)?;
            Some(name_of(&question.options, &text, lang).to_string())
        }
    });
    named.unwrap_or(text)
}

/// One side of a field, with what differs from what it was.
fn side(words: &Words, title: &str, before: &str, text: &str) -> El {
    let shown: Vec<AnyView> = match text.is_empty() {
        true => vec![
            span()
                .class("muted")
                .child(words.t("conflict.empty"))
                .into_any(),
        ],
        false => pieces(before, text)
            .into_iter()
            .map(|piece| marked(words, piece.is, piece.text))
            .collect(),
    };
    div().class("side").child((
        p().class("label").child(words.t(title)),
        p().class("plain").child(shown),
    ))
}

/// New and gone are told by more than their colour: the elements say so to whoever does not see it.
fn marked(words: &Words, is: Kind, text: String) -> AnyView {
    let (tag, said) = match is {
        Kind::Kept => return span().child(text).into_any(),
        Kind::New => (span().class("piece-new"), "conflict.new"),
        Kind::Gone => (span().class("piece-gone"), "conflict.gone"),
    };
    let vh = |text: String| span().class("vh").child(text);
    let begin = vh(format!(" [{}: ", words.t(said)));
    tag.child((begin, text, vh("] ".into()))).into_any()
}

/// The values beside each other. Where it is not known what was before, the two are held against one
/// another.
fn sides(words: &Words, policy: Option<&Policy>, field: &Field, called: &Called) -> El {
    let read = |value: &Value| readable(words, policy, &field.name, value);
    let (before, mine, theirs) = (read(&field.before), read(&field.mine), read(&field.theirs));
    let known = !field.before.is_null();
    let old = if known { &before } else { &theirs };
    div().class("sides").child((
        known.then(|| side(words, "conflict.before", &before, &before)),
        side(words, called.mine, old, &mine),
        side(words, called.theirs, old, &theirs),
    ))
}

/// A field without a choice of its own.
fn compared(words: &Words, policy: Option<&Policy>, field: &Field, called: &Called) -> AnyView {
    section()
        .class("card section")
        .child((
            h2().child(name(words, policy, &field.name)),
            sides(words, policy, field, called),
        ))
        .into_any()
}

/// A field that both changed: the three values and the choice.
pub(super) fn card(
    words: &Words,
    policy: Option<&Policy>,
    field: &Field,
    choices: Choices,
    kept: Kept,
    called: &Called,
) -> AnyView {
    let title = name(words, policy, &field.name);
    let can_both = field.mine.is_string() && field.theirs.is_string();
    let is_merged = matches!(field.came, Came::Merged(_));
    let key = field.name.clone();
    let choose = move |choice: Choice| {
        choices.update(|all| {
            all.insert(key.clone(), choice);
        });
    };
    let offer = |key: &'static str, is: fn(&Choice) -> bool, choice: Box<dyn Fn() -> Choice>| {
        let is_both = key == "conflict.take_both";
        let (name, choose) = (field.name.clone(), choose.clone());
        let chosen = move || {
            let chosen = choices.with(|all| all.get(&name).map(is));
            // A text that was merged by itself stands unless something else is chosen.
            chosen.unwrap_or(is_merged && is_both)
        };
        label().class("choice").child((
            input()
                .attr("type", "radio")
                .attr("name", format!("choice-{}", field.name))
                .prop("checked", chosen)
                .on(ev::change, move |_| choose(choice())),
            span()
                .class("choice-body")
                .child(span().class("choice-title").child(words.t(key))),
        ))
    };
    // What was kept of it arrives a moment after it may have been chosen, or stands as it was left
    // where nothing was chosen yet.
    let (key, follow) = (field.name.clone(), choose.clone());
    Effect::new(move |before: Option<String>| {
        let text = kept.text.get();
        let is_chosen = choices.with_untracked(|all| match all.get(&key) {
            Some(choice) => matches!(choice, Choice::Text(_)),
            None => is_merged,
        });
        if is_chosen && before.is_some_and(|before| before != text) {
            follow(Choice::Text(text.clone()));
        }
        text
    });
    let both = can_both.then(|| {
        let text = Box::new(move || Choice::Text(kept.text.get_untracked()));
        offer(
            "conflict.take_both",
            |one| matches!(one, Choice::Text(_)),
            text,
        )
    });
    let editor = can_both.then(|| {
        let (name, choose) = (field.name.clone(), choose.clone());
        let (id, label_text) = (
            format!("both-{name}"),
            words.with("conflict.both_of", &[("field", &title)]),
        );
        let is_text = move || {
            let chosen =
                choices.with(|all| all.get(&name).map(|one| matches!(one, Choice::Text(_))));
            chosen.unwrap_or(is_merged)
        };
        div()
            .class("field")
            .attr("hidden", move || (!is_text()).then_some(""))
            .child((
                label()
                    .class("label")
                    .attr("for", id.clone())
                    .child(label_text),
                textarea()
                    .class("textarea")
                    .id(id)
                    .prop("value", move || kept.text.get())
                    .on(ev::input, move |event| {
                        let text = event_target_value(&event);
                        kept.typed(text.clone());
                        choose(Choice::Text(text));
                    }),
            ))
    });
    section()
        .class("card section")
        .child(fieldset().class("field").child((
            legend().class("question").child(h2().child(title)),
            is_merged.then(|| p().class("hint").child(words.t("conflict.merged"))),
            sides(words, policy, field, called),
            div().class("choices choices-row").child((
                offer(
                    called.take_mine,
                    |one| *one == Choice::Mine,
                    Box::new(|| Choice::Mine),
                ),
                offer(
                    called.take_theirs,
                    |one| *one == Choice::Theirs,
                    Box::new(|| Choice::Theirs),
                ),
                both,
            )),
            editor,
        )))
        .into_any()
}

/// A field that only one side changed: what it was and what it is now.
fn changed(app: App, words: &Words, policy: Option<&Policy>, field: &Field) -> AnyView {
    let value = match field.came {
        Came::Theirs => &field.theirs,
        _ => &field.mine,
    };
    let read = |value: &Value| match field.name.as_str() {
        "contacts" => contact_names(app, value),
        name => readable(words, policy, name, value),
    };
    let (before, after) = (read(&field.before), read(value));
    let shown: Vec<AnyView> = pieces(&before, &after)
        .into_iter()
        .map(|piece| marked(words, piece.is, piece.text))
        .collect();
    li().child((
        h3().class("label").child(name(words, policy, &field.name)),
        p().class("plain").child(shown),
    ))
    .into_any()
}

fn contact_names(app: App, value: &Value) -> String {
    let ids = value.as_array().into_iter().flatten();
    let ids: Vec<&str> = ids.filter_map(Value::as_str).collect();
    app.records.with_untracked(|records| {
        let named = ids.iter().map(|id| {
            let found = records.contacts.iter().find(|one| one.id == *id);
            found.map_or(*id, |one| one.name.as_str())
        });
        named.collect::<Vec<_>>().join("\n")
    })
}

fn list(words: &Words, title: &str, rows: Vec<AnyView>) -> Option<AnyView> {
    (!rows.is_empty()).then(|| {
        section()
            .class("section")
            .child((
                h2().child(words.t(title)),
                ul().class("plain-list stack-s").child(rows),
            ))
            .into_any()
    })
}

/// What will be sent, and the button that sends it.
fn outcome(
    app: App,
    words: &Words,
    operation: &Operation,
    now: &Case,
    fields: Vec<Field>,
    choices: Choices,
) -> AnyView {
    let policy = app.policy(&now.policy);
    let tried = RwSignal::new(false);
    let place = NodeRef::<leptos::html::Div>::new();
    let result = {
        let fields = fields.clone();
        Memo::new(move |_| choices.with(|choices| settle(&fields, choices)))
    };
    let shown = {
        let (words, policy) = (words.clone(), policy.clone());
        move || match result.get() {
            Err(open) => {
                let names = open
                    .iter()
                    .map(|field| name(&words, policy.as_deref(), field));
                let names = names.collect::<Vec<_>>().join(&words.t("list.comma"));
                let text = words.with("conflict.open", &[("fields", &names)]);
                match tried.get() {
                    true => notice(Tone::Danger, text, ()),
                    false => p().class("muted").child(text).into_any(),
                }
            }
            Ok(patch) if is_empty(&patch) => p().child(words.t("conflict.nothing")).into_any(),
            Ok(patch) => {
                let rows: Vec<_> = sent_fields(&patch)
                    .into_iter()
                    .map(|(field, value)| {
                        let text = readable(&words, policy.as_deref(), &field, &value);
                        li().child((
                            h3().class("label")
                                .child(name(&words, policy.as_deref(), &field)),
                            p().class("plain").child(text),
                        ))
                    })
                    .collect();
                ul().class("plain-list stack-s").child(rows).into_any()
            }
        }
    };
    let send_words = words.clone();
    let send = move || {
        let key = match result.get() {
            Ok(patch) if is_empty(&patch) => "conflict.leave",
            _ if app.online.get() => "conflict.send",
            _ => "conflict.keep_until_online",
        };
        send_words.t(key)
    };
    let (operation, now) = (operation.clone(), now.clone());
    let go = move |_| match result.get_untracked() {
        Err(_) => {
            tried.set(true);
            if let Some(place) = place.get_untracked() {
                // It has a tabindex, so it can take the focus.
                let _ = place.focus();
            }
        }
        Ok(patch) if is_empty(&patch) => keep_choice::leave(app, &operation, &now.id),
        Ok(patch) => keep_choice::send(app, &operation, patch, &now),
    };
    section()
        .class("section")
        .attr("aria-labelledby", "conflict-outcome")
        .child((
            h2().id("conflict-outcome")
                .child(words.t("conflict.outcome")),
            div()
                .class("card")
                .attr("role", "status")
                .attr("tabindex", "-1")
                .node_ref(place)
                .child(shown),
            div().class("actions").child((
                button()
                    .class("btn btn-primary")
                    .attr("type", "button")
                    .on(ev::click, go)
                    .child((icon("send"), send)),
                link(app, "btn", Route::Pending, words.t("conflict.later")),
            )),
        ))
        .into_any()
}

fn is_empty(patch: &Value) -> bool {
    patch.as_object().is_none_or(serde_json::Map::is_empty)
}

fn sent_fields(patch: &Value) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for (name, value) in patch.as_object().into_iter().flatten() {
        match value.as_object() {
            Some(own) => {
                let own = own.iter();
                all.extend(own.map(|(key, value)| (format!("{name}.{key}"), value.clone())));
            }
            None => all.push((name.clone(), value.clone())),
        }
    }
    all
}

/// A step in the life of a case is asked for as it was, or not at all.
fn ask_again(app: App, words: &Words, operation: &Operation, now: &Case) -> AnyView {
    let (again, gone) = (
        (operation.clone(), now.clone()),
        (operation.clone(), now.id.clone()),
    );
    div()
        .class("actions")
        .child((
            button()
                .class("btn btn-primary")
                .attr("type", "button")
                .on(ev::click, move |_| {
                    keep_choice::send(app, &again.0, Value::Null, &again.1);
                })
                .child((icon("send"), words.t("conflict.ask_again"))),
            button()
                .class("btn")
                .attr("type", "button")
                .on(ev::click, move |_| {
                    keep_choice::leave(app, &gone.0, &gone.1)
                })
                .child(words.t("conflict.leave")),
            link(
                app,
                "btn btn-quiet",
                Route::Pending,
                words.t("conflict.later"),
            ),
        ))
        .into_any()
}
