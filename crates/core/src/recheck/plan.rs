//! On which day a re-check falls due (row G8): spread, within the capacity of those who look at them, and on no day of a
//! promotion. Never too late: what cannot be spread is put where the fewest are.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};

use super::RecheckRules;

/// How many re-checks fall due on each day.
pub type Load = BTreeMap<Date, u32>;

/// A day that was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The day.
    pub day: Date,
    /// When on it the check is due: the time of day of the last one, and never behind the latest moment that is allowed.
    pub due: Timestamp,
    /// The day takes more than its capacity by it: nothing else was left.
    pub over: bool,
}

/// Days among which the next due day of somebody who passed then is chosen, the first and the last; heavier records come
/// sooner: `weight` takes its share of the days, of twice the threshold all of them.
pub fn window(passed: Timestamp, weight: u32, rules: &RecheckRules) -> (Date, Date) {
    let last = rules.latest(passed).to_zoned(rules.time_zone()).date();
    let spread = u64::from(rules.spread_days);
    let sooner = (spread * u64::from(weight) / (2 * u64::from(rules.threshold))).min(spread);
    let latest = last.saturating_sub(i64::try_from(sooner).unwrap_or(0).days());
    (last.saturating_sub(i64::from(rules.spread_days).days()), latest)
}

/// Chooses the day: the least loaded of the window, of equal ones the last. Days of a promotion are left out; are all of
/// them, the nearest day before the window that is none. Full days are left out too; are all of them, the least loaded.
pub fn choose(passed: Timestamp, weight: u32, load: &Load, rules: &RecheckRules) -> Chosen {
    let (first, last) = window(passed, weight, rules);
    let near: Vec<_> = rules.blackout.iter().filter(|(from, to)| *from <= last && first <= *to).collect();
    let mut loaded = load.range(first..=last).peekable();
    // Both go forward day by day: years of planning look at each window once.
    let days = days(first, last).map(|day| (day, loaded.next_if(|(d, _)| **d == day).map_or(0, |(_, n)| *n)));
    let open = days.filter(|(day, _)| !near.iter().any(|(from, to)| (from..=to).contains(&day)));
    let chosen = open.min_by_key(|(day, taken)| (*taken, std::cmp::Reverse(*day)));
    let (day, taken) = chosen.unwrap_or_else(|| {
        let day = before(first, passed, rules);
        (day, load.get(&day).copied().unwrap_or(0))
    });
    let zone = rules.time_zone();
    let time = passed.to_zoned(zone.clone()).time();
    let due = day.to_datetime(time).to_zoned(zone).map_or(passed, |z| z.timestamp());
    Chosen { day, due: due.min(rules.latest(passed)), over: taken >= rules.capacity }
}

/// The least loaded day of a span, of equal ones the first, for somebody who was never verified: full days and those of a
/// promotion are left out; are all of them full, the least loaded.
pub fn spread(first: Date, last: Date, load: &Load, rules: &RecheckRules) -> Date {
    let open = days(first, last).filter(|day| !is_blackout(*day, rules));
    open.min_by_key(|day| load.get(day).copied().unwrap_or(0)).unwrap_or(last)
}

/// The nearest day before the window that is none of a promotion, and not before the day on which the last was passed; in
/// a promotion without end, the first of the window all the same: a promotion is no reason to be late.
fn before(first: Date, passed: Timestamp, rules: &RecheckRules) -> Date {
    let earliest = passed.to_zoned(rules.time_zone()).date();
    let mut day = first;
    while let Ok(yesterday) = day.yesterday() {
        if yesterday <= earliest {
            return first;
        }
        if !is_blackout(yesterday, rules) {
            return yesterday;
        }
        day = yesterday;
    }
    first
}

/// How many a day's load may still take, for each day of a span: what is ahead, as it is planned now.
pub fn forecast(from: Date, to: Date, load: &Load, rules: &RecheckRules) -> Vec<Forecast> {
    let of = |day: Date| Forecast {
        day,
        due: load.get(&day).copied().unwrap_or(0),
        capacity: if is_blackout(day, rules) { 0 } else { rules.capacity },
    };
    days(from, to).map(of).collect()
}

/// One day of a forecast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// The day.
    pub day: Date,
    /// How many fall due on it.
    pub due: u32,
    /// How many may: none on days of a promotion.
    pub capacity: u32,
}

/// Whether none falls due on a day.
pub fn is_blackout(day: Date, rules: &RecheckRules) -> bool {
    rules.blackout.iter().any(|(from, to)| (*from..=*to).contains(&day))
}

fn days(from: Date, to: Date) -> impl Iterator<Item = Date> {
    let mut next = Some(from);
    std::iter::from_fn(move || {
        let day = next.filter(|day| *day <= to)?;
        next = day.tomorrow().ok();
        Some(day)
    })
}
