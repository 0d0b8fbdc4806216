//! A policy of one's own, tried in this page: examined, walked through, and put away again.
//!
//! Nothing of it is kept or sent. It takes the place of the policy of its id, if there is one, until
//! the trial ends or the page is loaded again; drafts written meanwhile stay.

use std::sync::Arc;

use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;
use web_sys::File;

use super::new_draft;
use crate::core::policy::Policy;
use crate::core::policy::advice::{Examined, LARGEST, examine_text};
use crate::ui::engine;
use crate::ui::state::{App, Deployment};

/// Reads a file and tells what is found in it; nothing at all if it can't be read.
pub fn examine(file: File, found: impl Fn(Option<Examined>) + 'static) {
    spawn_local(async move {
        // More than can be a policy is not read to its end.
        let most = LARGEST as f64 + 1.0;
        let text = match file.slice_with_f64_and_f64(0.0, file.size().min(most)) {
            Ok(start) => JsFuture::from(start.text()).await.ok(),
            Err(_) => None,
        };
        let text = text.and_then(|text| text.as_string());
        found(text.map(|text| examine_text(&text)));
    });
}

/// Offers a policy for trial and begins its first question.
pub fn begin(app: App, mut policy: Policy) {
    policy.trial = true;
    let id = policy.id.clone();
    let deployment = app.deployment();
    let mut policies = deployment.policies.clone();
    policies.retain(|one| one.id != id);
    policies.push(Arc::new(policy));
    app.deployment.set(Some(Arc::new(Deployment {
        portal: deployment.portal.clone(),
        profile: deployment.profile.clone(),
        policies,
        cookie: deployment.cookie,
    })));
    new_draft::begin(app, &id);
}

/// Ends the trial: the policies are again those of the portal.
pub fn end(app: App) {
    spawn_local(async move {
        // Without a network the portal's own come from the service worker; if they don't, the trial
        // goes on and can be ended later.
        let _ = engine::load_policies(app).await;
    });
}

/// The name of the policy on trial, if there is one; tracked.
pub fn on_trial(app: App) -> Option<String> {
    let lang = app.lang();
    let deployment = app.deployment.get()?;
    let policy = deployment.policies.iter().find(|policy| policy.trial)?;
    Some(policy.vendor.get(&lang).to_string())
}
