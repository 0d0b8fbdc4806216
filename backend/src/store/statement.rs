//! A statement that is put together piece by piece. Pieces are constants of the program and
//! values are bound, so nothing a client sends can become part of the statement itself.

use sqlx::any::AnyRow;
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AssertSqlSafe};

#[derive(Debug)]
enum Value {
    Text(String),
    Number(i64),
}

/// A statement under construction.
#[derive(Debug)]
pub(super) struct Statement {
    sql: String,
    values: Vec<Value>,
}

impl Statement {
    pub(super) fn new(start: &'static str) -> Self {
        Self {
            sql: start.to_owned(),
            values: Vec::new(),
        }
    }

    /// Adds a piece.
    pub(super) fn push(&mut self, piece: &'static str) -> &mut Self {
        self.sql.push_str(piece);
        self
    }

    /// Adds a text as a value.
    pub(super) fn text(&mut self, text: impl Into<String>) -> &mut Self {
        self.value(Value::Text(text.into()))
    }

    /// Adds a number as a value.
    pub(super) fn number(&mut self, number: i64) -> &mut Self {
        self.value(Value::Number(number))
    }

    /// Adds a list of texts in brackets.
    pub(super) fn texts<'a>(&mut self, texts: impl IntoIterator<Item = &'a str>) -> &mut Self {
        let mut separator = "(";
        for text in texts {
            self.push(separator).text(text);
            separator = ", ";
        }
        self.push(")")
    }

    pub(super) async fn fetch_all(
        self,
        connection: &mut AnyConnection,
    ) -> Result<Vec<AnyRow>, sqlx::Error> {
        self.query().fetch_all(connection).await
    }

    pub(super) async fn fetch_optional(
        self,
        connection: &mut AnyConnection,
    ) -> Result<Option<AnyRow>, sqlx::Error> {
        self.query().fetch_optional(connection).await
    }

    pub(super) async fn execute(self, connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
        self.query().execute(connection).await.map(|_| ())
    }

    fn value(&mut self, value: Value) -> &mut Self {
        self.values.push(value);
        self.sql.push_str(&format!("${}", self.values.len()));
        self
    }

    fn query(self) -> Query<'static, Any, sqlx::any::AnyArguments> {
        let query = sqlx::query(AssertSqlSafe(self.sql));
        self.values
            .into_iter()
            .fold(query, |query, value| match value {
                Value::Text(text) => query.bind(text),
                Value::Number(number) => query.bind(number),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_numbered_in_the_order_in_which_they_are_added() {
        let mut statement = Statement::new("SELECT a FROM t WHERE b = ");
        statement.text("x").push(" AND c IN ").texts(["y", "z"]);
        statement.push(" LIMIT ").number(3);
        assert_eq!(
            statement.sql,
            "SELECT a FROM t WHERE b = $1 AND c IN ($2, $3) LIMIT $4"
        );
    }
}
