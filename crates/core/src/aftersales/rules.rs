//! The numbers of after-sales requests: every one of them a setting.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Kind;
use super::attachment::AttachmentKind;
use crate::review::calendar::Office;
use crate::verification::program::ReviewDeadline;

/// The rules that requests live by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AfterSalesRules {
    /// How long a review may take; at most 2160 hours or 90 working days.
    pub review: ReviewDeadline,
    /// The share of it after which it is escalated, 0 to 1.
    pub escalate_at: f32,
    /// Days in which the buyer answers when more is needed, 1 to 90; then the request is closed.
    pub answer_days: u32,
    /// Days in which a draft is handed in and the buyer verified, 1 to 365; then the request is closed.
    pub draft_days: u32,
    /// Days in which the marketplace carries out what was accepted, 1 to 365; then the request is closed.
    pub complete_days: u32,
    /// Days before that at which it is reminded, fewer than `complete_days`; 0 for not at all.
    pub complete_remind_days: u32,
    /// For how many days a verification of the buyer counts, 1 to 3650.
    pub verified_days: u32,
    /// The program that the buyer is verified by.
    pub program: String,
    /// Minutes for which a request that a reviewer took is theirs alone, 1 to 1440.
    pub taken_minutes: u32,
    /// Most photographs, 0 to 20.
    pub photos: u32,
    /// Most videos, 0 to 5.
    pub videos: u32,
    /// Most bytes of a photograph, up to 20,000,000: what is opened.
    pub photo_bytes: u64,
    /// Most bytes of a video, up to 1,000,000,000.
    pub video_bytes: u64,
    /// For which kinds something must be shown: a photograph or a video.
    pub shown: BTreeSet<Kind>,
    /// Days after the end at which what the buyer wrote and showed is deleted, 0 to 3650.
    pub retention_days: u32,
    /// By what its working days are counted: the platform's, nothing of these rules' file.
    #[serde(skip)]
    pub office: Office,
}

impl Default for AfterSalesRules {
    fn default() -> Self {
        Self {
            review: ReviewDeadline::WorkingDays(2),
            escalate_at: 0.75,
            answer_days: 7,
            draft_days: 30,
            complete_days: 30,
            complete_remind_days: 7,
            verified_days: 180,
            program: "buyer".to_owned(),
            taken_minutes: 30,
            photos: 9,
            videos: 1,
            photo_bytes: 20_000_000,
            video_bytes: 100_000_000,
            shown: [Kind::Return, Kind::Exchange, Kind::Repair].into(),
            retention_days: 180,
            office: Office::default(),
        }
    }
}

/// Rules that cannot be kept.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum AfterSalesRulesError {
    /// A number is out of its range.
    #[error("{0} is out of its range")]
    Range(&'static str),
    /// It is no text of rules.
    #[error("{0}")]
    Text(String),
}

impl AfterSalesRules {
    /// Reads them from TOML: what is left out is as by default.
    ///
    /// # Errors
    /// When the text is no TOML, names a setting that there is not, or the rules cannot be kept.
    pub fn from_toml(text: &str) -> Result<Self, AfterSalesRulesError> {
        let rules: Self = toml::from_str(text).map_err(|e| AfterSalesRulesError::Text(e.to_string()))?;
        rules.validate()?;
        Ok(rules)
    }

    /// Checks that the rules can be kept.
    ///
    /// # Errors
    /// When a number is out of its range.
    pub fn validate(&self) -> Result<(), AfterSalesRulesError> {
        let review = match self.review {
            ReviewDeadline::Hours(hours) => (1..=2160).contains(&hours),
            ReviewDeadline::WorkingDays(days) => (1..=90).contains(&days),
        };
        for (name, sound) in [
            ("review", review),
            ("escalate_at", (0.0..=1.0).contains(&self.escalate_at)),
            ("answer_days", (1..=90).contains(&self.answer_days)),
            ("draft_days", (1..=365).contains(&self.draft_days)),
            ("complete_days", (1..=365).contains(&self.complete_days)),
            ("complete_remind_days", self.complete_remind_days < self.complete_days),
            ("verified_days", (1..=3650).contains(&self.verified_days)),
            ("program", !self.program.is_empty()),
            ("taken_minutes", (1..=1440).contains(&self.taken_minutes)),
            ("photos", self.photos <= 20),
            ("videos", self.videos <= 5),
            ("photo_bytes", (1..=20_000_000).contains(&self.photo_bytes)),
            ("video_bytes", (1..=1_000_000_000).contains(&self.video_bytes)),
            ("shown", self.shown.is_empty() || self.photos + self.videos > 0),
            ("retention_days", self.retention_days <= 3650),
        ] {
            if !sound {
                return Err(AfterSalesRulesError::Range(name));
            }
        }
        Ok(())
    }

    /// How many attachments of a kind there may be.
    pub const fn most(&self, kind: AttachmentKind) -> u32 {
        match kind {
            AttachmentKind::Photo => self.photos,
            AttachmentKind::Video => self.videos,
        }
    }

    /// How many bytes an attachment of a kind may have.
    pub const fn most_bytes(&self, kind: AttachmentKind) -> u64 {
        match kind {
            AttachmentKind::Photo => self.photo_bytes,
            AttachmentKind::Video => self.video_bytes,
        }
    }

    /// For how long a request is its reviewer's alone.
    pub const fn taken(&self) -> SignedDuration {
        SignedDuration::from_mins(self.taken_minutes as i64)
    }
}
