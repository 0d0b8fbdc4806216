//! Files that are uploaded piece by piece, with breaks in between.

use crate::support::{
    CASE, Client, LIN, MORI, SATO, Service, body, header, on_database, problem, text, usual,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use sha2::{Digest, Sha256};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

const KEY: &str = "upload-00000001";

#[test]
fn a_file_sent_in_pieces_becomes_a_record_with_the_last_one() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let bytes = noise(1_700_001);
        let upload = begin(&sato, KEY, bytes.len(), "報告書.zip").await;
        for (from, to) in [(0, 1), (1, 600_000), (600_000, 1_700_000)] {
            let answer = send(&sato, &upload, from, &bytes[from..to]).await;
            assert_eq!(answer.status(), StatusCode::NO_CONTENT);
            assert_eq!(header(&answer, "upload-offset"), to.to_string());
            assert_eq!(header(&answer, "tus-resumable"), "1.0.0");
            assert!(header(&answer, "upload-expires").ends_with(" GMT"));
        }
        let half = sato.read(&upload).await;
        assert_eq!(half["offset"], 1_700_000);
        assert_eq!(half["sha256"], hash(&bytes[..1_700_000]));
        assert!(half["attachment"].is_null());
        let feed = sato.read("/api/changes?limit=500").await;
        let cursor = text(&feed, "cursor");

        send(&sato, &upload, 1_700_000, &bytes[1_700_000..]).await;
        let whole = sato.read(&upload).await;
        let record = &whole["attachment"];
        assert_eq!(whole["sha256"], hash(&bytes));
        assert_eq!(record["sha256"], hash(&bytes));
        assert_eq!(record["size"], bytes.len());
        assert_eq!(record["name"], "報告書.zip");
        assert_eq!(record["media_type"], "text/plain");
        assert_eq!(record["client_reference"], KEY);
        let feed = sato.read(&format!("/api/changes?since={cursor}")).await;
        let items = feed["items"].as_array().expect("a list");
        assert!(items.iter().any(|item| item["record"] == *record));
        let path = format!("/api/attachments/{}/content", text(record, "id"));
        let content = sato.get(&path).await.bytes().await.expect("a content");
        assert!(content == bytes);
        service.stop().await;
    });
}

#[test]
fn fault_18_an_upload_cut_at_every_kind_of_place_goes_on_and_arrives_whole() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let part = 512 * 1024;
        let bytes = noise(2 * part + 3);
        let upload = begin(&sato, KEY, bytes.len(), "trace.bin").await;
        let mut offset = 0;
        for cut in [1, 2, part - 1, part, part + 1, 2 * part, 2 * part + 2] {
            break_off(&service, &sato, &upload, offset, &bytes[offset..cut]);
            offset = until_offset(&sato, &upload, cut).await;
        }
        let answer = send(&sato, &upload, offset, &bytes[offset..]).await;
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
        let whole = sato.read(&upload).await;
        assert_eq!(whole["attachment"]["sha256"], hash(&bytes));
        let path = format!("{}/content", upload.replace("uploads", "attachments"));
        let content = sato.get(&path).await.bytes().await.expect("a content");
        assert!(content == bytes);
        service.stop().await;
    });
}

#[test]
fn an_upload_goes_on_in_another_process_and_is_begun_once_for_each_key() {
    on_database(async |database| {
        let first = Service::example(database).await;
        let sato = first.client(SATO).await;
        let bytes = noise(700_000);
        let upload = begin(&sato, KEY, bytes.len(), "a.log").await;
        assert_eq!(begin(&sato, KEY, bytes.len(), "a.log").await, upload);
        let reused = (422, "idempotency_key_reused".to_owned());
        let other = beginning(&sato, KEY, "5", &metadata("a.log", "")).await;
        assert_eq!(problem(other).await, reused);
        send(&sato, &upload, 0, &bytes[..333_333]).await;
        first.stop().await;

        let second = Service::start(usual(database)).await;
        let sato = sato.at(second.address);
        assert_eq!(begin(&sato, KEY, bytes.len(), "a.log").await, upload);
        send(&sato, &upload, 333_333, &bytes[333_333..]).await;
        assert_eq!(
            sato.read(&upload).await["attachment"]["sha256"],
            hash(&bytes)
        );
        assert_eq!(begin(&sato, KEY, bytes.len(), "a.log").await, upload);
        let path = format!("/api/cases/{CASE}/attachments?client_reference={KEY}");
        let found = sato.read(&path).await;
        assert_eq!(found["items"].as_array().map(Vec::len), Some(1));
        second.stop().await;
    });
}

#[test]
fn a_piece_that_is_not_what_its_checksum_says_leaves_nothing() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let bytes = noise(1_200_000);
        let upload = begin(&sato, KEY, bytes.len(), "a.bin").await;
        let checked = async |sum: &str, bytes: &[u8]| {
            let request = patch(&sato, &upload, 0).header("Upload-Checksum", sum);
            let request = request.body(bytes.to_vec());
            request.send().await.expect("an answer")
        };
        let sum = format!("sha256 {}", STANDARD.encode(Sha256::digest(&bytes)));
        let wrong = checked(&sum, &noise(1_199_999)).await;
        assert_eq!(problem(wrong).await, (460, "checksum_mismatch".to_owned()));
        assert_eq!(sato.read(&upload).await["offset"], 0);
        for unreadable in ["md5 AAAA", "sha256", "sha256 AAAA", "sha256 ?"] {
            let answer = checked(unreadable, &bytes).await;
            assert_eq!(problem(answer).await, (400, "malformed".to_owned()));
        }
        let right = checked(&sum, &bytes).await;
        assert_eq!(right.status(), StatusCode::NO_CONTENT);
        assert_eq!(
            sato.read(&upload).await["attachment"]["sha256"],
            hash(&bytes)
        );
        service.stop().await;
    });
}

#[test]
fn a_file_other_than_the_announced_one_gets_no_record_and_can_be_begun_again() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let announced = metadata("a.bin", &hash(b"right"));
        let begun = beginning(&sato, KEY, "5", &announced).await;
        assert_eq!(begun.status(), StatusCode::CREATED);
        let upload = header(&begun, "location");
        let answer = send(&sato, &upload, 0, b"wrong").await;
        assert_eq!(problem(answer).await, (422, "hash_mismatch".to_owned()));
        let state = sato.read(&upload).await;
        assert_eq!(state["offset"], 5);
        assert_eq!(state["sha256"], hash(b"wrong"));
        assert!(state["attachment"].is_null());
        assert_eq!(
            discard(&sato, &upload).await.status(),
            StatusCode::NO_CONTENT
        );

        let again = header(&beginning(&sato, KEY, "5", &announced).await, "location");
        assert_ne!(again, upload);
        send(&sato, &again, 0, b"right").await;
        assert_eq!(sato.read(&again).await["attachment"]["size"], 5);
        service.stop().await;
    });
}

#[test]
fn a_discarded_upload_is_gone_and_a_complete_one_goes_with_its_record() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let upload = begin(&sato, KEY, 5, "a.log").await;
        send(&sato, &upload, 0, b"hello").await;
        let record = upload.replace("uploads", "attachments");
        assert_eq!(sato.get(&record).await.status(), StatusCode::OK);
        assert_eq!(
            discard(&sato, &upload).await.status(),
            StatusCode::NO_CONTENT
        );
        for gone in [&upload, &record, &format!("{record}/content")] {
            assert_eq!(sato.get(gone).await.status(), StatusCode::NOT_FOUND);
        }
        assert_eq!(
            send(&sato, &upload, 5, b"").await.status(),
            StatusCode::NOT_FOUND
        );
        service.stop().await;
    });
}

#[test]
fn an_upload_that_expired_is_told_so_and_can_be_begun_again() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let upload = begin(&sato, KEY, 5, "a.log").await;
        send(&sato, &upload, 0, b"he").await;
        let store = casement_backend::store::Store::open(&database.url).await;
        let store = store.expect("the database opens");
        store.expire_transfers().await.expect("time passes");
        store.close().await;
        let gone = (410, "upload_expired".to_owned());
        assert_eq!(problem(sato.get(&upload).await).await, gone);
        assert_eq!(problem(send(&sato, &upload, 2, b"llo").await).await, gone);
        let again = begin(&sato, KEY, 5, "a.log").await;
        assert_ne!(again, upload);
        assert_eq!(sato.read(&again).await["offset"], 0);
        service.stop().await;
    });
}

#[test]
fn only_one_at_a_time_sends_and_only_from_where_the_upload_stands() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let upload = begin(&sato, KEY, 10, "a.log").await;
        let answer = send(&sato, &upload, 3, b"hello").await;
        assert_eq!(header(&answer, "upload-offset"), "0");
        assert_eq!(problem(answer).await, (409, "wrong_offset".to_owned()));

        let mut slow = connect(&service, &sato, &upload, 0, 5);
        slow.write_all(b"he").expect("the service reads");
        let second = loop {
            // It may come before the slow one; then it only looks and sends nothing.
            let answer = send(&sato, &upload, 9, b"").await;
            if answer.status() != StatusCode::CONFLICT {
                break answer;
            }
            // The slow one may have come during that look, and is the one who was sent away.
            if is_answered(&slow) {
                slow = connect(&service, &sato, &upload, 0, 5);
                slow.write_all(b"he").expect("the service reads");
            }
        };
        assert_eq!(problem(second).await, (423, "upload_locked".to_owned()));
        slow.write_all(b"llo").expect("the service reads");
        let mut start = [0; 12];
        slow.read_exact(&mut start).expect("the service answers");
        assert_eq!(&start, b"HTTP/1.1 204");
        let rest = send(&sato, &upload, 5, b" moon").await;
        assert_eq!(rest.status(), StatusCode::NO_CONTENT);
        assert_eq!(sato.read(&upload).await["sha256"], hash(b"hello moon"));
        service.stop().await;
    });
}

/// Whether an answer has come on a connection, or its end.
fn is_answered(stream: &TcpStream) -> bool {
    let waits = |does_not: bool| stream.set_nonblocking(does_not).expect("it is a socket");
    waits(true);
    let found = stream.peek(&mut [0]);
    waits(false);
    found.map_or_else(|error| error.kind() != ErrorKind::WouldBlock, |_| true)
}

#[test]
fn more_than_announced_is_refused_and_so_is_more_than_the_operator_allows() {
    on_database(async |database| {
        let mut config = usual(database);
        config.max_upload = 10;
        let service = Service::start(config).await;
        let sato = service.client(SATO).await;
        let refused = (413, "too_large".to_owned());
        let answer = beginning(&sato, KEY, "11", &metadata("a", "")).await;
        assert_eq!(problem(answer).await, refused);
        let upload = begin(&sato, KEY, 10, "a.log").await;
        let answer = send(&sato, &upload, 0, b"hello world").await;
        assert_eq!(problem(answer).await, refused);
        let options = service.stranger().request(Method::OPTIONS, &upload);
        let options = options.send().await.expect("an answer");
        assert_eq!(options.status(), StatusCode::NO_CONTENT);
        assert_eq!(header(&options, "tus-max-size"), "10");
        assert_eq!(header(&options, "tus-version"), "1.0.0");
        let extensions = header(&options, "tus-extension");
        for name in ["creation", "checksum", "termination", "expiration"] {
            assert!(extensions.split(',').any(|found| found == name), "{name}");
        }
        service.stop().await;
    });
}

#[test]
fn an_empty_file_is_complete_when_it_is_begun() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let upload = begin(&sato, KEY, 0, "empty.log").await;
        let state = sato.read(&upload).await;
        assert_eq!(state["attachment"]["size"], 0);
        assert_eq!(state["attachment"]["sha256"], hash(b""));
        service.stop().await;
    });
}

#[test]
fn what_cannot_be_understood_begins_nothing() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        for (length, said, code) in [
            ("", metadata("a", ""), 400),
            ("-1", metadata("a", ""), 400),
            ("1e3", metadata("a", ""), 400),
            ("99999999999999999999", metadata("a", ""), 400),
            ("1", String::new(), 422),
            ("1", "filename ?".to_owned(), 400),
            ("1", metadata("a\nb", ""), 422),
            ("1", metadata("a", "abc"), 400),
        ] {
            let answer = beginning(&sato, KEY, length, &said).await;
            assert_eq!(answer.status().as_u16(), code, "{length} {said}");
        }
        let path = format!("/api/cases/{CASE}/uploads");
        let old = sato
            .request(Method::POST, &path)
            .header("Tus-Resumable", "0.2.2");
        let old = old.send().await.expect("an answer");
        assert_eq!(header(&old, "tus-version"), "1.0.0");
        assert_eq!(problem(old).await, (412, "tus_version".to_owned()));
        service.stop().await;
    });
}

#[test]
fn an_upload_is_there_for_its_account_only() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let upload = begin(&sato, KEY, 5, "a.log").await;
        let hidden = (404, "not_found".to_owned());
        let lin = service.client(LIN).await;
        assert_eq!(problem(lin.get(&upload).await).await, hidden);
        assert_eq!(
            problem(send(&lin, &upload, 0, b"evil!").await).await,
            hidden
        );
        assert_eq!(problem(discard(&lin, &upload).await).await, hidden);
        let elsewhere = beginning(&lin, KEY, "5", &metadata("a", "")).await;
        assert_eq!(problem(elsewhere).await, hidden);
        let colleague = service.client(MORI).await;
        assert_eq!(colleague.read(&upload).await["offset"], 0);
        let csrf = (403, "csrf".to_owned());
        let foreign = send(&sato.without_csrf(), &upload, 0, b"hello").await;
        assert_eq!(problem(foreign).await, csrf);
        let nobody = send(&service.stranger(), &upload, 0, b"hello").await;
        assert_eq!(nobody.status(), StatusCode::UNAUTHORIZED);
        let seen = sato
            .request(Method::HEAD, &upload)
            .header("Tus-Resumable", "1.0.0");
        let seen = seen.send().await.expect("an answer");
        assert_eq!(header(&seen, "upload-offset"), "0");
        assert_eq!(header(&seen, "upload-length"), "5");
        assert_eq!(header(&seen, "upload-metadata"), metadata("a.log", ""));
        assert_eq!(header(&seen, "cache-control"), "no-store");
        service.stop().await;
    });
}

async fn begin(client: &Client, key: &str, length: usize, name: &str) -> String {
    let answer = beginning(client, key, &length.to_string(), &metadata(name, "")).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    let location = header(&answer, "location");
    assert_eq!(body(answer).await["length"], length);
    location
}

async fn beginning(client: &Client, key: &str, length: &str, metadata: &str) -> Response {
    client
        .request(Method::POST, &format!("/api/cases/{CASE}/uploads"))
        .header("Tus-Resumable", "1.0.0")
        .header("Idempotency-Key", key)
        .header("Upload-Length", length)
        .header("Upload-Metadata", metadata)
        .send()
        .await
        .expect("an answer")
}

fn metadata(name: &str, sha256: &str) -> String {
    let pair = |name: &str, value: &str| format!("{name} {}", STANDARD.encode(value));
    let mut pairs = vec![pair("filename", name), pair("filetype", "text/plain")];
    if !sha256.is_empty() {
        pairs.push(pair("sha256", sha256));
    }
    pairs.join(",")
}

fn patch(client: &Client, upload: &str, offset: usize) -> RequestBuilder {
    client
        .request(Method::PATCH, upload)
        .header("Tus-Resumable", "1.0.0")
        .header("Content-Type", "application/offset+octet-stream")
        .header("Upload-Offset", offset.to_string())
}

async fn send(client: &Client, upload: &str, offset: usize, bytes: &[u8]) -> Response {
    let request = patch(client, upload, offset).body(bytes.to_vec());
    request.send().await.expect("an answer")
}

async fn discard(client: &Client, upload: &str) -> Response {
    let request = client.request(Method::DELETE, upload);
    let request = request.header("Tus-Resumable", "1.0.0");
    request.send().await.expect("an answer")
}

/// A connection on which so many bytes of a piece are announced.
fn connect(
    service: &Service,
    client: &Client,
    upload: &str,
    offset: usize,
    length: usize,
) -> TcpStream {
    let mut connection = TcpStream::connect(service.address).expect("it listens");
    write!(
        connection,
        "PATCH {upload} HTTP/1.1\r\nHost: x\r\nCookie: {}\r\nX-CSRF-Token: {}\r\n\
         Tus-Resumable: 1.0.0\r\nContent-Type: application/offset+octet-stream\r\n\
         Upload-Offset: {offset}\r\nContent-Length: {length}\r\n\r\n",
        client.cookie(),
        client.csrf(),
    )
    .expect("the service reads");
    connection
}

/// Sends a few bytes of a piece that was to be longer.
fn break_off(service: &Service, client: &Client, upload: &str, offset: usize, bytes: &[u8]) {
    let mut connection = connect(service, client, upload, offset, bytes.len() + 1);
    connection.write_all(bytes).expect("the service reads");
}

/// Asks until an upload has come as far as this and whoever sent that has let go of it.
async fn until_offset(client: &Client, upload: &str, wanted: usize) -> usize {
    for _ in 0..2_000 {
        let there = client.read(upload).await["offset"] == wanted;
        if there && send(client, upload, wanted + 1, b"").await.status() == StatusCode::CONFLICT {
            return wanted;
        }
    }
    panic!("the upload never came to {wanted}");
}

fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_u32;
    let next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(length).collect()
}

fn hash(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
