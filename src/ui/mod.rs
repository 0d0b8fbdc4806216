//! What a person sees: Leptos over the store's snapshots.
//!
//! Reading order: [`state`] (the handles), [`wiring`] and [`engine`] (what feeds them), [`clocks`]
//! (when things are due), [`app`] (the frame),
//! `actions` (one intent a file), `components` (controls), `pages`. Beneath them all are [`dom`]
//! and [`reactive`]: elements and signals on Leptos' reactive graph, and why they are our own.
//!
//! A page is built when its route or the language changes; whatever else changes while it stands is
//! read in closures, so that nothing that is being typed into is ever built again.

pub mod actions;
pub mod app;
pub mod clocks;
pub mod components;
pub mod context;
pub mod custody;
pub mod dom;
pub mod engine;
pub mod pages;
pub mod reactive;
pub mod records;
pub mod state;
pub mod telling;
pub mod wiring;

use crate::core::embed::View;
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
    /// The appearance asked for by the page.
    pub theme: Option<String>,
    /// Whether the whole document is the portal's.
    pub page: bool,
    /// Whether it shows the gallery of its components instead.
    pub gallery: bool,
    /// Whether it only signs in a frame on another page.
    pub hand_over: bool,
    /// What a page asks for that the portal is a part of.
    pub embed: Option<Embed>,
}

/// How the portal is a part of another page.
#[derive(Clone, Debug)]
pub struct Embed {
    /// What of it is shown.
    pub view: View,
    /// The one policy it is for; empty for all of the deployment.
    pub policy: String,
    /// Whether it stands in a frame of its own origin, and what it keeps with it.
    pub frame: bool,
    /// Where one finds help when it does not work; empty if only the deployment knows.
    pub support: String,
}
