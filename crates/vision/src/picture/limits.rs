//! How much work one picture may cause.

use shiren_core::see::SeeError;
use shiren_core::verification::ReasonCode;

use super::refuse;

/// Bounds that are checked before anything of the picture's size is allocated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Size of the file in bytes. Default 20 MB: a 50 MP phone JPEG has 10 to 18.
    pub bytes: usize,
    /// Width × height. Default 50 million: the largest ordinary mode of today's phones.
    pub pixels: u64,
    /// The longer side in pixels. Default 16,384: 50 MP as a 3:1 panorama have 12,250.
    pub side: u32,
    /// The shorter side in pixels must reach this. Default 32: a face or a line of text needs more.
    pub min_side: u32,
    /// Bytes that decoding may hold at once, estimated from the header. Default 360 MiB: a 50 MP progressive
    /// JPEG with subsampled chroma fits (3 + 3 bytes a pixel), one with full chroma up to 42 MP (3 + 6). The
    /// whole process then stays below 600 MB, models included (measured: 450 MB allowed came to 644 MB).
    pub memory: u64,
    /// Scans of a progressive JPEG: each costs a pass over the picture, however few bytes it has.
    /// Default 40; encoders write 3 to 20.
    pub scans: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 20_000_000,
            pixels: 50_000_000,
            side: 16_384,
            min_side: 32,
            memory: 360 << 20,
            scans: 40,
        }
    }
}

impl Limits {
    /// Holds a picture's dimensions against the bounds; `bytes_per_pixel` is what decoding it holds at its
    /// peak, in 1/16 bytes so that subsampled planes count right.
    pub(super) fn admit(&self, width: u32, height: u32, sixteenths_per_pixel: u64) -> Result<(), SeeError> {
        let pixels = u64::from(width) * u64::from(height);
        let memory = pixels.saturating_mul(sixteenths_per_pixel) / 16;
        if width.max(height) > self.side || pixels > self.pixels || memory > self.memory {
            let detail = format!(
                "{width} × {height} pixels, about {} MB to decode; at most {} pixels, {} a side, {} MB",
                memory >> 20,
                self.pixels,
                self.side,
                self.memory >> 20
            );
            return Err(refuse(ReasonCode::PictureTooManyPixels, detail));
        }
        if width.min(height) < self.min_side {
            let detail = format!("{width} × {height} pixels, at least {} a side", self.min_side);
            return Err(refuse(ReasonCode::PictureTooSmall, detail));
        }
        Ok(())
    }
}
