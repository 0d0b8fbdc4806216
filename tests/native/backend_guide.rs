//! The guide for whoever connects a backend, held to what it says: its blocks build the example, which
//! can be used after every step; its recorded answers come to what it quotes; its tables name what the
//! language knows and files that are there.

use casement::core::profile::advice::{Seen, examine, replay};
use casement::core::profile::{Profile, rate};
use serde_json::{Map, Value};

use crate::support::{file, json as parse, lines, root};

const GUIDE: &str = "docs/backends.md";
/// 20 November 2026, 00:00:00 UTC.
const NOW: i64 = 1_795_132_800_000;

fn part(path: &str, from: &str, to: &str) -> String {
    let text = file(path);
    let (_, rest) = text
        .split_once(&format!("\n{from}\n"))
        .unwrap_or_else(|| panic!("{path} has {from}"));
    let (part, _) = rest
        .split_once(&format!("\n{to}\n"))
        .unwrap_or_else(|| panic!("{path} has {to} behind {from}"));
    part.into()
}

/// The blocks of JSON of the worked example, in order.
fn blocks() -> Vec<Value> {
    let steps = part(
        GUIDE,
        "## From an API's documentation to a profile",
        "### Put it into use",
    );
    let blocks = steps.split("```json\n").skip(1).map(|block| {
        let (block, _) = block.split_once("```").expect("a block ends");
        serde_json::from_str(block).unwrap_or_else(|error| panic!("{error}\n{block}"))
    });
    blocks.collect()
}

/// Puts a block beside what is there: objects into objects, and the entries of a list into those that
/// stand in the same places.
fn put(profile: &mut Map<String, Value>, block: &Map<String, Value>) {
    for (key, value) in block {
        match (profile.get_mut(key), value) {
            (Some(Value::Object(old)), Value::Object(new)) => put(old, new),
            (Some(Value::Array(old)), Value::Array(new)) => {
                for (old, new) in old.iter_mut().zip(new) {
                    put(
                        old.as_object_mut().expect("an object"),
                        new.as_object().expect("an object"),
                    );
                }
            }
            (Some(old), new) => assert_eq!(old, new, "no block changes {key}"),
            (None, new) => {
                profile.insert(key.clone(), new.clone());
            }
        }
    }
}

/// The example after each of its blocks, and what came of the recorded answers in between.
fn built() -> (Vec<Profile>, Vec<Seen>) {
    let mut json = Map::new();
    let (mut profiles, mut seen) = (Vec::<Profile>::new(), Vec::new());
    for block in blocks() {
        if block.get("runs").is_some() {
            let profile = profiles.last().expect("a profile comes first");
            seen.extend(replay(profile, &block, NOW));
            continue;
        }
        put(&mut json, block.as_object().expect("an object"));
        let examined = examine(Value::Object(json.clone()), "/api", None);
        assert!(
            examined.problems.is_empty(),
            "{:#?}",
            lines(&examined.problems)
        );
        profiles.extend(examined.profile);
    }
    (profiles, seen)
}

#[test]
fn the_blocks_of_the_guide_build_a_profile_that_can_be_used_after_every_step() {
    let (profiles, _) = built();
    assert!(profiles.len() >= 4, "{} steps", profiles.len());
    let last = profiles.last().expect("a profile");
    let examined = examine(last.json().clone(), "/api", None);
    assert!(examined.advice.is_empty(), "{:#?}", lines(&examined.advice));
    for (kind, does) in [
        ("case", "create"),
        ("case", "update"),
        ("case", "close"),
        ("case", "reopen"),
        ("comment", "create"),
        ("attachment", "create"),
    ] {
        assert!(last.can(kind, does), "{kind} {does}");
    }
    assert_eq!(last.file_limits().max_bytes, Some(25_000_000));
    let reply = casement::core::profile::Reply {
        status: 200,
        headers: vec![("x-requests-left".into(), "0".into())],
        ..Default::default()
    };
    assert!(rate::pause(last, &reply, NOW) > 0);
}

#[test]
fn the_recorded_answers_of_the_guide_come_to_what_it_says() {
    let (_, seen) = built();
    let guide = file(GUIDE);
    for one in &seen {
        assert!(
            one.problems.is_empty(),
            "{}: {:#?}",
            one.what,
            lines(&one.problems)
        );
    }
    let whole = |one: &Seen| {
        let records = one
            .records
            .iter()
            .filter_map(|change| change.record.as_ref());
        let records: Vec<String> = records.map(Value::to_string).collect();
        format!("{} {}", one.outcome, records.join(" "))
    };
    let all: Vec<String> = seen.iter().map(whole).collect();
    for quoted in [
        "\"status\":\"waiting_customer\"",
        "\"severity\":\"2\"",
        "\"created_at\":\"2026-11-20T00:12:00Z\"",
        "refused: invalid_fields, Not accepted",
        "title: is too long",
    ] {
        assert!(guide.contains(quoted), "the guide quotes {quoted}");
        assert!(
            all.iter().any(|one| one.contains(quoted)),
            "{quoted} in {all:#?}"
        );
    }
}

#[test]
fn the_tables_of_the_guides_name_every_strategy_and_files_that_are_there() {
    let schema = parse("public/schemas/profile.schema.json").to_string();
    let table = part(
        "docs/profiles.md",
        "## Which strategy when",
        "## Example: a small API with PATCH and If-Match",
    );
    for strategy in [
        "header",
        "client_named",
        "primary_key",
        "upsert",
        "single_use",
        "marker",
        "none",
        "if_match",
        "if_unmodified_since",
        "body",
        "guard",
        "compare",
        "updated_since",
        "token",
        "window",
        "conditional",
        "sweep",
        "page",
        "offset",
        "range",
        "cursor",
        "next",
        "link",
        "tombstone",
        "feed",
        "raw",
        "base64",
        "data_url",
        "multipart",
        "presigned",
        "chunks",
        "tus",
    ] {
        assert!(
            schema.contains(&format!("\"{strategy}\"")),
            "the schema knows {strategy}"
        );
        assert!(
            table.contains(&format!("`{strategy}`")),
            "the table lacks {strategy}"
        );
    }
    let simple = part(
        GUIDE,
        "### Where the example is too simple",
        "## The contract",
    );
    let named = simple.split('`').filter(|word| word.ends_with(".json"));
    let mut count = 0;
    for name in named {
        count += 1;
        assert!(root(&format!("public/backends/{name}")).is_file(), "{name}");
    }
    assert!(count > 5, "{count} files are named");
}

#[test]
fn a_tracker_that_comes_without_a_profile_is_described_by_the_guide_alone() {
    let fixture = parse("tests/fixtures/guide/issues.json");
    let examined = examine(fixture["profile"].clone(), "/api", None);
    assert!(
        examined.problems.is_empty(),
        "{:#?}",
        lines(&examined.problems)
    );
    assert!(examined.advice.is_empty(), "{:#?}", lines(&examined.advice));
    let profile = examined.profile.expect("a profile");
    let seen = replay(&profile, &fixture, NOW);
    for one in &seen {
        assert!(
            one.problems.is_empty(),
            "{}: {:#?}",
            one.what,
            lines(&one.problems)
        );
    }
    let kinds: Vec<&str> = seen[1]
        .records
        .iter()
        .map(|change| change.kind.as_str())
        .collect();
    assert_eq!(
        kinds,
        [
            "contact",
            "account",
            "comment",
            "comment",
            "attachment",
            "case"
        ]
    );
    let outcomes: Vec<&str> = seen
        .iter()
        .skip(2)
        .map(|one| one.outcome.as_str())
        .collect();
    assert_eq!(
        outcomes,
        [
            "accepted",
            "refused: invalid_fields, Subject cannot be blank; Tracker is invalid",
            "sent again later",
            "found: it was done",
        ]
    );
}
