//! What a trial with a test case sends, and what it finds, at backends that keep their word and at
//! others.

use casement::core::case::Case;
use casement::core::profile::live::Level;
use casement::core::profile::trial::{Trial, Tried, proposed};
use casement::core::profile::{Body, Conversation, Next, Profile, Reply, Request};
use serde_json::{Value, json};

use crate::profile_engine::profile_of;

const NOW: i64 = 1_795_132_800_000;

/// A small backend: its cases with their versions, and what it does wrong.
#[derive(Default)]
struct Desk {
    cases: Vec<(String, u64)>,
    asked: Vec<String>,
    forgets_keys: bool,
    overwrites: bool,
    refuses: bool,
    hides: bool,
}

impl Desk {
    fn answer(&mut self, request: &Request) -> Reply {
        self.asked
            .push(format!("{} {}", request.method, request.url));
        let header = |name: &str| {
            let found = request.headers.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let text = match &request.body {
            Body::Json(json) => json.to_string(),
            _ => String::new(),
        };
        match (request.method, request.url.as_str()) {
            ("POST", "/t") if self.refuses => says(422, &json!({ "code": "no_subject" })),
            ("POST", "/t") => {
                let key = header("Idempotency-Key") + &text;
                let known = self.cases.iter().position(|(known, _)| *known == key);
                let at = known.filter(|_| !self.forgets_keys).unwrap_or_else(|| {
                    self.cases.push((key, 1));
                    self.cases.len() - 1
                });
                self.case(at)
            }
            ("PATCH", "/t/1") => {
                let fits = header("If-Match") == self.cases[0].1.to_string();
                match fits || self.overwrites {
                    true => {
                        self.cases[0].1 += 1;
                        self.case(0)
                    }
                    false => says(412, &json!({})),
                }
            }
            ("POST", "/t/1/close" | "/t/2/close") => self.case(0),
            ("GET", "/t/1") => self.case(0),
            ("GET", _) if self.hides => says(200, &json!({ "items": [] })),
            ("GET", _) => says(
                200,
                &json!({ "items": [{ "id": 1, "title": "x", "rev": "1" }] }),
            ),
            _ => says(404, &json!({})),
        }
    }

    fn case(&self, at: usize) -> Reply {
        let version = self.cases[at].1.to_string();
        says(200, &json!({ "id": at + 1, "title": "x", "rev": version }))
    }
}

fn says(status: u16, body: &Value) -> Reply {
    Reply {
        status,
        body: body.to_string(),
        ..Reply::default()
    }
}

fn profile(idempotency: Value) -> Profile {
    profile_of(&json!({ "profile": { "resources": { "case": {
        "shape": { "id": "/id", "version": "/rev", "fields": { "subject": "/title" } },
        "get": { "url": "/t/{id}" },
        "create": { "method": "POST", "url": "/t", "fields": "all", "idempotency": idempotency },
        "update": {
            "method": "PATCH", "url": "/t/{id}", "fields": "changed",
            "headers": { "If-Match": "{token}" }, "concurrency": { "kind": "if_match" }
        },
        "actions": { "close": {
            "method": "POST", "url": "/t/{id}/close", "idempotency": { "kind": "upsert" }
        } }
    } } } }))
}

fn by_key() -> Value {
    json!({ "kind": "header", "name": "Idempotency-Key" })
}

fn by_mark() -> Value {
    json!({ "kind": "marker", "marker": "[ref:{key}]", "pointer": "/title", "find": {
        "url": "/t{?q:=marker}", "rows": "/items", "id": "/id"
    } })
}

fn run(profile: &Profile, desk: &mut Desk) -> Tried {
    let body = proposed(&json!({ "contact": "7" }), None, "Trial");
    let ids = (1..=5).map(|id| format!("00000000-0000-4000-8000-00000000000{id}"));
    let mut trial = Trial::new(profile, &json!({}), &body, ids.collect());
    let mut reply = None;
    loop {
        match trial.next(reply.take(), NOW) {
            Next::Ask(request) => reply = Some(desk.answer(&request)),
            Next::Done(tried) => return tried,
        }
    }
}

fn check(idempotency: Value, desk: Desk, expected: &[&str]) -> Desk {
    let mut desk = desk;
    let tried = run(&profile(idempotency), &mut desk);
    let found: Vec<String> = tried
        .findings
        .iter()
        .map(|one| {
            let mark = match one.level {
                Level::Good => '✓',
                Level::Note => '·',
                Level::Bad => '✗',
            };
            format!("{mark} {} {}", one.code, one.value)
                .trim()
                .to_string()
        })
        .collect();
    assert_eq!(found, expected, "{:?}", desk.asked);
    desk
}

#[test]
fn a_backend_that_keeps_its_word_has_one_closed_case_in_the_end() {
    let desk = check(
        by_key(),
        Desk::default(),
        &["✓ made 1", "✓ made_once", "✓ conflict_seen", "✓ all_closed"],
    );
    assert_eq!(desk.cases.len(), 1);
    assert_eq!(desk.asked[..2], ["POST /t", "POST /t"]);
    assert_eq!(
        desk.asked.last().map(String::as_str),
        Some("POST /t/1/close")
    );
}

#[test]
fn a_key_that_is_not_heeded_is_told_and_both_cases_are_closed() {
    let desk = Desk {
        forgets_keys: true,
        ..Desk::default()
    };
    let expected = [
        "✓ made 1",
        "✗ made_twice 2",
        "✓ conflict_seen",
        "✓ all_closed",
    ];
    check(by_key(), desk, &expected);
}

#[test]
fn a_change_that_overwrites_another_is_told() {
    let desk = Desk {
        overwrites: true,
        ..Desk::default()
    };
    check(
        by_key(),
        desk,
        &["✓ made 1", "✓ made_once", "✗ overwritten", "✓ all_closed"],
    );
}

#[test]
fn a_case_that_is_known_by_a_mark_is_looked_for_and_never_made_again() {
    let desk = check(
        by_mark(),
        Desk::default(),
        &[
            "✓ made 1",
            "✓ found_again",
            "✓ conflict_seen",
            "✓ all_closed",
        ],
    );
    assert_eq!(desk.asked.iter().filter(|one| *one == "POST /t").count(), 1);
    let hidden = Desk {
        hides: true,
        ..Desk::default()
    };
    check(
        by_mark(),
        hidden,
        &[
            "✓ made 1",
            "✗ not_found_again",
            "✓ conflict_seen",
            "✓ all_closed",
        ],
    );
}

#[test]
fn a_refusal_ends_the_trial_and_what_can_not_be_closed_is_named() {
    let desk = Desk {
        refuses: true,
        ..Desk::default()
    };
    check(
        by_key(),
        desk,
        &["✗ not_made status_422: POST /t: status 422"],
    );
    let mut json = profile(by_key()).json().clone();
    json["resources"]["case"]["actions"] = json!({});
    json["resources"]["case"]["update"] = Value::Null;
    json["resources"]["case"]
        .as_object_mut()
        .expect("a resource")
        .remove("update");
    let profile = Profile::read(json, "/api", &[]).expect("a profile");
    let tried = run(&profile, &mut Desk::default());
    assert_eq!(tried.open, ["1"]);
    assert_eq!(tried.findings.last().map(|one| one.code), Some("left_open"));
}

#[test]
fn the_case_that_is_proposed_is_like_one_that_was_taken_and_leaves_out_what_nobody_knows() {
    let like = Case {
        policy: "p".into(),
        kind: "technical".into(),
        severity: "4".into(),
        product_id: "x".into(),
        subject: "Not this".into(),
        ..Case::default()
    };
    assert_eq!(
        proposed(&json!({ "contact": "7" }), Some(&like), "Trial"),
        json!({
            "policy": "p", "type": "technical", "severity": "4", "product_id": "x",
            "contact_id": "7", "subject": "Trial", "description": "Trial"
        })
    );
    assert_eq!(
        proposed(&Value::Null, None, "Trial"),
        json!({ "subject": "Trial", "description": "Trial" })
    );
}
