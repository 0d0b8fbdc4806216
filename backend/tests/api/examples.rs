//! The example accounts: what each is an example of is really so.

use crate::support::{ITO, KIM, SATO, Service, TANAKA, UEDA, on_database, text};
use serde_json::{Value, json};
use std::collections::BTreeSet;

async fn all(client: &crate::support::Client, path: &str) -> Vec<Value> {
    let mut records = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = client.read(&format!("/api/{path}?limit=500{cursor}")).await;
        records.extend(page["items"].as_array().cloned().unwrap_or_default());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return records,
        }
    }
}

#[test]
fn mpc_02_a_partner_has_ten_thousand_customers_and_both_its_people_see_the_same() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let ito = service.client(ITO).await;
        let customers = all(&ito, "customers").await;
        assert_eq!(customers.len(), 10_000);
        let names: BTreeSet<String> = customers.iter().map(|one| text(one, "name")).collect();
        assert_eq!(names.len(), 10_000);
        let ueda = service.client(UEDA).await;
        assert_eq!(all(&ueda, "customers").await, customers);
        let found = ito.read("/api/customers?q=%E5%8D%81%E5%8B%9D").await;
        assert!(found["items"].as_array().is_some_and(|all| !all.is_empty()));
        let kim = service.client(KIM).await;
        assert_eq!(all(&kim, "customers").await.len(), 6);
        service.stop().await;
    });
}

#[test]
fn csf_14_licences_assets_and_offers_are_listed_for_their_own_account_only() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let tanaka = service.client(TANAKA).await;
        let licenses = all(&tanaka, "licenses").await;
        let partly = licenses
            .iter()
            .filter(|license| license["covered"] != license["total"]);
        assert_eq!(partly.count(), 1);
        let levels: BTreeSet<String> = all(&tanaka, "assets")
            .await
            .iter()
            .map(|asset| text(asset, "level"))
            .collect();
        let expected = ["bronze", "gold", "gold_plus", "silver"];
        assert_eq!(levels, expected.map(str::to_owned).into());
        let serial = tanaka.read("/api/assets?serial_number=GP1TKY5501").await;
        assert_eq!(serial["items"].as_array().map(Vec::len), Some(1));
        let sato = service.client(SATO).await;
        for path in ["licenses", "assets", "offers"] {
            assert_eq!(all(&sato, path).await, [] as [Value; 0], "{path}");
        }
        service.stop().await;
    });
}

#[test]
fn cases_are_found_by_product_customer_and_number() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let tanaka = service.client(TANAKA).await;
        for (query, expected) in [
            ("product_id=cvad&customer_id=cu-kn-asahi", 2),
            ("number=80970301", 1),
            ("product_id=cvad&status=closed", 2),
        ] {
            let found = tanaka.read(&format!("/api/cases?{query}")).await;
            assert_eq!(
                found["items"].as_array().map(Vec::len),
                Some(expected),
                "{query}"
            );
        }
        service.stop().await;
    });
}

#[test]
fn the_examples_have_cases_in_every_state_of_life() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let tanaka = service.client(TANAKA).await;
        let mut kinds = BTreeSet::new();
        let mut statuses = BTreeSet::new();
        for case in all(&tanaka, "cases").await {
            statuses.insert(text(&case, "status"));
            let history = case["history"].as_array().expect("a history");
            kinds.extend(history.iter().map(|entry| text(entry, "kind")));
            let times: Vec<String> = history.iter().map(|entry| text(entry, "at")).collect();
            assert!(times.is_sorted(), "{}", case["number"]);
            assert_eq!(case["created_at"], history[0]["at"]);
        }
        for kind in [
            "created",
            "assigned",
            "reassigned",
            "status",
            "severity",
            "escalated",
            "rma",
            "closed",
            "reopened",
            "requested",
            "progress",
        ] {
            assert!(kinds.contains(kind), "{kind}");
        }
        assert_eq!(statuses.len(), 5);
        service.stop().await;
    });
}

#[test]
fn the_use_of_a_contract_is_told_by_month() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let kim = service.client(KIM).await;
        let contract = kim.read("/api/entitlements/ent-brightpath-sig10").await;
        let history = contract["history"].as_array().expect("a list");
        let used: i64 = history
            .iter()
            .filter_map(|month| month["used"].as_i64())
            .sum();
        let total = contract["cases_total"].as_i64().unwrap_or_default();
        assert_eq!(json!(total - used), contract["cases_remaining"]);
        service.stop().await;
    });
}
