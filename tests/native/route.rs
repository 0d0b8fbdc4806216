//! Addresses: every route can be written down and found again.

use casement::core::route::{CaseAct, CaseFilter, Route, decode, encode};
use proptest::prelude::*;

fn check(path: &str, expected: Route) {
    assert_eq!(Route::parse(path), expected, "{path}");
}

#[test]
fn every_page_has_its_address() {
    check("/", Route::Home);
    check("", Route::Home);
    check("/index.html", Route::Home);
    check("/new", Route::NewCase);
    check("/drafts", Route::Drafts);
    check("/drafts/", Route::Drafts);
    check("/drafts/d1", step("d1", None));
    check("/drafts/d1/review", step("d1", Some("review")));
    check("/cases", Route::Cases(CaseFilter::default()));
    check("/cases/81%2F1", Route::Case("81/1".into()));
    check("/entitlements", Route::Entitlements);
    check("/knowledge", Route::Knowledge(String::new()));
    check("/knowledge/KB-1", Route::Article("KB-1".into()));
    check("/pending", Route::Pending);
    check("/pending/op%2F1", Route::Conflict("op/1".into()));
    check("/open", Route::CaseFile);
    check("/customers", Route::Customers(String::new()));
    check("/customers?q=港", Route::Customers("港".into()));
    check("/customers/cus%2F1", Route::Customer("cus/1".into()));
    check("/contracts/link", Route::LinkContract);
    check("/policy", Route::Policy);
    check("/backend", Route::Backend);
}

/// What can be asked for on a case, with its address.
const ACTS: [(&str, CaseAct); 6] = [
    ("escalate", CaseAct::Escalate),
    ("close", CaseAct::Close),
    ("reopen", CaseAct::Reopen),
    ("rma", CaseAct::Rma),
    ("severity", CaseAct::Severity),
    ("contacts", CaseAct::Contacts),
];

#[test]
fn csf_12_everything_that_can_be_asked_for_on_a_case_has_its_address() {
    for (word, act) in ACTS {
        let case = "81/1".to_string();
        let address = format!("/cases/81%2F1/{word}");
        check(&address, Route::CaseAct { case, act });
        assert_eq!(Route::parse(&address).to_string(), address);
        assert_eq!(Route::parse(&address).section(), "cases");
    }
}

fn step(draft: &str, step: Option<&str>) -> Route {
    Route::Step {
        draft: draft.into(),
        step: step.map(String::from),
    }
}

#[test]
fn cms_17_a_filtered_list_has_an_address_of_its_own() {
    let filter = CaseFilter {
        kind: "technical".into(),
        status: "open".into(),
        contact: "con-1".into(),
        customer: "cu-1".into(),
        text: "黒い 画面 & 50%".into(),
    };
    let address = Route::Cases(filter.clone()).to_string();
    check(&address, Route::Cases(filter));
    let by_hand = "/cases?q=a+b%2Bc&unknown=x&status=open";
    check(
        by_hand,
        Route::Cases(CaseFilter {
            status: "open".into(),
            text: "a b+c".into(),
            ..CaseFilter::default()
        }),
    );
}

#[test]
fn what_leads_nowhere_is_kept_as_it_came() {
    for path in [
        "/no/such/page",
        "/cases/1/2",
        "/cases/1/close/2",
        "/contracts",
        "/contracts/1",
        "/policy/x",
        "/new/1?x=y",
        "/<img src=x>",
    ] {
        check(path, Route::Unknown(path.into()));
        assert_eq!(Route::parse(path).to_string(), path);
    }
}

#[test]
fn broken_escapes_stay_as_they_are() {
    for (text, expected) in [
        ("100%", "100%"),
        ("%4", "%4"),
        ("%zz", "%zz"),
        ("%E3%81", "\u{fffd}"),
        ("%25", "%"),
        ("%+1", "%+1"),
    ] {
        assert_eq!(decode(text), expected, "{text}");
    }
}

/// Ids are never empty; otherwise they may be anything.
fn id() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[a-z0-9/?&=#%+ .、👍-]{1,12}"]
        .prop_filter("ids are not empty", |id| !id.is_empty())
}

fn route() -> impl Strategy<Value = Route> {
    let filter = (
        any::<String>(),
        any::<String>(),
        any::<String>(),
        any::<String>(),
        any::<String>(),
    )
        .prop_map(|(kind, status, contact, customer, text)| CaseFilter {
            kind,
            status,
            contact,
            customer,
            text,
        });
    prop_oneof![
        Just(Route::Home),
        Just(Route::NewCase),
        (id(), proptest::option::of(id())).prop_map(|(draft, step)| Route::Step { draft, step }),
        Just(Route::Drafts),
        filter.prop_map(Route::Cases),
        id().prop_map(Route::Case),
        Just(Route::Entitlements),
        any::<String>().prop_map(Route::Knowledge),
        id().prop_map(Route::Article),
        Just(Route::Pending),
        Just(Route::CaseFile),
        id().prop_map(Route::Conflict),
        any::<String>().prop_map(Route::Customers),
        id().prop_map(Route::Customer),
        Just(Route::LinkContract),
        Just(Route::Policy),
        (id(), 0..ACTS.len()).prop_map(|(case, act)| Route::CaseAct {
            case,
            act: ACTS[act].1,
        }),
    ]
}

proptest! {
    #![proptest_config(crate::support::tries(256))]

    #[test]
    fn every_route_is_found_again_under_its_address(route in route()) {
        let address = route.to_string();
        prop_assert!(address.is_ascii());
        prop_assert_eq!(Route::parse(&address), route);
    }

    #[test]
    fn every_address_leads_somewhere_and_stays_there(path in "/?[ -~、]{0,30}") {
        let route = Route::parse(&path);
        prop_assert_eq!(Route::parse(&route.to_string()), route);
    }

    #[test]
    fn escaping_is_undone_by_unescaping(text in any::<String>()) {
        prop_assert_eq!(decode(&encode(&text)), text);
    }
}
