//! How a face and what is behind it are lit: mean colours, for the reflection of the screen's.

use image::RgbImage;
use shiren_core::see::Point;
use shiren_core::see::liveness::Lit;

use crate::face::Face;

/// Points of the mesh around which skin is seen: forehead, image-left and image-right cheek.
const SKIN: [usize; 3] = [151, 50, 280];
/// Radius of each spot in distances between the eyes: nothing of eyes, nose and mouth is in it.
const SPOT: f32 = 0.18;
/// Share of the frame's sides that each upper corner takes.
const CORNER: f32 = 0.15;

/// The means; `None` when no skin is inside the frame.
pub(super) fn lit(frame: &RgbImage, face: &Face) -> Option<Lit> {
    let radius = SPOT * face.eye_distance();
    let spots = SKIN.map(|i| {
        let at = face.point(i);
        let from = Point::new(at.x - radius, at.y - radius);
        (from, Point::new(at.x + radius, at.y + radius))
    });
    let (w, h) = (frame.width() as f32, frame.height() as f32);
    let corners = [
        (Point::new(0.0, 0.0), Point::new(CORNER * w, CORNER * h)),
        (Point::new((1.0 - CORNER) * w, 0.0), Point::new(w, CORNER * h)),
    ];
    Some(Lit { face: mean(frame, &spots)?, background: mean(frame, &corners)? })
}

/// Mean red, green and blue of boxes, as far as they lie in the frame.
fn mean(frame: &RgbImage, boxes: &[(Point, Point)]) -> Option<[f32; 3]> {
    let (mut sum, mut n) = ([0u64; 3], 0u64);
    for (from, to) in boxes {
        let range = |from: f32, to: f32, length: u32| {
            (from.max(0.0) as u32).min(length)..(to.max(0.0).ceil() as u32).min(length)
        };
        for y in range(from.y, to.y, frame.height()) {
            for x in range(from.x, to.x, frame.width()) {
                let pixel = frame.get_pixel(x, y).0;
                sum = std::array::from_fn(|c| sum[c] + u64::from(pixel[c]));
                n += 1;
            }
        }
    }
    (n > 0).then(|| sum.map(|s| s as f32 / n as f32))
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    #[test]
    fn the_mean_is_of_what_lies_in_the_frame() {
        let frame = RgbImage::from_fn(10, 10, |x, _| if x < 5 { Rgb([10, 20, 30]) } else { Rgb([90, 0, 0]) });
        let of = |x0, x1| mean(&frame, &[(Point::new(x0, -50.0), Point::new(x1, 500.0))]);
        assert_eq!(of(-3.0, 5.0), Some([10.0, 20.0, 30.0]));
        assert_eq!(of(0.0, 10.0), Some([50.0, 10.0, 15.0]));
        assert_eq!(of(12.0, 20.0), None);
        assert_eq!(of(f32::NAN, f32::NAN), None);
    }
}
