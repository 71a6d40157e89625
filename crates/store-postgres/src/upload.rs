//! Pictures that are on their way in pieces.

use shiren_app::record::{Stored, UploadRecord};
use shiren_core::id::{SessionId, UploadId};
use sqlx::PgConnection;

use crate::error::Result;
use crate::sql::{Hold, all, held, one, run};
use shiren_app::port::row::{all_from_json, changed, json, stored};

pub(crate) async fn get(
    db: &mut PgConnection,
    hold: Hold,
    id: &UploadId,
) -> Result<Option<Stored<UploadRecord>>> {
    Ok(stored(
        one(db, held!(hold, "SELECT version, body FROM uploads WHERE id = $1"), (id.as_str(),)).await?,
    )?)
}

pub(crate) async fn insert(db: &mut PgConnection, upload: &UploadRecord) -> Result<()> {
    run(
        db,
        "INSERT INTO uploads (id, version, session, body) VALUES ($1, 1, $2, $3)",
        (upload.id.as_str(), upload.session.as_str(), json(upload)?),
    )
    .await?;
    Ok(())
}

pub(crate) async fn save(db: &mut PgConnection, upload: &Stored<UploadRecord>) -> Result<()> {
    let saved = run(
        db,
        "UPDATE uploads SET version = version + 1, body = $1 WHERE id = $2 AND version = $3",
        (json(&upload.value)?, upload.value.id.as_str(), upload.version),
    )
    .await?;
    Ok(changed(saved)?)
}

pub(crate) async fn delete(db: &mut PgConnection, id: &UploadId) -> Result<bool> {
    Ok(run(db, "DELETE FROM uploads WHERE id = $1", (id.as_str(),)).await? > 0)
}

/// Ids grow with time: oldest first is smallest first. Whoever counts in order to begin another one holds the session:
/// nobody else counts before that is committed.
pub(crate) async fn of(db: &mut PgConnection, hold: Hold, session: &SessionId) -> Result<Vec<UploadRecord>> {
    if hold == Hold::Row {
        one::<(String,)>(db, "SELECT id FROM sessions WHERE id = $1 FOR NO KEY UPDATE", (session.as_str(),))
            .await?;
    }
    let sql = "SELECT body FROM uploads WHERE session = $1 ORDER BY id";
    Ok(all_from_json(all(db, sql, (session.as_str(),)).await?)?)
}
