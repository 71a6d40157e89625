//! Reasons as the API tells them: the code for machines, sentences and fix for people.

use serde::Serialize;
use shiren_core::verification::session::Reason;
use shiren_core::verification::{Remedy, Sentences};
use utoipa::ToSchema;

/// Why a session is not verified.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ReasonView {
    /// The stable name.
    #[schema(example = "photo_blurred")]
    pub(crate) code: &'static str,
    /// `fail`, `review` or `info`.
    #[schema(example = "fail")]
    pub(crate) severity: serde_json::Value,
    /// `retry`: doing it again, better, can pass. `final`: it does not help.
    #[schema(example = "retry")]
    pub(crate) remedy: &'static str,
    /// In which steps' pictures, or what is missing.
    pub(crate) steps: Vec<String>,
    /// Where in the picture: four corners in pixels.
    #[schema(value_type = Option<Vec<Vec<f32>>>)]
    pub(crate) region: Option<serde_json::Value>,
    /// What is wrong.
    pub(crate) message: Both,
    /// What to do.
    pub(crate) fix: Both,
}

/// A sentence in both languages.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct Both {
    /// Chinese.
    zh: &'static str,
    /// English.
    en: &'static str,
}

impl From<Sentences> for Both {
    fn from(s: Sentences) -> Self {
        Self { zh: s.zh, en: s.en }
    }
}

impl From<&Reason> for ReasonView {
    fn from(reason: &Reason) -> Self {
        Self {
            code: reason.code.name(),
            severity: serde_json::to_value(reason.severity).unwrap_or_default(),
            remedy: match reason.code.remedy() {
                Remedy::Retry => "retry",
                Remedy::Final => "final",
            },
            steps: reason.steps.clone(),
            region: reason.region.and_then(|r| serde_json::to_value(r).ok()),
            message: reason.code.message().into(),
            fix: reason.code.fix().into(),
        }
    }
}
