//! Contracts: linked, bought, activated, and why one can't be used.

use casement_e2e::in_chromium;
use casement_e2e::pages::sign_in::{DANA, ENDO, ITO, MARCO, SILVA, TANAKA};
use casement_e2e::pages::{Entitlements, LinkContract, SignIn};
use serde_json::{Value, json};

#[test]
fn mpt_05_a_contract_is_linked_by_its_ids_however_they_are_written() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SILVA).await;
        let page = LinkContract(&portal);
        page.open().await;
        page.go().await;
        portal.see("Enter this id").await;
        page.write("００２０ ５５１７ ３６", "6610 0992 03").await;
        portal.see("Sent as 0020551736").await;
        portal.see("Sent as 6610099203").await;
        portal.reload().await;
        portal.until_value("[id$='-1'].input", "6610 0992 03").await;
        page.go().await;
        portal.see("Linked:").await;
        portal.until_value("[id$='-0'].input", "").await;
        portal.link("See all contracts").await;
        let card = Entitlements(&portal).contract("6610099203").await;
        assert!(card.contains("Active"), "{card}");
    });
}

#[test]
fn mpt_06_each_refusal_of_a_contract_has_its_own_words() {
    in_chromium(async |desk| {
        // A refusal is an answer that the browser notes.
        desk.forgive("/api/entitlements/link");
        let portal = desk.portal();
        SignIn(&portal).open_as(ENDO).await;
        let page = LinkContract(&portal);
        page.open().await;
        for (access, contract, words, harmless) in [
            ("0030300170", "6610080002", "means nothing here", true),
            (
                "0010447300",
                "5502198600",
                "Ask your technical account manager",
                false,
            ),
            (
                "0020551800",
                "6610099300",
                "belongs to another company's account",
                false,
            ),
            (
                "0020551900",
                "6610088120",
                "Support contracts run for 13 months",
                false,
            ),
            (
                "0000000001",
                "0000000002",
                "Compare both ids with Partner Center",
                false,
            ),
        ] {
            page.write(access, contract).await;
            page.go().await;
            let said = page.refusal(contract).await;
            assert!(said.contains(words), "{contract}: {said}");
            assert_eq!(said.contains("Nothing to do"), harmless, "{said}");
            let away = if harmless { "Understood" } else { "Discard" };
            portal.click(".row button", away).await;
            portal.see_no_more(words).await;
        }
    });
}

#[test]
fn mpt_06_the_same_contract_a_second_time_does_no_harm() {
    in_chromium(async |desk| {
        desk.forgive("/api/entitlements/link");
        let portal = desk.portal();
        SignIn(&portal).open_as(ENDO).await;
        let page = LinkContract(&portal);
        page.open().await;
        page.write("0010447188", "5502198431").await;
        page.go().await;
        portal.see("Linked:").await;
        page.write("0010447188", "5502198431").await;
        page.go().await;
        let said = page.refusal("5502198431").await;
        assert!(said.contains("Nothing to do"), "{said}");
        assert!(said.contains("changes nothing"), "{said}");
    });
}

#[test]
fn mpt_13_every_contract_shows_what_is_left_its_term_and_its_use() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(ITO).await;
        let contracts = Entitlements(&portal);
        contracts.open().await;
        let card = contracts.contract("6610031905").await;
        for part in ["17 of 20 cases left", "Active", "in the last 12 months"] {
            assert!(card.contains(part), "“{part}” is missing: {card}");
        }
        // A month without a case has its place, too.
        let charts = portal.count("article.ent .use-chart").await;
        let bars = portal.count("article.ent .use-chart rect").await;
        assert!(charts > 0, "no use over time");
        assert_eq!(bars, charts * 12);
        for (number, why) in [
            ("PPI-4599120", "bought incidents"),
            ("6610018220", "Support contracts run for 13 months"),
        ] {
            let card = contracts.contract(number).await;
            assert!(card.contains(why), "“{why}” is missing: {card}");
        }
    });
}

#[test]
fn mpt_14_an_incident_is_bought_only_after_price_currency_and_expiry_were_confirmed() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(MARCO).await;
        Entitlements(&portal).open().await;
        let before = desk.api(MARCO).await.get("/entitlements").await;
        portal.button("See what it costs in full").await;
        let asked = portal.read("dialog[open]", Some("Buy this?")).await;
        for part in ["€459.00 (EUR)", "To be used by", "You are charged at once"] {
            assert!(asked.contains(part), "“{part}” is missing: {asked}");
        }
        portal.button("Don’t buy").await;
        let gone = "return !find('dialog[open]');";
        portal.until("the question to go", gone, Vec::new()).await;
        portal.button("See what it costs in full").await;
        portal.button("Buy for €459.00 (EUR)").await;
        portal.see("1 of 1 cases left").await;
        let after = desk.api(MARCO).await.get("/entitlements").await;
        let count = |all: &Value| all["items"].as_array().map_or(0, Vec::len);
        assert_eq!(count(&after), count(&before) + 1);
    });
}

#[test]
fn mpt_14_with_a_work_account_it_is_said_that_nothing_can_be_bought() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SILVA).await;
        Entitlements(&portal).open().await;
        portal
            .see("Paying per incident is not available for a work account")
            .await;
        assert!(
            !portal
                .has("button", Some("See what it costs in full"))
                .await
        );
    });
}

#[test]
fn mpt_18_only_an_administrator_activates_and_others_see_whom_to_ask() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SILVA).await;
        let contracts = Entitlements(&portal);
        contracts.open().await;
        let card = contracts.contract("6610063390").await;
        assert!(card.contains("Ask one of these: Marco Teixeira"), "{card}");
        assert!(!portal.has("button", Some("Activate it")).await);
        SignIn(&portal).out().await;
        SignIn(&portal).as_person(MARCO).await;
        contracts.open().await;
        portal.button("Activate it").await;
        let script = "return !find('button', 'Activate it');";
        portal
            .until("the contract to be activated", script, Vec::new())
            .await;
        let card = contracts.contract("6610063390").await;
        assert!(!card.contains("Not activated"), "{card}");
    });
}

#[test]
fn mpt_18_an_administrator_of_the_network_activates_too() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(DANA).await;
        Entitlements(&portal).open().await;
        portal.button("Activate it").await;
        portal.see_no_more("Not activated").await;
    });
}

#[test]
fn csf_14_licences_that_are_not_all_covered_are_said_with_the_remedy() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(TANAKA).await;
        let contracts = Entitlements(&portal);
        contracts.open().await;
        portal
            .see("Virtualization: 50 of 200 licences are not covered.")
            .await;
        portal.see("Have the missing ones covered").await;
        let row = contracts.authorization("150 of 200").await;
        assert!(row.contains("Partly covered"), "{row}");
        let row = contracts.authorization("850 of 850").await;
        assert!(row.contains("All in"), "{row}");
    });
}

#[test]
fn new_03_every_card_that_can_not_be_used_says_why_and_what_to_do() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        let mut seen = 0;
        for login in [ENDO, SILVA] {
            SignIn(&portal).open_as(login).await;
            Entitlements(&portal).open().await;
            let script = "return all('.ent-no').filter(seen).map((one) =>
                [...one.querySelectorAll('.ent-why p')].map((p) => tidy(p.textContent)));";
            let cards = portal.until("the contracts", script, Vec::new()).await;
            for card in cards.as_array().cloned().unwrap_or_default() {
                let said = card.as_array().cloned().unwrap_or_default();
                assert!(said.len() >= 2, "no reason with its remedy: {card}");
                assert!(said.iter().all(|one| *one != json!("")), "{card}");
                seen += 1;
            }
            SignIn(&portal).out().await;
        }
        assert!(seen >= 4, "{seen} cards");
    });
}

#[test]
fn what_ends_within_a_month_is_said_on_home() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(TANAKA).await;
        let said = portal.read(".notice", Some("Ends soon")).await;
        assert!(
            said.contains("Appliance Maintenance Bronze: until"),
            "{said}"
        );
        assert!(said.contains("12 days left"), "{said}");
    });
}
