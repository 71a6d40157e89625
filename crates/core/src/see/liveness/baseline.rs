//! How the person's face is when it does nothing: what actions are measured from.

use serde::{Deserialize, Serialize};

use super::FaceSeen;

/// A neutral face: medians over the frames in which it was still.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// Degrees of the mesh.
    pub yaw_deg: f32,
    /// Degrees of the mesh.
    pub pitch_deg: f32,
    /// Height over width, image-left and image-right eye.
    pub eyes_open: [f32; 2],
    /// Height over width.
    pub mouth_open: f32,
}

/// Degrees around the baseline in which a head counts as neutral: half of what a turn needs, and above the
/// 2° by which the mesh jitters.
const NEUTRAL_YAW: f32 = 7.0;
const NEUTRAL_PITCH: f32 = 6.0;
/// Share of the baseline's opening that open eyes have at least.
const NEUTRAL_EYES: f32 = 0.8;
/// How much further than in the baseline a mouth may be open: some people smile.
const NEUTRAL_MOUTH: f32 = 0.15;

impl Baseline {
    /// How far the wider eye is open, as a share of the baseline.
    pub(super) fn openness(&self, face: &FaceSeen) -> f32 {
        let share = |i: usize| face.eyes_open[i] / self.eyes_open[i].max(f32::EPSILON);
        share(0).max(share(1))
    }

    /// Whether a face is as it was.
    pub(super) fn is_neutral(&self, face: &FaceSeen) -> bool {
        self.is_at_rest(face) && self.openness(face) > NEUTRAL_EYES
    }

    /// Whether it is as it was but for the eyes, which blink by themselves.
    pub(super) fn is_at_rest(&self, face: &FaceSeen) -> bool {
        (face.yaw_deg - self.yaw_deg).abs() < NEUTRAL_YAW
            && (face.pitch_deg - self.pitch_deg).abs() < NEUTRAL_PITCH
            && face.mouth_open - self.mouth_open < NEUTRAL_MOUTH
    }
}

/// Frames and milliseconds that a face must have been still and neutral.
const FEWEST_SAMPLES: usize = 4;
const SETTLED_MS: u64 = 800;
/// Samples older than this are let go.
const OLDEST_MS: u64 = 2_500;
/// More samples than this tell nothing new, however many frames come in a second.
const MOST_SAMPLES: usize = 64;
/// Degrees within which yaw and pitch must stay meanwhile.
const STILL: f32 = 6.0;

/// Collects a baseline.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Settling {
    samples: Vec<(u64, Baseline)>,
}

impl Settling {
    /// Forgets what was collected.
    pub(super) fn clear(&mut self) {
        self.samples.clear();
    }

    /// One more frame of a good face; the baseline once there are enough that lie close together.
    pub(super) fn add(&mut self, face: &FaceSeen, at_ms: u64) -> Option<Baseline> {
        let sample = Baseline {
            yaw_deg: face.yaw_deg,
            pitch_deg: face.pitch_deg,
            eyes_open: face.eyes_open,
            mouth_open: face.mouth_open,
        };
        let near = |s: &Baseline| {
            (s.yaw_deg - sample.yaw_deg).abs() < STILL && (s.pitch_deg - sample.pitch_deg).abs() < STILL
        };
        let moved = self.samples.iter().rposition(|(at, s)| !near(s) || at_ms - at > OLDEST_MS);
        self.samples.drain(..moved.map_or(0, |i| i + 1));
        if self.samples.len() < MOST_SAMPLES {
            self.samples.push((at_ms, sample));
        }
        let since = self.samples.first().map_or(at_ms, |(at, _)| *at);
        (self.samples.len() >= FEWEST_SAMPLES && at_ms - since >= SETTLED_MS).then(|| self.median())
    }

    fn median(&self) -> Baseline {
        let of = |value: &dyn Fn(&Baseline) -> f32| {
            let mut values: Vec<f32> = self.samples.iter().map(|(_, s)| value(s)).collect();
            values.sort_by(f32::total_cmp);
            values.get(values.len() / 2).copied().unwrap_or_default()
        };
        Baseline {
            yaw_deg: of(&|s| s.yaw_deg),
            pitch_deg: of(&|s| s.pitch_deg),
            eyes_open: [of(&|s| s.eyes_open[0]), of(&|s| s.eyes_open[1])],
            mouth_open: of(&|s| s.mouth_open),
        }
    }
}

/// A frame worth keeping: neutral, and better than others.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// The how manieth frame that [`super::Progress::advance`] was given, from 0.
    pub frame: u64,
    /// Milliseconds since the start.
    pub at_ms: u64,
    /// 0–1: frontal, large, sharp, eyes open.
    pub score: f32,
}

/// Frames kept.
const KEPT: usize = 3;
/// Milliseconds between two of them at least: neighbours show the same.
const APART_MS: u64 = 400;
/// A face this large, in pixels, is large enough for every recogniser.
const LARGE: f32 = 240.0;
/// Blur, in distances between the eyes, up to which a face counts as sharp.
const SHARP: f32 = 0.02;
/// Degrees of yaw or pitch at which a face is worth nothing.
const WORTHLESS: f32 = 45.0;

/// How good a frame of this face is, 0–1.
pub(super) fn score(face: &FaceSeen) -> f32 {
    let straight = |deg: f32| (1.0 - deg.abs() / WORTHLESS).max(0.0);
    let sharp = face.blur.map_or(0.5, |blur| (SHARP / blur.max(SHARP)).min(1.0));
    let score = straight(face.yaw_deg) * straight(face.pitch_deg) * (face.side() / LARGE).min(1.0) * sharp;
    if score.is_finite() { score.clamp(0.0, 1.0) } else { 0.0 }
}

/// Keeps a frame if it is one of the best; whether it was kept.
pub(super) fn keep(best: &mut Vec<Kept>, frame: Kept) -> bool {
    if let Some(near) = best.iter().position(|k| frame.at_ms - k.at_ms.min(frame.at_ms) < APART_MS) {
        if best[near].score >= frame.score {
            return false;
        }
        best.remove(near);
    }
    best.push(frame);
    best.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.frame.cmp(&b.frame)));
    best.truncate(KEPT);
    best.contains(&frame)
}
