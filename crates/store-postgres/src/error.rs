//! What goes wrong in PostgreSQL, in the port's words.

use std::fmt::Display;

use shiren_app::port::StoreError;

/// Why a query did not do what was asked: lets `?` take errors of SQL and of rows alike.
#[derive(Debug)]
pub(crate) struct Failure(StoreError);

/// What a query gives.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// Codes of PostgreSQL's errors (its manual, appendix A).
mod code {
    pub(super) const UNIQUE: &str = "23505";
    /// Each of them means that the transaction is undone for certain, and may go well when it is tried again:
    /// serialization failure, deadlock, a lock waited for too long, a statement that took too long, too many clients.
    pub(super) const BUSY: [&str; 5] = ["40001", "40P01", "55P03", "57014", "53300"];
    pub(super) const DISK_FULL: &str = "53100";
    /// Data or an index is damaged.
    pub(super) const UNREADABLE: [&str; 2] = ["XX001", "XX002"];
}

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

/// A connection that broke is no [`StoreError::Busy`]: while it commits, nobody knows whether it did, and trying again
/// could do it twice.
impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) => match database.code().as_deref() {
                Some(code::UNIQUE) => Self::CONFLICT,
                Some(code::DISK_FULL) => Self(StoreError::Full),
                Some(code) if code::BUSY.contains(&code) => Self::BUSY,
                Some(code) if code::UNREADABLE.contains(&code) => Self::unreadable(database),
                _ => Self::other(database),
            },
            sqlx::Error::PoolTimedOut => Self::BUSY,
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Self::unreadable(error),
            _ => Self::other(error),
        }
    }
}
