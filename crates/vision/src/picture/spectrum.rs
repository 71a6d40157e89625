//! What repeats itself in a picture: peaks of the spectrum that stand in every part of it.
//!
//! Print, grain and noise spread over many frequencies; the pixels of a screen and the dots of a printer's raster repeat at
//! one. Many small tiles are taken, because the place of a wave differs from tile to tile and its frequency does not.

use std::f32::consts::TAU;

use image::RgbImage;
use shiren_core::see::Point;

/// Side of a tile in pixels, a power of two.
pub const TILE: usize = 128;
/// Waves longer than this many pixels are shapes and light, and those that run level or upright are lines of print and
/// the blocks of JPEG: cycles in a tile below which, along both axes together and along each, nothing is looked for.
const SLOWEST: f32 = 12.0;
const ALONG_AXIS: isize = 3;
/// Frequencies around a peak that it is held against, on each side.
const AROUND: isize = 5;

/// How high the strongest peak stands above its surroundings, natural logarithms of power: of brightness, and of the
/// difference of red and blue, in the geometric mean over all tiles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Peaks {
    /// Of the luminance.
    pub brightness: f32,
    /// Of red less blue.
    pub colour: f32,
}

/// The peaks of the tiles around these places, as many of them as lie inside; `None` with fewer than nine.
pub fn peaks(picture: &RgbImage, centres: &[Point]) -> Option<Peaks> {
    let wave = Wave::new();
    let mut sums = [vec![0f32; TILE * TILE], vec![0f32; TILE * TILE]];
    let mut tiles = 0u32;
    for corner in centres.iter().filter_map(|c| corner(picture, *c)) {
        wave.add(picture, corner, &mut sums);
        tiles += 1;
    }
    if tiles < 9 {
        return None;
    }
    let [brightness, colour] = sums.map(|sum| highest(&sum) / tiles as f32);
    Some(Peaks { brightness, colour })
}

/// The upper left corner of a tile, where all of it lies in the picture.
fn corner(picture: &RgbImage, centre: Point) -> Option<(u32, u32)> {
    let half = TILE as f32 / 2.0;
    let (x, y) = (centre.x - half, centre.y - half);
    let (w, h) = (picture.width() as f32, picture.height() as f32);
    let inside = x >= 0.0 && y >= 0.0 && x + TILE as f32 <= w && y + TILE as f32 <= h;
    inside.then_some((x as u32, y as u32))
}

/// The highest excess of one frequency over the mean around it, in a map of summed logarithms.
fn highest(map: &[f32]) -> f32 {
    let side = TILE as isize;
    let at = |x: isize, y: isize| map[(y.rem_euclid(side) * side + x.rem_euclid(side)) as usize];
    // Sums of rows of eleven, so that each mean costs eleven additions.
    let rows: Vec<f32> =
        (0..side * side).map(|i| (-AROUND..=AROUND).map(|d| at(i % side + d, i / side)).sum()).collect();
    let row = |x: isize, y: isize| rows[(y.rem_euclid(side) * side + x.rem_euclid(side)) as usize];
    let mut highest = 0f32;
    // The other half of the plane says the same.
    for fy in ALONG_AXIS..=side / 2 {
        for fx in -side / 2..side / 2 {
            if fx.abs() >= ALONG_AXIS && (fx as f32).hypot(fy as f32) > SLOWEST {
                let around: f32 = (-AROUND..=AROUND).map(|d| row(fx, fy + d)).sum();
                let places = (2 * AROUND + 1).pow(2) as f32;
                highest = highest.max(at(fx, fy) - around / places);
            }
        }
    }
    highest
}

/// A transform of tiles: tables that each needs.
struct Wave {
    /// Hann's window.
    window: [f32; TILE],
    /// Cosine and sine of all angles.
    turns: [(f32, f32); TILE],
}

impl Wave {
    fn new() -> Self {
        let share = |i: usize| i as f32 / TILE as f32;
        Self {
            window: std::array::from_fn(|i| 0.5 - 0.5 * (TAU * (share(i) + 0.5 / TILE as f32)).cos()),
            turns: std::array::from_fn(|i| ((TAU * share(i)).cos(), (-TAU * share(i)).sin())),
        }
    }

    /// Adds the logarithms of a tile's power. Both signals are real, so that one transform of complex numbers does for
    /// both.
    fn add(&self, picture: &RgbImage, (x0, y0): (u32, u32), sums: &mut [Vec<f32>; 2]) {
        let mut tile = vec![(0f32, 0f32); TILE * TILE];
        let mut means = (0.0, 0.0);
        for (i, value) in tile.iter_mut().enumerate() {
            let [r, g, b] =
                picture.get_pixel(x0 + (i % TILE) as u32, y0 + (i / TILE) as u32).0.map(f32::from);
            *value = (0.299 * r + 0.587 * g + 0.114 * b, r - b);
            means = (means.0 + value.0, means.1 + value.1);
        }
        let n = (TILE * TILE) as f32;
        for (i, value) in tile.iter_mut().enumerate() {
            let weight = self.window[i % TILE] * self.window[i / TILE];
            *value = ((value.0 - means.0 / n) * weight, (value.1 - means.1 / n) * weight);
        }
        tile.chunks_exact_mut(TILE).for_each(|row| self.transform(row));
        let mut column = [(0f32, 0f32); TILE];
        for x in 0..TILE {
            (0..TILE).for_each(|y| column[y] = tile[y * TILE + x]);
            self.transform(&mut column);
            (0..TILE).for_each(|y| tile[y * TILE + x] = column[y]);
        }
        for i in 0..TILE * TILE {
            let opposite = (TILE - i / TILE) % TILE * TILE + (TILE - i % TILE) % TILE;
            let ((a, b), (c, d)) = (tile[i], tile[opposite]);
            let brightness = (a + c).powi(2) + (b - d).powi(2);
            let colour = (b + d).powi(2) + (c - a).powi(2);
            sums[0][i] += (brightness / 4.0 + 1.0).ln();
            sums[1][i] += (colour / 4.0 + 1.0).ln();
        }
    }

    /// The fast Fourier transform in place (Cooley and Tukey, 1965).
    fn transform(&self, values: &mut [(f32, f32)]) {
        let n = values.len();
        let bits = n.trailing_zeros();
        for i in 0..n {
            let j = i.reverse_bits() >> (usize::BITS - bits);
            if i < j {
                values.swap(i, j);
            }
        }
        let mut half = 1;
        while half < n {
            let step = TILE / (2 * half);
            for start in (0..n).step_by(2 * half) {
                for k in 0..half {
                    let (cos, sin) = self.turns[k * step];
                    let (a, b) = (values[start + k], values[start + k + half]);
                    let turned = (b.0 * cos - b.1 * sin, b.0 * sin + b.1 * cos);
                    values[start + k] = (a.0 + turned.0, a.1 + turned.1);
                    values[start + k + half] = (a.0 - turned.0, a.1 - turned.1);
                }
            }
            half *= 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    fn grid() -> Vec<Point> {
        (0..16).map(|i| Point::new(70.0 + 150.0 * (i % 4) as f32, 70.0 + 150.0 * (i / 4) as f32)).collect()
    }

    fn picture(value: impl Fn(f32, f32) -> f32) -> RgbImage {
        RgbImage::from_fn(600, 600, |x, y| {
            // Noise that repeats nowhere.
            let h = (u64::from(x) * 600 + u64::from(y)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let noise = ((h ^ (h >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 59) as f32 - 15.5;
            Rgb([(128.0 + noise + value(x as f32, y as f32)).clamp(0.0, 255.0) as u8; 3])
        })
    }

    #[test]
    fn one_transform_is_that_of_its_definition() {
        let wave = Wave::new();
        let signal: Vec<(f32, f32)> = (0..TILE).map(|i| ((i * i % 31) as f32, (i * 7 % 13) as f32)).collect();
        let mut fast = signal.clone();
        wave.transform(&mut fast);
        for k in [0, 1, 17, 64, 127] {
            let mut sum = (0f32, 0f32);
            for (i, (a, b)) in signal.iter().enumerate() {
                let (s, c) = (-TAU * (i * k % TILE) as f32 / TILE as f32).sin_cos();
                sum = (sum.0 + a * c - b * s, sum.1 + a * s + b * c);
            }
            assert!((sum.0 - fast[k].0).abs() < 0.1 && (sum.1 - fast[k].1).abs() < 0.1, "{k}");
        }
    }

    #[test]
    fn a_faint_wave_all_over_is_a_peak_and_noise_is_none() {
        let noise = peaks(&picture(|_, _| 0.0), &grid()).unwrap();
        let wave = peaks(&picture(|x, y| 3.0 * (1.1 * x + 0.7 * y).sin()), &grid()).unwrap();
        assert!(noise.brightness < 2.0, "{noise:?}");
        assert!(wave.brightness > 3.0, "{wave:?}");
        assert!(wave.colour < 1e-3, "grey has no colour: {wave:?}");
    }

    #[test]
    fn a_wave_of_colour_alone_is_told_apart() {
        let mut picture = picture(|_, _| 0.0);
        for (x, y, p) in picture.enumerate_pixels_mut() {
            let by = (6.0 * (1.3 * x as f32 - 0.9 * y as f32).sin()) as i16;
            p.0 = [p.0[0] as i16 + by, p.0[1] as i16, p.0[2] as i16 - by].map(|v| v.clamp(0, 255) as u8);
        }
        let found = peaks(&picture, &grid()).unwrap();
        assert!(found.colour > 3.0, "{found:?}");
    }

    #[test]
    fn lines_of_print_and_blocks_are_no_wave_and_few_tiles_say_nothing() {
        let print = |x: f32, y: f32| {
            // Characters stand in rows and are as wide as they are.
            let row = (y / 24.0) as u64;
            let at = ((x / 3.0) as u64 / 2 + row * 977).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let ink =
                y.rem_euclid(24.0) < 9.0 && (at ^ (at >> 31)).wrapping_mul(0x94D0_49BB_1331_11EB) >> 63 == 0;
            if ink { -90.0 } else { 0.0 }
        };
        let found = peaks(&picture(print), &grid()).unwrap();
        assert!(found.brightness < 3.0, "{found:?}");
        assert_eq!(peaks(&picture(|_, _| 0.0), &grid()[..8]), None);
        assert_eq!(peaks(&RgbImage::new(100, 100), &grid()), None);
    }
}
