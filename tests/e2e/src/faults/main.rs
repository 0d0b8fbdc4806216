//! The fault bench: the whole portal in a real browser, on a line that fails, whose browser is
//! killed at random moments. `cargo xtask faults` builds what it needs and runs it.
//!
//! One profile lives through fifty rounds. In each round somebody types, comments, adds files and
//! reports, sends a case, in one tab or two, in some weather on the line, until the browser's
//! processes end. After each round it is compared what came back of the typing; every few rounds the
//! line is mended, and when nothing is pending any more, what was handed over is compared with the
//! backend's ledger. What is random in a round follows from the seed and its number, except how fast
//! machine and browser are; so a round can be seen again without those long before it.
//!
//! [`bench`] plays the rounds, [`weather`] is the line, [`hand`] somebody who works with
//! [`hands`] on the page, [`account`] what was done and what became of it, [`dice`] chance.

mod account;
mod bench;
mod dice;
mod hand;
mod hands;
mod weather;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::Instant;

use account::Account;
use casement_e2e::Engine;

/// So many rounds live on one profile and one backend.
const CHAPTER: u64 = 50;
/// So often in a row nothing may work at all.
const PATIENCE: u32 = 3;

/// What is asked for.
struct Options {
    rounds: u64,
    seed: u64,
    /// The first round.
    from: u64,
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
    let account = play(&options);
    println!("{account}\nseed {}", options.seed);
    match account.is_clean() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

/// Plays all rounds, fifty after each other with one profile. Where they break off it is told, and
/// the next ones begin with a fresh profile.
fn play(options: &Options) -> Account {
    let Options { seed, engine, .. } = *options;
    let (first, end) = (options.from, options.from + options.rounds);
    println!("{} rounds in {engine:?}, seed {seed}", options.rounds);
    let mut account = Account::default();
    let began = Instant::now();
    let (mut next, mut in_vain) = (first, 0);
    while next < end && in_vain < PATIENCE {
        let last = (next + CHAPTER - (next - 1) % CHAPTER).min(end) - 1;
        let (before, faults) = (account.rounds, account.faults());
        let mut settled = |round: u64, account: &Account| {
            let played = round + 1 - first;
            let each = began.elapsed().as_secs_f64() / played as f64;
            let so_far = account.in_short();
            println!(
                "{played} of {} rounds, {each:.1} s each: {so_far}",
                end - first
            );
        };
        let ended = chapter(engine, seed, next..=last, &mut account, &mut settled);
        if let Err(problem) = ended {
            account.fault(&format!("the rounds broke off: {problem}"));
        }
        if account.faults() > faults {
            println!(
                "  to see it again: --seed {seed} --from {next} --rounds {}",
                last + 1 - next
            );
        }
        let played = account.rounds - before;
        in_vain = if played == 0 { in_vain + 1 } else { 0 };
        // The round that broke off is not played again: it would break off once more.
        next = (next + played + 1).min(end).min(last + 1);
    }
    account
}

fn chapter(
    engine: Engine,
    seed: u64,
    rounds: std::ops::RangeInclusive<u64>,
    account: &mut Account,
    settled: &mut dyn FnMut(u64, &Account),
) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("no runtime: {error}"))?;
    let playing = AssertUnwindSafe(|| {
        runtime.block_on(bench::rounds(engine, seed, rounds, account, settled))
    });
    // Why stands above, with what was on the page.
    catch_unwind(playing).unwrap_or_else(|_| Err("see above".into()))
}

fn options(words: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options {
        rounds: 20,
        seed: 1,
        from: 1,
        engine: Engine::Chromium,
    };
    let mut words = words;
    while let Some(word) = words.next() {
        let value = words.next().ok_or(format!("{word} needs a value"))?;
        let number = || value.parse().map_err(|_| format!("{value:?} is no number"));
        match word.as_str() {
            "--rounds" => options.rounds = number()?,
            "--seed" => options.seed = number()?,
            "--from" => options.from = number()?.max(1),
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
