//! Clocks that are turned by hand, in test mode (row G2).
//!
//! A clock on its way goes from due job to due job. A step is one transaction: the clock shows the job's time, its jobs
//! are released to the workers, and the next step is a job too, so that a clock goes on where a killed worker left it.
//! The next step waits until every released job has ended, done or given up.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use shiren_core::clock::{Step, TestClock};
use shiren_core::id::ClockId;
use shiren_core::verification::program::Mode;

use crate::command::Command;
use crate::context::App;
use crate::error::Error;
use crate::job::Job;
use crate::port::{ClockQuery, Tx};
use crate::record::LeasedJob;
use crate::sessions::invalid;

/// After so long it is looked again whether the released jobs have ended.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_millis(50);
/// Released jobs are due a moment earlier than the step behind them, so that whoever leases next takes them first.
const AHEAD: SignedDuration = SignedDuration::from_micros(1);

/// Makes a clock.
#[derive(Clone, Debug)]
pub struct CreateClock {
    /// The caller's mode: only test mode has clocks.
    pub mode: Mode,
    /// In the caller's words.
    pub name: String,
    /// What it shows at first; the world's time without it.
    pub now: Option<Timestamp>,
}

/// How far a clock is turned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Until it shows this.
    To(Timestamp),
    /// By so much.
    By(SignedDuration),
}

/// Sends a clock on its way.
#[derive(Clone, Debug)]
pub struct AdvanceClock {
    /// The caller's mode.
    pub mode: Mode,
    /// Which clock.
    pub id: ClockId,
    /// How far.
    pub turn: Turn,
}

/// Deletes a clock.
#[derive(Clone, Debug)]
pub struct DeleteClock {
    /// The caller's mode.
    pub mode: Mode,
    /// Which clock.
    pub id: ClockId,
}

#[async_trait]
impl Command for DeleteClock {
    type Done = TestClock;

    const RINGS: bool = false;

    async fn perform(self, _: &App, tx: &mut dyn Tx) -> Result<TestClock, Error> {
        test_only(self.mode)?;
        let mut clock = tx.clock(&self.id).await?.ok_or(Error::NotFound("clock"))?;
        clock.value.delete()?;
        tx.save_clock(&clock).await?;
        Ok(clock.value)
    }
}

#[async_trait]
impl Command for CreateClock {
    type Done = TestClock;

    const RINGS: bool = false;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<TestClock, Error> {
        test_only(self.mode)?;
        let real = app.world_now();
        let id = ClockId::new(real, app.ten());
        let clock = TestClock::create(id, self.name, self.now.unwrap_or(real), real)?;
        tx.insert_clock(&clock).await?;
        Ok(clock)
    }
}

#[async_trait]
impl Command for AdvanceClock {
    type Done = TestClock;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<TestClock, Error> {
        test_only(self.mode)?;
        let mut clock = tx.clock(&self.id).await?.ok_or(Error::NotFound("clock"))?;
        let to = match self.turn {
            Turn::To(to) => to,
            Turn::By(by) => clock.value.now.saturating_add(by).unwrap_or(Timestamp::MAX),
        };
        clock.value.advance(to)?;
        tx.save_clock(&clock).await?;
        app.enqueue(tx, Job::AdvanceClock { clock: self.id }, app.world_now(), None).await?;
        Ok(clock.value)
    }
}

impl App {
    /// Whether something new may live by this clock.
    ///
    /// # Errors
    /// Outside test mode; when there is no such clock, or it was deleted.
    pub(crate) async fn sound_clock(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        clock: Option<&ClockId>,
    ) -> Result<(), Error> {
        let Some(clock) = clock else { return Ok(()) };
        test_only(mode)?;
        match tx.clock(clock).await? {
            Some(clock) if clock.value.deleted => Err(invalid("test_clock", "this clock was deleted")),
            Some(_) => Ok(()),
            None => Err(invalid("test_clock", "there is no such clock")),
        }
    }

    /// A clock.
    ///
    /// # Errors
    /// When there is none, or outside test mode.
    pub async fn test_clock(&self, mode: Mode, id: &ClockId) -> Result<TestClock, Error> {
        test_only(mode)?;
        let clock = self.store.reader().await?.clock(id).await?;
        Ok(clock.ok_or(Error::NotFound("clock"))?.value)
    }

    /// Lists clocks, newest first.
    ///
    /// # Errors
    /// Outside test mode.
    pub async fn test_clocks(&self, mode: Mode, query: &ClockQuery) -> Result<Vec<TestClock>, Error> {
        test_only(mode)?;
        Ok(self.store.reader().await?.clocks(query).await?)
    }

    /// Brings a clock one step further, if nothing is left to wait for where it stands.
    pub(crate) async fn advance_clock(&self, id: &ClockId, job: &LeasedJob) -> Result<(), Error> {
        let now = self.world_now();
        let mut tx = self.store.begin().await?;
        if tx.finish(job).await?.is_err() {
            return Ok(());
        }
        let Some(mut clock) = tx.clock(id).await?.filter(|c| c.value.is_advancing()) else {
            return Ok(tx.commit().await?);
        };
        let work = tx.clock_work(id).await?;
        let again = if work.released > 0 {
            Some(now.saturating_add(LOOK_AGAIN).unwrap_or(now))
        } else {
            let step = clock.value.step(work.next);
            tx.save_clock(&clock).await?;
            match step {
                Step::Due(at) => {
                    let due = now.saturating_sub(AHEAD).unwrap_or(now);
                    tx.release_jobs(id, at, due).await?;
                    Some(now)
                }
                Step::Arrived => None,
            }
        };
        if let Some(at) = again {
            self.enqueue(tx.as_mut(), Job::AdvanceClock { clock: id.clone() }, at, None).await?;
        }
        tx.commit().await?;
        self.bell.notify_one();
        Ok(())
    }
}

fn test_only(mode: Mode) -> Result<(), Error> {
    if mode == Mode::Test { Ok(()) } else { Err(Error::TestModeOnly) }
}
