//! The frame: context bar, rail, the page of the route, messages, and the sign-in over it all.
//!
//! The page is built when the route's page or the language changes, and by nothing else; see
//! [`super`] for why. The context bar never leaves: whose portal, which account, for which customer,
//! whether there is a network and what waits.

use crate::ui::dom::prelude::*;
use crate::ui::dom::{
    a, b, button, details, div, header, hr, label, main, nav, option, p, select, span, summary,
};
use leptos::ev;

use super::actions::{choose_language, sign_out};
use super::components::icon::{icon, mark};
use super::components::link::{focus_field, link};
use super::components::notice::error_notice;
use super::context;
use super::custody::{Gate, Keeping};
use super::pages::later::{Act, View as Later};
use super::pages::{self, focus, later};
use super::state::{App, Identity, Toast, Words};
use super::{telling, wiring};
use crate::browser::page;
use crate::core::embed::View;
use crate::core::route::{CaseFilter, Route};
use crate::core::sync::Progress;

/// A portal.
pub fn view(app: App) -> AnyView {
    wiring::start(app);
    later::run_when_here(app);
    telling::of_the_beginning(app);
    let place = NodeRef::<leptos::html::Main>::new();
    // The policies come later, and what stands must stay.
    let readable = Memo::new(move |_| app.deployment.with(Option::is_some));
    follow_route(app, place);
    div()
        .class("app")
        .attr("data-view", app.view().map(View::word))
        .attr("hidden", move || app.custody.away.get().then_some(""))
        .attr("data-theme", move || app.theme.get())
        .attr("lang", move || app.words.with(|words| words.lang.clone()))
        .child(move || {
            if let Some(failure) = app.failure.get() {
                return pages::failure::page(app, &failure);
            }
            let words = app.words();
            if words.lang().is_empty() || !readable.get() {
                return main().class("main").child(waiting()).into_any();
            }
            frame(app, words, place)
        })
        .into_any()
}

/// The shape of the page while its words are on their way.
fn waiting() -> AnyView {
    div()
        .class("page stack")
        .attr("aria-busy", "true")
        .child((
            span().class("skel skel-m"),
            span().class("skel"),
            span().class("skel skel-s"),
        ))
        .into_any()
}

/// The page one is on, without what only narrows a list: narrowing must not build the list's page
/// again under the fingers of whoever types the words. Home is what the view has in its place.
fn page_of(app: App, route: &Route) -> Route {
    match route {
        Route::Home => app.view().map_or(Route::Home, View::home),
        Route::Cases(_) => Route::Cases(CaseFilter::default()),
        Route::Knowledge(_) => Route::Knowledge(String::new()),
        Route::Customers(_) => Route::Customers(String::new()),
        other => other.clone(),
    }
}

/// After going to another page: its beginning in view, the focus on it, and what was open closed. After
/// a sign-in: its beginning in view.
fn follow_route(app: App, place: NodeRef<leptos::html::Main>) {
    let here = Memo::new(move |_| app.route.with(|route| page_of(app, route)));
    let whole_page = app.options.with_value(|options| options.page);
    Effect::new(move |nobody: Option<bool>| {
        let now = app
            .identity
            .with(|identity| matches!(identity, Identity::Nobody(_)));
        if nobody == Some(true) && !now {
            request_animation_frame(move || {
                if let Some(place) = place.try_get_untracked().flatten() {
                    show_beginning(&place, whole_page);
                }
            });
        }
        now
    });
    Effect::new(move |before: Option<Route>| {
        let now = here.get();
        if before.is_some_and(|before| before != now) {
            let mend = app.mend.get_value();
            app.mend.set_value(None);
            request_animation_frame(move || {
                if let Some(place) = place.try_get_untracked().flatten() {
                    if let Some(control) = mend {
                        return focus_field(&place, &control);
                    }
                    show_beginning(&place, whole_page);
                    if !focus::is_elsewhere(&place, app.in_frame()) {
                        // An error summary may have taken the focus already, and keeps it.
                        let _ = place.focus();
                    }
                }
            });
        }
        now
    });
    if whole_page {
        Effect::new(move |_| {
            let words = app.words();
            let section = app.route.with(|route| route.section());
            let document = web_sys::window().and_then(|window| window.document());
            let Some(document) = document else { return };
            if !words.lang().is_empty() {
                let name = app.deployment().portal.name.get(words.lang()).to_string();
                let title = match section {
                    "" | "home" => name,
                    section => format!("{} · {name}", words.t(&format!("nav.{section}"))),
                };
                document.set_title(&title);
                if let Some(root) = document.document_element() {
                    // `lang` can be set on any element.
                    let _ = root.set_attribute("lang", words.lang());
                }
            }
        });
    }
}

/// Scrolls to the beginning of a page, and never what is around the portal.
fn show_beginning(place: &web_sys::HtmlElement, whole_page: bool) {
    if whole_page {
        place.scroll_into_view();
        if let Some(window) = web_sys::window() {
            window.scroll_to_with_x_and_y(0.0, 0.0);
        }
    } else if let Some(scroller) = place.closest(".portal").ok().flatten() {
        scroller.set_scroll_top(0);
    }
}

fn frame(app: App, words: Words, place: NodeRef<leptos::html::Main>) -> AnyView {
    let skip = a()
        .class("skip")
        .href("#main")
        .on(ev::click, move |event| {
            event.prevent_default();
            if let Some(place) = place.get_untracked() {
                // The main part has a tabindex, so it can take the focus.
                let _ = place.focus();
            }
        })
        .child(words.t("frame.skip"));
    (
        header().class("top").attr("part", "bar").child((
            skip,
            banners(app, words.clone()),
            context_bar(app, words.clone()),
        )),
        matches!(app.view(), None | Some(View::Full)).then(|| rail(app, words.clone())),
        main()
            .class("main")
            .attr("part", "main")
            .id("main")
            .attr("tabindex", "-1")
            .node_ref(place)
            .child((
                problem(app, words.clone()),
                content(app),
                app.in_frame().then(|| later::beside(app, Later::Apart)),
            )),
        div()
            .class("toasts")
            .attr("role", "status")
            .child(move || app.toast.get().map(|toast| toast_view(app, &words, toast))),
    )
        .into_any()
}

fn content(app: App) -> AnyView {
    let here = Memo::new(move |_| app.route.with(|route| page_of(app, route)));
    let hand_over = app.options.with_value(|options| options.hand_over);
    let known = Memo::new(move |_| match app.identity.get() {
        Identity::Unknown => None,
        Identity::Nobody(_) => Some(false),
        // Only a sign-in can be handed over.
        Identity::Remembered(_) => Some(!hand_over),
        Identity::Here(_) => Some(true),
    });
    let shut = Memo::new(move |_| app.custody.gate.get() != Gate::Open);
    let leaving = Memo::new(move |_| app.custody.leaving.with(Option::is_some));
    if app.options.with_value(|options| options.gallery) {
        return later::at_once_here(app, Later::Gallery);
    }
    if !matches!(here.get_untracked(), Route::Home | Route::Unknown(_)) {
        // The first page is one of the later part's, so that is waited for.
        later::fetch(app);
    }
    Effect::new(move |_| {
        if known.get().is_some() {
            later::fetch_once_shown(app);
        }
    });
    let page = move || match known.get() {
        None => waiting(),
        Some(false) => pages::sign_in::page(app, false),
        Some(true) if hand_over => later::at_once_here(app, Later::HandOver),
        Some(true) if shut.get() => {
            let leaving = move || {
                leaving
                    .get()
                    .then(|| later::at_once_here(app, Later::Leaving))
            };
            (leaving, later::at_once_here(app, Later::Gate)).into_any()
        }
        Some(true) => {
            let asked = Memo::new(move |_| app.ask_sign_in.get());
            let over = move || asked.get().then(|| pages::sign_in::dialog(app));
            let search = later::beside(app, Later::CustomerSearch);
            let leaving = move || {
                leaving
                    .get()
                    .then(|| later::at_once_here(app, Later::Leaving))
            };
            (search, over, leaving, move || pages::page(app, &here.get())).into_any()
        }
    };
    page.into_any()
}

fn problem(app: App, words: Words) -> impl IntoView {
    move || {
        app.problem
            .get()
            .map(|error| div().class("page").child(error_notice(&words, &error)))
    }
}

/// Whether what is written here is kept, wherever it is not as one would expect.
fn keeping(app: App, words: &Words) -> Option<AnyView> {
    app.identity
        .with(|identity| identity.session().is_some())
        .then_some(())?;
    let download = || {
        button()
            .class("btn btn-s")
            .attr("type", "button")
            .on(ev::click, move |_| later::act(app, Act::SaveAll))
            .child(words.t("banner.save_all"))
    };
    if app.custody.lost.get() {
        let seen = button()
            .class("btn btn-s")
            .attr("type", "button")
            .on(ev::click, move |_| app.custody.lost.set(false))
            .child(words.t("banner.seen"));
        let text = words.t("banner.lost");
        return Some(banner(
            "m-danger",
            "triangle-alert",
            text,
            Some(seen.into_any()),
        ));
    }
    match app.custody.keeping.get() {
        Keeping::Device => None,
        Keeping::ByRule => {
            let text = words.t("banner.kept_in_tab");
            Some(banner("", "info", text, Some(download().into_any())))
        }
        Keeping::Refused(why) => {
            let anew = button()
                .class("btn btn-s btn-quiet")
                .attr("type", "button")
                .on(ev::click, move |_| later::act(app, Act::BeginAnew))
                .child(words.t("banner.begin_anew"));
            let damaged = why.contains("UnknownError");
            let text = words.t(if damaged {
                "banner.damaged"
            } else {
                "banner.not_kept"
            });
            let buttons = (damaged.then_some(anew), download()).into_any();
            Some(banner("m-danger", "triangle-alert", text, Some(buttons)))
        }
    }
}

fn banners(app: App, words: Words) -> impl IntoView {
    move || {
        let kept = keeping(app, &words);
        let online = app.online.get();
        let offline =
            (!online).then(|| banner("m-warning", "wifi-off", words.t("banner.offline"), None));
        let silent = online && app.unanswered.get() > 0;
        let unreachable = silent.then(|| {
            banner(
                "m-warning",
                "cloud-off",
                words.t("banner.unreachable"),
                None,
            )
        });
        let remembered = matches!(app.identity.get(), Identity::Remembered(_));
        let ended = remembered && online && !silent;
        let ended = ended.then(|| {
            let waiting = app.outbox.with(|outbox| outbox.len() as u64);
            let text = if waiting > 0 {
                words.count("banner.signed_out_waiting", waiting)
            } else {
                words.t("banner.signed_out")
            };
            let button = button()
                .class("btn btn-s")
                .attr("type", "button")
                .on(ev::click, move |_| app.ask_sign_in.set(true))
                .child(words.t("sign_in.button"));
            banner("m-danger", "lock", text, Some(button.into_any()))
        });
        let update = app.update.get().then(|| {
            let later = button()
                .class("btn btn-s btn-quiet")
                .attr("type", "button")
                .on(ev::click, move |_| app.update.set(false))
                .child(words.t("banner.update_later"));
            let now = button()
                .class("btn btn-s")
                .attr("type", "button")
                .on(ev::click, move |_| super::actions::use_update::use_now(app))
                .child(words.t("banner.update_now"));
            let buttons = (now, later).into_any();
            banner("", "refresh-cw", words.t("banner.update"), Some(buttons))
        });
        (kept, offline, unreachable, ended, update)
    }
}

fn banner(meaning: &str, icon_name: &str, text: String, end: Option<AnyView>) -> AnyView {
    div()
        .class(format!("banner {meaning}"))
        .child((icon(icon_name), p().child(text), end))
        .into_any()
}

fn context_bar(app: App, words: Words) -> AnyView {
    let name = app.deployment().portal.name.get(words.lang()).to_string();
    let brand = link(
        app,
        "brand",
        Route::Home,
        (mark(), span().class("ctx-label-wide").child(name)),
    );
    div()
        .class("ctx")
        .child((
            brand,
            span().class("ctx-sep"),
            context::vendor(app, &words),
            div().class("ctx-row").child((
                account_menu(app, words.clone()),
                context::acting_for(app, &words),
            )),
            span().class("ctx-gap"),
            network(app, words.clone()),
            language_select(app, words.clone()),
            theme_select(app, words),
        ))
        .into_any()
}

fn account_menu(app: App, words: Words) -> impl IntoView {
    move || {
        let session = app.identity.get().session().cloned()?;
        let records = app.records.get();
        let company = if records.account.name.is_empty() {
            session.login.clone()
        } else {
            records.account.name.clone()
        };
        let person = if records.me.name.is_empty() {
            session.login.clone()
        } else {
            records.me.name.clone()
        };
        let view = details().class("menu").child((
            summary().class("ctx-item").child((
                icon("user"),
                span().class("vh").child(words.t("frame.account")),
                span().class("ctx-value").child(company),
            )),
            div().class("menu-body").child((
                p().class("stack-s").child((
                    b().child(person),
                    span().class("muted small").child(session.login.clone()),
                )),
                hr(),
                context::regional_format(app, &words),
                hr(),
                link(
                    app,
                    "menu-item",
                    Route::Device,
                    (icon("hard-drive"), words.t("nav.device")),
                ),
                button()
                    .class("menu-item")
                    .attr("type", "button")
                    .on(ev::click, move |_| sign_out::sign_out(app))
                    .child((icon("log-out"), words.t("frame.sign_out"))),
            )),
        ));
        Some(view.into_any())
    }
}

fn network(app: App, words: Words) -> impl IntoView {
    move || {
        app.identity.get().session()?;
        let online = app.online.get();
        let waiting = app
            .outbox
            .with(|outbox| outbox.iter().filter(|one| !one.is_done()).count() as u64);
        let state = if online {
            span().class("dot").into_any()
        } else {
            icon("wifi-off").into_any()
        };
        let word = words.t(if online {
            "frame.online"
        } else {
            "frame.offline"
        });
        let pending = (waiting > 0).then(|| {
            span()
                .class("nowrap")
                .child(words.count("frame.pending", waiting))
        });
        let content = (state, span().class("nowrap ctx-state").child(word), pending);
        let net = if online { "online" } else { "offline" };
        let view = span()
            .class("ctx-item ctx-net")
            .attr("data-net", net)
            .child(link(app, "inline", Route::Pending, content));
        Some(view.into_any())
    }
}

fn language_select(app: App, words: Words) -> AnyView {
    let options: Vec<_> = app
        .deployment()
        .portal
        .languages
        .iter()
        .map(|lang| {
            option()
                .attr("lang", lang.clone())
                .attr("value", lang.clone())
                .prop("selected", lang == words.lang())
                .child(words.t(&format!("lang.own.{lang}")))
        })
        .collect();
    label()
        .class("ctx-select")
        .child((
            icon("languages"),
            span().class("vh").child(words.t("frame.language")),
            select()
                .attr("data-control", "language")
                .on(ev::change, move |event| {
                    choose_language::choose(app, event_target_value(&event));
                })
                .child(options),
        ))
        .into_any()
}

fn theme_select(app: App, words: Words) -> AnyView {
    let options: Vec<_> = ["auto", "light", "dark"]
        .into_iter()
        .map(|theme| {
            option()
                .attr("value", theme)
                .prop("selected", move || app.theme.with(|now| now == theme))
                .child(words.t(&format!("frame.theme.{theme}")))
        })
        .collect();
    label()
        .class("ctx-select ctx-theme")
        .child((
            icon("sun-moon"),
            span().class("vh").child(words.t("frame.appearance")),
            select()
                .attr("data-control", "theme")
                .on(ev::change, move |event| {
                    let theme = event_target_value(&event);
                    page::set_preference("theme", &theme);
                    app.theme.set(theme);
                })
                .child(options),
        ))
        .into_any()
}

fn rail(app: App, words: Words) -> impl IntoView {
    let known = Memo::new(move |_| app.identity.with(|identity| identity.session().is_some()));
    move || {
        if !known.get() {
            return ().into_any();
        }
        let entries: [(&str, &str, Route); 7] = [
            ("new", "square-pen", Route::NewCase),
            ("cases", "inbox", Route::Cases(CaseFilter::default())),
            ("drafts", "file-pen-line", Route::Drafts),
            ("customers", "users", Route::Customers(String::new())),
            ("entitlements", "shield-check", Route::Entitlements),
            ("knowledge", "book-open", Route::Knowledge(String::new())),
            ("pending", "send", Route::Pending),
        ];
        let entries: Vec<AnyView> = entries
            .into_iter()
            .map(|(section, icon_name, route)| rail_link(app, &words, section, icon_name, route))
            .collect();
        nav()
            .class("rail")
            .attr("part", "navigation")
            .attr("aria-label", words.t("frame.menu"))
            .child(entries)
            .into_any()
    }
}

fn rail_link(
    app: App,
    words: &Words,
    section: &'static str,
    icon_name: &'static str,
    route: Route,
) -> AnyView {
    let class = match section {
        "new" => "rail-link rail-first",
        // Seven have no room side by side; there the cases lead to the customers.
        "customers" => "rail-link wide-only",
        _ => "rail-link",
    };
    let href = app.href(&route);
    let badge = move || match section {
        "drafts" => {
            let count = app.open_drafts().len();
            (count > 0).then(|| span().class("badge").child(count.to_string()))
        }
        "pending" => app.outbox.with(|outbox| {
            let count = outbox.iter().filter(|one| !one.is_done()).count();
            let needs =
                |one: &crate::core::sync::Operation| matches!(one.state, Progress::NeedsYou { .. });
            let class = if outbox.iter().any(needs) {
                "badge badge-needs"
            } else {
                "badge"
            };
            (count > 0).then(|| span().class(class).child(count.to_string()))
        }),
        _ => None,
    };
    // Who has no customers is not shown a place without any.
    let hidden = Memo::new(move |_| {
        section == "customers" && app.records.with(|records| records.customers.is_empty())
    });
    a().class(class)
        .href(href)
        .attr("hidden", move || hidden.get().then_some(""))
        .attr("aria-current", move || {
            (app.route.with(|now| now.section()) == section).then_some("page")
        })
        .on(ev::click, move |event| {
            if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
                event.prevent_default();
                app.go(route.clone());
            }
        })
        .child((
            icon(icon_name),
            span()
                .class("rail-word")
                .child(words.t(&format!("nav.{section}"))),
            span()
                .class("rail-short")
                .child(words.t(&format!("nav.short.{section}"))),
            badge,
        ))
        .into_any()
}

fn toast_view(app: App, words: &Words, toast: Toast) -> AnyView {
    let undo = toast.undo_draft.map(|id| {
        button()
            .class("btn")
            .attr("type", "button")
            .on(ev::click, move |_| {
                app.toast.set(None);
                later::act(app, Act::Restore(id.clone()));
            })
            .child((icon("undo-2"), words.t("toast.undo")))
    });
    let close = button()
        .class("btn btn-quiet")
        .attr("type", "button")
        .attr("aria-label", words.t("toast.close"))
        .on(ev::click, move |_| app.toast.set(None))
        .child(icon("x"));
    div()
        .class("toast")
        .child((span().child(toast.text), undo, close))
        .into_any()
}
