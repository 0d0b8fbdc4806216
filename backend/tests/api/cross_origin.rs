//! What pages of other origins can do.

use crate::support::{CASE, SATO, Service, header, new_case, on_database, usual};
use reqwest::{Method, Response, StatusCode};

const ALLOWED: &str = "https://portal.example";

#[test]
fn pages_of_an_allowed_origin_can_read_every_header_a_client_needs() {
    on_database(async |database| {
        let service = allowing(database).await;
        let sato = service.client(SATO).await;
        let answer = sato
            .request(Method::POST, "/api/cases")
            .header("Origin", ALLOWED)
            .header("Sec-Fetch-Site", "cross-site")
            .header("Idempotency-Key", "key-00000001")
            .json(&new_case("x"))
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), StatusCode::CREATED);
        assert_eq!(header(&answer, "access-control-allow-origin"), ALLOWED);
        assert_eq!(header(&answer, "access-control-allow-credentials"), "true");
        assert!(header(&answer, "vary").contains("Origin"));
        let exposed = header(&answer, "access-control-expose-headers");
        for name in [
            "ETag",
            "Location",
            "Link",
            "Retry-After",
            "Date",
            "Idempotency-Replayed",
        ] {
            assert!(exposed.split(", ").any(|found| found == name), "{name}");
        }
        assert!(!header(&answer, "date").is_empty());
        service.stop().await;
    });
}

#[test]
fn refusals_are_readable_from_an_allowed_origin_too() {
    on_database(async |database| {
        let service = allowing(database).await;
        let request = service.stranger().request(Method::GET, "/api/account");
        let answer = request
            .header("Origin", ALLOWED)
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(header(&answer, "access-control-allow-origin"), ALLOWED);
        service.stop().await;
    });
}

#[test]
fn a_preflight_is_answered_for_allowed_origins_only() {
    on_database(async |database| {
        let service = allowing(database).await;
        let preflight = async |origin: &str| -> Response {
            let path = format!("/api/cases/{CASE}");
            let request = service.stranger().request(Method::OPTIONS, &path);
            request
                .header("Origin", origin)
                .header("Access-Control-Request-Method", "PATCH")
                .header("Access-Control-Request-Headers", "if-match,x-csrf-token")
                .send()
                .await
                .expect("an answer")
        };
        let answer = preflight(ALLOWED).await;
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
        assert!(header(&answer, "access-control-allow-methods").contains("PATCH"));
        let headers = header(&answer, "access-control-allow-headers").to_lowercase();
        for name in [
            "content-type",
            "x-csrf-token",
            "idempotency-key",
            "if-match",
        ] {
            assert!(headers.contains(name), "{name}");
        }
        for origin in [
            "https://portal.example.evil",
            "http://portal.example",
            "null",
        ] {
            let answer = preflight(origin).await;
            assert_eq!(
                header(&answer, "access-control-allow-origin"),
                "",
                "{origin}"
            );
            assert_eq!(
                header(&answer, "access-control-allow-methods"),
                "",
                "{origin}"
            );
        }
        service.stop().await;
    });
}

async fn allowing(database: &crate::support::Database) -> Service {
    let mut config = usual(database);
    config.allow_origins = vec![ALLOWED.to_owned()];
    Service::start(config).await
}
