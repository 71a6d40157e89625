//! Pictures that are on their way in pieces.

use rusqlite::Connection;
use shiren_app::record::{Stored, UploadRecord};
use shiren_core::id::{SessionId, UploadId};

use crate::error::Result;
use crate::sql::{all, one, run};
use shiren_app::port::row::{all_from_json, changed, json, stored};

pub(crate) fn get(db: &Connection, id: &UploadId) -> Result<Option<Stored<UploadRecord>>> {
    Ok(stored(one(db, "SELECT version, body FROM uploads WHERE id = ?", (id.as_str(),))?)?)
}

pub(crate) fn insert(db: &Connection, upload: &UploadRecord) -> Result<()> {
    run(
        db,
        "INSERT INTO uploads (id, version, session, body) VALUES (?, 1, ?, ?)",
        (upload.id.as_str(), upload.session.as_str(), json(upload)?),
    )?;
    Ok(())
}

pub(crate) fn save(db: &Connection, upload: &Stored<UploadRecord>) -> Result<()> {
    let saved = run(
        db,
        "UPDATE uploads SET version = version + 1, body = ? WHERE id = ? AND version = ?",
        (json(&upload.value)?, upload.value.id.as_str(), upload.version),
    )?;
    Ok(changed(saved)?)
}

pub(crate) fn delete(db: &Connection, id: &UploadId) -> Result<bool> {
    Ok(run(db, "DELETE FROM uploads WHERE id = ?", (id.as_str(),))? > 0)
}

/// Ids grow with time: oldest first is smallest first.
pub(crate) fn of(db: &Connection, session: &SessionId) -> Result<Vec<UploadRecord>> {
    let sql = "SELECT body FROM uploads WHERE session = ? ORDER BY id";
    Ok(all_from_json(all(db, sql, (session.as_str(),))?)?)
}
