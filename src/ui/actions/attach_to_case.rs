//! Adds files to a case that exists (CMS-15): checked by the policy first, then kept piece by piece,
//! then handed to the outbox.

use crate::ui::dom::prelude::*;
use js_sys::Array;
use leptos::task::spawn_local;
use web_sys::File;

use super::add_comment::enqueue_with;
use super::attach::Intake;
use crate::browser::files;
use crate::browser::store::Change;
use crate::core::draft::Draft;
use crate::core::entitlement::Decision;
use crate::core::flow::refuse_file;
use crate::core::sync::{CaseRef, What};
use crate::ui::state::App;

/// Takes files for a case; `done` hears of each whether it is kept.
pub fn attach(
    app: App,
    case: String,
    policy: String,
    intake: RwSignal<Intake>,
    chosen: Vec<File>,
    done: impl Fn(bool) + Clone + 'static,
) {
    intake.update(|intake| intake.refused.clear());
    spawn_local(async move {
        for file in chosen {
            match refusal(app, &case, &policy, &file) {
                Some(decision) => intake.update(|intake| intake.refused.push(decision)),
                None => take(app, &case, intake, file, Vec::new(), done.clone()).await,
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
    spawn_local(async move { take(app, &case, intake, file, changes, done).await });
}

fn refusal(app: App, case: &str, policy: &str, file: &File) -> Option<Decision> {
    let there = app.records.with_untracked(|records| {
        let of_case = |one: &&crate::core::case::Attachment| one.case_id == case;
        records.attachments.iter().filter(of_case).count()
    });
    let waiting = app.outbox.with_untracked(|outbox| {
        let of_case = |what: &What| {
            matches!(what, What::Attach { case: CaseRef::Known(id), .. } if id == case)
        };
        outbox.iter().filter(|one| of_case(&one.what)).count()
    });
    let name = file.name();
    let decision = app.with_world(policy, |world| {
        let most = world.policy.files.max_count;
        if (there + waiting) as u64 >= most {
            let facts = vec![("name", name.clone()), ("limit", most.to_string())];
            return Decision::no("too_many_files", facts);
        }
        let none_yet = Draft::new("", policy, 0);
        refuse_file(world.policy, &none_yet, &name, file.size() as u64)
    });
    // Without its policy nothing is known against a file; the backend has the last word.
    decision.filter(|decision| !decision.allowed)
}

async fn take(
    app: App,
    case: &str,
    intake: RwSignal<Intake>,
    file: File,
    changes: Vec<Change>,
    done: impl FnOnce(bool) + 'static,
) {
    let Some(runtime) = app.runtime() else {
        return done(false);
    };
    let name = file.name();
    intake.try_update(|intake| intake.reading.push(name.clone()));
    let kept = files::keep(&runtime.store, &file).await;
    let still_there = intake.try_update(|intake| intake.reading.retain(|one| *one != name));
    match kept {
        Ok(file) => {
            let case = CaseRef::Known(case.into());
            enqueue_with(app, What::Attach { case, file }, changes, done);
        }
        Err(error) => {
            if still_there.is_some() {
                let facts = vec![("name", name), ("detail", error.context().to_string())];
                intake.update(|intake| intake.refused.push(Decision::no("file_not_kept", facts)));
            } else {
                app.problem.set(Some(error));
            }
            done(false);
        }
    }
}
