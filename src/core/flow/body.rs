//! What is sent: the request that creates a case, with the fault report at the end of its
//! description.

use serde_json::{Map, Value, json};

use super::{World, asked, emails, product_of, whole_text};
use crate::core::draft::Draft;
use crate::core::facts;
use crate::core::policy::{Field, FieldKind, Policy};
use crate::core::text::{email, fold_id, one_line, phone};

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
