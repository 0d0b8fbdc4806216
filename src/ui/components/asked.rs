//! What was asked of the backend about contracts and has no answer yet, or one that says no: each
//! with its state, and a refusal in the policy's own words (MPT-06).

use crate::ui::dom::prelude::*;
use crate::ui::dom::{button, div, li, p, span, ul};
use leptos::ev;

use super::icon::icon;
use super::status::of_operation;
use crate::core::policy::Policy;
use crate::core::sync::{Event, LINK, Operation, Progress, What};
use crate::ui::state::{App, Words};

/// Everything that was asked by one of these actions; nothing while there is none.
pub fn asked(app: App, words: &Words, actions: &'static [&'static str]) -> AnyView {
    let words = words.clone();
    let open = Memo::new(move |_| {
        app.outbox.with(|outbox| {
            let about = |one: &&Operation| match &one.what {
                What::Act { action, .. } => actions.contains(&action.as_str()) && !one.is_done(),
                _ => false,
            };
            outbox.iter().filter(about).cloned().collect::<Vec<_>>()
        })
    });
    let rows = move || {
        let open = open.get();
        let rows: Vec<_> = open.iter().map(|one| row(app, &words, one)).collect();
        (!rows.is_empty()).then(|| ul().class("rows").child(rows))
    };
    div().attr("role", "status").child(rows).into_any()
}

fn row(app: App, words: &Words, operation: &Operation) -> AnyView {
    let What::Act { title, body, .. } = &operation.what else {
        return ().into_any();
    };
    let policy = body.get("policy").and_then(|id| id.as_str());
    let policy = policy.and_then(|id| app.policy(id));
    let refusal = match &operation.state {
        Progress::NeedsYou { code, detail } => {
            Some(refusal(words, policy.as_deref(), operation, code, detail))
        }
        _ => None,
    };
    let harmless = refusal.as_ref().is_some_and(|refusal| refusal.harmless);
    let state = match harmless {
        true => super::status::tag("m-info", "info", words.t("asked.harmless")),
        false => of_operation(app, words, operation),
    };
    let needs = refusal.is_some() && !harmless;
    li().class(if needs { "row row-needs" } else { "row" })
        .child((
            span().class("row-lead").child(icon("file-pen-line")),
            div().class("row-body").child((
                p().class("row-title").child(title.clone()),
                p().class("row-meta").child(state),
                refusal.map(|refusal| {
                    (
                        p().class("small").child(refusal.text),
                        p().class("small").child(refusal.remedy),
                    )
                }),
            )),
            div()
                .class("row-end")
                .child(dismiss(app, words, operation, harmless)),
        ))
        .into_any()
}

struct Refusal {
    text: String,
    remedy: String,
    harmless: bool,
}

fn refusal(
    words: &Words,
    policy: Option<&Policy>,
    operation: &Operation,
    code: &str,
    detail: &str,
) -> Refusal {
    let is_link = matches!(&operation.what, What::Act { action, .. } if action == LINK);
    let linking = policy.and_then(|policy| policy.linking.as_ref());
    let known = linking.filter(|_| is_link).and_then(|linking| {
        let found = linking.errors.iter().find(|(name, _)| name == code);
        found.map(|(_, error)| error)
    });
    if let Some(error) = known {
        return Refusal {
            text: error.reason.text.get(words.lang()).into(),
            remedy: error.reason.remedy.get(words.lang()).into(),
            harmless: error.harmless,
        };
    }
    let of_policy = policy.and_then(|policy| policy.reason(code));
    if let Some(reason) = of_policy {
        return Refusal {
            text: reason.text.get(words.lang()).into(),
            remedy: reason.remedy.get(words.lang()).into(),
            harmless: false,
        };
    }
    let key = format!("refused.{code}");
    match words.0.has(&key) {
        true => Refusal {
            text: words.t(&key),
            remedy: String::new(),
            harmless: false,
        },
        false => Refusal {
            text: words.t("refused.other"),
            remedy: detail.into(),
            harmless: false,
        },
    }
}

/// Puts it away; what is under way can't be.
fn dismiss(app: App, words: &Words, operation: &Operation, harmless: bool) -> Option<AnyView> {
    if matches!(operation.state, Progress::Sending | Progress::Done { .. }) {
        return None;
    }
    let id = operation.id.clone();
    let word = if harmless {
        "asked.seen"
    } else {
        "pending.discard"
    };
    let view = button()
        .class("btn btn-s btn-quiet")
        .attr("type", "button")
        .on(ev::click, move |_| {
            if let Some(runtime) = app.runtime() {
                runtime.wish(Event::Discard(id.clone()));
            }
        })
        .child(words.t(word));
    Some(view.into_any())
}

/// Waiting and refused, as far as the examples of the outbox hold such.
pub fn examples(app: App) -> super::example::Examples {
    let words = app.words_now();
    let act = |id: &str, state: Progress| {
        let what = What::Act {
            on: None,
            action: LINK.into(),
            title: "Link 6610099201".into(),
            body: serde_json::json!({}),
            before: serde_json::Value::Null,
        };
        let made = Operation::new(id.into(), "", 0, what);
        Operation { state, ..made }
    };
    let refused = Progress::NeedsYou {
        code: "unknown_ids".into(),
        detail: String::new(),
    };
    let rows = [act("a", Progress::Waiting), act("b", refused)];
    let rows: Vec<_> = rows.iter().map(|one| row(app, &words, one)).collect();
    vec![(
        "Waiting, refused",
        ul().class("rows").child(rows).into_any(),
    )]
}
