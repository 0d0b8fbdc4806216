//! What is shown before the backend's records are here, and how old they are without network.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{div, span};

use crate::browser::clock;
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

/// "As of 14:02", as long as there is no network to bring anything newer.
pub fn as_of(app: App, words: &Words) -> impl IntoView + use<> {
    let words = words.clone();
    let time = Memo::new(move |_| {
        let at = app.records.with(|records| records.as_of);
        (!app.online.get() && at > 0).then_some(at)
    });
    move || {
        time.get().map(|at| {
            let time = clock::date_time(words.lang(), at);
            span()
                .class("small muted")
                .child(words.with("records.as_of", &[("time", &time)]))
        })
    }
}

/// The shape of a list.
pub fn examples(_app: App) -> super::example::Examples {
    vec![("A list", skeleton())]
}
