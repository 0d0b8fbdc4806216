//! Ctrl-C and SIGTERM: what was started is ended first.

use std::sync::mpsc::{Receiver, channel};

use anyhow::{Context, Result};

use crate::process;

/// Exit status of a program ended by Ctrl-C, by convention.
const INTERRUPTED: i32 = 130;

/// From now on an interruption arrives here, and the caller ends in order.
pub(crate) fn as_message() -> Result<Receiver<()>> {
    let (sender, receiver) = channel();
    ctrlc::set_handler(move || {
        // A second Ctrl-C finds nobody listening and has nothing to add.
        let _ = sender.send(());
    })
    .context("cannot listen for Ctrl-C")?;
    Ok(receiver)
}

/// From now on an interruption ends what was started here and this program.
pub(crate) fn ends_everything() -> Result<()> {
    ctrlc::set_handler(|| {
        process::end_everything();
        std::process::exit(INTERRUPTED);
    })
    .context("cannot listen for Ctrl-C")
}
