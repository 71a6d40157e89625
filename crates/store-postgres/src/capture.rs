//! Live captures: begun, and opened once.

use jiff::Timestamp;
use shiren_app::record::{CaptureOpened, CaptureRecord, SecretHash};
use shiren_core::id::SessionId;
use sqlx::PgConnection;

use crate::error::Result;
use crate::sql::{Hold, one, run, sole};
use shiren_app::port::row::{from_json, json, micros, narrowed};

pub(crate) async fn insert(db: &mut PgConnection, capture: &CaptureRecord) -> Result<()> {
    run(
        db,
        "INSERT INTO captures (hash, session, expires_at, body) VALUES ($1, $2, $3, $4)",
        (capture.hash.0.as_slice(), capture.session.as_str(), micros(capture.expires_at), json(capture)?),
    )
    .await?;
    Ok(())
}

/// Whoever counts in order to begin another one holds the session: nobody else counts before that is committed.
pub(crate) async fn since(
    db: &mut PgConnection,
    hold: Hold,
    session: &SessionId,
    at: Timestamp,
) -> Result<u32> {
    if hold == Hold::Row {
        one::<(String,)>(db, "SELECT id FROM sessions WHERE id = $1 FOR NO KEY UPDATE", (session.as_str(),))
            .await?;
    }
    let counted = sole::<(i64,)>(
        db,
        "SELECT COUNT(*) FROM captures WHERE session = $1 AND expires_at > $2",
        (session.as_str(), micros(at)),
    )
    .await?;
    Ok(narrowed(counted.0)?)
}

/// The update itself decides who was first.
pub(crate) async fn open(db: &mut PgConnection, hash: SecretHash, now: Timestamp) -> Result<CaptureOpened> {
    let opened = one::<(String,)>(
        db,
        "UPDATE captures SET opened_at = $2 WHERE hash = $1 AND opened_at IS NULL AND expires_at > $2
         RETURNING body",
        (hash.0.as_slice(), micros(now)),
    )
    .await?;
    if let Some((body,)) = opened {
        return Ok(CaptureOpened::Capture(Box::new(from_json(&body)?)));
    }
    let found =
        one::<(Option<i64>,)>(db, "SELECT opened_at FROM captures WHERE hash = $1", (hash.0.as_slice(),))
            .await?;
    Ok(match found {
        None => CaptureOpened::Unknown,
        Some((Some(_),)) => CaptureOpened::Used,
        Some((None,)) => CaptureOpened::Expired,
    })
}
