//! The worker: leases jobs one after the other and does them, until it is told to stop.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp, ToSpan as _};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::context::App;
use crate::endpoints::Delivered;
use crate::error::Error;
use crate::job::Job;
use crate::record::LeasedJob;

/// A lease lasts so long, and is renewed at a third of it: a killed worker's job comes back after it, while somebody
/// may be looking at *checking*.
const LEASE: SignedDuration = SignedDuration::from_secs(12);
/// Without work, the store is asked again after so long; the bell rings sooner.
const NAP: Duration = Duration::from_millis(500);
/// A job that fails is tried so often, then it is buried. Webhooks have a schedule of their own.
const ATTEMPTS: u32 = 12;
/// Longest wait before another attempt.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(1);

impl App {
    /// Works until told to stop; the job at hand is finished first. `name` tells workers apart.
    pub async fn work(self: Arc<Self>, name: String, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            match self.work_once(&name).await {
                Ok(true) => {}
                Ok(false) => {
                    tokio::select! {
                        () = sleep(NAP) => {}
                        () = self.bell.notified() => {}
                        _ = stop.changed() => {}
                    }
                }
                Err(error) => {
                    tracing::error!(worker = name, %error, "the store fails");
                    sleep(NAP).await;
                }
            }
        }
    }

    /// Does one job that is due; false when there is none.
    ///
    /// # Errors
    /// When the store itself fails. A job that fails is no error: it is put back.
    pub async fn work_once(&self, name: &str) -> Result<bool, Error> {
        let now = self.world_now();
        let Some(job) = self.store.lease(name, now, later(now, LEASE)).await? else { return Ok(false) };
        let (kind, started) = (job.job.kind(), std::time::Instant::now());
        tracing::debug!(job = %job.id, kind, attempt = job.attempt, "job begins");
        let done = tokio::select! {
            done = self.perform(&job) => done,
            () = self.hold(&job) => return Ok(true),
        };
        metric(kind, done.is_ok(), started.elapsed());
        if let Err(error) = done {
            tracing::warn!(job = %job.id, kind, attempt = job.attempt, %error, "the job failed");
            self.put_back(&job, &error.to_string()).await?;
        }
        Ok(true)
    }

    /// Renews the lease for ever; ends when it was lost, and with it the work.
    async fn hold(&self, job: &LeasedJob) {
        loop {
            sleep(Duration::from_secs(LEASE.as_secs().unsigned_abs() / 3)).await;
            match self.store.heartbeat(job, later(self.world_now(), LEASE)).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => tracing::warn!(job = %job.id, %error, "the lease could not be renewed"),
            }
        }
    }

    async fn perform(&self, job: &LeasedJob) -> Result<(), Error> {
        let app = match &job.clock {
            Some(clock) => &self.on_clock(self.store.reader().await?.as_mut(), Some(clock)).await?,
            None => self,
        };
        match &job.job {
            // These end the job in the transaction of its effect.
            Job::RunChecks { session } => return app.run_checks(session, job).await,
            Job::StaffDeadline { mode, staff } => return app.staff_deadline(*mode, staff, job).await,
            Job::FollowExemptions { mode, after } => {
                return self.follow_exemptions_of(*mode, after.clone(), job).await;
            }
            Job::RecheckDeadline { mode, shop } => return app.recheck_deadline(*mode, shop, job).await,
            Job::EnrolRollout { rollout, after } => {
                return app.enrol_rollout(rollout, after.clone(), job).await;
            }
            Job::RunRollout { rollout } => return app.run_rollout(rollout, job).await,
            Job::CaseDeadline { case } => return app.case_deadline(case, job).await,
            Job::EraseRecords { mode, account } => return app.erase_records(*mode, account, job).await,
            Job::EndBan { ban } => return app.ban_term(ban, job).await,
            Job::AfterSalesDeadline { aftersales } => return app.aftersales_deadline(aftersales, job).await,
            Job::AdvanceClock { clock } => return self.advance_clock(clock, job).await,
            Job::DeliverWebhook { event, endpoint } => {
                let delivered = self.deliver(event, endpoint, job).await?;
                return self.after(job, delivered).await;
            }
            Job::ReplayWebhooks { endpoint, span } => return self.replay(endpoint, span, job).await,
            Job::SendNotice { notice } => {
                let sent = self.send_notice(notice, job.attempt).await?;
                return self.after(job, sent).await;
            }
            Job::ExpireSession { session } => app.expire_session(session).await?,
            Job::EndExport { session } => app.end_export(session).await?,
            Job::DeletePictures { session } => app.delete_pictures(session).await?,
            Job::SweepPicture { evidence } => self.sweep_picture(evidence).await?,
            Job::SweepUpload { upload } => self.sweep_upload(upload).await?,
            Job::SweepAttachment { aftersales, attachment } => {
                self.sweep_attachment(aftersales, attachment).await?;
            }
            // Busy: somebody reads; tried again like any job that fails.
            Job::Scrub => self.store.scrub().await?,
        }
        self.finished(job).await
    }

    /// What becomes of a job that reached somebody outside, or did not.
    async fn after(&self, job: &LeasedJob, delivered: Delivered) -> Result<(), Error> {
        match delivered {
            Delivered::Done => self.finished(job).await,
            Delivered::Again(wait, why) => {
                let wait = SignedDuration::try_from(wait).unwrap_or(LONGEST_WAIT);
                Ok(self.store.retry(job, later(self.world_now(), wait), &why).await?)
            }
            Delivered::GivenUp(why) => self.give_up(job, &why).await,
        }
    }

    async fn finished(&self, job: &LeasedJob) -> Result<(), Error> {
        let mut tx = self.store.begin().await?;
        if tx.finish(job).await?.is_ok() {
            tx.commit().await?;
        }
        Ok(())
    }

    /// Full jitter (AWS Architecture Blog, "Exponential backoff and jitter"): between nothing and twice as long as
    /// last time, so that jobs that failed together do not come back together.
    async fn put_back(&self, job: &LeasedJob, error: &str) -> Result<(), Error> {
        let now = self.world_now();
        if job.attempt >= ATTEMPTS {
            return self.give_up(job, error).await;
        }
        let most = SignedDuration::from_secs(1 << job.attempt.min(12)).min(LONGEST_WAIT);
        let mut byte = [0; 2];
        self.entropy.fill(&mut byte);
        let share = f64::from(u16::from_le_bytes(byte)) / f64::from(u16::MAX);
        let wait = SignedDuration::from_secs_f64(most.as_secs_f64() * share);
        Ok(self.store.retry(job, later(now, wait), error).await?)
    }

    /// Deletes what is over: links, visits, sign-ins, idempotent answers.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sweep(&self) -> Result<u64, Error> {
        let mut tx = self.store.begin().await?;
        let swept = tx.sweep(self.world_now()).await?;
        tx.commit().await?;
        Ok(swept)
    }
}

fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.saturating_add(by).unwrap_or_else(|_| now.saturating_add(1.hour()).unwrap_or(Timestamp::MAX))
}

fn metric(kind: &'static str, ok: bool, took: Duration) {
    let outcome = if ok { "done" } else { "failed" };
    metrics::histogram!("shiren_job_seconds", "kind" => kind, "outcome" => outcome)
        .record(took.as_secs_f64());
    tracing::debug!(kind, outcome, ms = took.as_millis() as u64, "job");
}
