//! A table of pairs: every picture is embedded once, by several workers, in the order in which the pairs need
//! them, so that the first results come at once.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use shiren_core::see::Eyes;

use super::table::{self, Pairs};
use super::{FACES, Face, Line, compare, face, text};
use crate::cli::Setting;
use crate::exit::Failure;
use crate::picture_file;
use crate::sight;
use crate::speech::Speech;

/// What `error` says of a file that cannot be read at all.
const UNREADABLE: &str = "file_unreadable";

/// One picture, embedded.
struct Embedded {
    picture: usize,
    face: Face,
    ms: u64,
    /// The line for stderr, when the file cannot be read.
    unread: Option<Failure>,
}

pub(super) fn run(setting: &Setting, speech: Speech, pairs: &Path, root: &Path) -> Result<(), Failure> {
    let table = table::read(pairs)?;
    // Face networks are too small for two threads inside each; two of them side by side use the cores.
    let eyes = sight::several(setting, FACES, setting.threads.min(table.pictures.len().max(1)))?;
    let eyes: Vec<&dyn Eyes> = eyes.iter().map(|e| e as &dyn Eyes).collect();
    let bar = bar(table.pairs.len() as u64);
    let unread = work(&eyes, &table, root, |line| {
        bar.inc(1);
        bar.suspend(|| setting.output.result(line, |line| text(speech, line)))?;
        Ok(())
    })?;
    bar.finish_and_clear();
    let Some((last, others)) = unread.split_last() else { return Ok(()) };
    others.iter().for_each(|failure| eprintln!("shiren: {failure}"));
    Err(Failure::Other(last.clone()))
}

fn bar(pairs: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:24} {pos}/{len} {elapsed} ({eta} left)");
    let bar = ProgressBar::with_draw_target(Some(pairs), ProgressDrawTarget::stderr_with_hz(10));
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

/// Compares all pairs with as many workers as there are eyes, and gives each line in the table's order. What
/// could not be read is given in the end.
fn work(
    eyes: &[&dyn Eyes],
    table: &Pairs,
    root: &Path,
    mut tell: impl FnMut(&Line) -> Result<(), Failure>,
) -> Result<Vec<String>, Failure> {
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(None);
    let (sender, receiver) = channel();
    let told = std::thread::scope(|scope| {
        for eyes in eyes {
            let (sender, next, failed) = (sender.clone(), &next, &failed);
            scope.spawn(move || {
                if let Err(failure) = embed_all(*eyes, table, root, next, &sender) {
                    *failed.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(failure);
                }
            });
        }
        drop(sender);
        let told = tell_all(eyes[0], table, &receiver, &mut tell);
        // Whatever ended it, the workers stop after the picture in hand.
        next.store(table.pictures.len(), Ordering::Relaxed);
        told
    });
    match failed.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
        Some(failure) => Err(failure),
        None => told,
    }
}

fn embed_all(
    eyes: &dyn Eyes,
    table: &Pairs,
    root: &Path,
    next: &AtomicUsize,
    sender: &Sender<Embedded>,
) -> Result<(), Failure> {
    loop {
        let picture = next.fetch_add(1, Ordering::Relaxed);
        let Some(name) = table.pictures.get(picture) else { return Ok(()) };
        let start = Instant::now();
        let (face, unread) = match picture_file::read(&root.join(name)) {
            Ok(bytes) => (face(eyes, &bytes)?, None),
            Err(failure) => (Err(UNREADABLE), Some(failure)),
        };
        let ms = start.elapsed().as_millis() as u64;
        if sender.send(Embedded { picture, face, ms, unread }).is_err() {
            return Ok(());
        }
    }
}

fn tell_all(
    eyes: &dyn Eyes,
    table: &Pairs,
    receiver: &Receiver<Embedded>,
    tell: &mut impl FnMut(&Line) -> Result<(), Failure>,
) -> Result<Vec<String>, Failure> {
    let mut faces: Vec<Option<Face>> = vec![None; table.pictures.len()];
    let mut cost = vec![0; table.pictures.len()];
    let mut unread = Vec::new();
    for pair in &table.pairs {
        while pair.iter().any(|p| faces[*p].is_none()) {
            // No sender is left: a worker failed, and says so.
            let Ok(embedded) = receiver.recv() else { return Ok(unread) };
            unread.extend(embedded.unread.map(|f| f.to_string()));
            cost[embedded.picture] = embedded.ms;
            faces[embedded.picture] = Some(embedded.face);
        }
        let [Some(a), Some(b)] = pair.map(|p| faces[p].as_ref()) else { continue };
        let start = Instant::now();
        let mut line = compare(eyes, pair.map(|p| table.pictures[p].clone()), [a, b])?;
        // Embedding counts for the pair that needed the picture first.
        let embedding: u64 = pair.iter().map(|p| std::mem::take(&mut cost[*p])).sum();
        line.ms = embedding + start.elapsed().as_millis() as u64;
        tell(&line)?;
    }
    Ok(unread)
}

#[cfg(test)]
mod tests {
    use shiren_testkit::eyes::ScriptedEyes;

    use super::*;

    fn lines(workers: usize) -> (Vec<String>, Vec<String>) {
        let root = tempfile::tempdir().unwrap();
        for name in ["ann", "ann again", "bob", "a wall"] {
            std::fs::write(root.path().join(name), name).unwrap();
        }
        let seeing = ScriptedEyes::default()
            .face(b"ann", 0.0)
            .face(b"ann again", 0.1)
            .face(b"bob", 4.0)
            .photo(b"a wall", Default::default());
        let table = Pairs {
            pictures: ["ann", "ann again", "bob", "a wall", "gone"].map(String::from).to_vec(),
            pairs: vec![[0, 1], [0, 2], [3, 0], [4, 1], [2, 2]],
        };
        let eyes: Vec<&dyn Eyes> = vec![&seeing; workers];
        let mut told = Vec::new();
        let unread = work(&eyes, &table, root.path(), |line| {
            let band = line.compared.map(|m| format!("{:?}", m.band));
            told.push(format!("{} {} {}", line.a, line.b, band.as_deref().or(line.error).unwrap()));
            Ok(())
        });
        let unread = unread.unwrap().iter().map(|u| u.split('/').next_back().unwrap().to_owned()).collect();
        (told, unread)
    }

    #[test]
    fn every_pair_is_told_in_order_and_what_fails_stops_nothing() {
        for workers in [1, 2, 5] {
            let (told, unread) = lines(workers);
            assert_eq!(
                told,
                [
                    "ann ann again Same",
                    "ann bob Different",
                    "a wall ann face_not_found",
                    "gone ann again file_unreadable",
                    "bob bob Same"
                ]
            );
            assert_eq!(unread, ["gone: No such file or directory"]);
        }
    }

    #[test]
    fn a_closed_output_ends_the_work() {
        let eyes = ScriptedEyes::default();
        let table = Pairs { pictures: vec!["gone".into(); 1], pairs: vec![[0, 0]; 3] };
        let ended = work(&[&eyes], &table, Path::new("/nowhere"), |_| Err(Failure::OutputClosed));
        assert!(matches!(ended, Err(Failure::OutputClosed)));
    }
}
