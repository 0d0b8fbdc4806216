//! What is tried a second time, and what never is.

use std::panic::catch_unwind;

use casement_e2e::patience::{in_vain, was_in_vain};

#[test]
fn a_wait_in_vain_is_tried_again_and_what_is_wrong_is_not() {
    let waited = catch_unwind(|| in_vain("a train")).expect_err("it ends the test");
    assert!(was_in_vain(waited.as_ref()));
    let wrong = catch_unwind(|| assert_eq!(1 + 1, 3, "two cases")).expect_err("it is wrong");
    assert!(!was_in_vain(wrong.as_ref()));
}
