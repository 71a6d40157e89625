//! Lines of text as rows, and values taken out of them.

use shiren_core::see::{Field, Region};

use super::sheet::{Sheet, TextLine};
use super::text::decode::Glyph;

/// Lines that stand beside each other, left to right.
pub struct Row<'l> {
    lines: Vec<&'l TextLine>,
}

/// Groups lines into rows, top to bottom.
pub fn rows<'l>(lines: impl IntoIterator<Item = &'l TextLine>) -> Vec<Row<'l>> {
    let mut sorted: Vec<&TextLine> = lines.into_iter().collect();
    sorted.sort_by(|a, b| a.place.centre().y.total_cmp(&b.place.centre().y));
    let mut rows: Vec<Row<'_>> = Vec::new();
    for line in sorted {
        let beside = rows.iter_mut().rev().take(3).find(|row| {
            row.lines.iter().all(|other| {
                let apart = (other.place.centre().y - line.place.centre().y).abs();
                let overlap = {
                    let ((x, _, w, _), (ox, _, ow, _)) = (line.bounds(), other.bounds());
                    (x + w).min(ox + ow) - x.max(ox)
                };
                apart < 0.5 * other.place.height().min(line.place.height())
                    && overlap < 0.3 * line.bounds().2.min(other.bounds().2)
            })
        });
        match beside {
            Some(row) => row.lines.push(line),
            None => rows.push(Row { lines: vec![line] }),
        }
    }
    for row in &mut rows {
        row.lines.sort_by(|a, b| a.bounds().0.total_cmp(&b.bounds().0));
    }
    rows.sort_by(|a, b| a.middle().total_cmp(&b.middle()));
    rows
}

/// A character with the line it stands on.
#[derive(Clone, Copy)]
pub struct Placed<'l> {
    /// Which, how sure, where on its line.
    pub glyph: Glyph,
    /// Its line.
    pub line: &'l TextLine,
}

impl<'l> Row<'l> {
    /// Its lines.
    pub fn lines(&self) -> &[&'l TextLine] {
        &self.lines
    }

    /// Height of its middle on the sheet.
    pub fn middle(&self) -> f32 {
        self.lines.iter().map(|l| l.place.centre().y).sum::<f32>() / self.lines.len() as f32
    }

    /// Left end on the sheet.
    pub fn left(&self) -> f32 {
        self.lines.first().map_or(0.0, |l| l.bounds().0)
    }

    /// Its characters in order.
    pub fn glyphs(&self) -> Vec<Placed<'l>> {
        self.lines.iter().flat_map(|line| line.glyphs.iter().map(|g| Placed { glyph: *g, line })).collect()
    }

    /// Its text.
    pub fn text(&self) -> String {
        self.lines.iter().map(|l| l.text()).collect()
    }

    /// What follows a label: everything after the last of the label's characters among the row's first
    /// `within`. `None` when none of them is there.
    pub fn after_label(&self, label: &str, within: usize) -> Option<Vec<Placed<'l>>> {
        let glyphs = self.glyphs();
        let last = glyphs.iter().take(within).rposition(|p| label.contains(p.glyph.char))?;
        // Specks between label and value are read as punctuation.
        let rest = glyphs[last + 1..].iter().skip_while(|p| !p.glyph.char.is_alphanumeric());
        Some(rest.copied().collect())
    }

    /// The same characters when only those of `classes` are possible, from the given place on.
    pub fn among(&self, classes: &[usize], from: Option<(&TextLine, f32)>) -> Vec<Placed<'l>> {
        let mut out = Vec::new();
        let mut begun = from.is_none();
        for line in &self.lines {
            let start = match from {
                Some((first, at)) if std::ptr::eq(*line, first) => {
                    begun = true;
                    at
                }
                _ => 0.0,
            };
            if begun {
                let glyphs = line.posteriors.among(classes).into_iter().filter(|g| g.at >= start);
                out.extend(glyphs.map(|glyph| Placed { glyph, line }));
            }
        }
        out
    }
}

/// The characters as text.
pub fn text(glyphs: &[Placed<'_>]) -> String {
    glyphs.iter().map(|p| p.glyph.char).collect()
}

/// The least certain character's probability; 0 when there is none. Dots do not count: the dictionary has many
/// that look alike, and they are made one.
pub fn confidence(glyphs: &[Placed<'_>]) -> f32 {
    let telling = glyphs.iter().filter(|p| !"·•．.・‧∙-".contains(p.glyph.char));
    telling.map(|p| p.glyph.probability).reduce(f32::min).unwrap_or(0.0).clamp(0.0, 1.0)
}

/// A field of `value`, with the confidence and the place of the characters that it was read from.
pub fn field(sheet: &Sheet<'_>, glyphs: &[Placed<'_>], value: String) -> Field {
    let confidence = (confidence(glyphs) * 1000.0).round() / 1000.0;
    Field { value, confidence, region: place(glyphs).map(|r| sheet.place(&r)) }
}

/// Around characters, on the sheet.
pub fn place(glyphs: &[Placed<'_>]) -> Option<Region> {
    let mut around: Option<(f32, f32, f32, f32)> = None;
    for p in glyphs {
        let step = 0.6 / p.line.glyphs.len().max(1) as f32;
        let part = p.line.part((p.glyph.at - step).max(0.0), (p.glyph.at + step).min(1.0));
        let (x, y, w, h) = part.bounds();
        around = Some(match around {
            None => (x, y, x + w, y + h),
            Some((x0, y0, x1, y1)) => (x0.min(x), y0.min(y), x1.max(x + w), y1.max(y + h)),
        });
    }
    around.map(|(x0, y0, x1, y1)| Region::rect(x0, y0, x1 - x0, y1 - y0))
}
