//! The audit log.

use shiren_app::record::AuditEntry;
use sqlx::{SqliteConnection, query, query_as};

use crate::error::Result;
use crate::row::{micros, parsed, time};

pub(crate) async fn append(db: &mut SqliteConnection, entry: &AuditEntry) -> Result<()> {
    query("INSERT INTO audit (id, at, actor, action, object, purpose) VALUES (?, ?, ?, ?, ?, ?)")
        .bind(entry.id.as_str())
        .bind(micros(entry.at))
        .bind(entry.actor.as_str())
        .bind(entry.action.as_str())
        .bind(entry.object.as_str())
        .bind(entry.purpose.as_str())
        .execute(db)
        .await?;
    Ok(())
}

pub(crate) async fn of(db: &mut SqliteConnection, object: &str) -> Result<Vec<AuditEntry>> {
    type Row = (String, i64, String, String, String);
    let found: Vec<Row> =
        query_as("SELECT id, at, actor, action, purpose FROM audit WHERE object = ? ORDER BY position")
            .bind(object)
            .fetch_all(db)
            .await?;
    let entry = |(id, at, actor, action, purpose): Row| {
        let (id, at) = (parsed(&id)?, time(at)?);
        Ok(AuditEntry { id, at, actor, action, object: object.to_owned(), purpose })
    };
    found.into_iter().map(entry).collect()
}
