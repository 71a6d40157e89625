//! Photographs of pictures on a screen and of prints, **simulated**: the pixels of a screen and the dots of a printer's
//! raster are calculated, not photographed. They show that the rule sees what it looks for.

use fastrand::Rng;
use image::{Rgb, RgbImage};

/// Width and height of the photographs, 5 MP.
const SIZE: (u32, u32) = (2592, 1944);
/// Samples along each side of a camera's pixel.
const SAMPLES: u32 = 3;

/// A picture of a card on a screen of stripes of red, green and blue with dark gaps, photographed by hand: a pixel of the
/// screen covers 1.1 to 2.3 of the camera's. The card is shown bare, before black.
pub fn on_screen(card: &RgbImage, seed: u64) -> RgbImage {
    let mut rng = Rng::with_seed(seed);
    let pixels = 1.1 + 1.2 * rng.f32();
    let width = (SIZE.0 as f32 * (0.62 + 0.16 * rng.f32()) / pixels) as u32;
    let shown = shrunk(card, width);
    let photo = taken(&shown, pixels, &mut rng, |u, v, colour| {
        let row = (0.05..0.95).contains(&v.fract());
        std::array::from_fn(|c| {
            let at = u.fract() - c as f32 / 3.0;
            // Where it shines, it shines the more for the gaps.
            if row && (0.02..0.31).contains(&at) { light(colour[c]) * 3.0 / 0.8 } else { 0.0 }
        })
    });
    developed(photo, &mut rng)
}

/// A print of a card in a raster of dots, 120 to 175 lines an inch, cyan, magenta and yellow each at its own angle,
/// photographed by hand on a light table.
pub fn on_paper(card: &RgbImage, seed: u64) -> RgbImage {
    let mut rng = Rng::with_seed(seed);
    let width = (SIZE.0 as f32 * (0.62 + 0.16 * rng.f32())) as u32;
    let printed = shrunk(card, width);
    // A card is 3.37 inches wide.
    let cell = width as f32 / ((120.0 + 55.0 * rng.f32()) * 3.37);
    let angles = [15f32, 75.0, 0.0].map(|degrees| degrees.to_radians().sin_cos());
    let photo = taken(&printed, 1.0, &mut rng, |u, v, colour| {
        std::array::from_fn(|c| {
            let (sin, cos) = angles[c];
            let wave = |w: f32| (w / cell * std::f32::consts::TAU).cos();
            let threshold = 0.5 + (wave(u * cos + v * sin) + wave(v * cos - u * sin)) / 4.0;
            if threshold > 1.0 - colour[c] { 1.0 } else { 0.1 }
        })
    });
    developed(photo, &mut rng)
}

fn shrunk(card: &RgbImage, width: u32) -> RgbImage {
    let height = (u64::from(width) * u64::from(card.height()) / u64::from(card.width())) as u32;
    image::imageops::resize(card, width.max(1), height.max(1), image::imageops::FilterType::Triangle)
}

/// From a stored value, 0–1, to light.
fn light(value: f32) -> f32 {
    value.powf(2.2)
}

/// The light that falls on each of the camera's pixels; `shines` gives that of a place of the picture by its colour
/// there. The camera is turned by up to 6° and held a little askew.
fn taken(
    shown: &RgbImage,
    pixels: f32,
    rng: &mut Rng,
    shines: impl Fn(f32, f32, [f32; 3]) -> [f32; 3],
) -> Vec<[f32; 3]> {
    let mut between = |low: f32, high: f32| low + (high - low) * rng.f32();
    let (sin, cos) = between(-6.0, 6.0).to_radians().sin_cos();
    let lean = (between(-2e-5, 2e-5), between(-2e-5, 2e-5));
    let shift = (between(0.0, 3.0), between(0.0, 3.0));
    let (w, h) = (shown.width() as f32, shown.height() as f32);
    let mut out = Vec::with_capacity((SIZE.0 * SIZE.1) as usize);
    for y in 0..SIZE.1 {
        for x in 0..SIZE.0 {
            let mut sum = [0f32; 3];
            for i in 0..SAMPLES * SAMPLES {
                let of = |at: u32, n: u32| at as f32 + (n as f32 + 0.5) / SAMPLES as f32;
                let px = of(x, i % SAMPLES) - SIZE.0 as f32 / 2.0 + shift.0;
                let py = of(y, i / SAMPLES) - SIZE.1 as f32 / 2.0 + shift.1;
                let away = (1.0 + lean.0 * px + lean.1 * py) * pixels;
                let u = (px * cos + py * sin) / away + w / 2.0;
                let v = (py * cos - px * sin) / away + h / 2.0;
                let value = if u >= 0.0 && v >= 0.0 && u < w && v < h {
                    let colour = shown.get_pixel(u as u32, v as u32).0.map(|c| f32::from(c) / 255.0);
                    shines(u, v, colour)
                } else {
                    [0.02; 3]
                };
                (0..3).for_each(|c| sum[c] += value[c]);
            }
            out.push(sum.map(|s| s / (SAMPLES * SAMPLES) as f32));
        }
    }
    out
}

/// The lens blurs, each pixel of the sensor sees one colour and takes the others from its neighbours, and there is noise.
fn developed(photo: Vec<[f32; 3]>, rng: &mut Rng) -> RgbImage {
    let (w, h) = (SIZE.0 as i32, SIZE.1 as i32);
    let at = |x: i32, y: i32| photo[(y.clamp(0, h - 1) * w + x.clamp(0, w - 1)) as usize];
    let edge = 0.08 + 0.1 * rng.f32();
    // Red and blue on the diagonal, green twice (Bayer).
    let of = |x: i32, y: i32| match (x.rem_euclid(2), y.rem_euclid(2)) {
        (0, 0) => 0,
        (1, 1) => 2,
        _ => 1usize,
    };
    let mut raw = vec![0f32; photo.len()];
    for y in 0..h {
        for x in 0..w {
            let c = of(x, y);
            let beside = at(x - 1, y)[c] + at(x + 1, y)[c] + at(x, y - 1)[c] + at(x, y + 1)[c];
            let noise = (rng.f32() - rng.f32()) * 0.012;
            raw[(y * w + x) as usize] = (1.0 - 4.0 * edge) * at(x, y)[c] + edge * beside + noise;
        }
    }
    RgbImage::from_fn(SIZE.0, SIZE.1, |x, y| {
        let (x, y) = (x as i32, y as i32);
        let mut sums = [(0f32, 0f32); 3];
        for (dx, dy) in (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (dx, dy))) {
            let (nx, ny) = ((x + dx).clamp(0, w - 1), (y + dy).clamp(0, h - 1));
            let sum = &mut sums[of(nx, ny)];
            *sum = (sum.0 + raw[(ny * w + nx) as usize], sum.1 + 1.0);
        }
        let own = of(x, y);
        sums[own] = (raw[(y * w + x) as usize], 1.0);
        Rgb(sums.map(|(sum, n)| ((sum / n).clamp(0.0, 1.0).powf(1.0 / 2.2) * 255.0) as u8))
    })
}
