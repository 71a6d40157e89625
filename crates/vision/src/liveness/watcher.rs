//! Bytes of a frame in, reading out.

use image::RgbImage;
use shiren_core::see::liveness::FrameReading;
use shiren_core::see::{Region, SeeError};

use super::hash::frame_hash;
use super::lit::lit;
use super::passive::Passive;
use crate::face::{self, Face, Follower};
use crate::pack::{Library, ModelError, PackError};
use crate::picture::quality::luma;
use crate::picture::{Limits, Picture};

/// What a frame may cost. A page sends JPEGs of 480 × 640 pixels and 30 to 60 kB; twice a side more is let
/// through, for cameras that give nothing smaller.
pub const FRAME_LIMITS: Limits =
    Limits { bytes: 600_000, pixels: 1_300_000, side: 1_280, min_side: 160, memory: 16 << 20, scans: 12 };

/// Watches a video, frame by frame.
pub struct Watcher {
    follower: Follower,
    passive: Option<Passive>,
}

impl Watcher {
    /// With the installed networks.
    ///
    /// # Errors
    /// When a model is missing or cannot be opened.
    pub fn open(library: &Library) -> Result<Self, PackError> {
        Ok(Self { follower: Follower::open(library)?, passive: Passive::open(library)? })
    }

    /// How live the face at a region is, 0–1, by the networks for that; `None` when none is installed.
    pub fn passive_score(&self, frame: &RgbImage, face: &Region) -> Result<Option<f32>, ModelError> {
        self.passive.as_ref().map_or(Ok(None), |networks| networks.score(frame, face))
    }

    /// The pixels of a frame.
    ///
    /// # Errors
    /// [`SeeError::Picture`] when it is no picture, or one beyond [`FRAME_LIMITS`].
    pub fn decode(bytes: &[u8]) -> Result<RgbImage, SeeError> {
        Picture::decode(bytes, &FRAME_LIMITS).map(Picture::into_rgb)
    }

    /// What a frame shows. `last`: where the face was in the frame before.
    pub fn read(&self, frame: &RgbImage, last: Option<&Region>) -> Result<FrameReading, ModelError> {
        let faces = self.follower.find(frame, last)?;
        let grey = luma(frame);
        let (face, brightness_p95) = match faces.first() {
            Some(face) => {
                let (seen, brightness) = face::seen(frame, face);
                (Some(seen), brightness)
            }
            None => (None, face::brightness(&grey)),
        };
        let lit = faces.first().and_then(|face| lit(frame, face));
        Ok(FrameReading {
            width: frame.width(),
            height: frame.height(),
            hash: frame_hash(&grey),
            faces: u32::try_from(faces.len()).unwrap_or(u32::MAX),
            face,
            hand: None,
            lit,
            brightness_p95,
        })
    }

    /// The face that [`Watcher::read`] saw at a region of this frame.
    pub fn face(&self, frame: &RgbImage, region: &Region) -> Result<Option<Face>, ModelError> {
        self.follower.at(frame, region)
    }
}
