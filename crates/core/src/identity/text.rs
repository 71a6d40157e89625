//! How every number is written before it is looked at.

use unicode_normalization::UnicodeNormalization;

/// Compatibility-normalised (NFKC: full-width digits and letters become ordinary ones), upper case, without
/// white space or control characters. At most [`LONGEST`] characters of the input are looked at, so that a
/// hostile text costs no more than an honest one.
pub fn compact(text: &str) -> String {
    text.chars()
        .take(LONGEST)
        .nfkc()
        .flat_map(char::to_uppercase)
        .filter(|c| !c.is_whitespace() && !c.is_control())
        .collect()
}

/// Far longer than any number, name or line of a machine-readable zone.
pub const LONGEST: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_lower_case_and_spaces_are_made_plain() {
        assert_eq!(compact(" １１０105 1949-1231 002ｘ\n"), "1101051949-1231002X");
        assert_eq!(compact("e１２３ 45678"), "E12345678");
    }

    #[test]
    fn a_very_long_text_is_cut() {
        assert_eq!(compact(&"9".repeat(1_000_000)).len(), LONGEST);
    }
}
