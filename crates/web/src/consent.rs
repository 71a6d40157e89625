//! The words that people agree to. Each version is a folder of files that never change once people have agreed to
//! them: a consent is kept with the version, the language and the SHA-256 of the text that was shown.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};
use shiren_core::verification::session::ConsentTo;

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

/// The text that is shown today.
pub fn current(to: ConsentTo, language: Language) -> ConsentText {
    let text = match (to, language) {
        (ConsentTo::Identity, Language::Zh) => include_str!("../consent/2026-12/identity.zh.txt"),
        (ConsentTo::Identity, Language::En) => include_str!("../consent/2026-12/identity.en.txt"),
        (ConsentTo::Face, Language::Zh) => include_str!("../consent/2026-12/face.zh.txt"),
        (ConsentTo::Face, Language::En) => include_str!("../consent/2026-12/face.en.txt"),
    };
    ConsentText { to, version: VERSION, language, text, sha256: sha256(text) }
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

    #[test]
    fn both_languages_say_the_same_number_of_things() {
        for to in ConsentTo::ALL {
            let [zh, en] = [Language::Zh, Language::En].map(|l| current(to, l));
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
    fn a_published_text_never_changes() {
        // Changed words are a new version in a new folder. Until version 2026-12 is released, this may change.
        let hashes = ConsentTo::ALL
            .into_iter()
            .flat_map(|to| [Language::Zh, Language::En].map(|l| current(to, l).sha256[..16].to_owned()))
            .collect::<Vec<_>>();
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
            assert!(zh.iter().all(|w| current(to, Language::Zh).text.contains(w)));
            assert!(en.iter().all(|w| current(to, Language::En).text.contains(w)));
        }
    }
}
