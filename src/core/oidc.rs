//! Signing in at an OpenID provider, as a public client: authorization code with PKCE.
//!
//! Everything that decides is here, as plain data in and out: what the provider says of itself,
//! where one is sent, what comes back, what the tokens say. It guarantees that a code is redeemed
//! only in the attempt that asked for it (`state`), only with the provider that was asked (the exact
//! issuer, also in the answer where the provider names itself there), and that the identity is meant
//! for this portal and this attempt (audience, `nonce`, time). The signature of the identity is not
//! looked at: it comes from the token endpoint itself, over a connection that proves who answers
//! (OpenID Connect Core 3.1.3.7, step 6).
//!
//! It leaves to others: chance and digests (they are arguments), requests, and keeping the tokens,
//! which live in memory and nowhere else (`browser::oidc`).

use serde_json::{Value, json};

use super::base64;
use super::error::{Error, Kind};
use super::reader::Reader;
use super::route::{decode, encode};

/// Seconds that clocks of provider and device may be apart.
const LEEWAY: i64 = 300;
/// Milliseconds before its end at which an access token is renewed.
const EARLY: i64 = 30_000;

/// What is asked for where nothing else is said.
pub const SCOPE: &str = "openid profile email offline_access";

/// How this portal is known to the provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// The provider's issuer, exactly as its documents give it.
    pub issuer: String,
    /// The id under which the portal is registered.
    pub id: String,
    /// What is asked for, with `openid` among it.
    pub scope: String,
    /// Where the provider sends one back: a page of this portal.
    pub redirect: String,
}

impl Client {
    /// Reads `sign_in` of `portal.json`; where one is sent back to is known to the page alone.
    pub fn read(r: &Reader<'_>) -> Client {
        let client = Client {
            issuer: r.text("issuer"),
            id: r.text("client_id"),
            scope: match r.text_or_empty("scope") {
                none if none.is_empty() => SCOPE.into(),
                scope => scope,
            },
            redirect: String::new(),
        };
        if !is_safe(&client.issuer) || client.issuer.contains(['?', '#']) {
            r.problem(
                "issuer",
                "an https address without query",
                client.issuer.as_str(),
                "copy `issuer` from the provider's own description",
            );
        }
        if !client.scope.split(' ').any(|word| word == "openid") {
            r.problem(
                "scope",
                "`openid` among its words",
                client.scope.as_str(),
                "without it the provider does not say who signs in",
            );
        }
        r.done();
        client
    }
}

/// What a provider says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provider {
    /// Where a person signs in.
    pub authorize: String,
    /// Where codes become tokens.
    pub token: String,
    /// Where a sign-in is ended, if it can be.
    pub end: Option<String>,
    /// Where tokens are taken back, if they can be.
    pub revoke: Option<String>,
    /// Whether every answer names the issuer (RFC 9207).
    pub names_itself: bool,
}

/// Where a provider describes itself.
pub fn description_address(issuer: &str) -> String {
    let issuer = issuer.trim_end_matches('/');
    format!("{issuer}/.well-known/openid-configuration")
}

/// Reads that description; one of another issuer, or without PKCE, is refused.
pub fn provider(issuer: &str, status: u16, body: &str) -> Result<Provider, Error> {
    let wrong = |what: &str| Error::new(Kind::Configuration, format!("{issuer}: {what}"));
    if status == 0 || status >= 500 {
        return Err(Error::new(Kind::Unreachable, format!("{issuer}: {status}")));
    }
    let json: Value =
        serde_json::from_str(body).map_err(|_| wrong("its openid-configuration is not JSON"))?;
    if text(&json, "issuer") != issuer {
        return Err(wrong("its description is of another issuer"));
    }
    let methods = json.get("code_challenge_methods_supported");
    let s256 = |list: &Value| {
        list.as_array()
            .is_some_and(|all| all.iter().any(|one| one == "S256"))
    };
    if !methods.is_some_and(s256) {
        return Err(wrong("it does not offer PKCE with S256"));
    }
    let address = |key: &str| Some(text(&json, key)).filter(|found| is_safe(found));
    Ok(Provider {
        authorize: address("authorization_endpoint")
            .ok_or_else(|| wrong("no safe authorization_endpoint"))?,
        token: address("token_endpoint").ok_or_else(|| wrong("no safe token_endpoint"))?,
        end: address("end_session_endpoint"),
        revoke: address("revocation_endpoint"),
        names_itself: json
            .get("authorization_response_iss_parameter_supported")
            .and_then(Value::as_bool)
            .unwrap_or(false),
    })
}

/// One attempt to sign in: three random texts of at least 43 characters, never used again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attempt {
    /// Ties the answer to this attempt.
    pub state: String,
    /// Ties the identity to this attempt.
    pub nonce: String,
    /// Proves at the token endpoint that it is the same portal that asked.
    pub verifier: String,
}

/// What a person came back with from a provider: all that is needed to finish the sign-in, once, in
/// the page that began it or in another one of this portal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Return {
    /// The attempt it answers.
    pub attempt: Attempt,
    /// The query with which the provider sent the person back.
    pub query: String,
}

impl Return {
    /// As it is handed to another page.
    pub fn to_json(&self) -> Value {
        let Attempt {
            state,
            nonce,
            verifier,
        } = &self.attempt;
        json!([state, nonce, verifier, self.query])
    }

    /// What another page has handed over; nothing if it is anything else.
    pub fn read(text: &str) -> Option<Return> {
        let [state, nonce, verifier, query] = serde_json::from_str::<[String; 4]>(text).ok()?;
        let attempt = Attempt {
            state,
            nonce,
            verifier,
        };
        Some(Return { attempt, query })
    }
}

/// Where the person is sent. `challenge` is the Base64url of the SHA-256 of the verifier; `login` is
/// whom one expects, when a sign-in has ended and the same person is to come back.
pub fn authorize_address(
    provider: &Provider,
    client: &Client,
    attempt: &Attempt,
    challenge: &str,
    login: Option<&str>,
) -> String {
    let mut fields = vec![
        ("response_type", "code"),
        ("client_id", &client.id),
        ("redirect_uri", &client.redirect),
        ("scope", &client.scope),
        ("state", &attempt.state),
        ("nonce", &attempt.nonce),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256"),
    ];
    // Without consent asked for, providers give a public client no refresh token.
    if client.scope.split(' ').any(|word| word == "offline_access") {
        fields.push(("prompt", "consent"));
    }
    if let Some(login) = login {
        fields.push(("login_hint", login));
    }
    let joint = if provider.authorize.contains('?') {
        '&'
    } else {
        '?'
    };
    format!("{}{joint}{}", provider.authorize, form(&fields))
}

/// The code of an answer of the provider (the query of the page it sent the person back to).
pub fn code(
    provider: &Provider,
    client: &Client,
    attempt: &Attempt,
    query: &str,
) -> Result<String, Error> {
    let fields = parse_form(query);
    let field = |key: &str| {
        let found = fields.iter().find(|(name, _)| name == key);
        found.map_or("", |(_, value)| value.as_str())
    };
    let wrong = |what: &str| Error::new(Kind::Refused, format!("sign-in: {what}"));
    // Checked before anything else is believed, an error included.
    if attempt.state.is_empty() || field("state") != attempt.state {
        return Err(wrong("the answer belongs to another attempt"));
    }
    let issuer = field("iss");
    if issuer != client.issuer && (provider.names_itself || !issuer.is_empty()) {
        return Err(wrong("the answer comes from another provider"));
    }
    match (field("error"), field("code")) {
        ("", "") => Err(wrong("the answer has neither code nor error")),
        ("", code) => Ok(code.into()),
        ("temporarily_unavailable" | "server_error", _) => Err(Error::new(
            Kind::Busy,
            "sign-in: the provider asks for patience",
        )),
        (error, _) => Err(wrong(&format!("{error} {}", field("error_description")))),
    }
}

/// What the token endpoint is sent for a code.
pub fn redeem(client: &Client, attempt: &Attempt, code: &str) -> String {
    form(&[
        ("grant_type", "authorization_code"),
        ("client_id", &client.id),
        ("redirect_uri", &client.redirect),
        ("code", code),
        ("code_verifier", &attempt.verifier),
    ])
}

/// What the token endpoint is sent for a renewal.
pub fn renew(client: &Client, refresh: &str) -> String {
    form(&[
        ("grant_type", "refresh_token"),
        ("client_id", &client.id),
        ("refresh_token", refresh),
    ])
}

/// What the revocation endpoint is sent at the end.
pub fn revoke(client: &Client, token: &str) -> String {
    form(&[("client_id", &client.id), ("token", token)])
}

/// Who signed in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Issuer, person and tenant: names the account on this device.
    pub subject: String,
    /// The login, mail address or name to show.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// The person's mail address.
    pub mail: String,
}

/// What the token endpoint gives. It is never printed and never stored.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Goes with every request to the backend.
    pub access: String,
    /// Brings the next ones; each is good for one renewal.
    pub refresh: Option<String>,
    /// When to renew, in milliseconds since 1970.
    pub renew_at: Option<i64>,
    /// Who signed in, where the answer says so.
    pub identity: Option<Identity>,
}

/// Reads the token endpoint's answer. `nonce` is that of the attempt; at a renewal there is none.
///
/// A refusal (`invalid_grant`) is [`Kind::SignedOut`]: the sign-in is over. No answer is
/// [`Kind::Unreachable`], after which the same refresh token may be tried again.
pub fn tokens(
    client: &Client,
    nonce: Option<&str>,
    status: u16,
    body: &str,
    now: i64,
) -> Result<Tokens, Error> {
    let json = serde_json::from_str::<Value>(body).unwrap_or_default();
    match status {
        200 if !json.is_null() => {}
        0 | 500..=599 => return Err(Error::new(Kind::Unreachable, "sign-in: no tokens")),
        429 => return Err(Error::new(Kind::Busy, "sign-in: too many attempts")),
        200 => return Err(Error::new(Kind::Unreadable, "sign-in: tokens are not JSON")),
        _ => {
            let what = format!(
                "sign-in: {} {}",
                text(&json, "error"),
                text(&json, "error_description")
            );
            return Err(Error::new(Kind::SignedOut, what));
        }
    }
    let unreadable = |what: &str| Error::new(Kind::Unreadable, format!("sign-in: {what}"));
    let access = text(&json, "access_token");
    if access.is_empty() || !text(&json, "token_type").eq_ignore_ascii_case("bearer") {
        return Err(unreadable("no bearer token"));
    }
    let id_token = text(&json, "id_token");
    let identity = match (id_token.is_empty(), nonce) {
        (false, _) => Some(identity(client, nonce, &id_token, now)?),
        (true, None) => None,
        (true, Some(_)) => return Err(unreadable("no identity")),
    };
    let lasts = json.get("expires_in").and_then(Value::as_i64);
    Ok(Tokens {
        access,
        refresh: Some(text(&json, "refresh_token")).filter(|found| !found.is_empty()),
        renew_at: lasts.map(|seconds| now + seconds.clamp(0, 86_400) * 1_000 - EARLY),
        identity,
    })
}

fn identity(
    client: &Client,
    nonce: Option<&str>,
    token: &str,
    now: i64,
) -> Result<Identity, Error> {
    let refuse = |what: &str| Error::new(Kind::Refused, format!("sign-in: the identity {what}"));
    let claims = token
        .split('.')
        .nth(1)
        .and_then(|part| base64::decode(&as_base64(part)))
        .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok())
        .ok_or_else(|| refuse("can't be read"))?;
    if text(&claims, "iss") != client.issuer {
        return Err(refuse("is of another issuer"));
    }
    let audience = claims.get("aud").unwrap_or(&Value::Null);
    let several = audience.as_array().map_or(&[][..], Vec::as_slice);
    let ours = |one: &Value| one == client.id.as_str();
    if !(ours(audience) || several.iter().any(ours)) {
        return Err(refuse("is meant for somebody else"));
    }
    if several.len() > 1 && text(&claims, "azp") != client.id {
        return Err(refuse("was asked for by somebody else"));
    }
    if nonce.is_some_and(|nonce| nonce.is_empty() || text(&claims, "nonce") != nonce) {
        return Err(refuse("belongs to another attempt"));
    }
    let until = claims.get("exp").and_then(Value::as_i64).unwrap_or(0);
    if until + LEEWAY < now / 1_000 {
        return Err(refuse("has expired; is the clock of this device right?"));
    }
    let person = text(&claims, "sub");
    if person.is_empty() {
        return Err(refuse("names nobody"));
    }
    let tenant = text(&claims, "tid");
    let (name, mail) = (text(&claims, "name"), text(&claims, "email"));
    let login = [
        text(&claims, "preferred_username"),
        mail.clone(),
        name.clone(),
        person.clone(),
    ];
    Ok(Identity {
        subject: [client.issuer.as_str(), &person, &tenant]
            .join(" ")
            .trim_end()
            .into(),
        login: login
            .into_iter()
            .find(|one| !one.is_empty())
            .unwrap_or_default(),
        name,
        mail,
    })
}

/// A part of a token in the alphabet and with the padding of plain Base64.
fn as_base64(part: &str) -> String {
    let plain = part.replace('-', "+").replace('_', "/");
    let missing = (4 - plain.len() % 4) % 4;
    plain + &"=".repeat(missing)
}

/// Whether credentials sent there travel encrypted or stay on this machine.
pub fn is_safe(address: &str) -> bool {
    let here = |host: &str| {
        let rest = address
            .strip_prefix("http://")
            .and_then(|rest| rest.strip_prefix(host));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', ':']))
    };
    address.starts_with("https://") || here("127.0.0.1") || here("localhost")
}

fn text(json: &Value, key: &str) -> String {
    json.get(key).and_then(Value::as_str).unwrap_or("").into()
}

fn form(fields: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    pairs.join("&")
}

fn parse_form(query: &str) -> Vec<(String, String)> {
    let query = query.trim_start_matches('?');
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, value)| (decode(name), decode(&value.replace('+', " "))))
        .collect()
}
