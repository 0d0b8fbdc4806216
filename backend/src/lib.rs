//! The reference REST backend of Casement, as a library with a thin program around it.
//!
//! It guarantees what a portal may expect of any backend: a creation happens once however often
//! it is sent, a change names the version it was made from, a reader of the change feed misses
//! nothing, and nobody sees another account's records. It is a reference: it files cases and
//! answers questions about them, but no support engineer works behind it.
//!
//! In reading order: [`server`] puts the parts together, [`http`] is what clients see, [`catalog`]
//! says what kinds of records there are, `form` checks what clients write, `desk` knows the rules
//! of each vendor's desk, [`idempotency`] makes sending twice harmless, [`store`] keeps records on
//! SQLite or PostgreSQL, [`example`] fills an empty store, `static_files` serves the portal, and
//! `faults` fails on request, for tests.

pub mod catalog;
pub mod cli;
pub mod example;
pub mod http;
pub mod idempotency;
pub mod openapi;
pub mod server;
pub mod store;

mod desk;
mod faults;
mod form;
mod password;
mod problem;
mod session;
mod static_files;
mod text;
