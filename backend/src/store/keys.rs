//! Idempotency keys. A key is reserved before the work starts, so that every process sees that
//! it is in flight; the answer is stored by the same transaction that does the work. A lease
//! bounds how long a reservation holds: after a crash the next sender takes it over.

use super::{Store, WriteTx, milliseconds_ago, milliseconds_from_now};
use crate::text;
use sqlx::{AnyConnection, Row};
use std::time::Duration;

/// Longer than any request may take, so a lease never ends while its owner still works.
const LEASE: Duration = Duration::from_secs(60);
const KEPT: Duration = Duration::from_secs(60 * 24 * 60 * 60);

/// The right to do the work of a key.
#[derive(Debug, Clone)]
pub struct Lease {
    account_id: String,
    key: String,
    token: String,
}

/// What was found when a key was to be used.
#[derive(Debug)]
pub enum Reservation {
    /// The key is new, or its owner has vanished: do the work.
    Granted(Lease),
    /// The work is done; this was the answer.
    Answered(String),
    /// Somebody is doing the work now.
    InFlight,
    /// The key was used for something else.
    Reused,
}

impl Store {
    /// Reserves a key for the work that the fingerprint describes.
    pub async fn reserve_key(
        &self,
        account_id: &str,
        key: &str,
        fingerprint: &str,
    ) -> Result<Reservation, sqlx::Error> {
        let lease = Lease {
            account_id: account_id.to_owned(),
            key: key.to_owned(),
            token: text::secret_token().map_err(|error| sqlx::Error::Io(error.into()))?,
        };
        let mut transaction = self.begin().await?;
        let taken = insert(&mut transaction, &lease, fingerprint).await?;
        let found = match taken {
            true => Reservation::Granted(lease),
            false => existing(&mut transaction, lease, fingerprint).await?,
        };
        transaction.commit().await?;
        Ok(found)
    }

    /// Gives a key back because nothing was done under it.
    pub async fn release_key(&self, lease: &Lease) -> Result<(), sqlx::Error> {
        sqlx::query(
            "DELETE FROM idempotency
             WHERE account_id = $1 AND key = $2 AND lease = $3 AND answer IS NULL",
        )
        .bind(lease.account_id.as_str())
        .bind(lease.key.as_str())
        .bind(lease.token.as_str())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Ends all leases at once, as time would. Tests use it instead of waiting.
    pub async fn expire_leases(&self) -> Result<(), sqlx::Error> {
        sqlx::query("UPDATE idempotency SET lease_until = 0 WHERE answer IS NULL")
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

impl WriteTx {
    /// Stores the answer of the work together with the work. False means that somebody else has
    /// taken the key over, so this work must not be committed.
    pub async fn answer_key(&mut self, lease: &Lease, answer: &str) -> Result<bool, sqlx::Error> {
        let done = sqlx::query(
            "UPDATE idempotency SET answer = $1
             WHERE account_id = $2 AND key = $3 AND lease = $4 AND answer IS NULL",
        )
        .bind(answer)
        .bind(lease.account_id.as_str())
        .bind(lease.key.as_str())
        .bind(lease.token.as_str())
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }
}

async fn insert(
    connection: &mut AnyConnection,
    lease: &Lease,
    fingerprint: &str,
) -> Result<bool, sqlx::Error> {
    let inserted = sqlx::query(
        "INSERT INTO idempotency
             (account_id, key, fingerprint, lease, lease_until, answer, created_at)
         VALUES ($1, $2, $3, $4, $5, NULL, $6)
         ON CONFLICT DO NOTHING",
    )
    .bind(lease.account_id.as_str())
    .bind(lease.key.as_str())
    .bind(fingerprint)
    .bind(lease.token.as_str())
    .bind(milliseconds_from_now(LEASE))
    .bind(milliseconds_from_now(Duration::ZERO))
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

async fn existing(
    connection: &mut AnyConnection,
    lease: Lease,
    fingerprint: &str,
) -> Result<Reservation, sqlx::Error> {
    let row = sqlx::query(
        "SELECT fingerprint, answer FROM idempotency WHERE account_id = $1 AND key = $2",
    )
    .bind(lease.account_id.as_str())
    .bind(lease.key.as_str())
    .fetch_optional(&mut *connection)
    .await?;
    // The owner gave the key back between our two statements; the client simply tries again.
    let Some(row) = row else {
        return Ok(Reservation::InFlight);
    };
    if row.try_get::<String, _>("fingerprint")? != fingerprint {
        return Ok(Reservation::Reused);
    }
    if let Some(answer) = row.try_get("answer")? {
        return Ok(Reservation::Answered(answer));
    }
    let taken_over = sqlx::query(
        "UPDATE idempotency SET lease = $1, lease_until = $2
         WHERE account_id = $3 AND key = $4 AND lease_until <= $5 AND answer IS NULL",
    )
    .bind(lease.token.as_str())
    .bind(milliseconds_from_now(LEASE))
    .bind(lease.account_id.as_str())
    .bind(lease.key.as_str())
    .bind(milliseconds_from_now(Duration::ZERO))
    .execute(connection)
    .await?;
    Ok(match taken_over.rows_affected() {
        1 => Reservation::Granted(lease),
        _ => Reservation::InFlight,
    })
}

pub(super) async fn forget_old_keys(connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM idempotency WHERE created_at < $1")
        .bind(milliseconds_ago(KEPT))
        .execute(connection)
        .await?;
    Ok(())
}
