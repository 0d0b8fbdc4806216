//! When things are due, as a person reads it: beside the form, on cases, in lists, on the call sheet and
//! on a return. That the times themselves are right is shown by the core's tests, vector by vector; here
//! it is that they reach the page, with their calculation, and follow what is chosen.

use std::time::{SystemTime, UNIX_EPOCH};

use casement_e2e::pages::sign_in::{ITO, SATO, SILVA, TANAKA};
use casement_e2e::pages::{CallSheet, ContextBar, Flow, SignIn};
use casement_e2e::{Portal, in_chromium};
use serde_json::{Value, json};

const MINUTE: i64 = 60_000;

/// Now by the clock that the backend has too, in milliseconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(since.expect("a clock after 1970").as_millis()).expect("not that late")
}

/// What a script finds for a clock, as soon as it finds something.
async fn of_clock(portal: &Portal, what: &str, script: &str) -> Value {
    let script = format!("const one = all(`[data-clock=${{arguments[0]}}]`).find(seen); {script}");
    let asked = format!("the clock “{what}”");
    portal.until(&asked, &script, vec![what.into()]).await
}

/// When a clock says that something is due.
async fn due(portal: &Portal, what: &str) -> i64 {
    let script = "const time = one?.querySelector('time[datetime]');
        return time && Date.parse(time.getAttribute('datetime'));";
    let at = of_clock(portal, what, script).await;
    at.as_f64().expect("an instant") as i64
}

/// The line above a clock.
async fn headline(portal: &Portal, what: &str) -> String {
    let script = "return one && tidy(one.querySelector('.clock-due').textContent);";
    let text = of_clock(portal, what, script).await;
    text.as_str().unwrap_or_default().to_string()
}

/// Waits until the calculation of a clock has a sentence, and returns all of it.
async fn calculation(portal: &Portal, what: &str, sentence: &str) -> String {
    let script = "const text = one && [...one.querySelectorAll('.calc li')]
          .map((line) => tidy(line.textContent)).join('\\n');
        return text?.includes(arguments[1]) && text;";
    let script = format!("const one = all(`[data-clock=${{arguments[0]}}]`).find(seen); {script}");
    let asked = format!("the clock “{what}” to say “{sentence}”");
    let text = portal
        .until(&asked, &script, vec![what.into(), sentence.into()])
        .await;
    text.as_str().unwrap_or_default().to_string()
}

/// Has the browser think that it is somewhere else.
async fn be_in(portal: &Portal, zone: &str) {
    let set = portal.session().cdp();
    let set = set
        .send_raw(
            "Emulation.setTimezoneOverride",
            json!({ "timezoneId": zone }),
        )
        .await;
    assert!(set.is_ok(), "{set:?}");
}

/// Answers up to the details with a contract.
async fn until_details<'a>(portal: &'a Portal, contract: &str) -> Flow<'a> {
    SignIn(portal).open_as(SATO).await;
    let flow = Flow(portal);
    flow.until_entitlement("Sessions drop").await;
    flow.mark(contract).await;
    flow.go_on("Prepare the fault report").await;
    flow.product("cvad", "2402-ltsr").await;
    flow.go_on("Describe the case").await;
    flow
}

/// What each severity of a contract says: its first answer, the clock it is counted on, its updates.
fn table(contract: &'static str, rows: [[&'static str; 4]; 4]) {
    in_chromium(async move |desk| {
        let portal = desk.portal();
        let flow = until_details(&portal, contract).await;
        for [severity, answer, clock, update] in rows {
            flow.severity(severity).await;
            let said = calculation(&portal, "response", answer).await;
            assert!(said.contains(clock), "{contract}, {severity}: {said}");
            calculation(&portal, "update", update).await;
        }
    });
}

const ALWAYS: &str = "Counted around the clock.";
const JAPAN: &str = "Counted in these hours: Japan, business hours.";
const UPDATES: [&str; 4] = [
    "Within 1 day.",
    "Within 2 days on which the desk opens.",
    "Within 5 days on which the desk opens.",
    "Times a week: 2.",
];

#[test]
fn csf_04_csf_05_csf_06_csf_07_the_panel_follows_the_table_of_select() {
    table(
        "Partner Support Select",
        [
            ["1", "In less than 30 minutes.", ALWAYS, UPDATES[0]],
            ["2", "Within 2 hours.", JAPAN, UPDATES[1]],
            ["3", "Within 8 hours.", JAPAN, UPDATES[2]],
            ["4", "Within 8 hours.", JAPAN, UPDATES[3]],
        ],
    );
}

#[test]
fn csf_03_csf_04_csf_05_csf_06_csf_07_the_panel_follows_the_table_of_priority() {
    table(
        "Partner Support Priority",
        [
            ["1", "In less than 15 minutes.", ALWAYS, UPDATES[0]],
            ["2", "Within 30 minutes.", ALWAYS, UPDATES[1]],
            ["3", "Within 4 hours.", JAPAN, UPDATES[2]],
            ["4", "Within 4 hours.", JAPAN, UPDATES[3]],
        ],
    );
}

#[test]
fn csf_08_restoration_is_a_goal_without_promise_and_only_where_the_policy_names_one() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        let flow = until_details(&portal, "Partner Support Priority").await;
        flow.severity("1").await;
        let goal = headline(&portal, "restoration").await;
        assert!(goal.starts_with("Restoration: goal "), "{goal}");
        assert!(goal.ends_with("without promise"), "{goal}");
        portal.see("restored does not mean resolved").await;
        flow.severity("2").await;
        portal.until_count("[data-clock=restoration]", 0).await;
        portal
            .see("is not guaranteed at any level of support")
            .await;
    });
}

#[test]
fn new_02_both_zones_are_shown_and_every_step_of_the_calculation() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        be_in(&portal, "Europe/London").await;
        let flow = until_details(&portal, "Partner Support Select").await;
        portal
            .see("Choose a severity to see when you get an answer.")
            .await;
        flow.severity("3").await;
        portal.write("#f-customer_name", "青空信用金庫").await;
        portal.see("Times are in your zone, Europe/London.").await;
        portal.see("By the customer's clock (Asia/Tokyo):").await;
        let said = calculation(&portal, "response", "Within 8 hours.").await;
        for sentence in [
            "Counting begins with the case,",
            "Counted: 8 hr.",
            "Not counted, outside business hours:",
            "Due ",
            "A target that the vendor works to.",
        ] {
            assert!(said.contains(sentence), "no “{sentence}” in {said}");
        }
        let drawn = "return one?.querySelectorAll('svg[role=img] rect').length;";
        assert!(of_clock(&portal, "response", drawn).await.as_u64() > Some(2));
        let label = "return one?.querySelector('svg[role=img]')?.getAttribute('aria-label');";
        let label = of_clock(&portal, "response", label).await;
        let label = label.as_str().unwrap_or_default();
        assert!(label.contains("First answer by"), "{label}");
        assert!(
            label.contains("Not counted, outside business hours"),
            "{label}"
        );

        // The stretches lie end to end, and what counted among them is what was promised.
        portal.button("How this is counted").await;
        portal.see("Every stretch of it, in Asia/Tokyo time").await;
        portal.until_still().await;
        assert!(
            portal
                .count("[data-clock=response] .stretches .counted")
                .await
                >= 1
        );
    });
}

#[test]
fn new_02_the_panel_goes_along_to_the_review() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let story = casement_e2e::pages::flow::Story::about("Sessions drop");
        Flow(&portal).until_review(story).await;
        let answer = due(&portal, "response").await;
        assert!(answer > now(), "{answer}");
        calculation(&portal, "response", "Within 4 hours.").await;
    });
}

#[test]
fn a_wrong_local_clock_moves_nothing() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        // Three hours and a bit ahead, as on a device whose clock was never set.
        let wrong = r"
            const Real = Date, ahead = 11_111_000;
            globalThis.Date = class extends Real {
              constructor(...given) { given.length ? super(...given) : super(Real.now() + ahead); }
              static now() { return Real.now() + ahead; }
            };";
        let script = json!({ "source": wrong });
        let set = portal.session().cdp();
        let set = set
            .send_raw("Page.addScriptToEvaluateOnNewDocument", script)
            .await;
        assert!(set.is_ok(), "{set:?}");
        let before = now();
        let flow = until_details(&portal, "Partner Support Select").await;
        flow.severity("1").await;
        calculation(&portal, "response", "In less than 30 minutes.").await;
        let at = due(&portal, "response").await;
        let (earliest, latest) = (before + 30 * MINUTE - 2_000, now() + 30 * MINUTE + 2_000);
        assert!(
            (earliest..=latest).contains(&at),
            "{earliest} {at} {latest}"
        );
    });
}

#[test]
fn csf_01_new_08_the_call_sheet_says_the_hours_and_whether_it_is_open_now_without_network() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        let flow = until_details(&portal, "Partner Support Priority").await;
        flow.severity("1").await;
        flow.jump("review", "Call now").await;
        CallSheet(&portal).until_there().await;
        portal.until_kept_for_offline().await;
        let offline = json!({ "offline": true, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        let set = portal.session().cdp();
        let set = set
            .send_raw("Network.emulateNetworkConditions", offline)
            .await;
        assert!(set.is_ok(), "{set:?}");
        portal.reload().await;
        CallSheet(&portal).until_there().await;
        let sheet = portal
            .read(".call", Some("Monday to Friday 9:30–17:30"))
            .await;
        let known = sheet.contains("Open now, until") || sheet.contains("Closed now, opens");
        assert!(known, "{sheet}");
        let answer = headline(&portal, "response").await;
        assert!(answer.starts_with("First answer before"), "{answer}");
    });
}

#[test]
fn mpt_15_the_hours_follow_the_region_that_is_chosen() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SILVA).await;
        let flow = Flow(&portal);
        flow.begin().await;
        flow.pick("type", "on_premises").await;
        flow.go_on("Which service or product?").await;
        portal.choose("#f-product", "windows-server").await;
        portal.choose("#f-product_version", "2025").await;
        flow.go_on("What is happening?").await;
        flow.jump("contact", "Who is the contact?").await;
        for (region, name) in [("pt", "Portugal"), ("jp", "Japan")] {
            portal.choose("#f-region", region).await;
            let hours = portal.read(".clock-panel .hours", Some(name)).await;
            assert!(hours.contains("now"), "{hours}");
        }
    });
}

#[test]
fn mpc_08_first_answers_of_each_severity_stand_beside_the_form() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(ITO).await;
        ContextBar(&portal).act_for("saito", "西都信用金庫").await;
        let flow = Flow(&portal);
        flow.begin().await;
        flow.pick("type", "cloud").await;
        flow.go_on("On whose behalf?").await;
        flow.go_on("Which service or product?").await;
        portal.choose("#f-product", "azure-vm").await;
        flow.jump("plan", "Which support plan pays for it?").await;
        flow.mark("Cloud Solution Provider").await;
        flow.jump("details", "Describe the request").await;
        for (severity, hours) in [("A", "2"), ("B", "4"), ("C", "8")] {
            flow.severity(severity).await;
            let sentence = format!("Within {hours} hours.");
            calculation(&portal, "response", &sentence).await;
        }
        flow.jump("type", "What do you need?").await;
        flow.pick("type", "billing").await;
        flow.jump("details", "Describe the request").await;
        calculation(&portal, "response", "By the end of the next business day.").await;
    });
}

#[test]
fn csf_16_new_09_a_return_counts_down_and_goes_into_a_calendar() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(TANAKA).await;
        portal.open("/cases/case-80970195/rma").await;
        let said = calculation(
            &portal,
            "rma_return",
            "By the end of business day 5 after that.",
        )
        .await;
        assert!(
            said.contains("Counting begins when the replacement arrived"),
            "{said}"
        );
        let delivered = headline(&portal, "rma_deliver").await;
        assert!(
            delivered.starts_with("Replacement delivered: in time"),
            "{delivered}"
        );
        let at = due(&portal, "rma_return").await;
        let keep = r"
            const make = URL.createObjectURL;
            URL.createObjectURL = (blob) => {
              window.kept = blob.type;
              blob.text().then((text) => { window.keptText = text; });
              return make.call(URL, blob);
            };
            return true;";
        portal.eval(keep, Vec::new()).await;
        if at > now() {
            portal.press("[data-clock=rma_return] button", None).await;
            let text = "return window.keptText;";
            let text = portal.until("the file", text, Vec::new()).await;
            let text = text.as_str().unwrap_or_default();
            for line in [
                "BEGIN:VCALENDAR",
                "DTSTART:",
                "SUMMARY:80970195 Defective part sent back",
            ] {
                assert!(text.contains(line), "no {line} in {text}");
            }
            assert!(text.contains("UID:80970195-rma_return-@casement"), "{text}");
        }
    });
}

#[test]
fn csf_16_a_replacement_of_silver_is_shipped_on_the_next_business_day() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(TANAKA).await;
        portal.open("/cases/case-80970281/rma").await;
        let said = calculation(&portal, "rma_ship", "By the end of the next business day.").await;
        assert!(
            said.contains("Counting begins with the issue of the return"),
            "{said}"
        );
    });
}

#[test]
fn csf_15_appliances_have_hours_of_their_own() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(TANAKA).await;
        portal.open("/cases/case-80970281").await;
        let said = calculation(&portal, "update", "Within 5 days on which the desk opens.").await;
        let hours = "Counted in these hours: Appliance maintenance, Japan.";
        assert!(said.contains(hours), "{said}");
        // Gold Plus never closes.
        portal.open("/cases/case-80970195").await;
        calculation(&portal, "response", ALWAYS).await;
    });
}

#[test]
fn csf_19_a_case_that_waits_for_a_fix_says_when_to_expect_it() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(TANAKA).await;
        portal.open("/cases/case-80970177").await;
        let said = calculation(&portal, "fix", "on which the desk opens.").await;
        assert!(said.contains("An expectation, not a promise."), "{said}");
        for fix in ["Private release", "Site fix", "Maintenance release"] {
            portal.read("[data-clock=fix] .clock-due", Some(fix)).await;
        }
        let whole = "return all('[data-clock=fix] .calc').map((one) => one.textContent).join();";
        let whole = portal.eval(whole, Vec::new()).await;
        let whole = whole.as_str().unwrap_or_default();
        for range in ["5 and 10 days", "3 and 4 days", "6 and 8 weeks"] {
            assert!(whole.contains(range), "no {range} in {whole}");
        }
    });
}

#[test]
fn what_is_due_next_stands_first_in_the_list_and_on_home() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        portal.read("#home-due", Some("Due soon")).await;
        portal.click(".rail-link", "Cases").await;
        portal.read("td.col-due", Some("overdue")).await;
        let first = "return tidy(all('tbody .col-no').find(seen).textContent);";
        let by_due = portal.eval(first, Vec::new()).await;
        portal.choose(".sort-box select", "changed").await;
        let script = "const now = tidy(all('tbody .col-no').find(seen).textContent);
            return now !== arguments[0] && now;";
        portal.until("another order", script, vec![by_due]).await;
        portal.reload().await;
        portal.until_value(".sort-box select", "changed").await;
    });
}

#[test]
fn without_the_public_holidays_a_clock_says_so_and_shows_no_time() {
    casement_e2e::with_bundle(
        |bundle| {
            for end in ["", ".br"] {
                // Not every file has a compressed one.
                let _ = std::fs::remove_file(bundle.join(format!("calendars/JP.json{end}")));
            }
        },
        async |desk| {
            let portal = desk.portal();
            // A version that is not whole is not kept for times without network.
            for complaint in ["calendars/JP.json", "sw.js"] {
                desk.forgive(complaint);
            }
            let flow = until_details(&portal, "Partner Support Select").await;
            flow.severity("3").await;
            let line = headline(&portal, "response").await;
            assert_eq!(line, "First answer: can't be computed");
            portal
                .see("The file with the public holidays is missing.")
                .await;
            portal.until_count("[data-clock=response] svg", 0).await;
        },
    );
}
