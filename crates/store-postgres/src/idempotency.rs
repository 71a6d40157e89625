//! Answers that were given under idempotency keys.

use shiren_app::record::{IdempotencyKey, IdempotentAnswer};
use shiren_vault::Sealed;
use sqlx::PgConnection;

use crate::error::Result;
use crate::sql::{one, run};
use shiren_app::port::row::{hash, micros, time};

pub(crate) async fn get(db: &mut PgConnection, key: &IdempotencyKey) -> Result<Option<IdempotentAnswer>> {
    let found = one::<(Vec<u8>, Vec<u8>, i64)>(
        db,
        "SELECT request, sealed, expires_at FROM idempotent_answers
         WHERE api_key = $1 AND route = $2 AND idempotency_key = $3",
        (key.api_key.as_str(), key.route.as_str(), key.value.as_str()),
    )
    .await?;
    let Some((request, sealed, expires_at)) = found else { return Ok(None) };
    let (request, expires_at) = (hash(request)?, time(expires_at)?);
    Ok(Some(IdempotentAnswer { request, sealed: Sealed(sealed), expires_at }))
}

pub(crate) async fn insert(
    db: &mut PgConnection,
    key: &IdempotencyKey,
    answer: &IdempotentAnswer,
) -> Result<()> {
    run(
        db,
        "INSERT INTO idempotent_answers (api_key, route, idempotency_key, request, sealed, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        (
            key.api_key.as_str(),
            key.route.as_str(),
            key.value.as_str(),
            answer.request.0.as_slice(),
            answer.sealed.0.as_slice(),
            micros(answer.expires_at),
        ),
    )
    .await?;
    Ok(())
}
