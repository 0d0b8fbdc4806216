//! What happens in a round.

use std::time::{Duration, Instant};

use casement_e2e::backend::Backend;
use casement_e2e::browser::Browser;
use casement_e2e::environment::tools;
use casement_e2e::line::Line;
use casement_e2e::pages::{CasePage, Flow, Review, SignIn, sign_in::SATO};
use casement_e2e::{Engine, Portal};
use sha2::{Digest, Sha256};

use crate::account::{Account, Typing};
use crate::dice::Dice;
use crate::weather;

/// Two open cases of the example account.
const CASES: [&str; 2] = ["case-80999701", "case-80999733"];
/// The field that is typed into, round after round.
const FIELD: &str = "#f-description";
/// So many rounds after each other the account is settled.
const SETTLED_EVERY: u64 = 8;
/// In one of so many rounds a case is sent.
const SENT_EVERY: u64 = 6;

/// What lives through all rounds.
struct Bench<'a> {
    backend: Backend,
    line: Line,
    browser: Browser,
    dice: Dice,
    account: &'a mut Account,
    typing: Typing,
    /// Where the draft is typed that lives through all rounds.
    draft: String,
    round: u64,
}

/// Plays all rounds and keeps account of them.
pub(crate) async fn all(engine: Engine, rounds: u64, dice: Dice, account: &mut Account) {
    let backend = Backend::that_fails(&tools().bundle);
    let line = Line::to(backend.address());
    let mut bench = Bench {
        line,
        backend,
        browser: Browser::start(engine).await,
        dice,
        account,
        typing: Typing::default(),
        draft: String::new(),
        round: 0,
    };
    bench.begin().await;
    for round in 1..=rounds {
        bench.round = round;
        bench.play().await;
        if round.is_multiple_of(SETTLED_EVERY) || round == rounds {
            bench.settle().await;
        }
    }
    bench.browser.close().await;
}

impl Bench<'_> {
    fn portal(&self) -> Portal {
        let types_by_script = self.browser.engine() == Engine::WebKit;
        let origin = format!("http://{}", self.backend.address());
        Portal::new(self.browser.session().clone(), origin, types_by_script)
    }

    /// Signs in and begins the draft.
    async fn begin(&mut self) {
        let portal = self.portal();
        SignIn(&portal).open_as(SATO).await;
        portal.until_kept_for_offline().await;
        Flow(&portal)
            .until_details("Typed through all rounds")
            .await;
        portal.until_saved().await;
        self.draft = portal.path().await;
        portal.write(FIELD, "Begun. ").await;
        portal.until_saved().await;
        self.typing.text = portal.value(FIELD).await;
    }

    /// One round: look what is there, do something, be killed.
    async fn play(&mut self) {
        let (name, rules) = weather::forecast(&mut self.dice);
        self.line.script(self.dice.any(), &rules);
        let sends = self.round.is_multiple_of(SENT_EVERY);
        let time = Duration::from_millis(match sends {
            true => self.dice.below(900),
            false => 500 + self.dice.below(3_500),
        });
        let what = if sends { "sends a case" } else { "writes" };
        println!("round {}: {name}, {what} for {time:?}", self.round);
        let review = match sends {
            true => Some(self.prepare().await),
            false => None,
        };
        let portal = self.portal();
        let doing = async {
            match review {
                Some(subject) => send(&portal, self.account, &subject).await,
                None => loop {
                    let mut hand = Hand {
                        portal: &portal,
                        dice: &mut self.dice,
                        account: self.account,
                        typing: &mut self.typing,
                        folder: self.browser.folder(),
                        draft: &self.draft,
                        round: self.round,
                        types_by_script: self.browser.engine() == Engine::WebKit,
                    };
                    hand.write().await;
                },
            }
        };
        // Whatever is under way then is cut in the middle.
        let _ = tokio::time::timeout(time, doing).await;
        let killed = Instant::now();
        self.kill().await;
        self.account.round();
        self.look(killed).await;
    }

    /// Ends the browser's processes and starts it again. WebKitGTK's driver loses its session when
    /// a page's process ends, and gives every session a new storage; there only the tabs can go, at
    /// once and in the middle of whatever they do.
    async fn kill(&mut self) {
        if self.browser.engine() != Engine::WebKit {
            return self.browser.crash_and_start_again().await;
        }
        let session = self.browser.session();
        let old = session.windows().await.unwrap_or_default();
        let fresh = session.new_tab().await.expect("a tab can be opened");
        for tab in old {
            let _ = session.switch_to_window(tab).await;
            let _ = session.close_window().await;
        }
        let there = session.switch_to_window(fresh).await;
        there.expect("the new tab is there");
    }

    /// Fills in a case up to the moment of sending it.
    async fn prepare(&mut self) -> String {
        let portal = self.portal();
        let subject = format!("Sent in round {}", self.round);
        portal.open("/").await;
        SignIn(&portal).again_after_a_crash().await;
        let flow = Flow(&portal);
        flow.until_entitlement(&subject).await;
        // The one contract whose cases are never used up.
        flow.mark("Partner Support Select").await;
        flow.go_on("Prepare the fault report").await;
        flow.product("cvad", "2402-ltsr").await;
        flow.go_on("Describe the case").await;
        flow.severity("3").await;
        portal.write("#f-customer_name", "Orient Precision").await;
        flow.go_on("How can the engineer reach you?").await;
        flow.go_on("Check and send").await;
        portal.until_saved().await;
        subject
    }

    /// Compares what came back of the typing.
    async fn look(&mut self, killed: Instant) {
        let portal = self.portal();
        portal.open(&self.draft).await;
        SignIn(&portal).again_after_a_crash().await;
        portal.element(FIELD, None).await;
        let found = portal.value(FIELD).await;
        self.account.judge(&mut self.typing, &found, killed);
    }

    /// Mends the line, waits until nothing is pending, and compares with the ledger.
    async fn settle(&mut self) {
        self.line.mend();
        let portal = self.portal();
        portal.open("/pending").await;
        SignIn(&portal).again_after_a_crash().await;
        let script = "
            const empty = page().includes('Nothing is waiting');
            if (!empty) find('.page > .actions .btn-primary')?.click();
            return empty;";
        let ended = tokio::time::timeout(
            Duration::from_secs(20),
            portal.until("nothing to be pending", script, Vec::new()),
        );
        if ended.await.is_err() {
            let page = portal.text().await;
            self.account
                .fault(format!("round {}: still pending: {page}", self.round));
        }
        portal.open("/drafts").await;
        let drafts = portal.text().await;
        self.account.settle(&self.line.ledger(), &drafts);
    }
}

/// Sends a case whose answers stand on the page.
async fn send(portal: &Portal, account: &mut Account, subject: &str) {
    let deed = account.about_to("case", "", subject, "");
    Review(portal).send().await;
    let script = "return !find('form button[type=submit]') && find('h1') !== null;";
    portal.until("the next page", script, Vec::new()).await;
    account.taken(deed);
    std::future::pending::<()>().await;
}

/// Somebody who does one thing after the other.
struct Hand<'a> {
    portal: &'a Portal,
    dice: &'a mut Dice,
    account: &'a mut Account,
    typing: &'a mut Typing,
    folder: &'a std::path::Path,
    draft: &'a str,
    round: u64,
    types_by_script: bool,
}

impl Hand<'_> {
    async fn write(&mut self) {
        match self.dice.below(5) {
            0 | 1 => self.type_on().await,
            2 => self.comment().await,
            3 => self.attach().await,
            _ => self.change_tab().await,
        }
    }

    async fn at(&self, path: &str, field: &str) {
        if self.portal.path().await != path {
            self.portal.open(path).await;
        }
        self.portal.element(field, None).await;
    }

    async fn type_on(&mut self) {
        self.at(self.draft, FIELD).await;
        for _ in 0..3 + self.dice.below(12) {
            let key = self
                .dice
                .one_of(&["a", "k", "日", "本 ", "ok ", "。", "7", "x"]);
            self.typing.about_to(key);
            self.press(key).await;
            self.typing.pressed();
            // A pause for thought, at times longer than what saving waits for.
            let pause = self.dice.one_of(&[0, 0, 0, 30, 90, 200]);
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
    }

    async fn press(&self, key: &str) {
        match self.types_by_script {
            false => self.portal.add(FIELD, key).await,
            true => self.portal.paste(FIELD, &self.typing.text).await,
        }
    }

    async fn comment(&mut self) {
        let case = self.dice.one_of(&CASES);
        self.at(&format!("/cases/{case}"), "#comment-text").await;
        for _ in 0..1 + self.dice.below(3) {
            let text = format!(
                "Comment {:08x} of round {}",
                self.dice.any() as u32,
                self.round
            );
            let deed = self.account.about_to("comment", case, &text, "");
            self.portal.paste("#comment-text", &text).await;
            self.portal.button("Send the comment").await;
            self.portal.read(".timeline", Some(&text)).await;
            self.account.taken(deed);
        }
    }

    async fn attach(&mut self) {
        let case = self.dice.one_of(&CASES);
        self.at(&format!("/cases/{case}"), ".reply").await;
        let name = format!("file-{:08x}-{}.log", self.dice.any() as u32, self.round);
        let length = 1 + self.dice.below(400_000);
        let bytes: Vec<u8> = (0..length).map(|at| (at * 31 + self.round) as u8).collect();
        let path = self.folder.join(&name);
        std::fs::write(&path, &bytes).expect("the browser's folder can be written");
        let hash = Sha256::digest(&bytes);
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        let deed = self.account.about_to("attachment", case, &name, &hash);
        CasePage(self.portal).add_files(&[&path]).await;
        self.portal.read(".timeline", Some(&name)).await;
        self.account.taken(deed);
    }

    /// Goes to another tab, or opens one.
    async fn change_tab(&mut self) {
        let session = self.portal.session();
        let Ok(tabs) = session.windows().await else {
            return;
        };
        let tab = match tabs.len() {
            1 => session.new_tab().await.ok(),
            _ => Some(tabs[usize::from(self.dice.once_in(2))].clone()),
        };
        if let Some(tab) = tab {
            let _ = session.switch_to_window(tab).await;
            let case = self.dice.one_of(&CASES);
            self.portal.open(&format!("/cases/{case}")).await;
            self.portal.element("#comment-text", None).await;
        }
    }
}
