//! Where events are sent, and the attempts to send them.

use shiren_app::record::{DeliveryAttempt, Stored, WebhookEndpoint};
use shiren_core::id::{EventId, WebhookEndpointId};
use shiren_core::verification::program::Mode;
use sqlx::{SqliteConnection, query, query_as};

use crate::error::Result;
use crate::row::{all_from_json, changed, json, micros, narrowed, parsed, stored, time};

pub(crate) async fn insert(db: &mut SqliteConnection, endpoint: &WebhookEndpoint) -> Result<()> {
    query("INSERT INTO endpoints (id, version, mode, created_at, body) VALUES (?, 1, ?, ?, ?)")
        .bind(endpoint.id.as_str())
        .bind(endpoint.mode.name())
        .bind(micros(endpoint.created_at))
        .bind(json(endpoint)?)
        .execute(db)
        .await?;
    Ok(())
}

pub(crate) async fn get(
    db: &mut SqliteConnection,
    id: &WebhookEndpointId,
) -> Result<Option<Stored<WebhookEndpoint>>> {
    let found = query_as("SELECT version, body FROM endpoints WHERE id = ?").bind(id.as_str());
    stored(found.fetch_optional(db).await?)
}

pub(crate) async fn save(db: &mut SqliteConnection, endpoint: &Stored<WebhookEndpoint>) -> Result<()> {
    let saved = query("UPDATE endpoints SET version = version + 1, body = ? WHERE id = ? AND version = ?")
        .bind(json(&endpoint.value)?)
        .bind(endpoint.value.id.as_str())
        .bind(endpoint.version)
        .execute(db)
        .await?;
    changed(saved.rows_affected())
}

pub(crate) async fn delete(db: &mut SqliteConnection, id: &WebhookEndpointId) -> Result<bool> {
    let deleted = query("DELETE FROM endpoints WHERE id = ?").bind(id.as_str()).execute(db).await?;
    Ok(deleted.rows_affected() > 0)
}

pub(crate) async fn all(db: &mut SqliteConnection, mode: Mode) -> Result<Vec<WebhookEndpoint>> {
    let found =
        query_as("SELECT body FROM endpoints WHERE mode = ? ORDER BY created_at, id").bind(mode.name());
    all_from_json(found.fetch_all(db).await?)
}

pub(crate) async fn insert_delivery(db: &mut SqliteConnection, attempt: &DeliveryAttempt) -> Result<()> {
    query("INSERT INTO deliveries (event, endpoint, attempt, at, status, error) VALUES (?, ?, ?, ?, ?, ?)")
        .bind(attempt.event.as_str())
        .bind(attempt.endpoint.as_str())
        .bind(attempt.attempt)
        .bind(micros(attempt.at))
        .bind(attempt.status)
        .bind(attempt.error.as_deref())
        .execute(db)
        .await?;
    Ok(())
}

pub(crate) async fn deliveries(db: &mut SqliteConnection, event: &EventId) -> Result<Vec<DeliveryAttempt>> {
    type Row = (String, i64, i64, Option<i64>, Option<String>);
    let found: Vec<Row> = query_as(
        "SELECT endpoint, attempt, at, status, error FROM deliveries WHERE event = ? ORDER BY position",
    )
    .bind(event.as_str())
    .fetch_all(db)
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
