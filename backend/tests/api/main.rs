//! The service as clients meet it: real servers on loopback, driven over HTTP.
//!
//! Each test has a database of its own: SQLite, or with CASEMENT_TEST_POSTGRES (the address of a
//! PostgreSQL server on loopback, as a postgres:// URL) a new PostgreSQL database.

mod access;
mod actions;
mod attachments;
mod cases;
mod changes;
mod contracts;
mod cross_origin;
mod document;
mod examples;
mod faults;
mod hand_over;
mod idempotency;
mod listings;
mod processes;
mod static_files;
mod support;
mod uploads;
mod vendors;
