//! Records: read with what there is, and cases found again.

use casement::core::case::{
    Asset, Attachment, Case, Comment, Contact, Entitlement, KINDS, License, Offer, Record, Sieve,
    day, filtered, time,
};
use casement::core::news::{News, merge};
use casement::core::route::CaseFilter;
use serde_json::json;

use crate::support::Desk;

fn check(filter: CaseFilter, expected: &[&str]) {
    let desk = Desk::open();
    let found: Vec<&str> = filtered(&desk.cases, &filter)
        .iter()
        .map(|case| case.id.as_str())
        .collect();
    assert_eq!(found, expected, "{filter:?}");
}

fn by(change: impl FnOnce(&mut CaseFilter)) -> CaseFilter {
    let mut filter = CaseFilter::default();
    change(&mut filter);
    filter
}

#[test]
fn cms_17_without_a_filter_all_cases_are_there_latest_change_first() {
    check(CaseFilter::default(), &["c-3", "c-2", "c-1", "c-4"]);
}

#[test]
fn cms_17_cases_are_filtered_by_type_status_and_contact() {
    check(by(|f| f.kind = "question".into()), &["c-2"]);
    check(by(|f| f.status = "open".into()), &["c-3", "c-1"]);
    check(by(|f| f.contact = "con-2".into()), &["c-3", "c-2"]);
    check(by(|f| f.customer = "港信用金庫".into()), &["c-1"]);
    check(
        by(|f| {
            f.status = "open".into();
            f.contact = "con-2".into();
        }),
        &["c-3"],
    );
    check(by(|f| f.status = "no_such".into()), &[]);
}

#[test]
fn cms_17_cases_are_found_by_words_of_number_subject_description_or_customer() {
    check(by(|f| f.text = "81000002".into()), &["c-2"]);
    check(by(|f| f.text = "DROP sessions".into()), &["c-1"]);
    check(by(|f| f.text = "hg-0002".into()), &["c-3"]);
    check(by(|f| f.text = "契約".into()), &["c-2"]);
    check(by(|f| f.text = "港信用".into()), &["c-1"]);
    check(by(|f| f.text = "  ".into()), &["c-3", "c-2", "c-1", "c-4"]);
    check(by(|f| f.text = "sessions nowhere".into()), &[]);
}

#[test]
fn what_is_typed_on_is_looked_for_among_what_was_found() {
    let with = |text: &str| by(|f| f.text = text.into());
    assert!(with("store").narrows(&with("sto")));
    assert!(with("store front").narrows(&with("store ")));
    assert!(!with("sto").narrows(&with("store")));
    assert!(!with("store").narrows(&by(|f| f.status = "open".into())));
    let open = by(|f| {
        f.status = "open".into();
        f.text = "store".into();
    });
    assert!(
        !open.narrows(&with("store")),
        "what is not open was among them"
    );
    assert!(
        !with("store").narrows(&open),
        "what is not open was left out"
    );
    let everything = filtered(&Desk::open().cases, &with("")).len();
    assert_eq!(everything, 4);
}

#[test]
fn letters_are_found_whatever_their_size() {
    let case = Case {
        subject: "Ünsere SDX 12.1 Ξ".into(),
        ..Case::default()
    };
    for (text, there) in [
        ("sdx", true),
        ("SDX", true),
        ("ünsere", true),
        ("ÜNSERE ξ", true),
        ("12.1", true),
        ("x\u{20}1", true),
        ("sdxx", false),
        ("ö", false),
    ] {
        let filter = by(|f| f.text = text.into());
        assert_eq!(Sieve::new(&filter).lets_through(&case), there, "{text}");
    }
}

#[test]
fn what_changed_since_a_mark_is_told_or_everything_is_read() {
    let keys = |keys: &[&str]| Some(keys.iter().map(|key| String::from(*key)).collect());
    let mut news = News::default();
    assert_eq!(news.since(""), None, "nothing is known yet");
    news.add("m1".into(), keys(&["case/1"]));
    assert_eq!(news.since(""), None, "what was before it is not known");
    news.add("m2".into(), keys(&["case/2", "comment/7"]));
    news.add("m3".into(), keys(&["case/2"]));
    let news = News::from_text(&news.to_text());
    assert_eq!(news.mark(), "m3");
    assert_eq!(news.since("m1"), keys(&["case/2", "comment/7"]));
    assert_eq!(news.since("m2"), keys(&["case/2"]));
    assert_eq!(news.since("m3"), keys(&[]));
    assert_eq!(news.since("m0"), None);
    let mut all = news.clone();
    all.add("m4".into(), None);
    assert_eq!((all.since("m3"), all.since("m4")), (None, keys(&[])));
    let mut long = news;
    for number in 0..1_000 {
        long.add(format!("n{number}"), keys(&["case/1"]));
    }
    assert_eq!(long.since("m3"), None, "it does not grow for ever");
    assert_eq!(long.since("n998"), keys(&["case/1"]));
    let many: Vec<String> = (0..1_000).map(|number| format!("case/{number}")).collect();
    long.add("many".into(), Some(many));
    assert_eq!(long.since("n999"), None, "so many are better read all");
    assert_eq!(long.since("many"), keys(&[]));
    for damaged in ["", "{}", "[1]", "[[]]", "[[1]]", "[[\"m\", 1]]"] {
        assert_eq!(News::from_text(damaged), News::default(), "{damaged}");
    }
}

#[test]
fn changed_records_take_their_place_among_the_others() {
    let mut list: Vec<(String, u8)> = ["b", "d", "f"].map(|id| (id.to_string(), 0)).into();
    let new = |id: &str| (id.to_string(), Some((id.to_string(), 1)));
    let changed = vec![
        new("a"),
        new("d"),
        ("f".into(), None),
        new("e"),
        ("x".into(), None),
    ];
    merge(&mut list, changed, |one| &one.0);
    let expected = [("a", 1), ("b", 0), ("d", 1), ("e", 1)];
    assert_eq!(list, expected.map(|(id, number)| (id.to_string(), number)));
}

#[test]
fn cms_14_a_case_carries_the_address_and_subject_that_mails_need() {
    let desk = Desk::open();
    let case = &desk.cases[0];
    assert_eq!(case.mail_address, "support@harbour.example");
    assert_eq!(
        case.mail_subject,
        "[81000001] Sessions drop after ten minutes"
    );
}

#[test]
fn cms_16_a_comment_tells_who_said_it_on_which_side() {
    let comment = Comment::from_json(&json!({
        "id": "m-1", "case_id": "c-1", "author_name": "Reed", "author_side": "vendor",
        "body": "<b>Please restart</b>", "created_at": "2026-11-19T18:00:00+09:00"
    }));
    assert_eq!(
        (comment.author.as_str(), comment.side.as_str()),
        ("Reed", "vendor")
    );
    assert_eq!(comment.body, "<b>Please restart</b>");
    assert_eq!(comment.created_at, time("2026-11-19T09:00:00Z"));
}

#[test]
fn cms_19_an_authorization_says_what_may_be_sold_until_when() {
    let desk = Desk::open();
    let found: Vec<(&str, &str, Option<String>)> = desk
        .authorizations
        .iter()
        .map(|one| {
            let end = one.end.map(|end| end.to_string());
            (one.product_family.as_str(), one.status.as_str(), end)
        })
        .collect();
    assert_eq!(
        found,
        [
            ("Desktops", "authorized", Some("2027-01-01".to_string())),
            ("Networking", "not_authorized", None),
        ]
    );
}

#[test]
fn csf_12_a_case_tells_its_whole_life() {
    let case = Case::from_json(&json!({
        "id": "c", "number": "81", "linked_case": "80", "customer_id": "cus-1",
        "region": "japan", "progress": "senior", "contacts": ["con-2"],
        "contract_numbers": ["K-1", "K-2"], "fields": { "tenant_id": "t-9" },
        "closed_at": "2026-11-10T09:00:00Z", "close_reason": "confirmed",
        "escalation": { "channel": "web", "at": "2026-11-01T00:00:00Z", "summary": "x" },
        "rma": {
            "serial_number": "HG-1", "level": "gold", "part": "Fan", "contact_name": "Reed",
            "contact_mobile": "090", "requested_at": "2026-11-02T00:00:00Z",
            "shipped_at": "2026-11-03T00:00:00Z", "delivered_at": null
        }
    }));
    assert_eq!(
        [
            &case.linked_case,
            &case.customer_id,
            &case.region,
            &case.progress
        ],
        ["80", "cus-1", "japan", "senior"]
    );
    assert_eq!(
        (case.contacts, case.contract_numbers.len()),
        (vec!["con-2".into()], 2)
    );
    assert_eq!(case.fields, [("tenant_id".to_string(), "t-9".to_string())]);
    assert_eq!(case.closed_at, time("2026-11-10T09:00:00Z"));
    assert_eq!(case.close_reason, "confirmed");
    let escalation = case.escalation.expect("it was escalated");
    assert_eq!(
        (escalation.channel.as_str(), escalation.at),
        ("web", time("2026-11-01T00:00:00Z"))
    );
    let back = case.rma.expect("a part goes back");
    assert_eq!((back.level.as_str(), back.part.as_str()), ("gold", "Fan"));
    assert_eq!(back.shipped_at, time("2026-11-03T00:00:00Z"));
    assert_eq!((back.verified_at, back.delivered_at), (None, None));
    // A backend that knows of none of it says nothing, or null.
    for json in [
        json!({}),
        json!({ "escalation": null, "rma": null, "fields": null }),
    ] {
        let case = Case::from_json(&json);
        assert!(case.escalation.is_none() && case.rma.is_none() && case.fields.is_empty());
    }
}

#[test]
fn csf_17_a_device_tells_where_it_stands_and_how_far_the_centre_is() {
    let asset = Asset::from_json(&json!({
        "id": "as-1", "serial_number": "HG-1", "product_id": "mpx", "level": "gold_plus",
        "address": "1-1 Kita", "country": "JP", "address_registered_at": "2026-01-05T00:00:00Z",
        "distance_miles": 63, "center_country": "JP", "center_name": "Tokyo"
    }));
    assert_eq!(
        (asset.level.as_str(), asset.distance_miles),
        ("gold_plus", Some(63))
    );
    assert_eq!(asset.address_registered_at, day("2026-01-05"));
    let unknown =
        Asset::from_json(&json!({ "address_registered_at": null, "distance_miles": null }));
    assert_eq!(
        (unknown.address_registered_at, unknown.distance_miles),
        (None, None)
    );
    assert_eq!(unknown.center_country, "");
}

#[test]
fn mpt_14_an_offer_tells_its_price_as_it_is_written_and_how_long_it_can_be_used() {
    let offer = Offer::from_json(&json!({
        "id": "o", "name": "5-pack", "incidents": 5, "price": "2499.00", "currency": "USD",
        "valid_months": 12, "region": "us"
    }));
    assert_eq!(
        (offer.price.as_str(), offer.currency.as_str()),
        ("2499.00", "USD")
    );
    assert_eq!((offer.incidents, offer.valid_months), (5, 12));
    assert_eq!(Offer::from_json(&json!({ "id": "o" })).incidents, 1);
}

#[test]
fn mpt_13_a_contract_tells_its_use_by_month_and_whether_its_ids_are_shared() {
    let contract = Entitlement::from_json(&json!({
        "id": "e", "name": "n", "shared_id": true,
        "history": [{ "month": "2026-03", "used": 2 }, { "month": "2026-04" }]
    }));
    let expected = [("2026-03".to_string(), 2), ("2026-04".to_string(), 0)];
    assert_eq!(
        (contract.history.as_slice(), contract.shared_id),
        (&expected[..], true)
    );
}

#[test]
fn every_kind_of_record_is_named_once() {
    for kind in [
        License::KIND,
        Asset::KIND,
        Offer::KIND,
        Case::KIND,
        Entitlement::KIND,
    ] {
        let named = KINDS.iter().filter(|one| **one == kind).count();
        assert_eq!(named, 1, "{kind}");
    }
}

#[test]
fn a_record_that_lacks_something_is_read_with_what_it_has() {
    assert_eq!(
        Case::from_json(&json!({ "number": "81000009" })).number,
        "81000009"
    );
    assert_eq!(Case::from_json(&json!("nonsense")), Case::default());
    assert!(Contact::from_json(&json!({ "id": "x" })).on_contract);
    let odd = Entitlement::from_json(&json!({
        "id": "e", "name": "n", "end": "31.03.2027", "start": "2026-04-01T00:00:00Z",
        "cases_total": "many", "product_ids": "all"
    }));
    assert_eq!(
        (odd.end, odd.cases_total, odd.product_ids.len()),
        (None, None, 0)
    );
    assert_eq!(
        odd.start.map(|start| start.to_string()).as_deref(),
        Some("2026-04-01")
    );
}

#[test]
fn cms_15_the_name_of_a_file_is_text_whatever_it_holds() {
    let name = "<img src=x onerror=alert(1)>.log";
    let file =
        Attachment::from_json(&json!({ "id": "a", "case_id": "c", "name": name, "size": 7 }));
    assert_eq!((file.name.as_str(), file.size), (name, 7));
}
