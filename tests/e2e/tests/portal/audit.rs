//! Every page under inspection: axe in both themes, wide and narrow; and no page wider than its
//! window.

use casement_e2e::{Portal, audit};
use serde_json::json;

use super::walk::{self, Found};

/// What axe finds, light and dark, on a desk and on a phone.
async fn axe(portal: &Portal) -> Found {
    let mut found = Found::new();
    for theme in ["light", "dark"] {
        // The failure page stands without a choice of the theme; the browser's counts there.
        let scheme = json!({ "features": [{ "name": "prefers-color-scheme", "value": theme }] });
        let set = portal.session().cdp();
        let set = set.send_raw("Emulation.setEmulatedMedia", scheme).await;
        assert!(set.is_ok(), "{set:?}");
        for (width, height) in [(1280, 2600), (390, 6000)] {
            portal.size(width, height, 1.0).await;
            portal.until_still().await;
            let findings = audit::findings(portal).await;
            found.extend(
                findings
                    .into_iter()
                    .map(|one| format!("{theme}, {width} wide: {one}")),
            );
        }
    }
    portal.size(1280, 900, 1.0).await;
    found
}

/// What sticks out where the window is 320 pixels wide, and at twice the size.
async fn fit(portal: &Portal) -> Found {
    let mut found = Found::new();
    for (name, width, height, scale) in [
        ("320 pixels", 320, 640, 1.0),
        ("200 % zoom", 640, 450, 2.0),
        ("a wide screen", 1920, 1080, 1.0),
    ] {
        portal.size(width, height, scale).await;
        let wide = audit::overflow(portal).await;
        if !wide.is_empty() {
            found.push(format!("{name}: {wide:?}"));
        }
    }
    portal.size(1280, 900, 1.0).await;
    found
}

#[test]
fn axe_finds_nothing_on_the_first_half_of_the_flow() {
    walk::over_the_flow(axe);
}

#[test]
fn axe_finds_nothing_on_the_second_half_of_the_flow() {
    walk::over_the_end_of_the_flow(axe);
}

#[test]
fn axe_finds_nothing_on_the_flow_on_behalf_of_a_customer() {
    walk::over_the_flow_on_behalf(axe);
}

#[test]
fn axe_finds_nothing_on_customers_and_the_choice_of_a_vendor() {
    walk::over_customers_and_vendors(axe);
}

#[test]
fn axe_finds_nothing_on_cases_contracts_and_articles() {
    walk::over_the_lists(axe);
}

#[test]
fn axe_finds_nothing_on_drafts_and_what_is_pending() {
    walk::over_the_rest(axe);
}

#[test]
fn axe_finds_nothing_on_contracts_and_customers() {
    walk::over_the_account(axe);
}

#[test]
fn axe_finds_nothing_on_what_is_asked_for_on_a_case() {
    walk::over_the_life(axe);
}

#[test]
fn axe_finds_nothing_on_the_page_that_tells_a_failure() {
    walk::over_the_failure(axe);
}

#[test]
fn the_first_half_of_the_flow_fits_every_width() {
    walk::over_the_flow(fit);
}

#[test]
fn the_second_half_of_the_flow_fits_every_width() {
    walk::over_the_end_of_the_flow(fit);
}

#[test]
fn the_flow_on_behalf_of_a_customer_fits_every_width() {
    walk::over_the_flow_on_behalf(fit);
}

#[test]
fn customers_and_the_choice_of_a_vendor_fit_every_width() {
    walk::over_customers_and_vendors(fit);
}

#[test]
fn cases_contracts_and_articles_fit_every_width() {
    walk::over_the_lists(fit);
}

#[test]
fn drafts_and_what_is_pending_fit_every_width() {
    walk::over_the_rest(fit);
}

#[test]
fn contracts_and_customers_fit_every_width() {
    walk::over_the_account(fit);
}

#[test]
fn what_is_asked_for_on_a_case_fits_every_width() {
    walk::over_the_life(fit);
}

#[test]
fn the_page_that_tells_a_failure_fits_every_width() {
    walk::over_the_failure(fit);
}

#[test]
fn axe_finds_nothing_on_the_gallery() {
    walk::over_the_gallery(axe);
}

#[test]
fn the_gallery_fits_every_width() {
    walk::over_the_gallery(fit);
}
