//! Who is asking. A session is a cookie that scripts can't read; a request that changes anything
//! must also carry a token that only our own pages can have read, so that no other site can act
//! in the name of somebody who is signed in.

use crate::catalog;
use crate::http::App;
use crate::problem::Problem;
use crate::store::{Access, User};
use crate::text;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// How long a session lasts.
pub(crate) const LENGTH: Duration = Duration::from_secs(12 * 60 * 60);

const SECURE_COOKIE: &str = "__Host-casement";
/// Some browsers refuse Secure cookies without TLS even on loopback.
const LOOPBACK_COOKIE: &str = "casement-loopback";
/// The cookie of a frame on another site's page, kept for that site alone.
const FRAME_COOKIE: &str = "__Host-casement-frame";
const CSRF_HEADER: &str = "x-csrf-token";
const ISSUER: &str = "casement-reference-backend";

/// Somebody who is signed in, with what they may see.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) user: User,
    pub(crate) account: Value,
    pub(crate) access: Access,
    pub(crate) csrf: String,
}

impl Session {
    /// The session of a request, if it has one that is still valid.
    pub(crate) async fn of(app: &App, headers: &HeaderMap) -> Result<Option<Self>, Problem> {
        for token in tokens(app, headers) {
            if let Some(session) = Self::of_token(app, &token).await? {
                return Ok(Some(session));
            }
        }
        Ok(None)
    }

    /// The session with this token.
    pub(crate) async fn of_token(app: &App, token: &str) -> Result<Option<Self>, Problem> {
        match app.store.session_user(token).await? {
            Some(user) => Self::load(app, user, csrf(token)).await,
            None => Ok(None),
        }
    }

    /// A stable name for this user of this account at this backend that tells nothing else.
    pub(crate) fn subject(&self) -> String {
        let who = [ISSUER, &self.user.id, &self.user.account_id].join("\0");
        text::sha256_short(who.as_bytes())
    }

    async fn load(app: &App, user: User, csrf: String) -> Result<Option<Self>, Problem> {
        let own = Access::new(&user.account_id, &[]);
        let account = app.store.get(&own, "account", &user.account_id).await?;
        Ok(account.map(|account| Self {
            access: catalog::access(&account),
            user,
            account,
            csrf,
        }))
    }
}

/// Only somebody signed in gets past this; for requests that change something, only with the
/// CSRF token.
impl FromRequestParts<Arc<App>> for Session {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let session = Self::of(app, &parts.headers)
            .await?
            .ok_or_else(signed_out)?;
        let safe = matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
        let given = parts
            .headers
            .get(CSRF_HEADER)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        match safe || text::same_secret(given, &session.csrf) {
            true => Ok(session),
            false => Err(Problem::new(
                StatusCode::FORBIDDEN,
                "csrf",
                "The header X-CSRF-Token is missing or belongs to another session.",
            )),
        }
    }
}

/// The tokens a request carries, the stronger cookie first.
pub(crate) fn tokens(app: &App, headers: &HeaderMap) -> Vec<String> {
    let mut names = vec![SECURE_COOKIE];
    if app.loopback {
        names.push(LOOPBACK_COOKIE);
    }
    names.push(FRAME_COOKIE);
    names
        .into_iter()
        .filter_map(|name| cookie(headers, name))
        .collect()
}

/// The cookies that carry a token, or with an empty token those that take it away.
pub(crate) fn cookies(app: &App, token: &str) -> Vec<HeaderValue> {
    let age = match token.is_empty() {
        true => 0,
        false => LENGTH.as_secs(),
    };
    let common = format!("Path=/; HttpOnly; SameSite=Strict; Max-Age={age}");
    let mut cookies = vec![format!("{SECURE_COOKIE}={token}; Secure; {common}")];
    if app.loopback {
        cookies.push(format!("{LOOPBACK_COOKIE}={token}; {common}"));
    }
    cookies
        .iter()
        .filter_map(|cookie| HeaderValue::from_str(cookie).ok())
        .collect()
}

/// The cookie that carries the token of a frame, or with an empty token the one that takes it away.
pub(crate) fn frame_cookie(token: &str) -> Option<HeaderValue> {
    let age = match token.is_empty() {
        true => 0,
        false => LENGTH.as_secs(),
    };
    HeaderValue::from_str(&format!(
        "{FRAME_COOKIE}={token}; Secure; Path=/; HttpOnly; SameSite=None; Partitioned; Max-Age={age}"
    ))
    .ok()
}

/// The CSRF token follows from the session token, but the session token not from it.
fn csrf(token: &str) -> String {
    text::sha256_short(["csrf", token].join("\0").as_bytes())
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, value)| *found == name && !value.is_empty())
        .map(|(_, value)| value.to_owned())
}

fn signed_out() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "signed_out",
        "Nobody is signed in, or the session has ended. Sign in and send this again.",
    )
}
