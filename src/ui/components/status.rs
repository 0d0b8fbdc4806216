//! States as tags: an icon and a word, then colour.

use crate::ui::dom::prelude::*;
use crate::ui::dom::span;

use super::icon::icon;
use crate::core::policy::{Policy, name_of};
use crate::core::sync::{Operation, Progress};
use crate::ui::state::Words;

/// A tag of a meaning (`m-…` or nothing) with an icon and a word.
pub fn tag(meaning: &str, icon_name: &str, word: String) -> AnyView {
    span()
        .class(format!("tag {meaning}"))
        .child((icon(icon_name), word))
        .into_any()
}

/// The state of a case in the vendor's words.
pub fn case_status(policy: Option<&Policy>, status: &str, lang: &str) -> AnyView {
    let (meaning, icon_name) = match status {
        "waiting_assignment" => ("m-info", "hourglass"),
        "open" => ("m-accent", "circle-dot"),
        "waiting_customer" => ("m-warning", "reply"),
        "solution_provided" => ("m-success", "lightbulb"),
        _ => ("", "circle-check"),
    };
    let word = policy.map_or(status, |policy| name_of(&policy.statuses, status, lang));
    tag(meaning, icon_name, word.to_string())
}

/// How far an operation is, as exactly one of the words the portal knows.
pub fn progress(words: &Words, operation: Option<&Operation>, online: bool) -> AnyView {
    match operation.map(|one| &one.state) {
        None => tag("m-success", "check", words.t("state.sent")),
        Some(Progress::Done { .. }) => tag("m-success", "check", words.t("state.sent")),
        Some(Progress::NeedsYou { .. }) => {
            tag("m-danger", "circle-alert", words.t("state.needs_you"))
        }
        Some(Progress::Sending) => tag("m-info", "send", words.t("state.sending")),
        Some(Progress::Waiting) if online => {
            tag("m-info", "hourglass", words.t("state.waiting_turn"))
        }
        Some(Progress::Waiting) => tag("m-warning", "cloud-off", words.t("state.waiting_network")),
    }
}

/// The states of a case, one it does not know, and how far an operation is.
pub fn examples(app: crate::ui::state::App) -> super::example::Examples {
    let (policy, lang) = (super::example::policy(app), app.lang());
    let words = app.words_now();
    let line = |views: Vec<AnyView>| {
        crate::ui::dom::div()
            .class("inline")
            .child(views)
            .into_any()
    };
    let ids = policy.statuses.iter().map(|one| one.id.as_str());
    let cases = ids
        .chain(["unknown"])
        .map(|id| case_status(Some(&policy), id, &lang))
        .collect();
    let refused = Progress::NeedsYou {
        code: String::new(),
        detail: String::new(),
    };
    let operations = [
        (Progress::Waiting, true),
        (Progress::Waiting, false),
        (Progress::Sending, true),
        (refused, true),
    ]
    .map(|(state, online)| {
        let operation = super::example::operation(state);
        progress(&words, Some(&operation), online)
    });
    vec![
        ("Cases", line(cases)),
        ("Operations", line(operations.into())),
    ]
}
