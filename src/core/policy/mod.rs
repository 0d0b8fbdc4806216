//! A vendor's support rules, read from one JSON file (NEW-10).
//!
//! [`Policy::read`] either returns a policy whose every reference leads somewhere, or all of the
//! file's mistakes at once. The rest of the portal may therefore look things up without asking
//! whether they exist. What is asked is described in [`questions`], what may be used and what is
//! said about it in [`rules`], what may be done with a case that exists in [`life`]. What the rules
//! *mean* lives in [`super::flow`], [`super::entitlement`] and [`super::guard`]; the words are the
//! author's, in as many languages as the author wrote.

pub mod advice;
mod check;
pub mod life;
pub mod questions;
pub mod rules;

use serde_json::Value;

pub use life::{AccountCheck, Life, Resource, Rma};
pub use questions::{
    Beside, Choice, FIELD_KINDS, Field, FieldKind, Part, Prompts, Region, Report, Severity, Step,
};
pub use rules::{Level, Linking, Plan, Purchase, Reason, Rule};

use super::reader::{Problem, Reader, read};
use super::sla::terms::{Sla, read_sla};
use super::text::LocalText;
use questions::{read_choice, read_field, read_region, read_report, read_severity, read_step};
use rules::{read_plan, read_reason, read_rule};

/// The only format of policies this version reads.
pub const FORMAT: u64 = 1;

/// A condition: every fact must have one of the values named with it; see [`super::facts`].
pub type When = Vec<(String, Vec<String>)>;

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
    /// Ways to reach support that are offered at all; none named means all (MPC-09).
    pub channels: Vec<String>,
    /// The call sheet of severities that are taken by phone.
    pub call: Call,
    /// How mail about a case works (CMS-14).
    pub mail: Mail,
    /// What files may be attached (CMS-15).
    pub files: Files,
    /// The vendor's own words on the page of a case (NTT-11).
    pub words: CaseWords,
    /// The longest comment, in characters (CMS-16).
    pub comment_limit: u64,
    /// What happens after sending, sentence by sentence (CMS-13).
    pub after_send: Vec<LocalText>,
    /// Why something can't be used, by reason, and what to do (CMS-03).
    pub reasons: Vec<(String, Reason)>,
    /// What forbids sending, must be confirmed, or is worth knowing (NEW-04).
    pub rules: Vec<Rule>,
    /// The vendor's words for the states of a case.
    pub statuses: Vec<Choice>,
    /// Plans and levels that contracts carry, and what they cover.
    pub plans: Vec<Plan>,
    /// How a contract is linked by its ids (MPT-05), if that can be done.
    pub linking: Option<Linking>,
    /// How an incident is bought (MPT-14), if that can be done.
    pub purchase: Option<Purchase>,
    /// Who may have a contract activated (MPT-18); empty if everybody.
    pub activation: When,
    /// What may be done with a case that exists.
    pub life: Life,
    /// How defective parts are returned (CSF-16), if the vendor has devices.
    pub rma: Option<Rma>,
    /// Where to look for help first (CSF-20).
    pub resources: Vec<Resource>,
    /// What the account as a whole must keep to (CSF-14).
    pub account_checks: Vec<AccountCheck>,
    /// What is due when, and in whose hours.
    pub sla: Sla,
    /// Whether its author only tries it: nothing is sent by it. Never read from the file.
    pub trial: bool,
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

/// What the vendor calls the parts of a case's page, where that isn't what everybody calls them.
#[derive(Clone, Debug, Default)]
pub struct CaseWords {
    /// What one writes back.
    pub comment: Option<LocalText>,
    /// The button that sends it.
    pub comment_send: Option<LocalText>,
    /// Everything that happened.
    pub history: Option<LocalText>,
}

/// How mail about a case works.
#[derive(Clone, Debug, Default)]
pub struct Mail {
    /// The rule, in words.
    pub rule: LocalText,
    /// Whether mail only brings news and is answered in the case (NTT-11).
    pub no_reply: bool,
}

/// What files may be attached.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// Bytes of the largest file.
    pub max_bytes: u64,
    /// Most files of one case.
    pub max_count: u64,
    /// Endings of names that are taken, as `.log`; empty for all.
    pub accept: Vec<String>,
    /// Endings of names that are not taken.
    pub refuse: Vec<String>,
    /// Where else files can be sent.
    pub service: Option<Service>,
    /// What the backend takes besides.
    pub backend: Limits,
}

/// What a backend takes of files; what is left open it does not limit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Limits {
    /// Bytes of the largest file.
    pub max_bytes: Option<u64>,
    /// Most files of one case.
    pub max_count: Option<u64>,
    /// Endings of names that are taken, as `.log`; empty for all.
    pub endings: Vec<String>,
    /// Media types that are taken, in small letters, `image/*` for all images; empty for all.
    pub types: Vec<String>,
}

impl Files {
    /// Holds the limits of the backend besides the policy's own.
    pub fn limit(&mut self, backend: Limits) {
        self.max_bytes = backend
            .max_bytes
            .map_or(self.max_bytes, |most| most.min(self.max_bytes));
        self.max_count = backend
            .max_count
            .map_or(self.max_count, |most| most.min(self.max_count));
        self.backend = backend;
    }

    /// The types of files that are taken, as people know them; empty for all.
    pub fn types(&self) -> Vec<String> {
        let mut all = self.accept.clone();
        for one in self.backend.endings.iter().chain(&self.backend.types) {
            if !all.contains(one) {
                all.push(one.clone());
            }
        }
        all
    }
}

/// A separate upload service of the vendor.
#[derive(Clone, Debug, Default)]
pub struct Service {
    /// Its name.
    pub name: LocalText,
    /// When to use it.
    pub help: LocalText,
}

impl Policy {
    /// Reads a policy, or says everything that is wrong with it.
    pub fn read(json: &Value) -> Result<Policy, Vec<Problem>> {
        let (policy, problems) = Policy::read_all(json);
        if problems.is_empty() {
            Ok(policy.with_conditions_of_steps())
        } else {
            Err(problems)
        }
    }

    /// What could be read, with all its mistakes.
    fn read_all(json: &Value) -> (Policy, Vec<Problem>) {
        read(json, |r| {
            let policy = read_policy(r);
            // References are worth checking only against what was understood; a policy of another
            // format would drown its one real problem in consequences.
            if json.get("format").and_then(Value::as_u64) == Some(FORMAT) {
                check::references(&policy, r);
            }
            policy
        })
    }

    /// The questions of a step take on its condition, so that whoever looks at a question alone
    /// knows whether it is asked.
    fn with_conditions_of_steps(mut self) -> Policy {
        for step in &self.steps {
            for field in &mut self.fields {
                if step.fields.contains(&field.key) {
                    field.when.extend(step.when.iter().cloned());
                }
            }
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

    /// The plan of a code.
    pub fn plan(&self, id: &str) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.id == id)
    }

    /// The name of a plan by its code, the code itself when the policy doesn't know it.
    pub fn plan_name<'a>(&'a self, id: &'a str, lang: &str) -> &'a str {
        self.plan(id).map_or(id, |plan| plan.name.get(lang))
    }

    /// Whether support can be reached in a way at all (MPC-09).
    pub fn has_channel(&self, channel: &str) -> bool {
        self.channels.is_empty() || self.channels.iter().any(|one| one == channel)
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
        channels: r.texts("channels"),
        call: r.object_or_none("call", read_call).unwrap_or_default(),
        mail: r
            .object_or_none("mail", |r| {
                let mail = Mail {
                    rule: r.local("rule"),
                    no_reply: r.flag("no_reply", false),
                };
                r.done();
                mail
            })
            .unwrap_or_default(),
        files: r.object("files", read_files),
        words: r.object_or_none("words", read_words).unwrap_or_default(),
        comment_limit: r.number_or_none("comment_limit").unwrap_or(4000),
        after_send: r.list("after_send", Reader::as_local),
        reasons: r.entries("reasons", read_reason),
        rules: r.list("rules", read_rule),
        statuses: r.list("statuses", read_choice),
        plans: r.list("plans", read_plan),
        sla: r.object_or_none("sla", read_sla).unwrap_or_default(),
        trial: false,
        linking: r.object_or_none("linking", rules::read_linking),
        purchase: r.object_or_none("purchase", rules::read_purchase),
        activation: read_when(r, "activation"),
        life: r
            .object_or_none("life", life::read_life)
            .unwrap_or_default(),
        rma: r.object_or_none("rma", life::read_rma),
        resources: r.list("resources", life::read_resource),
        account_checks: r.list("account_checks", life::read_account_check),
    };
    r.done();
    policy
}

/// A condition; a single value may stand without its list.
fn read_when(r: &Reader, key: &'static str) -> When {
    r.entries(key, |r| match r.value() {
        Value::Array(_) => r.as_texts(),
        _ => vec![r.as_text()],
    })
}

/// An address that a page may link to. Anything but the web's own would run as a program or open
/// what nobody expects.
fn read_link(r: &Reader, key: &'static str) -> Option<String> {
    let link = r.text_or_none(key)?;
    let safe = link.starts_with("https://") || link.starts_with("http://");
    if !safe {
        r.problem(key, "an https address", link.as_str(), "correct it");
    }
    safe.then_some(link)
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

fn read_words(r: &Reader) -> CaseWords {
    let words = CaseWords {
        comment: r.local_or_none("comment"),
        comment_send: r.local_or_none("comment_send"),
        history: r.local_or_none("history"),
    };
    r.done();
    words
}

fn read_files(r: &Reader) -> Files {
    let files = Files {
        max_bytes: r.number_or_none("max_bytes").unwrap_or(0),
        max_count: r.number_or_none("max_count").unwrap_or(0),
        accept: r.texts("accept"),
        refuse: r.texts("refuse"),
        service: r.object_or_none("service", |r| {
            let service = Service {
                name: r.local("name"),
                help: r.local("help"),
            };
            r.done();
            service
        }),
        backend: Limits::default(),
    };
    r.done();
    files
}
