//! Where one is: the portal's pages as an enum, total in both directions.
//!
//! A route is written as a path (`/cases/123?status=open`). How the path is kept is the browser's
//! choice of [`Mode`]: in the history (full page), behind the hash (a host without rewrites), or in
//! memory (embedded, where the history belongs to the host).

use std::fmt;

/// How the current path is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// In the address itself.
    History,
    /// In the address behind `#`.
    Hash,
    /// In memory only; the host page's address is not touched.
    Memory,
}

/// What narrows the list of cases; empty texts narrow nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseFilter {
    /// Type of issue, an id of the policy.
    pub kind: String,
    /// Status of the case.
    pub status: String,
    /// Contact's id.
    pub contact: String,
    /// The customer's id, its name where it has none.
    pub customer: String,
    /// Words that number, subject, description or customer must hold.
    pub text: String,
}

/// What one can ask for on a case, each on a page of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseAct {
    /// Bringing it before the management (CSF-13).
    Escalate,
    /// Closing it (CSF-11).
    Close,
    /// Opening it again (CSF-12).
    Reopen,
    /// Sending back a defective part (CSF-16).
    Rma,
    /// Changing its severity (CSF-09).
    Severity,
    /// Adding contacts and watchers.
    Contacts,
}

/// Their words in an address.
const CASE_ACTS: [(&str, CaseAct); 6] = [
    ("escalate", CaseAct::Escalate),
    ("close", CaseAct::Close),
    ("reopen", CaseAct::Reopen),
    ("rma", CaseAct::Rma),
    ("severity", CaseAct::Severity),
    ("contacts", CaseAct::Contacts),
];

impl CaseAct {
    /// Its word in an address.
    pub fn word(self) -> &'static str {
        let found = CASE_ACTS.iter().find(|(_, act)| *act == self);
        found.map_or("", |(word, _)| word)
    }
}

/// The pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// What needs you, drafts, recent cases.
    Home,
    /// Starts a draft, then goes to its first step.
    NewCase,
    /// A step of a draft's flow, by its id in the policy; `None` is the first that needs an answer.
    Step {
        /// The draft.
        draft: String,
        /// The step's id, `review` or `sent`.
        step: Option<String>,
    },
    /// All drafts.
    Drafts,
    /// The cases of the account.
    Cases(CaseFilter),
    /// One case.
    Case(String),
    /// A page on which something is asked for on a case.
    CaseAct {
        /// The case.
        case: String,
        /// What is asked for.
        act: CaseAct,
    },
    /// The customers of the account, searched (MPC-02).
    Customers(String),
    /// One customer with its cases (MPC-06).
    Customer(String),
    /// Contracts and product authorizations.
    Entitlements,
    /// Linking a contract (MPT-05).
    LinkContract,
    /// Trying out a vendor's rules.
    Policy,
    /// Trying out how a backend is spoken to.
    Backend,
    /// The articles, searched.
    Knowledge(String),
    /// One article.
    Article(String),
    /// What has not been sent yet.
    Pending,
    /// What is on this device.
    Device,
    /// Two changes of one thing, to choose between: of the operation or the copy of a draft with this
    /// id.
    Conflict(String),
    /// Opening a case that somebody handed over as a file.
    CaseFile,
    /// An address that leads nowhere.
    Unknown(String),
}

impl Route {
    /// The route of a path with its query; anything not understood is [`Route::Unknown`].
    ///
    /// ```
    /// use casement::core::route::Route;
    /// assert_eq!(Route::parse("/drafts/d1/review"),
    ///     Route::Step { draft: "d1".into(), step: Some("review".into()) });
    /// ```
    pub fn parse(path: &str) -> Route {
        let (place, query) = path.split_once('?').unwrap_or((path, ""));
        let parts: Vec<String> = place
            .split('/')
            .filter(|part| !part.is_empty())
            .map(decode)
            .collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        match parts.as_slice() {
            [] | ["index.html"] => Route::Home,
            ["new"] => Route::NewCase,
            ["drafts"] => Route::Drafts,
            ["drafts", draft] => Route::Step {
                draft: (*draft).into(),
                step: None,
            },
            ["drafts", draft, step] => Route::Step {
                draft: (*draft).into(),
                step: Some((*step).into()),
            },
            ["cases"] => Route::Cases(CaseFilter {
                kind: parameter(query, "type"),
                status: parameter(query, "status"),
                contact: parameter(query, "contact"),
                customer: parameter(query, "customer"),
                text: parameter(query, "q"),
            }),
            ["cases", id] => Route::Case((*id).into()),
            ["cases", id, word] => match CASE_ACTS.iter().find(|(known, _)| known == word) {
                Some((_, act)) => Route::CaseAct {
                    case: (*id).into(),
                    act: *act,
                },
                None => Route::Unknown(path.into()),
            },
            ["customers"] => Route::Customers(parameter(query, "q")),
            ["customers", id] => Route::Customer((*id).into()),
            ["contracts", "link"] => Route::LinkContract,
            ["policy"] => Route::Policy,
            ["backend"] => Route::Backend,
            ["entitlements"] => Route::Entitlements,
            ["knowledge"] => Route::Knowledge(parameter(query, "q")),
            ["knowledge", id] => Route::Article((*id).into()),
            ["pending"] => Route::Pending,
            ["device"] => Route::Device,
            ["pending", id] => Route::Conflict((*id).into()),
            ["open"] => Route::CaseFile,
            _ => Route::Unknown(path.into()),
        }
    }

    /// The part of the portal the page belongs to, as the rail names it.
    pub fn section(&self) -> &'static str {
        match self {
            Route::Home => "home",
            Route::NewCase | Route::Step { .. } => "new",
            Route::Drafts => "drafts",
            Route::Cases(_) | Route::Case(_) | Route::CaseAct { .. } => "cases",
            Route::Customers(_) | Route::Customer(_) => "customers",
            Route::Entitlements | Route::LinkContract => "entitlements",
            Route::Policy => "policy",
            Route::Backend => "backend",
            Route::Knowledge(_) | Route::Article(_) => "knowledge",
            Route::Pending | Route::Conflict(_) => "pending",
            Route::Device => "device",
            Route::CaseFile => "drafts",
            Route::Unknown(_) => "",
        }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Route::Home => f.write_str("/"),
            Route::NewCase => f.write_str("/new"),
            Route::Step { draft, step: None } => write!(f, "/drafts/{}", encode(draft)),
            Route::Step {
                draft,
                step: Some(step),
            } => write!(f, "/drafts/{}/{}", encode(draft), encode(step)),
            Route::Drafts => f.write_str("/drafts"),
            Route::Cases(filter) => {
                f.write_str("/cases")?;
                let mut mark = '?';
                for (key, value) in [
                    ("type", &filter.kind),
                    ("status", &filter.status),
                    ("contact", &filter.contact),
                    ("customer", &filter.customer),
                    ("q", &filter.text),
                ] {
                    if !value.is_empty() {
                        write!(f, "{mark}{key}={}", encode(value))?;
                        mark = '&';
                    }
                }
                Ok(())
            }
            Route::Case(id) => write!(f, "/cases/{}", encode(id)),
            Route::CaseAct { case, act } => write!(f, "/cases/{}/{}", encode(case), act.word()),
            Route::Customers(query) => searched(f, "/customers", query),
            Route::Customer(id) => write!(f, "/customers/{}", encode(id)),
            Route::Entitlements => f.write_str("/entitlements"),
            Route::LinkContract => f.write_str("/contracts/link"),
            Route::Policy => f.write_str("/policy"),
            Route::Backend => f.write_str("/backend"),
            Route::Knowledge(query) => searched(f, "/knowledge", query),
            Route::Article(id) => write!(f, "/knowledge/{}", encode(id)),
            Route::Pending => f.write_str("/pending"),
            Route::Device => f.write_str("/device"),
            Route::Conflict(id) => write!(f, "/pending/{}", encode(id)),
            Route::CaseFile => f.write_str("/open"),
            Route::Unknown(path) => f.write_str(path),
        }
    }
}

fn searched(f: &mut fmt::Formatter<'_>, place: &str, query: &str) -> fmt::Result {
    f.write_str(place)?;
    if query.is_empty() {
        return Ok(());
    }
    write!(f, "?q={}", encode(query))
}

fn parameter(query: &str, name: &str) -> String {
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| decode(&value.replace('+', " ")))
        .unwrap_or_default()
}

/// Percent-encodes everything but unreserved characters.
pub fn encode(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            result.push(byte as char);
        } else {
            const HEX: &[u8; 16] = b"0123456789ABCDEF";
            result.push('%');
            result.push(HEX[usize::from(byte >> 4)] as char);
            result.push(HEX[usize::from(byte & 15)] as char);
        }
    }
    result
}

/// Undoes [`encode`]; a broken escape stays as it is, broken UTF-8 becomes replacement characters.
pub fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escaped = match (first, tail) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)),
            _ => None,
        };
        match escaped {
            Some((high, low)) => {
                bytes.push(high << 4 | low);
                rest = &tail[2..];
            }
            None => {
                bytes.push(first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(byte: u8) -> Option<u8> {
    (byte as char).to_digit(16).map(|digit| digit as u8)
}
