//! New versions of the portal: kept whole or not at all, used only when somebody says so, beside the
//! older one in another tab without harm to what is typed there, and switched off by the operator.

use std::fs;
use std::path::Path;

use casement_e2e::pages::{Drafts, Flow, SignIn, sign_in::SATO};
use casement_e2e::{Desk, Engine, Portal, with_bundle, with_bundle_in};
use serde_json::{Value, json};
use thirtyfour::WindowHandle;

/// What only the page of a newer version has.
const MARK: &str = "<meta name=\"newer\">";
const OFFER: &str = "A new version is ready.";

fn as_it_is(_: &Path) {}

fn change(bundle: &Path, file: &str, change: impl FnOnce(String) -> String) {
    let path = bundle.join(file);
    let text = fs::read_to_string(&path).expect("the bundle has the file");
    fs::write(&path, change(text)).expect("the copy can be written");
}

/// Puts another version on the server, as one with a changed page.
fn publish(bundle: &Path, version: &str) {
    let list = fs::read_to_string(bundle.join("assets.json")).expect("the bundle has a list");
    let list: Value = serde_json::from_str(&list).expect("the list is JSON");
    let before = list["version"].as_str().expect("it has a version");
    for file in ["assets.json", "sw.js"] {
        change(bundle, file, |text| text.replace(before, version));
    }
    change(bundle, "index.html", |text| match text.contains(MARK) {
        true => text,
        false => text.replace("</title>", &format!("</title>{MARK}")),
    });
}

fn edit_deployment(bundle: &Path, edit: impl FnOnce(&mut Value)) {
    change(bundle, "portal.json", |text| {
        let mut deployment = serde_json::from_str(&text).expect("the deployment is JSON");
        edit(&mut deployment);
        deployment.to_string()
    });
}

/// Has the browser look for a newer version now, as it does by itself at times, and waits until it
/// has installed it or failed to: what came of it is returned.
async fn look_for_newer(portal: &Portal) -> Value {
    let script = "const done = arguments[arguments.length - 1];
        navigator.serviceWorker.getRegistration().then(async (registration) => {
          const update = registration.update().catch(() => undefined);
          registration.addEventListener('updatefound', () => {
            const worker = registration.installing;
            worker.addEventListener('statechange', () => {
              if (worker.state !== 'installing') done(worker.state);
            });
          });
          await update;
          if (!registration.installing) setTimeout(done, 0, 'nothing new');
        });";
    match portal.session().execute_async(script, Vec::new()).await {
        Ok(state) => state.json().clone(),
        Err(error) => panic!("the browser could not look for a newer version: {error}"),
    }
}

/// Whether the files that this page is given are those of the newer version.
async fn is_given_newer(portal: &Portal) -> bool {
    let script = "const done = arguments[arguments.length - 1];
        fetch('/index.html').then((answer) => answer.text())
          .then((text) => done(text.includes('name=\"newer\"')));";
    match portal.session().execute_async(script, Vec::new()).await {
        Ok(newer) => newer.json() == &json!(true),
        Err(error) => panic!("the page was not given its files: {error}"),
    }
}

async fn is_newer(portal: &Portal) -> bool {
    let script = "return document.querySelector('meta[name=newer]') !== null;";
    portal.eval(script, Vec::new()).await == json!(true)
}

/// Leaves a mark on the page that a reload would take away.
async fn mark(portal: &Portal) {
    portal.eval("window.stillHere = true;", Vec::new()).await;
}

async fn is_marked(portal: &Portal) -> bool {
    portal
        .eval("return window.stillHere === true;", Vec::new())
        .await
        == json!(true)
}

async fn go_to(portal: &Portal, tab: &WindowHandle) {
    let switched = portal.session().switch_to_window(tab.clone()).await;
    assert!(switched.is_ok(), "the tab is gone: {switched:?}");
}

async fn until_newer_is_here(portal: &Portal) {
    let script = "return document.querySelector('meta[name=newer]') && all('h1').some(seen);";
    portal.until("the newer version", script, Vec::new()).await;
}

/// Two tabs, each with a draft of its own being written; the second is the present one.
async fn two_tabs_with_drafts(desk: &mut Desk) -> (Portal, WindowHandle, WindowHandle) {
    let portal = desk.portal();
    SignIn(&portal).open_as(SATO).await;
    portal.until_kept_for_offline().await;
    Flow(&portal).describe("First draft").await;
    portal.until_saved().await;
    mark(&portal).await;
    let session = portal.session().clone();
    let first = session.window().await.expect("a tab has a handle");
    let second = session.new_tab().await.expect("a tab can be opened");
    go_to(&portal, &second).await;
    portal.open("/").await;
    portal.until_kept_for_offline().await;
    Flow(&portal).describe("Second draft").await;
    portal.until_saved().await;
    mark(&portal).await;
    (portal, first, second)
}

async fn a_new_version_mid_draft_with_two_tabs(desk: &mut Desk) {
    let (portal, first, second) = two_tabs_with_drafts(desk).await;
    publish(desk.bundle(), "00000000000000a2");
    assert_eq!(look_for_newer(&portal).await, "installed");
    for tab in [&first, &second] {
        go_to(&portal, tab).await;
        portal.see(OFFER).await;
        assert!(is_marked(&portal).await, "loaded anew unasked");
        assert!(!is_given_newer(&portal).await, "parts of two versions");
    }

    // In the second tab somebody says so, in the middle of a word.
    portal.add("#f-brief", ", typed to the last momen").await;
    portal.button("Use it now").await;
    until_newer_is_here(&portal).await;
    let typed = "Second draft, typed to the last momen";
    portal.until_value("#f-brief", typed).await;

    // The first is asked, not told, and goes on with the version it has.
    go_to(&portal, &first).await;
    portal.see(OFFER).await;
    assert!(is_marked(&portal).await, "loaded anew unasked");
    assert!(!is_given_newer(&portal).await, "parts of two versions");
    portal.add("#f-brief", ", and on in the old version").await;
    portal.until_saved().await;
    go_to(&portal, &second).await;
    assert!(
        is_given_newer(&portal).await,
        "the newer page has its own files"
    );
    let drafts = Drafts(&portal);
    drafts.open().await;
    drafts.row("First draft, and on in the old version").await;

    go_to(&portal, &first).await;
    portal.button("Use it now").await;
    until_newer_is_here(&portal).await;
    let typed = "First draft, and on in the old version";
    portal.until_value("#f-brief", typed).await;
    // With the last page of the older version its files go.
    portal.open("/cases").await;
    let script = "return caches.keys().then((names) => {
        const kept = names.filter((name) => /^casement-[0-9a-f]{16}$/.test(name));
        return kept.length === 1 && kept[0].endsWith('00a2');
      });";
    portal
        .until("the older version's files to go", script, Vec::new())
        .await;
}

#[test]
fn fault_22_a_new_version_mid_draft_is_used_in_each_tab_when_it_says_so() {
    with_bundle(as_it_is, a_new_version_mid_draft_with_two_tabs);
}

#[test]
fn fault_22_a_new_version_mid_draft_in_firefox() {
    let engine = Engine::Firefox;
    with_bundle_in(engine, as_it_is, a_new_version_mid_draft_with_two_tabs);
}

#[test]
fn fault_22_an_old_tab_saves_on_beside_a_newer_database() {
    casement_e2e::in_chromium(async |desk| {
        let (portal, first, _) = two_tabs_with_drafts(desk).await;
        // As a newer version would: one store more, while the older tab is being written in.
        let upgrade = "const done = arguments[arguments.length - 1];
            indexedDB.databases().then((all) => {
              const account = all.find(({ name }) => name.startsWith('casement-'));
              const opening = indexedDB.open(account.name, account.version + 1);
              opening.onupgradeneeded = () => opening.result.createObjectStore('of the newer version');
              opening.onsuccess = () => { opening.result.close(); done('upgraded'); };
              opening.onerror = () => done(String(opening.error));
            });";
        let upgraded = portal.session().execute_async(upgrade, Vec::new()).await;
        assert_eq!(upgraded.expect("a script runs").json(), "upgraded");
        for _ in 0..2 {
            portal.add("#f-brief", " and on").await;
            portal.until_saved().await;
        }
        go_to(&portal, &first).await;
        portal.add("#f-brief", " and on").await;
        portal.until_saved().await;
        portal.reload().await;
        portal.until_value("#f-brief", "First draft and on").await;
        Drafts(&portal).open().await;
        Drafts(&portal).row("Second draft and on and on").await;
    });
}

#[test]
fn a_version_that_is_half_published_or_finds_no_room_leaves_the_last_good_one() {
    with_bundle(as_it_is, async |desk| {
        desk.forgive("/api/");
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        portal.until_kept_for_offline().await;

        // The list is there already, a part of the program is still to come.
        change(desk.bundle(), "page.js", |text| text + ";");
        publish(desk.bundle(), "00000000000000b2");
        assert_eq!(look_for_newer(&portal).await, "redundant");

        change(desk.bundle(), "page.js", |text| {
            text.trim_end_matches(';').into()
        });
        publish(desk.bundle(), "00000000000000c3");
        let origin = portal.eval("return location.origin;", Vec::new()).await;
        let cdp = portal.session().cdp();
        let quota = |bytes: Value| json!({ "origin": origin, "quotaSize": bytes });
        let full = cdp.send_raw("Storage.overrideQuotaForOrigin", quota(json!(1_000)));
        assert!(full.await.is_ok(), "the disk could not be filled");
        assert_eq!(look_for_newer(&portal).await, "redundant");

        desk.backend.stop();
        portal.open("/cases").await;
        portal.see("80999385").await;
        assert!(!is_newer(&portal).await && !is_given_newer(&portal).await);
        desk.backend.go_on();
        let room = cdp.send_raw(
            "Storage.overrideQuotaForOrigin",
            json!({ "origin": origin }),
        );
        assert!(room.await.is_ok(), "the disk could not be emptied");
        portal.open("/cases").await;
        publish(desk.bundle(), "00000000000000d4");
        assert_eq!(look_for_newer(&portal).await, "installed");
        portal.see(OFFER).await;
    });
}

#[test]
fn what_an_operator_changes_is_there_with_the_next_visit_and_offline_use_goes_when_switched_off() {
    with_bundle(as_it_is, async |desk| {
        desk.forgive("/api/");
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        portal.until_kept_for_offline().await;
        Flow(&portal)
            .describe("Stays when all is switched off")
            .await;
        portal.until_saved().await;

        edit_deployment(desk.bundle(), |portal| {
            portal["name"] = "Harbour desk".into()
        });
        portal.open("/drafts").await;
        until_kept(&portal, "Harbour desk").await;
        desk.backend.stop();
        portal.open("/drafts").await;
        portal.read(".brand", Some("Harbour desk")).await;

        desk.backend.go_on();
        edit_deployment(desk.bundle(), |portal| portal["offline"] = false.into());
        portal.open("/drafts").await;
        let gone = "return navigator.serviceWorker.getRegistration()
            .then(async (kept) => !kept
              && (await caches.keys()).every((name) => !/^casement-[0-9a-f]{16}$/.test(name)));";
        portal
            .until("the service worker to go", gone, Vec::new())
            .await;
        portal.open("/drafts").await;
        portal
            .until("no service worker to come", gone, Vec::new())
            .await;
        Drafts(&portal).row("Stays when all is switched off").await;
    });
}

/// Waits until the worker keeps a deployment of this name.
async fn until_kept(portal: &Portal, name: &str) {
    let script = "return fetch('/portal.json').then((answer) => answer.json())
        .then((portal) => portal.name === arguments[0]);";
    portal.until(name, script, vec![json!(name)]).await;
}

#[test]
fn the_portal_can_be_installed_as_an_app_that_bears_its_name() {
    casement_e2e::in_chromium(async |desk| {
        let portal = desk.portal();
        portal.open("/").await;
        portal.until_kept_for_offline().await;
        portal.reload().await;
        let cdp = portal.session().cdp();
        let found = cdp
            .send_raw("Page.getInstallabilityErrors", json!({}))
            .await;
        let found = found.expect("the browser says what it misses");
        assert_eq!(found["installabilityErrors"], json!([]), "{found:#}");
        let found = cdp.send_raw("Page.getAppManifest", json!({})).await;
        let found = found.expect("the browser has read the manifest");
        assert_eq!(found["errors"], json!([]), "{found:#}");
        let text = found["data"].as_str().unwrap_or_default();
        let manifest: Value = serde_json::from_str(text).expect("the manifest is JSON");
        assert_eq!(manifest["name"], "Partner support");
        for key in ["id", "scope", "start_url", "lang", "short_name", "display"] {
            assert!(manifest[key].is_string(), "no {key} in {manifest:#}");
        }
        let uses = |what: &str| {
            let icons = manifest["icons"].as_array();
            icons.is_some_and(|icons| icons.iter().any(|icon| icon["purpose"] == what))
        };
        assert!(uses("any") && uses("maskable"), "{manifest:#}");
        let leads = |to: &str| {
            let shortcuts = manifest["shortcuts"].as_array();
            shortcuts.is_some_and(|all| all.iter().any(|one| one["url"] == to))
        };
        assert!(leads("/new") && leads("/pending"), "{manifest:#}");
    });
}
