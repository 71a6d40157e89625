//! The gate's rules, and what it was asked.

use jiff::Timestamp;
use rusqlite::Connection;
use shiren_app::record::{GateRecord, GateRulesRecord};
use shiren_core::verification::program::Mode;

use crate::error::Result;
use crate::sql::{Select, all, run};
use shiren_app::port::row::{all_from_json, json, micros};

pub(crate) fn rules(db: &Connection, mode: Mode, version: Option<i64>) -> Result<Option<GateRulesRecord>> {
    let found = Select::new("SELECT body FROM gate_rules WHERE 1 = 1")
        .with(" AND mode = ?", Some(mode.name().to_owned()))
        .with(" AND version = ?", version)
        .with(" ORDER BY version DESC LIMIT ?", Some(1));
    Ok(all_from_json(found.all(db)?)?.pop())
}

pub(crate) fn insert_rules(db: &Connection, rules: &GateRulesRecord) -> Result<()> {
    let sql = "INSERT INTO gate_rules (mode, version, body) VALUES (?, ?, ?)";
    run(db, sql, (rules.mode.name(), rules.version, json(rules)?))?;
    Ok(())
}

pub(crate) fn insert(db: &Connection, requests: &[GateRecord]) -> Result<()> {
    for request in requests {
        let sql = "INSERT INTO gate_requests (mode, at, body) VALUES (?, ?, ?)";
        run(db, sql, (request.mode.name(), micros(request.at), json(request)?))?;
    }
    Ok(())
}

pub(crate) fn list(db: &Connection, mode: Mode, since: Timestamp, limit: u32) -> Result<Vec<GateRecord>> {
    let sql = "SELECT body FROM gate_requests WHERE mode = ? AND at >= ? ORDER BY at DESC LIMIT ?";
    Ok(all_from_json(all(db, sql, (mode.name(), micros(since), limit))?)?)
}
