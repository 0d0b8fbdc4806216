//! Cases that exist: the list, the page of one, comments and files; contracts and authorizations.

use casement_e2e::in_chromium;
use casement_e2e::pages::{CasePage, Cases, Entitlements, SignIn, sign_in::SATO};
use serde_json::Value;

const MRI: &str = "医事会計システムの画面転送が遅く、スクロールが 2 秒遅れる";

#[test]
fn cms_14_the_reply_all_rule_stands_with_the_address_and_subject_ready_to_copy() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        Cases(&portal).open().await;
        Cases(&portal).open_case(MRI).await;
        portal.see("Reply All").await;
        let page = CasePage(&portal);
        assert_eq!(
            page.fact("Mail address").await,
            "cases@support.citrix.example"
        );
        let subject = page.fact("Subject to keep").await;
        assert!(subject.starts_with("[Case 80999701]"), "{subject}");
        for name in ["Mail address", "Subject to keep"] {
            portal.click("button.copy", name).await;
            portal.see("Copied.").await;
            portal
                .press(".toast button[aria-label='Close message']", None)
                .await;
            portal.see_no_more("Copied.").await;
        }
    });
}

#[test]
fn cms_15_a_report_that_was_not_there_at_creation_is_added_by_editing_the_case() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        portal.open("/cases/case-80999748").await;
        portal
            .heading("ライセンスサーバーの更新手順について確認したい")
            .await;
        CasePage(&portal).add_report("Environment: two sites").await;
        portal
            .read("#case-description ~ p", Some("Environment: two sites"))
            .await;
        let api = desk.api(SATO).await;
        let kept = "return !find('summary', 'Add the fault report');";
        portal.until("the form to go", kept, Vec::new()).await;
        portal.see("Changed: description").await;
        let case = api.get("/cases/case-80999748").await;
        let description = case["description"].as_str().unwrap_or_default();
        assert!(description.starts_with("来月、"), "{description}");
        assert!(
            description.contains("Environment: two sites"),
            "{description}"
        );
    });
}

#[test]
fn cms_16_a_comment_is_counted_against_its_limit_and_arrives() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        portal.open("/cases/case-80999733").await;
        portal.read("#comment-count", Some("0 / 4,000")).await;
        CasePage(&portal)
            .comment("証明書は昨日更新しました 🙏")
            .await;
        portal
            .read(".timeline", Some("証明書は昨日更新しました 🙏"))
            .await;
        portal.until_value("#comment-text", "").await;
        let script = "return !/Waiting to be sent|Waiting for network|Sending/.test(page());";
        portal
            .until("the comment to be sent", script, Vec::new())
            .await;
        let comments = desk
            .api(SATO)
            .await
            .get("/cases/case-80999733/comments")
            .await;
        let bodies: Vec<&Value> = comments["items"]
            .as_array()
            .map(|items| items.iter().map(|one| &one["body"]).collect())
            .unwrap_or_default();
        assert_eq!(bodies, ["証明書は昨日更新しました 🙏"]);
    });
}

#[test]
fn cms_16_a_comment_that_is_too_long_is_offered_as_a_file() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        portal.open("/cases/case-80999733").await;
        let long = "0123456789".repeat(401);
        portal.paste("#comment-text", &long).await;
        portal.read("#comment-count", Some("4,010 / 4,000")).await;
        portal.button("Send the comment").await;
        portal.see("A comment takes 4,000 characters").await;
        portal.until_focus("#comment-text").await;
        portal.until_value("#comment-text", &long).await;
        portal.button("Send it as a text file").await;
        portal.see("The file is kept and on its way.").await;
        portal.read(".timeline", Some("comment-80999733-")).await;
        let api = desk.api(SATO).await;
        let script = "return !/Waiting to be sent|Waiting for network|Sending/.test(page());";
        portal
            .until("the file to be sent", script, Vec::new())
            .await;
        let files = api.get("/cases/case-80999733/attachments").await;
        let id = files["items"][0]["id"].as_str().unwrap_or_default();
        let content = api.bytes(&format!("/attachments/{id}/content")).await;
        assert_eq!(content, long.as_bytes());
    });
}

#[test]
fn cms_17_cases_are_narrowed_by_type_status_contact_and_words() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let cases = Cases(&portal);
        cases.open().await;
        portal.see("12 of 12 cases").await;
        cases.narrow("type", "rma").await;
        cases.until_listed(&["80998803"]).await;
        portal.button("Clear all").await;
        cases.narrow("status", "waiting_customer").await;
        cases.until_listed(&["80999117", "80999640"]).await;
        cases.narrow("contact", "ct-nakajima").await;
        cases.until_listed(&["80999640"]).await;
        portal.reload().await;
        cases.until_listed(&["80999640"]).await;
        portal.button("Clear all").await;
        portal.see("12 of 12 cases").await;
        cases.search("storefront").await;
        cases.until_listed(&["80999385"]).await;
        cases.search("no case has these words").await;
        portal.see("No case fits").await;
        portal.button("Clear all").await;
        portal.see("12 of 12 cases").await;
    });
}

#[test]
fn cms_17_a_case_opens_to_its_description_and_comments() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let cases = Cases(&portal);
        cases.open().await;
        cases.open_case("StoreFront のアプリ一覧が空になる").await;
        portal
            .see("None of the configured controllers returned resources")
            .await;
        portal.see("1,120 個のグループ").await;
        let page = CasePage(&portal);
        assert_eq!(page.fact("Contact").await, "佐藤 美咲");
        assert_eq!(page.fact("Engineer").await.split(' ').next(), Some("小林"));
    });
}

#[test]
fn cms_17_a_comment_is_added_straight_from_the_list() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let cases = Cases(&portal);
        cases.open().await;
        cases.comment_on("80999640").await;
        portal.see("Comment on case 80999640").await;
        portal.write("dialog #comment-text", "df -h: 98 %").await;
        portal.button("Send the comment").await;
        portal
            .until(
                "the box to close",
                "return !find('dialog[open]');",
                Vec::new(),
            )
            .await;
        cases.open_case("SDX の管理画面に接続できない").await;
        portal.read(".timeline", Some("df -h: 98 %")).await;
    });
}

#[test]
fn cms_18_every_contract_shows_its_status_what_is_left_and_its_term() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let contracts = Entitlements(&portal);
        contracts.open().await;
        for (contract, facts) in [
            ("PSP-2044871", &["Active", "17 of 20 cases left"][..]),
            ("PSS-1187320", &["Active", "Unlimited cases"]),
            (
                "PSS-1043116",
                &["Expired", "4 of 10 cases left", "The contract ended on"],
            ),
            (
                "PIP-0071452",
                &["None left", "0 of 5 cases left", "All 5 cases"],
            ),
            ("AMS-3305518", &["Active", "HE2H81UJ47"]),
        ] {
            let card = contracts.contract(contract).await;
            for fact in facts {
                assert!(card.contains(fact), "“{fact}” is missing: {card}");
            }
            let years = card.matches("20").count();
            assert!(years >= 2, "start and end are missing: {card}");
        }
        portal.see("Can't be used now").await;
    });
}

#[test]
fn cms_19_product_authorizations_say_which_products_may_be_sold() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let contracts = Entitlements(&portal);
        contracts.open().await;
        for (family, facts) in [
            ("App Delivery", &["Platinum", "Authorized"][..]),
            ("Virtualization", &["Silver", "Expired"]),
            ("Mobility", &["Not authorized"]),
        ] {
            let row = contracts.authorization(family).await;
            for fact in facts {
                assert!(row.contains(fact), "“{fact}” is missing: {row}");
            }
        }
        portal.until_count("tbody tr", 5).await;
    });
}

#[test]
fn what_a_colleague_adds_elsewhere_appears_without_a_reload() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        portal.open("/cases/case-80999385").await;
        portal.heading("StoreFront").await;
        let colleague = desk.api(SATO).await;
        colleague
            .add_comment("case-80999385", "From another desk")
            .await;
        portal
            .eval("window.dispatchEvent(new Event('focus'));", Vec::new())
            .await;
        portal.read(".timeline", Some("From another desk")).await;
    });
}
