//! A creation happens once, however often it is sent.

use crate::support::{
    CASE, Client, LIN, SATO, Service, body, header, mistakes, new_case, on_database, problem, text,
};
use casement_backend::store::{Reservation, Store};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::io::Write;
use std::net::TcpStream;

#[test]
fn a_repeated_creation_gets_the_first_answer_and_creates_nothing() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;

        let first = sato
            .create("/api/cases", "key-00000001", &new_case("一度だけ"))
            .await;
        assert_eq!(first.status(), StatusCode::CREATED);
        assert_eq!(header(&first, "idempotency-replayed"), "");
        let kept = [header(&first, "etag"), header(&first, "location")];
        let first = body(first).await;

        let again = sato
            .create("/api/cases", "key-00000001", &new_case("一度だけ"))
            .await;
        assert_eq!(again.status(), StatusCode::CREATED);
        assert_eq!(header(&again, "idempotency-replayed"), "true");
        assert_eq!([header(&again, "etag"), header(&again, "location")], kept);
        assert_eq!(body(again).await, first);

        let found = sato.read("/api/cases?q=一度だけ").await;
        assert_eq!(found["items"].as_array().map(Vec::len), Some(1));
        service.stop().await;
    });
}

#[test]
fn the_first_answer_is_repeated_even_after_the_record_has_changed() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let case = sato.file("key-00000001", "版").await;
        let edited = sato
            .edit(
                &text(&case, "id"),
                &text(&case, "version"),
                &json!({"description": "別"}),
            )
            .await;
        assert_eq!(edited.status(), StatusCode::OK);
        assert_eq!(sato.file("key-00000001", "版").await, case);
        service.stop().await;
    });
}

#[test]
fn a_creation_in_flight_elsewhere_waits_and_is_taken_over_when_its_sender_has_vanished() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        // Learn the fingerprint of the operation the way another process would: by reserving
        // the key with the same request, and leaving it as after a crash.
        let elsewhere = Store::open(&database.url)
            .await
            .expect("the database opens");
        let fingerprint = fingerprint(&new_case("途中"));
        let reserved = elsewhere
            .reserve_key("acc-hokuto", "key-00000001", &fingerprint)
            .await
            .expect("the database answers");
        assert!(matches!(reserved, Reservation::Granted(_)));

        let waiting = sato
            .create("/api/cases", "key-00000001", &new_case("途中"))
            .await;
        assert_eq!(header(&waiting, "retry-after"), "1");
        assert_eq!(problem(waiting).await, (409, "in_flight".to_owned()));
        assert_eq!(sato.read("/api/cases?q=途中").await["items"], json!([]));

        elsewhere
            .expire_leases()
            .await
            .expect("the database answers");
        sato.file("key-00000001", "途中").await;
        let found = sato.read("/api/cases?q=途中").await;
        assert_eq!(found["items"].as_array().map(Vec::len), Some(1));
        elsewhere.close().await;
        service.stop().await;
    });
}

#[test]
fn a_sender_whose_lease_was_taken_over_commits_nothing() {
    on_database(async |database| {
        let store = Store::open(&database.url)
            .await
            .expect("the database opens");
        let reserve = async || {
            let reserved = store.reserve_key("acc", "key-00000001", "print").await;
            match reserved.expect("the database answers") {
                Reservation::Granted(lease) => lease,
                other => panic!("the key is free, found {other:?}"),
            }
        };
        let slow = reserve().await;
        store.expire_leases().await.expect("the database answers");
        let quick = reserve().await;

        let mut work = store.write().await.expect("the database answers");
        let allowed = work.answer_key(&slow, "{}").await;
        assert!(!allowed.expect("the database answers"));
        drop(work);

        let mut work = store.write().await.expect("the database answers");
        let allowed = work.answer_key(&quick, "{}").await;
        assert!(allowed.expect("the database answers"));
        work.commit().await.expect("the database answers");
        store.close().await;
    });
}

#[test]
fn a_key_that_was_used_for_another_body_or_place_is_refused() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        sato.file("key-00000001", "最初").await;
        let reused = (422, "idempotency_key_reused".to_owned());

        let other = sato
            .create("/api/cases", "key-00000001", &new_case("別の件"))
            .await;
        assert_eq!(problem(other).await, reused);
        let comments = format!("/api/cases/{CASE}/comments");
        let other = sato
            .create(&comments, "key-00000001", &json!({"body": "x"}))
            .await;
        assert_eq!(problem(other).await, reused);
        service.stop().await;
    });
}

#[test]
fn a_refused_creation_frees_its_key_for_the_corrected_one() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let refused = sato
            .create("/api/cases", "key-00000001", &new_case(" "))
            .await;
        assert_eq!(
            mistakes(refused).await,
            [("/subject".to_owned(), "required".to_owned())]
        );
        sato.file("key-00000001", "訂正後").await;
        service.stop().await;
    });
}

#[test]
fn many_senders_of_one_operation_create_one_case() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let before = entitlement(&sato).await;
        let mut case = new_case("同時送信");
        case["entitlement_id"] = json!("ent-hokuto-priority");

        let senders = (0..16).map(|_| {
            let (sato, case) = (sato.clone(), case.clone());
            tokio::spawn(async move { send_until_answered(&sato, &case).await })
        });
        let mut answers = Vec::new();
        for sender in senders.collect::<Vec<_>>() {
            answers.push(sender.await.expect("the sender ends"));
        }
        assert!(answers.iter().all(|answer| *answer == answers[0]));
        let found = sato.read("/api/cases?q=同時送信").await;
        assert_eq!(found["items"].as_array().map(Vec::len), Some(1));
        let after = entitlement(&sato).await;
        assert_eq!(after, before - 1, "the contract is charged once");
        service.stop().await;
    });
}

#[test]
fn a_client_that_hangs_up_leaves_one_whole_case_or_none() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let before = entitlement(&sato).await;
        let mut case = new_case("回線途絶");
        case["entitlement_id"] = json!("ent-hokuto-priority");
        for _ in 0..8 {
            let sent = case.to_string();
            let mut connection = TcpStream::connect(service.address).expect("it listens");
            write!(
                connection,
                "POST /api/cases HTTP/1.1\r\nHost: x\r\nCookie: {}\r\nX-CSRF-Token: {}\r\n\
                 Idempotency-Key: key-00000001\r\nContent-Type: application/json\r\n\
                 Content-Length: {}\r\n\r\n{sent}",
                sato.cookie(),
                sato.csrf(),
                sent.len(),
            )
            .expect("the service reads");
            // Dropping the connection here loses the answer, at whatever point the work is.
        }
        send_until_answered(&sato, &case).await;
        let found = sato.read("/api/cases?q=回線途絶").await;
        assert_eq!(found["items"].as_array().map(Vec::len), Some(1));
        assert_eq!(entitlement(&sato).await, before - 1);
        service.stop().await;
    });
}

#[test]
fn keys_of_one_account_do_not_meet_those_of_another() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let lin = service.client(LIN).await;
        sato.file("key-00000001", "北斗の件").await;
        let mut case = new_case("蓝波的问题");
        case["contact_id"] = json!("ct-lin");
        let answer = lin.create("/api/cases", "key-00000001", &case).await;
        assert_eq!(answer.status(), StatusCode::CREATED);
        assert_eq!(body(answer).await["subject"], "蓝波的问题");
        service.stop().await;
    });
}

#[test]
fn a_creation_without_a_usable_key_is_refused() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let missing = (400, "idempotency_key_missing".to_owned());
        for key in ["short", "with a blank in it", &"x".repeat(129)] {
            let answer = sato.create("/api/cases", key, &new_case("x")).await;
            assert_eq!(problem(answer).await, missing, "{key:?}");
        }
        for path in [
            "/api/cases".to_owned(),
            format!("/api/cases/{CASE}/attachments?name=a"),
        ] {
            let answer = sato
                .request(Method::POST, &path)
                .json(&new_case("x"))
                .send()
                .await;
            assert_eq!(problem(answer.expect("an answer")).await, missing);
        }
        service.stop().await;
    });
}

/// Sends like a patient client: as long as the operation is in flight it asks again.
async fn send_until_answered(client: &Client, case: &Value) -> Value {
    loop {
        let answer = client.create("/api/cases", "key-00000001", case).await;
        match answer.status() {
            StatusCode::CREATED => return body(answer).await,
            _ => assert_eq!(problem(answer).await, (409, "in_flight".to_owned())),
        }
    }
}

async fn entitlement(client: &Client) -> i64 {
    let entitlement = client.read("/api/entitlements/ent-hokuto-priority").await;
    entitlement["cases_remaining"]
        .as_i64()
        .expect("a number of cases")
}

/// What identifies the filing of a case: method, path, query and body, each with its length.
fn fingerprint(case: &Value) -> String {
    use sha2::{Digest, Sha256};
    let body = case.to_string();
    let mut hash = Sha256::new();
    for part in ["POST", "/api/cases", "", &body] {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
