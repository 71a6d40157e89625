//! Answers that were given under idempotency keys.

use shiren_app::record::IdempotentAnswer;
use shiren_core::id::ApiKeyId;
use sqlx::{SqliteConnection, query, query_as};

use crate::error::Result;
use crate::row::{hash, micros, narrowed, time};

pub(crate) async fn get(
    db: &mut SqliteConnection,
    key: &ApiKeyId,
    idempotency_key: &str,
) -> Result<Option<IdempotentAnswer>> {
    let found = query_as::<_, (Vec<u8>, i64, Vec<u8>, i64)>(
        "SELECT request, status, body, expires_at FROM idempotent_answers
         WHERE api_key = ? AND idempotency_key = ?",
    )
    .bind(key.as_str())
    .bind(idempotency_key)
    .fetch_optional(db)
    .await?;
    let Some((request, status, body, expires_at)) = found else { return Ok(None) };
    let (request, status, expires_at) = (hash(request)?, narrowed(status)?, time(expires_at)?);
    Ok(Some(IdempotentAnswer { request, status, body, expires_at }))
}

pub(crate) async fn insert(
    db: &mut SqliteConnection,
    key: &ApiKeyId,
    idempotency_key: &str,
    answer: &IdempotentAnswer,
) -> Result<()> {
    query(
        "INSERT INTO idempotent_answers (api_key, idempotency_key, request, status, body, expires_at)
         VALUES (?, ?, ?, ?, ?, ?)",
    )
    .bind(key.as_str())
    .bind(idempotency_key)
    .bind(answer.request.0.as_slice())
    .bind(answer.status)
    .bind(answer.body.as_slice())
    .bind(micros(answer.expires_at))
    .execute(db)
    .await?;
    Ok(())
}
