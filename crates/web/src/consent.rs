//! The words that people agree to. Each version is a folder of files that never change once people have agreed to
//! them: a consent is kept with the version, the language and the SHA-256 of the text that was shown.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};
use shiren_core::verification::session::ConsentTo;

use crate::why::Why;
use crate::words::Language;

/// The version that is shown today.
pub const VERSION: &str = "2026-12";

/// One text, as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentText {
    /// To what.
    pub to: ConsentTo,
    /// Of which version.
    pub version: &'static str,
    /// In which language.
    pub language: Language,
    /// Word by word, as it is kept in its file.
    pub text: &'static str,
    /// Of the text, in hexadecimal.
    pub sha256: String,
}

/// A question and its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paragraph {
    /// What it is about.
    pub heading: &'static str,
    /// What is said.
    pub body: &'static str,
}

/// The text that is shown today to somebody who is asked for this reason.
pub fn current(to: ConsentTo, why: Why, language: Language) -> ConsentText {
    let text = match (to, language) {
        (ConsentTo::Identity, Language::Zh) => identity_zh(why),
        (ConsentTo::Identity, Language::En) => identity_en(why),
        (ConsentTo::Face, Language::Zh) => include_str!("../consent/2026-12/face.zh.txt"),
        (ConsentTo::Face, Language::En) => include_str!("../consent/2026-12/face.en.txt"),
    };
    ConsentText { to, version: VERSION, language, text, sha256: sha256(text) }
}

const fn identity_zh(why: Why) -> &'static str {
    match why {
        Why::Shop => include_str!("../consent/2026-12/identity.shop.zh.txt"),
        Why::Border => include_str!("../consent/2026-12/identity.buyer.zh.txt"),
        Why::Staff => include_str!("../consent/2026-12/identity.staff.zh.txt"),
        Why::Other => include_str!("../consent/2026-12/identity.other.zh.txt"),
    }
}

const fn identity_en(why: Why) -> &'static str {
    match why {
        Why::Shop => include_str!("../consent/2026-12/identity.shop.en.txt"),
        Why::Border => include_str!("../consent/2026-12/identity.buyer.en.txt"),
        Why::Staff => include_str!("../consent/2026-12/identity.staff.en.txt"),
        Why::Other => include_str!("../consent/2026-12/identity.other.en.txt"),
    }
}

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

impl ConsentText {
    /// Its first line.
    pub fn title(&self) -> &'static str {
        self.text.lines().next().unwrap_or_default()
    }

    /// What follows: paragraphs, each with its heading on a line of its own.
    pub fn paragraphs(&self) -> Vec<Paragraph> {
        self.text
            .split("\n\n")
            .skip(1)
            .filter_map(|block| block.trim_end().split_once('\n'))
            .map(|(heading, body)| Paragraph { heading, body })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every text that somebody may be shown.
    fn all() -> impl Iterator<Item = (Why, [ConsentText; 2])> {
        ConsentTo::ALL.into_iter().flat_map(|to| {
            Why::ALL.map(|why| (why, [Language::Zh, Language::En].map(|language| current(to, why, language))))
        })
    }

    #[test]
    fn both_languages_say_the_same_number_of_things() {
        for (_, [zh, en]) in all() {
            assert_eq!(zh.paragraphs().len(), en.paragraphs().len());
            assert!(zh.paragraphs().len() >= 6);
            assert!(!zh.title().is_empty() && !en.title().is_empty());
            // Nothing of the text is left out on the page.
            for text in [zh, en] {
                let shown: usize = text.title().len()
                    + text.paragraphs().iter().map(|p| p.heading.len() + p.body.len()).sum::<usize>();
                assert_eq!(shown, text.text.replace('\n', "").len());
            }
        }
    }

    #[test]
    fn each_law_that_a_text_names_is_linked_and_no_other() {
        for (why, [zh, en]) in all() {
            let laws = why.laws(zh.to);
            let basis = zh.paragraphs().last().unwrap().body;
            let named: Vec<&str> =
                basis.split('《').skip(1).filter_map(|rest| Some(rest.split_once('》')?.0)).collect();
            assert_eq!(named, laws.iter().map(|law| law.name(Language::Zh)).collect::<Vec<_>>(), "{why:?}");
            let basis = en.paragraphs().last().unwrap().body;
            assert!(laws.iter().all(|law| basis.contains(law.name(Language::En))), "{why:?}: {basis}");
        }
    }

    #[test]
    fn only_those_who_sell_are_told_of_the_laws_about_selling() {
        for (why, texts) in all() {
            let told =
                texts.iter().any(|text| text.text.contains("电子商务法") || text.text.contains("E-Commerce"));
            assert!(!told || why == Why::Shop, "{why:?}");
        }
    }

    #[test]
    fn buyers_are_told_of_fraud_and_of_money_laundering() {
        let [zh, en] =
            [Language::Zh, Language::En].map(|l| current(ConsentTo::Identity, Why::Border, l).text);
        assert!(zh.contains("诈骗或者洗钱") && en.contains("to defraud or to launder money"));
    }

    #[test]
    fn a_published_text_never_changes() {
        // Changed words are a new version in a new folder. Until version 2026-12 is released, this may change.
        let hashes: Vec<String> =
            all().flat_map(|(_, texts)| texts.map(|text| text.sha256[..16].to_owned())).collect();
        insta::assert_debug_snapshot!(hashes);
    }

    #[test]
    fn what_people_agreed_to_earlier_stays_as_it_was() {
        let texts = [
            include_str!("../consent/2026-11/identity.zh.txt"),
            include_str!("../consent/2026-11/identity.en.txt"),
            include_str!("../consent/2026-11/face.zh.txt"),
            include_str!("../consent/2026-11/face.en.txt"),
        ];
        let hashes = texts.map(|text| sha256(text)[..16].to_owned());
        insta::assert_debug_snapshot!(hashes);
    }

    #[test]
    fn the_times_that_data_is_kept_are_stated() {
        for (to, zh, en) in [
            (ConsentTo::Identity, ["30 天", "3 年"], ["30 days", "3 years"]),
            (ConsentTo::Face, ["24 小时", "删除"], ["24 hours", "deleted"]),
        ] {
            for why in Why::ALL {
                assert!(zh.iter().all(|w| current(to, why, Language::Zh).text.contains(w)));
                assert!(en.iter().all(|w| current(to, why, Language::En).text.contains(w)));
            }
        }
    }
}
