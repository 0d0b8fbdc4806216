//! Everything that the first page does without: in the bundle a part of the program of its own.
//!
//! The first part holds sign-in, home and the frame; it is what one waits for. This one follows as
//! soon as the first page stands, with the policies and the [`engine`], and the service worker keeps
//! both. Whoever is quicker than it sees the shape of a page, and, should it not come, is told so
//! and can try again; nothing can be typed before it is here, so nothing typed can be lost.
//!
//! What only [`made`] and [`done`] lead to is in the later part, wherever it is written; all else is
//! in the first. A new page is a line in [`made`]. Where the bundle is not split (a debug build, the
//! tests) both are one.

use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::ui::dom::prelude::*;
use crate::ui::dom::{button, div, p};
use leptos::ev;
use leptos::task::spawn_local;

use super::sign_in::by_other_ways;
use super::{
    apart, article, backend, case, case_act, case_file, cases, conflict, customers, device, drafts,
    entitlements, gallery, gate, hand_over, home_due, home_rules, knowledge, leaving,
    link_contract, new_case, not_found, pending, policy, step,
};
use crate::core::error::Kind;
use crate::core::route::Route;
use crate::ui::actions::{
    discard_draft, keep_again, new_draft, save_all, save_draft, sign_in, sign_out,
};
use crate::ui::components::arriving::skeleton_of_page;
use crate::ui::components::clock_panel;
use crate::ui::components::customer_search;
use crate::ui::components::icon::icon;
use crate::ui::components::notice::{Tone, notice};
use crate::ui::components::status;
use crate::ui::components::trouble;
use crate::ui::engine;
use crate::ui::state::{App, Failure};
use crate::ui::wiring::while_there;

/// Whether the part, and the policies its pages are made of, are here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Arrival {
    /// Nobody has asked for it.
    #[default]
    NotAsked,
    /// On its way.
    OnTheWay,
    /// It did not come.
    Failed,
    /// What it holds can be shown and done.
    Here,
}

/// What the part can show.
#[derive(Clone)]
pub enum View {
    /// The page of a route.
    Page(Route),
    /// What the policies say on home.
    HomeSaid,
    /// Home's way to the call sheet.
    HomeCall,
    /// What is due soon, on home.
    HomeDue,
    /// What is due next of a case, and where it stands as long as not all of it is sent.
    Due(String),
    /// The search for the customer one acts for.
    CustomerSearch,
    /// The gallery of the components.
    Gallery,
    /// That a sign-in is to hold in a frame, too.
    HandOver,
    /// What stands before an account that is locked.
    Gate,
    /// What is to become of unsent work at a sign-out.
    Leaving,
    /// In a frame: to whom what is kept belongs.
    Apart,
    /// The sign-in, where it is not the usual form; over another page, if so.
    SignIn(bool),
}

/// What the part can do.
#[derive(Clone)]
pub enum Act {
    /// Reads the policies.
    LoadPolicies,
    /// Runs the engine as long as the current owner lives.
    Run,
    /// Keeps what is not kept yet of the draft being written.
    Save,
    /// Puts a draft away.
    Discard(String),
    /// Takes a draft back.
    Restore(String),
    /// Signs in at a provider, in a window that is open.
    SignInAt(web_sys::Window, sign_in::Course),
    /// Signs in with login and password, by the backend's profile.
    SignInBy(String, String, sign_in::Course),
    /// Finishes a sign-in that a window of this portal has handed over.
    GoOn(String),
    /// Fills in what the page around the portal knows.
    FillIn,
    /// Saves all that the account has here into a file.
    SaveAll,
    /// Begins anew what is kept here and can't be read.
    BeginAnew,
    /// Signs out, or asks first.
    SignOut,
}

type Doing = Pin<Box<dyn Future<Output = Result<(), Failure>>>>;

fn made(app: App, view: &View) -> AnyView {
    let route = match view {
        View::Page(route) => route,
        View::HomeSaid => return home_rules::said(app),
        View::HomeCall => return home_rules::call(app),
        View::HomeDue => {
            let words = app.words_now();
            let trouble = trouble::line(app, &words);
            return (trouble, drafts::ending(app), home_due::view(app)).into_any();
        }
        View::Due(id) => {
            let words = app.words_now();
            let unsent = status::unsent(app, &words, id);
            return (clock_panel::next_badge(app, &words, id), unsent).into_any();
        }
        View::CustomerSearch => return customer_search::dialog(app),
        View::Apart => return apart::line(app),
        View::Gallery => return gallery::page(app),
        View::HandOver => return hand_over::page(app),
        View::Gate => return gate::page(app),
        View::Leaving => return leaving::dialog(app),
        View::SignIn(over) => return by_other_ways(app, *over),
    };
    match route {
        Route::NewCase => new_case::page(app),
        Route::Step { draft, step } => step::page(app, draft, step.as_deref()),
        Route::Drafts => drafts::page(app),
        Route::Cases(_) => cases::page(app),
        Route::Case(id) => case::page(app, id),
        Route::CaseAct { case, act } => case_act::page(app, case, *act),
        Route::Customers(_) => customers::list(app),
        Route::Customer(id) => customers::one(app, id),
        Route::Entitlements => entitlements::page(app),
        Route::LinkContract => link_contract::page(app),
        Route::Knowledge(_) => knowledge::page(app),
        Route::Article(id) => article::page(app, id),
        Route::Pending => pending::page(app),
        Route::Conflict(id) => conflict::page(app, id),
        Route::CaseFile => case_file::page(app),
        Route::Device => device::page(app),
        Route::Policy => policy::page(app),
        Route::Backend => backend::page(app),
        // An address that nothing is shown for leads nowhere.
        _ => not_found::page(app),
    }
}

fn done(app: App, act: Act) -> Doing {
    match act {
        Act::LoadPolicies => return Box::pin(engine::load_policies(app)),
        Act::Save => {
            return Box::pin(async move {
                save_draft::save(app).await;
                Ok(())
            });
        }
        Act::SignInAt(window, course) => {
            return Box::pin(async move {
                sign_in::in_window(app, window, course).await;
                Ok(())
            });
        }
        Act::SignInBy(login, password, course) => {
            return Box::pin(async move {
                sign_in::by_typing(app, login, password, course).await;
                Ok(())
            });
        }
        Act::GoOn(handed_over) => {
            return Box::pin(async move {
                sign_in::go_on(app, &handed_over).await;
                Ok(())
            });
        }
        Act::Run => engine::run(app),
        Act::Discard(id) => discard_draft::discard(app, id),
        Act::FillIn => new_draft::fill_in(app),
        Act::SaveAll => save_all::save(app),
        Act::BeginAnew => spawn_local(keep_again::begin_anew(app)),
        Act::SignOut => spawn_local(sign_out::ask_first(app)),
        Act::Restore(id) => discard_draft::restore(app, id),
    }
    Box::pin(std::future::ready(Ok(())))
}

#[cfg(feature = "split")]
mod part {
    use super::{Act, Doing, View};
    use crate::ui::dom::AnyView;
    use crate::ui::state::App;
    use wasm_split_helpers::{SplitLoaderError, wasm_split};

    // Each function knows by itself whether the part is here: a view is wanted at once when it is.
    #[wasm_split(later, fallible, preload(ready_for_views))]
    pub(super) fn view(app: App, view: View) -> Result<AnyView, SplitLoaderError> {
        Ok(super::made(app, &view))
    }

    #[wasm_split(later, fallible)]
    pub(super) fn act(app: App, act: Act) -> Result<Doing, SplitLoaderError> {
        Ok(super::done(app, act))
    }
}

#[cfg(not(feature = "split"))]
mod part {
    use super::{Act, Doing, View};
    use crate::ui::dom::AnyView;
    use crate::ui::state::App;

    pub(super) async fn ready_for_views() -> Result<(), ()> {
        Ok(())
    }

    pub(super) async fn view(app: App, view: View) -> Result<AnyView, ()> {
        Ok(super::made(app, &view))
    }

    pub(super) async fn act(app: App, act: Act) -> Result<Doing, ()> {
        Ok(super::done(app, act))
    }
}

/// Fetches the part when the page that has just been made is on the screen.
pub fn fetch_once_shown(app: App) {
    request_animation_frame(move || set_timeout(move || fetch(app), Duration::ZERO));
}

/// Fetches the part and the policies, unless they are here or on their way.
pub fn fetch(app: App) {
    let arrival = app.later.try_with_untracked(|arrival| *arrival);
    if !matches!(arrival, Some(Arrival::NotAsked | Arrival::Failed)) {
        return;
    }
    app.later.set(Arrival::OnTheWay);
    while_there(app, async move {
        let arrival = arrive(app).await;
        app.later.set(arrival);
    });
}

async fn arrive(app: App) -> Arrival {
    if part::ready_for_views().await.is_err() {
        return Arrival::Failed;
    }
    let Ok(loading) = part::act(app, Act::LoadPolicies).await else {
        return Arrival::Failed;
    };
    match loading.await {
        Ok(()) => Arrival::Here,
        Err(Failure::Error(error)) if error.kind() == Kind::Unreachable => Arrival::Failed,
        Err(failure) => {
            app.failure.try_set(Some(failure));
            Arrival::Failed
        }
    }
}

/// Runs the engine from the part's arrival on, until the portal is taken away.
pub fn run_when_here(app: App) {
    let here = Memo::new(move |_| app.later.get() == Arrival::Here);
    Effect::new(move |_| {
        if here.get() {
            at_once(part::act(app, Act::Run));
        }
    });
    Effect::new(move |_| {
        // What failed without network is asked for again when there is one.
        if app.online.get() && app.later.get_untracked() == Arrival::Failed {
            fetch(app);
        }
    });
}

/// Does something as soon as the part is here.
pub fn act(app: App, act: Act) {
    spawn_local(async move {
        if let Ok(doing) = part::act(app, act).await {
            // None of what a person does fails without telling by itself.
            let _ = doing.await;
        }
    });
}

/// Waits until all that was typed is kept.
pub async fn saved(app: App) {
    // Before the part is here nothing can have been typed.
    if app.later.get_untracked() == Arrival::Here
        && let Ok(saving) = part::act(app, Act::Save).await
    {
        let _ = saving.await;
    }
}

/// The page of a route, or what is shown in its place until it can be shown.
pub fn page(app: App, route: &Route) -> AnyView {
    fetch(app);
    let view = View::Page(route.clone());
    let arrival = Memo::new(move |_| match app.later.get() {
        Arrival::Here if !app.running.get() => Arrival::OnTheWay,
        arrival => arrival,
    });
    let shown = move || match arrival.get() {
        Arrival::Here => at_hand(app, &view),
        Arrival::Failed => div().class("page").child(did_not_come(app)).into_any(),
        Arrival::NotAsked | Arrival::OnTheWay => on_the_way(app),
    };
    shown.into_any()
}

/// Something of this part on a page of the first, once it is here.
pub fn beside(app: App, view: View) -> AnyView {
    let here = Memo::new(move |_| app.later.get() == Arrival::Here && app.running.get());
    let shown = move || here.get().then(|| at_hand(app, &view));
    shown.into_any()
}

/// On a page of the first part: that this one did not come, if so.
pub fn missing(app: App) -> AnyView {
    let failed = Memo::new(move |_| app.later.get() == Arrival::Failed);
    (move || failed.get().then(|| did_not_come(app))).into_any()
}

/// What needs no engine: the gallery, for which nobody is signed in, handing a sign-in over, and what
/// stands before an account.
pub fn at_once_here(app: App, view: View) -> AnyView {
    fetch(app);
    let arrival = Memo::new(move |_| app.later.get());
    let shown = move || match arrival.get() {
        Arrival::Here => at_hand(app, &view),
        Arrival::Failed => div().class("page").child(did_not_come(app)).into_any(),
        Arrival::NotAsked | Arrival::OnTheWay => on_the_way(app),
    };
    shown.into_any()
}

fn on_the_way(app: App) -> AnyView {
    div().class("page").child(skeleton_of_page(app)).into_any()
}

fn at_hand(app: App, view: &View) -> AnyView {
    untrack(|| at_once(part::view(app, view.clone())).unwrap_or_default())
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
    notice(Tone::Danger, words.t("later.failed"), body)
}
