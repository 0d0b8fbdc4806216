//! The flow: what is asked, what stands in the way, and what is sent in the end.

use std::sync::LazyLock;

use casement::core::draft::{Draft, DraftFile};
use casement::core::flow::{self, Journey, case_body, has_report, journey, prefill};
use casement::core::policy::FieldKind;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{Desk, answer, draft};

/// A complete technical case, to which a test adds or from which it changes something.
const COMPLETE: &str = "type = technical
    brief = Sessions drop
    product = desktops
    product_version = 2507
    entitlement = ent-priority
    severity = 3
    subject = Sessions drop
    description = Sessions drop since Monday.
    callback_number = +81 3-5550-0123";

/// Each step as `id`, in brackets what is wrong, and `~` before those that can't be reached yet.
fn standing(journey: &Journey) -> String {
    let stages: Vec<String> = journey
        .steps
        .iter()
        .map(|stage| {
            let problems: Vec<String> = stage
                .problems
                .iter()
                .map(|problem| format!("{} {}", problem.field, problem.code))
                .collect();
            let mark = if stage.reachable { "" } else { "~" };
            match problems.is_empty() {
                true => format!("{mark}{}", stage.step.id),
                false => format!("{mark}{}[{}]", stage.step.id, problems.join(", ")),
            }
        })
        .collect();
    stages.join(" ")
}

fn check(answers: &str, expected: &str) {
    let desk = Desk::open();
    assert_eq!(
        standing(&journey(desk.world(), &draft(answers))),
        expected,
        "{answers}"
    );
}

/// A complete case with other answers, and what is wrong with it then.
fn check_change(answers: &str, expected: &[&str]) {
    let desk = Desk::open();
    let mut draft = draft(COMPLETE);
    answer(&mut draft, answers);
    let journey = journey(desk.world(), &draft);
    let problems: Vec<String> = journey
        .steps
        .iter()
        .flat_map(|stage| &stage.problems)
        .map(|problem| {
            let facts = problem
                .facts
                .iter()
                .map(|(name, value)| format!(" {name}={value}"));
            format!(
                "{} {}{}",
                problem.field,
                problem.code,
                facts.collect::<String>()
            )
        })
        .collect();
    assert_eq!(problems, expected, "{answers}");
    assert_eq!(journey.is_complete(), expected.is_empty());
}

#[test]
fn cms_04_a_new_case_begins_with_the_type_of_issue() {
    let desk = Desk::open();
    let draft = draft("");
    let journey = journey(desk.world(), &draft);
    let next = journey.next().expect("something is open");
    assert_eq!(
        (next.step.id.as_str(), next.fields[0].key.as_str()),
        ("kind", "type")
    );
    check(
        "",
        "kind[type required] ~describe[brief required] ~contract[product required, \
         product_version required, entitlement required] ~details[subject required, \
         description required] ~contacts[callback_number required]",
    );
}

#[test]
fn the_journey_stops_at_the_first_open_question_and_goes_on_when_it_is_answered() {
    check(
        "type = question\nbrief = x\nproduct = service\nproduct_version = any",
        "kind describe contract[entitlement required] ~details[subject required, \
         description required] ~contacts[callback_number required]",
    );
    check(COMPLETE, "kind describe contract report details contacts");
}

#[test]
fn cms_07_changing_an_earlier_answer_makes_later_steps_incomplete_again() {
    check_change(
        "product = gateway",
        &[
            "product_version version_of_other product=Harbour Gateway",
            "entitlement entitlement_not_usable reason=product_not_covered",
        ],
    );
    check_change("product = gateway\nproduct = desktops", &[]);
    check_change("type = return", &["serial_number required"]);
    check_change("type = return\ntype = technical", &[]);
}

#[test]
fn cms_08_what_is_required_is_exactly_what_the_form_says() {
    let desk = Desk::open();
    let complete = draft(COMPLETE);
    for key in complete.answers.keys() {
        let mut lacking = complete.clone();
        lacking.set(key, "  \n ");
        let journey = journey(desk.world(), &lacking);
        let codes: Vec<&str> = journey
            .steps
            .iter()
            .flat_map(|stage| &stage.problems)
            .filter(|problem| problem.field == *key)
            .map(|problem| problem.code)
            .collect();
        assert_eq!(codes, ["required"], "{key}");
    }
}

#[test]
fn cms_10_a_subject_is_counted_in_graphemes_and_too_long_says_by_how_much() {
    let check_subject = |subject: String, expected: &[&str]| {
        check_change(&format!("subject = {subject}"), expected);
    };
    check_subject("x".repeat(255), &[]);
    check_subject("👩‍👩‍👧".repeat(255), &[]);
    check_subject(
        "か\u{3099}".repeat(256),
        &["subject too_long limit=255 over=1"],
    );
    check_subject(
        "x".repeat(10_000),
        &["subject too_long limit=255 over=9745"],
    );
    check_subject(format!("  {}  ", "x".repeat(255)), &[]);
}

#[test]
fn cms_11_the_other_address_is_exactly_one() {
    check_change("other_email = sato＠hokuto.example", &[]);
    check_change("other_email = ", &[]);
    check_change("other_email = sato", &["other_email not_an_email"]);
    check_change(
        "other_email = a@b.example, c@d.example",
        &["other_email one_email_only"],
    );
    check_change(
        "other_email = a@b.example；c＠d.example",
        &["other_email one_email_only"],
    );
    check_change("watchers = a@b.example | c@d.example", &[]);
    check_change(
        "watchers = a@b.example | c@d | e",
        &["watchers not_an_email value=c@d"],
    );
}

#[test]
fn an_answer_that_is_no_longer_offered_is_told_and_kept() {
    check_change("severity = 9", &["severity not_offered"]);
    check_change("type = riddle", &["type not_offered"]);
    check_change(
        "preferred_language = tlh",
        &["preferred_language not_offered"],
    );
    check_change("product = gone", &["product not_offered"]);
    check_change("entitlement = gone", &["entitlement entitlement_gone"]);
    check_change(
        "callback_number = call me",
        &["callback_number not_a_phone"],
    );
}

#[test]
fn what_belongs_to_another_vendor_can_not_be_used_here() {
    check_change("product = foreign", &["product not_offered"]);
    check_change(
        "entitlement = ent-foreign",
        &["entitlement entitlement_gone"],
    );
}

#[test]
fn cms_03_a_contract_that_can_not_be_used_stands_in_the_way_with_its_reason() {
    check_change(
        "entitlement = ent-expired",
        &["entitlement entitlement_not_usable end=2024-03-31 reason=expired"],
    );
    check_change(
        "entitlement = ent-spent",
        &["entitlement entitlement_not_usable total=5 reason=none_left"],
    );
    check_change("entitlement = ent-unlimited", &[]);
}

fn check_by_phone(answers: &str, expected: bool) {
    let desk = Desk::open();
    let mut draft = draft(COMPLETE);
    answer(&mut draft, answers);
    assert_eq!(
        journey(desk.world(), &draft).by_phone,
        expected,
        "{answers}"
    );
}

#[test]
fn cms_09_severity_1_is_taken_by_phone_and_no_other() {
    check_by_phone("severity = 1", true);
    check_by_phone("severity = 2", false);
    check_by_phone("severity = ", false);
    check_by_phone("severity = 1\nseverity = 3", false);
}

#[test]
fn cms_09_a_severity_that_is_not_asked_for_any_more_makes_no_call_sheet() {
    check_by_phone("severity = 1\ntype = question", false);
}

#[test]
fn a_question_behind_a_hidden_question_is_hidden_too() {
    check_change(
        "type = return\nserial_number = HG-0002\nreplacement = yes",
        &["delivery_place required"],
    );
    check_change("replacement = yes", &[]);
    let desk = Desk::open();
    let mut draft = draft(COMPLETE);
    answer(&mut draft, "replacement = yes\ndelivery_place = Dock 4");
    assert!(
        !case_body(desk.world(), &draft)
            .to_string()
            .contains("Dock 4")
    );
    draft.set("type", "return");
    assert!(
        case_body(desk.world(), &draft)
            .to_string()
            .contains("Dock 4")
    );
}

#[test]
fn cms_06_the_description_is_not_typed_twice() {
    let desk = Desk::open();
    let mut draft = draft("brief =   画面が真っ暗です。再起動しても変わりません。\n");
    let brief = "画面が真っ暗です。\nSecond line 👩‍👩‍👧".to_string();
    draft.set("brief", brief.clone());
    prefill(desk.world(), &mut draft);
    assert_eq!(draft.text("subject"), "画面が真っ暗です。");
    assert_eq!(draft.text("description"), brief);
    draft.set("subject", "My own");
    draft.set("description", "");
    draft.set("brief", "Another beginning");
    prefill(desk.world(), &mut draft);
    assert_eq!(draft.text("subject"), "My own");
    assert_eq!(
        draft.text("description"),
        "",
        "what was emptied stays empty"
    );
}

#[test]
fn cms_06_a_long_description_gives_a_subject_that_fits() {
    let desk = Desk::open();
    let mut draft = draft("");
    draft.set("brief", "👩‍👩‍👧".repeat(100));
    prefill(desk.world(), &mut draft);
    assert_eq!(draft.text("subject"), "👩‍👩‍👧".repeat(40));
    assert_eq!(draft.text("description"), "👩‍👩‍👧".repeat(100));
}

#[test]
fn cms_08_the_number_to_call_back_is_that_of_the_contact_until_it_is_overwritten() {
    let desk = Desk::open();
    let mut draft = draft("");
    prefill(desk.world(), &mut draft);
    assert_eq!(draft.text("callback_number"), "+81 3-5550-0123");
    draft.set("callback_number", "+81 90-5550-0199");
    prefill(desk.world(), &mut draft);
    assert_eq!(draft.text("callback_number"), "+81 90-5550-0199");
}

#[test]
fn cms_12_the_language_of_the_answers_is_that_of_the_contact_if_it_is_offered() {
    let mut desk = Desk::open();
    let mut draft = draft("");
    desk.contact.language = "tlh".into();
    prefill(desk.world(), &mut draft);
    assert!(!draft.has("preferred_language"));
    desk.contact.language = "ja".into();
    prefill(desk.world(), &mut draft);
    assert_eq!(draft.text("preferred_language"), "ja");
}

fn a_file(size: u64) -> DraftFile {
    DraftFile {
        id: "f".into(),
        name: "a.log".into(),
        size,
        media_type: "text/plain".into(),
        chunks: 1,
        fingerprint: String::new(),
        sha256: String::new(),
    }
}

#[test]
fn cms_15_a_file_that_became_too_big_stands_in_the_way_by_name() {
    let desk = Desk::open();
    let mut draft = draft(COMPLETE);
    draft.files.push(a_file(104_857_601));
    let journey = journey(desk.world(), &draft);
    assert_eq!(
        standing(&journey),
        "kind describe contract report details[files file_too_big] ~contacts"
    );
}

#[test]
fn cms_01_the_report_never_stands_in_the_way_and_its_lack_can_be_told() {
    let desk = Desk::open();
    let mut draft = draft(COMPLETE);
    assert!(journey(desk.world(), &draft).is_complete());
    assert!(!has_report(desk.world(), &draft));
    for (key, value) in [
        ("report.environment", "Two hosts"),
        ("report", "Pasted"),
        ("report_attached", "yes"),
    ] {
        let mut with = draft.clone();
        with.set(key, value);
        assert!(has_report(desk.world(), &with), "{key}");
    }
    draft.set("report.lamps", "Red");
    assert!(
        !has_report(desk.world(), &draft),
        "that part is of another product's report"
    );
}

#[test]
fn cms_01_the_report_is_the_end_of_the_description_in_the_language_of_the_answers() {
    let desk = Desk::open();
    let mut draft = draft(COMPLETE);
    answer(
        &mut draft,
        "preferred_language = ja
         report.environment =  Two hosts 
         report.steps =
         report = Pasted",
    );
    let body = case_body(desk.world(), &draft);
    assert_eq!(
        body["description"],
        json!("Sessions drop since Monday.\n\n障害報告書\n\n■ 環境\nTwo hosts\n\nPasted")
    );
}

#[test]
fn cms_15_a_report_in_a_description_is_known_by_its_name_in_any_language() {
    let desk = Desk::open();
    let check = |description: &str, expected: bool| {
        let found = flow::report_stands_in(&desk.policy, description);
        assert_eq!(found, expected, "{description}");
    };
    check("Sessions drop.\n\n障害報告書\n\n■ 環境\nTwo hosts", true);
    check("Fault report\nTwo hosts", true);
    check("The fault report follows. Fault report: later.", false);
    for (product, lang, expected) in [
        ("desktops", "ja", "障害報告書"),
        ("gateway", "ja", "Device report"),
        ("", "", "Fault report"),
    ] {
        let name = flow::report_name(&desk.policy, product, lang);
        assert_eq!(name, expected, "{product} {lang}");
        check(&flow::with_report(" Drops.\n", name, "Two hosts\n"), true);
    }
}

#[test]
fn cms_14_an_address_that_was_typed_and_not_yet_taken_is_neither_lost_nor_overlooked() {
    check_change("watchers.typing = a@b.example、 ｃ@d.example", &[]);
    check_change(
        "watchers = a@b.example\nwatchers.typing = c@d",
        &["watchers not_an_email value=c@d"],
    );
    check_change("watchers.typing =  ", &[]);
    let desk = Desk::open();
    let mut draft = draft(COMPLETE);
    answer(
        &mut draft,
        "watchers = a@b.example\nwatchers.typing = ｃ@d.example, a@b.example",
    );
    let both = json!(["a@b.example", "c@d.example"]);
    assert_eq!(case_body(desk.world(), &draft)["watchers"], both);
    assert!(flow::take_typed(&mut draft, "watchers"));
    assert_eq!(json!(draft.many("watchers")), both);
    assert_eq!(draft.text("watchers.typing"), "");
    answer(&mut draft, "watchers.typing = e@f.example g");
    assert!(!flow::take_typed(&mut draft, "watchers"));
    assert_eq!(draft.text("watchers.typing"), "e@f.example g");
}

#[test]
fn cms_13_the_case_holds_exactly_what_was_answered() {
    let desk = Desk::open();
    let mut draft = draft(COMPLETE);
    answer(
        &mut draft,
        "customer_name = 港信用金庫
         serial_number = ｈｇ－０００２
         reachable_at = After 14:00
         other_email = SATO＠hokuto.example
         watchers = a@b.example | ｃ@d.example
         business_impact =
         callback_number = ０３−５５５０−０１２３
         preferred_language = en
         nobody.asked = this",
    );
    let expected = json!({
        "policy": "harbour",
        "contact_id": "con-1",
        "type": "technical",
        "product_id": "desktops",
        "product_version": "2507",
        "entitlement_id": "ent-priority",
        "severity": "3",
        "subject": "Sessions drop",
        "description": "Sessions drop since Monday.",
        "customer_name": "港信用金庫",
        "customer_id": "cus-1",
        "callback_number": "03-5550-0123",
        "other_email": "SATO@hokuto.example",
        "watchers": ["a@b.example", "c@d.example"],
        "preferred_language": "en",
        "fields": { "reachable_at": "After 14:00" }
    });
    assert_eq!(case_body(desk.world(), &draft), expected);
    draft.set("type", "return");
    let returned = case_body(desk.world(), &draft);
    assert_eq!(returned["serial_number"], json!("HG-0002"));
}

#[test]
fn what_is_one_line_is_sent_as_one_line() {
    let desk = Desk::open();
    let mut draft = draft(COMPLETE);
    draft.set("subject", "Error\t500\r\nBcc: x\u{0}");
    draft.set("reachable_at", "a\tb");
    let body = case_body(desk.world(), &draft);
    assert_eq!(body["subject"], json!("Error 500 Bcc: x"));
    assert_eq!(body["fields"]["reachable_at"], json!("a b"));
}

#[test]
fn what_is_not_asked_is_not_sent_also_where_it_is_part_of_something_else() {
    let mut desk = Desk::open();
    let customer = desk
        .policy
        .fields
        .iter_mut()
        .find(|field| field.key == "customer_name");
    let condition = ("type".to_string(), vec!["return".to_string()]);
    customer.expect("there is a customer").when.push(condition);
    let mut draft = draft(COMPLETE);
    answer(
        &mut draft,
        "type = question
         customer_name = 港信用金庫
         report.environment = Two hosts
         report = Pasted",
    );
    let body = case_body(desk.world(), &draft);
    assert_eq!(body["description"], json!("Sessions drop since Monday."));
    assert_eq!(body.get("customer_id"), None);
    assert!(!has_report(desk.world(), &draft));
    assert_eq!(draft.text("report"), "Pasted", "the answer itself waits");
}

/// Answers that make sense here and some that don't.
fn value(key: &str) -> BoxedStrategy<String> {
    let known: &[&'static str] = match key {
        "type" => &["technical", "return", "question", ""],
        "product" => &["desktops", "gateway", "service", "foreign"],
        "product_version" => &["2507", "14.1"],
        "entitlement" => &["ent-priority", "ent-unlimited", "ent-device", "ent-expired"],
        "severity" => &["1", "2", "3", "4"],
        "replacement" => &["yes", "no"],
        "preferred_language" => &["ja", "en"],
        "customer_name" => &["港信用金庫", "Nobody"],
        "callback_number" => &["+81 3-5550-0123"],
        "other_email" => &["a@b.example"],
        _ => &["words", "言葉"],
    };
    prop_oneof![
        4 => proptest::sample::select(known).prop_map(String::from),
        1 => any::<String>(),
    ]
    .boxed()
}

const KEYS: [&str; 21] = [
    "type",
    "brief",
    "product",
    "product_version",
    "entitlement",
    "serial_number",
    "replacement",
    "delivery_place",
    "report",
    "report.environment",
    "report.lamps",
    "severity",
    "subject",
    "description",
    "business_impact",
    "reachable_at",
    "customer_name",
    "callback_number",
    "other_email",
    "watchers",
    "preferred_language",
];

fn changes() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    let change = proptest::sample::select(&KEYS[..])
        .prop_flat_map(|key| value(key).prop_map(move |value| (key, value)));
    proptest::collection::vec(change, 0..30)
}

fn changed(changes: &[(&'static str, String)]) -> Draft {
    let mut draft = draft("");
    for (key, value) in changes {
        draft.set(key, value.as_str());
    }
    draft
}

/// Properties are tried many times; the desk is read once for all of them.
static DESK: LazyLock<Desk> = LazyLock::new(Desk::open);

proptest! {
    #![proptest_config(crate::support::tries(256))]

    #[test]
    fn a_change_never_loses_another_answer(changes in changes()) {
        let desk = &*DESK;
        let mut draft = draft("");
        for (key, value) in changes {
            let before = draft.clone();
            draft.set(key, value.as_str());
            prefill(desk.world(), &mut draft);
            journey(desk.world(), &draft);
            case_body(desk.world(), &draft);
            for (other, answer) in &before.answers {
                if *other != key {
                    prop_assert_eq!(draft.answers.get(other), Some(answer));
                }
            }
            prop_assert_eq!(draft.text(key), value);
        }
    }

    #[test]
    fn a_required_question_is_never_skipped(changes in changes()) {
        let desk = &*DESK;
        let draft = changed(&changes);
        let journey = journey(desk.world(), &draft);
        let mut all_before_complete = true;
        for stage in &journey.steps {
            prop_assert_eq!(stage.reachable, all_before_complete);
            prop_assert!(!stage.fields.is_empty());
            for field in &stage.fields {
                let answered = !field.required || draft.has(&field.key);
                let told = stage.problems.iter().any(|problem| problem.field == field.key);
                prop_assert!(answered || told, "{} is open and not told", field.key);
            }
            all_before_complete &= stage.problems.is_empty();
        }
        prop_assert_eq!(journey.is_complete(), all_before_complete);
        let places = journey.steps.iter().enumerate();
        for (place, stage) in places {
            let found = journey.stage(&stage.step.id).map(|(number, _)| number);
            prop_assert_eq!(found, Some(place + 1));
        }
    }

    #[test]
    fn only_what_is_asked_and_answered_is_sent(changes in changes()) {
        let desk = &*DESK;
        let draft = changed(&changes);
        let journey = journey(desk.world(), &draft);
        let body = case_body(desk.world(), &draft);
        for field in &desk.policy.fields {
            let shown = journey.steps.iter().any(|stage| {
                stage.fields.iter().any(|one| one.key == field.key)
            });
            let name = match field.key.as_str() {
                "product" => "product_id",
                "entitlement" => "entitlement_id",
                other => other,
            };
            let sent = body.get(name).or_else(|| body.get("fields")?.get(name));
            let apart = matches!(field.kind, FieldKind::Report | FieldKind::Files)
                || matches!(field.key.as_str(), "brief" | "description");
            if !apart {
                prop_assert_eq!(sent.is_some(), shown && draft.has(&field.key), "{}", name);
            }
        }
        prop_assert_eq!(body.get("brief"), None);
    }

    #[test]
    fn the_same_draft_gives_the_same_journey_and_body(changes in changes()) {
        let desk = &*DESK;
        let draft = changed(&changes);
        let twice = [(); 2].map(|()| {
            let body: Value = case_body(desk.world(), &draft);
            (standing(&journey(desk.world(), &draft)), body)
        });
        prop_assert_eq!(&twice[0], &twice[1]);
        prop_assert_eq!(flow::product_of(desk.world(), &draft), draft.text("product"));
    }
}
