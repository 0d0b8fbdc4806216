//! What goes to the backend and what comes from it: operations, changes, the session.

use std::future::pending;
use std::rc::Rc;

use serde_json::Value;
use wasm_bindgen::JsValue;

use super::keep::memory_key;
use super::payload::payload;
use super::{Notice, Runtime};
use crate::browser::store::{Applied, CUSTOMERS_AT, Change, META, RECORDS};
use crate::browser::{clock, credentials, files, http, page};
use crate::core::draft::DraftFile;
use crate::core::error::Error;
use crate::core::profile::errors::{Class, judge, trouble as trouble_of};
use crate::core::profile::value::Scope;
use crate::core::profile::{
    self, Body, Conversation, Next, Performed, Pull, Reply, Request, Session, rate,
};
use crate::core::sync::{Answer, Event, Operation, Pulled, What};

/// Milliseconds between two notices while there is more to come.
const PATIENCE: i64 = 1_000;

impl Runtime {
    /// Asks the backend, with credentials whose time is not over.
    async fn ask(&self, request: &Request, payload: Option<JsValue>) -> Reply {
        credentials::freshen().await;
        let csrf = self.csrf.borrow().clone();
        let reply = http::send(&self.base, &csrf, request, payload).await;
        if let Some(profile) = self.profile() {
            let now = clock::now();
            self.not_before
                .set(now + rate::pause(&profile, &reply, now));
        }
        reply
    }

    /// Waits where the backend has said that requests run short; whether it did.
    async fn breathe(&self) -> bool {
        let wait = self.not_before.get() - clock::now();
        // A clock that was set back must not hold anything up.
        let wait = i32::try_from(wait.min(rate::LONGEST)).unwrap_or(0);
        if wait > 0 {
            page::within(wait, pending::<()>()).await;
        }
        wait > 0
    }

    /// Performs an operation through the backend's profile.
    pub(super) async fn send(
        self: &Rc<Self>,
        operation: &Operation,
        case: Option<&str>,
        fence: u64,
    ) -> Answer {
        let Some(profile) = self.profile() else {
            return Answer::Later(None);
        };
        let mut operation = operation.clone();
        if let What::Attach { file, .. } = &mut operation.what {
            match files::digest(&self.store, file, |_| {}).await {
                Ok(Some(sha256)) => file.sha256 = sha256,
                Ok(None) => return not_here(file),
                Err(error) => return self.later(error),
            }
        }
        let remembered = match self.remembered(&operation.id).await {
            Ok(remembered) => remembered,
            Err(error) => return self.later(error),
        };
        let session = self.session.borrow().clone();
        let case = case.unwrap_or("");
        let talk = profile::perform(&profile, &operation, case, &session, remembered.as_ref());
        let answer = self.talk(&operation, talk, remembered, fence).await;
        if matches!(answer, Answer::Refused { .. } | Answer::Conflict { .. }) {
            // It is over; whoever tries again means it anew.
            let gone = Change::Delete(META, memory_key(&operation.id));
            if let Err(error) = self.store.apply(vec![gone], None).await {
                (self.notify)(Notice::Problem(error));
            }
        }
        answer
    }

    /// The loop between a conversation and the network. What must be kept is kept before the next
    /// request goes out, and none goes out once the operation was paused, given up or passed on.
    async fn talk(
        self: &Rc<Self>,
        operation: &Operation,
        mut talk: Performed<'_>,
        mut remembered: Option<Value>,
        fence: u64,
    ) -> Answer {
        let file = match &operation.what {
            What::Attach { file, .. } => Some(file),
            _ => None,
        };
        let size = file.map_or(0, |file| file.size);
        let mut reply = None;
        let mut trouble = None;
        loop {
            let is_first = reply.is_none();
            let next = talk.next(reply.take(), clock::now());
            let memory = talk.memory();
            if memory.is_some() && memory != remembered {
                if let Err(error) = self.remember(&operation.id, memory.as_ref()).await {
                    return self.later(error);
                }
                remembered = memory;
            }
            let request = match next {
                Next::Ask(request) => request,
                Next::Done(answer) => {
                    // What is still at work there says when to come back, and is no trouble.
                    let told = |one: &(Class, Error)| match answer {
                        Answer::Later(asked) => one.0 != Class::Ok || asked.is_none(),
                        _ => false,
                    };
                    let told = trouble.filter(told).map(|(_, error)| error);
                    *self.unsent_for.borrow_mut() = told;
                    return answer;
                }
            };
            let waited = self.breathe().await;
            if (waited || !is_first) && !self.goes_on(&operation.id, fence).await {
                return Answer::Stopped;
            }
            if let Some(done) = talk.progress() {
                self.note_upload(&operation.id, done, size);
            }
            let payload = match payload(&self.store, &request.body, size).await {
                Ok(payload) => payload,
                Err(None) => return file.map_or(Answer::Later(None), not_here),
                Err(Some(error)) => return self.later(error),
            };
            let heard = self.ask(&request, payload).await;
            trouble = self.profile().map(|profile| {
                let verdict = judge(&profile, &heard, &Scope::new(), clock::now());
                let error = trouble_of(&request, &heard, &verdict);
                (verdict.class, error)
            });
            reply = Some(heard);
        }
    }

    fn later(&self, error: Error) -> Answer {
        (self.notify)(Notice::Problem(error));
        Answer::Later(None)
    }

    async fn remembered(&self, operation: &str) -> Result<Option<Value>, Error> {
        let text = self.store.get(META, &memory_key(operation)).await?;
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    async fn remember(&self, operation: &str, memory: Option<&Value>) -> Result<(), Error> {
        let key = memory_key(operation);
        let change = match memory {
            Some(memory) => Change::Put(META, key, memory.to_string()),
            None => Change::Delete(META, key),
        };
        self.store.apply(vec![change], None).await.map(|_| ())
    }

    /// Looks for what an operation may have made whose answer was lost.
    pub(super) async fn check(
        self: &Rc<Self>,
        operation: &Operation,
        case: Option<&str>,
        fence: u64,
    ) -> Event {
        let answered = |answer| Event::Answered {
            operation: operation.id.clone(),
            answer,
        };
        let Some(profile) = self.profile() else {
            return answered(Answer::Later(None));
        };
        let remembered = match self.remembered(&operation.id).await {
            Ok(remembered) => remembered,
            Err(error) => return answered(self.later(error)),
        };
        let session = self.session.borrow().clone();
        let case = case.unwrap_or("");
        let mut look = profile::look(&profile, operation, case, &session, remembered.as_ref());
        let mut reply = None;
        loop {
            let is_first = reply.is_none();
            let request = match look.next(reply.take(), clock::now()) {
                Next::Done(event) => return event,
                Next::Ask(request) => request,
            };
            let waited = self.breathe().await;
            if (waited || !is_first) && !self.goes_on(&operation.id, fence).await {
                return answered(Answer::Stopped);
            }
            reply = Some(self.ask(&request, None).await);
        }
    }

    /// What went wrong with the last look for changes or, if that went well, with what was sent last,
    /// in words.
    pub fn trouble(&self) -> Option<Error> {
        let looked = self.trouble.borrow().clone();
        looked.or_else(|| self.unsent_for.borrow().clone())
    }

    pub(super) async fn pull(self: &Rc<Self>, cursor: Option<String>) -> Pulled {
        let fence = self.fence();
        let Some(profile) = self.profile() else {
            return Pulled::Later(None);
        };
        let session = self.session.borrow().clone();
        let mut pull = Pull::new(&profile, &session, cursor.as_deref());
        let mut reply = None;
        let looked = loop {
            let request = match pull.next(reply.take(), clock::now()) {
                Next::Done(looked) => break looked,
                Next::Ask(request) => request,
            };
            self.breathe().await;
            if self.stopped.get() {
                return Pulled::Later(None);
            }
            reply = Some(self.ask(&request, None).await);
        };
        *self.trouble.borrow_mut() = looked.trouble;
        let (found, pulled) = (looked.changes, looked.pulled);
        let Pulled::Until { cursor: next, more } = &pulled else {
            self.tell_of_records();
            return pulled;
        };
        let mut changes = Vec::new();
        if cursor.is_none() {
            // From the start: what is not in the answer any more must not stay.
            changes.push(Change::DeleteAll(RECORDS, String::new()));
        }
        let any = !found.is_empty() || cursor.is_none();
        let now = clock::now();
        if cursor.is_none() || found.iter().any(|change| change.kind == "customer") {
            let stamp = format!("{now} {next}");
            changes.push(Change::Put(META, CUSTOMERS_AT.into(), stamp));
        }
        for change in found {
            let key = format!("{}/{}", change.kind, change.id);
            changes.push(match change.record {
                Some(record) => Change::Put(RECORDS, key, record.to_string()),
                None => Change::Delete(RECORDS, key),
            });
        }
        changes.push(Change::Put(META, "cursor".into(), next.clone()));
        changes.push(Change::Put(META, "pulled_at".into(), now.to_string()));
        match self.apply_under(fence, changes, None).await {
            // Another tab looks for changes by now.
            Ok(Applied::Stale) => Pulled::Later(None),
            Ok(Applied::Yes) => {
                self.untold.set(self.untold.get() || any);
                // A long first look comes in many pieces, and reading them all again for each
                // would make it much longer.
                if !more || self.told_at.get() + PATIENCE <= now {
                    self.tell_of_records();
                }
                pulled
            }
            Err(error) => {
                (self.notify)(Notice::Problem(error));
                Pulled::Later(None)
            }
        }
    }

    fn tell_of_records(&self) {
        if self.untold.replace(false) {
            self.told_at.set(clock::now());
            (self.notify)(Notice::Records);
            self.tell_tabs();
        }
    }
}

fn not_here(file: &DraftFile) -> Answer {
    let code = match file.is_kept() {
        true => "file_gone",
        false => "file_not_here",
    };
    Answer::Refused {
        code: code.into(),
        detail: file.name.clone(),
    }
}

/// Asks who is signed in.
pub async fn session(base: &str) -> Result<Session, Error> {
    let reply = http::send(base, "", &session_request("GET", Body::None), None).await;
    read_session(reply)
}

/// Signs in.
pub async fn sign_in(base: &str, login: &str, password: &str) -> Result<Session, Error> {
    let body = Body::Json(serde_json::json!({ "login": login, "password": password }));
    let reply = http::send(base, "", &session_request("POST", body), None).await;
    read_session(reply)
}

/// Signs out at the backend.
pub async fn sign_out(base: &str, csrf: &str) -> Result<(), Error> {
    let reply = http::send(base, csrf, &session_request("DELETE", Body::None), None).await;
    // Whoever is signed in no longer was signed out by someone else.
    match reply.status {
        200..=299 | 401 => Ok(()),
        _ => read_session(reply).map(|_| ()),
    }
}

fn session_request(method: &'static str, body: Body) -> Request {
    Request {
        method,
        url: "/session".into(),
        body,
        ..Request::default()
    }
}

fn read_session(reply: Reply) -> Result<Session, Error> {
    if reply.status == 0 {
        return Err(Error::new(
            crate::core::error::Kind::Unreachable,
            "session: no answer",
        ));
    }
    profile::session(reply.status, &reply.body)
}
