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
}

impl Session {
    /// What is known of the person, for a profile's templates.
    pub fn person(&self) -> Value {
        json!({
            "subject": self.subject, "contact": self.contact, "login": self.login,
            "name": self.login,
        })
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

/// The headers that prove who asks, from what was typed (`login`, `password`) and what the session
/// has bound. What is not known yet makes no header.
pub fn headers(profile: &Profile, known: &Value) -> Vec<(String, String)> {
    let mut made = Vec::new();
    add_headers(at(profile.json(), "session"), known, &mut made);
    made
}

fn add_headers(session: &Value, known: &Value, made: &mut Vec<(String, String)>) {
    let scope = known.as_object().cloned().unwrap_or_default();
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

/// Whether an answer means that an exchanged token has ended.
pub fn has_expired(profile: &Profile, reply: &Reply) -> bool {
    let session = at(profile.json(), "session");
    let json = serde_json::from_str::<Value>(&reply.body).unwrap_or_default();
    let scope = Scope::new();
    let from = Source {
        row: &json,
        reply: Some(reply),
        scope: &scope,
        maps: profile.maps(&Value::Null),
    };
    match session.get("expired") {
        Some(test) => lens::holds(test, from),
        None => reply.status == 401,
    }
}

/// Who somebody is, and what further requests need to prove it.
#[derive(Clone, Debug, PartialEq)]
pub struct SignedIn {
    /// Who.
    pub session: Session,
    /// What is known of the person: `subject`, `contact`, `name`, `email`, `company`, `login`. Holds
    /// no secret.
    pub person: Value,
    /// What was typed and bound, for [`headers`]. Secret: to be kept in memory only.
    pub known: Value,
}

/// Finds out who somebody is by the profile's check request, exchanging what was typed first where
/// the profile says so.
pub struct SignIn<'p> {
    profile: &'p Profile,
    known: Map<String, Value>,
    exchanged: bool,
    asked: Option<Request>,
}

impl<'p> SignIn<'p> {
    /// Begins with what was typed or brought along: `login` and `password`, or `access_token`.
    pub fn new(profile: &'p Profile, typed: &Value) -> SignIn<'p> {
        let known = typed.as_object().cloned().unwrap_or_default();
        SignIn {
            profile,
            known,
            exchanged: way(profile) != Way::Exchange,
            asked: None,
        }
    }

    fn spec(&self) -> &'p Value {
        let session = at(self.profile.json(), "session");
        match self.exchanged {
            true => at(session, "who"),
            false => at(session, "request"),
        }
    }

    fn scope(&self) -> Scope {
        let mut scope = self.known.clone();
        scope.insert("session".into(), Value::Object(self.known.clone()));
        scope
    }

    fn ask(&mut self) -> Next<Result<SignedIn, Error>> {
        let spec = self.spec();
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
        let spec = self.spec();
        let session = at(self.profile.json(), "session");
        let from = Source {
            row: &verdict.json,
            reply: Some(reply),
            scope: &scope,
            maps: self.profile.maps(&Value::Null),
        };
        let bind = match self.exchanged {
            true => at(spec, "bind"),
            false => at(session, "bind"),
        };
        let mut found = Map::new();
        for (name, source) in bind.as_object().into_iter().flatten() {
            found.insert(name.clone(), lens::read(source, from));
        }
        for name in ["subject", "contact", "name", "email", "company", "login"] {
            if let Some(source) = spec.get(name).filter(|_| self.exchanged) {
                let value = lens::read_text(source, from);
                if !value.is_empty() {
                    found.insert(name.into(), value.into());
                }
            }
        }
        let missing = match self.exchanged {
            true => found.get("subject").is_none(),
            false => found.values().any(Value::is_null),
        };
        if missing {
            let mut error = trouble(&request, reply, &verdict);
            error = Error::new(Kind::Unreadable, format!("{}: who is it?", error.context()));
            return Err(error);
        }
        self.known.extend(found);
        Ok(())
    }

    fn signed_in(&self) -> Result<SignedIn, Error> {
        let word = |key: &str| {
            let found = self.known.get(key).and_then(Value::as_str);
            found.unwrap_or("").to_string()
        };
        let own = match word("subject") {
            none if none.is_empty() => word("login"),
            subject => subject,
        };
        if own.is_empty() {
            return Err(Error::new(
                Kind::Configuration,
                "session: nothing tells who it is",
            ));
        }
        let mut person = Map::new();
        for name in ["contact", "name", "email", "company", "login"] {
            person.insert(name.into(), word(name).into());
        }
        // The same person at two backends is two accounts.
        let subject = format!("{}/{own}", text_at(self.profile.json(), "id"));
        person.insert("subject".into(), subject.clone().into());
        let login = match word("name") {
            none if none.is_empty() => word("login"),
            name => name,
        };
        Ok(SignedIn {
            session: Session {
                subject,
                contact: word("contact"),
                login,
                ..Session::default()
            },
            person: Value::Object(person),
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
            if self.exchanged {
                return Next::Done(self.signed_in());
            }
            self.exchanged = true;
        }
        self.ask()
    }
}
