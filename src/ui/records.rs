//! Reads the records again whenever they changed, all of them, however many there are.
//!
//! Very many are read in pieces with the database's own pauses between them, so that nothing a person
//! does has to wait, and are shown when all are here. One reading at a time: whoever asks for one
//! meanwhile has it done once more afterwards.

use std::rc::Rc;
use std::sync::Arc;

use super::dom::prelude::*;
use super::state::{App, Records};
use super::wiring::{self, FIRST, parsed};
use crate::browser::store::{RECORDS, Store};
use crate::core::case::Record;
use crate::core::error::Error;

/// How many records are read at once: as many as are read within a few milliseconds.
const PIECE: u32 = 100;
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
    let found = everything(&store, &contact, &before).await;
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
