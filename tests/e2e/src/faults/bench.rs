//! What lives through the rounds, and what happens in each: somebody works, the browser is killed,
//! and it is looked what came back.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use casement_e2e::backend::{Api, Backend};
use casement_e2e::browser::Browser;
use casement_e2e::environment::tools;
use casement_e2e::line::Line;
use casement_e2e::pages::{Flow, SignIn, sign_in::SATO};
use casement_e2e::{Engine, Portal};
use serde_json::{Value, json};

use crate::account::{Account, Kind, Part, Typing, Words};
use crate::dice::Dice;
use crate::hand::{Hand, prepare_case};
use crate::hands::{Step, does};
use crate::weather;

/// The field that is typed into, round after round.
pub(crate) const FIELD: &str = "#f-description";
/// Cases of the example account whose descriptions hold no report yet.
const WITHOUT_REPORT: [&str; 4] = [
    "case-80999748",
    "case-80999733",
    "case-80999566",
    "case-80999385",
];
/// So many rounds after each other the account is settled.
const SETTLED_EVERY: u64 = 8;
/// A text that has grown longer is begun anew.
const LONGEST: usize = 4_000;
/// When it is given up that something is still pending on a line that is mended.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a round is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    /// One thing after the other, in the tabs that there are.
    Everything,
    /// A case is sent, and what belongs to it.
    Case,
    /// One draft is written in two tabs: the same answer, or another one.
    TwoTabs { same: bool },
}

/// What is known of a round before it begins.
#[derive(Debug)]
struct Plan {
    weather: &'static str,
    rules: Value,
    about: About,
    time: Duration,
    /// A kill while the page comes back, after so many milliseconds.
    again: Option<u64>,
    /// Whether somebody else changes a case first.
    theirs: bool,
}

impl Plan {
    fn of(dice: &mut Dice) -> Plan {
        let (weather, rules) = weather::forecast(dice);
        let about = match dice.below(10) {
            0 | 1 => About::Case,
            2 => About::TwoTabs { same: true },
            3 => About::TwoTabs { same: false },
            _ => About::Everything,
        };
        let time = match about {
            About::Everything => 200 + dice.below(2_000),
            About::Case => dice.below(1_500),
            About::TwoTabs { .. } => 900 + dice.below(1_500),
        };
        Plan {
            weather,
            rules,
            about,
            time: Duration::from_millis(time),
            again: dice.once_in(12).then(|| dice.below(600)),
            theirs: dice.once_in(5),
        }
    }
}

impl std::fmt::Display for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let about = match self.about {
            About::Everything => "everything",
            About::Case => "a new case",
            About::TwoTabs { same: true } => "one answer in two tabs",
            About::TwoTabs { same: false } => "one draft in two tabs",
        };
        write!(f, "{}, {about} for {:?}", self.weather, self.time)
    }
}

/// What lives through the rounds of one profile.
pub(crate) struct Bench<'a> {
    backend: Backend,
    api: Api,
    line: Line,
    browser: Browser,
    pub(crate) account: &'a mut Account,
    typing: Typing,
    /// Where the draft is typed that lives through all rounds.
    draft: String,
    /// What can still be changed once each.
    without_report: Vec<&'static str>,
    seed: u64,
}

/// Plays rounds with a fresh profile and a fresh backend, and calls back after each that was
/// settled. An error is what keeps them from going on.
pub(crate) async fn rounds(
    engine: Engine,
    seed: u64,
    rounds: std::ops::RangeInclusive<u64>,
    account: &mut Account,
    settled: &mut dyn FnMut(u64, &Account),
) -> Result<(), String> {
    account.begin_anew();
    account.round = format!("before round {}", rounds.start());
    let backend = Backend::that_fails(&tools().bundle);
    let mut bench = Bench {
        line: Line::to(backend.address()),
        api: backend.api(SATO).await,
        backend,
        browser: Browser::start_lasting(engine).await,
        account,
        typing: Typing::default(),
        draft: String::new(),
        without_report: WITHOUT_REPORT.to_vec(),
        seed,
    };
    if !bench.browser.is_lasting() {
        println!(
            "  this browser can't keep its storage here: its tabs are closed in the place of kills"
        );
    }
    bench.begin().await?;
    let last = *rounds.end();
    for round in rounds {
        bench.play(round).await?;
        if round.is_multiple_of(SETTLED_EVERY) || round == last {
            bench.settle().await?;
            settled(round, bench.account);
        }
    }
    bench.browser.close().await;
    Ok(())
}

impl Bench<'_> {
    fn portal(&self) -> Portal {
        let types_by_script = self.browser.engine() == Engine::WebKit;
        let origin = format!("http://{}", self.backend.address());
        Portal::new(self.browser.session().clone(), origin, types_by_script)
    }

    /// Signs in and begins the draft.
    async fn begin(&mut self) -> Result<(), String> {
        let since = Instant::now();
        let portal = self.portal();
        SignIn(&portal).open_as(SATO).await;
        portal.until_kept_for_offline().await;
        Flow(&portal)
            .until_details("Typed through all rounds")
            .await;
        portal.until_saved().await;
        let steps = [Step::Write(FIELD, "Begun. "), Step::Saved];
        let page = does(&portal, &steps).await?;
        self.draft = page.path;
        self.typing.text = page.text.unwrap_or_default();
        self.account.spent(Part::Preparing, since);
        Ok(())
    }

    /// One round: do something, be killed, look what is there.
    async fn play(&mut self, round: u64) -> Result<(), String> {
        let mut dice = Dice::of(self.seed, round);
        let plan = Plan::of(&mut dice);
        self.account.round = format!("round {round} ({plan})");
        self.line.mend();
        let since = Instant::now();
        if plan.theirs {
            self.change_as_somebody_else(round).await;
        }
        let portal = self.portal();
        let folder = self.browser.folder().to_owned();
        let mut hand = Hand {
            portal: &portal,
            dice: &mut dice,
            account: self.account,
            typing: &mut self.typing,
            words: Words::default(),
            without_report: &mut self.without_report,
            folder: &folder,
            draft: &self.draft,
            round,
            types_by_script: self.browser.engine() == Engine::WebKit,
        };
        let prepared = match plan.about {
            About::Case => Some(prepare_case(&mut hand).await?),
            _ => None,
        };
        hand.account.spent(Part::Preparing, since);
        self.line.script(hand.dice.any(), &plan.rules);
        let since = Instant::now();
        let doing = async {
            match (plan.about, prepared) {
                (About::TwoTabs { same }, _) => hand.write_in_two_tabs(same).await,
                (_, Some(case)) => hand.send(case).await,
                (_, None) => hand.do_everything().await,
            }
        };
        // Whatever is under way then is cut in the middle.
        let ended = tokio::time::timeout(plan.time, doing).await;
        let (words, killed) = (hand.words, Instant::now());
        if let Ok(Err(problem)) = ended {
            self.account.fault(&problem);
        }
        self.account.spent(Part::Working, since);
        self.kill().await;
        if let Some(after) = plan.again {
            let portal = self.portal();
            let coming = portal.open(&self.draft);
            let _ = tokio::time::timeout(Duration::from_millis(after), coming).await;
            self.kill().await;
        }
        self.look(plan.about, words, killed).await?;
        self.account.rounds += 1;
        Ok(())
    }

    /// Somebody else changes the case that is changed here next.
    async fn change_as_somebody_else(&mut self, round: u64) {
        let Some(case) = self.without_report.last() else {
            return;
        };
        let path = format!("/cases/{case}");
        let now = self.api.get(&path).await;
        let text = |name: &str| now[name].as_str().unwrap_or_default();
        let name = format!("Written by somebody else in round {round}.");
        let theirs = format!("{}\n{name}", text("description"));
        let deed = self.account.about_to(Kind::Edit, case, &name, "");
        let change = json!({ "description": theirs });
        self.api.edit(&path, text("version"), change).await;
        self.account.taken(deed);
    }

    /// Ends the browser's processes and starts it again with the same profile.
    async fn kill(&mut self) {
        let since = Instant::now();
        self.account.killed();
        match self.browser.is_lasting() {
            true => self.browser.crash_and_start_again().await,
            false => self.close_the_tabs().await,
        }
        self.account.spent(Part::Starting, since);
    }

    /// Where a browser would not find its storage again, only its tabs can go, at once and in the
    /// middle of whatever they do.
    async fn close_the_tabs(&mut self) {
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

    /// Compares what came back of the typing.
    async fn look(&mut self, about: About, words: Words, killed: Instant) -> Result<(), String> {
        let since = Instant::now();
        let portal = self.portal();
        let address = format!("http://{}{}", self.backend.address(), self.draft);
        let arrived = portal.session().goto(&address).await;
        arrived.map_err(|error| format!("{} does not come: {error}", self.draft))?;
        portal
            .until("the portal", "return root !== null;", Vec::new())
            .await;
        let steps = [Step::See(FIELD, None), Step::Session];
        let page = does(&portal, &steps).await?;
        let found = page.text.unwrap_or_default();
        match about {
            About::TwoTabs { .. } => {
                let kept = portal.eval_later(DRAFTS).await;
                let kept = kept.as_str().unwrap_or_default();
                self.account.judge_words(words, kept, killed);
                self.typing = Typing::default();
                self.typing.text = found;
            }
            _ => self.account.judge(&mut self.typing, &found, killed),
        }
        if self.typing.text.len() > LONGEST {
            let steps = [Step::Write(FIELD, "Begun again. "), Step::Saved];
            self.typing.text = does(&portal, &steps).await?.text.unwrap_or_default();
        }
        self.account.spent(Part::Looking, since);
        Ok(())
    }

    /// Mends the line, waits until nothing is pending, and compares with the ledger.
    async fn settle(&mut self) -> Result<(), String> {
        let since = Instant::now();
        self.line.mend();
        let portal = self.portal();
        let ended = tokio::time::timeout(PATIENCE, self.until_nothing_is_pending(&portal)).await;
        let pending = match ended {
            Ok(ended) => {
                ended?;
                None
            }
            Err(_) => Some(portal.text().await),
        };
        does(
            &portal,
            &[Step::Go("/drafts"), Step::See("h1", Some("Drafts"))],
        )
        .await?;
        let mut kept = portal.text().await;
        if let Some(pending) = &pending {
            kept.push_str(pending);
        }
        let descriptions = self.descriptions().await;
        let ledger = self.line.ledger();
        self.account.settle(&ledger, &descriptions, &kept);
        self.account.spent(Part::Settling, since);
        match pending {
            Some(pending) => Err(format!("still pending on a line that works: {pending}")),
            None => Ok(()),
        }
    }

    /// Does what a person does about what is pending: has it tried now, and settles what met another
    /// change.
    async fn until_nothing_is_pending(&self, portal: &Portal) -> Result<(), String> {
        does(
            portal,
            &[Step::Go("/pending"), Step::See("h1", Some("Pending"))],
        )
        .await?;
        loop {
            let found = portal.attempt(PENDING, Vec::new()).await?;
            match found.as_str() {
                Some("nothing") => return Ok(()),
                Some("conflict") => settle_conflict(portal).await?,
                _ => tokio::time::sleep(Duration::from_millis(150)).await,
            }
        }
    }

    async fn descriptions(&self) -> BTreeMap<String, String> {
        let all = self.api.get("/cases?limit=500").await;
        let cases = all["items"].as_array().cloned().unwrap_or_default();
        let text = |case: &Value, name: &str| case[name].as_str().unwrap_or_default().to_string();
        cases
            .iter()
            .map(|case| (text(case, "id"), text(case, "description")))
            .collect()
    }
}

/// Takes a text of both where both changed it, and sends that.
async fn settle_conflict(portal: &Portal) -> Result<(), String> {
    does(
        portal,
        &[
            Step::Press("a", Some("Choose what to keep")),
            Step::Leave("/pending"),
        ],
    )
    .await?;
    portal.attempt(CONFLICT, Vec::new()).await?;
    does(
        portal,
        &[Step::Go("/pending"), Step::See("h1", Some("Pending"))],
    )
    .await?;
    Ok(())
}

const PENDING: &str = r"
if (page().includes('Nothing is waiting')) return 'nothing';
if (find('a', 'Choose what to keep')) return 'conflict';
find('.page > .actions .btn-primary')?.click();
return 'something';
";

/// What is to be done on the page of a conflict, until it is done or has to be looked at again.
const CONFLICT: &str = r"
const end = Date.now() + 8000;
while (location.pathname.startsWith('/pending/') && Date.now() < end) {
  if (page().includes('There is nothing left to choose')) return;
  const both = find('label.choice', 'Write a text of both');
  if (both && !both.querySelector('input').checked) both.querySelector('input').click();
  await new Promise((go) => setTimeout(go, 100));
  (find('button', 'Send this') ?? find('button', 'Look for news'))?.click();
}
";

/// All drafts as they are kept.
const DRAFTS: &str = r"
const found = [];
for (const { name } of await indexedDB.databases()) {
  if (!name.startsWith('casement-')) continue;
  const database = await new Promise((resolve, reject) => {
    const request = indexedDB.open(name);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  if (database.objectStoreNames.contains('drafts')) {
    const every = database.transaction('drafts').objectStore('drafts').getAll();
    found.push(await new Promise((resolve) => {
      every.onsuccess = () => resolve(JSON.stringify(every.result));
    }));
  }
  database.close();
}
return found.join('\n');
";
