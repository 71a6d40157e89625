//! Table tops.

use crate::scene::Table;

impl Table {
    /// The table's colour at a pixel, with its texture; `scale` is the photograph's width over 2592.
    pub(crate) fn colour(self, x: f32, y: f32, scale: f32) -> [f32; 3] {
        let (x, y) = (x / scale, y / scale);
        match self {
            Self::Plain(c) => shade(c, 1.0),
            Self::Wood(c) => {
                let bend = 30.0 * (x * 0.0021).sin() + 9.0 * (x * 0.0077 + 1.0).sin();
                let grain = (0.055 * (y + bend)).sin() + 0.6 * (0.021 * (y + 1.7 * bend)).sin();
                let fibre = value_noise(x * 0.02, y * 0.6) - 0.5;
                shade(c, 1.0 + 0.07 * grain + 0.12 * fibre)
            }
            Self::Cloth(c) => {
                let weave = (x * 0.7).sin() * (y * 0.7).sin();
                let fold = value_noise(x * 0.004, y * 0.004) - 0.5;
                shade(c, 1.0 + 0.06 * weave + 0.2 * fold)
            }
        }
    }
}

fn shade(c: [u8; 3], by: f32) -> [f32; 3] {
    c.map(|v| f32::from(v) * by)
}

/// Smooth noise between 0 and 1: random values on a grid of whole numbers, blended between.
fn value_noise(x: f32, y: f32) -> f32 {
    let (ix, iy) = (x.floor(), y.floor());
    let ease = |t: f32| t * t * (3.0 - 2.0 * t);
    let (fx, fy) = (ease(x - ix), ease(y - iy));
    let at = |dx: i64, dy: i64| hash(ix as i64 + dx, iy as i64 + dy);
    let top = at(0, 0) + (at(1, 0) - at(0, 0)) * fx;
    let bottom = at(0, 1) + (at(1, 1) - at(0, 1)) * fx;
    top + (bottom - top) * fy
}

/// A fixed random number between 0 and 1 for a place (SplitMix64's finaliser).
fn hash(x: i64, y: i64) -> f32 {
    let mut z =
        (x as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (y as u64).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (z >> 40) as f32 / (1u64 << 24) as f32
}
