//! A draft that was written in two tabs and the copy that was kept of it: where they differ, and one
//! draft made of both.

use std::collections::BTreeMap;

use crate::ui::dom::prelude::*;
use crate::ui::dom::{button, div, header, p, span};
use leptos::ev;
use serde_json::{Value, json};

use super::conflict::{Called, Choices, back_to, card, first_of_both};
use crate::core::conflict::{Came, Choice, Field};
use crate::core::draft::{Answer, Draft, Recovered, State};
use crate::core::route::Route;
use crate::ui::actions::keep_comment::Kept;
use crate::ui::actions::keep_copy;
use crate::ui::components::icon::icon;
use crate::ui::components::link::link;
use crate::ui::components::page_head::page_head;
use crate::ui::state::{App, Words};

const OF_DRAFT: Called = Called {
    mine: "conflict.copy",
    theirs: "conflict.original",
    take_mine: "conflict.take_copy",
    take_theirs: "conflict.take_original",
};

/// The copy of an id and the draft that it was made of, if that is still there; nothing if the id is
/// not that of a copy.
pub(super) fn of(app: App, id: &str) -> Memo<Option<(Draft, Option<Draft>)>> {
    let id = id.to_string();
    Memo::new(move |_| {
        app.drafts.with(|drafts| {
            let find = |id: &str| {
                drafts.iter().find_map(|one| match one {
                    Recovered::Draft(draft) if draft.id == id => Some(draft.clone()),
                    _ => None,
                })
            };
            let copy = find(&id)?;
            let original = find(copy.copy_of.as_deref()?);
            Some((copy, original))
        })
    })
}

/// A copy beside its draft.
pub(super) fn compared(app: App, words: &Words, copy: &Draft, original: Option<Draft>) -> AnyView {
    let go_on = |draft: &Draft, key: &str| {
        let route = Route::Step {
            draft: draft.id.clone(),
            step: None,
        };
        link(app, "btn", route, words.t(key))
    };
    let head = |lede: &str| {
        header().class("page-head").child((
            back_to(app, words, Route::Drafts, "nav.drafts"),
            page_head(words.t("conflict.draft_title"), words.t(lede)),
        ))
    };
    let both_open = |original: &Draft| original.state == State::Open && copy.state == State::Open;
    let Some(original) = original.filter(both_open) else {
        let view = (
            head("conflict.draft_alone"),
            div()
                .class("actions")
                .child(go_on(copy, "conflict.go_on_copy")),
        );
        return view.into_any();
    };
    let choices: Choices = RwSignal::new(BTreeMap::new());
    let policy = app.policy(&copy.policy);
    let fields = differing(copy, &original);
    let cards: Vec<AnyView> = fields
        .iter()
        .map(|field| {
            let name = format!("merge/{}/{}", copy.id, field.name);
            let kept = Kept::open_with(app, name, first_of_both(field));
            card(words, policy.as_deref(), field, choices, kept, &OF_DRAFT)
        })
        .collect();
    let all = fields.len();
    let open = move || all - choices.with(|choices| choices.len().min(all));
    let tried = RwSignal::new(false);
    let told = {
        let words = words.clone();
        move || {
            (open() > 0).then(|| {
                let class = if tried.get() { "error" } else { "small muted" };
                span()
                    .class(class)
                    .attr("role", "status")
                    .child(words.count("conflict.left_to_choose", open() as u64))
            })
        }
    };
    let join = {
        let (copy, original) = (copy.clone(), original.clone());
        move |_| match open() {
            0 => {
                let chosen = choices.get_untracked();
                keep_copy::join(app, &copy, &original, &chosen_answers(&fields, &chosen));
            }
            _ => tried.set(true),
        }
    };
    let view = (
        head("conflict.draft_lede"),
        cards,
        (!copy.files.is_empty() || !original.files.is_empty()).then(|| {
            p().class("small muted")
                .child(words.t("conflict.draft_files"))
        }),
        div().class("actions").child((
            button()
                .class("btn btn-primary")
                .attr("type", "button")
                .on(ev::click, join)
                .child((icon("check"), words.t("conflict.join"))),
            told,
            go_on(copy, "conflict.go_on_copy"),
            go_on(&original, "conflict.go_on_original"),
        )),
    );
    view.into_any()
}

/// The questions that the two answer differently, by the names that the page of choices knows.
fn differing(copy: &Draft, original: &Draft) -> Vec<Field> {
    let value = |draft: &Draft, key: &str| match draft.answers.get(key) {
        Some(Answer::One(text)) => json!(text),
        Some(Answer::Many(all)) => json!(all),
        None => json!(""),
    };
    let keys = copy.answers.keys().chain(original.answers.keys());
    let keys: std::collections::BTreeSet<&String> = keys.collect();
    let fields = keys.into_iter().map(|key| Field {
        name: match key.as_str() {
            "severity" => key.clone(),
            other => format!("fields.{other}"),
        },
        before: Value::Null,
        mine: value(copy, key),
        theirs: value(original, key),
        came: Came::Both,
    });
    fields.filter(|field| field.mine != field.theirs).collect()
}

/// What was chosen, as answers by their keys.
fn chosen_answers(fields: &[Field], choices: &BTreeMap<String, Choice>) -> Vec<(String, Answer)> {
    let answers = fields.iter().filter_map(|field| {
        let value = match choices.get(&field.name)? {
            Choice::Mine => field.mine.clone(),
            Choice::Text(text) => json!(text),
            Choice::Theirs => return None,
        };
        let key = field.name.strip_prefix("fields.").unwrap_or(&field.name);
        let answer = match value {
            Value::Array(all) => {
                let texts = all.iter().filter_map(|one| one.as_str().map(String::from));
                Answer::Many(texts.collect())
            }
            other => Answer::One(other.as_str().unwrap_or_default().into()),
        };
        Some((key.to_string(), answer))
    });
    answers.collect()
}
