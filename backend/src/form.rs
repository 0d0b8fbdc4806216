//! Checks what a client wrote. Every mistake in a body is found before any is told, and a field
//! nobody asked for is a mistake too: it is more often a typing error than a wish.

use crate::http::limits::{FIELDS, LONGEST_EMAIL, LONGEST_FIELD_NAME, LONGEST_ID, OTHER, WATCHERS};
use crate::problem::{FieldError, Problem};
use axum::http::StatusCode;
use serde_json::{Map, Value};
use std::borrow::Cow;
use unicode_segmentation::UnicodeSegmentation;

/// A JSON object on its way to becoming checked values.
#[derive(Debug)]
pub(crate) struct Form {
    fields: Map<String, Value>,
    errors: Vec<FieldError>,
}

impl Form {
    /// Reads a body. Not JSON at all is a different mistake than the wrong JSON.
    pub(crate) fn read(body: &[u8]) -> Result<Self, Problem> {
        let value = serde_json::from_slice(body).map_err(|error| {
            Problem::new(
                StatusCode::BAD_REQUEST,
                "malformed",
                format!("The body is not JSON: {error}."),
            )
        })?;
        match value {
            Value::Object(fields) => Ok(Self {
                fields,
                errors: Vec::new(),
            }),
            _ => Err(Problem::fields(vec![FieldError {
                pointer: String::new(),
                code: "invalid".into(),
                detail: "The body must be a JSON object.".to_owned(),
            }])),
        }
    }

    /// Whether the field is present, even as null.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// A required single line.
    pub(crate) fn required_line(&mut self, name: &str, longest: usize) -> String {
        let line = self.required_text(name, longest);
        self.check_line(name, &line);
        line
    }

    /// A single line that may be missing, null or empty.
    pub(crate) fn line(&mut self, name: &str, longest: usize) -> String {
        let line = self.text(name, longest);
        self.check_line(name, &line);
        line
    }

    /// A required text that must have something to read in it.
    pub(crate) fn required_text(&mut self, name: &str, longest: usize) -> String {
        let errors_before = self.errors.len();
        let text = self.text(name, longest);
        if self.errors.len() == errors_before && is_blank(&text) {
            self.mistake(&pointer(name), "required", format!("{name} is required."));
        }
        text
    }

    /// A text that may be missing, null or empty.
    pub(crate) fn text(&mut self, name: &str, longest: usize) -> String {
        match self.fields.remove(name) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => {
                self.check_length(&pointer(name), &text, longest);
                text
            }
            Some(_) => {
                self.not_a_text(&pointer(name));
                String::new()
            }
        }
    }

    /// One mail address, or nothing.
    pub(crate) fn email(&mut self, name: &str) -> String {
        let address = self.text(name, LONGEST_EMAIL);
        if !address.is_empty() && !is_email(&address) {
            self.not_an_email(&pointer(name));
        }
        address
    }

    /// A list of mail addresses; missing and null mean none.
    pub(crate) fn emails(&mut self, name: &str) -> Vec<String> {
        let Some(items) = self.list(name) else {
            return Vec::new();
        };
        let mut addresses = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            match item {
                Value::String(address) if is_email(&address) => addresses.push(address),
                _ => self.not_an_email(&format!("{}/{index}", pointer(name))),
            }
        }
        addresses
    }

    fn list(&mut self, name: &str) -> Option<Vec<Value>> {
        let items = match self.fields.remove(name) {
            None | Some(Value::Null) => return None,
            Some(Value::Array(items)) => items,
            Some(_) => {
                self.mistake(&pointer(name), "invalid", format!("{name} must be a list."));
                return None;
            }
        };
        if items.len() > WATCHERS {
            let detail = format!("{name} may have at most {WATCHERS} entries.");
            self.mistake(&pointer(name), "too_long", detail);
            return None;
        }
        Some(items)
    }

    /// A list of ids or numbers; missing and null mean none.
    pub(crate) fn names(&mut self, name: &str) -> Vec<String> {
        let Some(items) = self.list(name) else {
            return Vec::new();
        };
        let mut names = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            let place = format!("{}/{index}", pointer(name));
            match item {
                Value::String(text) if is_blank(&text) || text.chars().any(char::is_control) => {
                    self.mistake(&place, "invalid", "This must be one line and not empty.");
                }
                Value::String(text) => {
                    self.check_length(&place, &text, LONGEST_ID);
                    names.push(text);
                }
                _ => self.not_a_text(&place),
            }
        }
        names
    }

    /// Whether something is so; missing means that it is not.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        match self.fields.remove(name) {
            None | Some(Value::Null) => false,
            Some(Value::Bool(flag)) => flag,
            Some(_) => {
                self.mistake(&pointer(name), "invalid", "This must be true or false.");
                false
            }
        }
    }

    /// Additional fields as name and text; null asks for removal and is kept as null.
    pub(crate) fn texts(&mut self, name: &str) -> Map<String, Value> {
        let entries = match self.fields.remove(name) {
            None | Some(Value::Null) => return Map::new(),
            Some(Value::Object(entries)) => entries,
            Some(_) => {
                let detail = format!("{name} must be an object of texts.");
                self.mistake(&pointer(name), "invalid", detail);
                return Map::new();
            }
        };
        if entries.len() > FIELDS {
            let detail = format!("{name} may have at most {FIELDS} entries.");
            self.mistake(&pointer(name), "too_long", detail);
            return Map::new();
        }
        for (key, value) in &entries {
            let place = format!("{}{}", pointer(name), pointer(key));
            match value {
                Value::String(text) => self.check_length(&place, text, OTHER),
                Value::Null => {}
                _ => self.not_a_text(&place),
            }
            self.check_length(&place, key, LONGEST_FIELD_NAME);
        }
        entries
    }

    /// Adds a mistake that only the caller could find.
    pub(crate) fn mistake(
        &mut self,
        pointer: &str,
        code: impl Into<Cow<'static, str>>,
        detail: impl Into<String>,
    ) {
        self.errors.push(FieldError {
            pointer: pointer.to_owned(),
            code: code.into(),
            detail: detail.into(),
        });
    }

    /// Whether a mistake has been found at a place already.
    pub(crate) fn is_wrong_at(&self, place: &str) -> bool {
        self.errors.iter().any(|error| error.pointer == place)
    }

    /// Refuses the body if anything was wrong with it, naming also the fields nobody asked for.
    pub(crate) fn finish(mut self) -> Result<(), Problem> {
        let unknown: Vec<String> = self.fields.keys().map(|name| pointer(name)).collect();
        for place in unknown {
            self.mistake(&place, "unknown", "There is no such field.");
        }
        match self.errors.is_empty() {
            true => Ok(()),
            false => Err(Problem::fields(self.errors)),
        }
    }

    /// A required line whose length is counted as people count it, in grapheme clusters. It may
    /// have `most` characters in all, so that one cluster can't grow without end.
    pub(crate) fn required_line_in_graphemes(
        &mut self,
        name: &str,
        longest: usize,
        most: usize,
    ) -> String {
        let line = self.required_line(name, most);
        let length = line.graphemes(true).count();
        if length > longest && line.chars().count() <= most {
            let detail = format!("At most {longest} characters are allowed; there are {length}.");
            self.mistake(&pointer(name), "too_long", detail);
        }
        line
    }

    /// The refusal of a body of which it can't be said which fields it should have.
    pub(crate) fn refuse(self) -> Problem {
        Problem::fields(self.errors)
    }

    fn check_length(&mut self, place: &str, text: &str, longest: usize) {
        let length = text.chars().count();
        if length > longest {
            let detail = format!("At most {longest} characters are allowed; there are {length}.");
            self.mistake(place, "too_long", detail);
        }
    }

    /// Line ends in what becomes a mail subject or header could add headers of their own.
    fn check_line(&mut self, name: &str, line: &str) {
        if line.chars().any(char::is_control) {
            let detail = format!("{name} must be one line without control characters.");
            self.mistake(&pointer(name), "invalid", detail);
        }
    }

    fn not_a_text(&mut self, place: &str) {
        self.mistake(place, "invalid", "This must be a text.");
    }

    fn not_an_email(&mut self, place: &str) {
        let detail = "This must be one mail address, like name@company.example.";
        self.mistake(place, "invalid", detail);
    }
}

/// The pointer to a field, with the two characters escaped that pointers give a meaning to.
fn pointer(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// Whether there is nothing to read in a text. The OpenAPI document states the same as a pattern.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c.is_control())
}

/// Whether this is one plain mail address. The OpenAPI document states the same as a pattern.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let in_local = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_{|}~.-".contains(c);
    let label = |label: &str| {
        !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    text.len() <= LONGEST_EMAIL
        && !local.is_empty()
        && local.chars().all(in_local)
        && domain.contains('.')
        && domain.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::limits::SUBJECT;

    fn pointers(problem: Result<(), Problem>) -> Vec<(String, Cow<'static, str>)> {
        let problem = problem.expect_err("the form has mistakes");
        problem
            .errors()
            .iter()
            .map(|error| (error.pointer.clone(), error.code.clone()))
            .collect()
    }

    #[test]
    fn all_mistakes_of_a_body_are_told_at_once() {
        let body = br#"{"subject": "  ", "mail": "a@b", "list": ["x@y.example", 7], "a/b~": 1}"#;
        let mut form = Form::read(body).expect("the body is an object");
        form.required_line("subject", SUBJECT);
        form.email("mail");
        form.emails("list");
        assert_eq!(
            pointers(form.finish()),
            [
                ("/subject".to_owned(), "required".into()),
                ("/mail".to_owned(), "invalid".into()),
                ("/list/1".to_owned(), "invalid".into()),
                ("/a~1b~0".to_owned(), "unknown".into()),
            ]
        );
    }

    #[test]
    fn cms_10_the_length_of_a_subject_is_counted_as_people_count() {
        for longest in ["件", "e\u{301}", "👩\u{200d}👩\u{200d}👧"] {
            let body = format!(r#"{{"subject": "{}"}}"#, longest.repeat(SUBJECT));
            let mut form = Form::read(body.as_bytes()).expect("the body is an object");
            form.required_line_in_graphemes("subject", SUBJECT, OTHER);
            assert!(form.finish().is_ok());
        }
        let body = format!(r#"{{"subject": "{}"}}"#, "e\u{301}".repeat(SUBJECT + 1));
        let mut form = Form::read(body.as_bytes()).expect("the body is an object");
        form.required_line_in_graphemes("subject", SUBJECT, OTHER);
        assert_eq!(
            pointers(form.finish()),
            [("/subject".to_owned(), "too_long".into())]
        );
    }

    #[test]
    fn a_line_end_in_a_subject_is_refused() {
        let mut form = Form::read(br#"{"subject": "a\r\nBcc: b"}"#).expect("an object");
        form.required_line("subject", SUBJECT);
        assert_eq!(
            pointers(form.finish()),
            [("/subject".to_owned(), "invalid".into())]
        );
    }

    #[test]
    fn one_plain_address_is_a_mail_address_and_nothing_else_is() {
        for good in ["a@b.example", "first.last+tag@sub.host-1.example"] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "a@b",
            "@b.example",
            "a@.example",
            "a@b.example,c@d.example",
            "a b@c.example",
            "<a@b.example>",
            "a@b@c.example",
            "a@b.example\n",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
