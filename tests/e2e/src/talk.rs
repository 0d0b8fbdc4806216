//! A backend's profile performed on a real server, without a browser: the same conversations that the
//! portal has, request by request.

use std::collections::BTreeMap;

use casement::core::profile::exchange::{Body, Part};
use casement::core::profile::session::{SignIn, headers};
use casement::core::profile::{self, Change, Conversation, Next, Profile, Pull, Reply, Request};
use casement::core::sync::{Answer, Event, Operation, Pulled};
use serde_json::{Value, json};

/// Most looks until everything was seen; a server that promises more without end fails the test.
const MOST_LOOKS: usize = 50;

/// Somebody who is signed in at a server.
#[derive(Debug)]
pub struct Talk {
    profile: Profile,
    base: String,
    origin: String,
    person: Value,
    known: Value,
    cursor: Option<String>,
    /// The newest state of every record, by kind and id.
    pub records: BTreeMap<(String, String), Value>,
    client: reqwest::Client,
    /// The latest exchanges, for whoever has to understand a failure.
    heard: std::cell::RefCell<Vec<String>>,
}

impl Talk {
    /// Signs in by the profile's way. `base` is where the API begins; `origin` is told as the page's, as
    /// the proxy of a deployment does.
    pub async fn sign_in(
        profile: Value,
        base: &str,
        origin: &str,
        login: &str,
        password: &str,
    ) -> Talk {
        let profile = Profile::read(profile, base, &[])
            .unwrap_or_else(|problems| panic!("the profile has mistakes: {problems:#?}"));
        let mut talk = Talk {
            profile,
            base: base.into(),
            origin: origin.into(),
            person: Value::Null,
            known: Value::Null,
            cursor: None,
            records: BTreeMap::new(),
            client: reqwest::Client::new(),
            heard: Default::default(),
        };
        let typed = json!({ "login": login, "password": password });
        let profile = talk.profile.clone();
        let signed = talk.perform(&mut SignIn::new(&profile, &typed)).await;
        let signed = signed.unwrap_or_else(|error| panic!("nobody could sign in: {error}"));
        talk.person = signed.person;
        talk.known = signed.known;
        talk
    }

    /// What is known of the person.
    pub fn person(&self) -> &Value {
        &self.person
    }

    /// Performs an operation; `memory` is what an earlier try has left.
    pub async fn send(
        &self,
        what: Value,
        key: &str,
        case: &str,
        memory: &mut Option<Value>,
    ) -> Answer {
        let operation = operation(&what, key);
        let left = memory.clone();
        let mut talk =
            profile::perform(&self.profile, &operation, case, &self.person, left.as_ref());
        let answer = self.perform(talk.as_mut()).await;
        *memory = talk.memory();
        answer
    }

    /// Sends an operation once more whose answer was lost, as the portal's engine does: where the
    /// backend knows no keys, it looks first whether it was done.
    pub async fn again(
        &self,
        what: Value,
        key: &str,
        case: &str,
        memory: &mut Option<Value>,
    ) -> Answer {
        if self.profile.key_life() == 0 {
            let operation = operation(&what, key);
            let left = memory.clone();
            let mut look =
                profile::look(&self.profile, &operation, case, &self.person, left.as_ref());
            match self.perform(look.as_mut()).await {
                Event::Checked {
                    found: Some(record),
                    ..
                } => return Answer::Accepted(record),
                Event::Checked { certain: true, .. } => {}
                other => panic!("nobody can tell whether it was done: {other:?}"),
            }
        }
        self.send(what, key, case, memory).await
    }

    /// Does something that must succeed, and returns the record.
    pub async fn accepted(&self, what: Value, key: &str, case: &str) -> Value {
        match self.send(what.clone(), key, case, &mut None).await {
            Answer::Accepted(record) => record,
            other => panic!("{what} was not accepted: {other:?}\n{}", self.heard()),
        }
    }

    /// Reads all changes since the last time.
    pub async fn look(&mut self) -> Vec<Change> {
        let mut all = Vec::new();
        for _ in 0..MOST_LOOKS {
            let mut pull = Pull::new(&self.profile, &self.person, self.cursor.as_deref());
            let looked = self.perform(&mut pull).await;
            assert_eq!(
                looked.trouble,
                None,
                "the look went wrong\n{}",
                self.heard()
            );
            let Pulled::Until { cursor, more } = looked.pulled else {
                panic!("the look ended with {:?}", looked.pulled);
            };
            self.cursor = Some(cursor);
            for change in &looked.changes {
                let place = (change.kind.clone(), change.id.clone());
                match &change.record {
                    Some(record) => self.records.insert(place, record.clone()),
                    None => self.records.remove(&place),
                };
            }
            all.extend(looked.changes);
            if !more {
                return all;
            }
        }
        panic!("the server promises more without end");
    }

    /// The records of a kind.
    pub fn all(&self, kind: &str) -> Vec<&Value> {
        let of_kind = self.records.iter().filter(|((of, _), _)| of == kind);
        of_kind.map(|(_, record)| record).collect()
    }

    /// The bytes of an attachment, as the profile downloads it.
    pub async fn download(&self, attachment: &Value) -> Vec<u8> {
        let text = |key: &str| attachment[key].as_str().unwrap_or_default();
        let download = profile::download(&self.profile, text("id"), text("case_id"));
        let download = download.expect("the profile says how files are downloaded");
        let request = &download.request;
        let answer = self
            .client
            .get(self.address(request))
            .headers(self.proof(request));
        let answer = answer.send().await.expect("the server answers");
        let bytes = answer.bytes().await.expect("a content arrives").to_vec();
        if download.is_raw {
            return bytes;
        }
        let unpacked = download.unpack(&String::from_utf8_lossy(&bytes));
        unpacked.expect("a file is in the answer")
    }

    async fn perform<T>(&self, talk: &mut dyn Conversation<Outcome = T>) -> T {
        let now = now();
        let mut reply = None;
        loop {
            match talk.next(reply.take(), now) {
                Next::Done(outcome) => return outcome,
                Next::Ask(request) => reply = Some(self.ask(&request).await),
            }
        }
    }

    fn address(&self, request: &Request) -> String {
        match request.url.contains("://") {
            true => request.url.clone(),
            false => format!("{}{}", self.base, request.url),
        }
    }

    fn proof(&self, request: &Request) -> reqwest::header::HeaderMap {
        let mut all = reqwest::header::HeaderMap::new();
        let own = match request.foreign {
            true => Vec::new(),
            false => headers(&self.profile, &self.known),
        };
        for (name, value) in own.into_iter().chain(request.headers.clone()) {
            let name = reqwest::header::HeaderName::from_bytes(name.as_bytes());
            all.insert(
                name.expect("a header has a name"),
                value.parse().expect("a header has a value"),
            );
        }
        all
    }

    /// The latest exchanges, in words.
    pub fn heard(&self) -> String {
        self.heard
            .borrow()
            .iter()
            .rev()
            .take(8)
            .rev()
            .cloned()
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// Asks, and notes what was said.
    async fn ask(&self, request: &Request) -> Reply {
        let reply = self.pass(request).await;
        let said: String = reply.body.chars().take(600).collect();
        let line = format!(
            "{} {} {:?}\n  {} {said}",
            request.method, request.url, request.body, reply.status
        );
        self.heard.borrow_mut().push(line);
        reply
    }

    /// Status 0 stands for no answer, as in the browser.
    async fn pass(&self, request: &Request) -> Reply {
        let method = reqwest::Method::from_bytes(request.method.as_bytes());
        let method = method.expect("a method is a word");
        let asked = self
            .client
            .request(method, self.address(request))
            .header("Origin", &self.origin)
            .header("Host", self.origin.trim_start_matches("http://"))
            .headers(self.proof(request));
        let asked = match &request.body {
            Body::None => asked,
            Body::Json(json) => asked.json(json),
            Body::Text { text, media_type } => {
                asked.header("Content-Type", media_type).body(text.clone())
            }
            Body::Form(parts) => asked.multipart(form(parts)),
            Body::File { media_type, .. } => {
                asked.header("Content-Type", media_type).body(content())
            }
            other => panic!("no profile of these tests sends {other:?}"),
        };
        let Ok(answer) = asked.send().await else {
            return Reply::default();
        };
        let status = answer.status().as_u16();
        let of_answer =
            |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
                Some((name.as_str().to_string(), value.to_str().ok()?.to_string()))
            };
        let headers = answer.headers().iter().filter_map(of_answer).collect();
        match answer.text().await {
            Ok(body) => Reply {
                status,
                headers,
                body,
                cut: false,
            },
            Err(_) => Reply::default(),
        }
    }
}

fn operation(what: &Value, key: &str) -> Operation {
    let operation = Operation::from_json(&json!({
        "id": key, "subject": "any", "created_at": 1, "what": what, "state": { "is": "waiting" },
    }));
    operation.unwrap_or_else(|| panic!("{what} is an operation"))
}

/// The bytes of every file in these tests, none of which is text.
pub fn content() -> Vec<u8> {
    (0..=255).cycle().take(70_000).collect()
}

fn form(parts: &[Part]) -> reqwest::multipart::Form {
    parts
        .iter()
        .fold(reqwest::multipart::Form::new(), |form, part| match part {
            Part::Text {
                name,
                text,
                media_type,
            } => {
                let part = reqwest::multipart::Part::text(text.clone());
                let part = match media_type.is_empty() {
                    true => part,
                    false => part.mime_str(media_type).expect("a media type"),
                };
                form.part(name.clone(), part)
            }
            Part::File {
                name,
                file_name,
                media_type,
                ..
            } => {
                let part = reqwest::multipart::Part::bytes(content()).file_name(file_name.clone());
                let part = part.mime_str(media_type).expect("a media type");
                form.part(name.clone(), part)
            }
        })
}

fn now() -> i64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(0, |since| since.as_millis() as i64)
}
