//! The core by data: inputs and what must come of them.
//!
//! One module a subject, each with a `check` and tests named by sentences; a test that shows a
//! capability begins with its id. Inputs that are files stand in `tests/fixtures`. Nothing here
//! touches a network, a clock or a browser.

mod support;

mod advice;
mod age;
mod backend_guide;
mod case_file;
mod cases;
mod conflict;
mod customers;
mod draft;
mod due;
mod embed;
mod entitlement;
mod fault_time;
mod faults;
mod files;
mod flow;
mod fuzz_seeds;
mod house;
mod journeys;
mod knowledge;
mod life;
mod locales;
mod locales_used;
mod oidc;
mod partner_center;
mod policies;
mod policy;
mod policy_guide;
mod portal;
mod profile;
mod profile_advice;
mod profile_engine;
mod profile_live;
mod profile_rate;
mod profile_safety;
mod profile_session;
mod profile_shipped;
mod profile_trial;
mod reader;
mod redact;
mod retention;
mod rma;
mod route;
mod rules;
mod sla;
mod sla_brute;
mod sla_case;
mod sla_laws;
mod standing;
mod sync;
mod sync_model;
mod sync_tabs;
mod text;
mod tus;
mod vendors;
