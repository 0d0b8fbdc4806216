//! What a policy says about plans and contracts, and what it forbids, questions or tells.
//!
//! The words are here; when a plan can be used is decided in [`crate::core::entitlement`], when a
//! rule holds in [`crate::core::guard`].

use super::{When, read_when};
use crate::core::reader::Reader;
use crate::core::text::LocalText;

/// Why something can't be used.
#[derive(Clone, Debug, Default)]
pub struct Reason {
    /// One sentence.
    pub text: LocalText,
    /// What to do about it.
    pub remedy: LocalText,
}

/// A plan or level that contracts carry.
#[derive(Debug, Default)]
pub struct Plan {
    /// The code that contracts carry.
    pub id: String,
    /// Its name.
    pub name: LocalText,
    /// What it gives.
    pub help: Option<LocalText>,
    /// Product families that it covers; none named means all.
    pub families: Vec<String>,
    /// How many of a product's newest versions it covers; nothing means all (MPT-12).
    pub versions: Option<u64>,
    /// It exists only then. A plan with such a condition is listed also while the account has no
    /// contract of it (MPT-13).
    pub when: When,
    /// It is the one to use then (MPC-04).
    pub preset_when: When,
    /// Whether a contract of it is linked by its ids (MPT-05).
    pub linkable: bool,
    /// What one usually gets, in words.
    pub total: Option<LocalText>,
    /// Why it can't be used, in words of its own (NEW-03).
    pub reasons: Vec<(String, Reason)>,
    /// Months after which a contract without an end has ended.
    pub valid_months: Option<u64>,
}

/// What a rule does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// It prevents sending.
    Stop,
    /// It must be confirmed before sending.
    Confirm,
    /// It informs.
    #[default]
    Note,
}

/// Something that customer, plan, contact and the rest must agree on (NEW-04).
#[derive(Debug, Default)]
pub struct Rule {
    /// Its id.
    pub id: String,
    /// What it does.
    pub level: Level,
    /// What it is about: `customer`, `plan`, `contact` and so on.
    pub about: Vec<String>,
    /// The field whose answer mends it, empty if none does.
    pub field: String,
    /// It holds then.
    pub when: When,
    /// What is the matter.
    pub text: LocalText,
    /// What to do.
    pub remedy: LocalText,
    /// A text to send to whoever can mend it (MPT-03).
    pub request: Option<LocalText>,
    /// Who can: `admins`, `customer`, `provider` or `manager`; empty if unsaid.
    pub to: String,
    /// Whether it is said before anything is typed (MPT-04).
    pub early: bool,
}

/// How a contract is linked (MPT-05).
#[derive(Debug, Default)]
pub struct Linking {
    /// What the access id is called.
    pub access_label: LocalText,
    /// What the contract id is called.
    pub contract_label: LocalText,
    /// How it works.
    pub help: LocalText,
    /// Where the ids are found.
    pub place: LocalText,
    /// What the backend's refusals mean.
    pub errors: Vec<(String, LinkError)>,
}

/// What a refusal to link means (MPT-06).
#[derive(Debug, Default)]
pub struct LinkError {
    /// In words.
    pub reason: Reason,
    /// Whether all is well nevertheless.
    pub harmless: bool,
}

/// How an incident is bought (MPT-14).
#[derive(Debug, Default)]
pub struct Purchase {
    /// What is bought.
    pub intro: LocalText,
    /// When it is charged.
    pub immediate: LocalText,
    /// What to consider.
    pub advice: Option<LocalText>,
    /// What must hold to buy; empty if nothing.
    pub needs: When,
    /// The reason told when it doesn't hold.
    pub needs_reason: String,
}

pub(super) fn read_reason(r: &Reader) -> Reason {
    let reason = Reason {
        text: r.local("text"),
        remedy: r.local("remedy"),
    };
    r.done();
    reason
}

pub(super) fn read_plan(r: &Reader) -> Plan {
    let plan = Plan {
        id: r.text("id"),
        name: r.local("name"),
        help: r.local_or_none("help"),
        families: r.texts("families"),
        versions: r.number_or_none("versions"),
        when: read_when(r, "when"),
        preset_when: read_when(r, "preset_when"),
        linkable: r.flag("linkable", false),
        total: r.local_or_none("total"),
        reasons: r.entries("reasons", read_reason),
        valid_months: r.number_or_none("valid_months"),
    };
    r.done();
    plan
}

pub(super) fn read_rule(r: &Reader) -> Rule {
    const LEVELS: [(&str, Level); 3] = [
        ("stop", Level::Stop),
        ("confirm", Level::Confirm),
        ("note", Level::Note),
    ];
    let rule = Rule {
        id: r.text("id"),
        level: r.one_of("level", &LEVELS).unwrap_or_default(),
        about: r.texts("about"),
        field: r.text_or_empty("field"),
        when: read_when(r, "when"),
        text: r.local("text"),
        remedy: r.local("remedy"),
        request: r.local_or_none("request"),
        to: r.text_or_empty("to"),
        early: r.flag("early", false),
    };
    r.done();
    rule
}

pub(super) fn read_linking(r: &Reader) -> Linking {
    let linking = Linking {
        access_label: r.local("access_label"),
        contract_label: r.local("contract_label"),
        help: r.local("help"),
        place: r.local("where"),
        errors: r.entries("errors", |r| {
            let error = LinkError {
                reason: Reason {
                    text: r.local("text"),
                    remedy: r.local("remedy"),
                },
                harmless: r.flag("harmless", false),
            };
            r.done();
            error
        }),
    };
    r.done();
    linking
}

pub(super) fn read_purchase(r: &Reader) -> Purchase {
    let needs = r.object_or_none("needs", |r| {
        let needs = (read_when(r, "when"), r.text("reason"));
        r.done();
        needs
    });
    let (needs, needs_reason) = needs.unwrap_or_default();
    let purchase = Purchase {
        intro: r.local("intro"),
        immediate: r.local("immediate"),
        advice: r.local_or_none("advice"),
        needs,
        needs_reason,
    };
    r.done();
    purchase
}
