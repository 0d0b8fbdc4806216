//! Whoever connects a backend sees in the portal what is wrong with its profile and its answers.

use casement_e2e::pages::{SignIn, sign_in::SATO};
use casement_e2e::{Fault, behind_a_line, in_chromium};

#[test]
fn a_profile_is_checked_by_itself_on_recorded_answers_and_against_its_backend() {
    in_chromium(async |desk| {
        // The trial changes a case twice against one version, and the second has to be refused.
        desk.forgive("412");
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        portal.open("/backend").await;
        portal.heading("Check a backend").await;
        portal.see("native.json can be used").await;
        portal.button("Check against the backend").await;
        portal.see("The service knows who you are.").await;
        portal.see("Records read:").await;
        portal.see("Its clock and this device’s agree.").await;
        assert!(!portal.has("#backend-found .m-danger", None).await);
        portal.button("Open the test case and close it again").await;
        portal.see("Sent twice, it was made once.").await;
        portal.see("Nothing of the test is left open.").await;
        assert!(!portal.has("#backend-tried .m-danger", None).await);

        let recorded = br#"{ "runs": [{ "pull": null, "exchange": [{ "reply": { "body":
            { "items": [{ "kind": "case", "id": "c-1", "record": { "id": "c-1", "subject": "Recorded" } }],
              "cursor": "1", "more": false } } }] }] }"#;
        let file = desk.file("answers.json", recorded);
        portal.choose_files("input[type=file]", &[&file]).await;
        portal.see("look for changes").await;
        portal.see("\"subject\":\"Recorded\"").await;
        portal.see("case c-1: number").await;

        let file = desk.file("mine.json", br#"{ "format": 1, "id": "mine" }"#);
        portal.choose_files("input[type=file]", &[&file]).await;
        portal.see("mine.json can’t be used yet").await;
        assert!(
            !portal
                .has("button", Some("Check against the backend"))
                .await
        );
    });
}

#[test]
fn an_answer_that_makes_no_sense_is_told_with_its_request_until_there_is_a_better_one() {
    behind_a_line(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        portal.open("/pending").await;
        portal.heading("Pending").await;
        desk.line().fail("GET /api/changes", Fault::OtherPage);
        portal.button("Look for news").await;
        portal
            .see("The service’s last answer could not be used.")
            .await;
        portal
            .see("GET /changes: status 200, a page instead of an answer")
            .await;
        portal.open("/").await;
        portal.see("so nothing newer is shown").await;
        portal.open("/pending").await;
        portal.heading("Pending").await;
        desk.line().mend();
        portal.button("Look for news").await;
        portal.see_no_more("could not be used").await;
    });
}
