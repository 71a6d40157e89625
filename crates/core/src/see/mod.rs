//! What eyes report: regions, readings, measurements, and the port [`Eyes`] through which they come;
//! [`CardGuide`] leads to a good shot of a document; [`liveness`] is what is asked of a person before the camera, and what becomes of it.

mod document;
mod eyes;
mod face;
mod guide;
pub mod liveness;
mod photo;
mod region;

pub use document::{DocumentKind, DocumentReading, Field, FieldKey, MrzReading, UnknownKind};
pub use eyes::{Eyes, Look, SeeError};
pub use face::{Band, FaceMatch, FaceReading, FaceTemplate};
pub use guide::{CardGuide, CardHint, CardSeen, CardView};
pub use photo::{HandheldReading, PhotoReading, SelfieReading, Shot, UnknownShot};
pub use region::{Point, Region};
