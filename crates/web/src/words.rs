//! What pages say, in Chinese first and in English as completely.
//!
//! Sentences stand in `locales/zh.toml` and `locales/en.toml` under the same keys; a test proves that both files
//! have the same keys and the same gaps, that pages use no key that is missing, and that no key is left unused.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use shiren_core::verification::program::Text;
use shiren_core::verification::{ReasonCode, Sentences};

/// A language that pages speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// 简体中文
    #[default]
    Zh,
    /// English
    En,
}

impl Language {
    /// Both, Chinese first.
    pub const ALL: [Self; 2] = [Self::Zh, Self::En];

    /// The short name that consents, cookies and `?lang=` use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }

    /// The tag for the `lang` attribute.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    /// What it calls itself.
    pub const fn own_name(self) -> &'static str {
        match self {
            Self::Zh => "中文",
            Self::En => "English",
        }
    }

    /// The language of a tag such as `zh-Hant-HK` or `en_GB`.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|l| primary.eq_ignore_ascii_case(l.name()))
    }

    /// The language of a request: the person's choice kept in the cookie, else what the link asks for (`?lang=`),
    /// else the best of what the browser accepts, else Chinese.
    pub fn pick(cookie: Option<&str>, query: Option<&str>, accept: Option<&str>) -> Self {
        cookie
            .and_then(Self::of_tag)
            .or_else(|| query.and_then(Self::of_tag))
            .or_else(|| accept.and_then(best_accepted))
            .unwrap_or_default()
    }

    /// The text that is in this language.
    pub const fn of(self, sentences: Sentences) -> &'static str {
        match self {
            Self::Zh => sentences.zh,
            Self::En => sentences.en,
        }
    }

    /// What is wrong and what to do about it, one behind the other.
    pub fn advice(self, code: ReasonCode) -> String {
        // Chinese sentences follow one another without a blank.
        let between = if self == Self::En { " " } else { "" };
        format!("{}{between}{}", self.of(code.message()), self.of(code.fix()))
    }

    /// The part of a program's text that is in this language.
    pub fn of_text(self, text: &Text) -> &str {
        match self {
            Self::Zh => &text.zh,
            Self::En => &text.en,
        }
    }
}

/// The language with the highest weight in an `Accept-Language` header; the earlier one of equals.
fn best_accepted(header: &str) -> Option<Language> {
    let mut best: Option<(f32, Language)> = None;
    for item in header.split(',') {
        let mut parts = item.split(';');
        let Some(language) = parts.next().and_then(Language::of_tag) else { continue };
        let weight = parts
            .find_map(|p| p.trim().strip_prefix("q="))
            .map_or(1.0, |q| q.trim().parse::<f32>().unwrap_or(0.0));
        if weight > 0.0 && best.is_none_or(|(w, _)| weight > w) {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

type Table = BTreeMap<String, String>;

static ZH: LazyLock<Table> = LazyLock::new(|| table(include_str!("../locales/zh.toml")));
static EN: LazyLock<Table> = LazyLock::new(|| table(include_str!("../locales/en.toml")));

/// `[section] key = "…"` as `section.key`. A file that cannot be read gives no words; a test reads both.
fn table(text: &str) -> Table {
    let sections: BTreeMap<String, BTreeMap<String, String>> = toml::from_str(text).unwrap_or_default();
    sections
        .into_iter()
        .flat_map(|(section, words)| words.into_iter().map(move |(k, v)| (format!("{section}.{k}"), v)))
        .collect()
}

/// The sentence under a key. A key that is missing stands for itself: a page with an odd word is better than none.
pub fn say(language: Language, key: &str) -> Phrase {
    let table: &'static Table = match language {
        Language::Zh => &ZH,
        Language::En => &EN,
    };
    Phrase(table.get(key).map_or_else(|| Cow::Owned(key.to_owned()), |text| Cow::Borrowed(text.as_str())))
}

/// A sentence, perhaps with gaps (`{minutes}`) to be filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase(Cow<'static, str>);

impl Phrase {
    /// The sentence with a gap filled.
    #[must_use]
    pub fn with(self, gap: &str, value: impl fmt::Display) -> Self {
        Self(Cow::Owned(self.0.replace(&format!("{{{gap}}}"), &value.to_string())))
    }
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Phrase> for String {
    fn from(phrase: Phrase) -> Self {
        phrase.0.into_owned()
    }
}

#[cfg(test)]
mod tests;
