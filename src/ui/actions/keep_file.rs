//! Saves a case or a draft as one file (NEW-07), and a kept file as itself; takes such a file over.

use leptos::task::spawn_local;
use serde_json::Value;

use crate::browser::case_file::{From, Opened, Source, write};
use crate::browser::runtime::put_draft;
use crate::browser::store::{AtRevision, Change, DRAFTS, META, RECORDS};
use crate::browser::{clock, files, page};
use crate::core::case::{Case, Comment, Record};
use crate::core::case_file::{CaseFile, News, Signer, as_draft, file_name};
use crate::core::draft::{Draft, DraftFile, Recovered, recover};
use crate::core::error::Error;
use crate::core::route::Route;
use crate::core::standing::on_case;
use crate::core::sync::{CaseRef, Operation, What};
use crate::ui::components::comment_box::tell;
use crate::ui::dom::prelude::*;
use crate::ui::state::App;
use crate::ui::wiring::read_drafts;

/// Saves a draft with its files and what was added to it since it was handed over.
pub fn of_draft(app: App, id: String) {
    spawn_local(async move {
        super::save_draft::save(app).await;
        let told = async {
            let Some(runtime) = app.runtime() else {
                return Ok(false);
            };
            let stored = runtime.store.get(DRAFTS, &id).await?;
            let Some(Recovered::Draft(draft)) = stored.map(|text| recover(&id, &text)) else {
                return Ok(false);
            };
            let outbox = runtime.outbox();
            let maker = outbox
                .iter()
                .find(|one| matches!(&one.what, What::CreateCase { draft, .. } if *draft == id));
            let maker = maker.map(|one| CaseRef::MadeBy(one.id.clone()));
            let added = outbox
                .iter()
                .filter(|one| maker.is_some() && one.what.case() == maker.as_ref());
            let (unsent, mut sources) = waiting(added);
            if maker.is_none() {
                sources = draft.files.iter().cloned().map(kept).collect();
            }
            let mut file = begun(app, draft.title().into());
            file.unsent = unsent;
            file.draft = Some(draft);
            save(app, file, sources).await
        };
        finish(app, told.await);
    });
}

/// Saves a case with its history, what was said and its files, those that are not sent yet, too.
pub fn of_case(app: App, case: Case) {
    spawn_local(async move {
        let told = async {
            let Some(runtime) = app.runtime() else {
                return Ok(false);
            };
            let key = format!("case/{}", case.id);
            let record = runtime.store.get(RECORDS, &key).await?;
            let record = record.and_then(|text| serde_json::from_str::<Value>(&text).ok());
            let comments = runtime.store.all(RECORDS, "comment/").await?;
            let comments = comments
                .iter()
                .filter_map(|text| serde_json::from_str::<Value>(text).ok());
            let outbox = runtime.outbox();
            let (unsent, waiting) = waiting(on_case(&case.id, &outbox));
            let mut file = begun(app, format!("{} {}", case.number, case.subject));
            file.comments = comments
                .filter(|one| one.get("case_id").and_then(Value::as_str) == Some(&case.id))
                .collect();
            file.case = record;
            file.unsent = unsent;
            let mut sources: Vec<Source> = app.records.with_untracked(|records| {
                let own = records.attachments.iter();
                let own = own.filter(|one| one.case_id == case.id);
                own.map(|one| Source {
                    name: one.name.clone(),
                    attachment: one.id.clone(),
                    from: From::Away(app.away(&one.id, &one.case_id)),
                })
                .collect()
            });
            sources.extend(waiting);
            save(app, file, sources).await
        };
        finish(app, told.await);
    });
}

fn kept(file: DraftFile) -> Source {
    Source {
        name: file.name.clone(),
        attachment: String::new(),
        from: From::Kept(file),
    }
}

/// Comments and files among operations.
fn waiting<'a>(all: impl Iterator<Item = &'a Operation>) -> (Vec<String>, Vec<Source>) {
    let (mut texts, mut sources) = (Vec::new(), Vec::new());
    for one in all.filter(|one| !one.is_done()) {
        match &one.what {
            What::AddComment { text, .. } => texts.push(text.clone()),
            What::Attach { file, .. } => sources.push(kept(file.clone())),
            _ => {}
        }
    }
    (texts, sources)
}

fn begun(app: App, title: String) -> CaseFile {
    let records = app.records.get_untracked();
    CaseFile {
        made_at: clock::now(),
        signer: Signer {
            name: records.me.name.clone(),
            company: records.account.name.clone(),
            key: String::new(),
        },
        title,
        draft: None,
        case: None,
        comments: Vec::new(),
        unsent: Vec::new(),
        parts: Vec::new(),
        left_out: Vec::new(),
    }
}

async fn save(app: App, file: CaseFile, sources: Vec<Source>) -> Result<bool, Error> {
    let (Some(store), Some(account)) = (app.store(), account(app)) else {
        return Ok(false);
    };
    tell(app, "case_file.making");
    let name = file_name(&file.title);
    let blob = write(&store, &account, file, sources).await?;
    page::offer(&name, &blob);
    Ok(true)
}

/// The name of the account's database, which its signing key goes by.
pub fn account(app: App) -> Option<String> {
    app.kept
        .with_value(|kept| kept.as_ref().map(|kept| kept.name.clone()))
}

fn finish(app: App, told: Result<bool, Error>) {
    match told {
        Ok(true) => tell(app, "case_file.made"),
        Ok(false) => tell(app, "case_file.nothing"),
        Err(error) => app.problem.set(Some(error)),
    }
}

/// Saves one kept file as itself.
pub fn one(app: App, file: DraftFile) {
    spawn_local(async move {
        let Some(store) = app.store() else {
            return;
        };
        match files::assemble(&store, &file.id, file.size).await {
            Ok(Some(blob)) => page::offer(&crate::core::files::safe_name(&file.name), &blob),
            Ok(None) => tell(app, "refused.file_gone"),
            Err(error) => app.problem.set(Some(error)),
        }
    });
}

/// Takes a file over as a new draft, and shows it.
pub fn take_as_draft(app: App, opened: Opened, busy: RwSignal<bool>) {
    busy.set(true);
    spawn_local(async move {
        let taken = new_draft(app, &opened).await;
        busy.try_set(false);
        match taken {
            Ok(Some(draft)) => app.go(Route::Step { draft, step: None }),
            Ok(None) => {}
            Err(error) => app.problem.set(Some(error)),
        }
    });
}

async fn new_draft(app: App, opened: &Opened) -> Result<Option<String>, Error> {
    let Some(runtime) = app.runtime() else {
        return Ok(None);
    };
    let now = clock::now();
    let mut draft: Draft = as_draft(&opened.file, &clock::uuid(), now);
    for place in 0..opened.file.parts.len() {
        draft.files.extend(own_copy(app, opened, place).await?);
    }
    draft.revision = 1;
    let condition = AtRevision {
        draft: &draft.id,
        revision: 0,
    };
    let changes = vec![put_draft(&draft)];
    runtime.store.apply(changes, Some(condition)).await?;
    read_drafts(app).await;
    runtime.tell_tabs();
    Ok(Some(draft.id))
}

async fn own_copy(app: App, opened: &Opened, place: usize) -> Result<Option<DraftFile>, Error> {
    let (Some(store), Some(file)) = (app.store(), opened.part(place)) else {
        return Ok(None);
    };
    let name = opened.file.parts[place].name.clone();
    files::take(&store, &file, &name, |_| true).await
}

/// Takes what a known case lacks over: comments into the box where they are written, to be looked at
/// and sent from there, files on their way.
pub fn take_into_case(app: App, opened: Opened, news: News, case: String, busy: RwSignal<bool>) {
    busy.set(true);
    spawn_local(async move {
        let taken = add(app, &opened, &news, &case).await;
        busy.try_set(false);
        match taken {
            Ok(()) => {
                app.mend.set_value(Some("comment-text".into()));
                tell(app, "case_file.taken");
                app.go(Route::Case(case));
            }
            Err(error) => app.problem.set(Some(error)),
        }
    });
}

async fn add(app: App, opened: &Opened, news: &News, case: &str) -> Result<(), Error> {
    let Some(runtime) = app.runtime() else {
        return Ok(());
    };
    let subject = app
        .identity
        .with_untracked(|identity| identity.session().map(|one| one.subject.clone()));
    let mut operations = Vec::new();
    for place in &news.parts {
        if let (Some(subject), Some(file)) = (&subject, own_copy(app, opened, *place).await?) {
            let case = CaseRef::Known(case.into());
            let what = What::Attach { case, file };
            operations.push(Operation::new(clock::uuid(), subject, clock::now(), what));
        }
    }
    let name = format!("comment/{case}");
    let before = runtime.store.get(META, &name).await?.unwrap_or_default();
    let mut texts: Vec<String> = Vec::new();
    texts.extend((!before.trim().is_empty()).then_some(before));
    for place in &news.comments {
        let one = Comment::from_json(&opened.file.comments[*place]);
        let lang = app.lang();
        let time = clock::record_time(&lang, one.created_at);
        texts.push(format!("{} ({time}):\n{}", one.author, one.body.trim()));
    }
    texts.extend(
        news.unsent
            .iter()
            .map(|place| opened.file.unsent[*place].clone()),
    );
    let mut changes = Vec::new();
    if news.comments.len() + news.unsent.len() > 0 {
        changes.push(Change::Put(META, name, texts.join("\n\n")));
    }
    runtime.enqueue(operations, changes, None).await.map(|_| ())
}
