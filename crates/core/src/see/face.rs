//! What looking at a face gives.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Region;

/// What comparing needs of a face. Opaque: made and compared by the same set of models only.
#[derive(Clone, PartialEq)]
pub struct FaceTemplate {
    /// Which recogniser set made it; templates of different sets cannot be compared.
    pub recogniser: String,
    /// One vector for each model of the set, as the model gave it (mirrored passes already averaged).
    pub vectors: Vec<Vec<f32>>,
}

impl std::fmt::Debug for FaceTemplate {
    /// A template is personal data: only its make is shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FaceTemplate").field("recogniser", &self.recogniser).finish_non_exhaustive()
    }
}

/// The most prominent face of a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct FaceReading {
    /// The face's box in the picture, along its eye line.
    pub region: Region,
    /// For comparing.
    pub template: FaceTemplate,
    /// Named measurements (`eye_distance_px`, `yaw_deg`, `pitch_deg`, `roll_deg`, `eyes_open`, …).
    pub measures: BTreeMap<&'static str, f32>,
}

/// The three answers of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    /// Above the threshold whose false-match rate the recogniser states.
    Same,
    /// Between the thresholds: a person decides.
    Uncertain,
    /// Below the lower threshold.
    Different,
}

/// The outcome of comparing two faces.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FaceMatch {
    /// Higher is more alike; the scale is the recogniser set's own (fused z-scores).
    pub score: f32,
    /// Which of the three bands the score falls in.
    pub band: Band,
    /// Share of impostor pairs that score at least this high, estimated from the recogniser's measured
    /// curve (see `docs/measurements.md`); never below what that measurement can support.
    pub fmr: f32,
}
