//! A sheet to draw on, measured in millimetres.

use ab_glyph::{Font, FontVec, Glyph, PxScale, ScaleFont, point};
use image::imageops::{FilterType, resize};
use image::{Rgb, RgbImage};

/// Red, green, blue.
pub(crate) type Colour = [u8; 3];

/// A sheet. Positions are in millimetres from its upper left corner.
pub(crate) struct Canvas {
    picture: RgbImage,
    px_per_mm: f32,
}

/// How text is set.
#[derive(Clone, Copy)]
pub(crate) struct Type<'a> {
    pub(crate) font: &'a FontVec,
    /// Height of the em square in millimetres.
    pub(crate) em: f32,
    pub(crate) colour: Colour,
    /// Added between characters, in millimetres.
    pub(crate) tracking: f32,
}

impl<'a> Type<'a> {
    pub(crate) const fn new(font: &'a FontVec, em: f32, colour: Colour) -> Self {
        Self { font, em, colour, tracking: 0.0 }
    }
}

/// From the top of the em square of a CJK font down to the line that letters stand on (Noto: 880 of 1000).
const BASELINE: f32 = 0.88;

impl Canvas {
    /// A white sheet.
    pub(crate) fn new(width_mm: f32, height_mm: f32, px_per_mm: f32) -> Self {
        let px = |mm: f32| (mm * px_per_mm).round() as u32;
        Self { picture: RgbImage::from_pixel(px(width_mm), px(height_mm), Rgb([255; 3])), px_per_mm }
    }

    pub(crate) fn finish(self) -> RgbImage {
        self.picture
    }

    /// Gives every pixel a colour from its place in millimetres and what is there.
    pub(crate) fn paint(&mut self, colour: impl Fn(f32, f32, Colour) -> Colour) {
        let s = 1.0 / self.px_per_mm;
        for (x, y, p) in self.picture.enumerate_pixels_mut() {
            p.0 = colour((x as f32 + 0.5) * s, (y as f32 + 0.5) * s, p.0);
        }
    }

    /// Sets a line with the top of its em square at `y`; gives where it ends.
    pub(crate) fn text(&mut self, x: f32, y: f32, t: Type<'_>, text: &str) -> f32 {
        let scale = em_scale(t.font, t.em * self.px_per_mm);
        let font = t.font.as_scaled(scale);
        let baseline = (y + t.em * BASELINE) * self.px_per_mm;
        let mut at = x * self.px_per_mm;
        for c in text.chars() {
            let id = font.glyph_id(c);
            self.glyph(t.font, id.with_scale_and_position(scale, point(at, baseline)), t.colour);
            at += font.h_advance(id) + t.tracking * self.px_per_mm;
        }
        at / self.px_per_mm
    }

    /// Sets a line of a fixed-width font whose characters stand `pitch` apart on `baseline`; the font is
    /// scaled to fill the pitch.
    pub(crate) fn grid(
        &mut self,
        x: f32,
        baseline: f32,
        pitch: f32,
        font: &FontVec,
        colour: Colour,
        text: &str,
    ) {
        let unit = font.as_scaled(em_scale(font, 1000.0)).h_advance(font.glyph_id('0'));
        let scale = em_scale(font, pitch * self.px_per_mm * 1000.0 / unit);
        for (i, c) in text.chars().enumerate() {
            let place = point((x + i as f32 * pitch) * self.px_per_mm, baseline * self.px_per_mm);
            self.glyph(font, font.glyph_id(c).with_scale_and_position(scale, place), colour);
        }
    }

    fn glyph(&mut self, font: &FontVec, glyph: Glyph, colour: Colour) {
        let Some(outline) = font.outline_glyph(glyph) else { return };
        let corner = outline.px_bounds().min;
        let (w, h) = self.picture.dimensions();
        outline.draw(|dx, dy, coverage| {
            let (x, y) = (corner.x as i64 + i64::from(dx), corner.y as i64 + i64::from(dy));
            if (0..i64::from(w)).contains(&x) && (0..i64::from(h)).contains(&y) {
                let p = self.picture.get_pixel_mut(x as u32, y as u32);
                p.0 = mix(p.0, colour, coverage);
            }
        });
    }

    /// Places a picture, stretched to a box.
    pub(crate) fn paste(&mut self, picture: &RgbImage, x: f32, y: f32, width: f32, height: f32) {
        let px = |mm: f32| (mm * self.px_per_mm).round() as u32;
        let fitted = resize(picture, px(width), px(height), FilterType::CatmullRom);
        image::imageops::overlay(&mut self.picture, &fitted, i64::from(px(x)), i64::from(px(y)));
    }
}

/// `a` with a share of `b` in it.
pub(crate) fn mix(a: Colour, b: Colour, share: f32) -> Colour {
    let share = share.clamp(0.0, 1.0);
    std::array::from_fn(|i| (f32::from(a[i]) + (f32::from(b[i]) - f32::from(a[i])) * share).round() as u8)
}

/// The scale at which a font's em square is `px` high: `ab_glyph` counts from ascent to descent.
fn em_scale(font: &FontVec, px: f32) -> PxScale {
    let units = font.units_per_em().unwrap_or(1000.0);
    PxScale::from(font.height_unscaled() * px / units)
}
