//! Time and `Intl`: ids that differ, and words as each language has them.

use casement::browser::clock;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn every_id_is_a_new_uuid() {
    let (one, other) = (clock::uuid(), clock::uuid());
    assert_ne!(one, other);
    assert_eq!(
        one.split('-').map(str::len).collect::<Vec<_>>(),
        [8, 4, 4, 4, 12]
    );
}

#[wasm_bindgen_test]
fn plural_forms_are_those_of_the_language() {
    assert_eq!(
        [clock::plural("en", 1), clock::plural("en", 2)],
        ["one", "other"]
    );
    assert_eq!(
        [clock::plural("ja", 1), clock::plural("zh-Hans", 1)],
        ["other", "other"]
    );
}

#[wasm_bindgen_test]
fn numbers_are_grouped_as_the_language_does() {
    assert_eq!(clock::number("en", 1_234_567), "1,234,567");
    assert_eq!(clock::number("de", 1_234_567), "1.234.567");
}

#[wasm_bindgen_test]
fn composed_and_decomposed_texts_are_the_same_once_normalised() {
    assert_eq!(clock::normalised("が"), clock::normalised("か\u{3099}"));
}
