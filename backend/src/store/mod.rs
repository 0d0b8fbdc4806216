//! Keeps records, sessions, idempotency answers and file contents on SQLite or PostgreSQL.
//!
//! It guarantees that what one [`WriteTx`] does becomes visible together or not at all, and that
//! sequence numbers become visible in their own order: every writer of records first takes the
//! lock of the sequence counter and keeps it until it commits. Who may see what is decided by
//! the caller and passed in as [`Access`]; what a record means is not known here.

mod blobs;
mod keys;
mod records;
mod schema;
mod statement;
mod transfers;
mod users;

pub use keys::{Lease, Reservation};
pub(crate) use records::policy_scope;
pub use records::{Access, Change, Listing, Page, Placement};
pub use transfers::{Part, Progress, Transfer};
pub use users::User;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool, Connection, Executor, Row, Transaction};
use std::ops::{Deref, DerefMut};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

const SQLITE_CONNECTIONS: u32 = 8;
const POSTGRES_CONNECTIONS: u32 = 10;
const CONNECTION_PATIENCE: Duration = Duration::from_secs(10);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Sqlite,
    Postgres,
}

/// The database, shared by all requests.
#[derive(Debug, Clone)]
pub struct Store {
    pool: AnyPool,
    dialect: Dialect,
    epoch: String,
    /// SQLite lets one write at a time but does not queue the others; this does, in order.
    turns: Arc<Semaphore>,
}

impl Store {
    /// Opens the database and makes its tables if they are missing.
    pub async fn open(url: &str) -> Result<Self, sqlx::Error> {
        sqlx::any::install_default_drivers();
        let (dialect, url) = resolve(url)?;
        let options = AnyConnectOptions::from_str(&url)?;
        let pool = match dialect {
            Dialect::Sqlite => sqlite_pool(options).await?,
            Dialect::Postgres => {
                AnyPoolOptions::new()
                    .max_connections(POSTGRES_CONNECTIONS)
                    .acquire_timeout(CONNECTION_PATIENCE)
                    .connect_with(options)
                    .await?
            }
        };
        let mut store = Self {
            pool,
            dialect,
            epoch: String::new(),
            turns: Arc::new(Semaphore::new(1)),
        };
        let mut transaction = store.begin().await?;
        schema::create(&mut transaction, dialect).await?;
        transaction.commit().await?;
        store.epoch = store.fact("epoch").await?.unwrap_or_default();
        store.tidy().await?;
        Ok(store)
    }

    /// The name of this database; it differs from that of every other.
    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), sqlx::Error> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }

    /// Ends all connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Starts a change of records. From here on until the commit no other writer of records
    /// moves, in this process or another, so what is read stays true until it is written.
    pub async fn write(&self) -> Result<WriteTx, sqlx::Error> {
        let mut transaction = self.begin().await?;
        sqlx::query("UPDATE counters SET value = value WHERE name = 'seq'")
            .execute(&mut *transaction)
            .await?;
        Ok(WriteTx { transaction })
    }

    async fn connection(&self) -> Result<PoolConnection<Any>, sqlx::Error> {
        self.pool.acquire().await
    }

    /// SQLite must know from the start that a transaction writes: one that reads first and
    /// writes later fails instead of waiting.
    async fn begin(&self) -> Result<Changing, sqlx::Error> {
        match self.dialect {
            Dialect::Sqlite => {
                let turn = Arc::clone(&self.turns).acquire_owned().await.ok();
                let transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
                Ok(Changing { transaction, turn })
            }
            Dialect::Postgres => {
                let transaction = self.pool.begin().await?;
                let turn = None;
                Ok(Changing { transaction, turn })
            }
        }
    }

    async fn fact(&self, name: &str) -> Result<Option<String>, sqlx::Error> {
        sqlx::query("SELECT value FROM facts WHERE name = $1")
            .bind(name)
            .fetch_optional(&self.pool)
            .await?
            .map(|row| row.try_get("value"))
            .transpose()
    }

    /// Removes what nobody can ask for any more.
    async fn tidy(&self) -> Result<(), sqlx::Error> {
        let mut transaction = self.begin().await?;
        users::forget_expired_sessions(&mut transaction).await?;
        keys::forget_old_keys(&mut transaction).await?;
        blobs::forget_abandoned_uploads(&mut transaction).await?;
        transfers::forget_old_transfers(&mut transaction).await?;
        transaction.commit().await
    }
}

/// A transaction that writes, and its place in the queue of this process.
#[derive(Debug)]
struct Changing {
    transaction: Transaction<'static, Any>,
    turn: Option<OwnedSemaphorePermit>,
}

impl Changing {
    async fn commit(self) -> Result<(), sqlx::Error> {
        let done = self.transaction.commit().await;
        drop(self.turn);
        done
    }
}

impl Deref for Changing {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        &self.transaction
    }
}

impl DerefMut for Changing {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.transaction
    }
}

/// A change of records that is visible to nobody until it is committed, and undone when dropped.
#[derive(Debug)]
pub struct WriteTx {
    transaction: Changing,
}

impl WriteTx {
    /// Makes everything done so far visible at once.
    pub async fn commit(self) -> Result<(), sqlx::Error> {
        self.transaction.commit().await
    }

    /// Takes the next number of a counter. Numbers of transactions that were undone come again.
    pub async fn next_number(&mut self, counter: &str) -> Result<i64, sqlx::Error> {
        sqlx::query("UPDATE counters SET value = value + 1 WHERE name = $1 RETURNING value")
            .bind(counter)
            .fetch_one(&mut *self.transaction)
            .await?
            .try_get("value")
    }

    /// Takes so many numbers of a counter in a row and gives the first.
    async fn take_numbers(&mut self, counter: &str, count: usize) -> Result<i64, sqlx::Error> {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        let last: i64 =
            sqlx::query("UPDATE counters SET value = value + $1 WHERE name = $2 RETURNING value")
                .bind(count)
                .bind(counter)
                .fetch_one(&mut *self.transaction)
                .await?
                .try_get("value")?;
        Ok(last - count + 1)
    }

    fn connection(&mut self) -> &mut AnyConnection {
        &mut self.transaction
    }
}

async fn sqlite_pool(options: AnyConnectOptions) -> Result<AnyPool, sqlx::Error> {
    // The journal mode stays with the file; switching it needs the file for oneself.
    let mut first = AnyConnection::connect_with(&options).await?;
    first
        .execute("PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL;")
        .await?;
    first.close().await?;
    AnyPoolOptions::new()
        .max_connections(SQLITE_CONNECTIONS)
        .acquire_timeout(CONNECTION_PATIENCE)
        .after_connect(|connection, _| {
            Box::pin(async move {
                // FULL: what was acknowledged survives a power failure, not only a crash.
                connection
                    .execute("PRAGMA busy_timeout = 10000; PRAGMA synchronous = FULL;")
                    .await?;
                Ok(())
            })
        })
        .connect_with(options)
        .await
}

/// Tells the database by its address and escapes what a file name may contain but an address
/// may not.
fn resolve(url: &str) -> Result<(Dialect, String), sqlx::Error> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok((Dialect::Postgres, url.to_owned()));
    }
    match url.strip_prefix("sqlite:") {
        Some(path) if !path.is_empty() => {
            let path = path.replace('%', "%25").replace('?', "%3F");
            let path = path.replace('#', "%23").replace(' ', "%20");
            Ok((Dialect::Sqlite, format!("sqlite:{path}?mode=rwc")))
        }
        _ => Err(sqlx::Error::Configuration(
            "the database must be sqlite:PATH or postgres://…".into(),
        )),
    }
}

fn milliseconds_from_now(span: Duration) -> i64 {
    let span = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
    chrono::Utc::now().timestamp_millis().saturating_add(span)
}

fn milliseconds_ago(span: Duration) -> i64 {
    let span = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
    chrono::Utc::now().timestamp_millis().saturating_sub(span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_with_special_characters_reaches_the_database_unchanged() {
        let (dialect, url) = resolve("sqlite:/data/a b?c#100%.db").expect("it is an address");
        assert_eq!(dialect, Dialect::Sqlite);
        assert_eq!(url, "sqlite:/data/a%20b%3Fc%23100%25.db?mode=rwc");
    }

    #[test]
    fn an_unknown_database_is_refused() {
        assert!(resolve("mysql://localhost/x").is_err());
        assert!(resolve("sqlite:").is_err());
    }
}
