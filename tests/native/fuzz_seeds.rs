//! What the fuzzing starts from, and all that it has ever found, holds every property again.

#[path = "../../fuzz/properties.rs"]
mod properties;

use crate::support::files_under;

fn check(target: &str, holds: fn(&[u8])) {
    let seeds = files_under(&format!("fuzz/seeds/{target}"));
    assert!(!seeds.is_empty(), "no seeds for {target}");
    for seed in seeds {
        let bytes = std::fs::read(&seed).expect("a seed can be read");
        let held = std::panic::catch_unwind(|| holds(&bytes));
        assert!(held.is_ok(), "{} breaks a property", seed.display());
    }
}

#[test]
fn templates_and_queries_hold_on_every_seed() {
    check("templates", properties::templates);
    check("queries", properties::queries);
}

#[test]
fn lenses_and_formats_hold_on_every_seed() {
    check("lenses", properties::lenses);
    check("formats", properties::formats);
}

#[test]
fn addresses_hold_on_every_seed() {
    check("addresses", properties::addresses);
}

#[test]
fn profiles_and_answers_hold_on_every_seed() {
    check("profiles", properties::profiles);
    check("answers", properties::answers);
}
