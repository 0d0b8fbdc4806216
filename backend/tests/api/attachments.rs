//! Files on cases.

use crate::support::{
    CASE, Client, SATO, Service, body, header, mistakes, on_database, problem, text,
};
use reqwest::{Method, Response, StatusCode};
use sha2::{Digest, Sha256};
use std::io::{Read, Write};
use std::net::TcpStream;

#[test]
fn cms_15_a_file_comes_back_byte_for_byte_and_only_to_be_saved() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let bytes = noise(3 * 1024 * 1024 + 17);
        let answer = upload(&sato, "key-00000001", "trace.bin", &bytes).await;
        assert_eq!(answer.status(), StatusCode::CREATED);
        let location = header(&answer, "location");
        let file = body(answer).await;
        assert_eq!(file["name"], "trace.bin");
        assert_eq!(file["size"], bytes.len());
        assert_eq!(file["media_type"], "text/html");
        assert_eq!(file["sha256"], hash(&bytes));
        assert_eq!(sato.read(&location).await, file);

        let content = sato.get(&format!("{location}/content")).await;
        assert_eq!(header(&content, "content-type"), "application/octet-stream");
        assert_eq!(header(&content, "x-content-type-options"), "nosniff");
        assert_eq!(header(&content, "content-security-policy"), "sandbox");
        assert!(header(&content, "content-disposition").starts_with("attachment; "));
        assert_eq!(header(&content, "content-length"), bytes.len().to_string());
        let content = content.bytes().await.expect("the content arrives");
        assert!(content == bytes);
        service.stop().await;
    });
}

#[test]
fn an_empty_file_is_a_file() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let file = body(upload(&sato, "key-00000001", "empty.log", &[]).await).await;
        assert_eq!(file["size"], 0);
        let path = format!("/api/attachments/{}/content", text(&file, "id"));
        assert!(
            sato.get(&path)
                .await
                .bytes()
                .await
                .expect("an answer")
                .is_empty()
        );
        service.stop().await;
    });
}

#[test]
fn hostile_file_names_are_kept_as_names_and_nothing_more() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let names = [
            "<img src=x onerror=alert(1)>.log",
            "../../etc/passwd",
            "a\"; filename=\"b.html",
            "報告書\u{202e}gpj.exe",
            "%00%0d%0a.txt",
        ];
        for (number, name) in names.iter().enumerate() {
            let key = format!("key-0000000{number}");
            let file = body(upload(&sato, &key, name, b"x").await).await;
            assert_eq!(file["name"], *name);
            let path = format!("/api/attachments/{}/content", text(&file, "id"));
            let given = header(&sato.get(&path).await, "content-disposition");
            assert_eq!(given.matches('"').count(), 2, "{given}");
            assert!(
                given.is_ascii() && !given.contains(['<', '/', '\r', '\n']),
                "{given}"
            );
        }
        let too_long = "x".repeat(256);
        for (name, code) in [
            ("", "required"),
            (" ", "required"),
            ("a\nb", "invalid"),
            (&too_long, "too_long"),
        ] {
            let answer = upload(&sato, "key-00000009", name, b"x").await;
            let expected = ("/name".to_owned(), code.to_owned());
            assert_eq!(mistakes(answer).await, [expected], "{name:?}");
        }
        service.stop().await;
    });
}

#[test]
fn a_repeated_upload_is_stored_once_and_another_content_is_refused() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let bytes = noise(700_000);
        let first = body(upload(&sato, "key-00000001", "a.bin", &bytes).await).await;
        let again = upload(&sato, "key-00000001", "a.bin", &bytes).await;
        assert_eq!(header(&again, "idempotency-replayed"), "true");
        assert_eq!(body(again).await, first);
        let reused = (422, "idempotency_key_reused".to_owned());
        let other = upload(&sato, "key-00000001", "a.bin", &noise(699_999)).await;
        assert_eq!(problem(other).await, reused);
        let other = upload(&sato, "key-00000001", "b.bin", &bytes).await;
        assert_eq!(problem(other).await, reused);

        let listed = sato.read(&format!("/api/cases/{CASE}/attachments")).await;
        assert_eq!(listed["items"].as_array().map(Vec::len), Some(2));
        let path = format!("/api/attachments/{}/content", text(&first, "id"));
        let content = sato
            .get(&path)
            .await
            .bytes()
            .await
            .expect("the content arrives");
        assert!(
            content == bytes,
            "refused repetitions leave the stored file alone"
        );
        service.stop().await;
    });
}

#[test]
fn a_file_that_is_too_large_is_refused_before_it_is_sent() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let mut connection = TcpStream::connect(service.address).expect("it listens");
        write!(
            connection,
            "POST /api/cases/{CASE}/attachments?name=huge.bin HTTP/1.1\r\nHost: x\r\n\
             Cookie: {}\r\nX-CSRF-Token: {}\r\nIdempotency-Key: key-00000001\r\n\
             Content-Length: 2147483648\r\n\r\n",
            sato.cookie(),
            sato.csrf(),
        )
        .expect("the service reads");
        let mut start = [0; 12];
        connection
            .read_exact(&mut start)
            .expect("the service answers");
        assert_eq!(&start, b"HTTP/1.1 413");
        service.stop().await;
    });
}

#[test]
fn a_refusal_reaches_a_client_that_is_still_sending() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let large = noise(20 * 1024 * 1024);
        let refused = upload(&service.stranger(), "key-00000001", "a.bin", &large).await;
        assert_eq!(problem(refused).await, (401, "signed_out".to_owned()));
        let refused = upload(&sato.without_csrf(), "key-00000001", "a.bin", &large).await;
        assert_eq!(problem(refused).await, (403, "csrf".to_owned()));
        let too_large = vec![0; 100 * 1024 * 1024 + 1];
        let refused = upload(&sato, "key-00000001", "a.bin", &too_large).await;
        assert_eq!(problem(refused).await, (413, "too_large".to_owned()));
        service.stop().await;
    });
}

#[test]
fn an_upload_that_breaks_off_leaves_no_file() {
    on_database(async |database| {
        let service = Service::example(database).await;
        let sato = service.client(SATO).await;
        let path = format!("/api/cases/{CASE}/attachments");
        let before = sato.read(&path).await;
        let mut connection = TcpStream::connect(service.address).expect("it listens");
        write!(
            connection,
            "POST {path}?name=half.bin HTTP/1.1\r\nHost: x\r\nCookie: {}\r\nX-CSRF-Token: {}\r\n\
             Idempotency-Key: key-00000001\r\nContent-Length: 1000\r\n\r\nonly the start",
            sato.cookie(),
            sato.csrf(),
        )
        .expect("the service reads");
        drop(connection);
        let whole = upload(&sato, "key-00000001", "half.bin", &noise(1000)).await;
        assert_eq!(whole.status(), StatusCode::CREATED, "the key is free");
        let after = sato.read(&path).await;
        let count = |page: &serde_json::Value| page["items"].as_array().map(Vec::len);
        assert_eq!(count(&after), count(&before).map(|count| count + 1));
        service.stop().await;
    });
}

async fn upload(client: &Client, key: &str, name: &str, bytes: &[u8]) -> Response {
    client
        .request(Method::POST, &format!("/api/cases/{CASE}/attachments"))
        .query(&[("name", name)])
        .header("Idempotency-Key", key)
        .header("Content-Type", "text/html")
        .body(bytes.to_vec())
        .send()
        .await
        .expect("the service answers")
}

/// Bytes without a pattern that a mistake in joining parts could hide in.
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
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
