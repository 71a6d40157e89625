//! A document laid straight: what a place on it is in the picture, and the lines of text on it.

use image::{Rgb, RgbImage};
use shiren_core::see::{Point, Region};

use super::outline::Outline;
use super::text::decode::{Glyph, Posteriors};
use super::text::detect::{self, STEP};
use super::text::recognise::{Recogniser, Strip};
use crate::pack::{Model, ModelError};
use crate::picture::warp::{Homography, Pyramid};

/// Width of a sheet in its own pixels; places on it are given in these.
pub const WIDTH: f32 = 1280.0;
/// Length to height of ID-1 (ISO/IEC 7810: 85.60 mm × 53.98 mm).
const ID1: f32 = 85.60 / 53.98;
/// Width of the view in which lines are looked for on a card whose outline is known: print of a resident
/// card's size is 20 px high there, which the detector still finds every time (measured on drawn specimens).
const CARD_VIEW: u32 = 640;
/// The same where nothing is known about what the picture shows.
const PICTURE_VIEW: u32 = 960;
/// The same for a sheet of A4 or A3 with small print, whose labels are 15 px high there.
const SMALL_PRINT_VIEW: u32 = 1280;
/// Lines that slant less than this many radians (4°) are read as they are.
const LEVEL: f32 = 0.07;
/// What lies beyond the picture.
const BEYOND: Rgb<u8> = Rgb([128; 3]);

/// A straight view of a document, or of the whole picture.
#[derive(Clone, Copy)]
pub struct Sheet<'p> {
    picture: &'p Pyramid<'p>,
    to_picture: Homography,
    height: f32,
    /// The card's outline, where one was found.
    pub outline: Option<Outline>,
}

impl<'p> Sheet<'p> {
    /// The card within an outline.
    pub fn card(picture: &'p Pyramid<'p>, outline: &Outline) -> Option<Self> {
        let shape = outline.region.width() / outline.region.height().max(1.0);
        // Cards are seen a little too long or too short in perspective; other formats are what they are.
        let shape = if (shape / ID1 - 1.0).abs() < 0.1 { ID1 } else { shape };
        let height = WIDTH / shape;
        let to_picture = Homography::from_rect(WIDTH, height, &outline.region)?;
        Some(Self { picture, to_picture, height, outline: Some(*outline) })
    }

    /// The whole picture.
    pub fn whole(picture: &'p Pyramid<'p>) -> Self {
        let (w, h) = (picture.full().width() as f32, picture.full().height() as f32);
        let scale = w / WIDTH;
        let to_picture = Homography::similarity(f64::from(scale), 0.0, 0.0, 0.0);
        Self { picture, to_picture, height: h / scale, outline: None }
    }

    /// A part of the picture, given as a region of it in reading direction.
    fn part(picture: &'p Pyramid<'p>, region: &Region) -> Option<Self> {
        let height = WIDTH * region.height() / region.width().max(1.0);
        let to_picture = Homography::from_rect(WIDTH, height, region)?;
        Some(Self { picture, to_picture, height, outline: None })
    }

    /// The part of the picture that its text fills, laid so that the lines run level, where this one is not
    /// level or shows them small; `None` where it is well as it is.
    pub fn closer(&self, lines: &[Region]) -> Option<Self> {
        // Twice the angle, because a line that runs straight up may as well run straight down.
        let (mut sin, mut cos) = (0.0, 0.0);
        for line in lines.iter().filter(|l| l.width() > 3.0 * l.height()) {
            let [a, b, ..] = line.0;
            let twice = 2.0 * (b.y - a.y).atan2(b.x - a.x);
            (sin, cos) = (sin + line.width() * twice.sin(), cos + line.width() * twice.cos());
        }
        let angle = sin.atan2(cos) / 2.0;
        let (s, c) = angle.sin_cos();
        let (mut u0, mut u1, mut v0, mut v1) = (f32::MAX, f32::MIN, f32::MAX, f32::MIN);
        for p in lines.iter().flat_map(|l| l.0) {
            let (u, v) = (p.x * c + p.y * s, -p.x * s + p.y * c);
            (u0, u1, v0, v1) = (u0.min(u), u1.max(u), v0.min(v), v1.max(v));
        }
        let (w, h) = (u1 - u0, v1 - v0);
        if w < 1.0 || h < 1.0 || (angle.abs() < LEVEL && w.max(h) > 0.6 * WIDTH.max(self.height)) {
            return None;
        }
        let margin = 0.05 * w.max(h);
        let corner = |u: f32, v: f32| Point::new(u * c - v * s, u * s + v * c);
        let (u0, u1, v0, v1) = (u0 - margin, u1 + margin, v0 - margin, v1 + margin);
        let region = Region([corner(u0, v0), corner(u1, v0), corner(u1, v1), corner(u0, v1)]);
        Self::part(self.picture, &self.place(&region))
    }

    /// The same standing on its head.
    pub fn turned(&self) -> Self {
        let around =
            Homography::similarity(1.0, std::f64::consts::PI, f64::from(WIDTH), f64::from(self.height));
        let mut outline = self.outline;
        if let Some(o) = &mut outline {
            o.region.0.rotate_left(2);
        }
        Self { to_picture: around.then(&self.to_picture), outline, ..*self }
    }

    /// Height in the sheet's pixels.
    pub fn height(&self) -> f32 {
        self.height
    }

    /// The picture that the sheet lies in.
    pub fn picture(&self) -> &'p Pyramid<'p> {
        self.picture
    }

    /// From the sheet's pixels to the picture's.
    pub fn to_picture(&self) -> &Homography {
        &self.to_picture
    }

    /// Where a place on the sheet is in the picture.
    pub fn place(&self, on_sheet: &Region) -> Region {
        self.to_picture.apply_region(on_sheet)
    }

    /// Picture pixels for each pixel of the sheet around its middle.
    pub fn magnification(&self) -> f32 {
        let middle = Region::rect(WIDTH / 2.0, self.height / 2.0, 1.0, 1.0);
        self.place(&middle).width()
    }

    /// The sheet as a picture of `w` pixels width.
    pub fn view(&self, w: u32) -> RgbImage {
        let scale = WIDTH / w as f32;
        let h = ((self.height / scale).round() as u32).clamp(1, 4 * w);
        self.look(scale, w, h)
    }

    fn look(&self, scale: f32, w: u32, h: u32) -> RgbImage {
        let zoom = Homography::similarity(f64::from(scale), 0.0, 0.0, 0.0);
        self.picture.view(&zoom.then(&self.to_picture), w, h, BEYOND)
    }

    /// Where lines of text are, in the sheet's pixels.
    pub fn find_lines(&self, detector: &dyn Model) -> Result<Vec<Region>, ModelError> {
        self.lines_in(detector, if self.outline.is_some() { CARD_VIEW } else { PICTURE_VIEW })
    }

    /// Where lines of small print are, on a whole page.
    pub fn find_small_lines(&self, detector: &dyn Model) -> Result<Vec<Region>, ModelError> {
        self.lines_in(detector, SMALL_PRINT_VIEW)
    }

    fn lines_in(&self, detector: &dyn Model, long: u32) -> Result<Vec<Region>, ModelError> {
        let scale = (WIDTH.max(self.height) / long as f32).max(0.5);
        let up = |v: f32| ((v / scale / STEP as f32).ceil() as u32).clamp(1, 60) * STEP;
        let view = self.look(scale, up(WIDTH), up(self.height));
        let lines = detect::lines(detector, &view)?;
        Ok(lines.into_iter().map(|r| Region(r.0.map(|p| Point::new(p.x * scale, p.y * scale)))).collect())
    }

    /// Reads lines given in the sheet's pixels.
    pub fn read(&self, recogniser: &Recogniser, lines: &[Region]) -> Result<Vec<TextLine>, ModelError> {
        self.read_stretched(recogniser, lines, 1.0)
    }

    /// Reads lines drawn out to `stretch` times their width, for another try.
    pub fn read_stretched(
        &self,
        recogniser: &Recogniser,
        lines: &[Region],
        stretch: f32,
    ) -> Result<Vec<TextLine>, ModelError> {
        let strips: Vec<Strip> = lines.iter().map(|l| Strip { region: self.place(l), stretch }).collect();
        let read = recogniser.read(self.picture, &strips)?;
        Ok(lines.iter().zip(read).map(|(place, p)| TextLine::new(*place, p)).collect())
    }
}

/// A line of text on a sheet.
#[derive(Clone)]
pub struct TextLine {
    /// Where, in the sheet's pixels.
    pub place: Region,
    /// What the recogniser said.
    pub posteriors: Posteriors,
    /// The likeliest characters, spaces left out.
    pub glyphs: Vec<Glyph>,
}

impl TextLine {
    fn new(place: Region, posteriors: Posteriors) -> Self {
        let print = posteriors.greedy().into_iter().filter(|g| !g.char.is_whitespace());
        let glyphs = print.map(|g| posteriors.simplified(g)).collect();
        Self { place, posteriors, glyphs }
    }

    /// The characters in order, without spaces.
    pub fn text(&self) -> String {
        self.glyphs.iter().map(|g| g.char).collect()
    }

    /// Mean probability of its characters; 0 for an empty line.
    pub fn certainty(&self) -> f32 {
        let n = self.glyphs.len().max(1) as f32;
        self.glyphs.iter().map(|g| g.probability).sum::<f32>() / n
    }

    /// `(left, top, width, height)` on the sheet.
    pub fn bounds(&self) -> (f32, f32, f32, f32) {
        self.place.bounds()
    }

    /// The part of the line between two shares of its width.
    pub fn part(&self, from: f32, to: f32) -> Region {
        let [a, b, c, d] = self.place.0;
        let between = |p: Point, q: Point, t: f32| Point::new(p.x + t * (q.x - p.x), p.y + t * (q.y - p.y));
        Region([between(a, b, from), between(a, b, to), between(d, c, to), between(d, c, from)])
    }
}
