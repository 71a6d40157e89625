//! What passports' numbers usually look like. Hints only: states open new series without notice, and public
//! lists disagree, so a number that fits none is a reason to look and never one to refuse.

use super::text;

/// Whether a number looks like those that a state is known to give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// As others of that state.
    Usual,
    /// Unlike any that we know of that state.
    Unusual,
    /// Nothing is known about that state's numbers.
    NoRule,
}

/// Compares a number with the known series of `state` (three letters of ICAO 9303). Hong Kong and Macao
/// passports state `CHN` too.
pub fn hint(state: &str, number: &str) -> Hint {
    if state != "CHN" {
        return Hint::NoRule;
    }
    let number = text::compact(number);
    // E, then a digit or a letter without I and O: the current ordinary series. G: until 2012. D, S, P + E:
    // diplomatic, service, public affairs. H, K, KJ: Hong Kong. MA, MB …: Macao.
    let forms = [
        "E########",
        "E@#######",
        "DE#######",
        "SE#######",
        "PE#######",
        "G########",
        "H########",
        "K########",
        "KJ#######",
        "M@#######",
    ];
    if forms.iter().any(|form| fits(&number, form)) { Hint::Usual } else { Hint::Unusual }
}

/// `#` is a digit, `@` a letter other than I and O, anything else itself.
fn fits(number: &str, form: &str) -> bool {
    number.chars().count() == form.len()
        && number.chars().zip(form.chars()).all(|(c, f)| match f {
            '#' => c.is_ascii_digit(),
            '@' => c.is_ascii_uppercase() && !matches!(c, 'I' | 'O'),
            _ => c == f,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_series_are_usual_and_others_only_unusual() {
        for number in [
            "E12345678",
            "EK1234567",
            "e1234 5678",
            "G12345678",
            "DE1234567",
            "K12345678",
            "KJ1234567",
            "MA1234567",
        ] {
            assert_eq!(hint("CHN", number), Hint::Usual, "{number}");
        }
        for number in ["", "EI1234567", "E1234567", "X12345678", "护照"] {
            assert_eq!(hint("CHN", number), Hint::Unusual, "{number}");
        }
        assert_eq!(hint("UTO", "L898902C3"), Hint::NoRule);
    }
}
