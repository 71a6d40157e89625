//! Deposits of shops.

use rusqlite::Connection;
use shiren_app::record::Stored;
use shiren_core::deposit::Ledger;
use shiren_core::verification::program::Mode;

use crate::error::Result;
use crate::sql::{one, run};
use shiren_app::port::row::{changed, json, stored};

pub(crate) fn get(db: &Connection, mode: Mode, shop: &str) -> Result<Option<Stored<Ledger>>> {
    Ok(stored(one(
        db,
        "SELECT version, body FROM ledgers WHERE mode = ? AND shop = ?",
        (mode.name(), shop),
    )?)?)
}

pub(crate) fn insert(db: &Connection, mode: Mode, shop: &str, ledger: &Ledger) -> Result<()> {
    let sql = "INSERT INTO ledgers (mode, shop, version, body) VALUES (?, ?, 1, ?)";
    run(db, sql, (mode.name(), shop, json(ledger)?))?;
    Ok(())
}

pub(crate) fn save(db: &Connection, mode: Mode, shop: &str, ledger: &Stored<Ledger>) -> Result<()> {
    let saved = run(
        db,
        "UPDATE ledgers SET version = version + 1, body = ? WHERE mode = ? AND shop = ? AND version = ?",
        (json(&ledger.value)?, mode.name(), shop, ledger.version),
    )?;
    Ok(changed(saved)?)
}
