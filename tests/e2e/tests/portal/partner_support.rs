//! Technical support for partners (MPT): roles, plans, versions, regions, and what is not taken.

use casement_e2e::pages::flow::Story;
use casement_e2e::pages::sign_in::{ENDO, HAYASHI, ITO, KIM, SATO, SILVA, UEDA};
use casement_e2e::pages::{ContextBar, Flow, Review, SignIn};
use casement_e2e::{Portal, in_chromium};
use serde_json::json;

/// Signs in and begins a request of a type.
async fn begun<'a>(portal: &'a Portal, login: &str, kind: &str) -> Flow<'a> {
    SignIn(portal).open_as(login).await;
    let flow = Flow(portal);
    flow.begin().await;
    flow.pick("type", kind).await;
    flow
}

/// Chooses an on-premises product and looks at the plans.
async fn until_plans<'a>(portal: &'a Portal, login: &str, version: &str) -> Flow<'a> {
    let flow = begun(portal, login, "on_premises").await;
    flow.go_on("Which service or product?").await;
    portal.choose("#f-product", "windows-server").await;
    portal.choose("#f-product_version", version).await;
    flow.jump("plan", "Which support plan pays for it?").await;
    flow
}

#[test]
fn mpt_02_only_cloud_services_are_filed_on_behalf() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        let flow = begun(&portal, ITO, "on_premises").await;
        flow.told("You file this in your own name").await;
        flow.go_on("Which service or product?").await;
        portal.choose("#f-product", "azure-vm").await;
        portal.see("This is a cloud service").await;
    });
}

#[test]
fn mpt_03_delegation_is_shown_per_customer_with_the_request_ready_to_send() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        let flow = begun(&portal, KIM, "cloud").await;
        flow.go_on("On whose behalf?").await;
        let bar = ContextBar(&portal);
        bar.open_search().await;
        for (name, access) in [
            ("Olympic Legal PLLC", "Access requested"),
            ("Rainier School District", "No access"),
            ("Cascade Freight Inc.", "Access granted"),
        ] {
            let row = portal.read("[role=option]", Some(name)).await;
            assert!(row.contains(access), "{row}");
        }
        bar.search_and_take("rainier", "Rainier School District")
            .await;
        let told = flow
            .told("has not given you delegated administration")
            .await;
        assert!(
            told.contains("Please approve Brightpath Advisory LLC"),
            "{told}"
        );
        portal.button("Copy Text of the request").await;
        portal
            .element("main .notice a[href^='mailto:']", None)
            .await;
        bar.act_for("olympic", "Olympic Legal PLLC").await;
        flow.told("has not approved your request").await;
    });
}

#[test]
fn mpt_04_what_a_role_may_not_do_is_said_before_anything_is_typed() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(UEDA).await;
        let flow = Flow(&portal);
        flow.told("You are a Helpdesk agent").await;
        ContextBar(&portal).act_for("saito", "西都信用金庫").await;
        flow.begin().await;
        flow.told("but not for Azure or Dynamics 365").await;
        flow.pick("type", "cloud").await;
        flow.go_on("On whose behalf?").await;
        flow.go_on("Which service or product?").await;
        portal.choose("#f-product", "azure-vm").await;
        let told = flow
            .told("need the Admin agent role, which you do not have")
            .await;
        assert!(told.contains("岡部 直人"), "{told}");
        portal.choose("#f-product", "teams").await;
        portal.see_no_more("which you do not have").await;
    });
}

#[test]
fn mpt_07_the_plan_follows_from_program_and_competency() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(KIM).await;
        ContextBar(&portal)
            .act_for("cascade", "Cascade Freight Inc.")
            .await;
        let flow = Flow(&portal);
        flow.begin().await;
        flow.pick("type", "cloud").await;
        flow.go_on("On whose behalf?").await;
        flow.go_on("Which service or product?").await;
        portal.choose("#f-product", "d365-business-central").await;
        flow.go_on("What is happening?").await;
        portal.write("#f-brief", "Posting fails").await;
        flow.go_on("What have you tried?").await;
        portal.write("#f-tried", "Posted again").await;
        flow.tick("#f-could_not_solve").await;
        flow.tick("#f-conditions_hold").await;
        flow.go_on("Which support plan pays for it?").await;
        assert_eq!(flow.picked("entitlement").await, "ent-brightpath-sig10");
        let card = portal.read("label.choice", Some("10-pack")).await;
        assert!(card.contains("2 of 10 cases left"), "{card}");
    });
}

#[test]
fn mpt_08_language_theme_and_regional_format_are_set_apart_from_each_other() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SILVA).await;
        let bar = ContextBar(&portal);
        portal.theme("dark").await;
        portal.open("/entitlements").await;
        bar.format("de-DE").await;
        let dated = "return /\\b\\d{2}\\.\\d{2}\\.\\d{4}\\b/.test(page());";
        portal.until("dates as in Germany", dated, Vec::new()).await;
        portal.language("ja").await;
        portal.until("dates as in Germany", dated, Vec::new()).await;
        portal.reload().await;
        portal.until("dates as in Germany", dated, Vec::new()).await;
        let theme = "return all('.app')[0]?.dataset.theme === 'dark';";
        portal.until("the theme", theme, Vec::new()).await;
        portal.language("en").await;
        bar.format("").await;
        let words = "return /[A-Z][a-z]{2} \\d{1,2}, \\d{4}/.test(page());";
        portal
            .until("dates as in the language", words, Vec::new())
            .await;
    });
}

#[test]
fn mpt_09_microsoft_365_needs_no_contract_and_offers_diagnostics() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        let flow = begun(&portal, ITO, "own").await;
        flow.go_on("Which service or product?").await;
        portal.choose("#f-product", "exchange-online").await;
        flow.told("need no support contract").await;
        flow.jump("tried", "What have you tried?").await;
        portal
            .see("Run diagnostics in the Microsoft 365 admin center")
            .await;
        assert!(!portal.has(".steps li", Some("Plan")).await);
        flow.jump("contact", "Who is the contact?").await;
        portal.until_value("#f-contact_email", ITO).await;
        portal.see("By a call to my number").await;
    });
}

#[test]
fn mpt_10_one_flow_serves_both_portals_of_dynamics() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        let flow = begun(&portal, KIM, "own").await;
        flow.go_on("Which service or product?").await;
        portal.choose("#f-product", "d365-finance-operations").await;
        flow.told("handled in Dynamics Lifecycle Services").await;
        portal.choose("#f-product", "power-apps").await;
        flow.told("handled in the Power Platform admin center")
            .await;
    });
}

#[test]
fn mpt_11_cloud_app_security_is_on_the_free_plan() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        let flow = begun(&portal, KIM, "own").await;
        flow.go_on("Which service or product?").await;
        portal.choose("#f-product", "cloud-app-security").await;
        flow.jump("plan", "Which support plan pays for it?").await;
        let card = portal
            .read("label.choice", Some("Professional (no charge)"))
            .await;
        assert!(card.contains("The one to use"), "{card}");
    });
}

#[test]
fn mpt_12_the_two_latest_versions_are_covered_and_older_ones_need_an_incident() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        until_plans(&portal, SILVA, "2016").await;
        let card = portal.read(".choice-no", Some("6610052214")).await;
        assert!(card.contains("Code: 8"), "{card}");
        assert!(card.contains("13 of 15"), "{card}");
        portal.link("Buy an incident").await;
        portal.heading("Entitlements").await;
        portal
            .session()
            .back()
            .await
            .expect("there is a page before");
        portal.heading("Which support plan pays for it?").await;
    });
}

#[test]
fn mpt_13_every_plan_is_listed_with_what_is_left_and_why_it_can_not_be_used() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        until_plans(&portal, SILVA, "2025").await;
        let usable = portal.read("label.choice", Some("6610052214")).await;
        assert!(usable.contains("13 of 15"), "{usable}");
        for (number, why) in [
            ("6610040177", "run for 13 months"),
            ("6610063390", "has not been activated"),
            ("6610052215", "cloud products only"),
        ] {
            let card = portal.read(".choice-no", Some(number)).await;
            assert!(card.contains(why), "{card}");
        }
        SignIn(&portal).out().await;
        SignIn(&portal).as_person(ENDO).await;
        until_plans_again(&portal).await;
        let none = portal.read(".choice-no", Some("6610080002")).await;
        assert!(
            none.contains("All 20 incidents of this plan are used up"),
            "{none}"
        );
    });
}

/// As [`until_plans`], signed in already.
async fn until_plans_again(portal: &Portal) {
    let flow = Flow(portal);
    flow.begin().await;
    flow.pick("type", "on_premises").await;
    flow.go_on("Which service or product?").await;
    portal.choose("#f-product", "windows-server").await;
    portal.choose("#f-product_version", "2025").await;
    flow.jump("plan", "Which support plan pays for it?").await;
}

#[test]
fn mpt_13_a_plan_that_was_just_added_can_be_used_without_loading_the_page_anew() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        until_plans(&portal, SILVA, "2025").await;
        portal.read("label.choice", Some("6610052214")).await;
        let contract = json!({
            "policy": "microsoft-partner",
            "access_id": "0020551736",
            "contract_id": "6610099203",
        });
        // In another tab, or on another device; then one looks at this page again.
        desk.api(SILVA)
            .await
            .post("/entitlements/link", contract)
            .await;
        let look = "dispatchEvent(new Event('focus'));";
        portal.eval(look, Vec::new()).await;
        portal.read(".choice", Some("6610099203")).await;
    });
}

#[test]
fn mpt_15_the_region_is_a_visible_choice_with_its_hours() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        let flow = begun(&portal, SILVA, "on_premises").await;
        flow.go_on("Which service or product?").await;
        portal.choose("#f-product", "windows-server").await;
        portal.choose("#f-product_version", "2025").await;
        flow.go_on("What is happening?").await;
        flow.jump("contact", "Who is the contact?").await;
        portal.until_value("#f-region", "pt").await;
        let hours = portal.read(".consequence", Some("Monday to Friday")).await;
        assert!(hours.contains("Proposed for your country"), "{hours}");
        portal.choose("#f-region", "us").await;
        flow.told("no reason to choose it outside the US time zones")
            .await;
    });
}

#[test]
fn mpt_17_several_contacts_and_every_answer_can_be_changed_from_the_review() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        let flow = begun(&portal, SILVA, "on_premises").await;
        flow.go_on("Which service or product?").await;
        portal.choose("#f-product", "windows-server").await;
        portal.choose("#f-product_version", "2025").await;
        flow.go_on("What is happening?").await;
        portal.write("#f-brief", "Cluster fails over").await;
        flow.go_on("What have you tried?").await;
        flow.go_on("Which support plan pays for it?").await;
        assert_eq!(flow.picked("entitlement").await, "ent-porto-silver15");
        flow.go_on("Describe the request").await;
        flow.pick("severity", "C").await;
        portal
            .write("#f-description-environment", "Build 26100")
            .await;
        portal.write("#f-description-error", "1069").await;
        flow.go_on("Who is the contact?").await;
        portal.click("label.check", "Marco Teixeira").await;
        flow.go_on("Check and send").await;
        let review = Review(&portal);
        review.change("Severity").await;
        flow.pick("severity", "B").await;
        flow.go_on("Who is the contact?").await;
        flow.go_on("Check and send").await;
        review.send().await.number().await;
        let case = desk
            .api(SILVA)
            .await
            .the_case_about("Cluster fails over")
            .await;
        assert_eq!(case["severity"], "B");
        assert_eq!(case["contacts"], json!(["ct-marco"]));
    });
}

#[test]
fn mpt_19_advice_before_a_sale_is_pointed_elsewhere_before_anything_is_written() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        let flow = begun(&portal, SILVA, "presales").await;
        let told = flow.told("Technical support takes faults only").await;
        assert!(told.contains("partner.microsoft.com/support"), "{told}");
        flow.submit().await;
        portal.heading("Check and send").await;
        portal
            .element("button[type=submit][aria-disabled=true]", None)
            .await;
    });
}

#[test]
fn new_03_every_plan_that_can_not_be_used_says_why_in_one_sentence_with_the_remedy() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        until_plans(&portal, SILVA, "2016").await;
        portal.element(".choice-no", None).await;
        let script = "return all('.choice-no').filter(seen)
            .every((one) => tidy(one.querySelector('.choice-note')?.innerText ?? '').length > 30);";
        portal.until("a reason at each", script, Vec::new()).await;
    });
}

#[test]
fn new_04_a_partner_of_several_vendors_is_asked_with_which() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(HAYASHI).await;
        let flow = Flow(&portal);
        flow.begin_at("Which vendor is it about?").await;
        portal.click("button", "Microsoft").await;
        portal.heading("What do you need?").await;
        portal.read(".ctx-vendor", Some("Microsoft")).await;
        portal.open("/").await;
        ContextBar(&portal).vendor("ntt-ecl2").await;
        flow.begin_at("Is the answer there already?").await;
    });
}

#[test]
fn csf_02_a_language_that_the_region_does_not_speak_is_told_at_the_choice() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let flow = Flow(&portal);
        flow.until_contact(Story::about("Which language")).await;
        for language in ["ja", "ko", "zh-Hans", "en"] {
            flow.pick("preferred_language", language).await;
            portal.see_no_more("not in this language").await;
        }
        flow.pick("preferred_language", "fr").await;
        flow.told("Asia Pacific and Japan work in English, Chinese, Korean and Japanese")
            .await;
        let french = portal.read("label.choice", Some("French")).await;
        assert!(french.contains("when someone is available"), "{french}");
    });
}

#[test]
fn csf_20_resources_for_self_help_are_listed_for_the_chosen_product() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        Flow(&portal).until_report("Where to read").await;
        portal.choose("#f-product", "cvad").await;
        portal
            .element(".page-aside .article-title a[href^='https:']", None)
            .await;
    });
}
