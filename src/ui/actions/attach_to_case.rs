//! Adds files to a case that exists (CMS-15): checked by the policy first, then kept piece by piece,
//! then handed to the outbox.

use crate::ui::dom::prelude::*;
use js_sys::Array;
use leptos::task::spawn_local;
use web_sys::File;

use super::add_comment::{case_ref, enqueue_with};
use super::attach::{Intake, refuse, take};
use crate::browser::files::pick::Picked;
use crate::browser::store::Change;
use crate::core::entitlement::Decision;
use crate::core::files::refusals;
use crate::core::sync::What;
use crate::ui::state::App;

/// Takes files for a case; `done` hears of each whether it is kept.
pub fn attach(
    app: App,
    case: String,
    policy: String,
    intake: RwSignal<Intake>,
    chosen: Vec<Picked>,
    done: impl Fn(bool) + Clone + 'static,
) {
    intake.update(|intake| intake.refused.clear());
    spawn_local(async move {
        for one in chosen {
            let why = against(app, &case, &policy, &one);
            match why.is_empty() {
                true => hand_on(app, &case, intake, one, Vec::new(), done.clone()).await,
                false => refuse(intake, one.name, why),
            }
        }
    });
}

/// Takes a text as a file of a case; `changes` become durable together with its operation.
pub fn attach_text(
    app: App,
    case: String,
    intake: RwSignal<Intake>,
    name: &str,
    text: &str,
    changes: Vec<Change>,
    done: impl FnOnce(bool) + 'static,
) {
    let Ok(file) = File::new_with_str_sequence(&Array::of1(&text.into()), name) else {
        return done(false);
    };
    let name = name.to_string();
    let one = Picked { name, file };
    spawn_local(async move { hand_on(app, &case, intake, one, changes, done).await });
}

fn against(app: App, case: &str, policy: &str, one: &Picked) -> Vec<Decision> {
    let there = app.records.with_untracked(|records| {
        let of_case = |one: &&crate::core::case::Attachment| one.case_id == case;
        records.attachments.iter().filter(of_case).count()
    });
    let waiting = app.outbox.with_untracked(|outbox| {
        let place = case_ref(case);
        let of_case = |what: &What| matches!(what, What::Attach { case, .. } if *case == place);
        outbox.iter().filter(|one| of_case(&one.what)).count()
    });
    let (media_type, size) = (one.file.type_(), one.file.size() as u64);
    let why = app.with_world(policy, |world| {
        let there = (there + waiting) as u64;
        refusals(&world.policy.files, there, &one.name, &media_type, size)
    });
    // Without its policy nothing is known against a file; the backend has the last word.
    why.unwrap_or_default()
}

async fn hand_on(
    app: App,
    case: &str,
    intake: RwSignal<Intake>,
    one: Picked,
    changes: Vec<Change>,
    done: impl FnOnce(bool) + 'static,
) {
    match take(app, intake, one).await {
        Some(file) => {
            let case = case_ref(case);
            enqueue_with(app, What::Attach { case, file }, changes, done);
        }
        None => done(false),
    }
}
