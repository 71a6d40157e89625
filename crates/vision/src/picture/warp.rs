//! Looking at a part of a picture as if it lay straight before the camera.

use image::{Rgb, RgbImage};
use shiren_core::see::{Point, Region};

/// A projective map of the plane: `(x, y, 1)` times this 3×3 matrix, row by row, then divided by the third
/// component.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Homography([f64; 9]);

impl Homography {
    /// The map that takes each corner of `from` to the same corner of `to`; `None` when three corners lie
    /// on one line or anything is not finite.
    pub fn between(from: &Region, to: &Region) -> Option<Self> {
        let mut m = [[0.0f64; 9]; 8];
        for (i, (p, q)) in from.0.iter().zip(&to.0).enumerate() {
            let (x, y, u, v) = (f64::from(p.x), f64::from(p.y), f64::from(q.x), f64::from(q.y));
            m[2 * i] = [x, y, 1.0, 0.0, 0.0, 0.0, -x * u, -y * u, u];
            m[2 * i + 1] = [0.0, 0.0, 0.0, x, y, 1.0, -x * v, -y * v, v];
        }
        let h = solve(m)?;
        Some(Self([h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7], 1.0]))
    }

    /// The map from pixels of an upright `w`×`h` rectangle to the quadrilateral `region`.
    pub fn from_rect(w: f32, h: f32, region: &Region) -> Option<Self> {
        Self::between(&Region::rect(0.0, 0.0, w, h), region)
    }

    /// Scales by `s` and turns by `radians` (clockwise as seen, y down), then moves by `(tx, ty)`.
    pub fn similarity(s: f64, radians: f64, tx: f64, ty: f64) -> Self {
        let (sin, cos) = radians.sin_cos();
        Self([s * cos, -s * sin, tx, s * sin, s * cos, ty, 0.0, 0.0, 1.0])
    }

    /// First `self`, then `next`.
    pub fn then(&self, next: &Self) -> Self {
        let (a, b) = (&next.0, &self.0);
        let mut out = [0.0; 9];
        for r in 0..3 {
            for c in 0..3 {
                out[3 * r + c] = (0..3).map(|k| a[3 * r + k] * b[3 * k + c]).sum();
            }
        }
        Self(out)
    }

    /// Where a point goes.
    pub fn apply(&self, p: Point) -> Point {
        let (x, y) = self.map(f64::from(p.x), f64::from(p.y));
        Point::new(x as f32, y as f32)
    }

    /// Where a quadrilateral goes, corner by corner.
    pub fn apply_region(&self, r: &Region) -> Region {
        Region(r.0.map(|p| self.apply(p)))
    }

    fn map(&self, x: f64, y: f64) -> (f64, f64) {
        let h = &self.0;
        let w = h[6] * x + h[7] * y + h[8];
        ((h[0] * x + h[1] * y + h[2]) / w, (h[3] * x + h[4] * y + h[5]) / w)
    }

    /// Source pixels per destination pixel around the middle of a `w`×`h` destination.
    fn scale_at_middle(&self, w: u32, h: u32) -> f64 {
        let (x, y) = (f64::from(w) / 2.0, f64::from(h) / 2.0);
        let (o, a, b) = (self.map(x, y), self.map(x + 1.0, y), self.map(x, y + 1.0));
        let dx = (a.0 - o.0).hypot(a.1 - o.1);
        let dy = (b.0 - o.0).hypot(b.1 - o.1);
        dx.min(dy)
    }
}

/// Gaussian elimination with partial pivoting of eight equations with the right side in the ninth column.
fn solve(mut m: [[f64; 9]; 8]) -> Option<[f64; 8]> {
    for col in 0..8 {
        let pivot = (col..8).max_by(|&a, &b| m[a][col].abs().total_cmp(&m[b][col].abs()))?;
        m.swap(col, pivot);
        if !m[col][col].is_finite() || m[col][col].abs() < 1e-10 {
            return None;
        }
        for row in 0..8 {
            if row != col {
                let f = m[row][col] / m[col][col];
                let from = m[col];
                for (v, p) in m[row].iter_mut().zip(from).skip(col) {
                    *v -= f * p;
                }
            }
        }
    }
    let x = std::array::from_fn(|i| m[i][8] / m[i][i]);
    x.iter().all(|v: &f64| v.is_finite()).then_some(x)
}

/// A picture with its halved copies, so that looking at a part of it much smaller does not alias.
pub struct Pyramid<'a> {
    full: &'a RgbImage,
    halves: Vec<RgbImage>,
}

impl<'a> Pyramid<'a> {
    /// Halves the picture by 2×2 means for as long as a view of `smallest_scale` destination pixels per
    /// source pixel needs it (1.0 makes no copy; 0.25 makes one of a half, so that bilinear steps stay ≤ 2).
    pub fn new(full: &'a RgbImage, smallest_scale: f32) -> Self {
        let mut halves: Vec<RgbImage> = Vec::new();
        let mut scale = smallest_scale;
        while scale < 0.5 && halves.len() < 5 {
            let last = halves.last().unwrap_or(full);
            if last.width() < 4 || last.height() < 4 {
                break;
            }
            let half = halve(last);
            halves.push(half);
            scale *= 2.0;
        }
        Self { full, halves }
    }

    /// The picture itself.
    pub fn full(&self) -> &'a RgbImage {
        self.full
    }

    /// The `w`×`h` view whose pixel centres `to_source` takes to the full picture. Beyond the picture's
    /// edge the view is `outside`.
    pub fn view(&self, to_source: &Homography, w: u32, h: u32, outside: Rgb<u8>) -> RgbImage {
        let mut level = self.full;
        let mut down = 1.0f64;
        for half in &self.halves {
            if to_source.scale_at_middle(w, h) / down < 1.8 {
                break;
            }
            (level, down) = (half, down * 2.0);
        }
        sample(level, to_source, 1.0 / down, w, h, outside)
    }
}

/// One `w`×`h` view of a picture (see [`Pyramid::view`]); for a single look.
pub fn view(picture: &RgbImage, to_source: &Homography, w: u32, h: u32, outside: Rgb<u8>) -> RgbImage {
    let scale = to_source.scale_at_middle(w, h).max(1e-3);
    Pyramid::new(picture, (1.0 / scale) as f32).view(to_source, w, h, outside)
}

/// Means of 2×2 pixels; an odd last row or column is dropped.
pub fn halve(p: &RgbImage) -> RgbImage {
    let (w, h) = (p.width() / 2, p.height() / 2);
    let stride = p.width() as usize * 3;
    let src = p.as_raw();
    let mut out = vec![0u8; w as usize * h as usize * 3];
    for (y, row) in out.chunks_exact_mut((w as usize * 3).max(1)).enumerate() {
        let (a, b) = (&src[2 * y * stride..][..stride], &src[(2 * y + 1) * stride..][..stride]);
        for ((o, a), b) in row.chunks_exact_mut(3).zip(a.chunks_exact(6)).zip(b.chunks_exact(6)) {
            for c in 0..3 {
                let sum = u16::from(a[c]) + u16::from(a[c + 3]) + u16::from(b[c]) + u16::from(b[c + 3]);
                o[c] = ((sum + 2) / 4) as u8;
            }
        }
    }
    RgbImage::from_raw(w, h, out).unwrap_or_default()
}

/// Bilinear look-up, row by row. The projective division is the only per-pixel cost besides the four reads.
fn sample(src: &RgbImage, to_full: &Homography, k: f64, w: u32, h: u32, outside: Rgb<u8>) -> RgbImage {
    let mut out = RgbImage::new(w, h);
    let (sw, sh) = (src.width() as i32, src.height() as i32);
    let stride = src.width() as usize * 3;
    let raw = src.as_raw();
    let m = &to_full.0;
    for (y, row) in out.chunks_exact_mut((w as usize * 3).max(1)).enumerate() {
        let fy = y as f64 + 0.5;
        for (x, px) in row.chunks_exact_mut(3).enumerate() {
            let fx = x as f64 + 0.5;
            let d = 1.0 / (m[6] * fx + m[7] * fy + m[8]);
            let sx = ((m[0] * fx + m[1] * fy + m[2]) * d * k - 0.5) as f32;
            let sy = ((m[3] * fx + m[4] * fy + m[5]) * d * k - 0.5) as f32;
            // NaN fails these comparisons too and counts as outside.
            let inside = sx >= -0.5 && sy >= -0.5 && sx <= sw as f32 - 0.5 && sy <= sh as f32 - 0.5;
            if !inside || sw < 2 || sh < 2 {
                px.copy_from_slice(&outside.0);
                continue;
            }
            let x0 = (sx.floor() as i32).clamp(0, sw - 2) as usize;
            let y0 = (sy.floor() as i32).clamp(0, sh - 2) as usize;
            let (ax, ay) = ((sx - x0 as f32).clamp(0.0, 1.0), (sy - y0 as f32).clamp(0.0, 1.0));
            let (ax, ay) = ((ax * 128.0) as i32, (ay * 128.0) as i32);
            let top = &raw[y0 * stride + x0 * 3..][..6];
            let bottom = &raw[(y0 + 1) * stride + x0 * 3..][..6];
            for c in 0..3 {
                let (t0, t1) = (i32::from(top[c]), i32::from(top[c + 3]));
                let (b0, b1) = (i32::from(bottom[c]), i32::from(bottom[c + 3]));
                let t = t0 * 128 + (t1 - t0) * ax;
                let b = b0 * 128 + (b1 - b0) * ax;
                px[c] = ((t * 128 + (b - t) * ay + 8192) >> 14) as u8;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gradient(w: u32, h: u32) -> RgbImage {
        RgbImage::from_fn(w, h, |x, y| Rgb([x as u8, y as u8, (x + y) as u8]))
    }

    #[test]
    fn corners_go_where_they_should() {
        let quad = Region([
            Point::new(10.0, 20.0),
            Point::new(200.0, 5.0),
            Point::new(220.0, 150.0),
            Point::new(0.0, 130.0),
        ]);
        let h = Homography::from_rect(100.0, 60.0, &quad).unwrap();
        for (p, q) in Region::rect(0.0, 0.0, 100.0, 60.0).0.iter().zip(quad.0) {
            assert!(h.apply(*p).distance(q) < 1e-3);
        }
    }

    #[test]
    fn a_flat_quadrilateral_has_no_map() {
        let flat =
            Region([Point::new(0.0, 0.0), Point::new(1.0, 0.0), Point::new(2.0, 0.0), Point::new(3.0, 0.0)]);
        assert!(Homography::from_rect(10.0, 10.0, &flat).is_none());
        let nan = Region::rect(f32::NAN, 0.0, 1.0, 1.0);
        assert!(Homography::from_rect(10.0, 10.0, &nan).is_none());
    }

    #[test]
    fn looking_straight_changes_nothing() {
        let p = gradient(64, 48);
        let id = Homography::similarity(1.0, 0.0, 0.0, 0.0);
        assert_eq!(view(&p, &id, 64, 48, Rgb([0, 0, 0])), p);
    }

    #[test]
    fn a_smaller_view_keeps_the_mean() {
        let p = gradient(200, 200);
        let down = Homography::similarity(8.0, 0.0, 0.0, 0.0);
        let small = view(&p, &down, 25, 25, Rgb([0, 0, 0]));
        let mean = small.pixels().map(|p| f64::from(p[0])).sum::<f64>() / 625.0;
        assert!((mean - 99.5).abs() < 1.0, "{mean}");
    }

    #[test]
    fn outside_is_the_colour_asked_for() {
        let p = gradient(10, 10);
        let away = Homography::similarity(1.0, 0.0, 100.0, 100.0);
        assert!(view(&p, &away, 4, 4, Rgb([1, 2, 3])).pixels().all(|p| p.0 == [1, 2, 3]));
    }
}
