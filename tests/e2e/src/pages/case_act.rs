//! The pages on which something is asked for on a case.

use crate::portal::Portal;

/// A page on which one thing is asked for on a case.
#[derive(Clone, Copy, Debug)]
pub struct CaseAct<'a>(pub &'a Portal);

impl CaseAct<'_> {
    /// Opens it from the case, by the link that stands there.
    pub async fn open(self, case: &str, link: &str, heading: &str) {
        self.0.open(&format!("/cases/{case}")).await;
        self.0.click(".acts a", link).await;
        self.0.heading(heading).await;
    }

    /// Answers a question in a line or more.
    pub async fn answer(self, question: &str, text: &str) {
        self.0.write(&format!("#act-{question}"), text).await;
    }

    /// Chooses the option that says these words.
    pub async fn choose(self, words: &str) {
        self.0.click("label.choice", words).await;
    }

    /// Ticks the sentence that says these words.
    pub async fn confirm(self, words: &str) {
        self.0.click("label.check", words).await;
    }

    /// Asks for it.
    pub async fn ask(self) {
        self.0.press("form button[type=submit]", None).await;
    }

    /// Asks for it and waits until the case shows that it was done.
    pub async fn ask_until(self, words: &str) {
        self.ask().await;
        self.0.read(".timeline", Some(words)).await;
    }
}
