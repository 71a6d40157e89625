//! Answers that were given under idempotency keys.

use rusqlite::Connection;
use shiren_app::record::{IdempotencyKey, IdempotentAnswer};
use shiren_vault::Sealed;

use crate::error::Result;
use crate::sql::{one, run};
use shiren_app::port::row::{hash, micros, time};

pub(crate) fn get(db: &Connection, key: &IdempotencyKey) -> Result<Option<IdempotentAnswer>> {
    let found = one::<(Vec<u8>, Vec<u8>, i64)>(
        db,
        "SELECT request, sealed, expires_at FROM idempotent_answers
         WHERE api_key = ? AND route = ? AND idempotency_key = ?",
        (key.api_key.as_str(), key.route.as_str(), key.value.as_str()),
    )?;
    let Some((request, sealed, expires_at)) = found else { return Ok(None) };
    let (request, expires_at) = (hash(request)?, time(expires_at)?);
    Ok(Some(IdempotentAnswer { request, sealed: Sealed(sealed), expires_at }))
}

pub(crate) fn insert(db: &Connection, key: &IdempotencyKey, answer: &IdempotentAnswer) -> Result<()> {
    run(
        db,
        "INSERT INTO idempotent_answers (api_key, route, idempotency_key, request, sealed, expires_at)
         VALUES (?, ?, ?, ?, ?, ?)",
        (
            key.api_key.as_str(),
            key.route.as_str(),
            key.value.as_str(),
            answer.request.0.as_slice(),
            answer.sealed.0.as_slice(),
            micros(answer.expires_at),
        ),
    )?;
    Ok(())
}
