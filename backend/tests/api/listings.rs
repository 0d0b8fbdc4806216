//! Reading collections page by page.

use crate::support::{CASE, Client, SATO, Service, body, header, on_database, problem, text};
use serde_json::{Value, json};
use std::collections::HashSet;

#[test]
fn following_the_links_reads_every_record_once() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        for path in [
            "/api/customers",
            "/api/cases",
            "/api/products",
            "/api/contacts",
        ] {
            let whole = ids(&sato.read(&format!("{path}?limit=500")).await["items"]);
            let paged = follow(&sato, &format!("{path}?limit=2")).await;
            assert_eq!(paged, whole, "{path}");
            let different: HashSet<&String> = paged.iter().collect();
            assert_eq!(different.len(), paged.len(), "{path}");
        }
        let comments = format!("/api/cases/{CASE}/comments");
        assert_eq!(follow(&sato, &format!("{comments}?limit=1")).await.len(), 2);
        service.stop().await;
    });
}

#[test]
fn example_cases_changed_when_something_last_happened_on_them() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let cases = sato.read("/api/cases").await;
        for case in cases["items"].as_array().expect("a list") {
            let id = text(case, "id");
            let comments = sato.read(&format!("/api/cases/{id}/comments")).await;
            let comments = comments["items"].as_array().expect("a list");
            for comment in comments {
                assert_eq!(text(comment, "updated_at"), text(comment, "created_at"));
            }
            let history = case["history"].as_array().expect("a history");
            let said = comments.iter().map(|comment| text(comment, "created_at"));
            let happened = history.iter().map(|entry| text(entry, "at"));
            assert_eq!(Some(text(case, "updated_at")), said.chain(happened).max());
        }
        service.stop().await;
    });
}

#[test]
fn the_last_page_has_no_link_also_when_it_is_full() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let answer = sato.get("/api/customers?limit=25").await;
        assert_eq!(header(&answer, "link"), "");
        let page = body(answer).await;
        assert_eq!(page["next"], Value::Null);
        assert_eq!(page["items"].as_array().map(Vec::len), Some(25));
        service.stop().await;
    });
}

#[test]
fn cms_17_cases_come_newest_first_and_can_be_narrowed() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let all = sato.read("/api/cases").await;
        let numbers: Vec<String> = all["items"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|case| text(case, "number"))
            .collect();
        assert!(numbers.is_sorted_by(|earlier, later| earlier > later));
        assert!(numbers.len() >= 12);

        for (field, value) in [
            ("status", "open"),
            ("status", "closed"),
            ("type", "rma"),
            ("contact_id", "ct-nakajima"),
            ("customer_id", "cu-aozora"),
        ] {
            let found = sato.read(&format!("/api/cases?{field}={value}")).await;
            let found = found["items"].as_array().expect("a list");
            assert!(!found.is_empty(), "{field}={value}");
            assert!(found.iter().all(|case| case[field] == value));
        }
        let both = sato
            .read("/api/cases?status=open&contact_id=ct-nakajima")
            .await;
        assert_eq!(both["items"], json!([]));
        assert_eq!(
            sato.read("/api/cases?status=ope_").await["items"],
            json!([])
        );
        service.stop().await;
    });
}

#[test]
fn a_search_finds_every_word_in_any_script_and_any_case() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let found =
            async |words: &str| ids(&sato.read(&format!("/api/cases?q={words}")).await["items"]);
        assert_eq!(found("医事会計").await, [CASE]);
        assert_eq!(found("hdx%20MONITOR").await, [CASE]);
        assert!(found("hdx%20存在しない").await.is_empty());
        assert!(
            found("100%25").await.is_empty(),
            "a wildcard is a character"
        );
        assert!(found("%00").await.is_empty());
        let customers = sato.read("/api/customers?q=青空").await;
        assert_eq!(ids(&customers["items"]), ["cu-aozora"]);
        service.stop().await;
    });
}

#[test]
fn a_search_is_kept_on_the_next_page() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let whole = ids(&sato.read("/api/customers?q=株式会社").await["items"]);
        assert!(whole.len() > 4);
        assert_eq!(
            follow(&sato, "/api/customers?q=株式会社&limit=2").await,
            whole
        );
        service.stop().await;
    });
}

#[test]
fn parameters_that_cannot_be_understood_are_refused() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        for query in [
            "limit=0",
            "limit=501",
            "limit=ten",
            "limit=%2B5",
            "limit=1&limit=2",
            "cursor=",
            "cursor=a%20b",
            "cursor=a%00b",
        ] {
            let answer = sato.get(&format!("/api/cases?{query}")).await;
            assert_eq!(
                problem(answer).await,
                (400, "query_invalid".to_owned()),
                "{query}"
            );
        }
        let long = format!("/api/cases?q={}", "x".repeat(201));
        assert_eq!(
            problem(sato.get(&long).await).await,
            (400, "query_invalid".to_owned())
        );
        service.stop().await;
    });
}

async fn follow(client: &Client, start: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut path = start.to_owned();
    loop {
        let answer = client.get(&path).await;
        let link = header(&answer, "link");
        let page = body(answer).await;
        found.extend(ids(&page["items"]));
        let Some(next) = link
            .strip_prefix('<')
            .and_then(|rest| rest.split_once(">; "))
        else {
            assert_eq!(page["next"], Value::Null);
            return found;
        };
        assert_eq!(next.1, "rel=\"next\"");
        path = next.0.to_owned();
    }
}

fn ids(items: &Value) -> Vec<String> {
    let items = items.as_array().expect("a list");
    items.iter().map(|item| text(item, "id")).collect()
}
