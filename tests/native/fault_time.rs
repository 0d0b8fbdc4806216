//! Clocks that are wrong, and days that are longer or shorter: what is due is right all the same.

use casement::core::sla::civil::{DAY, HOUR, Instant, SECOND};
use casement::core::sla::server::{Sample, offset};
use proptest::prelude::*;

use crate::support::tries;

/// The most that a due time may be off.
const ERROR: i64 = 2 * SECOND;
const START: Instant = 1_795_000_000_000;

/// An exchange that the server answered at `at` by its own clock, seen by a clock that is `wrong` by
/// so much: the way there and the way back take their time, and the server tells whole seconds.
fn exchange(at: Instant, wrong: i64, there: i64, back: i64) -> Sample {
    Sample {
        sent: at - there + wrong,
        date: at.div_euclid(SECOND) * SECOND,
        received: at + back + wrong,
        // The page began at some time or other; only changes say anything.
        ahead: START - 77_000 + wrong,
    }
}

fn error_after(samples: &[Sample], wrong: i64) -> i64 {
    let offset = offset(samples).expect("there are samples");
    (wrong + offset).abs()
}

#[test]
fn fault_19_a_local_clock_a_day_off_moves_nothing_by_more_than_two_seconds() {
    for wrong in [-DAY, -11 * HOUR, 0, 37 * SECOND, DAY] {
        let samples: Vec<Sample> = (0..9)
            .map(|turn| exchange(START + turn * 30_777, wrong, 40 + turn, 60))
            .collect();
        assert!(error_after(&samples, wrong) <= ERROR, "{wrong}");
    }
}

#[test]
fn fault_19_after_a_jump_the_first_exchange_sets_it_right() {
    for (before, after) in [(0, DAY), (0, -DAY), (DAY, 0), (-DAY, DAY), (0, 60 * SECOND)] {
        let mut samples: Vec<Sample> = (0..8)
            .map(|turn| exchange(START + turn * 30_000, before, 20, 20))
            .collect();
        samples.push(exchange(START + 240_500, after, 35, 50));
        assert!(error_after(&samples, after) <= ERROR, "{before} {after}");
    }
}

#[test]
fn fault_19_a_clock_set_in_the_middle_of_an_exchange_measures_nothing_false() {
    let mut samples = vec![
        exchange(START, 0, 20, 20),
        exchange(START + 30_000, 0, 20, 20),
    ];
    // Sent by the old clock, received by the new one, a day earlier.
    let mut torn = exchange(START + 60_000, -DAY, 20, 20);
    torn.sent += DAY;
    samples.push(torn);
    assert_eq!(offset(&samples), None);
    samples.push(exchange(START + 90_000, -DAY, 20, 20));
    assert!(error_after(&samples, -DAY) <= ERROR);
}

proptest! {
    #![proptest_config(tries(256))]

    #[test]
    fn fault_19_whenever_it_jumps_and_however_slow_the_line_is(
        before in -DAY..DAY,
        after in -DAY..DAY,
        ways in proptest::collection::vec((1..900_i64, 1..900_i64), 2..10),
        jump in 0..9_usize,
    ) {
        let jump = jump.min(ways.len() - 1);
        let samples: Vec<Sample> = ways
            .iter()
            .enumerate()
            .map(|(turn, (there, back))| {
                let wrong = if turn < jump { before } else { after };
                exchange(START + turn as i64 * 30_123, wrong, *there, *back)
            })
            .collect();
        prop_assert!(error_after(&samples, after) <= ERROR);
    }
}
