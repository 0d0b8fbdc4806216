//! Tickets of a cloud (NTT): categories, types by plan, what each service menu needs to know.

use casement_e2e::pages::sign_in::{
    ADVANCED, BASIC, NO_PERMISSION, PREMIUM, SEVERAL_ENTITIES, THROUGH_PARTNER,
};
use casement_e2e::pages::{Flow, Review, SignIn};
use casement_e2e::{Desk, Engine, Portal, in_browser, in_chromium};
use serde_json::json;

/// Signs in and describes what it is about.
async fn until_category<'a>(portal: &'a Portal, login: &str, brief: &str) -> Flow<'a> {
    SignIn(portal).open_as(login).await;
    let flow = Flow(portal);
    flow.begin_at("Is the answer there already?").await;
    portal.write("#f-brief", brief).await;
    portal.button("Create a ticket").await;
    portal.heading("Which entity is your contract with?").await;
    portal.press("label.choice input", None).await;
    flow
}

/// Answers up to the ticket's contents.
async fn until_contents<'a>(portal: &'a Portal, login: &str, kind: &str) -> Flow<'a> {
    let flow = until_category(portal, login, "Instance does not start").await;
    flow.go_on("What kind of ticket is it?").await;
    flow.pick("type", kind).await;
    flow.go_on("Write the ticket").await;
    flow
}

#[test]
fn ntt_01_answers_that_are_there_already_are_searched_before_anything_is_asked() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(BASIC).await;
        Flow(&portal).begin_at("Is the answer there already?").await;
        portal.write("#f-brief", "ボリュームを接続できない").await;
        portal.element(".page-aside .articles .article", None).await;
        portal.see("Known issues").await;
        portal.see("Frequently asked questions").await;
    });
}

#[test]
fn ntt_02_who_buys_through_a_partner_is_told_which_partner_to_ask() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(THROUGH_PARTNER).await;
        let flow = Flow(&portal);
        let told = flow.told("by way of a partner, 株式会社ミナト情報").await;
        assert!(told.contains("support@minato-joho.example"), "{told}");
        flow.begin_at("Is the answer there already?").await;
        flow.told("by way of a partner, 株式会社ミナト情報").await;
        portal.write("#f-brief", "A question").await;
        flow.jump("review", "Check and send").await;
        portal
            .element("button[type=submit][aria-disabled=true]", None)
            .await;
    });
}

#[test]
fn ntt_03_a_missing_category_is_shown_with_the_way_to_get_it() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(NO_PERMISSION).await;
        let flow = Flow(&portal);
        flow.told("Your user has no permission to create tickets")
            .await;
        SignIn(&portal).out().await;
        SignIn(&portal).as_person(SEVERAL_ENTITIES).await;
        flow.begin_at("Is the answer there already?").await;
        portal.write("#f-brief", "Which entity").await;
        portal.button("Create a ticket").await;
        let europe = portal.read(".choice-no", Some("NTT Europe Ltd")).await;
        assert!(
            europe.contains("Ask an administrator of your company to grant it"),
            "{europe}"
        );
        flow.submit().await;
        flow.problems().await;
        flow.pick("entitlement", "ent-futaba-asia").await;
        flow.told("This ticket goes to the support of NTT Com Asia Limited")
            .await;
    });
}

#[test]
fn ntt_04_ticket_types_follow_the_plan_and_the_others_say_why_not() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        let flow = until_category(&portal, BASIC, "Types").await;
        flow.go_on("What kind of ticket is it?").await;
        portal.until_count("label.choice", 2).await;
        let callback = portal
            .read(".choice-no", Some("Callback Request (Incident"))
            .await;
        assert!(
            callback.contains("Callback requests belong to the Advanced plan"),
            "{callback}"
        );
        SignIn(&portal).out().await;
        SignIn(&portal).as_person(ADVANCED).await;
        flow.begin_at("Is the answer there already?").await;
        portal.write("#f-brief", "Types").await;
        portal.button("Create a ticket").await;
        portal.press("label.choice input", None).await;
        flow.go_on("What kind of ticket is it?").await;
        portal.until_count("label.choice", 4).await;
        portal.until_count(".choice-no", 0).await;
    });
}

#[test]
fn ntt_05_premium_types_come_first_and_an_ordinary_one_is_questioned() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        let flow = until_category(&portal, PREMIUM, "Types").await;
        flow.go_on("What kind of ticket is it?").await;
        let first = portal.read("label.choice", None).await;
        assert!(first.starts_with("Premium Plan"), "{first}");
        portal.until_count("label.choice", 4).await;
        flow.pick("type", "incident").await;
        let told = flow
            .told("goes to the general desk, not to the special desk")
            .await;
        assert!(told.contains("I have checked this"), "{told}");
        flow.pick("type", "premium_incident").await;
        portal.see_no_more("goes to the general desk").await;
    });
}

#[test]
fn ntt_06_related_answers_stand_beside_the_form() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        let flow = until_contents(&portal, BASIC, "inquiry").await;
        portal.element(".page-aside .articles .article", None).await;
        flow.step("Contents").await;
    });
}

#[test]
fn ntt_07_the_ticket_has_its_fields_and_the_tenant_is_offered() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        let flow = until_contents(&portal, ADVANCED, "incident").await;
        let tenant = "5d02c7e81f3b4a96b7c0d9e2f8a14b63";
        portal.click(".offered button", tenant).await;
        portal.until_value("#f-tenant_id", tenant).await;
        portal.choose("#f-product", "ecl2-other").await;
        portal.paste("#f-occurred_at", "2026-11-20T09:30").await;
        portal.write("#f-worked_before", "Until yesterday").await;
        portal.write("#f-current_state", "Still down").await;
        portal
            .write("#f-description-menu_name", "Marketplace")
            .await;
        flow.go_on("Which contracts and people are concerned?")
            .await;
        flow.go_on("Add files").await;
        flow.go_on("Check and send").await;
        let review = Review(&portal);
        assert!(review.answer("Tenant ID").await.contains(tenant));
        review.send().await.number().await;
        let case = desk.api(ADVANCED).await;
        let case = case.the_case_about("Instance does not start").await;
        assert_eq!(case["fields"]["tenant_id"], tenant);
        assert_eq!(case["fields"]["occurred_at"], "2026-11-20T09:30");
        assert_eq!(case["fields"]["worked_before"], "Until yesterday");
        assert_eq!(case["fields"]["current_state"], "Still down");
    });
}

#[test]
fn ntt_08_each_service_menu_asks_for_what_it_needs() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        let flow = until_contents(&portal, BASIC, "inquiry").await;
        portal.choose("#f-product", "ecl2-dns").await;
        portal
            .read(".prompts .label", Some("Query and result"))
            .await;
        flow.submit().await;
        let problems = flow.problems().await;
        assert!(
            problems.iter().any(|one| one.contains("Zone and record")),
            "{problems:?}"
        );
        portal.choose("#f-product", "ecl2-backup").await;
        portal
            .read(".prompts .label", Some("The run that failed"))
            .await;
    });
}

#[test]
fn ntt_09_nothing_typed_is_ever_erased() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        let flow = until_contents(&portal, BASIC, "inquiry").await;
        portal.choose("#f-product", "ecl2-dns").await;
        portal
            .write("#f-description-query", "dig a.example: SERVFAIL")
            .await;
        portal.write("#f-description-expected", "192.0.2.7").await;
        portal.choose("#f-product", "ecl2-backup").await;
        portal.see("2 answers are kept aside").await;
        portal.see("dig a.example: SERVFAIL").await;
        portal
            .button("Bring into the details Query and result")
            .await;
        portal.see("1 answer is kept aside").await;
        let script =
            "return find('#f-description').value.includes('■ Query and result\\ndig a.example');";
        portal
            .until("the text among the details", script, Vec::new())
            .await;
        portal.until_saved().await;
        portal.reload().await;
        flow.step("Contents").await;
        portal.see("192.0.2.7").await;
        portal.choose("#f-product", "ecl2-dns").await;
        portal
            .until_value("#f-description-expected", "192.0.2.7")
            .await;
        portal.see_no_more("Bring into the details").await;
    });
}

/// The whole ticket, from what it is about to its number.
async fn whole_ticket(desk: &mut Desk) {
    let portal = desk.portal();
    let flow = until_contents(&portal, PREMIUM, "premium_inquiry").await;
    portal.choose("#f-product", "ecl2-other").await;
    portal.press(".offered button", None).await;
    portal
        .write("#f-description-menu_name", "Marketplace")
        .await;
    flow.go_on("Which contracts and people are concerned?")
        .await;
    portal.click("label.check", "ECL-1231177").await;
    portal.click("label.check", "大川 望").await;
    flow.go_on("Add files").await;
    flow.go_on("Check and send").await;
    Review(&portal).send().await.number().await;
    let case = desk.api(PREMIUM).await;
    let case = case.the_case_about("Instance does not start").await;
    assert_eq!(case["contract_numbers"], json!(["ECL-1231177"]));
    assert_eq!(case["contacts"], json!(["ct-okawa"]));
}

#[test]
fn ntt_10_contracts_and_people_of_the_account_are_added() {
    in_chromium(whole_ticket);
}

#[test]
fn ntt_10_a_ticket_ends_in_a_case_in_firefox() {
    in_browser(Engine::Firefox, whole_ticket);
}

#[test]
fn ntt_10_a_ticket_ends_in_a_case_in_webkit() {
    in_browser(Engine::WebKit, whole_ticket);
}
