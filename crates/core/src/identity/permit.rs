//! Numbers of travel and residence permits that do not follow GB 11643.
//!
//! Only their format is known for certain, so they are told apart by it and no more; a permit's own check
//! digits are those of its machine-readable zone.

use super::text;

/// A permit whose number is told by its format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permit {
    /// 港澳居民来往内地通行证 of a Hong Kong resident: H and 8 digits; before 2013 two more, the issue count.
    HongKongTravel,
    /// The same of a Macao resident: M instead of H.
    MacaoTravel,
    /// 台湾居民来往大陆通行证: 8 digits; the older booklets 10, with a letter or a digit in brackets.
    TaiwanTravel,
    /// 外国人永久居留 of before 2023-12-01, still in use: three letters of nationality, 12 digits. Newer ones
    /// are [`super::cn_id::Holder::Foreigner`].
    ForeignerOld,
}

/// A permit's number in its normal form: upper case, without spaces and brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PermitNumber {
    /// Which permit.
    pub permit: Permit,
    /// What identifies the holder for life: without the issue count.
    pub number: String,
    /// How often it had been issued, on cards that say so.
    pub issue: Option<String>,
}

/// Tells which permit has a number like this; `None` when none has.
pub fn recognise(number: &str) -> Option<PermitNumber> {
    let plain: String = text::compact(number).chars().filter(|c| !matches!(c, '(' | ')' | '-')).collect();
    if !plain.is_ascii() {
        return None;
    }
    let letters = plain.bytes().take_while(u8::is_ascii_uppercase).count();
    let (head, rest) = plain.split_at(letters);
    let digits = |n: usize| rest.len() == n && rest.bytes().all(|b| b.is_ascii_digit());
    let named = |permit, number: &str, issue: Option<&str>| {
        Some(PermitNumber { permit, number: number.to_owned(), issue: issue.map(str::to_owned) })
    };
    match head {
        "H" | "M" if digits(8) || digits(10) => {
            let permit = if head == "H" { Permit::HongKongTravel } else { Permit::MacaoTravel };
            named(permit, &plain[..9], Some(&plain[9..]).filter(|i| !i.is_empty()))
        }
        "" if digits(8) => named(Permit::TaiwanTravel, &plain, None),
        "" if matches!(rest.len(), 10 | 11) && rest.as_bytes()[..10].iter().all(u8::is_ascii_digit) => {
            named(Permit::TaiwanTravel, &plain[..10], Some(&plain[10..]).filter(|i| !i.is_empty()))
        }
        _ if letters == 3 && digits(12) => named(Permit::ForeignerOld, &plain, None),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn permits_are_told_by_their_numbers() {
        for (text, permit, number, issue) in [
            ("H12345678", Permit::HongKongTravel, "H12345678", None),
            ("h 12345678 01", Permit::HongKongTravel, "H12345678", Some("01")),
            ("M87654321", Permit::MacaoTravel, "M87654321", None),
            ("01234567", Permit::TaiwanTravel, "01234567", None),
            ("1234567890(B)", Permit::TaiwanTravel, "1234567890", Some("B")),
            ("USA110000000001", Permit::ForeignerOld, "USA110000000001", None),
        ] {
            let found = recognise(text).unwrap();
            assert_eq!(
                (found.permit, found.number.as_str(), found.issue.as_deref()),
                (permit, number, issue),
                "{text}"
            );
        }
    }

    #[test]
    fn other_numbers_are_no_permit_s() {
        for text in [
            "",
            "H1234567",
            "H123456789",
            "X12345678",
            "123456789",
            "11010519491231002X",
            "US1234567890123",
            "台湾",
        ] {
            assert_eq!(recognise(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = recognise(&text);
        }

        #[test]
        fn nothing_alike_makes_it_panic(text in "[HMA-Z(0-9)]{0,16}") {
            let _ = recognise(&text);
        }
    }
}
