//! What is shown before the backend's records are here, and how old they are without network.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{div, span};

use crate::browser::clock;
use crate::core::age::{Age, age};
use crate::ui::state::{App, Words};

/// The shape of a list that is on its way.
pub fn skeleton() -> AnyView {
    let row = || {
        div().class("row").child((
            span().class("row-lead").child(span().class("skel")),
            div()
                .class("row-body stack-s")
                .child((span().class("skel skel-m"), span().class("skel skel-s"))),
        ))
    };
    div()
        .class("rows")
        .attr("aria-busy", "true")
        .child((row(), row(), row()))
        .into_any()
}

/// "As of 14:02, 2 days ago", as long as nothing newer can come or where it is old.
pub fn as_of(app: App, words: &Words) -> impl IntoView + use<> {
    let words = words.clone();
    let stale_hours = app.deployment().portal.stale_hours;
    let said = Memo::new(move |_| {
        let as_of = app.records.with(|records| records.as_of);
        let reachable = app.online.get() && app.unanswered.get() == 0;
        age(as_of, clock::now(), reachable, stale_hours)
    });
    move || said.get().map(|said| age_line(&words, said))
}

fn age_line(words: &Words, said: Age) -> AnyView {
    let time = clock::date_time(words.lang(), said.as_of);
    let ago = clock::ago(words.lang(), said.as_of);
    let mut text = words.with("records.as_of", &[("time", &time), ("ago", &ago)]);
    if said.offline {
        text = format!("{text} · {}", words.t("frame.offline"));
    }
    if said.stale {
        text = format!("{text} · {}", words.t("records.stale"));
    }
    let class = if said.stale {
        "tag tag-long m-warning"
    } else {
        "small muted"
    };
    span()
        .class(class)
        .attr("data-age", "")
        .child(text)
        .into_any()
}

/// The shape of a list.
pub fn examples(app: App) -> super::example::Examples {
    let said = |days: i64| Age {
        as_of: clock::now() - days * 86_400_000,
        offline: true,
        stale: days > 0,
    };
    let words = app.words_now();
    vec![
        ("A list", skeleton()),
        ("Without network", age_line(&words, said(0))),
        ("Old", age_line(&words, said(2))),
    ]
}
