//! A moving test subject: one portrait that turns its head, nods, closes its eyes and opens its mouth.
//!
//! [`Puppet`] lays a portrait over its own mesh of 468 points, moves the points in space and draws the portrait
//! anew; [`Actor`] moves it as people move, never the same twice. It is a picture that was bent: it shows that
//! actions are seen and that what was not done is not, and says nothing about how real faces move.

mod actor;
mod draw;
mod perform;
mod shape;

use std::collections::BTreeMap;

use image::{RgbImage, RgbaImage};
use shiren_core::see::liveness::HandSign;
use shiren_specimen::jpeg;

pub use actor::{Actor, CALM, Pose, RaisedHand};
pub use perform::{Performance, obeying, perform};
use shape::Shape;

/// A portrait that can be moved.
#[derive(Clone)]
pub struct Puppet {
    portrait: RgbImage,
    shape: Shape,
    hands: BTreeMap<HandSign, Vec<RgbaImage>>,
}

/// Share of the frame's shorter side that the face takes.
const FACE: f32 = 0.52;

impl Puppet {
    /// From a portrait and the 468 points of MediaPipe's mesh on it: pixels of the portrait to the right and
    /// down, and away from the camera. The face should stand upright and look into the camera. Frames will
    /// have this size.
    ///
    /// # Panics
    /// When there are other than 468 points.
    pub fn new(portrait: &RgbImage, points: &[[f32; 3]], width: u32, height: u32) -> Self {
        assert_eq!(points.len(), shape::POINTS, "points of the mesh");
        let bounds = |axis: usize| {
            points.iter().fold((f32::MAX, f32::MIN), |b, p| (b.0.min(p[axis]), b.1.max(p[axis])))
        };
        let ((x0, x1), (y0, y1)) = (bounds(0), bounds(1));
        let scale = FACE * width.min(height) as f32 / (x1 - x0).max(y1 - y0);
        let (dx, dy) =
            (width as f32 / 2.0 - scale * (x0 + x1) / 2.0, height as f32 / 2.0 - scale * (y0 + y1) / 2.0);
        let placed: Vec<[f32; 3]> =
            points.iter().map(|p| [scale * p[0] + dx, scale * p[1] + dy, scale * p[2]]).collect();
        Self {
            portrait: draw::placed(portrait, scale, (dx, dy), width, height),
            shape: Shape::new(&placed, width, height),
            hands: BTreeMap::new(),
        }
    }

    /// With pictures of hands that make signs, cut out, for a puppet that is asked for them.
    #[must_use]
    pub fn with_hands(self, hands: BTreeMap<HandSign, Vec<RgbaImage>>) -> Self {
        Self { hands, ..self }
    }

    /// One frame. Each `noise` gives other noise of the sensor.
    pub fn frame(&self, pose: &Pose, noise: u64) -> RgbImage {
        let mut frame = draw::warped(&self.portrait, &self.shape, pose);
        if let Some(hand) = &pose.sign
            && let Some(pictures) = self.hands.get(&hand.sign).filter(|p| !p.is_empty())
        {
            let picture = &pictures[(hand.picture % pictures.len() as u64) as usize];
            draw::lay_hand(&mut frame, picture, hand.height, hand.picture % 2 == 0);
        }
        draw::add_noise(&mut frame, noise);
        frame
    }

    /// One frame as a page sends it.
    pub fn jpeg(&self, pose: &Pose, noise: u64) -> Vec<u8> {
        jpeg(&self.frame(pose, noise), 80).unwrap_or_default()
    }
}
