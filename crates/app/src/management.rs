//! The owner's page of a shop's sub-accounts (rows E1, E2, E3, E14): the marketplace makes a link to it for whoever is
//! signed in there as the owner, and the link becomes a visit.
//!
//! A link opens once and within five minutes; a visit is of one shop, and sees how its sub-accounts stand, never who
//! stands behind them (row E15).

use async_trait::async_trait;
use jiff::{Timestamp, ToSpan as _};
use shiren_core::account::actor::Actor;
use shiren_core::account::{Account, AccountKind};
use shiren_core::id::SessionId;
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::Session;

use crate::command::Command;
use crate::context::{App, hash};
use crate::error::Error;
use crate::port::Tx;
use crate::record::ManagementPass;
use crate::sessions::{CreateSession, Created, invalid, session_in};
use crate::shops::shop_in;
use crate::staff::{ChangeStaff, StaffAct, StaffFile};

/// Minutes for which a link can be opened: somebody has just clicked.
const LINK_MINUTES: i64 = 5;
/// Minutes for which a browser may manage after opening one.
const VISIT_MINUTES: i64 = 60;
/// By which program sub-accounts are verified from this page.
const PROGRAM: &str = "staff";

/// Makes a link to the page of a shop's sub-accounts.
#[derive(Clone, Debug)]
pub struct MakeManagementLink {
    /// Test or live.
    pub mode: Mode,
    /// Which shop's.
    pub shop: String,
    /// The sub-account to whose code it leads at once (row E1).
    pub staff: Option<String>,
    /// The name of the API key that does so.
    pub by: String,
}

/// A link to the page of a shop's sub-accounts; its secret is never shown again.
#[derive(Clone, Debug)]
pub struct ManagementLink {
    /// What stands behind `/m/` in the link.
    pub secret: String,
    /// Until when it can be opened.
    pub expires_at: Timestamp,
}

#[async_trait]
impl Command for MakeManagementLink {
    type Done = ManagementLink;

    const RINGS: bool = false;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<ManagementLink, Error> {
        shop_in(tx, self.mode, &self.shop).await?.value.still_there()?;
        if let Some(id) = &self.staff {
            let staff = tx.staff(self.mode, id).await?.filter(|s| s.value.shop == self.shop);
            staff.ok_or_else(|| invalid("staff", "the shop has no such sub-account"))?;
        }
        let (secret, hash) = app.secret("");
        let now = app.world_now();
        let expires_at = now.saturating_add(LINK_MINUTES.minutes()).unwrap_or(now);
        let (by, shop) = (format!("key:{}", self.by), self.shop.clone());
        tx.insert_management_link(&ManagementPass {
            hash,
            mode: self.mode,
            shop: self.shop,
            staff: self.staff,
            expires_at,
        })
        .await?;
        app.audit(tx, &by, "management.link_made", &shop, "row E2").await?;
        Ok(ManagementLink { secret, expires_at })
    }
}

impl App {
    /// Opens a link: gives the visit and the secret for its cookie.
    ///
    /// # Errors
    /// [`Error::LinkUsed`] when it was opened before, is over, or never was: nothing is told apart.
    pub async fn open_management(&self, secret: &str) -> Result<(ManagementPass, String), Error> {
        let now = self.world_now();
        let mut tx = self.store.begin().await?;
        let link = tx.take_management_link(hash(secret), now).await?.ok_or(Error::LinkUsed)?;
        let (cookie, hash) = self.secret("");
        let expires_at = now.saturating_add(VISIT_MINUTES.minutes()).unwrap_or(now);
        let visit = ManagementPass { hash, expires_at, ..link };
        tx.insert_management_visit(&visit).await?;
        self.audit(tx.as_mut(), "owner", "management.opened", &visit.shop, "row E2").await?;
        tx.commit().await?;
        Ok((visit, cookie))
    }

    /// Which shop this cookie may manage.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when the cookie is of no visit, or its time is over.
    pub async fn manager(&self, cookie: &str) -> Result<ManagementPass, Error> {
        let visit = self.store.reader().await?.management_visit(hash(cookie)).await?;
        visit.filter(|v| v.expires_at > self.world_now()).ok_or(Error::Unauthenticated)
    }

    /// A sub-account of the shop that is managed.
    ///
    /// # Errors
    /// When the shop has none of this id.
    pub async fn managed(&self, visit: &ManagementPass, staff: &str) -> Result<StaffFile, Error> {
        let file = self.staff(visit.mode, staff).await?;
        if file.staff.shop == visit.shop { Ok(file) } else { Err(Error::NotFound("sub-account")) }
    }

    /// Does something to a sub-account on the owner's behalf.
    ///
    /// # Errors
    /// When the shop has none of this id, or it does not allow it as it stands.
    pub async fn manage(
        &self,
        visit: &ManagementPass,
        staff: &str,
        act: impl FnOnce(Actor) -> StaffAct + Send,
    ) -> Result<StaffFile, Error> {
        self.managed(visit, staff).await?;
        let act = act(Actor::Owner);
        self.run(ChangeStaff { mode: visit.mode, id: staff.to_owned(), act }).await
    }

    /// Makes a verification of a sub-account, whose link is shown as a code. Where the marketplace's app can say who is
    /// signed in, the code opens for that sub-account alone (row E23).
    ///
    /// # Errors
    /// When the shop has none of this id, or it cannot be verified as it stands.
    pub async fn invite(&self, visit: &ManagementPass, staff: &str) -> Result<Created, Error> {
        self.managed(visit, staff).await?;
        let new = CreateSession {
            mode: visit.mode,
            program: PROGRAM.to_owned(),
            account: Account { kind: AccountKind::Staff, id: staff.to_owned() },
            clock: None,
            return_url: None,
            action: None,
            metadata: Default::default(),
            contact: Default::default(),
            account_assertion: self.reads_assertions(),
        };
        self.run(new).await
    }

    /// How far a verification has come that was begun from the page.
    ///
    /// # Errors
    /// When it is not of a sub-account of the shop that is managed.
    pub async fn followed(&self, visit: &ManagementPass, id: &SessionId) -> Result<Session, Error> {
        let mut tx = self.store.snapshot().await?;
        let session = session_in(tx.as_mut(), visit.mode, id).await?.value;
        let none = || Error::NotFound("verification session");
        if session.account.kind != AccountKind::Staff {
            return Err(none());
        }
        let staff = tx.staff(visit.mode, &session.account.id).await?.ok_or_else(none)?;
        if staff.value.shop == visit.shop { Ok(session) } else { Err(none()) }
    }
}
