//! Cross-checks: does what was read agree with itself, with the other side, with what was declared, with
//! today?
//!
//! Pure functions from readings to findings, each with the field's region. They know no program: how much a
//! finding weighs in the end is for `decide`. To add one, write it beside those it resembles and
//! call it from [`document`] or [`together`].

mod company;
mod document;
mod held;
mod issuer;
mod liveness;
mod phone;
mod references;
mod source;
mod together;

pub use company::company;
pub use document::document;
pub use held::held;
pub use issuer::{issuer, tells_its_issuer};
pub use liveness::{LiveProof, liveness};
pub use phone::phone;
pub use references::references;
pub use source::{Answer, Answered, Equals, SourceKind, source};
pub use together::{Declared, together};

use jiff::Timestamp;
use serde::Serialize;

use super::program::CheckKind;
use super::{Finding, ReasonCode, Severity};
use crate::account::ban::{Candidate, Searched};
use crate::recheck::tell_apart::Operator;
use crate::see::{DocumentReading, FaceMatch, Field, FieldKey};

/// One examination that was made, and what it found.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// Which.
    pub kind: CheckKind,
    /// Ids of the steps that it looked at; regions lie in the picture of the first.
    pub steps: Vec<String>,
    /// What it found, in any order.
    pub findings: Vec<Finding>,
    /// What comparing gave, for [`CheckKind::Face`].
    pub face: Option<FaceMatch>,
    /// Who confirmed the identity, for [`CheckKind::Source`].
    pub confirmed: Option<Confirmation>,
    /// Of name, number and phone, whether each equals what the source has, for [`CheckKind::Source`].
    pub equals: Option<Equals>,
    /// What was done before the camera, for [`CheckKind::Liveness`].
    pub live: Option<LiveProof>,
    /// Whom the person resembles, for [`CheckKind::BanList`].
    pub candidates: Vec<Candidate>,
    /// How many bans that was looked for among, for [`CheckKind::BanList`].
    pub searched: Option<Searched>,
    /// What speaks for and against the same person, for [`CheckKind::Operator`].
    pub operator: Option<Operator>,
    /// When the person told the code that was sent to their phone, for [`CheckKind::Phone`].
    pub phone_proven_at: Option<Timestamp>,
}

impl Check {
    /// A check of pictures or data.
    pub fn new(kind: CheckKind, steps: &[&str], findings: Vec<Finding>) -> Self {
        let steps = steps.iter().map(|s| (*s).to_owned()).collect();
        Self {
            kind,
            steps,
            findings,
            face: None,
            confirmed: None,
            equals: None,
            live: None,
            candidates: Vec::new(),
            searched: None,
            operator: None,
            phone_proven_at: None,
        }
    }
}

/// An authoritative source's word that the identity exists as declared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Confirmation {
    /// Which source.
    pub source: String,
    /// When it answered.
    pub at: Timestamp,
}

/// A finding at a field's place, or without one where the reader gave none.
fn at(code: ReasonCode, severity: Severity, field: Option<&Field>) -> Finding {
    Finding { code, severity, region: field.and_then(|f| f.region) }
}

fn value(reading: &DocumentReading, key: FieldKey) -> Option<&str> {
    reading.fields.get(&key).map(|f| f.value.as_str()).filter(|v| !v.is_empty())
}

#[cfg(test)]
mod tests;
