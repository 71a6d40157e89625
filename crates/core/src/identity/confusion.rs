//! What OCR takes for one another.
//!
//! The pairs are those seen in reading OCR-B and card digits with PP-OCR and Tesseract (our measurements on
//! drawn specimens) and the shapes that ICAO 9303-3 itself warns of.

/// The digit that a letter in a digits-only place must have been; `None` when no digit looks like it.
pub const fn digit_for(letter: char) -> Option<char> {
    Some(match letter {
        'O' | 'Q' | 'D' | 'U' => '0',
        'I' | 'L' | 'T' | 'J' => '1',
        'Z' => '2',
        'A' => '4',
        'S' => '5',
        'G' => '6',
        'B' => '8',
        _ => return None,
    })
}

/// The letter that a digit in a letters-only place must have been; `None` when no letter looks like it.
pub const fn letter_for(digit: char) -> Option<char> {
    Some(match digit {
        '0' => 'O',
        '1' => 'I',
        '2' => 'Z',
        '4' => 'A',
        '5' => 'S',
        '6' => 'G',
        '8' => 'B',
        _ => return None,
    })
}

/// What a character in a place that takes both may have been instead: across letters and digits only, since
/// a digit taken for another digit cannot be told from a forged one.
pub const fn alternatives(c: char) -> &'static [char] {
    match c {
        '0' => &['O', 'D', 'Q'],
        '1' => &['I', 'L'],
        '2' => &['Z'],
        '5' => &['S'],
        '6' => &['G'],
        '8' => &['B'],
        'O' | 'D' | 'Q' => &['0'],
        'I' | 'L' => &['1'],
        'Z' => &['2'],
        'S' => &['5'],
        'G' => &['6'],
        'B' => &['8'],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternatives_cross_between_letters_and_digits_both_ways() {
        for c in ('0'..='9').chain('A'..='Z') {
            for &other in alternatives(c) {
                assert_ne!(c.is_ascii_digit(), other.is_ascii_digit(), "{c} {other}");
                assert!(alternatives(other).contains(&c), "{c} {other}");
            }
        }
    }

    #[test]
    fn a_digit_made_a_letter_comes_back() {
        for d in ('0'..='9').filter(|d| letter_for(*d).is_some()) {
            assert_eq!(letter_for(d).and_then(digit_for), Some(d));
        }
    }
}
