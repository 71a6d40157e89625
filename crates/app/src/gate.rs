//! The gate (row F1): asked before a purchase or an action, answered by the operator's rules.
//!
//! Asking is what marketplaces do most, so it reads an account's verifications and nothing else: the rules are ready in
//! memory (`gate_rules.rs`), and what was asked is kept later, many at once (`gate_log.rs`). Where a session is wanted, it
//! is made in the same transaction as the answer.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use shiren_core::account::shop::ShopStatus;
use shiren_core::account::staff::Standing as StaffStanding;
use shiren_core::account::{Account, AccountKind};
use shiren_core::gate::dry_run::Past;
use shiren_core::gate::{Asked, Needs, Standing, decide, sound_action};
use shiren_core::recheck::Blocks;
use shiren_core::verification::program::{Mode, Text};
use shiren_core::verification::session::Session;

use crate::command::Command;
use crate::context::App;
use crate::error::Error;
use crate::gate_rules::InForce;
use crate::notices::Contact;
use crate::port::Tx;
use crate::record::GateRecord;
use crate::sessions::{CreateSession, Created, invalid, verifications};

/// So many of an account's last verifications are looked at: one of them may be for the action that is asked about.
const LATEST: u32 = 10;

/// Where the action that is asked about is not among them, so many are: accounts that verify before each of many
/// actions are still answered in bounded time.
const LOOKED_AT: u32 = 200;

/// Asks the gate.
#[derive(Clone, Debug)]
pub struct AskGate {
    /// Test or live.
    pub mode: Mode,
    /// What is about to happen.
    pub event: String,
    /// How much it costs, in the currency's smallest unit.
    pub amount_cents: Option<i64>,
    /// In which currency.
    pub currency: Option<String>,
    /// Which goods.
    pub category: Option<String>,
    /// Whose account.
    pub account: Account,
    /// Which action in particular.
    pub action: Option<String>,
    /// Whether a verification session is made where one is needed.
    pub create_session: bool,
    /// Where the person goes after that.
    pub return_url: Option<String>,
}

/// Why a rule asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateReason {
    /// The rule's name.
    pub rule: String,
    /// What it still needs.
    pub needs: Needs,
    /// Why, for the person.
    pub because: Text,
    /// Why it could not be told whether the rule means this, in English for engineers.
    pub untold: Option<String>,
}

/// The gate's answer: nothing is needed when there are no reasons.
#[derive(Clone, Debug)]
pub struct Gated {
    /// Why a verification is needed.
    pub reasons: Vec<GateReason>,
    /// By which program, where one is needed.
    pub program: Option<String>,
    /// The session that was made for it.
    pub created: Option<Created>,
    /// By which version of the rules; 0 are those that come with the product.
    pub version: i64,
}

#[async_trait]
impl Command for AskGate {
    type Done = Gated;

    const RINGS: bool = false;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<Gated, Error> {
        let rules = app.gate_rules_in_force(tx, self.mode).await?;
        let mut gated = app.answer(tx, &self, &rules).await?;
        if let Some(program) = gated.program.clone().filter(|_| self.create_session) {
            let wanted = CreateSession {
                mode: self.mode,
                program,
                account: self.account,
                clock: None,
                return_url: self.return_url,
                action: self.action,
                metadata: Default::default(),
                contact: Contact::default(),
                // As its program says.
                account_assertion: false,
            };
            gated.created = Some(wanted.perform(app, tx).await?);
        }
        Ok(gated)
    }
}

impl App {
    /// Asks the gate where nothing is made by it: read, and nothing written.
    ///
    /// # Errors
    /// What is wrong with the question; when the store fails.
    pub async fn gate(&self, ask: &AskGate) -> Result<Gated, Error> {
        let mut tx = self.store.reader().await?;
        let rules = self.gate_rules_in_force(tx.as_mut(), ask.mode).await?;
        self.answer(tx.as_mut(), ask, &rules).await
    }

    async fn answer(&self, tx: &mut dyn Tx, ask: &AskGate, in_force: &Arc<InForce>) -> Result<Gated, Error> {
        if !ask.account.is_sound() {
            return Err(invalid("account.id", "1 to 128 characters, none of them a control character"));
        }
        let asked = Asked {
            event: ask.event.clone(),
            amount_cents: ask.amount_cents,
            currency: ask.currency.clone(),
            category: ask.category.clone(),
            account: ask.account.kind,
        };
        asked.check(&in_force.rules)?;
        sound_action(ask.action.as_deref())?;
        let standing = self.gate_standing(tx, ask).await?;
        let asks = decide(&in_force.rules, &asked, &standing);
        let program = asks
            .first()
            .map(|first| first.rule.program.clone().unwrap_or_else(|| ask.account.kind.program().to_owned()));
        let reasons: Vec<GateReason> = asks
            .into_iter()
            .map(|ask| GateReason {
                rule: ask.rule.name.clone(),
                needs: ask.needs,
                because: ask.rule.because.clone(),
                untold: ask.untold.map(|untold| untold.0),
            })
            .collect();
        self.gate_log.note(GateRecord {
            mode: ask.mode,
            at: self.world_now(),
            past: Past { asked, standing },
            version: in_force.version,
            stands_for: 1,
            asked_by: reasons.iter().map(|r| r.rule.clone()).collect(),
        });
        Ok(Gated { reasons, program, created: None, version: in_force.version })
    }

    /// What is known of an account's verifications, by its clock.
    async fn gate_standing(&self, tx: &mut dyn Tx, ask: &AskGate) -> Result<Standing, Error> {
        let Some(since) = self.vouched_since(tx, ask.mode, &ask.account).await? else {
            return Ok(Standing::default());
        };
        let sessions = latest_verified(tx, ask).await?;
        let clock = sessions.first().and_then(|s| s.clock.clone());
        let now = if clock.is_some() { self.on_clock(tx, clock.as_ref()).await?.now() } else { self.now() };
        let verified = sessions.iter().filter_map(|session| {
            let at = session.vouches_since().filter(|at| *at >= since)?;
            Some((at, session.action.as_deref()))
        });
        Ok(Standing::of(verified, ask.action.as_deref(), now))
    }

    /// Since when verifications of an account count: whoever stood behind it before is not who does now. `None` when none
    /// does: nobody is bound to the sub-account, the shop is not open, or it missed a re-check.
    async fn vouched_since(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        account: &Account,
    ) -> Result<Option<Timestamp>, Error> {
        Ok(match account.kind {
            AccountKind::Buyer | AccountKind::Influencer => Some(Timestamp::MIN),
            AccountKind::Shop => match tx.shop(mode, &account.id).await? {
                // It is the marketplace's alone: its verifications are all that is known.
                None => Some(Timestamp::MIN),
                Some(shop) if self.recheck_blocks(tx, &shop.value, Blocks::Gate).await? => None,
                Some(shop) if shop.value.status() == ShopStatus::Open => {
                    shop.value.owner().map(|owner| owner.from)
                }
                Some(_) => None,
            },
            AccountKind::Platform => None,
            AccountKind::Staff => {
                let staff = tx.staff(mode, &account.id).await?.map(|staff| staff.value);
                // Frozen because a re-check was missed, it vouches for nobody.
                let vouching = staff.filter(|s| !matches!(s.standing, StaffStanding::Frozen { .. }));
                vouching.and_then(|s| s.bound().map(|b| b.from))
            }
        })
    }
}

/// An account's last verifications, newest first: as many as tell when it was verified last, and for this action.
async fn latest_verified(tx: &mut dyn Tx, ask: &AskGate) -> Result<Vec<Session>, Error> {
    let latest = verifications(tx, ask.mode, &ask.account, LATEST).await?;
    let all = latest.len() < LATEST as usize;
    if all || ask.action.is_none() || latest.iter().any(|session| session.action == ask.action) {
        return Ok(latest);
    }
    verifications(tx, ask.mode, &ask.account, LOOKED_AT).await
}
