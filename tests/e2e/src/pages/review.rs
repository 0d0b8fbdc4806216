//! Everything on one page before it is sent.

use super::Sent;
use crate::portal::Portal;

/// The review.
#[derive(Clone, Copy, Debug)]
pub struct Review<'a>(pub &'a Portal);

impl<'a> Review<'a> {
    /// What stands beside a question.
    pub async fn answer(self, label: &str) -> String {
        let script = r"
            const row = all('.summary > div').find((one) =>
              tidy(one.querySelector('dt').textContent) === arguments[0]);
            return row && tidy(row.querySelector('dd').innerText);";
        let what = format!("the answer to “{label}”");
        let answer = self.0.until(&what, script, vec![label.into()]).await;
        answer.as_str().unwrap_or_default().to_string()
    }

    /// Goes back to a question.
    pub async fn change(self, label: &str) {
        self.0.link(&format!("Change {label}")).await;
    }

    /// Sends; what becomes of it is on the next page.
    pub async fn send(self) -> Sent<'a> {
        self.0.press("form button[type=submit]", None).await;
        Sent(self.0)
    }
}
