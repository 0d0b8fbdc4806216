//! The bar above every page: for which customer one acts, with which vendor, and how dates and
//! numbers are written.

use crate::portal::Portal;
use thirtyfour::Key;

/// The bar.
#[derive(Clone, Copy, Debug)]
pub struct ContextBar<'a>(pub &'a Portal);

impl ContextBar<'_> {
    /// Finds a customer by typing and takes the first that fits, with the keyboard alone.
    pub async fn act_for(self, words: &str, name: &str) {
        self.open_search().await;
        self.search_and_take(words, name).await;
        self.until_acting_for(name).await;
    }

    /// Opens the search for a customer.
    pub async fn open_search(self) {
        self.0.press("[data-control=acting-for]", None).await;
        self.0.until_focus("#finder-line").await;
    }

    /// Types into the open search and takes what is found first, once that is the one that is meant.
    pub async fn search_and_take(self, words: &str, name: &str) {
        self.0.write("#finder-line", words).await;
        let first = "[role=option][aria-selected=true]";
        self.0.read(first, Some(name)).await;
        let enter = Key::Enter.value().to_string();
        self.0.add("#finder-line", &enter).await;
        let script = "return !find('#finder-line');";
        self.0.until("the search to go", script, Vec::new()).await;
    }

    /// Waits until the bar names this customer.
    pub async fn until_acting_for(self, name: &str) {
        self.0.read(".ctx-acting", Some(name)).await;
    }

    /// Chooses a vendor.
    pub async fn vendor(self, id: &str) {
        self.0.choose("[data-control=vendor]", id).await;
    }

    /// Chooses how dates and numbers are written, by a region.
    pub async fn format(self, region: &str) {
        self.0.press("details.menu summary", None).await;
        self.0.choose("[data-control=format]", region).await;
    }
}
