//! What a check against a running backend asks, and what it finds in the answers.

use casement::core::profile::live::{Finding, Level, Observed, Probe, findings};
use casement::core::profile::{Conversation, Next, Profile, Reply};
use serde_json::{Value, json};

/// 20 November 2026, 00:00:00 UTC.
const NOW: i64 = 1_795_132_800_000;

fn profile(list: Value) -> Profile {
    let json = json!({
        "format": 1, "id": "small", "name": "Small desk",
        "session": { "kind": "basic", "who": { "url": "/me", "subject": "/id" } },
        "rate": { "retry": [{ "header": "Retry-After" }] },
        "resources": { "case": { "shape": { "id": "/id", "fields": {
            "subject": "/title", "updated_at": { "pointer": "/at", "format": "time" }
        } } } },
        "lists": [list]
    });
    Profile::read(json, "/api", &[]).expect("a profile")
}

fn pages(changes: Value) -> Value {
    json!({
        "of": "case", "url": "/t{?page,since}", "rows": "/items",
        "paging": { "kind": "page" }, "changes": changes
    })
}

fn reply(status: u16, body: &Value) -> Reply {
    Reply {
        status,
        body: body.as_str().map_or_else(|| body.to_string(), String::from),
        ..Reply::default()
    }
}

/// Answers by the address that is asked for, and what was asked.
fn probe(profile: &Profile, answer: impl Fn(&str) -> Reply) -> (Observed, Vec<String>) {
    let mut probe = Probe::new(profile, &json!({ "login": "uma" }));
    let (mut heard, mut asked) = (None, Vec::new());
    loop {
        match probe.next(heard.take(), NOW) {
            Next::Ask(request) => {
                asked.push(format!("{} {}", request.method, request.url));
                heard = Some(answer(&request.url));
            }
            Next::Done(mut observed) => {
                observed.offset = Some(1_200);
                return (observed, asked);
            }
        }
    }
}

fn told(found: &[Finding]) -> Vec<String> {
    let mark = |level| match level {
        Level::Good => '✓',
        Level::Note => '·',
        Level::Bad => '✗',
    };
    let line = |one: &Finding| format!("{} {} {}", mark(one.level), one.code, one.value);
    found
        .iter()
        .map(|one| line(one).trim().to_string())
        .collect()
}

fn check(list: Value, answer: impl Fn(&str) -> Reply, expected: &[&str]) {
    let profile = profile(list);
    let (observed, _) = probe(&profile, answer);
    assert_eq!(told(&findings(&profile, &observed, NOW)), expected);
}

fn rows(from: u64) -> Reply {
    let row = |id: u64| json!({ "id": id, "title": format!("Case {id}") });
    reply(
        200,
        &json!({ "items": (from..from + 3).map(row).collect::<Vec<Value>>() }),
    )
}

fn me() -> Reply {
    reply(200, &json!({ "id": 5 }))
}

const SINCE: &str = "updated_since";

#[test]
fn a_backend_that_does_all_of_it_is_told_so() {
    let list = pages(json!({ "kind": SINCE, "field": "updated_at" }));
    let answer = |url: &str| {
        let mut reply = match url {
            "/me" => me(),
            "/t?page=1" => rows(1),
            "/t?page=2" => rows(4),
            _ => reply(200, &json!({ "items": [] })),
        };
        reply.headers.push(("retry-after".into(), "1".into()));
        reply
    };
    let (_, asked) = probe(&profile(list.clone()), answer);
    assert_eq!(
        asked[..4],
        ["GET /me", "GET /t?page=1", "GET /t?page=2", "GET /t?page=3"]
    );
    check(
        list,
        answer,
        &[
            "✓ reached /api",
            "✓ signed_in",
            "✓ records 6",
            "✓ pages 3",
            "✓ changes_few 0",
            "✓ clock_right",
        ],
    );
}

#[test]
fn pages_that_repeat_and_headers_that_cannot_be_read_are_told() {
    let list = pages(json!({ "kind": "none" }));
    let answer = |url: &str| if url == "/me" { me() } else { rows(1) };
    let profile = profile(list);
    let (observed, asked) = probe(&profile, answer);
    assert!(asked.len() <= 41, "{} requests", asked.len());
    let found = told(&findings(&profile, &observed, NOW));
    assert!(
        found.contains(&"✗ pages_repeat /t".to_string()),
        "{found:?}"
    );
    assert!(
        found.contains(&"· header_unread retry-after".to_string()),
        "{found:?}"
    );
}

#[test]
fn a_second_look_that_brings_everything_is_told() {
    let list = json!({
        "of": "case", "url": "/t{?since}", "rows": "/items",
        "changes": { "kind": SINCE, "field": "updated_at" }
    });
    let many = |url: &str| {
        let row = |id: u64| json!({ "id": id, "title": "Down", "at": "2026-11-19T08:00:00Z" });
        match url {
            "/me" => me(),
            _ => reply(
                200,
                &json!({ "items": (1..20).map(row).collect::<Vec<Value>>() }),
            ),
        }
    };
    let profile = profile(list);
    let (observed, _) = probe(&profile, many);
    let found = told(&findings(&profile, &observed, NOW));
    assert!(
        found.contains(&"✗ changes_all GET /t".to_string()),
        "{found:?}"
    );
}

#[test]
fn no_answer_a_page_in_its_place_and_nobody_signed_in_are_told_apart() {
    let list = || pages(json!({ "kind": "none" }));
    check(list(), |_| reply(0, &json!("")), &["✗ no_answer GET /me"]);
    let profile = profile(list());
    let found = |answer: &dyn Fn(&str) -> Reply| {
        let (observed, _) = probe(&profile, answer);
        told(&findings(&profile, &observed, NOW))
    };
    let page = found(&|url| {
        if url == "/me" {
            me()
        } else {
            reply(200, &json!("<html>"))
        }
    });
    let words = "✗ trouble GET /t: status 200, a page instead of an answer";
    assert!(page.contains(&words.to_string()), "{page:?}");
    let nobody = found(&|_| reply(401, &json!({})));
    assert!(
        nobody.contains(&"✗ signed_out GET /me".to_string()),
        "{nobody:?}"
    );
    assert!(
        !nobody.iter().any(|one| one.contains("trouble")),
        "told once: {nobody:?}"
    );
}

#[test]
fn nothing_is_sent_that_could_change_anything() {
    let list = json!({
        "of": "case", "method": "POST", "url": "/search?key=1", "rows": "/items",
        "changes": { "kind": "none" }
    });
    let profile = profile(list);
    let (observed, asked) = probe(&profile, |_| me());
    assert_eq!(asked, ["GET /me"]);
    let found = told(&findings(&profile, &observed, NOW));
    assert!(
        found.contains(&"· withheld POST /search".to_string()),
        "{found:?}"
    );
}

#[test]
fn clocks_that_differ_are_told_in_seconds() {
    let list = pages(json!({ "kind": "none" }));
    let profile = profile(list);
    for (offset, expected) in [
        (None, "· clock_unknown"),
        (Some(-59_000), "✓ clock_right"),
        (Some(-90_000), "✗ clock_off 90"),
    ] {
        let (mut observed, _) = probe(&profile, |_| me());
        observed.offset = offset;
        let found = told(&findings(&profile, &observed, NOW));
        assert!(found.contains(&expected.to_string()), "{found:?}");
    }
}

#[test]
fn times_of_another_zone_are_told_in_hours() {
    let list = pages(json!({ "kind": "none" }));
    let profile = profile(list);
    for (at, expected) in [
        ("2026-11-20T09:00:00Z", Some("✗ times_ahead 9")),
        ("2026-11-20T00:20:00Z", Some("✗ times_ahead 1")),
        ("2026-11-20T00:05:00Z", None),
    ] {
        let answer = |url: &str| match url {
            "/me" => me(),
            "/t?page=1" => reply(
                200,
                &json!({ "items": [{ "id": 1, "title": "A", "at": at }] }),
            ),
            _ => reply(200, &json!({ "items": [] })),
        };
        let (observed, _) = probe(&profile, answer);
        let found = told(&findings(&profile, &observed, NOW));
        let ahead = found.iter().find(|one| one.contains("times_ahead"));
        assert_eq!(ahead.map(String::as_str), expected, "{at}");
    }
}

#[test]
fn headers_that_must_be_readable_and_limits_of_files_are_told() {
    let mut json = profile(pages(json!({ "kind": "none" }))).json().clone();
    json["transport"] = json!({ "readable": ["X-Left", "Retry-After", "Date"] });
    json["resources"]["attachment"] = json!({
        "shape": { "id": "/id" },
        "create": {
            "upload": "raw", "method": "POST", "url": "/f", "file": true,
            "idempotency": { "kind": "none" }
        }
    });
    let told_of = |json: &Value| {
        let profile = Profile::read(json.clone(), "/api", &[]).expect("a profile");
        let (observed, _) = probe(&profile, |_| me());
        told(&findings(&profile, &observed, NOW))
    };
    let found = told_of(&json);
    for expected in [
        "· header_unread retry-after, x-left",
        "· file_limits_unsaid",
    ] {
        let times = found.iter().filter(|one| *one == expected).count();
        assert_eq!(times, 1, "{expected} in {found:?}");
    }
    assert!(!found.iter().any(|one| one.ends_with(" date")), "{found:?}");
    json["resources"]["attachment"]["create"]["limits"] =
        json!({ "bytes": 5_000_000, "extensions": ["log"] });
    let found = told_of(&json);
    assert!(
        found.contains(&"✓ file_limits 5 MB, .log".to_string()),
        "{found:?}"
    );
}
