//! Light and dark, and what the browser's settings decide.

use casement_e2e::in_chromium;
use casement_e2e::pages::{SignIn, sign_in::SATO};
use serde_json::{Value, json};

const COLOURS: &str = r"
    const style = getComputedStyle(all('.main')[0]);
    const surface = getComputedStyle(all('.app')[0]);
    return [style.color, surface.backgroundColor];";

#[test]
fn light_and_dark_are_chosen_at_once_and_remembered() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        portal.theme("light").await;
        let light = portal.eval(COLOURS, Vec::new()).await;
        portal.theme("dark").await;
        let dark = portal.eval(COLOURS, Vec::new()).await;
        assert_ne!(light[0], dark[0], "the text has the same colour");
        assert_ne!(light[1], dark[1], "the surface has the same colour");
        portal.reload().await;
        assert_eq!(portal.eval(COLOURS, Vec::new()).await, dark);
    });
}

#[test]
fn without_a_choice_the_browser_decides_between_light_and_dark() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let mut seen: Vec<Value> = Vec::new();
        for scheme in ["light", "dark"] {
            let features =
                json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
            let set = portal.session().cdp();
            let set = set.send_raw("Emulation.setEmulatedMedia", features).await;
            assert!(set.is_ok(), "{set:?}");
            seen.push(portal.eval(COLOURS, Vec::new()).await);
        }
        assert_ne!(seen[0], seen[1]);
    });
}

#[test]
fn whoever_wants_less_motion_gets_none() {
    in_chromium(async |desk| {
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        let features =
            json!({ "features": [{ "name": "prefers-reduced-motion", "value": "reduce" }] });
        let set = portal.session().cdp();
        let set = set.send_raw("Emulation.setEmulatedMedia", features).await;
        assert!(set.is_ok(), "{set:?}");
        let moving = r"
            const long = (value) => value.split(',').some((one) => parseFloat(one) > 0.011);
            return all('*').filter((one) => {
              const style = getComputedStyle(one);
              return long(style.transitionDuration)
                || (style.animationName !== 'none' && long(style.animationDuration));
            }).map((one) => one.className);";
        assert_eq!(portal.eval(moving, Vec::new()).await, json!([]));
    });
}
