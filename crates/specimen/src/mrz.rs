//! Machine-readable zones of specimens (ICAO 9303 parts 3 to 5 and 7).

use jiff::civil::Date;
use shiren_core::identity::Sex;
use shiren_core::identity::mrz::check_digit;

use crate::Specimen;

/// Two lines of 44: a passport.
pub(crate) fn td3(s: &Specimen) -> [String; 2] {
    let number = checked(&fill(&s.passport_number, 9));
    let (birth, expiry) = (checked(&short(s.birth_date)), checked(&short(s.passport_expiry)));
    let personal = checked(&fill(&s.personal_number, 14));
    let composite = check_digit(format!("{number}{birth}{expiry}{personal}").as_bytes()) as char;
    [
        format!("P<{}{}", fill(&s.state, 3), names(s, 39)),
        format!("{number}{}{birth}{}{expiry}{personal}{composite}", fill(&s.state, 3), sex(s.sex)),
    ]
}

/// Two lines of 44: a visa, which has no composite check digit.
pub(crate) fn mrv_a(s: &Specimen) -> [String; 2] {
    let number = checked(&fill(&s.visa_number, 9));
    let (birth, expiry) = (checked(&short(s.birth_date)), checked(&short(s.visa_expiry)));
    [
        format!("V<{}{}", fill(&s.state, 3), names(s, 39)),
        format!("{number}{}{birth}{}{expiry}{}", fill(&s.state, 3), sex(s.sex), fill("", 16)),
    ]
}

/// Three lines of 30: a card.
pub(crate) fn td1(s: &Specimen) -> [String; 3] {
    let number = checked(&fill(&s.permit_number, 9));
    let (birth, expiry) = (checked(&short(s.birth_date)), checked(&short(s.permit_expiry)));
    let (first, second) = (fill("", 15), fill("", 11));
    let composite = check_digit(format!("{number}{first}{birth}{expiry}{second}").as_bytes()) as char;
    [
        format!("I<{}{number}{first}", fill(&s.state, 3)),
        format!("{birth}{}{expiry}{}{second}{composite}", sex(s.sex), fill(&s.state, 3)),
        names(s, 30),
    ]
}

/// Cut or filled to a width.
fn fill(text: &str, width: usize) -> String {
    format!("{:<<width$}", &text[..text.len().min(width)])
}

fn checked(text: &str) -> String {
    format!("{text}{}", check_digit(text.as_bytes()) as char)
}

fn short(day: Date) -> String {
    format!("{:02}{:02}{:02}", day.year() % 100, day.month(), day.day())
}

fn names(s: &Specimen, width: usize) -> String {
    let plain = |name: &str| name.replace([' ', '-'], "<");
    fill(&format!("{}<<{}", plain(&s.surname), plain(&s.given_names)), width)
}

fn sex(sex: Sex) -> &'static str {
    match sex {
        Sex::Male => "M",
        Sex::Female => "F",
        Sex::Unstated => "<",
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use shiren_core::identity::mrz::{Format, parse};

    use super::*;

    #[test]
    fn every_zone_reads_back_as_the_person_it_was_made_for() {
        let today = date(2026, 11, 22);
        for seed in 0..500 {
            let s = Specimen::random(seed, today);
            let zones = [
                (parse(&td3(&s), today).unwrap(), Format::Td3, &s.passport_number, s.passport_expiry),
                (parse(&td1(&s), today).unwrap(), Format::Td1, &s.permit_number, s.permit_expiry),
                (parse(&mrv_a(&s), today).unwrap(), Format::MrvA, &s.visa_number, s.visa_expiry),
            ];
            for (zone, format, number, expiry) in zones {
                assert!(zone.valid() && zone.format == format, "{zone:?}");
                assert_eq!((&zone.surname, &zone.given_names), (&s.surname, &s.given_names));
                assert_eq!((&zone.document_number, zone.expiry_date), (number, Some(expiry)));
                assert_eq!((zone.birth_date, zone.sex), (Some(s.birth_date), s.sex));
            }
        }
    }

    #[test]
    fn the_published_specimen_comes_out_as_published() {
        // ICAO 9303-4, appendix A.
        let s = Specimen {
            surname: "ERIKSSON".into(),
            given_names: "ANNA MARIA".into(),
            passport_number: "L898902C3".into(),
            personal_number: "ZE184226B".into(),
            birth_date: date(1974, 8, 12),
            passport_expiry: date(2012, 4, 15),
            sex: Sex::Female,
            ..Specimen::random(1, date(2026, 1, 1))
        };
        assert_eq!(
            td3(&s),
            ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"]
        );
    }
}
