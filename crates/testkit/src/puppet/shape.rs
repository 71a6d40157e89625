//! The puppet's points: the mesh of its face, a ring around its head, the frame's edge.

use delaunator::{Point, triangulate};

use super::Pose;

/// Points of MediaPipe's face mesh.
pub(super) const POINTS: usize = 468;
/// The lids along each eye's opening, upper point and the lower one that it meets.
const LIDS: [(usize, usize); 14] = [
    (246, 7),
    (161, 163),
    (160, 144),
    (159, 145),
    (158, 153),
    (157, 154),
    (173, 155),
    (466, 249),
    (388, 390),
    (387, 373),
    (386, 374),
    (385, 380),
    (384, 381),
    (398, 382),
];
/// The skin above each lid, in the order of [`LIDS`].
const ABOVE_LIDS: [usize; 14] = [247, 30, 29, 27, 28, 56, 190, 467, 260, 259, 257, 258, 286, 414];
/// Inner edges of the lips, without the corners of the mouth.
const UPPER_LIP: [usize; 9] = [191, 80, 81, 82, 13, 312, 311, 310, 415];
const LOWER_LIP: [usize; 9] = [95, 88, 178, 87, 14, 317, 402, 318, 324];
/// The rest of the upper lip, from inside to outside.
const UPPER_LIP_SKIN: [usize; 27] = [
    183, 42, 41, 38, 12, 268, 271, 272, 407, 184, 74, 73, 72, 11, 302, 303, 304, 408, 185, 40, 39, 37, 0,
    267, 269, 270, 409,
];
/// The rest of the lower lip, from inside to outside.
const LOWER_LIP_SKIN: [usize; 27] = [
    96, 89, 179, 86, 15, 316, 403, 319, 325, 77, 90, 180, 85, 16, 315, 404, 320, 307, 146, 91, 181, 84, 17,
    314, 405, 321, 375,
];
/// The outline of the face, clockwise from the top of the forehead.
const OUTLINE: [usize; 36] = [
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176,
    149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
];
/// The ring around the head, in sizes of the outline.
const HEAD: f32 = 1.45;
/// How far the lips are apart when the mouth is open wide, in widths of the mouth, and at most in distances between
/// the outer corners of the eyes: about 45 mm, as far as jaws go. A smile makes the mouth wider, not the jaw fall
/// farther.
const WIDE: f32 = 0.85;
const WIDEST: f32 = 0.47;

/// How far a lid comes down, in openings of the eye: the lashes reach over the lower lid.
const SHUT: f32 = 1.3;

/// How far the skin above a lid follows it.
const SKIN: f32 = 0.4;

/// A point in space: pixels to the right, down, and away from the camera.
pub(super) type Place = [f32; 3];

/// Points at rest and the triangles between them.
#[derive(Clone)]
pub(super) struct Shape {
    pub(super) rest: Vec<Place>,
    pub(super) triangles: Vec<[usize; 3]>,
    /// Points that turn with the head; those after them stay.
    head: usize,
    /// What the head turns about.
    pivot: Place,
}

impl Shape {
    pub(super) fn new(face: &[Place], width: u32, height: u32) -> Self {
        let mut rest = face.to_vec();
        let mean = |axis: usize| OUTLINE.iter().map(|i| face[*i][axis]).sum::<f32>() / OUTLINE.len() as f32;
        let back = OUTLINE.iter().map(|i| face[*i][2]).fold(f32::MIN, f32::max);
        let pivot = [mean(0), mean(1), back];
        for i in OUTLINE {
            let out = |axis: usize| pivot[axis] + HEAD * (face[i][axis] - pivot[axis]);
            rest.push([out(0), out(1), back]);
        }
        let head = rest.len();
        rest.extend(edge(width as f32, height as f32).map(|(x, y)| [x, y, back]));
        let flat: Vec<Point> =
            rest.iter().map(|p| Point { x: f64::from(p[0]), y: f64::from(p[1]) }).collect();
        let triangles = triangulate(&flat).triangles.chunks_exact(3).map(|t| [t[0], t[1], t[2]]).collect();
        Self { rest, triangles, head, pivot }
    }

    /// Whether a triangle lies between the lips.
    pub(super) fn is_inside_mouth(triangle: &[usize; 3]) -> bool {
        let upper = |i: &usize| UPPER_LIP.contains(i) || UPPER_LIP_SKIN.contains(i);
        let lower = |i: &usize| LOWER_LIP.contains(i) || LOWER_LIP_SKIN.contains(i);
        triangle.iter().any(upper) && triangle.iter().any(lower)
    }

    /// The points in a pose.
    pub(super) fn moved(&self, pose: &Pose) -> Vec<Place> {
        let mut points = self.rest.clone();
        self.lower_lids(&mut points, 1.0 - pose.eyes);
        self.lower_jaw(&mut points, pose.mouth);
        let (yaw, pitch) = (pose.yaw.to_radians(), pose.pitch.to_radians());
        for p in &mut points[..self.head] {
            let [x, y, z] = std::array::from_fn(|i| p[i] - self.pivot[i]);
            let (y, z) = (y * pitch.cos() - z * pitch.sin(), y * pitch.sin() + z * pitch.cos());
            let (x, z) = (x * yaw.cos() - z * yaw.sin(), x * yaw.sin() + z * yaw.cos());
            *p = [x + self.pivot[0] + pose.shift.0, y + self.pivot[1] + pose.shift.1, z + self.pivot[2]];
        }
        points
    }

    fn lower_lids(&self, points: &mut [Place], shut: f32) {
        for ((upper, lower), above) in LIDS.into_iter().zip(ABOVE_LIDS) {
            let (from, to) = (self.rest[upper], self.rest[lower]);
            let way: Place = std::array::from_fn(|axis| SHUT * shut * (to[axis] - from[axis]));
            points[upper].iter_mut().zip(way).for_each(|(p, w)| *p += w);
            points[above].iter_mut().zip(way).for_each(|(p, w)| *p += SKIN * w);
        }
    }

    fn lower_jaw(&self, points: &mut [Place], open: f32) {
        let at = |i: usize| self.rest[i];
        let width = at(308)[0] - at(78)[0];
        let (middle, lips, below) = ((at(78)[0] + at(308)[0]) / 2.0, at(14)[1], at(17)[1]);
        let widest = WIDEST * (at(263)[0] - at(33)[0]);
        let fall = ((WIDE * width).min(widest) - (at(14)[1] - at(13)[1])).max(0.0);
        let half_face = (at(454)[0] - at(234)[0]) / 2.0;
        for (i, p) in points[..self.head].iter_mut().enumerate() {
            let [x, y, _] = self.rest[i];
            let aside = |reach: f32| (1.0 - ((x - middle) / reach).powi(2)).max(0.0);
            let share = if UPPER_LIP.contains(&i) || UPPER_LIP_SKIN.contains(&i) {
                0.0
            } else if LOWER_LIP.contains(&i) || LOWER_LIP_SKIN.contains(&i) {
                aside(width * 0.58).sqrt()
            } else {
                let depth = ((y - lips) / (below - lips).max(1.0)).clamp(0.0, 1.0);
                depth * aside(half_face * 1.1)
            };
            p[1] += open * fall * share;
        }
    }
}

/// Points along the edge of the frame, a little outside it.
fn edge(width: f32, height: f32) -> impl Iterator<Item = (f32, f32)> {
    const PARTS: u16 = 8;
    (0..PARTS).flat_map(move |i| {
        let t = f32::from(i) / f32::from(PARTS);
        let (w, h) = (width + 2.0, height + 2.0);
        [(t * w, 0.0), (w, t * h), (w - t * w, h), (0.0, h - t * h)].map(|(x, y)| (x - 1.0, y - 1.0))
    })
}
