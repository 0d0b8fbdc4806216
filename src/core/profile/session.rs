//! Who is signed in: the session of a backend-for-frontend, and the ways in which a profile says
//! how credentials travel and who they belong to.
//!
//! Nothing here keeps a secret: what was typed comes in as an argument and goes out as headers, and
//! `browser::credentials` holds it in memory only.

use serde_json::{Map, Value, json};

use super::Profile;
use super::errors::{Class, judge, trouble};
use super::exchange::{Conversation, Next, Reply, Request};
use super::lens::{self, Source};
use super::request::{self, Unmade};
use super::template;
use super::value::{Scope, at, text_at};
use crate::core::base64;
use crate::core::error::{Error, Kind};
use crate::core::oidc::{self, Client};
use crate::core::text::LocalText;

/// Who is signed in, or whom one could sign in as.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// Stable id of issuer, person and tenant; names the database. Empty if nobody is signed in.
    pub subject: String,
    /// Token for the header that proves a request comes from this page.
    pub csrf: String,
    /// The contact's id.
    pub contact: String,
    /// Name to show until the contact is known.
    pub login: String,
    /// Example sign-ins of a trial: login, password, name, note.
    pub examples: Vec<[String; 4]>,
    /// What else is known of the person, for a profile's templates, as JSON text; no secret. Empty where
    /// one signed in at a server that says no more than the above.
    pub person: String,
}

impl Session {
    /// What is known of the person, for a profile's templates.
    pub fn person(&self) -> Value {
        let known = serde_json::from_str::<Value>(&self.person).ok();
        let mut known = match known {
            Some(Value::Object(known)) => known,
            _ => Map::new(),
        };
        for (name, word) in [
            ("subject", &self.subject),
            ("contact", &self.contact),
            ("login", &self.login),
            ("name", &self.login),
        ] {
            known.entry(name).or_insert_with(|| word.as_str().into());
        }
        Value::Object(known)
    }
}

/// Reads the session; nobody being signed in is an answer, not an error.
pub fn session(status: u16, body: &str) -> Result<Session, Error> {
    let json = serde_json::from_str::<Value>(body).unwrap_or_default();
    let error = |kind: Kind| {
        let detail = Some(text_at(&json, "detail")).filter(|detail| !detail.is_empty());
        Err(Error::new(
            kind,
            detail.map_or_else(|| format!("session: status {status}"), String::from),
        ))
    };
    let word = |key: &str| text_at(&json, key).to_string();
    match status {
        200 if json.get("signed_in").is_some_and(Value::is_boolean) => Ok(Session {
            subject: word("subject"),
            csrf: word("csrf"),
            contact: word("contact_id"),
            login: word("login"),
            examples: at(&json, "examples")
                .as_array()
                .into_iter()
                .flatten()
                .map(|one| {
                    ["login", "password", "name", "note"].map(|key| text_at(one, key).into())
                })
                .collect(),
            person: String::new(),
        }),
        401 => error(Kind::SignedOut),
        429 | 503 => error(Kind::Busy),
        0 | 500..=599 => error(Kind::Unreachable),
        // Somebody answered who knows nothing of sessions: a captive portal, a proxy.
        200 => error(Kind::Unreadable),
        _ if json.is_null() => error(Kind::Unreadable),
        _ => error(Kind::Refused),
    }
}

/// The ways to sign in that a profile can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A cookie of the portal's own server.
    Cookie,
    /// Login and password with each request.
    Basic,
    /// Fixed headers with each request.
    Header,
    /// A token in exchange for login and password.
    Exchange,
    /// An OpenID provider.
    Oidc,
    /// Two of the others together.
    TwoToken,
}

/// Their words in a profile.
pub const WAYS: [(&str, Way); 6] = [
    ("cookie", Way::Cookie),
    ("basic", Way::Basic),
    ("header", Way::Header),
    ("exchange", Way::Exchange),
    ("oidc", Way::Oidc),
    ("two_token", Way::TwoToken),
];

/// How one signs in.
pub fn way(profile: &Profile) -> Way {
    let kind = text_at(at(profile.json(), "session"), "kind");
    let found = WAYS.iter().find(|(word, _)| *word == kind);
    found.map_or(Way::Cookie, |(_, way)| *way)
}

/// A session and the two that it may be made of.
fn parts(session: &Value) -> Vec<&Value> {
    let within = ["first", "second"].into_iter();
    let within = within.filter_map(|part| session.get(part)).flat_map(parts);
    std::iter::once(session).chain(within).collect()
}

/// Whether what is typed is exchanged for something that ends.
pub fn exchanges(profile: &Profile) -> bool {
    let all = parts(at(profile.json(), "session"));
    all.iter().any(|part| text_at(part, "kind") == "exchange")
}

/// The OpenID provider at which one signs in, where the profile names one. It must stand at an origin
/// that the deployment allows, since a person is sent there with a password in mind.
pub fn provider(profile: &Profile, allowed: &[String]) -> Option<Result<Client, Error>> {
    let all = parts(at(profile.json(), "session"));
    let part = all
        .into_iter()
        .find(|part| text_at(part, "kind") == "oidc")?;
    let issuer = text_at(part, "issuer");
    let within = |origin: &String| {
        let rest = issuer.strip_prefix(origin.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if !oidc::is_safe(issuer) || !allowed.iter().any(within) {
        let why = format!("portal.json: origins does not name that of {issuer}");
        return Some(Err(Error::new(Kind::Configuration, why)));
    }
    let scopes = at(part, "scopes").as_array().into_iter().flatten();
    let scopes: Vec<&str> = scopes.filter_map(Value::as_str).collect();
    Some(Ok(Client {
        issuer: issuer.into(),
        id: text_at(part, "client_id").into(),
        scope: match scopes.is_empty() {
            true => oidc::SCOPE.into(),
            false => scopes.join(" "),
        },
        redirect: String::new(),
    }))
}

/// The headers that an access token goes out in.
pub fn bearer(profile: &Profile, token: &str) -> Vec<(String, String)> {
    let mut made = headers(profile, &json!({ "access_token": token }));
    if made.is_empty() {
        made.push(("Authorization".into(), format!("Bearer {token}")));
    }
    made
}

/// What a sign-in form asks for: a login, a password or a key, or both; and how that is called where
/// the profile says so, empty where it does not. Nothing is asked for that no request would carry.
pub fn asked(profile: &Profile) -> [Option<LocalText>; 2] {
    let all = at(profile.json(), "session");
    ["login", "password"].map(|name| {
        let wanted = |part: &&Value| {
            let by_itself = text_at(part, "kind") == "basic" && part.get(name).is_none();
            by_itself || uses(part, name)
        };
        let label = || {
            let said = parts(all)
                .into_iter()
                .map(|part| at(at(part, "asks"), name));
            said.map(local).find(|label| !label.get("en").is_empty())
        };
        let is_wanted = parts(all).iter().any(wanted);
        is_wanted.then(|| label().unwrap_or_default())
    })
}

/// Whether a text in some value names this in braces.
pub(super) fn uses(value: &Value, name: &str) -> bool {
    match value {
        Value::String(text) => {
            let mut within = text.split('{').skip(1);
            let plain = |c: char| c.is_alphanumeric() || "_.".contains(c);
            within.any(|rest| {
                let inside = rest.split('}').next().unwrap_or("");
                inside.split(|c| !plain(c)).any(|word| word == name)
            })
        }
        Value::Array(all) => all.iter().any(|one| uses(one, name)),
        Value::Object(all) => all.values().any(|one| uses(one, name)),
        _ => false,
    }
}

fn local(value: &Value) -> LocalText {
    let mut text = LocalText::default();
    match value {
        Value::String(one) => text.insert("en", one),
        other => {
            for (lang, one) in other.as_object().into_iter().flatten() {
                text.insert(lang, one.as_str().unwrap_or(""));
            }
        }
    }
    text
}

/// The headers that prove who asks, from what was typed (`login`, `password`) and what the session
/// has bound. What is not known yet makes no header.
pub fn headers(profile: &Profile, known: &Value) -> Vec<(String, String)> {
    let mut made = Vec::new();
    add_headers(at(profile.json(), "session"), known, &mut made);
    made
}

fn add_headers(session: &Value, known: &Value, made: &mut Vec<(String, String)>) {
    let mut scope = known.as_object().cloned().unwrap_or_default();
    scope.insert("session".into(), known.clone());
    let usual = json!({ "Authorization": "Bearer {access_token}" });
    let named = match (text_at(session, "kind"), session.get("headers")) {
        ("oidc", None) => &usual,
        (_, headers) => headers.unwrap_or(&Value::Null),
    };
    if text_at(session, "kind") == "basic" {
        let part = |key: &str, usual: &str| {
            let words = at(session, key).as_str().unwrap_or(usual).to_string();
            template::say(&words, &scope)
        };
        if let (Some(login), Some(password)) =
            (part("login", "{login}"), part("password", "{password}"))
        {
            let pair = base64::encode(format!("{login}:{password}").as_bytes());
            request::set_header(made, "Authorization", &format!("Basic {pair}"));
        }
    }
    for (name, words) in named.as_object().into_iter().flatten() {
        let value = words
            .as_str()
            .and_then(|words| template::say(words, &scope));
        if let Some(value) = value {
            request::set_header(made, name, &value);
        }
    }
    for part in ["first", "second"] {
        if let Some(session) = session.get(part) {
            add_headers(session, known, made);
        }
    }
    for (name, words) in at(session, "impersonate").as_object().into_iter().flatten() {
        let value = words
            .as_str()
            .and_then(|words| template::say(words, &scope));
        if let Some(value) = value {
            request::set_header(made, name, &value);
        }
    }
}

/// Whether an answer means, by the profile's own word, that a token has ended.
pub fn has_expired(profile: &Profile, from: Source) -> bool {
    let all = parts(at(profile.json(), "session"));
    let mut tests = all.into_iter().filter_map(|part| part.get("expired"));
    tests.any(|test| lens::holds(test, from))
}

/// Who somebody is, and what further requests need to prove it.
#[derive(Clone, Debug, PartialEq)]
pub struct SignedIn {
    /// Who.
    pub session: Session,
    /// What is known of the person: `subject`, `contact`, `name`, `email`, `company`, `login`, and what
    /// `who` binds. Holds no secret.
    pub person: Value,
    /// What was typed and bound, for [`headers`]. Secret: to be kept in memory only.
    pub known: Value,
}

/// Finds out who somebody is by the profile's check request, exchanging what was typed first where
/// the profile says so.
pub struct SignIn<'p> {
    profile: &'p Profile,
    known: Map<String, Value>,
    /// What the check request has bound for templates.
    bound: Map<String, Value>,
    typed: String,
    /// The exchanges that are still to be made.
    left: Vec<&'p Value>,
    asked: Option<Request>,
}

impl<'p> SignIn<'p> {
    /// Begins with what was typed or brought along: `login` and `password`, or `access_token`.
    pub fn new(profile: &'p Profile, typed: &Value) -> SignIn<'p> {
        let mut left = parts(at(profile.json(), "session"));
        left.retain(|part| text_at(part, "kind") == "exchange");
        SignIn {
            profile,
            known: typed.as_object().cloned().unwrap_or_default(),
            bound: Map::new(),
            typed: text_at(typed, "login").into(),
            left,
            asked: None,
        }
    }

    /// The request that tells who it is.
    fn who(&self) -> &'p Value {
        let all = parts(at(self.profile.json(), "session"));
        let who = all.into_iter().find_map(|part| part.get("who"));
        who.unwrap_or(&Value::Null)
    }

    fn scope(&self) -> Scope {
        let mut scope = self.known.clone();
        scope.insert("session".into(), Value::Object(self.known.clone()));
        scope
    }

    fn ask(&mut self) -> Next<Result<SignedIn, Error>> {
        let spec = match self.left.first() {
            Some(exchange) => at(exchange, "request"),
            None => self.who(),
        };
        if spec.is_null() {
            return Next::Done(self.signed_in());
        }
        let made = request::make(self.profile, spec, &self.scope(), "", &Value::Null);
        match made {
            Ok(mut request) => {
                let known = Value::Object(self.known.clone());
                for (name, value) in headers(self.profile, &known) {
                    request::set_header(&mut request.headers, &name, &value);
                }
                self.asked = Some(request.clone());
                Next::Ask(request)
            }
            Err(Unmade::Address(why) | Unmade::Field(why)) => {
                Next::Done(Err(Error::new(Kind::Configuration, why)))
            }
        }
    }

    fn hear(&mut self, reply: &Reply, now: i64) -> Result<(), Error> {
        let scope = self.scope();
        let verdict = judge(self.profile, reply, &scope, now);
        let request = self.asked.clone().unwrap_or_default();
        if verdict.class != Class::Ok || verdict.json.is_null() {
            return Err(trouble(&request, reply, &verdict));
        }
        let from = Source {
            row: &verdict.json,
            reply: Some(reply),
            scope: &scope,
            maps: self.profile.maps(&Value::Null),
        };
        let exchange = self.left.first().copied();
        let spec = exchange.unwrap_or(self.who());
        let mut found = Map::new();
        for (name, source) in at(spec, "bind").as_object().into_iter().flatten() {
            found.insert(name.clone(), lens::read(source, from));
        }
        let is_missing = if exchange.is_some() {
            found.values().any(Value::is_null)
        } else {
            self.bound = found.clone();
            for name in ["subject", "contact", "name", "email", "company", "login"] {
                let value = spec.get(name).map(|source| lens::read_text(source, from));
                if let Some(value) = value.filter(|value| !value.is_empty()) {
                    found.insert(name.into(), value.into());
                }
            }
            !found.contains_key("subject")
        };
        if is_missing {
            let error = trouble(&request, reply, &verdict);
            let what = format!("{}: who is it?", error.context());
            return Err(Error::new(Kind::Unreadable, what));
        }
        self.known.extend(found);
        Ok(())
    }

    fn signed_in(&self) -> Result<SignedIn, Error> {
        let word = |key: &str| {
            let found = self.known.get(key).and_then(Value::as_str);
            found.unwrap_or("").to_string()
        };
        let first = |words: [String; 3]| {
            let mut words = words.into_iter().filter(|word| !word.is_empty());
            words.next().unwrap_or_default()
        };
        let own = first([word("subject"), word("login"), String::new()]);
        if own.is_empty() {
            return Err(Error::new(
                Kind::Configuration,
                "session: nothing tells who it is",
            ));
        }
        // The same person at two backends is two accounts.
        let subject = format!("{}/{own}", text_at(self.profile.json(), "id"));
        let mut person = self.bound.clone();
        for name in ["contact", "name", "email", "company", "login"] {
            person.insert(name.into(), word(name).into());
        }
        person.insert("subject".into(), subject.clone().into());
        let person = Value::Object(person);
        Ok(SignedIn {
            session: Session {
                subject,
                contact: word("contact"),
                // What was typed is what is typed the next time.
                login: first([self.typed.clone(), word("login"), word("name")]),
                person: person.to_string(),
                ..Session::default()
            },
            person,
            known: Value::Object(self.known.clone()),
        })
    }
}

impl Conversation for SignIn<'_> {
    type Outcome = Result<SignedIn, Error>;

    fn next(&mut self, reply: Option<Reply>, now: i64) -> Next<Self::Outcome> {
        if let Some(reply) = reply {
            if let Err(error) = self.hear(&reply, now) {
                return Next::Done(Err(error));
            }
            if self.left.is_empty() {
                return Next::Done(self.signed_in());
            }
            self.left.remove(0);
        }
        self.ask()
    }
}
