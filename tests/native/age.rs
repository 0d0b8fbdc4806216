//! When the age of what is kept is shown, and when it is called old.

use casement::core::age::{Age, age};

const HOUR: i64 = 3_600_000;
const NOON: i64 = 1_795_000_000_000;

#[test]
fn what_is_fresh_and_can_be_renewed_says_nothing() {
    assert_eq!(age(NOON - HOUR, NOON, true, 24), None);
    assert_eq!(age(NOON - 24 * HOUR, NOON, true, 24), None);
}

#[test]
fn without_network_the_age_is_shown_from_the_first_moment() {
    let said = |stale| Age {
        as_of: NOON,
        offline: true,
        stale,
    };
    assert_eq!(age(NOON, NOON, false, 24), Some(said(false)));
    assert_eq!(age(NOON, NOON + 25 * HOUR, false, 24), Some(said(true)));
}

#[test]
fn what_no_answer_has_renewed_for_too_long_is_old_even_with_network() {
    let said = Age {
        as_of: NOON,
        offline: false,
        stale: true,
    };
    assert_eq!(age(NOON, NOON + 2 * HOUR + 1, true, 2), Some(said));
}

#[test]
fn nothing_is_said_of_what_never_came_and_no_clock_or_limit_makes_it_panic() {
    assert_eq!(age(0, NOON, false, 24), None);
    assert_eq!(age(NOON, NOON - 48 * HOUR, true, 24), None);
    assert_eq!(age(NOON, i64::MAX, true, u64::MAX), None);
    assert!(age(NOON, i64::MIN, false, 0).is_some());
}
