//! What judging a photo, without reading it, gives.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{DocumentKind, DocumentReading, FaceReading};
use crate::verification::Finding;

/// What a photo is meant to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Shot {
    /// The portrait side of a resident ID card.
    IdFront,
    /// The other side of it.
    IdBack,
    /// The person's face.
    Selfie,
    /// The person holding the card.
    Handheld,
    /// A passport's data page.
    Passport,
    /// A visa.
    Visa,
    /// A company's business licence.
    BusinessLicence,
}

impl Shot {
    /// Every shot, in the order in which help texts list them.
    pub const ALL: [Self; 7] = [
        Self::IdFront,
        Self::IdBack,
        Self::Selfie,
        Self::Handheld,
        Self::Passport,
        Self::Visa,
        Self::BusinessLicence,
    ];

    /// The name used on the command line, in programs and in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::IdFront => "id-front",
            Self::IdBack => "id-back",
            Self::Selfie => "selfie",
            Self::Handheld => "handheld",
            Self::Passport => "passport",
            Self::Visa => "visa",
            Self::BusinessLicence => "business-licence",
        }
    }

    /// The document that it shows, where that is all it shows.
    pub const fn document(self) -> Option<DocumentKind> {
        match self {
            Self::IdFront => Some(DocumentKind::CnIdFront),
            Self::IdBack => Some(DocumentKind::CnIdBack),
            Self::Passport => Some(DocumentKind::Passport),
            Self::Visa => Some(DocumentKind::Visa),
            Self::BusinessLicence => Some(DocumentKind::BusinessLicence),
            Self::Selfie | Self::Handheld => None,
        }
    }
}

impl fmt::Display for Shot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The name is none of [`Shot::ALL`].
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no shot {0:?}")]
pub struct UnknownShot(pub String);

impl FromStr for Shot {
    type Err = UnknownShot;

    fn from_str(s: &str) -> Result<Self, UnknownShot> {
        Self::ALL.into_iter().find(|k| k.name() == s).ok_or_else(|| UnknownShot(s.to_owned()))
    }
}

/// What judging one photo gave.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct PhotoReading {
    /// What is wrong with it, each with its region.
    pub findings: Vec<Finding>,
    /// Named measurements with units in the name.
    pub measures: BTreeMap<&'static str, f32>,
}

/// What judging and reading a selfie gave.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct SelfieReading {
    /// What is wrong with it.
    pub photo: PhotoReading,
    /// Its most prominent face, if there is one that can be compared.
    pub face: Option<FaceReading>,
}

/// What judging a person with a document in hand gave.
#[derive(Clone, Debug, PartialEq)]
pub struct HandheldReading {
    /// What is wrong with it, the document's faults among it.
    pub photo: PhotoReading,
    /// The document in the person's hand, for holding it against the one that was shown before.
    pub document: DocumentReading,
}
