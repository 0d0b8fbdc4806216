//! The page of a case.

use std::path::Path;

use crate::portal::Portal;

/// The page of a case.
#[derive(Clone, Copy, Debug)]
pub struct CasePage<'a>(pub &'a Portal);

impl CasePage<'_> {
    /// A fact beside the case.
    pub async fn fact(self, name: &str) -> String {
        let script = r"
            const row = all('.facts > div').find((one) =>
              tidy(one.querySelector('dt').textContent) === arguments[0]);
            return row && tidy(row.querySelector('dd').innerText);";
        let what = format!("the fact “{name}”");
        let fact = self.0.until(&what, script, vec![name.into()]).await;
        fact.as_str().unwrap_or_default().to_string()
    }

    /// Writes a comment and sends it.
    pub async fn comment(self, text: &str) {
        self.0.write("#comment-text", text).await;
        self.0.button("Send the comment").await;
    }

    /// Adds files.
    pub async fn add_files(self, files: &[&Path]) {
        self.0.choose_files(".reply input[type=file]", files).await;
    }

    /// Adds the fault report that was not there at creation.
    pub async fn add_report(self, text: &str) {
        self.0.button("Add the fault report").await;
        self.0.write("#case-report", text).await;
        self.0.button("Add to the description").await;
    }
}
