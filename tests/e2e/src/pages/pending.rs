//! What has not been sent yet.

use crate::portal::Portal;

/// The list of what is pending.
#[derive(Clone, Copy, Debug)]
pub struct Pending<'a>(pub &'a Portal);

impl Pending<'_> {
    /// Opens the list by the menu.
    pub async fn open(self) {
        self.0.click(".rail-link", "Pending").await;
        self.0.heading("Pending").await;
    }

    /// Has an entry tried again now.
    pub async fn try_now(self, title: &str) {
        self.0
            .click("button", &format!("Try now New case: {title}"))
            .await;
    }

    /// Waits until nothing is pending any more.
    pub async fn until_empty(self) {
        self.0.see("Nothing is waiting").await;
    }
}
