//! Signing in and out.

use super::App;
use super::body;
use super::limits::{LONGEST_EMAIL, LONGEST_PASSWORD};
use crate::form::Form;
use crate::password;
use crate::problem::Problem;
use crate::session::{LENGTH, Session, cookies, frame_cookie, tokens};
use crate::store::User;
use crate::text;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// So many wrong passwords for one login …
const TRIES: u32 = 10;
/// … within this time end the trying for the rest of it.
const WINDOW: Duration = Duration::from_secs(5 * 60);
const MOST_LOGINS_WATCHED: usize = 10_000;

pub(super) fn routes() -> MethodRouter<Arc<App>> {
    get(show).post(sign_in).delete(sign_out)
}

/// Who is signed in, if anybody. This is also how a client learns the service's time.
async fn show(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, Problem> {
    let body = match Session::of(&app, &headers).await? {
        Some(session) => describe(&session),
        None => json!({
            "signed_in": false,
            "server_time": text::now(),
            "examples": app.examples.as_array().cloned().unwrap_or_default(),
        }),
    };
    Ok(Json(body).into_response())
}

async fn sign_in(State(app): State<Arc<App>>, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let body = body::json(body, &parts.headers, &["application/json"]).await?;
    let mut form = Form::read(&body)?;
    let login = form.required_line("login", LONGEST_EMAIL).to_lowercase();
    let password = form.required_text("password", LONGEST_PASSWORD);
    form.finish()?;

    app.throttle.check(&login)?;
    let user = app.store.user(&login).await?;
    let Some(user) = verified(user, password).await? else {
        app.throttle.count_failure(&login);
        return Err(sign_in_failed());
    };
    app.throttle.forget(&login);
    // A session that was there before must not live on beside the new one.
    for token in tokens(&app, &parts.headers) {
        app.store.end_session(&token).await?;
    }
    let token = text::secret_token()?;
    app.store.start_session(&token, &user, LENGTH).await?;
    let session = Session::of_token(&app, &token).await?;
    let mut response = Json(describe(&session.ok_or_else(sign_in_failed)?)).into_response();
    set_cookies(&app, &mut response, &token);
    Ok(response)
}

async fn sign_out(
    State(app): State<Arc<App>>,
    session: Session,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    tracing::debug!(user = session.user.id, "signed out");
    for token in tokens(&app, &headers) {
        app.store.end_session(&token).await?;
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    set_cookies(&app, &mut response, "");
    if let Some(cookie) = frame_cookie("") {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

pub(super) fn describe(session: &Session) -> Value {
    json!({
        "signed_in": true,
        "server_time": text::now(),
        "csrf": session.csrf,
        "login": session.user.login,
        "contact_id": session.user.contact_id,
        "account_id": session.user.account_id,
        "subject": session.subject(),
    })
}

fn set_cookies(app: &App, response: &mut Response, token: &str) {
    for cookie in cookies(app, token) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// The user if the password is right. Hashing takes a while, so it does not hold up others, and
/// it takes as long for a login that does not exist.
async fn verified(user: Option<User>, password: String) -> Result<Option<User>, Problem> {
    tokio::task::spawn_blocking(move || match user {
        Some(user) => password::matches(&password, &user.password).then_some(user),
        None => {
            password::waste_the_same_time(&password);
            None
        }
    })
    .await
    .map_err(Problem::internal)
}

fn sign_in_failed() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "sign_in_failed",
        "The login or the password is wrong.",
    )
}

/// Slows down whoever tries passwords. It is kept in memory: a restart forgives.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    failures: Mutex<HashMap<String, Failures>>,
}

#[derive(Debug)]
struct Failures {
    count: u32,
    since: Instant,
}

impl Throttle {
    fn check(&self, login: &str) -> Result<(), Problem> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(entry) = failures.get(login) else {
            return Ok(());
        };
        let left = WINDOW.saturating_sub(entry.since.elapsed());
        match entry.count < TRIES || left.is_zero() {
            true => Ok(()),
            false => Err(Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too_many_attempts",
                "The password was wrong too often. Wait a little before trying again.",
            )
            .retry_after(left.as_secs() + 1)),
        }
    }

    fn count_failure(&self, login: &str) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= MOST_LOGINS_WATCHED {
            failures.retain(|_, entry| entry.since.elapsed() < WINDOW);
        }
        if failures.len() >= MOST_LOGINS_WATCHED {
            failures.clear();
        }
        let now = Instant::now();
        let entry = failures.entry(login.to_owned()).or_insert(Failures {
            count: 0,
            since: now,
        });
        if entry.since.elapsed() >= WINDOW {
            *entry = Failures {
                count: 0,
                since: now,
            };
        }
        entry.count += 1;
    }

    fn forget(&self, login: &str) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.remove(login);
    }
}
