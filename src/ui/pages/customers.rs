//! The customers of the account: all of them to be searched, and each with how far one may act for
//! it, what to ask for where one may not, and its cases by service (MPC-06).

use crate::ui::dom::prelude::*;
use crate::ui::dom::{button, div, h1, h2, header, input, li, nav, p, section, span, ul};
use leptos::ev;

use crate::browser::clock;
use crate::core::case::{Case, Customer};
use crate::core::customers::Finder;
use crate::core::order::sort_by_key;
use crate::core::route::Route;
use crate::ui::actions::act_for;
use crate::ui::components::arriving::{as_of, skeleton};
use crate::ui::components::case_row::case_row;
use crate::ui::components::customer_search::access_tag;
use crate::ui::components::disagreement;
use crate::ui::components::icon::icon;
use crate::ui::components::link::{link, link_after};
use crate::ui::components::trouble;
use crate::ui::state::{App, Words};

/// How many are listed; more are found by typing.
const LISTED: usize = 50;

/// All customers.
pub fn list(app: App) -> AnyView {
    let words = app.words_now();
    let query = Memo::new(move |_| {
        app.route.with(|route| match route {
            Route::Customers(query) => query.clone(),
            _ => String::new(),
        })
    });
    let customers = Memo::new(move |_| app.records.with(|records| records.customers.clone()));
    let finder = Memo::new(move |_| customers.with(|all| Ready(Finder::new(all))));
    let found = Memo::new(move |_| {
        let hits = finder.with(|Ready(finder)| finder.find(&query.get(), usize::MAX));
        let count = hits.len() as u64;
        let shown = hits.into_iter().take(LISTED);
        let shown =
            customers.with(|all| shown.filter_map(|place| all.get(place).cloned()).collect());
        (count, shown)
    });
    let (count_words, row_words) = (words.clone(), words.clone());
    let count = move || {
        let (all, shown) = found.with(|(all, shown): &(u64, Vec<Customer>)| (*all, shown.len()));
        let count = count_words.count("acting.found", all);
        match all > shown as u64 {
            true => {
                let shown = clock::number(count_words.lang(), shown as u64);
                count_words.with("acting.first_of", &[("n", &shown), ("all", &count)])
            }
            false => count,
        }
    };
    let arriving = move || {
        let arrived = app.records.with(|records| records.arrived);
        (!arrived).then(|| skeleton(app))
    };
    div()
        .class("page")
        .child((
            header().class("page-head").child((
                h1().child(words.t("customers.title")),
                p().class("lede").child(words.t("customers.lede")),
                as_of(app, &words),
                trouble::line(app, &words),
            )),
            search(app, &words, query),
            p().class("small muted").attr("role", "status").child(count),
            arriving,
            ul().class("rows").child(keyed(
                move || found.with(|(_, shown)| shown.clone()),
                move |one: &Customer| row(app, &row_words, one),
            )),
        ))
        .into_any()
}

/// Two searches are the same only if they are made of the same customers, which the memo over these
/// knows already.
struct Ready(Finder);

impl PartialEq for Ready {
    fn eq(&self, _: &Ready) -> bool {
        false
    }
}

fn search(app: App, words: &Words, query: Memo<String>) -> AnyView {
    let control = NodeRef::<leptos::html::Input>::new();
    Effect::new(move |_| {
        let query = query.get();
        // Setting what is there already would disturb an input method.
        if let Some(control) = control.get()
            && control.value() != query
        {
            control.set_value(&query);
        }
    });
    span()
        .class("input-icon")
        .child((
            icon("search"),
            input()
                .class("input")
                .node_ref(control)
                .attr("type", "search")
                .attr("autocomplete", "off")
                .attr("aria-label", words.t("acting.search"))
                .attr("placeholder", words.t("acting.search"))
                .on(ev::input, move |event| {
                    app.replace(Route::Customers(event_target_value(&event)));
                }),
        ))
        .into_any()
}

fn row(app: App, words: &Words, customer: &Customer) -> AnyView {
    let route = Route::Customer(customer.id.clone());
    li().class("row")
        .child((
            span().class("row-lead").child(icon("users")),
            div().class("row-body").child((
                p().class("row-title")
                    .child(link(app, "row-link", route, customer.name.clone())),
                p().class("row-meta").child((
                    span().child(customer.domain.clone()),
                    span().child(customer.country.clone()),
                )),
            )),
            div().class("row-end").child(access_tag(words, customer)),
        ))
        .into_any()
}

/// One customer.
pub fn one(app: App, id: &str) -> AnyView {
    let words = app.words_now();
    let id = id.to_string();
    let customer = {
        let id = id.clone();
        Memo::new(move |_| {
            app.records.with(|records| {
                let found = records.customers.iter().find(|one| one.id == id);
                (found.cloned(), records.arrived)
            })
        })
    };
    let view = move || match customer.get() {
        (Some(customer), _) => known(app, &words, &customer),
        (None, false) => skeleton(app),
        (None, true) => super::not_found::page(app),
    };
    div().class("page").child(view).into_any()
}

fn known(app: App, words: &Words, customer: &Customer) -> AnyView {
    let back = link(
        app,
        "back",
        Route::Customers(String::new()),
        (icon("arrow-left"), words.t("customers.title")),
    );
    let (id, told_id, told_words) = (customer.id.clone(), customer.id.clone(), words.clone());
    let told = Memo::new(move |_| disagreement::of_customer(app, &told_words, &told_id));
    let notice_words = words.clone();
    let begin_id = id.clone();
    let begin = link_after(
        app,
        "btn btn-primary",
        Route::NewCase,
        move || act_for::choose(app, Some(begin_id.clone())),
        (icon("square-pen"), words.t("customers.begin")),
    );
    let act = button()
        .class("btn")
        .attr("type", "button")
        .on(ev::click, move |_| act_for::choose(app, Some(id.clone())))
        .child((icon("users"), words.t("customers.act")));
    (
        header().class("page-head").child((
            nav()
                .class("page-nav")
                .attr("aria-label", words.t("customers.title"))
                .child(back),
            h1().child(customer.name.clone()),
            p().class("inline").child((
                access_tag(words, customer),
                span()
                    .class("muted")
                    .child(format!("{} {}", customer.domain, customer.country)),
            )),
        )),
        keyed(
            move || told.get(),
            move |one| disagreement::view(app, &notice_words, one, false),
        ),
        div().class("actions").child((begin, act)),
        cases(app, words, customer),
    )
        .into_any()
}

/// Its cases, under the service they are about, latest first.
fn cases(app: App, words: &Words, customer: &Customer) -> AnyView {
    let (words, id) = (words.clone(), customer.id.clone());
    let name = customer.name.clone();
    let view = move || {
        let records = app.records.get();
        let is_of = |case: &&Case| {
            case.customer_id == id || (case.customer_id.is_empty() && case.customer_name == name)
        };
        let mut own: Vec<&Case> = records.cases.iter().filter(is_of).collect();
        sort_by_key(&mut own, |case| std::cmp::Reverse(case.updated_at));
        if own.is_empty() {
            return p()
                .class("muted")
                .child(words.t("customers.no_cases"))
                .into_any();
        }
        let mut services: Vec<&str> = Vec::new();
        for case in &own {
            if !services.contains(&case.product_id.as_str()) {
                services.push(&case.product_id);
            }
        }
        let groups = services.into_iter().map(|service| {
            let product = records.products.iter().find(|one| one.id == service);
            let name = match product {
                Some(product) => product.name.clone(),
                None if service.is_empty() => words.t("customers.no_service"),
                None => service.to_string(),
            };
            let of_service = own.iter().filter(|case| case.product_id == service);
            let rows: Vec<_> = of_service
                .map(|case| case_row(app, &words, case, case.status == "waiting_customer"))
                .collect();
            section()
                .class("section")
                .child((h2().child(name), ul().class("rows").child(rows)))
        });
        groups.collect_view()
    };
    view.into_any()
}
