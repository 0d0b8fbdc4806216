//! Signing in at a provider: what is refused, and why.

use casement::core::base64;
use casement::core::error::Kind;
use casement::core::oidc::{
    Attempt, Client, Provider, Return, authorize_address, code, description_address, is_safe,
    provider, redeem, renew, tokens,
};
use serde_json::{Value, json};

const ISSUER: &str = "https://id.example/tenant";
const NOW: i64 = 1_795_000_000_000;

fn client() -> Client {
    Client {
        issuer: ISSUER.into(),
        id: "casement".into(),
        scope: "openid profile offline_access".into(),
        redirect: "https://support.example/signed-in.html".into(),
    }
}

fn attempt() -> Attempt {
    Attempt {
        state: "state-1".into(),
        nonce: "nonce-1".into(),
        verifier: "verifier-1".into(),
    }
}

fn described() -> Value {
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://id.example/authorize",
        "token_endpoint": "https://id.example/token",
        "code_challenge_methods_supported": ["plain", "S256"],
        "authorization_response_iss_parameter_supported": true,
    })
}

fn known() -> Provider {
    provider(ISSUER, 200, &described().to_string()).expect("the description is right")
}

/// A token as providers make them; its signature is of no interest here.
fn token(claims: &Value) -> String {
    let part = |text: String| {
        let plain = base64::encode(text.as_bytes());
        plain
            .replace('+', "-")
            .replace('/', "_")
            .trim_end_matches('=')
            .to_string()
    };
    format!("{}.{}.c2ln", part("{}".into()), part(claims.to_string()))
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": "casement", "sub": "u1", "tid": "t1", "nonce": "nonce-1",
        "exp": NOW / 1_000 + 60, "name": "佐藤 花", "email": "hana@partner.example",
    })
}

fn answer(claims: &Value) -> String {
    json!({
        "access_token": "a1", "token_type": "Bearer", "expires_in": 600,
        "refresh_token": "r1", "id_token": token(claims),
    })
    .to_string()
}

#[test]
fn a_description_is_believed_only_of_its_own_issuer() {
    assert_eq!(
        description_address("https://id.example/tenant/"),
        "https://id.example/tenant/.well-known/openid-configuration"
    );
    assert!(known().names_itself);
    let refused = |change: &dyn Fn(&mut Value)| {
        let mut json = described();
        change(&mut json);
        let found = provider(ISSUER, 200, &json.to_string());
        found.expect_err("it is refused").kind()
    };
    for change in [
        (|json: &mut Value| json["issuer"] = "https://id.example/tenant/".into()) as fn(&mut Value),
        |json| json["issuer"] = "https://evil.example".into(),
        |json| json["code_challenge_methods_supported"] = json!(["plain"]),
        |json| json["token_endpoint"] = "http://id.example/token".into(),
        |json| json["authorization_endpoint"] = "javascript:alert(1)".into(),
    ] {
        assert_eq!(refused(&change), Kind::Configuration);
    }
    let page = provider(ISSUER, 200, "<html>").expect_err("a page is no description");
    assert_eq!(page.kind(), Kind::Configuration);
    let silent = provider(ISSUER, 0, "").expect_err("silence is no description");
    assert_eq!(silent.kind(), Kind::Unreachable);
}

#[test]
fn a_person_is_sent_with_everything_that_ties_the_answer_to_the_attempt() {
    let address = authorize_address(&known(), &client(), &attempt(), "chal", Some("hana@x"));
    assert_eq!(
        address,
        "https://id.example/authorize?response_type=code&client_id=casement\
         &redirect_uri=https%3A%2F%2Fsupport.example%2Fsigned-in.html\
         &scope=openid%20profile%20offline_access&state=state-1&nonce=nonce-1\
         &code_challenge=chal&code_challenge_method=S256&prompt=consent&login_hint=hana%40x"
    );
}

#[test]
fn a_code_of_another_attempt_or_provider_is_not_redeemed() {
    let read = |query: &str| code(&known(), &client(), &attempt(), query);
    let iss = "iss=https%3A%2F%2Fid.example%2Ftenant";
    assert_eq!(
        read(&format!("?code=c%2B1&state=state-1&{iss}")).expect("it is ours"),
        "c+1"
    );
    for (query, kind) in [
        (format!("code=c&state=state-2&{iss}"), Kind::Refused),
        (format!("code=c&{iss}"), Kind::Refused),
        (
            "code=c&state=state-1&iss=https%3A%2F%2Fevil.example".into(),
            Kind::Refused,
        ),
        // The provider has said that it always names itself.
        ("code=c&state=state-1".into(), Kind::Refused),
        (
            format!("error=access_denied&state=state-1&{iss}"),
            Kind::Refused,
        ),
        (
            format!("error=server_error&state=state-1&{iss}"),
            Kind::Busy,
        ),
        (format!("state=state-1&{iss}"), Kind::Refused),
    ] {
        assert_eq!(read(&query).expect_err(&query).kind(), kind, "{query}");
    }
    let forgotten = code(&known(), &client(), &Attempt::default(), "code=c&state=");
    assert!(forgotten.is_err(), "without an attempt nothing is redeemed");
}

#[test]
fn requests_for_tokens_carry_the_proof_and_no_secret() {
    assert_eq!(
        redeem(&client(), &attempt(), "c+1"),
        "grant_type=authorization_code&client_id=casement\
         &redirect_uri=https%3A%2F%2Fsupport.example%2Fsigned-in.html&code=c%2B1\
         &code_verifier=verifier-1"
    );
    assert_eq!(
        renew(&client(), "r 1"),
        "grant_type=refresh_token&client_id=casement&refresh_token=r%201"
    );
}

#[test]
fn tokens_say_who_signed_in_and_when_to_renew() {
    let read = tokens(&client(), Some("nonce-1"), 200, &answer(&claims()), NOW);
    let read = read.expect("the tokens are right");
    assert_eq!(
        (read.access.as_str(), read.refresh.as_deref()),
        ("a1", Some("r1"))
    );
    assert_eq!(read.renew_at, Some(NOW + 570_000));
    let identity = read.identity.expect("they name somebody");
    assert_eq!(identity.subject, "https://id.example/tenant u1 t1");
    assert_eq!(identity.login, "hana@partner.example");
    assert_eq!(identity.name, "佐藤 花");
}

#[test]
fn an_identity_for_others_is_refused() {
    let changes: [fn(&mut Value); 9] = [
        |claims| claims["iss"] = "https://evil.example".into(),
        |claims| claims["aud"] = "another".into(),
        |claims| claims["aud"] = json!(["casement", "another"]),
        |claims| claims["aud"] = json!([]),
        |claims| claims["nonce"] = "nonce-2".into(),
        |claims| claims["nonce"] = Value::Null,
        |claims| claims["exp"] = json!(NOW / 1_000 - 301),
        |claims| claims["exp"] = Value::Null,
        |claims| claims["sub"] = "".into(),
    ];
    for (index, change) in changes.iter().enumerate() {
        let mut claims = claims();
        change(&mut claims);
        let read = tokens(&client(), Some("nonce-1"), 200, &answer(&claims), NOW);
        let error = read
            .err()
            .unwrap_or_else(|| panic!("change {index} was believed"));
        assert_eq!(error.kind(), Kind::Refused, "change {index}");
    }
}

#[test]
fn what_goes_wrong_at_the_token_endpoint_is_told_apart() {
    let read = |status: u16, body: &str| {
        let found = tokens(&client(), None, status, body, NOW);
        found.map(drop).map_err(|error| error.kind())
    };
    assert_eq!(read(0, ""), Err(Kind::Unreachable));
    assert_eq!(read(503, "busy"), Err(Kind::Unreachable));
    assert_eq!(read(429, ""), Err(Kind::Busy));
    assert_eq!(read(200, "<html>"), Err(Kind::Unreadable));
    assert_eq!(
        read(400, r#"{"error":"invalid_grant"}"#),
        Err(Kind::SignedOut)
    );
    assert_eq!(
        read(200, r#"{"access_token":"a","token_type":"mac"}"#),
        Err(Kind::Unreadable)
    );
    // A renewal need not name the person again.
    assert_eq!(
        read(200, r#"{"access_token":"a","token_type":"bearer"}"#),
        Ok(())
    );
    let first = tokens(
        &client(),
        Some("n"),
        200,
        r#"{"access_token":"a","token_type":"bearer"}"#,
        NOW,
    );
    assert!(first.is_err(), "the first tokens must say who signed in");
}

#[test]
fn credentials_go_out_encrypted_or_stay_here() {
    for (address, safe) in [
        ("https://id.example", true),
        ("http://127.0.0.1:9", true),
        ("http://localhost/a", true),
        ("http://id.example", false),
        ("http://127.0.0.1.evil.example", false),
        ("javascript:alert(1)", false),
        ("", false),
    ] {
        assert_eq!(is_safe(address), safe, "{address}");
    }
}

#[test]
fn what_a_window_hands_over_is_read_whole_or_not_at_all() {
    let returned = Return {
        attempt: attempt(),
        query: String::from("?code=a%22b&state=s"),
    };
    let text = returned.to_json().to_string();
    assert_eq!(Return::read(&text), Some(returned));
    for other in ["", "{}", "[]", "[\"a\",\"b\",\"c\"]", "[1,2,3,4]", "null"] {
        assert_eq!(Return::read(other), None, "{other}");
    }
}
