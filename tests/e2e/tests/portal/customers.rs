//! The customers of an account: found, with how far one may act for each, and their cases.

use casement_e2e::in_chromium;
use casement_e2e::pages::sign_in::{HAYASHI, ITO, KIM};
use casement_e2e::pages::{Cases, ContextBar, Customers, SignIn};

#[test]
fn mpc_02_a_request_begins_on_the_page_of_the_customer_that_was_found() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(ITO).await;
        let customers = Customers(&portal);
        customers.open().await;
        portal.see("The first 50 of 10,000 customers").await;
        customers.search("ＳＡＩＴＯ").await;
        portal.see("1 customer").await;
        assert_eq!(portal.path().await.split('?').next(), Some("/customers"));
        customers.read("西都信用金庫").await;
        portal.link("New case for this customer").await;
        portal.heading("What do you need?").await;
        ContextBar(&portal).until_acting_for("西都信用金庫").await;
    });
}

#[test]
fn mpc_06_the_requests_of_a_customer_stand_under_their_services() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(ITO).await;
        portal.open("/customers/cu-saito-shinkin").await;
        portal.heading("西都信用金庫").await;
        let customers = Customers(&portal);
        assert_eq!(
            customers.services().await,
            ["Virtual Machines", "Azure Backup"]
        );
        portal
            .link("バックアップの復元ポイントが作成されない")
            .await;
        portal
            .heading("バックアップの復元ポイントが作成されない")
            .await;
        let cases = Cases(&portal);
        cases.open().await;
        cases.narrow("customer", "cu-saito-shinkin").await;
        cases.until_listed(&["80900412", "80900266"]).await;
        portal.see("Customer: 西都信用金庫").await;
        portal.reload().await;
        cases.until_listed(&["80900412", "80900266"]).await;
    });
}

#[test]
fn mpc_06_cases_of_several_vendors_say_whose_they_are() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(HAYASHI).await;
        let cases = Cases(&portal);
        cases.open().await;
        portal.see("3 of 3 cases").await;
        portal.read("tbody tr", Some("NTT")).await;
        portal.read("tbody tr", Some("Citrix")).await;
        ContextBar(&portal).vendor("citrix").await;
        cases.until_listed(&["80960044"]).await;
    });
}

#[test]
fn mpt_03_a_customers_page_says_how_far_one_may_act_and_what_to_ask_for() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(KIM).await;
        let customers = Customers(&portal);
        customers.open().await;
        portal.see("6 customers").await;
        customers.read("Rainier School District").await;
        let told = portal
            .read(".notice", Some("Rainier School District"))
            .await;
        assert!(
            told.contains("Send a relationship request"),
            "no remedy: {told}"
        );
        portal.button("Text of the request").await;
        let request = portal.read(".request-text", Some("Rainier School District"));
        assert!(!request.await.is_empty());
        portal.element(".notice button.copy", None).await;
        portal.open("/customers/cu-evergreen-dental").await;
        portal.heading("Evergreen Dental Group").await;
        assert!(!portal.has(".notice", None).await);
        portal.see("There are no cases of this customer yet.").await;
    });
}
