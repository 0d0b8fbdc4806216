//! Which records the clocks of a draft or a case are made of, and what a case's record adds to its
//! history.

use casement::core::case::{Account, Asset, Case, Comment, Customer, Entitlement, Record};
use casement::core::due::{Known, customer_of, facts_of_case, history};
use casement::core::life::closes_for_silence;
use casement::core::policy::Policy;
use casement::core::sla::civil::{DAY, local_text};
use casement::core::sla::clocks::{Calendars, State, What, clocks, select};
use casement::core::sla::history::Event;
use casement::core::sla::terms::Facts;
use serde_json::{Value, json};

use crate::sla::{holidays, zone};
use crate::support::json as file;

fn policy() -> Policy {
    Policy::read(&file("public/policies/citrix.json")).expect("a policy that ships")
}

fn case(with: Value) -> Case {
    let mut json = json!({
        "id": "1", "number": "1", "policy": "citrix", "severity": "3",
        "created_at": "2026-11-16T01:00:00Z",
    });
    for (key, value) in with.as_object().expect("an object") {
        json[key] = value.clone();
    }
    Case::from_json(&json)
}

fn told(history: &[Event]) -> Vec<String> {
    let line = |event: &Event| {
        let text = format!(
            "{} {} {}",
            local_text(event.at),
            event.mark.word(),
            event.of
        );
        text.trim().to_string()
    };
    history.iter().map(line).collect()
}

fn facts(case: &Case, account: Value, entitlements: &[Entitlement], assets: &[Asset]) -> Facts {
    let account = Account::from_json(&account);
    let known = Known {
        account: &account,
        entitlements,
        customers: &[],
        assets,
    };
    facts_of_case(&policy(), known, case)
}

#[test]
fn a_region_is_the_one_that_was_chosen_else_the_account_s_else_that_of_its_country() {
    let of = |case: Value, account: Value| facts(&self::case(case), account, &[], &[]).region;
    assert_eq!(
        of(json!({ "region": "emea" }), json!({ "region": "japan" })),
        "emea"
    );
    assert_eq!(of(json!({}), json!({ "region": "japan" })), "japan");
    assert_eq!(
        of(json!({}), json!({ "region": "", "country": "HK" })),
        "apac"
    );
    assert_eq!(
        of(json!({}), json!({ "region": "nowhere", "country": "" })),
        ""
    );
}

#[test]
fn csf_16_a_return_has_the_level_that_was_granted_and_its_steps_are_in_the_history() {
    let contract = Entitlement::from_json(&json!({
        "id": "e", "name": "Gold Plus", "plan": "appliance-maintenance", "level": "gold_plus",
    }));
    let asset = Asset::from_json(&json!({ "id": "a", "serial_number": "GP-1", "country": "US" }));
    let with = json!({
        "entitlement_id": "e", "serial_number": "gp-1 ",
        "rma": {
            "serial_number": "GP-1", "level": "gold",
            "requested_at": "2026-11-16T02:00:00Z", "verified_at": "2026-11-16T03:00:00Z",
            "shipped_at": "2026-11-17T03:00:00Z", "delivered_at": "2026-11-18T03:00:00Z",
        },
    });
    let case = case(with);
    let found = facts(&case, json!({ "country": "JP" }), &[contract], &[asset]);
    assert_eq!(
        [found.plan.as_str(), &found.level, &found.country],
        ["appliance-maintenance", "gold", "US"]
    );
    assert_eq!(
        told(&history(&policy(), &case, &[])),
        [
            "2026-11-16T01:00 created",
            "2026-11-16T03:00 rma_issued",
            "2026-11-17T03:00 shipped",
            "2026-11-18T03:00 delivered",
        ]
    );
}

#[test]
fn csf_16_bronze_ships_ten_business_days_after_the_part_has_arrived() {
    let contract = Entitlement::from_json(&json!({
        "id": "e", "name": "Bronze", "plan": "appliance-maintenance", "level": "bronze",
    }));
    let case = case(json!({
        "entitlement_id": "e", "serial_number": "B-1",
        "rma": {
            "serial_number": "B-1", "level": "bronze", "requested_at": "2026-11-16T02:00:00Z",
            "verified_at": "2026-11-16T03:00:00Z", "returned_at": "2026-11-18T03:00:00Z",
        },
    }));
    let account = json!({ "country": "JP", "region": "japan" });
    let facts = facts(&case, account, &[contract], &[]);
    let policy = policy();
    let holidays = holidays();
    let calendars = Calendars::new(&policy.sla, &mut |name| zone(name), &holidays);
    let selection = select(&policy.sla, &facts);
    let now = case.created_at.expect("a time").timestamp_millis() + 5 * DAY;
    let all = clocks(
        &policy.sla,
        &calendars,
        &selection,
        &history(&policy, &case, &[]),
        now,
    );
    let ship = all.iter().find(|clock| clock.what == What::RmaShip);
    let due = ship.and_then(|clock| clock.due).expect("a time to ship by");
    // From Wednesday the 18th ten business days, over Labour Thanksgiving Day on the 23rd, to the
    // close of Thursday, 3 December: 17:30 in Japan.
    assert_eq!(local_text(due.at), "2026-12-03T08:30");
}

#[test]
fn csf_19_the_policy_names_the_step_in_which_a_fix_is_made() {
    let mut json = file("public/policies/citrix.json");
    let steps = json["life"]["progress"].as_array_mut().expect("a list");
    for step in steps {
        if step["id"] == "engineering" {
            step["id"] = json!("workshop");
        }
    }
    let renamed = Policy::read(&json).expect("a policy");
    let at = |step: &str| {
        case(json!({
            "progress": step,
            "history": [{ "at": "2026-11-18T01:00:00Z", "kind": "progress", "detail": step }],
        }))
    };
    let makes = |policy: &Policy, step: &str| {
        let marks = told(&history(policy, &at(step), &[]));
        marks.iter().any(|mark| mark.contains("fix_started"))
    };
    assert!(makes(&renamed, "workshop") && !makes(&renamed, "engineering"));
    assert!(makes(&policy(), "engineering") && !makes(&policy(), "senior"));
}

#[test]
fn a_case_with_its_solution_is_owed_no_update_for_not_being_stable() {
    let case = case(json!({
        "severity": "2", "status": "solution_provided",
        "history": [{ "at": "2026-11-17T01:00:00Z", "kind": "status", "detail": "solution_provided" }],
    }));
    let marks = told(&history(&policy(), &case, &[]));
    assert!(
        marks.contains(&"2026-11-17T01:00 stable".into()),
        "{marks:?}"
    );
}

#[test]
fn escalations_severities_and_fixes_are_in_the_history() {
    let case = case(json!({
        "severity": "3", "progress": "engineering",
        "escalation": { "channel": "phone", "at": "2026-11-17T01:00:00Z" },
        "history": [
            { "at": "2026-11-16T02:00:00Z", "kind": "severity", "detail": "2>3\nA workaround" },
            { "at": "2026-11-18T01:00:00Z", "kind": "progress", "detail": "engineering" },
        ],
    }));
    let said = |at: &str| {
        Comment::from_json(
            &json!({ "id": at, "case_id": "1", "author_side": "vendor", "created_at": at }),
        )
    };
    let comments = [said("2026-11-16T05:00:00Z"), said("2026-11-17T01:40:00Z")];
    assert_eq!(
        told(&history(&policy(), &case, &comments)),
        [
            "2026-11-16T01:00 created 2",
            "2026-11-16T02:00 severity 3",
            "2026-11-16T05:00 answered",
            "2026-11-17T01:00 escalated phone",
            "2026-11-17T01:40 updated",
            "2026-11-17T01:40 escalation_answered phone",
            "2026-11-18T01:00 fix_started private",
            "2026-11-18T01:00 fix_started site",
            "2026-11-18T01:00 fix_started maintenance",
        ]
    );
}

#[test]
fn csf_11_the_clock_of_silence_agrees_with_the_day_on_which_a_case_is_closed() {
    let policy = policy();
    let case = case(json!({
        "status": "waiting_customer",
        "history": [
            { "at": "2026-11-16T02:00:00Z", "kind": "status", "detail": "open" },
            { "at": "2026-11-17T02:00:00Z", "kind": "status", "detail": "waiting_customer" },
            { "at": "2026-11-18T02:00:00Z", "kind": "requested", "detail": "Logs" },
        ],
    }));
    let asked_again = Comment::from_json(&json!({
        "id": "c", "case_id": "1", "author_side": "vendor", "created_at": "2026-11-19T02:00:00Z",
    }));
    let comments = [asked_again];
    let history = history(&policy, &case, &comments);
    let sla = &policy.sla;
    let calendars = Calendars::new(sla, &mut |name| zone(name), &holidays());
    let facts = Facts {
        plan: "select".into(),
        severity: "3".into(),
        region: "japan".into(),
        ..Facts::default()
    };
    let now = history[0].at + 5 * DAY;
    let list = clocks(sla, &calendars, &select(sla, &facts), &history, now);
    let silence = list
        .iter()
        .find(|clock| clock.what == What::Silence)
        .expect("a clock");
    let closes = closes_for_silence(&policy, &case, &comments).expect("a day");
    assert_eq!(
        silence.due.map(|due| due.at),
        Some(closes.timestamp_millis())
    );
    // All that time the vendor's clocks stood still.
    let update = list
        .iter()
        .find(|clock| clock.what == What::Update)
        .expect("a clock");
    assert_eq!(update.state, State::Paused);
}

#[test]
fn a_customer_is_found_by_its_id_else_by_the_name_that_was_written() {
    let customer = |id: &str, name: &str| {
        Customer::from_json(&json!({ "id": id, "name": name, "zone": "Asia/Tokyo" }))
    };
    let all = [customer("1", "Aozora"), customer("2", "Minato")];
    let found = |id: &str, name: &str| customer_of(&all, id, name).map(|one| one.id.clone());
    assert_eq!(found("2", "Aozora").as_deref(), Some("2"));
    assert_eq!(found("", " Aozora ").as_deref(), Some("1"));
    assert_eq!(found("", ""), None);
    assert_eq!(found("9", "Aozora"), None);
    assert_eq!(all[0].zone, "Asia/Tokyo");
}
