//! From what OCR gave to lines of a format.
//!
//! Rules that need no knowledge of the document: letters-only and digits-only places, lines of known length
//! (runs of fillers are what OCR miscounts), no name after three fillers. Where a check digit still fails,
//! a single exchange between a letter and the digit it looks like may be tried, and is taken only when it is
//! the only one that makes every check digit over that field hold. Check digits themselves are never
//! changed to fit, digits are never changed to other digits, and every change is counted.

use super::format::{Place, Span};
use super::{Checked, Format, checks, is_mrz};
use crate::identity::{confusion, text};

/// Lines of a format, and how much was changed to get them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repaired {
    /// The format whose rules fit best.
    pub format: Format,
    /// Its lines, of full length and the right alphabet.
    pub lines: Vec<String>,
    /// Characters exchanged, inserted or removed. Missing fillers at the end of a line are not counted: OCR
    /// never sees how many there are.
    pub repairs: u32,
}

/// A line may lack or have too many of this many characters, and must have at least half of its own.
const MOST_EXCESS: usize = 8;

/// Repairs two or three lines; `None` when they are too far from any format. The result may still have wrong
/// check digits: [`super::parse`] tells.
pub fn repair(lines: &[impl AsRef<str>]) -> Option<Repaired> {
    if !(2..=3).contains(&lines.len()) {
        return None;
    }
    let cleaned: Vec<(Vec<u8>, u32)> = lines.iter().map(|l| clean(l.as_ref())).collect();
    Format::ALL
        .into_iter()
        .filter(|f| f.line_count() == lines.len() && f.is_visa() == cleaned[0].0.starts_with(b"V"))
        .filter(|f| {
            let w = f.width();
            cleaned.iter().all(|(l, _)| l.len() >= w / 2 && l.len() <= w + MOST_EXCESS)
        })
        .filter_map(|f| fit(f, &cleaned))
        .min_by_key(|c| (c.failing, c.distance, c.repaired.repairs))
        .map(|c| c.repaired)
}

struct Candidate {
    failing: usize,
    distance: usize,
    repaired: Repaired,
}

/// The best way to make the lines as long as the format's.
fn fit(format: Format, cleaned: &[(Vec<u8>, u32)]) -> Option<Candidate> {
    let ways: Vec<Vec<(Vec<u8>, u32)>> =
        cleaned.iter().map(|(line, _)| fittings(line, format.width())).collect();
    let before: u32 = cleaned.iter().map(|(_, n)| n).sum();
    let distance = cleaned.iter().map(|(l, _)| l.len().abs_diff(format.width())).max().unwrap_or(0);
    let combinations = ways.iter().map(Vec::len).product::<usize>();
    (0..combinations)
        .filter_map(|mut pick| {
            let mut repairs = before;
            let mut lines = Vec::with_capacity(ways.len());
            for way in &ways {
                let (line, changed) = &way[pick % way.len()];
                pick /= way.len();
                lines.push(line.clone());
                repairs += changed;
            }
            // Cutting a line's start may have made it another kind of document.
            if lines[0].starts_with(b"V") != format.is_visa() {
                return None;
            }
            repairs += by_place(format, &mut lines);
            repairs += after_names(format, &mut lines);
            repairs += by_check_digit(format, &mut lines);
            let failing = failing(format, &lines);
            let lines = lines.into_iter().map(|l| String::from_utf8_lossy(&l).into_owned()).collect();
            Some(Candidate { failing, distance, repaired: Repaired { format, lines, repairs } })
        })
        .min_by_key(|c| (c.failing, c.repaired.repairs))
}

fn failing(format: Format, lines: &[Vec<u8>]) -> usize {
    let lines: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
    checks(format, &lines).iter().filter(|c| !c.holds).count()
}

/// Upper case, no spaces, the alphabet of the zone; how many characters that took.
fn clean(line: &str) -> (Vec<u8>, u32) {
    let mut out = Vec::with_capacity(48);
    let mut repairs = 0;
    for c in text::compact(line).chars() {
        match c {
            _ if u8::try_from(c).is_ok_and(is_mrz) => out.push(c as u8),
            // NFKC leaves these quotation marks, which are what two fillers look like.
            '«' | '《' | '≪' => out.extend(b"<<"),
            '‹' | '〈' | 'く' | 'ク' | '≤' | '(' | '{' | '[' | '→' => out.push(b'<'),
            '〇' | 'О' | 'Ο' => out.push(b'O'),
            '|' | '!' => out.push(b'I'),
            '$' => out.push(b'S'),
            _ => {
                out.push(b'<');
                repairs += 1;
            }
        }
    }
    (out, repairs)
}

/// Ways to make a line as long as it must be, each with the number of characters that were put in or taken
/// out of its inside.
fn fittings(line: &[u8], width: usize) -> Vec<(Vec<u8>, u32)> {
    let run = longest_run(line);
    let mut ways = Vec::new();
    if line.len() < width {
        let missing = width - line.len();
        let mut at_end = line.to_vec();
        at_end.resize(width, b'<');
        ways.push((at_end, 0));
        if let Some((start, _)) = run.filter(|(start, length)| start + length < line.len()) {
            let mut inside = line.to_vec();
            inside.splice(start..start, std::iter::repeat_n(b'<', missing));
            ways.push((inside, missing as u32));
        }
    } else if line.len() > width {
        let excess = line.len() - width;
        if let Some((start, length)) = run.filter(|(_, length)| *length > excess) {
            let mut inside = line.to_vec();
            inside.drain(start..start + excess);
            let at_end = start + length == line.len();
            ways.push((inside, if at_end { 0 } else { excess as u32 }));
        }
        ways.push((line[..width].to_vec(), excess as u32));
        ways.push((line[excess..].to_vec(), excess as u32));
    } else {
        ways.push((line.to_vec(), 0));
    }
    ways
}

/// Start and length of the longest run of fillers, two at least.
fn longest_run(line: &[u8]) -> Option<(usize, usize)> {
    let mut best = None;
    let mut start = 0;
    while start < line.len() {
        let length = line[start..].iter().take_while(|c| **c == b'<').count();
        if length >= 2 && best.is_none_or(|(_, most)| length > most) {
            best = Some((start, length));
        }
        start += length.max(1);
    }
    best
}

/// Letters-only and digits-only places.
fn by_place(format: Format, lines: &mut [Vec<u8>]) -> u32 {
    let mut repairs = 0;
    for (l, line) in lines.iter_mut().enumerate() {
        for (c, byte) in line.iter_mut().enumerate() {
            let seen = char::from(*byte);
            let meant = match format.allows(l, c) {
                Place::Digit => confusion::digit_for(seen),
                Place::Letter => confusion::letter_for(seen),
                Place::Sex => sex_for(seen),
                Place::Either => None,
            };
            if let Some(meant) = meant {
                *byte = meant as u8;
                repairs += 1;
            }
        }
    }
    // `PK` for `P<` is the commonest misreading of the first line, and no kind of passport is called so.
    if matches!(format, Format::Td3 | Format::MrvA | Format::MrvB) && lines[0][1] == b'K' {
        lines[0][1] = b'<';
        repairs += 1;
    }
    repairs
}

/// Only three characters can stand there, and each has its own look-alikes.
const fn sex_for(seen: char) -> Option<char> {
    match seen {
        'H' | 'N' | 'W' => Some('M'),
        'P' | 'E' | 'R' => Some('F'),
        'K' | 'C' => Some('<'),
        _ => None,
    }
}

/// What fillers are read as when there are many in a row.
const FILLER_LIKE: &[u8] = b"KCLSEXGRI";

/// No name goes on after three fillers: a few letters there that look like fillers are fillers.
fn after_names(format: Format, lines: &mut [Vec<u8>]) -> u32 {
    let Span { line, from, to } = format.layout().names;
    let names = &mut lines[line][from..to];
    // A leading run is part of no name; the first letters are the name whatever follows them.
    let Some(first) = names.iter().position(|c| *c != b'<') else { return 0 };
    let Some(three) = names[first..].windows(3).position(|w| w == b"<<<") else { return 0 };
    let tail = &mut names[first + three..];
    let longest_word = tail.split(|c| *c == b'<').map(<[u8]>::len).max().unwrap_or(0);
    let noise = longest_word <= 3 && tail.iter().all(|c| *c == b'<' || FILLER_LIKE.contains(c));
    if !noise {
        return 0;
    }
    let repairs = tail.iter().filter(|c| **c != b'<').count() as u32;
    tail.fill(b'<');
    repairs
}

/// One exchange of look-alikes in the number or in the personal number, where its check digit fails.
fn by_check_digit(format: Format, lines: &mut [Vec<u8>]) -> u32 {
    let f = format.layout();
    let mut repairs = 0;
    for (of, span) in [(Checked::DocumentNumber, f.document_number), (Checked::PersonalNumber, f.optional[0])]
    {
        if holds(format, lines, of) != Some(false) {
            continue;
        }
        if let Some((column, meant)) = the_only_exchange(format, lines, of, span) {
            lines[span.line][column] = meant;
            repairs += 1;
        }
    }
    repairs
}

/// Whether a check digit holds; `None` when the format does not have it.
fn holds(format: Format, lines: &[Vec<u8>], of: Checked) -> Option<bool> {
    let lines: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
    checks(format, &lines).iter().find(|c| c.of == of).map(|c| c.holds)
}

/// The composite must agree, where there is one: a forged digit passes the field's own check in one of ten
/// trials, both in one of a hundred.
fn the_only_exchange(format: Format, lines: &[Vec<u8>], of: Checked, span: Span) -> Option<(usize, u8)> {
    let mut trial = lines.to_vec();
    let mut found = None;
    for column in span.from..span.to {
        let seen = trial[span.line][column];
        for &meant in confusion::alternatives(char::from(seen)) {
            trial[span.line][column] = meant as u8;
            let fits = holds(format, &trial, of) == Some(true)
                && holds(format, &trial, Checked::Composite) != Some(false);
            if fits && found.replace((column, meant as u8)).is_some() {
                return None;
            }
        }
        trial[span.line][column] = seen;
    }
    found
}
