//! What the desks of the example vendors accept. Their rules are data; these tests are about the
//! rules as much as about the program that reads them.

use crate::support::{
    CASE, ENDO, ITO, KIM, SATO, SILVA, Service, TANAKA, UEDA, WANG, body, mistakes, on_database,
    text,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

fn cloud(contact: &str, customer: &str, product: &str, entitlement: &str) -> Value {
    json!({
        "policy": "microsoft-partner", "type": "cloud", "severity": "C", "subject": "s",
        "description": "d", "contact_id": contact, "customer_id": customer,
        "product_id": product, "entitlement_id": entitlement,
    })
}

fn on_premises(contact: &str, version: &str, entitlement: &str) -> Value {
    json!({
        "policy": "microsoft-partner", "type": "on_premises", "severity": "C", "subject": "s",
        "description": "d", "contact_id": contact, "product_id": "sql-server",
        "product_version": version, "entitlement_id": entitlement,
    })
}

fn ticket(contact: &str, kind: &str, entitlement: &str) -> Value {
    json!({
        "policy": "ntt-ecl2", "type": kind, "subject": "s", "description": "d",
        "contact_id": contact, "product_id": "ecl2-dns", "entitlement_id": entitlement,
        "fields": {"tenant_id": "3f6c1d0e9a7b4c52b8e1f0a2d4c69b71"},
    })
}

/// Each must be refused with this one mistake, or accepted where there is none.
fn every(cases: Vec<(&'static str, Value, &'static str, &'static str)>) {
    on_database(async |database| {
        let service = Service::example(database).await;
        for (number, (who, case, pointer, code)) in cases.into_iter().enumerate() {
            let client = service.client(who).await;
            let key = format!("key-of-case-{number}");
            let answer = client.create("/api/cases", &key, &case).await;
            if code.is_empty() {
                assert_eq!(answer.status(), StatusCode::CREATED, "{who} {case}");
            } else {
                let expected = (pointer.to_owned(), code.to_owned());
                assert_eq!(mistakes(answer).await, [expected], "{who} {case}");
            }
        }
        service.stop().await;
    });
}

#[test]
fn mpc_03_a_case_on_behalf_needs_access_to_the_customer() {
    let kim = |customer: &str| cloud("ct-kim", customer, "azure-vm", "ent-brightpath-sig10");
    let wang = |customer: &str, product: &str| {
        let entitlement = match product {
            "azure-vm" => "ent-lianyun-csp",
            _ => "",
        };
        cloud("ct-wang", customer, product, entitlement)
    };
    let at = "/customer_id";
    every(vec![
        (KIM, kim("cu-cascade-freight"), "", ""),
        (KIM, kim("cu-olympic-legal"), at, "customer_access"),
        (KIM, kim("cu-rainier-schools"), at, "customer_access"),
        (KIM, kim(""), at, "required"),
        (KIM, kim("cu-saito-shinkin"), at, "unknown"),
        (WANG, wang("cu-lanhai", "azure-vm"), "", ""),
        (WANG, wang("cu-puxi-edu", "teams"), "", ""),
        (WANG, wang("cu-puxi-edu", "azure-vm"), at, "customer_access"),
        (WANG, wang("cu-jinqiao-med", "teams"), at, "customer_access"),
    ]);
}

#[test]
fn mpt_04_a_helpdesk_agent_files_for_office_but_not_for_the_cloud_platform() {
    let ueda = |product: &str, plan: &str| cloud("ct-ueda", "cu-saito-shinkin", product, plan);
    let (csp, at) = ("ent-aozora-csp", "/product_id");
    every(vec![
        (UEDA, ueda("exchange-online", ""), "", ""),
        (UEDA, ueda("azure-vm", csp), at, "role_needed"),
        (UEDA, ueda("d365-business-central", csp), at, "role_needed"),
        (
            ITO,
            cloud("ct-ito", "cu-saito-shinkin", "azure-vm", csp),
            "",
            "",
        ),
    ]);
}

#[test]
fn mpt_12_a_plan_covers_its_products_and_its_versions() {
    let at = "/entitlement_id";
    let silver = "ent-porto-silver15";
    every(vec![
        (SILVA, on_premises("ct-silva", "2022", silver), "", ""),
        (
            SILVA,
            on_premises("ct-silva", "2019", silver),
            "/product_version",
            "version_not_covered",
        ),
        (
            SILVA,
            on_premises("ct-silva", "2022", "ent-porto-sig5"),
            at,
            "plan_mismatch",
        ),
        (
            SILVA,
            on_premises("ct-silva", "2022", "ent-porto-new-term"),
            at,
            "not_usable",
        ),
        (
            ENDO,
            on_premises("ct-endo", "2022", "ent-gold-20pack"),
            at,
            "not_usable",
        ),
        (
            ITO,
            on_premises("ct-ito", "2022", "ent-aozora-csp"),
            at,
            "plan_mismatch",
        ),
    ]);
}

#[test]
fn mpc_01_a_billing_dispute_needs_neither_severity_nor_plan() {
    let billing = json!({
        "policy": "microsoft-partner", "type": "billing", "subject": "s", "description": "d",
        "contact_id": "ct-ito", "customer_id": "cu-crowd-00042",
        "fields": {"billing_topic": "dispute"},
    });
    let mut presales = billing.clone();
    presales["type"] = json!("presales");
    presales["severity"] = json!("C");
    every(vec![
        (ITO, billing, "", ""),
        (ITO, presales, "/type", "not_break_fix"),
    ]);
}

#[test]
fn ntt_04_each_plan_has_its_ticket_types() {
    const BASIC: &str = "basic@sakura-foods.example";
    const ADVANCED: &str = "advanced@minato-bank.example";
    const PREMIUM: &str = "premium@hinode-motors.example";
    let basic = |kind: &str| ticket("ct-takahashi", kind, "ent-sakura-basic");
    let advanced = |kind: &str| ticket("ct-nakamura", kind, "ent-minato-adv");
    let premium = |kind: &str| ticket("ct-kobayashi", kind, "ent-hinode-prem");
    every(vec![
        (BASIC, basic("inquiry"), "", ""),
        (BASIC, basic("callback_inquiry"), "/type", "plan_mismatch"),
        (BASIC, basic("premium_incident"), "/type", "plan_mismatch"),
        (ADVANCED, advanced("callback_incident"), "", ""),
        (
            ADVANCED,
            advanced("premium_inquiry"),
            "/type",
            "plan_mismatch",
        ),
        (PREMIUM, premium("premium_incident"), "", ""),
        (PREMIUM, premium("incident"), "", ""),
        (
            PREMIUM,
            premium("callback_inquiry"),
            "/type",
            "plan_mismatch",
        ),
    ]);
}

#[test]
fn ntt_02_and_ntt_03_tickets_need_a_direct_contract_and_a_permission() {
    const PARTNER: &str = "partner-customer@kaede-shop.example";
    const NOBODY: &str = "noperm@sakura-foods.example";
    const TWO: &str = "two@futaba-group.example";
    let asia = ticket("ct-kato", "incident", "ent-futaba-asia");
    let europe = ticket("ct-kato", "incident", "ent-futaba-europe");
    let without = ticket("ct-kato", "incident", "");
    every(vec![
        (
            PARTNER,
            ticket("ct-yamaguchi", "inquiry", ""),
            "/policy",
            "customer_access",
        ),
        (
            NOBODY,
            ticket("ct-inoue", "inquiry", "ent-sakura-basic"),
            "/contact_id",
            "role_needed",
        ),
        (TWO, asia, "", ""),
        (TWO, europe, "/entitlement_id", "not_usable"),
        (TWO, without, "/entitlement_id", "required"),
    ]);
}

#[test]
fn ntt_10_related_contracts_and_users_of_the_account_are_named() {
    const PREMIUM: &str = "premium@hinode-motors.example";
    let mut related = ticket("ct-kobayashi", "incident", "ent-hinode-prem");
    related["contract_numbers"] = json!(["ECL-1231177", "ECL-1231178"]);
    related["contacts"] = json!(["ct-okawa", "ct-yoshida"]);
    let mut foreign = related.clone();
    foreign["contract_numbers"] = json!(["ECL-1231177", "ECL-1204587"]);
    let mut stranger = related.clone();
    stranger["contacts"] = json!(["ct-takahashi"]);
    every(vec![
        (PREMIUM, related, "", ""),
        (PREMIUM, foreign, "/contract_numbers/1", "unknown"),
        (PREMIUM, stranger, "/contacts/0", "unknown"),
    ]);
}

#[test]
fn an_account_of_all_three_vendors_files_with_each() {
    const HAYASHI: &str = "hayashi@triple-systems.example";
    let mut citrix = crate::support::new_case("s");
    citrix["contact_id"] = json!("ct-hayashi");
    citrix["entitlement_id"] = json!("ent-triple-select");
    let microsoft = cloud(
        "ct-hayashi",
        "cu-tr-kanto",
        "azure-storage",
        "ent-triple-csp",
    );
    let ntt = ticket("ct-hayashi", "callback_inquiry", "ent-triple-adv");
    let mut crossed = ntt.clone();
    crossed["entitlement_id"] = json!("ent-triple-csp");
    every(vec![
        (HAYASHI, citrix, "", ""),
        (HAYASHI, microsoft, "", ""),
        (HAYASHI, ntt, "", ""),
        (HAYASHI, crossed, "/entitlement_id", "unknown"),
    ]);
}

#[test]
fn a_role_withdrawn_and_a_contract_ended_meanwhile_are_told_at_sending() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let ito = service.client(ITO).await;
        let case = cloud("ct-ito", "cu-saito-shinkin", "azure-vm", "ent-aozora-csp");
        let role = json!({"do": "role", "role": "user"});
        ito.as_vendor("contacts/ct-ito", &role).await;
        let refused = mistakes(ito.create("/api/cases", "key-00000001", &case).await).await;
        assert_eq!(
            refused,
            [("/product_id".to_owned(), "role_needed".to_owned())]
        );
        let role = json!({"do": "role", "role": "admin_agent"});
        ito.as_vendor("contacts/ct-ito", &role).await;
        let gone = "entitlements/ent-aozora-csp";
        ito.as_vendor(gone, &json!({"do": "expire"})).await;
        let refused = mistakes(ito.create("/api/cases", "key-00000002", &case).await).await;
        assert_eq!(
            refused,
            [("/entitlement_id".to_owned(), "not_usable".to_owned())]
        );
        ito.as_vendor(gone, &json!({"do": "remove"})).await;
        let refused = mistakes(ito.create("/api/cases", "key-00000003", &case).await).await;
        assert_eq!(
            refused,
            [("/entitlement_id".to_owned(), "unknown".to_owned())]
        );
        service.stop().await;
    });
}

#[test]
fn csf_10_the_vendor_of_the_examples_can_be_played_through_the_life_of_a_case() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let case = sato.file("key-00000001", "起動が遅い").await;
        let path = format!("cases/{}", text(&case, "id"));
        let kinds = |case: &Value| -> Vec<String> {
            let history = case["history"].as_array().expect("a history");
            history.iter().map(|entry| text(entry, "kind")).collect()
        };
        let case = sato.as_vendor(&path, &json!({"do": "assign"})).await;
        assert_eq!(case["status"], "open");
        assert!(case["assigned_to"].is_string());
        let first = text(&case, "assigned_to");
        let case = sato
            .as_vendor(&path, &json!({"do": "progress", "step": "senior"}))
            .await;
        assert_eq!(case["progress"], "senior");
        let case = sato.as_vendor(&path, &json!({"do": "reassign"})).await;
        assert_ne!(text(&case, "assigned_to"), first);
        let case = sato
            .as_vendor(&path, &json!({"do": "ask", "text": "ログをください"}))
            .await;
        assert_eq!(case["status"], "waiting_customer");
        let comments = sato.read(&format!("/api/{path}/comments")).await;
        assert_eq!(comments["items"][0]["author_side"], "vendor");
        assert_eq!(comments["items"][0]["body"], "ログをください");
        let case = sato
            .as_vendor(&path, &json!({"do": "lower", "severity": "4"}))
            .await;
        assert_eq!(case["severity"], "4");
        let case = sato
            .as_vendor(&path, &json!({"do": "close", "reason": "no_answer"}))
            .await;
        assert_eq!(case["close_reason"], "no_answer");
        assert_eq!(
            kinds(&case),
            [
                "created",
                "assigned",
                "status",
                "progress",
                "reassigned",
                "requested",
                "status",
                "severity",
                "closed"
            ]
        );
        service.stop().await;
    });
}

#[test]
fn csf_16_each_step_of_a_return_leaves_its_time() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let tanaka = service.client(TANAKA).await;
        let path = "cases/case-80970281";
        for (deed, field) in [("deliver", "delivered_at"), ("receive", "returned_at")] {
            let case = tanaka.as_vendor(path, &json!({"do": deed})).await;
            assert!(case["rma"][field].is_string(), "{field}");
        }
        service.stop().await;
    });
}

#[test]
fn nobody_plays_the_vendor_on_other_accounts_or_where_there_are_no_examples() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let tanaka = service.client(TANAKA).await;
        let assign = json!({"do": "assign"});
        let path = format!("/api/desk/cases/{CASE}");
        let send = async |client: &crate::support::Client| {
            let request = client.request(Method::POST, &path).json(&assign);
            request.send().await.expect("an answer").status()
        };
        assert_eq!(send(&tanaka).await, StatusCode::NOT_FOUND);
        let sato = service.client(SATO).await;
        assert_eq!(send(&sato.without_csrf()).await, StatusCode::FORBIDDEN);
        assert_eq!(send(&sato).await, StatusCode::OK);
        service.stop().await;

        let mut config = crate::support::usual(database);
        config.example_data = false;
        let plain = Service::start(config).await;
        let sato = plain.client(SATO).await;
        assert_eq!(send(&sato).await, StatusCode::NOT_FOUND);
        plain.stop().await;
    });
}

#[test]
fn a_case_that_is_told_what_it_needs_only_once_tells_all_of_it() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let ito = service.client(ITO).await;
        let bare = json!({
            "policy": "microsoft-partner", "type": "on_premises", "subject": "s",
            "description": "d", "contact_id": "ct-ito",
        });
        let answer = ito.create("/api/cases", "key-00000001", &bare).await;
        let problem = body(answer).await;
        let pointers: Vec<&Value> = problem["errors"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|error| &error["pointer"])
            .collect();
        assert_eq!(pointers, ["/severity", "/product_id", "/entitlement_id"]);
        service.stop().await;
    });
}
