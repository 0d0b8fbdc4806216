//! Contracts and product authorizations.

use crate::portal::Portal;

/// The page of contracts and authorizations.
#[derive(Clone, Copy, Debug)]
pub struct Entitlements<'a>(pub &'a Portal);

impl Entitlements<'_> {
    /// Opens the page by the menu.
    pub async fn open(self) {
        self.0.click(".rail-link", "Entitlements").await;
        self.0.heading("Entitlements").await;
    }

    /// What the card of a contract says, by its number.
    pub async fn contract(self, number: &str) -> String {
        self.0.read("article.ent", Some(number)).await
    }

    /// What is said about the authorization for a product family.
    pub async fn authorization(self, family: &str) -> String {
        self.0.read("tbody tr", Some(family)).await
    }
}
