//! Secrets and personal data in a text: what is found, what is left alone, what a masked text says.

use casement::core::redact::{Finding, Kind, find, mask, masked_name};
use proptest::prelude::*;

/// A text with what is to be found between ⟦ and ⟧, and the kinds in their order.
const TEXTS: &[(&str, &[Kind])] = &[
    ("nothing of the kind", &[]),
    ("password=⟦hunter2⟧", &[Kind::Password]),
    (
        "db.password = \"⟦with spaces in it⟧\", next",
        &[Kind::Password],
    ),
    ("{\"api_key\": \"⟦0123abcd⟧\"}", &[Kind::Password]),
    ("PWD:⟦s3cret⟧;Server=x", &[Kind::Password]),
    ("client_secret_id => ⟦abc⟧", &[Kind::Password]),
    ("パスワード：⟦ひみつ⟧ です", &[Kind::Password]),
    ("password reset by the user", &[]),
    ("password: ****", &[]),
    ("password=null&token=<token>", &[]),
    (
        "Authorization: Bearer ⟦abcDEF0123456789.xyz-_~+/==⟧",
        &[Kind::Token],
    ),
    (
        "Authorization: Basic ⟦dXNlcjpwYXNzd29yZDEyMw==⟧",
        &[Kind::Token],
    ),
    ("the bearer of good news", &[]),
    ("key ⟦AKIAIOSFODNN7EXAMPLE⟧ used", &[Kind::Token]),
    (
        "⟦eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N⟧",
        &[Kind::Token],
    ),
    ("from ⟦taro.yamada+log@example.co.jp⟧.", &[Kind::Email]),
    ("user@host and @mention", &[]),
    ("src=⟦192.0.2.17⟧:443 dst=127.0.0.1", &[Kind::IpAddress]),
    (
        "⟦2001:db8::8a2e:370:7334⟧ up at 12:30:45",
        &[Kind::IpAddress],
    ),
    ("version 13.1.49 build 1.2.3", &[]),
    (
        "card ⟦4111 1111 1111 1111⟧, order 4111 1111 1111 1112",
        &[Kind::Card],
    ),
    ("⟦5555-5555-5555-4444⟧", &[Kind::Card]),
    (
        "call ⟦+81 3-5550-0142⟧ or ⟦03-5550-0142⟧",
        &[Kind::Phone, Kind::Phone],
    ),
    ("⟦090-5550-0199⟧", &[Kind::Phone]),
    ("2026-11-20 14:05:33.123 took 1234567890 us", &[]),
    ("個人番号 ⟦1234 5678 9018⟧", &[Kind::PersonalNumber]),
    ("sequence 123456789018", &[]),
    (
        "a\n⟦-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----⟧\nb",
        &[Kind::PrivateKey],
    ),
    (
        "\"key\": \"⟦-----BEGIN PRIVATE KEY-----\nMIIE and cut off⟧",
        &[Kind::PrivateKey],
    ),
    (
        "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----",
        &[],
    ),
];

/// The text and the places that are marked in it.
fn marked(text: &str) -> (String, Vec<(usize, usize)>) {
    let (mut plain, mut places, mut from) = (String::new(), Vec::new(), 0);
    for c in text.chars() {
        match c {
            '⟦' => from = plain.len(),
            '⟧' => places.push((from, plain.len())),
            c => plain.push(c),
        }
    }
    (plain, places)
}

#[test]
fn new_05_secrets_and_personal_data_are_found_where_they_are_and_nowhere_else() {
    for (text, kinds) in TEXTS {
        let (plain, places) = marked(text);
        let found = find(&plain);
        let at: Vec<(usize, usize)> = found.iter().map(|one| (one.from, one.to)).collect();
        let of: Vec<Kind> = found.iter().map(|one| one.kind).collect();
        assert_eq!(at, places, "{text}: {found:?}");
        assert_eq!(of, *kinds, "{text}");
    }
}

#[test]
fn new_05_a_masked_text_says_what_was_there_and_nothing_is_found_in_it() {
    let (plain, _) = marked("user ⟦a@example.com⟧ password=⟦hunter2⟧ ok");
    let masked = mask(&plain, &find(&plain));
    assert_eq!(masked, "user [email] password=[password] ok");
    for (text, _) in TEXTS {
        let (plain, _) = marked(text);
        let masked = mask(&plain, &find(&plain));
        assert_eq!(find(&masked), Vec::<Finding>::new(), "{masked}");
    }
}

#[test]
fn a_masked_copy_is_named_so() {
    for (name, expected) in [
        ("radius.log", "radius.masked.log"),
        ("messages", "messages.masked"),
        (".env", ".env.masked"),
    ] {
        assert_eq!(masked_name(name), expected);
    }
}

proptest! {
    #[test]
    fn new_05_whatever_the_text_places_are_in_it_in_order_and_whole(
        text in "(password|token|:|=| |@|[0-9]{1,4}|[.:+() -]|-----BEGIN PRIVATE KEY-----|eyJ|障|\\PC|\n){0,60}",
    ) {
        let mut end = 0;
        for one in find(&text) {
            prop_assert!(one.from >= end && one.to > one.from);
            prop_assert!(text.get(one.from..one.to).is_some());
            end = one.to;
        }
        let masked = mask(&text, &find(&text));
        prop_assert!(masked.len() <= text.len() + 20 * find(&text).len());
    }
}
