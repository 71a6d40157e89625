//! Penalties of a shop (rows D11, D12), and what the end of a shop takes with it.
//!
//! The rules are the state machine's ([`shiren_core::account::shop`]). What stands here is that a penalty, what it takes
//! from the deposit, what ends with the shop, and the events are one transaction.

use async_trait::async_trait;
use jiff::civil::Date;
use serde_json::json;
use shiren_core::account::actor::Actor;
use shiren_core::account::shop::{NewPenalty, Penalty, Shop, ShopHappened, ShopRefusal};
use shiren_core::account::staff::Done;
use shiren_core::account::{Account, AccountKind};
use shiren_core::deposit::Movement;
use shiren_core::id::BanId;
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::CalledOff;

use crate::command::Command;
use crate::context::App;
use crate::deposits::ledger_of;
use crate::error::Error;
use crate::pages::StaffOf;
use crate::person::IDENTITY;
use crate::port::Tx;
use crate::sessions::invalid;
use crate::shops::shop_in;

/// Imposes a penalty on a shop. The same one again has no second effect.
#[derive(Clone, Debug)]
pub struct PenaliseShop {
    /// Test or live.
    pub mode: Mode,
    /// Which.
    pub shop: String,
    /// What is imposed.
    pub new: NewPenalty,
    /// What it takes from the deposit, in cents, under the penalty's reference; 0 for nothing.
    pub deduct_cents: i64,
    /// The marketplace's own id of the refund of what is left, when the shop is closed for ever.
    pub refund_reference: Option<String>,
    /// Who does so.
    pub by: Actor,
}

/// A penalty, and the shop as it stands by it.
#[derive(Clone, Debug)]
pub struct Penalised {
    /// The shop.
    pub shop: Shop,
    /// The penalty.
    pub penalty: Penalty,
    /// What of the deposit is to be paid out, in cents, when the shop ended by it.
    pub refunded_cents: Option<i64>,
    /// The ban of its owner, when the shop ended by it and the owner is known.
    pub ban: Option<BanId>,
}

#[async_trait]
impl Command for PenaliseShop {
    type Done = Penalised;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<Penalised, Error> {
        let mut shop = shop_in(tx, self.mode, &self.shop).await?;
        let app = app.on_shop(tx, &shop.value).await?;
        let reference = self.new.reference.clone();
        let (mut refunded_cents, mut ban) = (None, None);
        if let Some(happened) = shop.value.penalise(self.new.clone(), app.now())? {
            tx.save_shop(&shop).await?;
            app.tell_penalty(tx, &shop.value, happened).await?;
            let why = format!("{} {reference}: {}", self.new.kind.name(), self.new.reason);
            app.audit_shop(tx, &shop.value, &self.by, ("shop.penalised", why)).await?;
            app.bad_record(tx, &shop.value, happened, &self.new.violation).await?;
            refunded_cents = app.settle_deposit(tx, &shop.value, happened, &self).await?;
            if happened == ShopHappened::PermanentlyClosed {
                ban = app.ban_owner(tx, &shop.value, &reference).await?.map(|ban| ban.id);
                app.shop_ended(tx, &shop.value, &self.by).await?;
            }
        } else if app.deducted(tx, &shop.value, &reference).await? != self.deduct_cents {
            return Err(ShopRefusal::ReferenceUsed.into());
        }
        let penalty = shop.value.penalties.iter().find(|p| p.reference == reference).cloned();
        let penalty = penalty.ok_or_else(|| Error::Internal("a penalty was not kept".into()))?;
        Ok(Penalised { shop: shop.value, penalty, refunded_cents, ban })
    }
}

impl App {
    /// What was taken from the deposit under a penalty's reference, in cents.
    async fn deducted(&self, tx: &mut dyn Tx, shop: &Shop, reference: &str) -> Result<i64, Error> {
        let ledger = ledger_of(tx, shop).await?.value;
        let mut entries = ledger.entries().iter();
        let entry = entries.find(|e| e.movement == Movement::Deduction && e.reference == reference);
        Ok(entry.map_or(0, |e| e.cents))
    }

    /// Takes what the penalty costs, and gives back what is left when the shop ended by it. One that its owner had closed
    /// before got its deposit back then.
    async fn settle_deposit(
        &self,
        tx: &mut dyn Tx,
        shop: &Shop,
        happened: ShopHappened,
        penalty: &PenaliseShop,
    ) -> Result<Option<i64>, Error> {
        let mut ledger = ledger_of(tx, shop).await?;
        if penalty.deduct_cents != 0
            && ledger.value.deduct(&penalty.new.reference, penalty.deduct_cents, self.now())?
        {
            self.keep_ledger(tx, shop, &mut ledger, Movement::Deduction).await?;
        }
        if happened != ShopHappened::PermanentlyClosed || ledger.value.is_closed() {
            return Ok(None);
        }
        let missing = || invalid("refund_reference", "your own id of the refund of what is left");
        let reference = penalty.refund_reference.as_deref().ok_or_else(missing)?;
        let refunded = ledger.value.refund(reference, self.now())?;
        self.keep_ledger(tx, shop, &mut ledger, Movement::Refund).await?;
        Ok(Some(refunded))
    }

    /// What ends with a shop: its sub-accounts, what its owner has not ended, that it holds its owner's identity, and the
    /// faces and devices of its owners.
    pub(crate) async fn shop_ended(&self, tx: &mut dyn Tx, shop: &Shop, by: &Actor) -> Result<(), Error> {
        let account = Account { kind: AccountKind::Shop, id: shop.id.clone() };
        let held = tx.claims_of(IDENTITY, shop.mode, &account).await?;
        tx.release(IDENTITY, shop.mode, &held).await?;
        if let Some(kept) = tx.rechecks(shop.mode, &shop.id).await? {
            // Nobody is asked any more, and no day is taken for it.
            tx.save_rechecks(shop.mode, &kept, Date::MAX).await?;
        }
        self.forget_baselines(tx, shop).await?;
        self.forget_devices(tx, shop).await?;
        self.call_off_sessions(tx, shop.mode, &account, None, CalledOff::ShopEnded).await?;
        self.erase_records_later(tx, shop.mode, &account).await?;
        let mut staff = StaffOf::shop(shop, None);
        while let Some(page) = staff.next(tx).await? {
            for staff in &page {
                self.end_with_shop(tx, shop, &staff.id, by).await?;
            }
        }
        Ok(())
    }

    async fn end_with_shop(&self, tx: &mut dyn Tx, shop: &Shop, id: &str, by: &Actor) -> Result<(), Error> {
        let Some(mut staff) = tx.staff(shop.mode, id).await? else { return Ok(()) };
        let now = self.staff_now(&staff.value);
        let done = staff.value.end_with_shop(by.clone(), self.staff_rules(), now)?;
        if done == Done::default() {
            return Ok(());
        }
        self.keep_staff(tx, shop.mode, &staff, &done).await
    }

    /// Tells what a penalty did: its reference and the rule that was broken.
    async fn tell_penalty(&self, tx: &mut dyn Tx, shop: &Shop, what: ShopHappened) -> Result<(), Error> {
        let account = Account { kind: AccountKind::Shop, id: shop.id.clone() };
        let penalty = shop.penalties.last();
        let data = json!({
            "id": shop.id, "type": shop.shop_type, "status": shop.status(),
            "penalty": penalty.map(|p| &p.reference), "violation": penalty.map(|p| &p.violation),
        });
        self.append(tx, shop.mode, what.name(), &account, &shop.id, data).await?;
        self.message_penalty(tx, shop, what).await
    }
}
