//! What was done, and what became of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::{Duration, Instant};

use serde_json::Value;

/// What may be lost: the last half second before a kill.
const YOUNG: Duration = Duration::from_millis(500);

/// Something that was handed over, or was about to be when the browser was killed.
#[derive(Debug)]
struct Deed {
    kind: Kind,
    /// The case's id, or `about:` and its subject where it was still to be made.
    case: String,
    /// What it is recognised by: a comment's or a report's text, a file's name, a case's subject.
    name: String,
    /// A file's hash.
    hash: String,
    /// Whether the portal had taken it. Until then it may be lost as typing may.
    taken: bool,
}

/// What can be handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A new case.
    Case,
    /// A comment.
    Comment,
    /// A file.
    File,
    /// A change of a case that exists.
    Edit,
}

const KINDS: [(Kind, &str); 4] = [
    (Kind::Case, "cases"),
    (Kind::Comment, "comments"),
    (Kind::File, "files"),
    (Kind::Edit, "edits"),
];

/// The text of one field as it was typed.
#[derive(Debug, Default)]
pub(crate) struct Typing {
    /// Everything that was typed.
    pub(crate) text: String,
    /// When keystrokes had been made, each with where the text ended then.
    made: Vec<(Instant, usize)>,
}

impl Typing {
    /// Keys are about to be pressed.
    pub(crate) fn about_to(&mut self, keys: &str) {
        self.text.push_str(keys);
    }

    /// They were pressed.
    pub(crate) fn pressed(&mut self) {
        self.made.push((Instant::now(), self.text.len()));
    }
}

/// Words that occur once each, as they were typed in several tabs.
#[derive(Debug, Default)]
pub(crate) struct Words(Vec<(Instant, String)>);

impl Words {
    /// A word was typed.
    pub(crate) fn typed(&mut self, word: String) {
        self.0.push((Instant::now(), word));
    }
}

/// Where the time goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Signing in with a fresh profile, and preparing what is sent.
    Preparing,
    /// Working until the kill.
    Working,
    /// Killing the browser and starting it again.
    Starting,
    /// Looking what came back.
    Looking,
    /// Waiting until nothing is pending, and comparing with the ledger.
    Settling,
}

const PARTS: [(Part, &str); 5] = [
    (Part::Preparing, "preparing"),
    (Part::Working, "working"),
    (Part::Starting, "starting the browser"),
    (Part::Looking, "looking"),
    (Part::Settling, "settling"),
];

/// The whole account.
#[derive(Debug, Default)]
pub(crate) struct Account {
    /// What the round is, for whatever goes wrong in it.
    pub(crate) round: String,
    /// How many rounds were played to their end.
    pub(crate) rounds: u64,
    kills: u64,
    keystrokes: usize,
    /// Keystrokes that did not come back, by their age at the kill: below 100 ms, 200 ms …
    lost_by_age: [usize; 5],
    lost_older: usize,
    oldest_lost: Duration,
    deeds: Vec<Deed>,
    /// What was ever about to be handed over to the backend of these rounds.
    known: BTreeSet<String>,
    counts: [Count; 4],
    times: [Duration; 5],
    faults: Vec<String>,
}

/// What became of the deeds of one kind.
#[derive(Debug, Default, Clone, Copy)]
struct Count {
    taken: usize,
    arrived: usize,
    lost: usize,
    duplicate: usize,
    disordered: usize,
}

impl Account {
    /// The browser was killed.
    pub(crate) fn killed(&mut self) {
        self.kills += 1;
    }

    /// A part has taken the time since it began.
    pub(crate) fn spent(&mut self, part: Part, since: Instant) {
        let place = PARTS.iter().position(|(one, _)| *one == part);
        self.times[place.unwrap_or_default()] += since.elapsed();
    }

    /// From here on everything is fresh: browser, backend, and what was handed over.
    pub(crate) fn begin_anew(&mut self) {
        self.deeds.clear();
        self.known.clear();
    }

    /// Something is about to be handed over; it is named when the portal has taken it.
    pub(crate) fn about_to(&mut self, kind: Kind, case: &str, name: &str, hash: &str) -> usize {
        self.known.insert(name.to_string());
        self.deeds.push(Deed {
            kind,
            case: case.to_string(),
            name: name.to_string(),
            hash: hash.to_string(),
            taken: false,
        });
        self.deeds.len() - 1
    }

    /// The portal has taken it: from now on it may not be lost.
    pub(crate) fn taken(&mut self, deed: usize) {
        self.deeds[deed].taken = true;
    }

    /// Something that is wrong.
    pub(crate) fn fault(&mut self, what: &str) {
        let what = format!("{}: {what}", self.round);
        println!("  ✗ {what}");
        self.faults.push(what);
    }

    /// How many things are wrong.
    pub(crate) fn faults(&self) -> usize {
        self.faults.len()
    }

    /// Compares what came back of a text with what was typed until a kill. What was lost then will
    /// never come, so the typing goes on from what is there.
    pub(crate) fn judge(&mut self, typing: &mut Typing, found: &str, killed: Instant) {
        if !typing.text.starts_with(found) {
            let (typed, found) = (tail(&typing.text), tail(found));
            self.fault(&format!(
                "other words came back: typed {typed:?}, found {found:?}"
            ));
        }
        let made = std::mem::take(&mut typing.made);
        self.keystrokes += made.len();
        let lost = made.into_iter().filter(|(_, end)| *end > found.len());
        self.lose(lost.map(|(at, _)| at).collect(), killed);
        typing.text = found.to_string();
    }

    /// Compares words that were typed in several tabs with everything that the device keeps.
    pub(crate) fn judge_words(&mut self, words: Words, kept: &str, killed: Instant) {
        self.keystrokes += words.0.len();
        let lost = words.0.into_iter().filter(|(_, word)| !kept.contains(word));
        self.lose(lost.map(|(at, _)| at).collect(), killed);
    }

    fn lose(&mut self, lost: Vec<Instant>, killed: Instant) {
        let mut oldest = Duration::ZERO;
        for at in lost {
            let age = killed.saturating_duration_since(at);
            let place = usize::try_from(age.as_millis() / 100).unwrap_or(4).min(4);
            self.lost_by_age[place] += usize::from(age <= YOUNG);
            self.lost_older += usize::from(age > YOUNG);
            oldest = oldest.max(age);
        }
        self.oldest_lost = self.oldest_lost.max(oldest);
        if oldest > YOUNG {
            self.fault(&format!(
                "a keystroke was lost {} ms after it was made",
                oldest.as_millis()
            ));
        }
    }

    /// Compares everything since the last time with the backend's ledger and with the descriptions
    /// of the cases. `kept` is what can still be seen on the device, where nothing is lost.
    pub(crate) fn settle(
        &mut self,
        ledger: &Value,
        descriptions: &BTreeMap<String, String>,
        kept: &str,
    ) {
        let deeds = std::mem::take(&mut self.deeds);
        for deed in &deeds {
            let found = match deed.kind {
                Kind::Edit => descriptions
                    .get(&deed.case)
                    .map_or(0, |text| text.matches(&deed.name).count()),
                _ => records(ledger, deed.kind)
                    .filter(|record| record[field(deed.kind)] == deed.name.as_str())
                    .count(),
            };
            let count = self.count(deed.kind);
            count.taken += usize::from(deed.taken);
            count.arrived += usize::from(found > 0);
            if found > 1 {
                count.duplicate += found - 1;
                self.fault(&format!("arrived {found} times: {}", shown(deed)));
            } else if found == 0 && deed.taken && !kept.contains(&deed.name) {
                count.lost += 1;
                self.fault(&format!("was lost: {}", shown(deed)));
            }
        }
        self.order(ledger, &deeds);
        self.bytes(ledger, &deeds);
        self.strangers(ledger);
    }

    fn count(&mut self, kind: Kind) -> &mut Count {
        let place = KINDS.iter().position(|(one, _)| *one == kind);
        &mut self.counts[place.unwrap_or_default()]
    }

    /// Comments of a case arrive in the order in which they were handed over.
    fn order(&mut self, ledger: &Value, deeds: &[Deed]) {
        let mut arrived: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for record in records(ledger, Kind::Comment) {
            let (case, body) = (record["case_id"].as_str(), record["body"].as_str());
            let of_case = arrived.entry(case.unwrap_or_default()).or_default();
            of_case.push(body.unwrap_or_default());
        }
        for bodies in arrived.values() {
            let place = |deed: &Deed| bodies.iter().position(|body| *body == deed.name);
            let comments = deeds.iter().filter(|deed| deed.kind == Kind::Comment);
            let places: Vec<_> = comments
                .filter_map(|deed| Some((place(deed)?, deed)))
                .collect();
            for pair in places.windows(2).filter(|pair| pair[0].0 > pair[1].0) {
                self.count(Kind::Comment).disordered += 1;
                let (late, early) = (shown(pair[0].1), shown(pair[1].1));
                self.fault(&format!("“{early}” arrived before “{late}”"));
            }
        }
    }

    fn bytes(&mut self, ledger: &Value, deeds: &[Deed]) {
        for deed in deeds.iter().filter(|deed| deed.kind == Kind::File) {
            let other = |file: &Value| {
                file["name"] == deed.name.as_str() && file["sha256"] != deed.hash.as_str()
            };
            if records(ledger, Kind::File).any(other) {
                self.count(Kind::File).lost += 1;
                self.fault(&format!("arrived with other bytes: {}", shown(deed)));
            }
        }
    }

    /// What arrived is what was handed over, word by word.
    fn strangers(&mut self, ledger: &Value) {
        for kind in [Kind::Case, Kind::Comment, Kind::File] {
            let name = |record: &Value| record[field(kind)].as_str().map(String::from);
            let strange: Vec<String> = records(ledger, kind)
                .filter_map(name)
                .filter(|name| !self.known.contains(name))
                .collect();
            for name in strange {
                self.fault(&format!("arrived and was never handed over: {name:?}"));
                self.known.insert(name);
            }
        }
    }

    /// What has arrived so far, in a line.
    pub(crate) fn in_short(&self) -> String {
        let of_kind =
            |((_, name), count): (&(Kind, &str), &Count)| format!("{} {name}", count.arrived);
        let all: Vec<String> = KINDS.iter().zip(&self.counts).map(of_kind).collect();
        format!("{}; {} faults", all.join(", "), self.faults.len())
    }

    /// Whether nothing went wrong.
    pub(crate) fn is_clean(&self) -> bool {
        self.faults.is_empty()
    }
}

fn records(ledger: &Value, kind: Kind) -> impl Iterator<Item = &Value> {
    let name = match kind {
        Kind::Case | Kind::Edit => "case",
        Kind::Comment => "comment",
        Kind::File => "attachment",
    };
    ledger[name].as_array().into_iter().flatten()
}

/// What a record is recognised by.
fn field(kind: Kind) -> &'static str {
    match kind {
        Kind::Case | Kind::Edit => "subject",
        Kind::Comment => "body",
        Kind::File => "name",
    }
}

fn shown(deed: &Deed) -> String {
    format!("{:?} {:?} on {}", deed.kind, deed.name, deed.case)
}

fn tail(text: &str) -> &str {
    let from = text.len().saturating_sub(120);
    let from = (from..text.len()).find(|at| text.is_char_boundary(*at));
    &text[from.unwrap_or_default()..]
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lost: usize = self.lost_by_age.iter().sum();
        writeln!(
            f,
            "{} rounds, {} kills; {} keystrokes: {} lost older than 500 ms, {lost} younger \
             (below 100, 200, 300, 400, 500 ms: {:?}), the oldest {} ms",
            self.rounds,
            self.kills,
            self.keystrokes,
            self.lost_older,
            self.lost_by_age,
            self.oldest_lost.as_millis(),
        )?;
        for ((_, name), count) in KINDS.iter().zip(self.counts) {
            writeln!(
                f,
                "{name:<8} {:>5} handed over, {:>5} arrived, {} lost, {} duplicate, {} out of order",
                count.taken, count.arrived, count.lost, count.duplicate, count.disordered
            )?;
        }
        let rounds = u32::try_from(self.rounds.max(1)).unwrap_or(u32::MAX);
        let of_part = |((_, name), time): (&(Part, &str), &Duration)| {
            format!("{name} {:.2} s", (*time / rounds).as_secs_f64())
        };
        let times: Vec<String> = PARTS.iter().zip(&self.times).map(of_part).collect();
        writeln!(f, "a round: {}", times.join(", "))?;
        match self.is_clean() {
            true => write!(f, "nothing lost, nothing twice, nothing out of order"),
            false => write!(
                f,
                "{} faults:\n{}",
                self.faults.len(),
                self.faults.join("\n")
            ),
        }
    }
}
