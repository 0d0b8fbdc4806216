//! How accounts gain contracts: linking, buying, activating.

use crate::support::{
    ENDO, ITO, KIM, MARCO, SATO, SILVA, Service, body, header, mistakes, on_database, problem, text,
};
use reqwest::StatusCode;
use serde_json::{Value, json};

const LINK: &str = "/api/entitlements/link";
const BUY: &str = "/api/entitlements/purchases";
const ACTIVATE: &str = "/api/entitlements/activate";

fn ids(access: &str, contract: &str) -> Value {
    json!({"policy": "microsoft-partner", "access_id": access, "contract_id": contract})
}

#[test]
fn mpt_05_a_contract_is_linked_by_its_two_ids_however_they_are_spaced() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let endo = service.client(ENDO).await;
        let spaced = ids(" 0010 4471 88", "\u{3000}５５０２ 1984 31");
        let answer = endo.create(LINK, "key-00000001", &spaced).await;
        assert_eq!(answer.status(), StatusCode::CREATED);
        let location = header(&answer, "location");
        let linked = body(answer).await;
        assert_eq!(linked["plan"], "asfp");
        assert_eq!(linked["contract_number"], "5502198431");
        assert_eq!(linked["account_id"], "acc-gold-works");
        assert_eq!(endo.read(&location).await, linked);

        let again = endo.create(LINK, "key-00000001", &spaced).await;
        assert_eq!(again.status(), StatusCode::CREATED);
        assert_eq!(header(&again, "idempotency-replayed"), "true");
        assert_eq!(body(again).await, linked);
        let in_another_tab = endo.create(LINK, "key-00000002", &spaced).await;
        assert_eq!(
            problem(in_another_tab).await,
            (422, "already_linked".to_owned())
        );
        service.stop().await;
    });
}

#[test]
fn mpt_06_each_reason_why_ids_cannot_be_linked_has_its_own_code() {
    on_database(async |database| {
        let service = Service::example(database).await;
        for (who, access, contract, code) in [
            (ITO, "0010447188", "5502198432", "unknown_ids"),
            (ITO, "0010447189", "5502198431", "unknown_ids"),
            (ITO, "0030300017", "6610031904", "shared_id"),
            (ITO, "0010447300", "5502198600", "ids_of_own"),
            (ITO, "0020551800", "6610099300", "linked_elsewhere"),
            (ITO, "0020551900", "6610088120", "contract_expired"),
            (KIM, "0030300085", "7710550032", "already_linked"),
            (KIM, "0030300017", "6610031904", "linked_elsewhere"),
        ] {
            let client = service.client(who).await;
            let answer = client
                .create(LINK, "key-00000001", &ids(access, contract))
                .await;
            assert_eq!(problem(answer).await, (422, code.to_owned()), "{contract}");
        }
        service.stop().await;
    });
}

#[test]
fn a_contract_linked_by_one_account_tells_another_nothing_about_it() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let [ito, kim] = [service.client(ITO).await, service.client(KIM).await];
        let contract = ids("0020551734", "6610099201");
        let answer = ito.create(LINK, "key-00000001", &contract).await;
        assert_eq!(answer.status(), StatusCode::CREATED);
        let linked = body(answer).await;
        let refused = body(kim.create(LINK, "key-00000001", &contract).await).await;
        assert_eq!(refused["code"], "linked_elsewhere");
        let told = refused.to_string();
        for secret in ["aozora", "青空", "ito", text(&linked, "id").as_str()] {
            assert!(!told.contains(secret), "{told}");
        }
        let path = format!("/api/entitlements/{}", text(&linked, "id"));
        assert_eq!(kim.get(&path).await.status(), StatusCode::NOT_FOUND);
        service.stop().await;
    });
}

#[test]
fn two_sign_ins_of_one_account_see_a_linked_contract_at_once() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let [silva, marco] = [service.client(SILVA).await, service.client(MARCO).await];
        let cursor = text(&marco.read("/api/changes?limit=500").await, "cursor");
        let contract = ids("0020551736", "6610099203");
        let linked = body(silva.create(LINK, "key-00000001", &contract).await).await;
        let news = marco.read(&format!("/api/changes?since={cursor}")).await;
        let records: Vec<&Value> = news["items"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|item| &item["record"])
            .collect();
        assert_eq!(records, [&linked]);
        service.stop().await;
    });
}

#[test]
fn a_policy_without_linking_refuses_it_and_wrong_bodies_are_told() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let elsewhere = json!({"policy": "citrix", "access_id": "1", "contract_id": "2"});
        let answer = sato.create(LINK, "key-00000001", &elsewhere).await;
        assert_eq!(problem(answer).await, (422, "not_offered".to_owned()));
        let foreign = ids("0010447188", "5502198431");
        let answer = sato.create(LINK, "key-00000002", &foreign).await;
        let expected = ("/policy".to_owned(), "unknown".to_owned());
        assert_eq!(mistakes(answer).await, [expected]);
        service.stop().await;
    });
}

#[test]
fn mpt_14_an_incident_is_bought_at_the_price_that_was_shown_with_the_right_sign_in_only() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let [silva, marco] = [service.client(SILVA).await, service.client(MARCO).await];
        let offers = marco.read("/api/offers").await;
        let offer = offers["items"][0].clone();
        assert_eq!(offer["currency"], "EUR");
        let buy = |price: &Value| {
            json!({
                "offer_id": offer["id"], "price": price, "currency": offer["currency"],
            })
        };
        let answer = silva
            .create(BUY, "key-00000001", &buy(&offer["price"]))
            .await;
        assert_eq!(problem(answer).await, (403, "sign_in_kind".to_owned()));
        let answer = marco
            .create(BUY, "key-00000002", &buy(&json!("1.00")))
            .await;
        assert_eq!(problem(answer).await, (422, "price_changed".to_owned()));
        let answer = marco
            .create(BUY, "key-00000003", &buy(&offer["price"]))
            .await;
        assert_eq!(answer.status(), StatusCode::CREATED);
        let bought = body(answer).await;
        assert_eq!(bought["cases_remaining"], 1);
        assert_eq!(bought["plan"], "ppi_single");
        assert_eq!(bought["status"], "active");
        // Charged once, however often it is sent.
        let again = marco
            .create(BUY, "key-00000003", &buy(&offer["price"]))
            .await;
        assert_eq!(body(again).await, bought);
        let foreign =
            json!({"offer_id": "offer-aozora-single", "price": "69800", "currency": "JPY"});
        let answer = marco.create(BUY, "key-00000004", &foreign).await;
        let expected = ("/offer_id".to_owned(), "unknown".to_owned());
        assert_eq!(mistakes(answer).await, [expected]);
        service.stop().await;
    });
}

#[test]
fn mpt_18_only_an_administrator_activates_a_contract() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let [silva, marco] = [service.client(SILVA).await, service.client(MARCO).await];
        let activate = json!({"entitlement_id": "ent-porto-new-term"});
        let answer = silva.create(ACTIVATE, "key-00000001", &activate).await;
        assert_eq!(problem(answer).await, (403, "role_needed".to_owned()));
        for key in ["key-00000002", "key-00000003"] {
            let answer = marco.create(ACTIVATE, key, &activate).await;
            assert_eq!(answer.status(), StatusCode::OK);
            assert_eq!(body(answer).await["status"], "active");
        }
        let expired = json!({"entitlement_id": "ent-porto-silver15-old"});
        let answer = marco.create(ACTIVATE, "key-00000004", &expired).await;
        assert_eq!(problem(answer).await, (422, "not_activatable".to_owned()));
        let foreign = json!({"entitlement_id": "ent-aozora-gold20"});
        let answer = marco.create(ACTIVATE, "key-00000005", &foreign).await;
        let expected = ("/entitlement_id".to_owned(), "unknown".to_owned());
        assert_eq!(mistakes(answer).await, [expected]);
        service.stop().await;
    });
}
