//! What goes wrong in SQLite, in the port's words.

use std::fmt::Display;

use shiren_app::port::StoreError;
use sqlx::error::ErrorKind;

/// Why a query did not do what was asked: lets `?` take errors of SQL and of rows alike.
#[derive(Debug)]
pub(crate) struct Failure(StoreError);

/// What a query gives.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// SQLite's primary result codes (`sqlite.org/rescode.html`).
mod code {
    pub(super) const BUSY: i32 = 5;
    pub(super) const LOCKED: i32 = 6;
    pub(super) const CORRUPT: i32 = 11;
    pub(super) const FULL: i32 = 13;
    pub(super) const NOT_A_DATABASE: i32 = 26;
}

impl Failure {
    /// Somebody else was faster, or it exists already.
    pub(crate) const CONFLICT: Self = Self(StoreError::Conflict);

    /// Somebody else is at it just now.
    pub(crate) fn is_busy(&self) -> bool {
        matches!(self.0, StoreError::Busy)
    }

    /// A row that cannot be read.
    pub(crate) fn unreadable(why: impl Display) -> Self {
        Self(StoreError::Unreadable(why.to_string()))
    }

    /// Anything that has no kind of its own.
    pub(crate) fn other(why: impl Display) -> Self {
        Self(StoreError::Other(why.to_string()))
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        failure.0
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) if database.kind() == ErrorKind::UniqueViolation => {
                Self::CONFLICT
            }
            sqlx::Error::Database(database) => match primary(database.code().as_deref()) {
                Some(code::BUSY | code::LOCKED) => Self(StoreError::Busy),
                Some(code::FULL) => Self(StoreError::Full),
                Some(code::CORRUPT | code::NOT_A_DATABASE) => Self::unreadable(database),
                _ => Self::other(database),
            },
            sqlx::Error::PoolTimedOut => Self(StoreError::Busy),
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Self::unreadable(error),
            _ => Self::other(error),
        }
    }
}

impl From<sqlx::migrate::MigrateError> for Failure {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        match error {
            sqlx::migrate::MigrateError::Execute(error) => error.into(),
            error => Self::unreadable(error),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self(StoreError::Full),
            _ => Self::other(error),
        }
    }
}

/// The primary code is the low byte of an extended one.
fn primary(code: Option<&str>) -> Option<i32> {
    code?.parse::<i32>().ok().map(|code| code & 0xff)
}
