//! What may stay on a device: room for text, the end of drafts, what is unsent, and the one file.

use casement::core::base64;
use casement::core::draft::{Draft, DraftFile, Recovered, State};
use casement::core::portal::Portal;
use casement::core::retention::{
    Age, Here, Retention, Unsent, age, files, piece, read_piece, read_texts, room, save_texts,
    take_in,
};
use casement::core::sync::{CaseRef, Operation, Progress, What};
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

fn operation(id: &str, what: What) -> Operation {
    Operation::new(id.into(), "sato", 7, what)
}

/// A file with a case that waits, what belongs to it, and what waits on another case.
fn waiting() -> (String, Draft, Vec<Operation>) {
    let mut queued = draft("a", "waiting");
    queued.files.push(file("f", 3));
    queued.revision = 4;
    queued.state = State::Queued {
        operation: "o1".into(),
    };
    let create = What::CreateCase {
        draft: "a".into(),
        title: "waiting".into(),
        body: json!({ "subject": "waiting" }),
    };
    let case = || CaseRef::MadeBy("o1".into());
    let attach = What::Attach {
        case: case(),
        file: file("f", 3),
    };
    let comment = |case, text: &str| What::AddComment {
        case,
        text: text.into(),
    };
    let mut sending = operation("o4", comment(CaseRef::Known("c".into()), "電源"));
    sending.state = Progress::Sending;
    let all = vec![
        operation("o1", create),
        operation("o2", attach),
        operation("o3", comment(case(), "and more")),
        sending,
    ];
    let stored: Vec<_> = all
        .iter()
        .map(|one| (one.id.clone(), one.to_json().to_string()))
        .collect();
    let text = save_texts(9, &[self::stored(&queued)], &stored, &[], &[file("f", 3)]);
    (text, queued, all)
}

fn nothing(subject: &str) -> Here<'_> {
    Here {
        subject,
        drafts: &[],
        outbox: &[],
        comments: &[],
    }
}

#[test]
fn what_waited_comes_back_held_and_under_its_own_identity() {
    let (text, queued, all) = waiting();
    let saved = read_texts(&text).expect("it is a saved file");
    let taken = take_in(saved, nothing("sato"), 50, || "fresh".into());
    assert_eq!(taken.drafts, [queued]);
    let ids = |all: &[Operation]| all.iter().map(|one| one.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&taken.operations), ids(&all));
    for (back, one) in taken.operations.iter().zip(&all) {
        assert_eq!(back.what, one.what);
        assert_eq!(back.state, Progress::Paused, "nothing goes out by itself");
        assert_eq!(back.first_sent, Some(7), "it may have arrived meanwhile");
    }
    assert_eq!(taken.files, [("f".to_string(), "f".to_string())]);
    assert_eq!(taken.count(), 4, "a case and its draft are one");
}

#[test]
fn what_waited_under_another_name_is_a_draft_and_nothing_more() {
    let (text, queued, _) = waiting();
    let saved = read_texts(&text).expect("it is a saved file");
    let taken = take_in(saved, nothing("lin"), 50, || "fresh".into());
    assert_eq!(taken.operations, []);
    assert_eq!(taken.drafts.len(), 1);
    assert_eq!(taken.drafts[0].state, State::Open);
    assert_eq!(taken.drafts[0].answers, queued.answers);
    assert_eq!(taken.drafts[0].files[0].id, "fresh");
    assert_eq!(taken.files, [("f".to_string(), "fresh".to_string())]);
}

#[test]
fn what_is_here_already_is_not_taken_in_again() {
    let (text, queued, all) = waiting();
    let saved = || read_texts(&text).expect("it is a saved file");
    let drafts = [Recovered::Draft(queued.clone())];
    let here = Here {
        drafts: &drafts,
        outbox: &all,
        ..nothing("sato")
    };
    let taken = take_in(saved(), here, 50, || "fresh".into());
    assert_eq!(taken.count(), 0, "{taken:?}");

    // Sent meanwhile, and changed before that: what the file says comes beside it as a draft, and
    // what belonged to the case does not come under another.
    let mut sent = draft("a", "changed, then sent");
    sent.state = State::Sent {
        case: "c".into(),
        number: "1".into(),
    };
    let drafts = [Recovered::Draft(sent)];
    let here = Here {
        drafts: &drafts,
        ..nothing("sato")
    };
    let taken = take_in(saved(), here, 50, || "fresh".into());
    let draft = &taken.drafts[0];
    assert_eq!((draft.id.as_str(), &draft.state), ("fresh", &State::Open));
    assert_eq!(draft.copy_of.as_deref(), Some("a"));
    let ids: Vec<_> = taken.operations.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids, ["o4"]);
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
