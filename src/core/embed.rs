//! The portal as a part of somebody's page: what a deployment allows of it, what the page may show
//! and what it may fill in. How the two speak with each other is `embed` and `public/frame.js`.

use serde_json::Value;

use super::reader::Reader;
use super::route::{CaseFilter, Route};

/// What `portal.json` says under `embed`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Embedding {
    /// The origins whose pages may hold the portal in a frame.
    pub origins: Vec<String>,
    /// Where one finds help when the portal itself does not work; empty if nowhere.
    pub support: String,
    /// Whether a frame shows the sign-in itself, in place of a window of the portal's origin.
    pub sign_in_inside: bool,
}

impl Embedding {
    /// Reads it, and says what is wrong with it.
    pub fn read(r: &Reader) -> Embedding {
        let read = Embedding {
            origins: r.texts("origins"),
            support: r.text_or_empty("support"),
            sign_in_inside: match r.text_or_none("sign_in").as_deref() {
                None | Some("window") => false,
                Some("form") => true,
                Some(other) => {
                    r.problem("sign_in", "window or form", other, "use one of them");
                    false
                }
            },
        };
        for origin in read.origins.iter().filter(|origin| !is_origin(origin)) {
            r.problem(
                "origins",
                "origins as https://www.vendor.example or https://*.vendor.example",
                origin.as_str(),
                "write the scheme and the host, a port if there is one, and nothing after it",
            );
        }
        if !read.support.is_empty() && !is_contact(&read.support) {
            r.problem(
                "support",
                "an address that begins with https:, mailto: or tel:",
                read.support.as_str(),
                "replace it",
            );
        }
        r.done();
        read
    }
}

/// Whether a text names one origin, or with `*.` all hosts below one name.
pub fn is_origin(text: &str) -> bool {
    let Some((scheme, place)) = text.split_once("://") else {
        return false;
    };
    let (host, port) = place.split_once(':').unwrap_or((place, "0"));
    let below = host.strip_prefix("*.");
    let name = below.unwrap_or(host);
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let parts_are_names = name
        .split('.')
        .all(|part| !part.is_empty() && part.chars().all(letter));
    // All of a country or of a kind of company is nobody's own.
    let is_own = below.is_none() || name.contains('.');
    let on_this_machine = name == "localhost" || name == "127.0.0.1";
    (scheme == "https" || scheme == "http" && on_this_machine)
        && parts_are_names
        && is_own
        && port.parse::<u16>().is_ok()
}

/// Whether a link leads to a page, a mailbox or a telephone, and can do nothing else.
pub fn is_contact(text: &str) -> bool {
    ["https://", "mailto:", "tel:"]
        .iter()
        .any(|start| text.starts_with(start) && text.len() > start.len())
}

/// What of the portal a page shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// All of it.
    #[default]
    Full,
    /// Opening a case, and what becomes of it.
    NewCase,
    /// The list of cases.
    Cases,
    /// The contracts.
    Entitlements,
}

impl View {
    /// The view of a word; what is not understood shows all.
    pub fn of(word: &str) -> View {
        match word {
            "new-case" => View::NewCase,
            "cases" => View::Cases,
            "entitlements" => View::Entitlements,
            _ => View::Full,
        }
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            View::Full => "full",
            View::NewCase => "new-case",
            View::Cases => "cases",
            View::Entitlements => "entitlements",
        }
    }

    /// The page that it begins with, which takes the place of home.
    pub fn home(self) -> Route {
        match self {
            View::Full => Route::Home,
            View::NewCase => Route::NewCase,
            View::Cases => Route::Cases(CaseFilter::default()),
            View::Entitlements => Route::Entitlements,
        }
    }
}

/// What a page knows already and a person need not type: empty where it does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// The customer's id or name.
    pub customer: String,
    /// The product's id or name.
    pub product: String,
    /// Its version's id or name.
    pub version: String,
    /// A device's serial number.
    pub serial_number: String,
    /// What the case is about.
    pub subject: String,
}

impl Given {
    /// Takes what an object says; the rest stays as it is.
    pub fn take(&mut self, json: &Value) {
        for (key, place) in [
            ("customer", &mut self.customer),
            ("product", &mut self.product),
            ("version", &mut self.version),
            ("serial-number", &mut self.serial_number),
            ("subject", &mut self.subject),
        ] {
            if let Some(text) = json.get(key).and_then(Value::as_str) {
                *place = text.trim().to_string();
            }
        }
    }
}
