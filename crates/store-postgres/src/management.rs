//! Links to the page of a shop's sub-accounts, and the visits that come of them.

use jiff::Timestamp;
use shiren_app::port::row::{from_json, json, micros};
use shiren_app::record::{ManagementPass, SecretHash};
use sqlx::PgConnection;

use crate::error::Result;
use crate::sql::{one, run};

pub(crate) async fn insert_link(db: &mut PgConnection, link: &ManagementPass) -> Result<()> {
    let sql = "INSERT INTO management_links (hash, expires_at, body) VALUES ($1, $2, $3)";
    run(db, sql, (link.hash.0.as_slice(), micros(link.expires_at), json(link)?)).await?;
    Ok(())
}

/// Whoever deletes it has it.
pub(crate) async fn take_link(
    db: &mut PgConnection,
    hash: SecretHash,
    now: Timestamp,
) -> Result<Option<ManagementPass>> {
    let sql = "DELETE FROM management_links WHERE hash = $1 AND expires_at > $2 RETURNING body";
    one::<(String,)>(db, sql, (hash.0.as_slice(), micros(now)))
        .await?
        .map(|(body,)| Ok(from_json(&body)?))
        .transpose()
}

pub(crate) async fn insert_visit(db: &mut PgConnection, visit: &ManagementPass) -> Result<()> {
    let sql = "INSERT INTO management_visits (hash, expires_at, body) VALUES ($1, $2, $3)";
    run(db, sql, (visit.hash.0.as_slice(), micros(visit.expires_at), json(visit)?)).await?;
    Ok(())
}

pub(crate) async fn visit(db: &mut PgConnection, hash: SecretHash) -> Result<Option<ManagementPass>> {
    one::<(String,)>(db, "SELECT body FROM management_visits WHERE hash = $1", (hash.0.as_slice(),))
        .await?
        .map(|(body,)| Ok(from_json(&body)?))
        .transpose()
}
