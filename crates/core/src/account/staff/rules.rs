//! The numbers of the staff lifecycle: every timer is a setting.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::promotion::{Promotion, PromotionError};
use super::{Refusal, Role};
use crate::account::zone::ZoneName;

/// The rules that sub-accounts live by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StaffRules {
    /// Hours from being asked to being frozen, 1 to 8760; 168 are the 7 days of E13.
    #[schemars(range(min = 1, max = 8760))]
    pub freeze_after_hours: u32,
    /// Hours that are left at least after a refusal, at most `freeze_after_hours`; E13.
    pub after_refusal_hours: u32,
    /// Hours for which the owner lifts a freeze, 1 to 8760; 48 are the 2 days of E14.
    #[schemars(range(min = 1, max = 8760))]
    pub lift_hours: u32,
    /// How often a freeze may be lifted before the next verification; without a number, as often as wished.
    pub most_lifts: Option<u32>,
    /// Days from passing until the same person must have passed again, 0 to 3650; D4. 0: only when they are asked.
    #[schemars(range(min = 0, max = 3650))]
    pub recheck_days: u32,
    /// Days before it is due at which they are asked, 1 to `recheck_days`; D4.
    pub recheck_ask_days: u32,
    /// Hours before a freeze at which the person is reminded, each once.
    pub remind_hours: BTreeSet<u32>,
    /// When temporary accounts can be made, and when they work; E10.
    pub promotions: Vec<Promotion>,
    /// What users of temporary accounts may do; E10 has them answer buyers, and nothing else.
    pub temporary_roles: BTreeSet<Role>,
    /// Shop types that are not asked, until the day before this date in the account's zone; without a date, until
    /// one is announced, which TOML writes as an empty text; E18.
    #[serde(deserialize_with = "exemptions")]
    #[schemars(with = "BTreeMap<String, Option<String>>")]
    pub exempt: BTreeMap<String, Option<Date>>,
    /// Sub-accounts that a shop may have.
    pub quota: u32,
    /// Sub-accounts that a verified shop may have, at least `quota`; E5.
    pub quota_verified: u32,
    /// The zone that dates count in, by its IANA name.
    pub zone: String,
}

impl Default for StaffRules {
    fn default() -> Self {
        Self {
            freeze_after_hours: 7 * 24,
            after_refusal_hours: 24,
            lift_hours: 2 * 24,
            most_lifts: None,
            recheck_days: 180,
            recheck_ask_days: 14,
            remind_hours: [72, 24].into(),
            promotions: vec![Promotion::double_eleven()],
            temporary_roles: [Role::CustomerService].into(),
            exempt: BTreeMap::new(),
            quota: 5,
            quota_verified: 10,
            zone: "Asia/Shanghai".to_owned(),
        }
    }
}

/// TOML has no null: an empty text is no date.
fn exemptions<'de, D: Deserializer<'de>>(given: D) -> Result<BTreeMap<String, Option<Date>>, D::Error> {
    let given = BTreeMap::<String, Option<String>>::deserialize(given)?;
    let read = |(kind, until): (String, Option<String>)| match until.filter(|text| !text.is_empty()) {
        Some(text) => match text.parse() {
            Ok(date) => Ok((kind, Some(date))),
            Err(_) => Err(D::Error::custom(format!(
                "exempt.{kind}: {text:?} is no day; write one as 2027-03-01, or an empty text for none"
            ))),
        },
        None => Ok((kind, None)),
    };
    given.into_iter().map(read).collect()
}

/// Rules that cannot be kept.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum StaffRulesError {
    /// A number is out of its range.
    #[error("{0} is out of its range")]
    Range(&'static str),
    /// There is no such time zone.
    #[error("zone: there is no time zone {0:?}; write its IANA name, as Asia/Shanghai")]
    Zone(String),
    /// It is no text of rules.
    #[error("{0}")]
    Text(String),
    /// Promotions contradict each other.
    #[error(transparent)]
    Promotion(#[from] PromotionError),
}

impl StaffRules {
    /// Whether nobody of a shop of this type is asked on a day (row E18).
    pub fn is_exempt(&self, shop_type: &str, today: Date) -> bool {
        self.exempt.get(shop_type).is_some_and(|until| until.is_none_or(|date| today < date))
    }

    /// Whether the user of a temporary sub-account may do this (E10).
    ///
    /// # Errors
    /// When they may not, with what they may.
    pub fn role_of_temporary(&self, role: Role) -> Result<(), Refusal> {
        match self.temporary_roles.contains(&role) {
            true => Ok(()),
            false => Err(Refusal::TemporaryRole { role, allowed: self.temporary_roles.clone() }),
        }
    }

    /// Reads them from TOML: what is left out is as by default.
    ///
    /// # Errors
    /// When the text is no TOML, names a setting that there is not, or the rules cannot be kept.
    pub fn from_toml(text: &str) -> Result<Self, StaffRulesError> {
        let rules: Self = toml::from_str(text).map_err(|e| StaffRulesError::Text(e.to_string()))?;
        rules.validate()?;
        Ok(rules)
    }

    /// Checks that the rules can be kept.
    ///
    /// # Errors
    /// When a number is out of range, a zone is unknown, or promotions overlap.
    pub fn validate(&self) -> Result<(), StaffRulesError> {
        let year = 1..=8760;
        for (name, sound) in [
            ("freeze_after_hours", year.contains(&self.freeze_after_hours)),
            ("after_refusal_hours", self.after_refusal_hours <= self.freeze_after_hours),
            ("lift_hours", year.contains(&self.lift_hours)),
            (
                "remind_hours",
                self.remind_hours.iter().all(|h| year.contains(h)) && self.remind_hours.len() <= 16,
            ),
            ("recheck_days", self.recheck_days <= 3650),
            (
                "recheck_ask_days",
                self.recheck_days == 0 || (1..=self.recheck_days).contains(&self.recheck_ask_days),
            ),
            ("quota_verified", self.quota_verified >= self.quota),
        ] {
            if !sound {
                return Err(StaffRulesError::Range(name));
            }
        }
        if self.zone.parse::<ZoneName>().is_err() {
            return Err(StaffRulesError::Zone(self.zone.clone()));
        }
        Ok(Promotion::validate(&self.promotions)?)
    }

    /// How many sub-accounts a shop may have.
    pub const fn quota(&self, shop_verified: bool) -> u32 {
        if shop_verified { self.quota_verified } else { self.quota }
    }

    /// The zone that dates count in.
    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.zone).unwrap_or_else(|_| crate::review::calendar::default_zone())
    }

    pub(super) fn freeze_after(&self) -> SignedDuration {
        SignedDuration::from_hours(i64::from(self.freeze_after_hours))
    }

    pub(super) fn after_refusal(&self) -> SignedDuration {
        SignedDuration::from_hours(i64::from(self.after_refusal_hours))
    }

    /// When who passed at this moment must have passed again; `None` when none is scheduled.
    pub(super) fn next_check(&self, passed: Timestamp) -> Option<Timestamp> {
        (self.recheck_days > 0)
            .then(|| passed.saturating_add(days(self.recheck_days)).unwrap_or(Timestamp::MAX))
    }

    /// When a re-check that is due then is asked for.
    pub(super) fn asks_at(&self, due: Timestamp) -> Timestamp {
        due.saturating_sub(days(self.recheck_ask_days)).unwrap_or(Timestamp::MIN)
    }

    pub(super) fn lift(&self) -> SignedDuration {
        SignedDuration::from_hours(i64::from(self.lift_hours))
    }
}

/// Of 24 hours each: a re-check falls due at the time of day at which the last one was passed.
fn days(n: u32) -> SignedDuration {
    SignedDuration::from_hours(24 * i64::from(n))
}
