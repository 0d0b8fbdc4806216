//! A time zone as a table: when the local clock was set, and how far it has been ahead of UTC since.
//!
//! The table comes from outside, from `Intl` in the browser and from the system's database
//! elsewhere; [`Zone::from_probe`] makes it out of nothing but "how far ahead is this zone at that
//! instant?". Outside its table a zone answers with an error, never with a guess. Half-hour zones,
//! gaps (a clock put forward) and folds (a clock put back) need no special care of anyone who
//! asks: an instant has exactly one local time, and [`Zone::instant`] says which instant it takes
//! where a local time has none or two.

use super::Trouble;
use super::civil::{DAY, Instant, Local, SECOND};

/// A time zone between two instants.
#[derive(Clone, Debug)]
pub struct Zone {
    /// Its name, as `Asia/Tokyo`.
    pub name: String,
    runs: Vec<Run>,
    until: Instant,
}

/// From when on the local clock is so far ahead of UTC.
#[derive(Clone, Copy, Debug)]
struct Run {
    from: Instant,
    ahead: i64,
}

/// A stretch of time through which the local clock is not set.
pub(super) struct Steady {
    pub(super) from: Instant,
    pub(super) until: Instant,
    pub(super) ahead: i64,
}

/// How far apart a probe looks: no zone has set its clock and set it back in less than a week since
/// 1990, and Boa Vista (2000) did after exactly one.
const STEP: i64 = 5 * DAY;

impl Zone {
    /// A zone from its table of (instant, milliseconds ahead of UTC), right until `until`; `None`
    /// unless the table is in order and every clock within a day and a half of UTC.
    pub fn new(name: impl Into<String>, table: &[(Instant, i64)], until: Instant) -> Option<Zone> {
        let ordered = table.windows(2).all(|pair| pair[0].0 < pair[1].0);
        let sane = table.iter().all(|(_, ahead)| ahead.abs() <= DAY * 3 / 2);
        let ends_last = table.last().is_some_and(|(from, _)| *from < until);
        let run = |&(from, ahead): &(Instant, i64)| Run { from, ahead };
        (ordered && sane && ends_last).then(|| Zone {
            name: name.into(),
            runs: table.iter().map(run).collect(),
            until,
        })
    }

    /// The zone whose clock is `ahead(instant)` milliseconds ahead of UTC: looks every few days, and
    /// closer where two looks differ, to the second. The probe must answer between `from` and
    /// `until`.
    pub fn from_probe(
        name: impl Into<String>,
        from: Instant,
        until: Instant,
        ahead: &mut dyn FnMut(Instant) -> i64,
    ) -> Zone {
        let mut last = Run {
            from,
            ahead: ahead(from),
        };
        let mut runs = vec![last];
        let mut at = from;
        while at < until {
            let next = (at + STEP).min(until);
            if ahead(next) == last.ahead {
                at = next;
                continue;
            }
            let (mut before, mut after) = (at, next);
            while after - before > SECOND {
                let middle = before + (after - before) / 2 / SECOND * SECOND;
                // Half of less than two seconds rounds to none, but then the search is over.
                let middle = middle.max(before + SECOND);
                if ahead(middle) == last.ahead {
                    before = middle;
                } else {
                    after = middle;
                }
            }
            last = Run {
                from: after,
                ahead: ahead(after),
            };
            runs.push(last);
            at = after;
        }
        // A change at the very end of the table is beyond it.
        runs.retain(|run| run.from < until || run.from == from);
        Zone {
            name: name.into(),
            runs,
            until,
        }
    }

    /// The first instant of the table.
    pub fn from(&self) -> Instant {
        self.runs.first().map_or(self.until, |run| run.from)
    }

    /// The instant at which the table ends.
    pub fn until(&self) -> Instant {
        self.until
    }

    /// When the clock is set within the table, and how far ahead of UTC it is from then on.
    pub fn changes(&self) -> impl Iterator<Item = (Instant, i64)> {
        self.runs.iter().skip(1).map(|run| (run.from, run.ahead))
    }

    /// How far the local clock is ahead of UTC at an instant.
    pub fn ahead(&self, at: Instant) -> Result<i64, Trouble> {
        let next = self.runs.partition_point(|run| run.from <= at);
        match next.checked_sub(1).and_then(|index| self.runs.get(index)) {
            Some(run) if at < self.until => Ok(run.ahead),
            _ => Err(Trouble::BeyondZone),
        }
    }

    /// What the local clock shows at an instant.
    pub fn local(&self, at: Instant) -> Result<Local, Trouble> {
        Ok(at + self.ahead(at)?)
    }

    /// When the local clock shows a time: the first time it does, and where it never does because
    /// it was put forward over it, the instant at which it was.
    pub fn instant(&self, local: Local) -> Result<Instant, Trouble> {
        let ends_before = |index: usize| match self.runs.get(index + 1) {
            Some(next) => next.from + self.runs[index].ahead <= local,
            None => self.until + self.runs[index].ahead <= local,
        };
        let (mut low, mut high) = (0, self.runs.len());
        while low < high {
            let middle = (low + high) / 2;
            if ends_before(middle) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        match self.runs.get(low) {
            Some(run) if low > 0 || local - run.ahead >= run.from => {
                Ok((local - run.ahead).max(run.from))
            }
            _ => Err(Trouble::BeyondZone),
        }
    }

    /// The stretches between two instants through which the clock is not set.
    pub(super) fn steady(&self, from: Instant, until: Instant) -> impl Iterator<Item = Steady> {
        let first = self.runs.partition_point(|run| run.from <= from).max(1) - 1;
        let ends = self.runs.iter().skip(first + 1).map(|run| run.from);
        let runs = self
            .runs
            .iter()
            .skip(first)
            .take_while(move |run| run.from < until);
        runs.zip(ends.chain([self.until]))
            .map(move |(run, end)| Steady {
                from: run.from.max(from),
                until: end.min(until),
                ahead: run.ahead,
            })
    }
}
