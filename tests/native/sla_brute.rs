//! Clocks against a walk minute by minute, which knows nothing of tables, sums or searches: it asks
//! the system's database what the clock on the wall shows and looks up whether the desk is open.

use casement::core::reader::read;
use casement::core::sla::calendar::{Calendar, CalendarTerms, Holidays, Hours, Special};
use casement::core::sla::civil::{DAY, Instant, MINUTE, date_of, midnight, weekday};
use casement::core::sla::duration::{Pause, Span, Unit, due};
use casement::core::sla::terms::read_week;
use casement::core::sla::zone::Zone;
use chrono_tz::Tz;
use serde_json::json;

use crate::sla::{ahead, new_year, zone};

/// The zones of every country whose holidays ship, and the odd ones.
const ZONES: [&str; 34] = [
    "Asia/Tokyo",
    "America/New_York",
    "America/Los_Angeles",
    "America/Toronto",
    "America/St_Johns",
    "America/Sao_Paulo",
    "America/Mexico_City",
    "Europe/London",
    "Europe/Berlin",
    "Europe/Paris",
    "Europe/Madrid",
    "Europe/Amsterdam",
    "Europe/Zurich",
    "Europe/Dublin",
    "Asia/Shanghai",
    "Asia/Hong_Kong",
    "Asia/Taipei",
    "Asia/Singapore",
    "Asia/Kolkata",
    "Asia/Seoul",
    "Australia/Sydney",
    "Australia/Brisbane",
    "Pacific/Auckland",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "Pacific/Apia",
    "America/Havana",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Asia/Tehran",
    "Asia/Gaza",
    "Antarctica/Troll",
    "UTC",
];

const DAYS: usize = 12;
const MINUTES: usize = DAYS * 24 * 60;

/// Numbers that look random and are the same on every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end.max(1)
    }
}

/// A desk as the walk sees it: for each minute whether it is open, and its date.
struct Walk {
    from: Instant,
    open: Vec<bool>,
    dates: Vec<i32>,
    closings: Vec<(i32, usize)>,
}

impl Walk {
    fn new(tz: Tz, from: Instant, patterns: &[Pattern], special: &[Special]) -> Walk {
        let at = |minute: usize| from + minute as i64 * MINUTE;
        let local: Vec<i64> = (0..MINUTES)
            .map(|minute| at(minute) + ahead(tz, at(minute)))
            .collect();
        let open: Vec<bool> = local
            .iter()
            .map(|local| is_open(*local, patterns, special))
            .collect();
        let dates: Vec<i32> = local.iter().map(|local| date_of(*local)).collect();
        Walk {
            from,
            closings: closings(&dates, &open),
            open,
            dates,
        }
    }

    /// The minute in which the `count`th open minute that is no pause ends.
    fn add(&self, from: usize, count: usize, pauses: &[(usize, usize)]) -> Option<usize> {
        let paused = |minute: usize| pauses.iter().any(|(a, b)| (*a..*b).contains(&minute));
        let mut left = count;
        let mut minute = from;
        while left > 0 {
            if *self.open.get(minute)? && !paused(minute) {
                left -= 1;
            }
            minute += 1;
        }
        Some(minute)
    }

    /// The end of the last open minute of the nth date after this minute's that has one.
    fn end_of_day(&self, from: usize, count: usize) -> Option<usize> {
        let later = self
            .closings
            .iter()
            .filter(|(date, _)| *date > self.dates[from]);
        // What goes on until the walk ends may end later, so the last one is not known.
        let known = later.take(count + 1).collect::<Vec<_>>();
        (known.len() > count).then(|| known[count - 1].1)
    }
}

/// The end of the last open minute of every date that has one.
fn closings(dates: &[i32], open: &[bool]) -> Vec<(i32, usize)> {
    let mut list: Vec<(i32, usize)> = Vec::new();
    for (minute, date) in dates.iter().enumerate().filter(|(minute, _)| open[*minute]) {
        match list.iter_mut().rev().find(|(known, _)| known == date) {
            Some((_, end)) => *end = minute + 1,
            None => list.push((*date, minute + 1)),
        }
    }
    list
}

/// Hours as a person writes them: a weekday, a beginning and an end, in minutes.
#[derive(Clone, Copy)]
struct Pattern {
    day: usize,
    from: i64,
    to: i64,
}

fn is_open(local: i64, patterns: &[Pattern], special: &[Special]) -> bool {
    let date = date_of(local);
    let of_day = local - midnight(date);
    if let Some(one) = special.iter().find(|one| one.date == date) {
        return one
            .hours
            .iter()
            .any(|hours| hours.from <= of_day && of_day < hours.to);
    }
    let minute = of_day / MINUTE;
    let (today, yesterday) = (weekday(date), weekday(date - 1));
    patterns.iter().any(|one| {
        let inside = |minute: i64| one.from <= minute && minute < one.to;
        (one.day == today && inside(minute)) || (one.day == yesterday && inside(minute + 24 * 60))
    })
}

/// A few stretches for some weekdays, some of them over midnight, some in the small hours in which
/// clocks are set.
fn patterns(dice: &mut Dice) -> Vec<Pattern> {
    if dice.below(20) == 0 {
        let whole = |day| Pattern {
            day,
            from: 0,
            to: 24 * 60,
        };
        return (0..7).map(whole).collect();
    }
    let mut list = Vec::new();
    let early = dice.below(3) == 0;
    for _ in 0..=dice.below(3) {
        let from = if early {
            dice.below(240)
        } else {
            dice.below(24 * 60)
        } as i64;
        let to = from + 1 + dice.below(if early { 180 } else { 11 * 60 }) as i64;
        let (first, count) = (dice.below(7), 1 + dice.below(6));
        list.extend((0..count).map(|n| Pattern {
            day: (first + n) % 7,
            from,
            to,
        }));
    }
    list
}

/// The calendar's own reading of the patterns; `None` if they overlap.
fn terms(patterns: &[Pattern]) -> Option<CalendarTerms> {
    const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let text = |minute: i64| format!("{:02}:{:02}", minute / 60, minute % 60);
    let hours: Vec<_> = patterns
        .iter()
        .map(|one| json!({ "days": NAMES[one.day], "from": text(one.from), "to": text(one.to) }))
        .collect();
    let (week, problems) = read(&json!({ "hours": hours }), read_week);
    problems.is_empty().then(|| CalendarTerms {
        week,
        ..CalendarTerms::default()
    })
}

fn special(dice: &mut Dice, first: i32) -> Vec<Special> {
    let mut dates: Vec<i32> = (0..dice.below(4))
        .map(|_| first + dice.below(DAYS) as i32)
        .collect();
    dates.sort_unstable();
    dates.dedup();
    let hours = |dice: &mut Dice| {
        let from = dice.below(23 * 60) as i64 * MINUTE;
        let to = (from + (1 + dice.below(600) as i64) * MINUTE).min(DAY);
        vec![Hours { from, to }]
    };
    dates
        .into_iter()
        .map(|date| Special {
            date,
            hours: if dice.below(3) == 0 {
                hours(dice)
            } else {
                Vec::new()
            },
            holiday: true,
            ..Special::default()
        })
        .collect()
}

/// A zone's table around a time, so that a thousand calendars are quickly built.
fn around(whole: &Zone, from: Instant) -> Zone {
    let (start, end) = (from - 3 * DAY, from + (DAYS as i64 + 3) * DAY);
    let mut table = vec![(start, whole.ahead(start).expect("within the table"))];
    table.extend(
        whole
            .changes()
            .filter(|(at, _)| (start + 1..end).contains(at)),
    );
    Zone::new(whole.name.clone(), &table, end).expect("a table in order")
}

/// Some twelve days, most of them with a change of the clock in their midst.
fn window(dice: &mut Dice, whole: &Zone) -> Instant {
    let changes: Vec<Instant> = whole.changes().map(|(at, _)| at).collect();
    let (first, last) = (new_year(1991), new_year(2039));
    let near = changes
        .get(dice.below(changes.len()))
        .filter(|_| dice.below(3) > 0);
    let day = match near {
        Some(at) => at / DAY - 2 - dice.below(6) as i64,
        None => first / DAY + dice.below(((last - first) / DAY) as usize) as i64,
    };
    day.clamp(first / DAY, last / DAY) * DAY
}

/// Asks the calendar and the walk the same questions; returns how many had an answer.
fn compare(dice: &mut Dice, calendar: &Calendar, walk: &Walk, label: &str) -> usize {
    let at = |minute: usize| walk.from + minute as i64 * MINUTE;
    let mut compared = 0;
    for _ in 0..130 {
        let a = dice.below(MINUTES);
        let b = a + dice.below(MINUTES - a);
        let since = at(a);
        match dice.below(6) {
            0 => {
                assert_eq!(
                    calendar.is_open(since),
                    Ok(walk.open[a]),
                    "{label}: open at {since}"
                );
            }
            1 => {
                let next = (a..MINUTES).find(|minute| walk.open[*minute]).map(at);
                let Some(next) = next else { continue };
                assert_eq!(
                    calendar.next_opening(since),
                    Ok(next),
                    "{label}: after {since}"
                );
            }
            2 => {
                let open = walk.open[a..b].iter().filter(|open| **open).count();
                let found = calendar.between(since, at(b));
                assert_eq!(
                    found,
                    Ok(open as i64 * MINUTE),
                    "{label}: {since} to {}",
                    at(b)
                );
            }
            3 => {
                let count = 1 + dice.below(1500);
                let Some(end) = walk.add(a, count, &[]) else {
                    continue;
                };
                let found = calendar.add(since, count as i64 * MINUTE);
                assert_eq!(found, Ok(at(end)), "{label}: {since} and {count} minutes");
            }
            4 => {
                let mut minutes: Vec<usize> = (0..2 * (1 + dice.below(3)))
                    .map(|_| dice.below(MINUTES))
                    .collect();
                minutes.sort_unstable();
                let pauses: Vec<(usize, usize)> =
                    minutes.chunks(2).map(|pair| (pair[0], pair[1])).collect();
                let count = 1 + dice.below(1500);
                let Some(end) = walk.add(a, count, &pauses) else {
                    continue;
                };
                // Pauses that begin after the end reach beyond what the walk knows.
                let known: Vec<Pause> = pauses
                    .iter()
                    .map(|(from, to)| Pause {
                        from: at(*from),
                        to: at(*to),
                    })
                    .collect();
                let span = Span {
                    unit: Unit::Minutes,
                    least: None,
                    count: count as u32,
                };
                let found = due(span, Some(calendar), since, &known).map(|due| due.at);
                assert_eq!(
                    found,
                    Ok(at(end)),
                    "{label}: {since}, {count} minutes, {pauses:?}"
                );
            }
            _ => {
                let count = 1 + dice.below(4);
                let Some(end) = walk.end_of_day(a, count) else {
                    continue;
                };
                let span = Span {
                    unit: Unit::EndOfDay,
                    least: None,
                    count: count as u32,
                };
                let found = due(span, Some(calendar), since, &[]).map(|due| due.at);
                assert_eq!(found, Ok(at(end)), "{label}: {since}, end of day {count}");
            }
        }
        compared += 1;
    }
    compared
}

#[test]
fn fault_20_a_hundred_thousand_answers_are_those_of_a_walk_minute_by_minute() {
    let mut dice = Dice(20_261_120);
    let zones: Vec<(Tz, Zone)> = ZONES
        .iter()
        .map(|name| (name.parse().expect("a zone"), zone(name).expect("a zone")))
        .collect();
    let (mut compared, mut folds) = (0, 0);
    for round in 0.. {
        let (tz, whole) = &zones[round % zones.len()];
        let from = window(&mut dice, whole);
        let patterns = patterns(&mut dice);
        let Some(mut terms) = terms(&patterns) else {
            continue;
        };
        terms.special = special(&mut dice, date_of(from));
        let calendar = Calendar::new(&terms, around(whole, from), &[] as &[&Holidays]);
        let walk = Walk::new(*tz, from, &patterns, &terms.special);
        folds += walk.dates.len().min(1) * usize::from(around(whole, from).changes().count() > 0);
        compared += compare(
            &mut dice,
            &calendar,
            &walk,
            &format!("{} round {round}", tz.name()),
        );
        if compared >= 100_000 {
            break;
        }
    }
    assert!(
        folds > 300,
        "only {folds} windows with a change of the clock"
    );
}
