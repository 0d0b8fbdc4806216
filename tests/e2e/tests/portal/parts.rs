//! The program comes in two parts: the first page waits for one, and nothing is lost without the
//! other.

use std::fs;
use std::path::{Path, PathBuf};

use casement_e2e::backend::PASSWORD;
use casement_e2e::pages::{Drafts, Entitlements, SignIn, sign_in::SATO};
use casement_e2e::{in_chromium, with_bundle};

/// What is said when it is missing.
const FAILED: &str = "A part of the portal could not be loaded";

/// Where a part is put that is to be missing.
const AWAY: &str = "away";

/// The later parts of the program; their names tell their build.
fn later_parts(bundle: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(bundle).expect("the bundle can be read");
    let paths = files.flatten().map(|file| file.path());
    let is_later = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.starts_with("split_") && name.contains(".wasm"))
    };
    paths.filter(is_later).collect()
}

fn take_away(bundle: &Path) {
    let parts = later_parts(bundle);
    assert!(!parts.is_empty(), "the bundle has no later part");
    for part in parts {
        let away = part.with_extension(format!("wasm.{AWAY}"));
        fs::rename(part, away).expect("a file of the copy can be renamed");
    }
}

fn put_back(bundle: &Path) {
    for part in later_parts(bundle) {
        fs::rename(&part, part.with_extension("")).expect("a file of the copy can be renamed");
    }
}

#[test]
fn a_part_that_does_not_come_is_told_and_can_be_tried_again() {
    with_bundle(take_away, async |desk| {
        // The browser tells of the missing file, and so does the service worker.
        for complaint in ["split_later", "WebAssembly", "sw.js"] {
            desk.forgive(complaint);
        }
        let portal = desk.portal();
        portal.open("/").await;
        SignIn(&portal).give(SATO, PASSWORD).await;
        portal.link("Open a case").await;
        portal.see(FAILED).await;
        portal
            .see("What you have written on this device is safe")
            .await;
        portal.click(".brand", "").await;
        portal.see("Open a case").await;
        portal.see(FAILED).await;

        put_back(desk.bundle());
        portal.button("Try again").await;
        portal.read(".row-link", None).await;
        Entitlements(&portal).open().await;
        Drafts(&portal).open().await;
    });
}

#[test]
fn a_page_that_was_never_opened_opens_without_network_after_one_visit() {
    in_chromium(async |desk| {
        desk.forgive("/api/");
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        portal.read(".row-link", None).await;
        portal.until_kept_for_offline().await;
        desk.backend.stop();
        portal.open("/entitlements").await;
        portal.heading("Entitlements").await;
        portal.read("article.ent", None).await;
        Drafts(&portal).open().await;
        Entitlements(&portal).open().await;
    });
}

#[test]
fn the_first_page_waits_for_the_first_part_alone() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        portal.open("/").await;
        portal.heading("Sign in").await;
        let script = "
            const loaded = (name) => performance.getEntriesByType('resource')
                .find((entry) => new URL(entry.name).pathname.startsWith(name));
            const [first, later] = [loaded('/casement_bg.wasm'), loaded('/split_later-')];
            return Boolean(later) && later.startTime >= first.responseEnd;";
        portal.until("the later part", script, Vec::new()).await;
    });
}
