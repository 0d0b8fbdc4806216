//! How old what is kept of the backend may be before it is said so, and what is said then.
//!
//! What is shown is always what this device keeps; this decides whether its age belongs beside it.
//! Words and times are left to whoever shows it.

const HOUR: i64 = 3_600_000;

/// What is to be said about what is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Age {
    /// When it was last brought up to date, in milliseconds since 1970.
    pub as_of: i64,
    /// Nothing newer can come at this moment.
    pub offline: bool,
    /// It is older than the deployment holds for good (`stale_hours` of `portal.json`).
    pub stale: bool,
}

/// What is to be said of records brought up to date at `as_of` (0: never), if anything: nothing as
/// long as the backend can be reached and they are not too old.
pub fn age(as_of: i64, now: i64, reachable: bool, stale_hours: u64) -> Option<Age> {
    let limit = i64::try_from(stale_hours)
        .unwrap_or(i64::MAX)
        .saturating_mul(HOUR);
    // A clock that was set back makes nothing old.
    let stale = now.saturating_sub(as_of) > limit;
    let said = as_of > 0 && (stale || !reachable);
    said.then_some(Age {
        as_of,
        offline: !reachable,
        stale,
    })
}
