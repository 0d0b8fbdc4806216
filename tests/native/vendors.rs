//! The policies that ship, met by the people of the example data: what each of them is offered,
//! asked, told and allowed (NEW-10).

use casement::core::case::{Asset, License, Record, coverage};
use casement::core::draft::Draft;
use casement::core::entitlement::{choices, why};
use casement::core::flow::{self, case_body, journey, offers, prefill, prompts, values};
use casement::core::guard::{self, disagreements, early, may_send};
use casement::core::parked::{bring_back, parked};
use casement::core::policy::{Field, FieldKind, Level, Policy};
use casement::core::rma;
use serde_json::{Value, json};

use crate::support::{Desk, answer, day, json as file, lines};

/// The day on which these tests take place.
const TODAY: &str = "2026-11-20";

/// A policy that ships, and what the example data hold of the company of somebody who signs in.
pub(crate) fn desk(policy: &str, login: &str) -> Desk {
    let person = example("people")
        .into_iter()
        .find(|person| person["login"] == login)
        .unwrap_or_else(|| panic!("{login} is in the example data"));
    let account = &person["account_id"];
    let of_account = |kind: &str| {
        let all = example(kind).into_iter();
        all.filter(|one| one["account_id"] == *account)
            .collect::<Vec<_>>()
    };
    let the = |kind: &str, id: &Value| {
        let found = example(kind).into_iter().find(|one| one["id"] == *id);
        found.unwrap_or_else(|| panic!("{id} is in {kind}"))
    };
    let world = json!({
        "today": TODAY,
        "account": the("accounts", account),
        "contact": the("contacts", &person["contact_id"]),
        "contacts": of_account("contacts"),
        "entitlements": of_account("entitlements"),
        "products": example("products"),
        "customers": of_account("customers"),
        "cases": of_account("cases"),
        "authorizations": of_account("authorizations"),
    });
    let rules = Policy::read(&file(&format!("public/policies/{policy}.json")))
        .unwrap_or_else(|problems| panic!("{:#?}", lines(&problems)));
    Desk::of(rules, &world)
}

/// The records of a kind, with days counted from today as the backend counts them.
fn example(kind: &str) -> Vec<Value> {
    let mut records = file(&format!("backend/example/{kind}.json"));
    resolve(&mut records);
    records.as_array().cloned().unwrap_or_default()
}

fn resolve(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(resolve),
        Value::Object(map) => map.values_mut().for_each(resolve),
        Value::String(text) => {
            let days = text.strip_prefix("@day").and_then(|rest| {
                let rest = rest.trim_start_matches('+').trim_end_matches('d');
                rest.parse::<i64>().ok()
            });
            if let Some(days) = days {
                *text = (day(TODAY) + chrono::TimeDelta::days(days)).to_string();
            }
        }
        _ => {}
    }
}

fn devices(account: &str) -> Vec<Asset> {
    let all = example("assets").into_iter();
    all.filter(|one| one["account_id"] == account)
        .map(|one| Asset::from_json(&one))
        .collect()
}

const ECL2: &str = "ntt-ecl2";
const BASIC: &str = "basic@sakura-foods.example";
const NO_PERMISSION: &str = "noperm@sakura-foods.example";
const ADVANCED: &str = "advanced@minato-bank.example";
const PREMIUM: &str = "premium@hinode-motors.example";
const THROUGH_PARTNER: &str = "partner-customer@kaede-shop.example";
const SEVERAL: &str = "two@futaba-group.example";

/// A ticket as somebody has begun it: described, and under the first contract that can be used.
fn ticket(desk: &Desk) -> Draft {
    let mut draft = Draft::new("d-1", desk.policy.id.as_str(), 1_000);
    answer(&mut draft, "brief = 仮想サーバーに接続できない");
    let usable = choices(desk.world(), &draft)
        .into_iter()
        .find(|choice| choice.decision.allowed)
        .and_then(|choice| choice.entitlement);
    if let Some(entitlement) = usable {
        draft.set("entitlement", entitlement.id.as_str());
    }
    prefill(desk.world(), &mut draft);
    draft
}

/// A ticket with everything answered that a type needs.
fn whole_ticket(desk: &Desk, kind: &str) -> Draft {
    let mut draft = ticket(desk);
    let tenant = values(desk.world(), &draft, field(desk, "tenant_id"));
    draft.set("type", kind);
    draft.set("tenant_id", tenant[0].as_str());
    answer(
        &mut draft,
        "product = ecl2-dns
         occurred_at = 2026-11-20T09:30
         worked_before = 昨日までは正常
         current_state = 継続中
         description.zone = www.example.jp A
         description.query = SERVFAIL
         description.expected = 192.0.2.10",
    );
    prefill(desk.world(), &mut draft);
    draft
}

fn field<'a>(desk: &'a Desk, key: &str) -> &'a Field {
    desk.policy
        .field(key)
        .unwrap_or_else(|| panic!("{key} is a field"))
}

/// The keys of the questions that are asked of a draft, in order.
fn asked(desk: &Desk, draft: &Draft) -> Vec<String> {
    let keys = desk.policy.steps.iter().flat_map(|step| &step.fields);
    keys.filter(|key| flow::asked(desk.world(), field(desk, key), draft))
        .cloned()
        .collect()
}

fn told(desk: &Desk, draft: &Draft) -> Vec<(Level, String)> {
    let all = disagreements(desk.world(), draft);
    all.into_iter().map(|one| (one.level, one.id)).collect()
}

/// The ids of the types that can be chosen, and of those shown with a reason instead.
fn types(login: &str) -> (Vec<String>, Vec<String>) {
    let desk = desk(ECL2, login);
    let draft = ticket(&desk);
    let offered = offers(desk.world(), &draft, field(&desk, "type"));
    let ids = |open: bool| {
        let some = offered.iter().filter(|one| one.reason.is_none() == open);
        some.map(|one| one.choice.id.clone()).collect()
    };
    (ids(true), ids(false))
}

#[test]
fn ntt_01_faq_known_issues_and_error_pages_are_looked_at_before_anything_else() {
    let desk = desk(ECL2, BASIC);
    assert_eq!(desk.policy.steps[0].fields, ["brief"]);
    let urls: Vec<&str> = desk
        .policy
        .resources
        .iter()
        .filter_map(|one| one.url.as_deref())
        .collect();
    assert_eq!(
        urls,
        [
            "https://ecl.ntt.com/faq/",
            "https://ecl.ntt.com/known-issues/",
            "https://ecl.ntt.com/documents/tutorials/error-messages/",
        ]
    );
}

#[test]
fn ntt_02_who_buys_through_a_partner_is_told_which_one_to_ask_and_can_send_nothing() {
    let desk = desk(ECL2, THROUGH_PARTNER);
    let rules = early(desk.world());
    let rule = rules
        .iter()
        .find(|rule| rule.id == "buys-through-partner")
        .expect("it is told before anything is typed");
    assert_eq!(rule.level, Level::Stop);
    let draft = ticket(&desk);
    for lang in ["en", "ja", "zh-Hans"] {
        for text in [&rule.text, &rule.remedy] {
            let words = guard::words(desk.world(), &draft, text, lang);
            assert!(words.contains("株式会社ミナト情報"), "{words}");
            assert!(!words.contains('{'), "{words}");
        }
    }
    assert!(told(&desk, &draft).contains(&(Level::Stop, "buys-through-partner".into())));
    assert!(!may_send(desk.world(), &draft));
    for login in [BASIC, ADVANCED, PREMIUM, SEVERAL] {
        let other = self::desk(ECL2, login);
        assert!(early(other.world()).is_empty(), "{login}");
    }
}

#[test]
fn ntt_03_without_permission_the_way_to_get_it_is_told_first() {
    let desk = desk(ECL2, NO_PERMISSION);
    let rules = early(desk.world());
    let rule = rules
        .iter()
        .find(|rule| rule.id == "no-ticket-permission")
        .expect("it is told before anything is typed");
    assert_eq!((rule.level, rule.to.as_str()), (Level::Stop, "admins"));
    let request = rule.request.as_ref().expect("a text to send");
    let request = guard::words(desk.world(), &ticket(&desk), request, "ja");
    assert!(request.contains("井上") && request.contains("さくらフーズ"));
    assert!(!may_send(desk.world(), &whole_ticket(&desk, "inquiry")));
}

#[test]
fn ntt_03_with_several_entities_each_category_is_named_and_a_missing_one_says_why() {
    let desk = desk(ECL2, SEVERAL);
    let draft = ticket(&desk);
    let mut seen: Vec<(String, String)> = choices(desk.world(), &draft)
        .iter()
        .filter_map(|one| {
            let entitlement = one.entitlement?;
            let name = entitlement.name.rsplit(" – ").next()?;
            Some((name.to_string(), one.decision.because.to_string()))
        })
        .collect();
    seen.sort();
    let line = |name: &str, because: &str| (name.to_string(), because.to_string());
    assert_eq!(
        seen,
        [
            line("NTT Com Asia Limited", "ok"),
            line("NTT Europe Ltd", "no_permission"),
            line("NTTコミュニケーションズ株式会社", "ok"),
        ]
    );
    let reason = why(&desk.policy, "basic", "no_permission").expect("the way to get it");
    assert!(reason.remedy.get("ja").contains("チケット作成権限"));
    assert!(told(&desk, &draft).contains(&(Level::Note, "several-entities".into())));
}

#[test]
fn ntt_04_each_plan_offers_its_ticket_types() {
    let callbacks = ["callback_inquiry", "callback_incident"];
    let (open, shut) = types(BASIC);
    assert_eq!(open, ["inquiry", "incident"]);
    assert_eq!(shut, callbacks);
    let (open, shut) = types(ADVANCED);
    assert_eq!(open[..2], ["inquiry", "incident"]);
    assert_eq!(open[2..], callbacks);
    assert!(shut.is_empty());
    let (open, shut) = types(PREMIUM);
    assert_eq!(
        open,
        ["premium_inquiry", "premium_incident", "inquiry", "incident"]
    );
    assert_eq!(shut, callbacks);
}

#[test]
fn ntt_05_on_the_premium_plan_an_ordinary_type_is_questioned() {
    let desk = desk(ECL2, PREMIUM);
    let asks = (Level::Confirm, "ordinary-on-premium".to_string());
    let premium = whole_ticket(&desk, "premium_incident");
    assert!(!told(&desk, &premium).contains(&asks));
    assert!(may_send(desk.world(), &premium));
    let mut ordinary = whole_ticket(&desk, "incident");
    assert!(told(&desk, &ordinary).contains(&asks));
    assert!(!may_send(desk.world(), &ordinary));
    let rule = desk.policy.rules.iter().find(|rule| rule.id == asks.1);
    let rule = rule.expect("the rule is in the policy");
    guard::confirm(desk.world(), &mut ordinary, rule, true);
    assert!(may_send(desk.world(), &ordinary));
    let basic = self::desk(ECL2, BASIC);
    assert!(may_send(basic.world(), &whole_ticket(&basic, "incident")));
}

#[test]
fn ntt_07_a_fault_is_asked_for_its_time_and_state_and_a_question_is_not() {
    let desk = desk(ECL2, ADVANCED);
    let of_faults = ["occurred_at", "worked_before", "current_state"];
    for (kind, fault, callback) in [
        ("inquiry", false, false),
        ("incident", true, false),
        ("callback_inquiry", false, true),
        ("callback_incident", true, true),
    ] {
        let draft = whole_ticket(&desk, kind);
        let asked = asked(&desk, &draft);
        for key in of_faults {
            assert_eq!(asked.iter().any(|one| one == key), fault, "{kind} {key}");
        }
        let number = asked.iter().any(|one| one == "callback_number");
        assert_eq!(number, callback, "{kind}");
        assert!(may_send(desk.world(), &draft), "{kind}");
    }
}

#[test]
fn ntt_07_the_tenant_is_offered_by_the_contract_and_nobody_copies_it_by_hand() {
    let desk = desk(ECL2, SEVERAL);
    let mut draft = ticket(&desk);
    for entitlement in desk
        .entitlements
        .iter()
        .filter(|one| one.status == "active")
    {
        draft.set("entitlement", entitlement.id.as_str());
        let offered = values(desk.world(), &draft, field(&desk, "tenant_id"));
        assert!(!offered.is_empty(), "{}", entitlement.name);
        assert!(offered.iter().all(|tenant| tenant.len() == 32));
    }
}

#[test]
fn ntt_08_every_service_menu_says_what_the_details_must_hold() {
    let desk = desk(ECL2, BASIC);
    let details = field(&desk, "description");
    let mut first_parts = Vec::new();
    for menu in desk.products.iter().filter(|one| one.policy == ECL2) {
        let mut draft = ticket(&desk);
        draft.set("product", menu.id.as_str());
        let shown = prompts(desk.world(), &draft, details)
            .unwrap_or_else(|| panic!("{} has prompts", menu.name));
        assert!(shown.parts.iter().any(|part| part.required), "{}", menu.id);
        assert!(!flow::problems(desk.world(), &draft, details).is_empty());
        first_parts.push(shown.parts[0].id.clone());
    }
    assert!(first_parts.len() >= 12);
    first_parts.sort();
    first_parts.dedup();
    assert!(first_parts.len() >= 10, "{first_parts:?}");
}

#[test]
fn ntt_09_another_service_menu_erases_nothing() {
    let desk = desk(ECL2, BASIC);
    let mut draft = whole_ticket(&desk, "incident");
    let before = draft.answers.clone();
    draft.set("product", "ecl2-load-balancer");
    for (key, value) in before.iter().filter(|(key, _)| *key != "product") {
        assert_eq!(draft.answers.get(key), Some(value), "{key}");
    }
    let aside = parked(desk.world(), &draft, "ja");
    let keys: Vec<&str> = aside.iter().map(|one| one.key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "description.zone",
            "description.query",
            "description.expected"
        ]
    );
    assert!(aside.iter().all(|one| one.because == "product"));

    assert!(bring_back(
        desk.world(),
        &mut draft,
        "description.query",
        "ja"
    ));
    let details = draft.text("description");
    assert!(details.ends_with("■ 問い合わせと結果\nSERVFAIL"));
    assert_eq!(parked(desk.world(), &draft, "ja").len(), 2);

    draft.set("product", "ecl2-dns");
    assert!(parked(desk.world(), &draft, "ja").is_empty());
}

#[test]
fn ntt_10_related_contracts_and_users_travel_with_the_ticket() {
    let desk = desk(ECL2, PREMIUM);
    let mut draft = whole_ticket(&desk, "premium_inquiry");
    let contract = desk.entitlements[0].contract_number.clone();
    let users: Vec<String> = desk.contacts.iter().map(|one| one.id.clone()).collect();
    draft.set("contract_numbers", vec![contract.clone()]);
    draft.set("contacts", users.clone());
    assert!(may_send(desk.world(), &draft));
    let body = case_body(desk.world(), &draft);
    assert_eq!(body["contract_numbers"], json!([contract]));
    assert_eq!(body["contacts"], json!(users));
    assert!(body["fields"]["tenant_id"].is_string());
}

#[test]
fn ntt_11_the_answer_is_announced_by_mail_and_given_in_the_ticket() {
    let desk = desk(ECL2, BASIC);
    let rule = desk.policy.mail.rule.get("ja");
    assert!(rule.contains("チケット対応ログ") && rule.contains("「更新」"));
    assert!(
        desk.policy
            .after_send
            .iter()
            .any(|one| one.get("ja").contains("メールで届きます"))
    );
    assert!(desk.policy.life.contacts);
    assert!(!desk.policy.has_channel("phone"));
}

#[test]
fn ntt_04_a_ticket_asks_for_no_severity_that_the_vendor_does_not_know() {
    let desk = desk(ECL2, ADVANCED);
    assert!(desk.policy.field_of(FieldKind::Severity).is_none());
    let draft = whole_ticket(&desk, "inquiry");
    assert!(journey(desk.world(), &draft).is_complete());
}

const CITRIX: &str = "citrix";
const TANAKA: &str = "tanaka@kita-networks.example";

#[test]
fn csf_02_each_region_has_its_languages_and_another_one_is_told() {
    let mut desk = desk(CITRIX, TANAKA);
    for (region, languages) in [
        ("americas", "en es pt"),
        ("emea", "de en es fr"),
        ("apac", "en ja ko zh-Hans"),
        ("japan", "en ja ko zh-Hans"),
    ] {
        let found = desk.policy.regions.iter().find(|one| one.id == region);
        let mut offered = found.expect("the region is there").languages.clone();
        offered.sort();
        assert_eq!(offered.join(" "), languages);

        desk.account.region = region.into();
        for language in &desk.policy.languages {
            let mut draft = Draft::new("d-1", CITRIX, 1_000);
            draft.set("preferred_language", language.id.as_str());
            let told = told(&desk, &draft);
            let warned = told.iter().any(|(_, id)| id.starts_with("language-not-in"));
            assert_eq!(
                warned,
                !offered.contains(&language.id),
                "{} in {region}",
                language.id
            );
        }
    }
}

#[test]
fn csf_09_a_severity_can_be_asked_lower_and_never_higher() {
    let life = &desk(CITRIX, TANAKA).policy.life;
    assert!(life.lower_severity.as_ref().is_some_and(|one| one.possible));
    let raise = life.raise_severity.as_ref().expect("it says why not");
    assert!(!raise.possible && raise.text.get("en").contains("not raised"));
}

#[test]
fn csf_10_the_way_of_a_case_says_what_may_be_asked_on_it() {
    let life = &desk(CITRIX, TANAKA).policy.life;
    let ids: Vec<&str> = life.progress.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "entitlement",
            "troubleshooting",
            "senior",
            "engineering",
            "closing"
        ]
    );
    assert_eq!(life.progress[1].asks.len(), 7);
}

#[test]
fn csf_11_and_csf_12_closing_silence_and_reopening_are_as_the_vendor_says() {
    let life = &desk(CITRIX, TANAKA).policy.life;
    let close = life.close.as_ref().expect("a case can be closed");
    assert!(close.survey.is_some() && close.silence_days == Some(14));
    let reopen = life.reopen.as_ref().expect("a case can be reopened");
    assert_eq!(reopen.days, 30);
    assert!(life.reassigned.is_some() && life.watchers);
}

#[test]
fn csf_13_an_escalation_asks_four_things_and_each_way_says_how_soon_it_is_answered() {
    let desk = desk(CITRIX, TANAKA);
    let escalate = desk.policy.life.escalate.as_ref().expect("it is possible");
    let asks: Vec<(&str, bool)> = escalate
        .asks
        .iter()
        .map(|ask| (ask.id.as_str(), ask.required))
        .collect();
    assert_eq!(
        asks,
        [
            ("case_number", true),
            ("business_impact", true),
            ("summary", true),
            ("contact", false),
        ]
    );
    let answer = |id: &str| {
        let channel = escalate.channels.iter().find(|one| one.id == id);
        channel.expect("the way is offered").answer.get("en")
    };
    assert_eq!(answer("phone"), "Within 1 hour, 24/7/365");
    assert_eq!(answer("manager_mail"), "The same business day");
    assert_eq!(answer("feedback_mail"), "By the next business day");
    assert!(answer("web").contains("No time is promised"));
}

#[test]
fn csf_14_the_family_whose_licences_are_not_all_covered_is_found() {
    let desk = desk(CITRIX, TANAKA);
    let licenses: Vec<License> = example("licenses")
        .iter()
        .filter(|one| one["account_id"] == desk.account.id.as_str())
        .map(License::from_json)
        .collect();
    let found = coverage(&licenses);
    let gaps = found.iter().filter(|one| !one.is_all_in());
    let families: Vec<&str> = gaps.map(|one| one.family.as_str()).collect();
    assert_eq!(families, ["Virtualization"]);
    assert_eq!(desk.policy.account_checks[0].kind, "coverage");
}

#[test]
fn csf_17_and_csf_18_each_device_gets_gold_plus_or_is_told_why_not() {
    let policy = &desk(CITRIX, TANAKA).policy;
    let found: Vec<(String, String)> = devices("acc-kita-networks")
        .iter()
        .map(|device| {
            let decision = rma::eligible(policy, device, "gold_plus");
            if !decision.allowed {
                let reason = rma::why(policy, decision.because);
                assert!(reason.is_some(), "{} has words", decision.because);
            }
            (device.serial_number.clone(), decision.because.to_string())
        })
        .collect();
    let of = |serial: &str| {
        let one = found.iter().find(|(one, _)| one == serial);
        one.map(|(_, because)| because.as_str())
    };
    assert_eq!(of("GP1TKY5501"), Some("ok"));
    assert_eq!(of("GP5DEN6305"), Some("ok"));
    assert_eq!(of("GP2AKT6302"), Some("too_far"));
    assert_eq!(of("GP3TPE0903"), Some("other_country"));
    assert_eq!(of("GP4SPK1104"), Some("address_not_registered"));
    assert_eq!(of("9LMG44ZP08"), Some("not_this_level"));
    assert_eq!(of("VPX0029914"), Some("excluded_product"));
}

#[test]
fn csf_18_a_virtual_gateway_is_sent_to_another_contract_in_words_of_its_own() {
    let policy = &desk(CITRIX, TANAKA).policy;
    let reason = why(policy, "appliance-maintenance", "product_not_covered");
    assert!(reason.is_some_and(|one| one.text.get("en").contains("Gateway VPX")));
}

#[test]
fn csf_16_a_return_needs_the_serial_number_and_an_appliance() {
    let desk = desk(CITRIX, TANAKA);
    let serial = field(&desk, "serial_number");
    let mut draft = Draft::new("d-1", CITRIX, 1_000);
    draft.set("type", "technical");
    assert!(!flow::is_required(desk.world(), &draft, serial));
    draft.set("type", "rma");
    assert!(flow::is_required(desk.world(), &draft, serial));
    let stop = (Level::Stop, "rma-needs-appliance".to_string());
    draft.set("product", "adc-mpx");
    assert!(!told(&desk, &draft).contains(&stop));
    draft.set("product", "cvad");
    assert!(told(&desk, &draft).contains(&stop));
}

#[test]
fn csf_20_help_for_oneself_is_listed_and_depends_on_the_product() {
    let desk = desk(CITRIX, TANAKA);
    let mut draft = Draft::new("d-1", CITRIX, 1_000);
    draft.set("type", "technical");
    let insight = |draft: &Draft| {
        let shown = flow::resources(desk.world(), draft);
        shown
            .iter()
            .any(|one| one.name.get("en").contains("Insight"))
    };
    assert!(flow::resources(desk.world(), &draft).len() >= 11);
    draft.set("product", "citrix-adc");
    assert!(insight(&draft));
    draft.set("product", "storefront");
    assert!(!insight(&draft));
}
