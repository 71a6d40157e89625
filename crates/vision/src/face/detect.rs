//! Where in a picture a face may be: one run of the detector at one size, one way up.

use std::sync::Arc;

use shiren_core::see::Point;

use super::blazeface;
use super::chip::Letterbox;
use super::reader;
use super::similarity::Similarity;
use crate::pack::{Model, ModelError};

/// What the detector took for a face, in pixels of the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// 0 to 1.
    pub score: f32,
    /// Middle of its box.
    pub centre: Point,
    /// Longer side of its box.
    pub side: f32,
    /// The eyes: the one that is on the left when the face stands upright, then the other.
    pub eyes: [Point; 2],
}

impl Candidate {
    /// Direction from the left to the right eye, in radians clockwise from the picture's x axis.
    pub(super) fn angle(&self) -> f32 {
        (self.eyes[1].y - self.eyes[0].y).atan2(self.eyes[1].x - self.eyes[0].x)
    }

    fn from_square(raw: &blazeface::RawBox<6>, back: &Similarity) -> Self {
        Self {
            score: raw.score,
            centre: back.apply(raw.centre),
            side: raw.width.max(raw.height) * back.scale(),
            eyes: [back.apply(raw.points[0]), back.apply(raw.points[1])],
        }
    }
}

/// Score above which a box is worth laying the mesh on (`docs/measurements.md`, Faces).
const WORTH_A_MESH: f32 = 0.3;

/// The face detector: BlazeFace, fully convolutional, so that its input may have any side that is a multiple
/// of 32.
pub(super) struct Detector {
    model: Arc<dyn Model>,
}

impl Detector {
    pub(super) fn new(model: Arc<dyn Model>) -> Self {
        Self { model }
    }

    /// The candidates in a picture turned clockwise by a number of quarter turns, best score first. The side
    /// of the letterbox must be a multiple of 32.
    pub(super) fn look(&self, square: &Letterbox, quarters: u8) -> Result<Vec<Candidate>, ModelError> {
        let square = square.turned(quarters);
        let Some(back) = square.placed.inverse() else { return Ok(Vec::new()) };
        let outputs = self.model.run(square.tensor(1.0 / 127.5, -1.0).view())?;
        let boxes = blazeface::read(&outputs, blazeface::FACES, square.side(), WORTH_A_MESH)
            .map_err(|detail| ModelError { model: reader::DETECTOR.to_owned(), detail })?;
        Ok(boxes.iter().map(|b| Candidate::from_square(b, &back)).collect())
    }
}
