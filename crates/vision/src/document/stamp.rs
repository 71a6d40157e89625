//! What stands on a card and is no print: grain, and the stamp of a specimen.

use super::sheet::TextLine;

/// Lines that a reader is less certain of than this are grain.
const PRINT: f32 = 0.5;

/// A line that was printed with the card's data.
pub(super) fn is_print(line: &TextLine) -> bool {
    line.certainty() > PRINT && !is_stamp(line)
}

/// A line that marks the card as no real one, and is no field.
pub(super) fn is_stamp(line: &TextLine) -> bool {
    let text = line.text();
    let letters: String =
        text.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_uppercase()).collect();
    text == "样本" || text == "样张" || resembles(&letters, "SPECIMEN")
}

/// Whether at most two characters differ, letter by letter, at the best offset.
fn resembles(text: &str, word: &str) -> bool {
    let (text, word): (Vec<char>, Vec<char>) = (text.chars().collect(), word.chars().collect());
    text.len() + 1 >= word.len()
        && text.len() <= word.len() + 8
        && (0..=text.len().saturating_sub(word.len() - 1)).any(|from| {
            let same = word.iter().zip(&text[from..]).filter(|(a, b)| a == b).count();
            same + 2 >= word.len()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_told_with_a_letter_or_two_misread() {
        assert!(resembles("SPECIMEN", "SPECIMEN") && resembles("SPECIMFN", "SPECIMEN"));
        assert!(resembles("XSPECINENX", "SPECIMEN"));
        assert!(!resembles("PASSPORT", "SPECIMEN") && !resembles("", "SPECIMEN"));
    }
}
