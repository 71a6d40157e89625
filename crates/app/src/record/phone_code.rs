//! Codes that prove phones.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shiren_core::account::claim::Tag;
use shiren_core::id::{NoticeId, SessionId};
use shiren_core::verification::code::OneTimeCode;
use shiren_core::verification::program::Mode;

use super::NoticeKind;

/// A code that was asked for. Phone, browser and address stand here as keyed hashes: for counting, and for nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneCodeRecord {
    /// The notice that takes it there.
    pub notice: NoticeId,
    /// For which session.
    pub session: SessionId,
    /// Test or live.
    pub mode: Mode,
    /// Which of the person's phones it proves: the kind of its notice.
    pub proves: NoticeKind,
    /// To which phone.
    pub phone: Tag,
    /// In which browser it was asked for.
    pub device: Tag,
    /// From which address, where that is known.
    pub address: Option<Tag>,
    /// The code itself.
    pub code: OneTimeCode,
    /// When it was asked for, by the world's time.
    pub asked_at: Timestamp,
}
