//! What a frame shows of a hand.

use serde::{Deserialize, Serialize};

use crate::see::Region;

/// A sign that a hand makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandSign {
    /// Forefinger and middle finger stretched and spread, the others closed.
    Victory,
    /// All fingers stretched.
    OpenPalm,
    /// The thumb stretched upwards, the others closed.
    ThumbUp,
    /// The tips of thumb and forefinger together, the others stretched.
    Okay,
    /// The forefinger stretched upwards, the others closed.
    PointUp,
}

/// The most prominent hand of a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct HandSeen {
    /// The square around it, from the wrist to the fingers, in pixels of the frame: where the next frame's hand is
    /// looked for first.
    pub region: Region,
    /// The sign that it makes; `None` for all that is none of them.
    pub sign: Option<HandSign>,
}
