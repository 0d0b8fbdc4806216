//! What became of a case that was handed over.

use crate::portal::Portal;

/// The page after sending.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a>(pub &'a Portal);

impl Sent<'_> {
    /// Waits for the case number.
    pub async fn number(self) -> String {
        let number = self.0.read(".case-number", None).await;
        assert!(
            number.len() == 8 && number.bytes().all(|byte| byte.is_ascii_digit()),
            "not a case number: {number}"
        );
        number
    }

    /// Opens the page of the case.
    pub async fn open(self) {
        self.0.link("Open the case").await;
        self.0.element(".case-head", None).await;
    }
}
