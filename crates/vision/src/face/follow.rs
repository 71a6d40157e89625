//! Finds the face in the frames of a video, quickly, and follows it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use image::RgbImage;
use shiren_core::see::{Point, Region};

use super::chip::{Chip, Letterbox};
use super::detect::{Candidate, Detector};
use super::mesh::{Face, MeshModel};
use super::reader::{self, DETECTOR, MESH, SURE_OF_FAINT};
use crate::pack::{Library, Model, ModelError, PackError};

/// Side to which a frame is shrunk for the detector. The face of a live check is at least a quarter as large as
/// the frame, and is found at half the size that a photo needs (measured: `docs/measurements.md`, Liveness).
const SIDE: u32 = 192;

/// Detector and mesh for video: several pairs of sessions with one thread each, so that the frames of several
/// people are looked at side by side.
pub struct Follower {
    lanes: Vec<Lane>,
    next: AtomicUsize,
}

struct Lane {
    detector: Detector,
    mesh: MeshModel,
}

impl Follower {
    /// With the installed networks.
    ///
    /// # Errors
    /// When a model is missing or cannot be opened.
    pub fn open(library: &Library) -> Result<Self, PackError> {
        let (detectors, meshes) = (library.abreast(DETECTOR)?, library.abreast(MESH)?);
        Ok(Self::new(detectors.into_iter().zip(meshes)))
    }

    /// With these pairs of detector and mesh network.
    pub fn new(pairs: impl IntoIterator<Item = (Arc<dyn Model>, Arc<dyn Model>)>) -> Self {
        let lanes = pairs
            .into_iter()
            .map(|(detector, mesh)| Lane { detector: Detector::new(detector), mesh: MeshModel::new(mesh) })
            .collect();
        Self { lanes, next: AtomicUsize::new(0) }
    }

    /// The faces of a frame, the most prominent first; with `last`, the region of a face in the frame before,
    /// that one alone if it is still about there.
    pub fn find(&self, frame: &RgbImage, last: Option<&Region>) -> Result<Vec<Face>, ModelError> {
        let Some(lane) = self.lane() else { return Ok(Vec::new()) };
        if let Some(last) = last
            && let Some(face) = lane.at(frame, last)?
            && face.presence_logit() >= SURE_OF_FAINT
        {
            return Ok(vec![face]);
        }
        match Letterbox::new(frame, SIDE) {
            Some(square) => reader::confirmed(&lane.detector, &lane.mesh, frame, &square, 0),
            None => Ok(Vec::new()),
        }
    }

    /// The face at a region that [`Follower::find`] gave for this frame.
    pub fn at(&self, frame: &RgbImage, region: &Region) -> Result<Option<Face>, ModelError> {
        self.lane().map_or(Ok(None), |lane| lane.at(frame, region))
    }

    /// The lanes take turns; two frames in one lane wait for each other.
    fn lane(&self) -> Option<&Lane> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        self.lanes.get(turn.checked_rem(self.lanes.len())?)
    }
}

impl Lane {
    fn at(&self, frame: &RgbImage, region: &Region) -> Result<Option<Face>, ModelError> {
        let side = region.width().max(region.height());
        // What a caller stored may be anything.
        let finite = region.0.iter().all(|p| p.x.is_finite() && p.y.is_finite());
        if !finite || side < 1.0 {
            return Ok(None);
        }
        let centre = region.centre();
        let [left, right] = [region.0[0], region.0[1]];
        let half = Point::new((right.x - left.x) / 4.0, (right.y - left.y) / 4.0);
        let eyes = [
            Point::new(centre.x - half.x, centre.y - half.y),
            Point::new(centre.x + half.x, centre.y + half.y),
        ];
        let candidate = Candidate { score: 1.0, centre, side, eyes };
        self.mesh.lay(&Chip::around(frame, centre, side), &candidate)
    }
}
