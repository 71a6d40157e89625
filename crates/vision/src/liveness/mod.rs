//! The frames of a live check: what each shows, within 25 ms of one core.
//!
//! [`Watcher`] decodes a small frame within limits of its own, finds or follows its face
//! ([`crate::face::Follower`]), and measures what [`shiren_core::see::liveness`] decides on. It keeps nothing
//! between frames: whoever calls brings the last region along.
//!
//! To add a measure: to [`shiren_core::see::liveness::FrameReading`], and here.

mod hash;
mod lit;
mod passive;
mod watcher;

pub use hash::frame_hash;
pub use passive::Passive;
pub use watcher::{FRAME_LIMITS, Watcher};
