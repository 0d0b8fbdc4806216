//! A vendor's support rules, read from one JSON file (NEW-10).
//!
//! [`Policy::read`] either returns a policy whose every reference leads somewhere, or all of the
//! file's mistakes at once. The rest of the portal may therefore look things up without asking
//! whether they exist. What the rules *mean* lives in [`super::flow`] and [`super::entitlement`];
//! the words are the author's, in as many languages as the author wrote.

mod check;

use serde_json::Value;

use super::reader::{Problem, Reader, read};
use super::text::LocalText;

/// The only format of policies this version reads.
pub const FORMAT: u64 = 1;

/// A vendor's rules.
#[derive(Debug, Default)]
pub struct Policy {
    /// The id by which drafts and cases name it.
    pub id: String,
    /// The vendor's name, as on its own pages.
    pub vendor: LocalText,
    /// What the vendor's support is called.
    pub title: LocalText,
    /// Severities, most severe first (CMS-09).
    pub severities: Vec<Severity>,
    /// Every question there is, by key.
    pub fields: Vec<Field>,
    /// The order in which they are asked.
    pub steps: Vec<Step>,
    /// Fault reports per product (CMS-01).
    pub reports: Vec<Report>,
    /// Languages one can be answered in (CMS-12).
    pub languages: Vec<Choice>,
    /// Where support sits, with its telephone numbers (CMS-09).
    pub regions: Vec<Region>,
    /// The call sheet of severities that are taken by phone.
    pub call: Call,
    /// How mail about a case works (CMS-14).
    pub mail: Mail,
    /// What files may be attached (CMS-15).
    pub files: Files,
    /// The longest comment, in characters (CMS-16).
    pub comment_limit: u64,
    /// What happens after sending, sentence by sentence (CMS-13).
    pub after_send: Vec<LocalText>,
    /// Why something can't be used, by reason, and what to do (CMS-03).
    pub reasons: Vec<(String, Reason)>,
    /// The vendor's words for the states of a case.
    pub statuses: Vec<Choice>,
    /// The vendor's words for plans and levels, by their code.
    pub plans: Vec<Choice>,
}

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
    /// The fault report of the chosen product.
    Report,
    /// Files.
    Files,
}

/// The policy file's words for the kinds of fields.
pub const FIELD_KINDS: [(&str, FieldKind); 15] = [
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
    ("report", FieldKind::Report),
    ("files", FieldKind::Files),
];

/// From where an unanswered field takes its first value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefill {
    /// The contact's telephone number.
    ContactPhone,
    /// The contact's language.
    ContactLanguage,
    /// The brief description of the first step, as far as it fits (CMS-06).
    Brief,
}

const PREFILLS: [(&str, Prefill); 3] = [
    ("contact.phone", Prefill::ContactPhone),
    ("contact.language", Prefill::ContactLanguage),
    ("brief", Prefill::Brief),
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
    /// Its first value.
    pub prefill: Option<Prefill>,
}

/// What stands beside a step's questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// Articles that fit what is being typed (CMS-05).
    Articles,
    /// The definitions of the severities (CMS-09).
    Severities,
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

/// A part of a fault report.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// The answer's key is `report.<id>`.
    pub id: String,
    /// What is asked.
    pub label: LocalText,
    /// A sentence of help.
    pub help: Option<LocalText>,
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
}

/// What to say on the phone.
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// Why one calls.
    pub intro: LocalText,
    /// What to have ready or to say, in order.
    pub script: Vec<LocalText>,
    /// Keys of the answers to read out.
    pub facts: Vec<String>,
}

/// How mail about a case works.
#[derive(Clone, Debug, Default)]
pub struct Mail {
    /// The rule, in words.
    pub rule: LocalText,
}

/// What files may be attached.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// Bytes of the largest file.
    pub max_bytes: u64,
    /// Most files of one case.
    pub max_count: u64,
    /// Where else files can be sent.
    pub service: Option<Service>,
}

/// A separate upload service of the vendor.
#[derive(Clone, Debug, Default)]
pub struct Service {
    /// Its name.
    pub name: LocalText,
    /// When to use it.
    pub help: LocalText,
}

/// Why something can't be used.
#[derive(Clone, Debug, Default)]
pub struct Reason {
    /// One sentence.
    pub text: LocalText,
    /// What to do about it.
    pub remedy: LocalText,
}

impl Policy {
    /// Reads a policy, or says everything that is wrong with it.
    pub fn read(json: &Value) -> Result<Policy, Vec<Problem>> {
        let (policy, problems) = read(json, |r| {
            let policy = read_policy(r);
            // References are worth checking only against what was understood; a policy of another
            // format would drown its one real problem in consequences.
            if json.get("format").and_then(Value::as_u64) == Some(FORMAT) {
                check::references(&policy, r);
            }
            policy
        });
        if problems.is_empty() {
            Ok(policy.with_conditions_spelt_out())
        } else {
            Err(problems)
        }
    }

    /// A question behind a hidden question is hidden, too: each field takes on the conditions of
    /// the fields that its own conditions name, so that an answer nobody sees decides nothing.
    fn with_conditions_spelt_out(mut self) -> Policy {
        for index in 0..self.fields.len() {
            let conditions = check::all_conditions(&self, &self.fields[index]);
            self.fields[index].when = conditions;
        }
        self
    }

    /// The field of a key.
    pub fn field(&self, key: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.key == key)
    }

    /// The field of a kind, of which most kinds have one at most.
    pub fn field_of(&self, kind: FieldKind) -> Option<&Field> {
        self.fields.iter().find(|field| field.kind == kind)
    }

    /// The severity of an id.
    pub fn severity(&self, id: &str) -> Option<&Severity> {
        self.severities.iter().find(|severity| severity.id == id)
    }

    /// The report for a product.
    pub fn report(&self, product: &str) -> Option<&Report> {
        let names = |report: &&Report| report.products.iter().any(|id| id == product);
        self.reports.iter().find(names).or_else(|| {
            self.reports
                .iter()
                .find(|report| report.products.is_empty())
        })
    }

    /// Why a reason code forbids, in the policy's words.
    pub fn reason(&self, code: &str) -> Option<&Reason> {
        self.reasons
            .iter()
            .find(|(name, _)| name == code)
            .map(|(_, reason)| reason)
    }
}

/// The name of a choice by its id, the id itself when the policy doesn't know it.
pub fn name_of<'a>(choices: &'a [Choice], id: &'a str, lang: &str) -> &'a str {
    choices
        .iter()
        .find(|choice| choice.id == id)
        .map_or(id, |choice| choice.name.get(lang))
}

fn read_policy(r: &Reader) -> Policy {
    let format = r.number_or_none("format");
    if format != Some(FORMAT) {
        let found = format.map_or("nothing".into(), |format| format.to_string());
        r.problem(
            "format",
            "1",
            found,
            "this portal reads format 1; bring the policy to that format or update the portal",
        );
    }
    let policy = Policy {
        id: r.text("id"),
        vendor: r.local("vendor"),
        title: r.local("title"),
        severities: r.list("severities", read_severity),
        fields: r.list("fields", read_field),
        steps: r.list("steps", read_step),
        reports: r.list("reports", read_report),
        languages: r.list("languages", read_choice),
        regions: r.list("regions", read_region),
        call: r.object_or_none("call", read_call).unwrap_or_default(),
        mail: r
            .object_or_none("mail", |r| {
                let mail = Mail {
                    rule: r.local("rule"),
                };
                r.done();
                mail
            })
            .unwrap_or_default(),
        files: r.object("files", read_files),
        comment_limit: r.number_or_none("comment_limit").unwrap_or(4000),
        after_send: r.list("after_send", Reader::as_local),
        reasons: r.entries("reasons", |r| {
            let reason = Reason {
                text: r.local("text"),
                remedy: r.local("remedy"),
            };
            r.done();
            reason
        }),
        statuses: r.list("statuses", read_choice),
        plans: r.list("plans", read_choice),
    };
    r.done();
    policy
}

fn read_choice(r: &Reader) -> Choice {
    let choice = Choice {
        id: r.text("id"),
        name: r.local("name"),
        help: r.local_or_none("help"),
    };
    r.done();
    choice
}

fn read_severity(r: &Reader) -> Severity {
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

fn read_field(r: &Reader) -> Field {
    let field = Field {
        key: r.text("key"),
        kind: r.one_of("kind", &FIELD_KINDS).unwrap_or_default(),
        label: r.local("label"),
        help: r.local_or_none("help"),
        required: r.flag("required", false),
        aim: r.number_or_none("aim"),
        limit: r.number_or_none("limit"),
        options: r.list("options", read_choice),
        when: r.entries("when", |r| match r.value() {
            Value::Array(_) => r.as_texts(),
            _ => vec![r.as_text()],
        }),
        prefill: r
            .value()
            .get("prefill")
            .and_then(|_| r.one_of("prefill", &PREFILLS)),
    };
    r.done();
    field
}

fn read_step(r: &Reader) -> Step {
    const BESIDES: [(&str, Beside); 2] = [
        ("articles", Beside::Articles),
        ("severities", Beside::Severities),
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
    };
    r.done();
    step
}

fn read_report(r: &Reader) -> Report {
    let report = Report {
        id: r.text("id"),
        name: r.local("name"),
        products: r.texts("products"),
        parts: r.list("parts", |r| {
            let part = Part {
                id: r.text("id"),
                label: r.local("label"),
                help: r.local_or_none("help"),
            };
            r.done();
            part
        }),
    };
    r.done();
    report
}

fn read_region(r: &Reader) -> Region {
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
    };
    r.done();
    region
}

fn read_call(r: &Reader) -> Call {
    let call = Call {
        intro: r.local("intro"),
        script: r.list("script", Reader::as_local),
        facts: r.texts("facts"),
    };
    r.done();
    call
}

fn read_files(r: &Reader) -> Files {
    let files = Files {
        max_bytes: r.number_or_none("max_bytes").unwrap_or(0),
        max_count: r.number_or_none("max_count").unwrap_or(0),
        service: r.object_or_none("service", |r| {
            let service = Service {
                name: r.local("name"),
                help: r.local("help"),
            };
            r.done();
            service
        }),
    };
    r.done();
    files
}
