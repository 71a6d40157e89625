//! Plays many plans before many cameras and counts what is accepted, as `docs/measurements.md` tells, Liveness.
//!
//! `cargo run -p shiren-vision --example measure_attacks -- PLANS TAKES CLIP PORTRAIT…`
//!
//! Each portrait becomes a moving test subject that is filmed once: at rest, and `TAKES` times in each action. Every
//! frame is looked at once; the plays are cut from the readings, since the rules are pure. `CLIP`: a folder with the
//! frames of a real video, 40 ms apart, or `-`. The models are those below `$SHIREN_MODELS`.

use std::collections::HashMap;
use std::error::Error;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use fastrand::Rng;
use image::{Rgb, RgbImage};
use shiren_core::see::liveness::{Challenge, FrameReading, HandSeen, Hint, Plan, PlanRules, Watch};
use shiren_core::see::{CardView, DocumentKind, FaceMatch, FaceTemplate, Region, SeeError};
use shiren_specimen::jpeg;
use shiren_testkit::puppet::{Actor, CALM, Performance, Puppet, perform};
use shiren_vision::LocalEyes;
use shiren_vision::liveness::Watcher;
use shiren_vision::pack::{Library, default_root};
use shiren_vision::picture::{Limits, Picture};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Milliseconds between two frames of a film.
const FRAME_MS: u64 = 100;
/// … and of the clip: 25 frames in a second.
const CLIP_MS: u64 = 40;
/// Frames at rest that are filmed: longer than any play without an action lasts.
const REST: u64 = 500;

/// Clips in a loop: what they show, how many actions, frames of rest after each, and how many are cut for each plan.
const CLIPS: [(&str, usize, usize, u64); 5] = [
    ("one action", 1, 5, 1),
    ("three actions", 3, 5, 1),
    ("all actions", Challenge::OF_FACES.len(), 5, 1),
    ("all actions, many cuts", Challenge::OF_FACES.len(), 5, 20),
    ("all actions with pauses, many cuts", Challenge::OF_FACES.len(), 12, 20),
];

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [plans, takes, clip, portraits @ ..] = arguments.as_slice() else {
        return Err("see the top of this file".into());
    };
    let (plans, takes) = (plans.parse()?, takes.parse()?);
    let eyes = LocalEyes::new(Library::open(&default_root()?, 1)?, Limits::default());
    let mut studio = Studio { eyes, shots: Vec::new(), templates: Mutex::default() };
    let mut films = Vec::new();
    for (n, portrait) in portraits.iter().enumerate() {
        films.push(studio.film(Path::new(portrait), n as u64, takes)?);
        eprintln!("filmed {portrait}");
    }
    let mut tally = Tally::default();
    for (n, film) in films.iter().enumerate() {
        let other = &films[(n + 1) % films.len()];
        studio.play_all(film, other, plans, &mut tally)?;
    }
    if clip != "-" {
        let frames = studio.clip(Path::new(clip))?;
        for n in 0..plans.max(50) {
            let start = Rng::with_seed(n).usize(..frames.len());
            let at = |at_ms: u64| frames[(start + (at_ms / CLIP_MS) as usize) % frames.len()];
            let done = studio.play(&plan(n)?, |_, at_ms| Some(at(at_ms)))?;
            tally.add("a video that no plan fits", &done);
        }
    }
    tally.print();
    Ok(())
}

/// How often what was accepted.
#[derive(Default)]
struct Tally {
    lines: Vec<(String, u64, u64, HashMap<String, u64>)>,
}

impl Tally {
    fn add(&mut self, what: &str, done: &Performance) {
        if !self.lines.iter().any(|l| l.0 == what) {
            self.lines.push((what.to_owned(), 0, 0, HashMap::new()));
        }
        let Some(line) = self.lines.iter_mut().find(|l| l.0 == what) else { return };
        line.1 += u64::from(done.progress.is_finished());
        line.2 += 1;
        let how = match done.progress.hint() {
            Hint::Failed { reason } => reason.name().to_owned(),
            other => format!("{other:?}"),
        };
        *line.3.entry(how).or_default() += 1;
    }

    fn print(&self) {
        for (what, accepted, of, how) in &self.lines {
            println!("{what}: accepted {accepted} of {of} {how:?}");
        }
    }
}

/// A frame of the studio, by its number.
type Shot = usize;

/// Films of one person.
struct Film {
    name: String,
    rest: Vec<Shot>,
    takes: HashMap<Challenge, Vec<Vec<Shot>>>,
    /// The face cut out, before something that moves.
    cut_out: Vec<Shot>,
}

/// Looks at every frame once.
struct Studio {
    eyes: LocalEyes,
    shots: Vec<(Vec<u8>, FrameReading)>,
    templates: Mutex<HashMap<Shot, Option<FaceTemplate>>>,
}

impl Studio {
    fn shoot(&mut self, frame: Vec<u8>, last: Option<&Region>) -> Outcome<Shot> {
        let reading = self.eyes.read_frame(&frame, last)?;
        self.shots.push((frame, reading));
        Ok(self.shots.len() - 1)
    }

    fn film(&mut self, portrait: &Path, seed: u64, takes: u64) -> Outcome<Film> {
        let name = portrait.file_stem().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let puppet = self.puppet(portrait)?;
        let mut rng = Rng::with_seed(seed);
        let mut actor = Actor::new(rng.u64(..));
        let mut at_rest = Vec::new();
        for n in 0..REST {
            at_rest.push(self.shoot(puppet.jpeg(&actor.pose(n * FRAME_MS), rng.u64(..)), None)?);
        }
        let mut all = HashMap::new();
        for challenge in Challenge::OF_FACES {
            let mut of = Vec::new();
            for _ in 0..takes {
                let mut actor = Actor::new(rng.u64(..));
                actor.hear(challenge, 0);
                let mut take = Vec::new();
                let mut n = 0;
                while !actor.is_at_rest(n * FRAME_MS) {
                    take.push(self.shoot(puppet.jpeg(&actor.pose(n * FRAME_MS), rng.u64(..)), None)?);
                    n += 1;
                }
                of.push(take);
            }
            all.insert(challenge, of);
        }
        Ok(Film { name, rest: at_rest, takes: all, cut_out: self.cut_out(&puppet)? })
    }

    fn puppet(&self, portrait: &Path) -> Outcome<Puppet> {
        let picture = Picture::decode(&std::fs::read(portrait)?, &Limits::default())?.into_rgb();
        let faces = self.eyes.open_faces()?.find(&picture)?;
        let face = faces.first().ok_or("no face")?;
        let points: Vec<[f32; 3]> = face.points().iter().map(|p| [p.x, p.y, p.z]).collect();
        Ok(Puppet::new(&picture, &points, 480, 640))
    }

    /// The still face, stuck before something that moves.
    fn cut_out(&mut self, puppet: &Puppet) -> Outcome<Vec<Shot>> {
        let still = puppet.frame(&CALM, 1);
        let face = self.eyes.read_frame(&jpeg(&still, 90)?, None)?.face.ok_or("no face")?;
        let (x0, y0, w, h) = face.region.bounds();
        let inside = |x: u32, y: u32| {
            let (dx, dy) = ((x as f32 - x0) / w - 0.5, (y as f32 - y0) / h - 0.5);
            dx * dx + dy * dy < 0.5
        };
        let frame = |n: u64| {
            RgbImage::from_fn(still.width(), still.height(), |x, y| {
                let wave = ((x as f32 + (n * FRAME_MS) as f32 / 9.0) / 25.0).sin() * (y as f32 / 40.0).cos();
                if inside(x, y) { *still.get_pixel(x, y) } else { Rgb([(128.0 + 100.0 * wave) as u8; 3]) }
            })
        };
        (0..160).map(|n| self.shoot(jpeg(&frame(n), 85)?, None)).collect()
    }

    fn clip(&mut self, folder: &Path) -> Outcome<Vec<Shot>> {
        let mut files: Vec<_> = std::fs::read_dir(folder)?.filter_map(|e| Some(e.ok()?.path())).collect();
        files.sort();
        files.iter().map(|f| self.shoot(std::fs::read(f)?, None)).collect()
    }

    fn templates(&self) -> std::sync::MutexGuard<'_, HashMap<Shot, Option<FaceTemplate>>> {
        self.templates.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn template(&self, shot: Shot) -> Result<Option<FaceTemplate>, SeeError> {
        if let Some(known) = self.templates().get(&shot) {
            return Ok(known.clone());
        }
        let (bytes, reading) = &self.shots[shot];
        let failed =
            |e: &dyn std::fmt::Display| SeeError::Model { model: "face".into(), detail: e.to_string() };
        let frame = Watcher::decode(bytes)?;
        let watcher = self.eyes.open_watcher().map_err(|e| failed(&e))?;
        let faces = self.eyes.open_faces().map_err(|e| failed(&e))?;
        let face = match &reading.face {
            Some(seen) => watcher.face(&frame, &seen.region).map_err(|e| failed(&e))?,
            None => None,
        };
        let read = match face {
            Some(face) => faces.read(&frame, &face).map_err(|e| failed(&e))?,
            None => None,
        };
        let template = read.map(|r| r.template);
        self.templates().insert(shot, template.clone());
        Ok(template)
    }

    fn play(&self, plan: &Plan, mut camera: impl FnMut(Hint, u64) -> Option<Shot>) -> Outcome<Performance> {
        let eyes = Cutting { studio: self };
        let face = |frame: &[u8]| self.template(number(frame));
        let shot = |hint, at_ms| camera(hint, at_ms).map(|s| (s as u64).to_le_bytes().to_vec());
        Ok(perform(&eyes, face, plan, shot)?)
    }

    fn play_all(&self, film: &Film, other: &Film, plans: u64, tally: &mut Tally) -> Outcome<()> {
        for n in 0..plans {
            let plan = plan(n)?;
            let mut rng = Rng::with_seed(n ^ 0x5eed);
            // What is asked is done.
            let mut stage = Stage::new(film, n);
            let done = self.play(&plan, |hint, _| Some(stage.shot(hint, Some)))?;
            tally.add(&format!("{}: does what is asked", film.name), &done);
            if !done.progress.is_finished() && std::env::var_os("SHIREN_TRACE").is_some() {
                trace(n, &plan, &done);
            }
            for (i, challenge) in plan.challenges().iter().enumerate() {
                let reached = done
                    .frames
                    .iter()
                    .filter(|f| matches!(f.1, Hint::WellDone { .. } | Hint::Finished))
                    .count();
                if i <= reached {
                    let what = format!("{}: {challenge}", film.name);
                    tally.add_action(&what, i < reached);
                }
            }
            let all = Challenge::OF_FACES;
            let mut stage = Stage::new(film, n);
            let done = self.play(&plan, |hint, _| {
                Some(
                    stage.shot(hint, |c| all.into_iter().filter(|o| *o != c).nth(rng.usize(..all.len() - 1))),
                )
            })?;
            tally.add("another action than asked", &done);
            let mut stage = Stage::new(film, n);
            tally.add("nothing is done", &self.play(&plan, |hint, _| Some(stage.shot(hint, |_| None)))?);
            let still = film.rest[n as usize % film.rest.len()];
            tally.add("a frozen frame", &self.play(&plan, |_, _| Some(still))?);
            let start = rng.usize(..film.cut_out.len());
            let still = |at: u64| film.cut_out[(start + (at / FRAME_MS) as usize) % film.cut_out.len()];
            tally.add("a still before a moving background", &self.play(&plan, |_, at| Some(still(at)))?);
            for (what, actions, rests, cuts) in CLIPS {
                // Many cuts for each plan: what gets through by chance is rare.
                for _ in 0..cuts {
                    let clip = clip_of(film, actions, rests, &mut rng);
                    let start = rng.usize(..clip.len());
                    let at = |at: u64| clip[(start + (at / FRAME_MS) as usize) % clip.len()];
                    let done = self.play(&plan, |_, at_ms| Some(at(at_ms)))?;
                    tally.add(&format!("a clip of {what} in a loop"), &done);
                }
            }
            let (mut before, mut after) = (Stage::new(film, n), Stage::new(other, n + 1));
            let mut swapped = false;
            let done = self.play(&plan, |hint, _| {
                swapped |= matches!(hint, Hint::WellDone { .. });
                Some(if swapped { after.shot(hint, Some) } else { before.shot(hint, Some) })
            })?;
            if film.name != other.name && swapped {
                tally.add("another person goes on after the first action", &done);
            }
        }
        Ok(())
    }
}

impl Tally {
    fn add_action(&mut self, what: &str, done: bool) {
        if !self.lines.iter().any(|l| l.0 == what) {
            self.lines.push((what.to_owned(), 0, 0, HashMap::new()));
        }
        if let Some(line) = self.lines.iter_mut().find(|l| l.0 == what) {
            (line.1, line.2) = (line.1 + u64::from(done), line.2 + 1);
        }
    }
}

fn trace(n: u64, plan: &Plan, done: &Performance) {
    eprintln!("plan {n} {:?}: {:?}", plan.challenges(), done.progress.hint());
    for (at, hint, reading) in &done.frames {
        let Some(f) = &reading.face else { continue };
        let [left, right] = f.eyes_open;
        eprintln!(
            "  {at:6} yaw {:5.1} pitch {:5.1} eyes {left:.2} {right:.2} mouth {:.2} {hint:?}",
            f.yaw_deg, f.pitch_deg, f.mouth_open
        );
    }
}

/// Rest, then so many different actions in random order with so many frames of rest between.
fn clip_of(film: &Film, actions: usize, rests: usize, rng: &mut Rng) -> Vec<Shot> {
    let mut order = Challenge::OF_FACES;
    rng.shuffle(&mut order);
    let mut clip = film.rest[..10].to_vec();
    for (i, challenge) in order.iter().take(actions).enumerate() {
        let takes = &film.takes[challenge];
        clip.extend(&takes[rng.usize(..takes.len())]);
        clip.extend(&film.rest[10 + rests * i..10 + rests * (i + 1)]);
    }
    clip
}

/// Someone who does something when asked: cut from a film, no frame twice before the film's end.
struct Stage<'a> {
    film: &'a Film,
    first: usize,
    played: usize,
    rest: usize,
    playing: Vec<Shot>,
    asked: Option<Challenge>,
}

impl<'a> Stage<'a> {
    fn new(film: &'a Film, seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let (rest, first) = (rng.usize(..film.rest.len()), rng.usize(..64));
        Self { film, first, played: 0, rest, playing: Vec::new(), asked: None }
    }

    fn shot(&mut self, hint: Hint, mut does: impl FnMut(Challenge) -> Option<Challenge>) -> Shot {
        match hint {
            Hint::Do { challenge } if self.asked != Some(challenge) && self.playing.is_empty() => {
                self.asked = Some(challenge);
                if let Some(action) = does(challenge) {
                    let takes = &self.film.takes[&action];
                    // Another one each time: what is shown twice is a recording.
                    let take = (self.first + self.played) % takes.len();
                    self.played += 1;
                    self.playing = takes[take].iter().rev().copied().collect();
                }
            }
            Hint::WrongAction { .. } | Hint::TooSlow { .. } => self.asked = None,
            _ => {}
        }
        self.playing.pop().unwrap_or_else(|| {
            self.rest += 1;
            self.film.rest[self.rest % self.film.rest.len()]
        })
    }
}

/// The n-th plan.
fn plan(n: u64) -> Outcome<Plan> {
    let mut rng = Rng::with_seed(n);
    let entropy = std::array::from_fn(|_| rng.u8(..));
    Ok(Plan::draw(&PlanRules::default(), &entropy)?)
}

fn number(frame: &[u8]) -> Shot {
    frame.first_chunk().map_or(0, |b| u64::from_le_bytes(*b) as usize)
}

/// Eyes to which a frame is its number.
struct Cutting<'a> {
    studio: &'a Studio,
}

impl Watch for Cutting<'_> {
    fn read_frame(&self, frame: &[u8], _: Option<&Region>) -> Result<FrameReading, SeeError> {
        Ok(self.studio.shots[number(frame)].1.clone())
    }

    fn compare_frame(
        &self,
        frame: &[u8],
        _: &Region,
        to: &FaceTemplate,
    ) -> Result<Option<FaceMatch>, SeeError> {
        use shiren_core::see::Eyes as _;
        let template = self.studio.template(number(frame))?;
        template.map(|t| self.studio.eyes.compare(&t, to)).transpose()
    }

    fn read_hand(&self, _: &[u8], _: Option<&Region>) -> Result<Option<HandSeen>, SeeError> {
        Ok(None)
    }

    fn read_card(&self, frame: &[u8], expected: DocumentKind) -> Result<CardView, SeeError> {
        self.studio.eyes.read_card(frame, expected)
    }

    fn passive_score(&self, _: &[u8], _: &Region) -> Result<Option<f32>, SeeError> {
        Ok(None)
    }
}
