//! The guided flow of a case: what is asked, what is suggested, what arrives.

use casement_e2e::pages::flow::Story;
use casement_e2e::pages::{
    CallSheet, CasePage, Flow, Knowledge, Review, Sent, SignIn, sign_in::SATO,
};
use casement_e2e::{Portal, in_chromium};
use serde_json::json;
use thirtyfour::Key;

#[test]
fn cms_01_the_fault_report_is_offered_before_the_form_and_kept_with_the_draft() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let flow = Flow(&portal);
        flow.until_report("Sessions hang at logoff").await;
        portal.see("No fault report yet").await;
        portal.see("the answer may be delayed").await;

        flow.product("cvad", "2402-ltsr").await;
        flow.mark("Fill it in here").await;
        portal
            .see("Fault report: application and desktop virtualisation")
            .await;
        portal.write("#f-report-steps", "1. Sign out").await;
        flow.product("citrix-adc", "14.1").await;
        portal.see("Fault report: ADC and Gateway").await;
        portal.until_value("#f-report-steps", "1. Sign out").await;
        portal.see_no_more("No fault report yet").await;

        flow.mark("Paste my own").await;
        portal.write("#f-report", "My own report").await;
        portal.until_saved().await;
        portal.reload().await;
        flow.step("Fault report").await;
        portal.until_value("#f-report", "My own report").await;
        flow.mark("Fill it in here").await;
        portal.until_value("#f-report-steps", "1. Sign out").await;
    });
}

#[test]
fn cms_01_going_on_without_a_fault_report_is_never_blocked() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let flow = Flow(&portal);
        let review = flow.until_review(Story::about("No report at all")).await;
        assert_eq!(review.answer("Fault report").await, "Not given");
        review.send().await.number().await;
    });
}

#[test]
fn cms_04_the_flow_begins_with_the_type_of_issue() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let flow = Flow(&portal);
        flow.begin().await;
        portal.see("I have a technical issue").await;
        portal.see("An appliance part must be replaced (RMA)").await;
        flow.submit().await;
        let problems = flow.problems().await;
        assert_eq!(problems, ["Choose one for “What is it about?”"]);
        flow.mark("I have a technical issue").await;
        flow.go_on("What is happening?").await;
    });
}

#[test]
fn cms_05_a_japanese_or_chinese_description_finds_english_articles_while_typing() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let flow = Flow(&portal);
        flow.describe("").await;
        portal
            .see("Articles that fit appear here as you type.")
            .await;
        let english = ".articles .article-title[lang=en]";
        for (description, article) in [
            (
                "VDA が Delivery Controller に登録されない",
                "VDA does not register",
            ),
            ("ログオン後に画面が黒い", "Black screen after logon"),
            ("证书链不完整", "Certificate chain incomplete"),
            ("登录后黑屏", "Black screen after logon"),
            (
                "printer is not created in the session",
                "Client printers are not created",
            ),
        ] {
            portal.write("#f-brief", description).await;
            portal.read(english, Some(article)).await;
        }
        portal.see("found").await;
    });
}

#[test]
fn cms_06_open_a_case_goes_on_from_the_description_and_nothing_is_typed_twice() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let flow = Flow(&portal);
        flow.describe("Black screen after logon").await;
        Knowledge(&portal)
            .read("Black screen after logon to a virtual desktop or published application")
            .await;
        portal.link("It did not help: back to the draft").await;
        flow.step("Problem").await;
        portal
            .until_value("#f-brief", "Black screen after logon")
            .await;
        portal.button("Open a case").await;
        portal.heading("Which entitlement does it use?").await;
        flow.mark("Partner Support Select").await;
        flow.go_on("Prepare the fault report").await;
        flow.product("cvad", "2402-ltsr").await;
        flow.go_on("Describe the case").await;
        portal
            .until_value("#f-subject", "Black screen after logon")
            .await;
        portal
            .until_value("#f-description", "Black screen after logon")
            .await;
    });
}

#[test]
fn cms_07_a_serial_number_finds_its_entitlement_and_both_can_be_changed_later() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let flow = Flow(&portal);
        flow.begin().await;
        flow.mark("An appliance part must be replaced (RMA)").await;
        flow.go_on("What is happening?").await;
        portal.write("#f-brief", "Power supply failed").await;
        portal.button("Open a case").await;
        portal.heading("Which entitlement does it use?").await;
        portal
            .see("All 5 cases of this contract are used up.")
            .await;
        portal.see("The contract ended on").await;

        portal.write("#f-serial_number", "NOT-A-DEVICE").await;
        portal
            .see("No contract with this serial number is known here")
            .await;
        portal.write("#f-serial_number", "he2h81uj47").await;
        portal.see("Found and selected").await;
        let chosen = "return find('label.choice:has(input:checked)')?.innerText
            .includes('Appliance Maintenance Silver');";
        portal
            .until("the contract to be chosen", chosen, Vec::new())
            .await;
        flow.go_on("Prepare the fault report").await;
        flow.product("adc-mpx", "14.1").await;
        flow.go_on("Describe the case").await;
        flow.severity("3").await;
        flow.go_on("How can the engineer reach you?").await;
        flow.go_on("Check and send").await;

        let review = Review(&portal);
        let entitlement = review.answer("Entitlement").await;
        assert!(
            entitlement.contains("Appliance Maintenance Silver"),
            "{entitlement}"
        );
        review.change("Serial number").await;
        portal.write("#f-serial_number", "8VSX4TFQ0N").await;
        flow.go_on("Prepare the fault report").await;
        flow.go_on("Describe the case").await;
        flow.go_on("How can the engineer reach you?").await;
        flow.go_on("Check and send").await;
        assert_eq!(review.answer("Serial number").await, "8VSX4TFQ0N");
        review.change("Entitlement").await;
        flow.mark("Appliance Maintenance Silver").await;
    });
}

#[test]
fn cms_08_every_field_of_the_form_arrives_as_it_was_given() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let flow = Flow(&portal);
        flow.until_details("Copy and paste does not work").await;
        flow.severity("4").await;
        portal.write("#f-subject", "Clipboard is empty").await;
        portal
            .write("#f-description", "Since Monday.\nBoth ways.")
            .await;
        portal
            .write("#f-business_impact", "Twelve people retype")
            .await;
        portal.write("#f-customer_name", "緑が丘中央病院").await;
        portal.see("緑が丘中央病院").await;
        flow.go_on("How can the engineer reach you?").await;
        portal
            .until_value("#f-callback_number", "+81 3-5550-0142")
            .await;
        portal.write("#f-callback_number", "+81 90 1234 5678").await;
        portal
            .write("#f-other_email", "desk@hospital.example")
            .await;
        flow.go_on("Check and send").await;
        Review(&portal).send().await.number().await;

        let api = desk.api(SATO).await;
        let case = api.the_case_about("Clipboard is empty").await;
        for (field, value) in [
            ("type", "technical"),
            ("severity", "4"),
            ("description", "Since Monday.\nBoth ways."),
            ("business_impact", "Twelve people retype"),
            ("customer_name", "緑が丘中央病院"),
            ("callback_number", "+81 90 1234 5678"),
            ("other_email", "desk@hospital.example"),
            ("product_id", "cvad"),
            ("product_version", "2402-ltsr"),
            ("entitlement_id", "ent-hokuto-priority"),
            ("contact_id", "ct-sato"),
            ("preferred_language", "ja"),
        ] {
            assert_eq!(case[field], value, "{field}");
        }
        let entitlement = api.get("/entitlements/ent-hokuto-priority").await;
        assert_eq!(entitlement["cases_remaining"], 16);
    });
}

#[test]
fn cms_09_severities_are_chosen_beside_their_definitions_and_unsure_means_three() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        Flow(&portal).until_details("Slow logons").await;
        for (severity, definition) in [
            ("Severity 1:", "there is no workable workaround"),
            ("Severity 2:", "has failed severely"),
            ("Severity 3:", "reduced, but not critically"),
            ("Severity 4:", "a general question about using the product"),
        ] {
            let card = portal.read("label.choice", Some(severity)).await;
            assert!(card.contains(definition), "{card}");
        }
        let by_phone = portal.read("label.choice", Some("Severity 1:")).await;
        assert!(by_phone.contains("By phone only"), "{by_phone}");
        let unsure = portal.read("label.choice", Some("Severity 3:")).await;
        assert!(unsure.contains("If you are not sure"), "{unsure}");
    });
}

/// Answers up to the call sheet.
async fn until_call_sheet(portal: &Portal) {
    let flow = Flow(portal);
    flow.until_details("Nobody can sign in").await;
    flow.severity("1").await;
    portal.write("#f-customer_name", "青空信用金庫").await;
    flow.submit().await;
    if !portal.has("h1", Some("Call now")).await {
        portal
            .until("the next page", "return !find('#f-subject');", Vec::new())
            .await;
        if portal.has("#f-callback_number", None).await {
            flow.submit().await;
        }
    }
    CallSheet(portal).until_there().await;
}

#[test]
fn cms_09_severity_one_becomes_a_call_sheet_that_works_without_network() {
    in_chromium(async |desk| {
        desk.forgive("/api/");
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        portal.until_kept_for_offline().await;
        until_call_sheet(&portal).await;
        let sheet = CallSheet(&portal);
        portal.see("北斗システムズ株式会社").await;
        portal.see("Nobody can sign in").await;
        portal.see("青空信用金庫").await;
        sheet.note("Case 99, engineer Okafor").await;
        portal.until_saved().await;

        desk.backend.stop();
        portal.reload().await;
        sheet.until_there().await;
        let numbers = sheet.numbers().await;
        assert_eq!(numbers[0], "+81 3 0000 0101", "the own region comes first");
        portal.see("Nobody can sign in").await;
        portal.see("PSP-2044871").await;
        portal.see("Case 99, engineer Okafor").await;
        sheet.note("They call back at 15:00").await;

        desk.backend.go_on();
        let sent = desk.api(SATO).await.cases_about("Nobody can sign in").await;
        assert!(sent.is_empty(), "a phone-only case was sent: {sent:#?}");
    });
}

#[test]
fn cms_10_the_subject_is_counted_as_a_person_counts_and_becomes_the_mail_subject() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let flow = Flow(&portal);
        flow.until_details("x").await;
        for (subject, count) in [
            ("👩‍👩‍👧‍👦", "1 / 40"),
            ("e\u{301}🇯🇵", "2 / 40"),
            ("が\u{3099}画面", "3 / 40"),
            ("仮想デスクトップ", "8 / 40"),
        ] {
            portal.paste("#f-subject", subject).await;
            portal.read("#f-subject-count", Some(count)).await;
        }
        let subject = "画面が黒い 👩‍👩‍👧‍👦";
        portal.paste("#f-subject", subject).await;
        flow.severity("3").await;
        flow.go_on("How can the engineer reach you?").await;
        flow.go_on("Check and send").await;
        Review(&portal).send().await.open().await;
        let mail = CasePage(&portal).fact("Subject to keep").await;
        assert!(mail.contains(subject), "{mail}");
    });
}

#[test]
fn cms_11_one_other_address_is_validated_and_watchers_are_named_at_creation() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let flow = Flow(&portal);
        flow.until_contact(Story::about("Watched case")).await;
        for (address, problem) in [
            (
                "nobody",
                "“Other communication email” needs a complete mail address",
            ),
            ("a@b.example, c@d.example", "takes one mail address"),
        ] {
            portal.write("#f-other_email", address).await;
            flow.submit().await;
            portal.read(".error-summary", Some(problem)).await;
        }
        portal.write("#f-other_email", "a@b.example").await;
        portal
            .write(
                "#f-watchers",
                "tamura@hokuto-systems.example; ogawa@hokuto-systems.example",
            )
            .await;
        portal
            .add("#f-watchers", &Key::Enter.value().to_string())
            .await;
        portal.until_count(".chip", 2).await;
        portal
            .press("[aria-label='Remove tamura@hokuto-systems.example']", None)
            .await;
        portal.until_count(".chip", 1).await;
        flow.go_on("Check and send").await;
        Review(&portal).send().await.number().await;
        let case = desk.api(SATO).await.the_case_about("Watched case").await;
        assert_eq!(case["other_email"], "a@b.example");
        assert_eq!(case["watchers"], json!(["ogawa@hokuto-systems.example"]));
    });
}

#[test]
fn cms_12_the_language_of_support_is_chosen_apart_from_the_page_with_its_consequence() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let flow = Flow(&portal);
        flow.until_contact(Story::about("In which language")).await;
        let chosen = "return find('label.choice:has(input:checked)')?.innerText ?? '';";
        let start = portal.until("a language", chosen, Vec::new()).await;
        let start = start.as_str().unwrap_or_default().to_string();
        assert!(
            start.contains("Answered in Japanese, in Japanese business hours"),
            "the page is English, the contact is answered in Japanese: {start}"
        );
        portal
            .see("Answered in English by engineers overseas.")
            .await;
        flow.mark("Answered in English").await;
        portal.language("ja").await;
        portal.see("海外のエンジニアが英語で対応します。").await;
        flow.submit().await;
        portal.element(".summary", None).await;
        Review(&portal).send().await;
        Sent(&portal).number().await;
        let case = desk
            .api(SATO)
            .await
            .the_case_about("In which language")
            .await;
        assert_eq!(case["preferred_language"], "en");
    });
}

#[test]
fn cms_13_sending_gives_a_case_number_and_says_what_happens_next() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let flow = Flow(&portal);
        let review = flow.until_review(Story::about("License server gone")).await;
        let sent = review.send().await;
        portal.heading("Case created").await;
        let number = sent.number().await;
        portal
            .see("A mail that confirms the case number is sent to you automatically.")
            .await;
        portal.see("waits to be assigned to an engineer").await;
        sent.open().await;
        portal.see(&number).await;
        portal.see("Waiting for assignment").await;
        portal.see("An engineer is being assigned").await;
    });
}

#[test]
fn the_first_step_can_be_answered_with_the_keyboard_alone() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let flow = Flow(&portal);
        flow.begin().await;
        portal
            .add("input[type=radio]", &Key::Space.value().to_string())
            .await;
        portal
            .add("input[type=radio]", &Key::Enter.value().to_string())
            .await;
        portal.heading("What is happening?").await;
    });
}
