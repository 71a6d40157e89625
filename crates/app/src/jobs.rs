//! Jobs that were given up: what must not stand still because of them, and how they are tried again.

use async_trait::async_trait;
use shiren_core::id::{CaseId, ClockId, JobId, SessionId};
use shiren_core::review::{Case, Reviewer};
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::{Reason, Status};
use shiren_core::verification::{Finding, ReasonCode};

use crate::command::Command;
use crate::context::App;
use crate::error::Error;
use crate::job::Job;
use crate::port::Tx;
use crate::record::{DeadJob, LeasedJob};

/// Gives a job up, with what follows from that, in one transaction.
#[derive(Clone)]
struct GiveUp {
    job: LeasedJob,
    why: String,
}

/// Lets a job that was given up be tried again.
#[derive(Clone, Debug)]
pub struct RequeueJob {
    /// Which.
    pub id: JobId,
    /// Who asks for it, as the log names them.
    pub by: String,
}

#[async_trait]
impl Command for GiveUp {
    type Done = ();

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<(), Error> {
        if tx.bury(&self.job, &self.why, app.world_now()).await?.is_err() {
            return Ok(());
        }
        match &self.job.job {
            Job::RunChecks { session } => app.leave_to_a_person(tx, session).await,
            Job::AdvanceClock { clock } => stop(tx, clock).await,
            _ => Ok(()),
        }
    }
}

#[async_trait]
impl Command for RequeueJob {
    type Done = ();

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<(), Error> {
        let dead = tx.dead_job(&self.id).await?.ok_or(Error::NotFound("job that was given up"))?;
        if let Job::RunChecks { session } = &dead.job {
            app.take_from_the_person(tx, session).await?;
        }
        tx.requeue(&self.id, app.world_now()).await?;
        app.audit(tx, &self.by, "job.requeued", self.id.as_str(), dead.job.kind()).await
    }
}

impl App {
    /// Jobs that were given up, newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn dead_jobs(&self, limit: u32) -> Result<Vec<DeadJob>, Error> {
        Ok(self.store.reader().await?.dead_jobs(limit).await?)
    }

    /// Whether something waits for the operator: a job that was given up, an endpoint that takes no webhooks.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn needs_attention(&self) -> Result<bool, Error> {
        let mut tx = self.store.reader().await?;
        if !tx.dead_jobs(1).await?.is_empty() {
            return Ok(true);
        }
        for mode in [Mode::Live, Mode::Test] {
            if tx.endpoints(mode).await?.iter().any(|e| e.disabled.is_some()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Gives a job up: what was to be checked goes to a person, a clock stops.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn give_up(&self, job: &LeasedJob, why: &str) -> Result<(), Error> {
        let given_up = self.run(GiveUp { job: job.clone(), why: why.to_owned() }).await;
        if let Err(error) = given_up {
            // What made the job fail may make this fail too. The job must end all the same: it stays to be looked at.
            tracing::error!(job = %job.id, kind = job.job.kind(), %error, "what follows from giving a job up failed");
            self.store.bury(job, why, self.world_now()).await?;
        }
        Ok(())
    }

    /// What was handed in and cannot be checked goes to a person, who asks for it again or refuses it.
    async fn leave_to_a_person(&self, tx: &mut dyn Tx, id: &SessionId) -> Result<(), Error> {
        let Some(mut stored) = tx.session(id).await?.filter(|s| s.value.status == Status::Processing) else {
            return Ok(());
        };
        let app = self.on_clock(tx, stored.value.clock.as_ref()).await?;
        let session = &mut stored.value;
        // That the operator took the program away is what may have stopped the checks: the newest one has deadlines too.
        let program = match app.program_of(session) {
            Ok(program) => program,
            Err(error) => app.program_named(&session.program.name).ok_or(error)?,
        };
        let finding = Finding::review(ReasonCode::NotChecked);
        let reason =
            Reason { code: finding.code, severity: finding.severity, steps: Vec::new(), region: None };
        let case = CaseId::new(app.world_now(), app.ten());
        let office = app.office_of(tx, session.mode, &session.account).await?;
        let case = Case::open(case, session, vec![reason.clone()], false, program, &office, app.now());
        let happened = session.not_checked(reason, case.id.clone())?;
        app.tell(tx, session, happened).await?;
        app.keep_case(tx, &case).await?;
        Ok(tx.save_session(&stored).await?)
    }

    /// The checks are made after all, if nobody has decided meanwhile: then there is no case any more.
    async fn take_from_the_person(&self, tx: &mut dyn Tx, id: &SessionId) -> Result<(), Error> {
        let Some(mut stored) = tx.session(id).await?.filter(|s| s.value.awaits_checks()) else {
            return Ok(());
        };
        let app = self.on_clock(tx, stored.value.clock.as_ref()).await?;
        if let Some(case) = &stored.value.case {
            app.withdraw_case(tx, case, Reviewer::System, "the checks are made after all").await?;
        }
        let happened = stored.value.check_again()?;
        app.tell(tx, &stored.value, happened).await?;
        Ok(tx.save_session(&stored).await?)
    }
}

/// A clock whose step was given up does not say for ever that it is on its way.
async fn stop(tx: &mut dyn Tx, id: &ClockId) -> Result<(), Error> {
    if let Some(mut clock) = tx.clock(id).await?.filter(|c| c.value.is_advancing()) {
        clock.value.fail();
        tx.save_clock(&clock).await?;
    }
    Ok(())
}
