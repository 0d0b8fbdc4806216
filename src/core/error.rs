//! The one error of the portal: its kind decides what happens, its context explains.
//!
//! A page never prints an error's context alone: it says what happened (`error.<kind>.what`), what
//! is safe (`error.<kind>.safe`) and what to do (`error.<kind>.next`) from the catalogue, and shows
//! the context beneath for whoever has to look closer.

use std::fmt;

/// What kind of thing went wrong; the program decides by this and by nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// No answer: no network, a dead server, a cut connection. Trying again is right.
    Unreachable,
    /// The backend asked for patience (429, 503). Trying again later is right.
    Busy,
    /// The sign-in has ended; everything stays and waits for it.
    SignedOut,
    /// The backend refused this for good; a person has to change something.
    Refused,
    /// Somebody else changed the same thing first.
    Conflict,
    /// The answer could not be understood (HTML, broken JSON, a wrong shape).
    Unreadable,
    /// A file of the deployment (policy, locale, portal) has mistakes.
    Configuration,
    /// This device could not keep it (storage full, denied, or broken).
    Storage,
}

impl Kind {
    /// The stem of the catalogue's keys for this kind.
    pub fn key(self) -> &'static str {
        match self {
            Kind::Unreachable => "unreachable",
            Kind::Busy => "busy",
            Kind::SignedOut => "signed_out",
            Kind::Refused => "refused",
            Kind::Conflict => "conflict",
            Kind::Unreadable => "unreadable",
            Kind::Configuration => "configuration",
            Kind::Storage => "storage",
        }
    }
}

/// An error with what was being done when it came up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: Kind,
    context: String,
}

impl Error {
    /// `context` names the place and the finding, in English, without secrets.
    pub fn new(kind: Kind, context: impl Into<String>) -> Error {
        Error {
            kind,
            context: context.into(),
        }
    }

    /// What decides.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What explains.
    pub fn context(&self) -> &str {
        &self.context
    }

    /// Whether the same request may succeed without anyone changing anything.
    pub fn is_retryable(&self) -> bool {
        matches!(self.kind, Kind::Unreachable | Kind::Busy)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.key(), self.context)
    }
}
