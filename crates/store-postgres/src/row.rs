//! Between rows and the domain.

use std::fmt::Display;
use std::str::FromStr;

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use shiren_app::record::{SecretHash, Stored};
use shiren_core::account::{Account, AccountKind};
use shiren_core::verification::program::Mode;

use crate::error::{Failure, Result};

/// A time, as a column holds it.
pub(crate) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// The time that a column holds.
pub(crate) fn time(micros: i64) -> Result<Timestamp> {
    Timestamp::from_microsecond(micros).map_err(Failure::unreadable)
}

/// A value, as a `body` holds it.
pub(crate) fn json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(Failure::other)
}

/// The value that a `body` holds.
pub(crate) fn from_json<T: DeserializeOwned>(body: &str) -> Result<T> {
    serde_json::from_str(body).map_err(Failure::unreadable)
}

/// The values of several bodies.
pub(crate) fn all_from_json<T: DeserializeOwned>(bodies: Vec<(String,)>) -> Result<Vec<T>> {
    bodies.iter().map(|(body,)| from_json(body)).collect()
}

/// The value and its version, if there was a row.
pub(crate) fn stored<T: DeserializeOwned>(row: Option<(i64, String)>) -> Result<Option<Stored<T>>> {
    row.map(|(version, body)| Ok(Stored { value: from_json(&body)?, version })).transpose()
}

/// The id, mode or other name that a column holds.
pub(crate) fn parsed<T: FromStr<Err: Display>>(text: &str) -> Result<T> {
    text.parse().map_err(Failure::unreadable)
}

/// The account that two columns hold.
pub(crate) fn account(kind: &str, id: String) -> Result<Account> {
    let kind = AccountKind::named(kind).ok_or_else(|| Failure::unreadable("an account of unknown kind"))?;
    Ok(Account { kind, id })
}

/// The mode that a column holds.
pub(crate) fn mode(name: &str) -> Result<Mode> {
    parsed(name)
}

/// The hash that a column holds.
pub(crate) fn hash(bytes: Vec<u8>) -> Result<SecretHash> {
    let bytes = bytes.try_into().map_err(|_| Failure::unreadable("a hash that is not 32 bytes long"))?;
    Ok(SecretHash(bytes))
}

/// A number that is stored wider than it is.
pub(crate) fn narrowed<T: TryFrom<i64, Error: Display>>(number: i64) -> Result<T> {
    T::try_from(number).map_err(Failure::unreadable)
}

/// One row changed, or it was changed meanwhile.
pub(crate) fn changed(rows: u64) -> Result<()> {
    if rows == 0 { Err(Failure::CONFLICT) } else { Ok(()) }
}
