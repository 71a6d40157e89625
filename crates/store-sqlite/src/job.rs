//! Work for later: leased for a while, and fenced, so that nobody finishes what another one has taken over.

use jiff::Timestamp;
use shiren_app::job::Job;
use shiren_app::record::{JobCounts, LeasedJob, NewJob};
use shiren_core::id::JobId;
use sqlx::{SqliteConnection, query, query_as};

use crate::error::Result;
use crate::row::{from_json, json, micros, narrowed, parsed};

pub(crate) async fn enqueue(db: &mut SqliteConnection, job: &NewJob) -> Result<bool> {
    let inserted = query(
        "INSERT INTO jobs (id, job, state, due_at, dedup, attempt, fence) VALUES (?, ?, 'waiting', ?, ?, 0, 0)
         ON CONFLICT (dedup) WHERE dedup IS NOT NULL AND state <> 'dead' DO NOTHING",
    )
    .bind(job.id.as_str())
    .bind(json(&job.job)?)
    .bind(micros(job.run_at))
    .bind(job.dedup.as_deref())
    .execute(db)
    .await?;
    Ok(inserted.rows_affected() > 0)
}

/// Whether there is anything to lease: a look that keeps no writer waiting.
pub(crate) async fn any_due(db: &mut SqliteConnection, now: Timestamp) -> Result<bool> {
    let due = query_as::<_, (i64,)>("SELECT 1 FROM jobs WHERE state <> 'dead' AND due_at <= ? LIMIT 1");
    Ok(due.bind(micros(now)).fetch_optional(db).await?.is_some())
}

pub(crate) async fn lease(
    db: &mut SqliteConnection,
    worker: &str,
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<LeasedJob>> {
    let leased = query_as::<_, (String, String, i64, i64)>(
        "UPDATE jobs SET state = 'running', worker = ?1, due_at = ?3, attempt = attempt + 1, fence = fence + 1
         WHERE id = (SELECT id FROM jobs WHERE state <> 'dead' AND due_at <= ?2 ORDER BY due_at, id LIMIT 1)
         RETURNING id, job, attempt, fence",
    )
    .bind(worker)
    .bind(micros(now))
    .bind(micros(until))
    .fetch_optional(db)
    .await?;
    let Some((id, job, attempt, fence)) = leased else { return Ok(None) };
    Ok(Some(LeasedJob { id: parsed(&id)?, job: from_json(&job)?, attempt: narrowed(attempt)?, fence }))
}

pub(crate) async fn heartbeat(db: &mut SqliteConnection, job: &LeasedJob, until: Timestamp) -> Result<bool> {
    let held = query("UPDATE jobs SET due_at = ? WHERE id = ? AND fence = ? AND state = 'running'")
        .bind(micros(until))
        .bind(job.id.as_str())
        .bind(job.fence)
        .execute(db)
        .await?;
    Ok(held.rows_affected() > 0)
}

/// False when the lease was lost.
pub(crate) async fn finish(db: &mut SqliteConnection, job: &LeasedJob) -> Result<bool> {
    let done = query("DELETE FROM jobs WHERE id = ? AND fence = ? AND state = 'running'")
        .bind(job.id.as_str())
        .bind(job.fence)
        .execute(db)
        .await?;
    Ok(done.rows_affected() > 0)
}

pub(crate) async fn retry(
    db: &mut SqliteConnection,
    job: &LeasedJob,
    run_at: Timestamp,
    error: &str,
) -> Result<()> {
    let waiting = "UPDATE jobs SET state = 'waiting', worker = NULL, due_at = ?, error = ?
         WHERE id = ? AND fence = ? AND state = 'running'";
    let_go(db, waiting, job, run_at, error).await
}

pub(crate) async fn bury(
    db: &mut SqliteConnection,
    job: &LeasedJob,
    error: &str,
    now: Timestamp,
) -> Result<()> {
    let dead = "UPDATE jobs SET state = 'dead', worker = NULL, died_at = ?, error = ?
         WHERE id = ? AND fence = ? AND state = 'running'";
    let_go(db, dead, job, now, error).await
}

/// Lets go of a leased job that failed; nothing happens when the lease was lost.
async fn let_go(
    db: &mut SqliteConnection,
    update: &'static str,
    job: &LeasedJob,
    at: Timestamp,
    error: &str,
) -> Result<()> {
    query(update).bind(micros(at)).bind(error).bind(job.id.as_str()).bind(job.fence).execute(db).await?;
    Ok(())
}

pub(crate) async fn counts(db: &mut SqliteConnection) -> Result<JobCounts> {
    let found = query_as::<_, (String, i64)>("SELECT state, COUNT(*) FROM jobs GROUP BY state");
    let mut counts = JobCounts::default();
    for (state, number) in found.fetch_all(db).await? {
        match state.as_str() {
            "waiting" => counts.waiting = number,
            "running" => counts.running = number,
            _ => counts.dead = number,
        }
    }
    Ok(counts)
}

pub(crate) async fn dead(db: &mut SqliteConnection, limit: u32) -> Result<Vec<(JobId, Job, String)>> {
    let found = query_as::<_, (String, String, String)>(
        "SELECT id, job, COALESCE(error, '') FROM jobs WHERE state = 'dead'
         ORDER BY died_at DESC, id DESC LIMIT ?",
    )
    .bind(limit)
    .fetch_all(db)
    .await?;
    found.into_iter().map(|(id, job, error)| Ok((parsed(&id)?, from_json(&job)?, error))).collect()
}

/// Its attempts count from the beginning again; its fence goes on, or a late worker could finish it.
pub(crate) async fn requeue(db: &mut SqliteConnection, id: &JobId, now: Timestamp) -> Result<bool> {
    let put_back = query(
        "UPDATE jobs SET state = 'waiting', due_at = ?, attempt = 0, died_at = NULL
         WHERE id = ? AND state = 'dead'",
    )
    .bind(micros(now))
    .bind(id.as_str())
    .execute(db)
    .await?;
    Ok(put_back.rows_affected() > 0)
}
