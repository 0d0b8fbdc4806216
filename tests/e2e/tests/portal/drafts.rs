//! Drafts: kept as they are typed, whatever happens to the page, the browser or the tab.

use casement_e2e::in_chromium;
use casement_e2e::pages::flow::Story;
use casement_e2e::pages::{Drafts, Flow, Review, SignIn, sign_in::SATO};
use serde_json::json;

#[test]
fn a_draft_is_back_after_a_reload_half_way() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let flow = Flow(&portal);
        flow.until_details("画面が黒い").await;
        flow.severity("2").await;
        portal.write("#f-description", "朝 8:30 から").await;
        portal.write("#f-customer_name", "青空信用金庫").await;
        portal.until_saved().await;
        let path = portal.path().await;
        portal.reload().await;
        assert_eq!(portal.path().await, path);
        portal.until_value("#f-subject", "画面が黒い").await;
        portal.until_value("#f-description", "朝 8:30 から").await;
        portal.until_value("#f-customer_name", "青空信用金庫").await;
        let chosen =
            "return find('label.choice:has(input:checked)')?.innerText.includes('Severity 2');";
        portal.until("severity 2", chosen, Vec::new()).await;
    });
}

#[test]
fn a_draft_is_back_after_the_browser_was_killed_and_started_again() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let flow = Flow(&portal);
        flow.until_details("Typed before the crash").await;
        portal.write("#f-description", "Every word of it.").await;
        portal.until_saved().await;

        desk.browser.crash_and_start_again().await;
        let portal = desk.portal();
        portal.open("/drafts").await;
        SignIn(&portal).again_after_a_crash().await;
        let drafts = Drafts(&portal);
        drafts.go_on_with("Typed before the crash").await;
        Flow(&portal).step("Details").await;
        portal
            .until_value("#f-description", "Every word of it.")
            .await;
    });
}

#[test]
fn the_last_words_are_kept_when_the_page_is_left_at_once() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        Flow(&portal).describe("").await;
        portal.write("#f-brief", "The last words").await;
        portal.reload().await;
        Drafts(&portal).open().await;
        Drafts(&portal).row("The last words").await;
    });
}

#[test]
fn several_drafts_are_listed_with_title_customer_and_age() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let flow = Flow(&portal);
        for (title, customer) in [
            ("First of three", "青空信用金庫"),
            ("Second of three", "Hanabi Logistics GmbH"),
        ] {
            flow.until_details(title).await;
            portal.write("#f-customer_name", customer).await;
            portal.until_saved().await;
        }
        flow.describe("Third of three").await;
        portal.until_saved().await;
        let drafts = Drafts(&portal);
        drafts.open().await;
        portal.until_count(".row", 3).await;
        let row = drafts.row("First of three").await;
        assert!(row.contains("青空信用金庫"), "{row}");
        let row = drafts.row("Second of three").await;
        assert!(row.contains("Hanabi Logistics GmbH"), "{row}");
        assert!(
            row.contains("minute") || row.contains("second"),
            "no age: {row}"
        );
        portal.read(".rail-link .badge", Some("3")).await;

        drafts.go_on_with("First of three").await;
        flow.step("Details").await;
        portal.until_value("#f-customer_name", "青空信用金庫").await;
        portal.read(".ctx-acting", Some("青空信用金庫")).await;
        drafts.open().await;
        drafts.go_on_with("Third of three").await;
        portal.heading("Which entitlement does it use?").await;
    });
}

#[test]
fn looking_at_the_first_question_leaves_no_draft_behind() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        Flow(&portal).begin().await;
        Drafts(&portal).open().await;
        portal.see("No drafts").await;
    });
}

#[test]
fn a_discarded_draft_is_taken_back_at_once_by_undo() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        Flow(&portal).describe("Not so fast").await;
        portal.until_saved().await;
        let drafts = Drafts(&portal);
        drafts.open().await;
        drafts.discard("Not so fast").await;
        portal.see("Deleted on").await;
        portal.button("Undo").await;
        portal.see("The draft is back, files included.").await;
        portal.see_no_more("Deleted on").await;
        drafts.go_on_with("Not so fast").await;
    });
}

#[test]
fn a_draft_discarded_where_it_is_written_is_taken_back_from_the_list_after_a_reload() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let flow = Flow(&portal);
        flow.describe("Thrown away by mistake").await;
        portal.button("Discard").await;
        portal.see("It can be taken back for 7 days.").await;
        portal.reload().await;
        let drafts = Drafts(&portal);
        drafts.take_back("Thrown away by mistake").await;
        drafts.go_on_with("Thrown away by mistake").await;
        flow.step("Problem").await;
        portal
            .until_value("#f-brief", "Thrown away by mistake")
            .await;
    });
}

#[test]
fn a_stored_draft_that_cannot_be_read_is_offered_as_text() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let put = r"
            const done = arguments[arguments.length - 1];
            indexedDB.databases().then(async (all) => {
              for (const { name } of all) {
                const database = await new Promise((open) => {
                  indexedDB.open(name).onsuccess = (event) => open(event.target.result);
                });
                if (name !== 'casement' && database.objectStoreNames.contains('drafts')) {
                  const change = database.transaction('drafts', 'readwrite');
                  const store = change.objectStore('drafts');
                  const [id, text] = arguments;
                  store.keyPath ? store.put({ [store.keyPath]: id, text }) : store.put(text, id);
                  await new Promise((end) => { change.oncomplete = end; });
                }
                database.close();
              }
              done(true);
            });";
        let later =
            r#"{"format":99,"pages":[{"title":"From a later version","text":"画面が黒い"}]}"#;
        for (id, text) in [
            ("later", later),
            ("broken", "{\"answers\": {\"subject\": \"Half a"),
        ] {
            let arguments = vec![json!(id), json!(text)];
            let put = portal.session().execute_async(put, arguments).await;
            assert!(put.is_ok(), "{put:?}");
        }
        portal.open("/drafts").await;
        portal.see("Kept as text").await;
        for (name, words) in [("draft-later", "画面が黒い"), ("draft-broken", "Half a")] {
            let script = "const row = find('.row', arguments[0]); if (!row) return false;
                row.querySelector('details').open = true; return true;";
            portal.until(name, script, vec![json!(name)]).await;
            portal.see(words).await;
        }
    });
}

#[test]
fn two_tabs_that_write_one_draft_keep_both_texts() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let flow = Flow(&portal);
        flow.describe("Begun in one tab").await;
        portal.until_saved().await;
        let path = portal.path().await;
        let session = portal.session().clone();
        let first = session.window().await.expect("a tab has a handle");
        let second = session.new_tab().await.expect("a tab can be opened");
        session
            .switch_to_window(second)
            .await
            .expect("the tab is there");
        portal.open(&path).await;
        flow.step("Problem").await;
        portal.until_value("#f-brief", "Begun in one tab").await;
        portal.write("#f-brief", "Written in the other tab").await;
        portal.until_saved().await;
        session
            .switch_to_window(first)
            .await
            .expect("the tab is there");
        portal
            .until_value("#f-brief", "Written in the other tab")
            .await;
        portal.write("#f-brief", "And on in the first").await;
        portal.until_saved().await;
        portal.reload().await;
        Drafts(&portal).open().await;
        Drafts(&portal).row("And on in the first").await;
    });
}

#[test]
fn a_draft_discarded_in_one_tab_stays_so_in_the_other_and_new_words_go_on_as_a_copy() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let flow = Flow(&portal);
        flow.describe("Open in two tabs").await;
        portal.until_saved().await;
        let session = portal.session().clone();
        let first = session.window().await.expect("a tab has a handle");
        let second = session.new_tab().await.expect("a tab can be opened");
        session
            .switch_to_window(second)
            .await
            .expect("the tab is there");
        portal.open("/drafts").await;
        let drafts = Drafts(&portal);
        drafts.discard("Open in two tabs").await;
        portal.see("Deleted on").await;
        session
            .switch_to_window(first)
            .await
            .expect("the tab is there");
        flow.step("Problem").await;
        portal.add("#f-brief", ", and something new").await;
        portal.see("Both are kept").await;
        portal.until_focus("#f-brief").await;
        portal.add("#f-brief", " after all").await;
        portal.until_saved().await;
        portal.reload().await;
        drafts.open().await;
        let copy = "Open in two tabs, and something new after all";
        drafts.row(copy).await;
        portal.see("Deleted on").await;
        drafts.take_back("Open in two tabs").await;
        drafts.row("Open in two tabs").await;
    });
}

#[test]
fn new_01_one_draft_sent_from_two_tabs_becomes_one_case() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let story = Story::about("Sent from two tabs");
        Flow(&portal).until_review(story).await;
        let path = portal.path().await;
        let session = portal.session().clone();
        let first = session.window().await.expect("a tab has a handle");
        let second = session.new_tab().await.expect("a tab can be opened");
        session
            .switch_to_window(second)
            .await
            .expect("the tab is there");
        portal.open(&path).await;
        portal.heading("Check and send").await;
        let review = Review(&portal);
        review.send().await.number().await;
        session
            .switch_to_window(first)
            .await
            .expect("the tab is there");
        // Here it still says "Send", and nothing was heard of the other tab, or it was.
        review.send().await.number().await;
        let cases = desk.api(SATO).await.cases_about("Sent from two tabs").await;
        assert_eq!(cases.len(), 1, "{cases:?}");
    });
}
