//! A network that tells a face from a picture of one, where an operator has installed one: the layout of MiniFASNet
//! (github.com/minivision-ai/Silent-Face-Anti-Spoofing, Apache-2.0).
//!
//! Its score is a signal: it says nothing of video that is put in the camera's place, and how well it does depends on
//! what it was trained on. `docs/threat-model.md` tells how to write the pack.

use std::sync::Arc;

use fast_image_resize::{FilterType, ResizeAlg};
use image::RgbImage;
use ndarray::{Array4, ArrayD};
use shiren_core::see::Region;

use crate::pack::{Library, Model, ModelError, PackError};
use crate::picture::resample;

/// Names of the networks, and how much more than the face each sees.
const NETWORKS: [(&str, f64); 2] = [("pad-27", 2.7), ("pad-40", 4.0)];
/// Pixels on each side of what they see.
const SIDE: u32 = 80;
/// Which of the classes is a live face; the others are prints and screens.
const LIVE: usize = 1;

/// The installed networks.
pub struct Passive {
    networks: Vec<(&'static str, f64, Arc<dyn Model>)>,
}

impl Passive {
    /// Those that are installed; `None` when none is.
    ///
    /// # Errors
    /// When one cannot be opened.
    pub fn open(library: &Library) -> Result<Option<Self>, PackError> {
        let mut networks = Vec::new();
        for (name, scale) in NETWORKS.into_iter().filter(|(name, _)| library.has(name)) {
            networks.push((name, scale, library.model(name)?));
        }
        Ok((!networks.is_empty()).then_some(Self { networks }))
    }

    /// How live the face at a region of the frame is, 0–1: the mean over the networks.
    pub fn score(&self, frame: &RgbImage, face: &Region) -> Result<Option<f32>, ModelError> {
        let mut sum = 0.0;
        for (name, scale, model) in &self.networks {
            let Some(seen) = seen(frame, face, *scale) else { return Ok(None) };
            let out = model.run(seen.view().into_dyn())?;
            let failed = || ModelError { model: (*name).to_owned(), detail: "not three logits".into() };
            sum += out.first().and_then(live).ok_or_else(failed)?;
        }
        Ok(Some(sum / self.networks.len().max(1) as f32))
    }
}

/// The probability of the class that is live.
fn live(logits: &ArrayD<f32>) -> Option<f32> {
    if logits.len() != 3 {
        return None;
    }
    let most = logits.iter().copied().fold(f32::MIN, f32::max);
    let powers: Vec<f32> = logits.iter().map(|l| (l - most).exp()).collect();
    let share = powers[LIVE] / powers.iter().sum::<f32>();
    share.is_finite().then_some(share)
}

/// The face and what is around it: the box scaled about its middle, no larger than the frame and moved into it; blue,
/// green, red, 0–255, as the networks were trained. `None` for a box outside the frame.
fn seen(frame: &RgbImage, face: &Region, scale: f64) -> Option<Array4<f32>> {
    let (x, y, w, h) = face.bounds();
    let (x, y, w, h) = (f64::from(x), f64::from(y), f64::from(w), f64::from(h));
    let (width, height) = (f64::from(frame.width()), f64::from(frame.height()));
    if !(w >= 1.0 && h >= 1.0 && x.is_finite() && y.is_finite()) {
        return None;
    }
    let scale = scale.min((width - 1.0) / w).min((height - 1.0) / h);
    let (w2, h2) = (w * scale, h * scale);
    let left = (x + w / 2.0 - w2 / 2.0).clamp(0.0, width - w2);
    let top = (y + h / 2.0 - h2 / 2.0).clamp(0.0, height - h2);
    // Four neighbours of each place, as OpenCV's default does, with which they were trained.
    let sampling = ResizeAlg::Interpolation(FilterType::Bilinear);
    let small = resample::rgb(frame, (left, top, w2, h2), (SIDE, SIDE), sampling)?;
    let side = SIDE as usize;
    let pixels = small.as_raw();
    Some(Array4::from_shape_fn((1, 3, side, side), |(_, c, y, x)| {
        f32::from(pixels[(y * side + x) * 3 + 2 - c])
    }))
}

#[cfg(test)]
mod tests {
    use image::Rgb;
    use ndarray::{ArrayViewD, IxDyn};

    use super::*;

    /// Finds live what is bluer than red in the middle, and remembers nothing.
    struct Blue;

    impl Model for Blue {
        fn run(&self, input: ArrayViewD<'_, f32>) -> Result<Vec<ArrayD<f32>>, ModelError> {
            assert_eq!(input.shape(), [1, 3, 80, 80]);
            let bluer = (input[[0, 0, 40, 40]] - input[[0, 2, 40, 40]]) / 25.5;
            Ok(vec![ArrayD::from_shape_vec(IxDyn(&[1, 3]), vec![0.0, bluer, 0.0]).unwrap()])
        }
    }

    fn blue() -> Passive {
        Passive { networks: vec![("pad-27", 2.7, Arc::new(Blue)), ("pad-40", 4.0, Arc::new(Blue))] }
    }

    #[test]
    fn the_networks_see_the_face_in_blue_green_red_and_the_score_is_that_of_the_live_class() {
        let face = Region::rect(200.0, 200.0, 100.0, 120.0);
        let of = |colour| {
            let frame = RgbImage::from_fn(480, 640, |x, y| {
                if (200..300).contains(&x) && (200..320).contains(&y) { colour } else { Rgb([128; 3]) }
            });
            blue().score(&frame, &face).unwrap().unwrap()
        };
        assert!(of(Rgb([0, 0, 255])) > 0.99);
        assert!(of(Rgb([255, 0, 0])) < 0.01);
        assert!((of(Rgb([7; 3])) - 1.0 / 3.0).abs() < 1e-3);
    }

    #[test]
    fn a_box_at_the_edge_or_larger_than_the_frame_is_moved_into_it_and_one_that_is_none_gives_nothing() {
        let frame = RgbImage::new(100, 80);
        let score = |x, y, w, h| blue().score(&frame, &Region::rect(x, y, w, h)).unwrap();
        assert!(score(-20.0, 60.0, 50.0, 50.0).is_some());
        assert!(score(0.0, 0.0, 500.0, 900.0).is_some());
        assert_eq!(score(0.0, 0.0, 0.0, 10.0), None);
        assert_eq!(score(f32::NAN, 0.0, 10.0, 10.0), None);
    }

    #[test]
    fn a_network_of_another_layout_is_an_error_and_no_score() {
        struct Other;
        impl Model for Other {
            fn run(&self, _: ArrayViewD<'_, f32>) -> Result<Vec<ArrayD<f32>>, ModelError> {
                Ok(vec![ArrayD::zeros(IxDyn(&[1, 2]))])
            }
        }
        let passive = Passive { networks: vec![("pad-27", 2.7, Arc::new(Other))] };
        assert!(passive.score(&RgbImage::new(100, 100), &Region::rect(10.0, 10.0, 20.0, 20.0)).is_err());
    }
}
