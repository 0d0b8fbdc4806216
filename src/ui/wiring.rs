//! From the store to the handles, and nowhere else: reads what the first page needs of the
//! deployment, finds out who one is, opens the account, and reads the store again whenever
//! [`super::engine`], which follows the first page, says that something changed.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use crate::ui::dom::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use super::actions::act_for;
use super::custody;
use super::state::{App, Deployment, Failure, Identity, Kept, Records};
use crate::browser::runtime::{self, database_name};
use crate::browser::store::{CUSTOMERS_AT, Change, DRAFTS, META, RECORDS, Store};
use crate::browser::{clock, credentials, http, page};
use crate::core::case::{Contact, Record};
use crate::core::draft::{Recovered, State as DraftState, recover};
use crate::core::error::{Error, Kind};
use crate::core::portal::Portal;
use crate::core::profile::Session;
use crate::core::sync::wait;
use crate::core::text::Catalogue;

/// In the registry: who was here last.
const LAST: &str = "last";
/// In the registry: the sign-in at the backend is still to end.
const LEFT: &str = "left";
/// How long the backend may take to say who one is before one goes on without, in milliseconds.
const PATIENCE: i32 = 10_000;
/// Longest time between two questions who one is, in milliseconds.
const LONGEST_PAUSE: i64 = 30_000;
/// How long a sent or discarded draft can be taken back, in milliseconds.
pub(super) const KEPT: i64 = 7 * 24 * 3_600_000;

/// Starts everything that a mounted portal needs.
pub fn start(app: App) {
    clock::set_format(&page::preference("format").unwrap_or_default());
    watch_page(app);
    custody::watch(app);
    // It is opened while the deployment's files are on their way.
    while_there(app, async move {
        custody::registry(app).await;
    });
    while_there(app, async move {
        if let Err(failure) = begin(app).await {
            app.failure.set(Some(failure));
        }
    });
}

/// Does work that ends where it stands once the portal is taken away: nothing that it could write to
/// is left then, and an element that is removed while it loads must leave nothing behind.
pub fn while_there(app: App, work: impl Future<Output = ()> + 'static) {
    let mut work = Box::pin(work);
    spawn_local(poll_fn(move |context| match is_there(app) {
        true => work.as_mut().poll(context),
        false => Poll::Ready(()),
    }));
}

/// Whether the portal has not been taken away.
pub fn is_there(app: App) -> bool {
    app.options.try_with_value(|_| ()).is_some()
}

async fn begin(app: App) -> Result<(), Failure> {
    let deployment = load_deployment(app).await?;
    let lang = choose_language(app, &deployment.portal);
    load_words(app, &lang).await.map_err(Failure::Error)?;
    app.deployment.set(Some(Arc::new(deployment)));
    custody::begin(app).await;
    identify(app, false).await;
    Ok(())
}

/// Finds out who one is. Without an answer from the backend in good time, whoever was here last can go
/// on with what is on this device, and it is asked again later. `leave` ends the sign-in first.
async fn identify(app: App, leave: bool) {
    let answer = page::within(PATIENCE, session(app, leave)).await;
    if matches!(app.identity.get_untracked(), Identity::Here(_)) {
        // Somebody has signed in meanwhile.
        return;
    }
    match answer {
        Some(Ok(session)) => {
            app.unanswered.set(0);
            meet(app, session).await;
        }
        _ => {
            match remembered(app).await {
                Some(last) => remember_offline(app, last).await,
                None if app.identity.get_untracked() == Identity::Unknown => {
                    app.identity.set(Identity::Nobody(Session::default()));
                }
                None => {}
            }
            ask_again(app, leave);
        }
    }
}

/// Asks the backend again who is signed in, after a sign-in somewhere else.
pub fn look_again(app: App) {
    while_there(app, async move {
        match runtime::session(&app.api()).await {
            Ok(session) => meet(app, session).await,
            Err(error) => app.problem.set(Some(error)),
        }
    });
}

async fn meet(app: App, session: Session) {
    if !session.subject.is_empty() {
        return enter(app, session).await;
    }
    match remembered(app).await {
        // The sign-in ended, but this device still knows who was here: drafts stay in reach.
        Some(last) => {
            app.ask_sign_in.set(true);
            let examples = session.examples;
            remember_offline(app, Session { examples, ..last }).await;
        }
        None => {
            app.asked_to_sign_in.set_value(true);
            app.identity.set(Identity::Nobody(session));
        }
    }
}

/// Asks the backend once more after a while, unless somebody else has asked by then.
fn ask_again(app: App, leave: bool) {
    app.unanswered.update(|count| *count += 1);
    let count = app.unanswered.get_untracked();
    let pause = wait(count, None, clock::dice()).clamp(0, LONGEST_PAUSE);
    set_timeout(
        move || {
            if app.unanswered.try_with_untracked(|now| *now == count) == Some(true) {
                while_there(app, identify(app, leave));
            }
        },
        Duration::from_millis(pause.unsigned_abs()),
    );
}

/// Who is signed in. A sign-in that was to end while the backend did not answer ends first.
async fn session(app: App, leave: bool) -> Result<Session, Error> {
    if !app.deployment().cookie {
        // One signs in with this page, which has only begun.
        return match page::online() {
            true => Ok(Session::default()),
            false => Err(Error::new(Kind::Unreachable, "session")),
        };
    }
    let api = &app.api();
    let session = runtime::session(api).await?;
    if !(leave || has_left(app).await) {
        return Ok(session);
    }
    if !session.subject.is_empty() {
        runtime::sign_out(api, &session.csrf).await?;
    }
    note(app, vec![Change::Delete(META, LEFT.into())]).await;
    runtime::session(api).await
}

/// Closes the account and ends the sign-in, as soon as the backend can be reached.
pub async fn leave(app: App) {
    // First who was here: other tabs look there when they hear of it. With it goes what is to be
    // removed, so that a crash in between leaves nothing behind.
    let mut changes = vec![
        Change::Delete(META, LAST.into()),
        Change::Put(META, LEFT.into(), "yes".into()),
    ];
    let session = app.identity.with_untracked(|who| who.session().cloned());
    if let Some(session) = session {
        let mark = custody::mark(&session.subject);
        changes.push(Change::Put(META, mark, "yes".into()));
    }
    note(app, changes).await;
    custody::remove(app).await;
    app.ask_sign_in.set(false);
    app.identity.set(Identity::Unknown);
    identify(app, true).await;
}

/// Removes what is kept of the account and begins it anew, for whoever can't read it any more.
pub async fn begin_without(app: App) {
    custody::remove(app).await;
    app.identity.set(Identity::Unknown);
    identify(app, false).await;
}

/// The account was signed out in another tab, which has removed what was kept.
pub fn left_elsewhere(app: App) {
    credentials::forget();
    close_account(app);
    app.problem.set(None);
    app.ask_sign_in.set(false);
    app.identity.set(Identity::Unknown);
    app.go(crate::core::route::Route::Home);
    while_there(app, identify(app, false));
}

/// Shows what is here of a person without a sign-in.
async fn remember_offline(app: App, session: Session) {
    open_account(app, &session).await;
    app.identity.set(Identity::Remembered(session));
}

/// Takes a signed-in person in: opens the account and lets its outbox go.
pub async fn enter(app: App, session: Session) {
    open_account(app, &session).await;
    remember(app, &session).await;
    app.ask_sign_in.set(false);
    app.unanswered.set(0);
    app.identity.set(Identity::Here(session));
}

/// Opens the database of an account, unless it is open, and shows what it holds. Another account's
/// is closed first.
async fn open_account(app: App, session: &Session) {
    let open = app.identity.with_untracked(|identity| {
        identity
            .session()
            .is_some_and(|before| before.subject == session.subject)
    });
    if open {
        return;
    }
    close_account(app);
    let name = database_name(&session.subject);
    if let Some(kept) = custody::open(app, &name).await {
        show_account(app, kept, session).await;
    }
}

async fn show_account(app: App, kept: Kept, session: &Session) {
    app.acting_for.set(act_for::remembered(&session.subject));
    let store = kept.store.clone();
    app.kept.set_value(Some(kept));
    read_drafts(app).await;
    read_records(app, &store, session).await;
    app.opened.update(|count| *count += 1);
}

/// Goes on with what is kept elsewhere, or can be read now.
pub async fn go_on_with(app: App, kept: Kept) {
    let session = app.identity.get_untracked().session().cloned();
    if let Some(session) = session {
        if let Some(runtime) = app.runtime() {
            runtime.stop();
        }
        show_account(app, kept, &session).await;
    }
}

/// Forgets an account on the screen; its database stays.
pub fn close_account(app: App) {
    if let Some(runtime) = app.runtime() {
        runtime.stop();
    }
    app.runtime.set_value(None);
    app.running.set(false);
    app.kept.set_value(None);
    app.editor.set(None);
    app.acting_for.set(None);
    app.choosing_customer.set(false);
    app.records.set(Arc::default());
    app.drafts.set(Arc::default());
    app.outbox.set(Arc::default());
}

/// Reads all drafts again, and the open one if another tab or the outbox has changed it.
pub async fn read_drafts(app: App) {
    let Some(store) = app.store() else {
        return;
    };
    let entries = match store.entries(DRAFTS).await {
        Ok(entries) => entries,
        Err(error) => return app.problem.set(Some(error)),
    };
    let drafts: Vec<Recovered> = entries.iter().map(|(id, text)| recover(id, text)).collect();
    let idle = app.saver.with_value(|saver| saver.is_idle());
    let newer = app.editor.with_untracked(|open| {
        let open = open.as_ref()?;
        drafts.iter().find_map(|one| match one {
            Recovered::Draft(draft) if draft.id == open.id && draft.revision > open.revision => {
                Some(draft.clone())
            }
            _ => None,
        })
    });
    if let (Some(newer), true) = (newer, idle) {
        app.agreed.set_value(Some(newer.clone()));
        app.editor.set(Some(newer));
    }
    app.drafts.set(Arc::new(drafts));
}

/// Removes what was sent or discarded long ago; done each time an account was opened.
pub(super) async fn forget_old(app: App) {
    let Some(store) = app.store() else {
        return;
    };
    let limit = clock::now() - KEPT;
    let mut changes = Vec::new();
    for one in app.drafts.get_untracked().iter() {
        let Recovered::Draft(draft) = one else {
            continue;
        };
        let old = match draft.state {
            DraftState::Discarded { at } => at < limit,
            DraftState::Sent { .. } => draft.updated_at < limit,
            _ => false,
        };
        if old {
            changes.push(Change::Delete(DRAFTS, draft.id.clone()));
            let files = draft.files.iter();
            changes.extend(files.map(|file| crate::browser::files::forget(&file.id)));
        }
    }
    if !changes.is_empty() {
        // Cleaning up again next time is as good.
        let _ = store.apply(changes, None).await;
    }
}

/// How many of the cases, comments and files the first page reads; `super::records` reads the rest.
pub const FIRST: u32 = 500;

/// Reads the records of an account that is being opened, of very many only the first.
async fn read_records(app: App, store: &Store, session: &Session) {
    match records(store, &session.contact, &Arc::default()).await {
        Ok(records) => app.records.set(Arc::new(records)),
        Err(error) => app.problem.set(Some(error)),
    }
}

/// The records of a store, of which `contact` is the person signed in, given what was read before; of
/// very many cases, comments and files only the first.
pub async fn records(store: &Store, contact: &str, before: &Records) -> Result<Records, Error> {
    let contacts: Vec<Contact> = all(store).await?;
    let mine = contacts.iter().find(|one| one.id == contact);
    let as_of = store.get(META, "pulled_at").await?;
    // Reading ten thousand customers is felt, so that is done only when there is news of them.
    let customers_at = store.get(META, CUSTOMERS_AT).await?.unwrap_or_default();
    let customers = if before.arrived && before.customers_at == customers_at {
        before.customers.clone()
    } else {
        Arc::new(all(store).await?)
    };
    let (cases, comments) = (first(store).await?, first(store).await?);
    let attachments = first(store).await?;
    let counts = [cases.len(), comments.len(), attachments.len()];
    let unread = counts.contains(&(FIRST as usize));
    Ok(Records {
        account: all(store).await?.into_iter().next().unwrap_or_default(),
        me: mine.cloned().unwrap_or_default(),
        contacts,
        customers,
        customers_at,
        entitlements: all(store).await?,
        products: all(store).await?,
        authorizations: all(store).await?,
        licenses: all(store).await?,
        assets: all(store).await?,
        offers: all(store).await?,
        cases: Arc::new(cases),
        comments: Arc::new(comments),
        attachments: Arc::new(attachments),
        arrived: as_of.is_some() && !unread,
        unread,
        news: String::new(),
        as_of: as_of.and_then(|text| text.parse().ok()).unwrap_or(0),
    })
}

async fn all<T: Record>(store: &Store) -> Result<Vec<T>, Error> {
    let texts = store.all(RECORDS, &format!("{}/", T::KIND)).await?;
    Ok(texts.iter().filter_map(|text| parsed(text)).collect())
}

async fn first<T: Record>(store: &Store) -> Result<Vec<T>, Error> {
    let prefix = format!("{}/", T::KIND);
    let pairs = store.piece(RECORDS, &prefix, &prefix, FIRST).await?;
    let texts = pairs.iter();
    Ok(texts.filter_map(|(_, text)| parsed(text)).collect())
}

/// A record as it is kept; none where its text is damaged.
pub fn parsed<T: Record>(text: &str) -> Option<T> {
    let json = serde_json::from_str::<Value>(text).ok()?;
    Some(T::from_json(&json))
}

/// What a person is told about a file of the deployment that can't be used.
pub async fn load_json(app: App, name: &str) -> Result<Value, Failure> {
    let base = app.options.with_value(|options| options.base.clone());
    let text = http::load(&format!("{base}{name}"))
        .await
        .map_err(Failure::Error)?;
    serde_json::from_str(&text).map_err(|error| {
        Failure::Error(Error::new(Kind::Configuration, format!("{name}: {error}")))
    })
}

async fn load_deployment(app: App) -> Result<Deployment, Failure> {
    let json = load_json(app, "portal.json").await?;
    let mut portal =
        Portal::read(&json).map_err(|found| Failure::Problems("portal.json".into(), found))?;
    let wanted = app.options.with_value(|options| {
        let embed = options.embed.as_ref();
        embed.map(|embed| embed.policy.clone()).unwrap_or_default()
    });
    if !wanted.is_empty() {
        let all = portal.policies.join(", ");
        portal.policies.retain(|one| *one == wanted);
        if portal.policies.is_empty() {
            let wrong = format!("policy=\"{wanted}\": portal.json offers {all}");
            return Err(Failure::Error(Error::new(Kind::Configuration, wrong)));
        }
    }
    Ok(Deployment {
        // What other profiles say of it follows with them.
        cookie: portal.sign_in.is_none() && portal.backend == "native",
        portal: Arc::new(portal),
        ..Deployment::default()
    })
}

/// The language of a deployment that is meant by a tag: the same, else of the same base.
pub fn offered(languages: &[String], lang: &str) -> Option<String> {
    let base = lang.split('-').next().unwrap_or(lang);
    let exact = languages.iter().find(|one| *one == lang);
    let same_base = |one: &&String| one.split('-').next() == Some(base);
    exact.or_else(|| languages.iter().find(same_base)).cloned()
}

/// The language a person chose here before, else the page's, else the browser's, else the portal's.
fn choose_language(app: App, portal: &Portal) -> String {
    let asked = app.options.with_value(|options| options.lang.clone());
    let chosen = page::preference("lang");
    // As a part of another page it speaks that page's language.
    let wanted = match app.view() {
        Some(_) => [asked, chosen],
        None => [chosen, asked],
    };
    let wanted = wanted.into_iter().flatten().chain(page::languages());
    wanted
        .into_iter()
        .find_map(|lang| offered(&portal.languages, &lang))
        .or_else(|| portal.languages.first().cloned())
        .unwrap_or_else(|| "en".into())
}

/// Reads the words of a language and shows the interface in it.
pub async fn load_words(app: App, lang: &str) -> Result<(), Error> {
    let base = app.options.with_value(|options| options.base.clone());
    let name = format!("locales/{lang}.json");
    let text = http::load(&format!("{base}{name}")).await?;
    let json: Value = serde_json::from_str(&text)
        .map_err(|error| Error::new(Kind::Configuration, format!("{name}: {error}")))?;
    app.words.set(Arc::new(Catalogue::from_json(lang, &json)));
    Ok(())
}

/// Keeps something about who was here; without it, one is only asked again.
async fn note(app: App, changes: Vec<Change>) {
    let registry = custody::registry(app).await;
    let _ = registry.apply(changes, None).await;
}

async fn remember(app: App, session: &Session) {
    // What could not be removed at an earlier sign-out is empty by now, and what is written from here
    // on is to stay.
    let mut changes = vec![
        Change::Delete(META, LEFT.into()),
        Change::Delete(META, custody::mark(&session.subject)),
    ];
    if !custody::remembers(app) {
        return note(app, changes).await;
    }
    let last = serde_json::json!({
        "subject": session.subject,
        "contact": session.contact,
        "login": session.login,
    });
    changes.push(Change::Put(META, LAST.into(), last.to_string()));
    note(app, changes).await;
}

async fn has_left(app: App) -> bool {
    let registry = custody::registry(app).await;
    matches!(registry.get(META, LEFT).await, Ok(Some(_)))
}

/// Who was here last, as far as this device may remember.
pub async fn remembered(app: App) -> Option<Session> {
    if !custody::remembers(app) {
        return None;
    }
    let registry = custody::registry(app).await;
    let text = registry.get(META, LAST).await.ok()??;
    let json: Value = serde_json::from_str(&text).ok()?;
    let field = |key: &str| Some(json.get(key)?.as_str()?.to_string());
    Some(Session {
        subject: field("subject")?,
        contact: field("contact")?,
        login: field("login")?,
        ..Session::default()
    })
}

/// Keeps the handles in step with the window, as long as the portal is mounted.
fn watch_page(app: App) {
    let mut listeners = app
        .address
        .with_value(|address| address.on_change(move |route| app.route.set(route)));
    if let Some(window) = web_sys::window() {
        for event in ["online", "offline"] {
            listeners.push(page::listen(&window, event, move |_| {
                app.online.set(page::online());
                // Whoever started without network is asked for once there is one.
                let remembered = matches!(
                    app.identity.get_untracked(),
                    Identity::Remembered(_) | Identity::Nobody(_)
                );
                if page::online() && remembered && app.deployment.get_untracked().is_some() {
                    while_there(app, identify(app, false));
                }
            }));
        }
        listeners.push(page::listen(&window, "casement-update", move |_| {
            app.update.set(true);
        }));
    }
    let listeners = StoredValue::new_local(listeners);
    on_cleanup(move || {
        listeners.dispose();
        if let Some(runtime) = app.runtime() {
            runtime.stop();
        }
    });
}
