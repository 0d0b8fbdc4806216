//! Accounts: what each may use, and that nothing of one is ever seen under another.

use casement_e2e::in_chromium;
use casement_e2e::pages::sign_in::{ALEX, LIN, MORI, SATO};
use casement_e2e::pages::{Cases, Drafts, Flow, SignIn};

#[test]
fn cms_02_one_sign_in_is_enough_for_everything() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        for path in ["/cases", "/entitlements", "/knowledge", "/new", "/"] {
            portal.open(path).await;
            SignIn(&portal).until_in().await;
        }
        portal.see("北斗システムズ株式会社").await;
    });
}

#[test]
fn cms_02_a_contact_who_is_not_on_the_contract_is_told_whom_to_ask() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(MORI).await;
        let reason = "You are not named as a contact on your company's partner contract.";
        let remedy = "Ask your company's Organization Administrator to add you";
        portal.see(reason).await;
        portal.see(remedy).await;
        Flow(&portal).begin().await;
        portal.see(reason).await;
        portal.see(remedy).await;
        portal.read("a[href^='mailto:']", None).await;
    });
}

#[test]
fn cms_03_an_account_without_a_usable_contract_sees_every_reason_and_remedy() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(ALEX).await;
        let reason = "None of this account's support contracts can be used now.";
        portal.see(reason).await;
        portal
            .see("ask the person in charge of the partner contract")
            .await;
        portal.link("See your contracts").await;
        portal.heading("Entitlements").await;
        portal.until_count("article.ent-no", 2).await;
        portal.until_count("article.ent:not(.ent-no)", 0).await;
        for contract in ["PSP-1980223", "AMB-3100734"] {
            let card = portal.read("article.ent-no", Some(contract)).await;
            assert!(card.contains("The contract ended on"), "{card}");
            assert!(card.contains("renew it"), "{card}");
        }

        let flow = Flow(&portal);
        flow.describe("Is there anything I can use?").await;
        portal.see(reason).await;
        portal.button("Open a case").await;
        portal.heading("Which entitlement does it use?").await;
        portal.until_count(".choice-no", 2).await;
        portal.until_count("input[type=radio]", 0).await;
        flow.submit().await;
        assert_eq!(flow.problems().await, ["Choose one for “Entitlement”"]);
    });
}

#[test]
fn nothing_of_one_account_is_seen_under_another() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        let sign_in = SignIn(&portal);
        sign_in.open_as(SATO).await;
        let flow = Flow(&portal);
        flow.until_details("Only for Hokuto").await;
        portal.write("#f-customer_name", "青空信用金庫").await;
        portal.until_saved().await;
        sign_in.ended().await;

        sign_in.as_person(LIN).await;
        portal.see("上海蓝波信息技术有限公司").await;
        Drafts(&portal).open().await;
        portal.see("No drafts").await;
        let cases = Cases(&portal);
        cases.open().await;
        cases
            .until_listed(&["80996028", "80999480", "80999725"])
            .await;
        portal.open("/cases/case-80999385").await;
        portal.heading("This case is not here").await;
        let page = portal.text().await;
        for word in ["StoreFront", "北斗", "Only for Hokuto", "青空"] {
            assert!(!page.contains(word), "{word}: {page}");
        }
        sign_in.out().await;

        sign_in.as_person(SATO).await;
        Drafts(&portal).open().await;
        Drafts(&portal).go_on_with("Only for Hokuto").await;
        flow.step("Details").await;
        portal.until_value("#f-customer_name", "青空信用金庫").await;
    });
}

#[test]
fn what_waits_to_be_sent_of_one_account_is_not_sent_under_another() {
    in_chromium(async |desk| {
        desk.forgive("/api/");
        let portal = desk.portal();
        let sign_in = SignIn(&portal);
        sign_in.open_as(SATO).await;
        let story = casement_e2e::pages::flow::Story::about("Waits for its own account");
        let review = Flow(&portal).until_review(story).await;
        desk.backend.stop();
        review.send().await;
        portal.read(".row", Some("Waits for its own account")).await;
        let cookies = portal.session().delete_all_cookies().await;
        cookies.expect("a browser can forget its cookies");
        desk.backend.go_on();
        portal.open("/").await;
        portal.element("dialog[open] #sign-in-email", None).await;
        sign_in.as_person(LIN).await;
        portal.click(".rail-link", "Pending").await;
        portal.see("Nothing is waiting").await;
        let of_lin = desk
            .api(LIN)
            .await
            .cases_about("Waits for its own account")
            .await;
        assert!(of_lin.is_empty(), "{of_lin:#?}");
        sign_in.out().await;
        sign_in.as_person(SATO).await;
        portal.click(".rail-link", "Pending").await;
        portal.see("Nothing is waiting").await;
        desk.api(SATO)
            .await
            .the_case_about("Waits for its own account")
            .await;
    });
}
