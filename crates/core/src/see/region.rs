//! Places in a picture.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A point in pixels of the upright picture (EXIF orientation applied), origin top left.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "[f32; 2]", into = "[f32; 2]")]
#[schemars(with = "[f32; 2]")]
pub struct Point {
    /// Pixels to the right.
    pub x: f32,
    /// Pixels down.
    pub y: f32,
}

impl Point {
    /// A point from its coordinates.
    pub const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }

    /// Euclidean distance in pixels.
    pub fn distance(self, other: Self) -> f32 {
        (self.x - other.x).hypot(self.y - other.y)
    }
}

impl From<[f32; 2]> for Point {
    fn from([x, y]: [f32; 2]) -> Self {
        Self { x, y }
    }
}

impl From<Point> for [f32; 2] {
    /// Tenths of a pixel are all that anyone can use.
    fn from(p: Point) -> Self {
        [(p.x * 10.0).round() / 10.0, (p.y * 10.0).round() / 10.0]
    }
}

/// A quadrilateral in a picture: its corners clockwise, from the one that is top left when the thing it
/// frames stands upright. Written as `[[x,y],[x,y],[x,y],[x,y]]`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Region(pub [Point; 4]);

impl Region {
    /// The upright rectangle from a corner, a width and a height, in pixels.
    pub const fn rect(x: f32, y: f32, w: f32, h: f32) -> Self {
        Self([Point::new(x, y), Point::new(x + w, y), Point::new(x + w, y + h), Point::new(x, y + h)])
    }

    /// `(x, y, width, height)` of the smallest upright rectangle around it, in pixels.
    pub fn bounds(&self) -> (f32, f32, f32, f32) {
        let (mut x0, mut y0, mut x1, mut y1) = (f32::MAX, f32::MAX, f32::MIN, f32::MIN);
        for p in self.0 {
            (x0, y0, x1, y1) = (x0.min(p.x), y0.min(p.y), x1.max(p.x), y1.max(p.y));
        }
        (x0, y0, x1 - x0, y1 - y0)
    }

    /// Area in square pixels (shoelace formula).
    pub fn area(&self) -> f32 {
        let c = &self.0;
        (0..4).map(|i| c[i].x * c[(i + 1) % 4].y - c[(i + 1) % 4].x * c[i].y).sum::<f32>().abs() / 2.0
    }

    /// The same corners in the same place, running clockwise from the first (y points down).
    #[must_use]
    pub fn clockwise(self) -> Self {
        let c = self.0;
        let turn: f32 = (0..4).map(|i| c[i].x * c[(i + 1) % 4].y - c[(i + 1) % 4].x * c[i].y).sum();
        if turn >= 0.0 { self } else { Self([c[0], c[3], c[2], c[1]]) }
    }

    /// Mean of the corners.
    pub fn centre(&self) -> Point {
        let c = &self.0;
        Point::new(c.iter().map(|p| p.x).sum::<f32>() / 4.0, c.iter().map(|p| p.y).sum::<f32>() / 4.0)
    }

    /// Length of the upper and the lower edge, averaged, in pixels.
    pub fn width(&self) -> f32 {
        (self.0[0].distance(self.0[1]) + self.0[3].distance(self.0[2])) / 2.0
    }

    /// Length of the left and the right edge, averaged, in pixels.
    pub fn height(&self) -> f32 {
        (self.0[0].distance(self.0[3]) + self.0[1].distance(self.0[2])) / 2.0
    }
}
