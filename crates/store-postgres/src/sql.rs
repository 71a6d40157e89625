//! Statements: prepared once for each connection, values bound and never written into the text, rows as tuples.

use sqlx::postgres::{PgArguments, PgRow};
use sqlx::{
    Arguments as _, Encode, FromRow, PgConnection, Postgres, QueryBuilder, Type, query_as_with, query_with,
};

use crate::error::{Failure, Result};

/// A row as a tuple of its columns.
pub(crate) trait Columns: for<'r> FromRow<'r, PgRow> + Send + Unpin {}

impl<T: for<'r> FromRow<'r, PgRow> + Send + Unpin> Columns for T {}

/// Whether a row that is loaded stays as it is until the transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    /// Nobody else changes it meanwhile, or loads it to change it.
    Row,
    /// It is only looked at.
    Nothing,
}

/// A statement that loads rows, and holds them if told to. `NO KEY`: what refers to a row may be added meanwhile.
macro_rules! held {
    ($hold:expr, $sql:literal) => {
        match $hold {
            $crate::sql::Hold::Row => concat!($sql, " FOR NO KEY UPDATE"),
            $crate::sql::Hold::Nothing => $sql,
        }
    };
}
pub(crate) use held;

/// A value for a column. All whole numbers are BIGINT.
pub(crate) trait Value<'q> {
    type Sql: Encode<'q, Postgres> + Type<Postgres> + 'q;
    fn sql(self) -> Self::Sql;
}

macro_rules! values {
    ($($from:ty => $to:ty: $how:expr),*) => {$(
        impl<'q> Value<'q> for $from {
            type Sql = $to;
            fn sql(self) -> $to {
                $how(self)
            }
        }
    )*};
}
values! {
    &'q str => &'q str: std::convert::identity,
    &'q [u8] => &'q [u8]: std::convert::identity,
    String => String: std::convert::identity,
    bool => bool: std::convert::identity,
    i64 => i64: std::convert::identity,
    u32 => i64: i64::from,
    u16 => i64: i64::from,
    u8 => i64: i64::from
}

impl<'q, T: Value<'q>> Value<'q> for Option<T> {
    type Sql = Option<T::Sql>;
    fn sql(self) -> Self::Sql {
        self.map(Value::sql)
    }
}

/// The values of a statement, in their order.
pub(crate) trait Values<'q> {
    fn bound(self) -> Result<PgArguments>;
}

macro_rules! tuples {
    ($(($($name:ident)*))*) => {$(
        impl<'q, $($name: Value<'q>),*> Values<'q> for ($($name,)*) {
            #[allow(non_snake_case)]
            fn bound(self) -> Result<PgArguments> {
                #[allow(unused_mut)]
                let mut arguments = PgArguments::default();
                let ($($name,)*) = self;
                $(arguments.add($name.sql()).map_err(Failure::other)?;)*
                Ok(arguments)
            }
        }
    )*};
}
tuples! {
    () (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H) (A B C D E F G H I)
}

/// The first row, if there is one.
pub(crate) async fn one<'q, T: Columns>(
    db: &mut PgConnection,
    sql: &'static str,
    values: impl Values<'q>,
) -> Result<Option<T>> {
    Ok(query_as_with(sql, values.bound()?).fetch_optional(db).await?)
}

/// The row that there must be.
pub(crate) async fn sole<'q, T: Columns>(
    db: &mut PgConnection,
    sql: &'static str,
    values: impl Values<'q>,
) -> Result<T> {
    Ok(query_as_with(sql, values.bound()?).fetch_one(db).await?)
}

/// All rows.
pub(crate) async fn all<'q, T: Columns>(
    db: &mut PgConnection,
    sql: &'static str,
    values: impl Values<'q>,
) -> Result<Vec<T>> {
    Ok(query_as_with(sql, values.bound()?).fetch_all(db).await?)
}

/// Changes rows; gives how many.
pub(crate) async fn run<'q>(
    db: &mut PgConnection,
    sql: &'static str,
    values: impl Values<'q>,
) -> Result<u64> {
    Ok(query_with(sql, values.bound()?).execute(db).await?.rows_affected())
}

/// A query whose conditions depend on what is asked for. Its text is made of literals only.
pub(crate) struct Select(QueryBuilder<Postgres>);

impl Select {
    /// Begins with a text that ends in a condition.
    pub(crate) fn new(sql: &'static str) -> Self {
        Self(QueryBuilder::new(sql))
    }

    /// Goes on with a text that has one place for the value; without a value the text is left out.
    pub(crate) fn with<V: Value<'static>>(mut self, sql: &'static str, value: Option<V>) -> Self {
        if let Some(value) = value {
            let (before, after) = sql.split_once('?').unwrap_or((sql, ""));
            self.0.push(before).push_bind(value.sql()).push(after);
        }
        self
    }

    /// All rows.
    pub(crate) async fn all<T: Columns>(mut self, db: &mut PgConnection) -> Result<Vec<T>> {
        Ok(self.0.build_query_as().fetch_all(db).await?)
    }
}
