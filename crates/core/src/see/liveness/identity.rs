//! Whether it is still the same face.

use serde::{Deserialize, Serialize};

use crate::see::{Band, Point};

use super::FaceSeen;

/// A face that was compared longer ago than this is compared again.
const STALE_MS: u64 = 1_500;
/// So many comparisons in a row that say "different" are no accident of one frame.
const ENOUGH: u8 = 2;
/// Between two frames, a face moves less than this share of its side, and grows or shrinks by less than this
/// factor; else it may be another one.
const STEP: f32 = 0.6;
const GROWTH: f32 = 1.5;

/// What comparing faces has given so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Identity {
    /// When the face was last found to be the same, if it was followed without a break since.
    same_ms: Option<u64>,
    different: u8,
    last: Option<(Point, f32)>,
}

impl Identity {
    /// The face was out of sight, or out of order.
    pub(super) fn lose(&mut self) {
        (self.same_ms, self.last) = (None, None);
    }

    /// Follows the face into this frame.
    pub(super) fn follow(&mut self, face: &FaceSeen) {
        if !self.is_near(face) {
            self.same_ms = None;
        }
        self.last = Some((face.region.centre(), face.side()));
    }

    /// Whether the face lies about where it lay in the frame before.
    fn is_near(&self, face: &FaceSeen) -> bool {
        self.last.is_some_and(|(centre, side)| {
            let growth = face.side() / side.max(f32::EPSILON);
            face.region.centre().distance(centre) < STEP * side && growth < GROWTH && growth > 1.0 / GROWTH
        })
    }

    /// Whether it is the same face, as far as anyone knows.
    pub(super) fn is_known(&self) -> bool {
        self.same_ms.is_some()
    }

    /// Whether a comparison would tell something in this frame.
    pub(super) fn is_stale(&self, face: &FaceSeen, at_ms: u64) -> bool {
        !self.is_near(face) || self.same_ms.is_none_or(|at| at_ms.saturating_sub(at) > STALE_MS)
    }

    /// The outcome of a comparison. `false`: it is another face, for certain.
    pub(super) fn hear(&mut self, band: Band, at_ms: u64) -> bool {
        match band {
            Band::Same => (self.same_ms, self.different) = (Some(at_ms), 0),
            Band::Uncertain => {}
            Band::Different => {
                self.same_ms = None;
                self.different = self.different.saturating_add(1);
            }
        }
        self.different < ENOUGH
    }
}
