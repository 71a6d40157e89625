//! Live captures: begun, and opened once.

use jiff::Timestamp;
use rusqlite::Connection;
use shiren_app::record::{CaptureOpened, CaptureRecord, SecretHash};
use shiren_core::id::SessionId;

use crate::error::Result;
use crate::sql::{one, run, sole};
use shiren_app::port::row::{from_json, json, micros, narrowed};

pub(crate) fn insert(db: &Connection, capture: &CaptureRecord) -> Result<()> {
    run(
        db,
        "INSERT INTO captures (hash, session, expires_at, body) VALUES (?, ?, ?, ?)",
        (capture.hash.0.as_slice(), capture.session.as_str(), micros(capture.expires_at), json(capture)?),
    )?;
    Ok(())
}

pub(crate) fn since(db: &Connection, session: &SessionId, at: Timestamp) -> Result<u32> {
    let counted = sole::<(i64,)>(
        db,
        "SELECT COUNT(*) FROM captures WHERE session = ? AND expires_at > ?",
        (session.as_str(), micros(at)),
    )?;
    Ok(narrowed(counted.0)?)
}

/// The update itself decides who was first.
pub(crate) fn open(db: &Connection, hash: SecretHash, now: Timestamp) -> Result<CaptureOpened> {
    let opened = one::<(String,)>(
        db,
        "UPDATE captures SET opened_at = ?2 WHERE hash = ?1 AND opened_at IS NULL AND expires_at > ?2
         RETURNING body",
        (hash.0.as_slice(), micros(now)),
    )?;
    if let Some((body,)) = opened {
        return Ok(CaptureOpened::Capture(Box::new(from_json(&body)?)));
    }
    let found =
        one::<(Option<i64>,)>(db, "SELECT opened_at FROM captures WHERE hash = ?", (hash.0.as_slice(),))?;
    Ok(match found {
        None => CaptureOpened::Unknown,
        Some((Some(_),)) => CaptureOpened::Used,
        Some((None,)) => CaptureOpened::Expired,
    })
}
