//! How long a test waits before it gives up, and what follows from that.
//!
//! A wait that ends in vain can mean a fault, or a machine that had no time for the browser. Which of
//! them it was, a second attempt alone on the machine tells ([`crate::desk`] makes it); something that
//! was found to be wrong is never tried again.

use std::any::Any;
use std::time::Duration;

/// When waiting has no prospects any more. It decides nothing that passes; it only ends what fails.
pub const PATIENCE: Duration = Duration::from_secs(45);
/// Between two looks.
pub const PAUSE: Duration = Duration::from_millis(40);

const IN_VAIN: &str = "waited in vain for ";

/// Ends the test, since nothing came of a wait.
pub fn in_vain(what: impl AsRef<str>) -> ! {
    panic!("{IN_VAIN}{}", what.as_ref());
}

/// Whether a test failed by a wait, and by nothing else.
pub fn was_in_vain(failure: &(dyn Any + Send)) -> bool {
    let said = failure.downcast_ref::<String>();
    said.is_some_and(|said| said.starts_with(IN_VAIN))
}
