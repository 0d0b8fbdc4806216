//! What follows the first page: the policies, the articles, and the runtime that sends and pulls.
//!
//! All of it is in the later part of the program (`pages/later.rs`), which is fetched once the first
//! page stands. Until then one sees what this device keeps, and nobody can type into anything that
//! would have to be saved. Here, as everywhere, a runtime belongs to one account: it is started when
//! an account is opened, and [`super::wiring`] stops it when the account is closed.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use crate::ui::dom::prelude::*;
use serde_json::Value;

use super::actions::{ask_to_keep, end_drafts, keep_again, save_draft};
use super::state::{App, Deployment, Failure, Identity, Kept};
use super::wiring::{forget_old, is_there, load_json, look_again, read_drafts, while_there};
use super::{clocks, records, telling};
use crate::browser::page;
use crate::browser::runtime::{Notice, Runtime};
use crate::core::knowledge::{Article, Glossary, Index};
use crate::core::policy::Policy;
use crate::core::profile::Profile;
use crate::core::profile::session::{self, Way};

/// Runs until the current owner goes; the policies have been read.
pub fn run(app: App) {
    clocks::start(app);
    while_there(app, load_knowledge(app));
    save_in_time(app);
    telling::of_drafts(app);
    follow_account(app);
    ask_to_keep::once_saved(app);
}

/// Reads the policies and the backend's profile, without which no page but the first can be shown.
pub async fn load_policies(app: App) -> Result<(), Failure> {
    let portal = app.deployment().portal.clone();
    let load = |id: &String| load_policy(app, format!("policies/{id}.json"));
    let loaded = side_by_side(portal.policies.iter().map(load)).await;
    let mut policies = loaded.into_iter().collect::<Result<Vec<_>, Failure>>()?;
    let name = format!("backends/{}.json", portal.backend);
    let json = load_json(app, &name).await?;
    let profile = Profile::read(json, &app.api(), &portal.origins);
    let profile = profile.map_err(|found| Failure::Problems(name, found))?;
    for policy in &mut policies {
        policy.files.limit(profile.file_limits());
    }
    let cookie = portal.sign_in.is_none() && session::way(&profile) == Way::Cookie;
    let unasked = cookie && !app.deployment().cookie;
    let deployment = Deployment {
        portal,
        policies: policies.into_iter().map(Arc::new).collect(),
        profile: Arc::new(profile),
        cookie,
    };
    app.deployment.set(Some(Arc::new(deployment)));
    if unasked {
        // The first part of the program does not know that it could have asked.
        look_again(app);
    }
    Ok(())
}

async fn load_policy(app: App, name: String) -> Result<Policy, Failure> {
    let json = load_json(app, &name).await?;
    Policy::read(&json).map_err(|found| Failure::Problems(name, found))
}

/// The results of work that is done at the same time, in the order in which it was given.
async fn side_by_side<T>(work: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut all: Vec<_> = work.map(|one| (Box::pin(one), None)).collect();
    poll_fn(|context| {
        for (one, result) in &mut all {
            // What has given its result must not be asked again.
            if result.is_none()
                && let Poll::Ready(ready) = one.as_mut().poll(context)
            {
                *result = Some(ready);
            }
        }
        match all.iter().all(|(_, result)| result.is_some()) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    })
    .await;
    all.into_iter().filter_map(|(_, result)| result).collect()
}

/// Articles are a help, not a need: without them the portal works all the same.
async fn load_knowledge(app: App) {
    let articles = load_json(app, "knowledge/articles.json").await;
    let glossary = load_json(app, "knowledge/glossary.json").await;
    if let (Ok(Value::Array(articles)), Ok(glossary)) = (articles, glossary) {
        let articles = articles.iter().map(Article::from_json).collect();
        let index = Index::new(articles, Glossary::from_json(&glossary));
        app.index.set(Arc::new(index));
    }
}

/// Whatever was typed in the last moment goes to the store before the page may be gone.
fn save_in_time(app: App) {
    let Some(window) = web_sys::window() else {
        return;
    };
    let save = |event| page::listen(&window, event, move |_| save_draft::now(app));
    let listeners = ["beforeunload", "pagehide", "visibilitychange"].map(save);
    let listeners = StoredValue::new_local(listeners);
    on_cleanup(move || {
        listeners.dispose();
        save_draft::at_the_end(app);
    });
}

/// Starts a runtime for each account that is opened, and tells it who is signed in.
fn follow_account(app: App) {
    Effect::new(move |before: Option<u32>| {
        let opened = app.opened.get();
        let identity = app.identity.get();
        if before.unwrap_or(0) != opened {
            while_there(app, run_account(app, opened));
        } else if let (Identity::Here(session), Some(runtime)) = (&identity, app.runtime()) {
            runtime.identify(Some(session));
        }
        opened
    });
}

/// Runs for the account that is open. Without a database there is nothing to run for, and the pages
/// show what little there is.
async fn run_account(app: App, opened: u32) {
    if let Some(kept) = app.kept.with_value(Clone::clone) {
        keep_again::settle(app, &kept).await;
        let Kept { store, name } = kept;
        let told = move |notice| hear(app, notice);
        let started = Runtime::start(&app.api(), &name, store, told).await;
        let is_open = || {
            let now = app.kept.try_with_value(Clone::clone).flatten();
            now.is_some_and(|now| now.name == name)
                && app.opened.try_with_untracked(|now| *now) == Some(opened)
        };
        match started {
            // Closed in the meantime.
            Ok(runtime) if !is_open() => return runtime.stop(),
            Ok(runtime) => {
                app.runtime.set_value(Some(runtime.clone()));
                runtime.know_backend(app.deployment().profile.clone());
                hear(app, Notice::Outbox);
                if let Identity::Here(session) = app.identity.get_untracked() {
                    runtime.identify(Some(&session));
                }
            }
            Err(error) => app.problem.set(Some(error)),
        }
    }
    if app.records.with_untracked(|records| records.unread) {
        while_there(app, records::read(app));
    }
    forget_old(app).await;
    end_drafts::end(app).await;
    app.running.set(true);
}

fn hear(app: App, notice: Notice) {
    // What is under way when the portal is taken away goes on to its end, and nobody hears of it.
    if !is_there(app) {
        return;
    }
    match notice {
        Notice::Records => while_there(app, records::read(app)),
        Notice::Drafts => while_there(app, read_drafts(app)),
        Notice::Outbox => {
            if let Some(runtime) = app.runtime() {
                app.outbox.set(Arc::new(runtime.outbox()));
            }
        }
        Notice::AskSignIn => {
            app.identity.update(|identity| {
                if let Identity::Here(session) = identity {
                    *identity = Identity::Remembered(session.clone());
                }
            });
            app.ask_sign_in.set(true);
        }
        // A cookie is every tab's; other credentials are given in each.
        Notice::SignedInElsewhere if app.deployment().cookie => look_again(app),
        Notice::SignedInElsewhere => {}
        Notice::Problem(error) => app.problem.set(Some(error)),
    }
}
