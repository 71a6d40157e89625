//! Where events are sent, and the attempts to send them.

use shiren_app::record::{DeliveryAttempt, Stored, WebhookEndpoint};
use shiren_core::id::{EventId, WebhookEndpointId};
use shiren_core::verification::program::Mode;
use sqlx::PgConnection;

use crate::error::Result;
use crate::sql::{self, Hold, held, one, run};
use shiren_app::port::row::{all_from_json, changed, json, micros, narrowed, parsed, stored, time};

pub(crate) async fn insert(db: &mut PgConnection, endpoint: &WebhookEndpoint) -> Result<()> {
    run(
        db,
        "INSERT INTO endpoints (id, version, mode, created_at, body) VALUES ($1, 1, $2, $3, $4)",
        (endpoint.id.as_str(), endpoint.mode.name(), micros(endpoint.created_at), json(endpoint)?),
    )
    .await?;
    Ok(())
}

pub(crate) async fn get(
    db: &mut PgConnection,
    hold: Hold,
    id: &WebhookEndpointId,
) -> Result<Option<Stored<WebhookEndpoint>>> {
    Ok(stored(
        one(db, held!(hold, "SELECT version, body FROM endpoints WHERE id = $1"), (id.as_str(),)).await?,
    )?)
}

pub(crate) async fn save(db: &mut PgConnection, endpoint: &Stored<WebhookEndpoint>) -> Result<()> {
    let saved = run(
        db,
        "UPDATE endpoints SET version = version + 1, body = $1 WHERE id = $2 AND version = $3",
        (json(&endpoint.value)?, endpoint.value.id.as_str(), endpoint.version),
    )
    .await?;
    Ok(changed(saved)?)
}

pub(crate) async fn delete(db: &mut PgConnection, id: &WebhookEndpointId) -> Result<bool> {
    let deleted = run(db, "DELETE FROM endpoints WHERE id = $1", (id.as_str(),)).await?;
    Ok(deleted > 0)
}

pub(crate) async fn all(db: &mut PgConnection, mode: Mode) -> Result<Vec<WebhookEndpoint>> {
    Ok(all_from_json(
        sql::all(db, "SELECT body FROM endpoints WHERE mode = $1 ORDER BY created_at, id", (mode.name(),))
            .await?,
    )?)
}

pub(crate) async fn insert_delivery(db: &mut PgConnection, attempt: &DeliveryAttempt) -> Result<()> {
    run(
        db,
        "INSERT INTO deliveries (event, endpoint, attempt, at, status, error) VALUES ($1, $2, $3, $4, $5, $6)",
        (
            attempt.event.as_str(),
            attempt.endpoint.as_str(),
            attempt.attempt,
            micros(attempt.at),
            attempt.status,
            attempt.error.as_deref(),
        ),
    ).await?;
    Ok(())
}

pub(crate) async fn deliveries(db: &mut PgConnection, event: &EventId) -> Result<Vec<DeliveryAttempt>> {
    type Row = (String, i64, i64, Option<i64>, Option<String>);
    let found: Vec<Row> = sql::all(
        db,
        "SELECT endpoint, attempt, at, status, error FROM deliveries WHERE event = $1 ORDER BY position",
        (event.as_str(),),
    )
    .await?;
    let attempt = |(endpoint, attempt, at, status, error): Row| {
        Ok(DeliveryAttempt {
            event: event.clone(),
            endpoint: parsed(&endpoint)?,
            attempt: narrowed(attempt)?,
            at: time(at)?,
            status: status.map(narrowed).transpose()?,
            error,
        })
    };
    found.into_iter().map(attempt).collect()
}
