//! Input nobody planned for: clear words, the focus on the first error, nothing lost.

use casement_e2e::in_chromium;
use casement_e2e::pages::{CasePage, Flow, Review, SignIn, sign_in::SATO};
use serde_json::json;
use thirtyfour::Key;

#[test]
fn empty_required_fields_are_listed_with_the_focus_and_each_entry_leads_to_its_field() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let flow = Flow(&portal);
        flow.until_details("About to be emptied").await;
        portal.write("#f-subject", "").await;
        portal.write("#f-description", "").await;
        flow.submit().await;
        portal.until_focus(".error-summary").await;
        assert_eq!(
            flow.problems().await,
            [
                "Choose one for “Severity”",
                "Fill in “Subject”",
                "Fill in “Description”",
            ]
        );
        for (entry, field) in [
            ("Fill in “Description”", "#f-description"),
            ("Fill in “Subject”", "#f-subject"),
            ("Choose one for “Severity”", "#f-severity"),
        ] {
            portal.click(".error-summary a", entry).await;
            portal.until_focus(field).await;
        }
        let described = r"
            const one = find('#f-subject');
            const ids = (one.getAttribute('aria-describedby') ?? '').split(' ');
            return one.getAttribute('aria-invalid') === 'true'
              && ids.some((id) => root.getElementById(id)?.innerText.includes('Fill in'));";
        assert_eq!(portal.eval(described, Vec::new()).await, json!(true));

        portal.write("#f-subject", "Filled in").await;
        portal
            .until(
                "the mark to go",
                "return !find('#f-subject').hasAttribute('aria-invalid');",
                Vec::new(),
            )
            .await;
    });
}

#[test]
fn what_has_the_focus_is_never_hidden_under_the_bar() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        Flow(&portal)
            .until_details("Backwards with the keyboard")
            .await;
        portal.size(1280, 500, 1.0).await;
        let hidden = r"
            const one = root.activeElement;
            const box = one.getBoundingClientRect();
            const bar = all('header.top')[0];
            return !bar.contains(one) && box.bottom <= bar.getBoundingClientRect().bottom
              ? one.tagName + ' ' + (one.id || tidy(one.textContent)) : '';";
        let script = "find('button[type=submit]').focus(); return true;";
        portal.eval(script, Vec::new()).await;
        for _ in 0..14 {
            let keys = portal.session().action_chain();
            let back = keys
                .key_down(Key::Shift)
                .send_keys(Key::Tab)
                .key_up(Key::Shift);
            back.perform().await.expect("keys can be pressed");
            let under = portal.eval(hidden, Vec::new()).await;
            assert_eq!(under, json!(""), "under the bar");
        }
    });
}

#[test]
fn a_subject_of_ten_thousand_characters_is_counted_kept_and_questioned() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let flow = Flow(&portal);
        flow.until_details("Long").await;
        let long = "長い件名😀".repeat(2_000);
        portal.paste("#f-subject", &long).await;
        portal.read("#f-subject-count", Some("10,000 / 40")).await;
        flow.severity("3").await;
        flow.submit().await;
        portal.until_focus(".error-summary").await;
        assert_eq!(
            flow.problems().await,
            ["“Subject” takes up to 80 characters. Shorten it by 9,920"]
        );
        portal.until_value("#f-subject", &long).await;
        portal.until_saved().await;
        portal.reload().await;
        portal.until_value("#f-subject", &long).await;
        portal.paste("#f-subject", "Short enough").await;
        flow.go_on("How can the engineer reach you?").await;
    });
}

#[test]
fn markup_in_every_answer_is_text_on_every_page() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let markup = "<img src=x onerror=alert(1)> <b>&amp;";
        let flow = Flow(&portal);
        flow.until_details(markup).await;
        flow.severity("3").await;
        portal
            .write("#f-customer_name", "<script>alert(2)</script>")
            .await;
        portal
            .read(".ctx-acting", Some("<script>alert(2)</script>"))
            .await;
        flow.go_on("How can the engineer reach you?").await;
        flow.go_on("Check and send").await;
        let review = Review(&portal);
        assert_eq!(review.answer("Subject").await, markup);
        assert_eq!(
            review.answer("Customer name").await,
            "<script>alert(2)</script>"
        );
        let sent = review.send().await;
        sent.number().await;
        sent.open().await;
        portal.heading(markup).await;
        CasePage(&portal).comment("<svg onload=alert(3)>").await;
        portal
            .read(".timeline", Some("<svg onload=alert(3)>"))
            .await;
        let made = "return all('img, script, iframe, svg[onload]').length;";
        assert_eq!(portal.eval(made, Vec::new()).await, json!(0));
    });
}

#[test]
fn a_callback_number_that_cannot_be_dialled_is_questioned() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let flow = Flow(&portal);
        flow.until_contact(casement_e2e::pages::flow::Story::about("Call me"))
            .await;
        portal.write("#f-callback_number", "ask reception").await;
        flow.submit().await;
        portal
            .read(".error-summary", Some("needs a number that can be dialled"))
            .await;
        portal
            .until_value("#f-callback_number", "ask reception")
            .await;
    });
}

#[test]
fn a_wrong_password_and_empty_lines_are_told_apart_at_the_line_they_belong_to() {
    in_chromium(async |desk| {
        desk.forgive("/api/session");
        let portal = desk.portal();
        portal.open("/").await;
        let sign_in = SignIn(&portal);
        portal.press("form button[type=submit]", None).await;
        portal.see("Enter your e-mail address").await;
        portal.see("Enter your password").await;
        portal.until_focus("#sign-in-email").await;
        sign_in.give(SATO, "wrong").await;
        portal
            .see("The e-mail address or the password is not right.")
            .await;
        portal.until_focus("#sign-in-password").await;
        portal.until_value("#sign-in-email", SATO).await;
        sign_in.as_person(SATO).await;
    });
}

#[test]
fn an_address_that_leads_nowhere_says_so_and_shows_the_way_home() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        for path in ["/nowhere", "/drafts/no-such-draft", "/knowledge/KB-0"] {
            portal.open(path).await;
            portal.heading("Nothing is here").await;
        }
        portal.open("/cases/no-such-case").await;
        portal.heading("This case is not here").await;
        portal.open("/nowhere").await;
        portal.link("To the start").await;
        portal.see("Recent cases").await;
    });
}

#[test]
fn a_problem_on_the_review_leads_to_its_answer_and_shows_its_error_there() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let flow = Flow(&portal);
        flow.until_details("Seen from the review").await;
        flow.jump("review", "Check and send").await;
        let problem = "Choose one for “Severity”";
        portal.click("main .notice a", problem).await;
        portal.heading("Describe the case").await;
        portal.read(".field-error .error", Some(problem)).await;
        portal.until_focus("#f-severity").await;
        // With nothing wrong elsewhere, it is the only one.
        portal.until_count(".field-error", 1).await;
    });
}
