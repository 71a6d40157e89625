//! Networks for tests, which see drawn faces: a red dot is the left eye, a green one the right eye.

use std::sync::Arc;

use image::{Rgb, RgbImage};
use ndarray::{ArrayD, ArrayViewD, IxDyn};
use shiren_core::see::Point;

use super::reader::{FaceModels, SecondRecogniser};
use super::similarity::Similarity;
use crate::pack::{Model, ModelError};

/// A picture with one drawn face: eyes `distance` pixels apart, `centre` between them, the line through them
/// turned by `angle` (radians, clockwise).
pub(super) fn drawn(w: u32, h: u32, centre: Point, distance: f32, angle: f32) -> RgbImage {
    let mut picture = RgbImage::from_pixel(w, h, Rgb([90, 90, 90]));
    draw(&mut picture, centre, distance, angle);
    picture
}

/// Adds a face to a picture.
pub(super) fn draw(picture: &mut RgbImage, centre: Point, distance: f32, angle: f32) {
    let placed = Similarity::about(Point::new(0.0, 0.0), centre, distance, angle);
    let dot = distance * 0.2;
    for (x, colour) in [(-0.5, Rgb([255, 0, 0])), (0.5, Rgb([0, 255, 0]))] {
        let eye = placed.apply(Point::new(x, 0.0));
        for (px, py, pixel) in picture.enumerate_pixels_mut() {
            if eye.distance(Point::new(px as f32 + 0.5, py as f32 + 0.5)) <= dot {
                *pixel = colour;
            }
        }
    }
}

/// Middle of all pixels of `[1, 3, h, w]` in which one channel is far above the other two.
fn dot(input: &ArrayViewD<'_, f32>, channel: usize, range: f32) -> Option<Point> {
    let (h, w) = (input.shape()[2], input.shape()[3]);
    let (mut x_sum, mut y_sum, mut n) = (0.0, 0.0, 0.0);
    for y in 0..h {
        for x in 0..w {
            let value = |c: usize| input[[0, c, y, x]];
            let others = value((channel + 1) % 3).max(value((channel + 2) % 3));
            if value(channel) - others > 0.3 * range {
                (x_sum, y_sum, n) = (x_sum + x as f32 + 0.5, y_sum + y as f32 + 0.5, n + 1.0);
            }
        }
    }
    (n > 0.0).then(|| Point::new(x_sum / n, y_sum / n))
}

/// Sees a face whose eyes are level, the red one on the left, and at least 12 pixels apart.
struct Detector;

impl Model for Detector {
    fn run(&self, input: ArrayViewD<'_, f32>) -> Result<Vec<ArrayD<f32>>, ModelError> {
        let side = input.shape()[2];
        let (cells, anchors) = (side / 16, side / 16 * (side / 16) * 2);
        let small = side / 32 * (side / 32) * 6;
        let mut scores = ArrayD::from_elem(IxDyn(&[1, anchors, 1]), -9.0);
        let mut numbers = ArrayD::zeros(IxDyn(&[1, anchors, 16]));
        if let (Some(l), Some(r)) = (dot(&input, 0, 2.0), dot(&input, 1, 2.0)) {
            let distance = r.x - l.x;
            if distance >= 12.0 && (r.y - l.y).abs() < 0.5 * distance {
                let middle = Point::new((l.x + r.x) / 2.0, (l.y + r.y) / 2.0 + 0.3 * distance);
                let (column, row) = ((middle.x / 16.0) as usize, (middle.y / 16.0) as usize);
                let anchor = (row.min(cells - 1) * cells + column.min(cells - 1)) * 2;
                let (ax, ay) =
                    (column.min(cells - 1) as f32 * 16.0 + 8.0, row.min(cells - 1) as f32 * 16.0 + 8.0);
                scores[[0, anchor, 0]] = 3.0;
                let box_side = 2.2 * distance;
                let values = [
                    middle.x - ax,
                    middle.y - ay,
                    box_side,
                    box_side,
                    l.x - ax,
                    l.y - ay,
                    r.x - ax,
                    r.y - ay,
                ];
                for (i, v) in values.into_iter().enumerate() {
                    numbers[[0, anchor, i]] = v;
                }
            }
        }
        let other_scores = ArrayD::from_elem(IxDyn(&[1, small, 1]), -9.0);
        Ok(vec![scores, other_scores, numbers, ArrayD::zeros(IxDyn(&[1, small, 16]))])
    }
}

/// Lays every point of the mesh on an oval below the eyes, and the rings of the eyes on the dots.
struct Mesh;

impl Model for Mesh {
    fn run(&self, input: ArrayViewD<'_, f32>) -> Result<Vec<ArrayD<f32>>, ModelError> {
        let mut points = ArrayD::zeros(IxDyn(&[1, 1404, 1, 1]));
        let eyes = dot(&input, 0, 1.0).zip(dot(&input, 1, 1.0));
        if let Some((l, r)) = eyes {
            let unit = Similarity::fit(&[Point::new(-0.5, 0.0), Point::new(0.5, 0.0)], &[l, r]);
            for i in 0..468 {
                let p = mesh_point(i);
                let p = unit.map_or(p, |u| u.apply(p));
                points[[0, 3 * i, 0, 0]] = p.x;
                points[[0, 3 * i + 1, 0, 0]] = p.y;
            }
        }
        let sure = if eyes.is_some() { 18.0 } else { -9.0 };
        Ok(vec![points, ArrayD::from_elem(IxDyn(&[1, 1, 1, 1]), sure)])
    }
}

/// A frontal face in eye distances, between the eyes at the origin.
fn mesh_point(i: usize) -> Point {
    const LEFT: [usize; 16] = [33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246];
    const RIGHT: [usize; 16] =
        [263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466];
    let ring = |place: usize, middle: f32| {
        let angle = place as f32 / 16.0 * std::f32::consts::TAU;
        Point::new(middle - 0.2 * angle.cos(), 0.08 * angle.sin())
    };
    if let Some(place) = LEFT.iter().position(|p| *p == i) {
        return ring(place, -0.5);
    }
    if let Some(place) = RIGHT.iter().position(|p| *p == i) {
        let Point { x, y } = ring(place, -0.5);
        return Point::new(-x, y);
    }
    match i {
        1 => Point::new(0.0, 0.6),
        61 => Point::new(-0.4, 1.1),
        291 => Point::new(0.4, 1.1),
        10 => Point::new(0.0, -0.9),
        152 => Point::new(0.0, 1.8),
        _ => {
            let angle = i as f32 / 468.0 * std::f32::consts::TAU;
            Point::new(1.05 * angle.cos(), 0.45 + 1.3 * angle.sin())
        }
    }
}

/// Answers with as many numbers as it is told: the mean of the picture's left half in the even places, of
/// its right half in the odd ones.
struct Halves(usize);

impl Model for Halves {
    fn run(&self, input: ArrayViewD<'_, f32>) -> Result<Vec<ArrayD<f32>>, ModelError> {
        let w = input.shape()[3];
        let mut sums = [0f32; 2];
        for (place, value) in input.indexed_iter() {
            sums[usize::from(place[3] >= w / 2)] += value + 200.0;
        }
        let n = input.len() as f32 / 2.0;
        Ok(vec![ArrayD::from_shape_fn(IxDyn(&[1, self.0]), |p| sums[p[1] % 2] / n)])
    }
}

/// A network that always answers the same.
pub(super) struct Always(pub(super) Vec<ArrayD<f32>>);

impl Model for Always {
    fn run(&self, _: ArrayViewD<'_, f32>) -> Result<Vec<ArrayD<f32>>, ModelError> {
        Ok(self.0.clone())
    }
}

/// The drawn world, with the default recognisers.
pub(super) fn models() -> FaceModels {
    FaceModels {
        detector: Arc::new(Detector),
        mesh: Arc::new(Mesh),
        recogniser: Arc::new(Halves(128)),
        second: SecondRecogniser::Features(Arc::new(Halves(1024))),
    }
}

/// The same with MobileFace V2.
pub(super) fn models_with_mobileface() -> FaceModels {
    FaceModels { second: SecondRecogniser::MobileFace(Arc::new(Halves(256))), ..models() }
}
