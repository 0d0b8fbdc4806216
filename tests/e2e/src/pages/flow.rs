//! The questions of the flow, in its order: type, problem, entitlement, fault report, details,
//! contact.

use super::Review;
use crate::portal::Portal;

/// The flow of one draft.
#[derive(Clone, Copy, Debug)]
pub struct Flow<'a>(pub &'a Portal);

/// What one case is about; the rest of its answers are usual ones.
#[derive(Clone, Copy, Debug)]
pub struct Story<'a> {
    /// What is described first, and becomes the subject and the beginning of the description.
    pub brief: &'a str,
    /// The customer.
    pub customer: &'a str,
    /// The severity's id.
    pub severity: &'a str,
}

impl Story<'_> {
    /// A case that needs nothing special.
    pub fn about(brief: &str) -> Story<'_> {
        Story {
            brief,
            customer: "Orient Precision",
            severity: "3",
        }
    }
}

impl<'a> Flow<'a> {
    /// Begins a case.
    pub async fn begin(self) {
        self.0.press(".rail-first", None).await;
        self.0.heading("What do you need?").await;
    }

    /// Begins a case whose first page has another heading.
    pub async fn begin_at(self, heading: &str) {
        self.0.press(".rail-first", None).await;
        self.0.heading(heading).await;
    }

    /// Chooses one of several by its id.
    pub async fn pick(self, field: &str, id: &str) {
        let control = format!("input[name=f-{field}][value='{id}']");
        self.0.press(&control, None).await;
        let script = "return find(arguments[0])?.checked;";
        let what = format!("{id} to be chosen");
        self.0.until(&what, script, vec![control.into()]).await;
    }

    /// Which of several is chosen, by its id; empty if none is.
    pub async fn picked(self, field: &str) -> String {
        let script = "return find(arguments[0])?.value ?? '';";
        let control = format!("input[name=f-{field}]:checked");
        let found = self.0.eval(script, vec![control.into()]).await;
        found.as_str().unwrap_or_default().to_string()
    }

    /// Ticks a box.
    pub async fn tick(self, selector: &str) {
        self.0.press(selector, None).await;
        let script = "return find(arguments[0])?.checked;";
        let what = format!("{selector} to be ticked");
        self.0.until(&what, script, vec![selector.into()]).await;
    }

    /// Goes straight to a step of the draft, as its address does, and waits for its heading.
    pub async fn jump(self, step: &str, heading: &str) {
        self.0.until_saved().await;
        let path = self.0.path().await;
        let draft = path.split('/').nth(2).unwrap_or_default();
        self.0.open(&format!("/drafts/{draft}/{step}")).await;
        self.0.heading(heading).await;
    }

    /// Waits for something that does not agree, and returns all that is said of it.
    pub async fn told(self, words: &str) -> String {
        self.0.read("main .notice", Some(words)).await
    }

    /// Goes on, expecting the next page.
    pub async fn go_on(self, heading: &str) {
        self.submit().await;
        self.0.heading(heading).await;
    }

    /// Presses the button that goes on, wherever it leads.
    pub async fn submit(self) {
        self.0.press("form button[type=submit]", None).await;
    }

    /// Goes to a step by its name in the line of steps, unless it is the one that is shown.
    pub async fn step(self, name: &str) {
        self.0.element(".steps li", Some(name)).await;
        if !self.0.has(".steps [aria-current]", Some(name)).await {
            self.0.click(".steps a", name).await;
        }
        self.0.element(".steps [aria-current]", Some(name)).await;
    }

    /// Chooses what is marked with these words, on any page with choices.
    pub async fn mark(self, words: &str) {
        self.0.click("label.choice", words).await;
        let script = "return find('label.choice', arguments[0])?.querySelector('input').checked;";
        let what = format!("“{words}” to be chosen");
        self.0.until(&what, script, vec![words.into()]).await;
    }

    /// Begins a case and answers up to its description.
    pub async fn describe(self, brief: &str) {
        self.begin().await;
        self.mark("I have a technical issue").await;
        self.go_on("What is happening?").await;
        self.0.write("#f-brief", brief).await;
    }

    /// Answers up to the choice of the entitlement.
    pub async fn until_entitlement(self, brief: &str) {
        self.describe(brief).await;
        self.0.button("Open a case").await;
        self.0.heading("Which entitlement does it use?").await;
    }

    /// Answers up to the fault report.
    pub async fn until_report(self, brief: &str) {
        self.until_entitlement(brief).await;
        self.mark("Partner Support Priority").await;
        self.go_on("Prepare the fault report").await;
    }

    /// Answers up to the details.
    pub async fn until_details(self, brief: &str) {
        self.until_report(brief).await;
        self.product("cvad", "2402-ltsr").await;
        self.go_on("Describe the case").await;
    }

    /// Chooses product and version.
    pub async fn product(self, product: &str, version: &str) {
        self.0.choose("#f-product", product).await;
        self.0.choose("#f-product_version", version).await;
    }

    /// Chooses a severity by its number.
    pub async fn severity(self, id: &str) {
        self.mark(&format!("Severity {id}:")).await;
    }

    /// Answers up to the contact.
    pub async fn until_contact(self, story: Story<'_>) {
        self.until_details(story.brief).await;
        self.severity(story.severity).await;
        self.0.write("#f-customer_name", story.customer).await;
        self.go_on("How can the engineer reach you?").await;
    }

    /// Answers everything up to the review.
    pub async fn until_review(self, story: Story<'_>) -> Review<'a> {
        self.until_contact(story).await;
        self.go_on("Check and send").await;
        Review(self.0)
    }

    /// The entries of the error summary, in order.
    pub async fn problems(self) -> Vec<String> {
        self.0.element(".error-summary", None).await;
        let script = "return all('.error-summary li').map((one) => tidy(one.textContent));";
        let found = self.0.eval(script, Vec::new()).await;
        let found = found.as_array().cloned().unwrap_or_default();
        let text = |one: &serde_json::Value| one.as_str().map(String::from);
        found.iter().filter_map(text).collect()
    }
}
