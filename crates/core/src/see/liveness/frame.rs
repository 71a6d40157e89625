//! What one frame of a video shows, and the port through which it is seen.

use serde::{Deserialize, Serialize};

use super::{HandSeen, Lit};
use crate::see::{CardView, DocumentKind, FaceMatch, FaceTemplate, Region, SeeError};

/// Looks at the frames of a live video. Synchronous and CPU-bound: callers put it on a bounded pool. Takes the
/// bytes of an encoded picture, a small one (640 pixels on its longer side are plenty), and keeps nothing.
pub trait Watch: Send + Sync {
    /// What a frame shows. With `last`, the region of the face in the frame before, the face is followed from
    /// there, which is cheaper, and faces are not counted; without it, or when nothing is there any more, the
    /// whole frame is searched.
    fn read_frame(&self, frame: &[u8], last: Option<&Region>) -> Result<FrameReading, SeeError>;

    /// The hand in a frame. With `last`, the region of the hand in the frame before, the hand is followed from there,
    /// which is cheaper than finding it.
    fn read_hand(&self, frame: &[u8], last: Option<&Region>) -> Result<Option<HandSeen>, SeeError>;

    /// Compares the face that [`Watch::read_frame`] saw at `face` in this frame with a template. `None` when no
    /// face can be aligned there.
    fn compare_frame(
        &self,
        frame: &[u8],
        face: &Region,
        template: &FaceTemplate,
    ) -> Result<Option<FaceMatch>, SeeError>;

    /// What a frame shows of the document `expected`, judged quickly and without reading it.
    fn read_card(&self, frame: &[u8], expected: DocumentKind) -> Result<CardView, SeeError>;

    /// How live a network for presentation attacks finds the face at `face`, 0–1; `None` where none is installed.
    fn passive_score(&self, frame: &[u8], face: &Region) -> Result<Option<f32>, SeeError>;
}

/// One frame of a video.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameReading {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// What tells this frame from others.
    pub hash: FrameHash,
    /// Faces of comparable size; one for a face that was followed.
    pub faces: u32,
    /// The most prominent one.
    pub face: Option<FaceSeen>,
    /// The most prominent hand, where hands were looked for ([`super::Progress::wants_hand`]).
    pub hand: Option<HandSeen>,
    /// How it and what is behind it are lit.
    pub lit: Option<Lit>,
    /// 95th percentile of the luminance, of the face or, without one, of the whole frame, 0–255.
    pub brightness_p95: f32,
}

/// Two hashes of a frame's grey values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameHash {
    /// Of all of them in a small copy of the frame: equal only for the same frame. Two frames of a real camera
    /// always differ, by its noise.
    pub exact: u64,
    /// Which of 64 places are lighter than their right neighbour ("dHash"): the same for the same frame encoded
    /// anew, and differing in few bits between frames that look alike.
    pub likeness: u64,
}

impl FrameHash {
    /// Bits in which two likenesses differ, 0–64.
    pub const fn distance(self, other: Self) -> u32 {
        (self.likeness ^ other.likeness).count_ones()
    }
}

/// A face in a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct FaceSeen {
    /// Its box along its eye line, in pixels of the frame.
    pub region: Region,
    /// Degrees as the mesh shows them, about .7 of the true yaw (`docs/measurements.md`); positive when the
    /// face looks to the image's right, which is the person's left.
    pub yaw_deg: f32,
    /// Degrees; positive when it looks down.
    pub pitch_deg: f32,
    /// Degrees; positive when the head leans to the image's right.
    pub roll_deg: f32,
    /// How far each eye is open (image-left, image-right): height over width, about .28 open, .17 closed.
    pub eyes_open: [f32; 2],
    /// How far the mouth is open: height over width between the lips. Wide open above .55, below .27 in speech.
    pub mouth_open: f32,
    /// How sure the mesh is of the face, as the logit of a probability; 18 is usual, below 9 part of it is
    /// covered or turned away.
    pub presence: f32,
    /// Share of the face's pixels that are burnt out, 0–1.
    pub burnt_out_share: f32,
    /// Standard deviation of the blur in distances between the eyes; `None` when there are too few edges to
    /// tell. .01 is sharp, .05 blurred.
    pub blur: Option<f32>,
}

impl FaceSeen {
    /// Longer side of its box in pixels.
    pub fn side(&self) -> f32 {
        self.region.width().max(self.region.height())
    }
}
