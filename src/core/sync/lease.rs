//! Who of several tabs sends for an account: a lease that is kept in the store beside the outbox.
//!
//! [`claim`] decides inside one transaction over what is stored, so that of two tabs that claim at
//! once one gets it. Every change of holder raises the fence, and whoever writes what a backend
//! said does so only while the fence is still the one it was sent under: a tab that was frozen
//! while it held the lease and wakes up later changes nothing any more.
//!
//! A lock of the browser only makes it quicker: it is given back the moment that a tab dies, where
//! the lease would still have to run out.

use serde_json::{Value, json};

use super::super::draft::text_of;

/// How long a lease holds without being renewed, in milliseconds.
pub const VALID: i64 = 30_000;
/// How often its holder renews it, in milliseconds.
pub const RENEW: i64 = 10_000;

/// The right to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The tab that has it, by a name made when it was opened.
    pub holder: String,
    /// Grows by one with every change of holder.
    pub fence: u64,
    /// When it ends unless it is renewed, in milliseconds since 1970.
    pub until: i64,
}

/// What came of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The claimant has it; to be stored as it stands here.
    Held(Lease),
    /// Another tab has it until then.
    Busy(i64),
}

/// Claims or renews the lease for a tab. `alone` says that the tab also holds the lock, which
/// nobody alive gave up for it without meaning to, so that it need not wait for the lease's end.
pub fn claim(stored: Option<&Lease>, by: &str, now: i64, alone: bool) -> Claim {
    let until = now.saturating_add(VALID);
    let fence = match stored {
        None => 1,
        // Even when it has run out: as long as nobody took it over, nobody wrote in between.
        Some(lease) if lease.holder == by => lease.fence,
        // An end further away than any lease lasts was written by a clock that has been set back
        // since; waiting for it could take days.
        Some(lease) if !alone && lease.until > now && lease.until <= until => {
            return Claim::Busy(lease.until);
        }
        Some(lease) => lease.fence.saturating_add(1),
    };
    Claim::Held(Lease {
        holder: by.into(),
        fence,
        until,
    })
}

/// Whether a write under a fence may still be made.
pub fn holds(stored: Option<&Lease>, fence: u64) -> bool {
    stored.is_some_and(|lease| lease.fence == fence)
}

impl Lease {
    /// The form in which it is stored.
    pub fn to_json(&self) -> Value {
        json!({ "holder": self.holder, "fence": self.fence, "until": self.until })
    }

    /// Reads the stored form.
    pub fn from_json(json: &Value) -> Option<Lease> {
        Some(Lease {
            holder: text_of(json.get("holder")?)?,
            fence: json.get("fence")?.as_u64()?,
            until: json.get("until")?.as_i64()?,
        })
    }
}
