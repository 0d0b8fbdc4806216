//! The customers of the account.

use crate::portal::Portal;

/// The list of customers and the page of each.
#[derive(Clone, Copy, Debug)]
pub struct Customers<'a>(pub &'a Portal);

impl Customers<'_> {
    /// Opens the list by the menu.
    pub async fn open(self) {
        self.0.click(".rail-link", "Customers").await;
        self.0.heading("Customers").await;
    }

    /// Searches the list.
    pub async fn search(self, words: &str) {
        self.0.write("input[type=search]", words).await;
    }

    /// Opens the page of a customer in the list.
    pub async fn read(self, name: &str) {
        self.0.click("a.row-link", name).await;
        self.0.heading(name).await;
    }

    /// The services that the customer's cases stand under, in order.
    pub async fn services(self) -> Vec<String> {
        let script = "return all('section h2').filter(seen).map((one) => tidy(one.textContent));";
        let found = self
            .0
            .until("the customer's cases", script, Vec::new())
            .await;
        let found = found.as_array().cloned().unwrap_or_default();
        let text = |one: serde_json::Value| one.as_str().map(String::from);
        found.into_iter().filter_map(text).collect()
    }
}
