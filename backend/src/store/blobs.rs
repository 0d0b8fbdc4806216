//! File contents in parts, so that no file is ever in memory as a whole and every process on the
//! same database can serve it. Parts written for an upload that never finished are removed later.

use super::{Store, WriteTx, milliseconds_ago, milliseconds_from_now};
use sqlx::{AnyConnection, Row};
use std::time::Duration;

const ABANDONED_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

impl Store {
    /// Announces an upload before its first part.
    pub async fn start_upload(&self, blob: &str) -> Result<(), sqlx::Error> {
        sqlx::query("INSERT INTO uploads (blob, started_at) VALUES ($1, $2)")
            .bind(blob)
            .bind(milliseconds_from_now(Duration::ZERO))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Writes one part of an upload.
    pub async fn write_part(
        &self,
        blob: &str,
        part: i64,
        bytes: Vec<u8>,
    ) -> Result<(), sqlx::Error> {
        write_part(&mut *self.connection().await?, blob, part, bytes).await
    }

    /// Reads one part, or nothing after the last.
    pub async fn read_part(&self, blob: &str, part: i64) -> Result<Option<Vec<u8>>, sqlx::Error> {
        sqlx::query("SELECT bytes FROM blobs WHERE blob = $1 AND part = $2")
            .bind(blob)
            .bind(part)
            .fetch_optional(&self.pool)
            .await?
            .map(|row| row.try_get("bytes"))
            .transpose()
    }

    /// Removes an upload that no record refers to. A finished one is left alone.
    pub async fn drop_upload(&self, blob: &str) -> Result<(), sqlx::Error> {
        let mut transaction = self.begin().await?;
        let open = sqlx::query("DELETE FROM uploads WHERE blob = $1")
            .bind(blob)
            .execute(&mut *transaction)
            .await?;
        if open.rows_affected() == 1 {
            sqlx::query("DELETE FROM blobs WHERE blob = $1")
                .bind(blob)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await
    }
}

impl WriteTx {
    /// Stores a small content in one part, without an upload.
    pub async fn add_blob(&mut self, blob: &str, bytes: Vec<u8>) -> Result<(), sqlx::Error> {
        write_part(self.connection(), blob, 0, bytes).await
    }

    /// Keeps an upload for good, together with the record that refers to it.
    pub async fn finish_upload(&mut self, blob: &str) -> Result<(), sqlx::Error> {
        let open = sqlx::query("DELETE FROM uploads WHERE blob = $1")
            .bind(blob)
            .execute(self.connection())
            .await?;
        match open.rows_affected() {
            1 => Ok(()),
            _ => Err(sqlx::Error::RowNotFound),
        }
    }
}

pub(super) async fn forget_abandoned_uploads(
    connection: &mut AnyConnection,
) -> Result<(), sqlx::Error> {
    let long_ago = milliseconds_ago(ABANDONED_AFTER);
    for statement in [
        "DELETE FROM blobs WHERE blob IN (SELECT blob FROM uploads WHERE started_at < $1)",
        "DELETE FROM uploads WHERE started_at < $1",
    ] {
        sqlx::query(statement)
            .bind(long_ago)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

pub(super) async fn write_part(
    connection: &mut AnyConnection,
    blob: &str,
    part: i64,
    bytes: Vec<u8>,
) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO blobs (blob, part, bytes) VALUES ($1, $2, $3)")
        .bind(blob)
        .bind(part)
        .bind(bytes)
        .execute(connection)
        .await?;
    Ok(())
}
