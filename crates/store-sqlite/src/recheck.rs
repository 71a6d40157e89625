//! Re-checks of shops.

use jiff::civil::Date;
use rusqlite::Connection;
use shiren_app::record::Stored;
use shiren_core::recheck::Rechecks;
use shiren_core::recheck::plan::Load;
use shiren_core::verification::program::Mode;

use crate::error::Result;
use crate::sql::{all, one, run};
use shiren_app::port::row::{changed, json, narrowed, parsed, recheck_state, stored};

pub(crate) fn get(db: &Connection, mode: Mode, shop: &str) -> Result<Option<Stored<Rechecks>>> {
    Ok(stored(one(
        db,
        "SELECT version, body FROM rechecks WHERE mode = ? AND shop = ?",
        (mode.name(), shop),
    )?)?)
}

pub(crate) fn insert(db: &Connection, mode: Mode, rechecks: &Rechecks, due: Date) -> Result<()> {
    run(
        db,
        "INSERT INTO rechecks (mode, shop, version, due_day, state, body) VALUES (?, ?, 1, ?, ?, ?)",
        (mode.name(), rechecks.shop.as_str(), due.to_string(), recheck_state(rechecks, due), json(rechecks)?),
    )?;
    Ok(())
}

pub(crate) fn save(db: &Connection, mode: Mode, rechecks: &Stored<Rechecks>, due: Date) -> Result<()> {
    let saved = run(
        db,
        "UPDATE rechecks SET version = version + 1, due_day = ?, state = ?, body = ?
         WHERE mode = ? AND shop = ? AND version = ?",
        (
            due.to_string(),
            recheck_state(&rechecks.value, due),
            json(&rechecks.value)?,
            mode.name(),
            rechecks.value.shop.as_str(),
            rechecks.version,
        ),
    )?;
    Ok(changed(saved)?)
}

/// Days are written so that their order is that of their texts.
pub(crate) fn load(db: &Connection, mode: Mode, from: Date, to: Date) -> Result<Load> {
    let counted: Vec<(String, i64)> = all(
        db,
        "SELECT due_day, COUNT(*) FROM rechecks WHERE mode = ? AND due_day BETWEEN ? AND ? GROUP BY due_day",
        (mode.name(), from.to_string(), to.to_string()),
    )?;
    counted.into_iter().map(|(day, many)| Ok((parsed(&day)?, narrowed(many)?))).collect()
}
