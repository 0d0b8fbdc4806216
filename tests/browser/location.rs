//! The address: memory mode leaves the host's alone, hash mode can be linked to.

use casement::browser::location::Address;
use casement::core::route::{Mode, Route};
use wasm_bindgen_test::wasm_bindgen_test;

fn here() -> String {
    web_sys::window().unwrap().location().href().unwrap()
}

#[wasm_bindgen_test]
fn memory_mode_moves_without_touching_the_address() {
    let before = here();
    let address = Address::new(Mode::Memory, Route::Home);
    address.go(&Route::Drafts, false);
    assert_eq!(address.current(), Route::Drafts);
    assert_eq!(here(), before);
}

#[wasm_bindgen_test]
fn in_hash_mode_a_route_survives_the_address() {
    let address = Address::new(Mode::Hash, Route::Home);
    let route = Route::Case("case-1 ü/2".into());
    address.go(&route, true);
    assert_eq!(address.current(), route);
    assert!(here().ends_with(&address.href(&route)));
    address.go(&Route::Home, true);
}
