//! Verification sessions.

use shiren_app::port::SessionQuery;
use shiren_app::record::Stored;
use shiren_core::id::SessionId;
use shiren_core::verification::session::Session;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection, query, query_as};

use crate::error::Result;
use crate::row::{all_from_json, changed, json, stored};

pub(crate) async fn get(db: &mut SqliteConnection, id: &SessionId) -> Result<Option<Stored<Session>>> {
    let found = query_as("SELECT version, body FROM sessions WHERE id = ?").bind(id.as_str());
    stored(found.fetch_optional(db).await?)
}

pub(crate) async fn insert(db: &mut SqliteConnection, session: &Session) -> Result<()> {
    query(
        "INSERT INTO sessions (id, version, mode, status, account_kind, account_id, body)
         VALUES (?, 1, ?, ?, ?, ?, ?)",
    )
    .bind(session.id.as_str())
    .bind(session.mode.name())
    .bind(session.status.name())
    .bind(session.account.kind.name())
    .bind(session.account.id.as_str())
    .bind(json(session)?)
    .execute(db)
    .await?;
    Ok(())
}

pub(crate) async fn save(db: &mut SqliteConnection, session: &Stored<Session>) -> Result<()> {
    let saved =
        query("UPDATE sessions SET version = version + 1, status = ?, body = ? WHERE id = ? AND version = ?")
            .bind(session.value.status.name())
            .bind(json(&session.value)?)
            .bind(session.value.id.as_str())
            .bind(session.version)
            .execute(db)
            .await?;
    changed(saved.rows_affected())
}

pub(crate) async fn list(db: &mut SqliteConnection, wanted: &SessionQuery) -> Result<Vec<Session>> {
    let mut sql = QueryBuilder::<Sqlite>::new("SELECT body FROM sessions WHERE 1 = 1");
    if let Some(mode) = wanted.mode {
        sql.push(" AND mode = ").push_bind(mode.name());
    }
    if let Some(status) = wanted.status {
        sql.push(" AND status = ").push_bind(status.name());
    }
    if let Some(kind) = wanted.account_kind {
        sql.push(" AND account_kind = ").push_bind(kind.name());
    }
    if let Some(id) = &wanted.account_id {
        sql.push(" AND account_id = ").push_bind(id.as_str());
    }
    if let Some(after) = &wanted.after {
        sql.push(" AND id < ").push_bind(after.as_str());
    }
    sql.push(" ORDER BY id DESC LIMIT ").push_bind(wanted.limit);
    all_from_json(sql.build_query_as().fetch_all(db).await?)
}
