//! What a rollout may do on a day, and what is ahead.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{Date, Time, time};

use super::Plan;
use crate::recheck::RecheckRules;
use crate::recheck::plan::is_blackout;

/// How many wait at each place.
pub type Waiting = BTreeMap<u8, u32>;

/// Days that are looked ahead at most: a rollout that takes longer goes on beyond its forecast.
const AHEAD: usize = 400;

/// From when on a day people are asked: not while they sleep.
const MORNING: Time = time(10, 0, 0, 0);
/// From when on nobody is asked any more: not in their evening either.
const EVENING: Time = time(20, 0, 0, 0);

/// What may be asked on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Takes {
    /// Those whose place is below this one.
    pub below: u8,
    /// At most so many.
    pub at_most: u32,
}

impl Plan {
    /// Whom it may ask on a day on which so many were asked already. Nobody on days of a promotion, its own or those of
    /// all re-checks.
    pub fn takes(&self, day: Date, asked: u32, rules: &RecheckRules) -> Takes {
        let below = self.steps.iter().filter(|s| s.from <= day).map(|s| s.percent).max().unwrap_or(0);
        if self.is_closed(day, rules) || below == 0 {
            return Takes { below: 0, at_most: 0 };
        }
        Takes { below, at_most: self.capacity.saturating_sub(asked) }
    }

    /// The next day after this one on which it may ask somebody.
    pub fn next_day(&self, after: Date, rules: &RecheckRules) -> Option<Date> {
        let first = self.steps.first()?.from;
        let mut day = after.tomorrow().ok()?.max(first);
        // A promotion that never ends is a mistake that somebody mends: it is looked at again.
        for _ in 0..AHEAD {
            if self.takes(day, 0, rules).at_most > 0 {
                return Some(day);
            }
            day = day.tomorrow().ok()?;
        }
        Some(day)
    }

    /// When somebody is asked whose turn is on this day, where these rules count days: now if that can be, and never before
    /// 10 o'clock of that day there, nor from 20 o'clock on, nor on a day of a promotion.
    pub fn asks_at(&self, turn: Date, now: Timestamp, rules: &RecheckRules) -> Timestamp {
        let zone = rules.time_zone();
        let there = now.to_zoned(zone.clone());
        let late = there.time() >= EVENING;
        let today = there.date();
        let mut day = turn.max(if late { today.tomorrow().unwrap_or(today) } else { today });
        // As for `next_day`: a promotion that never ends is looked at again.
        for _ in 0..AHEAD {
            match day.tomorrow() {
                Ok(next) if self.is_closed(day, rules) => day = next,
                _ => break,
            }
        }
        day.to_datetime(MORNING).to_zoned(zone).map_or(Timestamp::MAX, |z| z.timestamp()).max(now)
    }

    /// Whether this is a day of a promotion, of its own or of all re-checks.
    fn is_closed(&self, day: Date, rules: &RecheckRules) -> bool {
        is_blackout(day, rules) || self.blackout.iter().any(|(from, to)| (*from..=*to).contains(&day))
    }
}

/// How many are asked on each day from this one on, if nothing changes; days without anybody are left out.
pub fn forecast(
    plan: &Plan,
    from: Date,
    asked: u32,
    waiting: &Waiting,
    rules: &RecheckRules,
) -> Vec<(Date, u32)> {
    let mut waiting = waiting.clone();
    let mut days = Vec::new();
    let (mut day, mut before) = (from, asked);
    for _ in 0..AHEAD {
        let takes = plan.takes(day, before, rules);
        let mut left = takes.at_most;
        for (_, many) in waiting.range_mut(..takes.below) {
            let some = left.min(*many);
            *many -= some;
            left -= some;
        }
        if takes.at_most > left {
            days.push((day, takes.at_most - left));
        }
        if waiting.values().all(|many| *many == 0) {
            break;
        }
        let Ok(next) = day.tomorrow() else { break };
        (day, before) = (next, 0);
    }
    days
}
