//! The browser's processes end at once, at whatever moment: while somebody types, and in the moment
//! of sending.
//!
//! Rounds are few here and two hundred for each engine with `cargo xtask test --full`. What is random
//! about them follows from a seed, which is printed and can be given as `CASEMENT_SEED`. WebKitGTK's
//! driver gives every session storage that ends with the browser, so there tabs are closed.

use std::time::{Duration, Instant};

use casement_e2e::pages::flow::Story;
use casement_e2e::pages::{Flow, SignIn, sign_in::SATO};
use casement_e2e::{Desk, Engine, Portal, in_browser};
use serde_json::{Value, json};

/// What may be lost: the last half second before the crash.
const YOUNG: Duration = Duration::from_millis(500);

/// Numbers that look random and follow from a seed.
struct Dice(u64);

impl Dice {
    fn new(engine: Engine) -> Dice {
        let given = std::env::var("CASEMENT_SEED").ok();
        let now = std::time::UNIX_EPOCH.elapsed();
        let seed = given
            .and_then(|seed| seed.parse().ok())
            .unwrap_or_else(|| now.map_or(1, |since| since.as_nanos() as u64) | 1);
        eprintln!("{engine:?}: CASEMENT_SEED={seed}");
        Dice(seed)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end.max(1)
    }
}

fn rounds(few: usize) -> usize {
    match std::env::var_os("CASEMENT_TEST_FULL") {
        Some(_) => 200,
        None => few,
    }
}

/// One keystroke: what the place of "saved" said before it, of all keystrokes before it.
const TYPE: &str = "
    const field = find(arguments[0]);
    const saved = find('.saved')?.dataset.state === 'saved';
    const kind = field instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement;
    const put = Object.getOwnPropertyDescriptor(kind.prototype, 'value').set;
    put.call(field, field.value + arguments[1]);
    field.dispatchEvent(new InputEvent('input', {
      bubbles: true, composed: true, inputType: 'insertText', data: arguments[1],
    }));
    return saved;";

/// What was typed until a crash.
struct Typed {
    text: String,
    /// When each keystroke had been made, with its end in the text.
    made: Vec<(Instant, usize)>,
    /// How much of the text was called saved.
    called_saved: usize,
}

/// Types until the dice say that the browser ends, which the caller then sees to.
async fn type_for_a_while(portal: &Portal, dice: &mut Dice, before: &str) -> Typed {
    let mut typed = Typed {
        text: before.into(),
        made: Vec::new(),
        called_saved: before.len(),
    };
    for number in 0..10 + dice.below(50) {
        let key = format!("{} ", number % 10);
        let saved = portal
            .eval(TYPE, vec![json!("#f-description"), json!(key)])
            .await;
        if saved == json!(true) {
            typed.called_saved = typed.text.len();
        }
        typed.text += &key;
        typed.made.push((Instant::now(), typed.text.len()));
        // A pause for thought, at times longer than what saving waits for.
        let pause = [0, 0, 0, 20, 60, 160][dice.below(6) as usize];
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
    tokio::time::sleep(Duration::from_millis(dice.below(300))).await;
    typed
}

/// Nothing that was called saved is lost, and nothing but what was typed just before the crash.
fn judge(typed: &Typed, found: &str, ended: Instant, round: usize) -> Duration {
    let shown = format!("round {round}: typed {:?}, found {found:?}", typed.text);
    assert!(
        typed.text.starts_with(found),
        "other words came back; {shown}"
    );
    assert!(
        found.len() >= typed.called_saved,
        "called saved and lost; {shown}"
    );
    let lost = typed.made.iter().filter(|(_, end)| *end > found.len());
    let oldest = lost.map(|(at, _)| ended.duration_since(*at)).max();
    let oldest = oldest.unwrap_or_default();
    assert!(oldest <= YOUNG, "lost after {oldest:?}; {shown}");
    oldest
}

async fn crashes_while_typing(desk: &mut Desk, few: usize) {
    desk.forgive("/api/");
    let engine = desk.browser.engine();
    let mut dice = Dice::new(engine);
    let portal = desk.portal();
    SignIn(&portal).open_as(SATO).await;
    Flow(&portal).until_details("Typed until the crash").await;
    portal.write("#f-description", "Then ").await;
    portal.until_saved().await;
    let path = portal.path().await;
    let mut before = String::from("Then ");
    let mut oldest = Duration::ZERO;
    for round in 1..=rounds(few) {
        let portal = desk.portal();
        let typed = type_for_a_while(&portal, &mut dice, &before).await;
        let ended = Instant::now();
        desk.browser.crash_and_start_again().await;
        let portal = desk.portal();
        portal.open(&path).await;
        let script = "return find('#f-description')?.value;";
        let found = portal.until("the draft", script, Vec::new()).await;
        let found = found.as_str().unwrap_or_default().to_string();
        oldest = oldest.max(judge(&typed, &found, ended, round));
        before = found;
    }
    eprintln!("{engine:?}: the oldest keystroke lost was {oldest:?} old");
}

#[test]
fn fault_01_a_crash_while_typing_loses_no_more_than_the_last_moment() {
    in_browser(Engine::Chromium, async |desk| {
        crashes_while_typing(desk, 3).await
    });
}

#[test]
fn fault_01_a_crash_while_typing_in_firefox() {
    in_browser(Engine::Firefox, async |desk| {
        crashes_while_typing(desk, 2).await
    });
}

/// What a driven WebKitGTK can lose: the tab, at whatever moment, and with the browser everything,
/// after which it is as on a first visit. (With a page's process its driver gives up the session.)
#[test]
fn fault_01_a_tab_closed_while_typing_in_webkit() {
    in_browser(Engine::WebKit, async |desk| {
        desk.forgive("/api/");
        let mut dice = Dice::new(Engine::WebKit);
        let portal = desk.portal();
        SignIn(&portal).open_as(SATO).await;
        Flow(&portal).until_details("Typed until the end").await;
        portal.write("#f-description", "Then ").await;
        portal.until_saved().await;
        let path = portal.path().await;
        let mut before = String::from("Then ");
        for round in 1..=rounds(2) {
            let session = portal.session();
            let this = session.window().await.expect("a tab has a handle");
            let next = session.new_tab().await.expect("a tab can be opened");
            let to = async |tab| session.switch_to_window(tab).await;
            to(this).await.expect("the tab is there");
            let typed = type_for_a_while(&portal, &mut dice, &before).await;
            let ended = Instant::now();
            session.close_window().await.expect("it can be closed");
            to(next).await.expect("the other tab is there");
            portal.open(&path).await;
            let script = "return find('#f-description')?.value;";
            let found = portal.until("the draft", script, Vec::new()).await;
            let found = found.as_str().unwrap_or_default().to_string();
            judge(&typed, &found, ended, round);
            before = found;
        }
        desk.browser.crash_and_start_again().await;
        let portal = desk.portal();
        portal.open("/drafts").await;
        portal.element("#sign-in-email", None).await;
        SignIn(&portal).as_person(SATO).await;
        portal.see("No drafts").await;
        assert!(!portal.text().await.contains("no longer has what was kept"));
    });
}

/// What this device keeps after a crash: the drafts' states and the number of operations.
const KEPT: &str = "
    const done = arguments[arguments.length - 1];
    indexedDB.databases().then((all) => {
      const { name } = all.find(({ name }) => name.startsWith('casement-'));
      const opening = indexedDB.open(name);
      opening.onsuccess = () => {
        const kept = opening.result.transaction(['drafts', 'outbox']);
        const drafts = kept.objectStore('drafts').getAll();
        const operations = kept.objectStore('outbox').getAll();
        kept.oncomplete = () => {
          opening.result.close();
          done({ drafts: drafts.result, operations: operations.result });
        };
      };
    });";

/// Both or neither: a draft that counts as handed over has its operations, and one that doesn't
/// has none.
fn is_whole(kept: &Value, subject: &str) -> bool {
    let texts = |kind: &str| -> Vec<String> {
        let all = kept[kind].as_array().cloned().unwrap_or_default();
        let text = |one: Value| one.as_str().map(String::from);
        all.into_iter()
            .filter_map(text)
            .filter(|text| text.contains(subject))
            .collect()
    };
    let (drafts, operations) = (texts("drafts"), texts("operations"));
    assert_eq!(drafts.len(), 1, "{kept:#}");
    let draft: Value = serde_json::from_str(&drafts[0]).expect("a draft is JSON");
    // What has been sent as well is both no longer.
    let state = draft["state"]["is"].as_str().unwrap_or_default();
    let waits = state == "queued";
    // An operation that is done may stand a moment longer than the draft waits.
    let is_done = |text: &String| text.contains(r#""is":"done""#);
    let any = operations.iter().any(|one| !is_done(one));
    assert_eq!(waits, any, "half handed over: {kept:#}");
    state != "open"
}

async fn crashes_while_sending(desk: &mut Desk, few: usize) {
    desk.forgive("/api/");
    let mut dice = Dice::new(desk.browser.engine());
    let portal = desk.portal();
    SignIn(&portal).open_as(SATO).await;
    for round in 1..=rounds(few) {
        let portal = desk.portal();
        let subject = format!("Sent into crash {round}");
        Flow(&portal).until_review(Story::about(&subject)).await;
        let path = portal.path().await;
        let press = "find('form button[type=submit]').click();";
        portal.element("form button[type=submit]", None).await;
        portal.eval(press, Vec::new()).await;
        tokio::time::sleep(Duration::from_millis(dice.below(40))).await;
        desk.browser.crash_and_start_again().await;

        let portal = desk.portal();
        portal.open(&path).await;
        SignIn(&portal).again_after_a_crash().await;
        let kept = portal.session().execute_async(KEPT, Vec::new()).await;
        let kept = kept.expect("what is kept can be read").json().clone();
        if !is_whole(&kept, &subject) {
            portal.press("form button[type=submit]", None).await;
        }
        portal.read(".case-number", None).await;
        desk.api(SATO).await.the_case_about(&subject).await;
        portal.open("/").await;
    }
}

#[test]
fn fault_02_a_crash_while_sending_leaves_the_draft_or_its_operation_never_half() {
    in_browser(Engine::Chromium, async |desk| {
        crashes_while_sending(desk, 2).await
    });
}
