//! Where a recogniser wants the eyes, the nose and the mouth.

use shiren_core::see::Point;

use super::chip::{Chip, Patch};
use super::mesh::Face;
use super::similarity::Similarity;

/// A recogniser's view of a face: a square, and where in it the five points of the mesh should lie
/// (image-left eye, image-right eye, tip of the nose, image-left and image-right corner of the mouth).
pub(super) struct Template {
    /// Pixels.
    pub(super) side: usize,
    points: [(f32, f32); 5],
}

/// For MobileFace V2. These three are means of mesh points over faces that were aligned as each network
/// expects, measured once (`docs/measurements.md`, Faces).
pub(super) const MOBILEFACE: Template = Template {
    side: 112,
    points: [(38.27, 53.0), (73.73, 53.0), (56.0, 75.8), (40.76, 91.05), (71.24, 91.05)],
};
/// For the recogniser of face-api.
pub(super) const FACE_API: Template = Template {
    side: 150,
    points: [(46.63, 44.24), (103.37, 44.24), (75.0, 80.72), (50.62, 105.12), (99.38, 105.12)],
};
/// For faceres.
pub(super) const FACERES: Template = Template {
    side: 224,
    points: [(80.09, 77.98), (143.91, 77.98), (112.0, 119.02), (84.57, 146.47), (139.43, 146.47)],
};

impl Template {
    /// From the picture to this view of the face; `None` when the face's points lie in one place.
    pub(super) fn placing(&self, face: &Face) -> Option<Similarity> {
        Similarity::fit(&face.five(), &self.points.map(|(x, y)| Point::new(x, y)))
    }

    /// The face as the recogniser wants to see it.
    pub(super) fn crop(&self, chip: &Chip<'_>, face: &Face) -> Option<Patch> {
        chip.patch(self.side, &self.placing(face)?)
    }
}
