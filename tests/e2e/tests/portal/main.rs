//! The portal as its users meet it, in real browsers against the reference backend.
//!
//! Each file is about one concern. A test that shows a capability begins with its id.

mod main_job;
