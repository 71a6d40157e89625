//! A face at one size, upright, in grey: what its light, its sharpness and what covers it are measured on.

use image::{GrayImage, RgbImage};
use shiren_core::see::Point;

use super::chip::{Chip, Patch};
use super::mesh::Face;
use super::similarity::Similarity;
use crate::picture::quality;

/// Pixels between the eyes in the view. The recogniser of face-api looks at faces of about this size
/// (57 pixels), so that what does not show here does not matter to it either.
pub(super) const EYE_DISTANCE: f32 = 64.0;
const SIDE: usize = 192;
/// Where the image-left eye lies; the other one is [`EYE_DISTANCE`] to its right.
const LEFT_EYE: Point = Point::new(64.0, 72.0);
/// The outline of the face in the mesh, clockwise from the top of the forehead.
pub(super) const OUTLINE: [usize; 36] = [
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176,
    149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
];

/// Where the middles of the eyes lie in the view.
pub(super) const EYES: [Point; 2] = [LEFT_EYE, Point::new(LEFT_EYE.x + EYE_DISTANCE, LEFT_EYE.y)];

/// The view of one face.
pub(super) struct FaceView {
    grey: GrayImage,
    /// Mesh points in the view.
    points: Vec<Point>,
}

/// An ellipse in the view, its axes along the view's.
#[derive(Clone, Copy)]
pub(super) struct Spot {
    pub(super) centre: Point,
    pub(super) width: f32,
    pub(super) height: f32,
}

impl FaceView {
    /// `None` when the eyes lie in one place.
    pub(super) fn of(picture: &RgbImage, face: &Face) -> Option<Self> {
        let placed = Similarity::fit(&face.eyes(), &EYES)?;
        let chip = Chip::around(picture, face.region().centre(), face.side());
        Some(Self {
            grey: grey(&chip.patch(SIDE, &placed)?),
            points: face.points().iter().map(|p| placed.apply(p.flat())).collect(),
        })
    }

    /// A point of the mesh in the view.
    pub(super) fn point(&self, number: usize) -> Point {
        self.points[number]
    }

    /// The part of the view inside a box around the face.
    pub(super) fn cropped(&self) -> GrayImage {
        let (mut x0, mut y0, mut x1, mut y1) = (f32::MAX, f32::MAX, f32::MIN, f32::MIN);
        for p in OUTLINE.map(|i| self.points[i]) {
            (x0, y0, x1, y1) = (x0.min(p.x), y0.min(p.y), x1.max(p.x), y1.max(p.y));
        }
        let clamp = |v: f32| v.clamp(0.0, SIDE as f32) as u32;
        let (x0, y0, x1, y1) = (clamp(x0), clamp(y0), clamp(x1), clamp(y1));
        image::imageops::crop_imm(&self.grey, x0, y0, x1 - x0, y1 - y0).to_image()
    }

    /// The grey values inside the face's outline, left and right of the line from forehead to chin.
    pub(super) fn halves(&self) -> [Vec<u8>; 2] {
        let outline = OUTLINE.map(|i| self.points[i]);
        let (top, bottom) = (self.points[10], self.points[152]);
        let mut halves = [Vec::new(), Vec::new()];
        for (y, row) in self.grey.as_raw().chunks_exact(SIDE).enumerate() {
            let spans = crossings(&outline, y as f32 + 0.5);
            let share = (y as f32 + 0.5 - top.y) / (bottom.y - top.y);
            let middle = if share.is_finite() { top.x + share * (bottom.x - top.x) } else { top.x };
            for span in spans.chunks_exact(2) {
                for (x, value) in row.iter().enumerate() {
                    let at = x as f32 + 0.5;
                    if at >= span[0] && at < span[1] {
                        halves[usize::from(at >= middle)].push(*value);
                    }
                }
            }
        }
        halves
    }

    /// The mean grey of a disc; what lies outside the view counts as white.
    pub(super) fn mean(&self, centre: Point, radius: f32) -> f32 {
        let (reach, x0, y0) = (radius.ceil() as i32, centre.x.floor() as i32, centre.y.floor() as i32);
        let (mut sum, mut n) = (0.0, 0.0);
        for (dx, dy) in (-reach..=reach).flat_map(|dy| (-reach..=reach).map(move |dx| (dx, dy))) {
            if (dx * dx + dy * dy) as f32 <= radius * radius {
                let at = (u32::try_from(x0 + dx), u32::try_from(y0 + dy));
                let grey = if let (Ok(x), Ok(y)) = at { self.grey.get_pixel_checked(x, y) } else { None };
                sum += grey.map_or(255.0, |p| f32::from(p.0[0]));
                n += 1.0;
            }
        }
        if n > 0.0 { sum / n } else { 255.0 }
    }

    /// The grey values in a spot, sorted.
    pub(super) fn values(&self, spot: Spot) -> Vec<u8> {
        let mut values: Vec<u8> = self
            .grey
            .enumerate_pixels()
            .filter(|(x, y, _)| {
                let dx = (*x as f32 + 0.5 - spot.centre.x) / (spot.width / 2.0);
                let dy = (*y as f32 + 0.5 - spot.centre.y) / (spot.height / 2.0);
                dx * dx + dy * dy < 1.0
            })
            .map(|(_, _, p)| p.0[0])
            .collect();
        values.sort_unstable();
        values
    }
}

/// Where a horizontal line meets a closed outline, from left to right; an even number of places.
fn crossings(outline: &[Point], y: f32) -> Vec<f32> {
    let mut at: Vec<f32> = (0..outline.len())
        .filter_map(|i| {
            let (p, q) = (outline[i], outline[(i + 1) % outline.len()]);
            ((p.y <= y) != (q.y <= y)).then(|| p.x + (y - p.y) / (q.y - p.y) * (q.x - p.x))
        })
        .collect();
    at.sort_by(f32::total_cmp);
    at
}

fn grey(patch: &Patch) -> GrayImage {
    let side = patch.side as u32;
    let rgb = RgbImage::from_fn(side, side, |x, y| {
        let at = (y * side + x) as usize;
        image::Rgb([0, 1, 2].map(|c| patch.plane(c)[at].round() as u8))
    });
    quality::luma(&rgb)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_through_a_shape_enters_it_and_leaves_it() {
        let diamond = [(5.0, 0.0), (10.0, 5.0), (5.0, 10.0), (0.0, 5.0)].map(|(x, y)| Point::new(x, y));
        assert_eq!(crossings(&diamond, 2.5), [2.5, 7.5]);
        assert!(crossings(&diamond, 11.0).is_empty());
        // Through corners: still in and out.
        assert_eq!(crossings(&diamond, 5.0).len() % 2, 0);
    }
}
