//! How well a picture, or a part of it, can be seen: blur, light, glare.

use image::{GrayImage, RgbImage};

/// Luminance after ITU-R BT.601, 0–255.
pub fn luma(p: &RgbImage) -> GrayImage {
    let data = p
        .as_raw()
        .chunks_exact(3)
        .map(|c| ((77 * u32::from(c[0]) + 150 * u32::from(c[1]) + 29 * u32::from(c[2]) + 128) >> 8) as u8)
        .collect();
    GrayImage::from_raw(p.width(), p.height(), data).unwrap_or_default()
}

/// How the light falls: percentiles and shares of the luminance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exposure {
    /// Mean luminance, 0–255.
    pub mean: f32,
    /// 5th percentile, 0–255.
    pub p05: f32,
    /// Median, 0–255.
    pub p50: f32,
    /// 95th percentile, 0–255.
    pub p95: f32,
    /// Share of pixels at 247 or more, as OFIQ 1.0.3 counts over-exposure (ISO/IEC 29794-5).
    pub over: f32,
    /// Share of pixels at 25 or less, as OFIQ 1.0.3 counts under-exposure.
    pub under: f32,
}

impl Exposure {
    /// Measures a picture; an empty one is all zeros.
    pub fn of(p: &GrayImage) -> Self {
        let mut histogram = [0u32; 256];
        for v in p.as_raw() {
            histogram[usize::from(*v)] += 1;
        }
        let n = p.as_raw().len().max(1) as f32;
        let mut sum = 0.0;
        for (v, count) in histogram.iter().enumerate() {
            sum += v as f32 * *count as f32;
        }
        let share = |range: std::ops::RangeInclusive<usize>| histogram[range].iter().sum::<u32>() as f32 / n;
        let at = |share: f32| {
            let mut left = share * n;
            for (v, count) in histogram.iter().enumerate() {
                left -= *count as f32;
                if left <= 0.0 {
                    return v as f32;
                }
            }
            255.0
        };
        Self {
            mean: sum / n,
            p05: at(0.05),
            p50: at(0.5),
            p95: at(0.95),
            over: share(247..=255),
            under: share(0..=25),
        }
    }
}

/// Blur along one direction and across it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Blur {
    /// Standard deviation in pixels of the Gaussian that would spread vertical edges as they are spread here.
    pub across_px: f32,
    /// The same for horizontal edges.
    pub down_px: f32,
}

impl Blur {
    /// The worse direction.
    pub fn worst(self) -> f32 {
        self.across_px.max(self.down_px)
    }
}

/// How far the edges of a picture are spread, or `None` when it has too few edges to tell.
///
/// An edge of height A blurred by σ has, seen through a derivative of a Gaussian of width s, the gradient
/// A/√(2π(σ²+s²)). Seen at two widths s and t, the ratio R of both gives σ² = (t² − R²s²)/(R² − 1) (after
/// S. Zhuo and T. Sim, "Defocus map estimation from a single image", Pattern Recognition 44, 2011). The
/// contrast cancels, so dark pictures are measured alike. Only crests among the strongest edges count; the
/// median of each direction is reported.
pub fn blur(p: &GrayImage) -> Option<Blur> {
    Some(Blur { across_px: spread(p, true)?, down_px: spread(p, false)? })
}

/// The two widths at which edges are seen, in pixels: the first evens out rounding and sensor noise, the
/// second is far enough from it to tell and still small against strokes of text.
const FINE: f32 = 1.0;
const COARSE: f32 = 2.0;
/// Central differences fainter than this (grey levels over two pixels) are noise.
const FAINTEST_EDGE: i32 = 6;
/// A direction with fewer crests tells nothing.
const FEWEST_CRESTS: usize = 40;

fn spread(p: &GrayImage, horizontally: bool) -> Option<f32> {
    let (w, h) = (p.width() as usize, p.height() as usize);
    let (fine, coarse) = (derivative(FINE), derivative(COARSE));
    let reach = coarse.len() / 2 + 1;
    if w < 4 * reach || h < 4 * reach {
        return None;
    }
    let src = p.as_raw();
    let (step, beside) = if horizontally { (1, w) } else { (w, 1) };
    let difference = |i: usize| i32::from(src[i + step]) - i32::from(src[i - step]);
    let through = |kernel: &[f32], i: usize| -> f32 {
        let first = i - kernel.len() / 2 * step;
        let at = |j: usize| f32::from(src[j]) + f32::from(src[j - beside]) + f32::from(src[j + beside]);
        kernel.iter().enumerate().map(|(k, weight)| weight * at(first + k * step)).sum()
    };
    let places = (reach..h - reach).flat_map(move |y| (reach..w - reach).map(move |x| y * w + x));
    let mut counts = [0usize; 512];
    for i in places.clone() {
        counts[difference(i).unsigned_abs() as usize] += 1;
    }
    let strong = strongest_share(&counts, 0.03)?.max(FAINTEST_EDGE);
    let mut ratios = Vec::new();
    for i in places.filter(|i| difference(*i).abs() >= strong) {
        let here = through(&fine, i).abs();
        let crest = here >= through(&fine, i - step).abs() && here >= through(&fine, i + step).abs();
        let there = through(&coarse, i).abs();
        if crest && there > 1e-3 {
            ratios.push(here / there);
        }
    }
    if ratios.len() < FEWEST_CRESTS {
        return None;
    }
    let middle = ratios.len() / 2;
    let (_, ratio, _) = ratios.select_nth_unstable_by(middle, f32::total_cmp);
    let r2 = ratio.powi(2).clamp(1.02, (COARSE / FINE).powi(2));
    Some(((COARSE.powi(2) - r2 * FINE.powi(2)) / (r2 - 1.0)).sqrt())
}

/// The derivative of a unit Gaussian, sampled.
fn derivative(sigma: f32) -> Vec<f32> {
    let reach = (3.0 * sigma).ceil() as i32;
    let norm = (2.0 * std::f32::consts::PI).sqrt() * sigma.powi(3);
    (-reach..=reach).map(|i| i as f32 * (-(i * i) as f32 / (2.0 * sigma * sigma)).exp() / norm).collect()
}

/// The gradient that the strongest `share` of all places reach.
fn strongest_share(counts: &[usize; 512], share: f32) -> Option<i32> {
    let total: usize = counts.iter().sum();
    let wanted = (total as f32 * share) as usize;
    let mut seen = 0;
    for (g, n) in counts.iter().enumerate().rev() {
        seen += n;
        if seen >= wanted.max(1) {
            return Some(g as i32);
        }
    }
    None
}

/// A pixel is burnt out when each of its channels is at least this: nothing of what it showed is left.
pub const BURNT: u8 = 250;

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    /// Bars whose flanks are the integral of a Gaussian of the given sigma (by its logistic approximation).
    fn bars(sigma: f32, contrast: f32) -> GrayImage {
        GrayImage::from_fn(400, 400, |x, y| {
            let edge = |v: u32| {
                let d = ((v % 50) as f32 - 25.0).abs() - 12.5;
                1.0 / (1.0 + (-1.702 * d / sigma).exp())
            };
            Luma([(30.0 + contrast * (edge(x) + edge(y)) / 2.0) as u8])
        })
    }

    #[test]
    fn blur_is_measured_in_pixels_whatever_the_contrast() {
        for contrast in [90.0, 180.0] {
            let mut last = 0.0;
            for sigma in [0.8, 1.5, 3.0, 5.0] {
                let b = blur(&bars(sigma, contrast)).unwrap().worst();
                assert!((b - sigma).abs() < 0.35 * sigma + 0.35, "{sigma} measured as {b} at {contrast}");
                assert!(b > last);
                last = b;
            }
        }
    }

    #[test]
    fn a_plain_picture_has_no_blur_to_measure() {
        assert_eq!(blur(&GrayImage::new(300, 300)), None);
        assert_eq!(blur(&GrayImage::new(3, 3)), None);
    }

    #[test]
    fn exposure_counts_both_ends() {
        let p = GrayImage::from_fn(100, 1, |x, _| {
            Luma([if x < 10 {
                0
            } else if x < 70 {
                100
            } else {
                255
            }])
        });
        let e = Exposure::of(&p);
        assert_eq!((e.under, e.over, e.p50), (0.1, 0.3, 100.0));
    }
}
