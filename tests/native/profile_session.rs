//! What a profile says of the sign-in, apart from its requests (`profile_engine` plays those): what
//! the form asks for, where a provider may be, and how the bytes of attachments are brought.

use casement::core::profile::session::{asked, bearer, exchanges, provider, way};
use casement::core::profile::{Profile, Session, download, session};
use casement::core::text::LocalText;
use serde_json::{Value, json};

use crate::support::{files_under, json as read_json};

fn profile(session: Value) -> Profile {
    let json = json!({
        "format": 1, "id": "mock", "name": "Mock", "session": session,
        "resources": { "case": { "shape": { "id": "/id", "fields": { "subject": "/t" } } } },
    });
    Profile::read(json, "/api", &[]).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// The lines of the form, each as it is called; `-` stands for the usual words.
fn lines(profile: &Profile) -> String {
    let said = |line: Option<LocalText>| {
        let label = line?.get("en").to_string();
        Some(if label.is_empty() { "-".into() } else { label })
    };
    let [login, password] = asked(profile).map(said);
    format!("{login:?} {password:?}")
        .replace("Some(\"", "")
        .replace("\")", "")
}

const WHO: fn() -> Value = || json!({ "url": "/me", "subject": "/id" });

#[test]
fn the_form_asks_for_what_requests_carry() {
    let both = json!({ "kind": "basic", "who": WHO() });
    assert_eq!(lines(&profile(both)), "- -");
    let key = json!({ "kind": "basic", "login": "{password}", "password": "X", "who": WHO(),
        "asks": { "password": { "en": "API key", "ja": "APIキー" } } });
    assert_eq!(lines(&profile(key)), "None API key");
    let token = json!({ "kind": "header", "headers": { "Authorization": "Token token={password}" }, "who": WHO() });
    assert_eq!(lines(&profile(token)), "None -");
    let in_address = json!({ "kind": "header", "headers": { "X-Key": "{password}" },
        "who": { "url": "/user{?name:=login}", "subject": "/id" }, "asks": { "login": "User" } });
    assert_eq!(lines(&profile(in_address)), "User -");
    // What is known of a person who is in already is not typed.
    let acting = json!({ "kind": "header", "headers": { "X-Key": "{password}" }, "who": WHO(),
        "impersonate": { "From": "{session.login}" } });
    assert_eq!(lines(&profile(acting)), "None -");
    let two = json!({ "kind": "two_token", "who": WHO(),
        "first": { "kind": "header", "headers": { "App-Token": "fixed" } },
        "second": { "kind": "exchange", "bind": { "t": "/t" }, "headers": { "S": "{t}" },
            "request": { "method": "POST", "url": "/in", "json": { "l": "{login}", "p": "{password}" } } } });
    let two = profile(two);
    assert_eq!(lines(&two), "- -");
    assert!(exchanges(&two), "a token in exchange is renewed");
}

#[test]
fn a_label_that_is_none_is_a_mistake() {
    let json = json!({
        "format": 1, "id": "mock", "name": "Mock",
        "session": { "kind": "basic", "who": WHO(), "asks": { "login": 5, "pin": "PIN" } },
        "resources": { "case": { "shape": { "id": "/id", "fields": { "subject": "/t" } } } },
    });
    let problems = Profile::read(json, "/api", &[]).expect_err("it has mistakes");
    let paths: Vec<&str> = problems.iter().map(|one| one.path.as_str()).collect();
    assert_eq!(paths, ["session.asks.login", "session.asks.pin"]);
}

#[test]
fn a_provider_is_gone_to_only_where_the_deployment_allows_it() {
    let oidc = profile(
        json!({ "kind": "oidc", "issuer": "https://id.example/tenant/v2",
        "client_id": "casement", "scopes": ["openid", "api"] }),
    );
    assert_eq!(lines(&oidc), "None None");
    let allowed = |origin: &str| provider(&oidc, &[origin.to_string()]).expect("it names one");
    let client = allowed("https://id.example").expect("it is allowed");
    assert_eq!(
        (client.id.as_str(), client.scope.as_str()),
        ("casement", "openid api")
    );
    for other in [
        "https://id.exam",
        "https://other.example",
        "http://id.example",
    ] {
        let error = allowed(other).expect_err("it is not allowed");
        assert!(
            error.context().contains("https://id.example/tenant/v2"),
            "{error}"
        );
    }
    let basic = profile(json!({ "kind": "basic", "who": WHO() }));
    assert!(provider(&basic, &["https://id.example".into()]).is_none());
}

#[test]
fn a_token_goes_out_as_the_profile_says_else_as_usual() {
    let header = |name: &str, value: &str| vec![(name.to_string(), value.to_string())];
    let own = profile(
        json!({ "kind": "oidc", "issuer": "https://id.example", "client_id": "c",
        "headers": { "X-Token": "t {access_token}" } }),
    );
    assert_eq!(bearer(&own, "A"), header("X-Token", "t A"));
    for session in [
        json!({ "kind": "oidc", "issuer": "https://id.example", "client_id": "c" }),
        json!({ "kind": "cookie" }),
    ] {
        assert_eq!(
            bearer(&profile(session), "A"),
            header("Authorization", "Bearer A")
        );
    }
}

#[test]
fn what_is_known_of_a_person_goes_on_to_the_templates() {
    let mut signed = Session {
        subject: "s".into(),
        contact: "c".into(),
        login: "l".into(),
        ..Session::default()
    };
    assert_eq!(
        signed.person(),
        json!({ "subject": "s", "contact": "c", "login": "l", "name": "l" })
    );
    signed.person = json!({ "name": "Uma", "organization_id": 3 }).to_string();
    assert_eq!(
        signed.person(),
        json!({ "subject": "s", "contact": "c", "login": "l", "name": "Uma", "organization_id": 3 })
    );
    let native = session(200, r#"{"signed_in":true,"subject":"s"}"#).expect("a session");
    assert_eq!(native.person, "");
}

#[test]
fn every_shipped_profile_has_a_way_to_sign_in() {
    for path in files_under("public/backends") {
        let name = path.display().to_string();
        let json = read_json(&name);
        let origins: Vec<String> = json["origins"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|one| one.as_str().map(String::from))
            .collect();
        let profile = Profile::read(json, "/api", &origins);
        let profile = profile.unwrap_or_else(|problems| panic!("{name}: {problems:#?}"));
        let form = asked(&profile).iter().any(Option::is_some);
        let elsewhere = provider(&profile, &[]).is_some();
        let cookie = way(&profile) == casement::core::profile::session::Way::Cookie;
        assert_eq!(
            [form, elsewhere, cookie].iter().filter(|one| **one).count(),
            1,
            "{name}"
        );
    }
}

fn bring(download_spec: Value, id: &str) -> Option<casement::core::profile::Download> {
    let json = json!({
        "format": 1, "id": "mock", "name": "Mock", "origins": ["https://files.example"],
        "session": { "kind": "basic", "who": WHO() },
        "resources": {
            "case": { "shape": { "id": "/id", "fields": { "subject": "/t" } } },
            "attachment": { "shape": { "id": "/id" }, "download": download_spec },
        },
    });
    let profile = Profile::read(json, "/api", &["https://files.example".into()]);
    download(&profile.expect("a profile"), id, "7")
}

#[test]
fn a_file_is_brought_as_it_is_or_unpacked() {
    let raw = bring(json!({ "url": "/files/{id}" }), "5").expect("a way");
    assert_eq!((raw.request.url.as_str(), raw.is_raw), ("/files/5", true));
    assert!(!raw.request.foreign);
    let foreign = bring(json!({ "url": "https://files.example/{id}" }), "5").expect("a way");
    assert!(foreign.request.foreign, "credentials stay away from it");
    assert_eq!(bring(json!({ "url": "/files/{id}" }), ""), None);

    let packed = json!({ "url": "/files/{id}", "as": "base64", "content": "/Content" });
    let packed = bring(packed, "5").expect("a way");
    let bytes = Some(b"a\nb".to_vec());
    assert_eq!(packed.unpack(r#"{"Content":"YQpi\n"}"#), bytes);
    for broken in [r#"{"Content":5}"#, "{}", r#"{"Content":"?"}"#] {
        assert_eq!(packed.unpack(broken), None, "{broken}");
    }
    let data = json!({ "url": "/files/{id}", "as": "data_url", "content": "/data" });
    let data = bring(data, "5").expect("a way");
    assert_eq!(
        data.unpack(r#"{"data":"data:text/plain;base64,YQpi"}"#),
        bytes
    );
    let bare = bring(json!({ "url": "/files/{id}", "as": "base64" }), "5").expect("a way");
    assert_eq!(bare.unpack("YQpi"), bytes);
}
