//! The articles.

use crate::portal::Portal;

/// The list of articles.
#[derive(Clone, Copy, Debug)]
pub struct Knowledge<'a>(pub &'a Portal);

impl Knowledge<'_> {
    /// Opens the list by the menu.
    pub async fn open(self) {
        self.0.click(".rail-link", "Knowledge").await;
        self.0.element(".articles .article", None).await;
    }

    /// Searches.
    pub async fn search(self, words: &str) {
        self.0.write("input[type=search]", words).await;
    }

    /// Opens an article.
    pub async fn read(self, title: &str) {
        self.0.click(".article-title a", title).await;
        self.0.heading(title).await;
    }
}
