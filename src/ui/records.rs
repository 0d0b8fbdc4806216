//! Reads the records again whenever they changed: those that did where that is known (`core::news`),
//! else all, however many there are.
//!
//! Very many are read in pieces with the database's own pauses between them, so that nothing a person
//! does has to wait, and are shown when all are here. One reading at a time: whoever asks for one
//! meanwhile has it done once more afterwards.

use std::rc::Rc;
use std::sync::Arc;

use super::dom::prelude::*;
use super::state::{App, Records};
use super::wiring::{self, FIRST, parsed};
use crate::browser::store::{META, NEWS, RECORDS, Store};
use crate::core::case::{Attachment, Case, Comment, Record};
use crate::core::error::Error;
use crate::core::news::{News, merge};

/// How many records are read at once: as many as are read within a few milliseconds.
const PIECE: u32 = 250;
/// Up to how many cases it is worth finding out whether anything has become another.
const FEW: usize = 2_000;

/// Reads all records of the account that is open.
pub async fn read(app: App) {
    if app.reading.with_value(Option::is_some) {
        app.reading.set_value(Some(true));
        return;
    }
    loop {
        app.reading.set_value(Some(false));
        read_once(app).await;
        if app.reading.get_value() != Some(true) {
            break;
        }
    }
    app.reading.set_value(None);
}

async fn read_once(app: App) {
    let contact = app
        .identity
        .with_untracked(|identity| identity.session().map(|session| session.contact.clone()));
    let (Some(store), Some(contact)) = (app.store(), contact) else {
        return;
    };
    let before = app.records.get_untracked();
    let found = found(&store, &contact, before).await;
    // Another account may have been opened meanwhile.
    if !app.store().is_some_and(|now| Rc::ptr_eq(&now, &store)) {
        return;
    }
    match found {
        Ok(records) => {
            let few = records.cases.len() < FEW;
            if !(few && *app.records.get_untracked() == records) {
                app.records.set(Arc::new(records));
            }
        }
        Err(error) => app.problem.set(Some(error)),
    }
}

/// The records as they are now, given how they were read before.
async fn found(store: &Store, contact: &str, before: Arc<Records>) -> Result<Records, Error> {
    // What changes while the records are read is still new the next time.
    let text = store.get(META, NEWS).await?.unwrap_or_default();
    let news = News::from_text(&text);
    let changed = news.since(&before.news).filter(|_| before.arrived);
    let in_parts = |keys: &Vec<String>| keys.iter().all(|key| is_in_parts(key));
    let records = match changed.filter(in_parts) {
        Some(keys) => with_changed(store, &before, keys).await?,
        None => everything(store, contact, &before).await?,
    };
    Ok(Records {
        news: news.mark(),
        ..records
    })
}

/// Whether a record is of a kind that is read one by one.
fn is_in_parts(key: &str) -> bool {
    let kind = key.split_once('/').map_or("", |(kind, _)| kind);
    [Case::KIND, Comment::KIND, Attachment::KIND].contains(&kind)
}

/// The records with those of some keys read again.
async fn with_changed(
    store: &Store,
    before: &Records,
    keys: Vec<String>,
) -> Result<Records, Error> {
    let mut records = before.clone();
    let (mut cases, mut comments, mut attachments) = (Vec::new(), Vec::new(), Vec::new());
    for key in keys {
        let text = store.get(RECORDS, &key).await?;
        let text = text.as_deref();
        match key.split_once('/') {
            Some((Case::KIND, id)) => cases.push((id.into(), text.and_then(parsed))),
            Some((Comment::KIND, id)) => comments.push((id.into(), text.and_then(parsed))),
            Some((_, id)) => attachments.push((id.into(), text.and_then(parsed))),
            None => {}
        }
    }
    if !cases.is_empty() {
        merge(Arc::make_mut(&mut records.cases), cases, |one| &one.id);
    }
    if !comments.is_empty() {
        merge(Arc::make_mut(&mut records.comments), comments, |one| {
            &one.id
        });
    }
    if !attachments.is_empty() {
        merge(
            Arc::make_mut(&mut records.attachments),
            attachments,
            |one| &one.id,
        );
    }
    let as_of = store.get(META, "pulled_at").await?;
    records.as_of = as_of.and_then(|text| text.parse().ok()).unwrap_or(0);
    Ok(records)
}

async fn everything(store: &Store, contact: &str, before: &Records) -> Result<Records, Error> {
    let mut records = wiring::records(store, contact, before).await?;
    if records.unread {
        records.cases = whole(store, records.cases).await?;
        records.comments = whole(store, records.comments).await?;
        records.attachments = whole(store, records.attachments).await?;
        records.unread = false;
        records.arrived = records.as_of > 0;
    }
    Ok(records)
}

/// All records of a kind, given the first.
async fn whole<T: Record>(store: &Store, first: Arc<Vec<T>>) -> Result<Arc<Vec<T>>, Error> {
    if first.len() < FIRST as usize {
        return Ok(first);
    }
    drop(first);
    let prefix = format!("{}/", T::KIND);
    let mut after = prefix.clone();
    let mut all = Vec::new();
    loop {
        let piece = store.piece(RECORDS, &prefix, &after, PIECE).await?;
        all.extend(piece.iter().filter_map(|(_, text)| parsed::<T>(text)));
        match piece.into_iter().next_back() {
            Some((last, _)) => after = last,
            None => return Ok(Arc::new(all)),
        }
    }
}
