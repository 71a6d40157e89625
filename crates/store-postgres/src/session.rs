//! Verification sessions.

use shiren_app::port::SessionQuery;
use shiren_app::record::Stored;
use shiren_core::id::SessionId;
use shiren_core::verification::session::Session;
use sqlx::PgConnection;

use crate::error::Result;
use crate::sql::{Hold, Select, held, one, run};
use shiren_app::port::row::{all_from_json, changed, json, stored};

pub(crate) async fn get(
    db: &mut PgConnection,
    hold: Hold,
    id: &SessionId,
) -> Result<Option<Stored<Session>>> {
    Ok(stored(
        one(db, held!(hold, "SELECT version, body FROM sessions WHERE id = $1"), (id.as_str(),)).await?,
    )?)
}

pub(crate) async fn insert(db: &mut PgConnection, session: &Session) -> Result<()> {
    run(
        db,
        "INSERT INTO sessions (id, version, mode, status, account_kind, account_id, body)
         VALUES ($1, 1, $2, $3, $4, $5, $6)",
        (
            session.id.as_str(),
            session.mode.name(),
            session.status.name(),
            session.account.kind.name(),
            session.account.id.as_str(),
            json(session)?,
        ),
    )
    .await?;
    Ok(())
}

pub(crate) async fn save(db: &mut PgConnection, session: &Stored<Session>) -> Result<()> {
    let saved = run(
        db,
        "UPDATE sessions SET version = version + 1, status = $1, body = $2 WHERE id = $3 AND version = $4",
        (session.value.status.name(), json(&session.value)?, session.value.id.as_str(), session.version),
    )
    .await?;
    Ok(changed(saved)?)
}

pub(crate) async fn list(db: &mut PgConnection, wanted: &SessionQuery) -> Result<Vec<Session>> {
    let found = Select::new("SELECT body FROM sessions WHERE 1 = 1")
        .with(" AND mode = ?", wanted.mode.map(|mode| mode.name().to_owned()))
        .with(" AND status = ?", wanted.status.map(|status| status.name().to_owned()))
        .with(" AND account_kind = ?", wanted.account_kind.map(|kind| kind.name().to_owned()))
        .with(" AND account_id = ?", wanted.account_id.clone())
        .with(" AND id < ?", wanted.after.as_ref().map(ToString::to_string))
        .with(" ORDER BY id DESC LIMIT ?", Some(wanted.limit));
    Ok(all_from_json(found.all(db).await?)?)
}
