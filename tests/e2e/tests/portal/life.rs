//! The life of a case after it was sent: what is asked of whom, lowering, escalating, closing,
//! opening again, returning a part.

use casement_e2e::pages::sign_in::{BASIC, TANAKA};
use casement_e2e::pages::{CaseAct, CasePage, Pending, SignIn};
use casement_e2e::{Portal, in_chromium};
use serde_json::json;

/// Asks for what has happened meanwhile, as coming back to the window does.
async fn come_back(portal: &Portal) {
    let script = "window.dispatchEvent(new Event('focus'));";
    portal.eval(script, Vec::new()).await;
}

#[test]
fn csf_09_a_severity_is_lowered_with_a_reason_and_never_raised() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(TANAKA).await;
        let act = CaseAct(&portal);
        let lower = "Lower the severity";
        act.open("case-80970266", lower, lower).await;
        portal.see("Once agreed, the severity is not raised").await;
        // Of the four only those that are lower can be chosen.
        portal.until_count("input[name=act-severity]", 2).await;
        act.ask().await;
        portal.see("This is needed to go on").await;
        portal.until_focus("input[name=act-severity]").await;
        act.choose("Severity 3").await;
        act.answer("reason", "A workaround is in place").await;
        act.ask_until("A workaround is in place").await;
        portal.read(".case-tags", Some("Severity 3")).await;
        let case = desk.api(TANAKA).await.get("/cases/case-80970266").await;
        assert_eq!(case["severity"], "3");
    });
}

#[test]
fn csf_09_the_lowest_severity_says_that_it_is_the_lowest() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(TANAKA).await;
        portal.open("/cases/case-80970120").await;
        let said = portal.read(".acts li", Some("Lower the severity")).await;
        assert!(
            said.contains("It has the lowest severity already."),
            "{said}"
        );
        portal.open("/cases/case-80970120/severity").await;
        portal.see("It has the lowest severity already.").await;
    });
}

#[test]
fn csf_10_the_way_of_a_case_shows_where_it_is_and_what_is_asked() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(TANAKA).await;
        portal.open("/cases/case-80970230").await;
        let now = ".way [aria-current=step]";
        portal.read(now, Some("Troubleshooting")).await;
        portal.until_count(".way > li", 5).await;
        portal.button("What may be asked of you in this step").await;
        portal.see("Test the solution outside production").await;
        portal
            .read(".notice", Some("ns.log と設定ファイルをお送りください。"))
            .await;
        let api = desk.api(TANAKA).await;
        let step = json!({ "do": "progress", "step": "senior" });
        api.desk("/cases/case-80970230", step).await;
        come_back(&portal).await;
        portal.read(now, Some("Senior engineer")).await;
        let timeline = portal
            .read(".timeline", Some("Step: Senior engineer"))
            .await;
        assert!(timeline.contains("Step: Troubleshooting"), "{timeline}");
    });
}

#[test]
fn csf_11_a_case_is_closed_by_confirming_with_the_survey_at_hand() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(TANAKA).await;
        let act = CaseAct(&portal);
        let close = "Close the case";
        act.open("case-80970222", close, close).await;
        let survey = "return find('a', 'Answer the survey')?.href;";
        let survey = portal.until("the survey", survey, Vec::new()).await;
        assert_eq!(survey, "https://survey.citrix.example/");
        act.ask().await;
        portal.see("This is needed to go on").await;
        act.confirm("The problem is solved").await;
        act.answer("note", "The store was subscribed again").await;
        act.ask_until("Case closed").await;
        portal.read(".case-tags", Some("Closed")).await;
        portal.see("The store was subscribed again").await;
        portal.see_no_more("Escalate to management").await;
        let case = desk.api(TANAKA).await.get("/cases/case-80970222").await;
        assert_eq!(case["status"], "closed");
    });
}

#[test]
fn csf_11_silence_is_counted_down_until_an_answer_ends_it() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(TANAKA).await;
        portal.open("/cases/case-80970230").await;
        let asked = portal.read(".notice", Some("Support waits for you")).await;
        assert!(
            asked.contains("Without an answer the case is closed."),
            "{asked}"
        );
        assert!(asked.contains("It is closed on"), "{asked}");
        assert!(asked.contains("left"), "{asked}");
        CasePage(&portal).comment("Both are attached").await;
        portal.see_no_more("It is closed on").await;
        portal.see_no_more("Support waits for you").await;
    });
}

#[test]
fn csf_12_a_case_is_reopened_within_thirty_days() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(TANAKA).await;
        let act = CaseAct(&portal);
        let reopen = "Reopen the case";
        act.open("case-80970101", reopen, reopen).await;
        portal.see("It can be reopened until").await;
        act.answer("reason", "It is back since the restart").await;
        portal.reload().await;
        portal
            .until_value("#act-reason", "It is back since the restart")
            .await;
        act.ask_until("Case reopened").await;
        portal.see("It is back since the restart").await;
        let case = desk.api(TANAKA).await.get("/cases/case-80970101").await;
        assert_eq!(case["status"], "open");
    });
}

#[test]
fn csf_12_later_a_new_case_takes_over_the_text_and_is_linked() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(TANAKA).await;
        let api = desk.api(TANAKA).await;
        let old = api.get("/cases/case-80969412").await;
        let old = old["description"].as_str().unwrap_or_default().to_string();
        let act = CaseAct(&portal);
        let reopen = "Reopen the case";
        act.open("case-80969412", reopen, reopen).await;
        portal.see("It could be reopened for 30 days.").await;
        portal.button("Start a new case from this one").await;
        portal.heading("Describe the case").await;
        portal.until_value("#f-description", &old).await;
        // The case that was made from an older one says which.
        portal.open("/cases/case-80970301").await;
        portal.link("Goes on from case").await;
        portal.heading("セッションが 2 時間で切断される").await;
    });
}

#[test]
fn csf_12_a_reassignment_is_shown_with_what_it_means() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(TANAKA).await;
        portal.open("/cases/case-80970240").await;
        let timeline = portal.read(".timeline", Some("Reassigned to")).await;
        assert!(
            timeline.contains("contact the person named here"),
            "{timeline}"
        );
    });
}

#[test]
fn csf_13_escalating_offers_each_way_with_its_time_and_what_to_say() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(TANAKA).await;
        let act = CaseAct(&portal);
        let escalate = "Escalate to management";
        act.open("case-80970255", escalate, escalate).await;
        act.answer("business_impact", "Forty nurses can’t log on")
            .await;
        act.answer("summary", "A talk with a manager today").await;
        act.choose("Within 1 hour, 24/7/365").await;
        portal.see("Call one of these").await;
        let numbers = portal.count("a[href^='tel:']").await;
        assert!(numbers > 3, "{numbers} numbers");
        act.choose("By the next business day").await;
        let mail = portal.read(".request-text", Some("80970255")).await;
        assert!(mail.contains("Forty nurses can’t log on"), "{mail}");
        portal.see("supportfeedback@").await;
        act.choose("In this portal").await;
        act.ask_until("Escalated: In this portal").await;
        let case = desk.api(TANAKA).await.get("/cases/case-80970255").await;
        assert_eq!(case["escalation"]["channel"], "web");
        assert_eq!(
            case["escalation"]["business_impact"],
            "Forty nurses can’t log on"
        );
    });
}

#[test]
fn csf_13_half_of_an_escalation_survives_a_reload() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(TANAKA).await;
        portal.open("/cases/case-80970255/escalate").await;
        let act = CaseAct(&portal);
        act.answer("summary", "Half a sen").await;
        act.choose("Within 1 hour, 24/7/365").await;
        let address = portal.path().await;
        portal.reload().await;
        portal.until_value("#act-summary", "Half a sen").await;
        portal.see("Call one of these").await;
        assert_eq!(portal.path().await, address);
    });
}

#[test]
fn csf_13_an_escalation_asked_for_without_a_backend_waits_and_is_sent_once() {
    in_chromium(async |desk| {
        desk.forgive("/api/");
        let portal = desk.portal();
        SignIn(&portal).open_as(TANAKA).await;
        let act = CaseAct(&portal);
        let escalate = "Escalate to management";
        act.open("case-80970255", escalate, escalate).await;
        act.answer("business_impact", "A ward without its records")
            .await;
        act.answer("summary", "A manager’s call").await;
        act.choose("In this portal").await;
        desk.backend.stop();
        act.ask_until("Escalation to management").await;
        desk.backend.go_on();
        portal
            .read(".timeline", Some("Escalated: In this portal"))
            .await;
        let case = desk.api(TANAKA).await.get("/cases/case-80970255").await;
        let times = case["history"].as_array().map_or(0, |history| {
            let of_kind = |one: &&serde_json::Value| one["kind"] == "escalated";
            history.iter().filter(of_kind).count()
        });
        assert_eq!(times, 1, "{case}");
    });
}

#[test]
fn csf_11_what_is_asked_of_a_case_that_was_closed_meanwhile_is_kept_and_said() {
    in_chromium(async |desk| {
        desk.forgive("/actions");
        let portal = desk.portal();
        SignIn(&portal).open_as(TANAKA).await;
        let act = CaseAct(&portal);
        let lower = "Lower the severity";
        act.open("case-80970266", lower, lower).await;
        act.choose("Severity 4").await;
        act.answer("reason", "Only one user is left").await;
        let closed = json!({ "do": "close", "reason": "not_entitled" });
        desk.api(TANAKA)
            .await
            .desk("/cases/case-80970266", closed)
            .await;
        act.ask().await;
        portal.heading("始業時に接続できないユーザーが多数").await;
        Pending(&portal).open().await;
        portal
            .see("The case has been closed in the meantime.")
            .await;
        portal.button("What you wrote").await;
        portal.see("Only one user is left").await;
    });
}

#[test]
fn csf_17_the_fastest_return_says_which_of_its_conditions_fails() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(TANAKA).await;
        let act = CaseAct(&portal);
        act.open("case-80970255", "Return a part", "Return a defective part")
            .await;
        for (serial, said) in [
            (
                "GP2AKT6302",
                "63 miles (101 km) from the service centre; the limit is 50 miles",
            ),
            (
                "GP3TPE0903",
                "The nearest service centre is in another country",
            ),
            (
                "GP4SPK1104",
                "It must be registered right after installation",
            ),
            ("9LMG44ZP08", "The appliance has Gold, not Gold Plus."),
        ] {
            act.answer("serial_number", serial).await;
            portal.see(said).await;
        }
        act.answer("serial_number", "ＧＰ１ｔｋｙ ５５０１").await;
        portal
            .read(".way-now", Some("Gold Plus used for this return"))
            .await;
        // The address is the registered one: nothing on the page changes it.
        portal.see("Service centre").await;
        assert!(
            !portal
                .has("input[id*=address]:not([type=checkbox])", None)
                .await
        );
        act.answer("part", "SSD").await;
        act.answer("contact_name", "森田 亮介").await;
        act.answer("contact_mobile", "+81 90-5550-2104").await;
        act.confirm("The part goes to the registered address").await;
        act.ask_until("Return of a part").await;
        let case = desk.api(TANAKA).await.get("/cases/case-80970255").await;
        assert_eq!(case["rma"]["level"], "gold_plus");
        assert_eq!(case["rma"]["serial_number"], "GP1TKY5501");
        let step = json!({ "do": "verify" });
        desk.api(TANAKA)
            .await
            .desk("/cases/case-80970255", step)
            .await;
        come_back(&portal).await;
        portal.see("defect verified").await;
    });
}

#[test]
fn csf_18_what_has_no_maintenance_says_so() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(TANAKA).await;
        portal.open("/cases/case-80970255/rma").await;
        let act = CaseAct(&portal);
        act.answer("serial_number", "VPX0029914").await;
        portal
            .see("Appliance maintenance is not available for this product, because it is virtual.")
            .await;
        portal
            .see("No level of maintenance covers this device")
            .await;
    });
}

#[test]
fn ntt_11_the_log_is_read_and_answered_in_the_ticket_in_its_own_words() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(BASIC).await;
        portal.click(".rail-link", "Cases").await;
        portal.link("仮想サーバーのコンソールに接続できない").await;
        portal
            .heading("仮想サーバーのコンソールに接続できない")
            .await;
        portal.read("h2", Some("Ticket log")).await;
        portal
            .see("A mail tells you that a ticket has been answered")
            .await;
        assert!(!portal.has("button", Some("Send the comment")).await);
        portal
            .write("#comment-text", "コンソールの画面を添付します")
            .await;
        portal.click("button.btn-primary", "Update").await;
        portal
            .read(".timeline", Some("コンソールの画面を添付します"))
            .await;
        portal.language("ja").await;
        portal.read("h2", Some("チケット対応ログ")).await;
        portal.read("label", Some("追加更新情報")).await;
    });
}
