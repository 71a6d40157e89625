//! Liveness: a person does, before the camera, what chance asks for.
//!
//! A [`Plan`] of two or three [`Challenge`]s is drawn from a list by randomness that the caller brings. Each
//! frame of the video becomes a [`FrameReading`] (the room `vision` makes them, behind [`Watch`]), and
//! [`Progress`] advances with it: a pure function of plan, reading and time that answers what to tell the
//! person ([`Hint`]). First it settles on the person's own neutral face ([`Baseline`]); then each action is
//! announced, must start from neutral, be done, and end in neutral, inside its window. A stream that stands
//! still, repeats itself or has another face in it is refused with its own reason.
//!
//! Everything here can be stored between two frames. Thresholds stand beside what they decide, with where
//! they come from; what they were tried on stands in `docs/measurements.md`, Liveness.
//!
//! To add a challenge: a variant of [`Challenge`], how far a face has done it in `action`, its
//! sentences there; for a hand's, a [`HandSign`], which the eyes tell.

mod action;
mod attempt;
mod baseline;
mod colours;
mod frame;
mod guide;
mod hand;
mod hint;
mod identity;
mod plan;
mod progress;
mod pulse;
mod stream;
#[cfg(test)]
mod tests;

pub use action::{Challenge, UnknownChallenge};
pub use baseline::{Baseline, Kept};
pub use colours::{ColourCheck, ColourProof, Lit, ScreenColour};
pub use frame::{FaceSeen, FrameHash, FrameReading, Watch};
pub use hand::{HandSeen, HandSign};
pub use hint::{Hint, Step};
pub use plan::{Plan, PlanError, PlanRules};
pub use progress::Progress;
pub use pulse::Pulse;
