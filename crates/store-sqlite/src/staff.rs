//! Sub-accounts.

use rusqlite::Connection;
use shiren_app::port::{StaffCount, StaffQuery};
use shiren_app::record::Stored;
use shiren_core::account::staff::Staff;
use shiren_core::verification::program::Mode;

use crate::error::Result;
use crate::sql::{Select, all, one, run, sole};
use shiren_app::port::row::{all_from_json, changed, json, micros, narrowed, stored};

pub(crate) fn get(db: &Connection, mode: Mode, id: &str) -> Result<Option<Stored<Staff>>> {
    Ok(stored(one(db, "SELECT version, body FROM staff WHERE mode = ? AND id = ?", (mode.name(), id))?)?)
}

/// When it is added, it has only just been brought up to date.
pub(crate) fn insert(db: &Connection, mode: Mode, staff: &Staff) -> Result<()> {
    run(
        db,
        "INSERT INTO staff (mode, id, version, shop, standing, reviewed, bound, created_at, body)
         VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?)",
        (
            mode.name(),
            staff.id.as_str(),
            staff.shop.as_str(),
            staff.standing.name(),
            i64::from(staff.review.is_some()),
            i64::from(staff.bound().is_some()),
            micros(staff.as_of),
            json(staff)?,
        ),
    )?;
    Ok(())
}

pub(crate) fn save(db: &Connection, mode: Mode, staff: &Stored<Staff>) -> Result<()> {
    let saved = run(
        db,
        "UPDATE staff SET version = version + 1, standing = ?, reviewed = ?, bound = ?, body = ?
         WHERE mode = ? AND id = ? AND version = ?",
        (
            staff.value.standing.name(),
            i64::from(staff.value.review.is_some()),
            i64::from(staff.value.bound().is_some()),
            json(&staff.value)?,
            mode.name(),
            staff.value.id.as_str(),
            staff.version,
        ),
    )?;
    Ok(changed(saved)?)
}

/// The youngest first; of one moment, by their ids.
pub(crate) fn list(db: &Connection, wanted: &StaffQuery) -> Result<Vec<Staff>> {
    let found = Select::new("SELECT body FROM staff AS s WHERE 1 = 1")
        .with(" AND s.mode = ?", Some(wanted.mode.name().to_owned()))
        .with(" AND s.shop = ?", Some(wanted.shop.clone()))
        .with(" AND s.standing = ?", wanted.standing.clone())
        .with(" AND s.reviewed = ?", wanted.reviewed.map(i64::from))
        .with(" AND s.bound = ?", wanted.bound.map(i64::from))
        .with(
            " AND (s.created_at, s.id) < (SELECT l.created_at, l.id FROM staff AS l WHERE l.mode = s.mode AND l.id = ?)",
            wanted.after.clone(),
        )
        .with(" ORDER BY s.created_at DESC, s.id DESC LIMIT ?", Some(wanted.limit));
    Ok(all_from_json(found.all(db)?)?)
}

pub(crate) fn count(db: &Connection, mode: Mode, shop: &str) -> Result<u32> {
    let (count,) = sole::<(i64,)>(
        db,
        "SELECT COUNT(*) FROM staff WHERE mode = ? AND shop = ? AND standing <> 'disabled'",
        (mode.name(), shop),
    )?;
    Ok(narrowed(count)?)
}

pub(crate) fn counts(db: &Connection, mode: Mode, shop: &str) -> Result<Vec<StaffCount>> {
    let found: Vec<(String, i64, i64, i64)> = all(
        db,
        "SELECT standing, reviewed, bound, COUNT(*) FROM staff WHERE mode = ? AND shop = ?
         GROUP BY standing, reviewed, bound",
        (mode.name(), shop),
    )?;
    let count = |(standing, reviewed, bound, count)| {
        Ok(StaffCount { standing, reviewed: reviewed != 0, bound: bound != 0, count: narrowed(count)? })
    };
    found.into_iter().map(count).collect()
}
