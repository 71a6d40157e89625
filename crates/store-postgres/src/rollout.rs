//! Rollouts, and whom they mean.

use jiff::Timestamp;
use jiff::civil::Date;
use shiren_app::port::RolloutQuery;
use shiren_app::record::{DueMember, MemberCounts, MemberState, Stored};
use shiren_core::id::RolloutId;
use shiren_core::rollout::Rollout;
use sqlx::PgConnection;

use crate::error::Result;
use crate::sql::{Hold, Select, all, held, one, run, sole};
use shiren_app::port::row::{all_from_json, changed, json, micros, narrowed, parsed, stored, time};

pub(crate) async fn get(
    db: &mut PgConnection,
    hold: Hold,
    id: &RolloutId,
) -> Result<Option<Stored<Rollout>>> {
    Ok(stored(
        one(db, held!(hold, "SELECT version, body FROM rollouts WHERE id = $1"), (id.as_str(),)).await?,
    )?)
}

pub(crate) async fn insert(db: &mut PgConnection, rollout: &Rollout) -> Result<()> {
    let sql = "INSERT INTO rollouts (id, version, mode, status, body) VALUES ($1, 1, $2, $3, $4)";
    run(db, sql, (rollout.id.as_str(), rollout.mode.name(), rollout.status.name(), json(rollout)?)).await?;
    Ok(())
}

pub(crate) async fn save(db: &mut PgConnection, rollout: &Stored<Rollout>) -> Result<()> {
    let sql =
        "UPDATE rollouts SET version = version + 1, status = $1, body = $2 WHERE id = $3 AND version = $4";
    let of = &rollout.value;
    let saved = run(db, sql, (of.status.name(), json(of)?, of.id.as_str(), rollout.version)).await?;
    Ok(changed(saved)?)
}

pub(crate) async fn list(db: &mut PgConnection, wanted: &RolloutQuery) -> Result<Vec<Rollout>> {
    let found = Select::new("SELECT body FROM rollouts WHERE 1 = 1")
        .with(" AND mode = ?", Some(wanted.mode.name().to_owned()))
        .with(" AND status = ?", wanted.status.map(|s| s.name().to_owned()))
        .with(" AND id < ?", wanted.after.as_ref().map(ToString::to_string))
        .with(" ORDER BY id DESC LIMIT ?", Some(wanted.limit));
    Ok(all_from_json(found.all(db).await?)?)
}

pub(crate) async fn enrol(
    db: &mut PgConnection,
    rollout: &RolloutId,
    members: &[(String, u8)],
) -> Result<()> {
    for (account, place) in members {
        let sql = "INSERT INTO rollout_members (rollout, account, place, state, day)
                   VALUES ($1, $2, $3, 'waiting', '') ON CONFLICT DO NOTHING";
        run(db, sql, (rollout.as_str(), account.as_str(), *place)).await?;
    }
    Ok(())
}

pub(crate) async fn waiting(
    db: &mut PgConnection,
    rollout: &RolloutId,
    below: u8,
    limit: u32,
) -> Result<Vec<String>> {
    let found: Vec<(String,)> = all(
        db,
        "SELECT account FROM rollout_members WHERE rollout = $1 AND state = 'waiting' AND place < $2
         ORDER BY place, account LIMIT $3",
        (rollout.as_str(), below, limit),
    )
    .await?;
    Ok(found.into_iter().map(|(account,)| account).collect())
}

/// Those who are due first, first.
pub(crate) async fn due(
    db: &mut PgConnection,
    rollout: &RolloutId,
    until: Timestamp,
    limit: u32,
) -> Result<Vec<DueMember>> {
    let found: Vec<(String, String, i64)> = all(
        db,
        "SELECT account, day, due_at FROM rollout_members
         WHERE rollout = $1 AND state = 'due' AND due_at <= $2 ORDER BY due_at, account LIMIT $3",
        (rollout.as_str(), micros(until), limit),
    )
    .await?;
    let member = |(account, day, at): (String, String, i64)| {
        Ok(DueMember { account, day: parsed(&day)?, at: time(at)? })
    };
    found.into_iter().map(member).collect()
}

pub(crate) async fn settle(
    db: &mut PgConnection,
    rollout: &RolloutId,
    account: &str,
    state: MemberState,
    day: Date,
) -> Result<()> {
    let sql = "UPDATE rollout_members SET state = $1, day = $2, due_at = $3
               WHERE rollout = $4 AND account = $5 AND state IN ('waiting', 'due')";
    let due_at = state.due_at().map(micros);
    let settled = run(db, sql, (state.name(), day.to_string(), due_at, rollout.as_str(), account)).await?;
    Ok(changed(settled)?)
}

pub(crate) async fn taken_on(db: &mut PgConnection, rollout: &RolloutId, day: Date) -> Result<u32> {
    let sql = "SELECT COUNT(*) FROM rollout_members
               WHERE rollout = $1 AND day = $2 AND state IN ('asked', 'due')";
    let (taken,) = sole::<(i64,)>(db, sql, (rollout.as_str(), day.to_string())).await?;
    Ok(narrowed(taken)?)
}

pub(crate) async fn counts(db: &mut PgConnection, rollout: &RolloutId) -> Result<MemberCounts> {
    let found: Vec<(String, i64, i64)> = all(
        db,
        "SELECT state, place, COUNT(*) FROM rollout_members WHERE rollout = $1 GROUP BY state, place",
        (rollout.as_str(),),
    )
    .await?;
    let mut counts = MemberCounts::default();
    for (state, place, many) in found {
        counts.add(&state, narrowed(place)?, narrowed(many)?);
    }
    Ok(counts)
}

/// Days are written so that their order is that of their texts.
pub(crate) async fn asked_by_day(db: &mut PgConnection, rollout: &RolloutId) -> Result<Vec<(Date, u32)>> {
    let found: Vec<(String, i64)> = all(
        db,
        "SELECT day, COUNT(*) FROM rollout_members WHERE rollout = $1 AND state = 'asked'
         GROUP BY day ORDER BY day",
        (rollout.as_str(),),
    )
    .await?;
    found.into_iter().map(|(day, many)| Ok((parsed(&day)?, narrowed(many)?))).collect()
}
