//! Brings what is in a tab's memory and what is on the device together: where the browser gave no
//! database in time, it is asked again; where the deployment wants nothing kept any more, what an
//! earlier rule has left comes into the tab and goes from the device.

use std::rc::Rc;
use std::time::Duration;

use leptos::task::spawn_local;

use crate::browser::store::Store;
use crate::ui::custody::Keeping;
use crate::ui::dom::prelude::*;
use crate::ui::pages::later;
use crate::ui::records;
use crate::ui::state::{App, Kept};
use crate::ui::wiring::{self, read_drafts};

/// Does either, for an account that was just opened.
pub async fn settle(app: App, kept: &Kept) {
    match app.custody.keeping.get_untracked() {
        Keeping::Device => {}
        Keeping::Refused(_) => try_again(app, kept.clone(), Duration::from_secs(10)),
        Keeping::ByRule => take_over(app, kept).await,
    }
}

async fn take_over(app: App, kept: &Kept) {
    let names = Store::names(&kept.name).await;
    if !names.contains(&kept.name) {
        return;
    }
    let Ok(store) = Store::open(&kept.name).await else {
        return;
    };
    // What is encrypted stays: nothing of it can be read here, and it is not the rule's to destroy.
    if store.is_sealed() || store.pour_into(&kept.store).await.is_err() {
        return;
    }
    // What can't be removed now is tried again when the account is next opened.
    let _ = store.remove().await;
    read_drafts(app).await;
    records::read(app).await;
}

/// Asks for a database again after a while, and puts there what was kept in the tab meanwhile.
fn try_again(app: App, kept: Kept, pause: Duration) {
    let again = move || {
        let still_open = app.kept.try_with_value(|now| {
            let now = now.as_ref();
            now.is_some_and(|now| Rc::ptr_eq(&now.store, &kept.store))
        });
        if still_open == Some(true) {
            spawn_local(move_over(app, kept, pause));
        }
    };
    set_timeout(again, pause);
}

async fn move_over(app: App, kept: Kept, pause: Duration) {
    let Ok(store) = Store::open(&kept.name).await else {
        return try_again(app, kept, (pause * 2).max(Duration::from_secs(10)));
    };
    later::saved(app).await;
    if store.is_sealed() || kept.store.pour_into(&store).await.is_err() {
        return;
    }
    let lost = store.was_lost().await;
    app.custody.lost.set(lost.unwrap_or(false));
    let kept = Kept {
        store: Rc::new(store),
        name: kept.name,
    };
    app.custody.keeping.set(Keeping::Device);
    wiring::go_on_with(app, kept).await;
}

/// Begins the account's database anew, where what is there can't be read; what this tab holds goes
/// into the new one.
pub async fn begin_anew(app: App) {
    let Some(kept) = app.kept.with_value(Clone::clone) else {
        return;
    };
    match Store::wipe(&kept.name).await {
        Ok(()) => move_over(app, kept, Duration::ZERO).await,
        Err(error) => app.problem.set(Some(error)),
    }
}
