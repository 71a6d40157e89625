//! Measures what pooling several pictures of a person into one template gives, as `docs/measurements.md` tells.
//!
//! `cargo run -p shiren-vision --example measure_pools -- FOLDER`: a folder of pictures named `PERSON_NUMBER.jpg`. Of
//! everybody with four pictures or more, each picture is the portrait once, held against three others of them: each by
//! itself, pooled, and their scores' mean. Impostors are everybody else's pools. The models are those below
//! `$SHIREN_MODELS`.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use shiren_core::see::FaceTemplate;
use shiren_vision::face::FaceReader;
use shiren_vision::pack::{Library, default_root};
use shiren_vision::picture::{Limits, Picture};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let folder = std::env::args().nth(1).ok_or("see the top of this file")?;
    let reader = FaceReader::open(&Library::open(&default_root()?, 1)?)?;
    let people = people(&reader, Path::new(&folder))?;
    let several: Vec<&Vec<FaceTemplate>> = people.values().filter(|p| p.len() >= 4).collect();
    println!("{} people with four pictures or more, {} people", several.len(), people.len());
    let ways: [(&str, Way<'_>); 3] = [("single", &single), ("pooled", &one), ("mean of scores", &mean)];
    for (name, way) in ways {
        let (mut genuine, mut impostor) = (Vec::new(), Vec::new());
        for (n, person) in several.iter().enumerate() {
            for i in 0..person.len() {
                let others: Vec<&FaceTemplate> =
                    person.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, t)| t).take(3).collect();
                genuine.extend(way(&reader, &person[i], &others)?);
            }
            let pool: Vec<&FaceTemplate> = person.iter().take(3).collect();
            for (m, stranger) in people.values().enumerate() {
                if stranger.first().map(|t| &t.vectors) != person.first().map(|t| &t.vectors) && m != n {
                    for portrait in stranger {
                        impostor.extend(way(&reader, portrait, &pool)?);
                    }
                }
            }
        }
        tell(name, &genuine, &mut impostor);
    }
    Ok(())
}

fn tell(name: &str, genuine: &[f32], impostor: &mut [f32]) {
    impostor.sort_by(|a, b| b.total_cmp(a));
    let share = |scores: &[f32], from: f32| {
        scores.iter().filter(|s| **s >= from).count() as f64 / scores.len().max(1) as f64
    };
    println!("{name}: {} genuine, {} impostor scores", genuine.len(), impostor.len());
    for rate in [1e-2, 1e-3, 1e-4] {
        let Some(at) = impostor.get((impostor.len() as f64 * rate) as usize) else { continue };
        println!("  false-match rate {rate:.0e} at {at:.2}: {:.4} of genuine match", share(genuine, *at));
    }
    for at in [1.6, 2.95] {
        println!("  at {at}: {:.6} of impostors, {:.4} of genuine", share(impostor, at), share(genuine, at));
    }
}

type Way<'a> = &'a dyn Fn(&FaceReader, &FaceTemplate, &[&FaceTemplate]) -> Outcome<Vec<f32>>;

fn single(reader: &FaceReader, portrait: &FaceTemplate, pool: &[&FaceTemplate]) -> Outcome<Vec<f32>> {
    pool.iter().map(|t| Ok(reader.compare(portrait, t)?.score)).collect()
}

fn one(reader: &FaceReader, portrait: &FaceTemplate, pool: &[&FaceTemplate]) -> Outcome<Vec<f32>> {
    let pool: Vec<FaceTemplate> = pool.iter().map(|t| (*t).clone()).collect();
    let template = pooled(&pool).ok_or("nothing to pool")?;
    Ok(vec![reader.compare(portrait, &template)?.score])
}

/// The mean of the templates' vectors, each at length one.
fn pooled(templates: &[FaceTemplate]) -> Option<FaceTemplate> {
    let mut pool = templates.first()?.clone();
    pool.vectors.iter_mut().for_each(|v| v.fill(0.0));
    for template in templates {
        for (sum, vector) in pool.vectors.iter_mut().zip(&template.vectors) {
            let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::EPSILON);
            sum.iter_mut().zip(vector).for_each(|(s, x)| *s += x / length);
        }
    }
    Some(pool)
}

fn mean(reader: &FaceReader, portrait: &FaceTemplate, pool: &[&FaceTemplate]) -> Outcome<Vec<f32>> {
    let scores = single(reader, portrait, pool)?;
    Ok(vec![scores.iter().sum::<f32>() / scores.len().max(1) as f32])
}

fn people(reader: &FaceReader, folder: &Path) -> Outcome<BTreeMap<String, Vec<FaceTemplate>>> {
    let mut files: Vec<_> = std::fs::read_dir(folder)?.filter_map(|e| Some(e.ok()?.path())).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "jpg"));
    files.sort();
    let mut people = BTreeMap::<String, Vec<FaceTemplate>>::new();
    for path in files {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let person = name.rsplit_once('_').map_or(name.as_str(), |(person, _)| person).to_owned();
        let picture = Picture::decode(&std::fs::read(&path)?, &Limits::default())?;
        let Some(face) = reader.find(picture.rgb())?.into_iter().next() else { continue };
        if let Some(read) = reader.read(picture.rgb(), &face)? {
            people.entry(person).or_default().push(read.template);
        }
    }
    Ok(people)
}
