//! Lays the mesh of 468 points on a face, and with it decides whether there is one.

use std::sync::Arc;

use ndarray::ArrayD;
use shiren_core::see::{Point, Region};

use super::chip::{Channels, Chip};
use super::detect::Candidate;
use super::reader;
use super::similarity::Similarity;
use crate::pack::{Model, ModelError};

/// Points of the mesh (MediaPipe `face_landmark`).
pub(super) const POINTS: usize = 468;
/// Side of the network's input in pixels.
const SIDE: usize = 192;
/// The region shown to the network, in sides of the face's box (MediaPipe's own choice).
const REGION: f32 = 1.5;
/// The logit above which there is a face (one half; `docs/measurements.md`, Faces).
const PRESENT: f32 = 0.0;

/// A point of the mesh, in pixels of the picture; `z` grows away from the camera, same unit, zero about the
/// middle of the head.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeshPoint {
    /// Pixels to the right.
    pub x: f32,
    /// Pixels down.
    pub y: f32,
    /// Depth in pixels.
    pub z: f32,
}

impl MeshPoint {
    /// Without its depth.
    pub fn flat(self) -> Point {
        Point::new(self.x, self.y)
    }
}

/// A face that detector and mesh agree on.
#[derive(Clone, Debug, PartialEq)]
pub struct Face {
    /// The detector's score, 0 to 1.
    pub score: f32,
    /// The mesh's own opinion that there is a face: the logit of a probability.
    presence: f32,
    /// The 468 points; private so that there are always as many.
    points: Vec<MeshPoint>,
}

impl Face {
    /// A face of given points, for tests of what is measured on it.
    #[cfg(test)]
    pub(super) fn of_points(points: [MeshPoint; POINTS]) -> Self {
        Self { score: 1.0, presence: 18.0, points: points.into() }
    }

    /// One of the 468 points, by its number in MediaPipe's mesh; the last one for a larger number.
    pub fn point(&self, number: usize) -> MeshPoint {
        self.points[number.min(POINTS - 1)]
    }

    /// How sure the mesh network is that it sees a face, as the logit of a probability: 18 is usual, below 8
    /// part of the face is hidden or turned away.
    pub fn presence_logit(&self) -> f32 {
        self.presence
    }

    /// All points.
    pub fn points(&self) -> &[MeshPoint] {
        &self.points
    }

    /// Direction of the line through the outer eye corners, in radians clockwise from the picture's x axis.
    pub(super) fn angle(&self) -> f32 {
        let (l, r) = (self.point(33), self.point(263));
        (r.y - l.y).atan2(r.x - l.x)
    }

    /// The smallest box around the mesh whose upper edge runs along the eyes.
    pub fn region(&self) -> Region {
        let turn = Similarity::about(Point::new(0.0, 0.0), Point::new(0.0, 0.0), 1.0, -self.angle());
        let (mut x0, mut y0, mut x1, mut y1) = (f32::MAX, f32::MAX, f32::MIN, f32::MIN);
        for p in &self.points {
            let p = turn.apply(p.flat());
            (x0, y0, x1, y1) = (x0.min(p.x), y0.min(p.y), x1.max(p.x), y1.max(p.y));
        }
        let back = Similarity { b: -turn.b, ..turn };
        Region([(x0, y0), (x1, y0), (x1, y1), (x0, y1)].map(|(x, y)| back.apply(Point::new(x, y))))
    }

    /// Longer side of [`Face::region`], in pixels.
    pub fn side(&self) -> f32 {
        let region = self.region();
        region.width().max(region.height())
    }
}

/// The mesh network.
pub(super) struct MeshModel {
    model: Arc<dyn Model>,
}

impl MeshModel {
    pub(super) fn new(model: Arc<dyn Model>) -> Self {
        Self { model }
    }

    /// The mesh of the face at `candidate`, or `None` when the network sees no face there.
    pub(super) fn lay(&self, chip: &Chip<'_>, candidate: &Candidate) -> Result<Option<Face>, ModelError> {
        self.run(chip, candidate.score, candidate.centre, candidate.side, candidate.angle())
    }

    /// The mesh laid once more, on the region that the first one gives, which sits better than the
    /// detector's box; the first one where the network sees no face the second time.
    pub(super) fn refine(&self, chip: &Chip<'_>, face: Face) -> Result<Face, ModelError> {
        let again = self.run(chip, face.score, face.region().centre(), face.side(), face.angle())?;
        Ok(again.unwrap_or(face))
    }

    fn run(
        &self,
        chip: &Chip<'_>,
        score: f32,
        centre: Point,
        side: f32,
        angle: f32,
    ) -> Result<Option<Face>, ModelError> {
        let scale = SIDE as f32 / (REGION * side);
        let middle = SIDE as f32 / 2.0;
        let to_patch = Similarity::about(centre, Point::new(middle, middle), scale, -angle);
        let (Some(back), Some(patch)) = (to_patch.inverse(), chip.patch(SIDE, &to_patch)) else {
            return Ok(None);
        };
        let outputs = self.model.run(patch.tensor(Channels::Rgb, [0.0; 3], 1.0 / 255.0).view())?;
        let (numbers, logit) =
            read(&outputs).map_err(|detail| ModelError { model: reader::MESH.to_owned(), detail })?;
        if !(logit > PRESENT && logit.is_finite() && numbers.iter().all(|v| v.is_finite())) {
            return Ok(None);
        }
        let depth = back.scale();
        let points = numbers
            .chunks_exact(3)
            .map(|n| {
                let p = back.apply(Point::new(n[0], n[1]));
                MeshPoint { x: p.x, y: p.y, z: n[2] * depth }
            })
            .collect();
        Ok(Some(Face { score, presence: logit, points }))
    }
}

/// The 1404 numbers of the points and the presence logit.
fn read(outputs: &[ArrayD<f32>]) -> Result<(&[f32], f32), String> {
    let find = |len: usize| outputs.iter().find(|o| o.len() == len).and_then(|o| o.as_slice());
    match (find(POINTS * 3), find(1)) {
        (Some(points), Some(flag)) => Ok((points, flag[0])),
        _ => Err(format!(
            "no outputs of 1404 and 1 among {:?}",
            outputs.iter().map(|o| o.shape()).collect::<Vec<_>>()
        )),
    }
}
