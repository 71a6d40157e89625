//! Shops as the marketplace registers them, and how they follow their owner's verification.

use async_trait::async_trait;
use serde_json::json;
use shiren_core::account::shop::{Certification, Company, Shop, ShopHappened, ShopRefusal};
use shiren_core::account::zone::ZoneName;
use shiren_core::account::{Account, AccountKind};
use shiren_core::id::ClockId;
use shiren_core::verification::ReasonCode;
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::{Happened, Session};

use crate::command::Command;
use crate::context::App;
use crate::error::Error;
use crate::person::IDENTITY;
use crate::port::{ShopQuery, Tx};
use crate::record::Stored;

/// Registers a shop.
#[derive(Clone, Debug)]
pub struct RegisterShop {
    /// Test or live.
    pub mode: Mode,
    /// The marketplace's own id for it.
    pub id: String,
    /// Its type, as exemptions name it.
    pub shop_type: String,
    /// By which clock it lives, in test mode; with everything that belongs to it.
    pub clock: Option<ClockId>,
    /// The company that it is of; an individual's without one.
    pub company: Option<Company>,
    /// In which zone its days count; the platform's without one.
    pub time_zone: Option<ZoneName>,
}

#[async_trait]
impl Command for RegisterShop {
    type Done = Shop;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<Shop, Error> {
        app.sound_clock(tx, self.mode, self.clock.as_ref()).await?;
        let app = app.on_clock(tx, self.clock.as_ref()).await?;
        if tx.shop(self.mode, &self.id).await?.is_some() {
            return Err(Error::Exists("shop"));
        }
        let (mut shop, happened) = Shop::register(self.id, self.mode, self.shop_type, self.clock, app.now())?;
        (shop.company, shop.time_zone) = (self.company, self.time_zone);
        if app.is_company_banned(tx, &shop).await? {
            return Err(Error::InUse(ReasonCode::SubjectBanned));
        }
        tx.insert_shop(&shop).await?;
        app.tell_shop(tx, &shop, happened).await?;
        Ok(shop)
    }
}

impl App {
    /// A shop of a mode.
    ///
    /// # Errors
    /// When there is none.
    pub async fn shop(&self, mode: Mode, id: &str) -> Result<Shop, Error> {
        Ok(shop_in(self.store.reader().await?.as_mut(), mode, id).await?.value)
    }

    /// Lists shops, newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn shops(&self, query: &ShopQuery) -> Result<Vec<Shop>, Error> {
        Ok(self.store.reader().await?.shops(query).await?)
    }

    /// A registered shop is open once its owner is verified, and again after a temporary closure. Whoever owned it before
    /// is free to open another one. Anything else is told to its re-checks. One that was never registered is the
    /// marketplace's alone.
    pub(crate) async fn shop_follows(
        &self,
        tx: &mut dyn Tx,
        session: &Session,
        what: Happened,
    ) -> Result<(), Error> {
        if what != Happened::Verified {
            return self.recheck_follows(tx, session, what).await;
        }
        let Some(mut shop) = tx.shop(session.mode, &session.account.id).await? else { return Ok(()) };
        let passed = Certification {
            session: session.id.clone(),
            program: session.program.name.clone(),
            begun_at: session.created_at,
        };
        let happened = match shop.value.certify(passed, self.now()) {
            Ok(happened) => happened,
            // Decided twice, or under way when the shop ended.
            Err(ShopRefusal::Counted) => return Ok(()),
            Err(ShopRefusal::Closed | ShopRefusal::PermanentlyClosed) => {
                // It claimed the identity on its way here, and a shop that ended holds nobody's.
                let held = tx.claims_of(IDENTITY, session.mode, &session.account).await?;
                return Ok(tx.release(IDENTITY, session.mode, &held).await?);
            }
            Err(refusal) => return Err(refusal.into()),
        };
        self.release_others(tx, session).await?;
        self.keep_baseline(tx, session).await?;
        tx.save_shop(&shop).await?;
        self.tell_shop(tx, &shop.value, happened).await?;
        self.rechecked(tx, &shop.value, session).await
    }

    /// What the account of a session holds of identities besides the one that it was just verified with.
    async fn release_others(&self, tx: &mut dyn Tx, session: &Session) -> Result<(), Error> {
        let identity = self.identity(tx, session).await?.unwrap_or_default();
        let Some(key) = identity.key() else { return Ok(()) };
        let now = self.tags(IDENTITY, session.mode, &key);
        let mut others = tx.claims_of(IDENTITY, session.mode, &session.account).await?;
        others.retain(|tag| !now.contains(tag));
        Ok(tx.release(IDENTITY, session.mode, &others).await?)
    }

    pub(crate) async fn tell_shop(
        &self,
        tx: &mut dyn Tx,
        shop: &Shop,
        what: ShopHappened,
    ) -> Result<(), Error> {
        let account = Account { kind: AccountKind::Shop, id: shop.id.clone() };
        let session = shop.owner().map(|o| &o.session);
        let data = json!({
            "id": shop.id, "type": shop.shop_type, "status": shop.status(), "verification_session": session,
        });
        self.append(tx, shop.mode, what.name(), &account, &shop.id, data).await
    }
}

/// The shop of this id.
pub(crate) async fn shop_in(tx: &mut dyn Tx, mode: Mode, id: &str) -> Result<Stored<Shop>, Error> {
    tx.shop(mode, id).await?.ok_or(Error::NotFound("shop"))
}
