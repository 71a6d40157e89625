//! One try at one action: neutral before, the action, neutral after.

use serde::{Deserialize, Serialize};

use super::action::Seen;
use super::{Baseline, Challenge, FaceSeen};

/// Milliseconds for which the face must be neutral after an action was asked for. Nobody answers sooner (simple
/// reactions to a sight take 180 to 250 ms), so what begins earlier is no answer.
const BEFORE_MS: u64 = 250;
/// Milliseconds for which it must be neutral afterwards.
const AFTER_MS: u64 = 150;
/// An action is under way from this extent on.
const UNDER_WAY: f32 = 0.5;
/// What was done goes on down to this extent: lids that hang low are read as shut and nearly shut by turns.
const GOES_ON: f32 = 0.8;
/// Degrees of the mesh from the baseline up to which a turned face still compares well with a frontal one.
const COMPARABLE_YAW: f32 = 25.0;

/// Frames in a row that show the same.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Run {
    since_ms: u64,
    frames: u32,
}

impl Run {
    fn extend(run: Option<Self>, at_ms: u64) -> Self {
        run.map_or(Self { since_ms: at_ms, frames: 1 }, |r| Self { frames: r.frames.saturating_add(1), ..r })
    }

    /// Two frames at least: one may be a glitch.
    fn lasts(self, ms: u64, at_ms: u64) -> bool {
        self.frames >= 2 && at_ms - self.since_ms >= ms
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Phase {
    /// Neutral first.
    Before(Option<Run>),
    /// Now the action may begin.
    Ready,
    /// It is being done.
    Doing(Run),
    /// It was done; back to neutral.
    After(Option<Run>),
}

/// One try at one challenge.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Attempt {
    /// Which of the plan's.
    pub(super) number: usize,
    /// When it is asked for: until then nothing may be done.
    pub(super) asked_ms: u64,
    phase: Phase,
    /// Neutral was seen since it was asked for; before that, nothing is a wrong answer.
    armed: bool,
    wrong: Option<(Challenge, Run)>,
    /// The face was compared while it acted.
    compared: bool,
}

/// What a frame did to a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Nothing is asked for yet.
    Early,
    /// The action may be done, or is being done.
    Asked,
    /// The face must come back to neutral first, or stay there for a moment.
    NotNeutral,
    /// Another action was done.
    Wrong(Challenge),
    /// The action is done.
    Done,
}

impl Attempt {
    /// Asked for when the face was neutral.
    pub(super) const fn new(number: usize, asked_ms: u64) -> Self {
        let phase = Phase::Before(None);
        Self { number, asked_ms, phase, armed: false, wrong: None, compared: false }
    }

    /// Asked for once more, whatever the face was doing.
    pub(super) const fn again(self, asked_ms: u64) -> Self {
        let phase = Phase::Before(None);
        Self { number: self.number, asked_ms, phase, armed: false, wrong: None, compared: false }
    }

    /// Nothing seen so far counts; the time goes on.
    pub(super) fn restart(&mut self) {
        *self = Self { armed: self.armed, ..self.again(self.asked_ms) };
    }

    /// Whether comparing the face in this frame would tell who acts.
    pub(super) fn wants_face(&self, asked: Challenge, seen: Seen<'_>, baseline: &Baseline) -> bool {
        !self.compared && self.is_under_way(asked, seen, baseline)
    }

    fn is_under_way(&self, asked: Challenge, seen: Seen<'_>, baseline: &Baseline) -> bool {
        !matches!(self.phase, Phase::Before(_))
            && asked.extent(seen, baseline) >= UNDER_WAY
            && is_comparable(seen.face, baseline)
    }

    /// The face in this frame was compared and is not another one.
    pub(super) fn hear_no_other(&mut self, asked: Challenge, seen: Seen<'_>, baseline: &Baseline) {
        self.compared |= self.is_under_way(asked, seen, baseline);
    }

    /// Takes one more frame. `known`: the face is known to be the same.
    pub(super) fn take(
        &mut self,
        asked: Challenge,
        seen: Seen<'_>,
        baseline: &Baseline,
        known: bool,
        at_ms: u64,
    ) -> Outcome {
        let neutral = asked.starts_from(seen, baseline);
        self.armed |= neutral;
        let early = at_ms < self.asked_ms;
        if let Some(other) = self.wrong_action(asked, seen, baseline, at_ms) {
            return Outcome::Wrong(other);
        }
        if early {
            return Outcome::Early;
        }
        let extent = asked.extent(seen, baseline);
        let doing = extent >= 1.0;
        let rest = |run: Option<Run>| neutral.then(|| Run::extend(run, at_ms));
        let over = |run: Option<Run>, ms: u64| known && run.is_some_and(|r| r.lasts(ms, at_ms));
        let mut done = false;
        self.phase = match self.phase {
            Phase::Before(run) => match rest(run) {
                run if over(run, BEFORE_MS) => Phase::Ready,
                run => Phase::Before(run),
            },
            Phase::Ready if neutral && !known => Phase::Before(None),
            Phase::Ready if doing => Phase::Doing(Run::extend(None, at_ms)),
            Phase::Doing(run) if extent >= GOES_ON => match Run::extend(Some(run), at_ms) {
                run if run.lasts(asked.held_ms(), at_ms) => Phase::After(None),
                run => Phase::Doing(run),
            },
            Phase::Ready | Phase::Doing(_) => Phase::Ready,
            Phase::After(run) => match rest(run) {
                run if over(run, AFTER_MS) => {
                    done = self.compared;
                    Phase::Before(None)
                }
                run => Phase::After(run),
            },
        };
        match self.phase {
            _ if done => Outcome::Done,
            // Asked again for what they have just done, people would begin it again.
            Phase::After(_) => Outcome::NotNeutral,
            Phase::Before(_) if !neutral => Outcome::NotNeutral,
            _ => Outcome::Asked,
        }
    }

    /// What is clearly being done and was not asked for: another action, or the right one from before it was asked for.
    fn wrong_action(
        &mut self,
        asked: Challenge,
        seen: Seen<'_>,
        baseline: &Baseline,
        at_ms: u64,
    ) -> Option<Challenge> {
        let done = Challenge::ALL
            .into_iter()
            .filter(|c| self.armed && (*c != asked || at_ms < self.asked_ms || self.is_going_on(*c)))
            .find(|c| c.is_done_unasked(seen, baseline));
        self.wrong = done.map(|c| {
            let run = self.wrong.filter(|(before, _)| *before == c).map(|(_, run)| run);
            (c, Run::extend(run, at_ms))
        });
        self.wrong.filter(|(c, run)| run.lasts(c.unasked_ms(), at_ms)).map(|(c, _)| c)
    }

    /// Whether it was being done when it was asked for.
    fn is_going_on(&self, challenge: Challenge) -> bool {
        self.wrong.is_some_and(|(seen, run)| seen == challenge && run.since_ms < self.asked_ms)
    }
}

/// Whether a face is turned little enough to be compared with a frontal one.
pub(super) fn is_comparable(face: &FaceSeen, baseline: &Baseline) -> bool {
    (face.yaw_deg - baseline.yaw_deg).abs() <= COMPARABLE_YAW
}
