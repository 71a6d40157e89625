//! Which sign a hand makes, by how far each finger is stretched and where it points.

use shiren_core::see::liveness::HandSign;

use super::joints::{Hand, Joint};

/// A finger is stretched when the way from its root to its tip is at least this share of its length, and closed when
/// it is at most that one; between them nobody can tell (`docs/measurements.md`, Hand signs, as all numbers here).
const STRETCHED: f32 = 0.88;
const CLOSED: f32 = 0.82;
/// A thumb is stretched from this share on; the one that alone makes a sign must be straighter.
const THUMB_STRETCHED: f32 = 0.90;
const THUMB_STRAIGHT: f32 = 0.93;
/// The tips of a ring lie this near to one another, in lengths of the palm, and its forefinger is bent.
const TOUCH: f32 = 0.42;
const RING_BENT: f32 = 0.96;
/// The tip of a thumb that stands out is this far from the root of the forefinger, in lengths of the palm; again
/// farther where it alone makes the sign.
const OUT: f32 = 0.42;
const FAR_OUT: f32 = 0.5;
/// Degrees between forefinger and middle finger from which on they are spread.
const SPREAD: f32 = 10.0;
/// Degrees from straight up within which a finger points up. Thumbs that are the highest point of their hand lean
/// farther.
const UP: f32 = 50.0;
const THUMB_UP: f32 = 75.0;

const WRIST: usize = 0;
const INDEX_ROOT: usize = 5;
const MIDDLE_ROOT: usize = 9;
const THUMB_ROOT: usize = 2;
const THUMB_TIP: usize = 4;
const INDEX_TIP: usize = 8;
const MIDDLE_TIP: usize = 12;
/// The four joints of each finger.
const THUMB: [usize; 4] = [1, 2, 3, 4];
const INDEX: [usize; 4] = [5, 6, 7, 8];
const MIDDLE: [usize; 4] = [9, 10, 11, 12];
const RING: [usize; 4] = [13, 14, 15, 16];
const LITTLE: [usize; 4] = [17, 18, 19, 20];

/// How a finger is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Held {
    Stretched,
    Closed,
    Between,
}

/// The sign that a hand makes.
pub(super) fn of(hand: &Hand) -> Option<HandSign> {
    use Held::{Closed, Stretched};
    let j = &hand.joints;
    let palm = distance(j[WRIST], j[MIDDLE_ROOT]);
    let thumb = straightness(j, THUMB);
    let out = distance(j[THUMB_TIP], j[INDEX_ROOT]) / palm;
    let ring = distance(j[THUMB_TIP], j[INDEX_TIP]) < TOUCH * palm && straightness(j, INDEX) < RING_BENT;
    match [INDEX, MIDDLE, RING, LITTLE].map(|finger| held(j, finger)) {
        [_, Stretched, Stretched, Stretched] if ring => Some(HandSign::Okay),
        [Stretched, Stretched, Stretched, Stretched] if thumb >= THUMB_STRETCHED && out > OUT => {
            Some(HandSign::OpenPalm)
        }
        [Stretched, Stretched, Closed, Closed] => {
            (angle(way(j, INDEX_ROOT, INDEX_TIP), way(j, MIDDLE_ROOT, MIDDLE_TIP)) >= SPREAD)
                .then_some(HandSign::Victory)
        }
        [Stretched, Closed, Closed, Closed] => {
            (is_highest(j, INDEX_TIP) && leans(j, INDEX_ROOT, INDEX_TIP) < UP).then_some(HandSign::PointUp)
        }
        [Closed, Closed, Closed, Closed] if thumb >= THUMB_STRAIGHT && out > FAR_OUT => {
            (is_highest(j, THUMB_TIP) && leans(j, THUMB_ROOT, THUMB_TIP) < THUMB_UP)
                .then_some(HandSign::ThumbUp)
        }
        _ => None,
    }
}

/// Whether no other joint lies higher in the picture.
fn is_highest(joints: &[Joint], tip: usize) -> bool {
    joints.iter().all(|joint| joint[1] >= joints[tip][1])
}

/// Degrees from straight up, 0–180.
fn leans(joints: &[Joint], root: usize, tip: usize) -> f32 {
    angle(way(joints, root, tip), [0.0, -1.0, 0.0])
}

fn held(joints: &[Joint], finger: [usize; 4]) -> Held {
    match straightness(joints, finger) {
        s if s >= STRETCHED => Held::Stretched,
        s if s <= CLOSED => Held::Closed,
        _ => Held::Between,
    }
}

/// The way from a finger's root to its tip as a share of its length, 0–1; 0 for a finger without length.
fn straightness(joints: &[Joint], finger: [usize; 4]) -> f32 {
    let length: f32 = finger.windows(2).map(|pair| distance(joints[pair[0]], joints[pair[1]])).sum();
    let share = distance(joints[finger[0]], joints[finger[3]]) / length;
    if share.is_finite() { share } else { 0.0 }
}

fn way(joints: &[Joint], root: usize, tip: usize) -> Joint {
    std::array::from_fn(|axis| joints[tip][axis] - joints[root][axis])
}

fn distance(a: Joint, b: Joint) -> f32 {
    (0..3).map(|axis| (a[axis] - b[axis]).powi(2)).sum::<f32>().sqrt()
}

/// Degrees between two directions, 0–180; 180 where one has no length.
fn angle(a: Joint, b: Joint) -> f32 {
    let dot: f32 = (0..3).map(|axis| a[axis] * b[axis]).sum();
    let cosine = dot / (distance(a, [0.0; 3]) * distance(b, [0.0; 3]));
    if cosine.is_finite() { cosine.clamp(-1.0, 1.0).acos().to_degrees() } else { 180.0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use shiren_core::see::Point;

    use super::*;

    /// A hand with its palm to the camera, its fingers up. Each finger's joints are bent by this many degrees towards
    /// the palm, and turned aside by that many.
    fn hand(bent: [f32; 4], aside: [f32; 4], thumb: [Joint; 4]) -> Hand {
        let mut joints = [[0.0; 3]; 21];
        joints[1..5].copy_from_slice(&thumb);
        for (finger, (bent, aside)) in bent.into_iter().zip(aside).enumerate() {
            let mut at = [-0.03 + 0.02 * finger as f32, -0.08, 0.0];
            for (n, length) in [0.04, 0.025, 0.02].into_iter().enumerate() {
                joints[5 + 4 * finger + n] = at;
                let (down, side) = ((bent * (n as f32 + 1.0)).to_radians(), aside.to_radians());
                at[0] += length * down.cos() * side.sin();
                at[1] -= length * down.cos() * side.cos();
                at[2] -= length * down.sin();
            }
            joints[8 + 4 * finger] = at;
        }
        Hand { present: 1.0, points: [Point::new(0.0, 0.0); 21], joints }
    }

    const OVER_PALM: [Joint; 4] =
        [[-0.03, -0.02, -0.01], [-0.045, -0.045, -0.02], [-0.03, -0.06, -0.035], [-0.01, -0.06, -0.04]];
    const STANDS_OUT: [Joint; 4] =
        [[-0.03, -0.02, 0.0], [-0.055, -0.04, 0.0], [-0.08, -0.055, 0.0], [-0.1, -0.065, 0.0]];
    const UPWARDS: [Joint; 4] =
        [[-0.03, -0.03, 0.0], [-0.04, -0.07, -0.01], [-0.042, -0.105, -0.01], [-0.043, -0.135, -0.01]];
    const FIST: f32 = 75.0;
    const NONE: [f32; 4] = [0.0; 4];

    #[test]
    fn signs_are_told_by_stretched_and_closed_fingers() {
        let touching = {
            let ring = hand([38.0, 2.0, 2.0, 2.0], NONE, OVER_PALM).joints[INDEX_TIP];
            let near = |d: f32| [ring[0] - d, ring[1] + d, ring[2]];
            [[-0.03, -0.02, -0.01], [-0.045, -0.05, -0.03], near(0.02), near(0.005)]
        };
        for (sign, bent, aside, thumb) in [
            (Some(HandSign::OpenPalm), [3.0; 4], [-8.0, -2.0, 4.0, 10.0], STANDS_OUT),
            (Some(HandSign::Victory), [3.0, 3.0, FIST, FIST], [-9.0, 6.0, 0.0, 0.0], OVER_PALM),
            (Some(HandSign::PointUp), [3.0, FIST, FIST, FIST], NONE, OVER_PALM),
            (Some(HandSign::ThumbUp), [FIST; 4], NONE, UPWARDS),
            (Some(HandSign::Okay), [38.0, 2.0, 2.0, 2.0], [0.0, 0.0, 4.0, 8.0], touching),
            // A fist; two fingers held together; four fingers; the little one alone; a thumb aside.
            (None, [FIST; 4], NONE, OVER_PALM),
            (None, [3.0, 3.0, FIST, FIST], NONE, OVER_PALM),
            (None, [3.0; 4], NONE, OVER_PALM),
            (None, [FIST, FIST, FIST, 3.0], NONE, OVER_PALM),
            (None, [FIST; 4], NONE, STANDS_OUT),
        ] {
            assert_eq!(of(&hand(bent, aside, thumb)), sign, "{bent:?} {aside:?}");
        }
    }

    #[test]
    fn a_finger_that_points_down_does_not_point_up() {
        let mut down = hand([3.0, FIST, FIST, FIST], NONE, OVER_PALM);
        for joint in &mut down.joints {
            (joint[0], joint[1]) = (-joint[0], -joint[1]);
        }
        assert_eq!(of(&down), None);
    }

    proptest! {
        #[test]
        fn no_joints_make_it_panic(joints in prop::array::uniform32(prop::array::uniform3(any::<f32>()))) {
            let joints = std::array::from_fn(|n| joints[n]);
            let _ = of(&Hand { present: 1.0, points: [Point::new(0.0, 0.0); 21], joints });
        }
    }
}
