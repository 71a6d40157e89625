//! When a webhook is tried again.

use std::time::Duration;

use jiff::SignedDuration;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// Seconds before each attempt but the first, from the Standard Webhooks specification ("Deliverability and
/// reliability"): together a little more than three days, so that a receiver which breaks on a Friday evening gets
/// everything on Monday.
const RETRIES: [u64; 9] =
    [5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];

/// Most waits of a schedule.
pub const MOST_RETRIES: usize = 20;
/// Longest wait before an attempt: a week.
pub const LONGEST_WAIT: Duration = Duration::from_secs(7 * 24 * HOUR);

/// How long is waited before each attempt but the first, which is made at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule(Vec<Duration>);

/// A schedule that cannot be kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// None or too many.
    #[error("1 to {MOST_RETRIES} waits, not {0}")]
    Many(usize),
    /// No length of time, too short or too long.
    #[error("{0:?} is no time from 1s to 168h, such as 5s, 30m or 24h")]
    Wait(String),
    /// A receiver that is down is not asked more often the longer it is.
    #[error("{0:?} is shorter than the wait before it")]
    Shorter(String),
}

impl Default for Schedule {
    /// That of Standard Webhooks.
    fn default() -> Self {
        Self(RETRIES.map(Duration::from_secs).into())
    }
}

impl Schedule {
    /// Reads it as settings have it: `["5s", "5m", "2h"]`.
    ///
    /// # Errors
    /// When it cannot be kept.
    pub fn read(waits: &[impl AsRef<str>]) -> Result<Self, ScheduleError> {
        if !(1..=MOST_RETRIES).contains(&waits.len()) {
            return Err(ScheduleError::Many(waits.len()));
        }
        let mut read: Vec<Duration> = Vec::with_capacity(waits.len());
        for text in waits.iter().map(AsRef::as_ref) {
            let wait = text.parse::<SignedDuration>().ok().and_then(|wait| Duration::try_from(wait).ok());
            let sound = wait.filter(|wait| (Duration::from_secs(1)..=LONGEST_WAIT).contains(wait));
            let wait = sound.ok_or_else(|| ScheduleError::Wait(text.to_owned()))?;
            if read.last().is_some_and(|before| wait < *before) {
                return Err(ScheduleError::Shorter(text.to_owned()));
            }
            read.push(wait);
        }
        Ok(Self(read))
    }

    /// How many times a webhook is tried at most.
    pub fn attempts(&self) -> usize {
        self.0.len() + 1
    }

    /// How long to wait before an attempt, counted from 1, after the one before it; `None` when there is no such
    /// attempt and the delivery is given up.
    pub fn delay_before(&self, attempt: u32) -> Option<Duration> {
        match usize::try_from(attempt.checked_sub(1)?).ok()? {
            0 => Some(Duration::ZERO),
            later => self.0.get(later - 1).copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_attempt_is_made_at_once_and_the_tenth_is_the_last() {
        let standard = Schedule::default();
        assert_eq!(standard.attempts(), 10);
        assert_eq!(standard.delay_before(1), Some(Duration::ZERO));
        assert_eq!(standard.delay_before(2), Some(Duration::from_secs(5)));
        assert_eq!(standard.delay_before(10), Some(Duration::from_secs(24 * HOUR)));
        for none in [0, 11, u32::MAX] {
            assert_eq!(standard.delay_before(none), None);
        }
    }

    #[test]
    fn a_receiver_may_be_down_for_three_days() {
        let standard = Schedule::default();
        let all: Duration = (1..=10).filter_map(|attempt| standard.delay_before(attempt)).sum();
        assert!(all > Duration::from_secs(3 * 24 * HOUR));
    }

    #[test]
    fn a_schedule_is_read_as_settings_have_it() {
        let written = ["5s", "5m", "30m", "2h", "5h", "10h", "14h", "20h", "24h"];
        assert_eq!(Schedule::read(&written), Ok(Schedule::default()));
        let short = Schedule::read(&["10s", "10s", "1h 30m"]);
        assert_eq!(
            short.map(|s| (s.attempts(), s.delay_before(4))),
            Ok((4, Some(Duration::from_secs(5400))))
        );
    }

    #[test]
    fn a_schedule_that_cannot_be_kept_is_refused() {
        assert_eq!(Schedule::read(&[""; 0]), Err(ScheduleError::Many(0)));
        assert_eq!(Schedule::read(&["1h"; 21]), Err(ScheduleError::Many(21)));
        assert!(Schedule::read(&["1h"; 20]).is_ok() && Schedule::read(&["168h"]).is_ok());
        for wrong in ["", "5", "soon", "0s", "500ms", "-5s", "169h", "99999999999999h"] {
            assert_eq!(Schedule::read(&[wrong]), Err(ScheduleError::Wait(wrong.to_owned())), "{wrong}");
        }
        assert_eq!(Schedule::read(&["5m", "5s"]), Err(ScheduleError::Shorter("5s".to_owned())));
    }
}
