//! The interface's languages say the same things, with the same blanks to fill.

use std::collections::{BTreeMap, BTreeSet};

use casement::core::error::Kind;
use casement::core::text::Catalogue;
use serde_json::Value;

use crate::support::json;

/// Each language with the plural forms that its numbers take.
const LANGUAGES: [(&str, &[&str]); 3] = [
    ("en", &["one", "other"]),
    ("ja", &["other"]),
    ("zh-Hans", &["other"]),
];
const FORMS: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

fn catalogue(lang: &str) -> BTreeMap<String, String> {
    let json = json(&format!("public/locales/{lang}.json"));
    assert_no_odd_values(lang, "", &json);
    let catalogue = Catalogue::from_json(lang, &json);
    catalogue
        .entries()
        .map(|(key, text)| (key.to_string(), text.to_string()))
        .collect()
}

/// A catalogue passes over what is no text; in a shipped file that would be a lost sentence.
fn assert_no_odd_values(lang: &str, path: &str, json: &Value) {
    match json {
        Value::Object(map) => {
            for (key, value) in map {
                assert_no_odd_values(lang, &format!("{path}.{key}"), value);
            }
        }
        Value::String(_) => {}
        other => panic!("{lang}: {path} is {other}, not a text"),
    }
}

/// The stem of a key that is a plural form: `cases` of `cases.one`.
fn stem<'a>(words: &BTreeMap<String, String>, key: &'a str) -> Option<&'a str> {
    let (stem, form) = key.rsplit_once('.')?;
    let in_forms = FORMS.contains(&form) && words.contains_key(&format!("{stem}.other"));
    // English has two forms, so a lone `.other` is an ordinary word.
    (in_forms && words.contains_key(&format!("{stem}.one"))).then_some(stem)
}

fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name)
        .collect()
}

/// What a language must have, by English: its keys, each with the English text it answers to.
fn expected<'a>(
    english: &'a BTreeMap<String, String>,
    forms: &[&str],
) -> BTreeMap<String, &'a str> {
    let mut keys = BTreeMap::new();
    for (key, text) in english {
        match stem(english, key) {
            Some(stem) => {
                for form in forms {
                    keys.insert(
                        format!("{stem}.{form}"),
                        english[&format!("{stem}.other")].as_str(),
                    );
                }
            }
            None => {
                keys.insert(key.clone(), text.as_str());
            }
        }
    }
    keys
}

fn check(lang: &str, forms: &[&str]) {
    let english = catalogue("en");
    let words = catalogue(lang);
    let expected = expected(&english, forms);
    let missing: Vec<&String> = expected
        .keys()
        .filter(|key| !words.contains_key(*key))
        .collect();
    assert!(missing.is_empty(), "{lang} lacks {missing:#?}");
    let known = |key: &String| expected.contains_key(key) || stem(&english, key).is_some();
    let surplus: Vec<&String> = words.keys().filter(|key| !known(key)).collect();
    assert!(
        surplus.is_empty(),
        "{lang} has what English doesn't: {surplus:#?}"
    );
    let mut odd = Vec::new();
    for (key, text) in &words {
        let blanks = placeholders(text);
        let model = expected.get(key).copied().unwrap_or(&english[key]);
        let wanted = placeholders(model);
        // "One case" may leave the number out; every other form says all there is to say.
        let fits = match key.ends_with(".one") {
            true => blanks.is_subset(&wanted),
            false => blanks == wanted,
        };
        if !fits {
            odd.push(format!("{key}: {blanks:?} instead of {wanted:?}"));
        }
        let well_formed = text.matches('{').count() == blanks_count(text)
            && text.matches('}').count() == blanks_count(text);
        if text.trim().is_empty() || !well_formed {
            odd.push(format!("{key}: {text:?}"));
        }
    }
    assert!(odd.is_empty(), "{lang}: {odd:#?}");
}

fn blanks_count(text: &str) -> usize {
    text.split('{')
        .skip(1)
        .filter(|rest| rest.contains('}'))
        .count()
}

#[test]
fn english_is_complete_in_itself() {
    check(LANGUAGES[0].0, LANGUAGES[0].1);
}

#[test]
fn japanese_says_what_english_says() {
    check(LANGUAGES[1].0, LANGUAGES[1].1);
}

#[test]
fn chinese_says_what_english_says() {
    check(LANGUAGES[2].0, LANGUAGES[2].1);
}

#[test]
fn every_kind_of_error_says_what_happened_what_is_safe_and_what_to_do() {
    let english = catalogue("en");
    let kinds = [
        Kind::Unreachable,
        Kind::Busy,
        Kind::SignedOut,
        Kind::Refused,
        Kind::Conflict,
        Kind::Unreadable,
        Kind::Configuration,
        Kind::Storage,
    ];
    for kind in kinds {
        for part in ["what", "safe", "next"] {
            let key = format!("error.{}.{part}", kind.key());
            assert!(english.contains_key(&key), "{key}");
        }
    }
}

#[test]
fn every_problem_with_an_answer_has_its_words() {
    let english = catalogue("en");
    for code in [
        "required",
        "too_long",
        "not_an_email",
        "one_email_only",
        "not_a_phone",
        "not_offered",
        "version_of_other",
        "entitlement_gone",
        "file_too_big",
    ] {
        // The form has words of its own for what is chosen and what is typed.
        let any = format!("problem.{code}.any");
        let both = ["choose", "type"].map(|kind| format!("problem.{code}.{kind}"));
        let worded = english.contains_key(&any) || both.iter().all(|key| english.contains_key(key));
        assert!(worded, "{any}");
    }
}

#[test]
fn every_reason_against_a_contract_or_a_person_has_its_words() {
    let english = catalogue("en");
    for code in [
        "expired",
        "not_started",
        "not_active",
        "none_left",
        "product_not_covered",
        "not_on_contract",
        "no_contract",
        "no_usable_contract",
    ] {
        let words = |part: &str| {
            english
                .keys()
                .any(|key| key.ends_with(&format!("{code}.{part}")))
        };
        assert!(words("text") && words("remedy"), "{code}");
    }
}
