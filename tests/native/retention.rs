//! What may stay on a device: room for text, the end of drafts, what is unsent, and the one file.

use casement::core::base64;
use casement::core::draft::{Draft, DraftFile, Recovered, State};
use casement::core::portal::Portal;
use casement::core::retention::{
    Age, Retention, Unsent, age, files, piece, read_piece, read_texts, room, save_texts,
};
use proptest::prelude::*;
use serde_json::json;

const DAY: i64 = 24 * 3_600_000;
const MIB: u64 = 1024 * 1024;

fn draft(id: &str, subject: &str) -> Draft {
    let mut draft = Draft::new(id, "harbour", 0);
    draft.set("subject", subject);
    draft
}

fn stored(draft: &Draft) -> (String, String) {
    (draft.id.clone(), draft.to_json().to_string())
}

fn file(id: &str, size: u64) -> DraftFile {
    DraftFile::from_json(&json!({
        "id": id, "name": "log.txt", "size": size, "media_type": "text/plain", "chunks": 1
    }))
    .expect("it is a file")
}

#[test]
fn a_deployment_chooses_what_a_device_keeps() {
    let read = |given: serde_json::Value| {
        let mut json = json!({
            "name": "Harbour", "policies": ["harbour"], "api": "/api", "languages": ["en"]
        });
        json.as_object_mut()
            .expect("it is an object")
            .extend(given.as_object().cloned().unwrap_or_default());
        Portal::read(&json)
    };
    let portal = read(json!({})).expect("it is complete");
    assert_eq!(portal.retention, Retention::Device);
    assert_eq!(portal.lock_minutes, 0);
    let portal =
        read(json!({ "retention": "locked", "lock_minutes": 10 })).expect("it is complete");
    assert_eq!(
        (portal.retention, portal.lock_minutes),
        (Retention::Locked, 10)
    );
    assert!(read(json!({ "retention": "forever" })).is_err());
}

#[test]
fn files_leave_room_for_text() {
    assert_eq!(room(1_000 * MIB, 0, true), 900 * MIB);
    assert_eq!(room(100 * MIB, 0, true), 68 * MIB);
    assert_eq!(room(100 * MIB, 99 * MIB, true), 0);
    assert_eq!(room(0, 0, true), 256 * MIB, "a browser that does not say");
    assert_eq!(room(1_000 * MIB, 0, false), 64 * MIB, "a tab's memory");
}

#[test]
fn a_draft_ends_only_when_its_author_was_told_a_week_before() {
    let now = 100 * DAY;
    assert_eq!(age(now, 30, None, now), Age::Young);
    assert_eq!(age(now - 22 * DAY, 30, None, now), Age::Young);
    assert_eq!(
        age(now - 24 * DAY, 30, Some(now), now),
        Age::Ending(now + 7 * DAY)
    );
    assert_eq!(
        age(now - 90 * DAY, 30, None, now),
        Age::Ending(now + 7 * DAY)
    );
    assert_eq!(
        age(now - 90 * DAY, 30, Some(now - 6 * DAY), now),
        Age::Ending(now + DAY)
    );
    assert_eq!(age(now - 90 * DAY, 30, Some(now - 7 * DAY), now), Age::Over);
    assert_eq!(age(0, 0, Some(0), now), Age::Young, "0 days: drafts stay");
}

proptest! {
    #[test]
    fn no_draft_ends_unannounced(touched in 0i64..400, days in 0u64..60, now in 0i64..500) {
        let now = touched.max(now) * DAY;
        prop_assert_ne!(age(touched * DAY, days, None, now), Age::Over);
    }

    #[test]
    fn bytes_come_back(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(base64::decode(&base64::encode(&bytes)), Some(bytes));
    }

    #[test]
    fn what_is_not_base64_is_refused_and_never_a_panic(text in ".{0,40}") {
        if let Some(bytes) = base64::decode(&text) {
            prop_assert_eq!(base64::encode(&bytes).len(), text.len());
        }
    }
}

#[test]
fn bytes_are_written_as_everybody_writes_them() {
    for (bytes, text) in [
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foobar", "Zm9vYmFy"),
    ] {
        assert_eq!(base64::encode(bytes.as_bytes()), text);
    }
    for wrong in ["Zg", "Z===", "Zg=a", "Z g=", "Zg==Zg=="] {
        assert_eq!(base64::decode(wrong), None, "{wrong}");
    }
}

#[test]
fn only_work_that_would_be_lost_counts_as_unsent() {
    let empty = Draft::new("a", "harbour", 0);
    let mut sent = draft("b", "sent");
    sent.state = State::Sent {
        case: "c".into(),
        number: "1".into(),
    };
    let mut discarded = draft("c", "discarded");
    discarded.state = State::Discarded { at: 0 };
    let all = [empty, sent, discarded].map(Recovered::Draft);
    assert!(Unsent::of(&all, &[], 0).is_none());
    let open = [
        Recovered::Draft(draft("d", "open")),
        Recovered::Text {
            id: "e".into(),
            text: "words".into(),
        },
    ];
    assert_eq!(
        Unsent::of(&open, &[], 1),
        Unsent {
            drafts: 2,
            waiting: 0,
            comments: 1
        }
    );
}

#[test]
fn a_file_is_counted_once() {
    let mut one = draft("a", "one");
    one.files.push(file("f", 10));
    let mut copy = draft("b", "copy");
    copy.files.push(file("f", 10));
    let mut sent = draft("c", "sent");
    sent.files.push(file("gone", 10));
    sent.state = State::Sent {
        case: "c".into(),
        number: "1".into(),
    };
    let all = [one, copy, sent].map(Recovered::Draft);
    let found: Vec<String> = files(&all, &[]).into_iter().map(|file| file.id).collect();
    assert_eq!(found, ["f"]);
}

#[test]
fn what_was_saved_to_a_file_comes_back_as_drafts() {
    let open = draft("a", "か\u{3099}\n\"quoted\"");
    let mut queued = draft("b", "waiting");
    queued.state = State::Queued {
        operation: "o".into(),
    };
    let mut sent = draft("c", "sent");
    sent.state = State::Sent {
        case: "c".into(),
        number: "1".into(),
    };
    let mut drafts: Vec<_> = [&open, &queued, &sent].map(stored).into();
    drafts.push(("broken".into(), "not json".into()));
    let comments = [("comment/case-1".to_string(), "half a sen".to_string())];
    let text = save_texts(5, &drafts, &[], &comments, &[file("f", 3)]);
    assert!(!text.contains('\n'), "it is one line");
    let saved = read_texts(&text).expect("it is a saved file");
    assert_eq!(saved.drafts, [open, queued]);
    assert_eq!(saved.comments, comments);
    assert_eq!(saved.unreadable, 1);
    let line = piece("f", 7, &[0, 1, 255]);
    assert_eq!(read_piece(&line), Some(("f".into(), 7, vec![0, 1, 255])));
}

#[test]
fn what_was_not_saved_by_the_portal_is_refused() {
    for text in [
        "",
        "{}",
        "[]",
        r#"{"casement":2,"drafts":[]}"#,
        r#"{"casement":1}"#,
    ] {
        assert_eq!(read_texts(text), None, "{text}");
    }
    for line in [
        "",
        "{}",
        r#"{"file":"f","number":-1,"bytes":""}"#,
        r#"{"file":"f","number":0,"bytes":"*"}"#,
    ] {
        assert_eq!(read_piece(line), None, "{line}");
    }
}
