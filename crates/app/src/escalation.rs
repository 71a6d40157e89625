//! The deadlines of cases: escalated, then overdue, each told once, and nothing passes by itself.

use shiren_core::id::CaseId;
use shiren_core::review::{Case, Lateness};

use crate::context::App;
use crate::error::Error;
use crate::event::{CASE_ESCALATED, CASE_OPENED, CASE_OVERDUE};
use crate::job::Job;
use crate::port::Tx;
use crate::record::LeasedJob;

impl App {
    /// Keeps a case that was just opened, tells of it, and sees to its deadlines by the clock of its session, whose app
    /// this is.
    pub(crate) async fn keep_case(&self, tx: &mut dyn Tx, case: &Case) -> Result<(), Error> {
        tx.insert_case(case).await?;
        self.tell_case(tx, case, CASE_OPENED).await?;
        self.watch_case(tx, case).await
    }

    async fn watch_case(&self, tx: &mut dyn Tx, case: &Case) -> Result<(), Error> {
        let Some(at) = case.later_at() else { return Ok(()) };
        self.enqueue(tx, Job::CaseDeadline { case: case.id.clone() }, at, None).await
    }

    /// Lets a deadline of a case happen, and ends the job with it. Too early, or once it is decided, it changes nothing.
    pub(crate) async fn case_deadline(&self, id: &CaseId, job: &LeasedJob) -> Result<(), Error> {
        let mut tx = self.store.begin().await?;
        if tx.finish(job).await?.is_err() {
            return Ok(());
        }
        let mut case = tx.case(id).await?.ok_or(Error::NotFound("case"))?;
        let app = self.on_clock(tx.as_mut(), case.value.clock.as_ref()).await?;
        let became = case.value.look_at_the_clock(app.now());
        if !became.is_empty() {
            tx.save_case(&case).await?;
        }
        for late in became {
            let what = if late == Lateness::Overdue { CASE_OVERDUE } else { CASE_ESCALATED };
            app.tell_case(tx.as_mut(), &case.value, what).await?;
        }
        app.watch_case(tx.as_mut(), &case.value).await?;
        tx.commit().await?;
        self.bell.notify_one();
        Ok(())
    }
}
