//! What a person is asked to do, in which order: drawn by chance.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Challenge;

/// From what, and how, plans are drawn. What a program says of liveness.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanRules {
    /// What may be asked. Named twice is the same as once.
    pub challenges: Vec<Challenge>,
    /// Fewest actions in a plan, at least 1.
    pub fewest: u8,
    /// Most actions in a plan.
    pub most: u8,
    /// Milliseconds within which an action must be done once it was asked for.
    pub window_ms: u64,
    /// How often in a plan a wrong or missing action may be tried again.
    pub retries: u8,
    /// Whether a clip that repeats itself is only told and not refused: for trying things out with a recorded
    /// camera, never for real people.
    #[serde(default)]
    pub tolerate_replays: bool,
    /// How many colours the screen shows after the actions, half a second each, so that their reflection on the face
    /// can be looked for; 0 shows none, and 32 is the most. Below six there is little to tell.
    #[serde(default)]
    pub colours: u8,
}

impl Default for PlanRules {
    /// Three of all, six seconds for each, one retry. A recording of all five actions fits one plan in 60 by
    /// chance, and each retry is three chances more: who fails for good may ask for a new plan.
    fn default() -> Self {
        Self {
            challenges: Challenge::ALL.to_vec(),
            fewest: 3,
            most: 3,
            window_ms: 6_000,
            retries: 1,
            tolerate_replays: false,
            colours: 0,
        }
    }
}

impl PlanRules {
    /// The different challenges, in the order of [`Challenge::ALL`].
    fn distinct(&self) -> Vec<Challenge> {
        Challenge::ALL.into_iter().filter(|c| self.challenges.contains(c)).collect()
    }
}

/// Why no plan can be drawn.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum PlanError {
    /// There are fewer different challenges than a plan needs, or none is needed.
    #[error("a plan of {fewest} to {most} actions cannot be drawn from {of} different ones")]
    TooFew {
        /// Actions that a plan has at least.
        fewest: u8,
        /// Actions that it has at most.
        most: u8,
        /// Different challenges on the list.
        of: usize,
    },
}

/// The actions that one person is asked for. Kept by the server: whoever knows it ahead can prepare for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    challenges: Vec<Challenge>,
    window_ms: u64,
    retries: u8,
    tolerate_replays: bool,
    /// Milliseconds of nothing before each action is asked for, then before each that is asked for again.
    #[serde(default)]
    pauses_ms: Vec<u64>,
}

/// A pause is this long at least, and so much longer as chance has it. In it nothing is asked for, and whoever does
/// something does it unasked, as recordings do.
const SHORTEST_PAUSE_MS: u64 = 300;
const LONGER_MS: u64 = 1_500;

impl Plan {
    /// Draws a plan. `entropy` must be unpredictable and used once. Each number of actions between fewest and
    /// most, and each order of actions, is as likely as any other, to within 2⁻²⁹ (a 32-bit number scaled to
    /// fewer than eight choices).
    ///
    /// # Errors
    /// When the list has fewer different challenges than a plan may need.
    pub fn draw(rules: &PlanRules, entropy: &[u8; 32]) -> Result<Self, PlanError> {
        let mut left = rules.distinct();
        let (fewest, most) = (rules.fewest, rules.most);
        if fewest == 0 || most < fewest || left.len() < usize::from(most) {
            return Err(PlanError::TooFew { fewest, most, of: left.len() });
        }
        // One number for the length and one for each action: there are fewer than eight of these.
        let mut numbers = entropy.chunks_exact(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
        let mut below = |n: usize| scaled(numbers.next().unwrap_or_default(), n);
        let count = usize::from(fewest) + below(usize::from(most - fewest) + 1);
        let challenges = (0..count).map(|_| left.remove(below(left.len()))).collect();
        let PlanRules { window_ms, retries, tolerate_replays, .. } = *rules;
        // The last bytes are used for nothing else: no plan takes more than six numbers.
        let pauses_ms =
            entropy[24..].iter().map(|b| SHORTEST_PAUSE_MS + u64::from(*b) * LONGER_MS / 255).collect();
        Ok(Self { challenges, window_ms, retries, tolerate_replays, pauses_ms })
    }

    /// What is asked, in order; all different.
    pub fn challenges(&self) -> &[Challenge] {
        &self.challenges
    }

    /// Milliseconds of nothing before the n-th time that something is asked for, from 0; 0 in plans drawn before there
    /// were pauses.
    pub(super) fn pause_ms(&self, asked: usize) -> u64 {
        self.pauses_ms.get(asked.checked_rem(self.pauses_ms.len()).unwrap_or(0)).copied().unwrap_or(0)
    }

    /// Milliseconds for each action.
    pub const fn window_ms(&self) -> u64 {
        self.window_ms
    }

    /// Wrong or missing actions that are forgiven.
    pub const fn retries(&self) -> u8 {
        self.retries
    }

    /// Whether a clip that repeats itself is only told.
    pub const fn tolerates_replays(&self) -> bool {
        self.tolerate_replays
    }
}

/// A number below `n` from an even one over all of `u32`.
fn scaled(number: u32, n: usize) -> usize {
    ((u64::from(number) * n as u64) >> 32) as usize
}
