//! Specimens: documents of people who do not exist, clearly marked, and photographs of them.
//!
//! What reads documents must be tried on documents, and real ones are nobody's to hand around. This room
//! makes up people ([`Specimen`]), draws their resident card, passport, permit and visa ([`draw`]), each
//! marked 样本 / SPECIMEN, and photographs them the way people do: askew, in poor light, with a finger in the
//! way ([`photograph`]). Everything is a function of a seed and a day, so that a picture can be drawn again.
//!
//! It knows the rules of documents from [`shiren_core`] and nothing of seeing: it may not use the vision
//! room, or what reads would be tried on what it assumes. It opens no files but fonts ([`Fonts`]).
//!
//! To add a document: its values to [`Specimen`], its drawing to a file in [`draw`], its fields to
//! [`truth`].

mod blur;
mod canvas;
mod company;
pub mod draw;
mod encode;
mod font;
mod made_up;
mod mrz;
mod photograph;
mod portrait;
mod projection;
mod scene;
mod specimen;
mod table;
pub mod truth;

pub use company::Company;
pub use encode::{NoJpegSize, jpeg};
pub use font::{FontError, Fonts};
pub use photograph::{Photograph, photograph};
pub use portrait::{FaceBox, portrait};
pub use scene::{Ellipse, Light, Motion, Scene, Table};
pub use specimen::{Specimen, Wish};
