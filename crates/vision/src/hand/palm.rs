//! Where in a frame a palm may be.

use std::sync::Arc;

use image::RgbImage;
use shiren_core::see::Point;

use crate::face::{Anchors, Letterbox, RawBox, read_boxes};
use crate::pack::{Model, ModelError};

/// The name of the network in the packs.
pub(super) const NAME: &str = "palm-detector";
/// Side of its input in pixels.
const SIDE: u32 = 192;
/// 24×24×2 + 12×12×6 anchors, all in one output (MediaPipe `palm_detection_gpu.pbtxt`: strides 8, 16, 16, 16, two
/// anchors each).
const ANCHORS: Anchors = Anchors { heads: [(8, 2), (16, 6)], joined: true };
/// Score from which on a palm is worth laying joints on, which find out what it is (`docs/measurements.md`, Hand signs).
const WORTH_JOINTS: f32 = 0.3;
/// The point at the wrist, and the one at the root of the middle finger.
const WRIST: usize = 0;
const MIDDLE: usize = 2;
/// The square that holds a whole hand, in sides of its palm, and how far it lies towards the fingers, in sides of the
/// palm (MediaPipe `palm_detection_detection_to_roi.pbtxt`).
const HAND: f32 = 2.6;
const TOWARDS_FINGERS: f32 = 0.5;

/// A square that holds a hand, turned so that its fingers point up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Square {
    pub(super) centre: Point,
    pub(super) side: f32,
    /// Radians clockwise from pointing up in the picture to pointing along the hand.
    pub(super) angle: f32,
}

impl Square {
    /// Angle of a hand that points from `wrist` to `fingers`.
    pub(super) fn angle(wrist: Point, fingers: Point) -> f32 {
        (fingers.x - wrist.x).atan2(wrist.y - fingers.y)
    }
}

/// The detector.
pub(super) struct PalmDetector {
    model: Arc<dyn Model>,
}

impl PalmDetector {
    /// With a network that takes 1×3×192×192 (0–1, RGB) and gives 2,016 boxes of 18 numbers and as many logits.
    pub(super) fn new(model: Arc<dyn Model>) -> Self {
        Self { model }
    }

    /// The squares of hands in a picture, best first.
    pub(super) fn look(&self, picture: &RgbImage) -> Result<Vec<Square>, ModelError> {
        let Some(square) = Letterbox::new(picture, SIDE) else { return Ok(Vec::new()) };
        let Some(back) = square.placed.inverse() else { return Ok(Vec::new()) };
        let outputs = self.model.run(square.tensor(1.0 / 255.0, 0.0).view())?;
        let palms = read_boxes(&outputs, ANCHORS, SIDE as usize, WORTH_JOINTS)
            .map_err(|detail| ModelError { model: NAME.to_owned(), detail })?;
        let placed = |palm: &RawBox<7>| {
            let hand = around(palm);
            Square { centre: back.apply(hand.centre), side: hand.side * back.scale(), ..hand }
        };
        Ok(palms.iter().map(placed).collect())
    }
}

/// The hand's square around a palm, in the pixels of the box.
fn around(palm: &RawBox<7>) -> Square {
    let angle = Square::angle(palm.points[WRIST], palm.points[MIDDLE]);
    let side = palm.width.max(palm.height);
    let shift = TOWARDS_FINGERS * side;
    let centre = Point::new(palm.centre.x + shift * angle.sin(), palm.centre.y - shift * angle.cos());
    Square { centre, side: HAND * side, angle }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_square_of_a_hand_lies_towards_its_fingers() {
        let mut palm = RawBox {
            score: 1.0,
            centre: Point::new(50.0, 50.0),
            width: 20.0,
            height: 20.0,
            points: [Point::new(50.0, 60.0); 7],
        };
        palm.points[MIDDLE] = Point::new(50.0, 42.0);
        let up = around(&palm);
        assert!(up.centre.distance(Point::new(50.0, 40.0)) < 1e-4 && up.angle.abs() < 1e-6, "{up:?}");
        palm.points[WRIST] = Point::new(42.0, 50.0);
        palm.points[MIDDLE] = Point::new(58.0, 50.0);
        let right = around(&palm);
        assert!(right.centre.distance(Point::new(60.0, 50.0)) < 1e-4, "{right:?}");
        assert!((right.angle - std::f32::consts::FRAC_PI_2).abs() < 1e-6 && (right.side - 52.0).abs() < 1e-4);
    }
}
