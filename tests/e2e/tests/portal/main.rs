//! The portal as its users meet it, in real browsers against the reference backend.
//!
//! Each file is about one concern. A test that shows a capability begins with its id.

mod accounts;
mod appearance;
mod audit;
mod backend_check;
mod bad_input;
mod case_file;
mod cases;
mod clock;
mod conflict;
mod contracts;
mod custody;
mod customers;
mod desks;
mod drafts;
mod embed;
mod every_flow;
mod fault_crash;
mod fault_safety;
mod fault_sign_out;
mod fault_store;
mod fault_update;
mod fault_volume;
mod files;
mod flow;
mod languages;
mod life;
mod main_job;
mod offline;
mod on_behalf;
mod others;
mod partner_support;
mod parts;
mod patience;
mod policies;
mod provider;
mod tickets;
mod trouble;
mod walk;
