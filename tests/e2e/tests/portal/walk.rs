//! A walk over every page in its states, so that each inspection needs to be written only once.

use std::fs;
use std::path::Path;

use casement_e2e::pages::flow::Story;
use casement_e2e::pages::sign_in::{HAYASHI, KIM, MARCO, SATO, TANAKA};
use casement_e2e::pages::{
    CaseAct, CasePage, Cases, ContextBar, Drafts, Flow, Knowledge, LinkContract, SignIn,
};
use casement_e2e::{Desk, Portal, in_chromium, with_bundle};

/// What is done on each page; it returns what is wrong with it.
pub(crate) type Found = Vec<String>;

async fn look(
    inspect: &impl AsyncFn(&Portal) -> Found,
    portal: &Portal,
    name: &str,
    found: &mut Found,
) {
    let wrong = inspect(portal).await;
    found.extend(wrong.into_iter().map(|one| format!("{name}: {one}")));
}

fn say(found: Found) {
    assert!(
        found.is_empty(),
        "{} findings:\n{}",
        found.len(),
        found.join("\n")
    );
}

/// From the sign-in through all questions to the page after sending, with errors shown on the way.
pub(crate) fn over_the_flow(inspect: impl AsyncFn(&Portal) -> Found) {
    in_chromium(async |desk: &mut Desk| {
        let (portal, mut found) = (desk.portal(), Found::new());
        let all = &mut found;
        portal.open("/").await;
        look(&inspect, &portal, "sign-in", all).await;
        SignIn(&portal).as_person(SATO).await;
        look(&inspect, &portal, "home", all).await;
        let flow = Flow(&portal);
        flow.begin().await;
        flow.submit().await;
        look(&inspect, &portal, "type, with an error", all).await;
        flow.describe("VDA does not register").await;
        portal.element(".articles .article", None).await;
        look(&inspect, &portal, "description", all).await;
        portal.button("Open a case").await;
        portal.heading("Which entitlement does it use?").await;
        portal.write("#f-serial_number", "HE2H81UJ47").await;
        look(&inspect, &portal, "entitlement", all).await;
        flow.mark("Partner Support Priority").await;
        flow.go_on("Prepare the fault report").await;
        flow.product("cvad", "2402-ltsr").await;
        flow.mark("Fill it in here").await;
        look(&inspect, &portal, "fault report", all).await;
        flow.go_on("Describe the case").await;
        portal.write("#f-subject", "").await;
        flow.submit().await;
        portal.element(".error-summary", None).await;
        look(&inspect, &portal, "details, with errors", all).await;
        say(found);
    });
}

/// The second half of the flow.
pub(crate) fn over_the_end_of_the_flow(inspect: impl AsyncFn(&Portal) -> Found) {
    in_chromium(async |desk: &mut Desk| {
        let (portal, mut found) = (desk.portal(), Found::new());
        let all = &mut found;
        SignIn(&portal).open_as(SATO).await;
        let flow = Flow(&portal);
        flow.until_details("An appliance restarts").await;
        let file = desk.file("trace.log", b"a line");
        portal.choose_files("#f-files", &[&file]).await;
        portal.read(".files li", Some("kept on this device")).await;
        flow.severity("1").await;
        portal
            .write(
                "#f-customer_name",
                &"A very long name of a customer ".repeat(6),
            )
            .await;
        let path = portal.path().await;
        portal.open(&path.replace("/details", "/call")).await;
        portal.heading("Call now").await;
        look(&inspect, &portal, "call sheet", all).await;
        portal.open(&path).await;
        flow.severity("3").await;
        flow.go_on("How can the engineer reach you?").await;
        portal.write("#f-watchers", "one@example.example ").await;
        portal.write("#f-other_email", "nobody").await;
        flow.submit().await;
        portal.element(".error-summary", None).await;
        look(&inspect, &portal, "contact, with an error", all).await;
        portal.write("#f-other_email", "").await;
        flow.go_on("Check and send").await;
        look(&inspect, &portal, "review", all).await;
        let sent = casement_e2e::pages::Review(&portal).send().await;
        sent.number().await;
        portal.see_no_more("Files on their way").await;
        look(&inspect, &portal, "sent", all).await;
        sent.open().await;
        look(&inspect, &portal, "a new case", all).await;
        say(found);
    });
}

/// What is asked in the name of a customer, with something that does not agree.
pub(crate) fn over_the_flow_on_behalf(inspect: impl AsyncFn(&Portal) -> Found) {
    in_chromium(async |desk: &mut Desk| {
        let (portal, mut found) = (desk.portal(), Found::new());
        let all = &mut found;
        SignIn(&portal).open_as(KIM).await;
        let bar = ContextBar(&portal);
        bar.open_search().await;
        look(&inspect, &portal, "the search for a customer", all).await;
        bar.search_and_take("rainier", "Rainier School District")
            .await;
        let flow = Flow(&portal);
        flow.begin().await;
        flow.pick("type", "cloud").await;
        flow.go_on("On whose behalf?").await;
        flow.told("has not given you delegated administration")
            .await;
        look(&inspect, &portal, "the customer, who stops it", all).await;
        flow.go_on("Which service or product?").await;
        portal.choose("#f-product", "azure-vm").await;
        flow.submit().await;
        portal.element(".error-summary", None).await;
        look(&inspect, &portal, "the service, with an error", all).await;
        flow.jump("plan", "Which support plan pays for it?").await;
        look(&inspect, &portal, "all plans", all).await;
        flow.jump("details", "Describe the request").await;
        flow.pick("severity", "A").await;
        portal
            .write("#f-description-resource", "Answered, then kept aside")
            .await;
        flow.jump("service", "Which service or product?").await;
        portal.choose("#f-product", "teams").await;
        portal.see("kept aside").await;
        look(&inspect, &portal, "what is kept aside", all).await;
        flow.jump("contact", "Who is the contact?").await;
        look(&inspect, &portal, "the contact", all).await;
        flow.jump("review", "Check and send").await;
        look(&inspect, &portal, "what disagrees", all).await;
        say(found);
    });
}

/// Customers, and the choice of a vendor.
pub(crate) fn over_customers_and_vendors(inspect: impl AsyncFn(&Portal) -> Found) {
    in_chromium(async |desk: &mut Desk| {
        let (portal, mut found) = (desk.portal(), Found::new());
        let all = &mut found;
        SignIn(&portal).open_as(HAYASHI).await;
        look(&inspect, &portal, "home with several vendors", all).await;
        portal.press("details.menu summary", None).await;
        look(&inspect, &portal, "the account’s menu", all).await;
        Flow(&portal).begin_at("Which vendor is it about?").await;
        look(&inspect, &portal, "the choice of a vendor", all).await;
        portal.open("/customers").await;
        portal.element("a.row-link", None).await;
        look(&inspect, &portal, "customers", all).await;
        portal.open("/customers/cu-tr-kanto").await;
        portal.heading("関東アルミ株式会社").await;
        look(&inspect, &portal, "a customer", all).await;
        say(found);
    });
}

/// The lists and what they lead to.
pub(crate) fn over_the_lists(inspect: impl AsyncFn(&Portal) -> Found) {
    in_chromium(async |desk: &mut Desk| {
        let (portal, mut found) = (desk.portal(), Found::new());
        let all = &mut found;
        SignIn(&portal).open_as(SATO).await;
        let cases = Cases(&portal);
        cases.open().await;
        look(&inspect, &portal, "cases", all).await;
        cases.comment_on("80999640").await;
        look(&inspect, &portal, "comment from the list", all).await;
        portal.open("/cases/case-80999701").await;
        portal.element(".timeline", None).await;
        CasePage(&portal).comment("").await;
        portal.see("Write the comment first.").await;
        look(&inspect, &portal, "case, with an error", all).await;
        portal.open("/entitlements").await;
        portal.element("article.ent", None).await;
        look(&inspect, &portal, "entitlements", all).await;
        let knowledge = Knowledge(&portal);
        knowledge.open().await;
        knowledge.search("certificate").await;
        look(&inspect, &portal, "knowledge", all).await;
        knowledge.read("Certificate chain incomplete: intermediate certificate missing on the virtual server").await;
        look(&inspect, &portal, "article", all).await;
        say(found);
    });
}

/// Drafts, what is pending, and the pages for when something is missing.
pub(crate) fn over_the_rest(inspect: impl AsyncFn(&Portal) -> Found) {
    in_chromium(async |desk: &mut Desk| {
        desk.forgive("/api/");
        let (portal, mut found) = (desk.portal(), Found::new());
        let all = &mut found;
        SignIn(&portal).open_as(SATO).await;
        portal.open("/drafts").await;
        portal.see("No drafts").await;
        look(&inspect, &portal, "drafts, none", all).await;
        let flow = Flow(&portal);
        for title in ["One", "Two"] {
            flow.describe(title).await;
            portal.until_saved().await;
        }
        let drafts = Drafts(&portal);
        drafts.open().await;
        drafts.discard("Two").await;
        look(&inspect, &portal, "drafts, one discarded", all).await;
        portal.open("/nowhere").await;
        look(&inspect, &portal, "nothing here", all).await;
        portal.open("/cases/none").await;
        look(&inspect, &portal, "no such case", all).await;
        portal.open("/pending").await;
        look(&inspect, &portal, "pending, nothing", all).await;
        let review = flow.until_review(Story::about("Waits")).await;
        desk.backend.stop();
        review.send().await;
        portal.see("Your case is being sent").await;
        look(&inspect, &portal, "being sent", all).await;
        portal.click(".rail-link", "Pending").await;
        portal.see("New case: Waits").await;
        look(&inspect, &portal, "pending, one", all).await;
        say(found);
    });
}

/// What belongs to an account beside its cases: customers, contracts, what can be bought and linked.
pub(crate) fn over_the_account(inspect: impl AsyncFn(&Portal) -> Found) {
    in_chromium(async |desk: &mut Desk| {
        desk.forgive("/api/entitlements/link");
        let (portal, mut found) = (desk.portal(), Found::new());
        let all = &mut found;
        SignIn(&portal).open_as(MARCO).await;
        portal.open("/entitlements").await;
        portal.element("article.ent", None).await;
        look(&inspect, &portal, "contracts and offers", all).await;
        portal.button("See what it costs in full").await;
        portal.read("dialog[open]", Some("Buy this?")).await;
        look(&inspect, &portal, "buying, asked once more", all).await;
        portal.button("Don’t buy").await;
        let page = LinkContract(&portal);
        page.open().await;
        page.write("1", "2").await;
        page.go().await;
        page.refusal("2").await;
        page.go().await;
        portal.see("Enter this id").await;
        look(&inspect, &portal, "linking, refused", all).await;
        SignIn(&portal).out().await;
        SignIn(&portal).as_person(KIM).await;
        portal.open("/customers").await;
        portal.see("6 customers").await;
        look(&inspect, &portal, "customers", all).await;
        portal.open("/customers/cu-rainier-schools").await;
        portal.button("Text of the request").await;
        look(&inspect, &portal, "a customer without access", all).await;
        portal.open("/customers/cu-cascade-freight").await;
        portal.heading("Cascade Freight Inc.").await;
        look(&inspect, &portal, "a customer with cases", all).await;
        portal.open("/policy").await;
        portal.heading("Check a policy").await;
        look(&inspect, &portal, "checking a policy", all).await;
        say(found);
    });
}

/// What is asked for on a case.
pub(crate) fn over_the_life(inspect: impl AsyncFn(&Portal) -> Found) {
    in_chromium(async |desk: &mut Desk| {
        let (portal, mut found) = (desk.portal(), Found::new());
        let all = &mut found;
        SignIn(&portal).open_as(TANAKA).await;
        for (page, heading) in [
            ("80970230", "負荷分散の振り分けが偏る"),
            ("80970266/severity", "Lower the severity"),
            ("80970266/escalate", "Escalate to management"),
            ("80970222/close", "Close the case"),
            ("80970101/reopen", "Reopen the case"),
            ("80969412/reopen", "Reopen the case"),
            ("80970255/contacts", "Who is told of this case"),
            ("80970281/rma", "Return a defective part"),
        ] {
            portal.open(&format!("/cases/case-{page}")).await;
            portal.heading(heading).await;
            look(&inspect, &portal, page, all).await;
        }
        portal.open("/cases/case-80970255/rma").await;
        let act = CaseAct(&portal);
        act.answer("serial_number", "GP2AKT6302").await;
        portal.see("63 miles").await;
        act.ask().await;
        portal.see("This is needed to go on").await;
        look(&inspect, &portal, "a return, with errors", all).await;
        say(found);
    });
}

fn break_policy(bundle: &Path) {
    let path = bundle.join("policies/citrix.json");
    fs::write(path, r#"{ "format": 1, "id": "citrix" }"#).expect("the copy can be written");
}

/// The page that stands when nothing else can.
pub(crate) fn over_the_failure(inspect: impl AsyncFn(&Portal) -> Found) {
    with_bundle(break_policy, async |desk: &mut Desk| {
        let (portal, mut found) = (desk.portal(), Found::new());
        portal.open("/").await;
        portal.heading("The portal can’t start").await;
        look(&inspect, &portal, "failure", &mut found).await;
        say(found);
    });
}

/// Every component in all its states.
pub(crate) fn over_the_gallery(inspect: impl AsyncFn(&Portal) -> Found) {
    in_chromium(async |desk: &mut Desk| {
        let (portal, mut found) = (desk.portal(), Found::new());
        portal.open("/gallery.html").await;
        look(&inspect, &portal, "gallery", &mut found).await;
        say(found);
    });
}
