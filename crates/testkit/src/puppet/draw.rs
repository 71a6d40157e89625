//! Draws the portrait over moved points.

use fastrand::Rng;
use image::{Rgb, RgbImage, RgbaImage};

use super::Pose;
use super::shape::{Place, Shape};

/// What is seen between the lips.
const MOUTH: Rgb<u8> = Rgb([52, 18, 20]);

/// From this opening on the mouth is seen from inside; before, what the portrait shows between the lips.
const PARTED: f32 = 0.1;

/// A portrait scaled and moved into a frame; beyond its edge the edge goes on.
pub(super) fn placed(
    portrait: &RgbImage,
    scale: f32,
    (dx, dy): (f32, f32),
    width: u32,
    height: u32,
) -> RgbImage {
    // Bilinear samples of a picture shrunk to about the frame's own scale.
    let by = scale.min(1.0);
    let size = |v: u32| ((v as f32 * by).round() as u32).max(1);
    let small = image::imageops::resize(
        portrait,
        size(portrait.width()),
        size(portrait.height()),
        image::imageops::FilterType::Triangle,
    );
    let (sx, sy) = (
        small.width() as f32 / (portrait.width() as f32 * scale),
        small.height() as f32 / (portrait.height() as f32 * scale),
    );
    RgbImage::from_fn(width, height, |x, y| {
        Rgb(sample(&small, (x as f32 + 0.5 - dx) * sx, (y as f32 + 0.5 - dy) * sy))
    })
}

/// Share of the frame's shorter side that a raised hand is high.
const HAND: f32 = 0.42;

/// A cut-out hand beside the face, at the image's left or right; 0 below the frame, 1 beside it.
pub(super) fn lay_hand(frame: &mut RgbImage, hand: &RgbaImage, height: f32, left: bool) {
    let (w, h) = (frame.width() as f32, frame.height() as f32);
    let high = HAND * w.min(h);
    let wide = high * hand.width() as f32 / hand.height().max(1) as f32;
    let filter = image::imageops::FilterType::Triangle;
    let small = image::imageops::resize(hand, wide.max(1.0) as u32, high.max(1.0) as u32, filter);
    let x = if left { 0.17 * w } else { 0.83 * w } - wide / 2.0;
    let y = h - height * (h - 0.42 * h);
    for (dx, dy, pixel) in small.enumerate_pixels() {
        let at = (x as i64 + i64::from(dx), y as i64 + i64::from(dy));
        let (Ok(px), Ok(py)) = (u32::try_from(at.0), u32::try_from(at.1)) else { continue };
        if let Some(below) = frame.get_pixel_mut_checked(px, py) {
            let alpha = f32::from(pixel.0[3]) / 255.0;
            for c in 0..3 {
                let mixed = alpha * f32::from(pixel.0[c]) + (1.0 - alpha) * f32::from(below.0[c]);
                below.0[c] = mixed.round() as u8;
            }
        }
    }
}

/// The picture at rest, seen where its points have moved; the nearer triangle hides the farther one.
pub(super) fn warped(picture: &RgbImage, shape: &Shape, pose: &Pose) -> RgbImage {
    let points = shape.moved(pose);
    let mut out = picture.clone();
    let mut depth = vec![f32::MAX; out.width() as usize * out.height() as usize];
    for triangle in &shape.triangles {
        let to = triangle.map(|i| points[i]);
        let from = triangle.map(|i| shape.rest[i]);
        let inside_mouth = pose.mouth > PARTED && Shape::is_inside_mouth(triangle);
        fill(&mut out, &mut depth, to, |[a, b, c]| {
            if inside_mouth {
                return MOUTH;
            }
            let at = |axis: usize| a * from[0][axis] + b * from[1][axis] + c * from[2][axis];
            Rgb(sample(picture, at(0), at(1)))
        });
    }
    out
}

/// Fills a triangle, with the colour at each place's barycentric coordinates, where nothing nearer lies.
fn fill(out: &mut RgbImage, depth: &mut [f32], t: [Place; 3], colour: impl Fn([f32; 3]) -> Rgb<u8>) {
    let [a, b, c] = t;
    let area = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]);
    if area.abs() < 1e-4 {
        return;
    }
    let (w, h) = (out.width(), out.height());
    let range = |axis: usize, length: u32| {
        let low = t.iter().map(|p| p[axis]).fold(f32::MAX, f32::min);
        let high = t.iter().map(|p| p[axis]).fold(f32::MIN, f32::max);
        (low.floor().max(0.0) as u32)..(high.ceil().clamp(0.0, length as f32) as u32)
    };
    for y in range(1, h) {
        for x in range(0, w) {
            let (px, py) = (x as f32 + 0.5, y as f32 + 0.5);
            let of = |p: Place, q: Place| ((q[0] - p[0]) * (py - p[1]) - (px - p[0]) * (q[1] - p[1])) / area;
            let weights = [of(b, c), of(c, a), of(a, b)];
            if weights.iter().any(|v| *v < 0.0) {
                continue;
            }
            let z = weights[0] * a[2] + weights[1] * b[2] + weights[2] * c[2];
            let at = (y * w + x) as usize;
            if z < depth[at] {
                depth[at] = z;
                out.put_pixel(x, y, colour(weights));
            }
        }
    }
}

/// Bilinear; beyond the edge the edge goes on.
fn sample(picture: &RgbImage, x: f32, y: f32) -> [u8; 3] {
    let (w, h) = (picture.width() as f32, picture.height() as f32);
    let (x, y) = ((x - 0.5).clamp(0.0, w - 1.0), (y - 0.5).clamp(0.0, h - 1.0));
    let (left, top) = (x.floor(), y.floor());
    let (fx, fy) = (x - left, y - top);
    let at = |x: f32, y: f32| picture.get_pixel(x.min(w - 1.0) as u32, y.min(h - 1.0) as u32).0;
    let (p, q, r, s) = (at(left, top), at(left + 1.0, top), at(left, top + 1.0), at(left + 1.0, top + 1.0));
    std::array::from_fn(|c| {
        let upper = f32::from(p[c]) * (1.0 - fx) + f32::from(q[c]) * fx;
        let lower = f32::from(r[c]) * (1.0 - fx) + f32::from(s[c]) * fx;
        (upper * (1.0 - fy) + lower * fy).round() as u8
    })
}

/// A sensor's noise: up to three grey levels either way.
pub(super) fn add_noise(frame: &mut RgbImage, seed: u64) {
    let mut rng = Rng::with_seed(seed);
    for pixel in frame.pixels_mut() {
        let by = rng.i16(-3..=3);
        pixel.0 = pixel.0.map(|v| (i16::from(v) + by).clamp(0, 255) as u8);
    }
}
