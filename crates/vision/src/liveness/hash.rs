//! What tells one frame from another.

use fast_image_resize::{FilterType, ResizeAlg};
use image::GrayImage;
use shiren_core::see::liveness::FrameHash;

use crate::picture::resample;

/// Side of the small copy whose every grey value counts. The noise of a camera, 1 to 3 grey levels a pixel,
/// leaves about a tenth of a level in the mean of the 300 pixels of a 480 × 640 frame that it makes one of, so
/// some of its 1,024 values always round differently.
const SMALL: u32 = 32;
/// The offset and the prime of FNV-1a, 64 bits (draft-eastlake-fnv).
const FNV: (u64, u64) = (0xcbf2_9ce4_8422_2325, 0x0000_0100_0000_01b3);

/// Hashes of a frame's luminance.
pub fn frame_hash(grey: &GrayImage) -> FrameHash {
    let exact = shrunk(grey, SMALL, SMALL)
        .iter()
        .fold(FNV.0, |hash, value| (hash ^ u64::from(*value)).wrapping_mul(FNV.1));
    // Nine columns have eight right neighbours.
    let likeness = shrunk(grey, 9, 8)
        .chunks_exact(9)
        .flat_map(|row| row.windows(2).map(|pair| u64::from(pair[0] > pair[1])).collect::<Vec<_>>())
        .fold(0, |bits, bit| bits << 1 | bit);
    FrameHash { exact, likeness }
}

/// Means over the area that each new pixel covers, row by row; empty for an empty picture.
fn shrunk(grey: &GrayImage, width: u32, height: u32) -> Vec<u8> {
    let small = resample::grey(grey, (width, height), ResizeAlg::Convolution(FilterType::Box));
    small.map(GrayImage::into_raw).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;

    fn picture(shift: u32) -> GrayImage {
        GrayImage::from_fn(240, 320, |x, y| {
            let (x, y) = ((x + shift) as f32 / 30.0, y as f32 / 40.0);
            Luma([(128.0 + 60.0 * x.sin() + 50.0 * (y * 1.3 + x).cos()) as u8])
        })
    }

    /// Plus or minus a few levels, as a sensor does.
    fn noisy(mut grey: GrayImage, seed: u64) -> GrayImage {
        let mut rng = seed;
        grey.pixels_mut().for_each(|p| {
            rng = rng.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            p.0[0] = p.0[0].saturating_add_signed((rng >> 33) as i8 % 4);
        });
        grey
    }

    #[test]
    fn a_frame_is_like_itself_and_noise_changes_it_a_little() {
        let still = frame_hash(&picture(0));
        assert_eq!(still, frame_hash(&picture(0)));
        for seed in 0..20 {
            let other = frame_hash(&noisy(picture(0), seed));
            assert_ne!(other.exact, still.exact);
            assert!(other.distance(still) <= 4, "{}", other.distance(still));
        }
    }

    #[test]
    fn what_moves_differs_in_its_likeness() {
        assert!(frame_hash(&picture(0)).distance(frame_hash(&picture(40))) >= 6);
    }

    #[test]
    fn an_empty_picture_has_a_hash_too() {
        assert_eq!(frame_hash(&GrayImage::new(0, 0)).likeness, 0);
    }
}
