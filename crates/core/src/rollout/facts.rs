//! What conditions of a rollout may name of an account.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Audience;
use crate::account::shop::{Shop, ShopStatus};
use crate::account::staff::{Staff, Standing};
use crate::condition::{Fact, Facts, Kind, Name, Vocabulary};
use crate::recheck::RecheckRules;

/// Gravest information leaks.
pub(super) const GRAVEST: u32 = 10;

/// What the marketplace says of a shop, for rollouts to choose by. Nothing personal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ShopFacts {
    /// What it mostly sells, by the marketplace's own name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// How grave its information leaks are, from 0 for none to 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leak_severity: Option<u32>,
    /// Since when the marketplace knows it, where that is longer than it is known here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub registered_on: Option<Date>,
}

/// Facts that cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShopFactsError {
    /// No name of goods.
    #[error("a category has 1 to 64 lower-case letters, digits, hyphens and underscores")]
    Category,
    /// No severity.
    #[error("how grave leaks are is a whole number from 0 to {GRAVEST}")]
    Severity,
    /// A day that lies ahead, or before there were shops.
    #[error("a day from 1990 on that does not lie ahead")]
    Day,
}

impl ShopFactsError {
    /// Which fact it is about.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Category => "category",
            Self::Severity => "leak_severity",
            Self::Day => "registered_on",
        }
    }
}

impl ShopFacts {
    /// Checks that they can be.
    ///
    /// # Errors
    /// Which cannot.
    pub fn check(&self, today: Date) -> Result<(), ShopFactsError> {
        if self.category.as_deref().is_some_and(|c| !crate::gate::is_name(c)) {
            return Err(ShopFactsError::Category);
        }
        if self.leak_severity.is_some_and(|s| s > GRAVEST) {
            return Err(ShopFactsError::Severity);
        }
        if self.registered_on.is_some_and(|day| day > today || day.year() < 1990) {
            return Err(ShopFactsError::Day);
        }
        Ok(())
    }
}

/// An account, as a condition sees it.
#[derive(Clone, Copy, Debug)]
pub struct AccountFacts<'a> {
    /// The shop, or that of the sub-account.
    pub shop: &'a Shop,
    /// The sub-account.
    pub staff: Option<&'a Staff>,
    /// What its bad records weigh.
    pub points: i64,
    /// How many days it is known.
    pub age_days: i64,
    /// How many days ago its owner, or its user, was verified last; -1 without.
    pub verified_days: i64,
}

impl<'a> AccountFacts<'a> {
    /// Those of a shop, or of one of its sub-accounts, now.
    pub fn of(shop: &'a Shop, staff: Option<&'a Staff>, rules: &RecheckRules, now: Timestamp) -> Self {
        let zone = rules.time_zone();
        let days = |from: Date| day(now, &zone).since(from).map_or(0, |span| i64::from(span.get_days()));
        let known = shop.facts.registered_on.unwrap_or_else(|| day(shop.created_at, &zone));
        let verified = match staff {
            Some(staff) => match staff.standing {
                Standing::Verified { since } => Some(since),
                _ => None,
            },
            None => shop.owner().map(|owner| owner.from),
        };
        Self {
            shop,
            staff,
            points: shop.penalties.iter().map(|p| i64::from(rules.weight_of(&p.violation))).sum(),
            age_days: days(known),
            verified_days: verified.map_or(-1, |at| days(day(at, &zone))),
        }
    }
}

fn day(at: Timestamp, zone: &TimeZone) -> Date {
    at.to_zoned(zone.clone()).date()
}

impl Facts for AccountFacts<'_> {
    fn fact(&self, name: &str) -> Option<Fact<'_>> {
        Some(match name {
            "shop.type" => Fact::Text(&self.shop.shop_type),
            "shop.status" => Fact::Text(self.shop.status().name()),
            "category" => Fact::Text(self.shop.facts.category.as_deref()?),
            "leak_severity" => Fact::Number(i64::from(self.shop.facts.leak_severity?)),
            "age_days" => Fact::Number(self.age_days),
            "points" => Fact::Number(self.points),
            "verified_days" => Fact::Number(self.verified_days),
            "role" => Fact::Text(self.staff?.role.name()),
            _ => return None,
        })
    }
}

/// What conditions of a rollout may name.
pub fn vocabulary(audience: Audience) -> Vocabulary {
    let name = |name, kind| Name { name, kind, values: None };
    let one_of = |name, values: &[&str]| {
        let values = values.iter().map(|v| (*v).to_owned()).collect();
        Name { name, kind: Kind::Text, values: Some(values) }
    };
    let mut names = vec![
        name("shop.type", Kind::Text),
        one_of("shop.status", &ShopStatus::ALL.map(ShopStatus::name)),
        name("category", Kind::Text),
        name("leak_severity", Kind::Number),
        name("age_days", Kind::Number),
        name("points", Kind::Number),
        name("verified_days", Kind::Number),
    ];
    if audience != Audience::Shops {
        names.push(one_of("role", &crate::account::staff::Role::ALL.map(|r| r.name())));
    }
    Vocabulary(names)
}
