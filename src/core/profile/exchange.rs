//! What passes between the portal and a backend, as values, and how several requests make one deed.
//!
//! A [`Conversation`] is asked for its next request, given the answer, and asked again, until it
//! has an outcome. It reads no clock and no network: the one loop that performs it is
//! `browser::runtime`, and the native tests perform it on recorded answers. What it remembers
//! between two requests is a value that outlives a crash, so that whoever goes on does not do
//! again what is done already.

use serde_json::Value;

/// A request. It goes out as it stands here; credentials are added unless it is
/// [`Request::foreign`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// HTTP method, in capitals.
    pub method: &'static str,
    /// Path and query behind the backend's base, or an absolute address of an allowed origin.
    pub url: String,
    /// Headers beyond those of every request; no name occurs twice.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Body,
    /// Whether it goes to an origin that gets no credentials (an upload address that was signed
    /// beforehand). Everything behind the base gets them.
    pub foreign: bool,
    /// Whether cookies go along; none where they do if nothing else proves who asks.
    pub cookies: Option<bool>,
}

/// What a request carries.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Body {
    /// Nothing.
    #[default]
    None,
    /// JSON.
    Json(Value),
    /// Text of a media type.
    Text {
        /// The text.
        text: String,
        /// Its media type.
        media_type: String,
    },
    /// A form of parts, as `multipart/form-data`.
    Form(Vec<Part>),
    /// The bytes of a file kept on this device.
    File {
        /// The file's id.
        id: String,
        /// Its media type.
        media_type: String,
    },
    /// A piece of a file kept on this device.
    Slice {
        /// The file's id.
        id: String,
        /// The first byte.
        from: u64,
        /// The byte behind the last.
        to: u64,
        /// The media type of the request.
        media_type: String,
    },
    /// A piece of a file, as Base64 in the middle of JSON; the whole file where the piece is.
    Base64 {
        /// The text before it.
        before: String,
        /// The text behind it.
        after: String,
        /// The file's id.
        id: String,
        /// The first byte.
        from: u64,
        /// The byte behind the last.
        to: u64,
    },
}

/// A part of a form.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Text under a name; with a media type where it is other than plain text.
    Text {
        /// The name of the part.
        name: String,
        /// The text.
        text: String,
        /// Its media type; empty for plain text.
        media_type: String,
    },
    /// A file kept on this device under a name.
    File {
        /// The name of the part.
        name: String,
        /// The file's id.
        id: String,
        /// The name of the file.
        file_name: String,
        /// Its media type.
        media_type: String,
    },
}

/// An answer, as text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reply {
    /// HTTP status; 0 if there was no answer.
    pub status: u16,
    /// Headers as far as they can be read, their names in small letters.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
    /// Whether the body was longer than the portal reads, and is left out.
    pub cut: bool,
}

impl Reply {
    /// The value of a header, whatever the case of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// What a conversation wants next.
#[derive(Clone, Debug, PartialEq)]
pub enum Next<T> {
    /// Send this and bring the answer.
    Ask(Request),
    /// It is over.
    Done(T),
}

/// Several requests that make one deed.
pub trait Conversation {
    /// What comes of it.
    type Outcome;

    /// The next request, or the outcome. The first call has no reply; every further one has the
    /// reply to the request before. `now` is in milliseconds since 1970.
    fn next(&mut self, reply: Option<Reply>, now: i64) -> Next<Self::Outcome>;

    /// What must be kept before the request that [`Conversation::next`] has just given goes out,
    /// and after an outcome that asks for patience, so that the next try goes on from there. None:
    /// as it was.
    fn memory(&self) -> Option<Value> {
        None
    }

    /// Bytes of a file that the backend is known to have, where it is sent in pieces.
    fn progress(&self) -> Option<u64> {
        None
    }
}
