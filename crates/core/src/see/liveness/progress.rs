//! From the first frame to the last: how far a person has come with a plan.

use serde::{Deserialize, Serialize};

use super::action::Seen;
use super::attempt::{Attempt, Outcome, is_comparable};
use super::baseline::{self, Settling};
use super::identity::Identity;
use super::stream::{Flow, Stream};
use super::{Baseline, Challenge, FaceSeen, FrameReading, Hint, Kept, Plan, Step, guide};
use crate::see::Band;
use crate::verification::{Finding, ReasonCode};

/// Milliseconds within which a good neutral face must be there.
const SETTLE_WITHIN_MS: u64 = 60_000;
/// An action that has a gap this long in it was not seen: it is started from neutral again.
const LONGEST_STEP_MS: u64 = 1_000;

/// How far a person has come. Can be stored and read back between any two frames.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    stage: Stage,
    stream: Stream,
    identity: Identity,
    best: Vec<Kept>,
    frames: u64,
    started_ms: u64,
    retries_used: u8,
    /// Other actions than asked so far: each adds one to what is asked.
    #[serde(default)]
    wrong: u8,
    replayed: bool,
    hint: Hint,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    /// Waiting for a good neutral face.
    Settling(Settling),
    /// Asking for actions.
    Acting { baseline: Baseline, attempt: Attempt },
    /// All were done.
    Finished { baseline: Baseline },
    /// It is over.
    Failed(ReasonCode),
}

impl Default for Progress {
    fn default() -> Self {
        Self {
            stage: Stage::Settling(Settling::default()),
            stream: Stream::default(),
            identity: Identity::default(),
            best: Vec::new(),
            frames: 0,
            started_ms: 0,
            retries_used: 0,
            wrong: 0,
            replayed: false,
            hint: Hint::NoFace,
        }
    }
}

impl Progress {
    /// At the start: nothing was seen.
    pub fn new() -> Self {
        Self::default()
    }

    /// What the person was told last.
    pub const fn hint(&self) -> Hint {
        self.hint
    }

    /// Whether no further frame changes anything.
    pub const fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Finished { .. } | Stage::Failed(_))
    }

    /// Whether everything was done as asked.
    pub const fn is_finished(&self) -> bool {
        matches!(self.stage, Stage::Finished { .. })
    }

    /// The neutral face, once there is one. From then on faces are compared: the template to compare with
    /// is that of the first of [`Progress::best`] at that time.
    pub const fn baseline(&self) -> Option<&Baseline> {
        match &self.stage {
            Stage::Acting { baseline, .. } | Stage::Finished { baseline } => Some(baseline),
            Stage::Settling(_) | Stage::Failed(_) => None,
        }
    }

    /// The best neutral frames so far, best first, at most three, at least 400 ms apart.
    pub fn best(&self) -> &[Kept] {
        &self.best
    }

    /// How many actions are done.
    pub fn done(&self, plan: &Plan) -> usize {
        match &self.stage {
            Stage::Acting { attempt, .. } => attempt.number,
            Stage::Finished { .. } => plan.asked(self.wrong).count(),
            Stage::Settling(_) | Stage::Failed(_) => 0,
        }
    }

    /// What is asked for in all, in order: the plan's actions, and one more for each time that another was done.
    pub fn asked<'a>(&self, plan: &'a Plan) -> impl Iterator<Item = Challenge> + use<'a> {
        plan.asked(self.wrong)
    }

    /// Wrong and missing actions so far.
    pub const fn retries_used(&self) -> u8 {
        self.retries_used
    }

    /// What speaks against it: why it failed, and what was only told.
    pub fn findings(&self) -> Vec<Finding> {
        let failed = match self.stage {
            Stage::Failed(reason) => Some(Finding::fail(reason)),
            _ => None,
        };
        let told = self.replayed.then_some(Finding::info(ReasonCode::LivenessReplayed));
        failed.into_iter().chain(told).collect()
    }

    /// Whether the caller should compare this frame's face with the baseline's before it calls
    /// [`Progress::advance`]. Without these comparisons no action is ever accepted.
    pub fn wants_face(&self, plan: &Plan, reading: &FrameReading, at_ms: u64) -> bool {
        let Stage::Acting { baseline, attempt } = &self.stage else { return false };
        let Ok(face) = guide::alone(reading) else { return false };
        let Some(asked) = self.asked(plan).nth(attempt.number) else { return false };
        let stale = baseline.is_neutral(face) && self.identity.is_stale(face, at_ms);
        stale || attempt.wants_face(asked, seen(face, reading), baseline)
    }

    /// Whether the caller should look for a hand in this frame before it calls [`Progress::advance`]: while actions are
    /// asked for, where the plan has a hand's. Without it no sign is ever accepted.
    pub fn wants_hand(&self, plan: &Plan) -> bool {
        matches!(self.stage, Stage::Acting { .. }) && plan.has_signs()
    }

    /// Takes the next frame. `same_face`: how its face compares with the baseline's, where that was asked for.
    /// `at_ms`: milliseconds since the start, never less than for the frame before. After the end every frame
    /// gives the same answer.
    pub fn advance(
        &mut self,
        plan: &Plan,
        reading: &FrameReading,
        same_face: Option<Band>,
        at_ms: u64,
    ) -> Step {
        let frame = self.frames;
        self.frames += 1;
        if frame == 0 {
            self.started_ms = at_ms;
        }
        if self.is_over() {
            return self.tell(self.hint);
        }
        match self.stream.take(reading, at_ms) {
            Err(reason) => return self.fail(reason),
            Ok(Flow::Same) => return self.tell(self.hint),
            Ok(Flow::New { replayed: true, .. }) if !plan.tolerates_replays() => {
                return self.fail(ReasonCode::LivenessReplayed);
            }
            Ok(Flow::New { gap_ms, replayed }) => {
                self.replayed |= replayed;
                if gap_ms > LONGEST_STEP_MS {
                    self.interrupt();
                }
            }
        }
        match guide::alone(reading) {
            Ok(face) => self.identity.follow(face),
            Err(_) => self.interrupt(),
        }
        match self.stage {
            Stage::Settling(_) => self.settle(plan, reading, frame, at_ms),
            Stage::Acting { baseline, attempt } => {
                self.act(plan, reading, same_face, (baseline, attempt), (frame, at_ms))
            }
            Stage::Finished { .. } | Stage::Failed(_) => self.tell(self.hint),
        }
    }

    /// The face was out of sight, or the stream broke: what was seen of an action does not count, and whose
    /// face it is must be asked again.
    fn interrupt(&mut self) {
        self.identity.lose();
        match &mut self.stage {
            Stage::Settling(settling) => {
                settling.clear();
                // Someone else may come back.
                self.best.clear();
            }
            Stage::Acting { attempt, .. } => attempt.restart(),
            Stage::Finished { .. } | Stage::Failed(_) => {}
        }
    }

    fn settle(&mut self, plan: &Plan, reading: &FrameReading, frame: u64, at_ms: u64) -> Step {
        let Stage::Settling(settling) = &mut self.stage else { return self.tell(self.hint) };
        let face = match guide::posed(reading) {
            Ok(face) => face,
            Err(hint) if at_ms - self.started_ms > SETTLE_WITHIN_MS => return self.fail(hint.reason()),
            Err(hint) => {
                settling.clear();
                return self.tell(hint);
            }
        };
        let baseline = settling.add(face, at_ms);
        let keep = self.keep(face, frame, at_ms);
        let hint = match baseline {
            None if at_ms - self.started_ms > SETTLE_WITHIN_MS => return self.fail(Hint::HoldStill.reason()),
            None => Hint::HoldStill,
            Some(baseline) => self.ask(plan, baseline, 0, at_ms),
        };
        Step { keep, ..self.tell(hint) }
    }

    /// Asks for an action, or ends when there is none left.
    fn ask(&mut self, plan: &Plan, baseline: Baseline, number: usize, at_ms: u64) -> Hint {
        let Some(challenge) = self.asked(plan).nth(number) else {
            self.stage = Stage::Finished { baseline };
            return Hint::Finished;
        };
        let asked_ms = at_ms + plan.pause_ms(number + usize::from(self.retries_used));
        self.stage = Stage::Acting { baseline, attempt: Attempt::new(number, asked_ms) };
        if asked_ms > at_ms { Hint::HoldStill } else { Hint::Do { challenge } }
    }

    fn act(
        &mut self,
        plan: &Plan,
        reading: &FrameReading,
        same_face: Option<Band>,
        (baseline, mut attempt): (Baseline, Attempt),
        (frame, at_ms): (u64, u64),
    ) -> Step {
        let Some(asked) = self.asked(plan).nth(attempt.number) else {
            return self.fail(ReasonCode::LivenessActionMissed);
        };
        let alone = guide::alone(reading);
        if at_ms.saturating_sub(attempt.asked_ms) > plan.window_ms() {
            let reason = alone.err().map_or(ReasonCode::LivenessActionMissed, Hint::reason);
            return self.again(plan, (baseline, attempt), Hint::TooSlow { asked }, reason, at_ms);
        }
        let face = match alone {
            Ok(face) => face,
            Err(hint) => return self.tell(hint),
        };
        if let Some(band) = same_face.filter(|_| is_comparable(face, &baseline)) {
            if !self.identity.hear(band, at_ms) {
                return self.fail(ReasonCode::LivenessOtherFace);
            }
            if band != Band::Different {
                attempt.hear_no_other(asked, seen(face, reading), &baseline);
            }
        }
        let known = self.identity.is_known();
        let outcome = attempt.take(asked, seen(face, reading), &baseline, known, at_ms);
        self.stage = Stage::Acting { baseline, attempt };
        let hint = match outcome {
            Outcome::Early => Hint::HoldStill,
            Outcome::Asked => Hint::Do { challenge: asked },
            Outcome::NotNeutral if reading.hand.as_ref().is_some_and(|hand| hand.sign.is_some()) => {
                Hint::LowerHand
            }
            Outcome::NotNeutral => back_to_neutral(face, &baseline),
            Outcome::Wrong(seen) => {
                let hint = Hint::WrongAction { asked, seen };
                return self.again(plan, (baseline, attempt), hint, hint.reason(), at_ms);
            }
            Outcome::Done => match self.ask(plan, baseline, attempt.number + 1, at_ms) {
                Hint::Finished => Hint::Finished,
                _ => Hint::WellDone { challenge: asked },
            },
        };
        let good = self.identity.is_known() && baseline.is_neutral(face) && guide::posed(reading).is_ok();
        let keep = good && self.keep(face, frame, at_ms);
        Step { keep, ..self.tell(hint) }
    }

    /// Asks for the same action once more, if that is still forgiven.
    fn again(
        &mut self,
        plan: &Plan,
        (baseline, attempt): (Baseline, Attempt),
        hint: Hint,
        reason: ReasonCode,
        at_ms: u64,
    ) -> Step {
        if self.retries_used >= plan.retries() {
            return self.fail(reason);
        }
        self.retries_used += 1;
        self.wrong += u8::from(matches!(hint, Hint::WrongAction { .. }));
        let asked_ms = at_ms + plan.pause_ms(attempt.number + usize::from(self.retries_used));
        self.stage = Stage::Acting { baseline, attempt: attempt.again(asked_ms) };
        self.tell(hint)
    }

    fn keep(&mut self, face: &FaceSeen, frame: u64, at_ms: u64) -> bool {
        baseline::keep(&mut self.best, Kept { frame, at_ms, score: baseline::score(face) })
    }

    fn tell(&mut self, hint: Hint) -> Step {
        self.hint = hint;
        Step { hint, keep: false }
    }

    fn fail(&mut self, reason: ReasonCode) -> Step {
        self.stage = Stage::Failed(reason);
        self.tell(Hint::Failed { reason })
    }
}

fn seen<'a>(face: &'a FaceSeen, reading: &FrameReading) -> Seen<'a> {
    Seen { face, sign: reading.hand.as_ref().and_then(|hand| hand.sign) }
}

/// What brings a face back to neutral.
fn back_to_neutral(face: &FaceSeen, baseline: &Baseline) -> Hint {
    let as_straight = FaceSeen { yaw_deg: baseline.yaw_deg, pitch_deg: baseline.pitch_deg, ..face.clone() };
    if baseline.is_neutral(&as_straight) { Hint::LookAtCamera } else { Hint::Relax }
}
