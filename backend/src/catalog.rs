//! The kinds of records: where each is found, who may see it, and how it is ordered and searched.
//! Nothing else needs to change when a kind gains a field.

use crate::desk::Desk;
use crate::session::Session;
use crate::store::{Access, Placement, WriteTx, policy_scope};
use serde_json::{Value, json};

/// The kinds a client may see, as they are named in the change feed.
pub const KINDS: [&str; 13] = [
    "account",
    "contact",
    "customer",
    "entitlement",
    "product",
    "authorization",
    "license",
    "asset",
    "offer",
    "case",
    "comment",
    "attachment",
    "article",
];

/// How a support policy is worked by its vendor; only this program reads these records.
pub const DESK: &str = "desk";

/// A contract that an account can link by its ids; only this program reads these records.
pub const CONTRACT: &str = "contract";

/// A listing that clients can page through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Collection {
    /// Its place under `/api/`.
    pub path: &'static str,
    /// The kind of its records.
    pub kind: &'static str,
    /// The fields it can be narrowed by.
    pub facets: &'static [&'static str],
}

/// All listings that do not belong to another record.
pub static COLLECTIONS: [Collection; 10] = [
    Collection {
        path: "contacts",
        kind: "contact",
        facets: &[],
    },
    Collection {
        path: "customers",
        kind: "customer",
        facets: &[],
    },
    Collection {
        path: "entitlements",
        kind: "entitlement",
        facets: &["policy", "status", "contract_number"],
    },
    Collection {
        path: "products",
        kind: "product",
        facets: &["policy"],
    },
    Collection {
        path: "authorizations",
        kind: "authorization",
        facets: &["policy"],
    },
    Collection {
        path: "licenses",
        kind: "license",
        facets: &["policy"],
    },
    Collection {
        path: "assets",
        kind: "asset",
        facets: &["policy", "serial_number"],
    },
    Collection {
        path: "offers",
        kind: "offer",
        facets: &["policy"],
    },
    Collection {
        path: "cases",
        kind: "case",
        facets: &[
            "policy",
            "status",
            "type",
            "contact_id",
            "customer_id",
            "product_id",
            "number",
            "client_reference",
        ],
    },
    Collection {
        path: "articles",
        kind: "article",
        facets: &["policy", "lang"],
    },
];

/// Where a record belongs, by its kind and content.
pub fn placement(kind: &str, record: &Value) -> Placement {
    Placement {
        scope: scope(kind, record),
        parent: match kind {
            "comment" | "attachment" => text(record, "case_id"),
            _ => String::new(),
        },
        order: order(kind, record),
        search: match kind {
            DESK | CONTRACT => String::new(),
            _ => words(record),
        },
        facets: facets(kind, record),
    }
}

/// A record with the fields that every record of its kind has, empty where it says nothing.
pub fn complete(kind: &str, mut record: Value) -> Value {
    let usual = match kind {
        "account" | "contact" | "customer" | "product" => json!({"facts": {}}),
        "entitlement" => json!({
            "facts": {}, "history": [], "shared_id": false, "product_ids": [],
            "serial_numbers": [], "level": null, "customer_id": null, "coverage": "",
        }),
        "offer" => json!({"product_ids": [], "coverage": ""}),
        "case" => json!({
            "severity": "", "product_id": "", "product_version": "", "entitlement_id": "",
            "serial_number": "", "business_impact": "", "customer_id": "", "customer_name": "",
            "callback_number": "", "other_email": "", "watchers": [], "preferred_language": "",
            "fields": {}, "region": "", "contacts": [], "contract_numbers": [],
            "linked_case": "", "escalation": null, "rma": null, "progress": "",
            "assigned_to": null, "closed_at": null, "close_reason": "", "history": [],
            "client_reference": "",
        }),
        "comment" | "attachment" => json!({"client_reference": ""}),
        _ => json!({}),
    };
    if let (Value::Object(usual), Some(fields)) = (usual, record.as_object_mut()) {
        for (name, value) in usual {
            fields.entry(name).or_insert(value);
        }
    }
    record
}

/// The desk of a policy that the session's account has.
pub(crate) async fn desk(
    transaction: &mut WriteTx,
    session: &Session,
    policy: &Value,
) -> Result<Desk, sqlx::Error> {
    let id = policy.as_str().unwrap_or_default();
    let desk = transaction.get(&session.access, DESK, id).await?;
    Ok(Desk(desk.unwrap_or_default()))
}

/// By what the records of a case can be narrowed.
pub const OF_CASE: [&str; 1] = ["client_reference"];

/// What an account may see.
pub fn access(account: &Value) -> Access {
    let policies: Vec<String> = account["policies"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|policy| policy.as_str().map(str::to_owned))
        .collect();
    Access::new(&text(account, "id"), &policies)
}

fn scope(kind: &str, record: &Value) -> String {
    match kind {
        "account" => text(record, "id"),
        "product" | "article" | CONTRACT => policy_scope(&text(record, "policy")),
        DESK => policy_scope(&text(record, "id")),
        _ => text(record, "account_id"),
    }
}

/// Cases come newest first, what is said about them oldest first.
fn order(kind: &str, record: &Value) -> String {
    let id = text(record, "id");
    match kind {
        "case" => {
            let number: u32 = text(record, "number").parse().unwrap_or_default();
            format!("{:010}~{id}", u32::MAX - number)
        }
        "comment" | "attachment" => format!("{}~{id}", text(record, "created_at")),
        _ => id,
    }
}

fn facets(kind: &str, record: &Value) -> Vec<(&'static str, String)> {
    if kind == CONTRACT {
        return vec![("contract_id", text(record, "contract_id"))];
    }
    if matches!(kind, "comment" | "attachment") {
        return OF_CASE.map(|name| (name, text(record, name))).into();
    }
    COLLECTIONS
        .iter()
        .filter(|collection| collection.kind == kind)
        .flat_map(|collection| collection.facets)
        .map(|name| (*name, text(record, name)))
        .collect()
}

fn text(record: &Value, field: &str) -> String {
    record[field].as_str().unwrap_or_default().to_owned()
}

/// Every text in the record, so that a search finds what a person sees on its page.
fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(words).collect::<Vec<_>>().join("\n"),
        Value::Object(fields) => fields.values().map(words).collect::<Vec<_>>().join("\n"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newer_cases_are_listed_before_older_ones() {
        let older = order("case", &json!({"id": "a", "number": "81000001"}));
        let newer = order("case", &json!({"id": "b", "number": "81000002"}));
        assert!(newer < older);
    }

    #[test]
    fn what_is_shared_belongs_to_a_policy_and_everything_else_to_one_account() {
        let shared = json!({"id": "p", "policy": "acme"});
        assert_eq!(placement("product", &shared).scope, "policy:acme");
        let own = json!({"id": "c", "account_id": "a1", "policy": "acme"});
        assert_eq!(placement("case", &own).scope, "a1");
        assert_eq!(placement("account", &json!({"id": "a1"})).scope, "a1");
    }
}
