//! The clocks, alone in a WebAssembly module: the very sources of the portal's core, built with the
//! portal's own profile, and a few numbers in and out.
//!
//! `cargo xtask bench sla` builds it and measures it in a browser, which also supplies the zones.

// Names that a page can call are the whole purpose of this module.
#![allow(unsafe_code, dead_code)]

#[path = "../../../../src/core/mod.rs"]
pub mod core;

use std::cell::RefCell;

use crate::core::reader::read;
use crate::core::sla::calendar::{Calendar, Holidays};
use crate::core::sla::civil::{DAY, HOUR, Instant, MINUTE, date, midnight};
use crate::core::sla::clocks::{Basis, Calendars, Selection, clocks, select};
use crate::core::sla::duration::{Pause, Span, Unit, due};
use crate::core::sla::history::{Event, Mark};
use crate::core::sla::terms::{Facts, Sla, read_holidays, read_sla};
use crate::core::sla::zone::Zone;

const POLICY: &str = include_str!("../../../../public/policies/citrix.json");
const HOLIDAYS: [&str; 5] = [
    include_str!("../../../../public/calendars/JP.json"),
    include_str!("../../../../public/calendars/HK.json"),
    include_str!("../../../../public/calendars/GB-ENG.json"),
    include_str!("../../../../public/calendars/US.json"),
    include_str!("../../../../public/calendars/AU-QLD.json"),
];

/// The zones of the policy, in the order in which the page knows them.
const ZONES: [&str; 6] = [
    "Asia/Tokyo",
    "Asia/Hong_Kong",
    "Europe/London",
    "America/New_York",
    "Australia/Brisbane",
    "Etc/GMT",
];

// The page answers how many milliseconds a zone's clock is ahead of UTC.
#[cfg(target_arch = "wasm32")]
#[link(wasm_import_module = "page")]
unsafe extern "C" {
    safe fn ahead(zone: u32, at: f64) -> f64;
}

#[cfg(not(target_arch = "wasm32"))]
fn ahead(_: u32, _: f64) -> f64 {
    0.0
}

#[derive(Default)]
struct Bench {
    sla: Sla,
    zones: Vec<Zone>,
    holidays: Vec<Holidays>,
    calendars: Calendars,
    cases: Vec<(usize, Vec<Event>)>,
    selections: Vec<Selection>,
}

thread_local! {
    static BENCH: RefCell<Bench> = RefCell::default();
}

/// Numbers that look random and are the same on every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as i64 % end
    }

    /// An instant between 2024 and 2029.
    fn instant(&mut self) -> Instant {
        let first = date(2024, 2, 1).map_or(0, midnight);
        first + self.below(5 * 365 * DAY / MINUTE) * MINUTE
    }
}

/// Reads the policy and the holidays.
#[unsafe(no_mangle)]
pub extern "C" fn read_rules() {
    BENCH.with_borrow_mut(|bench| {
        let policy: serde_json::Value = serde_json::from_str(POLICY).unwrap_or_default();
        (bench.sla, _) = read(&policy["sla"], read_sla);
        let set = |text: &&str| read_holidays(&serde_json::from_str(text).unwrap_or_default()).0;
        bench.holidays = HOLIDAYS.iter().map(set).collect();
    });
}

/// Asks the page for the tables of all zones; returns how many changes they have.
#[unsafe(no_mangle)]
pub extern "C" fn probe_zones() -> u32 {
    let (from, until) = (
        date(1990, 1, 1).map_or(0, midnight),
        date(2040, 1, 1).map_or(0, midnight),
    );
    BENCH.with_borrow_mut(|bench| {
        let probe = |(index, name): (usize, &&str)| {
            let mut ahead = |at: Instant| ahead(index as u32, at as f64) as i64;
            Zone::from_probe(*name, from, until, &mut ahead)
        };
        bench.zones = ZONES.iter().enumerate().map(probe).collect();
        bench
            .zones
            .iter()
            .map(|zone| zone.changes().count() as u32)
            .sum()
    })
}

/// Builds all calendars; returns how many are ready.
#[unsafe(no_mangle)]
pub extern "C" fn build_calendars() -> u32 {
    BENCH.with_borrow_mut(|bench| {
        let mut zone = |name: &str| bench.zones.iter().find(|zone| zone.name == name).cloned();
        bench.calendars = Calendars::new(&bench.sla, &mut zone, &bench.holidays);
        let ready = |index: &usize| bench.calendars.of(Basis::Calendar(*index)).is_ok();
        (0..bench.sla.calendars.len()).filter(ready).count() as u32
    })
}

/// Computes so many deadlines on the policy's calendars in turn, each with a pause or without;
/// returns their sum, so that nothing can be left out.
#[unsafe(no_mangle)]
pub extern "C" fn deadlines(count: u32, pauses: u32) -> f64 {
    BENCH.with_borrow(|bench| {
        let all = (0..bench.sla.calendars.len()).map(Basis::Calendar);
        let calendars: Vec<&Calendar> = all
            .filter_map(|basis| bench.calendars.of(basis).ok().flatten())
            .collect();
        let mut dice = Dice(20_261_120);
        let mut sum = 0_i64;
        for index in 0..count as usize {
            let since = dice.instant();
            let span = Span {
                unit: Unit::Minutes,
                least: None,
                count: 10 + dice.below(2400) as u32,
            };
            let from = since + dice.below(24 * 60) * MINUTE;
            let pause = [Pause {
                from,
                to: from + dice.below(48 * 60) * MINUTE,
            }];
            let pauses = if pauses > 0 { &pause[..] } else { &[] };
            let calendar = calendars.get(index % calendars.len().max(1)).copied();
            sum += due(span, calendar, since, pauses).map_or(0, |due| due.at % DAY);
        }
        sum as f64
    })
}

/// Makes so many cases of sixteen kinds, answered or not, waiting or not, some closed.
#[unsafe(no_mangle)]
pub extern "C" fn make_cases(count: u32) {
    BENCH.with_borrow_mut(|bench| {
        let mut dice = Dice(42);
        let of = |plan: &str, severity: u32, region: &str| Facts {
            plan: plan.into(),
            severity: severity.to_string(),
            region: region.into(),
            language: "en".into(),
            ..Facts::default()
        };
        bench.selections.clear();
        for (plan, region) in [
            ("select", "japan"),
            ("priority", "americas"),
            ("priority_plus", "emea"),
            ("select", "apac"),
        ] {
            for severity in 1..5 {
                let facts = of(plan, severity, region);
                bench.selections.push(select(&bench.sla, &facts));
            }
        }
        bench.cases = (0..count as usize)
            .map(|index| (index % 16, history(&mut dice)))
            .collect();
    });
}

fn history(dice: &mut Dice) -> Vec<Event> {
    let mut at = dice.instant();
    let mut history = vec![Event::new(at, Mark::Created)];
    let mut then = |dice: &mut Dice, mark| {
        at += MINUTE + dice.below(20 * HOUR / MINUTE) * MINUTE;
        history.push(Event::new(at, mark));
    };
    let length = dice.below(10);
    if length > 2 {
        then(dice, Mark::Answered);
    }
    if length > 4 {
        then(dice, Mark::Waiting);
        then(dice, Mark::Resumed);
        then(dice, Mark::Updated);
    }
    match length {
        6 => then(dice, Mark::Waiting),
        8 | 9 => then(dice, Mark::Closed),
        _ => {}
    }
    history
}

/// Computes all clocks of all cases at their own last day; returns how many there are.
#[unsafe(no_mangle)]
pub extern "C" fn all_clocks() -> u32 {
    BENCH.with_borrow(|bench| {
        let mut sum = 0;
        for (kind, history) in &bench.cases {
            let now = history.last().map_or(0, |event| event.at) + HOUR;
            let selection = &bench.selections[*kind];
            let list = clocks(&bench.sla, &bench.calendars, selection, history, now);
            sum += list.len() as u32;
        }
        sum
    })
}
