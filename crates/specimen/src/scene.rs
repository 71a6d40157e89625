//! What a photograph is taken of, and how.

use fastrand::Rng;

/// A photograph's circumstances. [`Scene::default`] is a good picture taken by hand; set what should be worse.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// Width and height of the photograph in pixels. Default 2592 × 1944, 5 MP.
    pub size: (u32, u32),
    /// Share of the photograph's width that the document takes when it lies level. Default 0.7.
    pub fill: f32,
    /// How far the document is turned, clockwise in degrees; any value. Default 1.5.
    pub angle: f32,
    /// How far each corner may be off, as a share of half the document's diagonal. Default 0.03.
    pub perspective: f32,
    /// Where the document's centre lies from the photograph's, as shares of its width and height. Beyond
    /// about 0.2 a part is cut off.
    pub offset: (f32, f32),
    /// What it lies on.
    pub table: Table,
    /// The light.
    pub light: Light,
    /// Standard deviation of the blur in pixels; 0 for none. Default 0.8, a good lens.
    pub blur: f32,
    /// The hand moved.
    pub motion: Option<Motion>,
    /// A lamp's reflection on the first document.
    pub glare: Option<Ellipse>,
    /// A finger on the first document.
    pub finger: Option<Ellipse>,
    /// Standard deviation of the sensor's noise in grey levels of 255. Default 1.5.
    pub noise: f32,
    /// Rounded corners, as real cards have them (radius 3.18 mm of 85.6, ISO/IEC 7810).
    pub rounded: bool,
}

/// What a document lies on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// One colour.
    Plain([u8; 3]),
    /// Wood of this colour, its grain lengthwise.
    Wood([u8; 3]),
    /// Cloth of this colour, woven.
    Cloth([u8; 3]),
}

/// How a scene is lit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Light {
    /// Brightness at the brightest place; 1 is well exposed, 0.15 is dark, 2 is blown out.
    pub level: f32,
    /// Share of the light that is lost at the opposite end. Default 0.2.
    pub falloff: f32,
    /// Where the light comes from, in degrees from the right, clockwise.
    pub from: f32,
}

/// A camera that moves while it looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Motion {
    /// How far, in pixels.
    pub length: f32,
    /// Where to, in degrees from the right, clockwise.
    pub angle: f32,
}

/// An ellipse on a document, in shares of its width and height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ellipse {
    /// Centre.
    pub at: (f32, f32),
    /// Half axes along the document's width and height.
    pub radius: (f32, f32),
}

impl Ellipse {
    /// 0 at the centre, 1 on the edge, more outside.
    pub(crate) fn distance(&self, u: f32, v: f32) -> f32 {
        ((u - self.at.0) / self.radius.0).hypot((v - self.at.1) / self.radius.1)
    }
}

impl Default for Scene {
    fn default() -> Self {
        Self {
            size: (2592, 1944),
            fill: 0.7,
            angle: 1.5,
            perspective: 0.03,
            offset: (0.0, 0.0),
            table: Table::Wood([112, 84, 62]),
            light: Light::default(),
            blur: 0.8,
            motion: None,
            glare: None,
            finger: None,
            noise: 1.5,
            rounded: true,
        }
    }
}

impl Default for Light {
    fn default() -> Self {
        Self { level: 1.0, falloff: 0.2, from: 215.0 }
    }
}

impl Scene {
    /// A photo as people take them of their card: by hand, on whatever lies there, in ordinary light, and
    /// good enough to be read. `rounded` as the document's corners are.
    pub fn casual(seed: u64, rounded: bool) -> Self {
        let rng = &mut Rng::with_seed(seed);
        let mut between = |low: f32, high: f32| low + (high - low) * rng.f32();
        let tables = [Table::Wood([112, 84, 62]), Table::Cloth([70, 88, 112]), Table::Plain([92, 96, 98])];
        Self {
            fill: between(0.62, 0.76),
            angle: between(-9.0, 9.0),
            perspective: between(0.02, 0.07),
            offset: (between(-0.02, 0.02), between(-0.02, 0.02)),
            table: tables[seed as usize % tables.len()],
            light: Light { level: between(0.9, 1.05), falloff: between(0.1, 0.3), from: between(0.0, 360.0) },
            blur: between(0.6, 1.1),
            rounded,
            ..Self::default()
        }
    }
}
