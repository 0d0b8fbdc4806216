//! The fault bench: the portal on a line that fails, in a browser that is killed at random moments.
//! `cargo xtask faults` plays as many rounds as one asks for, `cargo xtask test` a few.

use anyhow::{Result, bail};

use super::session::Session;
use super::stages::in_browsers;
use super::totals::Totals;
use crate::cli::FaultOptions;
use crate::interrupt;
use crate::process::Task;
use crate::tools;

/// Rounds of a usual test run, about twenty seconds, and of `--full`.
const FEW: u64 = 4;
const MANY: u64 = 100;
/// The same rounds every time.
const SEED: u64 = 20_260_101;

/// Builds what is needed, plays the rounds and fails if anything was lost, doubled or disordered.
pub(crate) fn command(options: &FaultOptions) -> Result<()> {
    interrupt::ends_everything()?;
    if options.browser == "webkit" {
        tools::lasting_webkit()?;
    }
    let session = Session::prepare(false, Vec::new())?;
    match play(&session, options)? {
        true => Ok(()),
        false => bail!("the portal did not survive all faults; the account is above"),
    }
}

/// The stage of `cargo xtask test`.
pub(super) fn run(session: &Session) -> Result<Totals> {
    let options = FaultOptions {
        rounds: if session.full { MANY } else { FEW },
        seed: SEED,
        from: 1,
        browser: String::from("chromium"),
    };
    play(session, &options).map(Totals::of_check)
}

fn play(session: &Session, options: &FaultOptions) -> Result<bool> {
    let program = session.program_of("casement-e2e", "casement-faults")?;
    let mut task = Task::new(program)
        .args(["--rounds", &options.rounds.to_string()])
        .args(["--seed", &options.seed.to_string()])
        .args(["--from", &options.from.to_string()])
        .args(["--browser", &options.browser]);
    for (name, value) in in_browsers(session)? {
        task = task.env(name, value);
    }
    let home = crate::workspace::root().join("tests/e2e");
    let outcome = task.env("CARGO_MANIFEST_DIR", home).watch()?;
    Ok(outcome.succeeded)
}
