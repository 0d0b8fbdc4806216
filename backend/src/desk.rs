//! How a vendor's desk works, read from its record: what it asks for, what it refuses and why,
//! which actions it takes on a case. The rules are data; here is only the language they are in.
//!
//! A condition is a map of facts and values; all of its entries must hold. An entry holds when
//! the fact's value is among the values. A value after `!` must not be the fact's, so `"!"` means
//! that there must be something.

use serde_json::{Map, Value};

/// What a desk asks for unless its record says otherwise.
const USUALLY_REQUIRED: [&str; 4] = [
    "severity",
    "product_id",
    "product_version",
    "callback_number",
];

/// The desk of one support policy. That of a policy nobody has is empty and takes no actions.
#[derive(Debug)]
pub(crate) struct Desk(pub(crate) Value);

impl Desk {
    /// The fields of a new case that this desk can't do without.
    pub(crate) fn required(&self) -> Vec<&str> {
        match self.0["required"].as_array() {
            Some(names) => names.iter().filter_map(Value::as_str).collect(),
            None => USUALLY_REQUIRED.to_vec(),
        }
    }

    /// Whether the desk takes this action on a case.
    pub(crate) fn takes(&self, action: &str) -> bool {
        self.list("actions").any(|known| known == action)
    }

    /// The words of a list in the record.
    pub(crate) fn list(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0[name]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
    }

    /// The place of a word in an ordered list of the record.
    pub(crate) fn rank(&self, list: &str, word: &str) -> Option<usize> {
        self.list(list).position(|known| known == word)
    }

    /// A text with the parts of a case filled in.
    pub(crate) fn fill(&self, name: &str, number: &str, subject: &str) -> String {
        let form = self.0[name].as_str().unwrap_or_default();
        form.replace("{number}", number)
            .replace("{subject}", subject)
    }

    /// Why the desk refuses what is asked on an occasion, in the order of its rules.
    pub(crate) fn refusals(&self, occasion: &str, world: &World) -> Vec<Refusal> {
        let rules = self.0["rules"].as_array().into_iter().flatten();
        rules
            .filter(|rule| rule["on"] == occasion && world.holds(&rule["when"]))
            .map(|rule| Refusal {
                pointer: text(rule, "pointer"),
                code: text(rule, "code"),
                detail: text(rule, "detail"),
            })
            .collect()
    }
}

/// What a rule says when it applies.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) pointer: String,
    pub(crate) code: String,
    pub(crate) detail: String,
}

/// What rules can ask about. What is not there has no facts.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) account: Value,
    /// Who is asking.
    pub(crate) contact: Value,
    pub(crate) customer: Value,
    pub(crate) entitlement: Value,
    pub(crate) product: Value,
    /// What was written.
    pub(crate) answers: Map<String, Value>,
}

impl World {
    /// Whether all entries of a condition hold. No condition always holds.
    pub(crate) fn holds(&self, when: &Value) -> bool {
        let entries = when.as_object().into_iter().flatten();
        entries.into_iter().all(|(name, values)| {
            let values: Vec<&str> = values
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .collect();
            among(&self.fact(name), &values)
        })
    }

    fn fact(&self, name: &str) -> String {
        match name {
            "entitlement.customer_matches" => self.customer_matches(),
            "entitlement.covers_product" => self.covers_product(),
            "product.version_rank" => self.version_rank(),
            _ => self.named(name),
        }
    }

    fn named(&self, name: &str) -> String {
        let Some((record, field)) = name.split_once('.') else {
            return plain(self.answers.get(name).unwrap_or(&Value::Null));
        };
        let record = match record {
            "account" => &self.account,
            "contact" => &self.contact,
            "customer" => &self.customer,
            "entitlement" => &self.entitlement,
            "product" => &self.product,
            "fields" => return plain(&self.answers.get("fields").unwrap_or(&Value::Null)[field]),
            _ => return String::new(),
        };
        match &record[field] {
            Value::Null => plain(&record["facts"][field]),
            own => plain(own),
        }
    }

    /// Whether the entitlement belongs to the customer, if it belongs to one at all.
    fn customer_matches(&self) -> String {
        match self.entitlement["customer_id"].as_str() {
            None | Some("") => String::new(),
            Some(id) => yes_or_no(self.customer["id"] == id),
        }
    }

    fn covers_product(&self) -> String {
        let products = self.entitlement["product_ids"].as_array();
        match products.filter(|products| !products.is_empty()) {
            Some(products) if !self.product["id"].is_null() => {
                yes_or_no(products.contains(&self.product["id"]))
            }
            _ => String::new(),
        }
    }

    /// 1 is the newest version of the product.
    fn version_rank(&self) -> String {
        let version = self.answers.get("product_version").unwrap_or(&Value::Null);
        let versions = self.product["versions"].as_array().into_iter().flatten();
        let place = versions
            .into_iter()
            .position(|known| known["id"] == *version);
        place.map_or_else(String::new, |place| (place + 1).to_string())
    }
}

fn among(value: &str, values: &[&str]) -> bool {
    let mut wanted = values.iter().filter(|wanted| !wanted.starts_with('!'));
    let unwanted = values.iter().filter_map(|wanted| wanted.strip_prefix('!'));
    let named = values.iter().all(|wanted| wanted.starts_with('!'));
    (named || wanted.any(|wanted| *wanted == value))
        && unwanted.into_iter().all(|unwanted| unwanted != value)
}

fn yes_or_no(yes: bool) -> String {
    if yes { "yes" } else { "no" }.to_owned()
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(flag) => yes_or_no(*flag),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

fn text(record: &Value, field: &str) -> String {
    record[field].as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn world() -> World {
        World {
            contact: json!({"role": "user", "on_contract": true, "facts": {"sign_in": "aad"}}),
            entitlement: json!({"customer_id": "c1", "product_ids": ["p1"]}),
            customer: json!({"id": "c2"}),
            product: json!({"id": "p1", "versions": [{"id": "2"}, {"id": "1"}]}),
            answers: json!({"product_version": "1", "fields": {"cloud": "own"}})
                .as_object()
                .cloned()
                .unwrap_or_default(),
            ..World::default()
        }
    }

    #[test]
    fn all_entries_of_a_condition_must_hold() {
        for (when, holds) in [
            (json!({}), true),
            (json!({"contact.role": ["admin", "user"]}), true),
            (json!({"contact.role": ["admin"]}), false),
            (json!({"contact.role": ["!admin", "!"]}), true),
            (json!({"contact.role": ["!admin", "!user"]}), false),
            (
                json!({"contact.sign_in": ["aad"], "contact.on_contract": ["yes"]}),
                true,
            ),
            (
                json!({"contact.sign_in": ["aad"], "contact.on_contract": ["no"]}),
                false,
            ),
            (json!({"contact.unknown": [""]}), true),
            (json!({"contact.unknown": ["!"]}), false),
            (json!({"fields.cloud": ["own"]}), true),
            (json!({"entitlement.customer_matches": ["no"]}), true),
            (json!({"entitlement.covers_product": ["yes"]}), true),
            (json!({"product.version_rank": ["2"]}), true),
        ] {
            assert_eq!(world().holds(&when), holds, "{when}");
        }
    }

    #[test]
    fn what_is_not_there_has_no_facts() {
        let nobody = World::default();
        for name in [
            "customer.name",
            "entitlement.covers_product",
            "product.version_rank",
            "x",
        ] {
            assert_eq!(nobody.fact(name), "", "{name}");
        }
    }
}
