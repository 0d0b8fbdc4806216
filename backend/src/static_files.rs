//! Serves the portal's files. Every answer carries the strict policy under which the portal is
//! built and tested; no request can name a file outside the portal's folder.

use crate::http::App;
use crate::problem::Problem;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
    style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; \
    manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; \
    frame-ancestors 'self'; require-trusted-types-for 'script'; trusted-types casement";

const PERMISSIONS: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), \
    gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()";

/// The one page that others may hold in a frame, if `portal.json` names their origins.
const FRAME: &str = "frame.html";
/// The window that signs such a frame in, which has to know its opener.
const HAND_OVER: &str = "hand-over.html";
/// What pages of every origin may load: the element, and what editors read of it.
const PUBLIC: [&str; 3] = ["embed.js", "embed.d.ts", "custom-elements.json"];

/// Answers every path that is not an address of the API.
pub(crate) async fn serve(State(app): State<Arc<App>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    if path == "/api" || path.starts_with("/api/") {
        return Problem::not_found().into_response();
    }
    let mut response = match &app.portal {
        None => text(StatusCode::NOT_FOUND, "No portal is served here."),
        Some(_) if !matches!(*request.method(), Method::GET | Method::HEAD) => {
            let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "Files can only be read.");
            let headers = response.headers_mut();
            headers.insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            response
        }
        Some(folder) => answer(folder, &path, request.headers()).await,
    };
    protect(response.headers_mut());
    if let (Some(folder), Some(file)) = (&app.portal, locate(&path)) {
        open(response.headers_mut(), folder, &file).await;
    }
    response
}

async fn answer(folder: &Path, path: &str, asked: &HeaderMap) -> Response {
    let Some(file) = locate(path) else {
        return text(StatusCode::NOT_FOUND, "There is no such file.");
    };
    let compressed = match accepts_brotli(asked) {
        true => read(folder, &with_suffix(&file, ".br")).await,
        false => None,
    };
    let encoded = compressed.is_some();
    let content = match compressed {
        Some(content) => Some(content),
        None => read(folder, &file).await,
    };
    match content {
        Some(content) => reply(&file, content, encoded, asked),
        None => text(StatusCode::NOT_FOUND, "There is no such file."),
    }
}

fn reply(file: &Path, content: Content, encoded: bool, asked: &HeaderMap) -> Response {
    let known = asked
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(','))
        .any(|tag| tag.trim().trim_start_matches("W/") == content.tag || tag.trim() == "*");
    let tag = HeaderValue::from_str(&content.tag);
    let mut response = match known {
        true => StatusCode::NOT_MODIFIED.into_response(),
        false => Body::from(content.bytes).into_response(),
    };
    let headers = response.headers_mut();
    if let Ok(tag) = tag {
        headers.insert(header::ETAG, tag);
    }
    if !known {
        headers.insert(header::CONTENT_TYPE, media_type(file));
        if encoded {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
        }
    }
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    response
}

/// The file a path names, relative to the portal's folder. A path without an extension is a page
/// of the portal, and all its pages are the one document.
fn locate(path: &str) -> Option<PathBuf> {
    let decoded = percent_decode_str(path).decode_utf8().ok()?;
    let mut file = PathBuf::new();
    for part in decoded.split('/').filter(|part| !part.is_empty()) {
        let harmless = !part.starts_with('.') && !part.contains(['\\', '\0', ':']);
        if !harmless {
            return None;
        }
        file.push(part);
    }
    match file.extension() {
        Some(_) => Some(file),
        None => Some(PathBuf::from("index.html")),
    }
}

struct Content {
    bytes: Vec<u8>,
    tag: String,
}

/// Reads a file if it lies inside the folder, also after following links.
async fn read(folder: &Path, file: &Path) -> Option<Content> {
    let folder = tokio::fs::canonicalize(folder).await.ok()?;
    let file = tokio::fs::canonicalize(folder.join(file)).await.ok()?;
    if !file.starts_with(&folder) {
        return None;
    }
    let facts = tokio::fs::metadata(&file).await.ok()?;
    if !facts.is_file() {
        return None;
    }
    let changed = facts.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    let bytes = tokio::fs::read(&file).await.ok()?;
    let encoding = file.extension().is_some_and(|extension| extension == "br");
    let tag = format!(
        "\"{:x}-{:x}{}\"",
        bytes.len(),
        changed.as_nanos(),
        if encoding { "-br" } else { "" }
    );
    Some(Content { bytes, tag })
}

fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn accepts_brotli(asked: &HeaderMap) -> bool {
    asked
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(','))
        .any(|entry| {
            let mut parts = entry.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let refused = parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
            name.eq_ignore_ascii_case("br") && !refused
        })
}

fn media_type(file: &Path) -> HeaderValue {
    let extension = file.extension().and_then(|extension| extension.to_str());
    HeaderValue::from_static(match extension.unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "txt" | "md" | "ts" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    })
}

fn text(status: StatusCode, sentence: &'static str) -> Response {
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    (status, [(header::CONTENT_TYPE, kind)], sentence).into_response()
}

fn protect(headers: &mut HeaderMap) {
    const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
    const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-cache"),
        (OPENER, "same-origin"),
        (PERMISSIONS_POLICY, PERMISSIONS),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// Opens the few files that other pages need, each no further than it needs.
async fn open(headers: &mut HeaderMap, folder: &Path, file: &Path) {
    if file == Path::new(FRAME) {
        let around = frame_ancestors(folder).await;
        let policy = POLICY.replace("frame-ancestors 'self'", &around);
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
    }
    if file == Path::new(HAND_OVER) {
        headers.remove("cross-origin-opener-policy");
    }
    if PUBLIC.iter().any(|name| file == Path::new(name)) {
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_ORIGIN,
            HeaderValue::from_static("*"),
        );
        headers.insert(
            "cross-origin-resource-policy",
            HeaderValue::from_static("cross-origin"),
        );
    }
}

/// The origins of `portal.json` whose pages may hold the portal. It is read anew each time, so that a
/// change of it holds at once; what is no origin would say something else in the header.
async fn frame_ancestors(folder: &Path) -> String {
    let portal = match read(folder, Path::new("portal.json")).await {
        Some(content) => serde_json::from_slice(&content.bytes).unwrap_or_default(),
        None => Value::Null,
    };
    let origins = portal["embed"]["origins"].as_array().cloned();
    let mut around = String::from("frame-ancestors 'self'");
    for origin in origins.iter().flatten().filter_map(Value::as_str) {
        if is_origin(origin) {
            around.push(' ');
            around.push_str(origin);
        }
    }
    around
}

/// Whether a text is one origin, or with `*.` those below one name, and can be nothing else.
fn is_origin(text: &str) -> bool {
    let place = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
        .unwrap_or_default();
    let (host, port) = place.split_once(':').unwrap_or((place, "0"));
    let name = host.strip_prefix("*.").unwrap_or(host);
    let usual = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
    !name.is_empty() && name.chars().all(usual) && port.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_the_one_document_and_files_are_themselves() {
        assert_eq!(locate("/"), Some(PathBuf::from("index.html")));
        assert_eq!(locate("/cases/81000001"), Some(PathBuf::from("index.html")));
        assert_eq!(locate("/a/b.css"), Some(PathBuf::from("a/b.css")));
    }

    #[test]
    fn a_path_that_leaves_the_folder_names_nothing() {
        for path in [
            "/../x.js",
            "/%2e%2e/x.js",
            "/a/..%2f..%2fx.js",
            "/.git/config.txt",
            "/a%5c..%5cx.js",
            "/x%00.js",
            "/c:/x.js",
            "/%ff.js",
        ] {
            assert_eq!(locate(path), None, "{path}");
        }
    }

    #[test]
    fn brotli_is_sent_to_those_who_ask_for_it_only() {
        let asks = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(value));
            accepts_brotli(&headers)
        };
        assert!(asks("gzip, deflate, br"));
        assert!(asks("br;q=0.5"));
        assert!(!asks("gzip, br;q=0"));
        assert!(!asks("gzip, brx"));
    }
}
