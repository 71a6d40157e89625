//! Where events are sent, and the attempts to send them.

use rusqlite::Connection;
use shiren_app::record::{DeliveryAttempt, Stored, WebhookEndpoint};
use shiren_core::id::{EventId, WebhookEndpointId};
use shiren_core::verification::program::Mode;

use crate::error::Result;
use crate::sql::{self, one, run};
use shiren_app::port::row::{all_from_json, changed, json, micros, narrowed, parsed, stored, time};

pub(crate) fn insert(db: &Connection, endpoint: &WebhookEndpoint) -> Result<()> {
    run(
        db,
        "INSERT INTO endpoints (id, version, mode, created_at, body) VALUES (?, 1, ?, ?, ?)",
        (endpoint.id.as_str(), endpoint.mode.name(), micros(endpoint.created_at), json(endpoint)?),
    )?;
    Ok(())
}

pub(crate) fn get(db: &Connection, id: &WebhookEndpointId) -> Result<Option<Stored<WebhookEndpoint>>> {
    Ok(stored(one(db, "SELECT version, body FROM endpoints WHERE id = ?", (id.as_str(),))?)?)
}

pub(crate) fn save(db: &Connection, endpoint: &Stored<WebhookEndpoint>) -> Result<()> {
    let saved = run(
        db,
        "UPDATE endpoints SET version = version + 1, body = ? WHERE id = ? AND version = ?",
        (json(&endpoint.value)?, endpoint.value.id.as_str(), endpoint.version),
    )?;
    Ok(changed(saved)?)
}

pub(crate) fn delete(db: &Connection, id: &WebhookEndpointId) -> Result<bool> {
    let deleted = run(db, "DELETE FROM endpoints WHERE id = ?", (id.as_str(),))?;
    Ok(deleted > 0)
}

pub(crate) fn all(db: &Connection, mode: Mode) -> Result<Vec<WebhookEndpoint>> {
    let found = sql::all(db, "SELECT body FROM endpoints WHERE mode = ?", (mode.name(),))?;
    let mut endpoints: Vec<WebhookEndpoint> = all_from_json(found)?;
    // Asked for with every event: sorted by SQLite, even none of them cost it a sorter.
    endpoints.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    Ok(endpoints)
}

pub(crate) fn insert_delivery(db: &Connection, attempt: &DeliveryAttempt) -> Result<()> {
    run(
        db,
        "INSERT INTO deliveries (event, endpoint, attempt, at, status, error) VALUES (?, ?, ?, ?, ?, ?)",
        (
            attempt.event.as_str(),
            attempt.endpoint.as_str(),
            attempt.attempt,
            micros(attempt.at),
            attempt.status,
            attempt.error.as_deref(),
        ),
    )?;
    Ok(())
}

pub(crate) fn deliveries(db: &Connection, event: &EventId) -> Result<Vec<DeliveryAttempt>> {
    type Row = (String, i64, i64, Option<i64>, Option<String>);
    let found: Vec<Row> = sql::all(
        db,
        "SELECT endpoint, attempt, at, status, error FROM deliveries WHERE event = ? ORDER BY position",
        (event.as_str(),),
    )?;
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
