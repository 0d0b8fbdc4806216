//! Whether the open draft is kept on this device, said only when it is true.

use crate::ui::dom::prelude::*;
use crate::ui::dom::span;

use super::icon::icon;
use crate::browser::clock;
use crate::ui::custody::Keeping;
use crate::ui::state::{App, Saved};

/// The line beside a form's buttons.
pub fn saved(app: App) -> AnyView {
    let words = app.words_now();
    span()
        .class("saved")
        .attr("role", "status")
        .attr("data-state", move || match app.saved.get() {
            Saved::Untouched => "",
            Saved::Saving => "saving",
            Saved::At(_) => "saved",
            Saved::Failed(_) => "failed",
        })
        .child(move || match app.saved.get() {
            Saved::Untouched => ().into_any(),
            Saved::Saving => (icon("save"), words.t("saved.saving")).into_any(),
            Saved::At(at) => {
                let time = clock::time_of_day(words.lang(), at);
                let key = match app.custody.keeping.get() {
                    Keeping::Device => "saved.at",
                    _ => "saved.in_tab",
                };
                (icon("check"), words.with(key, &[("time", &time)])).into_any()
            }
            Saved::Failed(error) => {
                let why = error.context().to_string();
                (
                    icon("circle-alert"),
                    words.with("saved.failed", &[("why", &why)]),
                )
                    .into_any()
            }
        })
        .into_any()
}

/// Every state; nothing is said while nothing was typed.
pub fn examples(app: App) -> super::example::Examples {
    use crate::core::error::{Error, Kind};
    let failed = Saved::Failed(Error::new(Kind::Storage, super::example::LONG));
    let mut all = Vec::new();
    for (name, state) in [
        ("Saving", Saved::Saving),
        ("Saved", Saved::At(clock::now())),
        ("Failed", failed),
    ] {
        let mut app = app;
        app.saved = RwSignal::new(state);
        all.push((name, saved(app)));
    }
    all
}
