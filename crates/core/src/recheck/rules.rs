//! The numbers of re-checks: every one of them a setting.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Asked, Why};
use crate::account::zone::ZoneName;

/// What a missed re-check blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Blocks {
    /// Listing goods.
    Listing,
    /// Making sub-accounts.
    Staff,
    /// That the shop's verifications count at the gate.
    Gate,
}

/// What comes of a check before an action that nobody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActionMissed {
    /// The action is denied, and nothing else.
    Deny,
    /// The shop is restricted as by any other check that was missed.
    Restrict,
}

/// The rules that re-checks live by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RecheckRules {
    /// Days after the last one at which the next is due, 1 to 184; never later than six months, as 网络交易监督管理办法
    /// article 24 has it.
    #[schemars(range(min = 1, max = 184))]
    pub every_days: u32,
    /// Days before it is due at which it is asked for, fewer than `every_days`.
    pub ask_days_before: u32,
    /// Days before it is due at which the person is reminded, each once.
    pub remind_days: BTreeSet<u32>,
    /// Days by which the planner may bring a due day forward, so that they spread: at most what `every_days` leaves
    /// beside `ask_days_before`.
    pub spread_days: u32,
    /// Re-checks that may fall due on one day; more only where nothing else is left. Those who look at them are as many.
    #[schemars(range(min = 1))]
    pub capacity: u32,
    /// Days on which none falls due, both included: promotions.
    #[schemars(with = "Vec<(String, String)>")]
    pub blackout: Vec<(Date, Date)>,
    /// Days from a bad record within which its check is drawn, 1 to 180.
    #[schemars(range(min = 1, max = 180))]
    pub window_days: u32,
    /// Days that the person has for a check on a drawn day, 1 to 30.
    #[schemars(range(min = 1, max = 30))]
    pub unscheduled_days: u32,
    /// Minutes that the person has for a check before an action, 5 to 1440.
    #[schemars(range(min = 5, max = 1440))]
    pub action_minutes: u32,
    /// What comes of one before an action that nobody does.
    pub action_missed: ActionMissed,
    /// Hours that are left at least after what was handed in was refused, 0 to 168; once for each check. One before an
    /// action has `action_minutes` again.
    #[schemars(range(min = 0, max = 168))]
    pub refused_hours: u32,
    /// What violations weigh, by the marketplace's names of them.
    pub weights: BTreeMap<String, u32>,
    /// What all others weigh.
    pub weight: u32,
    /// At which weight a check is drawn, at least 1.
    #[schemars(range(min = 1))]
    pub threshold: u32,
    /// What a missed one blocks.
    pub blocks: BTreeSet<Blocks>,
    /// The zone that days count in, by its IANA name.
    pub zone: String,
}

impl Default for RecheckRules {
    fn default() -> Self {
        Self {
            every_days: 180,
            ask_days_before: 14,
            remind_days: [7, 3, 1].into(),
            spread_days: 30,
            capacity: 1000,
            blackout: vec![],
            window_days: 30,
            unscheduled_days: 3,
            action_minutes: 30,
            action_missed: ActionMissed::Deny,
            refused_hours: 24,
            weights: BTreeMap::new(),
            weight: 100,
            threshold: 100,
            blocks: [Blocks::Listing, Blocks::Gate].into(),
            zone: "Asia/Shanghai".to_owned(),
        }
    }
}

/// Rules that cannot be kept.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RecheckRulesError {
    /// A number is out of its range.
    #[error("{0} is out of its range")]
    Range(&'static str),
    /// There is no such time zone.
    #[error("zone: there is no time zone {0:?}; write its IANA name, as Asia/Shanghai")]
    Zone(String),
    /// Days without re-checks that end before they begin.
    #[error("blackout: {0} to {1} ends before it begins; write the first day first")]
    Blackout(Date, Date),
    /// It is no text of rules.
    #[error("{0}")]
    Text(String),
}

impl RecheckRules {
    /// Reads them from TOML: what is left out is as by default.
    ///
    /// # Errors
    /// When the text is no TOML, names a setting that there is not, or the rules cannot be kept.
    pub fn from_toml(text: &str) -> Result<Self, RecheckRulesError> {
        let rules: Self = toml::from_str(text).map_err(|e| RecheckRulesError::Text(e.to_string()))?;
        rules.validate()?;
        Ok(rules)
    }

    /// Checks that the rules can be kept.
    ///
    /// # Errors
    /// When a number is out of range or a zone is unknown.
    pub fn validate(&self) -> Result<(), RecheckRulesError> {
        for (name, sound) in [
            ("every_days", (1..=184).contains(&self.every_days)),
            ("ask_days_before", self.ask_days_before < self.every_days),
            ("remind_days", self.remind_days.iter().all(|d| (1..=184).contains(d))),
            ("spread_days", self.spread_days.saturating_add(self.ask_days_before) < self.every_days),
            ("capacity", self.capacity > 0),
            ("blackout", self.blackout.len() <= 100),
            ("window_days", (1..=180).contains(&self.window_days)),
            ("unscheduled_days", (1..=30).contains(&self.unscheduled_days)),
            ("action_minutes", (5..=1440).contains(&self.action_minutes)),
            ("refused_hours", self.refused_hours <= 168),
            ("threshold", self.threshold > 0),
        ] {
            if !sound {
                return Err(RecheckRulesError::Range(name));
            }
        }
        if let Some((from, to)) = self.blackout.iter().find(|(from, to)| from > to) {
            return Err(RecheckRulesError::Blackout(*from, *to));
        }
        match self.zone.parse::<ZoneName>() {
            Ok(_) => Ok(()),
            Err(_) => Err(RecheckRulesError::Zone(self.zone.clone())),
        }
    }

    /// The zone that days count in.
    pub fn time_zone(&self) -> TimeZone {
        TimeZone::get(&self.zone).unwrap_or_else(|_| crate::review::calendar::default_zone())
    }

    /// The latest moment at which the next one may be due after one at that moment: `every_days`, and not beyond the
    /// same day six months later, or the last of a shorter month (2025-08-31: 2026-02-28).
    pub fn latest(&self, passed: Timestamp) -> Timestamp {
        let passed = passed.to_zoned(self.time_zone());
        let by_days = passed.checked_add(i64::from(self.every_days).days());
        let by_months = passed.checked_add(6.months());
        [by_days, by_months].into_iter().flatten().map(|z| z.timestamp()).min().unwrap_or(Timestamp::MAX)
    }

    /// When one that is due then is asked for.
    pub fn asks_at(&self, due: Timestamp) -> Timestamp {
        self.days_before(due, self.ask_days_before)
    }

    /// When one on a drawn day that is asked for now is due.
    pub(super) fn unscheduled_due(&self, now: Timestamp) -> Timestamp {
        now.saturating_add((24 * i64::from(self.unscheduled_days)).hours()).unwrap_or(Timestamp::MAX)
    }

    /// When one before an action that is asked for now is due.
    pub(super) fn action_due(&self, now: Timestamp) -> Timestamp {
        now.saturating_add(self.action_time()).unwrap_or(Timestamp::MAX)
    }

    /// How long the person has for one before an action.
    pub(super) fn action_time(&self) -> SignedDuration {
        SignedDuration::from_mins(i64::from(self.action_minutes))
    }

    /// How much is left at least after what was handed in was refused.
    pub(super) fn refused_time(&self) -> SignedDuration {
        SignedDuration::from_hours(i64::from(self.refused_hours))
    }

    /// Whether what is asked for is an action's check that denies the action when nobody does it.
    pub(super) fn denies(&self, asked: &Asked) -> bool {
        matches!(asked.why, Why::Action(_)) && self.action_missed == ActionMissed::Deny
    }

    /// The reminders of something due then whose moments have gone by.
    pub(super) fn reminders_before(&self, due: Timestamp, now: Timestamp) -> impl Iterator<Item = u32> {
        self.remind_days.iter().copied().filter(move |days| self.days_before(due, *days) <= now)
    }

    /// The next reminder of what is asked for: days before it is due, and when. Those from before it was asked for are
    /// left out, and one that is near stands for those that were missed.
    pub(super) fn next_reminder(&self, asked: &Asked) -> Option<(u32, Timestamp)> {
        let moments = self.remind_days.iter().rev().filter(|d| !asked.reminded.contains(d));
        moments.map(|d| (*d, self.days_before(asked.due, *d))).find(|(_, at)| *at > asked.at)
    }

    fn days_before(&self, due: Timestamp, days: u32) -> Timestamp {
        due.saturating_sub((24 * i64::from(days)).hours()).unwrap_or(Timestamp::MIN)
    }

    /// What a violation weighs.
    pub fn weight_of(&self, violation: &str) -> u32 {
        self.weights.get(violation).copied().unwrap_or(self.weight)
    }

    /// A moment of the window from now on: every second of it as likely as every other, as far as 64 bits go.
    pub(super) fn drawn(&self, chance: u64, now: Timestamp) -> Timestamp {
        let seconds = u128::from(self.window_days) * 24 * 3600;
        // Multiply and shift: the bias is below 2^-40.
        let second = (u128::from(chance) * seconds) >> 64;
        let second = i64::try_from(second).unwrap_or(0);
        now.saturating_add((1 + second).seconds()).unwrap_or(Timestamp::MAX)
    }
}
