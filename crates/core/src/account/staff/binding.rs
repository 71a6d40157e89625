//! Who stood behind a sub-account, and when.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::account::actor::Actor;
use crate::account::claim::{Claim, Claimed, Tag};
use crate::id::SessionId;

/// A person bound to a sub-account, from passing to unbinding, or to passing once more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// The verification that bound them.
    pub session: SessionId,
    /// Their identity.
    pub identity: Tag,
    /// The phone that they verified with. Not the sub-account's security phone (E17).
    pub phone: Tag,
    /// Captured on an administrator's phone (E19).
    pub assisted: bool,
    /// Since when.
    pub from: Timestamp,
    /// Until when, and by whom it ended.
    pub ended: Option<(Timestamp, Actor)>,
}

impl Binding {
    /// Whether the person stood behind the sub-account at that moment: from passing on, until just before unbinding.
    pub fn held_at(&self, at: Timestamp) -> bool {
        self.from <= at && self.ended.as_ref().is_none_or(|(to, _)| at < *to)
    }

    /// What must be unique within the shop: the identity, and the phone (E9).
    pub(super) fn claims(&self, shop: &str) -> [Claim; 2] {
        let claim = |of, tag: &Tag| Claim { scope: format!("shop:{shop}"), of, tag: tag.clone() };
        [claim(Claimed::Identity, &self.identity), claim(Claimed::Phone, &self.phone)]
    }
}
