//! How long the portal waits while the requests that a backend allows run short, and where cookies go.

use casement::core::profile::{Conversation, Next, Pull, Reply, rate};
use serde_json::{Value, json};

use crate::profile_engine::profile_of;

/// 20 November 2026, 00:00:00 UTC.
const NOW: i64 = 1_795_132_800_000;

fn check(headers: &[(&str, &str)], expected: i64) {
    let profile = profile_of(&json!({ "profile": { "rate": {
        "remaining": "X-Left",
        "retry": [{ "header": "X-Reset", "unit": "epoch" }]
    } } }));
    let header = |(name, value): &(&str, &str)| (name.to_lowercase(), value.to_string());
    let reply = Reply {
        status: 200,
        headers: headers.iter().map(header).collect(),
        ..Reply::default()
    };
    assert_eq!(rate::pause(&profile, &reply, NOW), expected, "{headers:?}");
}

#[test]
fn requests_are_spread_out_as_they_run_short() {
    check(&[], 0);
    check(&[("X-Left", "10")], 0);
    check(&[("X-Left", "9")], 6_000);
    check(&[("X-Left", " 3 ")], 15_000);
    check(&[("X-Left", "0")], 30_000);
    check(&[("X-Left", "-1")], 30_000);
    check(&[("X-Left", "many")], 0);
}

#[test]
fn they_are_spread_over_the_time_that_the_backend_names() {
    check(&[("X-Left", "1"), ("X-Reset", "1795132808")], 4_000);
    check(&[("X-Left", "0"), ("X-Reset", "1795132700")], 0);
    check(&[("X-Left", "0"), ("X-Reset", "9999999999")], 30_000);
    check(&[("X-Left", "99"), ("X-Reset", "1795132808")], 0);
}

#[test]
fn a_profile_that_counts_nothing_never_waits() {
    let reply = Reply {
        status: 200,
        headers: vec![("".into(), "0".into()), ("x-left".into(), "0".into())],
        ..Reply::default()
    };
    assert_eq!(
        rate::pause(&profile_of(&json!({ "profile": {} })), &reply, NOW),
        0
    );
}

#[test]
fn cookies_go_along_as_the_profile_says() {
    for (said, expected) in [
        (Value::Null, None),
        (true.into(), Some(true)),
        (false.into(), Some(false)),
    ] {
        let mut profile =
            json!({ "lists": [{ "of": "case", "url": "/t", "changes": { "kind": "none" } }] });
        if !said.is_null() {
            profile["transport"] = json!({ "cookies": said });
        }
        let profile = profile_of(&json!({ "profile": profile }));
        match Pull::new(&profile, &Value::Null, None).next(None, NOW) {
            Next::Ask(request) => assert_eq!(request.cookies, expected),
            Next::Done(looked) => panic!("{looked:?}"),
        }
    }
}
