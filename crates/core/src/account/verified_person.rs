//! The verified-person claim of an account (row A2): what the marketplace's payment system may know of who was verified for
//! it, and why that does not count any more.
//!
//! Nothing of the person stands here. Whether a claim counts is asked anew each time: shops close, re-checks are missed,
//! documents run out, and identities turn out to be somebody else's.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::identity::validity::{self, Status, ValidTo};
use crate::see::FieldKey;

/// Why a claim does not count any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Lapse {
    /// The shop is not open: closed for a violation or by its owner, or without an owner.
    ShopNotOpen,
    /// The shop missed a re-check, whatever else the operator lets that block.
    RecheckMissed,
    /// The sub-account is frozen: its user was asked and did not verify.
    StaffFrozen,
    /// Who was verified is not bound to the sub-account any more.
    UserUnbound,
    /// The identity turned out to be somebody else's (row C1).
    IdentityReclaimed,
    /// What was known of the person was erased: they withdrew their consent, or the marketplace had it done.
    IdentityErased,
    /// The document that was shown has run out since.
    DocumentExpired,
    /// The person, or the company of the shop, is banned (row A9).
    SubjectBanned,
}

impl Lapse {
    /// All.
    pub const ALL: [Self; 8] = [
        Self::ShopNotOpen,
        Self::RecheckMissed,
        Self::StaffFrozen,
        Self::UserUnbound,
        Self::IdentityReclaimed,
        Self::IdentityErased,
        Self::DocumentExpired,
        Self::SubjectBanned,
    ];

    /// The name used everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ShopNotOpen => "shop_not_open",
            Self::RecheckMissed => "recheck_missed",
            Self::StaffFrozen => "staff_frozen",
            Self::UserUnbound => "user_unbound",
            Self::IdentityReclaimed => "identity_reclaimed",
            Self::IdentityErased => "identity_erased",
            Self::DocumentExpired => "document_expired",
            Self::SubjectBanned => "subject_banned",
        }
    }
}

/// Whether a document with these values has run out: its last day is before today. One without an end never does.
pub fn has_run_out(fields: &BTreeMap<FieldKey, String>, today: Date) -> bool {
    let end = |key| fields.get(&key).and_then(|value| ValidTo::from_value(value));
    let end = end(FieldKey::ValidTo).or_else(|| end(FieldKey::ExpiryDate));
    validity::status(None, end, today) == Status::Expired
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_document_runs_out_after_its_last_day() {
        let of = |key, value: &str| BTreeMap::from([(key, value.to_owned())]);
        for (fields, today, over) in [
            (of(FieldKey::ValidTo, "2026-11-23"), date(2026, 11, 23), false),
            (of(FieldKey::ValidTo, "2026-11-23"), date(2026, 11, 24), true),
            (of(FieldKey::ValidTo, validity::LONG_TERM), date(9999, 1, 1), false),
            (of(FieldKey::ExpiryDate, "2032-04-15"), date(2032, 4, 16), true),
            (of(FieldKey::ExpiryDate, "unread"), date(2032, 4, 16), false),
            (BTreeMap::new(), date(2032, 4, 16), false),
        ] {
            assert_eq!(has_run_out(&fields, today), over, "{fields:?} {today}");
        }
    }

    #[test]
    fn names_are_those_of_the_serialised_form() {
        for lapse in Lapse::ALL {
            assert_eq!(serde_json::to_value(lapse).unwrap(), lapse.name());
        }
    }
}
