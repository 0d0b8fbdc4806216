//! Records: read with what there is, and cases found again.

use casement::core::case::{
    Attachment, Case, Comment, Contact, Entitlement, Record, filtered, time,
};
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
