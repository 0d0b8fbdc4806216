//! A sign-in that is handed over to a frame of the portal on another site's page.

use crate::support::{Client, SATO, Service, TANAKA, header, on_database};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

const NONCE: &str = "0123456789abcdef0123456789abcdef";

async fn code(client: &Client) -> String {
    let request = client.request(Method::POST, "/api/session/hand-over");
    let answer = request.json(&json!({"nonce": NONCE})).send().await;
    let answer = answer.expect("an answer");
    assert_eq!(answer.status(), StatusCode::CREATED);
    let body: Value = answer.json().await.expect("JSON");
    body["code"].as_str().expect("a code").to_owned()
}

async fn redeem(service: &Service, code: &str, nonce: &str) -> Response {
    let stranger = service.stranger();
    let request = stranger.request(Method::POST, "/api/session/redeem");
    let request = request.json(&json!({"code": code, "nonce": nonce}));
    request.send().await.expect("an answer")
}

#[test]
fn new_11_a_code_signs_a_frame_in_once_and_with_a_cookie_of_its_own() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let code = code(&sato).await;
        let answer = redeem(&service, &code, NONCE).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let cookie = header(&answer, "set-cookie");
        for part in [
            "__Host-casement-frame=",
            "Secure",
            "HttpOnly",
            "SameSite=None",
            "Partitioned",
        ] {
            assert!(cookie.contains(part), "{cookie}");
        }
        let session: Value = answer.json().await.expect("JSON");
        assert_eq!(session["login"], SATO);

        let pair = cookie.split(';').next().unwrap_or_default();
        let stranger = service.stranger();
        let request = stranger.request(Method::GET, "/api/session");
        let answer = request
            .header("Cookie", pair)
            .send()
            .await
            .expect("an answer");
        let shown: Value = answer.json().await.expect("JSON");
        assert_eq!(shown["login"], SATO);

        let again = redeem(&service, &code, NONCE).await;
        assert_eq!(again.status(), StatusCode::UNAUTHORIZED);
        service.stop().await;
    });
}

#[test]
fn new_11_a_code_is_no_session_and_holds_for_its_nonce_alone() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let tanaka = service.client(TANAKA).await;
        let code = code(&tanaka).await;
        let other = redeem(&service, &code, "fedcba9876543210fedcba9876543210").await;
        assert_eq!(other.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(header(&other, "set-cookie"), "");
        let stranger = service.stranger();
        for name in [
            "__Host-casement",
            "__Host-casement-frame",
            "casement-loopback",
        ] {
            let request = stranger.request(Method::GET, "/api/account");
            let request = request.header("Cookie", format!("{name}={code}"));
            let answer = request.send().await.expect("an answer");
            assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{name}");
        }
        let without = stranger.request(Method::POST, "/api/session/hand-over");
        let without = without.json(&json!({"nonce": NONCE})).send().await;
        let without = without.expect("an answer");
        assert_eq!(without.status(), StatusCode::UNAUTHORIZED);
        service.stop().await;
    });
}
