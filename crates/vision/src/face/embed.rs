//! Turns a face into vectors: which networks, what each is fed, what is made of its answer.

use std::sync::Arc;

use ndarray::ArrayD;

use super::align::{self, Template};
use super::chip::{Channels, Chip, Patch};
use super::mesh::Face;
use super::reader;
use crate::pack::{Model, ModelError};

/// One network that turns an aligned face into a vector.
pub(super) struct Embedder {
    name: &'static str,
    model: Arc<dyn Model>,
    template: &'static Template,
    channels: Channels,
    mean: [f32; 3],
    scale: f32,
    /// Numbers in its vector.
    length: usize,
    /// Also look at the mirrored face, and take the mean of both answers.
    mirrored: bool,
    /// Which output; by its length when the network has several.
    root: bool,
}

impl Embedder {
    /// The recogniser of npm `@vladmandic/face-api` (the dlib network): RGB 0–255 as it is; its
    /// mean and scale are folded into the converted network.
    pub(super) fn recogniser(model: Arc<dyn Model>) -> Self {
        Self {
            name: reader::RECOGNISER,
            model,
            template: &align::FACE_API,
            channels: Channels::Rgb,
            mean: [0.0; 3],
            scale: 1.0,
            length: 128,
            mirrored: true,
            root: false,
        }
    }

    /// `faceres` of npm `human`: BGR, mean taken off; the square root of its output, which is a histogram of
    /// sorts, compares better.
    pub(super) fn features(model: Arc<dyn Model>) -> Self {
        Self {
            name: reader::FEATURES,
            model,
            template: &align::FACERES,
            channels: Channels::Bgr,
            mean: [103.939, 116.779, 123.68],
            scale: 1.0,
            length: 1024,
            mirrored: false,
            root: true,
        }
    }

    /// MobileFace V2, an optional pack: RGB 0–255 as it is.
    pub(super) fn mobileface(model: Arc<dyn Model>) -> Self {
        Self {
            name: reader::MOBILEFACE,
            model,
            template: &align::MOBILEFACE,
            channels: Channels::Rgb,
            mean: [0.0; 3],
            scale: 1.0,
            length: 256,
            mirrored: true,
            root: false,
        }
    }

    /// The face's vector; `None` when the face cannot be aligned.
    pub(super) fn embed(&self, chip: &Chip<'_>, face: &Face) -> Result<Option<Vec<f32>>, ModelError> {
        let Some(patch) = self.template.crop(chip, face) else { return Ok(None) };
        let mut vector = self.run(&patch)?;
        if self.mirrored {
            let other = self.run(&patch.mirrored())?;
            vector.iter_mut().zip(other).for_each(|(a, b)| *a = (*a + b) / 2.0);
        }
        if self.root {
            vector.iter_mut().for_each(|v| *v = v.max(0.0).sqrt());
        }
        Ok(Some(vector))
    }

    fn run(&self, patch: &Patch) -> Result<Vec<f32>, ModelError> {
        let outputs = self.model.run(patch.tensor(self.channels, self.mean, self.scale).view())?;
        let failed = |detail: String| ModelError { model: self.name.to_owned(), detail };
        let vector = outputs.iter().find(|o| o.len() == self.length).ok_or_else(|| {
            failed(format!("no output of {} numbers among {:?}", self.length, shapes(&outputs)))
        })?;
        if vector.iter().any(|v| !v.is_finite()) {
            return Err(failed("its answer is not finite".to_owned()));
        }
        Ok(vector.iter().copied().collect())
    }
}

fn shapes(outputs: &[ArrayD<f32>]) -> Vec<&[usize]> {
    outputs.iter().map(|o| o.shape()).collect()
}
