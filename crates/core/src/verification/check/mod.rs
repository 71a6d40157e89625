//! Cross-checks: does what was read agree with itself, with the other side, with what was declared, with
//! today?
//!
//! Pure functions from readings to findings, each with the field's region. They know no program: how much a
//! finding weighs in the end is for `decide`. To add one, write it beside those it resembles and
//! call it from [`document`] or [`together`].

mod document;
mod together;

pub use document::document;
pub use together::{Declared, together};

use super::{Finding, ReasonCode, Severity};
use crate::see::{DocumentReading, Field, FieldKey};

/// A finding at a field's place, or without one where the reader gave none.
fn at(code: ReasonCode, severity: Severity, field: Option<&Field>) -> Finding {
    Finding { code, severity, region: field.and_then(|f| f.region) }
}

fn value(reading: &DocumentReading, key: FieldKey) -> Option<&str> {
    reading.fields.get(&key).map(|f| f.value.as_str()).filter(|v| !v.is_empty())
}

#[cfg(test)]
mod tests;
