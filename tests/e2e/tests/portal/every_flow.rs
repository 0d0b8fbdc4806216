//! Every type of every policy, from the first question to the case or to whoever takes it. The
//! questions are answered as they come, whatever they are; what each is about is shown elsewhere.

use casement_e2e::pages::sign_in::{ADVANCED, BASIC, ITO, PREMIUM, TANAKA};
use casement_e2e::pages::{ContextBar, SignIn};
use casement_e2e::{Portal, in_chromium};
use serde_json::{Value, json};

/// Answers what this step asks and is not answered yet; returns how much that was.
const ANSWER: &str = r"
const wanted = arguments[0];
const form = all('form').find((one) => seen(one) && one.closest('main'));
if (!form) return 0;
let count = 0;
const tell = (control) => ['input', 'change'].forEach((name) =>
  control.dispatchEvent(new Event(name, { bubbles: true, composed: true })));
const put = (control, value) => { control.value = value; tell(control); count++; };
const controls = [...form.querySelectorAll('input, textarea, select')]
  .filter((one) => !one.disabled && seen(one));
const key = (control) => (control.name || control.id).replace(/^f-/, '');
const groups = new Set();
for (const control of controls) {
  if (control.type === 'radio') {
    if (groups.has(control.name)) continue;
    groups.add(control.name);
    const group = controls.filter((one) => one.name === control.name);
    const wish = group.find((one) => one.value === wanted[key(control)]);
    // The last severity is never the one for the telephone.
    const first = key(control) === 'severity' ? group.at(-1) : group[0];
    const chosen = wish ?? (group.some((one) => one.checked) ? null : first);
    if (chosen && !chosen.checked) { chosen.click(); count++; }
  } else if (control.type === 'checkbox') {
    if (/^(f|confirm)-/.test(control.id) && !control.checked) { control.click(); count++; }
  } else if (control.type === 'file') {
    continue;
  } else if (control.tagName === 'SELECT') {
    const values = [...control.options].map((one) => one.value).filter(Boolean);
    const wish = wanted[key(control)];
    const value = values.includes(wish) ? wish : control.value || values[0];
    if (value && value !== control.value) put(control, value);
  } else if (!control.value) {
    const fitting = { tel: '+81 3-5550-0142', email: 'someone@partner.example',
      'datetime-local': '2026-11-19T09:30' };
    const value = wanted[key(control)] ?? fitting[control.type] ?? 'As it says';
    if (value) put(control, value);
  }
}
return count;
";

/// More steps than any flow has.
const STEPS: usize = 15;

/// Answers until nothing is left: an answer may bring further questions.
async fn answer_all(portal: &Portal, wanted: &Value) {
    let nothing_left = format!("const left = (() => {{ {ANSWER} }})(); return left === 0;");
    portal
        .until(
            "every question to be answered",
            &nothing_left,
            vec![wanted.clone()],
        )
        .await;
}

/// Answers and goes on until everything stands on the page before sending.
async fn until_review(portal: &Portal, wanted: &Value) {
    for _ in 0..STEPS {
        let here = portal.path().await;
        if here.ends_with("/review") {
            return;
        }
        answer_all(portal, wanted).await;
        portal.press("main form button[type=submit]", None).await;
        portal
            .until(
                &format!("the step after {here}"),
                "return location.pathname !== arguments[0] || all('.error-summary').some(seen);",
                vec![here.into()],
            )
            .await;
    }
    panic!(
        "the flow has no end; the page says:\n{}",
        portal.text().await
    );
}

async fn begin(portal: &Portal) {
    portal.press(".rail-first", None).await;
    portal
        .until(
            "a first question",
            "return all('main form').some(seen);",
            Vec::new(),
        )
        .await;
}

async fn to_a_case(portal: &Portal, wanted: &Value) {
    begin(portal).await;
    until_review(portal, wanted).await;
    answer_all(portal, &json!({})).await;
    portal.press("main form button[type=submit]", None).await;
    portal.element(".case-number", None).await;
}

/// The flow of these answers ends in a case.
fn ends_in_a_case(login: &'static str, wanted: Value) {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(login).await;
        to_a_case(&portal, &wanted).await;
    });
}

/// The flow of these answers leads to somebody else before anything is sent.
fn leads_elsewhere(login: &'static str, wanted: Value, words: &'static str) {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(login).await;
        begin(&portal).await;
        answer_all(&portal, &wanted).await;
        portal.see(words).await;
    });
}

#[test]
fn a_return_of_a_part_ends_in_a_case() {
    ends_in_a_case(
        TANAKA,
        json!({
            "type": "rma", "serial_number": "7RKS20XW91", "product": "adc-mpx",
            "other_email": "", "watchers": "",
        }),
    );
}

#[test]
fn an_on_premises_request_ends_in_a_case() {
    ends_in_a_case(
        ITO,
        json!({ "type": "on_premises", "product": "sql-server" }),
    );
}

#[test]
fn a_billing_request_ends_in_a_case() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(ITO).await;
        let bar = ContextBar(&portal);
        bar.open_search().await;
        bar.search_and_take("みどり台病院", "みどり台病院").await;
        let wanted = json!({ "type": "billing", "product": "teams" });
        to_a_case(&portal, &wanted).await;
    });
}

#[test]
fn a_request_for_ones_own_tenant_ends_in_a_case() {
    ends_in_a_case(ITO, json!({ "type": "own", "product": "teams" }));
}

#[test]
fn advice_before_a_sale_and_questions_of_the_program_lead_elsewhere() {
    leads_elsewhere(
        ITO,
        json!({ "type": "presales" }),
        "Technical support takes faults only",
    );
    leads_elsewhere(
        ITO,
        json!({ "type": "program" }),
        "Questions about the partner program",
    );
}

#[test]
fn both_ordinary_tickets_end_in_a_case() {
    for kind in ["inquiry", "incident"] {
        ends_in_a_case(BASIC, json!({ "type": kind, "product": "ecl2-other" }));
    }
}

#[test]
fn both_callback_requests_end_in_a_case() {
    for kind in ["callback_inquiry", "callback_incident"] {
        ends_in_a_case(ADVANCED, json!({ "type": kind, "product": "ecl2-other" }));
    }
}

#[test]
fn a_premium_incident_ends_in_a_case() {
    let wanted = json!({ "type": "premium_incident", "product": "ecl2-other" });
    ends_in_a_case(PREMIUM, wanted);
}
