//! The tables, made when they are missing. The same statements serve both databases; only the
//! type of bytes and the byte-wise order of text are spelled differently.

use super::Dialect;
use crate::text;
use sqlx::{AnyConnection, AssertSqlSafe};

const TABLES: &str = "
CREATE TABLE IF NOT EXISTS counters (
    name TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS facts (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS records (
    kind TEXT NOT NULL,
    id TEXT {bytewise} NOT NULL,
    scope TEXT NOT NULL,
    parent TEXT NOT NULL,
    ord TEXT {bytewise} NOT NULL,
    seq BIGINT NOT NULL UNIQUE,
    deleted BIGINT NOT NULL,
    body TEXT NOT NULL,
    search TEXT NOT NULL,
    facets TEXT NOT NULL,
    PRIMARY KEY (kind, id)
);
CREATE INDEX IF NOT EXISTS records_by_change ON records (scope, seq);
CREATE INDEX IF NOT EXISTS records_by_order ON records (kind, parent, ord);
CREATE TABLE IF NOT EXISTS users (
    login TEXT PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    account_id TEXT NOT NULL,
    contact_id TEXT NOT NULL,
    password TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS sessions (
    token_hash TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS idempotency (
    account_id TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    lease TEXT NOT NULL,
    lease_until BIGINT NOT NULL,
    answer TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, key)
);
CREATE TABLE IF NOT EXISTS uploads (
    blob TEXT PRIMARY KEY,
    started_at BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS transfers (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    case_id TEXT NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    metadata TEXT NOT NULL,
    declared TEXT NOT NULL,
    length BIGINT NOT NULL,
    position BIGINT NOT NULL,
    parts BIGINT NOT NULL,
    hash TEXT NOT NULL,
    finished BIGINT NOT NULL,
    lease TEXT NOT NULL,
    lease_until BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    UNIQUE (account_id, key)
);
CREATE TABLE IF NOT EXISTS blobs (
    blob TEXT NOT NULL,
    part BIGINT NOT NULL,
    bytes {bytes} NOT NULL,
    PRIMARY KEY (blob, part)
);
";

/// Makes what is missing. The connection must be in a transaction, so that two programs that
/// start at once on an empty database do not disturb each other.
pub(super) async fn create(
    connection: &mut AnyConnection,
    dialect: Dialect,
) -> Result<(), sqlx::Error> {
    if dialect == Dialect::Postgres {
        // CREATE TABLE IF NOT EXISTS alone fails when two programs run it at the same moment.
        sqlx::query("SELECT pg_advisory_xact_lock(6201833)")
            .execute(&mut *connection)
            .await?;
    }
    let (bytes, bytewise) = match dialect {
        Dialect::Sqlite => ("BLOB", ""),
        Dialect::Postgres => ("BYTEA", "COLLATE \"C\""),
    };
    let tables = TABLES
        .replace("{bytes}", bytes)
        .replace("{bytewise}", bytewise);
    if dialect == Dialect::Sqlite || !is_complete(connection).await? {
        sqlx::raw_sql(AssertSqlSafe(tables))
            .execute(&mut *connection)
            .await?;
    }
    for (counter, start) in [
        ("seq", 0_i64),
        ("case_number", 81_000_000),
        ("purchase_number", 4_600_000),
    ] {
        sqlx::query("INSERT INTO counters (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(counter)
            .bind(start)
            .execute(&mut *connection)
            .await?;
    }
    // The epoch names this database: a cursor made by another one must not be understood here.
    let epoch = text::secret_token().map_err(|error| sqlx::Error::Io(error.into()))?;
    let epoch = text::sha256_hex(epoch.as_bytes());
    sqlx::query("INSERT INTO facts (name, value) VALUES ('epoch', $1) ON CONFLICT DO NOTHING")
        .bind(&epoch[..12])
        .execute(&mut *connection)
        .await?;
    Ok(())
}

/// Whether every table is there. To make one that is there locks it all the same, and two programs
/// that start while a third fills the tables would wait for each other.
async fn is_complete(connection: &mut AnyConnection) -> Result<bool, sqlx::Error> {
    let tables = TABLES.split("CREATE TABLE IF NOT EXISTS ").skip(1);
    for table in tables.filter_map(|rest| rest.split(' ').next()) {
        let there: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM information_schema.tables
             WHERE table_schema = current_schema() AND table_name = $1",
        )
        .bind(table)
        .fetch_one(&mut *connection)
        .await?;
        if there == 0 {
            return Ok(false);
        }
    }
    Ok(true)
}
