//! Requests in the name of a customer (MPC): the right customer, plan, contact and cloud.

use casement_e2e::pages::sign_in::{ITO, KIM, WANG};
use casement_e2e::pages::{ContextBar, Flow, Review, SignIn};
use casement_e2e::{Desk, Engine, Portal, in_browser, in_chromium};
use serde_json::json;

/// Signs in, acts for a customer and begins a request about the customer's cloud service.
async fn until_service<'a>(portal: &'a Portal, login: &str, words: &str, name: &str) -> Flow<'a> {
    SignIn(portal).open_as(login).await;
    ContextBar(portal).act_for(words, name).await;
    let flow = Flow(portal);
    flow.begin().await;
    flow.pick("type", "cloud").await;
    flow.go_on("On whose behalf?").await;
    flow.go_on("Which service or product?").await;
    flow
}

/// Answers up to the choice of the plan, about virtual machines.
async fn until_plan<'a>(portal: &'a Portal, login: &str, words: &str, name: &str) -> Flow<'a> {
    let flow = until_service(portal, login, words, name).await;
    portal.choose("#f-product", "azure-vm").await;
    portal.press(".offered button", None).await;
    flow.go_on("What is happening?").await;
    portal
        .write("#f-brief", "No answer since the restart")
        .await;
    flow.go_on("What have you tried?").await;
    portal.write("#f-tried", "Started it again").await;
    flow.tick("#f-could_not_solve").await;
    flow.tick("#f-conditions_hold").await;
    flow.go_on("Which support plan pays for it?").await;
    flow
}

/// Answers everything else up to the review.
async fn until_review<'a>(flow: Flow<'a>, portal: &'a Portal) -> Review<'a> {
    flow.go_on("Describe the request").await;
    flow.pick("severity", "C").await;
    portal
        .write("#f-description-resource", "vm-01, rg-prod")
        .await;
    portal.write("#f-description-error", "Timeout 110").await;
    flow.go_on("Who is the contact?").await;
    flow.go_on("Check and send").await;
    Review(portal)
}

#[test]
fn mpc_01_a_request_asks_whether_the_conditions_of_escalation_hold() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        let flow = until_service(&portal, ITO, "saito", "西都信用金庫").await;
        portal.choose("#f-product", "azure-vm").await;
        flow.jump("tried", "What have you tried?").await;
        flow.submit().await;
        let problems = flow.problems().await.join(" ");
        assert!(problems.contains("We tried to solve it"), "{problems}");
        assert!(
            problems.contains("The conditions for escalating"),
            "{problems}"
        );
        flow.jump("type", "What do you need?").await;
        flow.pick("type", "billing").await;
        for topic in ["dispute", "fraud"] {
            flow.pick("billing_topic", topic).await;
        }
    });
}

/// The whole request on behalf of a customer, from the search to the case.
async fn request_on_behalf(desk: &mut Desk) {
    let portal = desk.portal();
    SignIn(&portal).open_as(ITO).await;
    let bar = ContextBar(&portal);
    bar.open_search().await;
    portal.read("#finder-count", Some("10,000")).await;
    bar.search_and_take("ＭＩＤＯＲＩＤＡＩ", "みどり台病院")
        .await;
    let flow = Flow(&portal);
    flow.begin().await;
    bar.until_acting_for("みどり台病院").await;
    flow.pick("type", "cloud").await;
    flow.go_on("On whose behalf?").await;
    portal.read(".picked", Some("みどり台病院")).await;
    portal.read(".picked", Some("Access granted")).await;
    flow.go_on("Which service or product?").await;
    portal.choose("#f-product", "teams").await;
    flow.go_on("What is happening?").await;
    portal.write("#f-brief", "Meetings can’t be recorded").await;
    flow.jump("details", "Describe the request").await;
    flow.pick("severity", "C").await;
    portal
        .write("#f-subject", "Meetings can’t be recorded")
        .await;
    portal.write("#f-description", "Since Monday").await;
    portal.write("#f-description-users", "All").await;
    portal.write("#f-description-error", "None").await;
    flow.jump("tried", "What have you tried?").await;
    portal.write("#f-tried", "Another browser").await;
    flow.tick("#f-could_not_solve").await;
    flow.tick("#f-conditions_hold").await;
    flow.jump("contact", "Who is the contact?").await;
    flow.pick("contact_method", "mail").await;
    flow.go_on("Check and send").await;
    Review(&portal).send().await.number().await;
    let case = desk.api(ITO).await;
    let case = case.the_case_about("Meetings can’t be recorded").await;
    assert_eq!(case["customer_id"], "cu-midoridai-hp");
    assert_eq!(case["product_id"], "teams");
}

#[test]
fn mpc_02_a_customer_is_found_among_ten_thousand_and_the_request_is_in_its_name() {
    in_chromium(request_on_behalf);
}

#[test]
fn mpc_02_a_request_on_behalf_ends_in_a_case_in_firefox() {
    in_browser(Engine::Firefox, request_on_behalf);
}

#[test]
fn mpc_02_a_request_on_behalf_ends_in_a_case_in_webkit() {
    in_browser(Engine::WebKit, request_on_behalf);
}

#[test]
fn mpc_03_where_a_provider_withholds_access_it_is_said_who_must_grant_what() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(WANG).await;
        ContextBar(&portal).act_for("puxi", "浦西教育集团").await;
        let flow = Flow(&portal);
        flow.begin().await;
        flow.pick("type", "cloud").await;
        flow.go_on("On whose behalf?").await;
        flow.go_on("Which service or product?").await;
        portal.choose("#f-product", "azure-vm").await;
        let told = flow
            .told("has not granted you access to the customer's Azure account")
            .await;
        assert!(told.contains("Ask the indirect provider"), "{told}");
        assert!(
            told.contains("Subject: Access to the Azure account"),
            "{told}"
        );
        portal.choose("#f-product", "teams").await;
        portal.see_no_more("has not granted you access").await;
    });
}

#[test]
fn mpc_04_the_plan_of_the_program_is_preset_and_another_is_questioned() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        let flow = until_plan(&portal, ITO, "saito", "西都信用金庫").await;
        assert_eq!(flow.picked("entitlement").await, "ent-aozora-csp");
        portal.read("label.choice", Some("The one to use")).await;
        flow.pick("entitlement", "ent-aozora-signature").await;
        let told = flow
            .told("CSP partners file on the Cloud Solution Provider plan")
            .await;
        assert!(told.contains("I have checked this"), "{told}");
        let review = until_review(flow, &portal).await;
        flow.told("CSP partners file on").await;
        portal
            .element("button[type=submit][aria-disabled=true]", None)
            .await;
        flow.tick("main .notice input[type=checkbox]").await;
        portal
            .until(
                "sending to be possible",
                "return !find('form button[type=submit]').ariaDisabled;",
                Vec::new(),
            )
            .await;
        review.send().await.number().await;
        let case = desk.api(ITO).await;
        let case = case.the_case_about("No answer since the restart").await;
        assert_eq!(case["entitlement_id"], "ent-aozora-signature");
    });
}

#[test]
fn mpc_05_the_contact_is_the_partners_and_an_address_of_the_customer_is_questioned() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        let flow = until_service(&portal, ITO, "saito", "西都信用金庫").await;
        portal.choose("#f-product", "teams").await;
        flow.jump("contact", "Who is the contact?").await;
        portal.until_value("#f-contact_email", ITO).await;
        portal
            .write("#f-contact_email", "admin@saito-shinkin.example")
            .await;
        let told = flow
            .told("The contact's address belongs to the customer")
            .await;
        assert!(told.contains("I have checked this"), "{told}");
        portal.write("#f-contact_email", ITO).await;
        portal.see_no_more("belongs to the customer").await;
    });
}

#[test]
fn mpc_06_the_requests_of_a_customer_are_reviewed_per_service() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(ITO).await;
        ContextBar(&portal).open_search().await;
        portal.link("All customers").await;
        portal.heading("Customers").await;
        portal.write("input[type=search]", "saito").await;
        portal.click("a.row-link", "西都信用金庫").await;
        portal.heading("西都信用金庫").await;
        portal.read("header", Some("Access granted")).await;
        portal.read("section h2", Some("Azure Backup")).await;
        let service = portal.read("section", Some("Virtual Machines")).await;
        assert!(
            service.contains("仮想マシンが再起動後に応答しない"),
            "{service}"
        );
        portal.link("New case for this customer").await;
        portal.heading("What do you need?").await;
        ContextBar(&portal).until_acting_for("西都信用金庫").await;
    });
}

#[test]
fn mpc_07_what_is_free_what_is_charged_and_what_is_not_covered_is_said_at_the_choice() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        let flow = until_service(&portal, KIM, "evergreen", "Evergreen Dental Group").await;
        portal.choose("#f-product", "teams").await;
        flow.told("need no support contract").await;
        portal.choose("#f-product", "azure-vm").await;
        flow.told("Support for Azure is charged").await;
        flow.jump("plan", "Which support plan pays for it?").await;
        let own = portal
            .read(".choice-no", Some("Partner product support"))
            .await;
        assert!(own.contains("on-premises products only"), "{own}");
        flow.jump("type", "What do you need?").await;
        flow.pick("type", "billing").await;
        flow.told("free of charge").await;
    });
}

#[test]
fn mpc_08_severities_stand_beside_their_meaning_and_other_languages_beside_their_hours() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        let flow = until_service(&portal, ITO, "saito", "西都信用金庫").await;
        portal.choose("#f-product", "teams").await;
        flow.jump("details", "Describe the request").await;
        for (severity, meaning) in [
            ("Severity A", "production has stopped"),
            ("Severity B", "production is partly affected"),
            ("Severity C", "it can still be used"),
        ] {
            let card = portal.read("label.choice", Some(severity)).await;
            assert!(card.contains(meaning), "{card}");
        }
        flow.jump("contact", "Who is the contact?").await;
        portal.choose("#f-preferred_language", "ja").await;
        flow.told("The first response times hold for support in English")
            .await;
        portal.read(".consequence", Some("business hours")).await;
    });
}

#[test]
fn mpc_09_the_telephone_is_never_offered() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(ITO).await;
        portal.see("Open a case").await;
        assert!(!portal.has("a[href^='tel:']", None).await);
        assert!(!portal.has(".start", Some("call")).await);
        let flow = Flow(&portal);
        flow.begin().await;
        flow.pick("type", "own").await;
        flow.jump("details", "Describe the request").await;
        flow.pick("severity", "A").await;
        let path = portal.path().await;
        portal.open(&path.replace("/details", "/call")).await;
        assert!(!portal.has("h1", Some("Call now")).await);
        assert!(!portal.has("a[href^='tel:']", None).await);
    });
}

#[test]
fn mpc_10_the_customer_is_visible_everywhere_and_changing_it_keeps_the_text() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        let bar = ContextBar(&portal);
        let flow = until_service(&portal, KIM, "evergreen", "Evergreen Dental Group").await;
        portal.choose("#f-product", "teams").await;
        flow.go_on("What is happening?").await;
        portal.write("#f-brief", "Calls drop").await;
        bar.act_for("rainier", "Rainier School District").await;
        portal.see("Your text is kept").await;
        portal.until_value("#f-brief", "Calls drop").await;
        for page in ["/cases", "/entitlements", "/drafts", "/knowledge"] {
            portal.open(page).await;
            bar.until_acting_for("Rainier School District").await;
        }
        portal.open("/drafts").await;
        portal.click("a.row-link", "Calls drop").await;
        portal.heading("What").await;
        flow.jump("review", "Check and send").await;
        flow.told("has not given you delegated administration")
            .await;
        portal.press("form button[type=submit]", None).await;
        portal.heading("Check and send").await;
        let sent = desk.api(KIM).await.cases_about("Calls drop").await;
        assert!(sent.is_empty(), "{sent:#?}");
    });
}

#[test]
fn mpc_11_a_cloud_that_is_not_the_customers_is_refused() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        let flow = until_service(&portal, ITO, "harbor", "Harbor Federal Relief Office").await;
        portal.choose("#f-product", "azure-vm").await;
        portal
            .until(
                "the customer’s cloud to be proposed",
                "return find('input[name=f-cloud]:checked')?.value === 'us_gov';",
                Vec::new(),
            )
            .await;
        flow.pick("cloud", "germany").await;
        flow.told("Harbor Federal Relief Office is not in the Microsoft Cloud Germany")
            .await;
        flow.pick("cloud", "us_gov").await;
        portal.see_no_more("is not in the Microsoft Cloud").await;
    });
}

#[test]
fn new_04_what_disagrees_is_listed_on_the_review_and_leads_to_its_answer() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        let flow = until_plan(&portal, KIM, "evergreen", "Evergreen Dental Group").await;
        until_review(flow, &portal).await;
        let api = desk.api(KIM).await;
        api.desk(
            "/customers/cu-evergreen-dental",
            json!({ "do": "access", "delegation": "none" }),
        )
        .await;
        portal.reload().await;
        flow.told("Evergreen Dental Group has not given you delegated administration")
            .await;
        portal
            .element("button[type=submit][aria-disabled=true]", None)
            .await;
        portal.see("Not everything agrees yet").await;
        portal.click("main .notice a", "Change this answer").await;
        portal.heading("On whose behalf?").await;
        portal.until_focus("#f-customer").await;
        flow.told("has not given you delegated administration")
            .await;
    });
}
