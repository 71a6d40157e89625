//! Shops, as far as their owner is concerned: registered, and open once its owner is certified (row A1).
//!
//! Penalties, closing and bans come with issue 5's second part; what stands here is what sub-accounts need of a shop,
//! and who is responsible for it at any moment (row A5).

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::{ClockId, SessionId};
use crate::verification::program::Mode;

/// Where a shop stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ShopStatus {
    /// Its owner is not certified.
    Registered,
    /// It may trade.
    Open,
    /// Its owner closed it.
    Closed,
}

impl ShopStatus {
    /// The name used everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}

/// Somebody who was certified as the owner, from then on until the next one was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The verification that certified them.
    pub session: SessionId,
    /// Since when.
    pub from: Timestamp,
    /// Until when: another certification followed.
    pub until: Option<Timestamp>,
}

/// A shop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shop {
    /// The marketplace's own id for it.
    pub id: String,
    /// Test or live.
    pub mode: Mode,
    /// Its type, as exemptions name it (row E18).
    pub shop_type: String,
    /// By which clock it lives; the world's without one.
    #[serde(default)]
    pub clock: Option<ClockId>,
    /// Everybody who was certified as its owner, in order.
    pub owners: Vec<Owner>,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When its owner closed it.
    #[serde(default)]
    pub closed_at: Option<Timestamp>,
}

/// What a shop does not allow. It is unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShopRefusal {
    /// It was closed.
    #[error("the shop was closed")]
    Closed,
    /// No id that can be.
    #[error("an id has 1 to 128 printable characters")]
    Id,
    /// No type that can be.
    #[error("a shop's type has 1 to 64 lower-case letters, digits, hyphens and underscores")]
    Type,
}

/// What happened to a shop, as events tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShopHappened {
    /// It was registered.
    Registered,
    /// Its owner was certified, for the first time.
    Opened,
    /// Its owner was certified again.
    Recertified,
    /// Its owner closed it.
    Closed,
}

impl ShopHappened {
    /// All.
    pub const ALL: [Self; 4] = [Self::Registered, Self::Opened, Self::Recertified, Self::Closed];

    /// The type of the event.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Registered => "shop.registered",
            Self::Opened => "shop.opened",
            Self::Recertified => "shop.recertified",
            Self::Closed => "shop.closed",
        }
    }
}

impl Shop {
    /// Registers one.
    ///
    /// # Errors
    /// When id or type are not of the allowed form.
    pub fn register(
        id: String,
        mode: Mode,
        shop_type: String,
        clock: Option<ClockId>,
        now: Timestamp,
    ) -> Result<(Self, ShopHappened), ShopRefusal> {
        if !(1..=128).contains(&id.chars().count()) || id.chars().any(char::is_control) {
            return Err(ShopRefusal::Id);
        }
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
        if !(1..=64).contains(&shop_type.len()) || !shop_type.bytes().all(allowed) {
            return Err(ShopRefusal::Type);
        }
        let shop = Self { id, mode, shop_type, clock, owners: Vec::new(), created_at: now, closed_at: None };
        Ok((shop, ShopHappened::Registered))
    }

    /// Where it stands.
    pub fn status(&self) -> ShopStatus {
        match (self.closed_at, self.owners.is_empty()) {
            (Some(_), _) => ShopStatus::Closed,
            (None, true) => ShopStatus::Registered,
            (None, false) => ShopStatus::Open,
        }
    }

    /// Closes it, for ever. Who was responsible stays known.
    ///
    /// # Errors
    /// When it is closed.
    pub fn close(&mut self, now: Timestamp) -> Result<ShopHappened, ShopRefusal> {
        self.still_there()?;
        self.closed_at = Some(now);
        Ok(ShopHappened::Closed)
    }

    /// Whether anything new can be made in it.
    ///
    /// # Errors
    /// When it is closed.
    pub const fn still_there(&self) -> Result<(), ShopRefusal> {
        if self.closed_at.is_some() { Err(ShopRefusal::Closed) } else { Ok(()) }
    }

    /// Its owner passed; `None` when this very verification counted before, or the shop is closed.
    pub fn certify(&mut self, session: SessionId, now: Timestamp) -> Option<ShopHappened> {
        if self.closed_at.is_some() || self.owners.iter().any(|o| o.session == session) {
            return None;
        }
        let first = self.owners.is_empty();
        if let Some(last) = self.owners.last_mut() {
            last.until = Some(now);
        }
        self.owners.push(Owner { session, from: now, until: None });
        Some(if first { ShopHappened::Opened } else { ShopHappened::Recertified })
    }

    /// Who was responsible at that moment: from being certified on, until just before the next one was.
    pub fn owner_at(&self, at: Timestamp) -> Option<&Owner> {
        self.owners.iter().find(|o| o.from <= at && o.until.is_none_or(|until| at < until))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).unwrap()
    }

    fn session(n: u8) -> SessionId {
        SessionId::new(at(0), [n; 10])
    }

    fn shop() -> Shop {
        Shop::register("42".into(), Mode::Test, "c2c".into(), None, at(0)).unwrap().0
    }

    #[test]
    fn a_shop_is_not_open_before_its_owner_is_certified() {
        let mut shop = shop();
        assert_eq!(shop.status(), ShopStatus::Registered);
        assert_eq!(shop.certify(session(1), at(5)), Some(ShopHappened::Opened));
        assert_eq!(shop.status(), ShopStatus::Open);
        assert_eq!(shop.certify(session(1), at(6)), None);
        assert_eq!(shop.certify(session(2), at(9)), Some(ShopHappened::Recertified));
    }

    #[test]
    fn a_closed_shop_stays_closed_and_its_owner_known() {
        let mut shop = shop();
        shop.certify(session(1), at(5));
        assert_eq!(shop.close(at(7)), Ok(ShopHappened::Closed));
        let closed = shop.clone();
        assert_eq!((shop.status(), shop.close(at(8))), (ShopStatus::Closed, Err(ShopRefusal::Closed)));
        assert_eq!(shop.certify(session(2), at(9)), None);
        assert_eq!(shop, closed);
        assert_eq!(shop.owner_at(at(8)).map(|o| o.session.clone()), Some(session(1)));
    }

    #[test]
    fn every_moment_since_the_first_certification_has_one_responsible_person() {
        let mut shop = shop();
        shop.certify(session(1), at(5));
        shop.certify(session(2), at(9));
        for (second, responsible) in [(4, None), (5, Some(1)), (8, Some(1)), (9, Some(2)), (10_000, Some(2))]
        {
            let found = shop.owner_at(at(second)).map(|o| o.session.clone());
            assert_eq!(found, responsible.map(session), "{second}");
        }
    }

    #[test]
    fn ids_and_types_that_cannot_be_are_refused() {
        let register =
            |id: &str, kind: &str| Shop::register(id.into(), Mode::Test, kind.into(), None, at(0)).map(drop);
        assert_eq!(register("", "c2c"), Err(ShopRefusal::Id));
        assert_eq!(register("a\u{7}", "c2c"), Err(ShopRefusal::Id));
        assert_eq!(register(&"店".repeat(129), "c2c"), Err(ShopRefusal::Id));
        for kind in ["", "天猫", "Tmall", "a b"] {
            assert_eq!(register("42", kind), Err(ShopRefusal::Type), "{kind}");
        }
        assert_eq!(register("店 1", "tmall-global"), Ok(()));
    }
}
