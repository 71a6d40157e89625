//! In which time zone the days of an account count: its shop's, where that has one of its own, else the platform's.
//!
//! Whatever is about a shop or its sub-accounts goes on with the shop's view ([`App::on_shop`]), which lives by its clock and
//! counts by its zone. Moments are kept in UTC; what was planned before a zone changed stays as it was told.

use std::borrow::Cow;

use async_trait::async_trait;
use jiff::tz::TimeZone;
use serde_json::json;
use shiren_core::account::shop::Shop;
use shiren_core::account::staff::StaffRules;
use shiren_core::account::zone::ZoneName;
use shiren_core::account::{Account, AccountKind};
use shiren_core::recheck::RecheckRules;
use shiren_core::review::calendar::Office;
use shiren_core::verification::program::Mode;

use crate::command::Command;
use crate::context::App;
use crate::error::Error;
use crate::event::SHOP_TIME_ZONE_CHANGED;
use crate::port::Tx;
use crate::shops::shop_in;

/// Rules as they count for a shop with a zone of its own.
#[derive(Debug)]
pub(crate) struct Local {
    pub(crate) zone: TimeZone,
    pub(crate) staff: StaffRules,
    pub(crate) rechecks: RecheckRules,
}

/// Changes in which zone the days of a shop count.
#[derive(Clone, Debug)]
pub struct PutShopZone {
    /// Test or live.
    pub mode: Mode,
    /// Which shop.
    pub shop: String,
    /// Its zone; the platform's without one.
    pub time_zone: Option<ZoneName>,
}

#[async_trait]
impl Command for PutShopZone {
    type Done = Shop;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<Shop, Error> {
        let mut shop = shop_in(tx, self.mode, &self.shop).await?;
        if shop.value.time_zone == self.time_zone {
            return Ok(shop.value);
        }
        shop.value.time_zone = self.time_zone;
        let app = app.on_shop(tx, &shop.value).await?;
        tx.save_shop(&shop).await?;
        let account = Account { kind: AccountKind::Shop, id: shop.value.id.clone() };
        let data = json!({
            "id": shop.value.id, "status": shop.value.status().name(),
            "time_zone": app.zone().iana_name(),
        });
        app.append(tx, self.mode, SHOP_TIME_ZONE_CHANGED, &account, &shop.value.id, data).await?;
        Ok(shop.value)
    }
}

impl App {
    /// The view of a shop: by its clock, as it stands in this transaction, and in its zone.
    pub(crate) async fn on_shop(&self, tx: &mut dyn Tx, shop: &Shop) -> Result<Self, Error> {
        Ok(self.on_clock(tx, shop.clock.as_ref()).await?.in_zone_of(shop))
    }

    /// The zone of an account: its shop's, or that of the shop it is a sub-account of; else the platform's.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn zone_of(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        account: &Account,
    ) -> Result<TimeZone, Error> {
        let shop = match account.kind {
            AccountKind::Shop => Some(account.id.clone()),
            AccountKind::Staff => tx.staff(mode, &account.id).await?.map(|staff| staff.value.shop),
            AccountKind::Buyer | AccountKind::Influencer | AccountKind::Platform => None,
        };
        let Some(shop) = shop else { return Ok(self.platform_zone()) };
        Ok(tx
            .shop(mode, &shop)
            .await?
            .map_or_else(|| self.platform_zone(), |shop| self.zone_of_shop(&shop.value)))
    }

    /// As a page asks: the zone of an account.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn account_zone(&self, mode: Mode, account: &Account) -> Result<TimeZone, Error> {
        self.zone_of(self.store.reader().await?.as_mut(), mode, account).await
    }

    /// The zone of a shop.
    pub fn zone_of_shop(&self, shop: &Shop) -> TimeZone {
        let own = shop.time_zone.as_ref().and_then(ZoneName::time_zone);
        own.unwrap_or_else(|| self.platform_zone())
    }

    /// By what the working days of an account's cases are counted: the platform's calendar, in the account's zone.
    pub(crate) async fn office_of(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        account: &Account,
    ) -> Result<Cow<'_, Office>, Error> {
        let (office, zone) = (&self.settings.office, self.zone_of(tx, mode, account).await?);
        Ok(match zone == office.zone {
            true => Cow::Borrowed(office),
            false => Cow::Owned(Office { zone, ..office.clone() }),
        })
    }

    /// What sub-accounts live by, those of this view's shop.
    pub fn staff_rules(&self) -> &StaffRules {
        self.local().map_or(&self.settings.staff, |local| &local.staff)
    }

    /// What re-checks go by, and what bad records weigh; for the shop of this view.
    pub fn recheck_rules(&self) -> &RecheckRules {
        self.local().map_or(&self.settings.rechecks, |local| &local.rechecks)
    }

    /// The time zone of this view: its shop's, or the platform's.
    pub fn zone(&self) -> TimeZone {
        self.local().map_or_else(|| self.platform_zone(), |local| local.zone.clone())
    }

    fn platform_zone(&self) -> TimeZone {
        self.settings.zone.clone()
    }
}
