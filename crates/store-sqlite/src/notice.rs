//! What is sent to people.

use shiren_app::port::NoticeQuery;
use shiren_app::record::{NoticeRecord, Stored};
use shiren_core::id::{NoticeId, SessionId};
use sqlx::{SqliteConnection, query, query_as};

use crate::error::Result;
use crate::row::{all_from_json, changed, json, stored};

pub(crate) async fn get(db: &mut SqliteConnection, id: &NoticeId) -> Result<Option<Stored<NoticeRecord>>> {
    let found = query_as("SELECT version, body FROM notices WHERE id = ?").bind(id.as_str());
    stored(found.fetch_optional(db).await?)
}

pub(crate) async fn insert(db: &mut SqliteConnection, notice: &NoticeRecord) -> Result<()> {
    query("INSERT INTO notices (id, version, session, body) VALUES (?, 1, ?, ?)")
        .bind(notice.id.as_str())
        .bind(notice.session.as_str())
        .bind(json(notice)?)
        .execute(db)
        .await?;
    Ok(())
}

pub(crate) async fn save(db: &mut SqliteConnection, notice: &Stored<NoticeRecord>) -> Result<()> {
    let saved = query("UPDATE notices SET version = version + 1, body = ? WHERE id = ? AND version = ?")
        .bind(json(&notice.value)?)
        .bind(notice.value.id.as_str())
        .bind(notice.version)
        .execute(db)
        .await?;
    changed(saved.rows_affected())
}

/// Ids grow with time: newest first is largest first.
pub(crate) async fn list(db: &mut SqliteConnection, query: &NoticeQuery) -> Result<Vec<NoticeRecord>> {
    let found = query_as(
        "SELECT body FROM notices WHERE (?1 IS NULL OR session = ?1) AND (?2 IS NULL OR id < ?2)
         ORDER BY id DESC LIMIT ?3",
    )
    .bind(query.session.as_ref().map(SessionId::as_str))
    .bind(query.after.as_ref().map(NoticeId::as_str))
    .bind(query.limit);
    all_from_json(found.fetch_all(db).await?)
}
