//! Lays 21 points on a hand.

use std::sync::Arc;

use image::RgbImage;
use ndarray::ArrayD;
use shiren_core::see::{Point, Region};

use super::palm::Square;
use crate::face::{Channels, Chip, Similarity};
use crate::pack::{Model, ModelError};

/// The name of the network in the packs.
pub(super) const NAME: &str = "hand-joints";
/// Points that it gives.
pub(super) const POINTS: usize = 21;
/// Side of its input in pixels.
const SIDE: usize = 224;
/// Probability from which on there is a hand.
const PRESENT: f32 = 0.5;
/// The square in which the next frame's hand is looked for, in sides of the box around wrist and palm, and how far it
/// lies towards the fingers (MediaPipe `hand_landmark_landmarks_to_roi.pbtxt`).
const NEXT: f32 = 2.0;
const NEXT_TOWARDS_FINGERS: f32 = 0.1;
/// Wrist, roots and second joints: what that box is laid around.
const PALM: [usize; 12] = [0, 1, 2, 3, 5, 6, 9, 10, 13, 14, 17, 18];
const WRIST: usize = 0;
const INDEX_ROOT: usize = 5;
const MIDDLE_ROOT: usize = 9;
const RING_ROOT: usize = 13;

/// One point of a hand in space, about metres, from the hand's middle: right, down, and away from the camera.
pub type Joint = [f32; 3];

/// A hand as the network sees it. Points are numbered as MediaPipe does: 0 the wrist, then four for each finger from its
/// root to its tip: thumb 1–4, forefinger 5–8, middle finger 9–12, ring finger 13–16, little finger 17–20.
#[derive(Clone, Debug, PartialEq)]
pub struct Hand {
    /// Probability that there is a hand.
    pub present: f32,
    /// In pixels of the picture.
    pub points: [Point; POINTS],
    /// In space.
    pub joints: [Joint; POINTS],
}

impl Hand {
    /// The square in which the next frame's hand is looked for.
    pub(super) fn square(&self) -> Square {
        let p = &self.points;
        let beside =
            Point::new((p[INDEX_ROOT].x + p[RING_ROOT].x) / 2.0, (p[INDEX_ROOT].y + p[RING_ROOT].y) / 2.0);
        let fingers = Point::new((beside.x + p[MIDDLE_ROOT].x) / 2.0, (beside.y + p[MIDDLE_ROOT].y) / 2.0);
        let angle = Square::angle(p[WRIST], fingers);
        let upright = Similarity::about(Point::new(0.0, 0.0), Point::new(0.0, 0.0), 1.0, -angle);
        let (mut x0, mut y0, mut x1, mut y1) = (f32::MAX, f32::MAX, f32::MIN, f32::MIN);
        for at in PALM.map(|n| upright.apply(p[n])) {
            (x0, y0, x1, y1) = (x0.min(at.x), y0.min(at.y), x1.max(at.x), y1.max(at.y));
        }
        let side = (x1 - x0).max(y1 - y0);
        let middle = Point::new((x0 + x1) / 2.0, (y0 + y1) / 2.0 - NEXT_TOWARDS_FINGERS * (y1 - y0));
        let back = Similarity { b: -upright.b, ..upright };
        Square { centre: back.apply(middle), side: NEXT * side, angle }
    }

    /// That square as a region whose first two corners lie at the fingers.
    pub(super) fn region(&self) -> Region {
        let Square { centre, side, angle } = self.square();
        let turned = Similarity::about(Point::new(0.0, 0.0), centre, side / 2.0, angle);
        Region(
            [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)].map(|(x, y)| turned.apply(Point::new(x, y))),
        )
    }
}

/// The square that a region made by [`Hand::region`] is; `None` where it has no extent or is not finite.
pub(super) fn square_of(region: &Region) -> Option<Square> {
    let [a, b, _, d] = region.0;
    let side = a.distance(b).max(a.distance(d));
    let finite = region.0.iter().all(|p| p.x.is_finite() && p.y.is_finite());
    (finite && side >= 1.0).then(|| Square {
        centre: region.centre(),
        side,
        angle: (b.y - a.y).atan2(b.x - a.x),
    })
}

/// The network.
pub(super) struct JointModel {
    model: Arc<dyn Model>,
}

impl JointModel {
    /// With a network that takes 1×3×224×224 (0–1, RGB) and gives 63 numbers in pixels, the probability of a hand, the
    /// one of a right hand, and 63 numbers in metres.
    pub(super) fn new(model: Arc<dyn Model>) -> Self {
        Self { model }
    }

    /// The hand in a square, if there is one.
    pub(super) fn lay(&self, picture: &RgbImage, square: &Square) -> Result<Option<Hand>, ModelError> {
        let middle = Point::new(SIDE as f32 / 2.0, SIDE as f32 / 2.0);
        let to_patch = Similarity::about(square.centre, middle, SIDE as f32 / square.side, -square.angle);
        let (Some(back), Some(patch)) = (to_patch.inverse(), Chip::whole(picture).patch(SIDE, &to_patch))
        else {
            return Ok(None);
        };
        let outputs = self.model.run(patch.tensor(Channels::Rgb, [0.0; 3], 1.0 / 255.0).view())?;
        read(&outputs, &back, square.angle)
            .ok_or_else(|| ModelError {
                model: NAME.to_owned(),
                detail: format!("no outputs of {} numbers, 1, 1 and {0}", POINTS * 3),
            })
            .map(|hand| hand.filter(|h| h.present > PRESENT))
    }
}

/// `None` when the outputs are not as they must be; no hand when they are not finite.
fn read(outputs: &[ArrayD<f32>], back: &Similarity, angle: f32) -> Option<Option<Hand>> {
    let long: Vec<&[f32]> =
        outputs.iter().filter(|o| o.len() == POINTS * 3).filter_map(|o| o.as_slice()).collect();
    let short: Vec<f32> =
        outputs.iter().filter(|o| o.len() == 1).filter_map(|o| o.first().copied()).collect();
    let ([flat, space], [present, _]) = (long.as_slice(), short.as_slice()) else { return None };
    if !(present.is_finite() && flat.iter().chain(*space).all(|v| v.is_finite())) {
        return Some(None);
    }
    // The network sees the hand upright; its place in space is turned back as the picture is.
    let (sin, cos) = angle.sin_cos();
    Some(Some(Hand {
        present: *present,
        points: std::array::from_fn(|n| back.apply(Point::new(flat[3 * n], flat[3 * n + 1]))),
        joints: std::array::from_fn(|n| {
            let (x, y) = (space[3 * n], space[3 * n + 1]);
            [cos * x - sin * y, sin * x + cos * y, space[3 * n + 2]]
        }),
    }))
}
