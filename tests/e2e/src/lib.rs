//! What the end-to-end tests stand on: a backend, a browser and the pages of the portal.
//!
//! Each test gets a [`Desk`]: a backend process of its own with example data, a browser of its own
//! with a fresh profile, and the [`Portal`] in it. Everything that was started is ended by its
//! process id when the desk goes, also when the test fails. What a browser complains about, a
//! violation of the content security policy above all, fails the test.
//!
//! In reading order: [`environment`] finds the programs, [`process`] starts and ends them,
//! [`backend`] is the reference backend and its API, [`servers`] are ticket systems of others and [`hop`] the way to them, [`talk`] speaks
//! to them as the portal does, [`line`] the connection that can fail on wish,
//! [`browser`] a browser with its driver, [`portal`] reaches into the shadow root, [`desk`] puts them
//! together, [`host`] is somebody's page around it, [`patience`] how long to wait, [`pages`] say what a person does on each page, [`kept`] what the browser keeps of it, [`audit`] asks axe.
//!
//! Nothing here waits for a time to pass: a wait ends when its condition holds, and fails with what
//! is on the page when it never does.

pub mod audit;
pub mod backend;
pub mod browser;
pub mod desk;
pub mod environment;
pub mod hop;
pub mod host;
pub mod kept;
pub mod line;
pub mod pages;
pub mod patience;
pub mod portal;
pub mod process;
pub mod servers;
pub mod talk;

pub use browser::Engine;
pub use desk::{Desk, behind_a_line, in_browser, in_chromium, with_bundle, with_bundle_in};
pub use line::Fault;
pub use portal::Portal;
