//! What the browser's storage can do to a person: lose what was kept, refuse to keep anything, and
//! keep what should be gone. (WebKitGTK's driver gives each session storage of its own that ends with
//! it, as a private window does; what is cleared there is cleared while it runs.)

use std::fs;
use std::path::Path;

use casement_e2e::pages::sign_in::{LIN, SATO};
use casement_e2e::pages::{Flow, SignIn};
use casement_e2e::{Desk, Engine, Portal, in_browser, in_chromium, with_bundle};

/// Does something to every file of the databases, and to nothing else.
fn to_databases(folder: &Path, harm: &dyn Fn(&Path)) -> usize {
    let mut harmed = 0;
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        if !path.is_dir() {
            continue;
        }
        let name = path.file_name().and_then(|name| name.to_str());
        if matches!(name, Some("IndexedDB" | "idb")) {
            harm(&path);
            harmed += 1;
        } else {
            harmed += to_databases(&path, harm);
        }
    }
    harmed
}

/// Overwrites the beginning of every file.
fn corrupt(folder: &Path) {
    for path in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = path.path();
        if path.is_dir() {
            corrupt(&path);
        } else if let Ok(mut bytes) = fs::read(&path) {
            for (index, byte) in bytes.iter_mut().take(8192).enumerate() {
                *byte = (index * 131 + 7) as u8;
            }
            fs::write(&path, bytes).expect("the profile can be written");
        }
    }
}

fn remove(folder: &Path) {
    fs::remove_dir_all(folder).expect("the profile can be written");
}

async fn sign_in_if_asked(portal: &Portal) {
    let script = "return find('#sign-in-email') ? 'asked' : find('.rail') ? 'in' : null;";
    if portal.until("the start", script, Vec::new()).await == "asked" {
        SignIn(portal).as_person(SATO).await;
    }
}

/// What was kept is harmed between two runs of the browser: that is told, and the backend's records
/// come again.
async fn loses(desk: &mut Desk, harm: fn(&Path)) {
    desk.forgive("/api/");
    let portal = desk.portal();
    has_something(&portal).await;
    portal.until_kept_for_offline().await;
    desk.browser
        .crash_with(|folder| assert!(to_databases(folder, &harm) > 0, "no database"))
        .await;
    let portal = desk.portal();
    is_told(&portal).await;
    goes_on(&portal).await;
}

async fn has_something(portal: &Portal) {
    SignIn(portal).open_as(SATO).await;
    Flow(portal).describe("What is lost").await;
    portal.until_saved().await;
}

async fn is_told(portal: &Portal) {
    portal.open("/cases").await;
    sign_in_if_asked(portal).await;
    portal.see("no longer has what was kept here").await;
    portal.read(".table, .rows", Some("80999385")).await;
    portal.button("Understood").await;
    portal.see_no_more("no longer has what was kept here").await;
}

async fn goes_on(portal: &Portal) {
    Flow(portal).describe("Kept again").await;
    portal.until_saved().await;
}

#[test]
fn fault_04_corrupted_storage_is_told_and_filled_again() {
    in_chromium(async |desk| loses(desk, corrupt).await);
}

#[test]
fn fault_05_storage_that_was_cleared_is_told_and_filled_again() {
    in_chromium(async |desk| loses(desk, remove).await);
}

#[test]
fn fault_05_storage_that_was_cleared_in_firefox() {
    in_browser(Engine::Firefox, async |desk| loses(desk, remove).await);
}

#[test]
fn fault_04_corrupted_storage_in_firefox() {
    in_browser(Engine::Firefox, async |desk| loses(desk, corrupt).await);
}

/// All databases go, and nothing else, as when a browser clears them away.
const CLEAR: &str = "
    const done = arguments[arguments.length - 1];
    indexedDB.databases().then((all) => Promise.all(all.map(({ name }) => new Promise((next) => {
      const request = indexedDB.deleteDatabase(name);
      request.onsuccess = request.onerror = next;
    })))).then((gone) => done(gone.length), (error) => done(String(error)));";

#[test]
fn fault_05_storage_that_was_cleared_in_webkit() {
    in_browser(Engine::WebKit, async |desk| {
        let portal = desk.portal();
        has_something(&portal).await;
        // No page of the portal is open meanwhile.
        let elsewhere = format!("http://{}/portal.json", desk.backend.address());
        let session = portal.session();
        session.goto(&elsewhere).await.expect("it can be opened");
        let cleared = session.execute_async(CLEAR, Vec::new()).await;
        let cleared = cleared.expect("it can be cleared").json().clone();
        assert!(cleared.as_u64() >= Some(2), "{cleared}");
        is_told(&portal).await;
        portal.open("/").await;
        goes_on(&portal).await;
    });
}

/// WebKit lets a page that is left sleep in the middle of what it does, and keeps it for the way
/// back; nothing that it was doing may keep the next page from saving.
#[test]
fn fault_08_a_page_left_in_the_middle_of_a_save_keeps_no_other_from_saving_in_webkit() {
    in_browser(Engine::WebKit, async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        Flow(&portal).describe("Left and come back").await;
        portal.until_saved().await;
        let path = portal.path().await;
        let elsewhere = format!("http://{}/portal.json", desk.backend.address());
        let away = async || {
            portal
                .session()
                .goto(&elsewhere)
                .await
                .expect("it is there")
        };
        for round in 1..=3 {
            let text = format!("Left in the middle, {round}");
            portal.paste("#f-brief", &text).await;
            away().await;
            portal.open(&path).await;
            let there = "return find('#f-brief')?.value;";
            portal.until("the draft", there, Vec::new()).await;
            let text = format!("Saved by the next page, {round}");
            portal.paste("#f-brief", &text).await;
            portal.until_saved().await;
            away().await;
            portal.open(&path).await;
            portal.until_value("#f-brief", &text).await;
        }
    });
}

/// A database that never answers, from the first script on.
fn silence_databases(bundle: &Path) {
    let script = "const plain = IDBFactory.prototype.open;
        IDBFactory.prototype.open = function (...given) {
          const request = plain.apply(this, given);
          for (const event of ['success', 'error', 'upgradeneeded', 'blocked']) {
            request.addEventListener(event, (one) => one.stopImmediatePropagation(), true);
          }
          return request;
        };";
    fs::write(bundle.join("silent.js"), script).expect("the copy can be written");
    let page = bundle.join("index.html");
    let html = fs::read_to_string(&page).expect("the copy has a page");
    let html = html.replacen("<head>", "<head><script src=\"/silent.js\"></script>", 1);
    fs::write(&page, html).expect("the copy can be written");
}

#[test]
fn fault_06_without_a_database_one_works_in_the_tab_and_is_told() {
    with_bundle(silence_databases, async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        portal.see("Not saved on this device").await;
        Flow(&portal).describe("Only in this tab").await;
        portal.until_saved().await;
        portal.see("Kept in this tab only").await;
        portal.see("Save to a file").await;
    });
}

/// What is written in a window that keeps nothing is there as long as the window is, and nobody is
/// told that it stays.
async fn promises_nothing(desk: &mut Desk) {
    let portal = desk.portal();
    SignIn(&portal).open_as(SATO).await;
    Flow(&portal).describe("Only in this window").await;
    portal.until_saved().await;
    let path = portal.path().await;
    portal.reload().await;
    portal.until_value("#f-brief", "Only in this window").await;
    portal.open("/device").await;
    portal.see("may clear this away").await;
    let told = portal.text().await;
    assert!(!told.contains("will not clear this away"), "{told}");
    portal.open(&path).await;
    portal.until_value("#f-brief", "Only in this window").await;

    desk.browser.crash_and_start_again().await;
    let portal = desk.portal();
    portal.open("/drafts").await;
    portal.element("#sign-in-email", None).await;
    SignIn(&portal).as_person(SATO).await;
    portal.see("No drafts").await;
}

#[test]
fn fault_07_a_private_window_promises_nothing_in_chromium() {
    in_chromium(async |desk| {
        desk.browser.start_again_privately().await;
        promises_nothing(desk).await;
    });
}

#[test]
fn fault_07_a_private_window_promises_nothing_in_firefox() {
    in_browser(Engine::Firefox, async |desk| {
        desk.browser.start_again_privately().await;
        promises_nothing(desk).await;
    });
}

#[test]
fn fault_07_a_window_whose_storage_ends_with_it_promises_nothing_in_webkit() {
    in_browser(Engine::WebKit, async |desk| promises_nothing(desk).await);
}

/// All that the browser keeps for the portal, except the portal's own files, as text.
const ALL_KEPT: &str = "
    const found = [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage })];
    for (const { name } of await indexedDB.databases()) {
      const request = indexedDB.open(name);
      await new Promise((next) => (request.onsuccess = next));
      const database = request.result;
      found.push(name);
      for (const kind of database.objectStoreNames) {
        const every = database.transaction(kind).objectStore(kind).getAll();
        await new Promise((next) => (every.onsuccess = next));
        found.push(JSON.stringify(every.result));
      }
      database.close();
    }
    for (const name of await caches.keys()) {
      found.push(name);
      for (const one of await (await caches.open(name)).keys()) found.push(one.url);
    }
    return found.join('\\n');";

#[test]
fn fault_30_nothing_of_a_signed_out_account_is_left_and_everything_of_another() {
    in_chromium(async |desk| {
        desk.forgive("/api/");
        let portal = desk.portal();
        let sign_in = SignIn(&portal);
        sign_in.open_as(LIN).await;
        Flow(&portal).describe("Words that stay").await;
        portal.until_saved().await;
        sign_in.ended().await;
        sign_in.as_person(SATO).await;
        Flow(&portal).describe("Words that go").await;
        portal.until_saved().await;
        portal.until_kept_for_offline().await;
        let session = portal.session();
        let first = session.window().await.expect("there is a window");
        let second = session.new_tab().await.expect("it can have two tabs");
        session
            .switch_to_window(second.clone())
            .await
            .expect("it is there");
        portal.open("/drafts").await;
        portal.see("Words that go").await;
        session
            .switch_to_window(first.clone())
            .await
            .expect("it is there");

        let kept = portal.eval_later(ALL_KEPT).await.to_string();
        assert!(kept.contains("Words that go") && kept.contains("Words that stay"));

        // Without network.
        desk.backend.stop();
        portal.press("details.menu summary", None).await;
        portal.button("Sign out").await;
        portal.see("1 draft").await;
        portal.button("Stay signed in").await;
        portal.see_no_more("1 draft").await;
        portal.button("Sign out").await;
        portal.button("Discard it and sign out").await;
        portal.element("#sign-in-email", None).await;
        let kept = portal.eval_later(ALL_KEPT).await.to_string();
        for word in ["Words that go", "北斗", "80999385", SATO] {
            assert!(!kept.contains(word), "{word} is left");
        }
        assert!(kept.contains("Words that stay"));
        session.switch_to_window(second).await.expect("it is there");
        portal.see_no_more("Words that go").await;
        portal.element("#sign-in-email", None).await;

        // The session at the backend ends when it can be reached again.
        desk.backend.go_on();
        portal.open("/").await;
        portal.element("#sign-in-email", None).await;
        sign_in.as_person(LIN).await;
        portal.open("/drafts").await;
        portal.see("Words that stay").await;
    });
}
