//! Notices: what happened, what is safe, what to do, in the page's flow.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{div, p};

use super::icon::icon;
use crate::core::error::Error;
use crate::ui::state::Words;

/// How serious a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Good to know.
    Info,
    /// Look at this.
    Warning,
    /// This stops something.
    Danger,
    /// This went well.
    Success,
}

impl Tone {
    /// The class of its colours.
    pub fn class(self) -> &'static str {
        match self {
            Tone::Info => "m-info",
            Tone::Warning => "m-warning",
            Tone::Danger => "m-danger",
            Tone::Success => "m-success",
        }
    }

    fn icon(self) -> &'static str {
        match self {
            Tone::Info => "info",
            Tone::Warning => "triangle-alert",
            Tone::Danger => "circle-alert",
            Tone::Success => "circle-check",
        }
    }
}

/// A notice with a title and whatever explains it.
pub fn notice(tone: Tone, title: String, body: impl IntoView + 'static) -> AnyView {
    let role = (tone == Tone::Danger).then_some("alert");
    div()
        .class(format!("notice {}", tone.class()))
        .attr("role", role)
        .child((
            icon(tone.icon()),
            p().class("notice-title").child(title),
            body.into_any(),
        ))
        .into_any()
}

/// An error in words: what happened, what is safe, what to do; its context beneath.
pub fn error_notice(words: &Words, error: &Error) -> AnyView {
    let key = |part: &str| format!("error.{}.{part}", error.kind().key());
    let body = (
        p().child(format!(
            "{} {}",
            words.t(&key("safe")),
            words.t(&key("next"))
        )),
        p().class("small muted").child(error.context().to_string()),
    );
    notice(Tone::Danger, words.t(&key("what")), body)
}

/// Every tone, and every kind of error.
pub fn examples(app: crate::ui::state::App) -> super::example::Examples {
    use crate::core::error::Kind::*;
    let words = app.words_now();
    let mut all = Vec::new();
    for (name, tone) in [
        ("Info", Tone::Info),
        ("Warning", Tone::Warning),
        ("Danger", Tone::Danger),
        ("Success", Tone::Success),
    ] {
        let body = p().child(super::example::LONG);
        all.push((name, notice(tone, name.into(), body)));
    }
    for kind in [
        Unreachable,
        Busy,
        SignedOut,
        Refused,
        Conflict,
        Unreadable,
        Configuration,
        Storage,
    ] {
        let error = Error::new(kind, "example");
        all.push((kind.key(), error_notice(&words, &error)));
    }
    all
}
