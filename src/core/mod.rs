//! The pure part: std, serde and chrono, nothing of the web.
//!
//! Reading order: [`text`] and [`reader`] (how words and foreign data come in), [`policy`] (a
//! vendor's rules), [`case`] (what the backend knows), [`draft`] (what a person has typed),
//! [`entitlement`] and [`flow`] (what may be done next, and why not), [`sync`] (how it gets to the
//! backend), [`profile`] (what the backend is asked), [`knowledge`] (what may help first),
//! [`route`] (where one is).

pub mod case;
pub mod customers;
pub mod draft;
pub mod entitlement;
pub mod error;
pub mod flow;
pub mod knowledge;
pub mod order;
pub mod policy;
pub mod portal;
pub mod profile;
pub mod reader;
pub mod route;
pub mod sync;
pub mod text;
