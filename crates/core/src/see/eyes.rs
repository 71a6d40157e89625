//! The port through which the domain sees.

use jiff::civil::Date;

use super::{
    DocumentKind, DocumentReading, FaceMatch, FaceReading, FaceTemplate, HandheldReading, PhotoReading,
    SelfieReading, Shot,
};
use crate::verification::ReasonCode;

/// Sees. Synchronous and CPU-bound: callers put it on a bounded pool. All methods take the bytes of an
/// encoded picture (JPEG, PNG or WebP) and keep nothing.
pub trait Eyes: Send + Sync {
    /// Finds, rectifies and reads a document. Another one than `look` expects gives `document_wrong_type` or
    /// `document_wrong_side`, and is still read.
    fn read_document(&self, picture: &[u8], look: &Look) -> Result<DocumentReading, SeeError>;

    /// Judges a photo for what it is meant to show.
    fn check_photo(&self, picture: &[u8], shot: Shot, today: Date) -> Result<PhotoReading, SeeError>;

    /// Finds the most prominent face and makes its template; `None` when there is no face. Quality findings
    /// come from [`Eyes::check_photo`] with [`Shot::Selfie`].
    fn read_face(&self, picture: &[u8]) -> Result<Option<FaceReading>, SeeError>;

    /// Judges a selfie and reads its face in one go: what [`Eyes::check_photo`] and [`Eyes::read_face`] give,
    /// for the price of one.
    fn read_selfie(&self, picture: &[u8]) -> Result<SelfieReading, SeeError>;

    /// Judges a person with a document in hand and reads the document in one go: what [`Eyes::check_photo`] gives for
    /// [`Shot::Handheld`], and what it says. `expected`: which document, if only one will do.
    fn read_handheld(
        &self,
        picture: &[u8],
        expected: Option<DocumentKind>,
        today: Date,
    ) -> Result<HandheldReading, SeeError>;

    /// Compares two faces that these eyes have read.
    fn compare(&self, a: &FaceTemplate, b: &FaceTemplate) -> Result<FaceMatch, SeeError>;

    /// Compares a face with several templates of another person, or the same: by the mean of the scores, which lies
    /// farther from a threshold than a single one does (`docs/measurements.md`, Faces).
    fn compare_several(&self, a: &FaceTemplate, several: &[FaceTemplate]) -> Result<FaceMatch, SeeError>;
}

/// What to look for on a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Which document is expected, if any. Another one then gives `document_wrong_type` or
    /// `document_wrong_side`, and is still read.
    pub expected: Option<DocumentKind>,
    /// Whether the portrait on it is wanted too, which costs as much as a selfie.
    pub portrait: bool,
    /// The day on which it is read: two-digit years need it.
    pub today: Date,
}

/// Why nothing was seen.
#[derive(Debug, thiserror::Error)]
pub enum SeeError {
    /// The picture cannot be used at all: not a picture, broken, too large. The code says which.
    #[error("{detail}")]
    Picture {
        /// One of the `picture_*` reason codes.
        code: ReasonCode,
        /// What exactly, in English, for logs; never contents of the picture.
        detail: String,
    },
    /// Two templates of different recogniser sets.
    #[error("a template made by {0} cannot be compared with one made by {1}")]
    Incomparable(String, String),
    /// A model is missing or failed.
    #[error("model {model}: {detail}")]
    Model {
        /// Which model.
        model: String,
        /// What the runtime said.
        detail: String,
    },
}
