//! Lists that are gone through page by page, in a transaction that may change what it finds.

use shiren_core::account::Account;
use shiren_core::account::shop::Shop;
use shiren_core::account::staff::Staff;
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::{Session, Status};

use crate::error::Error;
use crate::port::{SessionQuery, StaffQuery, Tx};

/// Sub-accounts of a page.
const STAFF_AT_ONCE: u32 = 100;

/// The sessions of an account, the newest first, page by page.
pub(crate) struct SessionsOf {
    query: SessionQuery,
    over: bool,
}

impl SessionsOf {
    /// Those of a status, if only one is asked for; so many at once, at least one.
    pub(crate) fn account(mode: Mode, account: &Account, status: Option<Status>, at_once: u32) -> Self {
        let query = SessionQuery {
            mode: Some(mode),
            status,
            account_kind: Some(account.kind),
            account_id: Some(account.id.clone()),
            after: None,
            limit: at_once.max(1),
        };
        Self { query, over: false }
    }

    /// The next page; `None` behind the last one.
    pub(crate) async fn next(&mut self, tx: &mut dyn Tx) -> Result<Option<Vec<Session>>, Error> {
        if self.over {
            return Ok(None);
        }
        let page = tx.sessions(&self.query).await?;
        self.query.after = page.last().map(|session| session.id.clone());
        self.over = page.len() < self.query.limit as usize;
        Ok(Some(page))
    }
}

/// The sub-accounts of a shop, the newest first, page by page.
pub(crate) struct StaffOf {
    query: StaffQuery,
    over: bool,
}

impl StaffOf {
    /// Those of a standing, by its name, if only one is asked for.
    pub(crate) fn shop(shop: &Shop, standing: Option<&str>) -> Self {
        let query = StaffQuery {
            mode: shop.mode,
            shop: shop.id.clone(),
            standing: standing.map(str::to_owned),
            reviewed: None,
            bound: None,
            after: None,
            limit: STAFF_AT_ONCE,
        };
        Self { query, over: false }
    }

    /// The next page; `None` behind the last one.
    pub(crate) async fn next(&mut self, tx: &mut dyn Tx) -> Result<Option<Vec<Staff>>, Error> {
        if self.over {
            return Ok(None);
        }
        let page = tx.staff_of(&self.query).await?;
        self.query.after = page.last().map(|staff| staff.id.clone());
        self.over = page.len() < self.query.limit as usize;
        Ok(Some(page))
    }
}
