//! Exempt shop types (row E18): when the rules are others than before, every sub-account that they concern is brought up
//! to date, also those that no deadline would wake.
//!
//! Rules are read as the service starts. Then one job for each mode goes through the shops, some in a transaction, each
//! of which enqueues the next: a process that dies leaves a step done or not begun, and done twice it changes nothing.

use shiren_core::account::shop::Shop;
use shiren_core::verification::program::Mode;

use crate::context::App;
use crate::error::Error;
use crate::job::Job;
use crate::pages::StaffOf;
use crate::port::{ShopQuery, Tx};
use crate::record::LeasedJob;

/// Shops of one transaction.
const SHOPS_AT_ONCE: u32 = 20;

impl App {
    /// Has the sub-accounts looked at that the exemptions, as they are now, concern.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn follow_exemptions(&self) -> Result<(), Error> {
        let mut tx = self.store.begin().await?;
        for mode in [Mode::Test, Mode::Live] {
            self.follow_exemptions_later(tx.as_mut(), mode, None).await?;
        }
        tx.commit().await?;
        self.bell.notify_one();
        Ok(())
    }

    /// Looks at those of the next shops, and ends the job with it.
    pub(crate) async fn follow_exemptions_of(
        &self,
        mode: Mode,
        after: Option<String>,
        job: &LeasedJob,
    ) -> Result<(), Error> {
        let mut tx = self.store.begin().await?;
        if tx.finish(job).await?.is_err() {
            return Ok(());
        }
        let shops = tx.shops(&ShopQuery { after, ..ShopQuery::of(mode, SHOPS_AT_ONCE) }).await?;
        for shop in shops.iter().filter(|shop| shop.still_there().is_ok()) {
            self.follow_exemption_of(tx.as_mut(), shop).await?;
        }
        if let Some(last) = shops.last().filter(|_| shops.len() == SHOPS_AT_ONCE as usize) {
            self.follow_exemptions_later(tx.as_mut(), mode, Some(last.id.clone())).await?;
        }
        tx.commit().await?;
        self.bell.notify_one();
        Ok(())
    }

    async fn follow_exemption_of(&self, tx: &mut dyn Tx, shop: &Shop) -> Result<(), Error> {
        let app = self.on_shop(tx, shop).await?;
        let rules = app.staff_rules();
        let mut all = StaffOf::shop(shop, None);
        while let Some(page) = all.next(tx).await? {
            for staff in page.iter().filter(|s| s.exemption_changed(rules, app.staff_now(s))) {
                let Some(mut staff) = tx.staff(shop.mode, &staff.id).await? else { continue };
                let now = app.staff_now(&staff.value);
                let done = staff.value.tick(rules, now)?;
                app.keep_staff(tx, shop.mode, &staff, &done).await?;
            }
        }
        Ok(())
    }

    async fn follow_exemptions_later(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        after: Option<String>,
    ) -> Result<(), Error> {
        let dedup = format!("exemptions:{mode}:{}", after.as_deref().unwrap_or_default());
        self.enqueue(tx, Job::FollowExemptions { mode, after }, self.world_now(), Some(dedup)).await
    }
}
