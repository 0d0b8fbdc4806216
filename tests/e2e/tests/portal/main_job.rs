//! The whole main job, from the sign-in to the page of the case, in each of the three engines.

use casement_e2e::pages::{CasePage, Flow, SignIn, sign_in::SATO};
use casement_e2e::{Desk, Engine, in_browser};

/// "A user can't start a virtual desktop; the VDA does not register."
const FAULT: &str = "仮想デスクトップが起動できない。VDA が登録されない";

async fn whole_job(desk: &mut Desk) {
    let portal = desk.portal();
    portal.open("/").await;
    portal.language("en").await;
    SignIn(&portal).choose_example("佐藤 美咲").await;

    let flow = Flow(&portal);
    flow.describe(FAULT).await;
    portal
        .read(".article-title[lang=en]", Some("VDA does not register"))
        .await;
    portal.button("Open a case").await;

    portal.heading("Which entitlement does it use?").await;
    flow.mark("Partner Support Priority").await;
    flow.go_on("Prepare the fault report").await;

    flow.product("cvad", "2402-ltsr").await;
    flow.mark("Fill it in here").await;
    portal
        .write("#f-report-environment", "2402 LTSR CU1, 40 machines")
        .await;
    flow.go_on("Describe the case").await;

    flow.severity("2").await;
    portal.until_value("#f-subject", FAULT).await;
    portal.write("#f-customer_name", "青空信用金庫").await;
    flow.go_on("How can the engineer reach you?").await;

    portal
        .until_value("#f-callback_number", "+81 3-5550-0142")
        .await;
    flow.go_on("Check and send").await;

    let review = casement_e2e::pages::Review(&portal);
    assert_eq!(review.answer("Subject").await, FAULT);
    let sent = review.send().await;
    let number = sent.number().await;
    sent.open().await;
    portal.heading(FAULT).await;
    portal.see(&number).await;
    assert_eq!(CasePage(&portal).fact("Customer").await, "青空信用金庫");

    let case = desk.api(SATO).await.the_case_about(FAULT).await;
    assert_eq!(case["number"], number.as_str());
    assert_eq!(case["severity"], "2");
    assert_eq!(case["status"], "waiting_assignment");
    let description = case["description"].as_str().unwrap_or_default();
    assert!(description.contains(FAULT), "{description}");
    assert!(description.contains("40 machines"), "{description}");
}

#[test]
fn the_whole_main_job_ends_in_a_case_in_chromium() {
    in_browser(Engine::Chromium, whole_job);
}

#[test]
fn the_whole_main_job_ends_in_a_case_in_firefox() {
    in_browser(Engine::Firefox, whole_job);
}

#[test]
fn the_whole_main_job_ends_in_a_case_in_webkit() {
    in_browser(Engine::WebKit, whole_job);
}
