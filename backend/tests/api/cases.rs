//! Filing and editing cases.

use crate::support::{
    ALEX, CASE, MORI, SATO, Service, body, header, mistakes, new_case, on_database, problem, text,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[test]
fn cms_13_a_new_case_gets_the_next_number_and_waits_for_assignment() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let answer = sato
            .create("/api/cases", "key-00000001", &new_case("最初"))
            .await;
        assert_eq!(answer.status(), StatusCode::CREATED);
        let (location, tag) = (header(&answer, "location"), header(&answer, "etag"));
        let case = body(answer).await;
        assert_eq!(case["number"], "81000001");
        assert_eq!(case["status"], "waiting_assignment");
        assert_eq!(case["assigned_to"], Value::Null);
        assert_eq!(case["history"][0]["kind"], "created");
        assert_eq!(case["history"][0]["by"], "佐藤 美咲");
        assert!(text(&case, "mail_subject").contains("81000001"));
        assert!(text(&case, "mail_subject").contains("最初"));
        assert_eq!(tag, format!("\"{}\"", text(&case, "version")));
        let read = sato.get(&location).await;
        assert_eq!(header(&read, "etag"), tag);
        assert_eq!(body(read).await, case);
        assert_eq!(sato.file("key-00000002", "次").await["number"], "81000002");
        service.stop().await;
    });
}

#[test]
fn cms_08_everything_that_was_written_is_kept_as_it_was_written() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let mut sent = new_case("👩‍👩‍👧 e\u{301} <b>件名</b>");
        sent["description"] = json!("1 行目\n\u{0}\u{1b}[31mログ\u{1b}[0m\t終わり ");
        sent["entitlement_id"] = json!("ent-hokuto-select");
        sent["serial_number"] = json!("HE2H81UJ47");
        sent["business_impact"] = json!("影響");
        sent["customer_id"] = json!("cu-aozora");
        sent["customer_name"] = json!("青空信用金庫");
        sent["other_email"] = json!("a@b.example");
        sent["watchers"] = json!(["c@d.example", "e@f.example"]);
        sent["preferred_language"] = json!("ja");
        sent["fields"] = json!({"report.occurred": "昨日"});
        let answer = sato.create("/api/cases", "key-00000001", &sent).await;
        let case = body(answer).await;
        for (field, value) in sent.as_object().expect("an object") {
            assert_eq!(case[field], *value, "{field}");
        }
        service.stop().await;
    });
}

#[test]
fn all_mistakes_of_a_case_are_told_at_once_with_pointers() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let case = json!({
            "policy": "nobody", "subject": "あ".repeat(256), "description": "", "severity": 3,
            "type": "a\nb", "product_id": "nothing", "product_version": "1",
            "contact_id": "ct-lin", "customer_id": "cu-pujiang", "other_email": "a@b",
            "watchers": ["x"], "entitlement_id": "ent-bluewave-select", "subjekt": "",
        });
        let answer = sato.create("/api/cases", "key-00000001", &case).await;
        let mut found = mistakes(answer).await;
        found.sort();
        let expected = [
            ("/callback_number", "required"),
            ("/contact_id", "unknown"),
            ("/customer_id", "unknown"),
            ("/description", "required"),
            ("/entitlement_id", "unknown"),
            ("/other_email", "invalid"),
            ("/policy", "unknown"),
            ("/product_id", "unknown"),
            ("/severity", "invalid"),
            ("/subject", "too_long"),
            ("/subjekt", "unknown"),
            ("/type", "invalid"),
            ("/watchers/0", "invalid"),
        ];
        let expected = expected.map(|(at, code)| (at.to_owned(), code.to_owned()));
        assert_eq!(found, expected);
        service.stop().await;
    });
}

#[test]
fn a_version_of_another_product_is_unknown() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let mut case = new_case("版");
        case["product_version"] = json!("14.1");
        let answer = sato.create("/api/cases", "key-00000001", &case).await;
        let unknown = ("/product_version".to_owned(), "unknown".to_owned());
        assert_eq!(mistakes(answer).await, [unknown]);
        service.stop().await;
    });
}

#[test]
fn cms_18_only_an_active_entitlement_with_cases_left_can_be_used() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let not_usable = [("/entitlement_id".to_owned(), "not_usable".to_owned())];
        for (number, entitlement) in ["ent-hokuto-2019", "ent-hokuto-pack"].iter().enumerate() {
            let mut case = new_case("契約");
            case["entitlement_id"] = json!(entitlement);
            let key = format!("key-0000000{number}");
            let answer = sato.create("/api/cases", &key, &case).await;
            assert_eq!(mistakes(answer).await, not_usable, "{entitlement}");
        }
        let alex = service.client(ALEX).await;
        let mut case = new_case("expired");
        case["contact_id"] = json!("ct-alex");
        case["entitlement_id"] = json!("ent-northgate-priority");
        let answer = alex.create("/api/cases", "key-00000001", &case).await;
        assert_eq!(mistakes(answer).await, not_usable);
        service.stop().await;
    });
}

#[test]
fn a_case_takes_one_from_its_entitlement_until_none_is_left() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let mut case = new_case("残数");
        case["entitlement_id"] = json!("ent-hokuto-priority");
        for left in (0..17).rev() {
            let key = format!("key-000000{left}");
            let answer = sato.create("/api/cases", &key, &case).await;
            assert_eq!(answer.status(), StatusCode::CREATED);
            let entitlement = sato.read("/api/entitlements/ent-hokuto-priority").await;
            assert_eq!(entitlement["cases_remaining"], left);
        }
        let answer = sato
            .create("/api/cases", "key-of-one-too-many", &case)
            .await;
        let refused = ("/entitlement_id".to_owned(), "not_usable".to_owned());
        assert_eq!(mistakes(answer).await, [refused]);

        case["entitlement_id"] = json!("ent-hokuto-select");
        let answer = sato.create("/api/cases", "key-unlimited", &case).await;
        assert_eq!(answer.status(), StatusCode::CREATED);
        let entitlement = sato.read("/api/entitlements/ent-hokuto-select").await;
        assert_eq!(entitlement["cases_remaining"], Value::Null);
        service.stop().await;
    });
}

#[test]
fn cms_02_somebody_who_is_not_on_the_contract_reads_cases_but_files_none() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let mori = service.client(MORI).await;
        assert_eq!(
            mori.get(&format!("/api/cases/{CASE}")).await.status(),
            StatusCode::OK
        );
        let answer = mori
            .create("/api/cases", "key-00000001", &new_case("x"))
            .await;
        assert_eq!(problem(answer).await, (403, "not_on_contract".to_owned()));
        service.stop().await;
    });
}

#[test]
fn an_edit_needs_the_present_version_and_otherwise_changes_nothing() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let path = format!("/api/cases/{CASE}");
        let before = sato.read(&path).await;
        let version = text(&before, "version");

        let blind = sato
            .request(Method::PATCH, &path)
            .json(&json!({"description": "x"}));
        let blind = blind.send().await.expect("an answer");
        assert_eq!(problem(blind).await, (428, "if_match_missing".to_owned()));

        let first = sato
            .edit(CASE, &version, &json!({"description": "追記した本文"}))
            .await;
        assert_eq!(first.status(), StatusCode::OK);
        let tag = header(&first, "etag");
        let edited = body(first).await;
        assert_eq!(edited["description"], "追記した本文");
        assert_eq!(edited["subject"], before["subject"]);
        let last = edited["history"]
            .as_array()
            .and_then(|history| history.last());
        assert_eq!(
            last.map(|entry| entry["kind"].clone()),
            Some(json!("edited"))
        );
        assert_eq!(
            last.map(|entry| entry["detail"].clone()),
            Some(json!("description"))
        );

        let stale = sato
            .edit(CASE, &version, &json!({"description": "上書き"}))
            .await;
        assert_eq!(header(&stale, "etag"), tag);
        assert_eq!(problem(stale).await, (412, "stale".to_owned()));
        assert_eq!(sato.read(&path).await, edited);
        service.stop().await;
    });
}

#[test]
fn of_two_simultaneous_edits_of_one_version_one_succeeds() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let version = text(&sato.read(&format!("/api/cases/{CASE}")).await, "version");
        let edits = (0..8).map(|number| {
            let (sato, version) = (sato.clone(), version.clone());
            tokio::spawn(async move {
                let patch = json!({"description": format!("編集 {number}")});
                sato.edit(CASE, &version, &patch).await.status()
            })
        });
        let mut successes = 0;
        for edit in edits.collect::<Vec<_>>() {
            match edit.await.expect("the edit ends") {
                StatusCode::OK => successes += 1,
                other => assert_eq!(other, StatusCode::PRECONDITION_FAILED),
            }
        }
        assert_eq!(successes, 1);
        service.stop().await;
    });
}

#[test]
fn a_merge_patch_replaces_lists_merges_objects_and_removes_with_null() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let mut sent = new_case("併合");
        sent["watchers"] = json!(["a@b.example", "c@d.example"]);
        sent["business_impact"] = json!("あり");
        sent["fields"] = json!({"keep": "1", "drop": "2"});
        let case = body(sato.create("/api/cases", "key-00000001", &sent).await).await;
        let patch = json!({
            "watchers": ["e@f.example"], "business_impact": null, "customer_name": "新しい名前",
            "fields": {"drop": null, "new": "3"},
        });
        let (id, version) = (text(&case, "id"), text(&case, "version"));
        let edited = body(sato.edit(&id, &version, &patch).await).await;
        assert_eq!(edited["watchers"], json!(["e@f.example"]));
        assert_eq!(edited["business_impact"], "");
        assert_eq!(edited["customer_name"], "新しい名前");
        assert_eq!(edited["fields"], json!({"keep": "1", "new": "3"}));
        service.stop().await;
    });
}

#[test]
fn an_edit_that_changes_nothing_makes_no_new_version() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let case = sato.file("key-00000001", "同じ").await;
        let patch = json!({"description": case["description"]});
        let answer = sato
            .edit(&text(&case, "id"), &text(&case, "version"), &patch)
            .await;
        assert_eq!(body(answer).await, case);
        service.stop().await;
    });
}

#[test]
fn what_may_not_be_edited_is_refused_by_name() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let version = text(&sato.read(&format!("/api/cases/{CASE}")).await, "version");
        let patch = json!({"severity": "1", "description": null, "status": "closed"});
        let answer = sato.edit(CASE, &version, &patch).await;
        let mut found = mistakes(answer).await;
        found.sort();
        let expected = [
            ("/description", "required"),
            ("/severity", "unknown"),
            ("/status", "unknown"),
        ];
        assert_eq!(
            found,
            expected.map(|(at, code)| (at.to_owned(), code.to_owned()))
        );
        service.stop().await;
    });
}

#[test]
fn cms_16_a_comment_is_added_with_its_author_and_has_a_limit() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let path = format!("/api/cases/{CASE}/comments");
        let longest = "長".repeat(16_000 / 3);
        let answer = sato
            .create(&path, "key-00000001", &json!({"body": longest}))
            .await;
        assert_eq!(answer.status(), StatusCode::CREATED);
        let location = header(&answer, "location");
        let comment = body(answer).await;
        assert_eq!(comment["author_name"], "佐藤 美咲");
        assert_eq!(comment["author_side"], "partner");
        assert_eq!(sato.read(&location).await, comment);
        let listed = sato.read(&path).await;
        assert_eq!(
            listed["items"].as_array().and_then(|all| all.last()),
            Some(&comment)
        );

        let too_long = json!({"body": "長".repeat(16_000 / 3 + 1)});
        let answer = sato.create(&path, "key-00000002", &too_long).await;
        let refused = ("/body".to_owned(), "too_long".to_owned());
        assert_eq!(mistakes(answer).await, [refused]);
        service.stop().await;
    });
}

#[test]
fn what_is_not_json_or_too_large_is_told_apart_from_wrong_fields() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let send = async |media_type: &str, body: String| {
            let request = sato
                .request(Method::POST, "/api/cases")
                .header("Idempotency-Key", "key-00000001")
                .header("Content-Type", media_type);
            problem(request.body(body).send().await.expect("an answer")).await
        };
        let json = "application/json";
        assert_eq!(
            send(json, "{".to_owned()).await,
            (400, "malformed".to_owned())
        );
        assert_eq!(
            send("text/plain", "{}".to_owned()).await,
            (415, "media_type".to_owned())
        );
        assert_eq!(
            send(json, "[]".to_owned()).await,
            (422, "invalid_fields".to_owned())
        );
        let deep = "[".repeat(100_000);
        assert_eq!(send(json, deep).await, (400, "malformed".to_owned()));
        let large = format!("\"{}\"", "x".repeat(5 * 1024 * 1024));
        assert_eq!(send(json, large).await, (413, "too_large".to_owned()));
        service.stop().await;
    });
}
