//! Measures how well the screen's colours are seen on a face, as `docs/measurements.md` tells, Liveness.
//!
//! `cargo run -p shiren-vision --example measure_colours -- TRIALS PORTRAIT…`: a moving test subject is lit, by
//! calculation, with the colours of a check, with none, or with those of another one (a video of an earlier check); the
//! camera adds noise, follows the exposure within half a second, and is late. No real screen's light was measured. The
//! models are those below `$SHIREN_MODELS`.

use std::error::Error;

use fastrand::Rng;
use image::{Rgb, RgbImage};
use shiren_core::see::liveness::{ColourCheck, Lit, ScreenColour, Watch};
use shiren_specimen::jpeg;
use shiren_testkit::puppet::{Actor, Puppet};
use shiren_vision::LocalEyes;
use shiren_vision::pack::{Library, default_root};
use shiren_vision::picture::{Limits, Picture};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Colours of a check, and milliseconds between two frames.
const COLOURS: u8 = 8;
const FRAME_MS: u64 = 100;
/// How much of the screen's light reaches what is behind the face, against the face.
const BEHIND: f32 = 0.1;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [trials, portraits @ ..] = arguments.as_slice() else {
        return Err("see the top of this file".into());
    };
    let trials: u64 = trials.parse()?;
    let eyes = LocalEyes::new(Library::open(&default_root()?, 1)?, Limits::default());
    let puppets = portraits.iter().map(|p| puppet(&eyes, p)).collect::<Outcome<Vec<_>>>()?;
    for (what, alpha, own) in [
        ("its own, screen .03 of the room's light", 0.03, true),
        ("its own, .06", 0.06, true),
        ("its own, .12", 0.12, true),
        ("its own, .25", 0.25, true),
        ("none", 0.0, true),
        ("another check's, .25", 0.25, false),
    ] {
        let mut scores = Vec::new();
        for (n, puppet) in puppets.iter().enumerate() {
            for trial in 0..trials {
                let trial = Trial { eyes: &eyes, puppet, seed: trial << 8 | n as u64, alpha };
                scores.push(trial.score(own)?);
            }
        }
        scores.sort_by(f32::total_cmp);
        let at = |share: f32| scores[(share * (scores.len() - 1) as f32).round() as usize];
        let seen = scores.iter().filter(|s| **s >= 0.6).count();
        println!(
            "{what}: {} trials, score {:.2} / {:.2} / {:.2} / {:.2} / {:.2} (least, 10 %, median, 90 %, most), {seen} from .6 on",
            scores.len(),
            at(0.0),
            at(0.1),
            at(0.5),
            at(0.9),
            at(1.0)
        );
    }
    Ok(())
}

fn puppet(eyes: &LocalEyes, portrait: &str) -> Outcome<Puppet> {
    let picture = Picture::decode(&std::fs::read(portrait)?, &Limits::default())?.into_rgb();
    let faces = eyes.open_faces()?.find(&picture)?;
    let face = faces.first().ok_or("no face")?;
    let points: Vec<[f32; 3]> = face.points().iter().map(|p| [p.x, p.y, p.z]).collect();
    Ok(Puppet::new(&picture, &points, 480, 640))
}

struct Trial<'a> {
    eyes: &'a LocalEyes,
    puppet: &'a Puppet,
    seed: u64,
    alpha: f32,
}

impl Trial<'_> {
    fn score(&self, own: bool) -> Outcome<f32> {
        let mut rng = Rng::with_seed(self.seed);
        let mut entropy = || std::array::from_fn(|_| rng.u8(..));
        let mut check = ColourCheck::draw(COLOURS, &entropy());
        let shown = check.proof().shown;
        let lights = if own { shown } else { ColourCheck::draw(COLOURS, &entropy()).proof().shown };
        let late = rng.u64(120..400);
        let mut actor = Actor::new(rng.u64(..));
        let (mut gain, mut at_ms, mut last) = (1.0, 0u64, None);
        loop {
            let light = lit_by(at_ms.checked_sub(late).and_then(|at| lights.get(at as usize / 500)).copied());
            let calm = self.puppet.frame(&actor.pose(at_ms), rng.u64(..));
            let frame = self.camera(&calm, light, &mut gain);
            let reading = self.eyes.read_frame(&jpeg(&frame, 80)?, last.as_ref())?;
            last = reading.face.map(|f| f.region);
            let lit: Option<Lit> = reading.lit;
            if check.advance(lit, at_ms).is_none() {
                return Ok(check.proof().score_milli.unwrap_or_default() as f32 / 1e3);
            }
            at_ms += FRAME_MS;
        }
    }

    /// The frame in this light: the face gets all of the screen's, the rest a little; the exposure follows slowly.
    fn camera(&self, calm: &RgbImage, light: [f32; 3], gain: &mut f32) -> RgbImage {
        let (w, h) = (calm.width() as f32, calm.height() as f32);
        let curves = |share: f32, gain: f32| {
            [0, 1, 2].map(|c| {
                let factor = gain * (1.0 + share * self.alpha * light[c]);
                std::array::from_fn::<u8, 256, _>(|v| {
                    (255.0 * (factor * (v as f32 / 255.0).powf(2.2)).powf(1.0 / 2.2)).min(255.0).round() as u8
                })
            })
        };
        let (face, behind) = (curves(1.0, *gain), curves(BEHIND, *gain));
        let lit = RgbImage::from_fn(calm.width(), calm.height(), |x, y| {
            let (dx, dy) = ((x as f32 / w - 0.5) / 0.36, (y as f32 / h - 0.5) / 0.36);
            let curve = if dx * dx + dy * dy < 1.0 { &face } else { &behind };
            let pixel = calm.get_pixel(x, y).0;
            Rgb(std::array::from_fn(|c| curve[c][usize::from(pixel[c])]))
        });
        let wanted = 1.0 / (1.0 + 0.4 * self.alpha * light.iter().sum::<f32>() / 3.0);
        *gain += 0.2 * (wanted - *gain);
        lit
    }
}

fn lit_by(colour: Option<ScreenColour>) -> [f32; 3] {
    match colour {
        Some(ScreenColour::Red) => [1.0, 0.0, 0.0],
        Some(ScreenColour::Green) => [0.0, 1.0, 0.0],
        Some(ScreenColour::Blue) => [0.0, 0.0, 1.0],
        Some(ScreenColour::White) => [1.0; 3],
        None => [0.0; 3],
    }
}
