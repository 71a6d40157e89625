//! The port through which the domain sees.

use super::{DocumentKind, DocumentReading, FaceMatch, FaceReading, FaceTemplate, PhotoReading, Shot};
use crate::verification::ReasonCode;

/// Sees. Synchronous and CPU-bound: callers put it on a bounded pool. All methods take the bytes of an
/// encoded picture (JPEG, PNG or WebP) and keep nothing.
pub trait Eyes: Send + Sync {
    /// Finds, rectifies and reads a document. `expected` restricts what is accepted: another document
    /// then gives `document_wrong_type` or `document_wrong_side`, and still what was read.
    fn read_document(
        &self,
        picture: &[u8],
        expected: Option<DocumentKind>,
    ) -> Result<DocumentReading, SeeError>;

    /// Judges a photo for what it is meant to show, without reading it to the end.
    fn check_photo(&self, picture: &[u8], shot: Shot) -> Result<PhotoReading, SeeError>;

    /// Finds the most prominent face and makes its template; `None` when there is no face. Quality findings
    /// come from [`Eyes::check_photo`] with [`Shot::Selfie`].
    fn read_face(&self, picture: &[u8]) -> Result<Option<FaceReading>, SeeError>;

    /// Compares two faces that these eyes have read.
    fn compare(&self, a: &FaceTemplate, b: &FaceTemplate) -> Result<FaceMatch, SeeError>;
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
