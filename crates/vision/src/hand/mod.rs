//! Hands: where one is, how its 21 joints lie, and which sign it makes.
//!
//! A detector finds palms ([`palm`]), a network lays 21 points on the hand ([`joints`]), rules over how far each finger
//! is stretched tell the sign ([`sign`]). [`HandFinder`] puts them together for a video: a hand that was seen in the
//! frame before is followed from there, without the detector. Both networks are MediaPipe's lite ones.
//!
//! Coordinates are pixels of the picture given. To add a sign: a variant of [`shiren_core::see::liveness::HandSign`], and
//! its rule in [`sign`].

mod finder;
mod joints;
mod palm;
mod sign;

pub use finder::HandFinder;
pub use joints::{Hand, Joint};
