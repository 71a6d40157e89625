//! Names of people: one writing for comparing them.
//!
//! Chinese names differ by spaces and by the many dots that stand between the parts of 少数民族 names; Latin
//! ones by order, case, hyphens, and by the transliterations of ICAO 9303-3, 6.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::text::LONGEST;

/// The dots that keyboards, fonts and OCR put between the parts of a name. GB 11643's neighbour GA 214 and
/// the cards themselves use U+00B7.
const DOTS: &[char] = &['·', '•', '‧', '∙', '⋅', '・', '●', '▪', '.', '。', '˙', 'ㆍ', '᛫', '\u{387}'];

/// The form to store and to show: NFKC, no control characters, every middle dot U+00B7 without spaces around
/// it, no spaces in a name in Chinese characters, single spaces and upper case in any other.
pub fn normal(name: &str) -> String {
    let readable = name.chars().take(LONGEST).filter(|c| !c.is_control() || c.is_whitespace());
    let upper: String = readable.nfkc().flat_map(char::to_uppercase).collect();
    if upper.chars().any(is_han) {
        let dotted =
            upper.chars().filter(|c| !c.is_whitespace()).map(|c| if DOTS.contains(&c) { '·' } else { c });
        let dotted: String = dotted.nfkc().take(LONGEST).collect();
        return dotted.trim_matches('·').to_owned();
    }
    let spaced = upper.split_whitespace().collect::<Vec<_>>().join(" ");
    // Compatibility forms and upper case can be longer than what was typed.
    spaced.nfkc().take(LONGEST).collect::<String>().trim_end().to_owned()
}

/// Whether two writings are of one name. For Latin names the family name may stand first or last, and parts
/// may be written together.
pub fn same(a: &str, b: &str) -> bool {
    let (a, b) = (normal(a), normal(b));
    if a.is_empty() || b.is_empty() {
        return false;
    }
    if a.chars().any(is_han) || b.chars().any(is_han) {
        return a == b;
    }
    [Umlauts::Spelt, Umlauts::Bare].into_iter().any(|ua| {
        let a = parts(&a, ua);
        [Umlauts::Spelt, Umlauts::Bare].into_iter().any(|ub| {
            let b = parts(&b, ub).concat();
            !b.is_empty() && (0..a.len()).any(|turn| [&a[turn..], &a[..turn]].concat().concat() == b)
        })
    })
}

/// Whether a Latin name begins as one that a machine-readable zone has cut.
pub fn begins_with(whole: &str, cut: &str) -> bool {
    let cut_key = parts(&normal(cut), Umlauts::Spelt).concat();
    !cut_key.is_empty()
        && [Umlauts::Spelt, Umlauts::Bare]
            .into_iter()
            .any(|u| parts(&normal(whole), u).concat().starts_with(&cut_key))
}

/// Whether two names are equally long and differ in exactly one character: what a single misread character
/// looks like.
pub fn one_character_apart(a: &str, b: &str) -> bool {
    let (a, b) = (normal(a), normal(b));
    a.chars().count() == b.chars().count() && a.chars().zip(b.chars()).filter(|(x, y)| x != y).count() == 1
}

/// CJK ideographs of the Unicode blocks that name characters come from.
const fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}' | '〇')
}

/// How Ä, Ö, Ü, Å are written in the machine-readable zone: both are in use.
#[derive(Clone, Copy)]
enum Umlauts {
    Spelt,
    Bare,
}

/// The words of a Latin name in A to Z. Hyphens part words, apostrophes and full stops do not.
fn parts(name: &str, umlauts: Umlauts) -> Vec<String> {
    name.split([' ', '-', '‐', '‑', '–', '<', '·'])
        .map(|word| word.chars().flat_map(|c| latin(c, umlauts)).collect::<String>())
        .filter(|word| !word.is_empty())
        .collect()
}

/// ICAO 9303-3, 6.A, for the letters that losing their marks does not settle.
fn latin(c: char, umlauts: Umlauts) -> Vec<char> {
    let spelt = match (c, umlauts) {
        ('Ä', Umlauts::Spelt) | ('Æ', _) => "AE",
        ('Å', Umlauts::Spelt) => "AA",
        ('Ö', Umlauts::Spelt) | ('Ø', Umlauts::Spelt) | ('Œ', _) => "OE",
        ('Ø', Umlauts::Bare) => "O",
        ('Ü', Umlauts::Spelt) => "UE",
        ('ẞ' | 'ß', _) => "SS",
        ('Þ', _) => "TH",
        ('Ð' | 'Đ', _) => "D",
        ('Ł', _) => "L",
        ('Ħ', _) => "H",
        ('ı', _) => "I",
        ('Ŋ', _) => "N",
        ('Ŧ', _) => "T",
        _ => {
            let bare = c.nfd().filter(|c| !is_combining_mark(*c));
            return bare.filter(char::is_ascii_alphanumeric).collect();
        }
    };
    spelt.chars().collect()
}

/// Whether two names are of the same company: spaces, the kind of brackets, and the size of letters aside.
pub fn same_company(a: &str, b: &str) -> bool {
    let plain = |name: &str| -> String {
        let bracket = |c| match c {
            '（' => '(',
            '）' => ')',
            c => c,
        };
        name.chars().filter(|c| !c.is_whitespace()).map(bracket).flat_map(char::to_lowercase).collect()
    };
    plain(a) == plain(b)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn writings_of_one_chinese_name_are_the_same() {
        for (a, b) in [
            ("阿不都拉·买买提", "阿不都拉•买买提"),
            ("阿不都拉·买买提", "阿不都拉．买买提"),
            ("阿不都拉·买买提", "阿不都拉 ・ 买买提"),
            ("阿不都拉·买买提", "阿不都拉.买买提"),
            ("王 芳", "王芳"),
            ("王\u{3000}芳", "王芳"),
        ] {
            assert!(same(a, b), "{a} {b}");
            assert_eq!(normal(a), normal(b));
        }
        for (a, b) in
            [("王芳", "王方"), ("阿不都拉·买买提", "阿不都拉买买提"), ("王芳", ""), ("王芳", "WANG FANG")]
        {
            assert!(!same(a, b), "{a} {b}");
        }
    }

    #[test]
    fn writings_of_one_latin_name_are_the_same() {
        for (a, b) in [
            ("Anna Maria Eriksson", "ERIKSSON ANNA MARIA"),
            ("Zhang Sanfeng", "ZHANG SAN FENG"),
            ("Jürgen Müller", "MUELLER JUERGEN"),
            ("Jürgen Müller", "MULLER JURGEN"),
            ("Søren Ångström", "AANGSTROEM SOEREN"),
            ("O'Connor, Ellen-Mary", "OCONNOR<<ELLEN<MARY"),
            ("Ｌｉ Ｎａ", "li na"),
            ("Weiß", "WEISS"),
        ] {
            assert!(same(a, b), "{a} / {b}");
        }
        for (a, b) in [("Anna Eriksson", "Anna Maria Eriksson"), ("-", "-"), ("Li Na", "Li Ni")] {
            assert!(!same(a, b), "{a} / {b}");
        }
    }

    #[test]
    fn a_cut_name_is_known_by_its_beginning() {
        assert!(begins_with(
            "Nilavadhanananda Chayapa Dejthamrong Krasuang",
            "NILAVADHANANANDA CHAYAPA DEJTHAMRONG K"
        ));
        assert!(!begins_with("Nilavadhanananda", "NILAVADHANANANDA CHAYAPA"));
        assert!(!begins_with("Li Na", ""));
    }

    #[test]
    fn one_misread_character_is_told_from_another_name() {
        assert!(one_character_apart("张玥明", "张钥明"));
        assert!(!one_character_apart("张玥明", "张玥"));
        assert!(!one_character_apart("张玥明", "李钥明"));
        assert!(!one_character_apart("张玥明", "张玥明"));
    }

    #[test]
    fn the_normal_form_is_stable_also_where_it_is_cut() {
        // ΅ (U+0385) becomes three characters; found by fuzzing.
        for text in ["\u{385}".repeat(LONGEST), format!("{}ΐß ", "\u{385}".repeat(LONGEST / 3))] {
            assert_eq!(normal(&normal(&text)), normal(&text));
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_the_normal_form_is_stable(a in any::<String>(), b in any::<String>()) {
            let _ = (same(&a, &b), begins_with(&a, &b), one_character_apart(&a, &b));
            let once = normal(&a);
            prop_assert_eq!(normal(&once), once);
        }

        #[test]
        fn every_name_is_the_same_as_itself_whichever_part_comes_first(a in "[A-Z]{1,9}", b in "[A-Z]{1,9}") {
            let (one, other) = (format!("{a} {b}"), format!("{b} {a}").to_lowercase());
            prop_assert!(same(&one, &other));
        }
    }
}
