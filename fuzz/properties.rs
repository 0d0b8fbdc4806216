//! What must hold of every input whatever: nothing here may panic, and nothing take long.
//!
//! The fuzzing (`cargo xtask fuzz`) looks for inputs that break one of these, and the native tests
//! replay the inputs of `fuzz/seeds`, among which every one stays that was ever found. An input is
//! bytes; what is not UTF-8 says nothing.

use casement::core::profile::address::{Reach, shown};
use casement::core::profile::advice::{examine_text, replay};
use casement::core::profile::errors::judge;
use casement::core::profile::lens::{self, Maps, Source};
use casement::core::profile::pull::next_link;
use casement::core::profile::query::Query;
use casement::core::profile::value::Scope;
use casement::core::profile::{Conversation, Next, Profile, Pull, Reply, format, template};
use casement::core::sla::ics;
use casement::core::sync::Pulled;
use serde_json::{Value, json};

/// 20 November 2026, 00:00:00 UTC.
const NOW: i64 = 1_795_132_800_000;
/// The shipped profiles, by which answers are read.
const SHIPPED: [&str; 6] = [
    include_str!("../public/backends/native.json"),
    include_str!("../public/backends/request-tracker.json"),
    include_str!("../public/backends/roundup.json"),
    include_str!("../public/backends/zendesk.json"),
    include_str!("../public/backends/salesforce.json"),
    include_str!("../public/backends/zammad.json"),
];
/// The most requests of one look that are answered here.
const REQUESTS: usize = 60;

/// A line, and JSON behind it.
fn line_and_json(data: &[u8]) -> Option<(&str, Value)> {
    let text = std::str::from_utf8(data).ok()?;
    let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
    Some((line, serde_json::from_str(rest).unwrap_or_default()))
}

/// Templates: a line with one, then the names as a JSON object.
pub(crate) fn templates(data: &[u8]) {
    let Some((line, names)) = line_and_json(data) else {
        return;
    };
    let scope: Scope = names.as_object().cloned().unwrap_or_default();
    // What is wrong is told, and filled in as well as it goes.
    let _ = (
        template::mistake(line, true),
        template::mistake(line, false),
    );
    let address = template::address(line, &scope);
    let outside = |c: char| !c.is_ascii_graphic() || "\"<>\\^`{|}".contains(c);
    assert!(!address.contains(outside), "no address: {address:?}");
    let all = template::say_all(line, &scope);
    if let Some(said) = template::say(line, &scope) {
        assert_eq!(said, all, "the same where nothing is missing");
    }
    let _ = template::json(&json!({ "a": [line, { "b": line }] }), &scope);
    // A value never becomes the syntax of an address.
    let value = Scope::from_iter([("v".into(), line.into())]);
    let made = template::address("/a/{v}?b={v}", &value);
    let count = |mark| made.matches(mark).count();
    assert_eq!(
        (count('/'), count('?'), count('&'), count('#')),
        (2, 1, 0, 0)
    );
}

/// Queries: a line with one, then what it looks into.
pub(crate) fn queries(data: &[u8]) {
    let Some((line, value)) = line_and_json(data) else {
        return;
    };
    if let Ok(query) = Query::read(line) {
        let found = query.find(&value);
        assert_eq!(found, query.find(&value), "the same every time");
        assert!(
            found.to_string().len() < 16 << 20,
            "a result without bounds"
        );
    }
}

/// Lenses: JSON with `lens`, `row`, `maps`, `value` and `names`.
pub(crate) fn lenses(data: &[u8]) {
    let Ok(input) = serde_json::from_slice::<Value>(data) else {
        return;
    };
    let part = |name: &str| input.get(name).cloned().unwrap_or_default();
    let (lens, row, written) = (part("lens"), part("row"), part("maps"));
    let scope: Scope = part("names").as_object().cloned().unwrap_or_default();
    let reply = Reply {
        status: 200,
        body: row.to_string(),
        ..Reply::default()
    };
    let maps = Maps {
        written: &written,
        loaded: &Value::Null,
    };
    let from = Source {
        row: &row,
        reply: Some(&reply),
        scope: &scope,
        maps,
    };
    let value = lens::read(&lens, from);
    let _ = lens::holds(&lens, from);
    for value in [value, part("value")] {
        let mut target = row.clone();
        if lens::write(&lens, &value, maps, &mut target).is_err() {
            assert_eq!(target, row, "what can't be written changes nothing");
            continue;
        }
        let pointer = lens::written_at(&lens).unwrap_or("");
        let written = pointer
            .split('/')
            .nth(1)
            .map(|one| one.replace("~1", "/").replace("~0", "~"));
        for (key, kept) in row.as_object().into_iter().flatten() {
            if written.as_ref().is_some_and(|written| written != key) {
                assert_eq!(target.get(key), Some(kept), "{key} survives");
            }
        }
    }
}

/// Profiles: the text of one, and behind a line of three dashes recorded answers for it.
pub(crate) fn profiles(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let (text, recorded) = text.split_once("\n---\n").unwrap_or((text, ""));
    let examined = examine_text(text, "/api", None);
    assert_eq!(examined.profile.is_none(), !examined.problems.is_empty());
    for problem in &examined.problems {
        assert!(
            !problem.mend.is_empty(),
            "{} is told without a mend",
            problem.path
        );
    }
    let Some(profile) = examined.profile else {
        return;
    };
    let recording = serde_json::from_str(recorded).unwrap_or_default();
    for seen in replay(&profile, &recording, NOW) {
        for request in &seen.asked {
            assert!(!request.contains(char::is_control), "{request:?}");
        }
    }
    look(
        &profile,
        &[Reply {
            status: 200,
            body: "{}".into(),
            ..Reply::default()
        }],
    );
}

/// Answers: a first byte that chooses the profile, then answers behind lines of three dashes, each a
/// line with status and headers (`200 etag: "a"; link: <…>`) and the body.
pub(crate) fn answers(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else {
        return;
    };
    let Ok(text) = std::str::from_utf8(rest) else {
        return;
    };
    let json = serde_json::from_str(SHIPPED[usize::from(*first) % SHIPPED.len()]);
    let profile = Profile::read(json.unwrap_or_default(), "https://desk.example/api", &[]);
    let profile = profile.expect("a shipped profile");
    let replies: Vec<Reply> = text.split("\n---\n").map(reply).collect();
    for reply in &replies {
        let verdict = judge(&profile, reply, &Scope::new(), NOW);
        assert!(!verdict.code.is_empty());
    }
    look(&profile, &replies);
}

fn reply(text: &str) -> Reply {
    let (head, body) = text.split_once('\n').unwrap_or((text, ""));
    let (status, headers) = head.split_once(' ').unwrap_or((head, ""));
    let headers = headers.split("; ").filter_map(|one| one.split_once(": "));
    Reply {
        status: status.parse().unwrap_or(200),
        headers: headers
            .map(|(name, value)| (name.to_lowercase(), value.into()))
            .collect(),
        body: body.into(),
        cut: false,
    }
}

/// Looks for changes until it has ended twice, or has asked often enough.
fn look(profile: &Profile, replies: &[Reply]) {
    let session = json!({ "login": "uma", "contact": "7", "subject": "7", "company": "Yamabuki" });
    let mut answers = replies.iter().cycle();
    let (mut cursor, mut asked) = (None, 0);
    for _ in 0..6 {
        let mut pull = Pull::new(profile, &session, cursor.as_deref());
        let mut heard = None;
        let looked = loop {
            match pull.next(heard.take(), NOW) {
                Next::Done(looked) => break looked,
                Next::Ask(request) => {
                    goes_where_it_may(profile, &request.url);
                    asked += 1;
                    if asked > REQUESTS {
                        return;
                    }
                    heard = answers.next().cloned();
                }
            }
        };
        for change in &looked.changes {
            assert!(!change.kind.is_empty(), "a record of no kind");
        }
        if let Some(trouble) = &looked.trouble {
            assert!(!trouble.to_string().is_empty());
        }
        match looked.pulled {
            Pulled::Until { cursor: next, .. } => cursor = Some(next),
            Pulled::FromTheStart => cursor = None,
            Pulled::Later(_) | Pulled::SignedOut => return,
        }
    }
}

fn goes_where_it_may(profile: &Profile, url: &str) {
    let strange = |c: char| c.is_control() || c.is_whitespace() || c == '\\';
    assert!(!url.contains(strange), "{url:?}");
    if !url.starts_with(['/', '?']) && !url.is_empty() {
        let known = |origin: &String| url.starts_with(origin.as_str());
        assert!(profile.reach().origins.iter().any(known), "{url:?}");
    }
    assert!(!url.starts_with("//"), "{url:?}");
}

/// Addresses: links of a backend, and what may be shown of them.
pub(crate) fn addresses(data: &[u8]) {
    let Ok(link) = std::str::from_utf8(data) else {
        return;
    };
    for (base, rebase) in [
        ("/api/v1", true),
        ("https://desk.example/rest", true),
        ("https://desk.example/rest", false),
    ] {
        let reach = Reach {
            base: base.into(),
            origins: vec!["https://files.example".into()],
            rebase,
            cookies: None,
        };
        for resolved in [reach.resolve(link), reach.resolve_link(link)] {
            let Ok((url, foreign)) = resolved else {
                continue;
            };
            let origin = url.to_ascii_lowercase();
            let behind = origin.strip_prefix("https://files.example");
            let behind = behind.map(|rest| rest.strip_prefix(":443").unwrap_or(rest));
            match foreign {
                true => assert!(
                    behind.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#'])),
                    "{url:?}"
                ),
                false => assert!(
                    url.is_empty() || url.starts_with(['/', '?', '#']) && !url.starts_with("//"),
                    "{url:?}"
                ),
            }
            let path = url
                .split(['?', '#'])
                .next()
                .unwrap_or("")
                .to_ascii_lowercase();
            assert!(
                !path.replace("%2e", ".").split('/').any(|one| one == ".."),
                "{url:?} goes up"
            );
        }
    }
    let told = shown(link);
    assert!(
        !told.contains('?') && told.chars().count() <= 120,
        "{told:?}"
    );
    let _ = (
        next_link(link),
        format::segment(link, -1),
        format::segment(link, 2),
    );
}

/// What is written elsewhere: times, HTML, calendar files. The first line is a pattern.
pub(crate) fn formats(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let (pattern, rest) = text.split_once('\n').unwrap_or(("iso", text));
    for zone in ["UTC", "+09:00", "-11:30"] {
        let Some(time) = format::read_time(rest, pattern, zone) else {
            continue;
        };
        let written = format::iso(time);
        if let Some(written) = &written {
            let again = format::read_time(written, "iso", "UTC");
            assert_eq!(again, Some(time), "{written} is read as it was written");
        }
        let _ = format::write_time(time, pattern, zone);
    }
    let _ = (
        format::read_date(rest, pattern),
        format::write_date(rest, pattern),
    );
    let _ = (format::say_time(rest, pattern), format::http_date(rest));
    let plain = format::from_html(rest);
    assert!(plain.len() <= rest.len(), "HTML says no more than it holds");
    assert_eq!(
        format::from_html(&format::to_html(&plain)),
        plain.trim_end_matches('\n')
    );
    let _ = ics::import(rest, 2020, 2030);
}
