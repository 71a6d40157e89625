//! Answers that were given under idempotency keys.

use shiren_app::record::{IdempotencyKey, IdempotentAnswer};
use shiren_vault::Sealed;
use sqlx::{SqliteConnection, query, query_as};

use crate::error::Result;
use crate::row::{hash, micros, time};

pub(crate) async fn get(db: &mut SqliteConnection, key: &IdempotencyKey) -> Result<Option<IdempotentAnswer>> {
    let found = query_as::<_, (Vec<u8>, Vec<u8>, i64)>(
        "SELECT request, sealed, expires_at FROM idempotent_answers
         WHERE api_key = ? AND route = ? AND idempotency_key = ?",
    )
    .bind(key.api_key.as_str())
    .bind(key.route.as_str())
    .bind(key.value.as_str())
    .fetch_optional(db)
    .await?;
    let Some((request, sealed, expires_at)) = found else { return Ok(None) };
    let (request, expires_at) = (hash(request)?, time(expires_at)?);
    Ok(Some(IdempotentAnswer { request, sealed: Sealed(sealed), expires_at }))
}

pub(crate) async fn insert(
    db: &mut SqliteConnection,
    key: &IdempotencyKey,
    answer: &IdempotentAnswer,
) -> Result<()> {
    query(
        "INSERT INTO idempotent_answers (api_key, route, idempotency_key, request, sealed, expires_at)
         VALUES (?, ?, ?, ?, ?, ?)",
    )
    .bind(key.api_key.as_str())
    .bind(key.route.as_str())
    .bind(key.value.as_str())
    .bind(answer.request.0.as_slice())
    .bind(answer.sealed.0.as_slice())
    .bind(micros(answer.expires_at))
    .execute(db)
    .await?;
    Ok(())
}
