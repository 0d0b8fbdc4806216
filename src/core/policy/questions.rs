//! What a policy asks: its questions, their kinds and order, and what can be answered.
//!
//! Whether a question is asked, and whether an answer will do, is decided in
//! [`crate::core::flow`].

use super::{When, read_when};
use crate::core::reader::Reader;
use crate::core::text::LocalText;

/// A severity.
#[derive(Clone, Debug, Default)]
pub struct Severity {
    /// What is stored and sent.
    pub id: String,
    /// Its name.
    pub name: LocalText,
    /// Its definition, beside the choice.
    pub definition: LocalText,
    /// Examples.
    pub examples: Vec<LocalText>,
    /// Whether it is taken by phone only, and the flow becomes a call sheet.
    pub phone_only: bool,
    /// Whether it is the one to choose when unsure.
    pub unsure: bool,
}

/// One of several, with its name and the consequence of choosing it.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// What is stored and sent.
    pub id: String,
    /// What is shown.
    pub name: LocalText,
    /// What it means to choose it.
    pub help: Option<LocalText>,
    /// It is offered only then.
    pub when: When,
    /// The reason that is shown with it while it is not offered; without one it is left out.
    pub instead: Option<String>,
}

/// What an answer is and how it is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FieldKind {
    /// One line of text.
    #[default]
    Line,
    /// Text of any length.
    Text,
    /// One of the field's own options.
    Choice,
    /// Exactly one mail address.
    Email,
    /// Any number of mail addresses.
    Emails,
    /// A telephone number.
    Phone,
    /// A product of the account's policy.
    Product,
    /// A version of the chosen product.
    Version,
    /// A contract of the account.
    Entitlement,
    /// A device's serial number, which finds its contract.
    Serial,
    /// One of the policy's severities.
    Severity,
    /// One of the policy's languages of support.
    Language,
    /// The end customer, by name.
    Customer,
    /// The customer on whose behalf one acts, by id (MPC-02).
    OnBehalf,
    /// Contract numbers of the account (NTT-10).
    Contracts,
    /// Contacts of the account, by id (NTT-10).
    Contacts,
    /// One of the policy's regions (MPT-15).
    Region,
    /// One line of text for which values are offered (NTT-07).
    Offered,
    /// Something to agree to.
    Confirm,
    /// A day and a time of day, as on the wall.
    DateTime,
    /// The fault report of the chosen product.
    Report,
    /// Files.
    Files,
}

/// The policy file's words for the kinds of fields.
pub const FIELD_KINDS: [(&str, FieldKind); 22] = [
    ("line", FieldKind::Line),
    ("text", FieldKind::Text),
    ("choice", FieldKind::Choice),
    ("email", FieldKind::Email),
    ("emails", FieldKind::Emails),
    ("phone", FieldKind::Phone),
    ("product", FieldKind::Product),
    ("version", FieldKind::Version),
    ("entitlement", FieldKind::Entitlement),
    ("serial", FieldKind::Serial),
    ("severity", FieldKind::Severity),
    ("language", FieldKind::Language),
    ("customer", FieldKind::Customer),
    ("on_behalf", FieldKind::OnBehalf),
    ("contracts", FieldKind::Contracts),
    ("contacts", FieldKind::Contacts),
    ("region", FieldKind::Region),
    ("offered", FieldKind::Offered),
    ("confirm", FieldKind::Confirm),
    ("date_time", FieldKind::DateTime),
    ("report", FieldKind::Report),
    ("files", FieldKind::Files),
];

/// A question.
#[derive(Clone, Debug, Default)]
pub struct Field {
    /// The answer's key in the draft, by meaning.
    pub key: String,
    /// What kind of answer.
    pub kind: FieldKind,
    /// What is asked.
    pub label: LocalText,
    /// A sentence of help.
    pub help: Option<LocalText>,
    /// Whether there must be an answer.
    pub required: bool,
    /// The length to aim at, in characters as a person counts (CMS-10).
    pub aim: Option<u64>,
    /// The longest answer that can be sent.
    pub limit: Option<u64>,
    /// Options of a choice.
    pub options: Vec<Choice>,
    /// It is asked only when each of these answers is one of the named values.
    pub when: Vec<(String, Vec<String>)>,
    /// It must be answered also then.
    pub required_when: When,
    /// Its first value: `brief`, `plan` or the name of a fact; empty if it has none.
    pub prefill: String,
    /// The fact that holds the values offered for it, a line each.
    pub from: String,
    /// What the text should say, by what it is about; the first that fits is shown (NTT-08).
    pub prompts: Vec<Prompts>,
}

/// What a text should say, asked part by part.
#[derive(Clone, Debug, Default)]
pub struct Prompts {
    /// It is asked only then.
    pub when: When,
    /// A sentence above.
    pub intro: Option<LocalText>,
    /// The parts; an answer's key is `<field>.<part>`.
    pub parts: Vec<Part>,
}

/// What stands beside a step's questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// Articles that fit what is being typed (CMS-05).
    Articles,
    /// The definitions of the severities (CMS-09).
    Severities,
    /// Where to look for help oneself (CSF-20).
    Resources,
    /// Articles that fit, and under them where to look for help oneself (NTT-01).
    Help,
    /// All plans, with what can be used of them (MPT-13).
    Plans,
}

/// A page of the flow.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// Its id, part of the address.
    pub id: String,
    /// Its heading.
    pub title: LocalText,
    /// A word or two for the line of steps; the heading when absent.
    pub short: Option<LocalText>,
    /// One sentence that says why.
    pub intro: Option<LocalText>,
    /// The keys of the fields it asks for.
    pub fields: Vec<String>,
    /// What stands beside.
    pub beside: Option<Beside>,
    /// What its button says, when not "Continue".
    pub go: Option<LocalText>,
    /// Its questions are asked only then.
    pub when: When,
}

/// A fault report: what to fill in for a product (CMS-01).
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: LocalText,
    /// The products it is for; none listed means all that no other report names.
    pub products: Vec<String>,
    /// Its parts.
    pub parts: Vec<Part>,
}

/// A part of a text that is asked for by itself.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// The answer's key is this after the key of the text and a dot, as in `report.<id>`.
    pub id: String,
    /// What is asked.
    pub label: LocalText,
    /// A sentence of help.
    pub help: Option<LocalText>,
    /// Whether it must be answered.
    pub required: bool,
}

/// A region of support.
#[derive(Clone, Debug, Default)]
pub struct Region {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: LocalText,
    /// Business hours in words.
    pub hours: LocalText,
    /// IANA zone of its hours.
    pub zone: String,
    /// Languages spoken there.
    pub languages: Vec<String>,
    /// Telephone numbers, with what each is for.
    pub phones: Vec<(String, LocalText)>,
    /// ISO 3166 countries that it serves.
    pub countries: Vec<String>,
    /// What follows from choosing it (MPT-15).
    pub note: Option<LocalText>,
}

pub(super) fn read_choice(r: &Reader) -> Choice {
    let choice = Choice {
        id: r.text("id"),
        name: r.local("name"),
        help: r.local_or_none("help"),
        when: read_when(r, "when"),
        instead: r.text_or_none("instead"),
    };
    r.done();
    choice
}

pub(super) fn read_severity(r: &Reader) -> Severity {
    let severity = Severity {
        id: r.text("id"),
        name: r.local("name"),
        definition: r.local("definition"),
        examples: r.list("examples", Reader::as_local),
        phone_only: r.flag("phone_only", false),
        unsure: r.flag("unsure", false),
    };
    r.done();
    severity
}

pub(super) fn read_field(r: &Reader) -> Field {
    let field = Field {
        key: r.text("key"),
        kind: r.one_of("kind", &FIELD_KINDS).unwrap_or_default(),
        label: r.local("label"),
        help: r.local_or_none("help"),
        required: r.flag("required", false),
        aim: r.number_or_none("aim"),
        limit: r.number_or_none("limit"),
        options: r.list("options", read_choice),
        when: read_when(r, "when"),
        required_when: read_when(r, "required_when"),
        prefill: r.text_or_empty("prefill"),
        from: r.text_or_empty("from"),
        prompts: r.list("prompts", |r| {
            let prompts = Prompts {
                when: read_when(r, "when"),
                intro: r.local_or_none("intro"),
                parts: r.list("parts", |r| read_part(r, r.flag("required", false))),
            };
            r.done();
            prompts
        }),
    };
    r.done();
    field
}

pub(super) fn read_step(r: &Reader) -> Step {
    const BESIDES: [(&str, Beside); 5] = [
        ("articles", Beside::Articles),
        ("severities", Beside::Severities),
        ("resources", Beside::Resources),
        ("help", Beside::Help),
        ("plans", Beside::Plans),
    ];
    let step = Step {
        id: r.text("id"),
        title: r.local("title"),
        short: r.local_or_none("short"),
        intro: r.local_or_none("intro"),
        fields: r.texts("fields"),
        beside: r
            .value()
            .get("beside")
            .and_then(|_| r.one_of("beside", &BESIDES)),
        go: r.local_or_none("go"),
        when: read_when(r, "when"),
    };
    r.done();
    step
}

pub(super) fn read_report(r: &Reader) -> Report {
    let report = Report {
        id: r.text("id"),
        name: r.local("name"),
        products: r.texts("products"),
        // A fault report never stands in the way, so nothing of it is required.
        parts: r.list("parts", |r| read_part(r, false)),
    };
    r.done();
    report
}

fn read_part(r: &Reader, required: bool) -> Part {
    let part = Part {
        id: r.text("id"),
        label: r.local("label"),
        help: r.local_or_none("help"),
        required,
    };
    r.done();
    part
}

pub(super) fn read_region(r: &Reader) -> Region {
    let region = Region {
        id: r.text("id"),
        name: r.local("name"),
        hours: r.local("hours"),
        zone: r.text("zone"),
        languages: r.texts("languages"),
        phones: r.list("phones", |r| {
            let phone = (r.text("number"), r.local("label"));
            r.done();
            phone
        }),
        countries: r.texts("countries"),
        note: r.local_or_none("note"),
    };
    r.done();
    region
}
