//! What one check found.

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

use super::ReasonCode;
use crate::see::Region;

/// How much a finding weighs. A program may raise or lower it (`[severity]`).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Told, and no more.
    Info,
    /// A person should look.
    Review,
    /// This cannot pass as it is.
    Fail,
}

/// One thing that a check found, with the place in the picture where it shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finding {
    /// Which.
    pub code: ReasonCode,
    /// How bad.
    pub severity: Severity,
    /// Where.
    pub region: Option<Region>,
}

impl Finding {
    /// A finding of the given weight, without a place.
    pub const fn new(code: ReasonCode, severity: Severity) -> Self {
        Self { code, severity, region: None }
    }

    /// A finding that cannot pass.
    pub const fn fail(code: ReasonCode) -> Self {
        Self::new(code, Severity::Fail)
    }

    /// A finding that a person should look at.
    pub const fn review(code: ReasonCode) -> Self {
        Self::new(code, Severity::Review)
    }

    /// A finding that is only told.
    pub const fn info(code: ReasonCode) -> Self {
        Self::new(code, Severity::Info)
    }

    /// The same finding, at a place.
    pub const fn at(mut self, region: Region) -> Self {
        self.region = Some(region);
        self
    }
}

impl Serialize for Finding {
    /// `{"code","severity","region","message":{"zh","en"},"fix":{"zh","en"}}`.
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut out = s.serialize_struct("Finding", 5)?;
        out.serialize_field("code", &self.code)?;
        out.serialize_field("severity", &self.severity)?;
        out.serialize_field("region", &self.region)?;
        out.serialize_field("message", &self.code.message())?;
        out.serialize_field("fix", &self.code.fix())?;
        out.end()
    }
}
