//! Which sign a hand shows, by which fingers are bent and where the thumb is.
//!
//! Angles are taken in space, so that a hand may be turned; lengths are given in lengths of the palm (wrist to the root of
//! the middle finger). What the rules were tried on, and how little that is, stands in `docs/measurements.md`, Hand signs.

use shiren_core::see::liveness::HandSign;

use crate::face::MeshPoint;

/// Degrees by which the two outer joints of a finger are bent together: straight fingers measure 2 to 13, bent ones 100
/// and more, beckoning ones in between.
const STRAIGHT: f32 = 45.0;
const BENT: f32 = 85.0;
/// Degrees between two fingers that are spread.
const SPREAD: f32 = 12.0;
/// Degrees from upright up to which a thumb or a finger points up.
const UP: f32 = 40.0;
/// Lengths of the palm between the tips of thumb and index finger that touch.
const TOUCHING: f32 = 0.4;
/// … and from the thumb's tip to the root of the little finger from which on it stands out: 1.8 and more in 👍, .9 in a
/// fist.
const STANDS_OUT: f32 = 1.4;

/// The roots of the fingers but the thumb.
const INDEX: usize = 5;
const MIDDLE: usize = 9;
const RING: usize = 13;
const LITTLE: usize = 17;
const WRIST: usize = 0;
const THUMB_ROOT: usize = 2;
const THUMB_TIP: usize = 4;

/// The sign; `None` for any other hand.
pub(super) fn of(hand: &[MeshPoint]) -> Option<HandSign> {
    let at = |i: usize| hand.get(i).map(|p| [p.x, p.y, p.z]);
    let points: Vec<Vector> = (0..super::POINTS).map(at).collect::<Option<_>>()?;
    let hand = Shape { points };
    let [index, middle, ring, little] = [INDEX, MIDDLE, RING, LITTLE].map(|root| hand.bend(root));
    let straight = |bend: f32| bend < STRAIGHT;
    let bent = |bend: f32| bend > BENT;
    let stands_out = hand.apart(THUMB_TIP, LITTLE) > STANDS_OUT;
    let touching = hand.apart(THUMB_TIP, INDEX + 3) < TOUCHING;
    let others_bent = bent(ring) && bent(little);
    if straight(middle) && straight(ring) && straight(little) {
        // In 👌 the index finger is bent towards the thumb.
        return match (touching, straight(index)) {
            (true, false) => Some(HandSign::Ok),
            (false, true) if stands_out => Some(HandSign::Open),
            _ => None,
        };
    }
    if straight(index) && others_bent && hand.points_up(INDEX, INDEX + 3) {
        let victory = straight(middle) && hand.between(INDEX, MIDDLE) > SPREAD;
        let pointing = bent(middle) && !stands_out;
        return [(victory, HandSign::Victory), (pointing, HandSign::PointUp)]
            .into_iter()
            .find_map(|(is, sign)| is.then_some(sign));
    }
    let fist = bent(index) && bent(middle) && others_bent;
    (fist && stands_out && hand.points_up(THUMB_ROOT, THUMB_TIP)).then_some(HandSign::ThumbUp)
}

type Vector = [f32; 3];

struct Shape {
    points: Vec<Vector>,
}

impl Shape {
    fn from(&self, a: usize, b: usize) -> Vector {
        std::array::from_fn(|i| self.points[b][i] - self.points[a][i])
    }

    /// Degrees by which a finger's two outer joints are bent, together.
    fn bend(&self, root: usize) -> f32 {
        let bone = |i: usize| self.from(root + i, root + i + 1);
        angle(bone(0), bone(1)) + angle(bone(1), bone(2))
    }

    /// Degrees between two straight fingers.
    fn between(&self, a: usize, b: usize) -> f32 {
        angle(self.from(a, a + 3), self.from(b, b + 3))
    }

    /// The distance between two points, in lengths of the palm.
    fn apart(&self, a: usize, b: usize) -> f32 {
        length(self.from(a, b)) / length(self.from(WRIST, MIDDLE)).max(f32::EPSILON)
    }

    /// Whether the line from one point to another rises steeply in the frame.
    fn points_up(&self, from: usize, to: usize) -> bool {
        let [x, y, _] = self.from(from, to);
        x.abs().atan2(-y).to_degrees() < UP
    }
}

fn length(v: Vector) -> f32 {
    v.iter().map(|x| x * x).sum::<f32>().sqrt()
}

/// Degrees between two directions; 0 where one has no length.
fn angle(a: Vector, b: Vector) -> f32 {
    let dot: f32 = (0..3).map(|i| a[i] * b[i]).sum();
    let lengths = length(a) * length(b);
    if lengths > 0.0 { (dot / lengths).clamp(-1.0, 1.0).acos().to_degrees() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A right hand seen from the palm, fingers up; `fingers`: whether index, middle, ring and little finger are straight.
    fn hand(thumb: [f32; 2], fingers: [bool; 4]) -> Vec<MeshPoint> {
        let mut points = vec![[100.0, 300.0]];
        let root = [70.0, 260.0];
        points.extend((0..4).map(|i| {
            let t = i as f32 / 3.0;
            [root[0] + t * (thumb[0] - root[0]), root[1] + t * (thumb[1] - root[1])]
        }));
        for (n, straight) in fingers.into_iter().enumerate() {
            let x = 80.0 + 18.0 * n as f32;
            let lean = 0.35 * (n as f32 - 1.5);
            for i in 0..4 {
                let up = 32.0 * i as f32;
                points.push(match (straight, i) {
                    (true, _) => [x + lean * up, 200.0 - up],
                    (false, 0) => [x, 200.0],
                    (false, 1) => [x, 172.0],
                    (false, 2) => [x + 4.0, 190.0],
                    (false, _) => [x + 3.0, 214.0],
                });
            }
        }
        points.into_iter().map(|[x, y]| MeshPoint { x, y, z: 0.0 }).collect()
    }

    fn turned(hand: &[MeshPoint], degrees: f32) -> Vec<MeshPoint> {
        let (s, c) = degrees.to_radians().sin_cos();
        hand.iter().map(|p| MeshPoint { x: p.x * c - p.y * s, y: p.x * s + p.y * c, z: p.z }).collect()
    }

    const ACROSS: [f32; 2] = [110.0, 215.0];
    const OUT: [f32; 2] = [0.0, 190.0];

    #[test]
    fn signs_are_told_by_their_fingers() {
        let table = [
            (hand(ACROSS, [true, true, false, false]), Some(HandSign::Victory)),
            (hand(OUT, [true; 4]), Some(HandSign::Open)),
            (hand(ACROSS, [true, false, false, false]), Some(HandSign::PointUp)),
            (hand([60.0, 110.0], [false; 4]), Some(HandSign::ThumbUp)),
            (hand(ACROSS, [false; 4]), None),
            (hand(ACROSS, [true, true, true, false]), None),
            (turned(&hand([60.0, 110.0], [false; 4]), 180.0), None),
            (turned(&hand(ACROSS, [true, false, false, false]), 90.0), None),
        ];
        for (n, (hand, expected)) in table.into_iter().enumerate() {
            assert_eq!(of(&hand), expected, "row {n}");
        }
        let mut ok = hand([82.0, 165.0], [true; 4]);
        for (i, (x, y)) in [(80.0, 200.0), (62.0, 180.0), (66.0, 160.0), (82.0, 166.0)].into_iter().enumerate() {
            (ok[INDEX + i].x, ok[INDEX + i].y) = (x, y);
        }
        assert_eq!(of(&ok), Some(HandSign::Ok));
    }

    #[test]
    fn two_fingers_held_together_are_no_victory() {
        let mut hand = hand(ACROSS, [true, true, false, false]);
        for i in 0..4 {
            hand[MIDDLE + i].x = hand[INDEX + i].x + 18.0;
        }
        assert_eq!(of(&hand), None);
    }

    proptest! {
        #[test]
        fn nothing_that_a_network_says_breaks_it(
            points in prop::collection::vec(prop::array::uniform3(any::<f32>()), 0..24)
        ) {
            let hand: Vec<MeshPoint> = points.iter().map(|p| MeshPoint { x: p[0], y: p[1], z: p[2] }).collect();
            of(&hand);
        }
    }
}
