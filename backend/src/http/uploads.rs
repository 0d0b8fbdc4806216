//! Files that arrive piece by piece: tus 1.0.0 with creation, checksum, termination and
//! expiration. An upload that breaks off goes on where it stopped, from whichever process and
//! after whatever time, until it expires. When the last byte is there, so is the file's record.
//!
//! Nothing is held in memory but one part. A piece that comes with a checksum counts as a whole or
//! not at all; any other counts byte by byte, also when its connection is cut.

use super::attachments::{self, ANY_TYPE, PART};
use super::body::{Pieces, too_large};
use super::limits::{LONGEST_MEDIA_TYPE, LONGEST_METADATA};
use super::{App, Id};
use crate::idempotency::Operation;
use crate::problem::Problem;
use crate::session::Session;
use crate::store::{Progress, Store, Transfer};
use crate::text;
use axum::Json;
use axum::body::Body;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, head, post};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::digest::common::hazmat::SerializableState;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The version of the protocol.
pub(crate) const VERSION: &str = "1.0.0";
/// The extensions of the protocol.
pub(crate) const EXTENSIONS: &str = "creation,checksum,termination,expiration";
/// The ways in which a piece may be checked.
pub(crate) const ALGORITHMS: &str = "sha256,sha1";
/// The media type of a piece.
pub(crate) const PIECE: &str = "application/offset+octet-stream";
/// The protocol's own status for a piece that is not what its sender sent.
const CHECKSUM_MISMATCH: u16 = 460;
/// A writer says at least this often that it is still there.
const BREATH: Duration = Duration::from_secs(1);

const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const VERSIONS: HeaderName = HeaderName::from_static("tus-version");
const LENGTH: HeaderName = HeaderName::from_static("upload-length");
const METADATA: HeaderName = HeaderName::from_static("upload-metadata");
const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");
const EXPIRES: HeaderName = HeaderName::from_static("upload-expires");

/// Where uploads of a case begin.
pub(super) fn creation() -> MethodRouter<Arc<App>> {
    post(create).options(options).layer(map_response(versioned))
}

/// One upload.
pub(super) fn one() -> MethodRouter<Arc<App>> {
    let reading = head(tell).merge(get(show));
    reading
        .patch(append)
        .delete(discard)
        .options(options)
        .layer(map_response(versioned))
}

async fn versioned(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(RESUMABLE, HeaderValue::from_static(VERSION));
    response
}

/// Only a client that speaks the version of the protocol gets past this.
struct Resumable;

impl FromRequestParts<Arc<App>> for Resumable {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self, Problem> {
        match parts.headers.get(RESUMABLE) {
            Some(version) if version == VERSION => Ok(Self),
            _ => Err(Problem::new(
                StatusCode::PRECONDITION_FAILED,
                "tus_version",
                "This needs the header Tus-Resumable: 1.0.0.",
            )
            .header(VERSIONS, HeaderValue::from_static(VERSION))),
        }
    }
}

/// What the protocol offers here.
async fn options(State(app): State<Arc<App>>, _: Id) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    for (name, value) in [
        ("tus-version", VERSION),
        ("tus-extension", EXTENSIONS),
        ("tus-checksum-algorithm", ALGORITHMS),
    ] {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    let largest = HeaderName::from_static("tus-max-size");
    headers.insert(largest, HeaderValue::from(app.max_upload));
    response
}

/// Begins an upload, or finds the one that was begun with the same key.
async fn create(
    session: Session,
    _: Resumable,
    State(app): State<Arc<App>>,
    Id(case_id): Id,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    let key = Operation::key_of(&parts.headers)?;
    let announced = Announced::read(&parts.headers, app.max_upload)?;
    let content = format!("{}\0{}", announced.length, announced.metadata);
    let operation = Operation::new(key, &parts, content.as_bytes());
    let transfer = Transfer {
        id: text::new_id("file")?,
        account_id: session.user.account_id.clone(),
        key: operation.key().to_owned(),
        fingerprint: operation.fingerprint().to_owned(),
        case_id,
        name: announced.name,
        media_type: announced.media_type,
        metadata: announced.metadata,
        declared: announced.sha256,
        length: announced.length,
        hash: state_of(&Sha256::new()),
        ..Transfer::default()
    };
    // Its own task: a client that hangs up leaves no upload half begun.
    let task = tokio::spawn(async move { begin(&app.store, &session, transfer).await });
    let transfer = task.await.map_err(Problem::internal)??;
    let mut response = (StatusCode::CREATED, Json(state(&transfer, None)?)).into_response();
    let headers = response.headers_mut();
    let location = HeaderValue::from_str(&format!("/api/uploads/{}", transfer.id));
    headers.insert(header::LOCATION, location.map_err(Problem::internal)?);
    add_expiry(headers, &transfer);
    Ok(response)
}

async fn begin(
    store: &Store,
    session: &Session,
    mut transfer: Transfer,
) -> Result<Transfer, Problem> {
    let mut transaction = store.write().await?;
    let case = transaction.get(&session.access, "case", &transfer.case_id);
    case.await?.ok_or_else(Problem::not_found)?;
    let known = transaction.transfer_of_key(&transfer.account_id, &transfer.key);
    match known.await? {
        // What was given up is nothing to go on with.
        Some(known) if known.is_expired() => transaction.drop_transfer(&known.id).await?,
        Some(known) if known.fingerprint == transfer.fingerprint => return Ok(known),
        Some(_) => return Err(Operation::reused()),
        None => {}
    }
    let nothing = text::sha256_hex(b"");
    let announced = transfer.declared.is_empty() || transfer.declared == nothing;
    transfer.finished = transfer.length == 0 && announced;
    transfer.expires_at = transaction.begin_transfer(&transfer).await?;
    if transfer.finished {
        attachments::add(&mut transaction, session, attachment(&transfer)).await?;
    }
    transaction.commit().await?;
    Ok(transfer)
}

/// How far an upload has come, in headers.
async fn tell(
    session: Session,
    _: Resumable,
    State(app): State<Arc<App>>,
    Id(id): Id,
) -> Result<Response, Problem> {
    let transfer = find(&app.store, &session, &id).await?;
    let mut response = StatusCode::OK.into_response();
    let headers = response.headers_mut();
    headers.insert(OFFSET, HeaderValue::from(transfer.offset));
    headers.insert(LENGTH, HeaderValue::from(transfer.length));
    if let Ok(metadata) = HeaderValue::from_str(&transfer.metadata) {
        headers.insert(METADATA, metadata);
    }
    add_expiry(headers, &transfer);
    Ok(response)
}

/// How far an upload has come, with the hash of what is there and what became of it.
async fn show(
    session: Session,
    State(app): State<Arc<App>>,
    Id(id): Id,
) -> Result<Response, Problem> {
    let transfer = find(&app.store, &session, &id).await?;
    let record = app.store.get(&session.access, "attachment", &id).await?;
    Ok(Json(state(&transfer, record)?).into_response())
}

/// Takes the next bytes.
async fn append(
    session: Session,
    _: Resumable,
    State(app): State<Arc<App>>,
    Id(id): Id,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let piece = Piece::read(&parts.headers)?;
    find(&app.store, &session, &id).await?;
    // Its own task: what has arrived is kept also when the client hangs up.
    let task = tokio::spawn(async move {
        let writer = text::secret_token()?;
        if !app.store.lease_transfer(&id, &writer).await? {
            return Err(locked());
        }
        let done = receive(&app.store, &session, &id, &writer, piece, parts, body).await;
        app.store.return_lease(&id, &writer).await?;
        done
    });
    let transfer = task.await.map_err(Problem::internal)??;
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(OFFSET, HeaderValue::from(transfer.offset));
    add_expiry(headers, &transfer);
    Ok(response)
}

/// Gives an upload up. One that is complete goes with its record: whoever finds that a file is not
/// what was sent takes it back.
async fn discard(
    session: Session,
    _: Resumable,
    State(app): State<Arc<App>>,
    Id(id): Id,
) -> Result<StatusCode, Problem> {
    find(&app.store, &session, &id).await?;
    let mut transaction = app.store.write().await?;
    transaction.drop_transfer(&id).await?;
    transaction.delete("attachment", &id).await?;
    transaction.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn find(store: &Store, session: &Session, id: &str) -> Result<Transfer, Problem> {
    let found = store.transfer(&session.user.account_id, id).await?;
    let transfer = found.ok_or_else(Problem::not_found)?;
    match transfer.is_expired() {
        false => Ok(transfer),
        true => Err(Problem::new(
            StatusCode::GONE,
            "upload_expired",
            "This upload did not go on for too long. Begin it again.",
        )),
    }
}

/// Reads a piece to its end, or as far as it comes.
async fn receive(
    store: &Store,
    session: &Session,
    id: &str,
    writer: &str,
    piece: Piece,
    parts: Parts,
    body: Body,
) -> Result<Transfer, Problem> {
    // Read again, now that nobody else can write to it.
    let transfer = find(store, session, id).await?;
    if piece.offset != transfer.offset {
        return Err(wrong_offset(transfer.offset));
    }
    store.drop_parts_from(id, transfer.parts).await?;
    let mut pieces = Pieces::new(body, &parts.headers, transfer.length - transfer.offset)?;
    let mut receiver = Receiver::new(store, writer, transfer, piece.check)?;
    let failure = loop {
        match pieces.next().await {
            Ok(Some(bytes)) => receiver.take(&bytes).await?,
            Ok(None) => break None,
            Err(problem) => break Some(problem),
        }
    };
    receiver.end(session, failure).await
}

/// Takes bytes into parts, for one writer.
struct Receiver<'a> {
    store: &'a Store,
    writer: &'a str,
    transfer: Transfer,
    hash: Sha256,
    check: Option<Check>,
    part: Vec<u8>,
    last_breath: Instant,
}

impl<'a> Receiver<'a> {
    fn new(
        store: &'a Store,
        writer: &'a str,
        transfer: Transfer,
        check: Option<Check>,
    ) -> Result<Self, Problem> {
        Ok(Self {
            hash: hash_of(&transfer.hash)?,
            store,
            writer,
            transfer,
            check,
            part: Vec::with_capacity(PART),
            last_breath: Instant::now(),
        })
    }

    async fn take(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        self.hash.update(bytes);
        if let Some(check) = &mut self.check {
            check.update(bytes);
        }
        self.transfer.offset += bytes.len() as u64;
        self.part.extend_from_slice(bytes);
        if self.part.len() >= PART {
            return self.write().await;
        }
        if self.last_breath.elapsed() >= BREATH {
            self.last_breath = Instant::now();
            let still = self.store.keep_lease(&self.transfer.id, self.writer);
            return still.await?.then_some(()).ok_or_else(locked);
        }
        Ok(())
    }

    /// Writes the part. With a checksum it does not count before the whole piece was compared.
    async fn write(&mut self) -> Result<(), Problem> {
        let number = self.transfer.parts;
        self.transfer.parts += 1;
        let part = (number, std::mem::take(&mut self.part));
        let progress = self.progress(false);
        let counts = self.check.is_none().then_some(&progress);
        self.last_breath = Instant::now();
        let written = self
            .store
            .write_to_transfer(&self.transfer.id, self.writer, part, counts);
        written.await?.then_some(()).ok_or_else(locked)
    }

    /// Comes to the end of a piece that is complete or has failed on the way.
    async fn end(
        mut self,
        session: &Session,
        failure: Option<Problem>,
    ) -> Result<Transfer, Problem> {
        let wrong = match self.check.take() {
            Some(check) if failure.is_none() => !check.agrees(),
            // Half a piece can't be checked, so nothing of it counts.
            Some(_) => true,
            None => false,
        };
        if wrong {
            return Err(failure.unwrap_or_else(checksum_mismatch));
        }
        self.count(session).await?;
        match failure {
            Some(failure) => Err(failure),
            None if self.is_other_file() => Err(hash_mismatch()),
            None => Ok(self.transfer),
        }
    }

    /// Lets everything that has arrived count; with the last byte the record is made.
    async fn count(&mut self, session: &Session) -> Result<(), Problem> {
        let part = (!self.part.is_empty()).then(|| {
            let number = self.transfer.parts;
            self.transfer.parts += 1;
            (number, std::mem::take(&mut self.part))
        });
        let complete = self.transfer.offset == self.transfer.length;
        let finishes = complete && !self.transfer.finished && !self.is_other_file();
        let progress = self.progress(finishes || self.transfer.finished);
        let mut transaction = self.store.write().await?;
        let id = &self.transfer.id;
        if !transaction
            .finish_transfer(id, self.writer, part, &progress)
            .await?
        {
            return Err(locked());
        }
        self.transfer.hash = progress.hash;
        if finishes {
            self.transfer.finished = true;
            attachments::add(&mut transaction, session, attachment(&self.transfer)).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Whether all bytes are there, but they are not those that were announced.
    fn is_other_file(&self) -> bool {
        let declared = &self.transfer.declared;
        self.transfer.offset == self.transfer.length
            && !declared.is_empty()
            && *declared != text::hex(&self.hash.clone().finalize())
    }

    fn progress(&self, finished: bool) -> Progress {
        Progress {
            offset: self.transfer.offset,
            parts: self.transfer.parts,
            hash: state_of(&self.hash),
            finished,
        }
    }
}

/// What a client says of a file before it sends it.
struct Announced {
    length: u64,
    name: String,
    media_type: String,
    /// In hexadecimal; empty if it was not told.
    sha256: String,
    metadata: String,
}

impl Announced {
    fn read(headers: &HeaderMap, largest: u64) -> Result<Self, Problem> {
        let length = number(headers, &LENGTH)?;
        if length > largest {
            return Err(too_large());
        }
        let metadata = line(headers, &METADATA);
        let pairs = pairs(metadata)
            .ok_or_else(|| malformed("Upload-Metadata must be names with values in Base64."))?;
        let value = |name: &str| pairs.get(name).cloned().unwrap_or_default();
        let name = value("filename");
        attachments::check_name(&name)?;
        let media_type = value("filetype");
        let plain = media_type.chars().all(|c| (' '..='~').contains(&c));
        if !plain || media_type.len() > LONGEST_MEDIA_TYPE {
            return Err(malformed("filetype must be a media type."));
        }
        let sha256 = value("sha256").to_ascii_lowercase();
        let hex = sha256.len() == 64 && sha256.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !sha256.is_empty() && !hex {
            return Err(malformed("sha256 must be 64 hexadecimal digits."));
        }
        Ok(Self {
            length,
            name,
            media_type: match media_type.is_empty() {
                true => ANY_TYPE.to_owned(),
                false => media_type,
            },
            sha256,
            metadata: metadata.to_owned(),
        })
    }
}

/// `name value,name value`, the values in Base64; a name may stand alone, but only once.
fn pairs(metadata: &str) -> Option<BTreeMap<String, String>> {
    let mut pairs = BTreeMap::new();
    if metadata.len() > LONGEST_METADATA {
        return None;
    }
    for pair in metadata.split(',').filter(|_| !metadata.is_empty()) {
        let (name, value) = pair.trim().split_once(' ').unwrap_or((pair.trim(), ""));
        let value = String::from_utf8(STANDARD.decode(value).ok()?).ok()?;
        if name.is_empty() || pairs.insert(name.to_owned(), value).is_some() {
            return None;
        }
    }
    Some(pairs)
}

/// What a client says of a piece before it sends it.
struct Piece {
    offset: u64,
    check: Option<Check>,
}

impl Piece {
    fn read(headers: &HeaderMap) -> Result<Self, Problem> {
        if line(headers, &header::CONTENT_TYPE) != PIECE {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "media_type",
                format!("The body must have the Content-Type {PIECE}."),
            ));
        }
        let offset = number(headers, &OFFSET)?;
        let check = match headers.contains_key(CHECKSUM) {
            true => Some(Check::read(line(headers, &CHECKSUM)).ok_or_else(|| {
                malformed("Upload-Checksum must be sha256 or sha1 and a hash in Base64.")
            })?),
            false => None,
        };
        Ok(Self { offset, check })
    }
}

/// Compares a piece with what its sender says of it.
struct Check {
    hash: Hash,
    expected: Vec<u8>,
}

enum Hash {
    Sha256(Box<Sha256>),
    Sha1(Box<Sha1>),
}

impl Check {
    fn read(header: &str) -> Option<Self> {
        let (algorithm, expected) = header.split_once(' ')?;
        let expected = STANDARD.decode(expected).ok()?;
        let hash = match (algorithm, expected.len()) {
            ("sha256", 32) => Hash::Sha256(Box::default()),
            ("sha1", 20) => Hash::Sha1(Box::default()),
            _ => return None,
        };
        Some(Self { hash, expected })
    }

    fn update(&mut self, bytes: &[u8]) {
        match &mut self.hash {
            Hash::Sha256(hash) => hash.update(bytes),
            Hash::Sha1(hash) => hash.update(bytes),
        }
    }

    fn agrees(self) -> bool {
        match self.hash {
            Hash::Sha256(hash) => hash.finalize().as_slice() == self.expected,
            Hash::Sha1(hash) => hash.finalize().as_slice() == self.expected,
        }
    }
}

/// An upload as its address shows it.
fn state(transfer: &Transfer, record: Option<Value>) -> Result<Value, Problem> {
    Ok(json!({
        "id": transfer.id,
        "offset": transfer.offset,
        "length": transfer.length,
        "sha256": text::hex(&hash_of(&transfer.hash)?.finalize()),
        "attachment": record,
    }))
}

/// The record of a complete upload.
fn attachment(transfer: &Transfer) -> Value {
    let hash = hash_of(&transfer.hash).unwrap_or_default();
    json!({
        "id": transfer.id,
        "case_id": transfer.case_id,
        "account_id": transfer.account_id,
        "name": transfer.name,
        "size": transfer.length,
        "media_type": transfer.media_type,
        "sha256": text::hex(&hash.finalize()),
        "client_reference": transfer.key,
        "created_at": text::now(),
    })
}

fn state_of(hash: &Sha256) -> String {
    text::hex(&hash.serialize())
}

/// A hash that goes on where another process may have stopped.
fn hash_of(state: &str) -> Result<Sha256, Problem> {
    let bytes = text::from_hex(state).unwrap_or_default();
    let state = bytes.as_slice().try_into().map_err(Problem::internal)?;
    Sha256::deserialize(state).map_err(Problem::internal)
}

fn add_expiry(headers: &mut HeaderMap, transfer: &Transfer) {
    let at = chrono::DateTime::from_timestamp_millis(transfer.expires_at);
    let at = at.filter(|_| !transfer.finished).map(text::http_date);
    if let Some(at) = at.and_then(|at| HeaderValue::from_str(&at).ok()) {
        headers.insert(EXPIRES, at);
    }
}

fn line<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a str {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default()
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Result<u64, Problem> {
    let text = line(headers, name);
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse::<i64>() {
        Ok(number) if digits => Ok(number.unsigned_abs()),
        _ => Err(malformed(format!("{name} must be a number of bytes."))),
    }
}

fn malformed(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "malformed", detail)
}

fn locked() -> Problem {
    Problem::new(
        StatusCode::LOCKED,
        "upload_locked",
        "Something else is sending this upload. Ask again in a moment how far it has come.",
    )
    .retry_after(1)
}

fn wrong_offset(offset: u64) -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "wrong_offset",
        "The upload does not stand there. Go on at Upload-Offset.",
    )
    .header(OFFSET, HeaderValue::from(offset))
}

fn checksum_mismatch() -> Problem {
    let status = StatusCode::from_u16(CHECKSUM_MISMATCH);
    Problem::new(
        status.unwrap_or(StatusCode::UNPROCESSABLE_ENTITY),
        "checksum_mismatch",
        "What arrived is not what Upload-Checksum says. Nothing of it was kept; send it again.",
    )
}

fn hash_mismatch() -> Problem {
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "hash_mismatch",
        "All bytes are here, but they are not those that sha256 says. Discard the upload and begin \
         it again.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_names_with_values_each_once() {
        let read = pairs("filename YS5sb2c=,empty,filetype dGV4dC9wbGFpbg==");
        let read = read.expect("it is metadata");
        assert_eq!(read["filename"], "a.log");
        assert_eq!(read["empty"], "");
        assert_eq!(read["filetype"], "text/plain");
        assert!(pairs("").expect("nothing was said").is_empty());
        for wrong in ["a YQ==,a Yg==", "a ?", "a /w==", ",", "a YQ==,"] {
            assert_eq!(pairs(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_hash_goes_on_where_it_stopped() {
        let whole = Sha256::digest(b"one, two, three");
        for place in 0..15 {
            let mut first = Sha256::new();
            first.update(&b"one, two, three"[..place]);
            let mut then = hash_of(&state_of(&first)).expect("a state");
            then.update(&b"one, two, three"[place..]);
            assert_eq!(then.finalize(), whole, "{place}");
        }
        assert!(hash_of("00").is_err());
    }
}
