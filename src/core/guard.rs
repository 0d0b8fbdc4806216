//! Whether customer, plan, contact, severity, channel, product and version agree (NEW-04).
//!
//! One function returns every disagreement there is, each with what to do; sending waits until
//! none is left that stops and all that ask are confirmed. What is incomplete is the business of
//! [`super::flow`], how a disagreement is shown that of the pages.

use super::draft::Draft;
use super::facts::{self, fact, holds};
use super::flow::{World, asked, check, journey};
use super::policy::{FieldKind, Level, Rule};
use super::text::{LocalText, fill, placeholders};

/// In whose words a disagreement is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Words {
    /// The policy's: the place of the rule in its list.
    Rule(usize),
    /// The portal's own: a code with its facts, as of [`super::flow::Problem`].
    BuiltIn {
        /// The code.
        code: &'static str,
        /// Facts that belong into the sentence.
        facts: Vec<(&'static str, String)>,
    },
}

/// Something that does not agree.
#[derive(Clone, Debug)]
pub struct Disagreement {
    /// The rule's id, or the code and the field.
    pub id: String,
    /// Whether it stops, asks or informs.
    pub level: Level,
    /// What it is about.
    pub about: Vec<String>,
    /// The field whose answer mends it, empty if none does.
    pub field: String,
    /// Its words.
    pub words: Words,
    /// Whether the person has confirmed it as things stand.
    pub confirmed: bool,
}

impl Disagreement {
    /// Whether sending must wait for it.
    pub fn is_open(&self) -> bool {
        match self.level {
            Level::Stop => true,
            Level::Confirm => !self.confirmed,
            Level::Note => false,
        }
    }
}

/// Everything that does not agree in a draft, what stops first.
pub fn disagreements(world: World, draft: &Draft) -> Vec<Disagreement> {
    let mut all: Vec<Disagreement> = built_in(world, draft);
    for (index, rule) in world.policy.rules.iter().enumerate() {
        if holds(world, draft, &rule.when) && !asks_about_gone(world, rule, &all) {
            all.push(Disagreement {
                id: rule.id.clone(),
                level: rule.level,
                about: rule.about.clone(),
                field: rule.field.clone(),
                words: Words::Rule(index),
                confirmed: is_confirmed(world, draft, rule),
            });
        }
    }
    super::order::sort_by_key(&mut all, |one| match one.level {
        Level::Stop => 0,
        Level::Confirm => 1,
        Level::Note => 2,
    });
    all
}

/// Whether a rule asks about a record that was chosen and is gone. Nothing is known of it then, and
/// that it is gone has been told.
fn asks_about_gone(world: World, rule: &Rule, told: &[Disagreement]) -> bool {
    const GONE: [&str; 3] = ["customer_gone", "entitlement_gone", "not_offered"];
    let is_gone = |key: &str| {
        told.iter().any(|one| {
            let Words::BuiltIn { code, .. } = &one.words else {
                return false;
            };
            one.field == key && GONE.contains(code)
        })
    };
    let of_records = rule.when.iter().filter(|(name, _)| name.contains('.'));
    of_records
        .flat_map(|(name, _)| facts::questions(world.policy, name))
        .any(is_gone)
}

/// Whether a draft is complete and nothing in it disagrees any more. By a policy on trial nothing is
/// ever sent.
pub fn may_send(world: World, draft: &Draft) -> bool {
    !world.policy.trial
        && journey(world, draft).is_complete()
        && !disagreements(world, draft).iter().any(|one| one.is_open())
}

/// The rules that are told before anything is typed: those that hold, or will once something is
/// chosen.
pub fn early<'a>(world: World<'a>) -> Vec<&'a Rule> {
    let rules = world.policy.rules.iter();
    let may_hold = |rule: &&Rule| rule.early && facts::may_hold(world, &rule.when);
    rules.filter(may_hold).collect()
}

/// Confirms what a rule asks, for as long as what it asks about stays as it is.
pub fn confirm(world: World, draft: &mut Draft, rule: &Rule, yes: bool) {
    let answer = if yes {
        confirmation(world, draft, rule)
    } else {
        String::new()
    };
    draft.set(&confirmation_key(rule), answer);
}

/// A rule's text with the names and facts of the moment in it; what is unknown stays visible.
pub fn words(world: World, draft: &Draft, text: &LocalText, lang: &str) -> String {
    let text = text.get(lang);
    let value = |name| match name {
        "customer" => fact(world, draft, "customer.name"),
        "account" => world.account.name.clone(),
        "contact" => world.contact.name.clone(),
        "product" => fact(world, draft, "product.name"),
        name => fact(world, draft, name),
    };
    let values: Vec<(&str, String)> = placeholders(text)
        .into_iter()
        .map(|name| (name, value(name)))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    let values: Vec<(&str, &str)> = values
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    fill(text, &values)
}

fn confirmation_key(rule: &Rule) -> String {
    format!("confirm.{}", rule.id)
}

fn is_confirmed(world: World, draft: &Draft, rule: &Rule) -> bool {
    let given = draft.text(&confirmation_key(rule));
    !given.is_empty() && given == confirmation(world, draft, rule)
}

/// What is confirmed: the answers that the rule looks at. Another customer or plan is another
/// question, also where the rule holds for both.
fn confirmation(world: World, draft: &Draft, rule: &Rule) -> String {
    let mut seen = String::from("yes");
    for (name, _) in &rule.when {
        for key in facts::questions(world.policy, name) {
            seen.push_str(&format!("\n{key}={}", fact(world, draft, key)));
        }
    }
    seen
}

/// Answers that were right once and are not any more: what they name is gone, ended, or belongs to
/// something else.
fn built_in(world: World, draft: &Draft) -> Vec<Disagreement> {
    const CODES: [&str; 7] = [
        "not_offered",
        "not_now",
        "customer_gone",
        "no_longer_there",
        "version_of_other",
        "entitlement_gone",
        "entitlement_not_usable",
    ];
    let fields = world.policy.fields.iter();
    let fields = fields.filter(|field| draft.has(&field.key) && asked(world, field, draft));
    fields
        .filter_map(|field| {
            let problem = check(world, draft, field)?;
            CODES.contains(&problem.code).then(|| Disagreement {
                id: format!("{}.{}", problem.code, problem.field),
                level: Level::Stop,
                about: vec![subject(field.kind).into()],
                field: problem.field,
                words: Words::BuiltIn {
                    code: problem.code,
                    facts: problem.facts,
                },
                confirmed: false,
            })
        })
        .collect()
}

fn subject(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::OnBehalf | FieldKind::Customer => "customer",
        FieldKind::Entitlement | FieldKind::Contracts => "plan",
        FieldKind::Product => "product",
        FieldKind::Version => "version",
        FieldKind::Severity => "severity",
        FieldKind::Region => "region",
        FieldKind::Language => "language",
        FieldKind::Contacts | FieldKind::Email | FieldKind::Phone => "contact",
        _ => "type",
    }
}
