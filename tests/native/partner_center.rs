//! Support for partners who act for their customers, as it ships, met by the partners of the
//! example data: who is stopped where and why, which plan is proposed, what is asked of whom.

use casement::core::draft::Draft;
use casement::core::entitlement::{choices, of_account, why};
use casement::core::facts::holds_before;
use casement::core::flow::{self, offers, prefill, resources};
use casement::core::guard::{self, disagreements, early, may_send};
use casement::core::policy::advice::examine;
use casement::core::policy::{Field, Level};

use crate::support::{Desk, answer, json as file};
use crate::vendors::desk as desk_of;

const DIRECT: &str = "ito@aozora-cloud.example";
const HELPDESK: &str = "ueda@aozora-cloud.example";
const ADVISOR: &str = "kim@brightpath-advisory.example";
const MPN_ADMIN: &str = "dana@brightpath-advisory.example";
const RESELLER: &str = "wang@lianyun-reseller.example";
const SILVER: &str = "silva@porto-it.example";
const SILVER_BUYER: &str = "marco@porto-it.example";
const GOLD: &str = "endo@gold-works.example";
const ALL_VENDORS: &str = "hayashi@triple-systems.example";

fn desk(login: &str) -> Desk {
    desk_of("microsoft-partner", login)
}

/// A draft with these answers, and whatever follows from them filled in.
fn draft(desk: &Desk, answers: &str) -> Draft {
    let mut draft = Draft::new("d-1", desk.policy.id.as_str(), 1_000);
    answer(&mut draft, answers);
    prefill(desk.world(), &mut draft);
    draft
}

/// A fault in a customer's cloud service, told completely.
fn on_behalf(desk: &Desk, customer: &str, product: &str) -> Draft {
    let mut draft = draft(
        desk,
        &format!(
            "type = cloud
             customer = {customer}
             product = {product}
             subscription = 本番 (5a10c0de)
             brief = 接続できない
             tried = 再起動
             could_not_solve = yes
             conditions_hold = yes
             severity = C
             contact_method = mail
             callback_number = +81 3-5550-0123
             description.resource = vm-01
             description.error = timeout
             description.users = 2
             description.environment = env-1"
        ),
    );
    prefill(desk.world(), &mut draft);
    draft
}

fn field<'a>(desk: &'a Desk, key: &str) -> &'a Field {
    let found = desk.policy.field(key);
    found.unwrap_or_else(|| panic!("{key} is a field"))
}

fn is_asked(desk: &Desk, draft: &Draft, key: &str) -> bool {
    flow::asked(desk.world(), field(desk, key), draft)
}

/// The ids of the rules of a level that hold and are not confirmed.
fn told(desk: &Desk, draft: &Draft, level: Level) -> Vec<String> {
    let all = disagreements(desk.world(), draft).into_iter();
    all.filter(|one| one.level == level && !one.confirmed)
        .map(|one| one.id)
        .collect()
}

/// What is offered to pay with: contract or plan, and because of what it can't be used.
fn plans(desk: &Desk, draft: &Draft) -> Vec<String> {
    let all = choices(desk.world(), draft);
    let shown = all.iter().map(|one| {
        let plan = one.plan.map_or("?", |plan| plan.id.as_str());
        let id = one.entitlement.map_or(plan, |one| one.id.as_str());
        let preset = if one.preset { ", preset" } else { "" };
        format!("{id}: {}{preset}", one.decision.because)
    });
    shown.collect()
}

fn because(desk: &Desk, draft: &Draft, contract: &str) -> String {
    let start = format!("{contract}: ");
    let all = plans(desk, draft);
    let found = all.iter().find_map(|one| one.strip_prefix(&start));
    found
        .unwrap_or_else(|| panic!("{contract} is listed in {all:?}"))
        .into()
}

#[test]
fn nothing_in_the_policy_is_hardly_meant() {
    let examined = examine(&file("public/policies/microsoft-partner.json"));
    let advice: Vec<String> = examined
        .advice
        .iter()
        .map(|one| format!("{}: {}", one.path, one.found))
        .collect();
    assert_eq!(advice, [] as [String; 0]);
}

#[test]
fn mpc_01_whether_the_conditions_for_escalation_hold_is_asked_and_not_assumed() {
    let desk = desk(DIRECT);
    for kind in ["cloud", "billing"] {
        let draft = draft(&desk, &format!("type = {kind}"));
        for key in ["could_not_solve", "conditions_hold"] {
            assert!(is_asked(&desk, &draft, key) && field(&desk, key).required);
            assert_eq!(draft.text(key), "", "{key} is not ticked beforehand");
        }
    }
    let topics = &field(&desk, "billing_topic").options;
    for topic in ["dispute", "fraud"] {
        assert!(topics.iter().any(|one| one.id == topic));
    }
}

#[test]
fn mpc_03_without_access_it_is_said_who_must_grant_what() {
    let desk = desk(RESELLER);
    for (customer, product, stops) in [
        ("cu-lanhai", "azure-vm", &[][..]),
        ("cu-puxi-edu", "teams", &[][..]),
        ("cu-puxi-edu", "azure-vm", &["azure_access_withheld"][..]),
        ("cu-jinqiao-med", "teams", &["delegation_withheld"][..]),
        (
            "cu-jinqiao-med",
            "azure-vm",
            &["delegation_withheld", "azure_access_withheld"][..],
        ),
    ] {
        let draft = on_behalf(&desk, customer, product);
        assert_eq!(
            told(&desk, &draft, Level::Stop),
            stops,
            "{customer} {product}"
        );
        assert_eq!(may_send(desk.world(), &draft), stops.is_empty());
    }
}

#[test]
fn mpt_03_the_request_for_delegation_is_ready_to_send_with_its_names() {
    for (login, customer, product, id, names) in [
        (
            ADVISOR,
            "cu-rainier-schools",
            "teams",
            "delegation_none",
            ["Rainier School District", "Kim Novak"],
        ),
        (
            RESELLER,
            "cu-puxi-edu",
            "azure-vm",
            "azure_access_withheld",
            ["浦西教育集团", "王"],
        ),
    ] {
        let desk = desk(login);
        let draft = on_behalf(&desk, customer, product);
        assert!(told(&desk, &draft, Level::Stop).contains(&id.to_string()));
        let rule = desk.policy.rules.iter().find(|rule| rule.id == id);
        let request = rule.and_then(|rule| rule.request.as_ref());
        let request = request.expect("the rule has a text to send");
        for lang in ["en", "ja", "zh-Hans"] {
            let text = guard::words(desk.world(), &draft, request, lang);
            assert!(!text.contains('{'), "{text}");
            for name in names {
                assert!(text.contains(name), "{text}");
            }
        }
    }
    let desk = desk(ADVISOR);
    let waiting = on_behalf(&desk, "cu-olympic-legal", "teams");
    assert_eq!(told(&desk, &waiting, Level::Stop), ["delegation_requested"]);
}

#[test]
fn mpc_04_a_direct_partner_begins_with_its_plan_and_another_is_questioned() {
    let desk = desk(DIRECT);
    let mut draft = on_behalf(&desk, "cu-hidamari", "azure-vm");
    assert_eq!(draft.text("entitlement"), "ent-aozora-csp");
    assert_eq!(told(&desk, &draft, Level::Confirm), [] as [&str; 0]);
    assert!(may_send(desk.world(), &draft));
    draft.set("entitlement", "ent-aozora-signature");
    assert_eq!(told(&desk, &draft, Level::Confirm), ["plan_not_csp"]);
    assert!(!may_send(desk.world(), &draft));
}

#[test]
fn mpc_05_the_contact_is_the_partner_and_an_address_of_the_customer_is_questioned() {
    let desk = desk(DIRECT);
    let mut draft = on_behalf(&desk, "cu-hidamari", "teams");
    assert_eq!(draft.text("contact_email"), DIRECT);
    assert_eq!(told(&desk, &draft, Level::Confirm), [] as [&str; 0]);
    draft.set("contact_email", "it@mail.hidamari.example");
    assert_eq!(told(&desk, &draft, Level::Confirm), ["contact_is_customer"]);
    assert!(!may_send(desk.world(), &draft));
}

#[test]
fn mpc_07_it_is_said_which_plan_pays_and_where_none_is_needed() {
    let desk = desk(DIRECT);
    let billing = draft(&desk, "type = billing\nproduct = azure-vm");
    assert!(!is_asked(&desk, &billing, "entitlement") && !is_asked(&desk, &billing, "severity"));
    let office = on_behalf(&desk, "cu-hidamari", "exchange-online");
    assert!(!is_asked(&desk, &office, "entitlement"));
    assert!(told(&desk, &office, Level::Note).contains(&"microsoft_365_no_contract".into()));
    let own = draft(&desk, "type = own\nproduct = azure-vm");
    assert!(told(&desk, &own, Level::Note).contains(&"own_needs_plan".into()));
    assert_eq!(because(&desk, &own, "ent-aozora-csp"), "not_for_this");
    assert_eq!(because(&desk, &own, "ent-aozora-signature"), "ok");
    let words = why(&desk.policy, "csp", "not_for_this").expect("the plan has words of its own");
    assert!(words.text.get("ja").contains("自社のテナントは対象外"));
    let advisor = desk_of("microsoft-partner", ADVISOR);
    let charged = on_behalf(&advisor, "cu-cascade-freight", "azure-vm");
    assert!(told(&advisor, &charged, Level::Note).contains(&"azure_charged".into()));
}

#[test]
fn mpc_08_the_plan_says_how_soon_the_first_answer_comes_and_in_which_language() {
    let desk = desk(DIRECT);
    let help = desk.policy.plan("csp").and_then(|plan| plan.help.as_ref());
    let help = help.map_or("", |help| help.get("en"));
    assert!(help.contains("severity A 2 hours, B 4 hours, C 8 hours, in English"));
    assert!(help.contains("up to 1 business day"));
    let mut draft = on_behalf(&desk, "cu-hidamari", "teams");
    draft.set("preferred_language", "ja");
    assert!(told(&desk, &draft, Level::Note).contains(&"first_response_english".into()));
}

#[test]
fn mpc_09_no_way_by_phone_is_offered() {
    let desk = desk(DIRECT);
    assert!(!desk.policy.has_channel("phone"));
    assert!(desk.policy.severities.iter().all(|one| !one.phone_only));
    assert!(desk.policy.regions.iter().all(|one| one.phones.is_empty()));
    let azure = on_behalf(&desk, "cu-hidamari", "azure-vm");
    assert!(!is_asked(&desk, &azure, "contact_method"));
}

#[test]
fn mpc_10_a_case_whose_customer_plan_or_service_disagree_can_not_be_sent() {
    let desk = desk(DIRECT);
    for (key, value, stop) in [
        ("type", "own", "csp_not_here"),
        ("product", "sql-server", "on_premises_in_cloud"),
        ("cloud", "germany", "cloud_germany"),
    ] {
        let mut draft = on_behalf(&desk, "cu-hidamari", "azure-vm");
        draft.set(key, value);
        let stops = told(&desk, &draft, Level::Stop);
        assert!(stops.iter().any(|one| one == stop), "{key}: {stops:?}");
        assert!(!may_send(desk.world(), &draft));
    }
}

#[test]
fn mpc_11_the_cloud_is_the_customers() {
    let desk = desk(DIRECT);
    for (customer, cloud) in [
        ("cu-hidamari", "commercial"),
        ("cu-harbor-relief", "us_gov"),
        ("cu-grossmann-wz", "germany"),
    ] {
        let draft = on_behalf(&desk, customer, "teams");
        assert_eq!(draft.text("cloud"), cloud);
        assert_eq!(told(&desk, &draft, Level::Stop), [] as [&str; 0]);
    }
}

#[test]
fn mpt_02_an_on_premises_product_has_no_customer_on_whose_behalf() {
    let desk = desk(SILVER);
    let draft = draft(&desk, "type = on_premises\nproduct = sql-server");
    assert!(!is_asked(&desk, &draft, "customer"));
    assert!(is_asked(&desk, &draft, "product_version"));
    assert!(told(&desk, &draft, Level::Note).contains(&"on_premises_own_name".into()));
}

#[test]
fn mpt_04_a_helpdesk_agent_is_told_before_anything_is_typed() {
    let said = |login: &str| -> Vec<String> {
        let desk = desk(login);
        let rules = early(desk.world());
        rules.iter().map(|rule| rule.id.clone()).collect()
    };
    assert_eq!(said(DIRECT), [] as [&str; 0]);
    assert_eq!(said(HELPDESK), ["helpdesk_scope"]);
    assert_eq!(said(MPN_ADMIN), ["no_agent_role"]);
    let desk = desk(HELPDESK);
    for (product, stops) in [
        ("exchange-online", &[][..]),
        ("azure-vm", &["admin_agent_needed"][..]),
        ("power-automate", &["admin_agent_needed"][..]),
    ] {
        let draft = on_behalf(&desk, "cu-hidamari", product);
        assert_eq!(told(&desk, &draft, Level::Stop), stops, "{product}");
    }
}

#[test]
fn mpt_06_each_refusal_to_link_has_its_own_words_and_says_whether_it_matters() {
    let desk = desk(GOLD);
    let linking = desk.policy.linking.as_ref().expect("contracts are linked");
    let mut found: Vec<(&str, bool)> = linking
        .errors
        .iter()
        .map(|(code, error)| (code.as_str(), error.harmless))
        .collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [
            ("already_linked", true),
            ("contract_expired", false),
            ("ids_of_own", false),
            ("linked_elsewhere", false),
            ("shared_id", true),
            ("unknown_ids", false),
        ]
    );
    let draft = on_behalf(&desk, "cu-kamigata", "azure-vm");
    assert!(told(&desk, &draft, Level::Note).contains(&"ids_of_own".into()));
}

#[test]
fn mpt_07_each_partner_begins_with_the_plan_of_its_membership() {
    for (login, customer, contract) in [
        (DIRECT, "cu-hidamari", "ent-aozora-csp"),
        (RESELLER, "cu-lanhai", "ent-lianyun-csp"),
        (ADVISOR, "cu-cascade-freight", "ent-brightpath-sig10"),
        (SILVER, "cu-douro-wines", "ent-porto-sig5"),
        (ALL_VENDORS, "cu-tr-minori", "ent-triple-csp"),
    ] {
        let desk = desk(login);
        let draft = on_behalf(&desk, customer, "azure-vm");
        assert_eq!(draft.text("entitlement"), contract, "{login}");
        assert_eq!(told(&desk, &draft, Level::Stop), [] as [&str; 0], "{login}");
    }
    let gold = desk(GOLD);
    let draft = on_behalf(&gold, "cu-kamigata", "azure-vm");
    assert_eq!(because(&gold, &draft, "asfp"), "not_added");
}

#[test]
fn mpt_09_diagnostics_are_offered_for_office_and_a_call_back_can_be_wished() {
    let desk = desk(DIRECT);
    let draft = on_behalf(&desk, "cu-hidamari", "teams");
    let help = resources(desk.world(), &draft);
    let names: Vec<&str> = help.iter().map(|one| one.name.get("en")).collect();
    assert!(names.iter().any(|name| name.contains("Run diagnostics")));
    let ways = offers(desk.world(), &draft, field(&desk, "contact_method"));
    let ways: Vec<&str> = ways.iter().map(|one| one.choice.id.as_str()).collect();
    assert_eq!(ways, ["mail", "phone"]);
}

#[test]
fn mpt_10_each_dynamics_product_goes_to_its_portal_and_needs_a_contract() {
    let desk = desk(ADVISOR);
    for (product, note) in [
        ("d365-finance-operations", "dynamics_lifecycle"),
        ("d365-retail", "dynamics_lifecycle"),
        ("d365-business-central", "dynamics_power_platform"),
        ("power-apps", "dynamics_power_platform"),
    ] {
        let draft = on_behalf(&desk, "cu-cascade-freight", product);
        let notes = told(&desk, &draft, Level::Note);
        assert!(notes.iter().any(|one| one == note), "{product}: {notes:?}");
        assert!(is_asked(&desk, &draft, "entitlement"));
    }
}

#[test]
fn mpt_11_cloud_app_security_begins_with_the_free_plan() {
    for login in [DIRECT, ADVISOR, SILVER] {
        let desk = desk(login);
        let customer = desk.customers[0].id.clone();
        let draft = on_behalf(&desk, &customer, "cloud-app-security");
        assert!(draft.text("entitlement").ends_with("-free"), "{login}");
        let other = on_behalf(&desk, &customer, "azure-vm");
        let free = draft.text("entitlement");
        assert_eq!(because(&desk, &other, free), "product_not_covered");
    }
}

#[test]
fn mpt_12_the_two_newest_versions_are_covered_and_older_ones_are_bought() {
    let desk = desk(SILVER);
    for (version, reason) in [
        ("2025", "ok, preset"),
        ("2022", "ok, preset"),
        ("2019", "version_not_covered"),
        ("2016", "version_not_covered"),
    ] {
        let draft = draft(
            &desk,
            &format!("type = on_premises\nproduct = sql-server\nproduct_version = {version}"),
        );
        assert_eq!(
            because(&desk, &draft, "ent-porto-silver15"),
            reason,
            "{version}"
        );
        let notes = told(&desk, &draft, Level::Note);
        let says = notes.iter().any(|one| one == "older_version");
        assert_eq!(says, reason == "version_not_covered", "{version}");
    }
    let words = why(&desk.policy, "support_silver_15pack", "version_not_covered");
    assert!(words.is_some_and(|words| words.text.get("ja").contains("Code: 8")));
}

#[test]
fn mpt_13_every_plan_is_listed_and_each_one_that_fails_says_why() {
    let desk = desk(SILVER);
    let on_site = draft(
        &desk,
        "type = on_premises\nproduct = windows-server\nproduct_version = 2022",
    );
    assert_eq!(
        plans(&desk, &on_site),
        [
            "ent-porto-silver15: ok, preset",
            "ent-porto-sig5: product_not_covered",
            "ent-porto-silver15-old: expired",
            "ent-porto-new-term: not_activated",
            "ent-porto-azure-plan: product_not_covered",
            "ent-porto-free: product_not_covered",
        ]
    );
    let words = why(&desk.policy, "signature_5pack", "product_not_covered");
    assert!(words.is_some_and(|words| words.text.get("en").contains("cloud products only")));
    let gold = desk_of("microsoft-partner", GOLD);
    let used_up = draft(
        &gold,
        "type = on_premises\nproduct = sql-server\nproduct_version = 2025",
    );
    assert_eq!(because(&gold, &used_up, "ent-gold-20pack"), "none_left");
    assert_eq!(because(&gold, &used_up, "ent-gold-sig10-old"), "expired");
}

#[test]
fn mpt_14_an_incident_is_bought_with_a_microsoft_account_only() {
    for (login, can) in [(SILVER, false), (SILVER_BUYER, true)] {
        let desk = desk(login);
        let purchase = desk.policy.purchase.as_ref().expect("incidents are bought");
        let nothing = Draft::new("d-1", "microsoft-partner", 1_000);
        let holds = casement::core::facts::holds(desk.world(), &nothing, &purchase.needs);
        assert_eq!(holds, can, "{login}");
        assert!(desk.policy.reason(&purchase.needs_reason).is_some());
    }
}

#[test]
fn mpt_15_the_region_is_proposed_from_the_country_of_the_account() {
    for (login, region) in [
        (DIRECT, "jp"),
        (ADVISOR, "us"),
        (RESELLER, "cn"),
        (SILVER, "pt"),
        (ALL_VENDORS, "jp"),
    ] {
        let desk = desk(login);
        assert_eq!(draft(&desk, "type = own").text("region"), region, "{login}");
    }
    let desk = desk(SILVER);
    let mut draft = draft(&desk, "type = on_premises");
    draft.set("region", "us");
    assert_eq!(told(&desk, &draft, Level::Confirm), ["region_us_elsewhere"]);
}

#[test]
fn mpt_16_severity_a_is_confirmed_by_whoever_works_around_the_clock() {
    let desk = desk(DIRECT);
    let mut draft = on_behalf(&desk, "cu-hidamari", "azure-vm");
    draft.set("severity", "A");
    assert_eq!(told(&desk, &draft, Level::Confirm), ["severity_a_ready"]);
    assert!(flow::is_required(
        desk.world(),
        &draft,
        field(&desk, "business_impact")
    ));
}

#[test]
fn mpt_18_whoever_may_not_activate_a_contract_is_told_who_may() {
    let desk = desk(SILVER);
    let words = why(&desk.policy, "support_silver_15pack", "not_activated");
    let words = words.expect("there are words for it");
    assert!(words.remedy.get("en").contains("MPN administrator"));
    let told_of = |login: &str| {
        let desk = desk_of("microsoft-partner", login);
        let draft = draft(&desk, "type = on_premises");
        told(&desk, &draft, Level::Note).contains(&"activation".to_string())
    };
    assert!(told_of(SILVER) && !told_of(SILVER_BUYER));
    let rule = desk
        .policy
        .rules
        .iter()
        .find(|rule| rule.id == "activation");
    assert!(rule.is_some_and(|rule| rule.request.is_some() && rule.to == "admins"));
}

#[test]
fn mpt_18_the_policy_names_who_may_activate_a_contract() {
    let may = |login: &str| {
        let desk = desk(login);
        holds_before(desk.world(), &desk.policy.activation)
    };
    assert!(may(MPN_ADMIN) && may(SILVER_BUYER));
    assert!(!may(SILVER) && !may(DIRECT));
}

#[test]
fn mpt_13_before_anything_is_chosen_every_plan_of_the_account_is_listed_and_no_other() {
    let desk = desk(GOLD);
    let all = of_account(desk.world());
    let because = |id: &str| {
        let found = all.iter().find(|one| match (one.entitlement, one.plan) {
            (Some(contract), _) => contract.id == id,
            (None, plan) => plan.is_some_and(|plan| plan.id == id),
        });
        found.map(|one| one.decision.because)
    };
    assert_eq!(because("asfp"), Some("not_added"));
    // It exists for one product only, which nobody has chosen yet.
    assert_eq!(because("professional_free"), None);
    let contracts = all.iter().filter(|one| one.entitlement.is_some()).count();
    assert_eq!(contracts, desk.world().own_entitlements().count());
    assert!(all.iter().all(|one| one.decision.because != "not_for_this"));
}

#[test]
fn mpt_19_advice_before_a_sale_is_pointed_elsewhere_before_anything_is_written() {
    let desk = desk(DIRECT);
    for kind in ["presales", "program"] {
        let draft = draft(&desk, &format!("type = {kind}"));
        let asked: Vec<&str> = desk
            .policy
            .fields
            .iter()
            .map(|field| field.key.as_str())
            .filter(|key| is_asked(&desk, &draft, key))
            .collect();
        assert_eq!(asked, ["type"]);
        assert_eq!(told(&desk, &draft, Level::Stop), [kind]);
        let help = resources(desk.world(), &draft);
        assert!(help.iter().any(|one| one.url.is_some()), "{kind}");
    }
}
