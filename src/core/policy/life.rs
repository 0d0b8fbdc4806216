//! What a policy allows with a case that exists, how parts are returned, and what helps beside.
//!
//! Whether something may be done now is decided in `core::life` and `core::rma`.

use super::rules::{Reason, read_reason};
use super::{When, read_link, read_when};
use crate::core::reader::Reader;
use crate::core::text::LocalText;

/// What may be done with a case.
#[derive(Debug, Default)]
pub struct Life {
    /// Lowering the severity (CSF-09).
    pub lower_severity: Option<Change>,
    /// Raising it.
    pub raise_severity: Option<Change>,
    /// Closing (CSF-11).
    pub close: Option<Close>,
    /// Reopening (CSF-12).
    pub reopen: Option<Reopen>,
    /// Escalation to management (CSF-13).
    pub escalate: Option<Escalate>,
    /// The way of a case (CSF-10).
    pub progress: Vec<ProgressStep>,
    /// Whether contacts can be added later.
    pub contacts: bool,
    /// Whether watchers can be added later.
    pub watchers: bool,
    /// What it means that a case was reassigned.
    pub reassigned: Option<LocalText>,
}

/// A change of severity.
#[derive(Debug, Default)]
pub struct Change {
    /// Whether it can be asked for.
    pub possible: bool,
    /// How, or why not.
    pub text: LocalText,
}

/// Closing a case.
#[derive(Debug, Default)]
pub struct Close {
    /// What is confirmed.
    pub confirm: LocalText,
    /// Where the survey is.
    pub survey: Option<String>,
    /// Days without an answer after which the vendor closes it.
    pub silence_days: Option<u64>,
    /// What is said of that.
    pub silence_text: Option<LocalText>,
}

/// Reopening a case.
#[derive(Debug, Default)]
pub struct Reopen {
    /// For how many days after closing.
    pub days: u64,
    /// What to do later.
    pub later: LocalText,
}

/// Escalation to management.
#[derive(Debug, Default)]
pub struct Escalate {
    /// When to do it.
    pub intro: LocalText,
    /// What is asked for.
    pub asks: Vec<Ask>,
    /// The ways to do it.
    pub channels: Vec<Channel>,
}

/// Something that an escalation asks for.
#[derive(Debug, Default)]
pub struct Ask {
    /// Its id.
    pub id: String,
    /// What is asked.
    pub label: LocalText,
    /// Whether it must be answered.
    pub required: bool,
}

/// A way to escalate.
#[derive(Debug, Default)]
pub struct Channel {
    /// Its id.
    pub id: String,
    /// `web`, `phone` or `mail`.
    pub kind: String,
    /// Its name.
    pub name: LocalText,
    /// A number or address.
    pub target: Option<String>,
    /// How soon one is answered.
    pub answer: LocalText,
    /// When to use it.
    pub when: LocalText,
}

/// A step on the way of a case.
#[derive(Debug, Default)]
pub struct ProgressStep {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: LocalText,
    /// What may be asked of the customer.
    pub asks: Vec<LocalText>,
    /// Whether a fix is made in it (CSF-19).
    pub fix: bool,
}

/// How defective parts are returned.
#[derive(Debug, Default)]
pub struct Rma {
    /// Levels of maintenance with their terms.
    pub levels: Vec<RmaLevel>,
    /// What happens, in order.
    pub steps: Vec<LocalText>,
    /// The level with delivery within hours.
    pub fast_level: String,
    /// Miles to a service centre in the home country.
    pub max_miles_home: u64,
    /// ISO 3166 code of the home country.
    pub home_country: String,
    /// Miles to a service centre anywhere else.
    pub max_miles: u64,
    /// How long a new centre takes.
    pub new_center: Option<LocalText>,
    /// What holds for the address.
    pub address_rule: Option<LocalText>,
    /// Products without maintenance of devices.
    pub not_for_products: Vec<String>,
    /// Parts without the fast level.
    pub not_for_parts: Vec<LocalText>,
    /// Why the fast level can't be used.
    pub texts: Vec<(String, Reason)>,
}

/// A level of maintenance.
#[derive(Debug, Default)]
pub struct RmaLevel {
    /// The code that contracts and devices carry.
    pub id: String,
    /// Its name.
    pub name: LocalText,
    /// What it promises.
    pub terms: LocalText,
}

/// A place to look for help.
#[derive(Debug, Default)]
pub struct Resource {
    /// Products it is about; none named means all.
    pub products: Vec<String>,
    /// Product families it is about; none named means all.
    pub families: Vec<String>,
    /// It is shown only then.
    pub when: When,
    /// Its name.
    pub name: LocalText,
    /// Where it is.
    pub url: Option<String>,
    /// What it is good for.
    pub help: Option<LocalText>,
}

/// Something the account as a whole must keep to.
#[derive(Debug, Default)]
pub struct AccountCheck {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: LocalText,
    /// The rule in words.
    pub text: LocalText,
    /// What is compared: `coverage` of licences.
    pub kind: String,
}

pub(super) fn read_life(r: &Reader) -> Life {
    let change = |key, possible| {
        r.object_or_none(key, |r| {
            let change = Change {
                possible: r.flag("possible", possible),
                text: r.local("text"),
            };
            r.done();
            change
        })
    };
    let life = Life {
        lower_severity: change("lower_severity", true),
        raise_severity: change("raise_severity", false),
        close: r.object_or_none("close", |r| {
            let close = Close {
                confirm: r.local("confirm"),
                survey: read_link(r, "survey"),
                silence_days: r.number_or_none("silence_days"),
                silence_text: r.local_or_none("silence_text"),
            };
            r.done();
            close
        }),
        reopen: r.object_or_none("reopen", |r| {
            let reopen = Reopen {
                days: r.number_or_none("days").unwrap_or(30),
                later: r.local("later"),
            };
            r.done();
            reopen
        }),
        escalate: r.object_or_none("escalate", read_escalate),
        progress: r.list("progress", |r| {
            let step = ProgressStep {
                id: r.text("id"),
                name: r.local("name"),
                asks: r.list("asks", Reader::as_local),
                fix: r.flag("fix", false),
            };
            r.done();
            step
        }),
        contacts: r.flag("contacts", false),
        watchers: r.flag("watchers", false),
        reassigned: r.local_or_none("reassigned"),
    };
    r.done();
    life
}

fn read_escalate(r: &Reader) -> Escalate {
    const KINDS: [(&str, &str); 3] = [("web", "web"), ("phone", "phone"), ("mail", "mail")];
    let escalate = Escalate {
        intro: r.local("intro"),
        asks: r.list("asks", |r| {
            let ask = Ask {
                id: r.text("id"),
                label: r.local("label"),
                required: r.flag("required", false),
            };
            r.done();
            ask
        }),
        channels: r.list("channels", |r| {
            let kind = r.one_of("kind", &KINDS).unwrap_or_default();
            let channel = Channel {
                id: r.text("id"),
                kind: kind.into(),
                name: r.local("name"),
                target: match kind {
                    "web" => read_link(r, "target"),
                    _ => r.text_or_none("target"),
                },
                answer: r.local("answer"),
                when: r.local("when"),
            };
            r.done();
            channel
        }),
    };
    r.done();
    escalate
}

pub(super) fn read_rma(r: &Reader) -> Rma {
    let rma = Rma {
        levels: r.list("levels", |r| {
            let level = RmaLevel {
                id: r.text("id"),
                name: r.local("name"),
                terms: r.local("terms"),
            };
            r.done();
            level
        }),
        steps: r.list("steps", Reader::as_local),
        fast_level: r.text_or_empty("fast_level"),
        max_miles_home: r.number_or_none("max_miles_home").unwrap_or(0),
        home_country: r.text_or_empty("home_country"),
        max_miles: r.number_or_none("max_miles").unwrap_or(0),
        new_center: r.local_or_none("new_center"),
        address_rule: r.local_or_none("address_rule"),
        not_for_products: r.texts("not_for_products"),
        not_for_parts: r.list("not_for_parts", Reader::as_local),
        texts: r.entries("texts", read_reason),
    };
    r.done();
    rma
}

pub(super) fn read_resource(r: &Reader) -> Resource {
    let resource = Resource {
        products: r.texts("products"),
        families: r.texts("families"),
        when: read_when(r, "when"),
        name: r.local("name"),
        url: read_link(r, "url"),
        help: r.local_or_none("help"),
    };
    r.done();
    resource
}

pub(super) fn read_account_check(r: &Reader) -> AccountCheck {
    const KINDS: [(&str, &str); 1] = [("coverage", "coverage")];
    let check = AccountCheck {
        id: r.text("id"),
        name: r.local("name"),
        text: r.local("text"),
        kind: r.one_of("kind", &KINDS).unwrap_or_default().into(),
    };
    r.done();
    check
}
