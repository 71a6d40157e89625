//! Deposits (rows A7, A8): paid in, taken from, and given back when the shop closes.
//!
//! The money itself moves elsewhere. What stands here is what was held when, for which reference of the marketplace:
//! the same reference twice is one entry, whatever the idempotency key.

use async_trait::async_trait;
use serde_json::json;
use shiren_core::account::actor::Actor;
use shiren_core::account::shop::{Shop, ShopStatus};
use shiren_core::account::{Account, AccountKind};
use shiren_core::deposit::{Category, Ledger, LedgerAccount, Movement};
use shiren_core::recheck::Blocks;
use shiren_core::verification::program::Mode;

use crate::command::Command;
use crate::context::App;
use crate::error::Error;
use crate::port::Tx;
use crate::record::Stored;
use crate::sessions::invalid;
use crate::shops::shop_in;

/// Moves money into a deposit, or out of it to a buyer or for a broken rule. What is left goes back when the shop
/// closes, and not before.
#[derive(Clone, Debug)]
pub struct MoveDeposit {
    /// Test or live.
    pub mode: Mode,
    /// Of which shop.
    pub shop: String,
    /// Payment, compensation or deduction.
    pub movement: Movement,
    /// The marketplace's own id of the payment, dispute or penalty.
    pub reference: String,
    /// How much, in cents.
    pub cents: i64,
    /// Who does so.
    pub by: Actor,
}

/// Closes a shop for its owner: its deposit goes back, its sub-accounts end, and its owner may open another one.
#[derive(Clone, Debug)]
pub struct CloseShop {
    /// Test or live.
    pub mode: Mode,
    /// Which.
    pub shop: String,
    /// The marketplace's own id of the refund.
    pub reference: String,
    /// Who does so for its owner.
    pub by: Actor,
}

/// A shop's deposit.
#[derive(Clone, Debug)]
pub struct Deposit {
    /// The shop.
    pub shop: Shop,
    /// What was paid, taken and given back.
    pub ledger: Ledger,
}

/// Whether goods of a category may be listed.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The category.
    pub category: Category,
    /// Cents that are missing.
    pub missing: i64,
    /// Why not: `shop_not_open`, `recheck_missed`, `deposit_missing`; empty when they may.
    pub reasons: Vec<&'static str>,
}

#[async_trait]
impl Command for MoveDeposit {
    type Done = Deposit;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<Deposit, Error> {
        let shop = shop_in(tx, self.mode, &self.shop).await?.value;
        let app = app.on_clock(tx, shop.clock.as_ref()).await?;
        let mut ledger = ledger_of(tx, &shop).await?;
        let (of, reference, cents, now) = (&mut ledger.value, &self.reference, self.cents, app.now());
        let moved = match self.movement {
            Movement::Payment => of.pay(reference, cents, now),
            Movement::Compensation => of.compensate(reference, cents, now),
            Movement::Deduction => of.deduct(reference, cents, now),
            Movement::Refund => {
                return Err(invalid("movement", "the deposit goes back when the shop closes"));
            }
        }?;
        if moved {
            app.keep_ledger(tx, &shop, &mut ledger, self.movement).await?;
            let what = (self.movement.happened(), format!("{reference}, {cents} cents"));
            app.audit_shop(tx, &shop, &self.by, what).await?;
        }
        Ok(Deposit { shop, ledger: ledger.value })
    }
}

#[async_trait]
impl Command for CloseShop {
    type Done = Deposit;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<Deposit, Error> {
        let mut shop = shop_in(tx, self.mode, &self.shop).await?;
        let app = app.on_shop(tx, &shop.value).await?;
        let happened = shop.value.close(app.now())?;
        let mut ledger = ledger_of(tx, &shop.value).await?;
        ledger.value.refund(&self.reference, app.now())?;
        tx.save_shop(&shop).await?;
        app.keep_ledger(tx, &shop.value, &mut ledger, Movement::Refund).await?;
        app.tell_shop(tx, &shop.value, happened).await?;
        let what = (happened.name(), format!("refund {}", self.reference));
        app.audit_shop(tx, &shop.value, &self.by, what).await?;
        app.shop_ended(tx, &shop.value, &Actor::Owner).await?;
        Ok(Deposit { shop: shop.value, ledger: ledger.value })
    }
}

impl App {
    /// The deposit of a shop; that of one that never paid is empty.
    ///
    /// # Errors
    /// When there is no such shop, or its ledger does not add up.
    pub async fn deposit(&self, mode: Mode, shop: &str) -> Result<Deposit, Error> {
        let mut tx = self.store.snapshot().await?;
        let shop = shop_in(tx.as_mut(), mode, shop).await?.value;
        let ledger = ledger_of(tx.as_mut(), &shop).await?.value;
        Ok(Deposit { shop, ledger })
    }

    /// Whether a shop may list goods of a category.
    ///
    /// # Errors
    /// When there is no such shop or category.
    pub async fn may_list(&self, mode: Mode, shop: &str, category: &str) -> Result<Listing, Error> {
        let category = self.settings.categories.category(category).ok_or(Error::NotFound("category"))?;
        let mut tx = self.store.snapshot().await?;
        let shop = shop_in(tx.as_mut(), mode, shop).await?.value;
        let ledger = ledger_of(tx.as_mut(), &shop).await?.value;
        let mut reasons = Vec::new();
        if shop.status() != ShopStatus::Open {
            reasons.push("shop_not_open");
        }
        if self.recheck_blocks(tx.as_mut(), &shop, Blocks::Listing).await? {
            reasons.push("recheck_missed");
        }
        if !ledger.covers(category) {
            reasons.push("deposit_missing");
        }
        Ok(Listing { missing: ledger.missing(category), category: category.clone(), reasons })
    }

    /// The categories of goods and what each asks for.
    pub fn categories(&self) -> &[Category] {
        self.settings.categories.all()
    }

    /// Keeps a ledger with its latest entry, and tells of it.
    pub(crate) async fn keep_ledger(
        &self,
        tx: &mut dyn Tx,
        shop: &Shop,
        ledger: &mut Stored<Ledger>,
        movement: Movement,
    ) -> Result<(), Error> {
        reconciled(&ledger.value)?;
        if ledger.version == 0 {
            tx.insert_ledger(shop.mode, &shop.id, &ledger.value).await?;
        } else {
            tx.save_ledger(shop.mode, &shop.id, ledger).await?;
        }
        ledger.version += 1;
        let account = Account { kind: AccountKind::Shop, id: shop.id.clone() };
        let entry = ledger.value.entries().last();
        let data = json!({
            "id": shop.id, "held_cents": ledger.value.balance(LedgerAccount::Held),
            "reference": entry.map(|e| &e.reference), "cents": entry.map(|e| e.cents),
        });
        self.append(tx, shop.mode, movement.happened(), &account, &shop.id, data).await
    }
}

/// The ledger of a shop, counted again; a new one, of version 0, when it never paid.
pub(crate) async fn ledger_of(tx: &mut dyn Tx, shop: &Shop) -> Result<Stored<Ledger>, Error> {
    let kept = tx.ledger(shop.mode, &shop.id).await?;
    let ledger = kept.unwrap_or(Stored { value: Ledger::default(), version: 0 });
    reconciled(&ledger.value)?;
    Ok(ledger)
}

/// A ledger that does not add up is neither shown nor kept.
fn reconciled(ledger: &Ledger) -> Result<(), Error> {
    ledger.reconcile().map_err(|e| Error::Internal(e.to_string()))
}
