//! The ban list.

use rusqlite::Connection;
use shiren_app::port::BanQuery;
use shiren_app::record::Stored;
use shiren_core::account::ban::Ban;
use shiren_core::id::BanId;
use shiren_core::verification::program::Mode;

use crate::error::Result;
use crate::sql::{Select, all, one, run};
use shiren_app::port::row::{all_from_json, changed, json, stored};

pub(crate) fn get(db: &Connection, id: &BanId) -> Result<Option<Stored<Ban>>> {
    Ok(stored(one(db, "SELECT version, body FROM bans WHERE id = ?", (id.as_str(),))?)?)
}

pub(crate) fn insert(db: &Connection, ban: &Ban, tags: &[(u32, Vec<u8>)]) -> Result<()> {
    run(
        db,
        "INSERT INTO bans (id, version, mode, shop, ended, body) VALUES (?, 1, ?, ?, ?, ?)",
        (ban.id.as_str(), ban.mode.name(), ban.shop.as_str(), ban.ended.is_some(), json(ban)?),
    )?;
    for (version, tag) in tags {
        run(
            db,
            "INSERT INTO ban_tags (mode, key_version, tag, ban) VALUES (?, ?, ?, ?)",
            (ban.mode.name(), version, tag.as_slice(), ban.id.as_str()),
        )?;
    }
    Ok(())
}

pub(crate) fn save(db: &Connection, ban: &Stored<Ban>) -> Result<()> {
    let saved = run(
        db,
        "UPDATE bans SET version = version + 1, ended = ?, body = ? WHERE id = ? AND version = ?",
        (ban.value.ended.is_some(), json(&ban.value)?, ban.value.id.as_str(), ban.version),
    )?;
    Ok(changed(saved)?)
}

pub(crate) fn forget_tags(db: &Connection, id: &BanId) -> Result<()> {
    run(db, "DELETE FROM ban_tags WHERE ban = ?", (id.as_str(),))?;
    Ok(())
}

pub(crate) fn of(db: &Connection, mode: Mode, tags: &[(u32, Vec<u8>)]) -> Result<Vec<Ban>> {
    let mut found = Vec::new();
    for (version, tag) in tags {
        found.extend(all(
            db,
            "SELECT b.body FROM ban_tags AS t JOIN bans AS b ON b.id = t.ban
             WHERE t.mode = ? AND t.key_version = ? AND t.tag = ? ORDER BY b.id",
            (mode.name(), version, tag.as_slice()),
        )?);
    }
    Ok(all_from_json(found)?)
}

/// Ids grow with time: newest first is largest first.
pub(crate) fn list(db: &Connection, wanted: &BanQuery) -> Result<Vec<Ban>> {
    let found = Select::new("SELECT body FROM bans WHERE 1 = 1")
        .with(" AND mode = ?", Some(wanted.mode.name().to_owned()))
        .with(" AND shop = ?", wanted.shop.clone())
        .with(" AND ended = ?", wanted.in_force.map(|in_force| !in_force))
        .with(" AND id < ?", wanted.after.as_ref().map(ToString::to_string))
        .with(" ORDER BY id DESC LIMIT ?", Some(wanted.limit));
    Ok(all_from_json(found.all(db)?)?)
}
