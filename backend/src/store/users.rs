//! Users and their sessions. A session is kept as the hash of its token, so that whoever reads
//! the database can't sign in with what is found there.

use super::{Store, WriteTx, milliseconds_from_now};
use crate::text;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use std::time::Duration;

/// Somebody who can sign in.
#[derive(Debug, Clone)]
pub struct User {
    /// Stable id.
    pub id: String,
    /// What they type to sign in.
    pub login: String,
    /// The account they act for.
    pub account_id: String,
    /// Their own contact record.
    pub contact_id: String,
    /// Hash of their password.
    pub password: String,
}

impl Store {
    /// The user with this login.
    pub async fn user(&self, login: &str) -> Result<Option<User>, sqlx::Error> {
        sqlx::query("SELECT * FROM users WHERE login = $1")
            .bind(login)
            .fetch_optional(&self.pool)
            .await?
            .map(|row| user(&row))
            .transpose()
    }

    /// The user whose session has this token, unless it has expired.
    pub async fn session_user(&self, token: &str) -> Result<Option<User>, sqlx::Error> {
        sqlx::query(
            "SELECT users.* FROM sessions JOIN users ON users.id = sessions.user_id
             WHERE token_hash = $1 AND expires_at > $2",
        )
        .bind(text::sha256_hex(token.as_bytes()))
        .bind(milliseconds_from_now(Duration::ZERO))
        .fetch_optional(&self.pool)
        .await?
        .map(|row| user(&row))
        .transpose()
    }

    /// Starts a session.
    pub async fn start_session(
        &self,
        token: &str,
        user: &User,
        length: Duration,
    ) -> Result<(), sqlx::Error> {
        sqlx::query("INSERT INTO sessions (token_hash, user_id, expires_at) VALUES ($1, $2, $3)")
            .bind(text::sha256_hex(token.as_bytes()))
            .bind(user.id.as_str())
            .bind(milliseconds_from_now(length))
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Ends a session, and says whether there was one; of several that end it one hears so.
    pub async fn take_session(&self, token: &str) -> Result<bool, sqlx::Error> {
        let done = sqlx::query("DELETE FROM sessions WHERE token_hash = $1")
            .bind(text::sha256_hex(token.as_bytes()))
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Ends a session.
    pub async fn end_session(&self, token: &str) -> Result<(), sqlx::Error> {
        sqlx::query("DELETE FROM sessions WHERE token_hash = $1")
            .bind(text::sha256_hex(token.as_bytes()))
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

impl WriteTx {
    /// Adds a user.
    pub async fn add_user(&mut self, user: &User) -> Result<(), sqlx::Error> {
        sqlx::query(
            "INSERT INTO users (login, id, account_id, contact_id, password)
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(user.login.as_str())
        .bind(user.id.as_str())
        .bind(user.account_id.as_str())
        .bind(user.contact_id.as_str())
        .bind(user.password.as_str())
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

pub(super) async fn forget_expired_sessions(
    connection: &mut AnyConnection,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM sessions WHERE expires_at <= $1")
        .bind(milliseconds_from_now(Duration::ZERO))
        .execute(connection)
        .await?;
    Ok(())
}

fn user(row: &AnyRow) -> Result<User, sqlx::Error> {
    Ok(User {
        id: row.try_get("id")?,
        login: row.try_get("login")?,
        account_id: row.try_get("account_id")?,
        contact_id: row.try_get("contact_id")?,
        password: row.try_get("password")?,
    })
}
