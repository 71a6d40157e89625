//! Working days: the Chinese calendar as data, and deadlines that count by it.
//!
//! In China some weekdays are holidays and some weekend days are worked instead; each autumn a notice of the State
//! Council says which (`data/working-days.toml`). A year without a notice is counted by the days that the law itself fixes,
//! where they stand there, and by weekends; every deadline that touches it says so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::verification::program::ReviewDeadline;

/// Days that a count of working days looks at most: more than the longest deadline (90 working days) can span.
const MOST_DAYS: u32 = 400;

/// What a day is for those who work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Day<'c> {
    /// Worked: an ordinary weekday.
    Worked,
    /// A Saturday or Sunday that is worked in exchange for a holiday (调休).
    MadeUp,
    /// A Saturday or Sunday.
    Weekend,
    /// A public holiday, by its name.
    Holiday(&'c str),
}

impl Day<'_> {
    /// Whether people work on it.
    pub const fn is_worked(self) -> bool {
        matches!(self, Self::Worked | Self::MadeUp)
    }
}

/// A calendar's data is not sound.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CalendarError {
    /// It is not of the form.
    #[error("the calendar is not of the form: {0}")]
    Form(String),
    /// A year stands twice.
    #[error("the year {0} stands twice")]
    Twice(i16),
    /// A date is of another year than the one that it stands under.
    #[error("{1} stands under the year {0}")]
    OtherYear(i16, Date),
    /// A holiday ends before it begins.
    #[error("the holiday {0:?} ends before it begins")]
    Backwards(String),
    /// A day is both a holiday and worked.
    #[error("{0} is both a holiday and worked")]
    Both(Date),
    /// A day that is worked anyway.
    #[error("{0} is no weekend day: it is worked anyway")]
    WorkedAnyway(Date),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    year: Vec<FileYear>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileYear {
    year: i16,
    #[serde(rename = "notice")]
    _notice: String,
    confirmed: bool,
    holidays: Vec<FileHoliday>,
    worked: Vec<Date>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileHoliday {
    name: String,
    from: Date,
    to: Date,
}

/// By what working days are counted: which days are worked, and where they begin and end.
#[derive(Clone, Debug, PartialEq)]
pub struct Office {
    /// The days that are worked.
    pub calendar: WorkingCalendar,
    /// The zone that they begin and end in.
    pub zone: TimeZone,
}

impl Default for Office {
    fn default() -> Self {
        Self { calendar: WorkingCalendar::built_in().clone(), zone: default_zone() }
    }
}

impl Office {
    /// As [`WorkingCalendar::due`], here.
    pub fn due(&self, deadline: ReviewDeadline, share: f32, now: Timestamp) -> Due {
        self.calendar.due(deadline, share, &self.zone, now)
    }
}

/// When something must be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// By when.
    pub due_at: Timestamp,
    /// From when on it is escalated.
    pub escalate_at: Timestamp,
    /// Whether a year was counted whose notice is not known: the true deadline may be later.
    pub assumed: bool,
}

/// The days that are worked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkingCalendar {
    holidays: BTreeMap<Date, String>,
    worked: BTreeSet<Date>,
    confirmed: BTreeSet<i16>,
}

impl WorkingCalendar {
    /// The calendar that comes with the product.
    pub fn built_in() -> &'static Self {
        // The embedded text is validated by a test; without it weekends would be known, and said to be assumed.
        static CALENDAR: LazyLock<WorkingCalendar> = LazyLock::new(|| {
            WorkingCalendar::from_toml(include_str!("../../data/working-days.toml")).unwrap_or(
                WorkingCalendar {
                    holidays: BTreeMap::new(),
                    worked: BTreeSet::new(),
                    confirmed: BTreeSet::new(),
                },
            )
        });
        &CALENDAR
    }

    /// Reads a calendar of the form of `data/working-days.toml`.
    ///
    /// # Errors
    /// When it is not of the form or contradicts itself.
    pub fn from_toml(text: &str) -> Result<Self, CalendarError> {
        Ok(Self::read(text)?.0)
    }

    /// The calendar that comes with the product, with the years of this text in place of its own.
    ///
    /// # Errors
    /// As [`WorkingCalendar::from_toml`].
    pub fn updated_by(text: &str) -> Result<Self, CalendarError> {
        let (newer, years) = Self::read(text)?;
        let mut calendar = Self::built_in().clone();
        calendar.holidays.retain(|day, _| !years.contains(&day.year()));
        calendar.worked.retain(|day| !years.contains(&day.year()));
        calendar.confirmed.retain(|year| !years.contains(year));
        calendar.holidays.extend(newer.holidays);
        calendar.worked.extend(newer.worked);
        calendar.confirmed.extend(newer.confirmed);
        Ok(calendar)
    }

    /// A calendar, and the years that stand in it.
    fn read(text: &str) -> Result<(Self, BTreeSet<i16>), CalendarError> {
        let file: File = toml::from_str(text).map_err(|e| {
            let before = e.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            CalendarError::Form(format!("line {}: {}", before.matches('\n').count() + 1, e.message()))
        })?;
        let mut calendar =
            Self { holidays: BTreeMap::new(), worked: BTreeSet::new(), confirmed: BTreeSet::new() };
        let mut seen = BTreeSet::new();
        for year in file.year {
            if !seen.insert(year.year) {
                return Err(CalendarError::Twice(year.year));
            }
            calendar.add(year)?;
        }
        Ok((calendar, seen))
    }

    fn add(&mut self, year: FileYear) -> Result<(), CalendarError> {
        let own = |date: Date| match date.year() == year.year {
            true => Ok(date),
            false => Err(CalendarError::OtherYear(year.year, date)),
        };
        for holiday in year.holidays {
            let (from, to) = (own(holiday.from)?, own(holiday.to)?);
            if to < from {
                return Err(CalendarError::Backwards(holiday.name));
            }
            for day in from.series(jiff::Span::new().days(1)).take_while(|d| *d <= to) {
                self.holidays.insert(day, holiday.name.clone());
            }
        }
        for day in year.worked {
            if self.holidays.contains_key(&own(day)?) {
                return Err(CalendarError::Both(day));
            }
            if !is_weekend(day) {
                return Err(CalendarError::WorkedAnyway(day));
            }
            self.worked.insert(day);
        }
        if year.confirmed {
            self.confirmed.insert(year.year);
        }
        Ok(())
    }

    /// Whether the holidays of this year are known for certain: its notice is.
    pub fn knows(&self, year: i16) -> bool {
        self.confirmed.contains(&year)
    }

    /// What a day is.
    pub fn day(&self, date: Date) -> Day<'_> {
        if let Some(name) = self.holidays.get(&date) {
            Day::Holiday(name)
        } else if self.worked.contains(&date) {
            Day::MadeUp
        } else if is_weekend(date) {
            Day::Weekend
        } else {
            Day::Worked
        }
    }

    /// When something that begins now must be done, and from which share of that time (0 to 1) it is escalated.
    ///
    /// Hours are hours of the clock. So many working days end at the same time of day on the so-manieth working day
    /// after today; their share is one of the time on working days alone, so that a case from the eve of a long
    /// holiday is not escalated while nobody is at work.
    pub fn due(&self, deadline: ReviewDeadline, share: f32, zone: &TimeZone, now: Timestamp) -> Due {
        let share = if share.is_finite() { f64::from(share).clamp(0.0, 1.0) } else { 1.0 };
        match deadline {
            ReviewDeadline::Hours(hours) => {
                let whole = SignedDuration::from_hours(i64::from(hours));
                Due { due_at: later(now, whole), escalate_at: later(now, part(whole, share)), assumed: false }
            }
            ReviewDeadline::WorkingDays(days) => self.due_in_working_days(days, share, zone, now),
        }
    }

    fn due_in_working_days(&self, days: u32, share: f64, zone: &TimeZone, now: Timestamp) -> Due {
        let start = now.to_zoned(zone.clone());
        let (mut day, mut left, mut assumed) = (start.date(), days, !self.knows(start.year()));
        // The working time between now and then: the rest of today, whole days, and the beginning of the last.
        let mut spans = vec![];
        for _ in 0..MOST_DAYS {
            spans.extend(self.span(day, zone).map(|(from, to)| (from.max(now), to)));
            if left == 0 {
                break;
            }
            let Ok(next) = day.tomorrow() else { break };
            day = next;
            assumed |= !self.knows(day.year());
            left -= u32::from(self.day(day).is_worked());
        }
        // From the date and the time of day, not day by day: a gap of summer time on the way leaves no trace.
        let due_at =
            day.to_datetime(start.time()).to_zoned(zone.clone()).map_or(Timestamp::MAX, |z| z.timestamp());
        spans.iter_mut().for_each(|(_, to)| *to = (*to).min(due_at));
        Due { due_at, escalate_at: within(&spans, share).unwrap_or(due_at), assumed }
    }

    /// A day from its first moment to the next day's, if it is worked.
    fn span(&self, day: Date, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
        let begins = |day: Date| Some(day.to_zoned(zone.clone()).ok()?.timestamp());
        self.day(day).is_worked().then_some((begins(day)?, begins(day.tomorrow().ok()?)?))
    }
}

/// The moment at which a share of the whole of these spans has gone by.
fn within(spans: &[(Timestamp, Timestamp)], share: f64) -> Option<Timestamp> {
    let whole = spans.iter().map(|(from, to)| from.duration_until(*to)).sum::<SignedDuration>();
    let mut left = part(whole, share);
    for (from, to) in spans {
        let long = from.duration_until(*to);
        if left <= long {
            return Some(later(*from, left));
        }
        left -= long;
    }
    None
}

fn part(whole: SignedDuration, share: f64) -> SignedDuration {
    SignedDuration::from_millis((whole.as_millis_f64() * share) as i64)
}

fn later(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.saturating_add(by).unwrap_or(Timestamp::MAX)
}

fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

/// The zone that everything counts in unless an account has its own: Asia/Shanghai.
pub fn default_zone() -> TimeZone {
    // Bundled; were it missing, the same time without a name (China has had no summer time since 1991).
    TimeZone::get("Asia/Shanghai").unwrap_or_else(|_| TimeZone::fixed(jiff::tz::offset(8)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn working_days(days: u32, now: &str, zone: &str) -> Due {
        let zone = TimeZone::get(zone).unwrap();
        WorkingCalendar::built_in().due(ReviewDeadline::WorkingDays(days), 0.75, &zone, at(now))
    }

    #[test]
    fn the_calendar_that_comes_with_the_product_is_sound_and_does_not_know_2027() {
        let calendar = WorkingCalendar::from_toml(include_str!("../../data/working-days.toml")).unwrap();
        assert_eq!(&calendar, WorkingCalendar::built_in());
        assert_eq!([2024, 2025, 2026, 2027].map(|y| calendar.knows(y)), [false, true, true, false]);
    }

    #[test]
    fn an_operator_writes_a_year_that_was_announced_later_and_the_others_stay() {
        let text = r#"
            [[year]]
            year = 2027
            notice = "made up for this test"
            confirmed = true
            holidays = [{ name = "元旦", from = "2027-01-01", to = "2027-01-03" }]
            worked = ["2027-01-09"]
            [[year]]
            year = 2025
            notice = "withdrawn"
            confirmed = false
            holidays = []
            worked = []
        "#;
        let calendar = WorkingCalendar::updated_by(text).unwrap();
        assert_eq!([2025, 2026, 2027, 2028].map(|y| calendar.knows(y)), [false, true, true, false]);
        let day = |date: &str| calendar.day(date.parse().unwrap());
        assert_eq!(day("2027-01-01"), Day::Holiday("元旦"));
        assert_eq!((day("2027-01-09"), day("2025-01-26")), (Day::MadeUp, Day::Weekend));
        assert_eq!(day("2026-02-14"), Day::MadeUp);
        let wrong = WorkingCalendar::updated_by("[[year]]\nyear = 2027\nnotic = \"\"").unwrap_err();
        assert!(wrong.to_string().contains("line ") && wrong.to_string().contains("notic"), "{wrong}");
    }

    #[test]
    fn days_are_what_the_notices_say() {
        let is = |date: &str| WorkingCalendar::built_in().day(date.parse().unwrap());
        for (date, day) in [
            ("2025-01-26", Day::MadeUp),
            ("2025-01-27", Day::Worked),
            ("2025-01-28", Day::Holiday("春节")),
            ("2025-02-04", Day::Holiday("春节")),
            ("2025-02-08", Day::MadeUp),
            ("2025-10-08", Day::Holiday("国庆节、中秋节")),
            ("2026-02-28", Day::MadeUp),
            ("2026-10-10", Day::MadeUp),
            ("2026-10-11", Day::Weekend),
            ("2026-11-26", Day::Worked),
        ] {
            assert_eq!(is(date), day, "{date}");
        }
    }

    #[test]
    fn the_years_have_as_many_working_days_as_the_law_makes_them() {
        // 13 days of public holidays a year since 2025: 365 − 104 weekend days − 13, one up or down where a holiday
        // falls on a weekend day that is not made up for.
        let worked = |year: i16| {
            let first = jiff::civil::date(year, 1, 1);
            let days = first.series(jiff::Span::new().days(1)).take_while(|d| d.year() == year);
            days.filter(|d| WorkingCalendar::built_in().day(*d).is_worked()).count()
        };
        assert_eq!((worked(2025), worked(2026)), (248, 248));
        // By the law alone 6 of the 13 fall on weekends of 2027: which days make up for them, its notice says.
        assert_eq!(worked(2027), 365 - 104 - 7);
    }

    #[test]
    fn two_working_days_step_over_weekends_and_holidays_and_use_made_up_days() {
        for (now, due) in [
            ("2026-11-26T15:00:00+08:00", "2026-11-30T15:00:00+08:00"), // Thursday: Friday, Monday
            ("2026-02-13T09:00:00+08:00", "2026-02-24T09:00:00+08:00"), // eve of the eve: Saturday is worked
            ("2026-09-30T23:59:00+08:00", "2026-10-09T23:59:00+08:00"),
            ("2026-10-08T08:00:00+08:00", "2026-10-10T08:00:00+08:00"), // Saturday the 10th is worked
            ("2026-11-28T10:00:00+08:00", "2026-12-01T10:00:00+08:00"), // from a Saturday: Monday, Tuesday
            ("2025-02-27T10:00:00+08:00", "2025-03-03T10:00:00+08:00"),
        ] {
            let counted = working_days(2, now, "Asia/Shanghai");
            assert_eq!((counted.due_at, counted.assumed), (at(due), false), "{now}");
        }
    }

    #[test]
    fn nobody_is_escalated_to_while_nobody_works() {
        // 13 Feb 2026, 12:00: half a day, Saturday, then the holidays; 1.5 days are over on the 24th at 00:00.
        let due = working_days(2, "2026-02-13T12:00:00+08:00", "Asia/Shanghai");
        assert_eq!(due.due_at, at("2026-02-24T12:00:00+08:00"));
        assert_eq!(due.escalate_at, at("2026-02-15T00:00:00+08:00"));
        let due = working_days(2, "2026-02-13T11:00:00+08:00", "Asia/Shanghai");
        assert_eq!(due.escalate_at, at("2026-02-14T23:00:00+08:00"));
        let due = working_days(2, "2026-02-13T13:00:00+08:00", "Asia/Shanghai");
        assert_eq!(due.escalate_at, at("2026-02-24T01:00:00+08:00"));
    }

    #[test]
    fn forty_eight_hours_are_escalated_after_thirty_six() {
        let now = at("2026-02-13T12:00:00+08:00");
        let due = WorkingCalendar::built_in().due(ReviewDeadline::Hours(48), 0.75, &default_zone(), now);
        assert_eq!(due.due_at, at("2026-02-15T12:00:00+08:00"));
        assert_eq!(due.escalate_at, at("2026-02-15T00:00:00+08:00"));
    }

    #[test]
    fn a_deadline_that_touches_a_year_without_notice_says_that_it_is_assumed() {
        assert!(!working_days(2, "2026-12-29T10:00:00+08:00", "Asia/Shanghai").assumed);
        let due = working_days(2, "2026-12-30T10:00:00+08:00", "Asia/Shanghai");
        // New Year's Day is a holiday by law, whatever the notice says.
        assert_eq!((due.due_at, due.assumed), (at("2027-01-04T10:00:00+08:00"), true));
        let spring = working_days(1, "2027-02-04T10:00:00+08:00", "Asia/Shanghai");
        assert_eq!((spring.due_at, spring.assumed), (at("2027-02-09T10:00:00+08:00"), true));
    }

    #[test]
    fn leap_days_and_summer_time_keep_the_time_of_day() {
        let leap = working_days(1, "2028-02-28T10:00:00+08:00", "Asia/Shanghai");
        assert_eq!(leap.due_at, at("2028-02-29T10:00:00+08:00"));
        // Summer time ends in New York on 1 Nov 2026: 73 hours from Friday to Monday.
        let autumn = working_days(1, "2026-10-30T10:00:00-04:00", "America/New_York");
        assert_eq!(autumn.due_at, at("2026-11-02T10:00:00-05:00"));
        // 02:30 does not exist on 28 March 2027 in Berlin, which is a Sunday: Monday has it.
        let spring = working_days(1, "2027-03-27T02:30:00+01:00", "Europe/Berlin");
        assert_eq!(spring.due_at, at("2027-03-29T02:30:00+02:00"));
    }

    #[test]
    fn a_calendar_that_contradicts_itself_is_refused() {
        let one = |holidays: &str, worked: &str| {
            WorkingCalendar::from_toml(&format!(
                "[[year]]\nyear = 2026\nnotice = \"x\"\nconfirmed = true\nholidays = [{holidays}]\nworked = [{worked}]"
            ))
        };
        let new_year = "{ name = \"元旦\", from = \"2026-01-01\", to = \"2026-01-03\" }";
        assert!(one(new_year, "\"2026-01-04\"").is_ok());
        assert!(matches!(one(new_year, "\"2026-01-03\""), Err(CalendarError::Both(_))));
        assert!(matches!(one(new_year, "\"2026-01-05\""), Err(CalendarError::WorkedAnyway(_))));
        assert!(matches!(one(new_year, "\"2027-01-03\""), Err(CalendarError::OtherYear(2026, _))));
        let backwards = "{ name = \"元旦\", from = \"2026-01-03\", to = \"2026-01-01\" }";
        assert!(matches!(one(backwards, ""), Err(CalendarError::Backwards(_))));
        assert!(matches!(one("", "\"2026-02-30\""), Err(CalendarError::Form(_))));
    }

    proptest! {
        #[test]
        fn a_deadline_lies_on_a_working_day_with_exactly_so_many_between(
            days in 1u32..90, second in 1_704_067_200i64..1_893_456_000, share in 0.0f32..1.0,
            zone in prop::sample::select(&["Asia/Shanghai", "America/New_York", "Europe/Berlin", "UTC"]),
        ) {
            let (calendar, zone) = (WorkingCalendar::built_in(), TimeZone::get(zone).unwrap());
            let now = Timestamp::from_second(second).unwrap();
            let due = calendar.due(ReviewDeadline::WorkingDays(days), share, &zone, now);
            let (first, last) = (now.to_zoned(zone.clone()).date(), due.due_at.to_zoned(zone).date());
            let between = first.series(jiff::Span::new().days(1)).skip(1).take_while(|d| *d <= last);
            prop_assert_eq!(between.filter(|d| calendar.day(*d).is_worked()).count(), days as usize);
            prop_assert!(calendar.day(last).is_worked());
            prop_assert!(now <= due.escalate_at && due.escalate_at <= due.due_at);
        }

        #[test]
        fn later_cases_are_never_due_earlier(days in 1u32..20, a in 1_704_067_200i64..1_893_456_000, by in 0i64..864_000) {
            let due = |s| {
                let now = Timestamp::from_second(s).unwrap();
                let deadline = ReviewDeadline::WorkingDays(days);
                WorkingCalendar::built_in().due(deadline, 0.75, &default_zone(), now).due_at
            };
            // From a day off, the count starts with the next working day, at that time of day: only whole days compare.
            let by = by / 86_400 * 86_400;
            prop_assert!(due(a) <= due(a + by));
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = WorkingCalendar::from_toml(&text);
        }
    }
}
