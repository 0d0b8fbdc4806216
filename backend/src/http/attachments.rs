//! Files on a case. A file is stored part by part while it arrives and becomes visible with its
//! record; what it contains is never looked at, and never shown by a browser on our origin.

use super::body::Pieces;
use super::limits::{LARGEST_FILE, LONGEST_MEDIA_TYPE, LONGEST_NAME};
use super::query::Parameters;
use super::{App, Id, records};
use crate::catalog;
use crate::form::is_blank;
use crate::idempotency::{Operation, Outcome, once};
use crate::problem::{FieldError, Problem};
use crate::session::Session;
use crate::store::{Store, WriteTx};
use crate::text;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Contents are stored in parts of about this many bytes.
pub(super) const PART: usize = 512 * 1024;
pub(super) const ANY_TYPE: &str = "application/octet-stream";

/// One page of the files on a case.
pub(super) async fn list(
    session: Session,
    State(app): State<Arc<App>>,
    Id(case_id): Id,
    uri: Uri,
    parameters: Parameters,
) -> Result<Response, Problem> {
    records::list_of_case(
        "attachment",
        &case_id,
        &session,
        &app,
        uri.path(),
        &parameters,
    )
    .await
}

/// Adds a file.
pub(super) async fn create(
    session: Session,
    State(app): State<Arc<App>>,
    Id(case_id): Id,
    parameters: Parameters,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let key = Operation::key_of(&parts.headers)?;
    let name = parameters.one("name")?.unwrap_or_default();
    check_name(name)?;
    let media_type = media_type(&parts.headers);
    let case = app.store.get(&session.access, "case", &case_id).await?;
    case.ok_or_else(Problem::not_found)?;

    let pieces = Pieces::new(body, &parts.headers, LARGEST_FILE as u64)?;
    let upload = Upload::receive(&app.store, pieces).await?;
    let content = [upload.sha256.as_str(), &media_type].join("\0");
    let operation = Operation::new(key, &parts, content.as_bytes());
    let account_id = session.user.account_id.clone();
    let attachment = json!({
        "id": upload.id,
        "case_id": case_id,
        "account_id": account_id,
        "name": name,
        "size": upload.size,
        "media_type": media_type,
        "sha256": upload.sha256,
        "client_reference": operation.key(),
        "created_at": text::now(),
    });
    once(&app, &account_id, operation, move |transaction| {
        Box::pin(async move { keep(transaction, &session, upload, attachment).await })
    })
    .await
}

/// The content of a file, to be saved and not to be shown.
pub(super) async fn content(
    session: Session,
    State(app): State<Arc<App>>,
    Id(id): Id,
) -> Result<Response, Problem> {
    let found = app.store.get(&session.access, "attachment", &id).await?;
    let attachment = found.ok_or_else(Problem::not_found)?;
    let size = attachment["size"].as_u64().unwrap_or_default();
    let name = attachment["name"].as_str().unwrap_or_default();
    let parts = stream::try_unfold((app, id, 0), |(app, id, part)| async move {
        let bytes = app.store.read_part(&id, part).await?;
        Ok::<_, sqlx::Error>(bytes.map(|bytes| (bytes, (app, id, part + 1))))
    });
    let mut response = Body::from_stream(parts).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(ANY_TYPE));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(size));
    headers.insert(header::CONTENT_DISPOSITION, disposition(name));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("sandbox"),
    );
    Ok(response)
}

async fn keep(
    transaction: &mut WriteTx,
    session: &Session,
    upload: Upload,
    attachment: Value,
) -> Result<Outcome, Problem> {
    transaction.finish_upload(&upload.id).await?;
    let attachment = add(transaction, session, attachment).await?;
    Ok(Outcome::created("/api/attachments", attachment))
}

/// Makes the record of a file whose content is there.
pub(super) async fn add(
    transaction: &mut WriteTx,
    session: &Session,
    attachment: Value,
) -> Result<Value, Problem> {
    // The case may have gone while the file arrived.
    let case_id = attachment["case_id"].as_str().unwrap_or_default();
    let case = transaction.get(&session.access, "case", case_id).await?;
    let case = case.ok_or_else(Problem::not_found)?;
    let placement = catalog::placement("case", &case);
    transaction.touch("case", case, &placement).await?;
    let placement = catalog::placement("attachment", &attachment);
    let kept = transaction.put("attachment", attachment, &placement);
    Ok(kept.await?)
}

/// A file that has arrived but belongs to no record yet. Dropping it removes its parts, unless
/// a record has been committed for it.
struct Upload {
    id: String,
    size: u64,
    sha256: String,
    store: Store,
}

impl Upload {
    async fn receive(store: &Store, mut pieces: Pieces) -> Result<Self, Problem> {
        let mut upload = Self {
            id: text::new_id("file")?,
            size: 0,
            sha256: String::new(),
            store: store.clone(),
        };
        store.start_upload(&upload.id).await?;
        let mut hash = Sha256::new();
        let mut part = Vec::with_capacity(PART);
        let mut number = 0;
        while let Some(piece) = pieces.next().await? {
            hash.update(&piece);
            upload.size += piece.len() as u64;
            part.extend_from_slice(&piece);
            if part.len() >= PART {
                store.write_part(&upload.id, number, part).await?;
                part = Vec::with_capacity(PART);
                number += 1;
            }
        }
        if !part.is_empty() {
            store.write_part(&upload.id, number, part).await?;
        }
        upload.sha256 = text::hex(&hash.finalize());
        Ok(upload)
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        let (store, id) = (self.store.clone(), std::mem::take(&mut self.id));
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if let Err(error) = store.drop_upload(&id).await {
                    tracing::warn!(%error, "an upload could not be removed");
                }
            });
        }
    }
}

/// Names are kept as they are, whatever they look like; only what can't be a name is refused.
pub(super) fn check_name(name: &str) -> Result<(), Problem> {
    let (code, detail) = if is_blank(name) {
        ("required", "The file name is missing.".to_owned())
    } else if name.chars().count() > LONGEST_NAME {
        let detail = format!("A file name may have at most {LONGEST_NAME} characters.");
        ("too_long", detail)
    } else if name.chars().any(char::is_control) {
        (
            "invalid",
            "A file name may not have control characters.".to_owned(),
        )
    } else {
        return Ok(());
    };
    let pointer = "/name".to_owned();
    Err(Problem::fields(vec![FieldError {
        pointer,
        code: code.into(),
        detail,
    }]))
}

fn media_type(headers: &HeaderMap) -> String {
    let given = headers.get(header::CONTENT_TYPE);
    let text = given
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    match !text.is_empty() && text.len() <= LONGEST_MEDIA_TYPE {
        true => text.to_owned(),
        false => ANY_TYPE.to_owned(),
    }
}

/// The name twice: plain for old programs, encoded for exactness. Neither can end the header.
fn disposition(name: &str) -> HeaderValue {
    let plain: String = name
        .chars()
        .map(|c| match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' | '_' => c,
            _ => '_',
        })
        .collect();
    let exact = utf8_percent_encode(name, NON_ALPHANUMERIC);
    let text = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{exact}");
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_file_name_stays_inside_its_header() {
        let value = disposition("../a\"; x=\r\n<img>.log");
        let text = value.to_str().expect("the header is ASCII");
        assert_eq!(
            text,
            "attachment; filename=\".._a___x____img_.log\"; \
             filename*=UTF-8''%2E%2E%2Fa%22%3B%20x%3D%0D%0A%3Cimg%3E%2Elog"
        );
    }
}
