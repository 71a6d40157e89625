//! Whether something covers a face: a mask, a hand, sunglasses, its own lids.

use shiren_core::see::Point;

use super::mesh::Face;
use super::view::{EYE_DISTANCE, FaceView, Spot};

/// The mesh network is this sure (logit) of every uncovered face; a mask or a hand over the mouth lowers it.
/// Measured: `docs/measurements.md`, Faces.
const SURE: f32 = 9.0;
/// Sunglasses: the brightest tenth around both eyes stays below this share of the skin's grey …
const GLASSES_DARK: f32 = 0.55;
/// … and the spread there below this share of it: an eye in shadow still has its white and its lids.
const GLASSES_EVEN: f32 = 0.11;

/// Radius of a disc inside an iris, in eye distances: an iris is about 12 of the 63 millimetres between the
/// eyes wide, and the lids hide a part of it.
const IRIS_RADIUS: f32 = 0.0625;

/// Around both eyes, in shares of the skin's grey: the lighter eye's brightest tenth, and the more varied
/// eye's standard deviation. `None` when there is no skin to compare with.
pub(super) fn eye_light(view: &FaceView) -> Option<(f32, f32)> {
    let skin = skin(view)?;
    let (mut bright, mut spread) = (0f32, 0f32);
    for corners in [[33, 133], [362, 263]] {
        let [a, b] = corners.map(|i| view.point(i));
        let centre = Point::new((a.x + b.x) / 2.0, (a.y + b.y) / 2.0);
        let values = view.values(spot(centre, 0.6, 0.32));
        bright = bright.max(f32::from(*values.get(values.len() * 9 / 10)?));
        spread = spread.max(deviation(&values));
    }
    Some((bright / skin, spread / skin))
}

/// The darkest place of each eye about as large as an iris, in shares of the skin's grey; the lighter one
/// of both eyes. An open eye has a dark iris, a closed one shows the skin of its lid.
pub(super) fn iris_darkness(view: &FaceView, eyes: [Point; 2]) -> Option<f32> {
    let skin = skin(view)?;
    let (across, down) = ((0.2 * EYE_DISTANCE) as i32, (0.1 * EYE_DISTANCE) as i32);
    let mut lighter = 0f32;
    for eye in eyes {
        let places = (-down..=down).flat_map(|dy| (-across..=across).map(move |dx| (dx as f32, dy as f32)));
        let darkest = places
            .map(|(dx, dy)| view.mean(Point::new(eye.x + dx, eye.y + dy), IRIS_RADIUS * EYE_DISTANCE))
            .fold(f32::MAX, f32::min);
        lighter = lighter.max(darkest / skin);
    }
    Some(lighter)
}

/// The median grey of cheeks, bridge of the nose and forehead.
fn skin(view: &FaceView) -> Option<f32> {
    let mut greys = Vec::new();
    for (point, width, height) in [(50, 0.24, 0.24), (280, 0.24, 0.24), (5, 0.16, 0.2), (151, 0.4, 0.2)] {
        let values = view.values(spot(view.point(point), width, height));
        greys.extend(values.get(values.len() / 2).map(|v| f32::from(*v)));
    }
    greys.sort_by(f32::total_cmp);
    let middle = |i: usize| greys.get(i).copied();
    let skin = (middle(greys.len().checked_sub(1)? / 2)? + middle(greys.len() / 2)?) / 2.0;
    (skin > 1.0).then_some(skin)
}

/// A spot whose size is given in eye distances.
fn spot(centre: Point, width: f32, height: f32) -> Spot {
    Spot { centre, width: width * EYE_DISTANCE, height: height * EYE_DISTANCE }
}

fn deviation(values: &[u8]) -> f32 {
    let n = values.len().max(1) as f32;
    let mean = values.iter().map(|v| f32::from(*v)).sum::<f32>() / n;
    (values.iter().map(|v| (f32::from(*v) - mean).powi(2)).sum::<f32>() / n).sqrt()
}

/// Whether both eyes are hidden by something dark and even.
pub(super) fn wears_sunglasses(bright: f32, contrast: f32) -> bool {
    bright < GLASSES_DARK && contrast < GLASSES_EVEN
}

/// Whether the mesh network doubts the face as it does when part of it is hidden.
pub(super) fn is_hidden(face: &Face) -> bool {
    face.presence_logit() < SURE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_both_dark_and_even_is_sunglasses() {
        assert!(wears_sunglasses(0.3, 0.05));
        // Eyes in shadow keep their contrast; a pale even patch is skin.
        assert!(!wears_sunglasses(0.3, 0.2) && !wears_sunglasses(0.9, 0.05));
    }

    #[test]
    fn an_even_patch_does_not_deviate() {
        assert_eq!((deviation(&[7; 9]), deviation(&[])), (0.0, 0.0));
        assert_eq!(deviation(&[0, 10]), 5.0);
    }
}
