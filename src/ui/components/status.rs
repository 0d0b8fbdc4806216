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
        Some(Progress::Paused) => tag("", "hourglass", words.t("state.paused")),
        Some(Progress::Waiting) if online => {
            tag("m-info", "hourglass", words.t("state.waiting_turn"))
        }
        Some(Progress::Waiting) => tag("m-warning", "cloud-off", words.t("state.waiting_network")),
    }
}

/// The states of a case, one it does not know, and how far an operation is.
pub fn examples(app: crate::ui::state::App) -> super::example::Examples {
    let (policy, words) = (super::example::policy(app), app.words_now());
    let mut views: Vec<AnyView> = Vec::new();
    for id in policy
        .statuses
        .iter()
        .map(|one| one.id.as_str())
        .chain(["unknown"])
    {
        views.push(case_status(Some(&policy), id, words.lang()));
    }
    for (index, one) in app.outbox.get_untracked().iter().enumerate() {
        // The first one that waits is offline, so that both ways to wait are here.
        views.push(progress(&words, Some(one), index != 2));
    }
    vec![(
        "All",
        crate::ui::dom::div()
            .class("inline")
            .child(views)
            .into_any(),
    )]
}
