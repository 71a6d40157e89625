//! Verification sessions.

use rusqlite::Connection;
use shiren_app::port::SessionQuery;
use shiren_app::record::Stored;
use shiren_core::id::SessionId;
use shiren_core::verification::session::Session;

use crate::error::Result;
use crate::sql::{Select, one, run};
use shiren_app::port::row::{all_from_json, changed, json, stored};

pub(crate) fn get(db: &Connection, id: &SessionId) -> Result<Option<Stored<Session>>> {
    Ok(stored(one(db, "SELECT version, body FROM sessions WHERE id = ?", (id.as_str(),))?)?)
}

pub(crate) fn insert(db: &Connection, session: &Session) -> Result<()> {
    run(
        db,
        "INSERT INTO sessions (id, version, mode, status, account_kind, account_id, body)
         VALUES (?, 1, ?, ?, ?, ?, ?)",
        (
            session.id.as_str(),
            session.mode.name(),
            session.status.name(),
            session.account.kind.name(),
            session.account.id.as_str(),
            json(session)?,
        ),
    )?;
    Ok(())
}

pub(crate) fn save(db: &Connection, session: &Stored<Session>) -> Result<()> {
    let saved = run(
        db,
        "UPDATE sessions SET version = version + 1, status = ?, body = ? WHERE id = ? AND version = ?",
        (session.value.status.name(), json(&session.value)?, session.value.id.as_str(), session.version),
    )?;
    Ok(changed(saved)?)
}

pub(crate) fn list(db: &Connection, wanted: &SessionQuery) -> Result<Vec<Session>> {
    let found = Select::new("SELECT body FROM sessions WHERE 1 = 1")
        .with(" AND mode = ?", wanted.mode.map(|mode| mode.name().to_owned()))
        .with(" AND status = ?", wanted.status.map(|status| status.name().to_owned()))
        .with(" AND account_kind = ?", wanted.account_kind.map(|kind| kind.name().to_owned()))
        .with(" AND account_id = ?", wanted.account_id.clone())
        .with(" AND id < ?", wanted.after.as_ref().map(ToString::to_string))
        .with(" ORDER BY id DESC LIMIT ?", Some(wanted.limit));
    Ok(all_from_json(found.all(db)?)?)
}
