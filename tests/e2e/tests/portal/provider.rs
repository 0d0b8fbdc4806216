//! The sign-in at a provider of the vendor's own, whose tokens the backend takes.

use std::fs;

use casement_e2e::kept::everything_kept;
use casement_e2e::pages::sign_in::SATO;
use casement_e2e::pages::{CasePage, Cases, SignIn};
use casement_e2e::servers::SignInService;
use casement_e2e::{Desk, Portal, with_bundle};
use serde_json::{Value, json};
use thirtyfour::prelude::*;

/// Puts a provider before the portal and names it in `portal.json`.
fn before(desk: &Desk) -> (SignInService, Portal) {
    let service = SignInService::before(desk.backend.address());
    let file = desk.bundle().join("portal.json");
    let text = fs::read_to_string(&file).expect("the bundle has a portal.json");
    let mut settings: Value = serde_json::from_str(&text).expect("portal.json is JSON");
    settings["sign_in"] = json!({ "issuer": service.issuer(), "client_id": "casement" });
    fs::write(&file, settings.to_string()).expect("a copy of the bundle can be written");
    let origin = format!("http://{}", service.address());
    let portal = Portal::new(desk.browser.session().clone(), origin, false);
    (service, portal)
}

/// Goes through the provider's own pages, in the window that the portal has opened.
async fn sign_in_as(portal: &Portal, place: &str, login: &str) {
    let browser = portal.session();
    let home = browser.window().await.expect("the portal has a window");
    // The provider forgets who was signed in there; the portal itself has no cookie.
    browser
        .delete_all_cookies()
        .await
        .expect("cookies can be removed");
    let before = browser
        .windows()
        .await
        .expect("the browser tells its windows");
    let button = format!("{place} .btn-primary");
    portal.press(&button, Some("Sign in")).await;
    let window = loop {
        let all = browser
            .windows()
            .await
            .expect("the browser tells its windows");
        if let Some(other) = all.into_iter().find(|one| !before.contains(one)) {
            break other;
        }
    };
    browser
        .switch_to_window(window)
        .await
        .expect("the window is there");
    fill(browser, "input[name=login]", login).await;
    fill(browser, "input[name=password]", "any").await;
    press(browser, "button[type=submit]").await;
    // The page that asks for consent has no field.
    let asked = browser.query(By::Css("input[name=password]"));
    asked.not_exists().await.expect("the provider goes on");
    press(browser, "button[type=submit]").await;
    browser
        .switch_to_window(home)
        .await
        .expect("the portal is still there");
}

/// Waits until a comment is at the backend.
async fn until_there(desk: &Desk, text: &str) {
    let api = desk.api(SATO).await;
    while !comments(&api).await.contains(text) {
        tokio::task::yield_now().await;
    }
}

async fn comments(api: &casement_e2e::backend::Api) -> String {
    api.get("/cases/case-80999385/comments").await.to_string()
}

async fn fill(browser: &WebDriver, selector: &str, text: &str) {
    let Ok(field) = browser.query(By::Css(selector)).first().await else {
        let page = browser.source().await.unwrap_or_default();
        panic!("the provider does not ask for {selector}: {page}");
    };
    // The provider may have filled in whom it expects.
    field.clear().await.expect("it can be emptied");
    field.send_keys(text).await.expect("it can be typed");
}

async fn press(browser: &WebDriver, selector: &str) {
    let found = browser.query(By::Css(selector)).first().await;
    let button = found.expect("the provider has a button");
    button.click().await.expect("it can be pressed");
}

#[test]
fn a_sign_in_at_a_provider_keeps_the_page_and_leaves_no_token_anywhere() {
    with_bundle(
        |_| (),
        async |desk| {
            desk.forgive("401");
            desk.forgive("favicon.ico");
            let (service, portal) = before(desk);
            portal.open("/").await;
            sign_in_as(&portal, "main", SATO).await;
            SignIn(&portal).until_in().await;
            portal.see("北斗システムズ株式会社").await;
            assert_eq!(service.control("counts").await, (1, 0));

            let kept = everything_kept(&portal).await;
            assert!(
                kept.contains("北斗システムズ"),
                "the search sees what is kept"
            );
            for token in service.tokens().await {
                assert!(token.len() > 20, "a token is long: {token}");
                assert!(!kept.contains(&token), "a token was kept");
            }

            // The tokens end in the middle of the work: they are renewed once, and nobody is asked.
            service.control("expire").await;
            let cases = Cases(&portal);
            cases.open().await;
            cases.open_case("StoreFront").await;
            let page = CasePage(&portal);
            page.comment("Written while the token ended").await;
            until_there(desk, "Written while the token ended").await;
            assert_eq!(service.control("counts").await, (1, 1));
            assert!(
                !portal.has("dialog", None).await,
                "nobody was asked to sign in"
            );
        },
    );
}

#[test]
fn a_sign_in_that_has_ended_for_good_is_asked_for_in_every_tab_and_one_of_them_sends_what_waits() {
    with_bundle(
        |_| (),
        async |desk| {
            desk.forgive("401");
            desk.forgive("400");
            desk.forgive("favicon.ico");
            let (service, portal) = before(desk);
            portal.open("/").await;
            sign_in_as(&portal, "main", SATO).await;
            SignIn(&portal).until_in().await;
            portal.see("北斗システムズ株式会社").await;

            // Tokens are a tab's own: another one shows what is here, and asks.
            let session = portal.session().clone();
            let first = session.window().await.expect("a tab has a handle");
            let second = session.new_tab().await.expect("a tab can be opened");
            let to = async |tab: &thirtyfour::WindowHandle| {
                let there = session.switch_to_window(tab.clone()).await;
                there.expect("the tab is there");
            };
            to(&second).await;
            portal.open("/cases/case-80999385").await;
            portal.element("dialog[open] .btn-primary", None).await;
            portal.element(".case-head", None).await;
            sign_in_as(&portal, "dialog[open]", SATO).await;
            let script = "return !find('dialog[open]');";
            portal.until("the dialog to go", script, Vec::new()).await;

            service.control("end").await;
            let text = "Written after the sign-in had ended";
            CasePage(&portal).comment(text).await;
            portal.element("dialog[open] .btn-primary", None).await;
            portal.read(".event-unsent", Some(text)).await;
            to(&first).await;
            portal.element("dialog[open] .btn-primary", None).await;

            sign_in_as(&portal, "dialog[open]", SATO).await;
            until_there(desk, text).await;
            let all = comments(&desk.api(SATO).await).await;
            assert_eq!(all.matches(text).count(), 1);
        },
    );
}
