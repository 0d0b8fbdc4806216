//! The pages that a first visit does not show: in the bundle a part of the program of their own.
//!
//! The first part shows sign-in, home and the questions of a case; it is what one waits for. This
//! one follows as soon as the first page stands, and the service worker keeps both. Whoever is
//! quicker than it sees the shape of a page, and, should it not come, is told so and can try again;
//! nothing else depends on it, so nothing typed or sent is touched.
//!
//! Where the bundle is not split (a debug build, the tests) the pages are simply here.

use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::ui::dom::prelude::*;
use crate::ui::dom::{button, div, p};
use leptos::ev;
use leptos::task::spawn_local;

use super::{
    article, case, cases, drafts, entitlements, gallery, knowledge, new_case, pending, step,
};
use crate::core::route::Route;
use crate::ui::components::arriving::skeleton;
use crate::ui::components::icon::icon;
use crate::ui::components::notice::{Tone, notice};
use crate::ui::state::App;

/// Whether the part with these pages is here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Arrival {
    /// Nobody has asked for it.
    #[default]
    NotAsked,
    /// On its way.
    OnTheWay,
    /// It did not come.
    Failed,
    /// Its pages can be shown.
    Here,
}

/// What this part holds, one line a page.
fn made(app: App, route: &Route) -> AnyView {
    match route {
        Route::NewCase => new_case::page(app),
        Route::Step { draft, step } => step::page(app, draft, step.as_deref()),
        Route::Drafts => drafts::page(app),
        Route::Cases(_) => cases::page(app),
        Route::Case(id) => case::page(app, id),
        Route::Entitlements => entitlements::page(app),
        Route::Knowledge(_) => knowledge::page(app),
        Route::Article(id) => article::page(app, id),
        Route::Pending => pending::page(app),
        // The first part shows all others.
        _ if app.options.with_value(|options| options.gallery) => gallery::page(app),
        _ => ().into_any(),
    }
}

#[cfg(feature = "split")]
mod part {
    use wasm_split_helpers::{SplitLoaderError, wasm_split};

    use crate::core::route::Route;
    use crate::ui::dom::AnyView;
    use crate::ui::state::App;

    #[wasm_split(later, fallible, preload(fetch))]
    pub fn page(app: App, route: Route) -> Result<AnyView, SplitLoaderError> {
        Ok(super::made(app, &route))
    }
}

#[cfg(not(feature = "split"))]
mod part {
    use crate::core::route::Route;
    use crate::ui::dom::AnyView;
    use crate::ui::state::App;

    pub(super) async fn fetch() -> Result<(), ()> {
        Ok(())
    }

    pub(super) async fn page(app: App, route: Route) -> Result<AnyView, ()> {
        Ok(super::made(app, &route))
    }
}

/// Fetches the part when the page that has just been made is on the screen.
pub fn fetch_once_shown(app: App) {
    request_animation_frame(move || set_timeout(move || fetch(app), Duration::ZERO));
}

/// Fetches the part, unless it is here or on its way.
pub fn fetch(app: App) {
    if matches!(app.later.get_untracked(), Arrival::Here | Arrival::OnTheWay) {
        return;
    }
    app.later.set(Arrival::OnTheWay);
    spawn_local(async move {
        let arrival = match part::fetch().await {
            Ok(()) => Arrival::Here,
            Err(_) => Arrival::Failed,
        };
        // The portal may have been taken away in the meantime.
        app.later.try_set(arrival);
    });
}

/// A page of this part, or what is shown in its place until the part is here.
pub fn page(app: App, route: &Route) -> AnyView {
    let route = route.clone();
    fetch(app);
    let shown = move || match app.later.get() {
        Arrival::Here => untrack(|| at_once(part::page(app, route.clone())).unwrap_or_default()),
        Arrival::Failed => did_not_come(app),
        Arrival::NotAsked | Arrival::OnTheWay => div().class("page").child(skeleton()).into_any(),
    };
    shown.into_any()
}

/// What comes of work that has nothing left to wait for.
fn at_once<T, E>(work: impl Future<Output = Result<T, E>>) -> Option<T> {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result.ok(),
        Poll::Pending => None,
    }
}

fn did_not_come(app: App) -> AnyView {
    let words = app.words_now();
    let again = button()
        .class("btn")
        .attr("type", "button")
        .on(ev::click, move |_| fetch(app))
        .child((icon("refresh-cw"), words.t("later.again")));
    let body = (
        p().child(words.t("later.safe")),
        div().class("actions").child(again),
    );
    div()
        .class("page")
        .child(notice(Tone::Danger, words.t("later.failed"), body))
        .into_any()
}
