//! Who may do what: sessions, the CSRF token, and the wall between accounts.

use crate::support::{
    CASE, Client, LIN, MORI, SATO, Service, body, cookies, header, mistakes, new_case, on_database,
    on_empty_database, problem, text, usual,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[test]
fn signing_in_sets_cookies_that_scripts_and_other_sites_cannot_use() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let stranger = service.stranger();
        let answer = sign_in(&stranger, SATO, "casement").await;
        assert_eq!(answer.status(), StatusCode::OK);
        let cookies = cookies(answer.headers());
        assert_eq!(cookies.len(), 2);
        for cookie in &cookies {
            let mut parts = cookie.split("; ");
            let (name, token) = parts
                .next()
                .and_then(|pair| pair.split_once('='))
                .expect("a pair");
            let rules: Vec<&str> = parts.collect();
            assert!(token.len() >= 40);
            assert!(rules.contains(&"HttpOnly"));
            assert!(rules.contains(&"SameSite=Strict"));
            assert!(rules.contains(&"Path=/"));
            assert!(!cookie.contains("Domain"));
            assert_eq!(rules.contains(&"Secure"), name == "__Host-casement");
        }
        let names: Vec<&str> = cookies
            .iter()
            .filter_map(|cookie| cookie.split('=').next())
            .collect();
        assert_eq!(names, ["__Host-casement", "casement-loopback"]);
        let session = body(answer).await;
        assert!(
            !cookies
                .iter()
                .any(|cookie| cookie.contains(&text(&session, "csrf")))
        );
        service.stop().await;
    });
}

#[test]
fn either_cookie_is_a_session_and_tells_who_is_signed_in() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let token = sato
            .cookie()
            .trim_start_matches("__Host-casement=")
            .to_owned();
        let loopback = sato.with(&format!("a=b; casement-loopback={token}; c=d"), sato.csrf());
        for client in [&sato, &loopback] {
            let session = client.read("/api/session").await;
            assert_eq!(session["signed_in"], true);
            assert_eq!(session["login"], SATO);
            assert_eq!(session["account_id"], "acc-hokuto");
            assert_eq!(session["contact_id"], "ct-sato");
            assert_eq!(session["csrf"], client.csrf());
        }
        service.stop().await;
    });
}

#[test]
fn the_subject_is_stable_for_a_user_and_different_for_another() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let subject = async |login: &str| {
            text(
                &service.client(login).await.read("/api/session").await,
                "subject",
            )
        };
        let sato = subject(SATO).await;
        assert_eq!(subject(SATO).await, sato);
        assert_ne!(subject(MORI).await, sato, "same account, another person");
        assert!(!sato.contains("sato"));
        service.stop().await;
    });
}

#[test]
fn before_sign_in_the_examples_are_shown_only_where_there_are_examples() {
    on_empty_database(async |database| {
        let mut config = usual(database);
        config.example_data = false;
        let plain = Service::start(config).await;
        let session = plain.stranger().read("/api/session").await;
        assert_eq!(session["signed_in"], false);
        assert_eq!(session["examples"], json!([]));
        plain.stop().await;

        let service = Service::example(database).await;
        let session = service.stranger().read("/api/session").await;
        let examples = session["examples"].as_array().expect("a list");
        assert_eq!(examples.len(), 20);
        for example in examples {
            let answer = sign_in(
                &service.stranger(),
                &text(example, "login"),
                &text(example, "password"),
            )
            .await;
            assert_eq!(answer.status(), StatusCode::OK);
        }
        service.stop().await;
    });
}

#[test]
fn a_wrong_password_and_an_unknown_login_get_the_same_answer() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let stranger = service.stranger();
        let wrong = sign_in(&stranger, SATO, "Casement").await;
        assert!(cookies(wrong.headers()).is_empty());
        let wrong = body(wrong).await;
        assert_eq!(wrong["code"], "sign_in_failed");
        let unknown = sign_in(&stranger, "nobody@nowhere.example", "casement").await;
        assert_eq!(unknown.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(body(unknown).await, wrong);
        service.stop().await;
    });
}

#[test]
fn whoever_tries_passwords_is_slowed_down_and_others_are_not() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let stranger = service.stranger();
        for _ in 0..10 {
            let answer = sign_in(&stranger, SATO, "guess").await;
            assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        }
        // Capitals are the same login, and now even the right password has to wait.
        let answer = sign_in(&stranger, &SATO.to_uppercase(), "casement").await;
        let wait: u64 = header(&answer, "retry-after").parse().expect("seconds");
        assert!((1..=301).contains(&wait));
        assert_eq!(problem(answer).await, (429, "too_many_attempts".to_owned()));
        assert_eq!(
            sign_in(&stranger, LIN, "casement").await.status(),
            StatusCode::OK
        );
        service.stop().await;
    });
}

#[test]
fn signing_out_ends_the_session_and_takes_the_cookies_away() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let answer = sato.request(Method::DELETE, "/api/session").send().await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
        let cookies = cookies(answer.headers());
        // That of TLS, that of frames, and that of loopback.
        assert_eq!(cookies.len(), 3);
        assert!(
            cookies
                .iter()
                .all(|cookie| cookie.contains("=;") && cookie.contains("Max-Age=0"))
        );
        let after = sato.get("/api/account").await;
        assert_eq!(problem(after).await, (401, "signed_out".to_owned()));
        assert_eq!(sato.read("/api/session").await["signed_in"], false);
        service.stop().await;
    });
}

#[test]
fn signing_in_again_ends_the_session_before() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let answer = sign_in(&sato, LIN, "casement").await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(
            sato.get("/api/account").await.status(),
            StatusCode::UNAUTHORIZED
        );
        service.stop().await;
    });
}

#[test]
fn without_a_session_nothing_of_the_api_can_be_read_or_written() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let stranger = service.stranger();
        let forged = stranger.with("__Host-casement=AAAA; casement-loopback=", "AAAA");
        for client in [&stranger, &forged] {
            for (method, path) in everything(CASE) {
                let answer = client
                    .request(method.clone(), &path)
                    .json(&json!({}))
                    .send()
                    .await;
                let answer = answer.expect("an answer");
                assert_eq!(
                    problem(answer).await,
                    (401, "signed_out".to_owned()),
                    "{method} {path}"
                );
            }
        }
        service.stop().await;
    });
}

#[test]
fn every_change_needs_the_csrf_token_of_its_own_session() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let lin = service.client(LIN).await;
        let forgeries = [
            sato.without_csrf(),
            sato.with(sato.cookie(), lin.csrf()),
            sato.with(sato.cookie(), ""),
        ];
        for client in &forgeries {
            for (method, path) in everything(CASE)
                .into_iter()
                .filter(|(method, _)| method != Method::GET)
            {
                let answer = client
                    .request(method.clone(), &path)
                    .header("Idempotency-Key", "key-00000001")
                    .json(&new_case("x"))
                    .send()
                    .await
                    .expect("an answer");
                assert_eq!(
                    problem(answer).await,
                    (403, "csrf".to_owned()),
                    "{method} {path}"
                );
            }
            assert_eq!(client.get("/api/account").await.status(), StatusCode::OK);
        }
        service.stop().await;
    });
}

#[test]
fn a_change_that_another_sites_page_sends_is_refused() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        for path in ["/api/session", "/api/cases"] {
            let answer = sato
                .request(Method::POST, path)
                .header("Sec-Fetch-Site", "cross-site")
                .header("Origin", "https://evil.example")
                .header("Idempotency-Key", "key-00000001")
                .json(&json!({"login": LIN, "password": "casement"}))
                .send()
                .await
                .expect("an answer");
            assert_eq!(problem(answer).await, (403, "csrf".to_owned()));
        }
        service.stop().await;
    });
}

#[test]
fn ids_of_another_account_lead_nowhere() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let lin = service.client(LIN).await;
        let feed = sato.read("/api/changes?limit=500").await;
        let mut own = 0;
        for item in feed["items"].as_array().expect("a list") {
            let (kind, id) = (text(item, "kind"), text(item, "id"));
            let Some(collection) = collection(&kind) else {
                continue;
            };
            own += 1;
            for client in [&sato, &lin] {
                let expected = match client.csrf() == sato.csrf() {
                    true => StatusCode::OK,
                    false => StatusCode::NOT_FOUND,
                };
                for path in paths(collection, &id) {
                    assert_eq!(client.get(&path).await.status(), expected, "{path}");
                }
            }
        }
        assert!(own > 80, "the example has plenty of records, found {own}");
        service.stop().await;
    });
}

#[test]
fn nothing_of_another_account_can_be_changed_or_used() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let lin = service.client(LIN).await;
        let before = sato.read(&format!("/api/cases/{CASE}")).await;

        let not_found = (404, "not_found".to_owned());
        let edit = lin
            .edit(
                CASE,
                &text(&before, "version"),
                &json!({"description": "x"}),
            )
            .await;
        assert_eq!(problem(edit).await, not_found);
        let comments = format!("/api/cases/{CASE}/comments");
        let comment = lin
            .create(&comments, "key-00000001", &json!({"body": "x"}))
            .await;
        assert_eq!(problem(comment).await, not_found);
        let files = format!("/api/cases/{CASE}/attachments?name=x.log");
        let file = lin.create(&files, "key-00000002", &json!("x")).await;
        assert_eq!(problem(file).await, not_found);

        let mut case = new_case("借用");
        case["contact_id"] = json!("ct-sato");
        case["customer_id"] = json!("cu-aozora");
        case["entitlement_id"] = json!("ent-hokuto-priority");
        let answer = lin.create("/api/cases", "key-00000003", &case).await;
        let mut found = mistakes(answer).await;
        found.sort();
        let expected = ["/contact_id", "/customer_id", "/entitlement_id"];
        assert_eq!(
            found,
            expected.map(|at| (at.to_owned(), "unknown".to_owned()))
        );
        assert_eq!(sato.read(&format!("/api/cases/{CASE}")).await, before);
        service.stop().await;
    });
}

async fn sign_in(client: &Client, login: &str, password: &str) -> reqwest::Response {
    client
        .request(Method::POST, "/api/session")
        .json(&json!({"login": login, "password": password}))
        .send()
        .await
        .expect("an answer")
}

/// Every operation for which one must be signed in, taken from the document.
fn everything(case: &str) -> Vec<(Method, String)> {
    let document = casement_backend::openapi::document();
    let paths = document["paths"].as_object().expect("paths").clone();
    let mut operations = Vec::new();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().expect("operations") {
            let open = operation["security"] == json!([]);
            // An answer to HEAD has no body that could say why; GET takes the same way.
            if !open && method != "head" {
                let method = Method::from_bytes(method.to_uppercase().as_bytes());
                operations.push((method.expect("a method"), path.replace("{id}", case)));
            }
        }
    }
    assert!(operations.len() > 20);
    operations
}

fn collection(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "contact" => "contacts",
        "customer" => "customers",
        "entitlement" => "entitlements",
        "authorization" => "authorizations",
        "case" => "cases",
        "comment" => "comments",
        "attachment" => "attachments",
        _ => return None,
    })
}

fn paths(collection: &str, id: &str) -> Vec<String> {
    let mut paths = vec![format!("/api/{collection}/{id}")];
    match collection {
        "cases" => {
            paths.push(format!("/api/cases/{id}/comments"));
            paths.push(format!("/api/cases/{id}/attachments"));
        }
        "attachments" => paths.push(format!("/api/attachments/{id}/content")),
        _ => {}
    }
    paths
}

#[test]
fn ids_that_cannot_be_ids_lead_nowhere() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        for id in [
            "%00",
            "%FF",
            "a%2Fb",
            "..%2f..",
            &"x".repeat(129),
            "%27%20OR%201=1--",
            "%E4%BB%B6",
        ] {
            let answer = sato.get(&format!("/api/cases/{id}")).await;
            assert_eq!(problem(answer).await, (404, "not_found".to_owned()), "{id}");
        }
        let unknown: Value = body(sato.get("/api/nothing").await).await;
        assert_eq!(unknown["code"], "not_found");
        service.stop().await;
    });
}
