//! Which questions are asked, which are answered, and what stands in the way of sending.
//!
//! The journey is computed anew from policy, draft and what is known of the account; nothing of it
//! is stored. So changing an answer on step one may make step four incomplete again, and coming
//! back makes it complete, without any bookkeeping. Showing it is `ui::pages::new_case`, saving
//! it `browser::store`.

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use super::case::{Account, Case, Contact, Customer, Entitlement, Product};
use super::draft::{Draft, DraftFile};
use super::entitlement::{self, Decision};
use super::facts::{self, fact, holds};
use super::policy::{Choice, Field, FieldKind, Part, Policy, Prompts, Resource, Step};
use super::text::{email, first_graphemes, fold_id, graphemes, one_line, phone};

/// Everything a decision about a draft may depend on.
#[derive(Clone, Copy)]
pub struct World<'a> {
    /// The rules.
    pub policy: &'a Policy,
    /// The company one acts for.
    pub account: &'a Account,
    /// Who is signed in.
    pub contact: &'a Contact,
    /// The account's contracts.
    pub entitlements: &'a [Entitlement],
    /// What the vendor supports.
    pub products: &'a [Product],
    /// The account's customers.
    pub customers: &'a [Customer],
    /// The account's people.
    pub contacts: &'a [Contact],
    /// The account's cases.
    pub cases: &'a [Case],
    /// The day, in the zone of the person.
    pub today: NaiveDate,
}

impl<'a> World<'a> {
    /// A product by its id.
    pub fn product(&self, id: &str) -> Option<&'a Product> {
        self.products.iter().find(|product| product.id == id)
    }

    /// A contract by its id.
    pub fn entitlement(&self, id: &str) -> Option<&'a Entitlement> {
        self.entitlements.iter().find(|one| one.id == id)
    }

    /// A customer by its id. There may be ten thousand, and they usually come in the order of their
    /// ids, so that is tried first.
    pub fn customer(&self, id: &str) -> Option<&'a Customer> {
        if id.is_empty() {
            return None;
        }
        let place = self
            .customers
            .binary_search_by(|one| one.id.as_str().cmp(id));
        match place {
            Ok(place) => self.customers.get(place),
            Err(_) => self.customers.iter().find(|one| one.id == id),
        }
    }

    /// The products of the policy; a backend may know those of other vendors too.
    pub fn own_products(&self) -> impl Iterator<Item = &'a Product> {
        let policy = &self.policy.id;
        self.products
            .iter()
            .filter(move |product| product.policy.is_empty() || product.policy == *policy)
    }

    /// The contracts of the policy.
    pub fn own_entitlements(&self) -> impl Iterator<Item = &'a Entitlement> {
        let policy = &self.policy.id;
        self.entitlements
            .iter()
            .filter(move |one| one.policy.is_empty() || one.policy == *policy)
    }
}

/// What is wrong with an answer. The words are the catalogue's `problem.<code>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The field's key.
    pub field: String,
    /// The code.
    pub code: &'static str,
    /// Facts that belong into the sentence.
    pub facts: Vec<(&'static str, String)>,
}

fn problem(field: &Field, code: &'static str) -> Option<Problem> {
    problem_with(field, code, Vec::new())
}

fn problem_with(
    field: &Field,
    code: &'static str,
    facts: Vec<(&'static str, String)>,
) -> Option<Problem> {
    Some(Problem {
        field: field.key.clone(),
        code,
        facts,
    })
}

/// The flow as it stands for a draft.
#[derive(Clone, Debug)]
pub struct Journey<'a> {
    /// The steps in order, each with what is still wrong in it.
    pub steps: Vec<Stage<'a>>,
    /// Whether the severity is taken by phone only, so that the flow ends in a call sheet (CMS-09).
    pub by_phone: bool,
}

/// A step as it stands.
#[derive(Clone, Debug)]
pub struct Stage<'a> {
    /// The step.
    pub step: &'a Step,
    /// The fields that are asked, given the other answers.
    pub fields: Vec<&'a Field>,
    /// What is wrong in it.
    pub problems: Vec<Problem>,
    /// Whether all steps before it are complete.
    pub reachable: bool,
}

impl<'a> Journey<'a> {
    /// The first step that needs something, if any does.
    pub fn next(&self) -> Option<&Stage<'a>> {
        self.steps.iter().find(|stage| !stage.problems.is_empty())
    }

    /// Whether everything needed is there.
    pub fn is_complete(&self) -> bool {
        self.next().is_none()
    }

    /// The step of an id, with its place, counted from 1.
    pub fn stage(&self, id: &str) -> Option<(usize, &Stage<'a>)> {
        self.steps
            .iter()
            .enumerate()
            .find(|(_, stage)| stage.step.id == id)
            .map(|(index, stage)| (index + 1, stage))
    }
}

/// Walks the flow for a draft. Steps without a question to ask are left out.
pub fn journey<'a>(world: World<'a>, draft: &Draft) -> Journey<'a> {
    let mut steps: Vec<Stage> = Vec::new();
    let mut reachable = true;
    for step in &world.policy.steps {
        let fields: Vec<&Field> = step
            .fields
            .iter()
            .filter_map(|key| world.policy.field(key))
            .filter(|field| asked(world, field, draft))
            .collect();
        if fields.is_empty() {
            continue;
        }
        let problems: Vec<Problem> = fields
            .iter()
            .flat_map(|field| problems(world, draft, field))
            .collect();
        let complete = problems.is_empty();
        steps.push(Stage {
            step,
            fields,
            problems,
            reachable,
        });
        reachable &= complete;
    }
    let by_phone = world.policy.has_channel("phone")
        && steps
            .iter()
            .flat_map(|stage| &stage.fields)
            .filter(|field| field.kind == FieldKind::Severity)
            .filter_map(|field| world.policy.severity(draft.text(&field.key)))
            .any(|severity| severity.phone_only);
    Journey { steps, by_phone }
}

/// Whether a field is asked, given the other answers and what is known.
pub fn asked(world: World, field: &Field, draft: &Draft) -> bool {
    holds(world, draft, &field.when)
}

/// Whether a field must be answered.
pub fn is_required(world: World, draft: &Draft, field: &Field) -> bool {
    field.required || (!field.required_when.is_empty() && holds(world, draft, &field.required_when))
}

/// A choice as it stands.
#[derive(Clone, Copy)]
pub struct Offer<'a> {
    /// What is offered.
    pub choice: &'a Choice,
    /// The code of the reason for which it can't be chosen now.
    pub reason: Option<&'a str>,
}

/// The choices of a field, without those that are left out now.
pub fn offers<'a>(world: World<'a>, draft: &Draft, field: &'a Field) -> Vec<Offer<'a>> {
    let choices = match field.kind {
        FieldKind::Choice => &field.options,
        FieldKind::Language => &world.policy.languages,
        _ => return Vec::new(),
    };
    let offer = |choice: &'a Choice| {
        let offered = holds(world, draft, &choice.when);
        let reason = choice.instead.as_deref().filter(|_| !offered);
        (offered || reason.is_some()).then_some(Offer { choice, reason })
    };
    choices.iter().filter_map(offer).collect()
}

/// Values offered for a line: what the account has, then what its earlier cases used (NTT-07).
pub fn values(world: World, draft: &Draft, field: &Field) -> Vec<String> {
    let known = fact(world, draft, &field.from);
    let of_policy = |case: &&Case| case.policy == world.policy.id;
    let used = world.cases.iter().filter(of_policy);
    let used = used.map(|case| facts::further(&case.fields, &field.key));
    let mut values: Vec<String> = Vec::new();
    for value in known.lines().map(String::from).chain(used) {
        let value = value.trim();
        if !value.is_empty() && !values.iter().any(|one| one == value) {
            values.push(value.into());
        }
    }
    values
}

/// Where to look for help first, given what was chosen so far (CSF-20).
pub fn resources<'a>(world: World<'a>, draft: &Draft) -> Vec<&'a Resource> {
    let product = facts::product(world, draft);
    let fits = |wanted: &[String], found: Option<&String>| {
        wanted.is_empty() || found.is_some_and(|found| wanted.contains(found))
    };
    let all = world.policy.resources.iter();
    all.filter(|one| {
        fits(&one.products, product.map(|product| &product.id))
            && fits(&one.families, product.map(|product| &product.family))
            && holds(world, draft, &one.when)
    })
    .collect()
}

/// The prompts of a text as it stands (NTT-08).
pub fn prompts<'a>(world: World, draft: &Draft, field: &'a Field) -> Option<&'a Prompts> {
    field
        .prompts
        .iter()
        .find(|prompts| holds(world, draft, &prompts.when))
}

/// The key of a part's answer.
pub fn part_key(field: &str, part: &str) -> String {
    format!("{field}.{part}")
}

/// A text with its parts, each under its label (NTT-08).
pub fn whole_text(world: World, draft: &Draft, field: &Field, lang: &str) -> String {
    let mut text = draft.text(&field.key).trim().to_string();
    for part in parts(world, draft, field) {
        let answer = draft.text(&part_key(&field.key, &part.id)).trim();
        if !answer.is_empty() {
            text.push_str(&format!("\n\n■ {}\n{answer}", part.label.get(lang)));
        }
    }
    text.trim_start().into()
}

fn parts<'a>(world: World, draft: &Draft, field: &'a Field) -> &'a [Part] {
    prompts(world, draft, field).map_or(&[], |prompts| &prompts.parts)
}

/// Everything that is wrong with an answer and with its parts.
pub fn problems(world: World, draft: &Draft, field: &Field) -> Vec<Problem> {
    let parts = parts(world, draft, field).iter();
    let missing = parts.filter_map(|part| check_part(draft, field, part));
    check(world, draft, field)
        .into_iter()
        .chain(missing)
        .collect()
}

/// What is wrong with a part of a text.
pub fn check_part(draft: &Draft, field: &Field, part: &Part) -> Option<Problem> {
    let key = part_key(&field.key, &part.id);
    (part.required && !draft.has(&key)).then(|| Problem {
        field: key,
        code: "required",
        facts: Vec::new(),
    })
}

/// What is wrong with an answer, if anything.
pub fn check(world: World, draft: &Draft, field: &Field) -> Option<Problem> {
    if field.kind == FieldKind::Files {
        return check_files(world, draft, field);
    }
    if field.kind == FieldKind::Emails {
        return check_emails(world, draft, field);
    }
    if matches!(field.kind, FieldKind::Contracts | FieldKind::Contacts) {
        return check_many(world, draft, field);
    }
    let whole = whole_text(world, draft, field, "en");
    if whole.is_empty() {
        return required(world, draft, field);
    }
    let text = draft.text(&field.key).trim();
    check_length(field, &whole).or_else(|| match field.kind {
        FieldKind::Email if email(text).is_none() => problem(field, email_code(text)),
        FieldKind::Phone if phone(text).is_none() => problem(field, "not_a_phone"),
        FieldKind::Choice | FieldKind::Language => check_offer(world, draft, field, text),
        FieldKind::Severity if world.policy.severity(text).is_none() => {
            problem(field, "not_offered")
        }
        FieldKind::Region if !world.policy.regions.iter().any(|one| one.id == text) => {
            problem(field, "not_offered")
        }
        FieldKind::Product if !world.own_products().any(|one| one.id == text) => {
            problem(field, "not_offered")
        }
        FieldKind::OnBehalf if world.customer(text).is_none() => problem(field, "customer_gone"),
        FieldKind::Confirm if text != "yes" => required(world, draft, field),
        FieldKind::DateTime if !is_date_time(text) => problem(field, "not_a_time"),
        FieldKind::Version => check_version(world, draft, field, text),
        FieldKind::Entitlement => check_entitlement(world, draft, field, text),
        _ => None,
    })
}

fn check_offer(world: World, draft: &Draft, field: &Field, text: &str) -> Option<Problem> {
    let offers = offers(world, draft, field);
    match offers.iter().find(|offer| offer.choice.id == text) {
        None => problem(field, "not_offered"),
        Some(Offer { reason: None, .. }) => None,
        Some(Offer {
            reason: Some(reason),
            ..
        }) => problem_with(field, "not_now", vec![("reason", (*reason).into())]),
    }
}

fn check_many(world: World, draft: &Draft, field: &Field) -> Option<Problem> {
    if !draft.has(&field.key) {
        return required(world, draft, field);
    }
    let known = |entry: &String| match field.kind {
        FieldKind::Contracts => world
            .own_entitlements()
            .any(|one| one.contract_number == *entry),
        _ => world.contacts.iter().any(|one| one.id == *entry),
    };
    let gone = draft.many(&field.key).into_iter().find(|one| !known(one))?;
    problem_with(field, "no_longer_there", vec![("value", gone)])
}

/// Whether a text is a day and a time as an input of the browser writes it.
fn is_date_time(text: &str) -> bool {
    let Some((day, time)) = text.split_once('T') else {
        return false;
    };
    let mut parts = time.split(':');
    let mut next = |below: u32| {
        let part = parts.next().unwrap_or_default();
        part.len() == 2 && part.parse::<u32>().is_ok_and(|number| number < below)
    };
    super::case::day(day).is_some() && next(24) && next(60)
}

fn required(world: World, draft: &Draft, field: &Field) -> Option<Problem> {
    is_required(world, draft, field).then(|| problem(field, "required"))?
}

/// The key of what is being typed into a list of mail addresses and is not yet one of them.
pub fn typing_key(key: &str) -> String {
    format!("{key}.typing")
}

/// The mail addresses of an answer, with those that were typed and not yet taken into the list.
/// What is no address stands among them as it is.
pub fn emails(draft: &Draft, key: &str) -> Vec<String> {
    const BETWEEN: [char; 6] = [',', ';', '、', '，', ' ', '\n'];
    let mut all = draft.many(key);
    all.retain(|entry| !entry.trim().is_empty());
    for part in draft.text(&typing_key(key)).split(BETWEEN) {
        let part = email(part).unwrap_or_else(|| part.trim().into());
        if !part.is_empty() && !all.contains(&part) {
            all.push(part);
        }
    }
    all
}

/// Takes what was typed into the list, if all of it is an address; false if it isn't.
pub fn take_typed(draft: &mut Draft, key: &str) -> bool {
    let all = emails(draft, key);
    let complete = all.iter().all(|entry| email(entry).is_some());
    if complete && draft.has(&typing_key(key)) {
        draft.set(key, all);
        draft.set(&typing_key(key), "");
    }
    complete
}

fn check_emails(world: World, draft: &Draft, field: &Field) -> Option<Problem> {
    let all = emails(draft, &field.key);
    if all.is_empty() {
        return required(world, draft, field);
    }
    let wrong = all.into_iter().find(|entry| email(entry).is_none())?;
    problem_with(field, "not_an_email", vec![("value", wrong)])
}

fn check_length(field: &Field, text: &str) -> Option<Problem> {
    let limit = field.limit?;
    let count = graphemes(text) as u64;
    if count <= limit {
        return None;
    }
    let facts = vec![
        ("limit", limit.to_string()),
        ("over", (count - limit).to_string()),
    ];
    problem_with(field, "too_long", facts)
}

fn email_code(text: &str) -> &'static str {
    let several = text.matches(['@', '＠']).count() > 1;
    if several {
        "one_email_only"
    } else {
        "not_an_email"
    }
}

fn check_version(world: World, draft: &Draft, field: &Field, text: &str) -> Option<Problem> {
    let product = world
        .policy
        .field_of(FieldKind::Product)
        .and_then(|field| world.product(draft.text(&field.key)))?;
    let known = product.versions.is_empty() || product.versions.iter().any(|v| v.id == text);
    if known {
        None
    } else {
        problem_with(
            field,
            "version_of_other",
            vec![("product", product.name.clone())],
        )
    }
}

fn check_entitlement(world: World, draft: &Draft, field: &Field, text: &str) -> Option<Problem> {
    let Some(entitlement) = world.own_entitlements().find(|one| one.id == text) else {
        return problem(field, "entitlement_gone");
    };
    let decision = entitlement::decide(world, draft, entitlement);
    if decision.allowed {
        return None;
    }
    let mut facts = decision.facts;
    facts.push(("reason", decision.because.into()));
    problem_with(field, "entitlement_not_usable", facts)
}

/// The product a draft is about, empty as long as none is chosen.
pub fn product_of<'d>(world: World, draft: &'d Draft) -> &'d str {
    world
        .policy
        .field_of(FieldKind::Product)
        .map_or("", |field| draft.text(&field.key))
}

/// Why a file can't be taken, before a byte of it is read.
pub fn refuse_file(policy: &Policy, draft: &Draft, name: &str, size: u64) -> Decision {
    let rules = &policy.files;
    if size > rules.max_bytes {
        return Decision::no(
            "file_too_big",
            vec![
                ("name", name.into()),
                ("size", size.to_string()),
                ("limit", rules.max_bytes.to_string()),
            ],
        );
    }
    if draft.files.len() as u64 >= rules.max_count {
        return Decision::no(
            "too_many_files",
            vec![
                ("name", name.into()),
                ("limit", rules.max_count.to_string()),
            ],
        );
    }
    if size == 0 {
        return Decision::no("file_empty", vec![("name", name.into())]);
    }
    Decision::yes()
}

fn check_files(world: World, draft: &Draft, field: &Field) -> Option<Problem> {
    let rules = &world.policy.files;
    let too_big = |file: &&DraftFile| file.size > rules.max_bytes;
    if let Some(file) = draft.files.iter().find(too_big) {
        return problem_with(field, "file_too_big", vec![("name", file.name.clone())]);
    }
    if draft.files.is_empty() {
        return required(world, draft, field);
    }
    None
}

/// Fills what the policy says may be filled, where nothing was answered yet. Called when a draft
/// is begun and when a step is left, so that a person overwrites and never repeats (CMS-06, CMS-08).
///
/// What depends on answers waits until the steps before it are complete, or it would be fixed by
/// answers that are still to come.
pub fn prefill(world: World, draft: &mut Draft) {
    for field in &world.policy.fields {
        if field.prefill.is_empty() || draft.answers.contains_key(&field.key) {
            continue;
        }
        let value = prefilled(world, draft, field);
        if !value.is_empty() && (!is_late(field) || is_reached(world, draft, field)) {
            draft.set(&field.key, value);
        }
    }
}

/// The value with which a field begins, empty if it begins empty.
pub fn prefilled(world: World, draft: &Draft, field: &Field) -> String {
    match field.prefill.as_str() {
        "" => String::new(),
        "brief" => {
            let brief = draft.text("brief").trim();
            let room = field.aim.or(field.limit).unwrap_or(u64::MAX) as usize;
            match field.kind {
                FieldKind::Line => headline(brief.lines().next().unwrap_or(""), room).into(),
                _ => brief.into(),
            }
        }
        "plan" => entitlement::preset(world, draft)
            .map(|one| one.id.clone())
            .unwrap_or_default(),
        name if field.kind == FieldKind::Region => {
            let value = fact(world, draft, name);
            region_of(world.policy, &value)
        }
        name => {
            let value = fact(world, draft, name);
            let possible = match field.kind {
                FieldKind::Choice | FieldKind::Language => offers(world, draft, field)
                    .iter()
                    .any(|offer| offer.choice.id == value && offer.reason.is_none()),
                // Of several values, a person must say which.
                _ => !value.contains('\n'),
            };
            if possible { value } else { String::new() }
        }
    }
}

/// The region that is meant by its id or by a country that it serves, empty if there is none.
fn region_of(policy: &Policy, value: &str) -> String {
    let mut regions = policy.regions.iter();
    let by_id = regions.clone().find(|one| one.id == value);
    let meant =
        by_id.or_else(|| regions.find(|one| one.countries.iter().any(|country| country == value)));
    meant.map(|one| one.id.clone()).unwrap_or_default()
}

/// Whether a field's first value depends on other answers.
fn is_late(field: &Field) -> bool {
    let early = ["brief", "contact.", "account."];
    field.prefill == "contact.in_customer_domain"
        || !early.iter().any(|start| field.prefill.starts_with(start))
}

fn is_reached(world: World, draft: &Draft, field: &Field) -> bool {
    journey(world, draft)
        .steps
        .iter()
        .any(|stage| stage.reachable && stage.fields.iter().any(|one| one.key == field.key))
}

/// The beginning of a line that fits into a number of characters, up to the end of a sentence or a
/// word where there is one in its second half.
fn headline(line: &str, room: usize) -> &str {
    let start = first_graphemes(line, room);
    if start.len() == line.len() {
        return line;
    }
    let ends = |marks: &[char]| {
        let end = start.rfind(marks)?;
        (end > start.len() / 2).then(|| &start[..end])
    };
    ends(&['。', '．', '！', '？', '；'])
        .or_else(|| ends(&['、', '，', ' ', '　']))
        .unwrap_or(start)
}

/// The fault report of a draft as text, empty if it is not asked for or nothing of it was answered
/// (CMS-01).
pub fn report_text(world: World, draft: &Draft, lang: &str) -> String {
    let policy = world.policy;
    let report = policy.field_of(FieldKind::Report);
    if !report.is_some_and(|field| asked(world, field, draft)) {
        return String::new();
    }
    let product = policy
        .field_of(FieldKind::Product)
        .map_or("", |field| draft.text(&field.key));
    let mut text = String::new();
    if let Some(report) = policy.report(product) {
        for part in &report.parts {
            let answer = draft.text(&format!("report.{}", part.id)).trim();
            if !answer.is_empty() {
                text.push_str(&format!("■ {}\n{answer}\n\n", part.label.get(lang)));
            }
        }
    }
    text.push_str(draft.text("report").trim());
    text.trim_end().to_string()
}

/// What the fault report of a product is called, above it in the description.
pub fn report_name<'p>(policy: &'p Policy, product: &str, lang: &str) -> &'p str {
    match (policy.report(product), policy.field_of(FieldKind::Report)) {
        (Some(report), _) => report.name.get(lang),
        (None, field) => field.map_or("", |field| field.label.get(lang)),
    }
}

/// Whether a fault report stands in the description of a case: the name of one, in any language, on
/// a line of its own.
pub fn report_stands_in(policy: &Policy, description: &str) -> bool {
    let reports = policy.reports.iter().map(|report| &report.name);
    let field = policy.field_of(FieldKind::Report).map(|field| &field.label);
    reports
        .chain(field)
        .flat_map(|name| name.languages().map(|lang| name.get(lang)))
        .any(|name| description.lines().any(|line| line.trim() == name))
}

/// A description with a fault report at its end, which is where the engineers look for it (CMS-08).
pub fn with_report(description: &str, name: &str, report: &str) -> String {
    format!("{}\n\n{name}\n\n{}", description.trim(), report.trim())
}

/// Whether a draft has a fault report, filled in, pasted, or among its files by the author's word.
pub fn has_report(world: World, draft: &Draft) -> bool {
    !report_text(world, draft, "en").is_empty() || draft.text("report_attached") == "yes"
}

/// The body of the request that creates the case, in the backend's native words. The fault report is
/// the end of the description, named in the language of the answers as its parts are.
pub fn case_body(world: World, draft: &Draft) -> Value {
    let policy = world.policy;
    let mut body = Map::new();
    let mut put = |key: &str, value: Value| body.insert(key.into(), value);
    put("policy", json!(policy.id));
    put("contact_id", json!(world.contact.id));
    let mut extra = Map::new();
    let lang = draft.text("preferred_language");
    for step in &policy.steps {
        let fields = step.fields.iter().filter_map(|key| policy.field(key));
        for field in fields.filter(|field| asked(world, field, draft)) {
            let addresses: Vec<String> = match field.kind {
                FieldKind::Emails => emails(draft, &field.key),
                _ => Vec::new(),
            };
            let whole = whole_text(world, draft, field, lang);
            if !draft.has(&field.key) && addresses.is_empty() && whole.is_empty() {
                continue;
            }
            let text = whole.as_str();
            let name = native_name(field);
            let value = match field.kind {
                FieldKind::Files | FieldKind::Report => continue,
                FieldKind::Emails => {
                    let addresses = addresses.iter().filter_map(|one| email(one));
                    json!(addresses.collect::<Vec<_>>())
                }
                FieldKind::Email => json!(email(text)),
                FieldKind::Phone => json!(phone(text)),
                FieldKind::Serial => json!(fold_id(text)),
                FieldKind::Line | FieldKind::Customer | FieldKind::Offered => json!(one_line(text)),
                FieldKind::Contracts | FieldKind::Contacts => json!(draft.many(&field.key)),
                _ => json!(text),
            };
            match name {
                Some(name) => {
                    put(name, value);
                }
                None if field.key == "brief" => {}
                None => {
                    extra.insert(field.key.clone(), value);
                }
            }
        }
    }
    let report = report_text(world, draft, lang);
    if !report.is_empty() {
        let name = report_name(policy, product_of(world, draft), lang);
        let written = body.get("description").and_then(Value::as_str);
        let description = with_report(written.unwrap_or_default(), name, &report);
        body.insert("description".into(), json!(description));
    }
    if draft.has("linked_case") {
        body.insert("linked_case".into(), json!(draft.text("linked_case")));
    }
    let named = body.get("customer_name");
    let customer = world
        .customers
        .iter()
        .find(|one| named == Some(&json!(one.name)));
    if let Some(customer) = customer {
        body.insert("customer_id".into(), json!(customer.id));
    }
    // Who reads the case may know the customer by name only.
    if let Some(customer) = facts::customer(world, draft) {
        body.insert("customer_id".into(), json!(customer.id));
        body.insert("customer_name".into(), json!(customer.name));
    }
    if !extra.is_empty() {
        body.insert("fields".into(), Value::Object(extra));
    }
    Value::Object(body)
}

/// The backend's native name of a field's answer; anything else travels in `fields`.
fn native_name(field: &Field) -> Option<&'static str> {
    const NAMES: [(&str, &str); 18] = [
        ("type", "type"),
        ("subject", "subject"),
        ("description", "description"),
        ("severity", "severity"),
        ("product", "product_id"),
        ("product_version", "product_version"),
        ("entitlement", "entitlement_id"),
        ("serial_number", "serial_number"),
        ("business_impact", "business_impact"),
        ("customer_name", "customer_name"),
        ("callback_number", "callback_number"),
        ("other_email", "other_email"),
        ("watchers", "watchers"),
        ("preferred_language", "preferred_language"),
        ("customer", "customer_id"),
        ("region", "region"),
        ("contacts", "contacts"),
        ("contract_numbers", "contract_numbers"),
    ];
    NAMES
        .iter()
        .find(|(key, _)| *key == field.key)
        .map(|(_, name)| *name)
}
