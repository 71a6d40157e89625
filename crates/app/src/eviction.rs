//! What an account loses with an identity that is taken back from it (row C1): whatever it was verified by with that
//! identity vouches for nobody, and a shop whose owner that was has none any more.

use std::collections::BTreeSet;

use shiren_core::account::{Account, AccountKind};
use shiren_core::id::SessionId;
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::{Session, Status};
use shiren_vault::Purpose;

use crate::context::App;
use crate::error::Error;
use crate::port::{SessionQuery, Tx};

/// Sessions that are listed at once.
const AT_ONCE: u32 = 100;

impl App {
    /// This identity is another account's now: withdraws what `holder` was verified by with it, and ends the
    /// owner of a shop who was certified so.
    pub(crate) async fn evict(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        holder: &Account,
        key: &str,
    ) -> Result<(), Error> {
        let withdrawn = self.withdraw_verifications(tx, mode, holder, key).await?;
        if holder.kind != AccountKind::Shop {
            return Ok(());
        }
        // One that was never registered is the marketplace's alone.
        let Some(mut shop) = tx.shop(mode, &holder.id).await? else { return Ok(()) };
        let owner = shop.value.owner().map(|owner| owner.session.clone());
        let Some(owner) = owner.filter(|session| withdrawn.contains(session)) else { return Ok(()) };
        let app = self.on_clock(tx, shop.value.clock.as_ref()).await?;
        // One that ended holds nothing that matters any more.
        let Ok(Some(happened)) = shop.value.evict(app.now()) else { return Ok(()) };
        tx.save_shop(&shop).await?;
        app.tell_shop(tx, &shop.value, happened).await?;
        app.message_evicted(tx, &shop.value, &owner).await
    }

    /// All of them, however many: each one alone would let the account through the gate.
    async fn withdraw_verifications(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        account: &Account,
        key: &str,
    ) -> Result<BTreeSet<SessionId>, Error> {
        let mut withdrawn = BTreeSet::new();
        let mut query = SessionQuery {
            mode: Some(mode),
            status: Some(Status::Verified),
            account_kind: Some(account.kind),
            account_id: Some(account.id.clone()),
            after: None,
            limit: AT_ONCE,
        };
        loop {
            let page = tx.sessions(&query).await?;
            query.after = page.last().map(|session| session.id.clone());
            for found in &page {
                if self.withdraw(tx, found, key).await? {
                    withdrawn.insert(found.id.clone());
                }
            }
            if page.len() < AT_ONCE as usize {
                return Ok(withdrawn);
            }
        }
    }

    /// Whether it was verified with this identity, or nobody knows any more: then it vouches no longer, and
    /// what was kept of its face and device to compare with is gone.
    async fn withdraw(&self, tx: &mut dyn Tx, session: &Session, key: &str) -> Result<bool, Error> {
        let identity = self.identity(tx, session).await?.unwrap_or_default();
        if identity.key().is_some_and(|known| known != key) {
            return Ok(false);
        }
        let Some(mut session) = tx.session(&session.id).await? else { return Ok(false) };
        let now = self.on_clock(tx, session.value.clock.as_ref()).await?.now();
        session.value.reclaimed(now);
        tx.save_session(&session).await?;
        self.shred(tx, session.value.id.as_str(), &[Purpose::Baseline]).await?;
        Ok(true)
    }
}
