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
    /// Three of a face's, six seconds for each, one retry. A recording of all five actions fits one plan in 60 by
    /// chance, and each retry is three chances more: who fails for good may ask for a new plan.
    fn default() -> Self {
        Self {
            challenges: Challenge::OF_FACES.to_vec(),
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
    /// The others of the list, in the order in which they are added for who did something else than asked.
    #[serde(default)]
    spares: Vec<Challenge>,
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
    /// most, and each order of actions, is as likely as any other, to within 2⁻¹⁰⁰ (one 128-bit number taken apart into
    /// fewer than 2²⁸ choices).
    ///
    /// # Errors
    /// When the list has fewer different challenges than a plan may need.
    pub fn draw(rules: &PlanRules, entropy: &[u8; 32]) -> Result<Self, PlanError> {
        let mut left = rules.distinct();
        let (fewest, most) = (rules.fewest, rules.most);
        if fewest == 0 || most < fewest || left.len() < usize::from(most) {
            return Err(PlanError::TooFew { fewest, most, of: left.len() });
        }
        let (order, pauses) = entropy.split_at(16);
        let mut chance = order.iter().fold(0u128, |number, byte| number << 8 | u128::from(*byte));
        let mut below = |n: usize| {
            let n = n.max(1) as u128;
            let drawn = chance % n;
            chance /= n;
            drawn as usize
        };
        let count = usize::from(fewest) + below(usize::from(most - fewest) + 1);
        let mut challenges: Vec<_> = (0..left.len()).map(|_| left.remove(below(left.len()))).collect();
        let spares = challenges.split_off(count);
        let PlanRules { window_ms, retries, tolerate_replays, .. } = *rules;
        let pauses_ms = pauses.iter().map(|b| SHORTEST_PAUSE_MS + u64::from(*b) * LONGER_MS / 255).collect();
        Ok(Self { challenges, spares, window_ms, retries, tolerate_replays, pauses_ms })
    }

    /// What is asked, in order; all different.
    pub fn challenges(&self) -> &[Challenge] {
        &self.challenges
    }

    /// What is asked of who did something else than asked so many times: one action more for each, as long as the list
    /// has others. A recording that shows something else first, and then what is asked, shows the action after it by
    /// one chance in as many as are left.
    pub(super) fn asked(&self, wrong: u8) -> impl Iterator<Item = Challenge> {
        self.challenges.iter().chain(self.spares.iter().take(usize::from(wrong))).copied()
    }

    /// Milliseconds of nothing before the n-th time that something is asked for, from 0; 0 in plans drawn before there
    /// were pauses.
    pub(super) fn pause_ms(&self, asked: usize) -> u64 {
        self.pauses_ms.get(asked.checked_rem(self.pauses_ms.len()).unwrap_or(0)).copied().unwrap_or(0)
    }

    /// Whether a hand's sign is, or may be, asked for.
    pub(super) fn has_signs(&self) -> bool {
        self.challenges.iter().chain(&self.spares).any(|c| c.sign().is_some())
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
