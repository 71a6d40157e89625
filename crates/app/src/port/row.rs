//! What the rows of every store hold: times in microseconds since 1970, aggregates as JSON beside their version, ids and
//! names as text. Two stores that wrote it twice would one day write it differently.

use std::fmt::Display;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use shiren_core::account::{Account, AccountKind};
use shiren_core::recheck::Rechecks;
use shiren_core::verification::program::Mode;

use super::StoreError;
use crate::record::{SecretHash, Stored};

/// What a row gives.
pub type Result<T> = std::result::Result<T, StoreError>;

fn unreadable(why: impl Display) -> StoreError {
    StoreError::Unreadable(why.to_string())
}

/// A time, as a column holds it.
pub fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// How long something took, as a column holds it: in milliseconds.
pub fn millis(took: SignedDuration) -> i64 {
    i64::try_from(took.as_millis()).unwrap_or(i64::MAX)
}

/// The time that a column holds.
///
/// # Errors
/// `Unreadable` when it lies outside of what times can be.
pub fn time(micros: i64) -> Result<Timestamp> {
    Timestamp::from_microsecond(micros).map_err(unreadable)
}

/// A value, as a `body` holds it.
///
/// # Errors
/// `Other` when it cannot be written.
pub fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|e| StoreError::Other(e.to_string()))
}

/// The value that a `body` holds.
///
/// # Errors
/// `Unreadable` when it is none.
pub fn from_json<T: DeserializeOwned>(body: &str) -> Result<T> {
    serde_json::from_str(body).map_err(unreadable)
}

/// The values of several bodies.
///
/// # Errors
/// `Unreadable` when one is none.
pub fn all_from_json<T: DeserializeOwned>(bodies: Vec<(String,)>) -> Result<Vec<T>> {
    bodies.iter().map(|(body,)| from_json(body)).collect()
}

/// How the re-checks of a shop stand, as a column holds it: of one whose next is due on no day there are none any more.
pub fn recheck_state(rechecks: &Rechecks, due: Date) -> &'static str {
    if due == Date::MAX { "ended" } else { rechecks.status().name() }
}

/// The value and its version, if there was a row.
///
/// # Errors
/// `Unreadable` when its body is none.
pub fn stored<T: DeserializeOwned>(row: Option<(i64, String)>) -> Result<Option<Stored<T>>> {
    row.map(|(version, body)| Ok(Stored { value: from_json(&body)?, version })).transpose()
}

/// The id, mode or other name that a column holds.
///
/// # Errors
/// `Unreadable` when it is none.
pub fn parsed<T: FromStr<Err: Display>>(text: &str) -> Result<T> {
    text.parse().map_err(unreadable)
}

/// The account that two columns hold.
///
/// # Errors
/// `Unreadable` when there is no such kind.
pub fn account(kind: &str, id: String) -> Result<Account> {
    let kind = AccountKind::named(kind).ok_or_else(|| unreadable("an account of unknown kind"))?;
    Ok(Account { kind, id })
}

/// The mode that a column holds.
///
/// # Errors
/// `Unreadable` when there is no such mode.
pub fn mode(name: &str) -> Result<Mode> {
    parsed(name)
}

/// The hash that a column holds.
///
/// # Errors
/// `Unreadable` when it is not 32 bytes long.
pub fn hash(bytes: Vec<u8>) -> Result<SecretHash> {
    let bytes = bytes.try_into().map_err(|_| unreadable("a hash that is not 32 bytes long"))?;
    Ok(SecretHash(bytes))
}

/// A number that is stored wider than it is.
///
/// # Errors
/// `Unreadable` when it does not fit.
pub fn narrowed<T: TryFrom<i64, Error: Display>>(number: i64) -> Result<T> {
    T::try_from(number).map_err(unreadable)
}

/// One row changed, or it was changed meanwhile.
///
/// # Errors
/// `Conflict` when none did.
pub fn changed(rows: u64) -> Result<()> {
    if rows == 0 { Err(StoreError::Conflict) } else { Ok(()) }
}
