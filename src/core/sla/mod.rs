//! When support is due, and why: calendars, clocks and their calculation.
//!
//! Reading order: [`civil`] (dates and times of day as numbers), [`zone`] (what a wall clock
//! shows), [`calendar`] (when a desk is open), [`duration`] (what "within two business days"
//! means), [`terms`] (what a policy promises), [`history`] (what happened to a case), [`clocks`]
//! (what is due when), [`explain`] (the calculation, to be checked with a calendar in hand).
//! Beside them: [`ics`] (calendar files), [`server`] (how wrong the local clock is) and `vectors`
//! (all of it, asked from a file).
//!
//! Same input, same output: now, zones and holidays are arguments. What can't be computed is a
//! [`Trouble`] with its reason, never a wrong time.

pub mod calendar;
pub mod civil;
pub mod clocks;
pub mod duration;
pub mod explain;
pub mod history;
pub mod ics;
pub mod server;
pub mod terms;
#[cfg(not(target_arch = "wasm32"))]
pub mod vectors;
pub mod zone;

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The instant lies outside the zone's table.
    BeyondZone,
    /// The public holidays of that year are not known.
    BeyondHolidays,
    /// The zone is not known here.
    NoZone,
    /// The calendar's public holidays are not there.
    NoHolidays,
    /// No desk's hours fit the case, or the policy names a calendar that it doesn't have.
    NoCalendar,
    /// Business days were asked of a clock that never stops.
    NeedsHours,
    /// A time before the one that it is counted from.
    Backwards,
    /// A duration below nothing.
    Negative,
    /// The history is not in order of time.
    OutOfOrder,
    /// The history doesn't say when the case was created.
    NoCreation,
    /// The case begins to wait while it is waiting.
    WaitUnended,
    /// The case ends waiting while it isn't.
    WaitUnbegun,
}

impl Trouble {
    /// Its code, the end of the catalogue's key `sla.trouble.<code>`.
    pub fn code(self) -> &'static str {
        match self {
            Trouble::BeyondZone => "beyond_zone",
            Trouble::BeyondHolidays => "beyond_holidays",
            Trouble::NoZone => "no_zone",
            Trouble::NoHolidays => "no_holidays",
            Trouble::NoCalendar => "no_calendar",
            Trouble::NeedsHours => "needs_hours",
            Trouble::Backwards => "backwards",
            Trouble::Negative => "negative",
            Trouble::OutOfOrder => "out_of_order",
            Trouble::NoCreation => "no_creation",
            Trouble::WaitUnended => "wait_unended",
            Trouble::WaitUnbegun => "wait_unbegun",
        }
    }
}
