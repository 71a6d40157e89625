//! All that is known of a shop and is nothing of a person, for whoever works at the console.

use jiff::Timestamp;
use shiren_core::account::ban::Ban;
use shiren_core::account::shop::Shop;
use shiren_core::account::{Account, AccountKind};
use shiren_core::deposit::Ledger;
use shiren_core::recheck::Rechecks;
use shiren_core::verification::program::Mode;

use crate::context::App;
use crate::deposits::ledger_of;
use crate::error::Error;
use crate::port::{BanQuery, ShopQuery, StaffQuery};
use crate::record::AuditEntry;
use crate::shops::shop_in;
use crate::staff::StaffFile;

/// Most bans that are told: a shop is closed permanently once.
const BANS: u32 = 10;

/// A shop as a list shows it.
#[derive(Clone, Debug)]
pub struct ShopListed {
    /// The shop.
    pub shop: Shop,
    /// Its re-checks; none before its owner was certified or asked.
    pub rechecks: Option<Rechecks>,
}

/// A shop with all that goes with it.
#[derive(Clone, Debug)]
pub struct ShopFile {
    /// The shop.
    pub shop: Shop,
    /// Now, by its clock.
    pub now: Timestamp,
    /// Its re-checks; none before its owner was certified or asked.
    pub rechecks: Option<Rechecks>,
    /// Its deposit.
    pub ledger: Ledger,
    /// Its sub-accounts, newest first: one page.
    pub staff: Vec<StaffFile>,
    /// Bans for which it was closed.
    pub bans: Vec<Ban>,
    /// Who did what with it and who looked for its owner, oldest first. The log names accounts without their mode.
    pub log: Vec<AuditEntry>,
}

impl App {
    /// Lists shops with their re-checks, newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn shops_listed(&self, query: &ShopQuery) -> Result<Vec<ShopListed>, Error> {
        let mut tx = self.store.snapshot().await?;
        let mut listed = Vec::new();
        for shop in tx.shops(query).await? {
            let rechecks = tx.rechecks(shop.mode, &shop.id).await?.map(|kept| kept.value);
            listed.push(ShopListed { rechecks, shop });
        }
        Ok(listed)
    }

    /// A shop with all that goes with it; of its sub-accounts so many that were added before `after`.
    ///
    /// # Errors
    /// When there is no such shop, or its ledger does not add up.
    pub async fn shop_file(
        &self,
        mode: Mode,
        id: &str,
        after: Option<String>,
        limit: u32,
    ) -> Result<ShopFile, Error> {
        let mut tx = self.store.snapshot().await?;
        let shop = shop_in(tx.as_mut(), mode, id).await?.value;
        let app = self.on_shop(tx.as_mut(), &shop).await?;
        let rechecks = tx.rechecks(mode, id).await?.map(|kept| kept.value);
        let ledger = ledger_of(tx.as_mut(), &shop).await?.value;
        let all = StaffQuery {
            mode,
            shop: shop.id.clone(),
            standing: None,
            reviewed: None,
            bound: None,
            after,
            limit,
        };
        let staff = tx.staff_of(&all).await?;
        let staff = staff.into_iter().map(|staff| StaffFile { now: app.staff_now(&staff), staff }).collect();
        let of = BanQuery { mode, shop: Some(shop.id.clone()), in_force: None, after: None, limit: BANS };
        let bans = tx.bans(&of).await?;
        let account = Account { kind: AccountKind::Shop, id: shop.id.clone() };
        let log = tx.audit_of(&account.to_string()).await?;
        Ok(ShopFile { now: app.now(), shop, rechecks, ledger, staff, bans, log })
    }
}
