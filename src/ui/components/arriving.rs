//! What is shown before something is here, with a way out should it not come, and how old the
//! backend's records are without network.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{a, div, p, span};

use super::link::link;
use crate::browser::clock;
use crate::core::age::{Age, age};
use crate::core::route::Route;
use crate::ui::state::{App, Words};

/// The shape of a list that the backend has not sent yet.
pub fn skeleton(app: App) -> AnyView {
    let words = app.words_now();
    let way = link(app, "", Route::Device, words.t("nav.device"));
    shape(words.t("wait.service"), way)
}

/// The shape of a page that is not loaded yet. Nothing can be typed before it is, so that loading all
/// again loses nothing.
pub fn skeleton_of_page(app: App) -> AnyView {
    let words = app.words_now();
    let way = a().href("").child(words.t("wait.reload"));
    shape(words.t("wait.page"), way.into_any())
}

/// A list without words, and beneath it, once that takes long, what is waited for and the way out.
fn shape(waited_for: String, way: AnyView) -> AnyView {
    let row = || {
        div().class("row").child((
            span().class("row-lead").child(span().class("skel")),
            div()
                .class("row-body stack-s")
                .child((span().class("skel skel-m"), span().class("skel skel-s"))),
        ))
    };
    (
        div()
            .class("rows")
            .attr("aria-busy", "true")
            .child((row(), row(), row())),
        // It is there at once and shown by its style, so that nothing moves when it is.
        p().class("wait small muted")
            .attr("role", "status")
            .child((waited_for + " ", way)),
    )
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
        ("A list", skeleton(app)),
        ("A page", skeleton_of_page(app)),
        ("Without network", age_line(&words, said(0))),
        ("Old", age_line(&words, said(2))),
    ]
}
