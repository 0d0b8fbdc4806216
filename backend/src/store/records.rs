//! Records: JSON objects with a kind, an id and a place. Each write gives a record the next
//! sequence number, which is also its version; a deleted record stays as a tombstone.

use super::statement::Statement;
use super::{Store, WriteTx};
use crate::text;
use serde_json::Value;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

/// So many records are written by one statement; databases limit how many values one may have.
const AT_ONCE: usize = 500;

/// What a reader may see: records whose scope is among these.
#[derive(Debug, Clone)]
pub struct Access {
    scopes: Vec<String>,
}

impl Access {
    /// What belongs to the account, and what is shared under its support policies.
    pub fn new(account_id: &str, policies: &[String]) -> Self {
        let mut scopes = vec![account_id.to_owned()];
        scopes.extend(policies.iter().map(|policy| policy_scope(policy)));
        Self { scopes }
    }
}

/// The scope of records that every account under a policy may see.
pub(crate) fn policy_scope(policy: &str) -> String {
    format!("policy:{policy}")
}

/// Where a record belongs and how it is found.
#[derive(Debug, Clone, Default)]
pub struct Placement {
    /// Who may see it; see [`Access`].
    pub scope: String,
    /// The record it belongs to, as a comment to its case; else empty.
    pub parent: String,
    /// Its place in listings: unique within its kind.
    pub order: String,
    /// Text that a search looks through.
    pub search: String,
    /// Exact values that a listing can be narrowed to.
    pub facets: Vec<(&'static str, String)>,
}

/// One page of a collection is wanted.
#[derive(Debug, Clone, Default)]
pub struct Listing<'a> {
    /// The kind of records.
    pub kind: &'a str,
    /// Only those of this parent.
    pub parent: &'a str,
    /// Only those after this place.
    pub after: Option<String>,
    /// At most so many.
    pub limit: i64,
    /// Every one of these words must occur.
    pub words: Vec<String>,
    /// Each of these values must fit.
    pub facets: Vec<(&'static str, String)>,
}

/// A page of records, and the place after which the next page starts if there is one.
#[derive(Debug)]
pub struct Page {
    /// The records.
    pub items: Vec<Value>,
    /// Where to go on.
    pub next: Option<String>,
}

/// The newest state of one record.
#[derive(Debug)]
pub struct Change {
    /// Its sequence number.
    pub seq: i64,
    /// Its kind.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Its content, or nothing if it was deleted.
    pub record: Option<Value>,
}

impl Store {
    /// One record, if it exists and may be seen.
    pub async fn get(
        &self,
        access: &Access,
        kind: &str,
        id: &str,
    ) -> Result<Option<Value>, sqlx::Error> {
        get(&mut *self.connection().await?, access, kind, id).await
    }

    /// One page of a collection.
    pub async fn list(&self, access: &Access, listing: &Listing<'_>) -> Result<Page, sqlx::Error> {
        let mut query = Statement::new("SELECT ord, body FROM records WHERE kind = ");
        query
            .text(listing.kind)
            .push(" AND parent = ")
            .text(listing.parent);
        query.push(" AND deleted = 0");
        within(&mut query, access);
        if let Some(after) = &listing.after {
            query.push(" AND ord > ").text(after.as_str());
        }
        for word in &listing.words {
            query
                .push(" AND search LIKE ")
                .text(contains(&word.to_lowercase()));
            query.push(" ESCAPE '!'");
        }
        for facet in &listing.facets {
            query
                .push(" AND facets LIKE ")
                .text(contains(&facet_text(facet)));
            query.push(" ESCAPE '!'");
        }
        query.push(" ORDER BY ord LIMIT ").number(listing.limit + 1);
        let rows = query.fetch_all(&mut *self.connection().await?).await?;
        page(rows, listing.limit)
    }

    /// What happened after a sequence number, oldest first, among these kinds.
    pub async fn changes(
        &self,
        access: &Access,
        kinds: &[&str],
        after: i64,
        limit: i64,
    ) -> Result<Vec<Change>, sqlx::Error> {
        let mut query =
            Statement::new("SELECT seq, kind, id, deleted, body FROM records WHERE seq > ");
        query.number(after);
        within(&mut query, access);
        query.push(" AND kind IN ").texts(kinds.iter().copied());
        query.push(" ORDER BY seq LIMIT ").number(limit);
        let rows = query.fetch_all(&mut *self.connection().await?).await?;
        rows.iter().map(change).collect()
    }

    /// The highest sequence number that is visible.
    pub async fn latest_change(&self) -> Result<i64, sqlx::Error> {
        sqlx::query("SELECT value FROM counters WHERE name = 'seq'")
            .fetch_one(&self.pool)
            .await?
            .try_get("value")
    }
}

impl WriteTx {
    /// One record, if it exists and may be seen; it can't change before the commit.
    pub async fn get(
        &mut self,
        access: &Access,
        kind: &str,
        id: &str,
    ) -> Result<Option<Value>, sqlx::Error> {
        get(self.connection(), access, kind, id).await
    }

    /// Whether any record of the kind exists at all.
    pub async fn any(&mut self, kind: &str) -> Result<bool, sqlx::Error> {
        let row = sqlx::query("SELECT id FROM records WHERE kind = $1 LIMIT 1")
            .bind(kind)
            .fetch_optional(self.connection())
            .await?;
        Ok(row.is_some())
    }

    /// The records of a kind that may be seen and that have this value in this facet.
    pub async fn find(
        &mut self,
        access: &Access,
        kind: &str,
        facet: (&'static str, String),
    ) -> Result<Vec<Value>, sqlx::Error> {
        let mut query = Statement::new("SELECT body FROM records WHERE kind = ");
        query.text(kind).push(" AND deleted = 0");
        within(&mut query, access);
        query
            .push(" AND facets LIKE ")
            .text(contains(&facet_text(&facet)));
        query.push(" ESCAPE '!' ORDER BY ord");
        let rows = query.fetch_all(self.connection()).await?;
        rows.iter().map(|row| parse(row.try_get("body")?)).collect()
    }

    /// All records of a kind that exist, whoever may see them.
    pub async fn all(&mut self, kind: &str) -> Result<Vec<Value>, sqlx::Error> {
        sqlx::query("SELECT body FROM records WHERE kind = $1 AND deleted = 0 ORDER BY ord")
            .bind(kind)
            .fetch_all(self.connection())
            .await?
            .iter()
            .map(|row| parse(row.try_get("body")?))
            .collect()
    }

    /// Creates or replaces a record. Its id must be in it; its version and time are set here and
    /// the complete record is returned.
    pub async fn put(
        &mut self,
        kind: &str,
        mut record: Value,
        placement: &Placement,
    ) -> Result<Value, sqlx::Error> {
        let seq = self.next_number("seq").await?;
        record["version"] = Value::from(seq.to_string());
        record["updated_at"] = Value::from(text::now());
        self.write(kind, &[(seq, &record, placement)]).await?;
        Ok(record)
    }

    /// Like [`Self::put`], but the record keeps its version: what somebody prepared on that
    /// version still fits. Readers of the change feed get it again.
    pub async fn touch(
        &mut self,
        kind: &str,
        mut record: Value,
        placement: &Placement,
    ) -> Result<Value, sqlx::Error> {
        let seq = self.next_number("seq").await?;
        record["updated_at"] = Value::from(text::now());
        self.write(kind, &[(seq, &record, placement)]).await?;
        Ok(record)
    }

    /// Creates or replaces many records of a kind with few statements. Each brings the time at
    /// which it was last changed; readers of the change feed still get them as the newest.
    pub async fn put_all(
        &mut self,
        kind: &str,
        records: Vec<(Value, Placement)>,
    ) -> Result<(), sqlx::Error> {
        let mut records = records;
        for chunk in records.chunks_mut(AT_ONCE) {
            let first = self.take_numbers("seq", chunk.len()).await?;
            let mut rows = Vec::with_capacity(chunk.len());
            for (seq, (record, placement)) in (first..).zip(chunk) {
                record["version"] = Value::from(seq.to_string());
                rows.push((seq, &*record, &*placement));
            }
            self.write(kind, &rows).await?;
        }
        Ok(())
    }

    async fn write(
        &mut self,
        kind: &str,
        rows: &[(i64, &Value, &Placement)],
    ) -> Result<(), sqlx::Error> {
        let mut statement = Statement::new(
            "INSERT INTO records
                 (kind, id, scope, parent, ord, seq, deleted, body, search, facets) VALUES ",
        );
        let mut separator = "(";
        for (seq, record, placement) in rows {
            statement.push(separator).text(kind);
            statement
                .push(", ")
                .text(record["id"].as_str().unwrap_or_default());
            for value in [&placement.scope, &placement.parent, &placement.order] {
                statement.push(", ").text(value.as_str());
            }
            statement.push(", ").number(*seq);
            statement.push(", 0, ").text(record.to_string());
            statement.push(", ").text(searchable(&placement.search));
            statement
                .push(", ")
                .text(facets_text(&placement.facets))
                .push(")");
            separator = ", (";
        }
        statement.push(
            " ON CONFLICT (kind, id) DO UPDATE SET
                 scope = excluded.scope, parent = excluded.parent, ord = excluded.ord,
                 seq = excluded.seq, deleted = 0, body = excluded.body,
                 search = excluded.search, facets = excluded.facets",
        );
        statement.execute(self.connection()).await
    }

    /// Deletes a record; readers of the change feed are told by a tombstone.
    pub async fn delete(&mut self, kind: &str, id: &str) -> Result<(), sqlx::Error> {
        let seq = self.next_number("seq").await?;
        sqlx::query(
            "UPDATE records SET deleted = 1, seq = $1, body = '{}', search = '', facets = ''
             WHERE kind = $2 AND id = $3 AND deleted = 0",
        )
        .bind(seq)
        .bind(kind)
        .bind(id)
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

async fn get(
    connection: &mut AnyConnection,
    access: &Access,
    kind: &str,
    id: &str,
) -> Result<Option<Value>, sqlx::Error> {
    let mut query = Statement::new("SELECT body FROM records WHERE kind = ");
    query
        .text(kind)
        .push(" AND id = ")
        .text(id)
        .push(" AND deleted = 0");
    within(&mut query, access);
    match query.fetch_optional(connection).await? {
        Some(row) => parse(row.try_get("body")?).map(Some),
        None => Ok(None),
    }
}

/// The one place where records of other accounts are kept out.
fn within(query: &mut Statement, access: &Access) {
    query
        .push(" AND scope IN ")
        .texts(access.scopes.iter().map(String::as_str));
}

fn page(mut rows: Vec<AnyRow>, limit: i64) -> Result<Page, sqlx::Error> {
    let limit = usize::try_from(limit).unwrap_or(1);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = match rows.last() {
        Some(last) if more => Some(last.try_get("ord")?),
        _ => None,
    };
    let items = rows
        .iter()
        .map(|row| parse(row.try_get("body")?))
        .collect::<Result<_, _>>()?;
    Ok(Page { items, next })
}

fn change(row: &AnyRow) -> Result<Change, sqlx::Error> {
    let deleted: i64 = row.try_get("deleted")?;
    let record = match deleted {
        0 => Some(parse(row.try_get("body")?)?),
        _ => None,
    };
    Ok(Change {
        seq: row.try_get("seq")?,
        kind: row.try_get("kind")?,
        id: row.try_get("id")?,
        record,
    })
}

fn parse(body: String) -> Result<Value, sqlx::Error> {
    serde_json::from_str(&body).map_err(|error| sqlx::Error::Decode(error.into()))
}

/// PostgreSQL can't keep the character NUL in text.
fn searchable(text: &str) -> String {
    text.to_lowercase().replace('\0', "\u{fffd}")
}

fn contains(text: &str) -> String {
    let escaped = text
        .replace('!', "!!")
        .replace('%', "!%")
        .replace('_', "!_")
        .replace('\0', "\u{fffd}");
    format!("%{escaped}%")
}

fn facets_text(facets: &[(&'static str, String)]) -> String {
    facets.iter().map(facet_text).collect()
}

/// A separator that can't occur in a value keeps `open` from being found in `reopened`.
fn facet_text((name, value): &(&'static str, String)) -> String {
    let value = value.replace(['\u{1f}', '\0'], " ");
    format!("\u{1f}{name}={value}\u{1f}")
}
