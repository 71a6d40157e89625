//! What keeps a frame from being a good one, and what the person can do about it.

use super::{FaceSeen, FrameReading, Hint};

/// Sides of the face's box in shorter sides of the frame. Below the first the recogniser lacks pixels (a frame of
/// 480 × 640 has then about 75 between the eyes); above the second a turned head leaves the frame.
const SMALLEST: f32 = 0.36;
const LARGEST: f32 = 0.95;
/// A face that comes this near when it acts is still large enough to measure.
const SMALLEST_ACTING: f32 = 0.28;
/// How far from the middle the face's centre may be, in shares of the frame's width and height.
const OFF_CENTRE: f32 = 0.22;
/// A face whose brightest twentieth is darker than this is too dark; more burnt out than this, too bright: as
/// for photographs (`docs/measurements.md`, Faces).
const DARK: f32 = 60.0;
const BURNT: f32 = 0.3;
/// How sure the mesh is at least of a face that nothing covers (`docs/measurements.md`, Faces).
const UNCOVERED: f32 = 9.0;
/// Degrees of the mesh within which a face looks at the camera. Phones are held low, hence the pitch.
const FRONTAL_YAW: f32 = 12.0;
const FRONTAL_PITCH: f32 = 20.0;
/// A neutral mouth is open less than this: a smile that shows teeth reads .35.
const MOUTH_SHUT: f32 = 0.4;
/// Blur above which a frame shows motion, in distances between the eyes; more than a photograph may have, because
/// this is video.
const BLURRED: f32 = 0.08;

/// The face, if it is alone and can be measured; else what to tell.
pub(super) fn alone(reading: &FrameReading) -> Result<&FaceSeen, Hint> {
    let Some(face) = &reading.face else {
        return Err(if reading.brightness_p95 < DARK { Hint::MoreLight } else { Hint::NoFace });
    };
    if reading.faces > 1 {
        return Err(Hint::SeveralFaces);
    }
    let share = share(face, reading);
    if share < SMALLEST_ACTING || share.is_nan() {
        return Err(Hint::Closer);
    }
    Ok(face)
}

/// The face, if it is also large, in the middle, lit, uncovered, towards the camera and at rest.
pub(super) fn posed(reading: &FrameReading) -> Result<&FaceSeen, Hint> {
    let face = alone(reading)?;
    let wrong = [
        (share(face, reading) < SMALLEST, Hint::Closer),
        (share(face, reading) > LARGEST, Hint::Farther),
        (!is_central(face, reading), Hint::Centre),
        (reading.brightness_p95 < DARK, Hint::MoreLight),
        (face.burnt_out_share > BURNT, Hint::TooBright),
        (face.yaw_deg.abs() > FRONTAL_YAW || face.pitch_deg.abs() > FRONTAL_PITCH, Hint::LookAtCamera),
        (face.presence < UNCOVERED, Hint::RemoveCover),
        (face.mouth_open > MOUTH_SHUT, Hint::Relax),
        (face.blur.is_some_and(|b| b > BLURRED), Hint::HoldStill),
    ];
    wrong.into_iter().find(|(is, _)| *is).map_or(Ok(face), |(_, hint)| Err(hint))
}

fn share(face: &FaceSeen, reading: &FrameReading) -> f32 {
    face.side() / reading.width.min(reading.height).max(1) as f32
}

fn is_central(face: &FaceSeen, reading: &FrameReading) -> bool {
    let c = face.region.centre();
    let off = |at: f32, length: u32| (at / length.max(1) as f32 - 0.5).abs();
    off(c.x, reading.width) <= OFF_CENTRE && off(c.y, reading.height) <= OFF_CENTRE
}
