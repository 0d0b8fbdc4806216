//! Reads query parameters. A parameter nobody knows is ignored, as URLs gather them on their way;
//! one that is known but can't be understood is refused.

use super::App;
use super::limits::{LARGEST_PAGE, LONGEST_FACET, LONGEST_SEARCH};
use crate::problem::Problem;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use std::sync::Arc;

const MOST_WORDS: usize = 8;

/// The query parameters of a request.
#[derive(Debug)]
pub(super) struct Parameters(Vec<(String, String)>);

impl FromRequestParts<Arc<App>> for Parameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let Query(pairs) = Query::<Vec<(String, String)>>::from_request_parts(parts, app)
            .await
            .map_err(|_| Problem::query("The query of the URL can't be read."))?;
        Ok(Self(pairs))
    }
}

impl Parameters {
    /// The value of a parameter that may be given once.
    pub(super) fn one(&self, name: &str) -> Result<Option<&str>, Problem> {
        let mut values = self.0.iter().filter(|(found, _)| found == name);
        let first = values.next().map(|(_, value)| value.as_str());
        match values.next() {
            None => Ok(first),
            Some(_) => Err(Problem::query(format!("{name} may be given once only."))),
        }
    }

    fn short(&self, name: &str, longest: usize) -> Result<Option<&str>, Problem> {
        match self.one(name)? {
            Some(value) if value.chars().count() > longest => Err(Problem::query(format!(
                "{name} may have at most {longest} characters."
            ))),
            value => Ok(value),
        }
    }

    /// How many records a page should have.
    pub(super) fn limit(&self, usual: i64) -> Result<i64, Problem> {
        let Some(text) = self.one("limit")? else {
            return Ok(usual);
        };
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            Ok(limit) if digits && (1..=LARGEST_PAGE).contains(&limit) => Ok(limit),
            _ => Err(Problem::query(format!(
                "limit must be a number from 1 to {LARGEST_PAGE}."
            ))),
        }
    }

    /// The place after which a page starts.
    pub(super) fn cursor(&self) -> Result<Option<String>, Problem> {
        let Some(cursor) = self.one("cursor")? else {
            return Ok(None);
        };
        let usual = |c: char| c.is_ascii_alphanumeric() || "-_.:~".contains(c);
        match (1..=200).contains(&cursor.len()) && cursor.chars().all(usual) {
            true => Ok(Some(cursor.to_owned())),
            false => Err(Problem::query("cursor was not made by this service.")),
        }
    }

    /// The words of a search.
    pub(super) fn words(&self) -> Result<Vec<String>, Problem> {
        let text = self.short("q", LONGEST_SEARCH)?.unwrap_or_default();
        let words = text.split_whitespace().take(MOST_WORDS);
        Ok(words.map(str::to_owned).collect())
    }

    /// The values by which a listing is narrowed.
    pub(super) fn facets(
        &self,
        names: &[&'static str],
    ) -> Result<Vec<(&'static str, String)>, Problem> {
        let mut facets = Vec::new();
        for name in names {
            if let Some(value) = self.short(name, LONGEST_FACET)? {
                facets.push((*name, value.to_owned()));
            }
        }
        Ok(facets)
    }

    /// The same query for another page, without what decides the page.
    pub(super) fn next_page(&self, path: &str, cursor: &str) -> String {
        use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
        let kept = self.0.iter().filter(|(name, _)| name != "cursor");
        let pairs = kept
            .map(|(name, value)| {
                let name = utf8_percent_encode(name, NON_ALPHANUMERIC);
                let value = utf8_percent_encode(value, NON_ALPHANUMERIC);
                format!("{name}={value}&")
            })
            .collect::<String>();
        format!("{path}?{pairs}cursor={cursor}")
    }
}
