//! Clocks that are turned by hand, and the jobs that are held for them.

use jiff::Timestamp;
use rusqlite::Connection;
use shiren_app::port::ClockQuery;
use shiren_app::record::{ClockWork, Stored};
use shiren_core::clock::TestClock;
use shiren_core::id::ClockId;

use crate::error::Result;
use crate::sql::{all, one, run, sole};
use shiren_app::port::row::{all_from_json, changed, json, micros, stored, time};

pub(crate) fn get(db: &Connection, id: &ClockId) -> Result<Option<Stored<TestClock>>> {
    Ok(stored(one(db, "SELECT version, body FROM clocks WHERE id = ?", (id.as_str(),))?)?)
}

pub(crate) fn insert(db: &Connection, clock: &TestClock) -> Result<()> {
    run(db, "INSERT INTO clocks (id, version, body) VALUES (?, 1, ?)", (clock.id.as_str(), json(clock)?))?;
    Ok(())
}

pub(crate) fn save(db: &Connection, clock: &Stored<TestClock>) -> Result<()> {
    let saved = run(
        db,
        "UPDATE clocks SET version = version + 1, body = ? WHERE id = ? AND version = ?",
        (json(&clock.value)?, clock.value.id.as_str(), clock.version),
    )?;
    Ok(changed(saved)?)
}

/// Ids grow with time: newest first is largest first.
pub(crate) fn list(db: &Connection, query: &ClockQuery) -> Result<Vec<TestClock>> {
    Ok(all_from_json(all(
        db,
        "SELECT body FROM clocks WHERE (?1 IS NULL OR id < ?1) ORDER BY id DESC LIMIT ?2",
        (query.after.as_ref().map(ClockId::as_str), query.limit),
    )?)?)
}

pub(crate) fn work(db: &Connection, id: &ClockId) -> Result<ClockWork> {
    let (released, next) = sole::<(i64, Option<i64>)>(
        db,
        "SELECT COUNT(CASE WHEN held_until IS NULL THEN 1 END), MIN(held_until) FROM jobs
         WHERE clock = ? AND state <> 'dead'",
        (id.as_str(),),
    )?;
    Ok(ClockWork { released, next: next.map(time).transpose()? })
}

pub(crate) fn release(db: &Connection, id: &ClockId, until: Timestamp, due: Timestamp) -> Result<u64> {
    run(
        db,
        "UPDATE jobs SET held_until = NULL, due_at = ?
         WHERE clock = ? AND state <> 'dead' AND held_until <= ?",
        (micros(due), id.as_str(), micros(until)),
    )
}
