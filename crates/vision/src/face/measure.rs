//! What the mesh tells about a face: eyes, mouth, which way the head points.

use shiren_core::see::Point;

use super::mesh::Face;

/// The rings of points around the eye on the image's left and on its right.
const LEFT_EYE: [usize; 16] = [33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246];
const RIGHT_EYE: [usize; 16] =
    [263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466];

/// Which way the head points, in degrees of the mesh (about .7 of the true yaw: `docs/measurements.md`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeadPose {
    /// Positive when the face looks to the image's right.
    pub yaw: f32,
    /// Positive when it looks down. A face that looks straight at the camera reads about [`NEUTRAL_PITCH`]
    /// before it is taken off; here it is taken off.
    pub pitch: f32,
    /// Positive when the head leans to the image's right (clockwise).
    pub roll: f32,
}

/// Pitch that the mesh reads for a face that looks straight ahead, in degrees: the median over press photos
/// (`docs/measurements.md`, Faces). A rendered head reads 11.
const NEUTRAL_PITCH: f32 = 6.0;

impl Face {
    /// Middles of the eyes: image-left, image-right.
    pub fn eyes(&self) -> [Point; 2] {
        [LEFT_EYE, RIGHT_EYE].map(|ring| {
            let sum = ring.iter().map(|i| self.point(*i)).fold((0.0, 0.0), |s, p| (s.0 + p.x, s.1 + p.y));
            Point::new(sum.0 / 16.0, sum.1 / 16.0)
        })
    }

    /// Pixels between the middles of the eyes.
    pub fn eye_distance(&self) -> f32 {
        let [l, r] = self.eyes();
        l.distance(r)
    }

    /// The middle between the eyes.
    pub fn between_eyes(&self) -> Point {
        let [l, r] = self.eyes();
        Point::new((l.x + r.x) / 2.0, (l.y + r.y) / 2.0)
    }

    /// Eyes, tip of the nose, corners of the mouth, image-left before image-right: what aligning needs.
    pub(super) fn five(&self) -> [Point; 5] {
        let [left, right] = self.eyes();
        [left, right, self.point(1).flat(), self.point(61).flat(), self.point(291).flat()]
    }

    /// How far each eye is open (image-left, image-right): the height of the opening over its width, the
    /// "eye aspect ratio" of Soukupová and Čech (2016). About .28 open; this mesh reads .17 for a closed eye.
    pub fn eyes_open(&self) -> [f32; 2] {
        let ratio = |p: [usize; 6]| {
            let d = |a: usize, b: usize| self.point(p[a]).flat().distance(self.point(p[b]).flat());
            (d(1, 5) + d(2, 4)) / (2.0 * d(0, 3)).max(f32::EPSILON)
        };
        [ratio([33, 160, 158, 133, 153, 144]), ratio([362, 385, 387, 263, 373, 380])]
    }

    /// How far the mouth is open: height of the opening between the lips over its width.
    pub fn mouth_open(&self) -> f32 {
        let d = |a: usize, b: usize| self.point(a).flat().distance(self.point(b).flat());
        d(13, 14) / d(78, 308).max(f32::EPSILON)
    }

    /// Which way the head points, from the mesh's own depth: the axis through the eyes' outer corners, and
    /// the one from forehead to chin made orthogonal to it.
    pub fn pose(&self) -> HeadPose {
        let between = |from: usize, to: usize| {
            let (a, b) = (self.point(from), self.point(to));
            [b.x - a.x, b.y - a.y, b.z - a.z]
        };
        let x = unit(between(33, 263));
        let down = between(10, 152);
        let along = dot(down, x);
        let y = unit(std::array::from_fn(|i| down[i] - along * x[i]));
        let z = [x[1] * y[2] - x[2] * y[1], x[2] * y[0] - x[0] * y[2], x[0] * y[1] - x[1] * y[0]];
        HeadPose {
            yaw: x[2].atan2(x[0].hypot(x[1])).to_degrees(),
            pitch: y[2].atan2(z[2]).to_degrees() - NEUTRAL_PITCH,
            roll: x[1].atan2(x[0]).to_degrees(),
        }
    }
}

fn dot(a: [f32; 3], b: [f32; 3]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn unit(v: [f32; 3]) -> [f32; 3] {
    let length = dot(v, v).sqrt().max(f32::EPSILON);
    v.map(|c| c / length)
}

#[cfg(test)]
mod tests {
    use super::super::mesh::{MeshPoint, POINTS};
    use super::*;

    /// A head whose eye corners, forehead and chin lie on a cross, turned about the vertical by `yaw` and
    /// about the eye line by `pitch` degrees (positive: image right, down), then leaned by `roll`.
    fn turned(yaw: f32, pitch: f32, roll: f32) -> Face {
        let (yaw, pitch, roll) = (yaw.to_radians(), pitch.to_radians(), roll.to_radians());
        let place = |x: f32, y: f32| {
            let (x, y, z) = (x, y * pitch.cos(), y * pitch.sin());
            let (x, z) = (x * yaw.cos() - z * yaw.sin(), x * yaw.sin() + z * yaw.cos());
            MeshPoint { x: x * roll.cos() - y * roll.sin(), y: x * roll.sin() + y * roll.cos(), z }
        };
        let mut points = [place(0.0, 0.0); POINTS];
        for (number, x, y) in [(33, -50.0, 0.0), (263, 50.0, 0.0), (10, 0.0, -60.0), (152, 0.0, 90.0)] {
            points[number] = place(x, y);
        }
        Face::of_points(points)
    }

    #[test]
    fn the_pose_is_read_off_the_axes_of_the_head() {
        let straight = turned(0.0, 0.0, 0.0).pose();
        assert!((straight.yaw.abs() + straight.roll.abs()) < 0.1, "{straight:?}");
        assert!((straight.pitch + NEUTRAL_PITCH).abs() < 0.1, "{straight:?}");
        for (yaw, pitch, roll) in [(20.0, 0.0, 0.0), (-35.0, 0.0, 0.0), (0.0, 15.0, 0.0), (0.0, 0.0, -25.0)] {
            let pose = turned(yaw, pitch, roll).pose();
            let error = (pose.yaw - yaw).abs() + (pose.roll - roll).abs();
            assert!(error < 0.5, "{yaw} {pitch} {roll}: {pose:?}");
            assert!((pose.pitch - straight.pitch - pitch).abs() < 0.5, "{yaw} {pitch} {roll}: {pose:?}");
        }
    }

    #[test]
    fn eyes_and_mouth_open_by_their_own_points() {
        let at = |x: f32, y: f32| MeshPoint { x, y, z: 0.0 };
        let mut points = [at(0.0, 0.0); POINTS];
        // The image-left eye is 30 wide and 9 high, the other shut; lips 40 wide and 10 apart.
        for (number, x, y) in [(33, 0.0, 0.0), (133, 30.0, 0.0), (160, 10.0, -4.5), (158, 20.0, -4.5)] {
            points[number] = at(x, y);
        }
        for (number, x, y) in [(153, 20.0, 4.5), (144, 10.0, 4.5), (362, 60.0, 0.0), (263, 90.0, 0.0)] {
            points[number] = at(x, y);
        }
        for number in [385, 380] {
            points[number] = at(70.0, 0.0);
        }
        for number in [387, 373] {
            points[number] = at(80.0, 0.0);
        }
        for (number, x, y) in [(78, 20.0, 80.0), (308, 60.0, 80.0), (13, 40.0, 75.0), (14, 40.0, 85.0)] {
            points[number] = at(x, y);
        }
        let face = Face::of_points(points);
        let [left, right] = face.eyes_open();
        assert!((left - 0.3).abs() < 1e-5 && right.abs() < 1e-5, "{left} {right}");
        assert!((face.mouth_open() - 0.25).abs() < 1e-5);
    }
}
