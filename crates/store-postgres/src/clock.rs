//! Clocks that are turned by hand, and the jobs that are held for them.

use jiff::Timestamp;
use shiren_app::port::ClockQuery;
use shiren_app::record::{ClockWork, Stored};
use shiren_core::clock::TestClock;
use shiren_core::id::ClockId;
use sqlx::PgConnection;

use crate::error::Result;
use crate::sql::{Hold, all, held, one, run, sole};
use shiren_app::port::row::{all_from_json, changed, json, micros, stored, time};

pub(crate) async fn get(
    db: &mut PgConnection,
    hold: Hold,
    id: &ClockId,
) -> Result<Option<Stored<TestClock>>> {
    Ok(stored(one(db, held!(hold, "SELECT version, body FROM clocks WHERE id = $1"), (id.as_str(),)).await?)?)
}

pub(crate) async fn insert(db: &mut PgConnection, clock: &TestClock) -> Result<()> {
    run(db, "INSERT INTO clocks (id, version, body) VALUES ($1, 1, $2)", (clock.id.as_str(), json(clock)?))
        .await?;
    Ok(())
}

pub(crate) async fn save(db: &mut PgConnection, clock: &Stored<TestClock>) -> Result<()> {
    let saved = run(
        db,
        "UPDATE clocks SET version = version + 1, body = $1 WHERE id = $2 AND version = $3",
        (json(&clock.value)?, clock.value.id.as_str(), clock.version),
    )
    .await?;
    Ok(changed(saved)?)
}

/// Ids grow with time: newest first is largest first.
pub(crate) async fn list(db: &mut PgConnection, query: &ClockQuery) -> Result<Vec<TestClock>> {
    Ok(all_from_json(
        all(
            db,
            "SELECT body FROM clocks WHERE ($1 IS NULL OR id < $1) ORDER BY id DESC LIMIT $2",
            (query.after.as_ref().map(ClockId::as_str), query.limit),
        )
        .await?,
    )?)
}

pub(crate) async fn work(db: &mut PgConnection, id: &ClockId) -> Result<ClockWork> {
    let (released, next) = sole::<(i64, Option<i64>)>(
        db,
        "SELECT COUNT(CASE WHEN held_until IS NULL THEN 1 END), MIN(held_until) FROM jobs
         WHERE clock = $1 AND state <> 'dead'",
        (id.as_str(),),
    )
    .await?;
    Ok(ClockWork { released, next: next.map(time).transpose()? })
}

pub(crate) async fn release(
    db: &mut PgConnection,
    id: &ClockId,
    until: Timestamp,
    due: Timestamp,
) -> Result<u64> {
    run(
        db,
        "UPDATE jobs SET held_until = NULL, due_at = $1
         WHERE clock = $2 AND state <> 'dead' AND held_until <= $3",
        (micros(due), id.as_str(), micros(until)),
    )
    .await
}
