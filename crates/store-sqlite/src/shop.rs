//! Shops.

use rusqlite::Connection;
use shiren_app::port::ShopQuery;
use shiren_app::record::Stored;
use shiren_core::account::shop::Shop;
use shiren_core::verification::program::Mode;

use crate::error::Result;
use crate::sql::{Select, one, run};
use shiren_app::port::row::{all_from_json, changed, json, micros, stored};

pub(crate) fn get(db: &Connection, mode: Mode, id: &str) -> Result<Option<Stored<Shop>>> {
    Ok(stored(one(db, "SELECT version, body FROM shops WHERE mode = ? AND id = ?", (mode.name(), id))?)?)
}

pub(crate) fn insert(db: &Connection, shop: &Shop) -> Result<()> {
    run(
        db,
        "INSERT INTO shops (mode, id, version, status, created_at, company, body) VALUES (?, ?, 1, ?, ?, ?, ?)",
        (
            shop.mode.name(),
            shop.id.as_str(),
            shop.status().name(),
            micros(shop.created_at),
            shop.company.as_ref().map_or("", |c| c.credit_code()),
            json(shop)?,
        ),
    )?;
    Ok(())
}

pub(crate) fn save(db: &Connection, shop: &Stored<Shop>) -> Result<()> {
    let saved = run(
        db,
        "UPDATE shops SET version = version + 1, status = ?, body = ? WHERE mode = ? AND id = ? AND version = ?",
        (
            shop.value.status().name(),
            json(&shop.value)?,
            shop.value.mode.name(),
            shop.value.id.as_str(),
            shop.version,
        ),
    )?;
    Ok(changed(saved)?)
}

/// The youngest first; of one moment, by their ids.
pub(crate) fn list(db: &Connection, wanted: &ShopQuery) -> Result<Vec<Shop>> {
    let found = Select::new("SELECT body FROM shops AS s WHERE 1 = 1")
        .with(" AND s.mode = ?", Some(wanted.mode.name().to_owned()))
        .with(" AND s.status = ?", wanted.status.map(|s| s.name().to_owned()))
        .with(
            " AND EXISTS (SELECT 1 FROM rechecks AS r WHERE r.mode = s.mode AND r.shop = s.id AND r.state = ?)",
            wanted.rechecks.map(|r| r.name().to_owned()),
        )
        .with(" AND (s.company <> '') = ?", wanted.company)
        .with(" AND s.company <> '' AND s.company = ?", wanted.credit_code.clone())
        .with(
            " AND (s.created_at, s.id) < (SELECT l.created_at, l.id FROM shops AS l WHERE l.mode = s.mode AND l.id = ?)",
            wanted.after.clone(),
        )
        .with(" ORDER BY s.created_at DESC, s.id DESC LIMIT ?", Some(wanted.limit));
    Ok(all_from_json(found.all(db)?)?)
}
