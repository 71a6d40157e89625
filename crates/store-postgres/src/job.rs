//! Work for later: leased for a while, and fenced, so that nobody finishes what another one has taken over.

use jiff::Timestamp;
use shiren_app::record::{DeadJob, JobCounts, LeasedJob, NewJob};
use shiren_core::id::{ClockId, JobId};
use sqlx::PgConnection;

use crate::error::Result;
use crate::sql::{Select, all, one, run};
use shiren_app::port::row::{from_json, json, micros, narrowed, parsed, time};

/// When a job that is held for its clock can be leased.
const NEVER: i64 = i64::MAX;

pub(crate) async fn enqueue(db: &mut PgConnection, job: &NewJob) -> Result<bool> {
    let due_at = if job.held_until.is_some() { NEVER } else { micros(job.run_at) };
    let inserted = run(
        db,
        "INSERT INTO jobs (id, job, state, due_at, dedup, clock, held_until, attempt, fence)
         VALUES ($1, $2, 'waiting', $3, $4, $5, $6, 0, 0)
         ON CONFLICT (dedup) WHERE dedup IS NOT NULL AND state <> 'dead' DO NOTHING",
        (
            job.id.as_str(),
            json(&job.job)?,
            due_at,
            job.dedup.as_deref(),
            job.clock.as_ref().map(ClockId::as_str),
            job.held_until.map(micros),
        ),
    )
    .await?;
    Ok(inserted > 0)
}

/// Passes by what another worker is just leasing or ending.
pub(crate) async fn lease(
    db: &mut PgConnection,
    worker: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<LeasedJob>> {
    let leased = one::<(String, String, Option<String>, i64, i64)>(db, "UPDATE jobs SET state = 'running', worker = $1, due_at = $3, attempt = attempt + 1, fence = fence + 1
         WHERE id = (SELECT id FROM jobs WHERE state <> 'dead' AND due_at <= $2 ORDER BY due_at, id LIMIT 1
                     FOR UPDATE SKIP LOCKED)
         RETURNING id, job, clock, attempt, fence", (worker, micros(now), micros(until))).await?;
    let Some((id, job, clock, attempt, fence)) = leased else { return Ok(None) };
    let clock = clock.as_deref().map(parsed).transpose()?;
    Ok(Some(LeasedJob { id: parsed(&id)?, job: from_json(&job)?, clock, attempt: narrowed(attempt)?, fence }))
}

pub(crate) async fn heartbeat(db: &mut PgConnection, job: &LeasedJob, until: Timestamp) -> Result<bool> {
    let held = run(
        db,
        "UPDATE jobs SET due_at = $1 WHERE id = $2 AND fence = $3 AND state = 'running'",
        (micros(until), job.id.as_str(), job.fence),
    )
    .await?;
    Ok(held > 0)
}

/// False when the lease was lost.
pub(crate) async fn finish(db: &mut PgConnection, job: &LeasedJob) -> Result<bool> {
    let done = run(
        db,
        "DELETE FROM jobs WHERE id = $1 AND fence = $2 AND state = 'running'",
        (job.id.as_str(), job.fence),
    )
    .await?;
    Ok(done > 0)
}

pub(crate) async fn retry(
    db: &mut PgConnection,
    job: &LeasedJob,
    run_at: Timestamp,
    error: &str,
) -> Result<()> {
    let waiting = "UPDATE jobs SET state = 'waiting', worker = NULL, due_at = $1, error = $2
         WHERE id = $3 AND fence = $4 AND state = 'running'";
    let_go(db, waiting, job, run_at, error).await.map(drop)
}

/// False when the lease was lost.
pub(crate) async fn bury(
    db: &mut PgConnection,
    job: &LeasedJob,
    error: &str,
    now: Timestamp,
) -> Result<bool> {
    let dead = "UPDATE jobs SET state = 'dead', worker = NULL, died_at = $1, error = $2
         WHERE id = $3 AND fence = $4 AND state = 'running'";
    let_go(db, dead, job, now, error).await
}

/// Lets go of a leased job that failed; false, and nothing happens, when the lease was lost.
async fn let_go(
    db: &mut PgConnection,
    update: &'static str,
    job: &LeasedJob,
    at: Timestamp,
    error: &str,
) -> Result<bool> {
    Ok(run(db, update, (micros(at), error, job.id.as_str(), job.fence)).await? > 0)
}

pub(crate) async fn counts(db: &mut PgConnection) -> Result<JobCounts> {
    let mut counts = JobCounts::default();
    for (state, number) in
        all::<(String, i64)>(db, "SELECT state, COUNT(*) FROM jobs GROUP BY state", ()).await?
    {
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

pub(crate) async fn dead(db: &mut PgConnection, limit: u32) -> Result<Vec<DeadJob>> {
    let found = Select::new(DEAD).with(" ORDER BY died_at DESC, id DESC LIMIT ?", Some(limit));
    found.all::<Dead>(db).await?.into_iter().map(dead_job).collect()
}

pub(crate) async fn dead_of(db: &mut PgConnection, id: &JobId) -> Result<Option<DeadJob>> {
    let found = Select::new(DEAD).with(" AND id = ?", Some(id.to_string()));
    found.all::<Dead>(db).await?.into_iter().next().map(dead_job).transpose()
}

fn dead_job((id, job, error, died_at): Dead) -> Result<DeadJob> {
    Ok(DeadJob { id: parsed(&id)?, job: from_json(&job)?, error, died_at: time(died_at)? })
}

/// Its attempts count from the beginning again; its fence goes on, or a late worker could finish it.
pub(crate) async fn requeue(db: &mut PgConnection, id: &JobId, now: Timestamp) -> Result<bool> {
    let put_back = run(
        db,
        "UPDATE jobs SET state = 'waiting', due_at = $1, attempt = 0, died_at = NULL
         WHERE id = $2 AND state = 'dead'",
        (micros(now), id.as_str()),
    )
    .await?;
    Ok(put_back > 0)
}
