//! Uploads that may break off and go on: how far each has come, and the hash of what is there.
//!
//! The parts of a content lie with all other contents. A part counts once the row says so, and the
//! row says so in the transaction that writes the part, so an offset is never ahead of its bytes;
//! parts beyond the row are what a refused or broken piece left behind, and are written again.
//! One writer at a time has the lease of an upload; whoever lost it changes nothing any more.

use super::{Store, WriteTx, blobs, milliseconds_ago, milliseconds_from_now};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use std::time::Duration;

/// A writer that was silent for so long has gone, and the next one takes over.
const LEASE: Duration = Duration::from_secs(5);
/// An upload that did not go on for so long is given up.
const UNFINISHED: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// So long it is known what became of an upload, as long as idempotency keys are.
const REMEMBERED: Duration = Duration::from_secs(60 * 24 * 60 * 60);

/// One upload. Its id is that of its content, and of its record once it is complete.
#[derive(Debug, Clone, Default)]
pub struct Transfer {
    /// Stable id.
    pub id: String,
    /// Whose it is.
    pub account_id: String,
    /// The idempotency key it was begun with.
    pub key: String,
    /// What makes the beginning the same as another with this key.
    pub fingerprint: String,
    /// The case it belongs to.
    pub case_id: String,
    /// The file's name.
    pub name: String,
    /// The file's media type, as its sender says.
    pub media_type: String,
    /// What was said of it when it was begun, as it was written.
    pub metadata: String,
    /// The hash it must have, in hexadecimal; empty if none was told.
    pub declared: String,
    /// How many bytes it will have.
    pub length: u64,
    /// How many bytes are there.
    pub offset: u64,
    /// How many parts count.
    pub parts: i64,
    /// The state of the hash after `offset` bytes.
    pub hash: String,
    /// Whether its record exists.
    pub finished: bool,
    /// When it is given up, in milliseconds since 1970.
    pub expires_at: i64,
}

impl Transfer {
    /// Whether it was given up.
    pub fn is_expired(&self) -> bool {
        !self.finished && self.expires_at <= milliseconds_from_now(Duration::ZERO)
    }
}

/// How far a writer has come.
#[derive(Debug, Clone)]
pub struct Progress {
    /// How many bytes are there.
    pub offset: u64,
    /// How many parts count.
    pub parts: i64,
    /// The state of the hash.
    pub hash: String,
    /// Whether the record exists from now on.
    pub finished: bool,
}

/// A part's number and bytes.
pub type Part = (i64, Vec<u8>);

impl Store {
    /// An upload of an account.
    pub async fn transfer(
        &self,
        account_id: &str,
        id: &str,
    ) -> Result<Option<Transfer>, sqlx::Error> {
        sqlx::query("SELECT * FROM transfers WHERE account_id = $1 AND id = $2")
            .bind(account_id)
            .bind(id)
            .fetch_optional(&self.pool)
            .await?
            .map(|row| transfer(&row))
            .transpose()
    }

    /// Makes somebody the only writer of an upload, unless another one is at work.
    pub async fn lease_transfer(&self, id: &str, writer: &str) -> Result<bool, sqlx::Error> {
        let taken = sqlx::query(
            "UPDATE transfers SET lease = $1, lease_until = $2 WHERE id = $3 AND lease_until <= $4",
        )
        .bind(writer)
        .bind(milliseconds_from_now(LEASE))
        .bind(id)
        .bind(milliseconds_from_now(Duration::ZERO))
        .execute(&self.pool)
        .await?;
        Ok(taken.rows_affected() == 1)
    }

    /// Says that the writer is still at work. False means that it is not the writer any more.
    pub async fn keep_lease(&self, id: &str, writer: &str) -> Result<bool, sqlx::Error> {
        advance(&mut *self.connection().await?, id, writer, None).await
    }

    /// Lets the next writer come at once.
    pub async fn return_lease(&self, id: &str, writer: &str) -> Result<(), sqlx::Error> {
        sqlx::query("UPDATE transfers SET lease_until = 0 WHERE id = $1 AND lease = $2")
            .bind(id)
            .bind(writer)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Writes a part, and how far the upload has come if the part counts already. False means
    /// that nothing was written, because somebody else is the writer.
    pub async fn write_to_transfer(
        &self,
        id: &str,
        writer: &str,
        part: Part,
        progress: Option<&Progress>,
    ) -> Result<bool, sqlx::Error> {
        let mut transaction = self.begin().await?;
        if !advance(&mut transaction, id, writer, progress).await? {
            return Ok(false);
        }
        blobs::write_part(&mut transaction, id, part.0, part.1).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Removes the parts that don't count.
    pub async fn drop_parts_from(&self, id: &str, part: i64) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM blobs WHERE blob = $1 AND part >= $2")
            .bind(id)
            .bind(part)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Gives up all unfinished uploads at once, as time would. Tests use it instead of waiting.
    pub async fn expire_transfers(&self) -> Result<(), sqlx::Error> {
        sqlx::query("UPDATE transfers SET expires_at = 0 WHERE finished = 0")
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

impl WriteTx {
    /// The upload that was begun with a key.
    pub async fn transfer_of_key(
        &mut self,
        account_id: &str,
        key: &str,
    ) -> Result<Option<Transfer>, sqlx::Error> {
        sqlx::query("SELECT * FROM transfers WHERE account_id = $1 AND key = $2")
            .bind(account_id)
            .bind(key)
            .fetch_optional(self.connection())
            .await?
            .map(|row| transfer(&row))
            .transpose()
    }

    /// Begins an upload; returns when it will be given up unless it goes on.
    pub async fn begin_transfer(&mut self, transfer: &Transfer) -> Result<i64, sqlx::Error> {
        let expires_at = milliseconds_from_now(UNFINISHED);
        sqlx::query(
            "INSERT INTO transfers
                 (id, account_id, key, fingerprint, case_id, name, media_type, metadata, declared,
                  length, position, parts, hash, finished, lease, lease_until, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, $11, $12, '', 0, $13)",
        )
        .bind(transfer.id.as_str())
        .bind(transfer.account_id.as_str())
        .bind(transfer.key.as_str())
        .bind(transfer.fingerprint.as_str())
        .bind(transfer.case_id.as_str())
        .bind(transfer.name.as_str())
        .bind(transfer.media_type.as_str())
        .bind(transfer.metadata.as_str())
        .bind(transfer.declared.as_str())
        .bind(number(transfer.length))
        .bind(transfer.hash.as_str())
        .bind(i64::from(transfer.finished))
        .bind(expires_at)
        .execute(self.connection())
        .await?;
        Ok(expires_at)
    }

    /// Writes what is missing at the end, together with the record that is put in the same change.
    pub async fn finish_transfer(
        &mut self,
        id: &str,
        writer: &str,
        part: Option<Part>,
        progress: &Progress,
    ) -> Result<bool, sqlx::Error> {
        if !advance(self.connection(), id, writer, Some(progress)).await? {
            return Ok(false);
        }
        if let Some((number, bytes)) = part {
            blobs::write_part(self.connection(), id, number, bytes).await?;
        }
        Ok(true)
    }

    /// Forgets an upload and all of its bytes.
    pub async fn drop_transfer(&mut self, id: &str) -> Result<(), sqlx::Error> {
        for statement in [
            "DELETE FROM blobs WHERE blob = $1",
            "DELETE FROM transfers WHERE id = $1",
        ] {
            sqlx::query(statement)
                .bind(id)
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }
}

/// Keeps the lease, and writes down how far the upload has come.
async fn advance(
    connection: &mut AnyConnection,
    id: &str,
    writer: &str,
    progress: Option<&Progress>,
) -> Result<bool, sqlx::Error> {
    let until = milliseconds_from_now(LEASE);
    let done = match progress {
        None => {
            sqlx::query("UPDATE transfers SET lease_until = $1 WHERE id = $2 AND lease = $3")
                .bind(until)
                .bind(id)
                .bind(writer)
                .execute(connection)
                .await?
        }
        Some(progress) => {
            sqlx::query(
                "UPDATE transfers SET lease_until = $1, position = $2, parts = $3, hash = $4,
                     finished = $5, expires_at = $6
                 WHERE id = $7 AND lease = $8",
            )
            .bind(until)
            .bind(number(progress.offset))
            .bind(progress.parts)
            .bind(progress.hash.as_str())
            .bind(i64::from(progress.finished))
            .bind(milliseconds_from_now(UNFINISHED))
            .bind(id)
            .bind(writer)
            .execute(connection)
            .await?
        }
    };
    Ok(done.rows_affected() == 1)
}

/// Removes the bytes of uploads that were given up, and in the end what is known of all of them.
pub(super) async fn forget_old_transfers(
    connection: &mut AnyConnection,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "DELETE FROM blobs WHERE blob IN
             (SELECT id FROM transfers WHERE finished = 0 AND expires_at <= $1)",
    )
    .bind(milliseconds_from_now(Duration::ZERO))
    .execute(&mut *connection)
    .await?;
    sqlx::query("DELETE FROM transfers WHERE expires_at <= $1")
        .bind(milliseconds_ago(REMEMBERED))
        .execute(connection)
        .await?;
    Ok(())
}

fn transfer(row: &AnyRow) -> Result<Transfer, sqlx::Error> {
    let length: i64 = row.try_get("length")?;
    let offset: i64 = row.try_get("position")?;
    let finished: i64 = row.try_get("finished")?;
    Ok(Transfer {
        id: row.try_get("id")?,
        account_id: row.try_get("account_id")?,
        key: row.try_get("key")?,
        fingerprint: row.try_get("fingerprint")?,
        case_id: row.try_get("case_id")?,
        name: row.try_get("name")?,
        media_type: row.try_get("media_type")?,
        metadata: row.try_get("metadata")?,
        declared: row.try_get("declared")?,
        length: u64::try_from(length).unwrap_or_default(),
        offset: u64::try_from(offset).unwrap_or_default(),
        parts: row.try_get("parts")?,
        hash: row.try_get("hash")?,
        finished: finished != 0,
        expires_at: row.try_get("expires_at")?,
    })
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
