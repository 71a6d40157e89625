//! Judges drawn people with a card in hand and counts how often the answer is right, as `docs/measurements.md` tells, A
//! document in hand.
//!
//! `cargo run --release -p shiren-vision --example measure_handheld -- PORTRAITS HOW_MANY [FOLDER]`
//!
//! `PORTRAITS`: a folder of pictures with one face each, in the middle. Each is drawn once in every way of holding a card,
//! and once with another card than the one shown before. Fonts are those of `shiren specimens`; the models are those
//! below `$SHIREN_MODELS`. With `FOLDER`, pictures that were answered wrongly are written there.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};

use image::RgbImage;
use jiff::civil::{Date, date};
use shiren_core::see::{DocumentKind, DocumentReading, Eyes, HandheldReading, Look};
use shiren_core::verification::check::held;
use shiren_core::verification::{ReasonCode, Severity};
use shiren_specimen::{Fonts, Scene, Specimen, draw, jpeg, photograph};
use shiren_testkit::holder::{Holding, holder};
use shiren_vision::LocalEyes;
use shiren_vision::pack::{Library, default_root};
use shiren_vision::picture::{Limits, Picture};

type Outcome<T> = Result<T, Box<dyn Error>>;

const TODAY: Date = date(2026, 11, 22);

/// What only a handheld shot is judged for.
const OWN: [ReasonCode; 9] = [
    ReasonCode::PersonTooSmall,
    ReasonCode::ArmNotVisible,
    ReasonCode::DocumentOffCentre,
    ReasonCode::HeldDocumentUnreadable,
    ReasonCode::HeldDocumentDiffers,
    ReasonCode::DocumentNotFound,
    ReasonCode::DocumentWrongType,
    ReasonCode::DocumentWrongSide,
    ReasonCode::FaceNotFound,
];

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (folder, many, wrong) = match arguments.as_slice() {
        [folder, many] => (folder, many.parse::<usize>()?, None),
        [folder, many, wrong] => (folder, many.parse()?, Some(PathBuf::from(wrong))),
        _ => return Err("see the top of this file".into()),
    };
    let eyes = LocalEyes::new(Library::open(&default_root()?, 2)?, Limits::default());
    let fonts = Fonts::find(None)?;
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    for (seed, portrait) in portraits(Path::new(folder), many)?.iter().enumerate() {
        // Other bodies and cards for each number of portraits.
        let seed = (1000 * many + seed) as u64;
        let cards = [2 * seed, 2 * seed + 1]
            .map(|n| draw::id_front(&fonts, &Specimen::random(n, TODAY), Some(portrait)));
        let shown = shown(&eyes, &cards[0], seed)?;
        let ways = Holding::ALL.into_iter().map(|holding| (holding, 0)).chain([(Holding::Right, 1)]);
        for (holding, card) in ways {
            let picture = jpeg(&holder(portrait, &cards[card], holding, seed), 88)?;
            let reading = eyes.read_handheld(&picture, Some(DocumentKind::CnIdFront), TODAY)?;
            let told = told(&reading, &shown);
            let name = if card == 0 { format!("{holding:?}") } else { "another card".to_owned() };
            let right = is_right(holding, card, &told);
            let row = rows.entry(name.clone()).or_default();
            (row.right, row.of) = (row.right + u32::from(right), row.of + 1);
            *row.told.entry(format!("{told:?}")).or_default() += 1;
            row.arms.extend(reading.photo.measures.get("arm_visible"));
            if let (false, Some(folder)) = (right, &wrong) {
                std::fs::write(folder.join(format!("{name}-{seed}.jpg")), &picture)?;
                eprintln!("{name} {seed}: {told:?} {:?}", reading.photo.measures);
            }
        }
    }
    for (name, Row { right, of, told, mut arms }) in rows {
        arms.sort_by(f32::total_cmp);
        let at = |share: f32| {
            arms.get((arms.len() as f32 * share) as usize).or(arms.last()).copied().unwrap_or(f32::NAN)
        };
        println!("{name}: right {right} of {of} {told:?}");
        println!("  arm: {:.2} {:.2} {:.2} {:.2} {:.2}", at(0.0), at(0.1), at(0.5), at(0.9), at(1.0));
    }
    Ok(())
}

/// What became of one way of holding a card.
#[derive(Default)]
struct Row {
    right: u32,
    of: u32,
    told: BTreeMap<String, u32>,
    arms: Vec<f32>,
}

/// Pictures spread over a folder, one of each person.
fn portraits(folder: &Path, many: usize) -> Outcome<Vec<RgbImage>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)?.filter_map(|e| Some(e.ok()?.path())).collect();
    files.retain(|f| f.to_string_lossy().ends_with("_0001.jpg"));
    files.sort();
    let step = (files.len() / many.max(1)).max(1);
    let chosen = files.iter().step_by(step).take(many);
    chosen.map(|f| Ok(Picture::decode(&std::fs::read(f)?, &Limits::default())?.into_rgb())).collect()
}

/// The card as it was shown before.
fn shown(eyes: &LocalEyes, card: &RgbImage, seed: u64) -> Outcome<DocumentReading> {
    let photo = photograph(&[card], &Scene::casual(seed, true), seed);
    let look = Look { expected: Some(DocumentKind::CnIdFront), portrait: false, today: TODAY };
    Ok(eyes.read_document(&jpeg(&photo.picture, 90)?, &look)?)
}

/// What is told of handheld shots alone.
fn told(reading: &HandheldReading, shown: &DocumentReading) -> Vec<ReasonCode> {
    let judged = reading.photo.findings.iter().copied();
    let all = judged.chain(held(shown, &reading.document)).filter(|f| f.severity != Severity::Info);
    all.map(|f| f.code).filter(|code| OWN.contains(code)).collect()
}

fn is_right(holding: Holding, card: usize, told: &[ReasonCode]) -> bool {
    let only = |one: &[ReasonCode]| !told.is_empty() && told.iter().all(|code| one.contains(code));
    match holding {
        Holding::Right if card == 1 => only(&[ReasonCode::HeldDocumentDiffers]),
        Holding::Right => told.is_empty(),
        Holding::HandOnly | Holding::NoArm => only(&[ReasonCode::ArmNotVisible]),
        // So close, the card is cut off too.
        Holding::TooClose => told.contains(&ReasonCode::ArmNotVisible),
        // So far away, the card cannot be read either.
        Holding::TooFar => told.contains(&ReasonCode::PersonTooSmall),
        // The arm may reach out of the picture.
        Holding::Aside => {
            told.contains(&ReasonCode::DocumentOffCentre)
                && only(&[ReasonCode::DocumentOffCentre, ReasonCode::ArmNotVisible])
        }
        Holding::Blurred => only(&[ReasonCode::HeldDocumentUnreadable, ReasonCode::DocumentNotFound]),
        Holding::NoCard => only(&[ReasonCode::DocumentNotFound]),
    }
}
