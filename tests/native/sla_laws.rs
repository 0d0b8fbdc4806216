//! What holds of clocks whatever the desk, the span and the pauses.

use casement::core::reader::read;
use casement::core::sla::calendar::{Calendar, CalendarTerms, Hours, Stretch};
use casement::core::sla::civil::{DAY, HOUR, Instant, MINUTE, date, midnight};
use casement::core::sla::clocks::{Calendars, State, clocks, select};
use casement::core::sla::duration::{Pause, Span, UNITS, Unit, due};
use casement::core::sla::explain::explain;
use casement::core::sla::history::{Event, MARKS, Mark};
use casement::core::sla::terms::{Facts, read_sla};
use proptest::prelude::*;

use crate::sla::{holidays, zone};
use crate::support::{json, tries};

/// A desk that opens for so many stretches on so many days of the week.
fn desk(name: &str, days: usize, stretches: i64) -> Calendar {
    let mut terms = CalendarTerms::default();
    for day in terms.week.iter_mut().take(days) {
        day.extend((0..stretches).map(|n| Hours {
            from: (8 + n * 5) * HOUR,
            to: (11 + n * 5) * HOUR + 30 * MINUTE,
        }));
    }
    let sets = holidays();
    let japan: Vec<_> = sets.iter().filter(|set| set.id == "JP").collect();
    Calendar::new(&terms, zone(name).expect("a zone"), &japan)
}

thread_local! {
    static DESKS: Vec<Calendar> = vec![
        desk("Asia/Tokyo", 5, 2),
        desk("America/New_York", 7, 3),
        desk("Australia/Lord_Howe", 2, 1),
        desk("Africa/Casablanca", 6, 3),
    ];
}

/// Runs `check` with one of the desks, or with a clock that never stops.
fn with_desk(index: usize, check: impl FnOnce(Option<&Calendar>)) {
    DESKS.with(|desks| check(desks.get(index)));
}

fn instants() -> impl Strategy<Value = Instant> {
    let from = midnight(date(2024, 1, 2).expect("a date"));
    (0..5 * 365 * DAY).prop_map(move |after| from + after)
}

fn spans() -> impl Strategy<Value = Span> {
    (0..UNITS.len(), 1..40_u32).prop_map(|(unit, count)| Span {
        unit: UNITS[unit].1,
        least: None,
        count: if UNITS[unit].1 == Unit::Months {
            count % 6
        } else {
            count
        },
    })
}

/// Pauses in order, by their distances from each other.
fn pauses() -> impl Strategy<Value = Vec<(i64, i64)>> {
    prop::collection::vec((0..3 * DAY, 0..2 * DAY), 0..4)
}

fn laid_out(since: Instant, pauses: &[(i64, i64)]) -> Vec<Pause> {
    let mut at = since - HOUR;
    let mut lay = |(before, length): &(i64, i64)| {
        let from = at + before;
        at = from + length;
        Pause { from, to: at }
    };
    pauses.iter().map(&mut lay).collect()
}

proptest! {
    #![proptest_config(tries(512))]

    #[test]
    fn what_is_added_is_what_is_measured(index in 0..4_usize, at in instants(), open in 0..400 * HOUR) {
        with_desk(index, |desk| {
            let desk = desk.expect("a desk");
            let end = desk.add(at, open).expect("within the holidays");
            assert_eq!(desk.between(at, end), Ok(open));
        });
    }

    #[test]
    fn more_time_is_never_due_earlier(index in 0..5_usize, at in instants(), span in spans(), pauses in pauses()) {
        with_desk(index, |desk| {
            if desk.is_none() && span.unit == Unit::EndOfDay {
                return;
            }
            let longer = Span { count: span.count + 1, ..span };
            let pauses = laid_out(at, &pauses);
            let ends = |span| due(span, desk, at, &pauses).map(|due| due.at);
            // Twice a week is more often than once, so the other way round.
            let (less, more) = match span.unit {
                Unit::TimesAWeek => (ends(longer), ends(span)),
                _ => (ends(span), ends(longer)),
            };
            let (less, more) = (less.expect("within the holidays"), more.expect("likewise"));
            assert!(at <= less && less <= more, "{at} {less} {more}");
        });
    }

    #[test]
    fn a_pause_never_brings_a_deadline_forward(index in 0..5_usize, at in instants(), span in spans(), pauses in pauses()) {
        with_desk(index, |desk| {
            let pauses = laid_out(at, &pauses);
            let ends = |count: usize| due(span, desk, at, &pauses[..count]).map(|due| due.at);
            for count in 0..pauses.len() {
                let (without, with) = match (ends(count), ends(count + 1)) {
                    // Only a clock that never stops has no end of a day, with pauses or without.
                    (Err(without), Err(with)) if without == with => continue,
                    (without, with) => (without.expect("a time"), with.expect("a time")),
                };
                assert!(without <= with, "{without} {with}");
            }
        });
    }

    #[test]
    fn the_stretches_lie_end_to_end_and_open_ones_are_the_open_time(index in 0..4_usize, at in instants(), length in 0..60 * DAY) {
        with_desk(index, |desk| {
            let desk = desk.expect("a desk");
            let stretches = desk.stretches(at, at + length).expect("within the holidays");
            end_to_end(&stretches, at, at + length);
            let open = stretches.iter().filter(|one| one.why == casement::core::sla::calendar::Why::Open);
            let open: i64 = open.map(|one| one.to - one.from).sum();
            assert_eq!(desk.between(at, at + length), Ok(open));
        });
    }

    #[test]
    fn whatever_a_history_says_there_is_a_time_or_a_reason_why_not(
        sorted in any::<bool>(), severity in 0..6_u32, now in -60_000 * DAY..2_900_000 * DAY,
        mut events in prop::collection::vec((-60_000 * DAY..2_900_000 * DAY, 0..MARKS.len(), any::<bool>()), 0..12),
        near in any::<bool>(),
    ) {
        SHIPPED.with(|(sla, calendars)| {
            let facts = Facts {
                plan: "priority".into(),
                level: "bronze".into(),
                severity: severity.to_string(),
                region: "emea".into(),
                ..Facts::default()
            };
            // Most histories are of some weeks, and begin with the case.
            let base = midnight(date(2026, 3, 1).expect("a date"));
            if near {
                for (at, ..) in &mut events {
                    *at = base + at.rem_euclid(40 * DAY);
                }
            }
            if sorted {
                events.sort_unstable();
            }
            let mut history: Vec<Event> = events
                .iter()
                .map(|(at, mark, named)| Event {
                    at: *at,
                    mark: MARKS[*mark].1,
                    of: if *named { "2".into() } else { String::new() },
                    since: named.then_some(at - DAY),
                })
                .collect();
            if let Some(first) = history.first_mut().filter(|_| near) {
                first.mark = Mark::Created;
            }
            let now = if near { base + now.rem_euclid(60 * DAY) } else { now };
            for clock in clocks(sla, calendars, &select(sla, &facts), &history, now) {
                let reason = matches!(clock.state, State::NotComputable(_) | State::AsAgreed);
                assert!(reason == clock.due.is_none() && reason == clock.left.is_none());
                assert!(clock.due.is_none_or(|due| due.at >= clock.since));
                let explained = explain(sla, calendars, &clock, &history, now);
                assert!(explained.is_ok_and(|why| !why.sentences.is_empty()));
            }
        });
    }

    #[test]
    fn the_explained_segments_are_the_total(
        severity in 1..5_u32, plan in 0..4_usize, at in instants(), pauses in pauses(), later in 0..5 * DAY
    ) {
        SHIPPED.with(|(sla, calendars)| {
            let plans = ["select", "priority", "trm", "appliance-maintenance"];
            let facts = Facts {
                plan: plans[plan].into(),
                severity: severity.to_string(),
                region: "americas".into(),
                level: "silver".into(),
                ..Facts::default()
            };
            let mut history = vec![Event::new(at, Mark::Created)];
            for pause in laid_out(at + HOUR, &pauses) {
                history.push(Event::new(pause.from, Mark::Waiting));
                history.push(Event::new(pause.to, Mark::Resumed));
            }
            let now = history.last().map_or(at, |event| event.at) + later;
            for clock in clocks(sla, calendars, &select(sla, &facts), &history, now) {
                let why = explain(sla, calendars, &clock, &history, now).expect("an explanation");
                let Some(due) = clock.due else { continue };
                end_to_end(&why.stretches, clock.since, due.at);
                let skipped: i64 = why.skipped.iter().map(|(_, length)| length).sum();
                assert_eq!(why.counted + skipped, due.at - clock.since);
                assert_eq!(why.total(), due.at - clock.since);
                let span = sla.targets[clock.target].within.expect("a span");
                let counted = match span.unit {
                    Unit::Minutes => i64::from(span.count) * MINUTE,
                    Unit::Hours => i64::from(span.count) * HOUR,
                    _ => continue,
                };
                assert_eq!(why.counted, counted);
            }
        });
    }
}

thread_local! {
    static SHIPPED: (casement::core::sla::terms::Sla, Calendars) = {
        let policy = json("public/policies/citrix.json");
        let (sla, _) = read(&policy["sla"], read_sla);
        let calendars = Calendars::new(&sla, &mut |name| zone(name), &holidays());
        (sla, calendars)
    };
}

fn end_to_end(stretches: &[Stretch], from: Instant, to: Instant) {
    let mut at = from;
    for one in stretches {
        assert!(one.from == at && one.to > one.from, "{one:?} at {at}");
        at = one.to;
    }
    assert_eq!(at, to);
}
