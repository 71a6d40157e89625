//! The machine-readable zone: two or three lines of OCR-B (ICAO 9303-3).

use std::collections::BTreeMap;

use jiff::civil::Date;
use shiren_core::identity::mrz::{self, Mrz};
use shiren_core::see::{DocumentKind, Field, FieldKey, MrzReading, Region};

use super::rows::{self, Row};
use super::sheet::{Sheet, TextLine};
use super::text::recognise::Recogniser;
use crate::pack::ModelError;

/// What may stand in the zone (ICAO 9303-3, 4.3).
const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<";
/// Shortest line of any format is 30; OCR may lose a third of the fillers.
const SHORTEST: usize = 20;
/// Ways to look again while a check digit is wrong: stretch, and share of the line's height that is kept. Small
/// print gains from being drawn out, slanted or crowded lines from a closer or a wider crop.
const MORE_LOOKS: [(f32, f32); 5] = [(1.0, 1.0), (1.3, 1.0), (1.0, 0.82), (1.25, 1.2), (1.6, 0.9)];

/// A zone that was read.
pub struct MachineZone {
    /// Its content.
    pub mrz: Mrz,
    /// Its lines at full length.
    pub lines: Vec<String>,
    places: Vec<Region>,
    confidence: f32,
}

impl MachineZone {
    /// Which kind of document carries it.
    pub fn kind(&self) -> DocumentKind {
        match self.lines.first().and_then(|l| l.chars().next()) {
            Some('P') => DocumentKind::Passport,
            Some('V') => DocumentKind::Visa,
            _ => DocumentKind::Permit,
        }
    }

    /// The values, with their places in the picture.
    pub fn fields(&self, sheet: &Sheet<'_>) -> BTreeMap<FieldKey, Field> {
        let width = self.lines.first().map_or(1, |l| l.len().max(1)) as f32;
        self.mrz
            .fields()
            .into_iter()
            .map(|(key, value)| {
                let region = self.mrz.format.place(key).and_then(|(line, range)| {
                    let place = self.places.get(line)?;
                    let (x, y, w, h) = place.bounds();
                    let (from, to) = (range.start as f32 / width, range.end as f32 / width);
                    Some(sheet.place(&Region::rect(x + from * w, y, (to - from) * w, h)))
                });
                (key, Field { value, confidence: self.confidence, region })
            })
            .collect()
    }

    /// As it is reported.
    pub fn reading(&self, sheet: &Sheet<'_>) -> MrzReading {
        let region = around(&self.places).map(|r| sheet.place(&r));
        MrzReading { lines: self.lines.clone(), valid: self.mrz.valid(), region }
    }

    /// Where it begins on the sheet: what stands above is the printed zone.
    pub fn top(&self) -> f32 {
        self.places.iter().map(|p| p.bounds().1).fold(f32::MAX, f32::min)
    }
}

/// Reads the zone, looking again as often as check digits fail; `None` when there is none.
pub fn read(
    sheet: &Sheet<'_>,
    lines: &[TextLine],
    recogniser: &Recogniser,
    today: Date,
) -> Result<Option<MachineZone>, ModelError> {
    let rows = rows::rows(lines);
    let classes = recogniser.alphabet().classes_of(ALPHABET);
    let Some(found) = candidates(&rows, &classes) else { return Ok(None) };
    let sure = found.iter().map(|c| c.certainty).fold(1.0, f32::min);
    let texts: Vec<String> = found.iter().map(|c| c.text.clone()).collect();
    let places: Vec<Region> = found.iter().map(|c| c.place).collect();
    let mut best = understand(&texts, &places, sure, today);
    let span = span(&places);
    for (stretch, keep) in MORE_LOOKS {
        if best.as_ref().is_some_and(|b| b.mrz.valid()) {
            break;
        }
        let strips: Vec<Region> = places.iter().map(|p| strip(p, span, keep)).collect();
        let again = sheet.read_stretched(recogniser, &strips, stretch)?;
        let texts: Vec<String> =
            again.iter().map(|l| l.posteriors.among(&classes).iter().map(|g| g.char).collect()).collect();
        let sure = again.iter().map(TextLine::certainty).fold(1.0, f32::min);
        let other = understand(&texts, &strips, sure, today);
        if failing(&other) < failing(&best) {
            best = other;
        }
    }
    Ok(best)
}

/// A row that looks like a machine-readable line.
struct Candidate {
    text: String,
    place: Region,
    certainty: f32,
}

/// The last two or three rows that look like machine-readable lines.
fn candidates(rows: &[Row<'_>], classes: &[usize]) -> Option<Vec<Candidate>> {
    let mut found: Vec<Candidate> = Vec::new();
    for row in rows.iter().rev() {
        let text: String = row.among(classes, None).iter().map(|p| p.glyph.char).collect();
        let looks = looks_machine_readable(&row.text()) && text.len() >= SHORTEST;
        let place = around(&row.lines().iter().map(|l| l.place).collect::<Vec<_>>());
        match place.filter(|_| looks) {
            Some(place) => {
                let certainty = row.lines().iter().map(|l| l.certainty()).fold(1.0, f32::min);
                found.push(Candidate { text, place, certainty });
            }
            // A stray line between the zone and the page's edge, or the printed zone above.
            None if found.is_empty() => {}
            None => break,
        }
        if found.len() == 3 {
            break;
        }
    }
    found.reverse();
    // Three rows are one format only when they are equally long; else the first is print.
    if let [first, second, third] = found.as_slice() {
        let longest = second.place.width().max(third.place.width());
        if first.place.width() < 0.85 * longest || first.text.len().max(third.text.len()) > 36 {
            found.remove(0);
        }
    }
    (found.len() >= 2).then_some(found)
}

/// Mostly capitals, digits and fillers, long, and with fillers in it.
fn looks_machine_readable(text: &str) -> bool {
    let total = text.chars().count();
    let filler = |c: char| matches!(c, '<' | '«' | '‹' | '＜' | '《' | '〈' | 'く');
    let plain = text.chars().filter(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || filler(*c)).count();
    let fillers = text.chars().filter(|c| filler(*c)).count();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    total >= SHORTEST && plain * 10 >= total * 7 && (fillers >= 2 || (digits >= 8 && total >= 28))
}

fn understand(texts: &[String], places: &[Region], confidence: f32, today: Date) -> Option<MachineZone> {
    let repaired = mrz::repair(texts)?;
    let mrz = mrz::parse(&repaired.lines, today).ok()?;
    Some(MachineZone { mrz, lines: repaired.lines, places: places.to_vec(), confidence })
}

fn failing(zone: &Option<MachineZone>) -> usize {
    zone.as_ref().map_or(usize::MAX, |z| z.mrz.checks.iter().filter(|c| !c.holds).count())
}

fn around(places: &[Region]) -> Option<Region> {
    let (mut x0, mut y0, mut x1, mut y1) = (f32::MAX, f32::MAX, f32::MIN, f32::MIN);
    for p in places {
        let (x, y, w, h) = p.bounds();
        (x0, y0, x1, y1) = (x0.min(x), y0.min(y), x1.max(x + w), y1.max(y + h));
    }
    (!places.is_empty()).then(|| Region::rect(x0, y0, x1 - x0, y1 - y0))
}

/// Left and right end of the longest line: all lines of a zone share them.
fn span(places: &[Region]) -> (f32, f32) {
    places
        .iter()
        .map(Region::bounds)
        .fold((f32::MAX, f32::MIN), |(l, r), (x, _, w, _)| (l.min(x), r.max(x + w)))
}

/// A line drawn out to the zone's ends along its own slant, keeping a share of its height.
fn strip(place: &Region, (left, right): (f32, f32), keep: f32) -> Region {
    let [a, b, c, d] = place.0;
    let at = |p: shiren_core::see::Point, q: shiren_core::see::Point, x: f32| {
        let slope = if (q.x - p.x).abs() > 1.0 { (q.y - p.y) / (q.x - p.x) } else { 0.0 };
        shiren_core::see::Point::new(x, p.y + slope * (x - p.x))
    };
    let (margin, height) = ((1.0 - keep) / 2.0, place.height());
    let (up, down) = (margin * height, -margin * height);
    let moved = |p: shiren_core::see::Point, by: f32| shiren_core::see::Point::new(p.x, p.y + by);
    Region([
        moved(at(a, b, left), up),
        moved(at(a, b, right), up),
        moved(at(d, c, right), down),
        moved(at(d, c, left), down),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machine_readable_lines_are_told_from_print() {
        assert!(looks_machine_readable("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"));
        assert!(looks_machine_readable("L898902C36UTO7408122F1204159ZE184226B<<<<<10"));
        assert!(!looks_machine_readable("Type / Code of State / Passport No."));
        assert!(!looks_machine_readable("REPUBLIC OF UTOPIA"));
    }
}
