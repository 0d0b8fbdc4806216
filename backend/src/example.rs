//! Example accounts with believable contracts, customers and cases, so that the portal can be
//! tried and tested without a vendor. All names and numbers are in the data files of `example/`;
//! their times are relative, so that an active contract is still active next year. One account has
//! as many customers as a large partner; those are made from lists of words by `crowd`.

mod crowd;

use crate::catalog;
use crate::password;
use crate::server::StartError;
use crate::store::{Store, User, WriteTx};
use crate::text;
use chrono::{DateTime, Duration, Months, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::Path;

/// Records by kind, in the order in which they are created.
const RECORDS: [(&str, &str); 14] = [
    (catalog::DESK, include_str!("../example/desks.json")),
    ("account", include_str!("../example/accounts.json")),
    ("contact", include_str!("../example/contacts.json")),
    ("product", include_str!("../example/products.json")),
    ("customer", include_str!("../example/customers.json")),
    ("entitlement", include_str!("../example/entitlements.json")),
    (
        "authorization",
        include_str!("../example/authorizations.json"),
    ),
    ("license", include_str!("../example/licenses.json")),
    ("asset", include_str!("../example/assets.json")),
    ("offer", include_str!("../example/offers.json")),
    (catalog::CONTRACT, include_str!("../example/contracts.json")),
    ("case", include_str!("../example/cases.json")),
    ("comment", include_str!("../example/comments.json")),
    ("attachment", include_str!("../example/attachments.json")),
];
const PEOPLE: &str = include_str!("../example/people.json");
const ARTICLES: &str = include_str!("../example/articles.json");
const NEW_CASE: &str = include_str!("../example/new-case.json");
const PASSWORD: &str = "casement";

/// Somebody who can sign in to the examples.
#[derive(Debug, Clone, Deserialize)]
pub struct Person {
    /// Their mail address, with which they sign in.
    pub login: String,
    /// Their name.
    pub name: String,
    /// What this account is an example of.
    pub note: String,
    account_id: String,
    contact_id: String,
}

/// Fills an empty database, brings the articles up to date, and says who can sign in.
pub async fn install(store: &Store, portal: Option<&Path>) -> Result<Vec<Person>, StartError> {
    let people: Vec<Person> = serde_json::from_str(PEOPLE)?;
    let articles = articles(portal).await?;
    let mut transaction = store.write().await?;
    if !transaction.any("account").await? {
        let now = Utc::now();
        let records = read_records(now)?;
        let touched = last_touched(&records);
        for (kind, of_kind) in records {
            add(&mut transaction, kind, of_kind, &touched, now).await?;
        }
        // The crowd comes last, so that a reader of the feed has everything else before it.
        let crowd = crowd::customers()?;
        add(&mut transaction, "customer", crowd, &touched, now).await?;
        for person in &people {
            transaction.add_user(&user(person)?).await?;
        }
    }
    update_articles(&mut transaction, articles).await?;
    transaction.commit().await?;
    Ok(people)
}

/// A case as the first example person could file it.
pub fn new_case() -> Value {
    // A test reads this file; if it could not be read, the document would have no example.
    serde_json::from_str(NEW_CASE).unwrap_or_default()
}

/// What a person who wants to try the portal needs to know.
pub fn shown(people: &[Person]) -> Value {
    people
        .iter()
        .map(|person| {
            json!({
                "login": person.login,
                "password": PASSWORD,
                "name": person.name,
                "note": person.note,
            })
        })
        .collect()
}

async fn add(
    transaction: &mut WriteTx,
    kind: &str,
    records: Vec<Value>,
    touched: &HashMap<String, String>,
    now: DateTime<Utc>,
) -> Result<(), StartError> {
    let mut complete = Vec::with_capacity(records.len());
    for mut record in records {
        if kind == "attachment" {
            store_content(transaction, &mut record).await?;
        }
        let mut record = catalog::complete(kind, record);
        record["updated_at"] = changed_at(kind, &record, touched, now).into();
        let placement = catalog::placement(kind, &record);
        complete.push((record, placement));
    }
    transaction.put_all(kind, complete).await?;
    Ok(())
}

/// The records of all kinds in the order in which they are created, their times resolved.
fn read_records(now: DateTime<Utc>) -> Result<Vec<(&'static str, Vec<Value>)>, serde_json::Error> {
    let mut records = Vec::new();
    for (kind, text) in RECORDS {
        let mut of_kind = serde_json::from_str::<Vec<Value>>(text)?;
        for record in &mut of_kind {
            resolve_times(record, now);
        }
        records.push((kind, of_kind));
    }
    Ok(records)
}

/// By case, when something was last said or filed on it.
fn last_touched(records: &[(&str, Vec<Value>)]) -> HashMap<String, String> {
    let mut touched: HashMap<String, String> = HashMap::new();
    for record in records.iter().flat_map(|(_, of_kind)| of_kind) {
        if let (Some(case), Some(at)) = (record["case_id"].as_str(), record["created_at"].as_str())
        {
            let latest = touched.entry(case.to_owned()).or_default();
            // Times have one form and one zone, so that later ones sort later as text.
            if at > latest.as_str() {
                *latest = at.to_owned();
            }
        }
    }
    touched
}

/// When a record was last changed, so that ages and "latest change first" look as they would on
/// a service in use.
fn changed_at(
    kind: &str,
    record: &Value,
    touched: &HashMap<String, String>,
    now: DateTime<Utc>,
) -> String {
    let said = match kind {
        "case" => touched.get(record["id"].as_str().unwrap_or_default()),
        _ => None,
    };
    let history = record["history"].as_array().into_iter().flatten();
    history
        .map(|entry| &entry["at"])
        .chain([&record["created_at"]])
        .filter_map(Value::as_str)
        .chain(said.map(String::as_str))
        .max()
        .map_or_else(|| text::rfc3339(now), str::to_owned)
}

/// The files carry their content in the data file; in the store it is kept apart.
async fn store_content(transaction: &mut WriteTx, record: &mut Value) -> Result<(), StartError> {
    let content = record
        .as_object_mut()
        .and_then(|fields| fields.remove("content"))
        .ok_or("an example attachment has no content")?;
    let bytes = content.as_str().unwrap_or_default().as_bytes();
    record["size"] = bytes.len().into();
    record["sha256"] = text::sha256_hex(bytes).into();
    let id = record["id"].as_str().unwrap_or_default();
    transaction.add_blob(id, bytes.to_vec()).await?;
    Ok(())
}

fn user(person: &Person) -> Result<User, StartError> {
    Ok(User {
        id: format!("user-{}", person.contact_id),
        login: person.login.clone(),
        account_id: person.account_id.clone(),
        contact_id: person.contact_id.clone(),
        password: password::hash_example(PASSWORD).ok_or("a password could not be hashed")?,
    })
}

/// The portal's own articles if it has some, so that search and suggestions find the same.
async fn articles(portal: Option<&Path>) -> Result<Vec<Value>, StartError> {
    if let Some(folder) = portal
        && let Ok(text) = tokio::fs::read_to_string(folder.join("knowledge/articles.json")).await
    {
        match serde_json::from_str(&text) {
            Ok(articles) => return Ok(articles),
            Err(error) => tracing::warn!(%error, "the portal's articles can't be read"),
        }
    }
    Ok(serde_json::from_str(ARTICLES)?)
}

/// Writes what is new or different and removes what is gone; the rest keeps its version.
async fn update_articles(
    transaction: &mut WriteTx,
    articles: Vec<Value>,
) -> Result<(), StartError> {
    let present = transaction.all("article").await?;
    let known = |id: &Value| present.iter().find(|old| old["id"] == *id);
    for article in &articles {
        let complete = article["id"].is_string() && article["policy"].is_string();
        if complete && !known(&article["id"]).is_some_and(|old| same_content(old, article)) {
            let placement = catalog::placement("article", article);
            transaction
                .put("article", article.clone(), &placement)
                .await?;
        }
    }
    for old in &present {
        if !articles.iter().any(|article| article["id"] == old["id"]) {
            let id = old["id"].as_str().unwrap_or_default();
            transaction.delete("article", id).await?;
        }
    }
    Ok(())
}

fn same_content(stored: &Value, article: &Value) -> bool {
    let mut stored = stored.clone();
    let mut article = article.clone();
    for record in [&mut stored, &mut article] {
        if let Some(fields) = record.as_object_mut() {
            fields.remove("version");
            fields.remove("updated_at");
        }
    }
    stored == article
}

/// Replaces `@-3d4h`, a moment, `@day+30d`, a date, `@local-2h`, what a clock on a wall shows, and
/// `@month-3` by what they mean now.
fn resolve_times(value: &mut Value, now: DateTime<Utc>) {
    match value {
        Value::String(text) => {
            if let Some(time) = resolve(text, now) {
                *text = time;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| resolve_times(item, now)),
        Value::Object(fields) => fields
            .values_mut()
            .for_each(|item| resolve_times(item, now)),
        _ => {}
    }
}

fn resolve(text: &str, now: DateTime<Utc>) -> Option<String> {
    let distance = text.strip_prefix('@')?;
    if let Some(ago) = distance.strip_prefix("month-") {
        let month = now.checked_sub_months(Months::new(ago.parse().ok()?))?;
        return Some(month.date_naive().to_string().get(..7)?.to_owned());
    }
    if let Some(distance) = distance.strip_prefix("local") {
        let moment = now.checked_add_signed(read_distance(distance)?)?;
        return Some(text::rfc3339(moment).get(..16)?.to_owned());
    }
    match distance.strip_prefix("day") {
        Some(distance) => {
            let day = now.checked_add_signed(read_distance(distance)?)?;
            Some(day.date_naive().to_string())
        }
        None => {
            let moment = now.checked_add_signed(read_distance(distance)?)?;
            Some(text::rfc3339(moment))
        }
    }
}

/// Reads a signed distance like `-3d4h30m`.
fn read_distance(text: &str) -> Option<Duration> {
    let (sign, mut rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let mut minutes = 0_i64;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let amount: i64 = rest[..end].parse().ok()?;
        minutes += match rest.get(end..=end)? {
            "d" => amount.checked_mul(24 * 60)?,
            "h" => amount.checked_mul(60)?,
            "m" => amount,
            _ => return None,
        };
        rest = &rest[end + 1..];
    }
    Duration::try_minutes(sign * minutes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn relative_times_become_times_and_other_texts_stay() {
        let now = DateTime::parse_from_rfc3339("2026-03-01T12:00:00Z")
            .expect("a valid time")
            .to_utc();
        assert_eq!(
            resolve("@-1d2h", now).as_deref(),
            Some("2026-02-28T10:00:00.000Z")
        );
        assert_eq!(resolve("@day+31d", now).as_deref(), Some("2026-04-01"));
        assert_eq!(resolve("@month-3", now).as_deref(), Some("2025-12"));
        assert_eq!(
            resolve("@local-2h", now).as_deref(),
            Some("2026-03-01T10:00")
        );
        assert_eq!(resolve("@home", now), None);
        assert_eq!(resolve("a@b.example", now), None);
    }

    #[test]
    fn every_reference_in_the_example_data_leads_somewhere() {
        let all: Vec<(&str, Vec<Value>)> = RECORDS
            .iter()
            .map(|(kind, text)| (*kind, serde_json::from_str(text).expect("the file is JSON")))
            .collect();
        let ids: HashSet<(String, String)> = all
            .iter()
            .flat_map(|(kind, records)| {
                records.iter().map(|record| {
                    let id = record["id"].as_str().expect("every record has an id");
                    ((*kind).to_owned(), id.to_owned())
                })
            })
            .collect();
        let count: usize = all.iter().map(|(_, records)| records.len()).sum();
        assert_eq!(ids.len(), count, "an id is used twice");
        for (kind, records) in &all {
            for record in records {
                for (field, target) in [
                    ("account_id", "account"),
                    ("case_id", "case"),
                    ("contact_id", "contact"),
                    ("customer_id", "customer"),
                    ("entitlement_id", "entitlement"),
                    ("product_id", "product"),
                ] {
                    let Some(id) = record[field].as_str().filter(|id| !id.is_empty()) else {
                        continue;
                    };
                    assert!(
                        ids.contains(&(target.to_owned(), id.to_owned())),
                        "{kind} {} names the unknown {target} {id}",
                        record["id"]
                    );
                }
            }
        }
    }
}
