//! Hands: find one in a frame, lay 21 points on it, and tell which sign it shows.
//!
//! A detector of palms gives the place and the direction of the hand ([`palm`]), a second network lays the points on it
//! (MediaPipe's `palm_detection_full` and `hand_landmark_full`), and plain geometry tells the sign ([`sign`]). One hand is
//! looked for, the surest; which of the two it is does not matter.
//!
//! To add a sign: a variant of [`shiren_core::see::liveness::HandSign`], and its geometry in [`sign`].

mod palm;
mod sign;

use std::sync::Arc;

use image::RgbImage;
use ndarray::ArrayD;
use shiren_core::see::Point;
use shiren_core::see::liveness::HandSign;

use crate::face::{Channels, Chip, Letterbox, MeshPoint, Similarity};
use crate::pack::{Library, Model, ModelError, PackError};

/// Names of the networks in the packs.
const PALMS: &str = "palm-detector";
const HANDS: &str = "hand-points";
/// Sides of their inputs in pixels.
const PALM_SIDE: u32 = 192;
const HAND_SIDE: usize = 224;
/// Points of a hand: the wrist, then four of each finger from the root to the tip, the thumb's first.
pub(crate) const POINTS: usize = 21;
/// How sure the second network must be that there is a hand.
const PRESENT: f32 = 0.5;
/// The region shown to it: sides of the palm's box, and how far its middle lies from the palm's towards the fingers
/// (MediaPipe's own choice).
const REGION: f32 = 2.6;
const TOWARDS_FINGERS: f32 = 0.5;

/// A hand in a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Hand {
    /// Probability that it is one.
    pub present: f32,
    /// In pixels of the frame; always [`POINTS`].
    points: Vec<MeshPoint>,
}

impl Hand {
    /// The sign that it shows.
    pub fn sign(&self) -> Option<HandSign> {
        sign::of(&self.points)
    }
}

/// Finds hands.
pub struct HandReader {
    palms: Arc<dyn Model>,
    hands: Arc<dyn Model>,
}

impl HandReader {
    /// With the installed networks.
    ///
    /// # Errors
    /// When one is missing or cannot be opened.
    pub fn open(library: &Library) -> Result<Self, PackError> {
        library.open_all(&[PALMS, HANDS])?;
        Ok(Self { palms: library.model(PALMS)?, hands: library.model(HANDS)? })
    }

    /// The surest hand in a frame.
    pub fn look(&self, frame: &RgbImage) -> Result<Option<Hand>, ModelError> {
        let Some(square) = Letterbox::new(frame, PALM_SIDE) else { return Ok(None) };
        let outputs = self.palms.run(square.tensor(1.0 / 255.0, 0.0).view())?;
        let found = palm::surest(&outputs, PALM_SIDE as f32)
            .map_err(|detail| ModelError { model: PALMS.to_owned(), detail })?;
        let (Some(palm), Some(back)) = (found, square.placed.inverse()) else { return Ok(None) };
        let angle = palm.angle();
        let side = REGION * palm.side * back.scale();
        let (sin, cos) = angle.sin_cos();
        let towards = TOWARDS_FINGERS * palm.side;
        let middle = Point::new(palm.centre.x + towards * sin, palm.centre.y - towards * cos);
        let half = HAND_SIDE as f32 / 2.0;
        let scale = HAND_SIDE as f32 / side;
        let to_patch = Similarity::about(back.apply(middle), Point::new(half, half), scale, -angle);
        let (Some(from_patch), Some(patch)) =
            (to_patch.inverse(), Chip::whole(frame).patch(HAND_SIDE, &to_patch))
        else {
            return Ok(None);
        };
        let outputs = self.hands.run(patch.tensor(Channels::Rgb, [0.0; 3], 1.0 / 255.0).view())?;
        let hand = read(&outputs, &from_patch)
            .ok_or_else(|| ModelError { model: HANDS.to_owned(), detail: "no outputs of 63 and 1".into() })?;
        Ok(Some(hand).filter(|hand| hand.present >= PRESENT))
    }
}

/// The first output of 63 numbers has the points in pixels of the patch, the first of one number their probability; the
/// others are which hand it is and the points in metres.
fn read(outputs: &[ArrayD<f32>], back: &Similarity) -> Option<Hand> {
    let find = |len: usize| outputs.iter().find(|o| o.len() == len).and_then(|o| o.as_slice());
    let (numbers, flag) = (find(3 * POINTS)?, find(1)?);
    if numbers.iter().chain(flag).any(|v| !v.is_finite()) {
        return None;
    }
    let depth = back.scale();
    let points = numbers.chunks_exact(3).map(|n| {
        let p = back.apply(Point::new(n[0], n[1]));
        MeshPoint { x: p.x, y: p.y, z: n[2] * depth }
    });
    Some(Hand { present: flag[0], points: points.collect() })
}
