//! Whether a card was photographed from a screen or a print.
//!
//! The camera's pixels beat with those of a screen, and resolve a printer's dots; both repeat all over the card. How often
//! that is seen, and on what, stands in `docs/measurements.md`, Screens and prints. A screen or a print finer than the
//! camera can see leaves nothing to find.

use shiren_core::see::{Point, Region};
use shiren_core::verification::{Finding, ReasonCode};

use super::sheet::{Sheet, WIDTH};
use super::visibility::Measures;
use crate::picture::spectrum;

/// Peaks from which on something repeats itself all over a card, natural logarithms of power. The background of drawn
/// cards, whose lines repeat too, reaches 2.6.
const BRIGHTNESS: f32 = 3.6;
const COLOUR: f32 = 2.8;
/// Tiles along and across the card.
const TILES: (u32, u32) = (7, 5);
/// Picture pixels for a pixel of the sheet below which a card is too small to tell.
const SMALLEST: f32 = 0.6;

/// Judges a card whose outline was found. A scan or a page that fills the picture is not judged: scanners look at prints.
pub(super) fn judge(sheet: &Sheet<'_>, measures: &mut Measures) -> Option<Finding> {
    let outline = sheet.outline?;
    if sheet.magnification() < SMALLEST {
        return None;
    }
    let (columns, rows) = TILES;
    let place = |i: u32| {
        let along = |n: u32, of: u32, length: f32| length * (0.1 + 0.8 * n as f32 / (of - 1) as f32);
        let (x, y) = (along(i % columns, columns, WIDTH), along(i / columns, rows, sheet.height()));
        let [at, ..] = sheet.place(&Region::rect(x, y, 1.0, 1.0)).0;
        Point::new(at.x, at.y)
    };
    let centres: Vec<Point> = (0..columns * rows).map(place).collect();
    let peaks = spectrum::peaks(sheet.picture().full(), &centres)?;
    measures.insert("recapture_brightness_peak", peaks.brightness);
    measures.insert("recapture_colour_peak", peaks.colour);
    let found = peaks.brightness >= BRIGHTNESS || peaks.colour >= COLOUR;
    found.then(|| Finding::review(ReasonCode::PictureRecaptured).at(outline.region))
}
