//! The browser side in a real browser: what is kept on the device, files, the address, `Intl`.
//!
//! `cargo xtask test browser` runs these in headless Chromium. Whole pages, other engines and
//! everything a person does are shown by the end-to-end tests.

#![cfg(target_arch = "wasm32")]

mod clock;
mod files;
mod frame;
mod location;
mod runtime;
mod store;
mod zones;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
