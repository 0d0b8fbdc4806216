//! Handing a sign-in over to a frame of the portal on somebody's page. Browsers keep the cookies of
//! such a frame apart, so it has to be given one of its own: the portal's own window gets a code for
//! whoever is signed in there, and the frame exchanges it. A code holds once, for a minute, and only
//! together with the nonce of the frame that asked for it.

use super::App;
use super::body;
use super::limits::LONGEST_CODE;
use super::session::describe;
use crate::form::Form;
use crate::problem::Problem;
use crate::session::{LENGTH, Session, frame_cookie};
use crate::text;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, post};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

const CODE_LENGTH: Duration = Duration::from_secs(60);

pub(super) fn beginning() -> MethodRouter<Arc<App>> {
    post(hand_over)
}

pub(super) fn end() -> MethodRouter<Arc<App>> {
    post(redeem)
}

async fn hand_over(
    State(app): State<Arc<App>>,
    session: Session,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let body = body::json(request.into_body(), &headers, &["application/json"]).await?;
    let mut form = Form::read(&body)?;
    let nonce = form.required_line("nonce", LONGEST_CODE);
    form.finish()?;
    let code = text::secret_token()?;
    app.store
        .start_session(&of_code(&code, &nonce), &session.user, CODE_LENGTH)
        .await?;
    let answer = json!({"code": code, "expires_in": CODE_LENGTH.as_secs()});
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

async fn redeem(State(app): State<Arc<App>>, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let body = body::json(body, &parts.headers, &["application/json"]).await?;
    let mut form = Form::read(&body)?;
    let code = form.required_line("code", LONGEST_CODE);
    let nonce = form.required_line("nonce", LONGEST_CODE);
    form.finish()?;

    let secret = of_code(&code, &nonce);
    let user = app.store.session_user(&secret).await?;
    // Of two that come with the same code, one takes it away.
    let taken = app.store.take_session(&secret).await?;
    let Some(user) = user.filter(|_| taken) else {
        return Err(no_such_code());
    };
    // A frame of the same site has the portal's own cookie, and needs no other.
    if let Some(session) = Session::of(&app, &parts.headers).await?
        && session.user.id == user.id
    {
        return Ok(Json(describe(&session)).into_response());
    }
    let token = text::secret_token()?;
    app.store.start_session(&token, &user, LENGTH).await?;
    let session = Session::of_token(&app, &token).await?;
    let mut response = Json(describe(&session.ok_or_else(no_such_code)?)).into_response();
    if let Some(cookie) = frame_cookie(&token) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// What a code is kept under. No cookie can hold these characters, so a code is no session.
fn of_code(code: &str, nonce: &str) -> String {
    ["hand-over", code, nonce].join("\0")
}

fn no_such_code() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "hand_over_failed",
        "This code is not known, was used already, or is too old. Sign in again.",
    )
}
