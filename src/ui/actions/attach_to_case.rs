//! Adds files to a case that exists (CMS-15): checked by the policy first, then looked through for what
//! should perhaps not be sent, then kept piece by piece, then handed to the outbox.

use crate::ui::dom::prelude::*;
use js_sys::Array;
use leptos::task::spawn_local;
use web_sys::File;

use super::add_comment::{case_ref, enqueue_with};
use super::attach::{Asked, Intake, refuse, take};
use super::redact::{look_through_file, masked_file};
use crate::browser::files::pick::Picked;
use crate::browser::store::Change;
use crate::core::entitlement::Decision;
use crate::core::files::refusals;
use crate::core::redact::Finding;
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
            if !why.is_empty() {
                refuse(intake, one.name, why);
                continue;
            }
            let places = look_through_file(&one.file, &one.name).await;
            match places.is_empty() {
                true => hand_on(app, &case, intake, one, Vec::new(), done.clone()).await,
                false => ask(intake, one, places),
            }
        }
    });
}

/// What becomes of a file in which something was found.
#[derive(Clone, Copy, PartialEq)]
pub enum How {
    /// A copy goes in which it is masked.
    Masked,
    /// It goes as it is.
    AsItIs,
    /// It is not added.
    Not,
}

fn ask(intake: RwSignal<Intake>, one: Picked, places: Vec<Finding>) {
    let Picked { name, file } = one;
    let asked = Asked { name, file, places };
    intake.try_update(|intake| intake.asked.push(asked));
}

/// Does what was answered for a file in which something was found.
pub fn answer(
    app: App,
    case: String,
    intake: RwSignal<Intake>,
    asked: Asked,
    how: How,
    done: impl Fn(bool) + 'static,
) {
    intake.update(|intake| intake.asked.retain(|one| *one != asked));
    let Asked { name, file, .. } = asked;
    spawn_local(async move {
        let one = match how {
            How::Not => return,
            How::AsItIs => Some(Picked { name, file }),
            How::Masked => masked_file(&file, &name).await,
        };
        match one {
            Some(one) => hand_on(app, &case, intake, one, Vec::new(), done).await,
            None => done(false),
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
