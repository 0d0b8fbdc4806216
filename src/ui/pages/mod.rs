//! The pages, one a file. [`page`] shows the one of a route: the few that a first visit begins with
//! itself, all others through [`later`], which is where a new page goes.
//!
//! A page is built once for its route and language. It reads snapshots (`records`, `drafts`,
//! `outbox`) in closures only, so that news from the backend never disturbs what is being typed.

pub mod apart;
pub mod article;
mod backend;
pub mod call;
pub mod case;
pub mod case_act;
pub mod case_file;
pub mod cases;
pub mod conflict;
pub mod customers;
mod device;
mod draft_copies;
pub mod drafts;
pub mod entitlements;
pub mod failure;
pub mod focus;
pub mod gallery;
mod gate;
pub mod hand_over;
pub mod home;
mod home_due;
mod home_rules;
pub mod knowledge;
pub mod later;
mod leaving;
pub mod link_contract;
pub mod new_case;
pub mod not_found;
pub mod pending;
pub mod policy;
pub mod report;
pub mod review;
pub mod sent;
pub mod sign_in;
pub mod step;

use crate::ui::dom::prelude::*;

use super::state::App;
use crate::core::route::Route;

/// The page of a route.
pub fn page(app: App, route: &Route) -> AnyView {
    match route {
        Route::Home => home::page(app),
        Route::Unknown(_) => not_found::page(app),
        elsewhere => later::page(app, elsewhere),
    }
}
