//! 统一社会信用代码: the number of a company's business licence, GB 32100-2015, with both of its check digits.

use super::text;

const SYMBOLS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
/// Of GB 11714, the organisation code in positions 9 to 17.
const ORGANISATION_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// A credit code in its normal form whose check digits are right.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CreditCode(String);

/// Why a text is no credit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CreditCodeError {
    /// It has not 18 characters.
    #[error("a credit code has 18 characters, not {0}")]
    Length(usize),
    /// A character that none has; I, O, S, V and Z are among them.
    #[error("{1:?} at place {0} stands in no credit code")]
    Symbol(usize, char),
    /// The last character does not fit the others.
    #[error("the last character does not fit the others")]
    Check,
    /// The check digit of the organisation code, place 17, does not fit.
    #[error("place 17 does not fit the organisation code before it")]
    OrganisationCheck,
}

impl CreditCode {
    /// Reads one; full-width and lower-case letters and spaces are accepted.
    ///
    /// # Errors
    /// Where it is wrong.
    pub fn parse(code: &str) -> Result<Self, CreditCodeError> {
        let plain = text::compact(code);
        let length = plain.chars().count();
        if length != 18 {
            return Err(CreditCodeError::Length(length));
        }
        let mut values = Vec::with_capacity(18);
        for (place, c) in plain.chars().enumerate() {
            let value = SYMBOLS.iter().position(|s| char::from(*s) == c);
            values.push(value.ok_or(CreditCodeError::Symbol(place + 1, c))? as u32);
        }
        let sum: u32 = values.iter().zip(WEIGHTS).map(|(v, w)| v * w).sum();
        if values[17] != (31 - sum % 31) % 31 {
            return Err(CreditCodeError::Check);
        }
        // The organisation code counts letters in the order of the alphabet, A = 10, which differs from the order
        // above behind the first letter that is left out.
        let bytes = plain.as_bytes();
        let organisation: u32 =
            bytes[8..16].iter().zip(ORGANISATION_WEIGHTS).map(|(b, w)| base36(*b) * w).sum();
        let check = match 11 - organisation % 11 {
            10 => b'X',
            11 => b'0',
            digit => b'0' + digit as u8,
        };
        if bytes[16] != check {
            return Err(CreditCodeError::OrganisationCheck);
        }
        Ok(Self(plain))
    }

    /// In its normal form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn base36(b: u8) -> u32 {
    u32::from(if b.is_ascii_digit() { b - b'0' } else { b - b'A' + 10 })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KNOWN: [&str; 3] = ["91350100M000100Y43", "91330100799655058B", "9144030071526726XG"];

    #[test]
    fn published_codes_are_right() {
        for code in KNOWN {
            assert_eq!(CreditCode::parse(code).unwrap().as_str(), code);
        }
        assert_eq!(CreditCode::parse("91350100m0001 00y43").unwrap().as_str(), KNOWN[0]);
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert_eq!(CreditCode::parse(""), Err(CreditCodeError::Length(0)));
        assert_eq!(CreditCode::parse("91350100M000100Y44"), Err(CreditCodeError::Check));
        assert_eq!(CreditCode::parse("9135010OM000100Y43"), Err(CreditCodeError::Symbol(8, 'O')));
    }

    #[test]
    fn a_code_whose_own_check_fits_can_still_have_a_wrong_organisation_code() {
        let stem = "91350100M000100Z";
        assert!(CreditCode::parse(&format!("{stem}43")).is_err());
        let forged = SYMBOLS.iter().map(|last| format!("91350100M00010114{}", char::from(*last)));
        let errors: Vec<_> = forged.filter_map(|code| CreditCode::parse(&code).err()).collect();
        assert_eq!(errors.iter().filter(|e| **e == CreditCodeError::OrganisationCheck).count(), 1);
        assert_eq!(errors.len(), 31);
    }

    proptest! {
        #[test]
        fn no_single_wrong_character_passes(which in 0usize..3, place in 0usize..18, other in 0usize..31) {
            let mut code = KNOWN[which].as_bytes().to_vec();
            prop_assume!(code[place] != SYMBOLS[other]);
            code[place] = SYMBOLS[other];
            prop_assert!(CreditCode::parse(std::str::from_utf8(&code).unwrap()).is_err());
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = CreditCode::parse(&text);
        }
    }
}
