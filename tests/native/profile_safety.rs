//! A profile and its backend are from outside: where requests may go, what values may become, and
//! that nothing takes for ever. Properties over anything that may come.

use casement::core::profile::address::Reach;
use casement::core::profile::lens::{self, Maps, Source};
use casement::core::profile::query::Query;
use casement::core::profile::value::Scope;
use casement::core::profile::{self, Conversation, Next, Profile, Pull, Reply, format, template};
use casement::core::sync::{Answer, CaseRef, Operation, Pulled, What};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::profile_engine::profile_of;
use crate::support::{lines, tries};

const NOW: i64 = 1_795_132_800_000;

fn reach(base: &str) -> Reach {
    Reach {
        base: base.into(),
        origins: vec!["https://files.example".into()],
        rebase: true,
        cookies: None,
    }
}

fn check(base: &str, url: &str, expected: Option<(&str, bool)>) {
    let found = reach(base).resolve_link(url).ok();
    let found = found
        .as_ref()
        .map(|(url, foreign)| (url.as_str(), *foreign));
    assert_eq!(found, expected, "{base} {url}");
}

#[test]
fn fault_29_links_of_a_backend_lead_behind_the_base_or_to_an_allowed_origin() {
    let base = "https://desk.example/REST/2.0";
    check(base, "/t/1", Some(("/t/1", false)));
    check(base, "/REST/2.0/t?page=2", Some(("/t?page=2", false)));
    check(base, "https://desk.example/REST/2.0/t", Some(("/t", false)));
    check(
        base,
        "HTTPS://DESK.example:443/REST/2.0/t",
        Some(("/t", false)),
    );
    // What a backend behind a proxy says of itself is put behind the base.
    check(base, "http://inner:8080/REST/2.0/t", Some(("/t", false)));
    check(base, "https://evil.example/t", Some(("/t", false)));
    check("/b/rt/REST/2.0", "http://x/REST/2.0/t", Some(("/t", false)));
    check(
        "/api",
        "https://files.example/u?sig=1",
        Some(("https://files.example/u?sig=1", true)),
    );
    check(
        "/api",
        "https://files.example.evil.example/u",
        Some(("/u", false)),
    );
    check("/api", "https://files.example@evil.example/u", None);
    check("/api", "https://user:secret@desk.example/u", None);
}

#[test]
fn fault_29_other_schemes_and_ways_up_are_refused() {
    for url in [
        "javascript:alert(1)",
        "JavaScript://x/%0aalert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "ftp://files.example/x",
        "//evil.example/x",
        "\\\\evil.example\\x",
        "/\\evil.example",
        "/a/../../admin",
        "/a/%2e%2e/admin",
        "/a/%2E./admin",
        "https://files.example/../x",
        "/a\nb",
        "/a b",
        "evil.example/x",
        "@evil.example",
        "https://",
        "https:///x",
    ] {
        check("/api", url, None);
        check("https://desk.example/api", url, None);
    }
}

#[test]
fn fault_29_where_links_are_not_put_back_foreign_ones_are_refused() {
    let strict = Reach {
        rebase: false,
        ..reach("https://desk.example/api")
    };
    assert!(strict.resolve_link("https://evil.example/api/t").is_err());
    assert!(strict.resolve_link("https://desk.example/other/t").is_err());
    assert_eq!(
        strict.resolve_link("https://desk.example/api/t"),
        Ok(("/t".into(), false))
    );
}

#[test]
fn fault_29_an_origin_needs_the_word_of_both_the_profile_and_the_deployment() {
    let json = json!({
        "format": 1, "id": "m", "name": "M", "session": { "kind": "cookie" },
        "origins": ["https://files.example", "http://files.example/path"],
        "resources": { "case": { "get": { "url": "https://elsewhere.example/t/{id}" } } }
    });
    let allowed = ["https://other.example".to_string()];
    let problems = Profile::read(json, "/api", &allowed).expect_err("it has mistakes");
    assert_eq!(
        lines(&problems),
        [
            "origins: origins that portal.json allows",
            "origins: origins such as https://files.example",
            "resources.case.get.url: an address behind the base or of one of origins",
        ]
    );
}

#[test]
fn every_mistake_of_a_profile_is_told_at_once_with_its_mend() {
    let json = json!({
        "format": 1, "id": "m", "name": "M", "session": { "kind": "magic" }, "nonsense": 1,
        "maps": { "s": { "pairs": [["a"]] } },
        "errors": [ { "when": { "is": 1 }, "class": "bad" } ],
        "resources": { "case": {
            "shape": { "fields": { "a": { "pointer": "x" }, "b": { "map": "none", "pointer": "/b" },
                "c": { "format": "time", "zone": "Europe/Berlin", "pointer": "/c" }, "d": { "query": "[[" } } },
            "create": { "method": "PUSH", "url": "/t/{x", "json": "{a|shout}" }
        } },
        "lists": [ { "of": "novelty", "url": "/t", "paging": { "kind": "cursor" }, "changes": { "kind": "token" } } ]
    });
    let problems = Profile::read(json, "/api", &[]).expect_err("it has mistakes");
    let places: Vec<&str> = problems.iter().map(|one| one.path.as_str()).collect();
    for place in [
        "session.kind",
        "nonsense",
        "maps.s.pairs",
        "maps.s.read_else",
        "maps.s.write_else",
        "errors[0].when",
        "errors[0].class",
        "resources.case.shape.fields.a.pointer",
        "resources.case.shape.fields.b.map",
        "resources.case.shape.fields.c.zone",
        "resources.case.shape.fields.d.query",
        "resources.case.create.method",
        "resources.case.create.url",
        "resources.case.create.json",
        "resources.case.create.idempotency",
        "lists[0].of",
        "lists[0].paging.next",
        "lists[0].changes.token",
    ] {
        assert!(places.contains(&place), "{place} is not in {places:#?}");
    }
    assert!(problems.iter().all(|one| !one.mend.is_empty()));
}

#[test]
fn fault_29_no_query_takes_for_ever_or_fills_the_memory() {
    let doubling = format!("[@,@]{}", "|[@,@]".repeat(40));
    let text = json!("x".repeat(1_000));
    assert_eq!(
        Query::read(&doubling).expect("it reads").find(&text),
        Value::Null
    );
    let flat = format!("[@,@]{}", "|[[],[]][]".repeat(60));
    assert_eq!(
        Query::read(&flat).expect("it reads").find(&json!([1, 2])),
        Value::Null
    );
    assert!(Query::read(&"(".repeat(900)).is_err());
    assert!(Query::read(&format!("{}a", "!".repeat(900))).is_err());
    assert!(Query::read(&"a".repeat(1_001)).is_err());
}

fn check_query(source: &str, expected: Value) {
    let row = json!({
        "a": { "b": [1, 2, 3] }, "n": null, "t": "text",
        "list": [{ "k": "x", "v": 1, "s": [1] }, { "k": "y", "v": 2, "s": [2, 3] }, { "k": "x", "v": 3 }]
    });
    let query = Query::read(source).unwrap_or_else(|why| panic!("{source}: {why}"));
    assert_eq!(query.find(&row), expected, "{source}");
}

#[test]
fn a_query_finds_what_jmespath_says() {
    check_query("a.b[0]", json!(1));
    check_query("a.b[-1]", json!(3));
    check_query("a.b[1:]", json!([2, 3]));
    check_query("a.b[::-1]", json!([3, 2, 1]));
    check_query("list[*].k", json!(["x", "y", "x"]));
    check_query("list[?k == 'x'].v", json!([1, 3]));
    check_query("list[?k == 'x' && v > `1`].v | [0]", json!(3));
    check_query("list[].s[]", json!([1, 2, 3]));
    check_query("list[*].s | [0]", json!([1]));
    check_query("*.b", json!([[1, 2, 3]]));
    check_query("{x: t, y: a.b[0]}", json!({ "x": "text", "y": 1 }));
    check_query("[t, n]", json!(["text", null]));
    check_query("n || t", json!("text"));
    check_query("!n && t", json!("text"));
    check_query("length(list)", json!(3));
    check_query("join(', ', list[*].k)", json!("x, y, x"));
    check_query("sort_by(list, &v)[-1].v", json!(3));
    check_query("max_by(list, &v).k", json!("x"));
    check_query("map(&k, list)", json!(["x", "y", "x"]));
    check_query("contains(t, 'ex')", json!(true));
    check_query("to_number('12')", json!(12));
    check_query("not_null(n, t)", json!("text"));
    check_query("merge(a, {c: `1`}) | keys(@)", json!(["b", "c"]));
    check_query("missing.deep[0].x", Value::Null);
    check_query("\"a\".\"b\" | length(@)", json!(3));
}

#[test]
fn a_header_can_not_be_ended_by_a_value() {
    let profile = profile_of(
        &json!({ "profile": { "resources": { "comment": { "create": {
        "method": "POST", "url": "/c", "headers": { "X-Name": "{new.body}" },
        "idempotency": { "kind": "header", "name": "K" }
    } } } } }),
    );
    let what = What::AddComment {
        case: CaseRef::Known("1".into()),
        text: "a\r\nX-Evil: 1".into(),
    };
    let operation = Operation::new("op".into(), "s", 1, what);
    let mut talk = profile::perform(&profile, &operation, "1", &Value::Null, None);
    let Next::Ask(request) = talk.next(None, NOW) else {
        panic!("nothing is asked");
    };
    assert!(
        request
            .headers
            .contains(&("X-Name".into(), "aX-Evil: 1".into())),
        "{:?}",
        request.headers
    );
}

#[test]
fn fault_29_a_bound_link_to_elsewhere_is_not_followed() {
    let profile = profile_of(&json!({
        "base": "https://desk.example/api",
        "profile": { "transport": { "rebase": false }, "resources": { "comment": { "create": {
            "idempotency": { "kind": "header", "name": "K" },
            "steps": [
                { "url": "/start", "bind": { "to": "/to" } },
                { "method": "POST", "url": "{+to}", "fields": "all" }
            ]
        } } } }
    }));
    for to in [
        "https://evil.example/x",
        "javascript:alert(1)",
        "//evil.example",
    ] {
        let what = What::AddComment {
            case: CaseRef::Known("1".into()),
            text: "secret".into(),
        };
        let operation = Operation::new("op".into(), "s", 1, what);
        let mut talk = profile::perform(&profile, &operation, "1", &Value::Null, None);
        assert!(matches!(talk.next(None, NOW), Next::Ask(_)));
        let reply = Reply {
            status: 200,
            body: json!({ "to": to }).to_string(),
            ..Reply::default()
        };
        match talk.next(Some(reply), NOW) {
            Next::Done(Answer::Refused { code, .. }) => assert_eq!(code, "not_allowed"),
            other => panic!("{other:?}"),
        }
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
        prop_oneof![
            Just("/t?p=1"),
            Just("/t?p=2"),
            Just("https://x/t"),
            Just("")
        ]
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let key = prop_oneof![
            Just("items"),
            Just("next"),
            Just("id"),
            Just("title"),
            Just("token"),
            Just("more"),
            Just("at")
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((key, inner), 0..4).prop_map(|pairs| {
                Value::Object(
                    pairs
                        .into_iter()
                        .map(|(key, value)| (key.to_string(), value))
                        .collect(),
                )
            }),
        ]
    })
}

/// Every way of paging and of telling changes, together.
fn looking(paging: usize, changes: usize) -> Profile {
    let paging = [
        json!({ "kind": "none" }),
        json!({ "kind": "page", "size": 2, "max_pages": 20 }),
        json!({ "kind": "offset", "size": 2, "max_pages": 20 }),
        json!({ "kind": "range", "size": 2, "max_pages": 20 }),
        json!({ "kind": "cursor", "next": "/next", "max_pages": 20 }),
        json!({ "kind": "next", "next": "/next", "max_pages": 20 }),
        json!({ "kind": "link", "max_pages": 20 }),
    ][paging]
        .clone();
    let changes = [
        json!({ "kind": "updated_since", "field": "updated_at" }),
        json!({ "kind": "token", "token": "/token" }),
        json!({ "kind": "window", "start": 86_400 }),
        json!({ "kind": "conditional" }),
        json!({ "kind": "sweep" }),
        json!({ "kind": "none" }),
    ][changes]
        .clone();
    profile_of(&json!({ "profile": {
        "resources": { "case": { "shape": { "fields": { "updated_at": "/at" } } } },
        "lists": [{
            "of": "case", "url": "/t{?page,offset,cursor,since,token,from,to}", "rows": "/items",
            "paging": paging, "changes": changes,
            "expand": [{ "kind": "inline", "rows": "/items", "as": "comment" }]
        }]
    } }))
}

proptest! {
    #![proptest_config(tries(200))]

    #[test]
    fn a_look_for_changes_ends_whatever_is_answered(
        answers in prop::collection::vec((any_json(), prop_oneof![Just(200u16), Just(200), Just(304), Just(206)]), 1..6),
        paging in 0usize..7,
        changes in 0usize..6,
    ) {
        let profile = looking(paging, changes);
        let mut cursor: Option<String> = None;
        let mut asked = 0;
        for _ in 0..400 {
            let mut pull = Pull::new(&profile, &Value::Null, cursor.as_deref());
            let mut reply = None;
            let looked = loop {
                match pull.next(reply.take(), NOW) {
                    Next::Done(looked) => break looked,
                    Next::Ask(request) => {
                        prop_assert!(request.url.starts_with('/') && !request.foreign, "{}", request.url);
                        let (body, status) = &answers[asked % answers.len()];
                        asked += 1;
                        prop_assert!(asked < 400, "it goes on and on");
                        reply = Some(Reply {
                            status: *status,
                            headers: vec![("link".into(), format!("</t?p={}>; rel=next", asked % 7))],
                            body: body.to_string(),
                            cut: false,
                        });
                    }
                }
            };
            for change in &looked.changes {
                prop_assert!(!change.id.is_empty());
            }
            match looked.pulled {
                // The engine asks at once only where the cursor has moved.
                Pulled::Until { cursor: next, more: true } if cursor.as_ref() != Some(&next) => {
                    cursor = Some(next);
                }
                _ => return Ok(()),
            }
        }
        prop_assert!(false, "it never ends");
    }

    #[test]
    fn values_never_become_the_syntax_of_an_address(text in "\\PC{1,24}") {
        let scope = Scope::from_iter([("x".to_string(), Value::from(text.as_str()))]);
        let path = template::address("/t/{x}/end", &scope);
        prop_assert_eq!(path.matches('/').count(), 3);
        prop_assert!(!path.contains(['?', '#', '&', ' ', '\\', '"', '\'']));
        prop_assert_eq!(format::segment(&path, 1), text.clone());
        let query = template::address("/t{?x,y}", &scope);
        prop_assert_eq!(query.matches(['&', '=', '?']).count(), 2);
        let json = template::json(&json!({ "a": "{x}", "b": "<{x}>" }), &scope);
        prop_assert_eq!(json, Some(json!({ "a": text, "b": format!("<{text}>") })));
    }

    #[test]
    fn fault_29_no_link_leads_anywhere_else(link in prop_oneof!["\\PC{0,40}", "(https?|ftp|javascript)?:?/{0,3}[a-z.@:\\\\%2e/]{0,30}"]) {
        for base in ["/api", "https://desk.example/api/v2"] {
            if let Ok((url, foreign)) = reach(base).resolve_link(&link) {
                prop_assert!(!url.contains("/../") && !url.contains('\\'), "{url}");
                if foreign {
                    prop_assert!(url.to_lowercase().starts_with("https://files.example"), "{url}");
                    let rest = &url["https://files.example".len()..];
                    prop_assert!(rest.is_empty() || rest.starts_with(['/', '?', '#', ':']), "{url}");
                } else {
                    prop_assert!(url.is_empty() || url.starts_with(['/', '?']), "{url}");
                    prop_assert!(!url.starts_with("//"), "{url}");
                }
            }
        }
    }

    #[test]
    fn every_lens_reads_back_what_it_wrote(
        text in "[a-z<>&;\\n ]{1,12}",
        time in 0i64..4_000_000_000_000,
        number in 0i64..1_000_000,
        words in prop::collection::vec("[a-z]{1,5}", 1..4),
    ) {
        let whole = format::iso(time / 1_000 * 1_000).expect("a time");
        let day = whole[..10].to_string();
        let samples = [
            (json!("/a/b"), json!(text)),
            (json!({ "pointer": "/a", "prefix": "/x(", "suffix": ")" }), json!(text)),
            (json!({ "pointer": "/a", "format": "html" }), json!(text.trim_end_matches('\n'))),
            (json!({ "pointer": "/a", "format": "base64" }), json!(text)),
            (json!({ "pointer": "/a", "format": "id", "as": "number" }), json!(number.to_string())),
            (json!({ "pointer": "/a", "format": "number", "as": "text" }), json!(number)),
            (json!({ "pointer": "/a", "format": "list", "separator": "; " }), json!(words)),
            (json!({ "pointer": "/a", "each": { "pointer": "/name" } }), json!(words)),
            (json!({ "pointer": "/a", "format": "time" }), json!(whole)),
            (json!({ "pointer": "/a", "format": "time", "pattern": "epoch" }), json!(whole)),
            (json!({ "pointer": "/a", "format": "time", "pattern": "epoch_ms" }), json!(whole)),
            (json!({ "pointer": "/a", "format": "time", "pattern": "http" }), json!(whole)),
            (json!({ "pointer": "/a", "format": "time", "zone": "-03:30" }), json!(whole)),
            (json!({ "pointer": "/a", "format": "time", "pattern": "DD.MM.YYYY hh:mm:ss", "zone": "+09:00" }), json!(whole)),
            (json!({ "pointer": "/a", "format": "date", "pattern": "MM/DD/YYYY" }), json!(day)),
            (json!({ "entry": { "in": "/cf", "key": "/id", "is": 7, "value": "/v" } }), json!(text)),
            (json!({ "pointer": "/a", "map": "m" }), json!("ours")),
            (json!({ "pointer": "/a", "map": "m" }), json!(true)),
        ];
        let written = json!({ "m": { "pairs": [["theirs", "ours"], [1, true]], "read_else": "=", "write_else": "=" } });
        let maps = Maps { written: &written, loaded: &Value::Null };
        let scope = Scope::new();
        for (lens, value) in samples {
            if value == "" {
                continue;
            }
            let unknown = json!({ "kept": { "x": [1, null] }, "cf": [{ "id": 1, "v": "other", "more": 2 }] });
            let mut target = unknown.clone();
            prop_assert!(lens::write(&lens, &value, maps, &mut target).is_ok());
            let from = Source { row: &target, reply: None, scope: &scope, maps };
            prop_assert_eq!(&lens::read(&lens, from), &value, "{} {}", lens, target);
            // What the portal does not know survives.
            prop_assert_eq!(&target["kept"], &unknown["kept"]);
            prop_assert_eq!(&target["cf"][0], &unknown["cf"][0]);
        }
    }

    #[test]
    fn anything_can_be_read_as_a_profile_or_said_to_be_none(json in any_json()) {
        let mut whole = json!({ "format": 1, "id": "m", "name": "M" });
        for key in ["session", "maps", "errors", "resources", "lists", "transport", "rate", "origins"] {
            whole[key] = json.clone();
        }
        prop_assert!(Profile::read(whole, "/api", &[]).is_err());
    }

    #[test]
    fn no_template_and_no_query_can_break_the_reader(text in "\\PC{0,40}", braces in "[{}|:=?&+*a.,']{0,24}") {
        let scope = Scope::from_iter([("a".to_string(), json!(["x", { "y": 1 }]))]);
        for one in [text.as_str(), braces.as_str()] {
            template::mistake(one, true);
            template::mistake(one, false);
            template::address(one, &scope);
            template::say(one, &scope);
            if let Ok(query) = Query::read(one) {
                query.find(&json!({ "a": [1, { "b": null }] }));
            }
            format::read_time(one, "YYYY-MM-DD hh:mm", "");
            format::read_time("2026-01-31", one, "");
            format::from_html(one);
        }
    }
}
