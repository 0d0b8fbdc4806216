//! The window in which a frame on somebody's page is signed in: who one is, and that this sign-in is
//! to hold in that frame too. `public/hand-over.js` does it, once, for the frame that opened it.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{button, div, p, span};
use leptos::ev;
use leptos::task::spawn_local;

use crate::ui::actions::sign_out::sign_out;
use crate::ui::components::icon::icon;
use crate::ui::components::notice::{Tone, notice};
use crate::ui::components::page_head::page_head;
use crate::ui::state::{App, Identity};

/// The page, for whoever is signed in.
pub fn page(app: App) -> AnyView {
    let words = app.words_now();
    let login = app.identity.with_untracked(|identity| {
        let session = identity.session();
        session
            .map(|session| session.login.clone())
            .unwrap_or_default()
    });
    let failed = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let go = move || {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        failed.set(false);
        let handed_over = app.ask("hand-over");
        spawn_local(async move {
            let done = handed_over.await;
            failed.try_set(!done);
            busy.try_set(false);
        });
    };
    // Whoever has just signed in here has said enough.
    if app.asked_to_sign_in.get_value() && matches!(app.identity.get_untracked(), Identity::Here(_))
    {
        request_animation_frame(go);
    }
    let trouble = {
        let words = words.clone();
        move || {
            let text = p().child(words.t("hand_over.failed_help"));
            failed
                .get()
                .then(|| notice(Tone::Danger, words.t("hand_over.failed"), text))
        }
    };
    let head = page_head(words.t("hand_over.title"), words.t("hand_over.lede"));
    let card = div().class("solo-card").child((
        head,
        trouble,
        button()
            .class("btn btn-primary btn-wide")
            .attr("type", "button")
            .attr("aria-disabled", move || busy.get().then_some("true"))
            .on(ev::click, move |_| go())
            .child((
                icon("log-in"),
                span().child(words.with("hand_over.continue", &[("login", &login)])),
            )),
        button()
            .class("btn btn-quiet btn-wide")
            .attr("type", "button")
            .on(ev::click, move |_| sign_out(app))
            .child(words.t("hand_over.somebody_else")),
    ));
    div().class("solo").child(card).into_any()
}
