//! Japanese, Chinese and English, switched at once under the fingers of whoever types.

use casement_e2e::in_chromium;
use casement_e2e::pages::{Flow, SignIn, sign_in::SATO};

#[test]
fn switching_the_language_at_once_keeps_everything_typed() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let flow = Flow(&portal);
        flow.until_details("Typed in English").await;
        flow.severity("2").await;
        portal.write("#f-description", "まだ保存されていない").await;
        for (lang, heading) in [
            ("ja", "ケースの内容を記入します"),
            ("zh-Hans", "填写案例内容"),
            ("en", "Describe the case"),
        ] {
            portal.language(lang).await;
            portal.heading(heading).await;
            portal.until_value("#f-subject", "Typed in English").await;
            portal
                .until_value("#f-description", "まだ保存されていない")
                .await;
            let chosen = "return find('#f-severity')?.getRootNode()
                .querySelector('input[name=f-severity]:checked')?.value === '2';";
            portal.until("severity 2", chosen, Vec::new()).await;
        }
        portal.language("ja").await;
        portal.reload().await;
        portal.heading("ケースの内容を記入します").await;
        let lang = "return document.documentElement.lang === 'ja';";
        portal
            .until("the document's language", lang, Vec::new())
            .await;
    });
}

#[test]
fn every_page_speaks_each_language_without_a_missing_word() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        for path in [
            "/",
            "/cases",
            "/drafts",
            "/entitlements",
            "/knowledge",
            "/pending",
            "/new",
        ] {
            portal.open(path).await;
            portal
                .until("the page", "return !find('[aria-busy=true]');", Vec::new())
                .await;
            for (lang, word) in [("ja", "ケース"), ("zh-Hans", "案例"), ("en", "Cases")] {
                portal.language(lang).await;
                portal.read(".rail-link", Some(word)).await;
                let text = portal.text().await;
                for sign in ["⟦", "{n}", "{name}", "undefined"] {
                    assert!(
                        !text.contains(sign),
                        "{path} in {lang} shows {sign}: {text}"
                    );
                }
            }
        }
    });
}

#[test]
fn the_sign_in_keeps_what_is_typed_when_the_language_changes() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        portal.open("/").await;
        portal.write("#sign-in-email", SATO).await;
        portal.language("ja").await;
        portal.heading("サインイン").await;
        portal.until_value("#sign-in-email", SATO).await;
    });
}
