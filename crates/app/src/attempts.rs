//! Failed sign-ins, counted by who is meant and where they come from. In memory: a restart forgives, and of several
//! servers each counts by itself. What is lost then is fifteen minutes of a guesser's patience, and it costs no write.
//!
//! Somebody can keep a colleague out by failing under their login on purpose; for that they must reach the console.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// So many may fail …
const MOST: usize = 10;
/// … in so long. (OWASP ASVS 5.0, 6.3.1 asks for a limit; these are login.gov's order of magnitude.)
const WINDOW: SignedDuration = SignedDuration::from_mins(15);
/// Of so many names and addresses at most: beyond, those that are over are forgotten.
const REMEMBERED: usize = 10_000;

/// Tries that have failed, or are being made.
#[derive(Default)]
pub(crate) struct Attempts(Mutex<HashMap<String, VecDeque<Timestamp>>>);

impl Attempts {
    /// Counts a try before it is made, so that many at once do not slip through; tells how long to wait when there
    /// were too many.
    pub(crate) fn begin(&self, who: &[String], now: Timestamp) -> Result<(), SignedDuration> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= REMEMBERED {
            all.retain(|_, times| times.back().is_some_and(|last| now.duration_since(*last) < WINDOW));
        }
        let mut wait = None;
        for name in who {
            let Some(times) = all.get_mut(name) else { continue };
            while times.front().is_some_and(|first| now.duration_since(*first) >= WINDOW) {
                times.pop_front();
            }
            if let Some(first) = times.front().filter(|_| times.len() >= MOST) {
                wait = wait.max(Some(WINDOW - now.duration_since(*first)));
            }
        }
        match wait {
            Some(wait) => Err(wait),
            None => {
                for name in who {
                    all.entry(name.clone()).or_default().push_back(now);
                }
                Ok(())
            }
        }
    }

    /// Takes a try back that did not fail.
    pub(crate) fn forgive(&self, who: &[String], began: Timestamp) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for name in who {
            let Some(times) = all.get_mut(name) else { continue };
            if let Some(place) = times.iter().rposition(|t| *t == began) {
                times.remove(place);
            }
            if times.is_empty() {
                all.remove(name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH.saturating_add(SignedDuration::from_mins(minute)).unwrap()
    }

    #[test]
    fn ten_may_fail_and_the_eleventh_waits() {
        let attempts = Attempts::default();
        let who = ["login wang".to_owned(), "from 10.0.0.7".to_owned()];
        for minute in 0..10 {
            attempts.begin(&who, at(minute)).unwrap();
        }
        assert_eq!(attempts.begin(&who, at(10)), Err(SignedDuration::from_mins(5)));
        // Either is enough.
        assert!(attempts.begin(&["from 10.0.0.7".to_owned()], at(10)).is_err());
        assert!(attempts.begin(&["from 10.0.0.8".to_owned()], at(10)).is_ok());
        attempts.begin(&who, at(15)).unwrap();
        assert!(attempts.begin(&who, at(15)).is_err());
    }

    #[test]
    fn what_did_not_fail_does_not_count() {
        let attempts = Attempts::default();
        let who = ["login wang".to_owned()];
        for _ in 0..100 {
            attempts.begin(&who, at(0)).unwrap();
            attempts.forgive(&who, at(0));
        }
        assert!(attempts.0.lock().unwrap().is_empty());
    }
}
