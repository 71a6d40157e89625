//! Photographing documents.

use fastrand::Rng;
use image::imageops::{FilterType, resize};
use image::{Rgb, RgbImage};
use shiren_core::see::{Point, Region};

use crate::blur::{gaussian, smear};
use crate::projection::{Place, Projection};
use crate::scene::{Ellipse, Scene};

/// A photograph, and the truth about it.
#[derive(Clone, Debug)]
pub struct Photograph {
    /// What the camera gave.
    pub picture: RgbImage,
    /// The outline of each document, in the order given; corners from the document's own upper left one,
    /// clockwise, in pixels; outside the picture where it is cut off.
    pub outlines: Vec<Region>,
}

/// Photographs documents that lie on a table: one, or several one below the other. The same seed gives the
/// same photograph.
pub fn photograph(documents: &[&RgbImage], scene: &Scene, seed: u64) -> Photograph {
    let rng = &mut Rng::with_seed(seed);
    let lying: Vec<Lying> =
        (0..documents.len()).map(|i| Lying::new(documents[i], scene, (i, documents.len()), rng)).collect();
    let (w, h) = scene.size;
    let light = Lighting::new(scene);
    let scale = w as f32 / 2592.0;
    let mut picture = RgbImage::from_fn(w, h, |x, y| {
        let place = (f64::from(x) + 0.5, f64::from(y) + 0.5);
        let mut colour = scene.table.colour(x as f32, y as f32, scale);
        for document in &lying {
            colour = document.over(colour, place);
        }
        if let (Some(finger), Some(first)) = (scene.finger, lying.first()) {
            let (u, v) = first.back.apply(place);
            colour = under_finger(colour, finger, u as f32, v as f32);
        }
        let light = light.at(x as f32, y as f32);
        Rgb(colour.map(|c| (c * light).round().clamp(0.0, 255.0) as u8))
    });
    if let (Some(glare), Some(first)) = (scene.glare, lying.first()) {
        first.reflect(&mut picture, glare);
    }
    gaussian(&mut picture, scene.blur);
    if let Some(motion) = scene.motion {
        picture = smear(&picture, motion);
    }
    add_noise(&mut picture, scene.noise, rng);
    Photograph { picture, outlines: lying.iter().map(Lying::outline).collect() }
}

/// A document on the table.
struct Lying {
    /// Shrunk to about the size at which it appears, so that fine print does not alias.
    document: RgbImage,
    corners: [Place; 4],
    back: Projection,
    /// Pixels of the photograph for each pixel of the document.
    zoom: f32,
    /// Corner radius in pixels of the document.
    radius: f32,
}

/// Radius of a card's corners as a share of its width: 3.18 of 85.6 mm.
const CORNER: f32 = 3.18 / 85.6;

/// Width of the shadow at a document's edge, as a share of its width.
const SHADOW: f32 = 0.008;

impl Lying {
    fn new(document: &RgbImage, scene: &Scene, (index, count): (usize, usize), rng: &mut Rng) -> Self {
        let corners = corners(document, scene, (index, count), rng);
        let side = |a: Place, b: Place| (a.0 - b.0).hypot(a.1 - b.1);
        let seen = side(corners[0], corners[1]).max(side(corners[3], corners[2])) as f32;
        let shrink = (seen / document.width() as f32).min(1.0);
        let to = |px: u32| ((px as f32 * shrink).round() as u32).max(1);
        let document = resize(document, to(document.width()), to(document.height()), FilterType::Triangle);
        Self {
            back: Projection::of_unit_square(corners).inverse(),
            zoom: seen / document.width() as f32,
            radius: if scene.rounded { document.width() as f32 * CORNER } else { 0.0 },
            document,
            corners,
        }
    }

    fn outline(&self) -> Region {
        Region(self.corners.map(|(x, y)| Point::new(x as f32, y as f32)))
    }

    /// What is seen at a place: the document over what was there, or its shadow on it.
    fn over(&self, below: [f32; 3], place: Place) -> [f32; 3] {
        let (u, v) = self.back.apply(place);
        let (u, v) = (u as f32, v as f32);
        if !(-0.1..=1.1).contains(&u) || !(-0.1..=1.1).contains(&v) {
            return below;
        }
        let (w, h) = (self.document.width() as f32, self.document.height() as f32);
        let outside = edge_distance(u * w, v * h, w, h, self.radius);
        let cover = (0.5 - outside * self.zoom).clamp(0.0, 1.0);
        let shadow = 1.0 - 0.35 * (1.0 - outside / (w * SHADOW)).clamp(0.0, 1.0);
        let below = below.map(|c| c * shadow);
        if cover <= 0.0 {
            return below;
        }
        let paper = sample(&self.document, u * w - 0.5, v * h - 0.5);
        std::array::from_fn(|i| below[i] + (paper[i] - below[i]) * cover)
    }

    /// Burns a reflection into the picture.
    fn reflect(&self, picture: &mut RgbImage, glare: Ellipse) {
        for (x, y, p) in picture.enumerate_pixels_mut() {
            let (u, v) = self.back.apply((f64::from(x) + 0.5, f64::from(y) + 0.5));
            // White to three quarters of the radius, fading out to a quarter beyond it.
            let white = ((1.25 - glare.distance(u as f32, v as f32)) / 0.5).clamp(0.0, 1.0);
            p.0 = p.0.map(|c| (f32::from(c) + (255.0 - f32::from(c)) * white).round() as u8);
        }
    }
}

/// Where the corners of a document fall.
fn corners(document: &RgbImage, scene: &Scene, (index, count): (usize, usize), rng: &mut Rng) -> [Place; 4] {
    let (w, h) = (f64::from(scene.size.0), f64::from(scene.size.1));
    let aspect = f64::from(document.height()) / f64::from(document.width());
    let row = h / count as f64;
    let half = (w * f64::from(scene.fill) / 2.0).min(if count > 1 { row * 0.42 / aspect } else { f64::MAX });
    let cx = w * (0.5 + f64::from(scene.offset.0));
    let cy = row * (index as f64 + 0.5) + h * f64::from(scene.offset.1);
    let (sin, cos) = f64::from(scene.angle).to_radians().sin_cos();
    let slack = half * 1f64.hypot(aspect) * f64::from(scene.perspective);
    [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)].map(|(x, y): Place| {
        let (x, y) = (x * half, y * half * aspect);
        let mut off = || slack * (rng.f64() * 2.0 - 1.0);
        (cx + x * cos - y * sin + off(), cy + x * sin + y * cos + off())
    })
}

/// Signed distance to the edge of a rectangle with rounded corners; negative inside.
fn edge_distance(x: f32, y: f32, w: f32, h: f32, radius: f32) -> f32 {
    let (dx, dy) = ((x - w / 2.0).abs() - w / 2.0 + radius, (y - h / 2.0).abs() - h / 2.0 + radius);
    dx.max(0.0).hypot(dy.max(0.0)) + dx.max(dy).min(0.0) - radius
}

/// Bilinear; beyond the edge, the edge.
fn sample(picture: &RgbImage, x: f32, y: f32) -> [f32; 3] {
    let (w, h) = (picture.width() as i32 - 1, picture.height() as i32 - 1);
    let (ix, iy) = (x.floor(), y.floor());
    let (fx, fy) = (x - ix, y - iy);
    let at = |dx: i32, dy: i32| {
        picture.get_pixel((ix as i32 + dx).clamp(0, w) as u32, (iy as i32 + dy).clamp(0, h) as u32).0
    };
    let (a, b, c, d) = (at(0, 0), at(1, 0), at(0, 1), at(1, 1));
    std::array::from_fn(|i| {
        let top = f32::from(a[i]) * (1.0 - fx) + f32::from(b[i]) * fx;
        let bottom = f32::from(c[i]) * (1.0 - fx) + f32::from(d[i]) * fx;
        top * (1.0 - fy) + bottom * fy
    })
}

/// Skin, shaded towards its edge, and a shadow around it.
fn under_finger(below: [f32; 3], finger: Ellipse, u: f32, v: f32) -> [f32; 3] {
    let r = finger.distance(u, v);
    let shade = 1.0 - 0.35 * r * r;
    let cover = ((1.0 - r) * 25.0).clamp(0.0, 1.0);
    let shadow = 1.0 - 0.4 * (1.15 - r).clamp(0.0, 0.15) / 0.15;
    let skin = [214.0, 166.0, 138.0];
    std::array::from_fn(|i| below[i] * shadow * (1.0 - cover) + skin[i] * shade * cover)
}

/// Light that falls off across the scene.
struct Lighting {
    level: f32,
    falloff: f32,
    direction: (f32, f32),
    centre: (f32, f32),
    reach: f32,
}

impl Lighting {
    fn new(scene: &Scene) -> Self {
        let (sin, cos) = scene.light.from.to_radians().sin_cos();
        let (w, h) = (scene.size.0 as f32, scene.size.1 as f32);
        Self {
            level: scene.light.level,
            falloff: scene.light.falloff,
            direction: (cos, sin),
            centre: (w / 2.0, h / 2.0),
            reach: w.hypot(h) / 2.0,
        }
    }

    fn at(&self, x: f32, y: f32) -> f32 {
        let towards = (x - self.centre.0) * self.direction.0 / self.reach
            + (y - self.centre.1) * self.direction.1 / self.reach;
        self.level * (1.0 - self.falloff * (0.5 - 0.5 * towards))
    }
}

/// Adds normal noise; Irwin-Hall of three uniforms is near enough.
fn add_noise(picture: &mut RgbImage, sigma: f32, rng: &mut Rng) {
    if sigma <= 0.0 {
        return;
    }
    // Three uniforms of ±1 have a standard deviation of 1.
    for v in picture.iter_mut() {
        let bits = rng.u32(..);
        let uniform = |shift: u32| ((bits >> shift) & 0x3FF) as f32 / 511.5 - 1.0;
        let normal = uniform(0) + uniform(10) + uniform(20);
        *v = (f32::from(*v) + sigma * normal).round().clamp(0.0, 255.0) as u8;
    }
}
