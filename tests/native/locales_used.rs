//! The interface and its words fit together: every key that the code names has words in English,
//! the words have only blanks that the code fills, and no words are left that nothing names. That
//! the other languages have the same keys and blanks is `locales`.
//!
//! The code is read as text. A key is either a literal of its own or begins with a literal and is
//! built from a code (`problem.{}.{}`); the codes there can be are listed here.

use std::collections::BTreeSet;

use casement::core::error::Kind;
use casement::core::text::Catalogue;

use crate::support::{file, files_under, json};

/// Keys that are built from a code: how they begin, the codes, how they end.
const BUILT: [(&str, &[&str], &[&str]); 9] = [
    ("entitlement.status.", &["pending", "suspended"], &[""]),
    (
        "entitlement.tag.",
        &[
            "ok",
            "expired",
            "not_started",
            "not_active",
            "none_left",
            "product_not_covered",
            "not_added",
            "not_activated",
            "no_permission",
            "pending",
            "not_for_this",
            "other_customer",
            "version_not_covered",
        ],
        &[""],
    ),
    ("frame.theme.", &["auto", "light", "dark"], &[""]),
    ("lang.own.", &["en", "ja", "zh-Hans"], &[""]),
    (
        "nav.",
        &[
            "new",
            "cases",
            "drafts",
            "entitlements",
            "knowledge",
            "pending",
            "customers",
        ],
        &[""],
    ),
    (
        "nav.short.",
        &[
            "new",
            "cases",
            "drafts",
            "entitlements",
            "knowledge",
            "pending",
        ],
        &[""],
    ),
    ("report.way.", &["fill", "paste", "attach"], &["", "_help"]),
    (
        "refused.",
        &[
            "file_gone",
            "invalid_fields",
            "not_found",
            "not_on_contract",
            "other",
            "stale",
            "status_413",
            "too_large",
        ],
        &[""],
    ),
    (
        "why.",
        &[
            "expired",
            "file_empty",
            "file_not_kept",
            "file_too_big",
            "no_contract",
            "no_usable_contract",
            "none_left",
            "not_active",
            "not_on_contract",
            "not_started",
            "product_not_covered",
            "not_added",
            "not_activated",
            "no_permission",
            "pending",
            "not_for_this",
            "other_customer",
            "version_not_covered",
            "too_many_files",
        ],
        &[".text", ".remedy"],
    ),
];

/// What can be wrong with an answer, and the kinds of fields that it is said of.
const PROBLEMS: [(&str, &[&str]); 12] = [
    ("required", &["choose", "type", "files", "confirm"]),
    ("not_a_time", &["type"]),
    ("customer_gone", &["choose"]),
    ("no_longer_there", &["choose"]),
    ("too_long", &["type"]),
    ("not_an_email", &["type"]),
    ("one_email_only", &["type"]),
    ("not_a_phone", &["type"]),
    ("not_offered", &["choose"]),
    ("version_of_other", &["choose"]),
    ("entitlement_gone", &["choose"]),
    ("file_too_big", &["files"]),
];

/// A call of the catalogue with a literal key: `t`, `with` or `count`, the key, the arguments.
struct Call {
    method: &'static str,
    key: String,
    arguments: String,
}

fn english() -> Catalogue {
    Catalogue::from_json("en", &json("public/locales/en.json"))
}

/// The portal's code without comments.
fn code() -> String {
    let mut code = String::new();
    for path in files_under("src") {
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let text = file(&path.to_string_lossy());
        for line in text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
        {
            // A quote as a character would count as the beginning of a text.
            code.push_str(&line.replace("'\"'", ""));
            code.push('\n');
        }
    }
    code
}

/// The text of the literal at the beginning of `code`, if one is there.
fn literal(code: &str) -> Option<&str> {
    let rest = code.trim_start().strip_prefix('"')?;
    Some(&rest[..rest.find('"')?])
}

/// All literals, cut at every quote: what has escapes in it is no key in any case.
fn literals(code: &str) -> BTreeSet<&str> {
    code.lines()
        .flat_map(|line| line.split('"').skip(1).step_by(2))
        .collect()
}

fn calls(code: &str) -> Vec<Call> {
    let mut calls = Vec::new();
    for method in ["t", "with", "count"] {
        for (place, mark) in code.match_indices(&format!(".{method}(")) {
            let arguments = up_to_closing(&code[place + mark.len()..]);
            if let Some(key) = literal(arguments) {
                calls.push(Call {
                    method,
                    key: key.into(),
                    arguments: arguments.into(),
                });
            }
        }
    }
    calls
}

/// What stands before the parenthesis that closes the one just opened.
fn up_to_closing(code: &str) -> &str {
    let mut open = 1;
    for (place, c) in code.char_indices() {
        match c {
            '(' => open += 1,
            ')' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return &code[..place];
        }
    }
    code
}

/// The names of the blanks in a text.
fn blanks(text: &str) -> BTreeSet<&str> {
    text.split('{')
        .skip(1)
        .filter_map(|rest| rest.split('}').next())
        .collect()
}

fn built() -> Vec<String> {
    let mut keys = Vec::new();
    for (start, codes, ends) in BUILT {
        for code in codes {
            keys.extend(ends.iter().map(|end| format!("{start}{code}{end}")));
        }
    }
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
        keys.extend(["what", "safe", "next"].map(|part| format!("error.{}.{part}", kind.key())));
    }
    keys
}

#[test]
fn every_key_the_interface_names_has_words() {
    let (words, code) = (english(), code());
    let groups: BTreeSet<&str> = words
        .entries()
        .filter_map(|(key, _)| Some(key.split_once('.')?.0))
        .collect();
    // A literal in the shape of a key may be one that is chosen first and looked up later.
    let is_key = |text: &&str| {
        text.split_once('.')
            .is_some_and(|(group, _)| groups.contains(group))
            && text.split('.').all(|part| {
                !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            })
    };
    let mut named: BTreeSet<String> = literals(&code)
        .into_iter()
        .filter(is_key)
        .map(String::from)
        .collect();
    named.extend(calls(&code).into_iter().map(|call| call.key));
    named.extend(built());
    let missing: Vec<&String> = named
        .iter()
        .filter(|key| !words.has(key) && !words.has(&format!("{key}.other")))
        .collect();
    assert!(missing.is_empty(), "no words for {missing:#?}");
    for (code, kinds) in PROBLEMS {
        for kind in kinds {
            let keys = [
                format!("problem.{code}.{kind}"),
                format!("problem.{code}.any"),
            ];
            assert!(
                keys.iter().any(|key| words.has(key)),
                "no words for {keys:?}"
            );
        }
    }
}

#[test]
fn the_interface_fills_every_blank_of_the_words_it_names() {
    let (words, code) = (english(), code());
    let mut open = Vec::new();
    let calls = calls(&code);
    assert!(
        calls.len() > 100,
        "only {} calls were found in the code",
        calls.len()
    );
    for call in &calls {
        let text = match call.method {
            "count" => words.get(&format!("{}.other", call.key)).to_string(),
            _ => words.get(&call.key).to_string(),
        };
        let filled = |name: &str| match call.method {
            "count" => name == "n",
            // What is filled from a list made elsewhere can't be seen here.
            "with" if !call.arguments.contains('[') => true,
            "with" => call.arguments.contains(&format!("(\"{name}\"")),
            _ => false,
        };
        open.extend(
            blanks(&text)
                .into_iter()
                .filter(|name| !filled(name))
                .map(|name| format!("{}: {{{name}}}", call.key)),
        );
    }
    assert!(open.is_empty(), "blanks that nothing fills: {open:#?}");
}

#[test]
fn no_words_are_left_that_nothing_names() {
    let (words, code) = (english(), code());
    let literals = literals(&code);
    let starts: BTreeSet<&str> = literals
        .iter()
        .filter_map(|text| Some(text.split_once('{')?.0))
        .filter(|start| start.contains('.') && start.ends_with('.'))
        .collect();
    let is_named = |key: &str| {
        let stem = match key.rsplit_once('.') {
            Some((stem, "zero" | "one" | "two" | "few" | "many" | "other")) => stem,
            _ => key,
        };
        literals.contains(key)
            || literals.contains(stem)
            || starts.iter().any(|start| key.starts_with(start))
    };
    let unused: Vec<&str> = words
        .entries()
        .map(|(key, _)| key)
        .filter(|key| !is_named(key))
        .collect();
    assert!(unused.is_empty(), "words that nothing names: {unused:#?}");
}
