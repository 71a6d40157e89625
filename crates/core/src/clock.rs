//! Clocks that are turned by hand (row G2): in test mode accounts, sessions and jobs belong to one, and live by its
//! time instead of the world's.
//!
//! ```text
//! ready ── advance(to) ──▶ advancing ── step, from due job to due job ──▶ ready
//!                              └── a step is given up ──▶ failed ── advance(to) ──▶ advancing
//! ```
//!
//! A clock goes forward only. It does not jump: it stops at the time of every job on its way until that job has run,
//! so that what a deadline causes happens before the next one, in the order of time.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::id::ClockId;

/// Furthest that a clock may be turned at once: ten years and the leap days in them.
pub const FURTHEST: SignedDuration = SignedDuration::from_hours(24 * 3653);

/// A clock of test mode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestClock {
    /// Its id.
    pub id: ClockId,
    /// In the words of whoever made it, at most 100 characters.
    pub name: String,
    /// What it shows, in whole microseconds, as stores keep times.
    pub now: Timestamp,
    /// Where it is going; `None` when it stands still.
    pub target: Option<Timestamp>,
    /// When it was made, by the world's time.
    pub created_at: Timestamp,
    /// Whether it stopped on its way, because a step of it was given up. It can be sent on.
    #[serde(default)]
    pub failed: bool,
    /// Whether it was deleted: it stands still for good, and what belongs to it stays readable as it was then.
    #[serde(default)]
    pub deleted: bool,
}

/// Where a clock goes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It stands where jobs are due, which must run before it goes on.
    Due(Timestamp),
    /// It has arrived.
    Arrived,
}

/// A clock that is not turned so. It is unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClockRefusal {
    /// Backwards.
    #[error("the clock shows {0} and goes forward only")]
    Backwards(Timestamp),
    /// It is on its way already.
    #[error("the clock is advancing to {0}; wait until it is ready")]
    Advancing(Timestamp),
    /// Further than it may go at once.
    #[error("a clock is turned by ten years at most")]
    TooFar,
    /// It was deleted.
    #[error("the clock was deleted and stands still")]
    Deleted,
    /// No name that can be.
    #[error("a name has at most 100 printable characters")]
    Name,
}

impl ClockRefusal {
    /// The stable name, for problems.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Backwards(_) => "clock_backwards",
            Self::Advancing(_) => "clock_advancing",
            Self::TooFar => "clock_too_far",
            Self::Deleted => "clock_deleted",
            Self::Name => "clock_name_unsound",
        }
    }
}

impl TestClock {
    /// Makes one that shows `now`.
    ///
    /// # Errors
    /// When the name is too long or holds control characters.
    pub fn create(id: ClockId, name: String, now: Timestamp, real: Timestamp) -> Result<Self, ClockRefusal> {
        if name.chars().count() > 100 || name.chars().any(char::is_control) {
            return Err(ClockRefusal::Name);
        }
        Ok(Self { id, name, now: whole(now), target: None, created_at: real, failed: false, deleted: false })
    }

    /// Sends it on its way. To where it stands already is allowed: what is due there runs.
    ///
    /// # Errors
    /// Backwards, too far, while it is on its way, or when it was deleted.
    pub fn advance(&mut self, to: Timestamp) -> Result<(), ClockRefusal> {
        if self.deleted {
            return Err(ClockRefusal::Deleted);
        }
        if let Some(target) = self.target {
            return Err(ClockRefusal::Advancing(target));
        }
        let to = whole(to);
        if to < self.now {
            return Err(ClockRefusal::Backwards(self.now));
        }
        if to.duration_since(self.now) > FURTHEST {
            return Err(ClockRefusal::TooFar);
        }
        self.target = Some(to);
        self.failed = false;
        Ok(())
    }

    /// Deletes it: it goes nowhere any more, and nothing new lives by it. Twice is once.
    ///
    /// # Errors
    /// While it is on its way.
    pub fn delete(&mut self) -> Result<(), ClockRefusal> {
        match self.target {
            Some(target) => Err(ClockRefusal::Advancing(target)),
            None => {
                self.deleted = true;
                Ok(())
            }
        }
    }

    /// It stops where it stands: a step was given up.
    pub fn fail(&mut self) {
        self.failed = self.is_advancing();
        self.target = None;
    }

    /// Goes to the next due job, or to the end; `next` is when the earliest job is due that waits for it.
    pub fn step(&mut self, next: Option<Timestamp>) -> Step {
        let target = self.target.unwrap_or(self.now);
        match next.filter(|at| *at <= target) {
            Some(at) => {
                // A job may wait for a moment that is past already.
                self.now = self.now.max(at);
                Step::Due(self.now)
            }
            None => {
                self.now = self.now.max(target);
                self.target = None;
                Step::Arrived
            }
        }
    }

    /// Whether it is on its way.
    pub const fn is_advancing(&self) -> bool {
        self.target.is_some()
    }
}

/// Without what stores do not keep.
fn whole(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::histories::histories;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).unwrap()
    }

    fn clock() -> TestClock {
        TestClock::create(ClockId::new(at(0), [1; 10]), "双十一".into(), at(0), at(0)).unwrap()
    }

    #[test]
    fn a_clock_goes_forward_only_and_one_way_at_a_time() {
        let mut clock = clock();
        for (to, refused) in [
            (at(-1), ClockRefusal::Backwards(at(0))),
            (at(FURTHEST.as_secs() + 1), ClockRefusal::TooFar),
            (Timestamp::MIN, ClockRefusal::Backwards(at(0))),
            (Timestamp::MAX, ClockRefusal::TooFar),
        ] {
            let before = clock.clone();
            assert_eq!(clock.advance(to), Err(refused));
            assert_eq!(clock, before);
        }
        clock.advance(at(10)).unwrap();
        assert_eq!(clock.advance(at(20)), Err(ClockRefusal::Advancing(at(10))));
        assert_eq!(clock.step(None), Step::Arrived);
        assert_eq!((clock.now, clock.is_advancing()), (at(10), false));
    }

    #[test]
    fn a_clock_that_was_deleted_stands_still() {
        let mut clock = clock();
        clock.advance(at(10)).unwrap();
        assert_eq!(clock.delete(), Err(ClockRefusal::Advancing(at(10))));
        assert!(!clock.deleted);
        clock.step(None);
        for _ in 0..2 {
            clock.delete().unwrap();
            assert_eq!((clock.deleted, clock.now), (true, at(10)));
        }
        assert_eq!(clock.advance(at(20)), Err(ClockRefusal::Deleted));
        assert_eq!(clock.now, at(10));
    }

    #[test]
    fn a_clock_that_failed_stands_still_and_can_be_sent_on() {
        let mut clock = clock();
        clock.fail();
        assert!(!clock.failed, "one that stands still has nothing to fail at");
        clock.advance(at(10)).unwrap();
        clock.fail();
        assert_eq!((clock.failed, clock.is_advancing(), clock.now), (true, false, at(0)));
        clock.advance(at(10)).unwrap();
        assert_eq!((clock.failed, clock.step(None)), (false, Step::Arrived));
    }

    #[test]
    fn what_it_shows_is_what_a_store_can_keep() {
        let odd = Timestamp::new(1_790_000_000, 123_456_789).unwrap();
        let mut clock = TestClock::create(ClockId::new(odd, [1; 10]), String::new(), odd, odd).unwrap();
        assert_eq!(clock.now.subsec_nanosecond(), 123_456_000);
        clock.advance(odd).unwrap();
        clock.step(None);
        assert_eq!(clock.now.subsec_nanosecond(), 123_456_000);
    }

    #[test]
    fn a_job_that_waits_for_a_moment_that_is_past_runs_where_the_clock_stands() {
        let mut clock = clock();
        clock.advance(at(5)).unwrap();
        assert_eq!(clock.step(Some(at(-7))), Step::Due(at(0)));
        assert_eq!(clock.step(Some(at(6))), Step::Arrived);
    }

    #[test]
    fn a_name_that_cannot_be_is_refused() {
        for name in ["a\nb".to_owned(), "钟".repeat(101)] {
            let made = TestClock::create(ClockId::new(at(0), [1; 10]), name, at(0), at(0));
            assert_eq!(made, Err(ClockRefusal::Name));
        }
    }

    proptest! {
        #![proptest_config(histories(10_000))]

        /// However jobs lie, and whatever they enqueue behind themselves, each runs once, in the order of time, at its
        /// own moment, and none that lies beyond the target.
        #[test]
        fn it_stops_at_every_job_on_its_way_in_order(
            jobs in prop::collection::btree_set(0i64..200, 0..20),
            again in 1i64..50,
            turns in prop::collection::vec(0i64..80, 1..5),
        ) {
            let mut clock = clock();
            let mut waiting: BTreeSet<i64> = jobs;
            let mut ran = Vec::new();
            let mut target = 0;
            for turn in turns {
                target += turn;
                clock.advance(at(target)).unwrap();
                loop {
                    let before = clock.now;
                    let next = waiting.first().copied();
                    match clock.step(next.map(at)) {
                        Step::Arrived => break,
                        Step::Due(now) => {
                            prop_assert!(now >= before);
                            let due: Vec<i64> = waiting.iter().copied().filter(|s| at(*s) <= now).collect();
                            prop_assert!(!due.is_empty());
                            for job in due {
                                prop_assert_eq!(now, at(job));
                                waiting.remove(&job);
                                ran.push(job);
                                // Every third one has a follow-up, as a lifted freeze has.
                                if job % 3 == 0 && job + again < 400 {
                                    waiting.insert(job + again);
                                }
                            }
                        }
                    }
                }
                prop_assert_eq!(clock.now, at(target));
                prop_assert!(waiting.iter().all(|s| *s > target));
            }
            let mut sorted = ran.clone();
            sorted.sort_unstable();
            prop_assert_eq!(ran, sorted);
        }
    }
}
