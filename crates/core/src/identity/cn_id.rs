//! 公民身份号码 (GB 11643-1999): the 18-digit number of residents, of holders of 港澳台居民居住证 and, since
//! 2023-12-01, of foreigners with permanent residence.
//!
//! Six digits of place, eight of birth date, three of sequence (odd for men, even for women), one check
//! character (ISO 7064 MOD 11-2). A foreigner's number starts with 9, then two digits of province and three of
//! nationality, and goes on in the same way.

use std::fmt;

use jiff::civil::Date;

use super::{Sex, confusion, date, region, text};

/// Weights of the first seventeen digits: 2^(17-i) mod 11 (GB 11643-1999, 4.2).
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// The check character by the weighted sum modulo 11.
const CHECKS: &[u8; 11] = b"10X98765432";
/// Nobody alive is older; a birth date further back is a misreading. (The longest life on record is 122
/// years.)
const OLDEST: i16 = 130;

/// A number whose length, characters, province, birth date and check character are right.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CnId {
    text: String,
    birth_date: Date,
}

/// Whose number it is, by its first digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Holder {
    /// 居民身份证.
    Resident,
    /// 港澳居民居住证 of a Hong Kong resident (810000).
    HongKong,
    /// 港澳居民居住证 of a Macao resident (820000).
    Macao,
    /// 台湾居民居住证 (830000).
    Taiwan,
    /// 外国人永久居留身份证 in its form since 2023-12-01.
    Foreigner,
}

/// Why a text is no such number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CnIdError {
    /// Not 18 characters (15 are the form void since 2013; see [`upgrade`]).
    #[error("it has {0} characters instead of 18")]
    Length(usize),
    /// Something other than a digit (or X at the end) at this place, counted from 1.
    #[error("character {0} is not a digit")]
    Character(usize),
    /// The first two digits are no province.
    #[error("its first two digits are no province")]
    Region,
    /// Digits 7 to 14 are no date, or one more than 130 years ago.
    #[error("digits 7 to 14 are no birth date")]
    BirthDate,
    /// Born after today.
    #[error("the birth date lies in the future")]
    BornInFuture,
    /// The last character does not fit the others.
    #[error("the check character is wrong")]
    CheckDigit,
}

impl CnId {
    /// Reads a number, after making full-width, lower-case and spaced writing plain.
    pub fn parse(text: &str, today: Date) -> Result<Self, CnIdError> {
        let text = text::compact(text);
        let length = text.chars().count();
        if length != 18 {
            return Err(CnIdError::Length(length));
        }
        if let Some(at) =
            text.char_indices().position(|(i, c)| !(c.is_ascii_digit() || (i == 17 && c == 'X')))
        {
            return Err(CnIdError::Character(at + 1));
        }
        let province = if text.starts_with('9') { &text[1..3] } else { &text[..2] };
        if !province.parse().is_ok_and(region::province_exists) {
            return Err(CnIdError::Region);
        }
        let birth_date = date::compact(&text[6..14]).ok_or(CnIdError::BirthDate)?;
        if birth_date > today {
            return Err(CnIdError::BornInFuture);
        }
        if date::age_on(birth_date, today) > OLDEST {
            return Err(CnIdError::BirthDate);
        }
        if check_character(&text[..17]) != text.chars().last() {
            return Err(CnIdError::CheckDigit);
        }
        Ok(Self { text, birth_date })
    }

    /// All eighteen characters.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The birth date it contains.
    pub const fn birth_date(&self) -> Date {
        self.birth_date
    }

    /// The sex it states. For a foreigner's number the rule of odd and even is taken over from GB 11643 and
    /// not published: treat a contradiction there as a doubt only.
    pub fn sex(&self) -> Sex {
        if (self.text.as_bytes()[16] - b'0') % 2 == 1 { Sex::Male } else { Sex::Female }
    }

    /// The first six digits: the place of first registration, or for a foreigner 9, province, nationality.
    pub fn region_code(&self) -> u32 {
        self.text.as_bytes()[..6].iter().fold(0, |n, c| n * 10 + u32::from(c - b'0'))
    }

    /// Whether some edition of GB/T 2260 knows the place. Unknown is a reason to look, not to refuse: tables
    /// have gaps. A foreigner's number has no such code and counts as known.
    pub fn region_is_known(&self) -> bool {
        self.holder() == Holder::Foreigner || region::is_known(self.region_code())
    }

    /// Whose it is.
    pub fn holder(&self) -> Holder {
        match self.region_code() {
            810_000 => Holder::HongKong,
            820_000 => Holder::Macao,
            830_000 => Holder::Taiwan,
            900_000.. => Holder::Foreigner,
            _ => Holder::Resident,
        }
    }
}

impl fmt::Debug for CnId {
    /// A number is personal data: logs see its first and last two characters at most.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CnId({}…{})", &self.text[..2], &self.text[16..])
    }
}

/// Whether a text starts as the number of a 港澳台居民居住证 does, be the rest of it valid or not.
pub fn is_residence_permit(number: &str) -> bool {
    ["810000", "820000", "830000"].iter().any(|place| number.starts_with(place))
}

/// The check character of seventeen digits; `None` when they are not seventeen digits.
pub fn check_character(seventeen: &str) -> Option<char> {
    let digits = seventeen.as_bytes();
    if digits.len() != 17 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(d, w)| u32::from(d - b'0') * w).sum();
    Some(char::from(CHECKS[(sum % 11) as usize]))
}

/// The 18-character form of a 15-digit number of before 1999 (two-digit year, no check character): `19` put
/// before the year, the check character added. For looking up history: those cards have been void since
/// 2013-01-01.
pub fn upgrade(fifteen: &str) -> Option<String> {
    let text = text::compact(fifteen);
    if text.len() != 15 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let long = format!("{}19{}", &text[..6], &text[6..]);
    check_character(&long).map(|c| format!("{long}{c}"))
}

/// A text with letters that cannot stand in a number replaced by the digits they look like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repaired {
    /// Upper case, without spaces; of any length.
    pub text: String,
    /// How many characters were replaced.
    pub repairs: u32,
}

/// Repairs what OCR confuses: every place but the last takes digits only. A digit is never changed, so a
/// wrong check character stays wrong.
pub fn repair(text: &str) -> Repaired {
    let compact = text::compact(text);
    let mut repairs = 0;
    let text = compact
        .char_indices()
        .map(|(i, c)| match confusion::digit_for(c) {
            Some(digit) if !(i == 17 && c == 'X') => {
                repairs += 1;
                digit
            }
            _ if matches!(c, '×' | '✕' | 'Х' | 'Χ') && i == 17 => {
                repairs += 1;
                'X'
            }
            _ => c,
        })
        .collect();
    Repaired { text, repairs }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const TODAY: Date = date(2026, 11, 22);

    #[test]
    fn published_numbers_are_accepted_with_what_they_say() {
        for (text, holder, born, sex) in [
            ("11010519491231002X", Holder::Resident, date(1949, 12, 31), Sex::Female),
            ("440524188001010014", Holder::Resident, date(1880, 1, 1), Sex::Male),
            ("810000199408230021", Holder::HongKong, date(1994, 8, 23), Sex::Female),
            ("830000199201300022", Holder::Taiwan, date(1992, 1, 30), Sex::Female),
        ] {
            // The second is the standard's own example of someone long dead: read as of its time.
            let today = if born < date(1900, 1, 1) { date(1999, 7, 1) } else { TODAY };
            let id = CnId::parse(text, today).unwrap();
            assert_eq!((id.holder(), id.birth_date(), id.sex()), (holder, born, sex), "{text}");
            assert!(id.region_is_known(), "{text}");
        }
    }

    #[test]
    fn each_way_of_being_wrong_has_its_own_error() {
        for (text, error) in [
            ("", CnIdError::Length(0)),
            ("110105491231002", CnIdError::Length(15)),
            ("110105194912310021", CnIdError::CheckDigit),
            ("1101051949X231002X", CnIdError::Character(11)),
            ("11010519491231002Ｙ", CnIdError::Character(18)),
            ("身份证号码一二三四五六七八九十百千万", CnIdError::Character(1)),
            ("010105194912310021", CnIdError::Region),
            ("160105194912310021", CnIdError::Region),
            ("916105194912310021", CnIdError::Region),
            ("110105194913310021", CnIdError::BirthDate),
            ("110105202302290021", CnIdError::BirthDate),
            ("110105188001010021", CnIdError::BirthDate),
            ("110105209901010021", CnIdError::BornInFuture),
        ] {
            assert_eq!(CnId::parse(text, TODAY), Err(error), "{text}");
        }
    }

    #[test]
    fn writing_is_made_plain_first() {
        for text in ["11010519491231002x", "１１０１０５１９４９１２３１００２Ｘ", " 110105 19491231 002x "]
        {
            assert_eq!(CnId::parse(text, TODAY).unwrap().as_str(), "11010519491231002X");
        }
    }

    #[test]
    fn an_unknown_place_in_a_known_province_is_read_and_told() {
        let number = format!("110199194912310{}", "02");
        let id = CnId::parse(&format!("{number}{}", check_character(&number).unwrap()), TODAY).unwrap();
        assert!(!id.region_is_known());
    }

    #[test]
    fn a_foreigner_s_number_starts_with_nine() {
        let number = "93184019800115001";
        let id = CnId::parse(&format!("{number}{}", check_character(number).unwrap()), TODAY).unwrap();
        assert_eq!((id.holder(), id.sex(), id.region_is_known()), (Holder::Foreigner, Sex::Male, true));
    }

    #[test]
    fn a_fifteen_digit_number_is_upgraded() {
        assert_eq!(upgrade("110105491231002").as_deref(), Some("11010519491231002X"));
        assert_eq!(upgrade("11010549123100"), None);
        assert_eq!(upgrade("11010549123100X"), None);
    }

    #[test]
    fn letters_where_only_digits_stand_are_repaired_and_counted() {
        let fixed = repair("11O1OS194912310O2x");
        assert_eq!((fixed.text.as_str(), fixed.repairs), ("11010519491231002X", 4));
        let wrong = repair("110105194912310021");
        assert_eq!((wrong.text.as_str(), wrong.repairs), ("110105194912310021", 0));
    }

    #[test]
    fn debug_output_hides_the_number() {
        let id = CnId::parse("11010519491231002X", TODAY).unwrap();
        assert_eq!(format!("{id:?}"), "CnId(11…2X)");
    }

    prop_compose! {
        fn number()(place in 0..region::all().len(), y in 1930i16..2026, m in 1i8..=12, d in 1i8..=28,
                    seq in 1u16..1000) -> String {
            let body = format!("{}{y:04}{m:02}{d:02}{seq:03}", region::all()[place]);
            let check = check_character(&body).unwrap();
            format!("{body}{check}")
        }
    }

    proptest! {
        #[test]
        fn generated_numbers_are_accepted(number in number()) {
            let id = CnId::parse(&number, TODAY).unwrap();
            prop_assert_eq!(id.as_str(), &number);
            prop_assert!(id.region_is_known());
        }

        #[test]
        fn any_single_substitution_is_caught(number in number(), at in 0usize..17, by in 1u8..10) {
            let mut changed = number.clone().into_bytes();
            changed[at] = b'0' + (changed[at] - b'0' + by) % 10;
            prop_assert!(CnId::parse(&String::from_utf8(changed).unwrap(), TODAY).is_err());
        }

        #[test]
        fn any_swap_of_neighbours_is_caught(number in number(), at in 0usize..17) {
            let mut changed = number.clone().into_bytes();
            changed.swap(at, at + 1);
            let changed = String::from_utf8(changed).unwrap();
            prop_assert!(changed == number || CnId::parse(&changed, TODAY).is_err());
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = CnId::parse(&text, TODAY);
            let _ = upgrade(&text);
            let _ = repair(&text);
        }

        #[test]
        fn nothing_of_the_right_shape_makes_it_panic(text in "[0-9X９ｘ]{14,19}") {
            let _ = CnId::parse(&text, TODAY);
            let _ = upgrade(&text);
        }
    }
}
