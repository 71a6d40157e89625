//! How long documents may be valid.
//!
//! 居民身份证法 art. 5: a card issued to someone under 16 is valid for 5 years, from 16 to 25 for 10, from 26
//! to 45 for 20, from 46 on without end (长期). 港澳台居民居住证 are valid for 5 years at any age.

use jiff::civil::Date;
use jiff::{Span, ToSpan};

use super::date::{age_on, iso};

/// When a document ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValidTo {
    /// On this day, which is the last on which it is valid.
    On(Date),
    /// Never (长期).
    LongTerm,
}

/// How `long_term` is written in a field's value.
pub const LONG_TERM: &str = "long_term";

impl ValidTo {
    /// From a normalised field value: an ISO date or `long_term`.
    pub fn from_value(value: &str) -> Option<Self> {
        if value == LONG_TERM { Some(Self::LongTerm) } else { iso(value).map(Self::On) }
    }
}

/// Where a day stands to a validity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Before the first day.
    NotYet,
    /// From the first to the last day, both included.
    Valid,
    /// After the last day.
    Expired,
}

/// Whether a document is valid today; a missing end counts as none.
pub fn status(from: Option<Date>, to: Option<ValidTo>, today: Date) -> Status {
    match (from, to) {
        (_, Some(ValidTo::On(end))) if end < today => Status::Expired,
        (Some(start), _) if start > today => Status::NotYet,
        _ => Status::Valid,
    }
}

/// The law counts age when the card was applied for; it is issued within 60 days, 30 more where transport is
/// hard (art. 12). So the age that decided may be that of up to 90 days before the card's first day; the same
/// is allowed after it, since cards applied for just before a birthday may be dated from it.
const ISSUE_DAYS: i64 = 90;

/// Whether a resident card may run from `from` to `to`; without a birth date, whether it may for anyone.
pub fn resident_card_may_run(from: Date, to: ValidTo, birth: Option<Date>) -> bool {
    let terms = match birth {
        None => vec![Term::Years(5), Term::Years(10), Term::Years(20), Term::LongTerm],
        Some(birth) => [(-ISSUE_DAYS).days(), 0.days(), ISSUE_DAYS.days()]
            .into_iter()
            .filter_map(|shift: Span| from.checked_add(shift).ok())
            .map(|applied| Term::at_age(age_on(birth, applied)))
            .collect(),
    };
    birth.is_none_or(|b| b <= from) && terms.into_iter().any(|t| t.fits(from, to))
}

/// Whether a residence permit of 港澳台 residents may run from `from` to `to`.
pub fn residence_permit_may_run(from: Date, to: ValidTo) -> bool {
    Term::Years(5).fits(from, to)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Term {
    Years(i16),
    LongTerm,
}

impl Term {
    const fn at_age(age: i16) -> Self {
        match age {
            i16::MIN..=15 => Self::Years(5),
            16..=25 => Self::Years(10),
            26..=45 => Self::Years(20),
            _ => Self::LongTerm,
        }
    }

    fn fits(self, from: Date, to: ValidTo) -> bool {
        match (self, to) {
            (Self::LongTerm, ValidTo::LongTerm) => true,
            (Self::Years(years), ValidTo::On(end)) => ends(from, years).contains(&Some(end)),
            _ => false,
        }
    }
}

/// The days on which a term of whole years may end: the same day of the year; for one that starts on
/// 29 February, either neighbour too.
fn ends(from: Date, years: i16) -> [Option<Date>; 4] {
    let year = from.year() + years;
    let same = Date::new(year, from.month(), from.day()).ok();
    if (from.month(), from.day()) == (2, 29) {
        [same, Date::new(year, 2, 28).ok(), Date::new(year, 2, 29).ok(), Date::new(year, 3, 1).ok()]
    } else {
        [same, None, None, None]
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn on(y: i16, m: i8, d: i8) -> ValidTo {
        ValidTo::On(date(y, m, d))
    }

    #[test]
    fn terms_follow_the_age_at_issue() {
        let born = date(1990, 6, 15);
        for (from, to, may) in [
            (date(2005, 6, 15), on(2010, 6, 15), true),
            (date(2005, 6, 15), on(2015, 6, 15), false),
            (date(2012, 1, 1), on(2022, 1, 1), true),
            (date(2012, 1, 1), on(2032, 1, 1), false),
            (date(2020, 1, 1), on(2040, 1, 1), true),
            (date(2020, 1, 1), on(2030, 1, 1), false),
            (date(2020, 1, 1), ValidTo::LongTerm, false),
            (date(2040, 1, 1), ValidTo::LongTerm, true),
            (date(2020, 1, 1), on(2040, 1, 2), false),
            (date(1989, 1, 1), on(1994, 1, 1), false),
        ] {
            assert_eq!(resident_card_may_run(from, to, Some(born)), may, "{from} {to:?}");
        }
    }

    #[test]
    fn ninety_days_around_the_birthdays_either_term_is_right() {
        let born = date(1990, 6, 15);
        for (age, before, after) in [
            (16, on(5, 1, 1), on(10, 1, 1)),
            (26, on(10, 1, 1), on(20, 1, 1)),
            (46, on(20, 1, 1), ValidTo::LongTerm),
        ] {
            let birthday = date(1990 + age, 6, 15);
            for (days, old, new) in
                [(-91, true, false), (-90, true, true), (0, true, true), (89, true, true), (91, false, true)]
            {
                let from = birthday.checked_add(i64::from(days).days()).unwrap();
                let run = |to: ValidTo| match to {
                    ValidTo::On(years) => {
                        ValidTo::On(date(from.year() + years.year(), from.month(), from.day()))
                    }
                    ValidTo::LongTerm => to,
                };
                assert_eq!(resident_card_may_run(from, run(before), Some(born)), old, "{age} {days} old");
                assert_eq!(resident_card_may_run(from, run(after), Some(born)), new, "{age} {days} new");
            }
        }
    }

    #[test]
    fn a_card_from_the_twenty_ninth_of_february_may_end_on_either_side() {
        let from = date(2020, 2, 29);
        for (to, may) in [
            (on(2030, 2, 28), true),
            (on(2030, 3, 1), true),
            (on(2040, 2, 29), true),
            (on(2030, 2, 27), false),
        ] {
            assert_eq!(resident_card_may_run(from, to, None), may, "{to:?}");
        }
    }

    #[test]
    fn a_residence_permit_runs_five_years() {
        assert!(residence_permit_may_run(date(2022, 3, 1), on(2027, 3, 1)));
        assert!(!residence_permit_may_run(date(2022, 3, 1), on(2032, 3, 1)));
        assert!(!residence_permit_may_run(date(2022, 3, 1), ValidTo::LongTerm));
    }

    #[test]
    fn a_document_is_valid_on_its_first_and_last_day() {
        let (from, to) = (Some(date(2020, 1, 2)), Some(on(2030, 1, 2)));
        for (today, expected) in [
            (date(2020, 1, 1), Status::NotYet),
            (date(2020, 1, 2), Status::Valid),
            (date(2030, 1, 2), Status::Valid),
            (date(2030, 1, 3), Status::Expired),
        ] {
            assert_eq!(status(from, to, today), expected, "{today}");
        }
        assert_eq!(status(from, Some(ValidTo::LongTerm), date(2099, 1, 1)), Status::Valid);
        assert_eq!(status(None, None, date(2099, 1, 1)), Status::Valid);
    }

    proptest! {
        #[test]
        fn no_date_makes_it_panic(from in -9999i16..=9999, end in -9999i16..=9999, born in -9999i16..=9999) {
            let day = |y| date(y, 12, 31);
            let _ = resident_card_may_run(day(from), ValidTo::On(day(end)), Some(day(born)));
            let _ = residence_permit_may_run(day(from), ValidTo::LongTerm);
        }
    }
}
