//! The portrait of a document, cut out of a photo.

use image::RgbImage;
use image::imageops::crop_imm;

/// A face in a photo, from hairline to chin and from cheek to cheek without the ears, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FaceBox {
    /// Left edge.
    pub x: f32,
    /// Upper edge.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
}

/// Width to height of the portrait on a resident card: 26 × 32 mm.
const ASPECT: f32 = 26.0 / 32.0;

/// Crops to the shape of a document's portrait: around the face where one is given, else around the middle of
/// the upper part. The face takes 52 % of the width and its middle lies at 47 % of the height, which puts a
/// head with its ears at 58 % of the width, as the resident card's own photos have it (GA 461: 207 ± 14 of
/// 358 pixels), and the eyes between 30 and 50 % from the top (ISO/IEC 19794-5).
pub fn portrait(photo: &RgbImage, face: Option<FaceBox>) -> RgbImage {
    let (w, h) = (photo.width() as f32, photo.height() as f32);
    let largest = w.min(h * ASPECT);
    let (width, cx, cy) = match face {
        Some(f) => ((f.width / 0.52).clamp(1.0, largest), f.x + f.width / 2.0, f.y + f.height / 2.0),
        None => (largest, w / 2.0, h * 0.42),
    };
    let height = width / ASPECT;
    let x = (cx - width / 2.0).clamp(0.0, w - width);
    let y = (cy - height * 0.47).clamp(0.0, (h - height).max(0.0));
    crop_imm(photo, x as u32, y as u32, (width as u32).max(1), (height as u32).max(1)).to_image()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_face_lies_where_a_document_has_it() {
        let photo = RgbImage::new(1000, 800);
        let face = FaceBox { x: 400.0, y: 300.0, width: 104.0, height: 130.0 };
        let cut = portrait(&photo, Some(face));
        assert_eq!(cut.dimensions(), (200, 246));
    }

    #[test]
    fn a_face_at_the_edge_still_gives_a_portrait_of_the_right_shape() {
        let photo = RgbImage::new(300, 200);
        for face in [
            None,
            Some(FaceBox { x: 0.0, y: 0.0, width: 50.0, height: 60.0 }),
            Some(FaceBox { x: 280.0, y: 180.0, width: 90.0, height: 120.0 }),
            Some(FaceBox { x: -50.0, y: -50.0, width: 900.0, height: 900.0 }),
        ] {
            let cut = portrait(&photo, face);
            let aspect = cut.width() as f32 / cut.height() as f32;
            assert!((aspect - ASPECT).abs() < 0.03, "{face:?}: {:?}", cut.dimensions());
        }
    }
}
