//! Foreign JSON: everything that is wrong with it is told at once, by place.

use casement::core::reader::{Problem, Reader, read};
use serde_json::{Value, json};

fn check<T>(
    input: Value,
    reading: impl FnOnce(&Reader) -> T,
    expected: &[(&str, &str, &str)],
) -> T {
    let (result, problems) = read(&input, |r| {
        let result = reading(r);
        r.done();
        result
    });
    let found: Vec<(&str, &str, &str)> = problems
        .iter()
        .map(|problem| {
            let Problem {
                path,
                expected,
                found,
                mend,
            } = problem;
            assert!(!mend.is_empty(), "{path} says how to mend it");
            (path.as_str(), expected.as_str(), found.as_str())
        })
        .collect();
    assert_eq!(found, expected, "{input}");
    result
}

#[test]
fn a_place_that_fits_has_no_problems() {
    let input = json!({
        "$schema": "x", "_note": "kept", "id": "a", "count": 3, "on": true,
        "names": { "en": "A", "ja": "あ" }, "list": ["x", 7]
    });
    let read = check(
        input,
        |r| {
            (
                r.text("id"),
                r.number_or_none("count"),
                r.flag("on", false),
                r.local("names").get("ja").to_string(),
                r.texts("list"),
                r.text_or_none("absent"),
                r.flag("absent_too", true),
            )
        },
        &[],
    );
    let list = vec!["x".to_string(), "7".to_string()];
    assert_eq!(
        read,
        ("a".into(), Some(3), true, "あ".into(), list, None, true)
    );
}

#[test]
fn each_wrong_shape_is_told_with_what_was_found() {
    let input = json!({
        "id": "", "name": 7, "on": "yes", "count": -1, "half": 0.5, "list": {},
        "object": [], "word": "blue", "code": [1]
    });
    check(
        input,
        |r| {
            r.text("id");
            r.text("name");
            r.flag("on", false);
            r.number_or_none("count");
            r.number_or_none("half");
            r.texts("list");
            r.object("object", |_| ());
            r.one_of("word", &[("red", 1), ("green", 2)]);
            r.text_or_none("code");
            r.text("absent");
        },
        &[
            ("id", "a text", "an empty text"),
            ("name", "a text", "the number 7"),
            ("on", "true or false", "the text \"yes\""),
            ("count", "a whole number, 0 or more", "the number -1"),
            ("half", "a whole number, 0 or more", "the number 0.5"),
            ("list", "a list", "an object"),
            ("object", "an object", "a list of 0"),
            ("word", "one of red, green", "the text \"blue\""),
            ("code", "a text or nothing", "a list of 1"),
            ("absent", "a text", "nothing"),
        ],
    );
}

#[test]
fn places_are_named_from_the_root_on() {
    let input = json!({ "rooms": [{ "name": "a" }, { "windows": { "left": 1 } }] });
    check(
        input,
        |r| {
            r.list("rooms", |room| {
                room.text("name");
                room.entries("windows", |window| {
                    window.local("label").get("en").to_string()
                });
                room.done();
            });
        },
        &[
            ("rooms[1].name", "a text", "nothing"),
            (
                "rooms[1].windows.left.label",
                "a text in each language, {\"en\": …}",
                "nothing",
            ),
        ],
    );
}

#[test]
fn a_key_that_nobody_asked_for_is_told_unless_it_is_a_note() {
    let input = json!({ "id": "a", "titel": "b", "_titel": "c" });
    check(
        input,
        |r| r.text("id"),
        &[("titel", "a known key", "an unknown one")],
    );
}

#[test]
fn a_text_needs_english_and_words() {
    let input = json!({
        "bare": "just English", "without": { "ja": "あ" }, "empty": { "en": " ", "ja": "" },
        "odd": { "en": "a", "ja": 7 }, "wrong": 7
    });
    check(
        input,
        |r| {
            assert_eq!(r.local("bare").get("ja"), "just English");
            assert_eq!(r.local("without").get("en"), "あ");
            r.local("empty");
            r.local("odd");
            r.local("wrong");
        },
        &[
            ("without.en", "a text", "nothing"),
            ("empty.en", "a text", "an empty text"),
            ("empty.ja", "a text", "an empty text"),
            ("odd.ja", "a text", "the number 7"),
            (
                "wrong",
                "a text in each language, {\"en\": …}",
                "the number 7",
            ),
        ],
    );
}

#[test]
fn anything_at_all_can_be_read_without_harm() {
    for input in [
        json!(null),
        json!(7),
        json!([]),
        json!("text"),
        json!([[[]]]),
    ] {
        let (_, problems) = read(&input, |r| {
            r.text("id");
            r.texts("list");
            r.entries("map", |r| r.as_text());
            r.object("object", |r| r.local("name"));
            r.done();
        });
        assert!(!problems.is_empty(), "{input}");
    }
}
