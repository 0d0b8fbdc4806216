//! Refusals as RFC 9457 problems. Every error a client can meet is made here or by [`Problem`],
//! so that each has a stable code, a human sentence and, for forms, a pointer to the field.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;
use std::borrow::Cow;

/// One mistake in one field of a request body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct FieldError {
    /// JSON pointer to the field.
    pub(crate) pointer: String,
    /// Stable code of the mistake.
    pub(crate) code: Cow<'static, str>,
    /// What is wrong, in English.
    pub(crate) detail: String,
}

/// A refusal, ready to be sent.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: Cow<'static, str>,
    detail: String,
    errors: Vec<FieldError>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// A problem with its stable code and a sentence that says what to do.
    pub(crate) fn new(
        status: StatusCode,
        code: impl Into<Cow<'static, str>>,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            status,
            code: code.into(),
            detail: detail.into(),
            errors: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// The answer for what does not exist and for what belongs to somebody else: both look alike.
    pub(crate) fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "There is nothing here, or it is not yours to see.",
        )
    }

    /// The body has mistakes; all of them are told at once.
    pub(crate) fn fields(errors: Vec<FieldError>) -> Self {
        let mut problem = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid_fields",
            "Some fields can't be accepted; each is named in errors.",
        );
        problem.errors = errors;
        problem
    }

    /// What was asked for is understood but can't be, for a reason that has a code of its own and
    /// concerns one field.
    pub(crate) fn refused(
        pointer: &str,
        code: impl Into<Cow<'static, str>>,
        detail: impl Into<String>,
    ) -> Self {
        let (code, detail) = (code.into(), detail.into());
        let mut problem = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            code.clone(),
            detail.clone(),
        );
        problem.errors = vec![FieldError {
            pointer: pointer.to_owned(),
            code,
            detail,
        }];
        problem
    }

    /// A query parameter has a value that can't be understood.
    pub(crate) fn query(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "query_invalid", detail)
    }

    /// Something failed on our side; the cause is logged, not told.
    pub(crate) fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something failed here. Nothing was changed; try again later.",
        )
    }

    /// Too much is going on; the client should come back.
    pub(crate) fn busy(cause: impl std::fmt::Display) -> Self {
        tracing::warn!(%cause, "database is busy");
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "busy",
            "The service is busy. Try again in a moment.",
        )
        .retry_after(1)
    }

    /// Adds a header to the answer.
    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Says after how many seconds trying again makes sense.
    pub(crate) fn retry_after(self, seconds: u64) -> Self {
        self.header(header::RETRY_AFTER, HeaderValue::from(seconds))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut body = json!({
            "type": format!("urn:casement:problem:{}", self.code),
            "title": self.status.canonical_reason().unwrap_or("Problem"),
            "status": self.status.as_u16(),
            "detail": self.detail,
            "code": self.code,
        });
        if !self.errors.is_empty() {
            body["errors"] = json!(self.errors);
        }
        let mut response = (self.status, body.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.extend(self.headers);
        response
    }
}

impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::PoolTimedOut => Self::busy(error),
            // SQLite gives these when another writer did not finish in time.
            sqlx::Error::Database(cause) if cause.message().contains("is locked") => {
                Self::busy(error)
            }
            _ => Self::internal(error),
        }
    }
}

impl From<getrandom::Error> for Problem {
    fn from(error: getrandom::Error) -> Self {
        Self::internal(error)
    }
}

impl From<serde_json::Error> for Problem {
    fn from(error: serde_json::Error) -> Self {
        Self::internal(error)
    }
}

#[cfg(test)]
impl Problem {
    /// The mistakes it names.
    pub(crate) fn errors(&self) -> &[FieldError] {
        &self.errors
    }
}
