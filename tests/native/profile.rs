//! The contract of the reference backend, through its profile: requests, and answers, each of which
//! is classified, also those that make no sense.

use casement::core::draft::DraftFile;
use casement::core::error::Kind;
use casement::core::profile::{
    self, Body, Conversation, Looked, Next, Profile, Pull, Reply, Request, session,
};
use casement::core::sync::patience::asked as retry_after;
use casement::core::sync::{ACTIVATE, Answer, BUY, CaseRef, LINK, Operation, Pulled, What};
use serde_json::{Value, json};

use crate::support::{json as file, lines};

/// 20 November 2026, 00:00:00 UTC.
const NOW: i64 = 1_795_132_800_000;
/// What a captive portal or a proxy puts in the place of an answer.
const HTML: &str = "<!doctype html><title>Sign in to the Wi-Fi</title>";
const RECORD: &str = r#"{"id":"c-1","number":"81000001"}"#;

pub(crate) fn native() -> Profile {
    Profile::read(file("public/backends/native.json"), "/api", &[])
        .unwrap_or_else(|problems| panic!("{:#?}", lines(&problems)))
}

fn reply(status: u16, body: &str) -> Reply {
    Reply {
        status,
        headers: vec![("retry-after".into(), "7".into())],
        body: body.into(),
        cut: false,
    }
}

/// The first request of an operation.
fn request(operation: &Operation, case: &str) -> Request {
    let profile = native();
    let mut talk = profile::perform(&profile, operation, case, &Value::Null, None);
    match talk.next(None, NOW) {
        Next::Ask(request) => request,
        Next::Done(answer) => panic!("{answer:?}"),
    }
}

/// What an answer to a comment means.
fn answer(status: u16, body: &str) -> Answer {
    let profile = native();
    let what = What::AddComment {
        case: CaseRef::Known("c-1".into()),
        text: "x".into(),
    };
    let operation = Operation::new("op-1".into(), "s", 1, what);
    let mut talk = profile::perform(&profile, &operation, "c-1", &Value::Null, None);
    let first = talk.next(None, NOW);
    assert!(matches!(first, Next::Ask(_)), "{first:?}");
    match talk.next(Some(reply(status, body)), NOW) {
        Next::Done(answer) => answer,
        Next::Ask(request) => panic!("{request:?}"),
    }
}

/// Where changes are asked for, and what an answer about them means.
fn look(cursor: Option<&str>, status: u16, body: &str) -> (String, Looked) {
    let profile = native();
    let mut talk = Pull::new(&profile, &Value::Null, cursor);
    let Next::Ask(request) = talk.next(None, NOW) else {
        panic!("nothing was asked");
    };
    match talk.next(Some(reply(status, body)), NOW) {
        Next::Done(looked) => (request.url, looked),
        Next::Ask(request) => panic!("{request:?}"),
    }
}

fn check(status: u16, body: &str, expected: Answer) {
    assert_eq!(answer(status, body), expected, "{status} {body}");
}

fn later() -> Answer {
    Answer::Later(Some(7_000))
}

fn refused(code: &str, detail: &str) -> Answer {
    Answer::Refused {
        code: code.into(),
        detail: detail.into(),
    }
}

#[test]
fn only_a_success_with_a_record_is_a_success() {
    for status in [200, 201] {
        check(
            status,
            RECORD,
            Answer::Accepted(json!({"id": "c-1", "number": "81000001"})),
        );
    }
    for body in [
        "",
        HTML,
        "{",
        "{}",
        "[]",
        "null",
        "\"c-1\"",
        "{\"id\":true}",
        "{\"id\":null}",
    ] {
        check(200, body, later());
        check(201, body, later());
    }
    check(204, "", later());
}

#[test]
fn what_may_pass_is_tried_again() {
    for status in [0, 302, 408, 425, 429, 500, 502, 503, 504, 511, 599] {
        check(status, "", later());
        check(status, HTML, later());
    }
    check(500, r#"{"code":"internal","detail":"x"}"#, later());
    check(409, r#"{"code":"in_flight"}"#, later());
    for status in [400, 403, 404, 422] {
        check(status, HTML, later());
        check(status, "", later());
    }
}

#[test]
fn the_end_of_a_sign_in_is_told_apart_from_a_refusal() {
    check(401, r#"{"code":"signed_out"}"#, Answer::SignedOut);
    check(401, HTML, Answer::SignedOut);
    check(401, "", Answer::SignedOut);
    check(403, r#"{"code":"csrf"}"#, Answer::SignedOut);
    check(
        403,
        r#"{"code":"forbidden","detail":"Not yours."}"#,
        refused("forbidden", "Not yours."),
    );
}

#[test]
fn a_refusal_carries_its_code_and_every_field_error() {
    let body = json!({
        "type": "urn:casement:problem:invalid", "title": "Invalid", "status": 422,
        "detail": "Two fields.", "code": "invalid",
        "errors": [
            { "pointer": "/subject", "code": "required", "detail": "subject is required." },
            { "pointer": "/entitlement_id", "code": "not_usable", "detail": "It has ended." }
        ]
    });
    check(
        422,
        &body.to_string(),
        refused(
            "invalid",
            "Two fields.\n/subject: subject is required.\n/entitlement_id: It has ended.",
        ),
    );
    check(
        404,
        "{}",
        refused("status_404", "POST /cases/c-1/comments: status 404"),
    );
    check(
        410,
        "\"gone\"",
        refused("status_410", "POST /cases/c-1/comments: status 410"),
    );
    check(409, r#"{"code":"conflict"}"#, refused("conflict", ""));
    check(
        412,
        r#"{"code":"stale"}"#,
        Answer::Conflict { theirs: None },
    );
    check(
        422,
        r#"{"code":"idempotency_key_reused"}"#,
        refused("idempotency_key_reused", ""),
    );
}

#[test]
fn a_file_too_large_for_a_proxy_is_not_sent_for_ever() {
    check(
        413,
        HTML,
        refused("status_413", "POST /cases/c-1/comments: status 413"),
    );
    check(
        413,
        r#"{"code":"too_large","detail":"100 MB"}"#,
        refused("too_large", "100 MB"),
    );
}

fn check_retry(header: Option<&str>, expected: Option<i64>) {
    assert_eq!(retry_after(header, NOW), expected, "{header:?}");
}

#[test]
fn retry_after_is_seconds_or_a_date_and_nonsense_asks_for_nothing() {
    check_retry(None, None);
    check_retry(Some("120"), Some(120_000));
    check_retry(Some(" 0 "), Some(0));
    check_retry(Some("-5"), Some(0));
    check_retry(Some("Fri, 20 Nov 2026 00:01:00 GMT"), Some(60_000));
    check_retry(Some("Thu, 19 Nov 2026 00:00:00 GMT"), Some(0));
    check_retry(Some("1.5"), Some(1_500));
    check_retry(Some("99999999999999999999999"), Some(i64::MAX));
    for nonsense in ["", "soon", "2026-11-20", "Fri, 99 Nov"] {
        check_retry(Some(nonsense), None);
    }
}

fn check_request(what: What, expected: Request) {
    let operation = Operation::new("op-1".into(), "s", 1, what);
    assert_eq!(request(&operation, "c/1"), expected);
}

#[test]
fn every_creation_carries_its_operation_as_idempotency_key() {
    let key = || vec![("Idempotency-Key".to_string(), "op-1".to_string())];
    let case = || CaseRef::Known("c/1".into());
    check_request(
        What::CreateCase {
            draft: "d".into(),
            title: "t".into(),
            body: json!({"subject": "x"}),
        },
        Request {
            method: "POST",
            url: "/cases".into(),
            headers: key(),
            body: Body::Json(json!({"subject": "x"})),
            ..Request::default()
        },
    );
    check_request(
        What::AddComment {
            case: case(),
            text: "<b>".into(),
        },
        Request {
            method: "POST",
            url: "/cases/c%2F1/comments".into(),
            headers: key(),
            body: Body::Json(json!({"body": "<b>"})),
            ..Request::default()
        },
    );
    let file = DraftFile {
        id: "f".into(),
        name: "<a b>&.log".into(),
        size: 1,
        media_type: "text/plain".into(),
        chunks: 1,
        fingerprint: String::new(),
        sha256: String::new(),
    };
    let what = What::Attach { case: case(), file };
    let begun = request(&Operation::new("op-1".into(), "s", 1, what), "c/1");
    assert_eq!(begun.url, "/cases/c%2F1/uploads");
    assert!(begun.headers.contains(&key()[0]), "{:?}", begun.headers);
}

#[test]
fn an_edit_names_the_version_it_was_made_against_and_carries_its_key() {
    check_request(
        What::EditCase {
            case: CaseRef::Known("c/1".into()),
            base: "17".into(),
            patch: json!({"description": "x"}),
            before: Value::Null,
        },
        Request {
            method: "PATCH",
            url: "/cases/c%2F1".into(),
            headers: vec![
                ("Idempotency-Key".into(), "op-1".into()),
                ("If-Match".into(), "\"17\"".into()),
            ],
            body: Body::Json(json!({"description": "x"})),
            ..Request::default()
        },
    );
}

fn check_act(on: Option<CaseRef>, action: &str, body: Value, path: &str, sent: Value) {
    check_request(
        What::Act {
            on,
            action: action.into(),
            body,
            title: "t".into(),
            before: Value::Null,
        },
        Request {
            method: "POST",
            url: path.into(),
            headers: vec![("Idempotency-Key".into(), "op-1".into())],
            body: Body::Json(sent),
            ..Request::default()
        },
    );
}

#[test]
fn csf_12_every_step_in_the_life_of_a_case_is_asked_for_at_the_case() {
    for action in [
        "lower_severity",
        "close",
        "reopen",
        "escalate",
        "rma",
        "contacts",
        "watchers",
    ] {
        check_act(
            Some(CaseRef::Known("c/1".into())),
            action,
            json!({ "reason": "<b>" }),
            "/cases/c%2F1/actions",
            json!({ "action": action, "reason": "<b>" }),
        );
    }
}

#[test]
fn mpt_05_contracts_are_linked_bought_and_activated_at_the_account() {
    for (action, path) in [
        (LINK, "/entitlements/link"),
        (BUY, "/entitlements/purchases"),
        (ACTIVATE, "/entitlements/activate"),
    ] {
        check_act(None, action, json!({ "a": "1" }), path, json!({ "a": "1" }));
    }
}

#[test]
fn mpt_05_a_contract_that_was_linked_before_is_an_answer_as_good_as_a_new_one() {
    let record = json!({ "id": "ent-9", "plan": "signature" });
    for status in [200, 201] {
        let expected = Answer::Accepted(record.clone());
        assert_eq!(answer(status, &record.to_string()), expected);
    }
}

#[test]
fn mpt_06_each_refusal_keeps_its_own_code() {
    for (status, code) in [
        (422, "unknown_ids"),
        (422, "ids_of_own"),
        (422, "linked_elsewhere"),
        (422, "price_changed"),
        (422, "reopen_too_late"),
        (403, "role_needed"),
        (403, "sign_in_kind"),
    ] {
        let body = json!({ "code": code, "detail": "d" }).to_string();
        let expected = Answer::Refused {
            code: code.into(),
            detail: "d".into(),
        };
        assert_eq!(answer(status, &body), expected, "{code}");
    }
}

fn check_fields(errors: Value, code: &str) {
    let body = json!({ "code": "invalid_fields", "detail": "d", "errors": errors });
    match answer(422, &body.to_string()) {
        Answer::Refused { code: found, .. } => assert_eq!(found, code, "{body}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn new_03_a_refused_form_says_why_by_the_most_telling_of_its_errors() {
    let error = |pointer: &str, code: &str| json!({ "pointer": pointer, "code": code });
    check_fields(json!([]), "invalid_fields");
    check_fields(json!("nonsense"), "invalid_fields");
    check_fields(json!([error("/subject", "required"), 7]), "invalid_fields");
    check_fields(
        json!([error("/entitlement_id", "unknown")]),
        "entitlement_gone",
    );
    check_fields(
        json!([
            error("/subject", "too_long"),
            error("/customer_id", "unknown")
        ]),
        "customer_gone",
    );
    check_fields(json!([error("/contact_id", "unknown")]), "invalid_fields");
    check_fields(
        json!([error("/entitlement_id", "not_usable")]),
        "not_usable",
    );
    check_fields(
        json!([
            error("/subject", "required"),
            error("/product_id", "role_needed")
        ]),
        "role_needed",
    );
}

fn check_changes(status: u16, body: &str, expected: &[&str], pulled: Pulled) {
    let (_, looked) = look(Some("16"), status, body);
    let outcome = match looked.pulled {
        Pulled::Until { cursor, more } => {
            let kept: Value = serde_json::from_str(&cursor).expect("a cursor is JSON");
            let token = kept["lists"][0]["token"].as_str().unwrap_or("");
            Pulled::Until {
                cursor: token.into(),
                more,
            }
        }
        other => other,
    };
    let found: Vec<String> = looked
        .changes
        .iter()
        .map(|change| match &change.record {
            Some(record) => format!("{} {} {record}", change.kind, change.id),
            None => format!("{} {} gone", change.kind, change.id),
        })
        .collect();
    assert_eq!(
        (found, outcome),
        (expected.iter().map(|s| s.to_string()).collect(), pulled)
    );
}

#[test]
fn changes_are_records_and_tombstones_up_to_a_cursor() {
    let body = json!({
        "items": [
            { "kind": "case", "id": "c-1", "deleted": false, "record": { "id": "c-1" } },
            { "kind": "case", "id": "c-2", "deleted": true },
            { "kind": "case", "id": "c-3", "deleted": true, "record": { "id": "c-3" } },
            { "kind": "novelty", "id": "n-1", "deleted": false, "record": {} }
        ],
        "cursor": "17", "more": true
    });
    check_changes(
        200,
        &body.to_string(),
        &[
            r#"case c-1 {"id":"c-1"}"#,
            "case c-2 gone",
            "case c-3 gone",
            r#"novelty n-1 {"id":"n-1"}"#,
        ],
        Pulled::Until {
            cursor: "17".into(),
            more: true,
        },
    );
}

#[test]
fn a_change_that_can_not_be_read_deletes_nothing() {
    let body = json!({
        "items": [
            { "kind": "case", "id": "c-1" },
            { "kind": "case", "id": "c-2", "record": "nonsense" },
            { "kind": "case", "record": { "id": "c-3" } },
            "nonsense",
            null
        ],
        "cursor": "18"
    });
    check_changes(
        200,
        &body.to_string(),
        &[r#"case c-3 {"id":"c-3"}"#],
        Pulled::Until {
            cursor: "18".into(),
            more: false,
        },
    );
}

#[test]
fn every_other_answer_about_changes_is_patience_a_sign_in_or_a_new_start() {
    let later = || Pulled::Later(Some(7_000));
    for (status, body) in [
        (0, ""),
        (200, ""),
        (200, HTML),
        (200, "{}"),
        (200, r#"{"items":{},"cursor":"1"}"#),
        (200, r#"{"items":[],"cursor":null}"#),
        (204, ""),
        (403, "{}"),
        (404, HTML),
        (429, ""),
        (500, HTML),
        (503, "{}"),
    ] {
        check_changes(status, body, &[], later());
    }
    check_changes(401, HTML, &[], Pulled::SignedOut);
    check_changes(410, r#"{"code":"cursor_gone"}"#, &[], Pulled::FromTheStart);
    check_changes(410, HTML, &[], later());
}

#[test]
fn changes_are_asked_for_from_the_cursor_on() {
    let body = r#"{"items":[],"cursor":"z"}"#;
    assert_eq!(look(None, 200, body).0, "/changes?limit=500");
    // As versions before profiles kept it.
    let (url, looked) = look(Some("a b&c"), 200, body);
    assert_eq!(url, "/changes?limit=500&since=a%20b%26c");
    let Pulled::Until { cursor, .. } = looked.pulled else {
        panic!("{looked:?}");
    };
    assert_eq!(
        look(Some(&cursor), 200, body).0,
        "/changes?limit=500&since=z"
    );
}

fn check_no_session(status: u16, body: &str, kind: Kind) {
    let error = session(status, body).expect_err("there is no session");
    assert_eq!(error.kind(), kind, "{status} {body}: {error}");
}

#[test]
fn cms_02_a_session_says_who_is_signed_in() {
    let body = json!({
        "signed_in": true, "subject": "s-1", "csrf": "t", "contact_id": "con-1",
        "login": "sato@hokuto.example", "account_id": "acc-1", "server_time": "x"
    });
    let session = session(200, &body.to_string()).expect("someone is signed in");
    assert_eq!(
        [
            &session.subject,
            &session.csrf,
            &session.contact,
            &session.login
        ],
        ["s-1", "t", "con-1", "sato@hokuto.example"]
    );
}

#[test]
fn cms_02_nobody_signed_in_is_an_answer_that_may_offer_examples() {
    let body = r#"{"signed_in":false,"server_time":"x","examples":[
        {"login":"a@b.example","password":"p","name":"A","note":"n"},{"login":7}]}"#;
    let session = session(200, body).expect("an answer");
    assert_eq!(session.subject, "");
    let first = ["a@b.example", "p", "A", "n"].map(String::from);
    assert_eq!(session.examples, [first, Default::default()]);
}

#[test]
fn a_session_that_can_not_be_read_is_not_taken_for_nobody() {
    for body in ["", HTML, "[]", "null", "{}", r#"{"login":"wifi"}"#] {
        check_no_session(200, body, Kind::Unreadable);
    }
    check_no_session(404, HTML, Kind::Unreadable);
    check_no_session(0, "", Kind::Unreachable);
    check_no_session(500, HTML, Kind::Unreachable);
    check_no_session(502, "{}", Kind::Unreachable);
    check_no_session(429, HTML, Kind::Busy);
    check_no_session(503, "", Kind::Busy);
    check_no_session(401, r#"{"detail":"Wrong password."}"#, Kind::SignedOut);
    check_no_session(401, HTML, Kind::SignedOut);
    check_no_session(422, "{}", Kind::Refused);
}

#[test]
fn an_error_is_tried_again_only_where_that_may_help() {
    for (status, retryable) in [
        (0, true),
        (500, true),
        (429, true),
        (401, false),
        (422, false),
    ] {
        let error = session(status, "{}").expect_err("an error");
        assert_eq!(error.is_retryable(), retryable, "{status}");
        assert!(!error.to_string().is_empty());
    }
}
