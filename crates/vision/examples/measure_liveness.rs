//! Measures the live check, as `docs/measurements.md` tells.
//!
//! `cargo run --release -p shiren-vision --example measure_liveness -- time PORTRAIT [THREADS]`: milliseconds a frame
//! `… poses PORTRAIT`: what the mesh reads of a puppet in known poses
//! `… puppet PORTRAIT PLANS`: how many random plans an obedient puppet gets through
//! `… clip FOLDER MS PLANS`: how many random plans a clip (its frames as JPEG files in order, so many
//! milliseconds apart) gets through, started at a random place and looped
//!
//! The models are those below `$SHIREN_MODELS`.

use std::collections::HashMap;
use std::error::Error;
use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

use shiren_core::see::liveness::{Challenge, FrameReading, HandSeen, Plan, PlanRules, Watch};
use shiren_core::see::{CardView, DocumentKind, Eyes, FaceMatch, FaceTemplate, Region, SeeError};
use shiren_testkit::puppet::{CALM, Performance, Pose, Puppet, obeying, perform};
use shiren_vision::LocalEyes;
use shiren_vision::pack::{Library, default_root};
use shiren_vision::picture::{Limits, Picture};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |i: usize| arguments.get(i).map(String::as_str).ok_or("see the top of this file");
    let number = |i: usize, or: u64| arguments.get(i).map_or(Ok(or), |n| n.parse::<u64>());
    match argument(0)? {
        "time" => time(&eyes(number(2, 1)? as usize)?, argument(1)?),
        "poses" => poses(&eyes(1)?, argument(1)?),
        "puppet" => obedient(&eyes(1)?, argument(1)?, number(2, 20)?),
        "clip" => clip(&eyes(1)?, Path::new(argument(1)?), number(2, 33)?, number(3, 50)?),
        _ => Err("see the top of this file".into()),
    }
}

fn eyes(threads: usize) -> Outcome<LocalEyes> {
    let eyes = LocalEyes::new(Library::open(&default_root()?, threads)?, Limits::default());
    eyes.open_faces()?;
    eyes.open_watcher()?;
    Ok(eyes)
}

fn puppet(eyes: &LocalEyes, portrait: &str, width: u32, height: u32) -> Outcome<Puppet> {
    let picture = Picture::decode(&std::fs::read(portrait)?, &Limits::default())?.into_rgb();
    let faces = eyes.open_faces()?.find(&picture)?;
    let face = faces.first().ok_or("no face")?;
    let points: Vec<[f32; 3]> = face.points().iter().map(|p| [p.x, p.y, p.z]).collect();
    Ok(Puppet::new(&picture, &points, width, height))
}

fn time(eyes: &LocalEyes, portrait: &str) -> Outcome<()> {
    for (width, height) in [(480, 640), (320, 240)] {
        let puppet = puppet(eyes, portrait, width, height)?;
        let frames: Vec<Vec<u8>> =
            (0..30).map(|n| puppet.jpeg(&Pose { yaw: n as f32 - 15.0, ..CALM }, n)).collect();
        let template = eyes.read_face(&frames[15])?.ok_or("no face")?.template;
        println!("{width} x {height}, {} kB a frame", frames[0].len() / 1_000);
        let (mut found, mut regions) = (Vec::new(), Vec::new());
        for frame in &frames {
            let start = Instant::now();
            let reading = eyes.read_frame(frame, None)?;
            found.push(start.elapsed().as_secs_f32() * 1e3);
            regions.push(reading.face.ok_or("no face")?.region);
        }
        let timed = |look: &dyn Fn(&[u8], &Region) -> Outcome<()>| -> Outcome<Vec<f32>> {
            let each = frames.iter().zip(&regions).map(|(frame, region)| {
                let start = Instant::now();
                look(frame, region)?;
                Ok(start.elapsed().as_secs_f32() * 1e3)
            });
            each.collect()
        };
        let followed = timed(&|f, r| Ok(eyes.read_frame(f, Some(r)).map(drop)?))?;
        let compared = timed(&|f, r| Ok(eyes.compare_frame(f, r, &template).map(drop)?))?;
        let decoded = timed(&|f, _| Ok(shiren_vision::liveness::Watcher::decode(f).map(drop)?))?;
        for (what, mut times) in
            [("searched", found), ("followed", followed), ("compared", compared), ("decoded", decoded)]
        {
            times.sort_by(f32::total_cmp);
            println!(
                "  {what:9} {:5.1} ms (median), {:5.1} ms (slowest)",
                times[times.len() / 2],
                times[times.len() - 1]
            );
        }
    }
    Ok(())
}

fn poses(eyes: &LocalEyes, portrait: &str) -> Outcome<()> {
    let puppet = puppet(eyes, portrait, 480, 640)?;
    let template = eyes.read_face(&puppet.jpeg(&CALM, 0))?.ok_or("no face")?.template;
    let yaws = (-40..=40).step_by(10).map(|yaw| Pose { yaw: yaw as f32, ..CALM });
    let pitches = (-20..=30).step_by(10).map(|pitch| Pose { pitch: pitch as f32, ..CALM });
    let eye_lids = [0.75, 0.5, 0.25, 0.0].map(|eyes| Pose { eyes, ..CALM });
    let mouths = [0.25, 0.5, 0.75, 1.0].map(|mouth| Pose { mouth, ..CALM });
    for (n, pose) in yaws.chain(pitches).chain(eye_lids).chain(mouths).enumerate() {
        let frame = puppet.jpeg(&pose, n as u64);
        if let Ok(folder) = std::env::var("SHIREN_DRAW") {
            std::fs::write(Path::new(&folder).join(format!("pose-{n:02}.jpg")), &frame)?;
        }
        let reading = eyes.read_frame(&frame, None)?;
        let Some(face) = reading.face else {
            println!("{pose:?}: no face");
            continue;
        };
        let matched = eyes.compare_frame(&frame, &face.region, &template)?;
        println!(
            "yaw {:5.1} pitch {:5.1} eyes {:.2} mouth {:.2} | yaw {:5.1} pitch {:5.1} eyes {:.2} {:.2} mouth {:.2} presence {:4.1} blur {:.3} side {:.0} p95 {:.0} same {:?}",
            pose.yaw,
            pose.pitch,
            pose.eyes,
            pose.mouth,
            face.yaw_deg,
            face.pitch_deg,
            face.eyes_open[0],
            face.eyes_open[1],
            face.mouth_open,
            face.presence,
            face.blur.unwrap_or(9.9),
            face.side(),
            reading.brightness_p95,
            matched.map(|m| (m.band, m.score))
        );
    }
    Ok(())
}

/// The n-th plan.
fn plan(n: u64) -> Outcome<Plan> {
    let mut rng = fastrand::Rng::with_seed(n);
    let entropy = std::array::from_fn(|_| rng.u8(..));
    Ok(Plan::draw(&PlanRules::default(), &entropy)?)
}

fn tell(n: u64, plan: &Plan, done: &Performance) {
    let names: Vec<&str> = plan.challenges().iter().map(|c: &Challenge| c.name()).collect();
    println!(
        "plan {n} ({}): {:?} after {:.1} s, {} retries, {} comparisons",
        names.join(", "),
        done.progress.hint(),
        done.frames.len() as f32 / 10.0,
        done.progress.retries_used(),
        done.compared
    );
    if std::env::var_os("SHIREN_TRACE").is_some() {
        for (at, hint, reading) in &done.frames {
            let face = reading
                .face
                .as_ref()
                .map(|f| (f.yaw_deg, f.pitch_deg, f.eyes_open, f.mouth_open, f.presence));
            println!("  {at:6} {:016x} {} {face:.2?} {hint:?}", reading.hash.likeness, reading.faces);
        }
    }
}

fn obedient(eyes: &LocalEyes, portrait: &str, plans: u64) -> Outcome<()> {
    let puppet = puppet(eyes, portrait, 480, 640)?;
    let mut accepted = 0;
    for n in 0..plans {
        let plan = plan(n)?;
        let done = perform(eyes, |f| Ok(eyes.read_face(f)?.map(|f| f.template)), &plan, obeying(&puppet, n))?;
        accepted += u64::from(done.progress.is_finished());
        tell(n, &plan, &done);
    }
    println!("accepted {accepted} of {plans}");
    Ok(())
}

/// Eyes that look at each frame of a clip once: a clip is played many times.
struct Remembering<'a> {
    eyes: &'a LocalEyes,
    readings: Mutex<HashMap<Vec<u8>, FrameReading>>,
    matches: Mutex<HashMap<Vec<u8>, Option<FaceMatch>>>,
    template: FaceTemplate,
}

impl Watch for Remembering<'_> {
    fn read_frame(&self, frame: &[u8], _: Option<&Region>) -> Result<FrameReading, SeeError> {
        let known = self.readings.lock().ok().and_then(|r| r.get(frame).cloned());
        if let Some(reading) = known {
            return Ok(reading);
        }
        let reading = self.eyes.read_frame(frame, None)?;
        if let Ok(mut readings) = self.readings.lock() {
            readings.insert(frame.to_vec(), reading.clone());
        }
        Ok(reading)
    }

    /// With the one template: there is only one person in a clip.
    fn compare_frame(
        &self,
        frame: &[u8],
        face: &Region,
        _: &FaceTemplate,
    ) -> Result<Option<FaceMatch>, SeeError> {
        let known = self.matches.lock().ok().and_then(|m| m.get(frame).copied());
        if let Some(matched) = known {
            return Ok(matched);
        }
        let matched = self.eyes.compare_frame(frame, face, &self.template)?;
        if let Ok(mut matches) = self.matches.lock() {
            matches.insert(frame.to_vec(), matched);
        }
        Ok(matched)
    }

    fn read_hand(&self, _: &[u8], _: Option<&Region>) -> Result<Option<HandSeen>, SeeError> {
        Ok(None)
    }

    fn read_card(&self, frame: &[u8], expected: DocumentKind) -> Result<CardView, SeeError> {
        self.eyes.read_card(frame, expected)
    }

    fn passive_score(&self, frame: &[u8], face: &Region) -> Result<Option<f32>, SeeError> {
        self.eyes.passive_score(frame, face)
    }
}

fn clip(eyes: &LocalEyes, folder: &Path, step_ms: u64, plans: u64) -> Outcome<()> {
    let mut files: Vec<_> = std::fs::read_dir(folder)?.filter_map(|e| Some(e.ok()?.path())).collect();
    files.sort();
    let frames = files.iter().map(std::fs::read).collect::<Result<Vec<_>, _>>()?;
    let first = frames.first().ok_or("an empty folder")?;
    let template = eyes.read_face(first)?.ok_or("no face in the first frame")?.template;
    let eyes = Remembering { eyes, readings: Mutex::default(), matches: Mutex::default(), template };
    let face = |_: &[u8]| Ok(Some(eyes.template.clone()));
    let mut accepted = 0;
    for n in 0..plans {
        let plan = plan(n)?;
        let start = fastrand::Rng::with_seed(n).usize(..frames.len());
        let done = perform(&eyes, face, &plan, |_, at_ms| {
            Some(frames[(start + (at_ms / step_ms) as usize) % frames.len()].clone())
        })?;
        accepted += u64::from(done.progress.is_finished());
        tell(n, &plan, &done);
    }
    println!("accepted {accepted} of {plans}");
    Ok(())
}
