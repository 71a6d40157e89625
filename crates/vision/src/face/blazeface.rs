//! Reads what the BlazeFace network says: anchors, boxes, six points, and which boxes are one face.

use ndarray::ArrayD;
use shiren_core::see::Point;

/// Cells of the input's side in pixels, and anchors in each cell, of the two heads (npm `human`, its
/// `blazeface` model: 16×16×2 + 8×8×6 anchors for 256 pixels).
const HEADS: [(usize, usize); 2] = [(16, 2), (32, 6)];
/// Numbers for each anchor: centre offset, size, six points.
const NUMBERS: usize = 16;
/// Boxes that overlap more than this (intersection over union) are the same face.
const SAME_FACE: f32 = 0.3;
/// No more boxes than this are looked at: a broken model must not cost seconds.
const MOST_BOXES: usize = 300;
/// A face smaller than this, in pixels of the network's input, is none.
const SMALLEST: f32 = 4.0;

/// A box that the network gave, in pixels of its square input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct RawBox {
    pub(super) score: f32,
    pub(super) centre: Point,
    pub(super) width: f32,
    pub(super) height: f32,
    /// Image-left eye, image-right eye, nose, mouth, image-left ear, image-right ear.
    pub(super) points: [Point; 6],
}

/// All faces scored above `threshold`, best first, each one once. `side`: of the input. The error says what
/// about the outputs is not as it must be.
pub(super) fn read(outputs: &[ArrayD<f32>], side: usize, threshold: f32) -> Result<Vec<RawBox>, String> {
    let mut boxes = Vec::new();
    for (stride, per_cell) in HEADS {
        let cells = side / stride;
        let anchors = cells * cells * per_cell;
        let scores = output(outputs, anchors, 1)?;
        let numbers = output(outputs, anchors, NUMBERS)?;
        for (i, logit) in scores.iter().enumerate() {
            let score = 1.0 / (1.0 + (-logit).exp());
            if score > threshold {
                let cell = i / per_cell;
                let middle = |c: usize| (c as f32 + 0.5) * stride as f32;
                let anchor = Point::new(middle(cell % cells), middle(cell / cells));
                boxes.extend(decode(score, anchor, &numbers[i * NUMBERS..(i + 1) * NUMBERS], side as f32));
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

fn decode(score: f32, anchor: Point, n: &[f32], side: f32) -> Option<RawBox> {
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
fn merge(mut boxes: Vec<RawBox>) -> Vec<RawBox> {
    boxes.sort_by(|a, b| b.score.total_cmp(&a.score));
    boxes.truncate(MOST_BOXES);
    let mut faces = Vec::new();
    while let Some(best) = boxes.first().copied() {
        let (same, rest): (Vec<_>, Vec<_>) =
            boxes.into_iter().partition(|b| overlap(&best, b) > SAME_FACE || *b == best);
        faces.push(mean(best.score, &same));
        boxes = rest;
    }
    faces
}

fn mean(score: f32, boxes: &[RawBox]) -> RawBox {
    let total: f32 = boxes.iter().map(|b| b.score).sum();
    let of = |value: &dyn Fn(&RawBox) -> f32| boxes.iter().map(|b| value(b) * b.score).sum::<f32>() / total;
    let point = |p: &dyn Fn(&RawBox) -> Point| Point::new(of(&|b| p(b).x), of(&|b| p(b).y));
    RawBox {
        score,
        centre: point(&|b| b.centre),
        width: of(&|b| b.width),
        height: of(&|b| b.height),
        points: std::array::from_fn(|k| point(&|b| b.points[k])),
    }
}

/// Intersection over union.
fn overlap(a: &RawBox, b: &RawBox) -> f32 {
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
        let faces = read(&outputs, 64, 0.3).unwrap();
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
        let faces = read(&outputs, 64, 0.3).unwrap();
        assert_eq!(faces.len(), 2);
        assert!((faces[0].centre.x - 11.0).abs() < 1e-4, "between 10 and 12");
        assert!(faces[1].centre.distance(Point::new(48.0, 48.0)) < 1e-3);
    }

    #[test]
    fn a_face_below_the_threshold_is_none() {
        let mut outputs = silent();
        speak(&mut outputs, 0, 5, -1.0, &[0.0, 0.0, 20.0, 20.0]);
        assert_eq!(read(&outputs, 64, 0.3), Ok(vec![]));
    }

    #[test]
    fn outputs_of_another_shape_are_refused() {
        let error = read(&silent(), 128, 0.3).unwrap_err();
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
            for face in read(&outputs, 64, 0.3).unwrap() {
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
            let faces = read(&outputs, 64, 0.3).unwrap();
            prop_assert!(faces.is_sorted_by(|a, b| a.score >= b.score));
            prop_assert!(faces.len() <= 32);
        }
    }
}
