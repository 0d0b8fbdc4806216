//! What was done, and what became of it.

use std::fmt;
use std::time::{Duration, Instant};

use serde_json::Value;

/// What may be lost: the last half second before a kill.
const YOUNG: Duration = Duration::from_millis(500);

/// Something that was handed over, or was about to be when the browser was killed.
#[derive(Debug)]
pub(crate) struct Deed {
    kind: &'static str,
    case: String,
    /// What it is recognised by: a comment's text, a file's name, a case's subject.
    name: String,
    /// A file's hash.
    hash: String,
    /// Whether the portal had taken it. Until then it may be lost as typing may.
    taken: bool,
}

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

/// The whole account.
#[derive(Debug, Default)]
pub(crate) struct Account {
    rounds: u64,
    keystrokes: usize,
    /// Keystrokes that did not come back, by their age at the kill: below 100 ms, 200 ms …
    lost_by_age: [usize; 5],
    oldest_lost: Duration,
    deeds: Vec<Deed>,
    /// How many deeds were compared with the ledger.
    settled: usize,
    counts: [Count; 3],
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

const KINDS: [&str; 3] = ["case", "comment", "attachment"];

impl Account {
    /// A round has ended.
    pub(crate) fn round(&mut self) {
        self.rounds += 1;
    }

    /// Something is about to be handed over; it is named when the portal has taken it.
    pub(crate) fn about_to(
        &mut self,
        kind: &'static str,
        case: &str,
        name: &str,
        hash: &str,
    ) -> usize {
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
    pub(crate) fn fault(&mut self, what: String) {
        println!("  ✗ {what}");
        self.faults.push(what);
    }

    /// Compares what came back of a text with what was typed until a kill. What was lost then will
    /// never come, so the typing goes on from what is there.
    pub(crate) fn judge(&mut self, typing: &mut Typing, found: &str, killed: Instant) {
        self.keystrokes += typing.made.len();
        if !typing.text.starts_with(found) {
            let what = format!("typed {:?}, found {found:?}", tail(&typing.text),);
            self.fault(format!(
                "round {}: other words came back: {what}",
                self.rounds
            ));
        }
        let lost = typing.made.iter().filter(|(_, end)| *end > found.len());
        for (at, _) in lost {
            let age = killed.saturating_duration_since(*at);
            let place = usize::try_from(age.as_millis() / 100).unwrap_or(4).min(4);
            self.lost_by_age[place] += usize::from(age <= YOUNG);
            self.oldest_lost = self.oldest_lost.max(age);
            if age > YOUNG {
                let what = format!("a keystroke was lost {age:?} after it was made");
                self.faults.push(format!("round {}: {what}", self.rounds));
            }
        }
        if self.oldest_lost > YOUNG {
            println!(
                "  ✗ round {}: lost keystrokes up to {:?} old",
                self.rounds, self.oldest_lost
            );
        }
        typing.text = found.to_string();
        typing.made.clear();
    }

    /// Compares everything since the last time with the backend's ledger. `kept` says whether
    /// something that never arrived is still to be seen on the device.
    pub(crate) fn settle(&mut self, ledger: &Value, kept: &str) {
        let deeds = std::mem::take(&mut self.deeds);
        self.settled += deeds.len();
        for deed in &deeds {
            let found = found(ledger, deed);
            let kind = KINDS.iter().position(|kind| *kind == deed.kind);
            let count = &mut self.counts[kind.unwrap_or_default()];
            count.taken += usize::from(deed.taken);
            count.arrived += usize::from(found > 0);
            if found > 1 {
                count.duplicate += found - 1;
                self.fault(format!(
                    "{} arrived {found} times: {}",
                    deed.kind, deed.name
                ));
            } else if found == 0 && deed.taken && !kept.contains(&deed.name) {
                count.lost += 1;
                self.fault(format!(
                    "{} was lost: {} on {}",
                    deed.kind, deed.name, deed.case
                ));
            }
        }
        self.order(ledger, &deeds);
        for wrong in wrong_bytes(ledger, &deeds) {
            self.counts[2].lost += 1;
            self.fault(format!("{wrong} arrived with other bytes"));
        }
    }

    /// Comments of a case arrive in the order in which they were handed over.
    fn order(&mut self, ledger: &Value, deeds: &[Deed]) {
        let mut cases: Vec<&str> = deeds.iter().map(|deed| deed.case.as_str()).collect();
        cases.sort_unstable();
        cases.dedup();
        for case in cases {
            let arrived: Vec<&str> = records(ledger, "comment")
                .iter()
                .filter(|record| record["case_id"] == case)
                .filter_map(|record| record["body"].as_str())
                .collect();
            let place = |deed: &Deed| arrived.iter().position(|body| *body == deed.name);
            let places: Vec<(usize, &str)> = deeds
                .iter()
                .filter(|deed| deed.kind == "comment" && deed.case == case)
                .filter_map(|deed| Some((place(deed)?, deed.name.as_str())))
                .collect();
            for pair in places.windows(2).filter(|pair| pair[0].0 > pair[1].0) {
                self.counts[1].disordered += 1;
                self.fault(format!("“{}” arrived before “{}”", pair[1].1, pair[0].1));
            }
        }
    }

    /// Whether nothing went wrong.
    pub(crate) fn is_clean(&self) -> bool {
        self.faults.is_empty()
    }
}

fn records<'a>(ledger: &'a Value, kind: &str) -> &'a [Value] {
    ledger[kind].as_array().map_or(&[], Vec::as_slice)
}

fn found(ledger: &Value, deed: &Deed) -> usize {
    let field = match deed.kind {
        "case" => "subject",
        "comment" => "body",
        _ => "name",
    };
    let same = |record: &&Value| record[field] == deed.name.as_str();
    records(ledger, deed.kind).iter().filter(same).count()
}

fn wrong_bytes(ledger: &Value, deeds: &[Deed]) -> Vec<String> {
    let files = deeds.iter().filter(|deed| deed.kind == "attachment");
    let wrong = files.filter(|deed| {
        records(ledger, "attachment")
            .iter()
            .any(|file| file["name"] == deed.name.as_str() && file["sha256"] != deed.hash.as_str())
    });
    wrong.map(|deed| deed.name.clone()).collect()
}

fn tail(text: &str) -> &str {
    let from = text.len().saturating_sub(120);
    text.get(from..).unwrap_or(text)
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lost: usize = self.lost_by_age.iter().sum();
        let older = self
            .faults
            .iter()
            .filter(|what| what.contains("a keystroke was lost"));
        writeln!(
            f,
            "{} kills; {} groups of keystrokes: {} lost older than 500 ms, {lost} younger \
             (below 100, 200, 300, 400, 500 ms: {:?}), the oldest {} ms",
            self.rounds,
            self.keystrokes,
            older.count(),
            self.lost_by_age,
            self.oldest_lost.as_millis(),
        )?;
        for (kind, count) in KINDS.iter().zip(self.counts) {
            writeln!(
                f,
                "{kind:<10} {:>4} handed over, {:>4} arrived, {} lost, {} duplicate, {} out of order",
                count.taken, count.arrived, count.lost, count.duplicate, count.disordered
            )?;
        }
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
