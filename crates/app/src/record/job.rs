//! Work for later, and how much of it there is.

use jiff::Timestamp;
use shiren_core::id::{ClockId, JobId};

use crate::job::Job;

/// A piece of work to be done later. Ids only, never personal data.
#[derive(Clone, Debug, PartialEq)]
pub struct NewJob {
    /// Its id.
    pub id: JobId,
    /// What is to be done.
    pub job: Job,
    /// Not before, by the world's time.
    pub run_at: Timestamp,
    /// Which clock it belongs to: the clock waits for it, and it is done at the clock's time.
    pub clock: Option<ClockId>,
    /// Not before that clock shows this: until it is released there, `run_at` does not count.
    pub held_until: Option<Timestamp>,
    /// While a job of this key is waiting or running, another one is not enqueued.
    pub dedup: Option<String>,
}

/// A job that a worker holds for a while.
#[derive(Clone, Debug, PartialEq)]
pub struct LeasedJob {
    /// Its id.
    pub id: JobId,
    /// What is to be done.
    pub job: Job,
    /// Which clock it belongs to.
    pub clock: Option<ClockId>,
    /// 1 for the first.
    pub attempt: u32,
    /// Counts up with every lease: what was leased again cannot be finished under an older one.
    pub fence: i64,
}

/// A job that was given up.
#[derive(Clone, Debug, PartialEq)]
pub struct DeadJob {
    /// Its id.
    pub id: JobId,
    /// What was to be done.
    pub job: Job,
    /// Why the last attempt failed.
    pub error: String,
    /// When it was given up, by the world's time.
    pub died_at: Timestamp,
}

/// What a clock has to wait for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClockWork {
    /// Jobs of it that were released, and are neither done nor given up.
    pub released: i64,
    /// The earliest time that a job of it is held until.
    pub next: Option<Timestamp>,
}

/// How many jobs wait, run, and were given up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobCounts {
    /// Waiting, due or not.
    pub waiting: i64,
    /// Held by a worker.
    pub running: i64,
    /// Given up.
    pub dead: i64,
}
