//! What goes to the backend and what comes from it: operations, changes, the session.

use std::rc::Rc;

use super::{Notice, Runtime};
use crate::browser::store::{Applied, CUSTOMERS_AT, Change, META, RECORDS};
use crate::browser::{clock, http};
use crate::core::error::Error;
use crate::core::profile::{self, Body, Reply, Request, Session};
use crate::core::sync::{Answer, Event, Operation, Pulled, What};

/// Milliseconds between two notices while there is more to come.
const PATIENCE: i64 = 1_000;

impl Runtime {
    pub(super) async fn send(&self, operation: &Operation, case: Option<&str>) -> Answer {
        let case = case.unwrap_or("");
        if let What::Attach { file, .. } = &operation.what {
            return self.upload(operation, file, case).await;
        }
        let request = profile::request(operation, case);
        let csrf = self.csrf.borrow().clone();
        let reply = http::send(&self.base, &csrf, &request, None).await;
        let asked = profile::retry_after(reply.header("retry-after"), clock::now());
        profile::answer(reply.status, asked, &reply.body)
    }

    /// Looks for what an operation may have made whose key the backend may have forgotten.
    pub(super) async fn check(&self, operation: &Operation, case: Option<&str>) -> Event {
        let Some(request) = profile::check(operation, case.unwrap_or("")) else {
            return Event::Checked {
                operation: operation.id.clone(),
                found: None,
                certain: false,
            };
        };
        let reply = http::send(&self.base, "", &request, None).await;
        let asked = profile::retry_after(reply.header("retry-after"), clock::now());
        profile::checked(operation, reply.status, asked, &reply.body)
    }

    pub(super) async fn pull(self: &Rc<Self>, cursor: Option<String>) -> Pulled {
        let fence = self.fence();
        let request = Request {
            method: "GET",
            url: profile::changes_path(cursor.as_deref()),
            ..Request::default()
        };
        let reply = http::send(&self.base, "", &request, None).await;
        let asked = profile::retry_after(reply.header("retry-after"), clock::now());
        let (found, pulled) = profile::changes(reply.status, asked, &reply.body);
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
