//! States as tags: an icon and a word, then colour.

use crate::ui::dom::prelude::*;
use crate::ui::dom::span;

use super::icon::icon;
use crate::browser::clock;
use crate::core::policy::{Policy, name_of};
use crate::core::standing::{self, Ground, SIGN_IN, Standing};
use crate::core::sync::Operation;
use crate::ui::custody::Keeping;
use crate::ui::state::{App, Identity, Words};

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

/// What standing depends on besides the thing itself; tracked.
pub fn ground(app: App) -> Ground {
    Ground {
        online: app.online.get(),
        signed_in: app
            .identity
            .with(|identity| matches!(identity, Identity::Here(_))),
    }
}

/// What is kept here and on its way nowhere: on the device, or in the tab alone where the browser or
/// the deployment keeps no more; tracked.
pub fn here(app: App, words: &Words) -> AnyView {
    let word = words.t(match app.custody.keeping.get() {
        Keeping::Device => "state.here",
        _ => "state.here_tab",
    });
    tag("m-info", "save", word)
}

/// Where something stands, as exactly one of the words the portal knows; tracked.
pub fn standing(app: App, words: &Words, standing: &Standing) -> AnyView {
    let (meaning, icon_name) = match standing {
        Standing::Here => return here(app, words),
        Standing::WaitsForNetwork => ("m-warning", "cloud-off"),
        Standing::Sending(_) => ("m-info", "send"),
        Standing::Paused => ("m-warning", "pause"),
        Standing::Sent => ("m-success", "check"),
        Standing::NeedsYou(_) => ("m-danger", "circle-alert"),
    };
    let word = match standing {
        Standing::Sending(Some((done, all))) => {
            let [done, all] = [done, all].map(|bytes| clock::bytes(words.lang(), *bytes));
            words.with("state.sending_far", &[("done", &done), ("all", &all)])
        }
        Standing::NeedsYou(why) if why == SIGN_IN => words.t("state.needs_sign_in"),
        other => words.t(&format!("state.{}", other.word())),
    };
    tag(meaning, icon_name, word)
}

/// Where an operation stands; tracked.
pub fn of_operation(app: App, words: &Words, operation: &Operation) -> AnyView {
    // How far a file is changes all the while, and stands beside it (`super::upload`).
    let found = standing::of_operation(operation, ground(app), None);
    standing(app, words, &found)
}

/// Where a case stands as long as not all of it is sent; nothing once it is.
pub fn unsent(app: App, words: &Words, case: &str) -> AnyView {
    let (words, case) = (words.clone(), case.to_string());
    let found = Memo::new(move |_| {
        let ground = ground(app);
        app.outbox
            .with(|outbox| standing::of_case(&case, outbox, ground))
    });
    (move || {
        let found = found.get();
        (found != Standing::Sent).then(|| standing(app, &words, &found))
    })
    .into_any()
}

/// The states of a case, one it does not know, and how far an operation is.
pub fn examples(app: App) -> super::example::Examples {
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
    let everywhere = [
        Standing::Here,
        Standing::WaitsForNetwork,
        Standing::Sending(None),
        Standing::Sending(Some((3 << 20, 5 << 20))),
        Standing::Paused,
        Standing::Sent,
        Standing::NeedsYou(String::new()),
        Standing::NeedsYou(SIGN_IN.into()),
    ];
    views.extend(everywhere.iter().map(|one| standing(app, &words, one)));
    vec![(
        "All",
        crate::ui::dom::div()
            .class("inline")
            .child(views)
            .into_any(),
    )]
}
