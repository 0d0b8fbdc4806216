//! Linking a contract by its two ids.

use crate::portal::Portal;

/// The page on which a contract is linked.
#[derive(Clone, Copy, Debug)]
pub struct LinkContract<'a>(pub &'a Portal);

impl LinkContract<'_> {
    /// Opens it from the contracts.
    pub async fn open(self) {
        self.0.click(".rail-link", "Entitlements").await;
        self.0.click("a.btn", "Link a contract").await;
        self.0.heading("Link a contract").await;
    }

    /// Writes both ids.
    pub async fn write(self, access: &str, contract: &str) {
        self.0.write("[id$='-0'].input", access).await;
        self.0.write("[id$='-1'].input", contract).await;
    }

    /// Links it.
    pub async fn go(self) {
        self.0.button("Link the contract").await;
    }

    /// What became of a contract's linking that was refused.
    pub async fn refusal(self, contract: &str) -> String {
        self.0.read(".row:has(.row-meta + p)", Some(contract)).await
    }
}
