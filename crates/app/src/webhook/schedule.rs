//! When a webhook is tried again.

use std::time::Duration;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// Seconds before each attempt, from the Standard Webhooks specification ("Deliverability and reliability"):
/// together a little more than three days, so that a receiver which breaks on a Friday evening gets everything on
/// Monday.
const DELAYS: [u64; 10] =
    [0, 5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];

/// How many times a webhook is tried at most.
pub const ATTEMPTS: u32 = DELAYS.len() as u32;

/// How long to wait before an attempt, counted from 1, after the one before it; `None` when there is no such
/// attempt and the delivery is given up.
pub fn delay_before(attempt: u32) -> Option<Duration> {
    let index = usize::try_from(attempt.checked_sub(1)?).ok()?;
    DELAYS.get(index).copied().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_attempt_is_made_at_once_and_the_tenth_is_the_last() {
        assert_eq!(delay_before(1), Some(Duration::ZERO));
        assert_eq!(delay_before(2), Some(Duration::from_secs(5)));
        assert_eq!(delay_before(ATTEMPTS), Some(Duration::from_secs(24 * HOUR)));
        assert_eq!(delay_before(ATTEMPTS + 1), None);
    }

    #[test]
    fn there_is_no_attempt_before_the_first_and_none_after_the_last() {
        assert_eq!(delay_before(0), None);
        assert_eq!(delay_before(u32::MAX), None);
    }

    #[test]
    fn every_wait_is_longer_than_the_one_before() {
        let delays: Vec<_> = (1..=ATTEMPTS).filter_map(delay_before).collect();
        assert!(delays.is_sorted_by(|earlier, later| earlier < later));
    }

    #[test]
    fn a_receiver_may_be_down_for_three_days() {
        let all: Duration = (1..=ATTEMPTS).filter_map(delay_before).sum();
        assert!(all > Duration::from_secs(3 * 24 * HOUR));
    }
}
