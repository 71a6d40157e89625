//! Compares the portraits on photographed cards with other photographs of the same people, and with everybody else's, as
//! `docs/measurements.md` tells.
//!
//! `cargo run --release -p shiren-vision --example measure_cards -- FOLDER > vectors.jsonl`
//!
//! The folder holds pictures named `PERSON_NUMBER.jpg`. The first picture of everybody who has several is printed on a
//! drawn card, which is photographed by hand; all the others are selfies. The models are those below `$SHIREN_MODELS`;
//! one JSON line of vectors for each picture goes to stdout.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};

use jiff::civil::{Date, date};
use shiren_core::see::{Band, Eyes as _, FaceTemplate, Look};
use shiren_specimen::{FaceBox, Fonts, Scene, Specimen, draw, jpeg, photograph, portrait};
use shiren_vision::LocalEyes;
use shiren_vision::face::FaceReader;
use shiren_vision::pack::{Library, default_root};
use shiren_vision::picture::{Limits, Picture};

type Outcome<T> = Result<T, Box<dyn Error>>;

const TODAY: Date = date(2026, 11, 22);

/// A face, and whose it is.
struct Read {
    person: String,
    template: FaceTemplate,
}

fn main() -> Outcome<()> {
    let folder = std::env::args().nth(1).ok_or("see the top of this file")?;
    let library = || -> Outcome<Library> { Ok(Library::open(&default_root()?, 2)?) };
    let eyes = LocalEyes::new(library()?, Limits::default());
    let faces = FaceReader::open(&library()?)?;
    let fonts = Fonts::find(None)?;
    let (mut cards, mut selfies, mut lost) = (Vec::new(), Vec::new(), 0);
    for (seed, (person, files)) in people(Path::new(&folder))?.into_iter().enumerate() {
        let mut files = files.iter();
        if files.len() > 1 {
            let first = files.next().ok_or("nobody")?;
            match on_card(&eyes, &faces, &fonts, first, seed as u64)? {
                Some(template) => cards.push(told("card", &person, template)),
                None => lost += 1,
            }
        }
        for file in files {
            let picture = Picture::decode(&std::fs::read(file)?, &Limits::default())?;
            if let Some(face) = faces.read_selfie(picture.rgb())?.face {
                selfies.push(told("selfie", &person, face.template));
            }
        }
    }
    eprintln!(
        "{}: {} cards, no portrait on {lost} more, {} selfies",
        faces.set().name(),
        cards.len(),
        selfies.len()
    );
    compare(&faces, &cards, &selfies)
}

/// The pictures of each person, in order.
fn people(folder: &Path) -> Outcome<BTreeMap<String, Vec<PathBuf>>> {
    let mut people = BTreeMap::<_, Vec<_>>::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if let (Some((person, _)), Some("jpg")) =
            (name.rsplit_once('_'), path.extension().and_then(|e| e.to_str()))
        {
            people.entry(person.to_owned()).or_default().push(path);
        }
    }
    people.values_mut().for_each(|files| files.sort());
    Ok(people)
}

/// The template that a photographed card with this face gives.
fn on_card(
    eyes: &LocalEyes,
    faces: &FaceReader,
    fonts: &Fonts,
    file: &Path,
    seed: u64,
) -> Outcome<Option<FaceTemplate>> {
    let photo = Picture::decode(&std::fs::read(file)?, &Limits::default())?;
    let Some(face) = faces.find(photo.rgb())?.into_iter().next() else { return Ok(None) };
    let (x, y, width, height) = face.region().bounds();
    let cut = portrait(photo.rgb(), Some(FaceBox { x, y, width, height }));
    let card = draw::id_front(fonts, &Specimen::random(seed, TODAY), Some(&cut));
    let taken = jpeg(&photograph(&[&card], &Scene::casual(seed, true), seed).picture, 88)?;
    let reading = eyes.read_document(&taken, &Look { expected: None, portrait: true, today: TODAY })?;
    Ok(reading.portrait.map(|p| p.template))
}

fn told(kind: &str, person: &str, template: FaceTemplate) -> Read {
    println!("{}", serde_json::json!({ "kind": kind, "person": person, "vectors": template.vectors }));
    Read { person: person.to_owned(), template }
}

fn compare(faces: &FaceReader, cards: &[Read], selfies: &[Read]) -> Outcome<()> {
    let (mut genuine, mut impostor) = (Vec::new(), Vec::new());
    for card in cards {
        for selfie in selfies {
            let found = faces.compare(&card.template, &selfie.template)?;
            if card.person == selfie.person { genuine.push(found) } else { impostor.push(found) }
        }
    }
    for (name, pairs) in [("genuine", &genuine), ("impostor", &impostor)] {
        let share = |band| pairs.iter().filter(|m| m.band == band).count() as f64 / pairs.len().max(1) as f64;
        let (same, different) = (share(Band::Same), share(Band::Different));
        eprintln!("{name}: {} pairs, same {same:.5}, different {different:.5}", pairs.len());
    }
    impostor.sort_by(|a, b| b.score.total_cmp(&a.score));
    for rate in [1e-2, 1e-3, 1e-4] {
        if let Some(limit) = impostor.get((impostor.len() as f64 * rate) as usize) {
            let hits = genuine.iter().filter(|m| m.score > limit.score).count() as f64;
            eprintln!("at a false-match rate of {rate:.0e}: {:.3} match", hits / genuine.len().max(1) as f64);
        }
    }
    Ok(())
}
