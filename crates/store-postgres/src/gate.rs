//! The gate's rules, and what it was asked.

use jiff::Timestamp;
use shiren_app::record::{GateRecord, GateRulesRecord};
use shiren_core::verification::program::Mode;
use sqlx::PgConnection;

use crate::error::Result;
use crate::sql::{Select, all, run};
use shiren_app::port::row::{all_from_json, json, micros};

pub(crate) async fn rules(
    db: &mut PgConnection,
    mode: Mode,
    version: Option<i64>,
) -> Result<Option<GateRulesRecord>> {
    let found = Select::new("SELECT body FROM gate_rules WHERE 1 = 1")
        .with(" AND mode = ?", Some(mode.name().to_owned()))
        .with(" AND version = ?", version)
        .with(" ORDER BY version DESC LIMIT ?", Some(1_i64));
    Ok(all_from_json(found.all(db).await?)?.pop())
}

pub(crate) async fn insert_rules(db: &mut PgConnection, rules: &GateRulesRecord) -> Result<()> {
    let sql = "INSERT INTO gate_rules (mode, version, body) VALUES ($1, $2, $3)";
    run(db, sql, (rules.mode.name(), rules.version, json(rules)?)).await?;
    Ok(())
}

pub(crate) async fn insert(db: &mut PgConnection, requests: &[GateRecord]) -> Result<()> {
    for request in requests {
        let sql = "INSERT INTO gate_requests (mode, at, body) VALUES ($1, $2, $3)";
        run(db, sql, (request.mode.name(), micros(request.at), json(request)?)).await?;
    }
    Ok(())
}

pub(crate) async fn list(
    db: &mut PgConnection,
    mode: Mode,
    since: Timestamp,
    limit: u32,
) -> Result<Vec<GateRecord>> {
    let sql = "SELECT body FROM gate_requests WHERE mode = $1 AND at >= $2 ORDER BY at DESC LIMIT $3";
    Ok(all_from_json(all(db, sql, (mode.name(), micros(since), limit)).await?)?)
}
