//! The OpenAPI document says what the service does. `cargo xtask test openapi` checks
//! the rest from outside.

use crate::support::{CASE, KIM, SATO, Service, TANAKA, on_database, text};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use std::collections::BTreeSet;

const PREMIUM: &str = "premium@hinode-motors.example";

#[test]
fn every_field_of_every_record_is_documented() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        sato.file("key-00000001", "文書").await;
        let document = sato.read("/openapi.json").await;
        let mut kinds = BTreeSet::new();
        for login in [SATO, TANAKA, KIM, PREMIUM] {
            let client = service.client(login).await;
            let feed = client.read("/api/changes?limit=500").await;
            for item in feed["items"].as_array().expect("a list") {
                let kind = text(item, "kind");
                let mut name = kind.clone();
                name[..1].make_ascii_uppercase();
                let schema = &document["components"]["schemas"][&name];
                let promised = schema["properties"].as_object().expect("properties");
                let found = item["record"].as_object().expect("a record");
                let promised: BTreeSet<&String> = promised.keys().collect();
                let found: BTreeSet<&String> = found.keys().collect();
                assert_eq!(found, promised, "{kind} {}", item["id"]);
                kinds.insert(kind);
            }
        }
        assert_eq!(kinds.len(), 13);
        service.stop().await;
    });
}

#[test]
fn every_documented_operation_exists_and_no_other_method_is_taken() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let document = sato.read("/openapi.json").await;
        for (path, operations) in document["paths"].as_object().expect("paths") {
            let documented: BTreeSet<String> = operations
                .as_object()
                .expect("operations")
                .keys()
                .map(|method| method.to_uppercase())
                .filter(|method| method != "HEAD")
                .collect();
            let request = sato.request(Method::PUT, &path.replace("{id}", CASE));
            let answer = request.send().await.expect("an answer");
            assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
            let allowed = crate::support::header(&answer, "allow");
            let allowed: BTreeSet<String> = allowed
                .split(',')
                .filter(|method| *method != "HEAD")
                .map(str::to_owned)
                .collect();
            assert_eq!(allowed, documented, "{path}");
        }
        service.stop().await;
    });
}

#[test]
fn every_reference_in_the_document_leads_to_a_schema_and_every_schema_is_used() {
    let document = casement_backend::openapi::document();
    let mut references = BTreeSet::new();
    collect(&document, &mut references);
    let schemas = document["components"]["schemas"]
        .as_object()
        .expect("schemas");
    let schemas: BTreeSet<String> = schemas
        .keys()
        .map(|name| format!("#/components/schemas/{name}"))
        .collect();
    assert_eq!(references, schemas);
}

#[test]
fn the_example_of_the_document_is_accepted() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let document = sato.read("/openapi.json").await;
        let filing = &document["paths"]["/api/cases"]["post"];
        let example = &filing["requestBody"]["content"]["application/json"]["example"];
        let answer = sato.create("/api/cases", "key-00000001", example).await;
        assert_eq!(answer.status(), StatusCode::CREATED);
        service.stop().await;
    });
}

fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(target) if name == "$ref" => {
                        found.insert(target.clone());
                    }
                    field => collect(field, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
    }
}
