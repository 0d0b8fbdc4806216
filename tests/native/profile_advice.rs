//! What an author of a profile is told: mistakes, what is hardly meant, what the portal does without,
//! and what recorded answers come to.

use casement::core::profile::advice::{Seen, examine, examine_text, replay};
use casement::core::reader::Problem;
use serde_json::{Value, json};

use crate::support::{changed, files_under, json as fixture};

/// 20 November 2026, 00:00:00 UTC.
const NOW: i64 = 1_795_132_800_000;

/// A small desk that leaves nothing to tell.
fn desk() -> Value {
    let time = |pointer: &str| json!({ "pointer": pointer, "format": "time", "write": false });
    json!({
        "format": 1, "id": "small", "name": "Small desk",
        "about": { "tried": ["Small desk 3"] },
        "transport": { "readable": ["ETag", "Retry-After"] },
        "session": {
            "kind": "basic",
            "who": { "url": "/me", "subject": "/id", "name": "/name", "bind": { "queue": "/queue" } }
        },
        "rate": { "retry": [{ "header": "Retry-After" }] },
        "maps": {
            "status": {
                "pairs": [["open", "open"], ["waits", "waiting_customer"], ["done", "closed"]],
                "read_else": "open", "write_else": "!"
            }
        },
        "resources": {
            "case": {
                "shape": {
                    "id": "/id", "version": { "header": "ETag" },
                    "fields": {
                        "number": { "pointer": "/no", "format": "text", "write": false },
                        "subject": "/title",
                        "status": { "pointer": "/state/id", "write": "/state", "map": "status" },
                        "created_at": time("/made"), "updated_at": time("/changed")
                    }
                },
                "get": { "url": "/tickets/{id}" },
                "create": {
                    "method": "POST", "url": "/tickets", "fields": "all",
                    "json": { "queue": "{session.queue}" },
                    "idempotency": { "kind": "header", "name": "Idempotency-Key" }
                },
                "update": {
                    "method": "PATCH", "url": "/tickets/{id}", "fields": "changed",
                    "concurrency": { "kind": "if_match" }
                }
            }
        },
        "lists": [{
            "of": "case", "url": "/tickets{?since,page}", "rows": "/items",
            "paging": { "kind": "page" },
            "changes": { "kind": "updated_since", "field": "updated_at" },
            "deletions": { "kind": "tombstone", "when": { "pointer": "/gone", "is": true } }
        }]
    })
}

fn told(problems: &[Problem]) -> Vec<String> {
    let line = |one: &Problem| format!("{}: {} / {}", one.path, one.expected, one.found);
    let mut lines: Vec<String> = problems.iter().map(line).collect();
    // In which order the parts of a file are looked at is nobody's concern.
    lines.sort();
    lines
}

/// The desk with some things changed, and what its author is told.
fn check(changes: Value, advice: &[&str]) {
    let examined = examine(changed(&desk(), &changes), "/api", None);
    assert_eq!(told(&examined.problems), [] as [&str; 0], "{changes}");
    let mut advice = advice.to_vec();
    advice.sort_unstable();
    assert_eq!(told(&examined.advice), advice, "{changes}");
    assert!(examined.profile.is_some());
    assert!(examined.advice.iter().all(|one| !one.mend.is_empty()));
}

#[test]
fn a_whole_profile_leaves_nothing_to_tell() {
    check(json!({}), &[]);
}

#[test]
fn values_that_are_not_read_as_they_were_written_are_told() {
    let lens = "resources.case.shape.fields";
    let again = "a value that is read again as it was written";
    check(
        json!({ "/maps/status/pairs": [["open", "open"], ["open", "waiting_customer"], ["done", "closed"]] }),
        &[&format!(
            "{lens}.status: {again} / \"waiting_customer\" is written as \"open\" and read as \"open\""
        )],
    );
    check(
        json!({ "/resources/case/shape/fields/subject":
            { "pointer": "/title", "format": "time", "pattern": "YYYY-MM-DD hh:mm" } }),
        &[&format!(
            "{lens}.subject: {again} / \"2026-02-28T23:59:30Z\" is written as \"2026-02-28 23:59\" \
             and read as \"2026-02-28T23:59:00Z\""
        )],
    );
    for two_way in [
        json!({ "pointer": "/title", "format": "html" }),
        json!({ "pointer": "/title", "format": "base64" }),
        json!({ "pointer": "/title", "prefix": "[", "suffix": "]" }),
        json!({ "pointer": "/title", "format": "time", "pattern": "epoch" }),
        json!({ "pointer": "/title", "format": "date", "pattern": "YYYY/MM/DD" }),
        json!({ "pointer": "/title", "format": "list", "separator": ";" }),
        json!({ "pointer": "/title", "format": "id", "as": "number" }),
        json!({ "entry": { "in": "/custom", "key": "/id", "is": 7, "value": "/value" } }),
        json!({ "pointer": "/tags", "each": { "pointer": "/name" } }),
    ] {
        check(
            json!({ "/resources/case/shape/fields/subject": two_way }),
            &[],
        );
    }
}

#[test]
fn names_maps_and_fields_that_nobody_knows_are_told() {
    check(
        json!({ "/resources/case/create/json": { "queue": "{session.team}", "by": "{sesion.login}" } }),
        &[
            "resources.case.create.json.by: names that are known / {sesion.login}, which nothing binds",
            "resources.case.create.json.queue: names that are known / {session.team}, which nothing binds",
        ],
    );
    check(
        json!({ "/maps/spare": { "pairs": [], "read_else": null, "write_else": null } }),
        &["maps.spare: a map that a lens names / none does"],
    );
    check(
        json!({ "/resources/case/shape/fields/subject": null, "/resources/case/shape/fields/title": "/title" }),
        &[
            "resources.case.shape.fields.title: a field that the portal knows / one that it shows nowhere",
            "resources.case.shape.fields: the fields that people look for / no subject",
        ],
    );
}

#[test]
fn lists_that_would_read_the_same_for_ever_are_told() {
    check(
        json!({ "/lists/0/url": "/tickets" }),
        &[
            "lists[0].url: a request that asks for what has changed / {since} nowhere in the request",
            "lists[0].url: a request that asks for a page / {page} nowhere in the request",
        ],
    );
    check(
        json!({ "/lists/0/changes/field": "changed_at" }),
        &[
            "lists[0].changes.field: a field of what is read / \"changed_at\", which the case has no field for",
        ],
    );
}

#[test]
fn what_one_part_needs_of_another_is_told() {
    check(
        json!({ "/resources/case/get": null, "/resources/case/create/record": "get" }),
        &["resources.case.get: \"get\", by which the record is read anew / nothing"],
    );
    check(
        json!({ "/resources/case/shape/version": null }),
        &[
            "resources.case.shape.version: \"version\", the value that tells one state of a record from another / nothing",
        ],
    );
    check(
        json!({ "/transport/readable": ["ETag"] }),
        &[
            "transport.readable: all headers that are read / retry-after is not among them, and rate.retry[0].header reads it",
        ],
    );
    check(
        json!({ "/origins": ["https://files.example"] }),
        &["origins: an origin that portal.json names, too / https://files.example"],
    );
    // Of a deployment that is known, it is a mistake.
    let profile = changed(&desk(), &json!({ "/origins": ["https://files.example"] }));
    let examined = examine(profile, "/api", Some(&[]));
    assert_eq!(
        told(&examined.problems),
        ["origins: origins that portal.json allows / https://files.example"]
    );
    assert!(examined.profile.is_none());
}

#[test]
fn what_the_portal_does_without_is_told_as_what_people_notice() {
    let limits = |changes: Value| -> Vec<String> {
        let examined = examine(changed(&desk(), &changes), "/api", None);
        examined.limits.into_iter().map(|one| one.path).collect()
    };
    let usual = limits(json!({}));
    for path in [
        "resources.comment.create",
        "resources.entitlement",
        "resources.case.actions.close",
    ] {
        assert!(usual.contains(&path.to_string()), "{usual:?}");
    }
    for path in [
        "resources.case",
        "resources.case.create",
        "lists[0].changes",
        "lists[0].deletions",
    ] {
        assert!(!usual.contains(&path.to_string()), "{path}");
    }
    for (changes, path) in [
        (
            json!({ "/resources/case/create/idempotency": { "kind": "none" } }),
            "resources.case.create.idempotency",
        ),
        (
            json!({ "/resources/case/update/concurrency": null }),
            "resources.case.update.concurrency",
        ),
        (json!({ "/lists/0/deletions": null }), "lists[0].deletions"),
        (
            json!({ "/lists/0/changes": { "kind": "sweep" } }),
            "lists[0].changes",
        ),
        (json!({ "/lists/0/paging": null }), "lists[0].paging"),
        (
            json!({ "/resources/case/create": null }),
            "resources.case.create",
        ),
    ] {
        assert!(limits(changes).contains(&path.to_string()), "{path}");
    }
}

#[test]
fn a_file_that_is_no_profile_is_told_in_one_sentence() {
    let told_of = |text: &str| told(&examine_text(text, "/api", None).problems);
    assert!(told_of("{\"format\": 1,}")[0].contains("a file in JSON / trailing comma"));
    assert_eq!(
        told_of(&" ".repeat(1024 * 1024 + 1)),
        [": a file of 1 MB at most / 1048577 bytes"]
    );
    assert_eq!(told_of("{\"format\": 2}"), ["format: the format 1 / 2"]);
}

fn play(recording: Value) -> Vec<Seen> {
    let examined = examine(desk(), "/api", None);
    replay(&examined.profile.expect("a profile"), &recording, NOW)
}

fn row(id: u64) -> Value {
    json!({
        "id": id, "no": id, "title": "Down", "state": { "id": "waits" },
        "made": "2026-11-19T08:00:00Z", "changed": "2026-11-19T09:00:00+09:00"
    })
}

#[test]
fn recorded_answers_are_shown_as_the_portal_would_show_them() {
    let seen = play(json!({ "runs": [{
        "pull": null,
        "exchange": [
            { "ask": { "url": "/tickets?page=1" }, "reply": { "body": { "items": [row(7)] } } }
        ]
    }] }));
    assert_eq!(seen[0].asked, ["GET /tickets?page=1"]);
    assert_eq!(told(&seen[0].problems), [] as [&str; 0]);
    assert_eq!(seen[0].outcome, "there is more to read");
    let record = seen[0].records[0].record.as_ref().expect("a record");
    assert_eq!(record["status"], "waiting_customer");
    assert_eq!(record["updated_at"], "2026-11-19T00:00:00Z");
}

#[test]
fn requests_that_were_recorded_otherwise_and_records_that_cannot_be_used_are_told() {
    let mut bad = row(7);
    bad["no"] = Value::Null;
    let seen = play(json!({ "runs": [
        {
            "pull": null,
            "exchange": [{
                "ask": { "url": "/tickets?offset=0", "headers": { "X-Team": "a" } },
                "reply": { "body": { "items": [bad] } }
            }]
        },
        {
            "pull": null, "again": true,
            "exchange": [{ "reply": { "body": "<html>" } }, { "reply": {} }]
        },
        { "do": { "do": "create_case", "draft": "d", "title": "t", "body": { "subject": "x" } } },
        { "do": { "do": "dance" } }
    ] }));
    let all: Vec<Vec<String>> = seen.iter().map(|one| told(&one.problems)).collect();
    assert_eq!(
        all,
        [
            vec![
                "case 7: number: a text / nothing",
                "exchange[0].headers.X-Team: the header as recorded / another or none",
                "exchange[0].url: /tickets?offset=0 / /tickets?page=1",
            ],
            vec!["exchange: as many answers as requests / 1 more"],
            vec!["exchange[0]: an answer / none for POST /tickets"],
            vec!["do: something that the portal does / {\"do\":\"dance\"}"],
        ]
    );
    assert!(
        seen[1].outcome.contains("a page instead of an answer"),
        "{}",
        seen[1].outcome
    );
}

#[test]
fn every_recorded_file_of_the_mocks_can_be_played() {
    let mut count = 0;
    for path in files_under("tests/fixtures/profiles") {
        let recording = fixture(&path.display().to_string());
        // The mocks belong to other profiles, so what is told does not matter; that it ends does.
        let seen = play(recording.clone());
        let runs = recording["runs"].as_array().map_or(0, Vec::len);
        assert_eq!(seen.len(), runs, "{}", path.display());
        count += runs;
    }
    assert!(count > 100, "{count} runs");
}
