//! The sign-in that a backend's profile describes: what was typed is tried, and what proves it from
//! then on is held ([`super::credentials`]).
//!
//! What was typed stays in memory and only as long as the credentials do: where a token was given for
//! it, it brings the next token once the first has ended.

use std::rc::Rc;
use std::sync::Arc;

use serde_json::Value;

use super::{clock, credentials, http};
use crate::core::error::Error;
use crate::core::profile::session::{self, SignIn, SignedIn};
use crate::core::profile::{Conversation, Next, Profile, Session};

/// Signs in at the backend at `base`; `typed` holds `login` and `password`, as far as they were asked.
pub async fn sign_in(base: &str, profile: &Arc<Profile>, typed: &Value) -> Result<Session, Error> {
    // No cookie goes along, so that no browser asks for a password of its own.
    credentials::hold(Vec::new(), None);
    let signed = who(base, profile, typed).await?;
    let session = signed.session.clone();
    hold(base.into(), profile.clone(), typed.clone(), signed);
    Ok(session)
}

/// Who it is by what is typed, or by the credentials that are held.
pub async fn who(base: &str, profile: &Profile, typed: &Value) -> Result<SignedIn, Error> {
    let mut talk = SignIn::new(profile, typed);
    let mut reply = None;
    loop {
        match talk.next(reply.take(), clock::now()) {
            Next::Done(outcome) => return outcome,
            Next::Ask(request) => reply = Some(http::send(base, "", &request, None).await),
        }
    }
}

fn hold(base: String, profile: Arc<Profile>, typed: Value, signed: SignedIn) {
    let headers = session::headers(&profile, &signed.known);
    let subject = signed.session.subject;
    // What is sent with each request as it was typed can't be renewed by sending it once more.
    let renews = session::exchanges(&profile);
    let renewal: credentials::Renewal = Rc::new(move || {
        let (base, profile, typed) = (base.clone(), profile.clone(), typed.clone());
        let subject = subject.clone();
        Box::pin(async move {
            match who(&base, &profile, &typed).await {
                Ok(again) if again.session.subject == subject => {
                    hold(base, profile, typed, again);
                    true
                }
                _ => false,
            }
        })
    });
    credentials::hold(headers, renews.then_some((i64::MAX, renewal)));
}
