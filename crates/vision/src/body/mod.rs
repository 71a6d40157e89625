//! Bodies: where a person's shoulders, elbows and wrists are, and whether a person holds a document as asked.
//!
//! A network of 33 points ([`Pose`], MediaPipe's `pose_landmark_full`) is laid on the body below a face that was
//! found before ([`PoseModel`]): the face says where the body is and how large, which spares a second detector, and one
//! that takes a card for a person. [`handheld`] judges a person with a document in hand by it.
//!
//! Coordinates are pixels of the picture given, as everywhere in this room. To judge more of a handheld shot: a finding in [`handheld`], its reason in the domain's table.

pub mod handheld;
mod pose;

pub use pose::{Arm, Joint, Pose, PoseModel};
