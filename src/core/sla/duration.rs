//! What "8 hours", "by the end of the next business day" or "twice a week" mean on a clock.
//!
//! A clock either never stops (no calendar) or runs in a desk's hours. On the first, a day is 24
//! hours and a month goes from a date to the same date. In a desk's hours, minutes and hours are
//! open time; *days* lead to the same time of day so many business days later; *weeks* and
//! *months* to the same time of that later date, or the next opening if the desk is closed then;
//! *end of day* to the closing time of the nth business day after the date of the start (0: of
//! that date itself, if it has not closed yet); *n times a week* is a regular week's open time
//! divided by n.
//!
//! A pause moves a deadline by the open time it took, and one at the end of a day by every closing
//! time that fell into it. It never moves it forward.

use super::Trouble;
use super::calendar::Calendar;
use super::civil::{DAY, HOUR, Instant, MINUTE, date_of, midnight, months_later};

/// A unit of time; see the module's header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// Minutes.
    #[default]
    Minutes,
    /// Hours.
    Hours,
    /// Days of 24 hours, or business days at the same time of day.
    Days,
    /// Weeks by the calendar.
    Weeks,
    /// Months by the calendar.
    Months,
    /// The end of the nth business day.
    EndOfDay,
    /// So many times a week.
    TimesAWeek,
}

/// The policy file's words for units.
pub const UNITS: [(&str, Unit); 7] = [
    ("minutes", Unit::Minutes),
    ("hours", Unit::Hours),
    ("days", Unit::Days),
    ("weeks", Unit::Weeks),
    ("months", Unit::Months),
    ("end_of_day", Unit::EndOfDay),
    ("times_a_week", Unit::TimesAWeek),
];

/// So many units, or from so many to so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The unit.
    pub unit: Unit,
    /// The lower end of a range.
    pub least: Option<u32>,
    /// How many, of a range at most.
    pub count: u32,
}

/// A time through which a case waited for its customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// Its beginning.
    pub from: Instant,
    /// Its end, or as far as it has come.
    pub to: Instant,
}

/// When something is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The beginning of a range.
    pub from: Option<Instant>,
    /// The instant, the end of a range.
    pub at: Instant,
}

/// When a span that began at an instant ends, on a desk's clock or one that never stops.
/// Pauses must be in order.
pub fn due(
    span: Span,
    calendar: Option<&Calendar>,
    since: Instant,
    pauses: &[Pause],
) -> Result<Due, Trouble> {
    let end = |count| {
        let at = after(span.unit, count, calendar, since)?;
        paused(span.unit, at, calendar, since, pauses)
    };
    Ok(Due {
        from: span.least.map(end).transpose()?,
        at: end(span.count)?,
    })
}

/// The time on a clock between two instants: open time, or all of it.
pub fn between(calendar: Option<&Calendar>, from: Instant, to: Instant) -> Result<i64, Trouble> {
    match calendar {
        Some(calendar) => calendar.between(from, to),
        None if to < from => Err(Trouble::Backwards),
        None => Ok(to - from),
    }
}

fn add(calendar: Option<&Calendar>, at: Instant, length: i64) -> Result<Instant, Trouble> {
    match calendar {
        Some(calendar) => calendar.add(at, length),
        None => at.checked_add(length).ok_or(Trouble::BeyondZone),
    }
}

fn after(
    unit: Unit,
    count: u32,
    calendar: Option<&Calendar>,
    since: Instant,
) -> Result<Instant, Trouble> {
    let times = |length: i64| length * i64::from(count);
    match (unit, calendar) {
        (Unit::Minutes, _) => add(calendar, since, times(MINUTE)),
        (Unit::Hours, _) => add(calendar, since, times(HOUR)),
        (Unit::TimesAWeek, _) => {
            let week = calendar.map_or(7 * DAY, Calendar::week_length);
            add(calendar, since, week / i64::from(count.max(1)))
        }
        (Unit::Days, None) => add(None, since, times(DAY)),
        (Unit::Weeks, None) => add(None, since, times(7 * DAY)),
        (Unit::Months, None) => {
            let date = months_later(date_of(since), count).ok_or(Trouble::BeyondZone)?;
            Ok(midnight(date) + since.rem_euclid(DAY))
        }
        (Unit::EndOfDay, None) => Err(Trouble::NeedsHours),
        (_, Some(calendar)) => by_date(unit, count, calendar, since),
    }
}

/// Spans that are counted in dates of the desk.
fn by_date(
    unit: Unit,
    count: u32,
    calendar: &Calendar,
    since: Instant,
) -> Result<Instant, Trouble> {
    let (zone, today) = (calendar.zone(), calendar.date(since)?);
    let time_of_day = zone.local(since)?.rem_euclid(DAY);
    match unit {
        Unit::EndOfDay if count > 0 => calendar.closing(calendar.business_date(today, count)?),
        Unit::EndOfDay => match calendar.closing(today)? {
            closes if closes <= since => calendar.closing(calendar.business_date(today, 1)?),
            closes => Ok(closes),
        },
        Unit::Days if count == 0 => Ok(since),
        Unit::Days => {
            // Outside its hours the desk's clock stands still, so counting begins when it opens.
            let start = zone.local(calendar.next_opening(since)?)?;
            let date = calendar.business_date(date_of(start), count)?;
            calendar.within_hours(midnight(date) + start.rem_euclid(DAY))
        }
        _ => {
            let date = match unit {
                Unit::Months => months_later(today, count),
                _ => i32::try_from(count)
                    .ok()
                    .and_then(|weeks| weeks.checked_mul(7)?.checked_add(today)),
            };
            let date = date.ok_or(Trouble::BeyondZone)?;
            calendar.next_opening(zone.instant(midnight(date) + time_of_day)?)
        }
    }
}

/// A deadline moved by the pauses that begin before it.
fn paused(
    unit: Unit,
    mut due: Instant,
    calendar: Option<&Calendar>,
    since: Instant,
    pauses: &[Pause],
) -> Result<Instant, Trouble> {
    for pause in pauses {
        let from = pause.from.max(since);
        if from >= due || pause.to <= from {
            continue;
        }
        due = match (unit, calendar) {
            (Unit::EndOfDay, Some(calendar)) => calendar.closings_later(due, from, pause.to)?,
            _ => add(calendar, due, between(calendar, from, pause.to)?)?,
        };
    }
    Ok(due)
}
