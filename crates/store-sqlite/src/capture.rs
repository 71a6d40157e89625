//! Live captures: begun, and opened once.

use jiff::Timestamp;
use shiren_app::record::{CaptureOpened, CaptureRecord, SecretHash};
use shiren_core::id::SessionId;
use sqlx::{SqliteConnection, query, query_as};

use crate::error::Result;
use crate::row::{from_json, json, micros, narrowed};

pub(crate) async fn insert(db: &mut SqliteConnection, capture: &CaptureRecord) -> Result<()> {
    query("INSERT INTO captures (hash, session, expires_at, body) VALUES (?, ?, ?, ?)")
        .bind(capture.hash.0.as_slice())
        .bind(capture.session.as_str())
        .bind(micros(capture.expires_at))
        .bind(json(capture)?)
        .execute(db)
        .await?;
    Ok(())
}

pub(crate) async fn since(db: &mut SqliteConnection, session: &SessionId, at: Timestamp) -> Result<u32> {
    let counted = query_as::<_, (i64,)>("SELECT COUNT(*) FROM captures WHERE session = ? AND expires_at > ?")
        .bind(session.as_str())
        .bind(micros(at))
        .fetch_one(db)
        .await?;
    narrowed(counted.0)
}

/// The update itself decides who was first.
pub(crate) async fn open(
    db: &mut SqliteConnection,
    hash: SecretHash,
    now: Timestamp,
) -> Result<CaptureOpened> {
    let opened = query_as::<_, (String,)>(
        "UPDATE captures SET opened_at = ?2 WHERE hash = ?1 AND opened_at IS NULL AND expires_at > ?2
         RETURNING body",
    )
    .bind(hash.0.as_slice())
    .bind(micros(now))
    .fetch_optional(&mut *db)
    .await?;
    if let Some((body,)) = opened {
        return Ok(CaptureOpened::Capture(Box::new(from_json(&body)?)));
    }
    let found = query_as::<_, (Option<i64>,)>("SELECT opened_at FROM captures WHERE hash = ?")
        .bind(hash.0.as_slice())
        .fetch_optional(db)
        .await?;
    Ok(match found {
        None => CaptureOpened::Unknown,
        Some((Some(_),)) => CaptureOpened::Used,
        Some((None,)) => CaptureOpened::Expired,
    })
}
