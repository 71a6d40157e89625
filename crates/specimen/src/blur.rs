//! What lens and hand do to a picture.

use image::RgbImage;

use crate::scene::Motion;

/// Blurs with a Gaussian of this standard deviation in pixels.
pub(crate) fn gaussian(picture: &mut RgbImage, sigma: f32) {
    if sigma <= 0.0 {
        return;
    }
    let radius = (2.6 * sigma).ceil() as isize;
    let weight = |d: isize| (-0.5 * (d as f32 / sigma).powi(2)).exp();
    let total: f32 = (-radius..=radius).map(weight).sum();
    let kernel: Vec<(isize, f32)> = (-radius..=radius).map(|d| (d, weight(d) / total)).collect();
    let (w, h) = (picture.width() as usize, picture.height() as usize);
    let mut rows: Vec<f32> = Vec::with_capacity(w * h * 3);
    let mut padded = vec![0.0; (w + 2 * radius as usize) * 3];
    for row in picture.as_raw().chunks_exact(w * 3) {
        for (i, pixel) in padded.chunks_exact_mut(3).enumerate() {
            let x = (i as isize - radius).clamp(0, w as isize - 1) as usize;
            pixel.iter_mut().zip(&row[x * 3..]).for_each(|(p, v)| *p = f32::from(*v));
        }
        let start = rows.len();
        rows.resize(start + w * 3, 0.0);
        for (d, k) in &kernel {
            add(&mut rows[start..], &padded[(d + radius) as usize * 3..], *k);
        }
    }
    let mut sum = vec![0.0; w * 3];
    for (y, out) in picture.chunks_exact_mut(w * 3).enumerate() {
        sum.fill(0.0);
        for (d, k) in &kernel {
            let from = (y as isize + d).clamp(0, h as isize - 1) as usize;
            add(&mut sum, &rows[from * w * 3..], *k);
        }
        out.iter_mut().zip(&sum).for_each(|(o, v)| *o = v.round() as u8);
    }
}

fn add(sum: &mut [f32], values: &[f32], weight: f32) {
    sum.iter_mut().zip(values).for_each(|(s, v)| *s += weight * v);
}

/// Smears along a line: the mean of pictures one pixel apart.
pub(crate) fn smear(picture: &RgbImage, motion: Motion) -> RgbImage {
    let steps = motion.length.round().max(1.0) as i64;
    let (sin, cos) = motion.angle.to_radians().sin_cos();
    let shifts: Vec<(i64, i64)> = (0..steps)
        .map(|i| i as f32 - (steps - 1) as f32 / 2.0)
        .map(|t| ((t * cos).round() as i64, (t * sin).round() as i64))
        .collect();
    let (w, h) = picture.dimensions();
    RgbImage::from_fn(w, h, |x, y| {
        let mut sum = [0u32; 3];
        for (dx, dy) in &shifts {
            let sx = (i64::from(x) + dx).clamp(0, i64::from(w) - 1) as u32;
            let sy = (i64::from(y) + dy).clamp(0, i64::from(h) - 1) as u32;
            sum.iter_mut().zip(picture.get_pixel(sx, sy).0).for_each(|(s, v)| *s += u32::from(v));
        }
        image::Rgb(sum.map(|s| (s / shifts.len() as u32) as u8))
    })
}
