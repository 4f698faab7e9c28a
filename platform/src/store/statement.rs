//! Statements for either engine: `$1` placeholders, and values of the four types that the engines share.

use super::engine::{Link, PgTx, Reader, Tx};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::{Query, QueryAs};
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, AssertSqlSafe, Encode, Executor, FromRow, Postgres, Sqlite, Type};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A value on its way into a column: BIGINT, BYTEA, TEXT or BOOLEAN.
#[derive(Debug, Clone)]
pub enum Value {
    /// A number, or microseconds since the epoch.
    Int(Option<i64>),
    /// Ids, keys, digests, sealed shares.
    Bytes(Option<Vec<u8>>),
    /// One of our own words.
    Word(&'static str),
    /// Yes or no.
    Bool(bool),
}

macro_rules! from {
    ($($type:ty => |$value:ident| $made:expr),* $(,)?) => {
        $(impl From<$type> for Value {
            fn from($value: $type) -> Self {
                $made
            }
        })*
    };
}

from! {
    i64 => |value| Self::Int(Some(value)),
    u32 => |value| Self::Int(Some(value.into())),
    u16 => |value| Self::Int(Some(value.into())),
    u8 => |value| Self::Int(Some(value.into())),
    Option<i64> => |value| Self::Int(value),
    Vec<u8> => |value| Self::Bytes(Some(value)),
    Option<Vec<u8>> => |value| Self::Bytes(value),
    &[u8] => |value| Self::Bytes(Some(value.to_vec())),
    &'static str => |value| Self::Word(value),
    bool => |value| Self::Bool(value),
}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(value: [u8; N]) -> Self {
        Self::Bytes(Some(value.to_vec()))
    }
}

impl<const N: usize> From<Option<[u8; N]>> for Value {
    fn from(value: Option<[u8; N]>) -> Self {
        Self::Bytes(value.map(|value| value.to_vec()))
    }
}

/// A row as either engine gives it.
pub trait Record:
    for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

impl<R> Record for R where
    R: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin
{
}

/// A statement with its values.
pub struct Statement {
    text: &'static str,
    values: Vec<Value>,
}

/// A statement that both engines take.
pub const fn sql(text: &'static str) -> Statement {
    Statement {
        text,
        values: Vec::new(),
    }
}

impl Statement {
    /// The next value: `$1`, `$2`, ….
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Runs it: how many rows it changed.
    pub async fn execute<'c>(self, link: impl Into<Link<'c>>) -> Result<u64, sqlx::Error> {
        match link.into() {
            Link::Tx(Tx::Sqlite(connection)) => {
                let done = self.sqlite()?.execute(connection).await?;
                Ok(done.rows_affected())
            }
            Link::Reader(Reader::Sqlite(pool)) => {
                let done = self.sqlite()?.execute(pool).await?;
                Ok(done.rows_affected())
            }
            Link::Tx(Tx::Postgres(tx)) => {
                let done = self.postgres()?.execute(&mut *tx.connection).await;
                Ok(tx.noted(done)?.rows_affected())
            }
            Link::Reader(Reader::Postgres(pool)) => {
                let done = self.postgres()?.execute(pool).await?;
                Ok(done.rows_affected())
            }
        }
    }

    /// The first row, if there is one.
    pub async fn fetch_optional<'c, R: Record>(
        self,
        link: impl Into<Link<'c>>,
    ) -> Result<Option<R>, sqlx::Error> {
        match link.into() {
            Link::Tx(Tx::Sqlite(connection)) => self.sqlite_as()?.fetch_optional(connection).await,
            Link::Reader(Reader::Sqlite(pool)) => self.sqlite_as()?.fetch_optional(pool).await,
            Link::Tx(Tx::Postgres(tx)) => {
                let row = self.postgres_as()?;
                let row = row.fetch_optional(&mut *tx.connection).await;
                tx.noted(row)
            }
            Link::Reader(Reader::Postgres(pool)) => self.postgres_as()?.fetch_optional(pool).await,
        }
    }

    /// All rows.
    pub async fn fetch_all<'c, R: Record>(
        self,
        link: impl Into<Link<'c>>,
    ) -> Result<Vec<R>, sqlx::Error> {
        match link.into() {
            Link::Tx(Tx::Sqlite(connection)) => self.sqlite_as()?.fetch_all(connection).await,
            Link::Reader(Reader::Sqlite(pool)) => self.sqlite_as()?.fetch_all(pool).await,
            Link::Tx(Tx::Postgres(tx)) => {
                let rows = self.postgres_as()?;
                let rows = rows.fetch_all(&mut *tx.connection).await;
                tx.noted(rows)
            }
            Link::Reader(Reader::Postgres(pool)) => self.postgres_as()?.fetch_all(pool).await,
        }
    }

    /// The one row of a statement that always gives one.
    pub async fn fetch_one<'c, R: Record>(
        self,
        link: impl Into<Link<'c>>,
    ) -> Result<R, sqlx::Error> {
        let row = self.fetch_optional(link).await?;
        row.ok_or(sqlx::Error::RowNotFound)
    }

    fn sqlite(self) -> Result<Query<'static, Sqlite, SqliteArguments>, sqlx::Error> {
        Ok(sqlx::query_with(self.text, arguments(self.values)?))
    }

    fn postgres(self) -> Result<Query<'static, Postgres, PgArguments>, sqlx::Error> {
        Ok(sqlx::query_with(self.text, arguments(self.values)?))
    }

    fn sqlite_as<R: Record>(
        self,
    ) -> Result<QueryAs<'static, Sqlite, R, SqliteArguments>, sqlx::Error> {
        Ok(sqlx::query_as_with(self.text, arguments(self.values)?))
    }

    fn postgres_as<R: Record>(
        self,
    ) -> Result<QueryAs<'static, Postgres, R, PgArguments>, sqlx::Error> {
        Ok(sqlx::query_as_with(self.text, arguments(self.values)?))
    }
}

/// The values in an engine's own form.
fn arguments<A>(values: impl IntoIterator<Item = Value>) -> Result<A, sqlx::Error>
where
    A: Arguments + Default,
    i64: Type<A::Database>,
    Vec<u8>: Type<A::Database>,
    str: Type<A::Database>,
    bool: Type<A::Database> + for<'t> Encode<'t, A::Database>,
    Option<i64>: for<'t> Encode<'t, A::Database>,
    Option<Vec<u8>>: for<'t> Encode<'t, A::Database>,
    &'static str: for<'t> Encode<'t, A::Database>,
{
    let mut arguments = A::default();
    for value in values {
        match value {
            Value::Int(value) => arguments.add(value),
            Value::Bytes(value) => arguments.add(value),
            Value::Word(value) => arguments.add(value),
            Value::Bool(value) => arguments.add(value),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

impl PgTx<'_> {
    /// Notes that the server asks for the transaction to be run again: it found a deadlock (40P01), or could not serialise (40001).
    fn noted<T>(&self, result: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        if result.as_ref().err().is_some_and(again) {
            self.again.store(true, Ordering::Relaxed);
        }
        result
    }
}

/// Whether the same transaction may succeed when it is run again.
pub(super) fn again(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    matches!(code.as_deref(), Some("40001" | "40P01"))
}

/// Statements that are run in one call, all of them or none. They share their placeholders.
///
/// SQLite takes them as one text: each call costs a switch of threads. PostgreSQL prepares one statement at a time, and wants to be told the
/// placeholders of that one only.
pub struct Batch {
    sqlite: Arc<str>,
    postgres: Vec<Part>,
}

/// One statement of a batch, with placeholders of its own.
struct Part {
    text: Arc<str>,
    /// Which of the batch's values they stand for.
    values: Vec<usize>,
}

impl Batch {
    /// Statements without a semicolon at their ends.
    pub fn new(statements: &[&'static str]) -> Self {
        let sqlite = format!("SAVEPOINT batch; {}; RELEASE batch", statements.join("; "));
        Self {
            sqlite: sqlite.into(),
            postgres: statements.iter().map(|text| Part::new(text)).collect(),
        }
    }

    /// Runs them.
    pub async fn execute(&self, tx: &mut Tx<'_>, values: &[Value]) -> Result<(), sqlx::Error> {
        match tx {
            Tx::Sqlite(connection) => {
                let text = AssertSqlSafe(Arc::clone(&self.sqlite));
                let arguments: SqliteArguments = arguments(values.iter().cloned())?;
                let done = sqlx::query_with(text, arguments).execute(&mut **connection);
                if let Err(error) = done.await {
                    connection
                        .execute("ROLLBACK TO batch; RELEASE batch")
                        .await?;
                    return Err(error);
                }
            }
            // The transaction around it undoes what a failed part leaves.
            Tx::Postgres(tx) => {
                for part in &self.postgres {
                    let own = part.values.iter().filter_map(|n| values.get(*n)).cloned();
                    let arguments: PgArguments = arguments(own)?;
                    let text = AssertSqlSafe(Arc::clone(&part.text));
                    let done = sqlx::query_with(text, arguments);
                    let done = done.execute(&mut *tx.connection).await;
                    tx.noted(done)?;
                }
            }
        }
        Ok(())
    }
}

impl Part {
    fn new(text: &str) -> Self {
        let mut pieces = text.split('$');
        let mut own = pieces.next().unwrap_or_default().to_owned();
        let mut values: Vec<usize> = Vec::new();
        for piece in pieces {
            let end = piece.find(|c: char| !c.is_ascii_digit());
            let (number, rest) = piece.split_at(end.unwrap_or(piece.len()));
            // From 1 in the text; no statement has a dollar sign without a number.
            let index = number.parse::<usize>().unwrap_or(0).wrapping_sub(1);
            let place = values.iter().position(|known| *known == index);
            let place = place.unwrap_or_else(|| {
                values.push(index);
                values.len() - 1
            });
            own.push_str(&format!("${}{rest}", place + 1));
        }
        Self {
            text: own.into(),
            values,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_of_a_batch_counts_its_own_placeholders() {
        let part = Part::new("UPDATE t SET a = $8, b = $11, c = $8 WHERE d = $3");
        assert_eq!(
            &*part.text,
            "UPDATE t SET a = $1, b = $2, c = $1 WHERE d = $3"
        );
        assert_eq!(part.values, [7, 10, 2]);
        let plain = Part::new("DELETE FROM t");
        assert_eq!((&*plain.text, plain.values.len()), ("DELETE FROM t", 0));
    }
}
