//! Two tabs, one draft: what each wrote since they last agreed, brought together.
//!
//! [`merge`] takes, question by question, the answer of the side that changed it. Where both changed
//! the same answer to different words, the other tab's words stay in the draft and ours go on in a
//! copy of its own, so that neither is lost and somebody can choose. Files and notes only ever add up;
//! a file goes if one of the two took it out.

use std::collections::BTreeSet;

use super::{Draft, DraftFile};

/// What came of bringing two versions together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The draft with the changes of both, at the other's revision.
    pub draft: Draft,
    /// The questions that both answered differently; the draft has the other's words there.
    pub clashes: Vec<String>,
}

/// Brings `ours` together with `theirs`, given the version that both began with.
pub fn merge(base: &Draft, ours: &Draft, theirs: &Draft) -> Merged {
    let mut draft = theirs.clone();
    let mut clashes = Vec::new();
    let keys: BTreeSet<&String> = ours.answers.keys().chain(theirs.answers.keys()).collect();
    for key in keys {
        let (before, mine, other) = (
            base.answers.get(key),
            ours.answers.get(key),
            theirs.answers.get(key),
        );
        if mine == other || mine == before {
            continue;
        }
        if other != before {
            clashes.push(key.clone());
            continue;
        }
        match mine {
            Some(answer) => draft.answers.insert(key.clone(), answer.clone()),
            None => draft.answers.remove(key),
        };
    }
    if ours.policy != theirs.policy && ours.policy != base.policy {
        match theirs.policy == base.policy {
            true => draft.policy.clone_from(&ours.policy),
            false => clashes.push("policy".into()),
        }
    }
    draft.files = files(base, ours, theirs);
    for note in &ours.call_log {
        if !draft.call_log.contains(note) {
            draft.call_log.push(note.clone());
        }
    }
    for step in &ours.visited {
        if !draft.visited.contains(step) {
            draft.visited.push(step.clone());
        }
    }
    draft.updated_at = draft.updated_at.max(ours.updated_at);
    Merged { draft, clashes }
}

fn files(base: &Draft, ours: &Draft, theirs: &Draft) -> Vec<DraftFile> {
    let has = |draft: &Draft, file: &DraftFile| draft.files.iter().any(|one| one.id == file.id);
    let mut all: Vec<DraftFile> = theirs.files.clone();
    all.retain(|file| has(ours, file) || !has(base, file));
    for file in &ours.files {
        if !has(theirs, file) && !has(base, file) {
            all.push(file.clone());
        }
    }
    all
}
