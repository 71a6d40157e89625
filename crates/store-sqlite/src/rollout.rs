//! Rollouts, and whom they mean.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::Connection;
use shiren_app::port::RolloutQuery;
use shiren_app::record::{DueMember, MemberCounts, MemberState, Stored};
use shiren_core::id::RolloutId;
use shiren_core::rollout::Rollout;

use crate::error::Result;
use crate::sql::{Select, all, one, run, sole};
use shiren_app::port::row::{all_from_json, changed, json, micros, narrowed, parsed, stored, time};

pub(crate) fn get(db: &Connection, id: &RolloutId) -> Result<Option<Stored<Rollout>>> {
    Ok(stored(one(db, "SELECT version, body FROM rollouts WHERE id = ?", (id.as_str(),))?)?)
}

pub(crate) fn insert(db: &Connection, rollout: &Rollout) -> Result<()> {
    let sql = "INSERT INTO rollouts (id, version, mode, status, body) VALUES (?, 1, ?, ?, ?)";
    run(db, sql, (rollout.id.as_str(), rollout.mode.name(), rollout.status.name(), json(rollout)?))?;
    Ok(())
}

pub(crate) fn save(db: &Connection, rollout: &Stored<Rollout>) -> Result<()> {
    let sql = "UPDATE rollouts SET version = version + 1, status = ?, body = ? WHERE id = ? AND version = ?";
    let of = &rollout.value;
    let saved = run(db, sql, (of.status.name(), json(of)?, of.id.as_str(), rollout.version))?;
    Ok(changed(saved)?)
}

pub(crate) fn list(db: &Connection, wanted: &RolloutQuery) -> Result<Vec<Rollout>> {
    let found = Select::new("SELECT body FROM rollouts WHERE 1 = 1")
        .with(" AND mode = ?", Some(wanted.mode.name().to_owned()))
        .with(" AND status = ?", wanted.status.map(|s| s.name().to_owned()))
        .with(" AND id < ?", wanted.after.as_ref().map(ToString::to_string))
        .with(" ORDER BY id DESC LIMIT ?", Some(wanted.limit));
    Ok(all_from_json(found.all(db)?)?)
}

pub(crate) fn enrol(db: &Connection, rollout: &RolloutId, members: &[(String, u8)]) -> Result<()> {
    for (account, place) in members {
        let sql = "INSERT INTO rollout_members (rollout, account, place, state, day)
                   VALUES (?, ?, ?, 'waiting', '') ON CONFLICT DO NOTHING";
        run(db, sql, (rollout.as_str(), account.as_str(), *place))?;
    }
    Ok(())
}

pub(crate) fn waiting(db: &Connection, rollout: &RolloutId, below: u8, limit: u32) -> Result<Vec<String>> {
    let found: Vec<(String,)> = all(
        db,
        "SELECT account FROM rollout_members WHERE rollout = ? AND state = 'waiting' AND place < ?
         ORDER BY place, account LIMIT ?",
        (rollout.as_str(), below, limit),
    )?;
    Ok(found.into_iter().map(|(account,)| account).collect())
}

/// Those who are due first, first.
pub(crate) fn due(
    db: &Connection,
    rollout: &RolloutId,
    until: Timestamp,
    limit: u32,
) -> Result<Vec<DueMember>> {
    let found: Vec<(String, String, i64)> = all(
        db,
        "SELECT account, day, due_at FROM rollout_members
         WHERE rollout = ? AND state = 'due' AND due_at <= ? ORDER BY due_at, account LIMIT ?",
        (rollout.as_str(), micros(until), limit),
    )?;
    let member = |(account, day, at): (String, String, i64)| {
        Ok(DueMember { account, day: parsed(&day)?, at: time(at)? })
    };
    found.into_iter().map(member).collect()
}

pub(crate) fn settle(
    db: &Connection,
    rollout: &RolloutId,
    account: &str,
    state: MemberState,
    day: Date,
) -> Result<()> {
    let sql = "UPDATE rollout_members SET state = ?, day = ?, due_at = ?
               WHERE rollout = ? AND account = ? AND state IN ('waiting', 'due')";
    let due_at = state.due_at().map(micros);
    let settled = run(db, sql, (state.name(), day.to_string(), due_at, rollout.as_str(), account))?;
    Ok(changed(settled)?)
}

pub(crate) fn taken_on(db: &Connection, rollout: &RolloutId, day: Date) -> Result<u32> {
    let sql =
        "SELECT COUNT(*) FROM rollout_members WHERE rollout = ? AND day = ? AND state IN ('asked', 'due')";
    let (taken,) = sole::<(i64,)>(db, sql, (rollout.as_str(), day.to_string()))?;
    Ok(narrowed(taken)?)
}

pub(crate) fn counts(db: &Connection, rollout: &RolloutId) -> Result<MemberCounts> {
    let found: Vec<(String, i64, i64)> = all(
        db,
        "SELECT state, place, COUNT(*) FROM rollout_members WHERE rollout = ? GROUP BY state, place",
        (rollout.as_str(),),
    )?;
    let mut counts = MemberCounts::default();
    for (state, place, many) in found {
        counts.add(&state, narrowed(place)?, narrowed(many)?);
    }
    Ok(counts)
}

/// Days are written so that their order is that of their texts.
pub(crate) fn asked_by_day(db: &Connection, rollout: &RolloutId) -> Result<Vec<(Date, u32)>> {
    let found: Vec<(String, i64)> = all(
        db,
        "SELECT day, COUNT(*) FROM rollout_members WHERE rollout = ? AND state = 'asked' GROUP BY day ORDER BY day",
        (rollout.as_str(),),
    )?;
    found.into_iter().map(|(day, many)| Ok((parsed(&day)?, narrowed(many)?))).collect()
}
