//! Reads what detectors of BlazeFace's kind say: anchors, boxes, points, and which boxes are one thing.

use ndarray::ArrayD;
use shiren_core::see::Point;

/// Where such a network's anchors stand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Anchors {
    /// Cells of the input's side in pixels, and anchors in each cell, of the heads.
    pub(crate) heads: [(usize, usize); 2],
    /// Whether the heads' numbers come in one output, the first head's first; else each head has its own.
    pub(crate) joined: bool,
}

/// Those of npm `human`'s `blazeface` model: 16×16×2 + 8×8×6 for 256 pixels.
pub(super) const FACES: Anchors = Anchors { heads: [(16, 2), (32, 6)], joined: false };

/// Boxes that overlap more than this (intersection over union) are the same thing.
const SAME: f32 = 0.3;
/// No more boxes than this are looked at: a broken model must not cost seconds.
const MOST_BOXES: usize = 300;
/// What is smaller than this, in pixels of the network's input, is nothing.
const SMALLEST: f32 = 4.0;

/// A box that the network gave, in pixels of its square input, with as many points as it marks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct RawBox<const POINTS: usize> {
    pub(crate) score: f32,
    pub(crate) centre: Point,
    pub(crate) width: f32,
    pub(crate) height: f32,
    /// Of a face: image-left eye, image-right eye, nose, mouth, image-left ear, image-right ear.
    pub(crate) points: [Point; POINTS],
}

/// Everything scored above `threshold`, best first, each thing once. `side`: of the input. The error says what
/// about the outputs is not as it must be.
pub(crate) fn read<const POINTS: usize>(
    outputs: &[ArrayD<f32>],
    anchors: Anchors,
    side: usize,
    threshold: f32,
) -> Result<Vec<RawBox<POINTS>>, String> {
    // Centre offset, size, points.
    let width = 4 + 2 * POINTS;
    let counts = anchors.heads.map(|(stride, per_cell)| (side / stride) * (side / stride) * per_cell);
    let mut boxes = Vec::new();
    for (head, (stride, per_cell)) in anchors.heads.into_iter().enumerate() {
        let (all, first) =
            if anchors.joined { (counts[0] + counts[1], head * counts[0]) } else { (counts[head], 0) };
        let scores = &output(outputs, all, 1)?[first..first + counts[head]];
        let numbers = &output(outputs, all, width)?[first * width..(first + counts[head]) * width];
        let cells = side / stride;
        for (i, (logit, numbers)) in scores.iter().zip(numbers.chunks_exact(width)).enumerate() {
            let score = 1.0 / (1.0 + (-logit).exp());
            if score > threshold {
                let cell = i / per_cell;
                let middle = |c: usize| (c as f32 + 0.5) * stride as f32;
                let anchor = Point::new(middle(cell % cells), middle(cell / cells));
                boxes.extend(decode(score, anchor, numbers, side as f32));
            }
        }
    }
    Ok(merge(boxes))
}

/// The one output of `anchors` × `numbers`.
fn output(outputs: &[ArrayD<f32>], anchors: usize, numbers: usize) -> Result<&[f32], String> {
    outputs
        .iter()
        .find(|o| o.shape().last() == Some(&numbers) && o.len() == anchors * numbers)
        .and_then(|o| o.as_slice())
        .ok_or_else(|| {
            let shapes: Vec<_> = outputs.iter().map(|o| o.shape()).collect();
            format!("no output of {anchors}×{numbers} among {shapes:?}")
        })
}

fn decode<const POINTS: usize>(score: f32, anchor: Point, n: &[f32], side: f32) -> Option<RawBox<POINTS>> {
    let at = |i: usize| Point::new(anchor.x + n[i], anchor.y + n[i + 1]);
    let found = RawBox {
        score,
        centre: at(0),
        width: n[2],
        height: n[3],
        points: std::array::from_fn(|k| at(4 + 2 * k)),
    };
    let finite = n.iter().all(|v| v.is_finite() && v.abs() < 4.0 * side);
    let sized = |v: f32| (SMALLEST..=2.0 * side).contains(&v);
    (finite && sized(found.width) && sized(found.height)).then_some(found)
}

/// Weighted non-maximum suppression: boxes that overlap the best one are averaged with it by their scores.
fn merge<const POINTS: usize>(mut boxes: Vec<RawBox<POINTS>>) -> Vec<RawBox<POINTS>> {
    boxes.sort_by(|a, b| b.score.total_cmp(&a.score));
    boxes.truncate(MOST_BOXES);
    let mut things = Vec::new();
    while let Some(best) = boxes.first().copied() {
        let (same, rest): (Vec<_>, Vec<_>) =
            boxes.into_iter().partition(|b| overlap(&best, b) > SAME || *b == best);
        things.push(mean(best.score, &same));
        boxes = rest;
    }
    things
}

fn mean<const POINTS: usize>(score: f32, boxes: &[RawBox<POINTS>]) -> RawBox<POINTS> {
    let total: f32 = boxes.iter().map(|b| b.score).sum();
    let of = |value: &dyn Fn(&RawBox<POINTS>) -> f32| {
        boxes.iter().map(|b| value(b) * b.score).sum::<f32>() / total
    };
    let point = |p: &dyn Fn(&RawBox<POINTS>) -> Point| Point::new(of(&|b| p(b).x), of(&|b| p(b).y));
    RawBox {
        score,
        centre: point(&|b| b.centre),
        width: of(&|b| b.width),
        height: of(&|b| b.height),
        points: std::array::from_fn(|k| point(&|b| b.points[k])),
    }
}

/// Intersection over union.
fn overlap<const POINTS: usize>(a: &RawBox<POINTS>, b: &RawBox<POINTS>) -> f32 {
    let common = |ca: f32, sa: f32, cb: f32, sb: f32| {
        ((ca + sa / 2.0).min(cb + sb / 2.0) - (ca - sa / 2.0).max(cb - sb / 2.0)).max(0.0)
    };
    let both =
        common(a.centre.x, a.width, b.centre.x, b.width) * common(a.centre.y, a.height, b.centre.y, b.height);
    both / (a.width * a.height + b.width * b.height - both)
}

#[cfg(test)]
mod tests {
    use ndarray::Array3;
    use proptest::prelude::*;

    use super::*;

    /// Outputs for a 64-pixel input: 4×4×2 and 2×2×6 anchors, all saying no.
    fn silent() -> Vec<ArrayD<f32>> {
        let filled = |n, k, v| Array3::from_elem((1, n, k), v).into_dyn();
        vec![filled(32, 1, -9.0), filled(32, 16, 0.0), filled(24, 1, -9.0), filled(24, 16, 0.0)]
    }

    fn faces(outputs: &[ArrayD<f32>], side: usize) -> Result<Vec<RawBox<6>>, String> {
        read(outputs, FACES, side, 0.3)
    }

    fn speak(outputs: &mut [ArrayD<f32>], head: usize, anchor: usize, logit: f32, numbers: &[f32]) {
        outputs[2 * head][[0, anchor, 0]] = logit;
        for (i, v) in numbers.iter().enumerate() {
            outputs[2 * head + 1][[0, anchor, i]] = *v;
        }
    }

    #[test]
    fn a_box_stands_where_its_anchor_says() {
        let mut outputs = silent();
        // Head of stride 16, cell (row 2, column 1), its second anchor: middle at (24, 40).
        speak(&mut outputs, 0, (2 * 4 + 1) * 2 + 1, 2.0, &[1.0, -2.0, 20.0, 24.0, -5.0, -6.0]);
        let faces = faces(&outputs, 64).unwrap();
        assert_eq!(faces.len(), 1);
        let face = faces[0];
        assert!(face.centre.distance(Point::new(25.0, 38.0)) < 1e-3, "{face:?}");
        assert!(Point::new(face.width, face.height).distance(Point::new(20.0, 24.0)) < 1e-3, "{face:?}");
        assert!(face.points[0].distance(Point::new(19.0, 34.0)) < 1e-3, "{face:?}");
        assert!((face.score - 0.880_797).abs() < 1e-5);
    }

    #[test]
    fn boxes_of_one_face_are_averaged_by_score_and_others_stay_apart() {
        let mut outputs = silent();
        speak(&mut outputs, 0, 0, 3.0, &[2.0, 2.0, 20.0, 20.0]);
        speak(&mut outputs, 0, 1, 3.0, &[4.0, 2.0, 20.0, 20.0]);
        speak(&mut outputs, 1, 23, 1.0, &[0.0, 0.0, 10.0, 10.0]);
        let faces = faces(&outputs, 64).unwrap();
        assert_eq!(faces.len(), 2);
        assert!((faces[0].centre.x - 11.0).abs() < 1e-4, "between 10 and 12");
        assert!(faces[1].centre.distance(Point::new(48.0, 48.0)) < 1e-3);
    }

    #[test]
    fn a_face_below_the_threshold_is_none() {
        let mut outputs = silent();
        speak(&mut outputs, 0, 5, -1.0, &[0.0, 0.0, 20.0, 20.0]);
        assert_eq!(faces(&outputs, 64), Ok(vec![]));
    }

    #[test]
    fn heads_in_one_output_stand_one_after_the_other() {
        let anchors = Anchors { heads: [(16, 2), (32, 6)], joined: true };
        let mut outputs =
            vec![Array3::from_elem((1, 56, 1), -9.0).into_dyn(), Array3::zeros((1, 56, 18)).into_dyn()];
        // Head of stride 32, cell (row 1, column 0), its first anchor: middle at (16, 48).
        let anchor = 32 + 2 * 6;
        outputs[0][[0, anchor, 0]] = 2.0;
        for (i, v) in [1.0, -2.0, 20.0, 24.0].into_iter().enumerate() {
            outputs[1][[0, anchor, i]] = v;
        }
        let palms: Vec<RawBox<7>> = read(&outputs, anchors, 64, 0.3).unwrap();
        assert_eq!(palms.len(), 1);
        assert!(palms[0].centre.distance(Point::new(17.0, 46.0)) < 1e-3, "{palms:?}");
        assert!(palms[0].points[6].distance(Point::new(16.0, 48.0)) < 1e-3, "{palms:?}");
    }

    #[test]
    fn outputs_of_another_shape_are_refused() {
        let error = faces(&silent(), 128).unwrap_err();
        assert!(error.contains("128×1"), "{error}");
    }

    proptest! {
        #[test]
        fn whatever_the_network_says_nothing_breaks(
            values in prop::collection::vec(prop_oneof![any::<f32>(), -3f32..3.0, Just(f32::NAN)], 56 * 17)
        ) {
            let mut outputs = silent();
            let mut next = values.into_iter();
            for o in &mut outputs {
                o.mapv_inplace(|_| next.next().unwrap());
            }
            for face in faces(&outputs, 64).unwrap() {
                prop_assert!(face.score > 0.3 && face.score <= 1.0);
                prop_assert!(face.centre.x.is_finite() && face.width >= SMALLEST - 0.01);
            }
        }

        #[test]
        fn no_two_faces_that_remain_are_the_same(
            at in prop::collection::vec((-20f32..20.0, -20f32..20.0, 8f32..40.0, -2f32..4.0), 32)
        ) {
            let mut outputs = silent();
            for (i, (dx, dy, size, logit)) in at.into_iter().enumerate() {
                speak(&mut outputs, 0, i, logit, &[dx, dy, size, size]);
            }
            let faces = faces(&outputs, 64).unwrap();
            prop_assert!(faces.is_sorted_by(|a, b| a.score >= b.score));
            prop_assert!(faces.len() <= 32);
        }
    }
}
