//! Measures hand signs, as `docs/measurements.md` tells.
//!
//! `scripts/draw-hands FOLDER 40` draws labelled hands; then
//! `cargo run --release -p shiren-vision --example measure_hands -- stills FOLDER PORTRAIT`: which sign is told of each
//! hand, large and as small as beside a face, on grounds of three kinds
//! `… plans FOLDER PORTRAIT PLANS`: how many random plans of hand signs an obedient puppet gets through
//! `… time FOLDER PORTRAIT`: milliseconds a frame
//!
//! PNG files of real hands can stand in the folder too: their names begin with the sign. The models are those below
//! `$SHIREN_MODELS`.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::time::Instant;

use image::{Rgb, RgbImage, RgbaImage};
use shiren_core::see::Eyes;
use shiren_core::see::liveness::{Challenge, HandSign, Plan, PlanRules, Watch};
use shiren_specimen::jpeg;
use shiren_testkit::puppet::{CALM, Pose, Puppet, RaisedHand, obeying, perform};
use shiren_vision::LocalEyes;
use shiren_vision::pack::{Library, default_root};
use shiren_vision::picture::{Limits, Picture};

type Outcome<T> = Result<T, Box<dyn Error>>;
/// Cut-out hands by what they show: a challenge's name, or `none-…`.
type Hands = BTreeMap<String, Vec<RgbaImage>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |i: usize| arguments.get(i).map(String::as_str).ok_or("see the top of this file");
    let eyes = LocalEyes::new(Library::open(&default_root()?, 1)?, Limits::default());
    let hands = hands(Path::new(argument(1)?))?;
    let puppet = puppet(&eyes, argument(2)?)?;
    match argument(0)? {
        "stills" => stills(&eyes, &hands, &puppet),
        "plans" => plans(&eyes, hands, puppet, argument(3)?.parse()?),
        "time" => time(&eyes, hands, puppet),
        _ => Err("see the top of this file".into()),
    }
}

fn hands(folder: &Path) -> Outcome<Hands> {
    let mut files: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    files.sort_by_key(std::fs::DirEntry::path);
    let mut hands = Hands::new();
    for file in files {
        let name = file.file_name().to_string_lossy().into_owned();
        let Some((what, _)) = name.rsplit_once('-') else { continue };
        hands.entry(what.to_owned()).or_default().push(image::open(file.path())?.into_rgba8());
    }
    Ok(hands)
}

fn puppet(eyes: &LocalEyes, portrait: &str) -> Outcome<Puppet> {
    let picture = Picture::decode(&std::fs::read(portrait)?, &Limits::default())?.into_rgb();
    let faces = eyes.open_faces()?.find(&picture)?;
    let points: Vec<[f32; 3]> =
        faces.first().ok_or("no face")?.points().iter().map(|p| [p.x, p.y, p.z]).collect();
    Ok(Puppet::new(&picture, &points, 480, 640))
}

/// The sign of that name; `None` for what is none.
fn sign(name: &str) -> Option<HandSign> {
    name.parse::<Challenge>().ok().and_then(Challenge::sign)
}

fn stills(eyes: &LocalEyes, hands: &Hands, puppet: &Puppet) -> Outcome<()> {
    println!("{:12} {:>9} {:>9} {:>9}   told instead", "", "beside", "on noise", "tilted");
    for (name, pictures) in hands {
        let (mut right, mut instead) = ([0; 3], BTreeMap::<String, u32>::new());
        for (n, hand) in pictures.iter().enumerate() {
            let frames = [beside(puppet, hand, n)?, on_noise(hand, n)?, tilted(puppet, hand, n)?];
            for (count, frame) in right.iter_mut().zip(frames) {
                let told = eyes.read_hand(&frame, None)?;
                let found = told.is_some();
                let told = told.and_then(|h| h.sign);
                if told == sign(name) {
                    *count += 1;
                } else {
                    let what =
                        told.map_or(if found { "none" } else { "no hand" }.into(), |s| format!("{s:?}"));
                    *instead.entry(what).or_default() += 1;
                }
            }
        }
        let of = pictures.len();
        let [a, b, c] = right.map(|r| format!("{r}/{of}"));
        println!("{name:12} {a:>9} {b:>9} {c:>9}   {instead:?}");
    }
    Ok(())
}

/// As small as it is beside a face.
fn beside(puppet: &Puppet, hand: &RgbaImage, n: usize) -> Outcome<Vec<u8>> {
    let raised = RaisedHand { sign: HandSign::Okay, picture: n as u64, height: 1.0 };
    let hands = BTreeMap::from([(HandSign::Okay, vec![hand.clone()])]);
    let pose = Pose { sign: Some(raised), ..CALM };
    Ok(puppet.clone().with_hands(hands).jpeg(&pose, n as u64))
}

/// Large, on grey noise.
fn on_noise(hand: &RgbaImage, n: usize) -> Outcome<Vec<u8>> {
    let mut rng = fastrand::Rng::with_seed(n as u64);
    let grey = rng.u8(60..200);
    let mut frame = RgbImage::from_fn(480, 640, |_, _| Rgb([grey.saturating_add(rng.u8(0..24)); 3]));
    lay(&mut frame, hand, (60, 140));
    Ok(jpeg(&frame, 80)?)
}

/// As [`beside`], the picture of the hand turned by up to 20°.
fn tilted(puppet: &Puppet, hand: &RgbaImage, n: usize) -> Outcome<Vec<u8>> {
    let degrees = (n as f32 * 7.3) % 40.0 - 20.0;
    beside(puppet, &turned(hand, degrees), n)
}

fn turned(hand: &RgbaImage, degrees: f32) -> RgbaImage {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (w, h) = hand.dimensions();
    RgbaImage::from_fn(w, h, |x, y| {
        let (dx, dy) = (x as f32 - w as f32 / 2.0, y as f32 - h as f32 / 2.0);
        let (sx, sy) = (cos * dx + sin * dy + w as f32 / 2.0, cos * dy - sin * dx + h as f32 / 2.0);
        let inside = sx >= 0.0 && sy >= 0.0;
        hand.get_pixel_checked(sx as u32, sy as u32)
            .filter(|_| inside)
            .copied()
            .unwrap_or(image::Rgba([0; 4]))
    })
}

fn lay(frame: &mut RgbImage, hand: &RgbaImage, at: (u32, u32)) {
    for (x, y, pixel) in hand.enumerate_pixels() {
        if let Some(below) = frame.get_pixel_mut_checked(at.0 + x, at.1 + y) {
            let alpha = f32::from(pixel.0[3]) / 255.0;
            (0..3).for_each(|c| {
                let mixed = alpha * f32::from(pixel.0[c]) + (1.0 - alpha) * f32::from(below.0[c]);
                below.0[c] = mixed.round() as u8;
            });
        }
    }
}

fn plans(eyes: &LocalEyes, hands: Hands, puppet: Puppet, count: u64) -> Outcome<()> {
    let signs = Challenge::ALL.into_iter().filter_map(|c| Some((c, c.sign()?)));
    let known = signs
        .filter_map(|(challenge, sign)| Some((sign, hands.get(challenge.name())?.clone())))
        .collect::<BTreeMap<_, _>>();
    let challenges: Vec<Challenge> =
        Challenge::ALL.into_iter().filter(|c| c.sign().is_some_and(|s| known.contains_key(&s))).collect();
    let puppet = puppet.with_hands(known);
    let rules = PlanRules { challenges, fewest: 3, most: 3, ..PlanRules::default() };
    let mut passed = 0;
    for n in 0..count {
        let mut rng = fastrand::Rng::with_seed(n);
        let plan = Plan::draw(&rules, &std::array::from_fn(|_| rng.u8(..)))?;
        let template = |frame: &[u8]| Ok(eyes.read_face(frame)?.map(|face| face.template));
        let done = perform(eyes, template, &plan, obeying(&puppet, n))?;
        passed += u64::from(done.progress.is_finished());
        let names: Vec<&str> = plan.challenges().iter().map(|c| c.name()).collect();
        if !done.progress.is_finished() {
            println!("{n}: {names:?}: {:?}", done.progress.hint());
        }
    }
    println!("{passed} of {count} plans");
    Ok(())
}

fn time(eyes: &LocalEyes, hands: Hands, puppet: Puppet) -> Outcome<()> {
    let hand = hands.get("victory").and_then(|h| h.first()).ok_or("no victory in the folder")?;
    let with = beside(&puppet, hand, 1)?;
    let without = puppet.jpeg(&CALM, 1);
    let region = eyes.read_hand(&with, None)?.ok_or("no hand")?.region;
    for (what, frame, last) in
        [("found", &with, None), ("followed", &with, Some(&region)), ("no hand", &without, None)]
    {
        let mut times: Vec<f32> = (0..30)
            .map(|_| {
                let start = Instant::now();
                eyes.read_hand(frame, last).map(|_| start.elapsed().as_secs_f32() * 1e3)
            })
            .collect::<Result<_, _>>()?;
        times.sort_by(f32::total_cmp);
        println!("{what:9} {:5.1} ms (median of 30)", times[15]);
    }
    Ok(())
}
