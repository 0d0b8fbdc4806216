//! The call sheet of a severity that is taken by phone only.

use crate::portal::Portal;

/// The call sheet.
#[derive(Clone, Copy, Debug)]
pub struct CallSheet<'a>(pub &'a Portal);

impl CallSheet<'_> {
    /// Waits for the call sheet.
    pub async fn until_there(self) {
        self.0.heading("Call now").await;
    }

    /// The numbers to call, the region's own first.
    pub async fn numbers(self) -> Vec<String> {
        let script = "return all('a[href^=tel]').filter(seen).map((one) => tidy(one.textContent));";
        let found = self.0.until("the numbers", script, Vec::new()).await;
        let found = found.as_array().cloned().unwrap_or_default();
        let text = |one: &serde_json::Value| one.as_str().map(String::from);
        found.iter().filter_map(text).collect()
    }

    /// Notes what was said.
    pub async fn note(self, text: &str) {
        self.0.write("#call-note", text).await;
        self.0.button("Add note").await;
        self.0.read(".call-log li", Some(text)).await;
    }
}
