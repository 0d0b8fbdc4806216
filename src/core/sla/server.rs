//! How far the local clock is off, by what a server says the time is.
//!
//! A server's `Date` header names a whole second. Between sending and receiving, the server's
//! clock showed an instant within that second; the middle of both is the best guess. The median of
//! the quicker half of the exchanges is robust against a slow one and against one wrong server.

use super::civil::Instant;

/// One exchange, by the local clock and the server's.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// When the request was sent, by the local clock.
    pub sent: Instant,
    /// The instant that the server's `Date` header names.
    pub date: Instant,
    /// When the answer came, by the local clock.
    pub received: Instant,
    /// How far the local clock was ahead then of one that nobody can set, in milliseconds: another
    /// value later on means that the local clock was set in between, or the device slept.
    pub ahead: i64,
}

/// How much two clocks of one device may part by themselves between two exchanges, in milliseconds.
const DRIFT: u64 = 1_000;

/// The milliseconds to add to the local clock to get the server's; `None` without a usable sample.
///
/// What was measured before the local clock was set says nothing of the clock as it is now.
pub fn offset(samples: &[Sample]) -> Option<i64> {
    const HALF_A_SECOND: i64 = 500;
    let ahead = samples.last()?.ahead;
    let since_set = samples
        .iter()
        .rev()
        .take_while(|one| one.ahead.abs_diff(ahead) <= DRIFT);
    // A clock that was set between sending and receiving measures nothing.
    let usable = since_set.filter(|one| one.received >= one.sent);
    let mut quick: Vec<&Sample> = usable.collect();
    crate::core::order::sort_by_key(&mut quick, |one| one.received - one.sent);
    quick.truncate(quick.len().div_ceil(2).max(3));
    let guess = |one: &Sample| {
        let middle = one.sent + (one.received - one.sent) / 2;
        one.date + HALF_A_SECOND - middle
    };
    let mut guesses: Vec<i64> = quick.into_iter().map(guess).collect();
    crate::core::order::sort_by_key(&mut guesses, |guess| *guess);
    let middle = guesses.len() / 2;
    match guesses.len() % 2 {
        1 => guesses.get(middle).copied(),
        _ => {
            let (low, high) = (guesses.get(middle.checked_sub(1)?)?, guesses.get(middle)?);
            Some((low + high).div_euclid(2))
        }
    }
}
