//! Signs in, once, for everything (CMS-02): by the portal's own form, or at a provider in a window of
//! its own.

use crate::ui::dom::prelude::*;
use leptos::task::spawn_local;

use std::rc::Rc;

use serde_json::json;

use crate::browser::{oidc, runtime, sign_in as by_profile};
use crate::core::error::{Error, Kind};
use crate::core::oidc::{Client, Identity, Return};
use crate::core::profile::session::Way;
use crate::core::profile::{Session, session};
use crate::ui::pages::later::{self, Act};
use crate::ui::state::App;
use crate::ui::wiring::enter;

/// How a sign-in goes, for the page that shows it.
#[derive(Clone, Copy)]
pub struct Course {
    /// Whether it is under way.
    pub busy: RwSignal<bool>,
    /// Why it did not come about.
    pub refused: RwSignal<Option<Error>>,
}

/// Signs in with what was typed, at the backend itself or by the way its profile names.
pub fn sign_in(app: App, login: String, password: String, course: Course, by_profile: bool) {
    course.busy.set(true);
    course.refused.set(None);
    if by_profile {
        return later::act(app, Act::SignInBy(login, password, course));
    }
    spawn_local(async move {
        let session = runtime::sign_in(&app.api(), login.trim(), &password).await;
        finish(app, session, course).await;
    });
}

/// Signs in with what was typed by the way that the backend's profile names; part of what comes later.
pub async fn by_typing(app: App, login: String, password: String, course: Course) {
    let mut typed = json!({});
    for (name, text) in [("login", login.trim()), ("password", &password)] {
        if !text.is_empty() {
            typed[name] = text.into();
        }
    }
    let profile = app.deployment().profile.clone();
    let session = by_profile::sign_in(&app.api(), &profile, &typed).await;
    finish(app, session, course).await;
}

/// Signs in at the deployment's provider. False if the browser keeps the window shut; then a press
/// on a link, which browsers trust more, opens it.
pub fn at_provider(app: App, course: Course) -> bool {
    let address = app.options.with_value(|options| match options.hand_over {
        // It tells its opener what comes, so it is not kept apart from others as the portal's other
        // pages are; a browser would cut it off from any of those.
        true => String::new(),
        false => format!("{}{}", options.base, oidc::RETURN),
    });
    let Some(window) = oidc::open_window(&address) else {
        return false;
    };
    course.busy.set(true);
    course.refused.set(None);
    later::fetch(app);
    later::act(app, Act::SignInAt(window, course));
    true
}

/// Follows the sign-in in its window to its end; part of what comes later.
pub async fn in_window(app: App, window: web_sys::Window, course: Course) {
    let client = match client_of(app) {
        Some(Ok(client)) => client,
        Some(Err(error)) => return finish(app, Err(error), course).await,
        None => return,
    };
    let expected = app.identity.with_untracked(|identity| {
        let before = identity.session()?;
        Some((before.subject.clone(), before.login.clone()))
    });
    let login = expected.as_ref().map(|(_, login)| login.as_str());
    let returned = match oidc::send(&client, login, window).await {
        Ok(Some(returned)) => returned,
        // Another attempt goes on in its place, here or in another tab.
        Ok(None) => {
            course.busy.try_set(false);
            return;
        }
        Err(error) => return finish(app, Err(error), course).await,
    };
    if app.options.with_value(|options| options.hand_over) {
        // The frame that opened this window finishes it, and the tokens are never here.
        app.tell("signed-in", &returned.to_json());
        course.busy.set(false);
        return;
    }
    let session = session_by(app, client, &returned).await;
    finish(app, session, course).await;
}

/// Finishes a sign-in that a window of this portal has handed over; part of what comes later.
pub async fn go_on(app: App, handed_over: &str) {
    let (Some(Ok(client)), Some(returned)) = (client_of(app), Return::read(handed_over)) else {
        return;
    };
    match session_by(app, client, &returned).await {
        Ok(session) => enter(app, session).await,
        Err(error) => app.problem.set(Some(error)),
    }
}

async fn session_by(app: App, client: Client, returned: &Return) -> Result<Session, Error> {
    let profile = app.deployment().profile.clone();
    let proof = Rc::new(move |token: &str| session::bearer(&profile, token));
    let identity = oidc::finish(client, proof, returned).await?;
    Ok(session_of(app, identity).await)
}

/// The deployment's provider, else that of the profile.
fn client_of(app: App) -> Option<Result<Client, Error>> {
    let deployment = app.deployment();
    let portal = &deployment.portal;
    let client = match portal.sign_in.clone() {
        Some(client) => Ok(client),
        None => session::provider(&deployment.profile, &portal.origins)?,
    };
    let base = app.options.with_value(|options| options.base.clone());
    Some(client.map(|client| Client {
        redirect: format!("{base}{}", oidc::RETURN),
        ..client
    }))
}

/// The account is the provider's, whatever the backend calls it, so that the same person comes back
/// to the same database; the backend adds what it knows of the person.
async fn session_of(app: App, identity: Identity) -> Session {
    let profile = app.deployment().profile.clone();
    let known = if session::way(&profile) == Way::Cookie {
        runtime::session(&app.api()).await
    } else {
        let brought = json!({ "login": identity.login, "subject": identity.subject });
        let signed = by_profile::who(&app.api(), &profile, &brought).await;
        signed.map(|signed| signed.session)
    };
    let known = known.unwrap_or_default();
    Session {
        subject: identity.subject,
        login: identity.login,
        ..known
    }
}

async fn finish(app: App, session: Result<Session, Error>, course: Course) {
    match session {
        Ok(session) => enter(app, session).await,
        Err(error) => {
            course.refused.try_set(Some(error));
        }
    }
    course.busy.try_set(false);
}

/// What is said when the window stayed shut.
pub fn shut() -> Error {
    Error::new(Kind::Refused, "sign-in: the browser did not open a window")
}
