//! Speaking to people: in their language, in colour where there is a terminal, in columns that line up.
//!
//! Texts are made as strings, so that snapshots hold them; nothing here prints.

mod finding;
mod label;

use std::env;
use std::io::{IsTerminal as _, stdout};

use unicode_width::UnicodeWidthStr as _;

pub(crate) use finding::findings;
pub(crate) use label::{band, check, field, kind, outcome, value};

use crate::language::Language;

/// How to speak.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Speech {
    pub(crate) language: Language,
    pub(crate) colour: bool,
}

/// What a piece of text is, which decides its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Good,
    Doubtful,
    Bad,
    Quiet,
    Strong,
}

impl Speech {
    /// In colour on a terminal, unless <https://no-color.org> is asked for.
    pub(crate) fn on_stdout(language: Language) -> Self {
        let set = |name| env::var_os(name).is_some_and(|v| !v.is_empty());
        let dumb = env::var_os("TERM").is_some_and(|t| t == "dumb");
        Self { language, colour: stdout().is_terminal() && !set("NO_COLOR") && !dumb }
    }

    /// The text in a tone's colour.
    pub(crate) fn toned(self, tone: Tone, text: &str) -> String {
        let code = match tone {
            Tone::Good => "32",
            Tone::Doubtful => "33",
            Tone::Bad => "31",
            Tone::Quiet => "2",
            Tone::Strong => "1",
        };
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// How long something took.
    pub(crate) fn duration(self, ms: u64) -> String {
        let text = if ms < 1000 { format!("{ms} ms") } else { format!("{:.2} s", ms as f64 / 1000.0) };
        self.toned(Tone::Quiet, &text)
    }
}

/// Pads to a number of columns; Chinese characters take two.
pub(crate) fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(text.width())))
}

/// The columns that the widest of these takes.
pub(crate) fn widest<'a>(texts: impl Iterator<Item = &'a str>) -> usize {
    texts.map(|t| t.width()).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_characters_take_two_columns() {
        assert_eq!(padded("姓名", 6), "姓名  ");
        assert_eq!(padded("Name", 6), "Name  ");
        assert_eq!(widest(["姓名", "Name", "a"].into_iter()), 4);
        assert_eq!(padded("公民身份号码", 3), "公民身份号码");
    }

    #[test]
    fn colour_is_only_there_when_asked_for() {
        let plain = Speech { language: Language::English, colour: false };
        assert_eq!(plain.toned(Tone::Bad, "no"), "no");
        assert_eq!(Speech { colour: true, ..plain }.toned(Tone::Bad, "no"), "\x1b[31mno\x1b[0m");
    }
}
