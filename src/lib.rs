//! Casement: a support portal that runs entirely in the browser.
//!
//! # Code map, in reading order
//! 1. [`core`]: what a policy, a case, a draft, an entitlement and a sync step *are*. Pure data
//!    and plain functions; the native tests run exactly this code. [`core::policy`] reads a vendor's
//!    rules, [`core::facts`] says what their conditions may ask, [`core::flow`] what is asked next,
//!    [`core::guard`] what must agree before sending, [`core::parked`] what is kept aside,
//!    [`core::customers`] finds one of very many, [`core::life`] and [`core::rma`] say what may be
//!    done with a case that exists, and [`core::sla`] what is due when.
//! 2. `browser`: the store in IndexedDB, requests, the clock, files. `browser::runtime` is the one
//!    interpreter of [`core::sync`]'s effects.
//! 3. `ui`: Leptos. `ui::state` holds the handles, `ui::actions` one user intent a file,
//!    `ui::components` the controls with their examples, `ui::pages` what a person sees.
//!    `ui::pages::later` is where the program comes apart: the first page waits for sign-in and home
//!    alone, and all other pages follow with the policies and the runtime (`ui::engine`).
//! 4. `embed`: the custom element around all of it.
//!
//! # Invariants
//! 1. `core ← browser ← ui ← embed`, no arrow back. Web crates exist for `wasm32` only, so a stray
//!    one in `core` fails the native build.
//! 2. `core` reads no clock, random source, locale or network: those are arguments. Same input,
//!    same output.
//! 3. Vendors are data: no vendor's name occurs in the code.
//! 4. The interface reads local state only; the network changes what is shown through the store.
//! 5. "Saved" is said when the IndexedDB transaction is complete, "sent" when the backend has
//!    acknowledged, never earlier.
//! 6. What can be computed is not stored: the current step, who may do what, totals.
//! 7. A decision carries its reason, the page prints it and the tests assert it.
//! 8. Nothing a person typed is ever discarded by the program.
//! 9. Text from outside is text: there is no HTML sink, and the page runs under Trusted Types.
//! 10. An outbox operation has one identity for life; it is retried, never made again.
//! 11. One account, one database.
//! 12. Embedded, the element touches nothing of its host.

pub mod core;

#[cfg(target_arch = "wasm32")]
pub mod browser;
#[cfg(target_arch = "wasm32")]
pub mod embed;
#[cfg(target_arch = "wasm32")]
pub mod ui;
