//! Drafts: stored ones come back, older ones are migrated, and no word is ever lost.

use casement::core::draft::{Answer, Draft, DraftFile, FORMAT, Recovered, State, recover};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{draft, file};

fn recovered(stored: &str) -> Draft {
    match recover("d-1", stored) {
        Recovered::Draft(draft) => draft,
        Recovered::Text { text, .. } => panic!("only its text was recovered: {text}"),
    }
}

/// What can't be read as a draft is offered as text, with each of these words.
fn check_text(stored: &str, words: &[&str]) {
    match recover("d-9", stored) {
        Recovered::Draft(draft) => panic!("it was read as {draft:?}"),
        Recovered::Text { id, text } => {
            assert_eq!(id, "d-9");
            for word in words {
                assert!(text.contains(word), "{word} is not in {text}");
            }
        }
    }
}

fn full() -> Draft {
    let mut draft = draft(
        "type = technical
         subject = 画面が黒い 👩‍👩‍👧
         description =
         watchers = a@b.example | c@d.example",
    );
    draft.revision = 7;
    draft.files.push(DraftFile {
        id: "f-1".into(),
        name: "<img src=x onerror=alert(1)>.log".into(),
        size: 12,
        media_type: "text/plain".into(),
        chunks: 1,
        fingerprint: String::new(),
        sha256: String::new(),
    });
    draft.call_log.push((5, "Called, waiting".into()));
    draft.visited.push("describe".into());
    draft.copy_of = Some("d-0".into());
    draft
}

#[test]
fn a_stored_draft_comes_back_as_it_was() {
    let states = [
        State::Open,
        State::Queued {
            operation: "op".into(),
        },
        State::Sent {
            case: "c".into(),
            number: "81000001".into(),
        },
        State::Discarded { at: 9 },
    ];
    for state in states {
        let mut draft = full();
        draft.state = state;
        let stored = draft.to_json().to_string();
        assert_eq!(recovered(&stored), draft);
    }
}

#[test]
fn a_draft_of_format_1_is_brought_to_this_one() {
    let draft = recovered(&file("tests/fixtures/drafts/format-1.json"));
    assert_eq!(draft.format, FORMAT);
    assert_eq!(
        (draft.id.as_str(), draft.policy.as_str()),
        ("d-1", "harbour")
    );
    assert_eq!(
        (draft.created_at, draft.updated_at),
        (1_700_000_000_000, 1_700_000_000_000)
    );
    assert_eq!(draft.state, State::Open);
    assert_eq!(draft.text("subject"), "Sessions drop");
    assert_eq!(
        draft.text("description"),
        "Since Monday.\nセッションが切れる。"
    );
    assert_eq!(draft.many("watchers"), ["a@b.example", "7"]);
    assert_eq!(draft.text("count"), "7");
    assert!(!draft.has("nothing") && !draft.answers.contains_key("nothing"));
}

#[test]
fn a_draft_that_can_not_be_read_is_offered_as_text_with_all_its_words() {
    check_text("", &[]);
    check_text(
        "{\"format\":2,\"answers\":{\"subject\":\"cut off",
        &["cut off"],
    );
    check_text("plain words", &["plain words"]);
    check_text("[\"a list of\", \"words\"]", &["a list of", "words"]);
    check_text(
        &file("tests/fixtures/drafts/format-99.json"),
        &["From a later version", "画面"],
    );
    check_text(
        "{\"format\":2,\"answers\":{\"subject\":\"no id\"}}",
        &["no id"],
    );
    check_text(
        "{\"format\":1,\"answers\":{\"subject\":\"no policy\"}}",
        &["no policy"],
    );
    check_text(
        "{\"format\":\"2\",\"subject\":\"a text for a format\"}",
        &["a text for a format"],
    );
    let deep = format!("{}\"deep down\"{}", "[".repeat(500), "]".repeat(500));
    check_text(&deep, &["deep down"]);
}

#[test]
fn a_draft_of_this_format_may_lack_what_came_later() {
    let minimal = json!({
        "format": 2, "id": "d-1", "policy": "harbour", "revision": 0,
        "created_at": 1, "updated_at": 2, "answers": { "subject": "Short" }, "unknown": true
    });
    let draft = recovered(&minimal.to_string());
    assert_eq!(draft.text("subject"), "Short");
    assert_eq!(draft.state, State::Open);
}

#[test]
fn a_draft_is_called_by_its_subject_or_by_how_it_begins() {
    for (answers, title) in [
        ("", ""),
        ("description = Long words", "Long words"),
        ("description = Long words\nbrief = Brief", "Brief"),
        ("subject =   \nbrief = Brief", "Brief"),
        ("subject = Subject\nbrief = Brief", "Subject"),
    ] {
        assert_eq!(draft(answers).title(), title, "{answers}");
    }
    let mut long = draft("");
    long.set("brief", format!("{}\nsecond line", "👩‍👩‍👧".repeat(100)));
    assert_eq!(long.title(), "👩‍👩‍👧".repeat(16), "80 code points");
}

#[test]
fn an_answer_is_there_when_there_is_something_in_it() {
    let mut draft = draft("subject = x\nbrief =   ");
    draft.set("watchers", vec![" ".to_string(), String::new()]);
    assert!(draft.has("subject"));
    assert!(!draft.has("brief") && !draft.has("watchers") && !draft.has("absent"));
    assert_eq!(draft.many("subject"), ["x"]);
    assert_eq!(draft.many("absent"), Vec::<String>::new());
    assert_eq!(draft.text("watchers"), "");
}

/// All texts of a JSON value.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(entries) => entries.iter().flat_map(texts).collect(),
        Value::Object(map) => map.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

fn answers() -> impl Strategy<Value = Vec<(String, Answer)>> {
    let answer = prop_oneof![
        any::<String>().prop_map(Answer::One),
        proptest::collection::vec(any::<String>(), 0..4).prop_map(Answer::Many),
    ];
    proptest::collection::vec(("[a-z._]{1,12}", answer), 0..8)
}

proptest! {
    #![proptest_config(crate::support::tries(256))]

    #[test]
    fn any_answers_survive_storing(answers in answers(), revision in any::<u64>()) {
        let mut draft = Draft::new("d-1", "harbour", 5);
        draft.revision = revision;
        for (key, answer) in answers {
            draft.set(&key, answer);
        }
        let stored = draft.to_json().to_string();
        prop_assert_eq!(recover("d-1", &stored), Recovered::Draft(draft));
    }

    #[test]
    fn whatever_was_stored_no_word_is_lost(
        format in prop_oneof![Just(json!(1)), Just(json!(2)), Just(json!(3)), Just(json!(null))],
        policy in proptest::option::of("[a-z]{3}"),
        words in proptest::collection::vec("[a-zあ-ん]{1,8}", 1..6),
    ) {
        let answers: serde_json::Map<String, Value> = words
            .iter()
            .enumerate()
            .map(|(index, word)| (format!("k{index}"), json!([word, { "in": word }])))
            .collect();
        let stored = json!({ "format": format, "policy": policy, "answers": answers });
        let kept = match recover("d", &stored.to_string()) {
            Recovered::Draft(draft) => draft.to_json(),
            Recovered::Text { text, .. } => json!(text),
        };
        let kept = texts(&kept).join("\n");
        for word in words {
            prop_assert!(kept.contains(&word), "{} is not in {}", word, kept);
        }
    }

    #[test]
    fn any_text_at_all_can_be_recovered(stored in any::<String>()) {
        if let Recovered::Text { text, .. } = recover("d", &stored) {
            prop_assert!(text == stored || serde_json::from_str::<Value>(&stored).is_ok());
        }
    }
}

#[test]
fn two_drafts_say_the_same_when_every_word_file_and_note_is_the_same() {
    let one = draft("subject = Sessions drop\nwatchers = a@x.example | b@x.example");
    let mut other = one.clone();
    other.revision = 9;
    other.state = State::Discarded { at: 7 };
    other.visited.push("form".into());
    assert!(one.says_the_same(&other));
    let changes: [fn(&mut Draft); 3] = [
        |draft| draft.set("subject", "Sessions drop."),
        |draft| draft.call_log.push((1, "called".into())),
        |draft| draft.files.clear(),
    ];
    for (number, change) in changes.iter().enumerate() {
        let mut other = one.clone();
        other.files.push(DraftFile {
            id: "f".into(),
            name: "a.log".into(),
            size: 1,
            media_type: String::new(),
            chunks: 1,
            fingerprint: String::new(),
            sha256: String::new(),
        });
        let mut with_file = other.clone();
        change(&mut with_file);
        assert!(!other.says_the_same(&with_file), "change {number}");
    }
}
