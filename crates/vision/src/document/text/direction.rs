//! Whether text stands on its head.

use image::{Rgb, RgbImage};
use shiren_core::see::{Point, Region};

use super::super::sheet::{Sheet, WIDTH};
use super::tensor::bgr;
use crate::pack::{Model, ModelError};
use crate::picture::warp::Homography;

/// Input of the classifier (PP-OCR's own size), pixels.
const INPUT: (u32, u32) = (192, 48);
/// So many lines are asked; the stronger opinion wins.
const ASKED: usize = 7;
/// Lines of this shape tell most: a few characters fill the input. Machine-readable lines, which are longer,
/// mislead the classifier, because fillers point the other way when they stand on their head.
const SHAPE: std::ops::RangeInclusive<f32> = 2.5..=14.0;

/// Asks the classifier about lines of a sheet.
pub fn upside_down(model: &dyn Model, sheet: &Sheet<'_>, places: &[Region]) -> Result<bool, ModelError> {
    let shape = |r: &Region| r.width() / r.height().max(1.0);
    let mut asked: Vec<&Region> = places.iter().collect();
    asked.sort_by(|a, b| {
        let fits = |r: &Region| SHAPE.contains(&shape(r));
        fits(b).cmp(&fits(a)).then(b.width().total_cmp(&a.width()))
    });
    let mut turned = 0.0;
    for place in asked.into_iter().take(ASKED) {
        let view = look(sheet, place);
        let out = model.run(bgr(&view).view())?;
        // Two classes: upright, turned by 180°.
        if let Some([upright, over]) = out.first().and_then(|o| o.as_slice()).and_then(|o| o.first_chunk()) {
            turned += over - upright;
        }
    }
    Ok(turned > 0.0)
}

/// The beginning of a line, in the classifier's size.
fn look(sheet: &Sheet<'_>, place: &Region) -> RgbImage {
    let (w, h) = INPUT;
    let shape = w as f32 / h as f32;
    let share = (shape * place.height() / place.width().max(1.0)).min(1.0);
    let [a, b, c, d] = place.0;
    let along = |p: Point, q: Point| Point::new(p.x + share * (q.x - p.x), p.y + share * (q.y - p.y));
    let start = sheet.place(&Region([a, along(a, b), along(d, c), d]));
    // A shorter line keeps its shape; the rest stays grey.
    let used = (place.width() / place.height().max(1.0) * h as f32).min(w as f32);
    match Homography::from_rect(used, h as f32, &start) {
        Some(to_picture) => {
            let seen = sheet.picture().view(&to_picture, used.ceil() as u32, h, Rgb([128; 3]));
            let mut out = RgbImage::from_pixel(w, h, Rgb([128; 3]));
            image::imageops::replace(&mut out, &seen, 0, 0);
            out
        }
        None => RgbImage::from_pixel(w, h, Rgb([128; 3])),
    }
}

/// The sheet and the places on it turned by 180°.
pub fn turn<'p>(sheet: &Sheet<'p>, places: &[Region]) -> (Sheet<'p>, Vec<Region>) {
    let around = |p: Point| Point::new(WIDTH - p.x, sheet.height() - p.y);
    let places = places
        .iter()
        .map(|r| {
            let [a, b, c, d] = r.0.map(around);
            Region([c, d, a, b])
        })
        .collect();
    (sheet.turned(), places)
}
