//! Where lines of text are: the probability map of a DB network, turned into slanted boxes.

use image::RgbImage;
use shiren_core::see::{Point, Region};

use super::tensor::bgr;
use crate::pack::{Model, ModelError};

/// Width and height of the network's input must be multiples of this.
pub const STEP: u32 = 32;
/// A pixel at least this likely to be text belongs to a line (PP-OCR's own default).
const PIXEL: f32 = 0.3;
/// The mean over a line must reach this (PP-OCR's own default).
const LINE: f32 = 0.5;
/// The network is trained on shrunken lines; grown back by area × this / perimeter (PP-OCR's own default).
const UNCLIP: f32 = 1.6;
/// More lines than this are noise; the likeliest would be kept by no reader.
const MOST_LINES: usize = 300;

/// Finds the lines in `view`, whose sides must be multiples of [`STEP`]; boxes are in its pixels, each
/// starting at the end of the line from which it would be read if the view stands upright.
pub fn lines(model: &dyn Model, view: &RgbImage) -> Result<Vec<Region>, ModelError> {
    let outputs = model.run(bgr(view).view())?;
    let (w, h) = (view.width() as usize, view.height() as usize);
    let map = outputs.first().filter(|m| m.len() == w * h).ok_or_else(|| ModelError {
        model: "text-detector".into(),
        detail: "gave no map of its input's size".into(),
    })?;
    let map: Vec<f32> = map.iter().copied().collect();
    let mut found = Vec::new();
    for blob in blobs(&map, w, h) {
        if let Some(region) = slanted_box(&blob.edge)
            && blob.mean >= LINE
        {
            let (bw, bh) = (region.width(), region.height());
            if bw.min(bh) < 2.5 {
                continue;
            }
            found.push(grown(&region, bw * bh * UNCLIP / (2.0 * (bw + bh))));
        }
        if found.len() == MOST_LINES {
            break;
        }
    }
    Ok(found)
}

/// A connected patch of likely pixels.
struct Blob {
    /// First and last pixel of each of its rows: enough to find its hull.
    edge: Vec<Point>,
    mean: f32,
}

fn blobs(map: &[f32], w: usize, h: usize) -> Vec<Blob> {
    let mut seen = vec![false; map.len()];
    let mut out = Vec::new();
    let mut stack = Vec::new();
    for start in 0..map.len() {
        if seen[start] || map[start].is_nan() || map[start] < PIXEL {
            continue;
        }
        seen[start] = true;
        stack.push(start);
        let (mut sum, mut n) = (0.0, 0.0);
        let mut rows: std::collections::BTreeMap<usize, (usize, usize)> = Default::default();
        while let Some(i) = stack.pop() {
            let (x, y) = (i % w, i / w);
            sum += map[i];
            n += 1.0;
            let row = rows.entry(y).or_insert((x, x));
            *row = (row.0.min(x), row.1.max(x));
            for ny in y.saturating_sub(1)..=(y + 1).min(h - 1) {
                for nx in x.saturating_sub(1)..=(x + 1).min(w - 1) {
                    let j = ny * w + nx;
                    if !seen[j] && map[j] >= PIXEL {
                        seen[j] = true;
                        stack.push(j);
                    }
                }
            }
        }
        let edge = rows
            .into_iter()
            .flat_map(|(y, (a, b))| {
                let y = y as f32;
                [[a as f32, y], [b as f32 + 1.0, y], [a as f32, y + 1.0], [b as f32 + 1.0, y + 1.0]]
            })
            .map(Point::from)
            .collect();
        out.push(Blob { edge, mean: sum / n });
    }
    out
}

/// The smallest rectangle around points, at any slant (one of its sides lies on the convex hull).
fn slanted_box(points: &[Point]) -> Option<Region> {
    let hull = hull(points);
    let mut best: Option<(f32, Region)> = None;
    for i in 0..hull.len() {
        let (a, b) = (hull[i], hull[(i + 1) % hull.len()]);
        let length = a.distance(b);
        if length < 1e-3 {
            continue;
        }
        let (ux, uy) = ((b.x - a.x) / length, (b.y - a.y) / length);
        let (mut u0, mut u1, mut v0, mut v1) = (f32::MAX, f32::MIN, f32::MAX, f32::MIN);
        for p in &hull {
            let (u, v) = (p.x * ux + p.y * uy, -p.x * uy + p.y * ux);
            (u0, u1, v0, v1) = (u0.min(u), u1.max(u), v0.min(v), v1.max(v));
        }
        let area = (u1 - u0) * (v1 - v0);
        if best.as_ref().is_none_or(|(least, _)| area < *least) {
            let corner = |u: f32, v: f32| Point::new(u * ux - v * uy, u * uy + v * ux);
            best = Some((area, Region([corner(u0, v0), corner(u1, v0), corner(u1, v1), corner(u0, v1)])));
        }
    }
    best.map(|(_, r)| reading_order(r))
}

/// Andrew's monotone chain.
fn hull(points: &[Point]) -> Vec<Point> {
    let mut sorted = points.to_vec();
    sorted.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    let turn = |o: Point, a: Point, b: Point| (a.x - o.x) * (b.y - o.y) - (a.y - o.y) * (b.x - o.x);
    let half = |points: &mut dyn Iterator<Item = Point>| {
        let mut chain: Vec<Point> = Vec::new();
        for p in points {
            while chain.len() >= 2 && turn(chain[chain.len() - 2], chain[chain.len() - 1], p) <= 0.0 {
                chain.pop();
            }
            chain.push(p);
        }
        chain.pop();
        chain
    };
    let mut out = half(&mut sorted.iter().copied());
    out.extend(half(&mut sorted.iter().rev().copied()));
    out
}

/// Turns the corners so that the long side runs as nearly to the right as it can.
fn reading_order(r: Region) -> Region {
    let mut c = r.clockwise().0;
    if c[0].distance(c[1]) < c[1].distance(c[2]) {
        c.rotate_left(1);
    }
    if c[1].x < c[0].x {
        c.rotate_left(2);
    }
    Region(c)
}

/// Moves every side outwards by `by` pixels.
fn grown(r: &Region, by: f32) -> Region {
    let [a, b, _, d] = r.0;
    let unit = |p: Point, q: Point| {
        let l = p.distance(q).max(1e-3);
        ((q.x - p.x) / l * by, (q.y - p.y) / l * by)
    };
    let ((ux, uy), (vx, vy)) = (unit(a, b), unit(a, d));
    let signs = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)];
    Region(std::array::from_fn(|i| {
        let (s, t) = signs[i];
        Point::new(r.0[i].x + s * ux + t * vx, r.0[i].y + s * uy + t * vy)
    }))
}

#[cfg(test)]
mod tests {
    use ndarray::{ArrayD, ArrayViewD};

    use super::*;

    /// Answers with a map that the test has drawn.
    struct Drawn(ArrayD<f32>);

    impl Model for Drawn {
        fn run(&self, _: ArrayViewD<'_, f32>) -> Result<Vec<ArrayD<f32>>, ModelError> {
            Ok(vec![self.0.clone()])
        }
    }

    fn map(draw: impl Fn(f32, f32) -> f32) -> Drawn {
        Drawn(ArrayD::from_shape_fn(vec![1, 1, 64, 128], |i| draw(i[3] as f32, i[2] as f32)))
    }

    #[test]
    fn two_bars_are_two_lines_grown_a_little() {
        let m = map(|x, y| {
            if (20.0..100.0).contains(&x) && (y - 20.0).abs().min((y - 44.0).abs()) < 4.0 { 0.9 } else { 0.0 }
        });
        let found = lines(&m, &RgbImage::new(128, 64)).unwrap();
        assert_eq!(found.len(), 2);
        let (x, y, w, h) = found[0].bounds();
        assert!(x < 18.0 && y < 15.0 && w > 84.0 && h > 12.0, "{found:?}");
        assert!(found[0].0[0].x < found[0].0[1].x);
    }

    #[test]
    fn a_slanted_bar_is_boxed_along_its_slant() {
        let m = map(
            |x, y| if (20.0..100.0).contains(&x) && (y - 10.0 - x / 3.0).abs() < 5.0 { 0.9 } else { 0.0 },
        );
        let found = lines(&m, &RgbImage::new(128, 64)).unwrap();
        let [a, b, ..] = found[0].0;
        assert!(((b.y - a.y) / (b.x - a.x) - 1.0 / 3.0).abs() < 0.06, "{found:?}");
    }

    #[test]
    fn faint_or_senseless_maps_give_nothing() {
        for v in [0.0, 0.31, f32::NAN] {
            assert!(lines(&map(|_, _| v), &RgbImage::new(128, 64)).unwrap().is_empty());
        }
        assert!(lines(&map(|_, _| 0.9), &RgbImage::new(64, 64)).is_err());
    }
}
