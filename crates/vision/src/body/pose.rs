//! Lays 33 points on a body, and says how visible each is.

use std::sync::Arc;

use image::RgbImage;
use ndarray::ArrayD;
use shiren_core::see::Point;

use crate::face::{Channels, Chip, Face, Similarity};
use crate::pack::{Library, Model, ModelError, PackError};

/// The name of the network in the packs.
const NAME: &str = "body-pose";
/// Side of its input in pixels.
const SIDE: usize = 256;
/// Points that it gives, of which the last six only serve to follow a body through a video.
const POINTS: usize = 39;
/// Where a body lies below its face, in distances between the eyes: the middle of the hips below the eyes, and the
/// radius of the circle around the hips that holds a whole person. Read off what MediaPipe's own detector gives for 17
/// photographs and drawn bodies: 8.4 to 9.8, and 10.2 to 12.1.
const HIPS_BELOW_EYES: f32 = 9.2;
const RADIUS: f32 = 11.2;
/// The region shown to the network, in radii on each side (MediaPipe's own choice).
const REGION: f32 = 1.25;

/// Numbers of the points: shoulder, elbow and wrist of the arm at the image's right, which is the person's left, and of
/// the other.
const ARMS: [[usize; 3]; 2] = [[11, 13, 15], [12, 14, 16]];
/// The nose.
const NOSE: usize = 0;

/// One point of a body.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Joint {
    /// In pixels of the picture, outside of it too.
    pub at: Point,
    /// Probability that it is seen: inside the picture and hidden by nothing.
    pub visible: f32,
    /// Probability that it lies inside the picture.
    pub inside: f32,
}

/// An arm from the shoulder down.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arm {
    /// Where it begins.
    pub shoulder: Joint,
    /// Its middle.
    pub elbow: Joint,
    /// Where the hand begins.
    pub wrist: Joint,
}

impl Arm {
    /// How well its least visible joint is seen, 0–1.
    pub fn visible(&self) -> f32 {
        [self.shoulder, self.elbow, self.wrist]
            .into_iter()
            .map(|j| j.visible.min(j.inside))
            .fold(1.0, f32::min)
    }
}

/// A body as the network sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Pose {
    /// Probability that there is a body.
    pub present: f32,
    /// The nose.
    pub nose: Point,
    /// The arm at the image's right, which is the person's left, and the other.
    pub arms: [Arm; 2],
}

/// The network.
pub struct PoseModel {
    model: Arc<dyn Model>,
}

impl PoseModel {
    /// With the installed network.
    ///
    /// # Errors
    /// When it is missing or cannot be opened.
    pub fn open(library: &Library) -> Result<Self, PackError> {
        Ok(Self::new(library.model(NAME)?))
    }

    /// With a network that takes 1×3×256×256 (0–1, RGB) and gives 39 points of 5 numbers and one probability.
    pub fn new(model: Arc<dyn Model>) -> Self {
        Self { model }
    }

    /// The body below a face; `None` where the face has no extent.
    pub fn lay(&self, picture: &RgbImage, face: &Face) -> Result<Option<Pose>, ModelError> {
        let unit = face.eye_distance();
        let eyes = face.between_eyes();
        // Heads lean more than bodies do: the body is taken to stand upright.
        let hips = Point::new(eyes.x, eyes.y + HIPS_BELOW_EYES * unit);
        let middle = Point::new(SIDE as f32 / 2.0, SIDE as f32 / 2.0);
        let scale = SIDE as f32 / (2.0 * REGION * RADIUS * unit);
        let to_patch = Similarity::about(hips, middle, scale, 0.0);
        let (Some(back), Some(patch)) = (to_patch.inverse(), Chip::whole(picture).patch(SIDE, &to_patch))
        else {
            return Ok(None);
        };
        let outputs = self.model.run(patch.tensor(Channels::Rgb, [0.0; 3], 1.0 / 255.0).view())?;
        read(&outputs, &back).map(Some).ok_or_else(|| ModelError {
            model: NAME.to_owned(),
            detail: format!("no outputs of {} and 1 finite numbers", POINTS * 5),
        })
    }
}

/// Each point is x, y, z in pixels of the patch, then the logits of being seen and of being inside.
fn read(outputs: &[ArrayD<f32>], back: &Similarity) -> Option<Pose> {
    let find = |len: usize| outputs.iter().find(|o| o.len() == len).and_then(|o| o.as_slice());
    let (numbers, flag) = (find(POINTS * 5)?, find(1)?);
    if numbers.iter().chain(flag).any(|v| !v.is_finite()) {
        return None;
    }
    let joint = |n: usize| {
        let at = &numbers[5 * n..5 * n + 5];
        let probability = |logit: f32| 1.0 / (1.0 + (-logit).exp());
        Joint {
            at: back.apply(Point::new(at[0], at[1])),
            visible: probability(at[3]),
            inside: probability(at[4]),
        }
    };
    let arms = ARMS.map(|[shoulder, elbow, wrist]| Arm {
        shoulder: joint(shoulder),
        elbow: joint(elbow),
        wrist: joint(wrist),
    });
    Some(Pose { present: flag[0], nose: joint(NOSE).at, arms })
}
