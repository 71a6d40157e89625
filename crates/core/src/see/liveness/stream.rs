//! Whether the frames are those of a camera: in time, moving, and never the same twice.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{FrameHash, FrameReading};
use crate::verification::ReasonCode;

/// A break this long ends it: a network cut for 30 s is told, and everything is asked anew.
const LONGEST_GAP_MS: u64 = 20_000;
/// A face that is the same to the last grey value for so long is a picture. Phones in poor light give each frame
/// two or three times, and stall for a second.
const FROZEN_MS: u64 = 2_500;
/// Bits between the likenesses of two successive frames from which on something moves. A face at rest before a
/// camera at rest flips one or two (measured on a noisy rendered head).
const MOVES: u32 = 3;
/// A clip repeats itself after this at the earliest.
const SHORTEST_LOOP_MS: u64 = 1_000;
/// Frames that were there before to the last grey value. Of a camera not one is.
const IDENTICAL: u32 = 3;
/// Moving frames that look like ones before, all the same time before, give or take one bin: a clip that was
/// filmed or encoded anew.
const REPEATED: u32 = 8;
const BIN_MS: u64 = 150;
/// Frames remembered: more than a minute at 15 in a second.
const REMEMBERED: usize = 1_024;

/// What is remembered of the frames.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Stream {
    last: Option<(u64, FrameHash)>,
    /// When the last frame was first seen.
    since_ms: u64,
    /// Frames with a face.
    seen: Vec<Seen>,
    /// How many of them were there before, to the last grey value.
    identical: u32,
    /// How many of the moving ones look like one before, by how long before, in bins.
    lags: BTreeMap<u64, u32>,
}

/// A frame that is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Seen {
    at_ms: u64,
    hash: FrameHash,
    moves: bool,
}

/// What a frame is to the ones before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// A new one.
    New {
        /// Milliseconds since the one before.
        gap_ms: u64,
        /// Enough of the latest frames came before, in the same rhythm: a clip that runs in a loop.
        replayed: bool,
    },
    /// The one before, once more.
    Same,
}

impl Stream {
    /// Takes one more frame.
    ///
    /// # Errors
    /// `liveness_clock`, `liveness_interrupted`, `liveness_frozen`.
    pub(super) fn take(&mut self, reading: &FrameReading, at_ms: u64) -> Result<Flow, ReasonCode> {
        let Some((before_ms, before)) = self.last.replace((at_ms, reading.hash)) else {
            self.since_ms = at_ms;
            return Ok(Flow::New { gap_ms: 0, replayed: false });
        };
        if at_ms < before_ms {
            return Err(ReasonCode::LivenessClock);
        }
        let gap = at_ms - before_ms;
        if gap > LONGEST_GAP_MS {
            return Err(ReasonCode::LivenessInterrupted);
        }
        if before.exact == reading.hash.exact {
            let frozen = reading.face.is_some() && at_ms - self.since_ms > FROZEN_MS;
            return if frozen { Err(ReasonCode::LivenessFrozen) } else { Ok(Flow::Same) };
        }
        self.since_ms = at_ms;
        let moves = before.distance(reading.hash) >= MOVES;
        let replayed = reading.face.is_some() && self.repeats(Seen { at_ms, hash: reading.hash, moves });
        Ok(Flow::New { gap_ms: gap, replayed })
    }

    /// Remembers a frame; whether enough of them came before.
    fn repeats(&mut self, frame: Seen) -> bool {
        let mut repeated = false;
        let mut identical = false;
        for earlier in self.seen.iter().filter(|s| frame.at_ms - s.at_ms >= SHORTEST_LOOP_MS) {
            identical |= earlier.hash.exact == frame.hash.exact;
            if frame.moves && earlier.moves && earlier.hash.likeness == frame.hash.likeness {
                let bin = (frame.at_ms - earlier.at_ms) / BIN_MS;
                *self.lags.entry(bin).or_default() += 1;
                let around = |b: u64| self.lags.get(&b).copied().unwrap_or_default();
                repeated |= around(bin) + around(bin + 1).max(around(bin - 1)) >= REPEATED;
            }
        }
        self.identical += u32::from(identical);
        if self.seen.len() == REMEMBERED {
            self.seen.remove(0);
        }
        self.seen.push(frame);
        repeated || self.identical >= IDENTICAL
    }
}
