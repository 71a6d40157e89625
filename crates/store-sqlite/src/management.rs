//! Links to the page of a shop's sub-accounts, and the visits that come of them.

use jiff::Timestamp;
use rusqlite::Connection;
use shiren_app::port::row::{from_json, json, micros};
use shiren_app::record::{ManagementPass, SecretHash};

use crate::error::Result;
use crate::sql::{one, run};

pub(crate) fn insert_link(db: &Connection, link: &ManagementPass) -> Result<()> {
    let sql = "INSERT INTO management_links (hash, expires_at, body) VALUES (?, ?, ?)";
    run(db, sql, (link.hash.0.as_slice(), micros(link.expires_at), json(link)?))?;
    Ok(())
}

/// Whoever deletes it has it.
pub(crate) fn take_link(db: &Connection, hash: SecretHash, now: Timestamp) -> Result<Option<ManagementPass>> {
    let sql = "DELETE FROM management_links WHERE hash = ? AND expires_at > ? RETURNING body";
    one::<(String,)>(db, sql, (hash.0.as_slice(), micros(now)))?
        .map(|(body,)| Ok(from_json(&body)?))
        .transpose()
}

pub(crate) fn insert_visit(db: &Connection, visit: &ManagementPass) -> Result<()> {
    let sql = "INSERT INTO management_visits (hash, expires_at, body) VALUES (?, ?, ?)";
    run(db, sql, (visit.hash.0.as_slice(), micros(visit.expires_at), json(visit)?))?;
    Ok(())
}

pub(crate) fn visit(db: &Connection, hash: SecretHash) -> Result<Option<ManagementPass>> {
    one::<(String,)>(db, "SELECT body FROM management_visits WHERE hash = ?", (hash.0.as_slice(),))?
        .map(|(body,)| Ok(from_json(&body)?))
        .transpose()
}
