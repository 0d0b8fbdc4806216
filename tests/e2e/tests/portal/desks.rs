//! Ticket systems that are not ours, through their profiles: Roundup on every run, Request Tracker
//! wherever it is installed.

use std::fs;
use std::path::Path;

use casement::core::sync::Answer;
use casement_e2e::hop::Hop;
use casement_e2e::servers::{Server, request_tracker, roundup};
use casement_e2e::talk::{Talk, content};
use serde_json::{Value, json};

/// What differs between the systems.
pub(crate) struct System {
    pub(crate) profile: &'static str,
    /// Where the API begins.
    pub(crate) base: &'static str,
    /// The request that makes a case, and the one that makes a comment.
    pub(crate) makes_case: &'static str,
    pub(crate) makes_comment: &'static str,
}

pub(crate) const ROUNDUP: System = System {
    profile: "roundup",
    base: "/desk/rest/data",
    makes_case: "POST /desk/rest/data/issue",
    makes_comment: "POST /desk/rest/data/msg",
};

pub(crate) const REQUEST_TRACKER: System = System {
    profile: "request-tracker",
    base: "/REST/2.0",
    makes_case: "POST /REST/2.0/ticket",
    makes_comment: "POST /REST/2.0/ticket/",
};

pub(crate) fn profile(id: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../public/backends");
    let text = fs::read_to_string(folder.join(format!("{id}.json"))).expect("the profile is there");
    let mut profile: Value = serde_json::from_str(&text).expect("a profile is JSON");
    // These tests look again at once.
    for list in profile["lists"].as_array_mut().into_iter().flatten() {
        list["every"] = json!(0);
    }
    profile
}

fn new_case(subject: &str) -> Value {
    json!({ "do": "create_case", "draft": "d", "title": subject, "body": {
        "subject": subject, "description": "最初の行\nsecond line", "severity": "2", "policy": "ferrywell",
    }})
}

fn comment(case: &str, text: &str) -> Value {
    json!({ "do": "add_comment", "case": { "known": case }, "text": text })
}

fn text_of<'a>(record: &'a Value, key: &str) -> &'a str {
    record[key].as_str().unwrap_or_default()
}

/// A whole case: made, read, answered on both sides, with a file, closed; what is lost on the way is
/// found again and made once.
async fn the_whole_way(system: &System, server: &Server) {
    let hop = Hop::before(server.address()).await;
    let base = format!("http://{}{}", hop.address(), system.base);
    let mut talk = talk_at(system, server, &base).await;
    assert_ne!(text_of(talk.person(), "email"), "", "{}", talk.person());
    talk.look().await;
    assert!(talk.all("case").is_empty(), "the desk begins empty");
    assert_eq!(
        talk.all("account").len(),
        1,
        "the account is made of the session"
    );
    assert!(
        !talk.all("product").is_empty(),
        "products stand in the profile"
    );

    let made = talk.accepted(new_case("印刷できない"), "key-1", "").await;
    let id = text_of(&made, "id").to_string();
    assert_eq!(text_of(&made, "subject"), "印刷できない");
    assert_eq!(text_of(&made, "severity"), "2");
    assert_eq!(text_of(&made, "status"), "waiting_assignment");

    // The answer to a second one is lost; the next try finds what the first has made.
    hop.lose_answers(system.makes_case);
    let mut memory = None;
    let lost = talk
        .send(new_case("Lost once"), "key-2", "", &mut memory)
        .await;
    assert!(matches!(lost, Answer::Later(_)), "{lost:?}");
    hop.mend();
    let found = talk
        .again(new_case("Lost once"), "key-2", "", &mut memory)
        .await;
    assert!(matches!(found, Answer::Accepted(_)), "{found:?}");
    talk.look().await;
    let subjects: Vec<&str> = talk
        .all("case")
        .into_iter()
        .map(|one| text_of(one, "subject"))
        .collect();
    let count = subjects.iter().filter(|one| **one == "Lost once").count();
    assert_eq!((count, subjects.len()), (1, 2), "{subjects:?}");

    talk.accepted(comment(&id, "Second message, 二つ目"), "key-3", &id)
        .await;
    hop.lose_answers(system.makes_comment);
    let mut memory = None;
    let lost = talk
        .send(comment(&id, "Lost comment"), "key-4", &id, &mut memory)
        .await;
    assert!(matches!(lost, Answer::Later(_)), "{lost:?}");
    hop.mend();
    let again = talk
        .again(comment(&id, "Lost comment"), "key-4", &id, &mut memory)
        .await;
    assert!(matches!(again, Answer::Accepted(_)), "{again:?}");
    let heard = talk.heard();

    let file = json!({ "id": "f", "name": "報告 1.bin", "size": content().len(),
        "media_type": "application/octet-stream", "chunks": 1 });
    let attach = json!({ "do": "attach", "case": { "known": id }, "file": file });
    talk.accepted(attach, "key-5", &id).await;
    talk.look().await;
    let bodies: Vec<&str> = talk
        .all("comment")
        .into_iter()
        .map(|one| text_of(one, "body"))
        .collect();
    for (text, times) in [("Second message, 二つ目", 1), ("Lost comment", 1)] {
        let count = bodies.iter().filter(|body| body.trim() == text).count();
        assert_eq!(count, times, "{text} in {bodies:?}\n{heard}");
    }
    let files = talk.all("attachment");
    assert_eq!(files.len(), 1, "{files:?}");
    assert_eq!(text_of(files[0], "name"), "報告 1.bin");
    let brought = talk.download(files[0]).await;
    assert_eq!(brought, content(), "the file comes back as it went");

    // Nothing has changed, and nothing is brought again but what the overlap repeats.
    let seen = talk.records.clone();
    talk.look().await;
    assert_eq!(talk.records, seen);
}

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a test can have a runtime");
    runtime.block_on(test);
}

#[test]
fn roundup_takes_a_case_its_comments_and_its_files_exactly_once() {
    run(async {
        let server = roundup();
        the_whole_way(&ROUNDUP, &server).await;
        // Somebody at the desk answers, and sets the case to wait for the partner.
        let mut talk = signed_in(&ROUNDUP, &server).await;
        talk.look().await;
        let issue = server.ask("GET", "/desk/rest/data/issue/1", None).await;
        let etag = issue["data"]["@etag"].clone();
        let change = json!({ "@etag": etag, "status": "4" });
        server
            .ask("PATCH", "/desk/rest/data/issue/1", Some(change))
            .await;
        talk.look().await;
        let case = &talk.records[&("case".to_string(), "1".to_string())];
        assert_eq!(text_of(case, "status"), "waiting_customer");

        the_conflict(&talk, "2026-01-01.00:00:00").await;
        let close = json!({ "do": "act", "action": "close", "case": { "known": "1" }, "title": "",
            "body": {}, "before": null });
        let closed = talk.accepted(close, "key-7", "1").await;
        assert_eq!(text_of(&closed, "status"), "closed");
    });
}

#[test]
fn request_tracker_takes_a_case_its_comments_and_its_files_exactly_once() {
    run(async {
        // Debian's package is installed by the full tests only.
        let Some(server) = request_tracker() else {
            return;
        };
        the_whole_way(&REQUEST_TRACKER, &server).await;
        let mut talk = signed_in(&REQUEST_TRACKER, &server).await;
        talk.look().await;
        let change = json!({ "Status": "stalled" });
        server.ask("PUT", "/REST/2.0/ticket/1", Some(change)).await;
        talk.look().await;
        let case = &talk.records[&("case".to_string(), "1".to_string())];
        assert_eq!(text_of(case, "status"), "waiting_customer");
        the_conflict(&talk, "2026-01-01T00:00:00Z").await;
    });
}

/// Whoever changes a case by what they saw long before overwrites nothing; by what is there, they do.
async fn the_conflict(talk: &Talk, long_before: &str) {
    let edit = |base: &str| {
        json!({ "do": "edit_case", "case": { "known": "1" }, "base": base, "before": null,
            "patch": { "severity": "4" } })
    };
    let stale = talk.send(edit(long_before), "key-8", "1", &mut None).await;
    let Answer::Conflict { theirs } = &stale else {
        panic!("a change over another one was {stale:?}\n{}", talk.heard());
    };
    let theirs = theirs.as_ref().map(|record| text_of(record, "severity"));
    assert_eq!(theirs, Some("2"), "what is there is brought along");
    let version = text_of(&talk.records[&("case".into(), "1".into())], "version");
    let changed = talk.accepted(edit(version), "key-9", "1").await;
    assert_eq!(text_of(&changed, "severity"), "4");
}

async fn signed_in(system: &System, server: &Server) -> Talk {
    let base = format!("http://{}{}", server.address(), system.base);
    talk_at(system, server, &base).await
}

async fn talk_at(system: &System, server: &Server, base: &str) -> Talk {
    let origin = format!("http://{}", server.address());
    let profile = profile(system.profile);
    Talk::sign_in(profile, base, &origin, server.login(), server.password()).await
}
