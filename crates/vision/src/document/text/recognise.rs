//! What lines of text say.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use image::{Rgb, RgbImage};
use shiren_core::see::Region;

use super::decode::{Alphabet, Posteriors};
use super::tensor::bgr;
use crate::pack::{Model, ModelError};
use crate::picture::warp::{Homography, Pyramid};

/// Height of the network's input in pixels.
const HEIGHT: f32 = 48.0;
/// Narrowest and widest input: eight pixels are one step, and a line of 120 characters is no field.
const WIDTHS: std::ops::RangeInclusive<f32> = 24.0..=1920.0;

/// Reads lines with one or more equal sessions side by side: lines are short, so that a session with one
/// thread for each of them wastes less than one session with many threads.
pub struct Recogniser {
    models: Vec<Arc<dyn Model>>,
    alphabet: Arc<Alphabet>,
}

impl Recogniser {
    /// The models must be equal and carry their dictionary as `character`.
    pub fn new(models: Vec<Arc<dyn Model>>) -> Result<Self, ModelError> {
        let dictionary = models.first().and_then(|m| m.metadata("character")).ok_or_else(|| ModelError {
            model: "text-recogniser".into(),
            detail: "carries no dictionary (metadata `character`)".into(),
        })?;
        Ok(Self { models, alphabet: Arc::new(Alphabet::from_dictionary(&dictionary)) })
    }

    /// What the recogniser can read.
    pub fn alphabet(&self) -> &Alphabet {
        &self.alphabet
    }

    /// How many lines it reads at a time.
    pub fn abreast(&self) -> usize {
        self.models.len()
    }

    /// Reads every line of `picture`, in order.
    pub fn read(&self, picture: &Pyramid<'_>, lines: &[Strip]) -> Result<Vec<Posteriors>, ModelError> {
        let mut by_length: Vec<usize> = (0..lines.len()).collect();
        by_length.sort_by(|a, b| lines[*b].width().total_cmp(&lines[*a].width()));
        let next = AtomicUsize::new(0);
        let done = Mutex::new(vec![None; lines.len()]);
        let work = |model: &dyn Model| -> Result<(), ModelError> {
            while let Some(&i) = by_length.get(next.fetch_add(1, Ordering::Relaxed)) {
                let read = self.read_one(model, picture, &lines[i])?;
                done.lock().unwrap_or_else(PoisonError::into_inner)[i] = Some(read);
            }
            Ok(())
        };
        let (first, others) = self.models.split_first().ok_or_else(|| failure("there is no session"))?;
        thread::scope(|scope| {
            let busy = others.len().min(lines.len().saturating_sub(1));
            let handles: Vec<_> = others[..busy].iter().map(|m| scope.spawn(|| work(m.as_ref()))).collect();
            let mut outcome = work(first.as_ref());
            for handle in handles {
                outcome =
                    outcome.and(handle.join().unwrap_or_else(|_| Err(failure("a reading thread died"))));
            }
            outcome
        })?;
        let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.into_iter().collect::<Option<Vec<_>>>().ok_or_else(|| failure("a line was left unread"))
    }

    fn read_one(
        &self,
        model: &dyn Model,
        picture: &Pyramid<'_>,
        line: &Strip,
    ) -> Result<Posteriors, ModelError> {
        let strip = straighten(picture, line);
        let outputs = model.run(bgr(&strip).view())?;
        let out = outputs.into_iter().next().ok_or_else(|| failure("gave no output"))?;
        let steps = out.shape().get(1).copied().unwrap_or(0);
        // Several megabytes a line: taken over, not copied.
        let (values, _) = out.into_raw_vec_and_offset();
        Posteriors::new(Arc::clone(&self.alphabet), steps, values)
            .ok_or_else(|| failure("gave an output that does not fit its dictionary"))
    }
}

fn failure(detail: &str) -> ModelError {
    ModelError { model: "text-recogniser".into(), detail: detail.into() }
}

/// A line to be read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strip {
    /// Where it is in the picture, in reading direction.
    pub region: Region,
    /// Drawn out by this before it is read; 1 as a rule.
    pub stretch: f32,
}

impl Strip {
    /// Width in pixels of what the network sees: a multiple of eight, because that is its step.
    fn width(&self) -> f32 {
        let wide = HEIGHT * self.region.width() / self.region.height().max(1.0) * self.stretch;
        (wide.clamp(*WIDTHS.start(), *WIDTHS.end()) / 8.0).round() * 8.0
    }
}

fn straighten(picture: &Pyramid<'_>, line: &Strip) -> RgbImage {
    let (w, blank) = (line.width(), Rgb([128; 3]));
    match Homography::from_rect(w, HEIGHT, &line.region) {
        Some(to_picture) => picture.view(&to_picture, w as u32, HEIGHT as u32, blank),
        None => RgbImage::from_pixel(w as u32, HEIGHT as u32, blank),
    }
}
