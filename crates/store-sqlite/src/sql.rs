//! Statements: prepared once for each connection, values bound and never written into the text, rows as tuples.

use rusqlite::types::Value;
use rusqlite::{Connection, Params, Row, params_from_iter};

use crate::error::{Failure, Result};

/// A row as a tuple of its columns.
pub(crate) trait Columns: Sized {
    fn of(row: &Row<'_>) -> rusqlite::Result<Self>;
}

impl<T> Columns for T
where
    T: for<'r> TryFrom<&'r Row<'r>, Error = rusqlite::Error>,
{
    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Self::try_from(row)
    }
}

/// The first row, if there is one.
pub(crate) fn one<T: Columns>(db: &Connection, sql: &str, values: impl Params) -> Result<Option<T>> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(values)?;
    Ok(rows.next()?.map(T::of).transpose()?)
}

/// The row that there must be.
pub(crate) fn sole<T: Columns>(db: &Connection, sql: &str, values: impl Params) -> Result<T> {
    one(db, sql, values)?.ok_or_else(|| Failure::other("a row was expected"))
}

/// All rows.
pub(crate) fn all<T: Columns>(db: &Connection, sql: &str, values: impl Params) -> Result<Vec<T>> {
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map(values, T::of)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Changes rows; gives how many.
pub(crate) fn run(db: &Connection, sql: &str, values: impl Params) -> Result<u64> {
    Ok(db.prepare_cached(sql)?.execute(values)? as u64)
}

/// A query whose conditions depend on what is asked for. Its text is made of literals only.
pub(crate) struct Select {
    sql: String,
    values: Vec<Value>,
}

impl Select {
    /// Begins with a text that ends in a condition.
    pub(crate) fn new(sql: &'static str) -> Self {
        Self { sql: sql.to_owned(), values: Vec::new() }
    }

    /// Goes on with a text that has one place for the value; without a value the text is left out.
    pub(crate) fn with(mut self, sql: &'static str, value: Option<impl Into<Value>>) -> Self {
        if let Some(value) = value {
            self.sql.push_str(sql);
            self.values.push(value.into());
        }
        self
    }

    /// All rows.
    pub(crate) fn all<T: Columns>(self, db: &Connection) -> Result<Vec<T>> {
        all(db, &self.sql, params_from_iter(self.values))
    }
}
