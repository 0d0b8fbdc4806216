//! Where two changes meet: of one case, of one draft; and what depends on each other and was all made
//! without network.

use casement_e2e::pages::flow::Story;
use casement_e2e::pages::{CasePage, Cases, Drafts, Flow, Pending, SignIn, sign_in::SATO};
use casement_e2e::{Desk, Fault, Portal, behind_a_line, in_chromium};
use serde_json::json;

use crate::offline::network;

const CASE: &str = "/cases/case-80999748";

/// Comes back to the page and chooses, all before anything that is read from the store can arrive.
const CHOOSE_AT_ONCE: &str = "
    const go = (path) => {
        history.pushState(null, '', path);
        dispatchEvent(new PopStateEvent('popstate'));
    };
    const until = async (look) => {
        for (let turn = 0; turn < 1000 && !look(); turn += 1) await null;
        return look();
    };
    const here = location.pathname;
    go('/pending');
    await until(() => !find('label.choice', 'Write a text of both'));
    go(here);
    const choice = await until(() => find('label.choice', 'Write a text of both'));
    choice.querySelector('input').click();
    const outcome = () => find('[aria-labelledby=conflict-outcome] li');
    return tidy((await until(outcome)).textContent);
";

#[test]
fn fault_14_a_change_that_met_another_waits_for_a_choice_and_overwrites_nothing() {
    in_chromium(async |desk| {
        desk.forgive("ERR_INTERNET_DISCONNECTED");
        desk.forgive("412");
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        portal.open(CASE).await;
        portal
            .heading("ライセンスサーバーの更新手順について確認したい")
            .await;
        network(&portal, false).await;
        CasePage(&portal).add_report("Environment: two sites").await;
        portal.see("Waiting for network").await;
        portal.write("#comment-text", "Said after it").await;
        portal.press(".reply button[type=submit]", None).await;
        portal.read(".event-unsent", Some("Said after it")).await;
        // Wherever the case is listed, it shows that not all of it is sent.
        portal.click(".brand", "").await;
        portal
            .read(".row-end .tag", Some("Waiting for network"))
            .await;
        Cases(&portal).open().await;
        portal
            .read(".col-subject .tag", Some("Waiting for network"))
            .await;

        // Meanwhile the vendor names an engineer, and a colleague changes the description.
        let api = desk.api(SATO).await;
        let assign = json!({ "do": "assign", "name": "Kim Ji-woo" });
        let case = api.desk(CASE, assign).await;
        let before = case["description"].as_str().unwrap_or_default();
        let theirs = format!("{before}（全拠点）");
        let version = case["version"].as_str().unwrap_or_default();
        api.edit(CASE, version, json!({ "description": theirs }))
            .await;

        network(&portal, true).await;
        // What stands behind the change waits with it.
        Pending(&portal).open().await;
        let comment = portal
            .read(".row-needs + .row", Some("Said after it"))
            .await;
        assert!(
            comment.contains("Waits for this first: Change to a case"),
            "{comment}"
        );
        assert!(!comment.contains("Try now"), "{comment}");
        assert!(!portal.has("button", Some("Send all now")).await);
        portal.link("Choose what to keep Change to a case").await;
        portal.heading("Two changes of one case").await;
        portal.until_count(".sides .side", 3).await;
        portal.read(".side", Some("Environment: two sites")).await;
        portal.read(".side", Some("（全拠点）")).await;
        portal.see("Only others changed this; it stays").await;
        portal.see("Kim Ji-woo").await;
        portal.button("Send this").await;
        portal.see("Still to be chosen: description").await;
        assert_eq!(api.get(CASE).await["description"], theirs);

        // Whoever chooses before the store has answered has both texts, too.
        let outcome = portal.eval_later(CHOOSE_AT_ONCE).await;
        let outcome = outcome.as_str().unwrap_or_default();
        assert!(
            outcome.contains("two sites") && outcome.contains("（全拠点）"),
            "chosen at once, it would be: {outcome}"
        );
        portal.click("label.choice", "Write a text of both").await;
        let both = format!("{theirs}\n\nEnvironment: two sites, east and west");
        portal.write("#both-description", &both).await;
        portal
            .read("[aria-labelledby=conflict-outcome]", Some("east and west"))
            .await;
        portal.button("Send this").await;
        portal
            .read("#case-description ~ p", Some("east and west"))
            .await;
        Pending(&portal).open().await;
        Pending(&portal).until_empty().await;
        let case = api.get(CASE).await;
        assert_eq!(case["description"], both);
        assert_eq!(case["assigned_to"], "Kim Ji-woo");
    });
}

/// As if the other tabs had not been told: they are only ever told as a courtesy.
async fn tell_no_tab(portal: &Portal) {
    let script = "BroadcastChannel.prototype.postMessage = () => {};";
    portal.eval(script, Vec::new()).await;
}

#[test]
fn fault_09_two_tabs_on_one_draft_are_merged_and_the_same_answer_is_kept_twice_to_choose() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let flow = Flow(&portal);
        flow.until_details("Written in two tabs").await;
        portal.write("#f-description", "Begun").await;
        portal.until_saved().await;
        let path = portal.path().await;
        let session = portal.session().clone();
        let first = session.window().await.expect("a tab has a handle");
        let second = session.new_tab().await.expect("a tab can be opened");
        let to = async |tab: &thirtyfour::WindowHandle| {
            let there = session.switch_to_window(tab.clone()).await;
            there.expect("the tab is there");
        };
        tell_no_tab(&portal).await;

        to(&second).await;
        portal.open(&path).await;
        portal.until_value("#f-description", "Begun").await;
        tell_no_tab(&portal).await;
        portal.write("#f-customer_name", "青空信用金庫").await;
        portal.until_saved().await;

        // Another answer: both are in the one draft.
        to(&first).await;
        portal.add("#f-description", ", and on in the first").await;
        portal.until_value("#f-customer_name", "青空信用金庫").await;
        portal.until_saved().await;

        // The same answer: both are kept, and one goes on in a copy.
        to(&second).await;
        portal.add("#f-description", ", and on in the second").await;
        portal.see("Both are kept").await;
        portal.until_saved().await;
        Drafts(&portal).open().await;
        portal.until_count(".row", 2).await;
        portal.click("a.row-way", "compare").await;
        portal.heading("One draft, written in two tabs").await;
        portal.read(".side", Some("on in the first")).await;
        portal.read(".side .piece-new", Some("second")).await;
        portal.button("Make one draft of both").await;
        portal.see("1 answer still to be chosen").await;
        portal.click("label.choice", "Write a text of both").await;
        let both = "Begun, and on in the first and the second";
        portal.write("textarea[id^='both-']", both).await;
        portal.button("Make one draft of both").await;
        portal.see("There is one draft again").await;
        flow.step("Details").await;
        portal.until_value("#f-description", both).await;
        portal.until_value("#f-customer_name", "青空信用金庫").await;
        Drafts(&portal).open().await;
        portal.see("Deleted on").await;
        portal.until_count("a.row-link", 1).await;
    });
}

const TALK: &str = "/cases/case-80999733/comments";

async fn said(desk: &Desk, text: &str) -> usize {
    let comments = desk.api(SATO).await.get(TALK).await;
    comments.to_string().matches(text).count()
}

#[test]
fn fault_10_what_a_tab_was_sending_when_it_was_closed_or_frozen_is_sent_by_another_and_once() {
    behind_a_line(async |desk| {
        desk.forgive("/api/");
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let session = portal.session().clone();
        let to = async |tab: &thirtyfour::WindowHandle| {
            let there = session.switch_to_window(tab.clone()).await;
            there.expect("the tab is there");
        };
        let all_sent = async |text: &str| {
            portal.read(".timeline", Some(text)).await;
            let script = "return !/Waiting to be sent|Waiting for network|Sending/.test(page());";
            let what = format!("“{text}” to be sent");
            portal.until(&what, script, Vec::new()).await;
        };
        let post = format!("POST /api{TALK}");
        portal.open("/cases/case-80999733").await;
        let first = session.window().await.expect("a tab has a handle");
        let second = session.new_tab().await.expect("a tab can be opened");
        to(&second).await;
        portal.open("/cases/case-80999733").await;

        // The one that sends is closed in the middle of it.
        to(&first).await;
        desk.line().fail(&post, Fault::Held);
        CasePage(&portal)
            .comment("By the tab that was closed")
            .await;
        desk.line().until_met(1).await;
        session.close_window().await.expect("it can be closed");
        to(&second).await;
        desk.line().mend();
        all_sent("By the tab that was closed").await;

        // The other is frozen in the middle of it, for longer than its lease lasts.
        desk.line().fail(&post, Fault::Held);
        CasePage(&portal)
            .comment("By the tab that was frozen")
            .await;
        desk.line().until_met(1).await;
        let third = session.new_tab().await.expect("a tab can be opened");
        let frozen = json!({ "state": "frozen" });
        let life = "Page.setWebLifecycleState";
        let done = session.cdp().send_raw(life, frozen).await;
        done.expect("a tab can be frozen");
        to(&third).await;
        let later = "const now = Date.now; Date.now = () => now() + 60_000;";
        let later = json!({ "source": later });
        let script = "Page.addScriptToEvaluateOnNewDocument";
        let added = session.cdp().send_raw(script, later).await;
        added.expect("time can be put forward");
        portal.open("/cases/case-80999733").await;
        desk.line().mend();
        all_sent("By the tab that was frozen").await;
        to(&second).await;
        let active = json!({ "state": "active" });
        let done = session.cdp().send_raw(life, active).await;
        done.expect("a tab can be woken");
        all_sent("By the tab that was frozen").await;
        assert_eq!(said(desk, "By the tab that was closed").await, 1);
        assert_eq!(said(desk, "By the tab that was frozen").await, 1);
    });
}

#[test]
fn new_01_a_case_its_comments_and_its_files_made_without_network_arrive_once_each_and_in_order() {
    in_chromium(async |desk| {
        desk.forgive("ERR_INTERNET_DISCONNECTED");
        let log = desk.file("first.log", b"in the draft");
        let more = desk.file("second.log", b"added while it waits");
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        portal.until_kept_for_offline().await;
        network(&portal, false).await;
        let flow = Flow(&portal);
        flow.until_contact(Story::about("All of it offline")).await;
        flow.step("Details").await;
        portal.choose_files("input[type=file]", &[&log]).await;
        portal.see("first.log").await;
        flow.step("Contact").await;
        flow.go_on("Check and send").await;
        portal.button("Send when the network is back").await;
        portal
            .heading("Your case will be sent when the network is back")
            .await;
        let page = CasePage(&portal);
        let comment = async |text: &str| {
            portal.write("#comment-text", text).await;
            portal
                .press(
                    ".reply button[type=submit]",
                    Some("Send when the network is back"),
                )
                .await;
        };
        comment("The second site has it, too").await;
        portal.read(".row", Some("The second site")).await;
        page.add_files(&[&more]).await;
        portal.read(".row", Some("second.log")).await;
        comment("And now the third").await;
        portal.read(".row", Some("And now the third")).await;
        portal.until_count(".row .tag.m-warning", 5).await;

        network(&portal, true).await;
        Pending(&portal).open().await;
        Pending(&portal).until_empty().await;
        let api = desk.api(SATO).await;
        let case = api.the_case_about("All of it offline").await;
        let id = case["id"].as_str().unwrap_or_default();
        let of = async |kind: &str, key: &str| {
            let all = api.get(&format!("/cases/{id}/{kind}")).await;
            let items = all["items"].as_array().cloned().unwrap_or_default();
            let mut found: Vec<(String, String)> = items
                .iter()
                .map(|one| ["created_at", key].map(|key| one[key].as_str().unwrap_or("").into()))
                .map(|[at, name]: [String; 2]| (at, name))
                .collect();
            found.sort();
            found.into_iter().map(|(_, name)| name).collect::<Vec<_>>()
        };
        let comments = of("comments", "body").await;
        assert_eq!(
            comments,
            ["The second site has it, too", "And now the third"]
        );
        let mut files = of("attachments", "name").await;
        files.sort();
        assert_eq!(files, ["first.log", "second.log"]);
    });
}
