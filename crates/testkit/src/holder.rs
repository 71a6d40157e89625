//! A person who holds a card before a camera: a portrait on a drawn body with drawn arms, and a card in one hand.
//!
//! Drawn, so that what should be found is known; it shows that faults are told apart, not how real people hold things.

use fastrand::Rng;
use image::imageops::{FilterType, resize};
use image::{Rgb, RgbImage};

/// Width and height of the pictures, 5 MP, held upright.
pub const SIZE: (u32, u32) = (1944, 2592);

/// How the card is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holding {
    /// As asked: the arm that holds it is seen from the shoulder to the hand.
    Right,
    /// Only the hand is seen: the arm is behind the body.
    HandOnly,
    /// Nothing of the person's arms: the card stands before the chest.
    NoArm,
    /// So close that elbow and wrist are out of the picture.
    TooClose,
    /// So far away that nothing can be read.
    TooFar,
    /// The card is held out to the side, at the picture's edge.
    Aside,
    /// The card is out of focus.
    Blurred,
    /// The hand is empty.
    NoCard,
}

impl Holding {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Right,
        Self::HandOnly,
        Self::NoArm,
        Self::TooClose,
        Self::TooFar,
        Self::Aside,
        Self::Blurred,
        Self::NoCard,
    ];

    const fn arms(self) -> bool {
        !matches!(self, Self::HandOnly | Self::NoArm)
    }

    /// Height of the head in heights of the picture.
    const fn head(self) -> f32 {
        match self {
            Self::TooClose => 0.48,
            Self::TooFar => 0.09,
            _ => 0.24,
        }
    }
}

type Place = (f32, f32);
type Colour = [f32; 3];

const SKINS: [Colour; 4] =
    [[226.0, 186.0, 162.0], [208.0, 164.0, 134.0], [164.0, 118.0, 90.0], [122.0, 84.0, 62.0]];

/// Draws a person with the head of `portrait` (a face in the middle that takes half of the width), who holds `card`.
/// The same seed gives the same picture.
pub fn holder(portrait: &RgbImage, card: &RgbImage, holding: Holding, seed: u64) -> RgbImage {
    let mut rng = Rng::with_seed(seed);
    let mut between = |low: f32, high: f32| low + (high - low) * rng.f32();
    let (w, h) = (SIZE.0 as f32, SIZE.1 as f32);
    let head = h * holding.head() * between(0.95, 1.05);
    let centre = (w * between(0.46, 0.54), h * between(0.25, 0.29));
    let skin = SKINS[seed as usize % SKINS.len()];
    let shirt: Colour = std::array::from_fn(|_| between(40.0, 200.0));
    let wall: Colour = std::array::from_fn(|_| between(170.0, 225.0));
    let side = if between(0.0, 1.0) < 0.5 { 1.0 } else { -1.0 };
    let mut scene = Scene { picture: backdrop(wall) };
    let at = |across: f32, down: f32| (centre.0 + side * across * head, centre.1 + down * head);
    scene.limb(at(0.0, 0.3), at(0.0, 0.8), (0.24, 0.27, head), skin.map(|c| 0.85 * c));
    scene.torso(centre, head, h, shirt);
    scene.head(portrait, centre, head, skin);
    let wrist = match holding {
        Holding::Aside => at(between(1.42, 1.5), between(1.1, 1.3)),
        _ => at(between(0.25, 0.6), between(1.25, 1.55)),
    };
    if holding.arms() || holding == Holding::HandOnly {
        // The other arm hangs down, behind the body where no arm is to be seen.
        let other = |across: f32, down: f32| at(-across, down);
        if holding.arms() {
            scene.limb(other(0.82, 0.95), other(0.94, 2.1), (0.2, 0.15, head), shirt.map(|c| 0.93 * c));
            scene.limb(other(0.94, 2.1), other(0.92, 3.1), (0.13, 0.1, head), skin);
            let elbow = match holding {
                Holding::Aside => at(1.3, between(1.75, 1.95)),
                _ => at(between(1.15, 1.35), between(1.85, 2.1)),
            };
            scene.limb(at(0.8, 0.92), elbow, (0.21, 0.15, head), shirt.map(|c| 0.95 * c));
            scene.limb(elbow, wrist, (0.14, 0.1, head), skin);
        }
        let palm = (wrist.0 - side * 0.08 * head, wrist.1 - 0.28 * head);
        scene.limb(wrist, palm, (0.12, 0.15, head), skin);
    }
    if holding != Holding::NoCard {
        // Held at its side, between palm and thumb, which reaches a little over its edge.
        let width = head * between(0.72, 0.8);
        let edge = (wrist.0 - side * 0.02 * head, wrist.1 - 0.3 * head);
        let middle = (edge.0 - side * 0.5 * width, edge.1);
        let blurred = if holding == Holding::Blurred { width / 60.0 } else { 0.0 };
        scene.card(card, middle, width, between(-6.0, 6.0), blurred);
        if holding != Holding::NoArm {
            let root = (edge.0 + side * 0.06 * head, edge.1 + 0.07 * head);
            let tip = (edge.0 - side * 0.06 * head, edge.1 - 0.09 * head);
            scene.limb(root, tip, (0.055, 0.045, head), skin);
        }
    }
    scene.finished(seed)
}

fn backdrop(wall: Colour) -> RgbImage {
    RgbImage::from_fn(SIZE.0, SIZE.1, |_, y| {
        let light = 0.92 + 0.13 * y as f32 / SIZE.1 as f32;
        Rgb(wall.map(|c| (c * light).min(255.0) as u8))
    })
}

struct Scene {
    picture: RgbImage,
}

impl Scene {
    /// A rounded, tapering part of a body, shaded across; `size` is both radii and the unit that they are given in.
    fn limb(&mut self, from: Place, to: Place, (first, last, unit): (f32, f32, f32), colour: Colour) {
        let (first, last) = (first * unit, last * unit);
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let square = (dx * dx + dy * dy).max(1e-3);
        // Light comes from the upper left.
        let (nx, ny) = (-dy / square.sqrt(), dx / square.sqrt());
        let (nx, ny) = if -0.5 * nx - 0.7 * ny < 0.0 { (-nx, -ny) } else { (nx, ny) };
        let reach = first.max(last) + 2.0;
        self.paint(
            (
                from.0.min(to.0) - reach,
                from.1.min(to.1) - reach,
                from.0.max(to.0) + reach,
                from.1.max(to.1) + reach,
            ),
            |x, y| {
                let (px, py) = (x - from.0, y - from.1);
                let t = ((px * dx + py * dy) / square).clamp(0.0, 1.0);
                let (ex, ey) = (px - t * dx, py - t * dy);
                let radius = first + (last - first) * t;
                let across = (ex * nx + ey * ny) / radius - 0.35;
                let shade = 0.72 + 0.28 * (1.0 - across * across / 1.9).max(0.0).sqrt();
                (colour.map(|c| c * shade), radius - ex.hypot(ey) + 0.5)
            },
        );
    }

    fn torso(&mut self, (cx, cy): Place, head: f32, bottom: f32, colour: Colour) {
        let top = cy + 0.58 * head;
        self.paint((cx - head, top, cx + head, bottom), |x, y| {
            let down = (y - top) / head;
            // Shoulders slope to their full width, then the sides fall straight.
            let half = if down < 0.22 { 0.3 + 0.62 * down / 0.22 } else { 0.92 - 0.06 * (down - 0.22) };
            let across = (x - cx).abs() / head;
            let shade = 1.0 - 0.25 * (across / half).powi(2);
            (colour.map(|c| c * shade), (half - across) * head + 0.5)
        });
    }

    /// The portrait's oval, as large as the head, in the colour of the skin where it is grey.
    fn head(&mut self, portrait: &RgbImage, (cx, cy): Place, head: f32, skin: Colour) {
        let scale = head / (0.62 * portrait.height() as f32);
        let size = |length: u32| ((length as f32 * scale) as u32).max(1);
        let (width, height) = (size(portrait.width()), size(portrait.height()));
        let large = resize(portrait, width, height, FilterType::CatmullRom);
        let (x0, y0) = (cx - width as f32 / 2.0, cy - height as f32 / 2.0);
        self.paint((x0, y0, x0 + width as f32, y0 + height as f32), |x, y| {
            let (u, v) = ((x - x0).max(0.0) as u32, (y - y0).max(0.0) as u32);
            let pixel = large.get_pixel(u.min(width - 1), v.min(height - 1)).0;
            let grey = pixel.iter().all(|c| c.abs_diff(pixel[0]) < 4);
            let colour = std::array::from_fn(|c| {
                let value = f32::from(pixel[c]);
                if grey { (value * skin[c] / 165.0).min(255.0) } else { value }
            });
            let (a, b) = ((x - cx) / (0.29 * width as f32), (y - cy) / (0.36 * height as f32));
            (colour, (1.0 - a * a - b * b) * 12.0)
        });
    }

    fn card(&mut self, card: &RgbImage, (cx, cy): Place, width: f32, degrees: f32, blurred: f32) {
        let height = width * card.height() as f32 / card.width() as f32;
        let mut small = resize(card, width.max(1.0) as u32, height.max(1.0) as u32, FilterType::Triangle);
        if blurred > 0.0 {
            small = image::imageops::blur(&small, blurred);
        }
        let (sin, cos) = degrees.to_radians().sin_cos();
        let reach = width;
        self.paint((cx - reach, cy - reach, cx + reach, cy + reach), |x, y| {
            let (u, v) = ((x - cx) * cos + (y - cy) * sin, (y - cy) * cos - (x - cx) * sin);
            let inside = (width / 2.0 - u.abs()).min(height / 2.0 - v.abs());
            let colour = sample(&small, u + width / 2.0, v + height / 2.0);
            (colour, inside + 0.5)
        });
    }

    /// Paints a box: `ink` gives the colour and, clamped to 0–1, how much of it there is.
    fn paint(&mut self, (x0, y0, x1, y1): (f32, f32, f32, f32), ink: impl Fn(f32, f32) -> (Colour, f32)) {
        let (w, h) = (self.picture.width(), self.picture.height());
        for y in (y0.max(0.0) as u32)..(y1.max(0.0) as u32).min(h) {
            for x in (x0.max(0.0) as u32)..(x1.max(0.0) as u32).min(w) {
                let (colour, cover) = ink(x as f32 + 0.5, y as f32 + 0.5);
                let cover = cover.clamp(0.0, 1.0);
                if cover > 0.0 {
                    let pixel = self.picture.get_pixel_mut(x, y);
                    let mix = |c: usize| f32::from(pixel.0[c]) * (1.0 - cover) + colour[c] * cover;
                    pixel.0 = std::array::from_fn(|c| mix(c).clamp(0.0, 255.0) as u8);
                }
            }
        }
    }

    /// A lens and a sensor.
    fn finished(self, seed: u64) -> RgbImage {
        let mut rng = Rng::with_seed(seed ^ 0x5ee);
        let mut picture = image::imageops::blur(&self.picture, 0.8);
        for pixel in picture.pixels_mut() {
            let by = rng.i16(-4..=4);
            pixel.0 = pixel.0.map(|c| (i16::from(c) + by).clamp(0, 255) as u8);
        }
        picture
    }
}

/// Bilinear; beyond the edge, the edge.
fn sample(picture: &RgbImage, x: f32, y: f32) -> Colour {
    let (w, h) = (picture.width() as f32 - 1.0, picture.height() as f32 - 1.0);
    let (x, y) = ((x - 0.5).clamp(0.0, w), (y - 0.5).clamp(0.0, h));
    let (fx, fy) = (x.fract(), y.fract());
    let at = |x: f32, y: f32| picture.get_pixel(x.min(w) as u32, y.min(h) as u32).0;
    let (a, b, c, d) = (at(x, y), at(x + 1.0, y), at(x, y + 1.0), at(x + 1.0, y + 1.0));
    std::array::from_fn(|i| {
        let upper = f32::from(a[i]) * (1.0 - fx) + f32::from(b[i]) * fx;
        let lower = f32::from(c[i]) * (1.0 - fx) + f32::from(d[i]) * fx;
        upper * (1.0 - fy) + lower * fy
    })
}
