//! Human reviews.

use shiren_app::port::CaseQuery;
use shiren_app::record::Stored;
use shiren_core::id::CaseId;
use shiren_core::review::{Case, Lateness};
use sqlx::PgConnection;

use crate::error::Result;
use crate::sql::{Hold, Select, held, one, run};
use shiren_app::port::row::{all_from_json, changed, json, micros, stored};

pub(crate) async fn get(db: &mut PgConnection, hold: Hold, id: &CaseId) -> Result<Option<Stored<Case>>> {
    Ok(stored(one(db, held!(hold, "SELECT version, body FROM cases WHERE id = $1"), (id.as_str(),)).await?)?)
}

pub(crate) async fn insert(db: &mut PgConnection, case: &Case) -> Result<()> {
    let sql =
        "INSERT INTO cases (id, version, mode, open, due_at, session, account_kind, account_id, late, body)
               VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8, $9)";
    run(
        db,
        sql,
        (
            case.id.as_str(),
            case.mode.name(),
            case.decided.is_none(),
            micros(case.due_at),
            case.session.as_str(),
            case.account.kind.name(),
            case.account.id.as_str(),
            late(case.lateness()),
            json(case)?,
        ),
    )
    .await?;
    Ok(())
}

pub(crate) async fn save(db: &mut PgConnection, case: &Stored<Case>) -> Result<()> {
    let saved = run(
        db,
        "UPDATE cases SET version = version + 1, open = $1, due_at = $2, late = $3, body = $4 WHERE id = $5 AND version = $6",
        (
            case.value.decided.is_none(),
            micros(case.value.due_at),
            late(case.value.lateness()),
            json(&case.value)?,
            case.value.id.as_str(),
            case.version,
        ),
    ).await?;
    Ok(changed(saved)?)
}

pub(crate) async fn list(db: &mut PgConnection, wanted: &CaseQuery) -> Result<Vec<Case>> {
    let found = Select::new("SELECT body FROM cases WHERE 1 = 1")
        .with(" AND mode = ?", wanted.mode.map(|mode| mode.name().to_owned()))
        .with(" AND open = ?", wanted.open)
        .with(" AND account_kind = ?", wanted.account_kind.map(|kind| kind.name().to_owned()))
        .with(" AND account_id = ?", wanted.account_id.clone())
        .with(" AND late >= ?", wanted.late.map(late))
        .with(
            " AND (due_at, id) > (SELECT due_at, id FROM cases WHERE id = ?)",
            wanted.after.as_ref().map(ToString::to_string),
        )
        .with(" ORDER BY due_at, id LIMIT ?", Some(wanted.limit));
    Ok(all_from_json(found.all(db).await?)?)
}

/// In the order of lateness, so that what is later is found too.
const fn late(lateness: Lateness) -> i64 {
    match lateness {
        Lateness::InTime => 0,
        Lateness::Escalated => 1,
        Lateness::Overdue => 2,
    }
}
