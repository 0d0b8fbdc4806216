//! What a person sees: Leptos over the store's snapshots.
//!
//! Reading order: [`state`] (the handles), [`wiring`] (what feeds them), [`app`] (the frame),
//! `actions` (one intent a file), `components` (controls), `pages`.
//!
//! Views are built with Leptos' element functions rather than `view!`: the macro turns static parts
//! into HTML strings, which a page under Trusted Types rightly refuses. A page is built when its
//! route or the language changes; whatever else changes while it stands is read in closures, so
//! that nothing that is being typed into is ever built again.

pub mod actions;
pub mod app;
pub mod components;
pub mod dom;
pub mod pages;
pub mod reactive;
pub mod state;
pub mod wiring;

use crate::core::route::{Mode, Route};

/// How a portal is mounted.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where the portal's files are, ending in `/`.
    pub base: String,
    /// How the address is kept.
    pub mode: Mode,
    /// Where memory mode begins.
    pub start: Route,
    /// The language asked for by the page.
    pub lang: Option<String>,
    /// Whether the whole page is the portal's.
    pub page: bool,
    /// Whether it shows the gallery of its components instead.
    pub gallery: bool,
}
