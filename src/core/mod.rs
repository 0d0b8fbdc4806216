//! The pure part: std, serde and chrono, nothing of the web.
//!
//! Reading order: [`text`] and [`reader`] (how words and foreign data come in), [`policy`] (a
//! vendor's rules), [`case`] (what the backend knows), [`customers`] (one found among very many),
//! [`draft`] and [`files`] (what a person has typed and added), [`facts`] (what conditions may ask), [`entitlement`] and
//! [`flow`] (what may be done next, and why not), [`guard`] and [`parked`] (what must agree before
//! sending, and what is kept aside), [`life`] and [`rma`] (what may be done with a case that
//! exists), [`sla`] and [`due`] (what is due when), [`sync`] (how it gets to the backend),
//! [`standing`] (how far it is, in one word), [`age`] (how old what it brought is), [`retention`] (what may stay on a device), [`conflict`] and [`diff`] (where two changes meet), [`news`] (what of it is new),
//! [`profile`] (what the backend is asked), [`redact`] (what a text may give away), [`knowledge`] (what may help first), [`route`] (where
//! one is), [`embed`] (the portal as a part of another page).

pub mod age;
pub mod base64;
pub mod case;
pub mod case_file;
pub mod conflict;
pub mod customers;
pub mod diff;
pub mod draft;
pub mod due;
pub mod embed;
pub mod entitlement;
pub mod error;
pub mod facts;
pub mod files;
pub mod flow;
pub mod guard;
pub mod knowledge;
pub mod life;
pub mod news;
pub mod oidc;
pub mod order;
pub mod parked;
pub mod policy;
pub mod portal;
pub mod profile;
pub mod reader;
pub mod redact;
pub mod retention;
pub mod rma;
pub mod route;
pub mod sla;
pub mod standing;
pub mod sync;
pub mod text;
