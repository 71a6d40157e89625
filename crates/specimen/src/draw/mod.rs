//! Drawing documents: the layout of the real thing, our own ground, and 样本 / SPECIMEN in red.

mod business_licence;
mod ground;
mod passport;
mod permit;
mod resident_card;
mod visa;

pub use business_licence::business_licence;
pub use passport::passport;
pub use permit::permit;
pub use resident_card::{id_back, id_front};
pub use visa::visa;

use image::RgbImage;
use jiff::civil::Date;
use shiren_core::see::DocumentKind;

use crate::Specimen;
use crate::canvas::{Canvas, Colour, Type};
use crate::font::Fonts;

/// The document of this kind; `portrait` goes where it has one.
pub fn document(fonts: &Fonts, s: &Specimen, kind: DocumentKind, portrait: Option<&RgbImage>) -> RgbImage {
    match kind {
        DocumentKind::CnIdFront => id_front(fonts, s, portrait),
        DocumentKind::CnIdBack => id_back(fonts, s),
        DocumentKind::Passport => passport(fonts, s, portrait),
        DocumentKind::Permit => permit(fonts, s, portrait),
        DocumentKind::Visa => visa(fonts, s, portrait),
        DocumentKind::BusinessLicence => business_licence(fonts, s),
    }
}

/// What marks a specimen, on every side of every document.
const MARK: &str = "样本 SPECIMEN";
const RED: Colour = [200, 40, 50];
const INK: Colour = [24, 24, 28];

/// Pitch of machine-readable zones: ten characters an inch (ICAO 9303-3, 4.4).
const MRZ_PITCH: f32 = 2.54;
/// Distance of their lines (ICAO 9303-4, figure 5: 6.35 mm).
const MRZ_LINE: f32 = 6.35;

/// Marks the sheet.
fn mark(canvas: &mut Canvas, fonts: &Fonts, x: f32, y: f32, em: f32) {
    canvas.text(x, y, Type::new(&fonts.bold, em, RED), MARK);
}

/// A label in two languages with its value below it.
fn labelled(canvas: &mut Canvas, fonts: &Fonts, (x, y): (f32, f32), label: &str, value: &str) {
    canvas.text(x, y, Type::new(&fonts.sans, 1.9, [60, 80, 110]), label);
    canvas.text(x, y + 2.5, Type::new(&fonts.sans, 3.2, INK), value);
}

/// Lines of a machine-readable zone, the last on `bottom`.
fn zone(canvas: &mut Canvas, fonts: &Fonts, x: f32, bottom: f32, lines: &[String]) {
    for (i, line) in lines.iter().rev().enumerate() {
        canvas.grid(x, bottom - i as f32 * MRZ_LINE, MRZ_PITCH, &fonts.ocr_b, [10, 10, 10], line);
    }
}

/// 04 JAN 1990.
fn spelled(day: Date) -> String {
    const MONTHS: [&str; 12] =
        ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    format!("{:02} {} {}", day.day(), MONTHS[day.month() as usize - 1], day.year())
}
