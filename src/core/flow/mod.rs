//! Which questions are asked, which are answered, and what stands in the way of sending.
//!
//! The journey is computed anew from policy, draft and what is known of the account; nothing of it
//! is stored. So changing an answer on step one may make step four incomplete again, and coming
//! back makes it complete, without any bookkeeping. Showing it is `ui::pages::new_case`, saving
//! it `browser::store`.

use chrono::NaiveDate;
use serde_json::{Map, Value, json};

use super::case::{Account, Contact, Customer, Entitlement, Product};
use super::draft::{Draft, DraftFile};
use super::entitlement::{self, Decision};
use super::policy::{Field, FieldKind, Policy, Prefill, Step};
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
            .filter(|field| asked(field, draft))
            .collect();
        if fields.is_empty() {
            continue;
        }
        let problems: Vec<Problem> = fields
            .iter()
            .filter_map(|field| check(world, draft, field))
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
    let by_phone = steps
        .iter()
        .flat_map(|stage| &stage.fields)
        .filter(|field| field.kind == FieldKind::Severity)
        .filter_map(|field| world.policy.severity(draft.text(&field.key)))
        .any(|severity| severity.phone_only);
    Journey { steps, by_phone }
}

/// Whether a field is asked, given the other answers.
pub fn asked(field: &Field, draft: &Draft) -> bool {
    field
        .when
        .iter()
        .all(|(key, values)| values.iter().any(|value| value == draft.text(key)))
}

/// What is wrong with an answer, if anything.
pub fn check(world: World, draft: &Draft, field: &Field) -> Option<Problem> {
    if field.kind == FieldKind::Files {
        return check_files(world, draft, field);
    }
    if field.kind == FieldKind::Emails {
        return check_emails(draft, field);
    }
    if !draft.has(&field.key) {
        return required(field);
    }
    let text = draft.text(&field.key).trim();
    check_length(field, text).or_else(|| match field.kind {
        FieldKind::Email if email(text).is_none() => problem(field, email_code(text)),
        FieldKind::Phone if phone(text).is_none() => problem(field, "not_a_phone"),
        FieldKind::Choice if !field.options.iter().any(|option| option.id == text) => {
            problem(field, "not_offered")
        }
        FieldKind::Language if !world.policy.languages.iter().any(|one| one.id == text) => {
            problem(field, "not_offered")
        }
        FieldKind::Severity if world.policy.severity(text).is_none() => {
            problem(field, "not_offered")
        }
        FieldKind::Product if !world.own_products().any(|one| one.id == text) => {
            problem(field, "not_offered")
        }
        FieldKind::Version => check_version(world, draft, field, text),
        FieldKind::Entitlement => check_entitlement(world, draft, field, text),
        _ => None,
    })
}

fn required(field: &Field) -> Option<Problem> {
    field.required.then(|| problem(field, "required"))?
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

fn check_emails(draft: &Draft, field: &Field) -> Option<Problem> {
    let all = emails(draft, &field.key);
    if all.is_empty() {
        return required(field);
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
    // A product that isn't offered any more is told where it was chosen, not here as well.
    let product = product_of(world, draft);
    let known = world.own_products().any(|one| one.id == product);
    let decision = entitlement::usable(entitlement, known.then_some(product), world.today);
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
        return required(field);
    }
    None
}

/// Fills what the policy says may be filled, where nothing was answered yet. Called when a draft
/// is begun and when a step is left, so that a person overwrites and never repeats (CMS-06, CMS-08).
pub fn prefill(world: World, draft: &mut Draft) {
    for field in &world.policy.fields {
        if draft.answers.contains_key(&field.key) {
            continue;
        }
        let brief = draft.text("brief").trim().to_string();
        let value = match field.prefill {
            Some(Prefill::ContactPhone) => world.contact.phone.clone(),
            Some(Prefill::ContactLanguage) => {
                let offered = |one: &&super::policy::Choice| one.id == world.contact.language;
                let found = world.policy.languages.iter().find(offered);
                found.map(|one| one.id.clone()).unwrap_or_default()
            }
            Some(Prefill::Brief) => {
                let room = field.aim.or(field.limit).unwrap_or(u64::MAX) as usize;
                let line = brief.lines().next().unwrap_or("");
                match field.kind {
                    FieldKind::Line => headline(line, room).to_string(),
                    _ => brief,
                }
            }
            None => String::new(),
        };
        if !value.is_empty() {
            draft.set(&field.key, value);
        }
    }
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
pub fn report_text(policy: &Policy, draft: &Draft, lang: &str) -> String {
    let report = policy.field_of(FieldKind::Report);
    if !report.is_some_and(|field| asked(field, draft)) {
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
pub fn has_report(policy: &Policy, draft: &Draft) -> bool {
    !report_text(policy, draft, "en").is_empty() || draft.text("report_attached") == "yes"
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
    for step in &policy.steps {
        let fields = step.fields.iter().filter_map(|key| policy.field(key));
        for field in fields.filter(|field| asked(field, draft)) {
            let addresses: Vec<String> = match field.kind {
                FieldKind::Emails => emails(draft, &field.key),
                _ => Vec::new(),
            };
            if !draft.has(&field.key) && addresses.is_empty() {
                continue;
            }
            let text = draft.text(&field.key).trim();
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
                FieldKind::Line | FieldKind::Customer => json!(one_line(text)),
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
    let lang = draft.text("preferred_language");
    let report = report_text(policy, draft, lang);
    if !report.is_empty() {
        let name = report_name(policy, product_of(world, draft), lang);
        let description = with_report(draft.text("description"), name, &report);
        put("description", json!(description));
    }
    let named = body.get("customer_name");
    let customer = world
        .customers
        .iter()
        .find(|one| named == Some(&json!(one.name)));
    if let Some(customer) = customer {
        body.insert("customer_id".into(), json!(customer.id));
    }
    if !extra.is_empty() {
        body.insert("fields".into(), Value::Object(extra));
    }
    Value::Object(body)
}

/// The backend's native name of a field's answer; anything else travels in `fields`.
fn native_name(field: &Field) -> Option<&'static str> {
    const NAMES: [(&str, &str); 15] = [
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
    ];
    NAMES
        .iter()
        .find(|(key, _)| *key == field.key)
        .map(|(_, name)| *name)
}
