//! The browser as the portal needs it: store, requests, clock, address, files. No interface.
//!
//! Reading order: [`store`] (what this device keeps), [`http`] (what is asked of servers),
//! [`runtime`] (the one interpreter of [`crate::core::sync`]'s effects), then the small edges:
//! [`clock`] (time, chance, `Intl`), [`zones`] (time zones as tables), [`location`] (the address), [`credentials`] and
//! [`oidc`] (the sign-in), [`files`], [`page`] (the document), [`host`] (the page around it, where there is one).

pub mod away;
pub mod case_file;
pub mod clock;
pub mod credentials;
pub mod files;
pub mod host;
pub mod http;
pub mod location;
pub mod oidc;
pub mod page;
pub mod runtime;
pub mod sign_in;
pub mod signing;
pub mod store;
pub mod zones;
