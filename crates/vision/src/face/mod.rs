//! Faces: find, lay the mesh on them, align, embed, compare, judge.
//!
//! A picture goes through [`FaceReader`]: a detector finds candidates ([`detect`]), the mesh of 468 points
//! confirms and measures each ([`mesh`], [`measure`]), a similarity transform puts the face upright where a
//! recogniser wants it ([`align`]), recognisers turn it into a template ([`embed`]), and two templates give
//! a score, a band and a false-match rate ([`compare`]). [`quality`] judges a selfie. In a video, where many
//! frames come in a second, [`Follower`] finds the face, and follows it from frame to frame.
//!
//! Works on decoded, upright RGB pictures and on [`crate::pack::Model`]s; knows no files. Coordinates are
//! pixels of the picture given, origin at the outer corner of its first pixel (so that the centre of that
//! pixel is (.5, .5)).
//!
//! To add a recogniser: describe its input in [`embed`], measure its mean and spread over impostor pairs and
//! its curve as `docs/measurements.md` tells, and add a set to [`compare`].

mod align;
mod blazeface;
mod chip;
mod compare;
mod cover;
mod curve;
mod detect;
mod embed;
#[cfg(test)]
mod fake;
mod follow;
mod measure;
mod mesh;
mod quality;
mod reader;
mod seen;
mod similarity;
#[cfg(test)]
mod tests;
mod view;

pub(crate) use blazeface::{Anchors, RawBox, read as read_boxes};
pub(crate) use chip::{Channels, Chip, Letterbox};
pub use compare::RecogniserSet;
pub use detect::Candidate;
pub use follow::Follower;
pub use measure::HeadPose;
pub use mesh::{Face, MeshPoint};
pub use reader::{FaceModels, FaceReader, SecondRecogniser};
pub(crate) use seen::{brightness, seen};
pub use similarity::Similarity;
