//! A backend that fails in the moment of sending: clear words, nothing lost, and exactly one case.

use casement_e2e::backend::PASSWORD;
use casement_e2e::pages::flow::Story;
use casement_e2e::pages::{CasePage, Drafts, Flow, SignIn, sign_in::SATO};
use casement_e2e::{Desk, Fault, behind_a_line};

/// Sends a case while something is wrong, sees that it is kept, mends it, and counts the cases.
async fn send_through(desk: &mut Desk, fault: Fault, subject: &str) {
    desk.forgive("/api/cases");
    let portal = desk.portal();
    SignIn(&portal).open_as(SATO).await;
    let flow = Flow(&portal);
    let review = flow.until_review(Story::about(subject)).await;
    desk.line().fail("POST /api/cases", fault);
    let sent = review.send().await;
    portal.see("Your case is being sent").await;
    portal.see("It is kept on this device and sent once").await;
    portal.read(".row", Some(subject)).await;
    // Each further attempt comes from the portal by itself, after a pause of its own.
    desk.line().until_met(2).await;
    assert!(
        !portal.has(".case-number", None).await,
        "called sent too early"
    );
    desk.line().mend();
    sent.number().await;
    desk.api(SATO).await.the_case_about(subject).await;
}

#[test]
fn a_backend_that_answers_500_loses_nothing_and_gets_one_case() {
    behind_a_line(async |desk| {
        send_through(desk, Fault::ServerError, "Answered with 500").await;
    });
}

#[test]
fn a_network_that_answers_with_its_own_page_loses_nothing_and_lets_one_case_through() {
    behind_a_line(async |desk| {
        send_through(desk, Fault::OtherPage, "Answered with HTML").await;
    });
}

#[test]
fn a_connection_that_is_cut_loses_nothing_and_lets_one_case_through() {
    behind_a_line(async |desk| {
        send_through(desk, Fault::Cut, "Cut off").await;
    });
}

#[test]
fn an_answer_that_is_lost_makes_no_second_case() {
    behind_a_line(async |desk| {
        send_through(desk, Fault::AnswerLost, "Answer lost").await;
    });
}

#[test]
fn the_case_is_among_the_pending_and_not_among_the_drafts_while_it_waits() {
    behind_a_line(async |desk| {
        desk.forgive("/api/cases");
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let review = Flow(&portal)
            .until_review(Story::about("Waits its turn"))
            .await;
        desk.line().fail("POST /api/cases", Fault::ServerError);
        review.send().await;
        portal.see("Your case is being sent").await;
        Drafts(&portal).open().await;
        portal.see("No drafts").await;
        portal.click(".rail-link", "Pending").await;
        portal.see("Waits its turn").await;
        portal.see("Waiting for network").await;
        desk.line().mend();
        portal.button("Try now New case: Waits its turn").await;
        portal.see("Nothing is waiting").await;
        desk.api(SATO).await.the_case_about("Waits its turn").await;
    });
}

#[test]
fn a_comment_whose_answer_is_lost_arrives_once() {
    behind_a_line(async |desk| {
        desk.forgive("/api/cases");
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        portal.open("/cases/case-80999733").await;
        desk.line()
            .fail("POST /api/cases/case-80999733/comments", Fault::AnswerLost);
        CasePage(&portal).comment("Said once").await;
        portal.read(".timeline", Some("Said once")).await;
        desk.line().until_met(1).await;
        desk.line().mend();
        let script = "return !/Waiting to be sent|Waiting for network|Sending/.test(page());";
        portal
            .until("the comment to be sent", script, Vec::new())
            .await;
        let comments = desk
            .api(SATO)
            .await
            .get("/cases/case-80999733/comments")
            .await;
        assert_eq!(
            comments["items"].as_array().map(Vec::len),
            Some(1),
            "{comments:#}"
        );
    });
}

#[test]
fn a_sign_in_that_gets_no_proper_answer_says_so_in_words() {
    behind_a_line(async |desk| {
        desk.forgive("/api/session");
        let portal = desk.portal();
        portal.open("/").await;
        let sign_in = SignIn(&portal);
        for (fault, words) in [
            (Fault::Cut, "The service did not answer"),
            (
                Fault::OtherPage,
                "The answer of the service could not be read",
            ),
        ] {
            desk.line().fail("POST /api/session", fault);
            sign_in.give(SATO, PASSWORD).await;
            portal.read("[role=alert]", Some(words)).await;
        }
        desk.line().fail("POST /api/session", Fault::ServerError);
        sign_in.give(SATO, PASSWORD).await;
        portal.see_no_more("could not be read").await;
        portal.element("[role=alert]", None).await;
        desk.line().mend();
        // From further down the page, too, home is seen from its beginning.
        portal.size(390, 600, 1.0).await;
        portal.eval("scrollTo(0, 400);", Vec::new()).await;
        sign_in.choose_example("佐藤 美咲").await;
        let script = "
            const top = find('h1')?.getBoundingClientRect().top;
            return top >= find('.top').getBoundingClientRect().bottom;";
        portal
            .until("the heading to be seen", script, Vec::new())
            .await;
    });
}

#[test]
fn a_sign_in_that_ends_meanwhile_keeps_what_is_typed_and_goes_on_after_signing_in_again() {
    behind_a_line(async |desk| {
        desk.forgive("/api/");
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let review = Flow(&portal)
            .until_review(Story::about("Signed out on the way"))
            .await;
        let session = portal.session().clone();
        session
            .delete_all_cookies()
            .await
            .expect("cookies can be deleted");
        let sent = review.send().await;
        portal.see("Nothing is lost").await;
        SignIn(&portal).again().await;
        sent.number().await;
        desk.api(SATO)
            .await
            .the_case_about("Signed out on the way")
            .await;
    });
}

#[test]
fn a_backend_that_is_slow_is_told_and_keeps_nobody_from_writing() {
    behind_a_line(async |desk| {
        let portal = desk.portal();
        desk.line().fail("GET /policies", Fault::Held);
        portal.open("/").await;
        SignIn(&portal).give(SATO, PASSWORD).await;
        portal.link("Open a case").await;
        portal.see("This page is taking long to load").await;
        portal.read(".wait a", Some("Load it again")).await;
        portal.see("A part of the portal could not be loaded").await;

        portal.click(".brand", "").await;
        desk.line().fail("GET /api/changes", Fault::Held);
        portal.button("Try again").await;
        portal.heading("Your cases are on their way").await;
        portal.element("[aria-busy=true]", None).await;
        portal.see("The service has not answered yet").await;
        portal.read(".wait a", Some("On this device")).await;
        let flow = Flow(&portal);
        // Whose partner one is has not arrived either.
        flow.begin_at("Which vendor is it about?").await;
        portal.click("button", "Citrix").await;
        portal.heading("What do you need?").await;
        flow.mark("I have a technical issue").await;
        flow.go_on("What is happening?").await;
        let brief = "Written before anything arrived";
        portal.write("#f-brief", brief).await;
        portal.until_saved().await;
        desk.line().until_met(1).await;
        desk.line().mend();
        portal.button("Open a case").await;
        portal.see("Partner Support Priority").await;

        // However long it takes to learn who is here, they go on with what is on this device.
        desk.line().fail("GET /api/session", Fault::Held);
        portal.reload().await;
        portal.see("The service does not answer").await;
        Drafts(&portal).open().await;
        portal.see(brief).await;
        desk.line().mend();
        portal.see_no_more("The service does not answer").await;
    });
}
