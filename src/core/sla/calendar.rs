//! When a desk is open, and how much open time lies between two instants.
//!
//! A calendar is a week of hours, days that differ from it (public holidays, exceptions) and the
//! zone whose clock hangs on the wall. One rule defines it: **the desk is open at an instant when
//! the clock on the wall shows a time within the hours of the date it shows.** An hour that a
//! clock skips is therefore never worked, and an hour that it repeats is worked twice.
//!
//! All open stretches stand in one sorted list with the open time before each, so opening, adding
//! and measuring are binary searches over decades. A calendar answers only where its zone and all
//! its holidays are known; beyond, it says so. What business days and deadlines *mean* is
//! [`super::duration`]'s.

use super::Trouble;
use super::civil::{DAY, Date, Instant, Local, date_of, midnight, weekday};
use super::zone::Zone;
use crate::core::text::LocalText;

/// Hours within a day, in milliseconds since midnight; `0 <= from < to <= DAY`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    /// When it opens.
    pub from: i64,
    /// When it closes.
    pub to: i64,
}

/// The hours of each weekday, Monday first, each day's in order and apart.
pub type Week = [Vec<Hours>; 7];

/// A date with hours of its own.
#[derive(Clone, Debug, Default)]
pub struct Special {
    /// The date.
    pub date: Date,
    /// What makes it special.
    pub name: LocalText,
    /// Its hours; none means closed.
    pub hours: Vec<Hours>,
    /// Whether it is a public holiday, and not an exception of this desk.
    pub holiday: bool,
}

/// What a policy says of a calendar.
#[derive(Clone, Debug, Default)]
pub struct CalendarTerms {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: LocalText,
    /// IANA name of the zone.
    pub zone: String,
    /// Regular hours.
    pub week: Week,
    /// Ids of the public holidays that it keeps.
    pub holidays: Vec<String>,
    /// Its own exceptions and holidays, in order; they win over public holidays.
    pub special: Vec<Special>,
}

/// The public holidays of a country, complete for the dates `from..until`.
#[derive(Clone, Debug, Default)]
pub struct Holidays {
    /// Its id, as `JP`.
    pub id: String,
    /// The first date for which they are known.
    pub from: Date,
    /// The date from which on they are not.
    pub until: Date,
    /// Date and name, in order.
    pub days: Vec<(Date, LocalText)>,
}

/// A calendar ready to be asked.
#[derive(Clone, Debug)]
pub struct Calendar {
    zone: Zone,
    week: Week,
    special: Vec<Special>,
    openings: Vec<Opening>,
    days: Vec<Day>,
    from: Instant,
    until: Instant,
}

/// A stretch of open time within one date.
#[derive(Clone, Copy, Debug)]
struct Opening {
    from: Instant,
    to: Instant,
    /// Open time before it.
    before: i64,
}

/// A date on which the desk opens, with its last opening.
#[derive(Clone, Copy, Debug)]
struct Day {
    date: Date,
    last: usize,
}

/// Why a stretch of time counts or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Open.
    Open,
    /// Outside the hours of a day that has some.
    Night,
    /// A weekday without hours.
    Weekend,
    /// A date with hours of its own: its place in [`Calendar::special`].
    Special(usize),
    /// Open or not, the case waits for the customer.
    Pause,
}

/// A stretch of time with the reason why it counts or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Its beginning.
    pub from: Instant,
    /// Its end.
    pub to: Instant,
    /// The reason.
    pub why: Why,
}

impl Calendar {
    /// The calendar of these terms; `holidays` are the sets that the terms name.
    pub fn new(terms: &CalendarTerms, zone: Zone, holidays: &[&Holidays]) -> Calendar {
        let mut special = terms.special.clone();
        for (date, name) in holidays.iter().flat_map(|set| &set.days) {
            special.push(Special {
                date: *date,
                name: name.clone(),
                hours: Vec::new(),
                holiday: true,
            });
        }
        // The sort is stable: of two entries for a date, the desk's own stays before the public one.
        crate::core::order::sort_by_key(&mut special, |one| one.date);
        special.dedup_by_key(|one| one.date);
        let known = |date: Date| zone.instant(midnight(date));
        let from = holidays
            .iter()
            .map(|set| known(set.from))
            .filter_map(Result::ok);
        let until = holidays
            .iter()
            .map(|set| known(set.until))
            .filter_map(Result::ok);
        let mut calendar = Calendar {
            from: from.fold(zone.from(), Instant::max),
            until: until.fold(zone.until(), Instant::min),
            zone,
            week: terms.week.clone(),
            special,
            openings: Vec::new(),
            days: Vec::new(),
        };
        calendar.open();
        calendar
    }

    /// Lists every opening of the known time.
    fn open(&mut self) {
        let (mut openings, mut days) = (Vec::<Opening>::new(), Vec::<Day>::new());
        self.walk(self.from, self.until, &mut |date, stretch| {
            if stretch.why != Why::Open {
                return;
            }
            let Stretch { from, to, .. } = stretch;
            let before = openings
                .last()
                .map_or(0, |last| last.before + last.to - last.from);
            openings.push(Opening { from, to, before });
            let last = openings.len() - 1;
            // A clock put back at midnight shows a date again that it had left already.
            match days.iter_mut().rev().take(2).find(|day| day.date == date) {
                Some(day) => day.last = last,
                None => days.push(Day { date, last }),
            }
        });
        (self.openings, self.days) = (openings, days);
    }

    /// Goes through the time between two instants stretch by stretch, each within one date.
    fn walk(&self, from: Instant, until: Instant, each: &mut dyn FnMut(Date, Stretch)) {
        for steady in self.zone.steady(from, until) {
            let end = steady.until + steady.ahead;
            let mut at = steady.from + steady.ahead;
            while at < end {
                let date = date_of(at);
                let (start, next) = (midnight(date), end.min(midnight(date) + DAY));
                let (hours, closed) = self.day(date);
                let mut stretch = |to: Local, why: Why| {
                    if at < to {
                        let (from, to) = (at - steady.ahead, to - steady.ahead);
                        each(date, Stretch { from, to, why });
                    }
                    at = at.max(to);
                };
                for open in hours {
                    stretch(next.min(start + open.from), closed);
                    stretch(next.min(start + open.to), Why::Open);
                }
                stretch(next, closed);
            }
        }
    }

    /// The hours of a date, and why the rest of it is closed.
    fn day(&self, date: Date) -> (&[Hours], Why) {
        if let Ok(index) = self.special.binary_search_by_key(&date, |one| one.date) {
            return (&self.special[index].hours, Why::Special(index));
        }
        let hours = &self.week[weekday(date)];
        let why = if hours.is_empty() {
            Why::Weekend
        } else {
            Why::Night
        };
        (hours, why)
    }

    /// The zone of its clock.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The days that differ from the week, in order.
    pub fn special(&self) -> &[Special] {
        &self.special
    }

    /// The regular hours.
    pub fn week(&self) -> &Week {
        &self.week
    }

    /// The first and the last instant that it can be asked about.
    pub fn known(&self) -> (Instant, Instant) {
        (self.from, self.until)
    }

    fn check(&self, at: Instant) -> Result<(), Trouble> {
        if at < self.zone.from() || at >= self.zone.until() {
            Err(Trouble::BeyondZone)
        } else if at < self.from || at >= self.until {
            Err(Trouble::BeyondHolidays)
        } else {
            Ok(())
        }
    }

    /// Why there is no answer after the last known instant.
    fn beyond(&self) -> Trouble {
        if self.until < self.zone.until() {
            Trouble::BeyondHolidays
        } else {
            Trouble::BeyondZone
        }
    }

    /// The number of openings that have begun.
    fn begun(&self, at: Instant) -> usize {
        self.openings.partition_point(|opening| opening.from <= at)
    }

    /// Open time from the first known instant on.
    fn open_until(&self, at: Instant) -> i64 {
        match self.begun(at).checked_sub(1) {
            Some(index) => {
                let last = &self.openings[index];
                last.before + at.min(last.to) - last.from
            }
            None => 0,
        }
    }

    /// Whether the desk is open. It is when it opens, and no longer is when it closes.
    pub fn is_open(&self, at: Instant) -> Result<bool, Trouble> {
        self.check(at)?;
        let last = self.begun(at).checked_sub(1);
        Ok(last.is_some_and(|index| at < self.openings[index].to))
    }

    /// The instant itself if the desk is open, or else when it opens next.
    pub fn next_opening(&self, at: Instant) -> Result<Instant, Trouble> {
        if self.is_open(at)? {
            return Ok(at);
        }
        let next = self.openings.get(self.begun(at));
        next.map(|opening| opening.from)
            .ok_or_else(|| self.beyond())
    }

    /// The open time between two instants.
    pub fn between(&self, from: Instant, to: Instant) -> Result<i64, Trouble> {
        if to < from {
            return Err(Trouble::Backwards);
        }
        self.check(from)?;
        if to > from {
            self.check(to)?;
        }
        Ok(self.open_until(to) - self.open_until(from))
    }

    /// The first instant by which so much open time has passed: the very closing time if it is
    /// used up exactly then, and `at` itself if there is none to pass.
    pub fn add(&self, at: Instant, open: i64) -> Result<Instant, Trouble> {
        if open < 0 {
            return Err(Trouble::Negative);
        }
        self.check(at)?;
        if open == 0 {
            return Ok(at);
        }
        let target = self.open_until(at).saturating_add(open);
        let index = self
            .openings
            .partition_point(|opening| opening.before + opening.to - opening.from < target);
        match self.openings.get(index) {
            Some(opening) => Ok(opening.from + target - opening.before),
            None => Err(self.beyond()),
        }
    }

    /// The open time of a regular week.
    pub fn week_length(&self) -> i64 {
        let hours = self.week.iter().flatten();
        hours.map(|hours| hours.to - hours.from).sum()
    }

    /// The date its clock shows at an instant.
    pub fn date(&self, at: Instant) -> Result<Date, Trouble> {
        self.check(at)?;
        Ok(date_of(self.zone.local(at)?))
    }

    /// The `count`th date after this one on which the desk opens; for 0, this one if it does.
    pub(super) fn business_date(&self, date: Date, count: u32) -> Result<Date, Trouble> {
        self.business_day(date, count).map(|day| day.date)
    }

    fn business_day(&self, date: Date, count: u32) -> Result<&Day, Trouble> {
        let from = match count.checked_sub(1) {
            None => self.days.partition_point(|day| day.date < date),
            Some(more) => {
                let next = self.days.partition_point(|day| day.date <= date);
                next.saturating_add(more as usize)
            }
        };
        self.days.get(from).ok_or_else(|| self.beyond())
    }

    /// When the desk closes for the day on the first date, from this one on, that it opens.
    pub(super) fn closing(&self, date: Date) -> Result<Instant, Trouble> {
        let day = self.business_day(date, 0)?;
        Ok(self.openings[day.last].to)
    }

    /// The instant at which the clock shows this time, moved into the hours of its date: to the
    /// next opening of that date, or to its closing time if there is none.
    pub(super) fn within_hours(&self, local: Local) -> Result<Instant, Trouble> {
        let at = self.zone.instant(local)?;
        let day = self.business_day(date_of(local), 0)?;
        let closes = self.openings[day.last].to;
        self.next_opening(at).map(|next| next.min(closes))
    }

    /// The closing time that comes after this one by as many as lie between two instants.
    pub(super) fn closings_later(
        &self,
        closing: Instant,
        from: Instant,
        to: Instant,
    ) -> Result<Instant, Trouble> {
        self.check(to)?;
        let closed_before =
            |at: Instant| (self.days).partition_point(|day| self.openings[day.last].to < at);
        let index = closed_before(closing) + closed_before(to) - closed_before(from);
        match self.days.get(index) {
            Some(day) => Ok(self.openings[day.last].to),
            None => Err(self.beyond()),
        }
    }

    /// The stretches between two instants with the reason why each counts or not.
    pub fn stretches(&self, from: Instant, to: Instant) -> Result<Vec<Stretch>, Trouble> {
        if to < from {
            return Err(Trouble::Backwards);
        }
        self.check(from)?;
        if to > self.until {
            return Err(self.beyond());
        }
        let mut list: Vec<Stretch> = Vec::new();
        self.walk(from, to, &mut |_, next| match list.last_mut() {
            Some(last) if last.to == next.from && last.why == next.why => last.to = next.to,
            _ => list.push(next),
        });
        Ok(list)
    }
}
