//! The fault mode: what is dropped, cut, repeated and told wrongly, and what was done all the same.

use crate::support::{CASE, Client, SATO, Service, body, header, on_database, text, usual};
use chrono::{DateTime, Utc};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

async fn failing(database: &crate::support::Database) -> (Service, Client) {
    let mut config = usual(database);
    config.faults = true;
    let service = Service::start(config).await;
    let sato = service.client(SATO).await;
    (service, sato)
}

async fn script(client: &Client, rules: Value) {
    let script = json!({"seed": 1, "rules": rules});
    let answer = client.request(Method::POST, "/faults").json(&script).send();
    assert_eq!(
        answer.await.expect("an answer").status(),
        StatusCode::NO_CONTENT
    );
}

async fn comment(client: &Client, key: &str, said: &str) -> reqwest::Result<Response> {
    let path = format!("/api/cases/{CASE}/comments");
    let request = client
        .request(Method::POST, &path)
        .header("Idempotency-Key", key);
    request.json(&json!({"body": said})).send().await
}

async fn said(client: &Client, key: &str) -> usize {
    let path = format!("/api/cases/{CASE}/comments?client_reference={key}");
    let found = client.read(&path).await;
    found["items"].as_array().map_or(0, Vec::len)
}

#[test]
fn what_is_dropped_before_is_not_done_and_what_is_dropped_after_is() {
    on_database(async |database| {
        let (service, sato) = failing(database).await;
        for (fault, done) in [("drop_before", 0), ("drop_after", 1), ("truncate", 1)] {
            let rules = json!([{"on": "POST /api/cases", "fault": fault, "times": 1}]);
            script(&sato, rules).await;
            let key = format!("key-{fault}");
            let answer = comment(&sato, &key, fault).await;
            let arrived = match answer {
                Ok(answer) => answer.bytes().await.is_ok(),
                Err(_) => false,
            };
            assert!(!arrived, "{fault}");
            assert_eq!(said(&sato, &key).await, done, "{fault}");
            let again = comment(&sato, &key, fault)
                .await
                .expect("all is well again");
            assert_eq!(again.status(), StatusCode::CREATED);
            assert_eq!(said(&sato, &key).await, 1, "{fault}");
        }
        let ledger = sato.read("/faults/ledger").await;
        let bodies: Vec<String> = ledger["comment"]
            .as_array()
            .expect("comments")
            .iter()
            .map(|comment| text(comment, "body"))
            .collect();
        assert_eq!(bodies, ["drop_before", "drop_after", "truncate"]);
        service.stop().await;
    });
}

#[test]
fn a_request_that_arrives_twice_is_done_once() {
    on_database(async |database| {
        let (service, sato) = failing(database).await;
        script(&sato, json!([{"on": "POST /", "fault": "duplicate"}])).await;
        let answer = comment(&sato, "key-00000001", "twice")
            .await
            .expect("an answer");
        assert_eq!(header(&answer, "idempotency-replayed"), "true");
        assert_eq!(said(&sato, "key-00000001").await, 1);
        service.stop().await;
    });
}

#[test]
fn answers_of_things_on_the_way_and_answers_that_lie() {
    on_database(async |database| {
        let (service, sato) = failing(database).await;
        let fault = async |fault: Value| {
            script(&sato, json!([{"on": "/api/account", "fault": fault}])).await;
            sato.get("/api/account").await
        };
        for status in [401, 409, 412, 429, 503] {
            let after = "Fri, 31 Dec 9999 23:59:59 GMT";
            let answer = fault(json!({"status": [status, after]})).await;
            assert_eq!(answer.status().as_u16(), status);
            assert_eq!(header(&answer, "retry-after"), after);
        }
        let page = fault(json!("other_page")).await;
        assert_eq!(page.status(), StatusCode::OK);
        assert!(header(&page, "content-type").starts_with("text/html"));
        let broken = fault(json!("broken_json")).await;
        assert_eq!(broken.status(), StatusCode::OK);
        let broken = broken.text().await.expect("it arrives");
        assert!(serde_json::from_str::<Value>(&broken).is_err(), "{broken}");
        let wrong = fault(json!({"wrong_clock": -86_400})).await;
        let date = header(&wrong, "date");
        let date = DateTime::parse_from_rfc2822(&date).expect("a date");
        assert!((Utc::now() - date.to_utc()).num_hours() >= 23);
        let late = fault(json!({"delay": 1})).await;
        assert_eq!(body(late).await["id"], "acc-hokuto");
        service.stop().await;
    });
}

#[test]
fn a_held_request_goes_on_when_the_script_changes() {
    on_database(async |database| {
        let (service, sato) = failing(database).await;
        script(&sato, json!([{"on": "GET /api/account", "fault": "hold"}])).await;
        let mend = async {
            while sato.read("/faults").await["met"] != json!([1]) {}
            sato.request(Method::DELETE, "/faults").send().await
        };
        let (held, mended) = tokio::join!(sato.get("/api/account"), mend);
        assert!(mended.is_ok());
        assert_eq!(held.status(), StatusCode::OK);
        service.stop().await;
    });
}

#[test]
fn an_upload_cut_at_a_byte_keeps_what_came_before_it() {
    on_database(async |database| {
        let (service, sato) = failing(database).await;
        let begun = sato
            .request(Method::POST, &format!("/api/cases/{CASE}/uploads"))
            .header("Tus-Resumable", "1.0.0")
            .header("Idempotency-Key", "key-00000001")
            .header("Upload-Length", "10")
            .header("Upload-Metadata", "filename YS5sb2c=")
            .send()
            .await
            .expect("an answer");
        let upload = header(&begun, "location");
        script(
            &sato,
            json!([{"on": "PATCH /api/uploads/", "fault": {"cut_body": 7}}]),
        )
        .await;
        let sent = sato
            .request(Method::PATCH, &upload)
            .header("Tus-Resumable", "1.0.0")
            .header("Content-Type", "application/offset+octet-stream")
            .header("Upload-Offset", "0")
            .body("0123456789")
            .send()
            .await;
        assert!(sent.is_err());
        assert_eq!(sato.read(&upload).await["offset"], 7);
        service.stop().await;
    });
}

#[test]
fn without_the_mode_there_is_nothing_of_it_and_elsewhere_than_on_loopback_no_mode() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let answer = sato
            .request(Method::POST, "/faults")
            .json(&json!({"rules": []}));
        let answer = answer.send().await.expect("an answer");
        assert!(!answer.status().is_success());
        service.stop().await;
        let mut config = usual(database);
        config.faults = true;
        config.listen = std::net::SocketAddr::from(([0, 0, 0, 0], 0));
        let refused = casement_backend::server::Server::bind(config).await;
        assert!(refused.is_err());
    });
}
