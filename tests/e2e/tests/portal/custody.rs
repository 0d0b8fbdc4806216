//! What a device keeps, for whom and how long: the deployment's choice, a page that nobody looks at,
//! the one file into which everything can be saved, and the end of old drafts.

use std::fs;
use std::path::Path;

use casement_e2e::kept::everything_kept;
use casement_e2e::pages::flow::Story;
use casement_e2e::pages::{CasePage, Drafts, Flow, Pending, Review, SignIn, sign_in::SATO};
use casement_e2e::{Portal, with_bundle};
use serde_json::{Value, json};

/// A clock that can be put forward; tabs that hear nothing while they sleep; a browser that promises
/// nothing and counts how often it was asked; and a look at the file that a page offers.
const PREPARED: &str = "
const now = Date.now;
Date.now = () => now() + Number(localStorage.ahead ?? 0);
const listen = BroadcastChannel.prototype.addEventListener;
BroadcastChannel.prototype.addEventListener = function (event, heard) {
  return listen.call(this, event, (one) => window.asleep || heard(one));
};
StorageManager.prototype.persisted = async () => false;
StorageManager.prototype.persist = async () => {
  sessionStorage.asked = Number(sessionStorage.asked ?? 0) + 1;
  return false;
};
const address = URL.createObjectURL;
URL.createObjectURL = (blob) => { window.offered = blob; return address.call(URL, blob); };
";

fn prepare(bundle: &Path, choices: Value) {
    fs::write(bundle.join("prepared.js"), PREPARED).expect("the copy can be written");
    let page = bundle.join("index.html");
    let html = fs::read_to_string(&page).expect("the copy has a page");
    let html = html.replacen("<head>", "<head><script src=\"/prepared.js\"></script>", 1);
    fs::write(&page, html).expect("the copy can be written");
    let path = bundle.join("portal.json");
    let text = fs::read_to_string(&path).expect("the copy has a deployment");
    let mut portal: Value = serde_json::from_str(&text).expect("it is JSON");
    for (name, choice) in choices.as_object().into_iter().flatten() {
        portal[name] = choice.clone();
    }
    fs::write(&path, portal.to_string()).expect("the copy can be written");
}

async fn nobody_is_there_for_eleven_minutes(portal: &Portal) {
    let script = "localStorage.ahead = 11 * 60_000;";
    portal.eval(script, Vec::new()).await;
}

async fn now_is_now(portal: &Portal) {
    portal.eval("localStorage.ahead = 0;", Vec::new()).await;
}

/// The browser puts the page away for the way back, or brings it back.
async fn page_event(portal: &Portal, name: &str) {
    let script = "window.asleep = arguments[0] === 'pagehide';
        dispatchEvent(new PageTransitionEvent(arguments[0], { persisted: true }));";
    portal.eval(script, vec![json!(name)]).await;
}

fn for_a_session(bundle: &Path) {
    prepare(
        bundle,
        json!({ "retention": "session", "lock_minutes": 10 }),
    );
}

#[test]
fn what_a_session_keeps_is_hidden_from_others_and_ends_with_its_last_tab() {
    with_bundle(for_a_session, async |desk| {
        desk.forgive("/api/");
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        Flow(&portal).describe("Words of this session").await;
        portal.until_saved().await;
        portal.reload().await;
        portal
            .until_value("#f-brief", "Words of this session")
            .await;

        nobody_is_there_for_eleven_minutes(&portal).await;
        portal.heading("Hidden").await;
        assert!(!portal.has("#f-brief", None).await);
        portal.button("Continue").await;
        portal
            .until_value("#f-brief", "Words of this session")
            .await;
        now_is_now(&portal).await;

        // Put away and brought back to the same person, nothing has changed.
        page_event(&portal, "pagehide").await;
        assert!(!portal.text().await.contains("Drafts"));
        page_event(&portal, "pageshow").await;
        portal
            .until_value("#f-brief", "Words of this session")
            .await;

        // A second tab belongs to the session, which then goes on without the first.
        let session = portal.session().clone();
        let first = session.window().await.expect("a tab has a handle");
        let second = session.new_tab().await.expect("a tab can be opened");
        page_event(&portal, "pagehide").await;
        let to = async |tab: &thirtyfour::WindowHandle| {
            let there = session.switch_to_window(tab.clone()).await;
            there.expect("the tab is there");
        };
        to(&second).await;
        portal.open("/drafts").await;
        Drafts(&portal).row("Words of this session").await;
        SignIn(&portal).out().await;
        // Signed out meanwhile, it is brought back to nobody.
        to(&first).await;
        page_event(&portal, "pageshow").await;
        portal.element("#sign-in-email", None).await;

        SignIn(&portal).as_person(SATO).await;
        Flow(&portal).describe("Words of the second session").await;
        portal.until_saved().await;
        desk.browser.crash_and_start_again().await;
        let portal = desk.portal();
        portal.open("/").await;
        let asked = "return find('.rail') ? 'in' : find('#sign-in-email') && 'asked';";
        if portal.until("the start", asked, Vec::new()).await == "asked" {
            SignIn(&portal).as_person(SATO).await;
        }
        portal.open("/drafts").await;
        portal.see("No drafts").await;
        assert!(!everything_kept(&portal).await.contains("Words of the"));
    });
}

fn locked(bundle: &Path) {
    prepare(bundle, json!({ "retention": "locked", "lock_minutes": 10 }));
}

#[test]
fn what_is_locked_needs_its_passphrase_after_a_while_and_after_a_reload() {
    with_bundle(locked, async |desk| {
        let portal = desk.portal();
        portal.open("/").await;
        SignIn(&portal)
            .give(SATO, casement_e2e::backend::PASSWORD)
            .await;
        portal.heading("Choose a passphrase").await;
        portal.write("#passphrase", "correct horse battery").await;
        portal.write("#passphrase-again", "correct horse").await;
        portal.button("Use this passphrase").await;
        portal.see("The two are not the same").await;
        portal
            .write("#passphrase-again", "correct horse battery")
            .await;
        portal.button("Use this passphrase").await;
        SignIn(&portal).until_in().await;
        Flow(&portal).describe("Locked away").await;
        portal.until_saved().await;

        portal.add("#f-brief", " with the last words").await;
        nobody_is_there_for_eleven_minutes(&portal).await;
        portal.heading("Locked").await;
        assert!(!everything_kept(&portal).await.contains("Locked away"));
        now_is_now(&portal).await;
        portal.write("#passphrase", "correct horse").await;
        portal.button("Unlock").await;
        portal
            .see("That is not the passphrase of this device")
            .await;
        portal.write("#passphrase", "correct horse battery").await;
        portal.button("Unlock").await;
        let all = "Locked away with the last words";
        portal.until_value("#f-brief", all).await;

        portal.reload().await;
        portal.heading("Locked").await;
        portal.write("#passphrase", "correct horse battery").await;
        portal.button("Unlock").await;
        portal.until_value("#f-brief", all).await;
    });
}

fn on_a_device(bundle: &Path) {
    prepare(bundle, json!({}));
}

async fn asked(portal: &Portal) -> Value {
    let script = "return Number(sessionStorage.asked ?? 0);";
    portal.eval(script, Vec::new()).await
}

/// Makes the one draft here as old as it would be, and its author told, so many days ago.
async fn ages(portal: &Portal, touched: i64, told: Option<i64>) {
    let script = format!(
        "const day = 24 * 3_600_000, told = {told};
         const {{ name }} = (await indexedDB.databases()).find(({{ name }}) => name.startsWith('casement-'));
         const opening = indexedDB.open(name);
         await new Promise((next) => (opening.onsuccess = next));
         const change = opening.result.transaction(['drafts', 'meta'], 'readwrite');
         const drafts = change.objectStore('drafts');
         drafts.getAll().onsuccess = ({{ target }}) => {{
           for (const text of target.result) {{
             const draft = JSON.parse(text);
             if (draft.state.is !== 'open') continue;
             drafts.put(JSON.stringify({{ ...draft, updated_at: Date.now() - {touched} * day }}), draft.id);
             if (told !== null) change.objectStore('meta')
               .put(JSON.stringify({{ [draft.id]: Date.now() - told * day }}), 'drafts_told');
           }}
         }};
         await new Promise((next) => (change.oncomplete = next));
         opening.result.close();
         return true;",
        told = json!(told)
    );
    assert_eq!(portal.eval_later(&script).await, json!(true));
    portal.reload().await;
}

#[test]
fn what_was_saved_to_a_file_comes_back_after_everything_was_removed() {
    with_bundle(on_a_device, async |desk| {
        desk.forgive("/api/");
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let flow = Flow(&portal);
        assert_eq!(asked(&portal).await, json!(0));
        flow.until_details("Saved with its log").await;
        portal.until_saved().await;
        let content: Vec<u8> = (0..5_000_000_u32).map(|n| (n % 251) as u8).collect();
        let log = desk.file("saved.log", &content);
        portal.choose_files("#f-files", &[&log]).await;
        portal.read(".files li", Some("kept on this device")).await;
        portal.until_saved().await;
        flow.until_review(Story::about("Waits in the file")).await;
        // Asked once, by a click after something was worth keeping, and refused.
        assert_eq!(asked(&portal).await, json!(1));
        portal.open("/cases/case-80999733").await;
        portal.element("#comment-text", None).await;
        portal.link("Drafts").await;
        Drafts(&portal).go_on_with("Waits in the file").await;
        flow.step("Check").await;
        desk.backend.stop();
        Review(&portal).send().await;
        portal.see("New case").await;
        portal.link("Cases").await;
        portal.click(".cell-link", "多要素認証").await;
        CasePage(&portal).comment("Waits in the file, too").await;
        portal
            .read(".timeline", Some("Waits in the file, too"))
            .await;

        portal.click("a", "Pending").await;
        portal.press("details.menu summary", None).await;
        portal.link("On this device").await;
        portal.see("may clear this away").await;
        portal.button("Save all to a file").await;
        portal.see("Saved to a file").await;
        let saved = portal
            .eval_later("return await window.offered.text();")
            .await;
        let saved = saved.as_str().unwrap_or_default();
        assert!(
            saved.contains("Waits in the file, too"),
            "{} bytes",
            saved.len()
        );
        let file = desk.file("saved.jsonl", saved.as_bytes());
        portal.button("Remove everything").await;
        portal.button("Remove and sign out").await;
        portal.element("#sign-in-email", None).await;
        desk.backend.go_on();
        portal.open("/").await;
        assert!(!everything_kept(&portal).await.contains("Waits in the file"));

        SignIn(&portal).as_person(SATO).await;
        portal.open("/device").await;
        portal
            .choose_files("input[accept='.jsonl']", &[&file])
            .await;
        portal.see("3 entries taken in").await;
        let api = desk.api(SATO).await;
        assert!(api.cases_about("Waits in the file").await.is_empty());
        Pending(&portal).open().await;
        for _ in 0..2 {
            portal.button("Go on").await;
        }
        Pending(&portal).until_empty().await;
        api.the_case_about("Waits in the file").await;
        let comments = api.get("/cases/case-80999733/comments").await;
        let said = comments
            .to_string()
            .matches("Waits in the file, too")
            .count();
        assert_eq!(said, 1, "{comments:#}");
        Drafts(&portal).open().await;
        Drafts(&portal).go_on_with("Saved with its log").await;
        flow.step("Details").await;
        portal.read(".files li", Some("kept on this device")).await;

        // Untouched for long, it is announced for a week before it is put away.
        portal.open("/drafts").await;
        ages(&portal, 25, None).await;
        portal.see("Put away on").await;
        Drafts(&portal).row("Saved with its log").await;
        ages(&portal, 40, Some(8)).await;
        portal.see("Deleted on").await;
        Drafts(&portal).take_back("Saved with its log").await;
        Drafts(&portal).row("Saved with its log").await;
    });
}
