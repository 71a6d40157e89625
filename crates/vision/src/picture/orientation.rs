//! Which way up a picture was taken (EXIF tag 0x0112), and turning it upright.

use image::RgbImage;

/// Bytes of EXIF that are looked at. A JPEG segment holds 64 KiB; PNG and WebP chunks could be of any size.
const EXIF_LIMIT: usize = 1 << 20;

/// Side of the square tiles in which a picture is turned: two tiles of 32 × 32 × 3 bytes fit the nearest cache.
const TILE: usize = 32;

/// The eight values of EXIF's `Orientation` (CIPA DC-008, 4.6.4 A): where row 0 and column 0 of the stored
/// picture lie in the upright one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) struct Orientation(u8);

impl Orientation {
    /// From a TIFF block as EXIF has it; anything that is not one of the eight values means upright.
    pub(super) fn from_exif(tiff: &[u8]) -> Self {
        let value = (tiff.len() <= EXIF_LIMIT)
            .then(|| exif::Reader::new().continue_on_error(true).read_raw(tiff.to_vec()))
            .and_then(|read| read.or_else(|e| e.distill_partial_result(|_| {})).ok())
            .and_then(|e| e.get_field(exif::Tag::Orientation, exif::In::PRIMARY)?.value.get_uint(0));
        match value {
            Some(v @ 2..=8) => Self(v as u8),
            _ => Self(1),
        }
    }

    /// Whether nothing needs turning.
    pub(super) fn is_upright(self) -> bool {
        self.0 <= 1
    }

    /// Width and height of the upright picture.
    pub(super) fn upright_size(self, (w, h): (u32, u32)) -> (u32, u32) {
        if self.0 >= 5 { (h, w) } else { (w, h) }
    }

    /// A TIFF block with this orientation as its only entry: big-endian, one directory of one short.
    pub(super) fn to_exif(self) -> [u8; 26] {
        let mut tiff = *b"MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0";
        tiff[19] = self.0.max(1);
        tiff
    }

    /// The picture as it was seen through the camera.
    pub(super) fn upright(self, stored: RgbImage) -> RgbImage {
        if self.is_upright() {
            return stored;
        }
        let (w, h) = stored.dimensions();
        let (out_w, out_h) = self.upright_size((w, h));
        let (first, right, down) = self.steps(w as usize, h as usize);
        let mut out = RgbImage::new(out_w, out_h);
        let from = stored.as_raw();
        let to: &mut [u8] = &mut out;
        let (out_w, out_h) = (out_w as usize, out_h as usize);
        for top in (0..out_h).step_by(TILE) {
            for left in (0..out_w).step_by(TILE) {
                let width = TILE.min(out_w - left);
                for y in top..(top + TILE).min(out_h) {
                    let mut at =
                        first.wrapping_add(left.wrapping_mul(right)).wrapping_add(y.wrapping_mul(down));
                    for pixel in to[(y * out_w + left) * 3..][..width * 3].chunks_exact_mut(3) {
                        pixel.copy_from_slice(&from[at..at + 3]);
                        at = at.wrapping_add(right);
                    }
                }
            }
        }
        out
    }

    /// Where the upright picture's first pixel is stored, and how many bytes further its right and its lower
    /// neighbour are; steps back are in two's complement.
    fn steps(self, w: usize, h: usize) -> (usize, usize, usize) {
        let (column, row) = (3, w * 3);
        let (last_column, last_row) = ((w - 1) * column, (h - 1) * row);
        let back = usize::wrapping_neg;
        match self.0 {
            2 => (last_column, back(column), row),
            3 => (last_column + last_row, back(column), back(row)),
            4 => (last_row, column, back(row)),
            5 => (0, row, column),
            6 => (last_row, back(row), column),
            7 => (last_column + last_row, back(row), back(column)),
            8 => (last_column, row, back(column)),
            _ => (0, column, row),
        }
    }
}
