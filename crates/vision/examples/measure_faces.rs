//! Measures the face pipeline on a folder of pictures named `PERSON_NUMBER.jpg`, as `docs/measurements.md`
//! tells: faces found, the score of every pair of pictures, bands, the curve, findings, milliseconds.
//!
//! `cargo run --release -p shiren-vision --example measure_faces -- FOLDER [PAIRS.tsv] [THREADS]`
//! The models are those below `$SHIREN_MODELS`; one JSON line of measures for each picture goes to stdout.

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use shiren_core::see::{Band, FaceMatch, FaceTemplate};
use shiren_vision::face::FaceReader;
use shiren_vision::pack::{Library, default_root};
use shiren_vision::picture::{Limits, Picture};

struct Read {
    file: String,
    template: Option<FaceTemplate>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = arguments.first().ok_or("usage: measure_faces FOLDER [PAIRS.tsv] [THREADS]")?;
    let threads = arguments.get(2).map_or(Ok(1), |t| t.parse())?;
    let reader = FaceReader::open(&Library::open(&default_root()?, threads)?)?;
    let pictures = read_all(&reader, Path::new(folder))?;
    let found = pictures.iter().filter(|p| p.template.is_some()).count();
    eprintln!("{}: a face found in {found} of {}", reader.set().name(), pictures.len());
    all_pairs(&reader, &pictures)?;
    if let Some(pairs) = arguments.get(1).filter(|p| !p.is_empty()) {
        listed_pairs(&reader, &pictures, &std::fs::read_to_string(pairs)?)?;
    }
    Ok(())
}

fn read_all(reader: &FaceReader, folder: &Path) -> Result<Vec<Read>, Box<dyn Error>> {
    let mut files: Vec<_> = std::fs::read_dir(folder)?.filter_map(|e| Some(e.ok()?.path())).collect();
    files.retain(|f| f.extension().is_some_and(|e| ["jpg", "jpeg", "png", "webp"].iter().any(|x| e == *x)));
    files.sort();
    let mut pictures = Vec::new();
    let mut times: Vec<Duration> = Vec::new();
    for path in files {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let picture = Picture::decode(&std::fs::read(&path)?, &Limits::default())?;
        let start = Instant::now();
        let selfie = reader.read_selfie(picture.rgb())?;
        times.push(start.elapsed());
        let codes: Vec<_> = selfie.photo.findings.iter().map(|f| f.code).collect();
        println!(
            "{}",
            serde_json::json!({"file": file, "findings": codes, "measures": selfie.photo.measures})
        );
        pictures.push(Read { file, template: selfie.face.map(|f| f.template) });
    }
    times.sort();
    if let Some(median) = times.get(times.len() / 2) {
        eprintln!(
            "{:.1} ms a picture (median, judging and reading, without decoding)",
            median.as_secs_f32() * 1e3
        );
    }
    Ok(pictures)
}

fn all_pairs(reader: &FaceReader, pictures: &[Read]) -> Result<(), Box<dyn Error>> {
    let person = |p: &Read| p.file.rsplit_once('_').map_or(p.file.clone(), |(name, _)| name.to_owned());
    let (mut genuine, mut impostor): (Vec<FaceMatch>, Vec<FaceMatch>) = (Vec::new(), Vec::new());
    for (i, a) in pictures.iter().enumerate() {
        for b in &pictures[i + 1..] {
            if let (Some(x), Some(y)) = (&a.template, &b.template) {
                let found = reader.compare(x, y)?;
                if person(a) == person(b) { genuine.push(found) } else { impostor.push(found) }
            }
        }
    }
    let share = |pairs: &[FaceMatch], band| {
        pairs.iter().filter(|m| m.band == band).count() as f64 / pairs.len().max(1) as f64
    };
    for (name, pairs) in [("genuine", &genuine), ("impostor", &impostor)] {
        eprintln!(
            "{name:8} {:7} pairs: same {:.6}, uncertain {:.6}, different {:.6}",
            pairs.len(),
            share(pairs, Band::Same),
            share(pairs, Band::Uncertain),
            share(pairs, Band::Different)
        );
    }
    impostor.sort_by(|a, b| b.score.total_cmp(&a.score));
    for rate in [1e-2, 1e-3, 1e-4, 1e-5] {
        if let Some(threshold) = impostor.get((impostor.len() as f64 * rate) as usize) {
            let hits = genuine.iter().filter(|m| m.score > threshold.score).count();
            eprintln!(
                "at a false-match rate of {rate:.0e} (score {:.3}, stated as {:.1e}): {:.4} of genuine pairs match",
                threshold.score,
                threshold.fmr,
                hits as f64 / genuine.len().max(1) as f64
            );
        }
    }
    let mut curve = Vec::new();
    for step in -4..16 {
        let score = 0.5 * step as f32;
        let above = impostor.partition_point(|m| m.score >= score);
        if above >= 10 {
            curve.push(format!("({score:.1}, {:.3})", (above as f64 / impostor.len() as f64).log10()));
        }
    }
    eprintln!("curve: {}", curve.join(", "));
    Ok(())
}

/// Columns: file, file, 1 for the same person and 0 for two.
fn listed_pairs(reader: &FaceReader, pictures: &[Read], list: &str) -> Result<(), Box<dyn Error>> {
    let template = |file: &str| pictures.iter().find(|p| p.file == file).and_then(|p| p.template.as_ref());
    let mut scores = Vec::new();
    for line in list.lines() {
        let [a, b, same] = line.split('\t').collect::<Vec<_>>()[..] else { continue };
        if let (Some(a), Some(b)) = (template(a), template(b)) {
            scores.push((reader.compare(a, b)?.score, same.trim() == "1"));
        }
    }
    let right = |threshold: f32| scores.iter().filter(|(s, same)| (*s >= threshold) == *same).count();
    let best = scores.iter().map(|(s, _)| (right(*s), *s)).max_by(|a, b| a.0.cmp(&b.0));
    if let Some((right, threshold)) = best {
        eprintln!(
            "best threshold {threshold:.3} on {} listed pairs: accuracy {:.4}",
            scores.len(),
            right as f64 / scores.len() as f64
        );
    }
    Ok(())
}
