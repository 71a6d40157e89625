//! Finds a hand in the frames of a video, and follows it.

use std::sync::Arc;

use image::RgbImage;
use shiren_core::see::Region;
use shiren_core::see::liveness::HandSeen;

use super::joints::{self, Hand, JointModel, square_of};
use super::palm::{self, PalmDetector};
use super::sign;
use crate::pack::{Library, Model, ModelError, PackError};

/// Palms that are looked at: two hands, and what was taken for one.
const MOST_HANDS: usize = 3;

/// Both networks.
pub struct HandFinder {
    palms: PalmDetector,
    joints: JointModel,
}

impl HandFinder {
    /// With the installed networks.
    ///
    /// # Errors
    /// When one is missing or cannot be opened.
    pub fn open(library: &Library) -> Result<Self, PackError> {
        Ok(Self::new(library.model(palm::NAME)?, library.model(joints::NAME)?))
    }

    /// With the palm detector and the network of joints.
    pub fn new(palms: Arc<dyn Model>, joints: Arc<dyn Model>) -> Self {
        Self { palms: PalmDetector::new(palms), joints: JointModel::new(joints) }
    }

    /// The hand of a frame; with `last`, the region of a hand in the frame before, the one that is still about there. Of
    /// several hands the one that makes a sign, or else the one that shows best.
    pub fn find(&self, frame: &RgbImage, last: Option<&Region>) -> Result<Option<Hand>, ModelError> {
        if let Some(square) = last.and_then(square_of)
            && let Some(hand) = self.joints.lay(frame, &square)?
            && sign::of(&hand).is_some()
        {
            return Ok(Some(hand));
        }
        let mut best = None;
        for square in self.palms.look(frame)?.iter().take(MOST_HANDS) {
            let Some(hand) = self.joints.lay(frame, square)? else { continue };
            if sign::of(&hand).is_some() {
                return Ok(Some(hand));
            }
            best = best.or(Some(hand));
        }
        Ok(best)
    }

    /// What it shows, for the domain.
    pub fn seen(&self, frame: &RgbImage, last: Option<&Region>) -> Result<Option<HandSeen>, ModelError> {
        let hand = self.find(frame, last)?;
        Ok(hand.map(|hand| HandSeen { region: hand.region(), sign: sign::of(&hand) }))
    }
}
