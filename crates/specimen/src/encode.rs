//! Writing photographs as cameras do.

use image::RgbImage;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// A picture of no pixels, or with a side of more than 65,535.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a JPEG cannot have {0} × {1} pixels")]
pub struct NoJpegSize(pub u32, pub u32);

/// A baseline JPEG with chroma at half the width and height, as phones write it; quality 1 to 100.
pub fn jpeg(picture: &RgbImage, quality: u8) -> Result<Vec<u8>, NoJpegSize> {
    let (w, h) = picture.dimensions();
    let refused = NoJpegSize(w, h);
    let (Ok(width), Ok(height)) = (u16::try_from(w), u16::try_from(h)) else { return Err(refused) };
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, quality);
    encoder.set_sampling_factor(SamplingFactor::R_4_2_0);
    encoder.encode(picture.as_raw(), width, height, ColorType::Rgb).map_err(|_| refused)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_that_jpeg_cannot_hold_is_refused() {
        assert_eq!(jpeg(&RgbImage::new(70_000, 1), 90), Err(NoJpegSize(70_000, 1)));
        assert_eq!(jpeg(&RgbImage::new(0, 0), 90), Err(NoJpegSize(0, 0)));
        assert!(jpeg(&RgbImage::new(3, 2), 90).is_ok());
    }
}
