//! A countdown that can stand still, with reminders on the way, each once.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::rules::StaffRules;

/// How much time is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Left {
    /// It runs out then.
    Until(Timestamp),
    /// It stands still, with so many milliseconds left.
    Millis(i64),
}

/// A countdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Countdown {
    /// What is left.
    pub left: Left,
    /// The last reminder that was given, as hours before the end; those above it are over too.
    pub reminded: Option<u32>,
}

impl Countdown {
    /// Starts, running or standing. Reminders that would lie before the start are over.
    pub(super) fn start(long: SignedDuration, standing: bool, rules: &StaffRules, now: Timestamp) -> Self {
        let over = rules.remind_hours.iter().find(|h| SignedDuration::from_hours(i64::from(**h)) >= long);
        let left = if standing { Left::Millis(millis(long)) } else { Left::Until(later(now, long)) };
        Self { left, reminded: over.copied() }
    }

    /// Lets it stand still.
    pub(super) fn stop(&mut self, now: Timestamp) {
        if let Left::Until(end) = self.left {
            self.left = Left::Millis(millis(now.duration_until(end)).max(0));
        }
    }

    /// Lets it run again, with at least so much left. Reminders whose moment passed meanwhile are over.
    pub(super) fn go_on(&mut self, at_least: SignedDuration, rules: &StaffRules, now: Timestamp) {
        if let Left::Millis(left) = self.left {
            let left = SignedDuration::from_millis(left).max(at_least);
            let over = rules.remind_hours.iter().find(|h| SignedDuration::from_hours(i64::from(**h)) > left);
            self.left = Left::Until(later(now, left));
            self.reminded = [self.reminded, over.copied()].into_iter().flatten().min();
        }
    }

    /// When it runs out, if it runs.
    pub fn end(&self) -> Option<Timestamp> {
        match self.left {
            Left::Until(end) => Some(end),
            Left::Millis(_) => None,
        }
    }

    /// The next reminder and when, if it runs.
    pub(super) fn next_reminder(&self, rules: &StaffRules) -> Option<(u32, Timestamp)> {
        let end = self.end()?;
        let below = self.reminded.unwrap_or(u32::MAX);
        let hours = *rules.remind_hours.range(..below).next_back()?;
        Some((
            hours,
            end.saturating_sub(SignedDuration::from_hours(i64::from(hours))).unwrap_or(Timestamp::MIN),
        ))
    }
}

fn millis(long: SignedDuration) -> i64 {
    i64::try_from(long.as_millis()).unwrap_or(i64::MAX)
}

fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.saturating_add(by).unwrap_or(Timestamp::MAX)
}
