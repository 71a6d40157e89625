//! The audit log.

use rusqlite::Connection;
use shiren_app::record::AuditEntry;

use crate::error::Result;
use crate::sql::{all, run};
use shiren_app::port::row::{micros, parsed, time};

pub(crate) fn append(db: &Connection, entry: &AuditEntry) -> Result<()> {
    run(
        db,
        "INSERT INTO audit (id, at, actor, action, object, purpose) VALUES (?, ?, ?, ?, ?, ?)",
        (
            entry.id.as_str(),
            micros(entry.at),
            entry.actor.as_str(),
            entry.action.as_str(),
            entry.object.as_str(),
            entry.purpose.as_str(),
        ),
    )?;
    Ok(())
}

pub(crate) fn of(db: &Connection, object: &str) -> Result<Vec<AuditEntry>> {
    type Row = (String, i64, String, String, String);
    let found: Vec<Row> = all(
        db,
        "SELECT id, at, actor, action, purpose FROM audit WHERE object = ? ORDER BY position",
        (object,),
    )?;
    let entry = |(id, at, actor, action, purpose): Row| {
        let (id, at) = (parsed(&id)?, time(at)?);
        Ok(AuditEntry { id, at, actor, action, object: object.to_owned(), purpose })
    };
    found.into_iter().map(entry).collect()
}
