//! The drafts of this device.

use crate::portal::Portal;

/// The list of drafts.
#[derive(Clone, Copy, Debug)]
pub struct Drafts<'a>(pub &'a Portal);

impl Drafts<'_> {
    /// Opens the list by the menu.
    pub async fn open(self) {
        self.0.click(".rail-link", "Drafts").await;
        self.0.heading("Drafts").await;
    }

    /// What a draft's row says.
    pub async fn row(self, title: &str) -> String {
        self.0.read(".row", Some(title)).await
    }

    /// Goes on with a draft.
    pub async fn go_on_with(self, title: &str) {
        self.0.click("a.row-link", title).await;
    }

    /// Discards a draft.
    pub async fn discard(self, title: &str) {
        self.0.button(&format!("Discard {title}")).await;
        self.0.see("Draft discarded.").await;
    }

    /// Takes a discarded draft back from the list.
    pub async fn take_back(self, title: &str) {
        self.0.button(&format!("Take back {title}")).await;
        self.0.see("The draft is back").await;
    }
}
