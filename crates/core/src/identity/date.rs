//! Dates as documents write them.

use jiff::civil::Date;

/// Reads a strict ISO 8601 calendar date (`2024-02-29`); anything else is `None`.
pub fn iso(text: &str) -> Option<Date> {
    let b = text.as_bytes();
    if b.len() != 10 || b[4] != b'-' || b[7] != b'-' {
        return None;
    }
    digits(&[&b[..4], &b[5..7], &b[8..]].concat())
}

/// Reads `YYYYMMDD`.
pub fn compact(text: &str) -> Option<Date> {
    if text.len() == 8 { digits(text.as_bytes()) } else { None }
}

/// Reads the dotted form of a resident ID card's back: `2015.03.02`. One- and two-digit months and days are
/// accepted.
pub fn dotted(text: &str) -> Option<Date> {
    let mut parts = text.split('.');
    let (y, m, d) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || y.len() != 4 || !(1..=2).contains(&m.len()) || !(1..=2).contains(&d.len()) {
        return None;
    }
    digits(format!("{y}{m:0>2}{d:0>2}").as_bytes())
}

fn digits(b: &[u8]) -> Option<Date> {
    let number = |r: &[u8]| {
        r.iter().try_fold(0i16, |n, c| {
            c.is_ascii_digit().then(|| n.checked_mul(10)?.checked_add(i16::from(c - b'0')))?
        })
    };
    let month = i8::try_from(number(b.get(4..6)?)?).ok()?;
    let day = i8::try_from(number(b.get(6..8)?)?).ok()?;
    Date::new(number(b.get(..4)?)?, month, day).ok()
}

/// Completed years of life on a day; negative before birth. Someone born on 29 February completes a year on
/// 1 March of a common year.
pub fn age_on(birth: Date, day: Date) -> i16 {
    let reached = (day.month(), day.day()) >= (birth.month(), birth.day());
    day.year() - birth.year() - i16::from(!reached)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_form_is_read_and_nothing_else() {
        assert_eq!(iso("2024-02-29"), Some(date(2024, 2, 29)));
        assert_eq!(compact("19491231"), Some(date(1949, 12, 31)));
        assert_eq!(dotted("2015.03.02"), Some(date(2015, 3, 2)));
        assert_eq!(dotted("2015.3.2"), Some(date(2015, 3, 2)));
        for bad in [
            "",
            "2023-02-29",
            "2023-2-03",
            "20230203",
            "2023-13-01",
            "2023.01.01.01",
            "+023-01-01",
            "二〇二三",
        ] {
            assert_eq!((iso(bad), dotted(bad)), (None, None), "{bad}");
        }
        assert_eq!(compact("20230229"), None);
    }

    #[test]
    fn age_is_counted_in_completed_years() {
        let born = date(2004, 2, 29);
        assert_eq!(age_on(born, date(2020, 2, 28)), 15);
        assert_eq!(age_on(born, date(2020, 2, 29)), 16);
        assert_eq!(age_on(born, date(2021, 2, 28)), 16);
        assert_eq!(age_on(born, date(2021, 3, 1)), 17);
        assert_eq!(age_on(born, date(2003, 1, 1)), -2);
    }

    proptest! {
        #[test]
        fn no_text_makes_them_panic(text in any::<String>()) {
            let _ = (iso(&text), compact(&text), dotted(&text));
        }

        #[test]
        fn what_is_printed_is_read(y in 1i16..=9999, m in 1i8..=12, d in 1i8..=28) {
            let day = date(y, m, d);
            prop_assert_eq!(iso(&day.to_string()), Some(day));
            prop_assert_eq!(dotted(&format!("{y:04}.{m:02}.{d:02}")), Some(day));
            prop_assert_eq!(compact(&format!("{y:04}{m:02}{d:02}")), Some(day));
        }
    }
}
