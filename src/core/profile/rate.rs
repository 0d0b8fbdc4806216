//! Patience before a limit is reached: how long to wait with the next request.
//!
//! A profile may name the header that counts the requests left (`rate.remaining`). As long as there
//! are plenty nothing is waited for; below [`FEW`] those that are left are spread over the time until
//! there are new ones, which the headers under `rate.retry` say. What a backend asks after the limit
//! was reached is [`super::errors`]' business.

use super::Profile;
use super::errors::asked;
use super::exchange::Reply;
use super::value::{at, text_at};

/// From how many requests on those that are left are spread out.
const FEW: i64 = 10;
/// The time that is assumed until there are new ones, in milliseconds.
const USUAL: i64 = 60_000;
/// The longest that one request waits, in milliseconds: a person may be waiting for it.
pub const LONGEST: i64 = 30_000;

/// Milliseconds to wait before the next request; 0 where nothing says that requests run short. `now`
/// is in milliseconds since 1970.
pub fn pause(profile: &Profile, reply: &Reply, now: i64) -> i64 {
    let name = text_at(at(profile.json(), "rate"), "remaining");
    let told = reply.header(name).filter(|_| !name.is_empty());
    let left = told.and_then(|told| told.trim().parse::<i64>().ok());
    match left {
        Some(left) if left < FEW => {
            let until = asked(profile, reply, now).unwrap_or(USUAL);
            (until / (left.max(0) + 1)).clamp(0, LONGEST)
        }
        _ => 0,
    }
}
