//! Reads what the palm detector says.

use ndarray::ArrayD;
use shiren_core::see::Point;

/// Cells of the input's side in pixels, and anchors in each (MediaPipe's `palm_detection`: strides 8, 16, 16, 16 with two
/// each, for 192 pixels).
const HEADS: [(usize, usize); 2] = [(8, 2), (16, 6)];
/// Numbers for each anchor: centre offset, size, seven points.
const NUMBERS: usize = 18;
/// A palm is one from this probability on.
const SURE: f32 = 0.5;
/// Where the wrist and the root of the middle finger stand among the points.
const WRIST: usize = 0;
const MIDDLE: usize = 2;

/// A palm, in pixels of the network's input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Palm {
    pub(super) centre: Point,
    /// The longer side of its box.
    pub(super) side: f32,
    wrist: Point,
    middle: Point,
}

impl Palm {
    /// Clockwise from upright, radians.
    pub(super) fn angle(&self) -> f32 {
        (self.middle.x - self.wrist.x).atan2(self.wrist.y - self.middle.y)
    }
}

/// The surest palm, if one is sure enough. The error says what about the outputs is not as it must be.
pub(super) fn surest(outputs: &[ArrayD<f32>], side: f32) -> Result<Option<Palm>, String> {
    let anchors: Vec<Point> = HEADS.into_iter().flat_map(|head| anchors(head, side as usize)).collect();
    let find = |numbers: usize| {
        let len = anchors.len() * numbers;
        outputs.iter().find(|o| o.len() == len).and_then(|o| o.as_slice()).ok_or(format!("no output of {len}"))
    };
    let (numbers, logits) = (find(NUMBERS)?, find(1)?);
    let best = logits.iter().enumerate().filter(|(_, l)| l.is_finite()).max_by(|a, b| a.1.total_cmp(b.1));
    let Some((i, logit)) = best else { return Ok(None) };
    let n = &numbers[i * NUMBERS..(i + 1) * NUMBERS];
    let sized = n[2].min(n[3]) > 2.0 && n[2].max(n[3]) < 2.0 * side;
    if 1.0 / (1.0 + (-logit).exp()) < SURE || !sized || n.iter().any(|v| !v.is_finite()) {
        return Ok(None);
    }
    let at = |k: usize| Point::new(anchors[i].x + n[k], anchors[i].y + n[k + 1]);
    let (wrist, middle) = (at(4 + 2 * WRIST), at(4 + 2 * MIDDLE));
    Ok(Some(Palm { centre: at(0), side: n[2].max(n[3]), wrist, middle }))
}

/// Middles of a head's cells, row by row, each as often as it has anchors.
fn anchors((stride, per_cell): (usize, usize), side: usize) -> impl Iterator<Item = Point> {
    let cells = side / stride;
    let middle = move |c: usize| (c as f32 + 0.5) * stride as f32;
    (0..cells * cells * per_cell).map(move |i| {
        let cell = i / per_cell;
        Point::new(middle(cell % cells), middle(cell / cells))
    })
}

#[cfg(test)]
mod tests {
    use ndarray::Array3;

    use super::*;

    fn outputs(anchor: usize, logit: f32, numbers: &[f32]) -> Vec<ArrayD<f32>> {
        let mut boxes = Array3::<f32>::zeros((1, 2016, NUMBERS));
        let mut logits = Array3::<f32>::from_elem((1, 2016, 1), -9.0);
        logits[[0, anchor, 0]] = logit;
        numbers.iter().enumerate().for_each(|(k, v)| boxes[[0, anchor, k]] = *v);
        vec![boxes.into_dyn(), logits.into_dyn()]
    }

    #[test]
    fn a_palm_stands_where_its_anchor_says_and_points_from_the_wrist_to_the_middle_finger() {
        // The second head begins after 24 × 24 × 2; its cell in row 3, column 5 has its middle at (88, 56).
        let anchor = 1152 + 6 * (3 * 12 + 5) + 4;
        let mut numbers = [0.0; NUMBERS];
        numbers[..10].copy_from_slice(&[2.0, -1.0, 40.0, 50.0, 0.0, 20.0, 0.0, 0.0, 20.0, 0.0]);
        let palm = surest(&outputs(anchor, 3.0, &numbers), 192.0).unwrap().unwrap();
        assert_eq!((palm.centre, palm.side), (Point::new(90.0, 55.0), 50.0));
        assert!((palm.angle() - 45f32.to_radians()).abs() < 1e-6, "{}", palm.angle());
    }

    #[test]
    fn nothing_sure_is_no_palm_and_other_outputs_are_an_error() {
        assert_eq!(surest(&outputs(7, -0.1, &[0.0, 0.0, 40.0, 40.0]), 192.0), Ok(None));
        assert_eq!(surest(&outputs(7, 5.0, &[0.0, 0.0, f32::NAN, 40.0]), 192.0), Ok(None));
        assert!(surest(&outputs(7, 5.0, &[])[..1], 192.0).is_err());
    }
}
