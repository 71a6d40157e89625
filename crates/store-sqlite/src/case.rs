//! Human reviews.

use shiren_app::port::CaseQuery;
use shiren_app::record::Stored;
use shiren_core::id::CaseId;
use shiren_core::review::Case;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection, query, query_as};

use crate::error::Result;
use crate::row::{all_from_json, changed, json, micros, stored};

pub(crate) async fn get(db: &mut SqliteConnection, id: &CaseId) -> Result<Option<Stored<Case>>> {
    let found = query_as("SELECT version, body FROM cases WHERE id = ?").bind(id.as_str());
    stored(found.fetch_optional(db).await?)
}

pub(crate) async fn insert(db: &mut SqliteConnection, case: &Case) -> Result<()> {
    let sql = "INSERT INTO cases (id, version, mode, open, due_at, session, account_kind, account_id, body)
               VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?)";
    query(sql)
        .bind(case.id.as_str())
        .bind(case.mode.name())
        .bind(i64::from(case.decided.is_none()))
        .bind(micros(case.due_at))
        .bind(case.session.as_str())
        .bind(case.account.kind.name())
        .bind(case.account.id.as_str())
        .bind(json(case)?)
        .execute(db)
        .await?;
    Ok(())
}

pub(crate) async fn save(db: &mut SqliteConnection, case: &Stored<Case>) -> Result<()> {
    let saved = query(
        "UPDATE cases SET version = version + 1, open = ?, due_at = ?, body = ? WHERE id = ? AND version = ?",
    )
    .bind(i64::from(case.value.decided.is_none()))
    .bind(micros(case.value.due_at))
    .bind(json(&case.value)?)
    .bind(case.value.id.as_str())
    .bind(case.version)
    .execute(db)
    .await?;
    changed(saved.rows_affected())
}

pub(crate) async fn list(db: &mut SqliteConnection, wanted: &CaseQuery) -> Result<Vec<Case>> {
    let mut sql = QueryBuilder::<Sqlite>::new("SELECT body FROM cases WHERE 1 = 1");
    if let Some(mode) = wanted.mode {
        sql.push(" AND mode = ").push_bind(mode.name());
    }
    if let Some(open) = wanted.open {
        sql.push(" AND open = ").push_bind(i64::from(open));
    }
    if let Some(kind) = wanted.account_kind {
        sql.push(" AND account_kind = ").push_bind(kind.name());
    }
    if let Some(id) = &wanted.account_id {
        sql.push(" AND account_id = ").push_bind(id.as_str());
    }
    if let Some(after) = &wanted.after {
        let behind = " AND (due_at, id) > (SELECT due_at, id FROM cases WHERE id = ";
        sql.push(behind).push_bind(after.as_str()).push(")");
    }
    sql.push(" ORDER BY due_at, id LIMIT ").push_bind(wanted.limit);
    all_from_json(sql.build_query_as().fetch_all(db).await?)
}
