//! The fault bench: the whole portal in a real browser, on a line that fails, whose browser is
//! killed at random moments. `cargo xtask faults` builds what it needs and runs it.
//!
//! One profile lives through all rounds. In each round somebody types, comments, adds files, sends
//! a case, in one tab or two, in some weather on the line, until the browser's processes end. After
//! each round it is compared what came back of the typing; every few rounds the line is mended,
//! and when nothing is pending any more, what was handed over is compared with the backend's ledger.
//! What is random follows from the seed, except how fast machine and browser are.

mod account;
mod dice;
mod round;
mod weather;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use account::Account;
use casement_e2e::Engine;
use dice::Dice;

/// What is asked for.
struct Options {
    rounds: u64,
    seed: u64,
    engine: Engine,
}

fn main() -> ExitCode {
    let options = match options(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(mistake) => {
            eprintln!("casement-faults: {mistake}");
            return ExitCode::from(2);
        }
    };
    let Options {
        rounds,
        seed,
        engine,
    } = options;
    println!("{rounds} rounds in {engine:?}, seed {seed}");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let Ok(runtime) = runtime else {
        eprintln!("casement-faults: no runtime could be started");
        return ExitCode::FAILURE;
    };
    let mut account = Account::default();
    let played = catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(round::all(engine, rounds, Dice::new(seed), &mut account));
    }));
    if played.is_err() {
        // Why stands above, with what was on the page.
        account.fault("the rounds broke off".to_string());
    }
    println!("{account}\nseed {seed}");
    match account.is_clean() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn options(words: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options {
        rounds: 20,
        seed: 1,
        engine: Engine::Chromium,
    };
    let mut words = words;
    while let Some(word) = words.next() {
        let value = words.next().ok_or(format!("{word} needs a value"))?;
        let number = || value.parse().map_err(|_| format!("{value:?} is no number"));
        match word.as_str() {
            "--rounds" => options.rounds = number()?,
            "--seed" => options.seed = number()?,
            "--browser" => {
                options.engine = match value.as_str() {
                    "chromium" => Engine::Chromium,
                    "firefox" => Engine::Firefox,
                    "webkit" => Engine::WebKit,
                    other => return Err(format!("there is no browser {other:?}")),
                }
            }
            other => return Err(format!("there is no option {other:?}")),
        }
    }
    Ok(options)
}
