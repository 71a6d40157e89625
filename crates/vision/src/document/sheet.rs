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
    pub fn part(picture: &'p Pyramid<'p>, region: &Region) -> Option<Self> {
        let height = WIDTH * region.height() / region.width().max(1.0);
        let to_picture = Homography::from_rect(WIDTH, height, region)?;
        Some(Self { picture, to_picture, height, outline: None })
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
        let long = if self.outline.is_some() { CARD_VIEW } else { PICTURE_VIEW };
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
        let glyphs = posteriors.greedy().into_iter().filter(|g| !g.char.is_whitespace()).collect();
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
