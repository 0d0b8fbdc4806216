//! What a person may ask of the desk on a case, and what happens to the case.

use crate::support::{
    CASE, MORI, SATO, Service, TANAKA, body, header, mistakes, on_database, problem, text,
};
use reqwest::StatusCode;
use serde_json::{Value, json};

/// One of Tanaka's open cases, of severity 2.
const OPEN: &str = "case-80970266";
const WAITING: &str = "case-80970230";
const CLOSED_RECENTLY: &str = "case-80970101";
const CLOSED_LONG_AGO: &str = "case-80969412";

fn last(case: &Value) -> (String, String) {
    let entry = case["history"].as_array().and_then(|all| all.last());
    let entry = entry.cloned().unwrap_or_default();
    (text(&entry, "kind"), text(&entry, "detail"))
}

fn entry(kind: &str, detail: &str) -> (String, String) {
    (kind.to_owned(), detail.to_owned())
}

#[test]
fn csf_09_a_severity_is_lowered_but_never_raised() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let tanaka = service.client(TANAKA).await;
        let raise = json!({"action": "lower_severity", "severity": "1"});
        let answer = tanaka.act(OPEN, "key-00000001", &raise).await;
        assert_eq!(problem(answer).await, (422, "cannot_raise".to_owned()));
        let same = json!({"action": "lower_severity", "severity": "2"});
        let answer = tanaka.act(OPEN, "key-00000002", &same).await;
        assert_eq!(problem(answer).await, (422, "cannot_raise".to_owned()));
        let unknown = json!({"action": "lower_severity", "severity": "5"});
        let answer = tanaka.act(OPEN, "key-00000003", &unknown).await;
        let expected = ("/severity".to_owned(), "unknown".to_owned());
        assert_eq!(mistakes(answer).await, [expected]);

        let lower = json!({"action": "lower_severity", "severity": "3", "reason": "回避できた"});
        let answer = tanaka.act(OPEN, "key-00000004", &lower).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let tag = header(&answer, "etag");
        let case = body(answer).await;
        assert_eq!(tag, format!("\"{}\"", text(&case, "version")));
        assert_eq!(case["severity"], "3");
        assert_eq!(last(&case), entry("severity", "2>3\n回避できた"));
        assert_eq!(tanaka.read(&format!("/api/cases/{OPEN}")).await, case);
        service.stop().await;
    });
}

#[test]
fn csf_11_closing_is_confirmed_by_the_customer_and_ends_the_case() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let tanaka = service.client(TANAKA).await;
        let close = json!({"action": "close", "note": "直りました"});
        let case = body(tanaka.act(OPEN, "key-00000001", &close).await).await;
        assert_eq!(case["status"], "closed");
        assert_eq!(case["close_reason"], "confirmed");
        assert!(case["closed_at"].is_string());
        assert_eq!(last(&case), entry("closed", "直りました"));
        for action in [
            json!({"action": "close"}),
            json!({"action": "lower_severity", "severity": "4"}),
            json!({"action": "watchers", "watchers": []}),
        ] {
            let answer = tanaka.act(OPEN, "key-00000002", &action).await;
            assert_eq!(problem(answer).await, (422, "case_closed".to_owned()));
        }
        service.stop().await;
    });
}

#[test]
fn csf_12_a_case_is_reopened_within_the_days_of_its_desk_and_not_later() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let tanaka = service.client(TANAKA).await;
        let reopen = json!({"action": "reopen", "reason": "再発"});
        let case = body(tanaka.act(CLOSED_RECENTLY, "key-00000001", &reopen).await).await;
        assert_eq!(case["status"], "open");
        assert_eq!(case["closed_at"], Value::Null);
        assert_eq!(case["close_reason"], "");
        assert_eq!(last(&case), entry("reopened", "再発"));

        let answer = tanaka.act(CLOSED_LONG_AGO, "key-00000002", &reopen).await;
        assert_eq!(problem(answer).await, (422, "reopen_too_late".to_owned()));
        let answer = tanaka.act(OPEN, "key-00000003", &reopen).await;
        assert_eq!(problem(answer).await, (422, "not_closed".to_owned()));
        service.stop().await;
    });
}

#[test]
fn csf_12_a_new_case_names_the_case_it_follows() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let tanaka = service.client(TANAKA).await;
        let mut case = crate::support::new_case("再発");
        case["contact_id"] = json!("ct-tanaka");
        case["linked_case"] = json!("80969412");
        let filed = body(tanaka.create("/api/cases", "key-00000001", &case).await).await;
        assert_eq!(filed["linked_case"], "80969412");
        // The number of another account's case is as unknown as one that was never given.
        for number in ["80999701", "1"] {
            case["linked_case"] = json!(number);
            let answer = tanaka.create("/api/cases", "key-00000002", &case).await;
            let expected = ("/linked_case".to_owned(), "unknown".to_owned());
            assert_eq!(mistakes(answer).await, [expected]);
        }
        service.stop().await;
    });
}

#[test]
fn csf_13_an_escalation_names_its_channel_impact_and_wish() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let tanaka = service.client(TANAKA).await;
        let empty = json!({"action": "escalate", "channel": "letter"});
        let mut found = mistakes(tanaka.act(WAITING, "key-00000001", &empty).await).await;
        found.sort();
        let expected = [
            ("/business_impact", "required"),
            ("/channel", "unknown"),
            ("/summary", "required"),
        ];
        assert_eq!(
            found,
            expected.map(|(at, code)| (at.to_owned(), code.to_owned()))
        );
        let escalate = json!({
            "action": "escalate", "channel": "phone", "business_impact": "全社停止",
            "summary": "本日中の回避策", "contact": "大西",
        });
        let case = body(tanaka.act(WAITING, "key-00000002", &escalate).await).await;
        assert_eq!(case["escalation"]["channel"], "phone");
        assert_eq!(case["escalation"]["contact"], "大西");
        assert_eq!(last(&case), entry("escalated", "phone"));
        service.stop().await;
    });
}

#[test]
fn csf_17_a_return_of_material_needs_a_device_of_the_account_its_level_and_its_address() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let tanaka = service.client(TANAKA).await;
        let rma = |serial: &str, level: &str, confirmed: bool| {
            json!({
                "action": "rma", "serial_number": serial, "level": level, "part": "PSU 1",
                "address_confirmed": confirmed, "contact_name": "三浦",
                "contact_mobile": "+81 90-5550-2102",
            })
        };
        for (serial, level, confirmed, code) in [
            ("7RKS20XW91", "gold_plus", true, "not_this_level"),
            ("7RKS20XW91", "silver", false, "address_not_confirmed"),
            ("GP4SPK1104", "gold_plus", true, "address_not_registered"),
            // Sato's device.
            ("HE2H81UJ47", "silver", true, "invalid_fields"),
        ] {
            let action = rma(serial, level, confirmed);
            let answer = tanaka.act(OPEN, "key-00000001", &action).await;
            assert_eq!(problem(answer).await, (422, code.to_owned()), "{serial}");
        }
        // While its address is not registered, a Gold Plus device has Gold.
        for (case, serial, level) in [
            (OPEN, "GP4SPK1104", "gold"),
            (WAITING, "GP1TKY5501", "gold_plus"),
        ] {
            let key = format!("key-of-{case}");
            let answer = tanaka.act(case, &key, &rma(serial, level, true)).await;
            let case = body(answer).await;
            assert_eq!(case["rma"]["level"], level);
            assert_eq!(case["rma"]["shipped_at"], Value::Null);
            assert_eq!(last(&case), entry("rma", serial));
        }
        let another = rma("7RKS20XW91", "silver", true);
        let answer = tanaka.act(OPEN, "key-00000002", &another).await;
        assert_eq!(problem(answer).await, (422, "rma_already".to_owned()));
        service.stop().await;
    });
}

#[test]
fn mpt_17_contacts_of_the_account_are_added_and_others_are_unknown() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let tanaka = service.client(TANAKA).await;
        let add = json!({"action": "contacts", "contacts": ["ct-onishi", "ct-hoshino"]});
        let case = body(tanaka.act(OPEN, "key-00000001", &add).await).await;
        assert_eq!(case["contacts"], json!(["ct-onishi", "ct-hoshino"]));
        assert_eq!(last(&case), entry("edited", "contacts"));
        let add = json!({"action": "contacts", "contacts": ["ct-onishi", "ct-sato"]});
        let answer = tanaka.act(OPEN, "key-00000002", &add).await;
        let expected = ("/contacts/1".to_owned(), "unknown".to_owned());
        assert_eq!(mistakes(answer).await, [expected]);

        let watch = json!({"action": "watchers", "watchers": ["a@b.example"]});
        let case = body(tanaka.act(OPEN, "key-00000003", &watch).await).await;
        assert_eq!(case["watchers"], json!(["a@b.example"]));
        service.stop().await;
    });
}

#[test]
fn an_action_sent_twice_is_done_once() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let tanaka = service.client(TANAKA).await;
        let close = json!({"action": "close"});
        let first = body(tanaka.act(OPEN, "key-00000001", &close).await).await;
        let again = tanaka.act(OPEN, "key-00000001", &close).await;
        assert_eq!(again.status(), StatusCode::OK);
        assert_eq!(header(&again, "idempotency-replayed"), "true");
        assert_eq!(header(&again, "location"), "");
        assert_eq!(body(again).await, first);
        let other = json!({"action": "close", "note": "x"});
        let answer = tanaka.act(OPEN, "key-00000001", &other).await;
        assert_eq!(
            problem(answer).await,
            (422, "idempotency_key_reused".to_owned())
        );
        service.stop().await;
    });
}

#[test]
fn an_edit_sent_twice_under_one_key_is_made_once() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let version = text(&sato.read(&format!("/api/cases/{CASE}")).await, "version");
        let send = async |version: &str| {
            sato.request(reqwest::Method::PATCH, &format!("/api/cases/{CASE}"))
                .header("If-Match", format!("\"{version}\""))
                .header("Idempotency-Key", "key-00000001")
                .json(&json!({"description": "追記"}))
                .send()
                .await
                .expect("an answer")
        };
        // A refusal frees the key, so the corrected edit may keep it.
        assert_eq!(send("0").await.status(), StatusCode::PRECONDITION_FAILED);
        let first = send(&version).await;
        assert_eq!(first.status(), StatusCode::OK);
        let first = body(first).await;
        for version in [version, text(&first, "version")] {
            let again = send(&version).await;
            assert_eq!(header(&again, "idempotency-replayed"), "true");
            assert_eq!(body(again).await, first);
        }
        service.stop().await;
    });
}

#[test]
fn nobody_acts_on_a_case_of_another_account_or_without_being_on_the_contract() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let close = json!({"action": "close"});
        let tanaka = service.client(TANAKA).await;
        let answer = tanaka.act(CASE, "key-00000001", &close).await;
        assert_eq!(problem(answer).await, (404, "not_found".to_owned()));
        let mori = service.client(MORI).await;
        let answer = mori.act(CASE, "key-00000001", &close).await;
        assert_eq!(problem(answer).await, (403, "not_on_contract".to_owned()));
        let unknown = json!({"action": "explode"});
        let answer = tanaka.act(OPEN, "key-00000002", &unknown).await;
        let expected = ("/action".to_owned(), "unknown".to_owned());
        assert_eq!(mistakes(answer).await, [expected]);
        service.stop().await;
    });
}

#[test]
fn a_comment_lifts_its_case_answers_what_was_asked_and_lets_a_prepared_edit_fit() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let tanaka = service.client(TANAKA).await;
        let path = format!("/api/cases/{WAITING}");
        let before = tanaka.read(&path).await;
        assert_eq!(before["status"], "waiting_customer");
        let comment = json!({"body": "ログを送りました"});
        let answer = tanaka
            .create(&format!("{path}/comments"), "key-00000001", &comment)
            .await;
        assert_eq!(answer.status(), StatusCode::CREATED);
        let after = tanaka.read(&path).await;
        assert_eq!(after["status"], "open");
        assert_eq!(last(&after), entry("status", "open"));
        assert!(text(&after, "updated_at") > text(&before, "updated_at"));
        assert_eq!(after["version"], before["version"]);
        let edit = json!({"description": "追記"});
        let answer = tanaka.edit(WAITING, &text(&before, "version"), &edit).await;
        assert_eq!(answer.status(), StatusCode::OK);
        service.stop().await;
    });
}
