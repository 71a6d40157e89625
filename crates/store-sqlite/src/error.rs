//! What goes wrong in SQLite, in the port's words.

use std::fmt::Display;

use rusqlite::ffi;
use shiren_app::port::StoreError;

/// Why a query did not do what was asked: lets `?` take errors of SQL and of rows alike.
#[derive(Debug)]
pub(crate) struct Failure(StoreError);

/// What a query gives.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    /// Somebody else was faster, or it exists already.
    pub(crate) const CONFLICT: Self = Self(StoreError::Conflict);

    /// Somebody else is at it just now: try again.
    pub(crate) const BUSY: Self = Self(StoreError::Busy);

    /// Whether somebody else is at it just now.
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

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self(error)
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        let unique = [ffi::SQLITE_CONSTRAINT_UNIQUE, ffi::SQLITE_CONSTRAINT_PRIMARYKEY];
        match error.sqlite_error() {
            Some(sqlite) if unique.contains(&sqlite.extended_code) => Self::CONFLICT,
            Some(sqlite) => match sqlite.code {
                Code::DatabaseBusy | Code::DatabaseLocked => Self::BUSY,
                Code::DiskFull => Self(StoreError::Full),
                Code::DatabaseCorrupt | Code::NotADatabase => Self::unreadable(error),
                _ => Self::other(error),
            },
            None => match error {
                rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::Utf8Error(..) => Self::unreadable(error),
                other => Self::other(other),
            },
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
