//! Rollouts (rows D2, E6), as the operator handles them: written down, looked at, started, paused, called off.
//!
//! The rules are the state machine's ([`shiren_core::rollout`]); `rollout_run.rs` finds out who is meant and when they have
//! their turn, `rollout_turn.rs` asks them.

use async_trait::async_trait;
use jiff::civil::Date;
use serde_json::json;
use shiren_core::account::actor::Actor;
use shiren_core::account::shop::Shop;
use shiren_core::account::staff::Standing;
use shiren_core::account::{Account, AccountKind};
use shiren_core::condition::Condition;
use shiren_core::id::{ClockId, RolloutId};
use shiren_core::rollout::{
    AccountFacts, Audience, NewRollout, Plan, Rollout, RolloutHappened, RolloutStatus, ShopFacts, Step,
    Waiting, forecast,
};
use shiren_core::verification::program::Mode;

use crate::by::{logged, way};
use crate::command::Command;
use crate::context::App;
use crate::error::Error;
use crate::event::SHOP_FACTS_CHANGED;
use crate::job::Job;
use crate::pages::StaffOf;
use crate::port::{RolloutQuery, ShopQuery, Tx};
use crate::record::{AuditEntry, MemberCounts, Stored};
use crate::shops::shop_in;

/// Shops that are looked at in one go.
pub(crate) const SHOPS_AT_ONCE: u32 = 100;
/// Shops that a look ahead at a draft goes through at most.
const MOST_SHOPS: u32 = 20_000;
/// Shops that are looked at while somebody writes a condition.
const SHOPS_TRIED: u32 = 1_000;

/// Writes a rollout down.
#[derive(Clone, Debug)]
pub struct CreateRollout {
    /// Test or live.
    pub mode: Mode,
    /// By which clock it lives, in test mode; it asks accounts of that clock alone.
    pub clock: Option<ClockId>,
    /// What it is called.
    pub name: String,
    /// Whom it asks.
    pub audience: Audience,
    /// Of which facts.
    pub when: String,
    /// How it goes.
    pub plan: Plan,
    /// Who writes it down.
    pub by: Actor,
}

/// What is done with a rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RolloutAct {
    /// It asks from now on.
    Start,
    /// It asks nobody for now.
    Pause,
    /// It asks again.
    Resume,
    /// It is called off.
    Cancel,
}

/// Does something with a rollout.
#[derive(Clone, Debug)]
pub struct ChangeRollout {
    /// In which mode it must be.
    pub mode: Mode,
    /// Which.
    pub id: RolloutId,
    /// What.
    pub act: RolloutAct,
    /// Who does so.
    pub by: Actor,
}

/// Says what a shop is like, for rollouts to choose by.
#[derive(Clone, Debug)]
pub struct PutShopFacts {
    /// Test or live.
    pub mode: Mode,
    /// Which shop.
    pub shop: String,
    /// All that is said of it.
    pub facts: ShopFacts,
}

/// A rollout and how its accounts stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RolloutFile {
    /// The rollout.
    pub rollout: Rollout,
    /// Its accounts; of a draft none are known.
    pub counts: MemberCounts,
}

/// What is ahead of a rollout.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ahead {
    /// How many wait, or would be meant if it was started now.
    pub waiting: u32,
    /// How many are left out because their shop is exempt; of a draft alone.
    pub exempt: u32,
    /// How many are left out because it cannot be told whether they are meant; of a draft alone.
    pub untold: u32,
    /// There are more shops than were looked at.
    pub more: bool,
    /// How many are asked on each day.
    pub days: Vec<(Date, u32)>,
}

/// A rollout with all that goes with it, for whoever works at the console.
#[derive(Clone, Debug)]
pub struct RolloutSheet {
    /// The rollout and how its accounts stand.
    pub file: RolloutFile,
    /// What is ahead.
    pub ahead: Ahead,
    /// How many were asked on each day until now.
    pub asked: Vec<(Date, u32)>,
    /// Today, as it counts days.
    pub today: Date,
    /// Who did what with it, oldest first.
    pub log: Vec<AuditEntry>,
}

/// Whom a condition means now, of the shops that were looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Selected {
    /// How many accounts are meant.
    pub meant: u32,
    /// How many are left out because their shop is exempt.
    pub exempt: u32,
    /// How many are left out because it cannot be told.
    pub untold: u32,
    /// There are more shops than were looked at.
    pub more: bool,
}

/// Who of some shops is meant.
#[derive(Debug, Default)]
pub(crate) struct Meant {
    pub(crate) members: Vec<(String, u8)>,
    pub(crate) exempt: u32,
    pub(crate) untold: u32,
}

#[async_trait]
impl Command for CreateRollout {
    type Done = RolloutFile;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<RolloutFile, Error> {
        app.sound_clock(tx, self.mode, self.clock.as_ref()).await?;
        let app = app.on_clock(tx, self.clock.as_ref()).await?;
        let new = NewRollout {
            id: RolloutId::new(app.world_now(), app.ten()),
            mode: self.mode,
            clock: self.clock,
            name: self.name,
            audience: self.audience,
            when: self.when,
            plan: self.plan,
        };
        let rollout = Rollout::draft(new, app.now())?;
        tx.insert_rollout(&rollout).await?;
        app.audit(tx, &logged(&self.by), "rollout.created", rollout.id.as_str(), way(&self.by)).await?;
        app.tell_rollout(tx, &rollout, RolloutHappened::Created).await?;
        Ok(RolloutFile { rollout, counts: MemberCounts::default() })
    }
}

#[async_trait]
impl Command for ChangeRollout {
    type Done = RolloutFile;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<RolloutFile, Error> {
        let mut kept = rollout_in(tx, self.mode, &self.id).await?;
        let app = app.on_clock(tx, kept.value.clock.as_ref()).await?;
        let (rollout, now) = (&mut kept.value, app.now());
        let happened = match self.act {
            RolloutAct::Start => rollout.start(now),
            RolloutAct::Pause => rollout.pause(),
            RolloutAct::Resume => rollout.resume(),
            RolloutAct::Cancel => rollout.cancel(now),
        }?;
        tx.save_rollout(&kept).await?;
        let rollout = kept.value;
        match happened {
            RolloutHappened::Started => app.enrol_later(tx, &rollout.id, None).await?,
            // Until everybody is known who is meant, that goes on by itself.
            RolloutHappened::Resumed if rollout.enrolled => app.plan_rollout(tx, &rollout, true).await?,
            _ => {}
        }
        app.audit(tx, &logged(&self.by), happened.name(), rollout.id.as_str(), way(&self.by)).await?;
        app.tell_rollout(tx, &rollout, happened).await?;
        let counts = tx.member_counts(&rollout.id).await?;
        Ok(RolloutFile { rollout, counts })
    }
}

#[async_trait]
impl Command for PutShopFacts {
    type Done = Shop;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<Shop, Error> {
        let mut shop = shop_in(tx, self.mode, &self.shop).await?;
        let app = app.on_shop(tx, &shop.value).await?;
        self.facts.check(app.today())?;
        if shop.value.facts == self.facts {
            return Ok(shop.value);
        }
        shop.value.facts = self.facts;
        tx.save_shop(&shop).await?;
        let account = Account { kind: AccountKind::Shop, id: shop.value.id.clone() };
        let data = json!({ "id": shop.value.id, "status": shop.value.status().name() });
        app.append(tx, self.mode, SHOP_FACTS_CHANGED, &account, &shop.value.id, data).await?;
        Ok(shop.value)
    }
}

impl App {
    /// A rollout of a mode.
    ///
    /// # Errors
    /// When there is none.
    pub async fn rollout(&self, mode: Mode, id: &RolloutId) -> Result<RolloutFile, Error> {
        let mut tx = self.store.snapshot().await?;
        let rollout = rollout_in(tx.as_mut(), mode, id).await?.value;
        let counts = tx.member_counts(id).await?;
        Ok(RolloutFile { rollout, counts })
    }

    /// Lists rollouts, newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn rollouts(&self, query: &RolloutQuery) -> Result<Vec<Rollout>, Error> {
        Ok(self.store.reader().await?.rollouts(query).await?)
    }

    /// What is ahead of a rollout: of a draft, as if it was started now.
    ///
    /// # Errors
    /// When there is no such rollout.
    pub async fn rollout_ahead(&self, mode: Mode, id: &RolloutId) -> Result<Ahead, Error> {
        let mut tx = self.store.reader().await?;
        let rollout = rollout_in(tx.as_mut(), mode, id).await?.value;
        let app = self.on_clock(tx.as_mut(), rollout.clock.as_ref()).await?;
        let mut ahead = Ahead::default();
        let waiting = match rollout.status {
            RolloutStatus::Draft => app.meant_by_draft(tx.as_mut(), &rollout, &mut ahead).await?,
            RolloutStatus::Started | RolloutStatus::Paused => tx.member_counts(id).await?.waiting,
            RolloutStatus::Done | RolloutStatus::Canceled => Waiting::new(),
        };
        ahead.waiting = waiting.values().sum();
        let taken = tx.members_taken_on(id, app.rollout_day()).await?;
        ahead.days = forecast(&rollout.plan, app.rollout_day(), taken, &waiting, app.recheck_rules());
        Ok(ahead)
    }

    /// A rollout with all that goes with it.
    ///
    /// # Errors
    /// When there is no such rollout.
    pub async fn rollout_sheet(&self, mode: Mode, id: &RolloutId) -> Result<RolloutSheet, Error> {
        let file = self.rollout(mode, id).await?;
        let ahead = self.rollout_ahead(mode, id).await?;
        let mut tx = self.store.snapshot().await?;
        let app = self.on_clock(tx.as_mut(), file.rollout.clock.as_ref()).await?;
        let asked = tx.members_asked_by_day(id).await?;
        let log = tx.audit_of(id.as_str()).await?;
        Ok(RolloutSheet { file, ahead, asked, today: app.rollout_day(), log })
    }

    /// Whom a condition means now, of the newest 1,000 shops; nothing is kept. To be asked while somebody writes one.
    ///
    /// # Errors
    /// What is wrong with the condition; when there is no such clock.
    pub async fn try_selection(
        &self,
        mode: Mode,
        clock: Option<ClockId>,
        audience: Audience,
        when: String,
    ) -> Result<Selected, Error> {
        let mut tx = self.store.reader().await?;
        let app = self.on_clock(tx.as_mut(), clock.as_ref()).await?;
        let today = app.rollout_day();
        let plan = Plan {
            steps: vec![Step { from: today, percent: 100 }],
            capacity: 1,
            blackout: Vec::new(),
            days: 14,
        };
        let id = RolloutId::new(app.world_now(), app.ten());
        let new = NewRollout { id, mode, clock, name: "-".to_owned(), audience, when, plan };
        let now = app.now();
        // Reading a condition takes a moment and a deep stack.
        let draft = tokio::task::spawn_blocking(move || Rollout::draft(new, now)).await;
        let rollout = draft.map_err(|e| Error::Internal(e.to_string()))??;
        let condition = app.rollout_condition(&rollout).await?;
        let (mut selected, mut after) = (Selected::default(), None);
        for _ in 0..SHOPS_TRIED / SHOPS_AT_ONCE {
            let (meant, next) = app.meant(tx.as_mut(), &rollout, &condition, after).await?;
            selected.meant += u32::try_from(meant.members.len()).unwrap_or(u32::MAX);
            selected.exempt += meant.exempt;
            selected.untold += meant.untold;
            if next.is_none() {
                return Ok(selected);
            }
            after = next;
        }
        Ok(Selected { more: true, ..selected })
    }

    async fn meant_by_draft(
        &self,
        tx: &mut dyn Tx,
        rollout: &Rollout,
        ahead: &mut Ahead,
    ) -> Result<Waiting, Error> {
        let condition = self.rollout_condition(rollout).await?;
        let (mut waiting, mut after) = (Waiting::new(), None);
        for _ in 0..MOST_SHOPS / SHOPS_AT_ONCE {
            let (meant, next) = self.meant(tx, rollout, &condition, after).await?;
            ahead.exempt += meant.exempt;
            ahead.untold += meant.untold;
            for (_, place) in meant.members {
                *waiting.entry(place).or_insert(0) += 1;
            }
            if next.is_none() {
                return Ok(waiting);
            }
            after = next;
        }
        ahead.more = true;
        Ok(waiting)
    }

    /// The condition of a rollout: reading it takes a moment and a deep stack.
    pub(crate) async fn rollout_condition(&self, rollout: &Rollout) -> Result<Condition, Error> {
        let of = rollout.clone();
        let read = tokio::task::spawn_blocking(move || of.condition()).await;
        let read = read.map_err(|e| Error::Internal(e.to_string()))?;
        // It was checked when it was written down: another version of the program did that.
        read.map_err(|e| Error::Internal(format!("rollout {}: {e}", rollout.id)))
    }

    /// Who of the next shops is meant, and behind which shop it goes on.
    pub(crate) async fn meant(
        &self,
        tx: &mut dyn Tx,
        rollout: &Rollout,
        condition: &Condition,
        after: Option<String>,
    ) -> Result<(Meant, Option<String>), Error> {
        let query = ShopQuery { after, ..ShopQuery::of(rollout.mode, SHOPS_AT_ONCE) };
        let shops = tx.shops(&query).await?;
        let next = shops.last().filter(|_| shops.len() == SHOPS_AT_ONCE as usize).map(|s| s.id.clone());
        let mut meant = Meant::default();
        for shop in shops.iter().filter(|s| s.still_there().is_ok() && s.clock == rollout.clock) {
            match rollout.audience {
                Audience::Shops => {
                    let facts =
                        AccountFacts::of(shop, None, self.in_zone_of(shop).recheck_rules(), self.now());
                    self.consider(rollout, condition, &facts, &shop.id, &mut meant);
                }
                Audience::Staff | Audience::StaffRechecks => {
                    self.meant_staff(tx, rollout, condition, shop, &mut meant).await?;
                }
            }
        }
        Ok((meant, next))
    }

    async fn meant_staff(
        &self,
        tx: &mut dyn Tx,
        rollout: &Rollout,
        condition: &Condition,
        shop: &Shop,
        meant: &mut Meant,
    ) -> Result<(), Error> {
        let local = self.in_zone_of(shop);
        // Who is asked for a first verification was not asked; who is asked for another one is bound and rests.
        let standing = match rollout.audience {
            Audience::StaffRechecks => "verified",
            Audience::Shops | Audience::Staff => Standing::Unasked.name(),
        };
        let mut all = StaffOf::shop(shop, Some(standing));
        while let Some(page) = all.next(tx).await? {
            for staff in &page {
                let facts = AccountFacts::of(shop, Some(staff), local.recheck_rules(), self.now());
                self.consider(rollout, condition, &facts, &staff.id, meant);
            }
        }
        Ok(())
    }

    fn consider(
        &self,
        rollout: &Rollout,
        condition: &Condition,
        facts: &AccountFacts<'_>,
        id: &str,
        meant: &mut Meant,
    ) {
        match condition.holds(facts) {
            Ok(false) => {}
            // Nobody is bothered because a fact is missing: how many those are is told before it is started.
            Err(_) => meant.untold += 1,
            Ok(true) if self.in_zone_of(facts.shop).exempts(facts.shop) => {
                meant.exempt += 1;
            }
            Ok(true) => meant.members.push((id.to_owned(), rollout.place(id))),
        }
    }

    /// Whether nobody of the shop of this view is asked today (row E18).
    pub(crate) fn exempts(&self, shop: &Shop) -> bool {
        let today = self.now().to_zoned(self.staff_rules().zone()).date();
        self.staff_rules().is_exempt(&shop.shop_type, today)
    }

    /// Today, as rollouts count days: like re-checks.
    pub(crate) fn rollout_day(&self) -> Date {
        self.now().to_zoned(self.recheck_rules().time_zone()).date()
    }

    pub(crate) async fn enrol_later(
        &self,
        tx: &mut dyn Tx,
        rollout: &RolloutId,
        after: Option<String>,
    ) -> Result<(), Error> {
        let dedup = format!("enrol:{rollout}:{}", after.as_deref().unwrap_or_default());
        let job = Job::EnrolRollout { rollout: rollout.clone(), after };
        self.enqueue(tx, job, self.now(), Some(dedup)).await
    }

    pub(crate) async fn tell_rollout(
        &self,
        tx: &mut dyn Tx,
        rollout: &Rollout,
        what: RolloutHappened,
    ) -> Result<(), Error> {
        let account = Account { kind: AccountKind::Platform, id: rollout.id.to_string() };
        let data = json!({
            "id": rollout.id, "name": rollout.name, "status": rollout.status, "audience": rollout.audience,
        });
        self.append(tx, rollout.mode, what.name(), &account, rollout.id.as_str(), data).await
    }
}

/// The rollout of this id, if it is of this mode.
async fn rollout_in(tx: &mut dyn Tx, mode: Mode, id: &RolloutId) -> Result<Stored<Rollout>, Error> {
    tx.rollout(id).await?.filter(|r| r.value.mode == mode).ok_or(Error::NotFound("rollout"))
}
