//! Promotions: the weeks of the year in which temporary accounts work.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A day of every year, `11-01`. The 29th of February is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DayOfYear {
    month: i8,
    day: i8,
}

impl DayOfYear {
    fn of(date: Date) -> Self {
        Self { month: date.month(), day: date.day() }
    }

    fn in_year(self, year: i16) -> Option<Date> {
        Date::new(year, self.month, self.day).ok()
    }
}

impl FromStr for DayOfYear {
    type Err = PromotionError;

    fn from_str(text: &str) -> Result<Self, PromotionError> {
        let wrong = || PromotionError::Day(text.to_owned());
        if text.len() != 5 {
            return Err(wrong());
        }
        // 2025 is no leap year.
        let date: Date = format!("2025-{text}").parse().map_err(|_| wrong())?;
        Ok(Self::of(date))
    }
}

impl TryFrom<String> for DayOfYear {
    type Error = PromotionError;

    fn try_from(text: String) -> Result<Self, PromotionError> {
        text.parse()
    }
}

impl From<DayOfYear> for String {
    fn from(day: DayOfYear) -> Self {
        day.to_string()
    }
}

impl fmt::Display for DayOfYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{:02}", self.month, self.day)
    }
}

/// One promotion, within a calendar year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Promotion {
    /// What people call it.
    pub name: String,
    /// From which day on temporary accounts can be made.
    #[schemars(with = "String", regex(pattern = "^[0-9]{2}-[0-9]{2}$"))]
    pub create_from: DayOfYear,
    /// The first day on which they work.
    #[schemars(with = "String", regex(pattern = "^[0-9]{2}-[0-9]{2}$"))]
    pub from: DayOfYear,
    /// The last day on which they work.
    #[schemars(with = "String", regex(pattern = "^[0-9]{2}-[0-9]{2}$"))]
    pub to: DayOfYear,
    /// The one year of it; without, every year.
    #[serde(default)]
    pub year: Option<i16>,
}

/// Promotions that cannot be.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PromotionError {
    /// Not a day of every year.
    #[error("{0:?} is no day of every year, such as 11-01: month and day, and a day that each year has")]
    Day(String),
    /// It ends before it begins, or begins before accounts can be made for it.
    #[error(
        "promotions: {0:?} is not in order; write create_from, from and to so that none is before the one before it"
    )]
    Backwards(String),
    /// Two of them at the same time.
    #[error(
        "promotions: {0:?} and {1:?} overlap; change their from and to, or their year, so that no day is of both"
    )]
    Overlap(String, String),
}

/// When a temporary account works: from, and until just before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Its first moment.
    pub opens_at: Timestamp,
    /// The first moment behind it.
    pub closes_at: Timestamp,
}

impl Promotion {
    /// 双十一, with the year's last promotion of 12-12 behind it (E10).
    pub fn double_eleven() -> Self {
        let day = |month, day| DayOfYear { month, day };
        Self {
            name: "双十一".to_owned(),
            create_from: day(10, 27),
            from: day(11, 1),
            to: day(12, 21),
            year: None,
        }
    }

    /// Checks each, and that none overlaps another.
    ///
    /// # Errors
    /// The first that is not in order, or the first two at the same time.
    pub fn validate(all: &[Self]) -> Result<(), PromotionError> {
        for (i, one) in all.iter().enumerate() {
            if !(one.create_from <= one.from && one.from <= one.to) {
                return Err(PromotionError::Backwards(one.name.clone()));
            }
            if let Some(other) = all[..i].iter().find(|other| one.overlaps(other)) {
                return Err(PromotionError::Overlap(other.name.clone(), one.name.clone()));
            }
        }
        Ok(())
    }

    fn overlaps(&self, other: &Self) -> bool {
        let same_year = self.year.is_none() || other.year.is_none() || self.year == other.year;
        same_year && self.from <= other.to && other.from <= self.to
    }

    /// The window of the promotion for which an account can be made on this day; the one that closes first.
    pub fn open_for_creation(all: &[Self], today: Date, zone: &TimeZone) -> Option<Window> {
        let open = |p: &&Self| {
            let day = DayOfYear::of(today);
            p.year.is_none_or(|y| y == today.year()) && p.create_from <= day && day <= p.to
        };
        all.iter().filter(open).min_by_key(|p| p.to)?.window(today.year(), zone)
    }

    fn window(&self, year: i16, zone: &TimeZone) -> Option<Window> {
        let begins = |date: Date| Some(date.to_zoned(zone.clone()).ok()?.timestamp());
        Some(Window {
            opens_at: begins(self.from.in_year(year)?)?,
            closes_at: begins(self.to.in_year(year)?.tomorrow().ok()?)?,
        })
    }
}
