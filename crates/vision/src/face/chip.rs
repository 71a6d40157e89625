//! Pixels for a network: a picture shrunk into a square, and turned, scaled patches of a face.

use std::borrow::Cow;

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::RgbImage;
use ndarray::{Array4, ArrayD};
use shiren_core::see::Point;

use super::similarity::Similarity;

/// A part of a picture, shrunk so far that no patch made of it loses detail to gaps between samples, and so
/// small that making several patches is cheap.
pub(super) struct Chip<'a> {
    pixels: Cow<'a, RgbImage>,
    from_picture: Similarity,
}

/// How finely a face is kept in its chip: pixels along the side of the detector's box. The largest patch
/// made of it, 224², shows about 1.6 box sides, so there are at least two chip pixels for each of its pixels.
const CHIP_FACE_SIDE: f32 = 320.0;
/// Side of the part kept around a face, in sides of the box: the 1.5× region turned by 45°, and a reserve for
/// a box that sits badly.
const CHIP_REACH: f32 = 2.8;

impl<'a> Chip<'a> {
    /// The surroundings of a face whose box has the given centre and side.
    pub(super) fn around(picture: &'a RgbImage, centre: Point, side: f32) -> Self {
        let whole = Self { pixels: Cow::Borrowed(picture), from_picture: Similarity::IDENTITY };
        if side.is_nan() || side <= CHIP_FACE_SIDE {
            return whole;
        }
        let shrink = CHIP_FACE_SIDE / side;
        let reach = side * CHIP_REACH / 2.0;
        let (w, h) = (picture.width() as f32, picture.height() as f32);
        let (x0, y0) = ((centre.x - reach).clamp(0.0, w).floor(), (centre.y - reach).clamp(0.0, h).floor());
        let (x1, y1) = ((centre.x + reach).clamp(0.0, w).ceil(), (centre.y + reach).clamp(0.0, h).ceil());
        let (dst_w, dst_h) = (((x1 - x0) * shrink).round(), ((y1 - y0) * shrink).round());
        if !(dst_w >= 1.0 && dst_h >= 1.0) {
            return whole;
        }
        match resize(picture, (x0, y0, x1 - x0, y1 - y0), dst_w as u32, dst_h as u32) {
            // Rounding makes the two scales differ by less than a pixel over the chip: ignored.
            Some(pixels) => {
                let scale = dst_w / (x1 - x0);
                Self {
                    pixels: Cow::Owned(pixels),
                    from_picture: Similarity::scaled(scale, -x0 * scale, -y0 * scale),
                }
            }
            None => whole,
        }
    }

    /// The square patch of `side` pixels that `to_patch` cuts from the picture. `None` when the transform
    /// cannot be undone.
    pub(super) fn patch(&self, side: usize, to_patch: &Similarity) -> Option<Patch> {
        let source = to_patch.inverse()?.then(&self.from_picture);
        Some(Patch::sample(&self.pixels, side, &source))
    }
}

/// A square of RGB values 0–255, planar: all red, all green, all blue.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Patch {
    pub(super) side: usize,
    values: Vec<f32>,
}

/// The order in which a network takes the colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Channels {
    Rgb,
    Bgr,
}

impl Patch {
    /// Bilinear samples of `source(patch point)`; where a patch pixel covers several source pixels, the
    /// mean of evenly spread samples. Outside the picture it is black.
    fn sample(picture: &RgbImage, side: usize, source: &Similarity) -> Self {
        let grid = (source.scale().ceil() as usize).clamp(1, 8);
        let plane = side * side;
        let mut values = vec![0f32; 3 * plane];
        let weight = 1.0 / (grid * grid) as f32;
        let step = 1.0 / grid as f32;
        let offset = |i: usize| (i as f32 + 0.5) * step;
        for y in 0..side {
            for x in 0..side {
                let mut sum = [0f32; 3];
                for v in 0..grid {
                    for u in 0..grid {
                        let at = Point::new(x as f32 + offset(u), y as f32 + offset(v));
                        let rgb = bilinear(picture, source.apply(at));
                        (0..3).for_each(|c| sum[c] += rgb[c]);
                    }
                }
                (0..3).for_each(|c| values[c * plane + y * side + x] = sum[c] * weight);
            }
        }
        Self { side, values }
    }

    /// The same, seen in a mirror.
    pub(super) fn mirrored(&self) -> Self {
        let mut values = self.values.clone();
        values.chunks_exact_mut(self.side).for_each(<[f32]>::reverse);
        Self { side: self.side, values }
    }

    /// Values of one channel, row by row.
    pub(super) fn plane(&self, channel: usize) -> &[f32] {
        let plane = self.side * self.side;
        &self.values[channel * plane..(channel + 1) * plane]
    }

    /// `[1, 3, side, side]` of `(value − mean) × scale`; `mean` is in the order of `channels`.
    pub(super) fn tensor(&self, channels: Channels, mean: [f32; 3], scale: f32) -> ArrayD<f32> {
        let order = match channels {
            Channels::Rgb => [0, 1, 2],
            Channels::Bgr => [2, 1, 0],
        };
        let mut values = Vec::with_capacity(self.values.len());
        for (channel, mean) in order.into_iter().zip(mean) {
            values.extend(self.plane(channel).iter().map(|v| (v - mean) * scale));
        }
        square_tensor(self.side, values)
    }
}

/// A picture shrunk or stretched, whole, into the middle of a black square.
pub(super) struct Letterbox {
    /// RGB, row by row, interleaved.
    square: RgbImage,
    /// From picture to square.
    pub(super) placed: Similarity,
}

impl Letterbox {
    /// `side` pixels square. `None` for a picture without pixels.
    pub(super) fn new(picture: &RgbImage, side: u32) -> Option<Self> {
        let (w, h) = (picture.width(), picture.height());
        let scale = side as f32 / w.max(h).max(1) as f32;
        let fit = |v: u32| ((v as f32 * scale).round() as u32).clamp(1, side);
        let (sw, sh) = (fit(w), fit(h));
        let small = resize(picture, (0.0, 0.0, w as f32, h as f32), sw, sh)?;
        let (x, y) = ((side - sw) / 2, (side - sh) / 2);
        let mut square = RgbImage::new(side, side);
        image::imageops::replace(&mut square, &small, i64::from(x), i64::from(y));
        Some(Self { square, placed: Similarity::scaled(scale, x as f32, y as f32) })
    }

    /// Turned clockwise by a number of quarter turns.
    pub(super) fn turned(&self, quarters: u8) -> Self {
        let side = self.square.width() as f32;
        let (square, turn) = match quarters % 4 {
            0 => (self.square.clone(), Similarity::IDENTITY),
            1 => (image::imageops::rotate90(&self.square), Similarity { a: 0.0, b: 1.0, dx: side, dy: 0.0 }),
            2 => {
                (image::imageops::rotate180(&self.square), Similarity { a: -1.0, b: 0.0, dx: side, dy: side })
            }
            _ => {
                (image::imageops::rotate270(&self.square), Similarity { a: 0.0, b: -1.0, dx: 0.0, dy: side })
            }
        };
        Self { square, placed: self.placed.then(&turn) }
    }

    /// `[1, 3, side, side]` of `value × scale + shift`, RGB.
    pub(super) fn tensor(&self, scale: f32, shift: f32) -> ArrayD<f32> {
        let mut values = Vec::with_capacity(self.square.as_raw().len());
        for channel in 0..3 {
            let plane = self.square.as_raw().iter().skip(channel).step_by(3);
            values.extend(plane.map(|v| f32::from(*v) * scale + shift));
        }
        square_tensor(self.square.width() as usize, values)
    }
}

fn square_tensor(side: usize, values: Vec<f32>) -> ArrayD<f32> {
    Array4::from_shape_vec((1, 3, side, side), values)
        .map_or_else(|_| ArrayD::zeros(vec![0]), Array4::into_dyn)
}

/// The part `(x, y, width, height)` of a picture at another size: the mean over the area that each new pixel
/// covers when it shrinks, bilinear when it grows. `None` for an empty picture or part.
fn resize(picture: &RgbImage, part: (f32, f32, f32, f32), width: u32, height: u32) -> Option<RgbImage> {
    let (x, y, w, h) = part;
    let filter = if w > width as f32 { FilterType::Box } else { FilterType::Bilinear };
    let source = ImageRef::new(picture.width(), picture.height(), picture.as_raw(), PixelType::U8x3).ok()?;
    let mut target = Image::new(width, height, PixelType::U8x3);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter)).crop(
        f64::from(x),
        f64::from(y),
        f64::from(w),
        f64::from(h),
    );
    Resizer::new().resize(&source, &mut target, &options).ok()?;
    RgbImage::from_raw(width, height, target.into_vec())
}

fn bilinear(picture: &RgbImage, p: Point) -> [f32; 3] {
    let (w, h) = (picture.width() as i64, picture.height() as i64);
    let (x, y) = (p.x - 0.5, p.y - 0.5);
    if !(x > -1.0 && y > -1.0 && x < w as f32 && y < h as f32) {
        return [0.0; 3];
    }
    let (left, top) = (x.floor(), y.floor());
    let (fx, fy) = (x - left, y - top);
    let (left, top) = (left as i64, top as i64);
    let raw = picture.as_raw();
    let mut out = [0f32; 3];
    for (dx, dy, weight) in
        [(0, 0, (1.0 - fx) * (1.0 - fy)), (1, 0, fx * (1.0 - fy)), (0, 1, (1.0 - fx) * fy), (1, 1, fx * fy)]
    {
        let (px, py) = (left + dx, top + dy);
        if px >= 0 && py >= 0 && px < w && py < h {
            let at = (py * w + px) as usize * 3;
            (0..3).for_each(|c| out[c] += weight * f32::from(raw[at + c]));
        }
    }
    out
}
