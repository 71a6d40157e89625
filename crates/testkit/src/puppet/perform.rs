//! A whole live check: camera, eyes, state machine.

use std::collections::BTreeMap;

use shiren_core::see::liveness::{FrameReading, Hint, Plan, Progress, Watch};
use shiren_core::see::{FaceTemplate, Region, SeeError};

use super::{Actor, Puppet};

/// Milliseconds between two frames.
const FRAME_MS: u64 = 100;
/// Every so manieth frame is searched whole; in between, the face is followed.
const SEARCHED: u64 = 3;
/// More milliseconds than any plan allows.
const LONGEST_MS: u64 = 180_000;

/// How a live check went.
pub struct Performance {
    /// As it stood at the end.
    pub progress: Progress,
    /// What was told after each frame, and what it showed.
    pub frames: Vec<(u64, Hint, FrameReading)>,
    /// How many faces were compared.
    pub compared: u32,
}

/// Plays a plan before a camera; `face` gives the template of the face in a frame. The camera is told the last hint and the time and gives a frame, or none when its
/// film has run out.
///
/// # Errors
/// When a frame cannot be seen.
pub fn perform(
    watch: &impl Watch,
    face: impl Fn(&[u8]) -> Result<Option<FaceTemplate>, SeeError>,
    plan: &Plan,
    mut camera: impl FnMut(Hint, u64) -> Option<Vec<u8>>,
) -> Result<Performance, SeeError> {
    let mut out = Performance { progress: Progress::new(), frames: Vec::new(), compared: 0 };
    let mut kept: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
    let mut template: Option<FaceTemplate> = None;
    let mut last: Option<Region> = None;
    let mut hand: Option<Region> = None;
    for number in 0..LONGEST_MS / FRAME_MS {
        let at_ms = number * FRAME_MS;
        let Some(frame) = camera(out.progress.hint(), at_ms) else { break };
        let mut reading = watch.read_frame(&frame, last.as_ref().filter(|_| number % SEARCHED != 0))?;
        last = reading.face.as_ref().map(|f| f.region);
        if out.progress.wants_hand(plan) {
            reading.hand = watch.read_hand(&frame, hand.as_ref())?;
            hand = reading.hand.as_ref().map(|h| h.region);
        }
        let mut band = None;
        if out.progress.wants_face(plan, &reading, at_ms) {
            if template.is_none() {
                let best = out.progress.best().first().and_then(|b| kept.get(&b.frame));
                template = best.map(|b| face(b)).transpose()?.flatten();
            }
            if let (Some(template), Some(face)) = (&template, &last) {
                band = watch.compare_frame(&frame, face, template)?.map(|m| m.band);
                out.compared += 1;
            }
        }
        let step = out.progress.advance(plan, &reading, band, at_ms);
        if step.keep {
            kept.insert(number, frame);
            kept.retain(|n, _| out.progress.best().iter().any(|b| b.frame == *n));
        }
        out.frames.push((at_ms, step.hint, reading));
        if out.progress.is_over() {
            break;
        }
    }
    Ok(out)
}

/// A camera before a puppet that does what it is asked, once each time.
pub fn obeying(puppet: &Puppet, seed: u64) -> impl FnMut(Hint, u64) -> Option<Vec<u8>> {
    let mut actor = Actor::new(seed);
    let mut asked = None;
    move |hint, at_ms| {
        match hint {
            Hint::Do { challenge } if asked != Some(challenge) && actor.is_at_rest(at_ms) => {
                actor.hear(challenge, at_ms);
                asked = Some(challenge);
            }
            // Try again.
            Hint::WrongAction { .. } | Hint::TooSlow { .. } => asked = None,
            _ => {}
        }
        Some(puppet.jpeg(&actor.pose(at_ms), seed << 32 | at_ms))
    }
}
