//! Work for later: leased for a while, and fenced, so that nobody finishes what another one has taken over.

use jiff::Timestamp;
use rusqlite::Connection;
use shiren_app::record::{DeadJob, JobCounts, LeasedJob, NewJob};
use shiren_core::id::{ClockId, JobId};

use crate::error::Result;
use crate::sql::{Select, all, one, run};
use shiren_app::port::row::{from_json, json, micros, narrowed, parsed, time};

/// When a job that is held for its clock can be leased.
const NEVER: i64 = i64::MAX;

pub(crate) fn enqueue(db: &Connection, job: &NewJob) -> Result<bool> {
    let due_at = if job.held_until.is_some() { NEVER } else { micros(job.run_at) };
    let inserted = run(
        db,
        "INSERT INTO jobs (id, job, state, due_at, dedup, clock, held_until, attempt, fence)
         VALUES (?, ?, 'waiting', ?, ?, ?, ?, 0, 0)
         ON CONFLICT (dedup) WHERE dedup IS NOT NULL AND state <> 'dead' DO NOTHING",
        (
            job.id.as_str(),
            json(&job.job)?,
            due_at,
            job.dedup.as_deref(),
            job.clock.as_ref().map(ClockId::as_str),
            job.held_until.map(micros),
        ),
    )?;
    Ok(inserted > 0)
}

/// Whether there is anything to lease: a look that keeps no writer waiting.
pub(crate) fn any_due(db: &Connection, now: Timestamp) -> Result<bool> {
    Ok(one::<(i64,)>(db, "SELECT 1 FROM jobs WHERE state <> 'dead' AND due_at <= ? LIMIT 1", (micros(now),))?
        .is_some())
}

pub(crate) fn lease(
    db: &Connection,
    worker: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<LeasedJob>> {
    let leased = one::<(String, String, Option<String>, i64, i64)>(db, "UPDATE jobs SET state = 'running', worker = ?1, due_at = ?3, attempt = attempt + 1, fence = fence + 1
         WHERE id = (SELECT id FROM jobs WHERE state <> 'dead' AND due_at <= ?2 ORDER BY due_at, id LIMIT 1)
         RETURNING id, job, clock, attempt, fence", (worker, micros(now), micros(until)))?;
    let Some((id, job, clock, attempt, fence)) = leased else { return Ok(None) };
    let clock = clock.as_deref().map(parsed).transpose()?;
    Ok(Some(LeasedJob { id: parsed(&id)?, job: from_json(&job)?, clock, attempt: narrowed(attempt)?, fence }))
}

pub(crate) fn heartbeat(db: &Connection, job: &LeasedJob, until: Timestamp) -> Result<bool> {
    let held = run(
        db,
        "UPDATE jobs SET due_at = ? WHERE id = ? AND fence = ? AND state = 'running'",
        (micros(until), job.id.as_str(), job.fence),
    )?;
    Ok(held > 0)
}

/// False when the lease was lost.
pub(crate) fn finish(db: &Connection, job: &LeasedJob) -> Result<bool> {
    let done = run(
        db,
        "DELETE FROM jobs WHERE id = ? AND fence = ? AND state = 'running'",
        (job.id.as_str(), job.fence),
    )?;
    Ok(done > 0)
}

pub(crate) fn retry(db: &Connection, job: &LeasedJob, run_at: Timestamp, error: &str) -> Result<()> {
    let waiting = "UPDATE jobs SET state = 'waiting', worker = NULL, due_at = ?, error = ?
         WHERE id = ? AND fence = ? AND state = 'running'";
    let_go(db, waiting, job, run_at, error).map(drop)
}

/// False when the lease was lost.
pub(crate) fn bury(db: &Connection, job: &LeasedJob, error: &str, now: Timestamp) -> Result<bool> {
    let dead = "UPDATE jobs SET state = 'dead', worker = NULL, died_at = ?, error = ?
         WHERE id = ? AND fence = ? AND state = 'running'";
    let_go(db, dead, job, now, error)
}

/// Lets go of a leased job that failed; false, and nothing happens, when the lease was lost.
fn let_go(
    db: &Connection,
    update: &'static str,
    job: &LeasedJob,
    at: Timestamp,
    error: &str,
) -> Result<bool> {
    Ok(run(db, update, (micros(at), error, job.id.as_str(), job.fence))? > 0)
}

pub(crate) fn counts(db: &Connection) -> Result<JobCounts> {
    let mut counts = JobCounts::default();
    for (state, number) in all::<(String, i64)>(db, "SELECT state, COUNT(*) FROM jobs GROUP BY state", ())? {
        match state.as_str() {
            "waiting" => counts.waiting = number,
            "running" => counts.running = number,
            _ => counts.dead = number,
        }
    }
    Ok(counts)
}

const DEAD: &str = "SELECT id, job, COALESCE(error, ''), COALESCE(died_at, 0) FROM jobs WHERE state = 'dead'";

type Dead = (String, String, String, i64);

pub(crate) fn dead(db: &Connection, limit: u32) -> Result<Vec<DeadJob>> {
    let found = Select::new(DEAD).with(" ORDER BY died_at DESC, id DESC LIMIT ?", Some(limit));
    found.all::<Dead>(db)?.into_iter().map(dead_job).collect()
}

pub(crate) fn dead_of(db: &Connection, id: &JobId) -> Result<Option<DeadJob>> {
    let found = Select::new(DEAD).with(" AND id = ?", Some(id.to_string()));
    found.all::<Dead>(db)?.into_iter().next().map(dead_job).transpose()
}

fn dead_job((id, job, error, died_at): Dead) -> Result<DeadJob> {
    Ok(DeadJob { id: parsed(&id)?, job: from_json(&job)?, error, died_at: time(died_at)? })
}

/// Its attempts count from the beginning again; its fence goes on, or a late worker could finish it.
pub(crate) fn requeue(db: &Connection, id: &JobId, now: Timestamp) -> Result<bool> {
    let put_back = run(
        db,
        "UPDATE jobs SET state = 'waiting', due_at = ?, attempt = 0, died_at = NULL
         WHERE id = ? AND state = 'dead'",
        (micros(now), id.as_str()),
    )?;
    Ok(put_back > 0)
}
