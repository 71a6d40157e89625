//! Machine-readable zones of ICAO 9303: TD1, TD2, TD3 (parts 4 to 6), visas MRV-A and MRV-B (part 7).
//!
//! [`repair`] turns what OCR gave into lines of a format, by the rules of the format alone; [`parse`] reads
//! such lines and says of each check digit whether it holds. Neither panics on any text.
//!
//! Check digits are blind to some confusions (1/L, 6/G, 8/S, `<`/K; one in nine swaps of neighbouring digits)
//! and line 1 of a two-line zone has none at all, so the printed zone must be compared too: see
//! [`crate::verification::check`].

mod format;
mod repair;

use std::collections::BTreeMap;

use jiff::civil::Date;

pub use format::Format;
use format::Span;
pub use repair::{Repaired, repair};

use super::Sex;
use crate::see::FieldKey;

/// A zone that has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mrz {
    /// Which of the five formats.
    pub format: Format,
    /// One or two letters: `P`, `I`, `AC`, `V` …
    pub document_code: String,
    /// Three letters (or fewer: `D` is Germany) of ICAO 9303-3, 5.
    pub issuing_state: String,
    /// The primary identifier, parts separated by spaces.
    pub surname: String,
    /// The secondary identifier; empty when there is none.
    pub given_names: String,
    /// Whether the name field is full, so that the name may have been cut.
    pub names_truncated: bool,
    /// Without fillers, long numbers of TD1 and TD2 put together.
    pub document_number: String,
    /// As `issuing_state`.
    pub nationality: String,
    /// `None` when a part is unknown (`<<`) or it is no date.
    pub birth_date: Option<Date>,
    /// What the zone states.
    pub sex: Sex,
    /// `None` when it is no date.
    pub expiry_date: Option<Date>,
    /// The optional data without fillers: TD3's personal number; TD1 has two.
    pub optional: [String; 2],
    /// Each check digit of the format, in the order in which they stand.
    pub checks: Vec<Check>,
}

/// One check digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Check {
    /// What it covers.
    pub of: Checked,
    /// Whether it is right.
    pub holds: bool,
}

/// What a check digit covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// The document number.
    DocumentNumber,
    /// The birth date.
    BirthDate,
    /// The date of expiry.
    ExpiryDate,
    /// TD3's personal number.
    PersonalNumber,
    /// All of the above together.
    Composite,
}

/// Why lines are no machine-readable zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MrzError {
    /// No format has this many lines.
    #[error("{0} lines; a machine-readable zone has two or three")]
    Lines(usize),
    /// The line, counted from 1, is of no length that its format has.
    #[error("line {0} has {1} characters")]
    Length(usize, usize),
    /// Something other than A to Z, 0 to 9 and `<` stands at (line, column), counted from 1.
    #[error("line {0}, column {1}: only A to Z, 0 to 9 and < may stand there")]
    Character(usize, usize),
}

impl Mrz {
    /// Whether every check digit that the format has is right.
    pub fn valid(&self) -> bool {
        self.checks.iter().all(|c| c.holds)
    }

    /// The values as documents' fields, normalised, without those that are empty or no date.
    pub fn fields(&self) -> BTreeMap<FieldKey, String> {
        let optional = self.optional.iter().find(|o| !o.is_empty()).cloned().unwrap_or_default();
        let text = |d: Option<Date>| d.map(|d| d.to_string()).unwrap_or_default();
        [
            (FieldKey::Surname, self.surname.clone()),
            (FieldKey::GivenNames, self.given_names.clone()),
            (FieldKey::DocumentNumber, self.document_number.clone()),
            (FieldKey::Nationality, self.nationality.clone()),
            (FieldKey::IssuingState, self.issuing_state.clone()),
            (FieldKey::BirthDate, text(self.birth_date)),
            (FieldKey::Sex, self.sex.code().to_owned()),
            (FieldKey::ExpiryDate, text(self.expiry_date)),
            (FieldKey::PersonalNumber, if self.format.is_visa() { String::new() } else { optional }),
        ]
        .into_iter()
        .filter(|(_, v)| !v.is_empty())
        .collect()
    }
}

/// Reads lines of exactly the lengths that a format has. `today` decides the century of two-digit years: a
/// birth lies in the hundred years up to today, an expiry in the hundred years that end
/// [`LONGEST_VALIDITY`] from today.
pub fn parse(lines: &[impl AsRef<str>], today: Date) -> Result<Mrz, MrzError> {
    let lines: Vec<&[u8]> = lines.iter().map(|l| l.as_ref().as_bytes()).collect();
    let format = recognise(&lines)?;
    for (l, line) in lines.iter().enumerate() {
        if let Some(c) = line.iter().position(|c| !is_mrz(*c)) {
            return Err(MrzError::Character(l + 1, c + 1));
        }
    }
    Ok(read(format, &lines, today))
}

/// Years: no document of a state is valid for longer than the twenty of a resident card, with a margin.
pub const LONGEST_VALIDITY: i16 = 30;

/// The check digit of a text (ICAO 9303-3, 4.9): values 0 to 9, A = 10 to Z = 35, `<` = 0, weights 7, 3, 1.
pub fn check_digit(text: &[u8]) -> u8 {
    let sum: u32 = text.iter().zip([7, 3, 1].into_iter().cycle()).map(|(c, w)| value(*c) * w).sum();
    b'0' + (sum % 10) as u8
}

const fn value(c: u8) -> u32 {
    match c {
        b'0'..=b'9' => (c - b'0') as u32,
        b'A'..=b'Z' => (c - b'A') as u32 + 10,
        _ => 0,
    }
}

const fn is_mrz(c: u8) -> bool {
    matches!(c, b'A'..=b'Z' | b'0'..=b'9' | b'<')
}

fn recognise(lines: &[&[u8]]) -> Result<Format, MrzError> {
    let first = *lines.first().ok_or(MrzError::Lines(0))?;
    let format = Format::ALL
        .into_iter()
        .filter(|f| f.line_count() == lines.len() && f.is_visa() == first.starts_with(b"V"))
        .find(|f| f.width() == first.len());
    let Some(format) = format else {
        let known = (2..=3).contains(&lines.len());
        return Err(if known { MrzError::Length(1, first.len()) } else { MrzError::Lines(lines.len()) });
    };
    match lines.iter().position(|l| l.len() != format.width()) {
        Some(l) => Err(MrzError::Length(l + 1, lines[l].len())),
        None => Ok(format),
    }
}

fn read(format: Format, lines: &[&[u8]], today: Date) -> Mrz {
    let at = |s: Span| &lines[s.line][s.from..s.to];
    let f = format.layout();
    let (document_number, mut optional) = number_and_optional(format, lines);
    if format.is_visa() {
        optional[1].clear();
    }
    let names = at(f.names);
    let (surname, given_names) = split_names(names);
    Mrz {
        format,
        document_code: plain(&lines[0][..2]),
        issuing_state: plain(at(f.issuing_state)),
        surname,
        given_names,
        names_truncated: !names.ends_with(b"<"),
        document_number,
        nationality: plain(at(f.nationality)),
        birth_date: date_in(at(f.birth_date), today.year()).map(|d| past(d, today)),
        sex: match at(f.sex) {
            b"M" => Sex::Male,
            b"F" => Sex::Female,
            _ => Sex::Unstated,
        },
        expiry_date: date_in(at(f.expiry_date), today.year() + LONGEST_VALIDITY),
        optional,
        checks: checks(format, lines),
    }
}

/// Every check digit of the format, in the order of the lines. `lines` are of the format's lengths.
fn checks(format: Format, lines: &[&[u8]]) -> Vec<Check> {
    let f = format.layout();
    let at = |s: Span| &lines[s.line][s.from..s.to];
    let after = |s: Span| lines[s.line][s.to];
    let mut checks = vec![
        Check { of: Checked::DocumentNumber, holds: number_holds(format, lines) },
        Check { of: Checked::BirthDate, holds: check_digit(at(f.birth_date)) == after(f.birth_date) },
        Check { of: Checked::ExpiryDate, holds: check_digit(at(f.expiry_date)) == after(f.expiry_date) },
    ];
    if f.optional_checked {
        // Nothing there: the digit may be 0 or a filler (9303-4, 4.2.2.2).
        let (data, digit) = (at(f.optional[0]), after(f.optional[0]));
        let empty = data.iter().all(|c| *c == b'<');
        let holds = check_digit(data) == digit || (empty && digit == b'<');
        checks.push(Check { of: Checked::PersonalNumber, holds });
    }
    if let Some((spans, line, column)) = f.composite {
        let covered: Vec<u8> = spans.iter().flat_map(|s| at(*s).iter().copied()).collect();
        let holds = check_digit(&covered) == lines[line][column];
        checks.push(Check { of: Checked::Composite, holds });
    }
    checks
}

/// Where the number is longer than its nine places, TD1 and TD2 put a filler in place of its check digit and
/// the tail, then the check digit, at the start of the optional data (9303-5, 4.2.2.1 note j; 9303-6). The
/// tail with its digit, when the zone is of that kind.
fn long_tail<'a>(format: Format, lines: &[&'a [u8]]) -> Option<&'a [u8]> {
    let f = format.layout();
    if !f.long_numbers || lines[f.document_number.line][f.document_number.to] != b'<' {
        return None;
    }
    let optional = f.optional[0];
    let data = &lines[optional.line][optional.from..optional.to];
    let end = data.iter().position(|c| *c == b'<').unwrap_or(data.len());
    (end >= 2).then(|| &data[..end])
}

fn number_holds(format: Format, lines: &[&[u8]]) -> bool {
    let s = format.layout().document_number;
    let number = &lines[s.line][s.from..s.to];
    match long_tail(format, lines).and_then(|t| t.split_last()) {
        // The filler between is no part of the number and of the sum.
        Some((digit, tail)) => check_digit(&[number, tail].concat()) == *digit,
        None => check_digit(number) == lines[s.line][s.to],
    }
}

fn number_and_optional(format: Format, lines: &[&[u8]]) -> (String, [String; 2]) {
    let f = format.layout();
    let at = |s: Span| &lines[s.line][s.from..s.to];
    let mut number = joined(at(f.document_number));
    let mut first = at(f.optional[0]);
    if let Some((_, tail)) = long_tail(format, lines).and_then(|t| t.split_last()) {
        number.push_str(&joined(tail));
        first = &first[tail.len() + 1..];
    }
    (number, [joined(first), joined(at(f.optional[1]))])
}

fn joined(text: &[u8]) -> String {
    text.iter().filter(|c| **c != b'<').map(|c| char::from(*c)).collect()
}

/// Fillers become single spaces.
fn plain(text: &[u8]) -> String {
    let parts = text.split(|c| *c == b'<').filter(|p| !p.is_empty());
    parts.map(|p| String::from_utf8_lossy(p).into_owned()).collect::<Vec<_>>().join(" ")
}

fn split_names(names: &[u8]) -> (String, String) {
    let start = names.iter().position(|c| *c != b'<').unwrap_or(0);
    let names = &names[start..];
    match names.windows(2).position(|w| w == b"<<") {
        Some(at) => (plain(&names[..at]), plain(&names[at..])),
        None => (plain(names), String::new()),
    }
}

/// The date `YYMMDD` in the hundred years that end with `last`.
fn date_in(text: &[u8], last: i16) -> Option<Date> {
    if !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let two = |i: usize| i16::from(text[i] - b'0') * 10 + i16::from(text[i + 1] - b'0');
    let year = last - (last - two(0)).rem_euclid(100);
    Date::new(year, i8::try_from(two(2)).ok()?, i8::try_from(two(4)).ok()?).ok()
}

/// A birth in the year of `today` but after it was a hundred years ago.
fn past(birth: Date, today: Date) -> Date {
    if birth <= today {
        birth
    } else {
        Date::new(birth.year() - 100, birth.month(), birth.day()).unwrap_or(birth)
    }
}

#[cfg(test)]
mod tests;
