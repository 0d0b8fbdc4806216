//! Without network: the page itself, drafts, what is handed over, and how it gets there afterwards.

use casement_e2e::pages::flow::Story;
use casement_e2e::pages::{Cases, Drafts, Flow, Knowledge, Pending, Review, SignIn, sign_in::SATO};
use casement_e2e::{Portal, in_chromium};
use serde_json::json;

/// Takes the browser's network away or gives it back.
pub(crate) async fn network(portal: &Portal, there: bool) {
    let conditions = json!({
        "offline": !there, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1,
    });
    let cdp = portal.session().cdp();
    for (method, what) in [
        ("Network.enable", json!({})),
        ("Network.emulateNetworkConditions", conditions),
    ] {
        if let Err(error) = cdp.send_raw(method, what).await {
            panic!("the network could not be changed: {error}");
        }
    }
    let script = "return navigator.onLine === arguments[0];";
    portal
        .until("the network to change", script, vec![json!(there)])
        .await;
}

#[test]
fn the_page_and_the_drafts_are_there_without_network_after_one_visit() {
    in_chromium(async |desk| {
        desk.forgive("/api/");
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        portal.until_kept_for_offline().await;
        let flow = Flow(&portal);
        flow.until_details("Written with network").await;
        portal.until_saved().await;

        desk.backend.stop();
        portal.open("/").await;
        portal.see("Written with network").await;
        Drafts(&portal).open().await;
        let row = Drafts(&portal).row("Written with network").await;
        assert!(row.contains("On this device"), "{row}");
        Drafts(&portal).go_on_with("Written with network").await;
        portal.heading("Describe the case").await;
        portal.write("#f-description", "Written without").await;
        portal.until_saved().await;
        portal.reload().await;
        portal
            .until_value("#f-description", "Written without")
            .await;

        Cases(&portal).open().await;
        portal.see("80999385").await;
        let age = portal.read("[data-age]", Some("Offline")).await;
        assert!(age.starts_with("As of "), "{age}");
        let knowledge = Knowledge(&portal);
        knowledge.open().await;
        knowledge.search("証明書").await;
        portal.see("Certificate chain incomplete").await;
        flow.describe("Begun without network").await;
        portal.until_saved().await;
    });
}

#[test]
fn a_case_filed_while_the_backend_is_down_is_sent_exactly_once_when_it_is_back() {
    in_chromium(async |desk| {
        desk.forgive("/api/");
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let flow = Flow(&portal);
        let review = flow
            .until_review(Story::about("Filed without backend"))
            .await;
        desk.backend.stop();
        let sent = review.send().await;
        portal.see("It is kept on this device and sent once").await;
        portal.read(".row", Some("Filed without backend")).await;

        desk.backend.go_on();
        sent.number().await;
        desk.api(SATO)
            .await
            .the_case_about("Filed without backend")
            .await;
    });
}

#[test]
fn a_case_filed_on_a_page_loaded_while_the_backend_was_down_is_sent_when_it_is_back() {
    in_chromium(async |desk| {
        desk.forgive("/api/");
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        portal.until_kept_for_offline().await;
        desk.backend.stop();
        portal.open("/").await;
        let flow = Flow(&portal);
        let review = flow
            .until_review(Story::about("Begun and filed without backend"))
            .await;
        let sent = review.send().await;
        portal
            .read(".row", Some("Begun and filed without backend"))
            .await;

        desk.backend.go_on();
        sent.number().await;
        desk.api(SATO)
            .await
            .the_case_about("Begun and filed without backend")
            .await;
    });
}

#[test]
fn a_case_handed_over_before_a_crash_is_sent_exactly_once_after_it() {
    in_chromium(async |desk| {
        desk.forgive("/api/");
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        portal.until_kept_for_offline().await;
        let flow = Flow(&portal);
        let review = flow
            .until_review(Story::about("Handed over, then a crash"))
            .await;
        desk.backend.stop();
        review.send().await;
        portal.read(".row", Some("Handed over, then a crash")).await;

        desk.browser.crash_and_start_again().await;
        desk.backend.go_on();
        let portal = desk.portal();
        portal.open("/pending").await;
        SignIn(&portal).again_after_a_crash().await;
        Pending(&portal).until_empty().await;
        desk.api(SATO)
            .await
            .the_case_about("Handed over, then a crash")
            .await;
    });
}

#[test]
fn the_browser_without_network_says_so_and_sends_by_itself_when_it_returns() {
    in_chromium(async |desk| {
        desk.forgive("/api/");
        desk.forgive("ERR_INTERNET_DISCONNECTED");
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        portal.until_kept_for_offline().await;
        let flow = Flow(&portal);
        flow.until_contact(Story::about("Filed on the train")).await;
        network(&portal, false).await;
        portal
            .see("No network. What you write is kept on this device and sent later.")
            .await;
        portal.element("[data-net=offline]", None).await;
        flow.go_on("Check and send").await;
        portal.button("Send when the network is back").await;
        portal
            .heading("Your case will be sent when the network is back")
            .await;
        portal.see("Waiting for network").await;
        Pending(&portal).open().await;
        portal.see("Filed on the train").await;

        network(&portal, true).await;
        Pending(&portal).until_empty().await;
        portal.see_no_more("No network.").await;
        desk.api(SATO)
            .await
            .the_case_about("Filed on the train")
            .await;
    });
}

#[test]
fn a_case_taken_back_from_the_outbox_is_a_draft_again_and_is_not_sent() {
    in_chromium(async |desk| {
        desk.forgive("/api/");
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let flow = Flow(&portal);
        let review = flow.until_review(Story::about("On second thoughts")).await;
        desk.backend.stop();
        review.send().await;
        portal.read(".row", Some("On second thoughts")).await;
        portal.button("Back to draft").await;
        Drafts(&portal).open().await;
        Drafts(&portal).go_on_with("On second thoughts").await;
        portal.heading("Check and send").await;
        assert_eq!(
            Review(&portal).answer("Subject").await,
            "On second thoughts"
        );

        desk.backend.go_on();
        let sent = desk.api(SATO).await.cases_about("On second thoughts").await;
        assert!(sent.is_empty(), "{sent:#?}");
    });
}
