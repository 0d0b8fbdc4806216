//! The list of cases.

use crate::portal::Portal;

/// The list of cases.
#[derive(Clone, Copy, Debug)]
pub struct Cases<'a>(pub &'a Portal);

impl Cases<'_> {
    /// Opens the list by the menu and waits for the cases.
    pub async fn open(self) {
        self.0.click(".rail-link", "Cases").await;
        self.0.element("table .cell-link", None).await;
    }

    /// Narrows the list: `type`, `status` or `contact`, by the id of what is wanted.
    pub async fn narrow(self, facet: &str, id: &str) {
        if !self.0.has(&format!("#cases-{facet}"), None).await {
            self.0.press(".facets summary", None).await;
        }
        self.0.choose(&format!("#cases-{facet}"), id).await;
    }

    /// Searches.
    pub async fn search(self, words: &str) {
        self.0.write("input[type=search]", words).await;
    }

    /// Waits until exactly these cases are listed, in any order.
    pub async fn until_listed(self, numbers: &[&str]) {
        let mut numbers = numbers.to_vec();
        numbers.sort_unstable();
        let script = r"
            const listed = all('tbody tr').filter(seen)
              .map((row) => tidy(row.innerText).match(/\b8\d{7}\b/)?.[0]).sort();
            return JSON.stringify(listed) === JSON.stringify(arguments[0]);";
        let what = format!("the cases {numbers:?}");
        self.0.until(&what, script, vec![numbers.into()]).await;
    }

    /// Opens a case.
    pub async fn open_case(self, subject: &str) {
        self.0.click(".cell-link", subject).await;
        self.0.element(".case-head", None).await;
    }

    /// Opens the box for a comment on a case, straight from the list.
    pub async fn comment_on(self, number: &str) {
        self.0
            .click("tbody button", &format!("Comment {number}"))
            .await;
        self.0.element("dialog[open] #comment-text", None).await;
    }
}
