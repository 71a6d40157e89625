//! Numbers of bank cards: 12 to 19 digits, the last of which checks the others (ISO/IEC 7812-1, annex B).

use super::text;

/// A bank card's number in its normal form, whose check digit is right.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct BankCard(String);

/// Why a text is no number of a bank card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BankCardError {
    /// It has too few digits, or too many.
    #[error("a bank card's number has 12 to 19 digits, not {0}")]
    Length(usize),
    /// Something that is no digit.
    #[error("the character at place {0} is no digit")]
    Digit(usize),
    /// The last digit does not fit the others.
    #[error("the last digit does not fit the others")]
    Check,
}

impl BankCard {
    /// Reads one; full-width digits, spaces and hyphens are accepted.
    ///
    /// # Errors
    /// Where it is wrong.
    pub fn parse(number: &str) -> Result<Self, BankCardError> {
        let plain: String = text::compact(number).chars().filter(|c| *c != '-').collect();
        if let Some(place) = plain.chars().position(|c| !c.is_ascii_digit()) {
            return Err(BankCardError::Digit(place + 1));
        }
        if !(12..=19).contains(&plain.len()) {
            return Err(BankCardError::Length(plain.len()));
        }
        let sum: u32 = plain.bytes().rev().enumerate().map(|(place, byte)| weighed(place, byte)).sum();
        if sum.is_multiple_of(10) { Ok(Self(plain)) } else { Err(BankCardError::Check) }
    }

    /// Its digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Every second digit from the end counts twice, and its own two digits are added.
fn weighed(place: usize, byte: u8) -> u32 {
    let digit = u32::from(byte - b'0');
    match place % 2 {
        0 => digit,
        _ => digit * 2 / 10 + digit * 2 % 10,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_is_read_or_told_where_it_is_wrong() {
        // Made up.
        for good in ["6222 0212 3456 7894", "６２２２０２１２３４５６７８９４", "6222-0212-3456-7894"]
        {
            assert_eq!(BankCard::parse(good).map(|c| c.0), Ok("6222021234567894".to_owned()), "{good}");
        }
        for (bad, why) in [
            ("", BankCardError::Length(0)),
            ("62220212345", BankCardError::Length(11)),
            ("62220212345678901234", BankCardError::Length(20)),
            ("622202123456789X", BankCardError::Digit(16)),
            ("6222021234567895", BankCardError::Check),
        ] {
            assert_eq!(BankCard::parse(bad).map(|c| c.0), Err(why), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text: String) {
            let _ = BankCard::parse(&text);
        }

        /// What a check digit is for: one wrong digit never passes.
        #[test]
        fn a_wrong_digit_is_noticed(digits in "[0-9]{11,18}", place in 0usize..11, by in 1u8..10) {
            let whole = (0..10).map(|last| format!("{digits}{last}")).find(|n| BankCard::parse(n).is_ok()).unwrap();
            let mut wrong = whole.into_bytes();
            wrong[place] = b'0' + (wrong[place] - b'0' + by) % 10;
            prop_assert!(BankCard::parse(std::str::from_utf8(&wrong).unwrap()).is_err());
        }
    }
}
