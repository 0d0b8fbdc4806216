//! The portal's files and the rules they come with.

use crate::support::{Client, Database, Service, header, on_database, usual};
use reqwest::{Method, Response, StatusCode};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
    worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'; \
    require-trusted-types-for 'script'; trusted-types casement";

#[test]
fn every_answer_of_the_portal_carries_the_strict_policy() {
    on_database(async |database| {
        let service = portal(database).await;
        let stranger = service.stranger();
        for path in [
            "/",
            "/index.html",
            "/casement.css",
            "/cases/81000001",
            "/missing.js",
            "/%2e%2e/secret.txt",
        ] {
            let answer = stranger.get(path).await;
            assert_eq!(header(&answer, "content-security-policy"), POLICY, "{path}");
            assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
            assert_eq!(header(&answer, "referrer-policy"), "no-referrer");
            assert_eq!(header(&answer, "cross-origin-opener-policy"), "same-origin");
            assert_eq!(header(&answer, "cache-control"), "no-cache");
            assert!(header(&answer, "permissions-policy").contains("camera=()"));
        }
        service.stop().await;
    });
}

#[test]
fn only_the_frame_may_be_held_and_only_by_the_origins_of_the_deployment() {
    on_database(async |database| {
        let service = portal(database).await;
        let stranger = service.stranger();
        let around = async |path: &str| {
            let policy = header(&stranger.get(path).await, "content-security-policy");
            let part = policy
                .split("; ")
                .find(|part| part.starts_with("frame-ancestors"));
            part.unwrap_or_default().to_owned()
        };
        assert_eq!(around("/frame.html").await, "frame-ancestors 'self'");
        let folder = database.folder().join("dist");
        let origins = r#"["https://www.vendor.example", "https://*.vendor.example:8443", "*", 7,
            "https://a.example; script-src *", "http://localhost:8081"]"#;
        write(
            &folder,
            "portal.json",
            &format!(r#"{{"embed": {{"origins": {origins}}}}}"#),
        );
        assert_eq!(
            around("/frame.html").await,
            "frame-ancestors 'self' https://www.vendor.example https://*.vendor.example:8443 \
             http://localhost:8081"
        );
        for path in [
            "/",
            "/index.html",
            "/hand-over.html",
            "/embed.js",
            "/frame.js",
        ] {
            assert_eq!(around(path).await, "frame-ancestors 'self'", "{path}");
        }
        service.stop().await;
    });
}

#[test]
fn the_element_can_be_loaded_from_anywhere_and_the_sign_in_window_knows_its_opener() {
    on_database(async |database| {
        let service = portal(database).await;
        let stranger = service.stranger();
        for (path, origins, opener) in [
            ("/embed.js", "*", "same-origin"),
            ("/mount.js", "", "same-origin"),
            ("/frame.html", "", "same-origin"),
            ("/hand-over.html", "", ""),
            ("/", "", "same-origin"),
        ] {
            let answer = stranger.get(path).await;
            let found = header(&answer, "access-control-allow-origin");
            assert_eq!(found, origins, "{path}");
            let found = header(&answer, "cross-origin-opener-policy");
            assert_eq!(found, opener, "{path}");
        }
        service.stop().await;
    });
}

#[test]
fn pages_are_the_document_and_missing_files_are_missing() {
    on_database(async |database| {
        let service = portal(database).await;
        let stranger = service.stranger();
        for (path, status, kind) in [
            ("/", 200, "text/html; charset=utf-8"),
            ("/cases/81000001", 200, "text/html; charset=utf-8"),
            ("/casement.css", 200, "text/css; charset=utf-8"),
            ("/casement_bg.wasm", 200, "application/wasm"),
            ("/manifest.webmanifest", 200, "application/manifest+json"),
            ("/missing.js", 404, "text/plain; charset=utf-8"),
            ("/locales", 200, "text/html; charset=utf-8"),
        ] {
            let answer = stranger.get(path).await;
            assert_eq!(answer.status().as_u16(), status, "{path}");
            assert_eq!(header(&answer, "content-type"), kind, "{path}");
        }
        let api = stranger.get("/api/no/such/thing").await;
        assert_eq!(header(&api, "content-type"), "application/problem+json");
        let posted = stranger.request(Method::POST, "/casement.css").send().await;
        let posted = posted.expect("an answer");
        assert_eq!(posted.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(header(&posted, "allow"), "GET, HEAD");
        service.stop().await;
    });
}

#[test]
fn a_compressed_file_is_sent_to_those_who_can_read_it() {
    on_database(async |database| {
        let service = portal(database).await;
        let stranger = service.stranger();
        let plain = with(&stranger, "Accept-Encoding", "gzip").await;
        assert_eq!(header(&plain, "content-encoding"), "");
        let plain_tag = header(&plain, "etag");
        assert_eq!(plain.text().await.expect("text"), "body {}");

        let compressed = with(&stranger, "Accept-Encoding", "gzip, br").await;
        assert_eq!(header(&compressed, "content-encoding"), "br");
        assert_eq!(
            header(&compressed, "content-type"),
            "text/css; charset=utf-8"
        );
        assert_eq!(header(&compressed, "vary"), "Accept-Encoding");
        assert_ne!(header(&compressed, "etag"), plain_tag);
        assert_eq!(compressed.text().await.expect("text"), "as if compressed");
        service.stop().await;
    });
}

#[test]
fn a_known_file_is_not_sent_again_until_it_changes() {
    on_database(async |database| {
        let service = portal(database).await;
        let stranger = service.stranger();
        let tag = header(&stranger.get("/casement.css").await, "etag");
        let again = with(&stranger, "If-None-Match", &format!("\"other\", {tag}")).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(header(&again, "etag"), tag);
        assert_eq!(header(&again, "content-security-policy"), POLICY);
        write(
            &database.folder().join("dist"),
            "casement.css",
            "body { color: red }",
        );
        let changed = with(&stranger, "If-None-Match", &tag).await;
        assert_eq!(changed.status(), StatusCode::OK);
        service.stop().await;
    });
}

#[test]
fn nothing_outside_the_folder_can_be_read() {
    on_database(async |database| {
        write(database.folder(), "secret.txt", "secret");
        let service = portal(database).await;
        #[cfg(unix)]
        std::os::unix::fs::symlink("../secret.txt", database.folder().join("dist/link.txt"))
            .expect("a link can be made");
        for path in [
            "/../secret.txt",
            "/%2e%2e/secret.txt",
            "/locales/..%2f../secret.txt",
            "/link.txt",
            "/..%5csecret.txt",
            "//../secret.txt",
            "/locales/../../secret.txt",
            "/.hidden.txt",
        ] {
            let mut connection = TcpStream::connect(service.address).expect("it listens");
            write!(
                connection,
                "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            )
            .expect("the service reads");
            let mut answer = String::new();
            connection
                .read_to_string(&mut answer)
                .expect("the service answers");
            assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
            assert!(
                !answer.contains("secret\n") && !answer.ends_with("secret"),
                "{path}"
            );
        }
        service.stop().await;
    });
}

async fn portal(database: &Database) -> Service {
    let folder = database.folder().join("dist");
    write(&folder, "index.html", "<!doctype html>");
    write(&folder, "casement.css", "body {}");
    write(&folder, "casement.css.br", "as if compressed");
    write(&folder, "casement_bg.wasm", "\0asm");
    write(&folder, "manifest.webmanifest", "{}");
    for name in [
        "embed.js",
        "mount.js",
        "frame.js",
        "frame.html",
        "hand-over.html",
    ] {
        write(&folder, name, "");
    }
    write(&folder, ".hidden.txt", "secret");
    write(&folder, "locales/en.json", "{}");
    let mut config = usual(database);
    config.portal = Some(folder);
    Service::start(config).await
}

fn write(folder: &Path, name: &str, content: &str) {
    let file = folder.join(name);
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder can be made");
    std::fs::write(file, content).expect("a file can be written");
}

async fn with(client: &Client, name: &str, value: &str) -> Response {
    let request = client
        .request(Method::GET, "/casement.css")
        .header(name, value);
    request.send().await.expect("an answer")
}
