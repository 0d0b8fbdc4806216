//! Copying what has to be used elsewhere: in a mail, on the phone.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{button, span};

use super::icon::icon;
use crate::ui::pages::sent::copy;
use crate::ui::state::{App, Words};

/// A button that copies a text; `what` names it for those who don't see where it stands.
pub fn copy_button(app: App, words: &Words, what: &str, text: String) -> AnyView {
    button()
        .class("copy")
        .attr("type", "button")
        .on(leptos::ev::click, move |_| copy(app, &text))
        .child((
            icon("copy"),
            words.t("copy"),
            span().class("vh").child(format!(" {what}")),
        ))
        .into_any()
}

/// Beside what it copies.
pub fn examples(app: App) -> super::example::Examples {
    let button = copy_button(app, &app.words_now(), "81000021", "81000021".into());
    vec![("Beside a number", button)]
}
