//! Re-checks of shops' owners (rows D4, D5, D9): planned when one passes, asked for by time, by bad records and before
//! actions.
//!
//! The rules are the state machine's ([`shiren_core::recheck`]). What stands here is that a change, its events, the next day
//! by the planner and the job for the next deadline are one transaction.

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::json;
use shiren_core::account::actor::Actor;
use shiren_core::account::shop::{Shop, ShopHappened};
use shiren_core::account::{Account, AccountKind};
use shiren_core::recheck::plan::{self, Chosen, Forecast};
use shiren_core::recheck::{Blocks, Event, Happened, RecheckRefusal, Rechecks, Verification};
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::{Happened as Became, Session};

use crate::command::Command;
use crate::context::App;
use crate::error::Error;
use crate::job::Job;
use crate::port::Tx;
use crate::record::{LeasedJob, Stored};
use crate::sessions::invalid;
use crate::shops::shop_in;

/// Days that a forecast covers at most.
const LONGEST_FORECAST: i32 = 366;

/// Asks for a re-check before an action.
#[derive(Clone, Debug)]
pub struct AskRecheck {
    /// Test or live.
    pub mode: Mode,
    /// Of which shop's owner.
    pub shop: String,
    /// The marketplace's own name and id of the action.
    pub action: String,
    /// Who asks.
    pub by: Actor,
}

/// How a shop's re-checks stand now.
#[derive(Clone, Debug)]
pub struct RecheckFile {
    /// The re-checks.
    pub rechecks: Rechecks,
    /// Now, by the shop's clock.
    pub now: Timestamp,
}

#[async_trait]
impl Command for AskRecheck {
    type Done = RecheckFile;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<RecheckFile, Error> {
        let shop = shop_in(tx, self.mode, &self.shop).await?.value;
        shop.still_there()?;
        let app = app.on_shop(tx, &shop).await?;
        let mut kept = rechecks_in(tx, &shop).await?;
        let now = app.now().max(kept.value.as_of);
        let events = kept.value.ask_for(&self.action, app.recheck_rules(), now)?;
        app.keep_rechecks(tx, self.mode, &kept, &events).await?;
        app.audit_shop(tx, &shop, &self.by, ("recheck.asked", self.action)).await?;
        Ok(RecheckFile { rechecks: kept.value, now })
    }
}

impl App {
    /// How the re-checks of a shop stand.
    ///
    /// # Errors
    /// When there is no such shop, or its owner was never verified.
    pub async fn recheck(&self, mode: Mode, shop: &str) -> Result<RecheckFile, Error> {
        let mut tx = self.store.snapshot().await?;
        let shop = shop_in(tx.as_mut(), mode, shop).await?.value;
        let app = self.on_shop(tx.as_mut(), &shop).await?;
        let rechecks = rechecks_in(tx.as_mut(), &shop).await?.value;
        Ok(RecheckFile { now: app.now().max(rechecks.as_of), rechecks })
    }

    /// How many re-checks fall due on each day of a span, and how many may.
    ///
    /// # Errors
    /// When the span is none, or longer than a year.
    pub async fn recheck_forecast(&self, mode: Mode, from: Date, to: Date) -> Result<Vec<Forecast>, Error> {
        let days = from.until(to).map_or(-1, |span| span.get_days());
        if !(0..LONGEST_FORECAST).contains(&days) {
            return Err(invalid("to", "a day from `from` on, within a year"));
        }
        let load = self.store.reader().await?.recheck_load(mode, from, to).await?;
        Ok(plan::forecast(from, to, &load, self.recheck_rules()))
    }

    /// The owner of a shop was verified: what is asked for is done, and the next one planned. A verification that does
    /// not count for a re-check leaves it as it is.
    pub(crate) async fn rechecked(
        &self,
        tx: &mut dyn Tx,
        shop: &Shop,
        session: &Session,
    ) -> Result<(), Error> {
        let app = self.in_zone_of(shop);
        let rules = app.recheck_rules();
        let Some(mut kept) = tx.rechecks(shop.mode, &shop.id).await? else {
            let chosen = app.next_recheck(tx, shop.mode, app.now(), 0).await?;
            let (id, now) = (session.id.clone(), app.now());
            let (rechecks, events) = Rechecks::begin(shop.id.clone(), id, chosen.due, rules, now);
            return app.begin_rechecks(tx, shop.mode, &rechecks, &events).await;
        };
        let now = app.now().max(kept.value.as_of);
        let chosen = app.next_recheck(tx, shop.mode, now, kept.value.weight).await?;
        match kept.value.pass(verification(session), chosen.due, rules, now) {
            Ok(events) => app.keep_rechecks(tx, shop.mode, &kept, &events).await,
            Err(RecheckRefusal::DoesNotCount) => Ok(()),
            Err(refusal) => Err(refusal.into()),
        }
    }

    /// What was handed in for a shop's re-check is looked at, or was not passed: time stands still in between.
    pub(crate) async fn recheck_follows(
        &self,
        tx: &mut dyn Tx,
        session: &Session,
        what: Became,
    ) -> Result<(), Error> {
        let handed_in = match what {
            Became::Processing | Became::InReview => true,
            Became::RequiresInput | Became::Rejected | Became::Expired | Became::Canceled => false,
            _ => return Ok(()),
        };
        let Some(mut kept) = tx.rechecks(session.mode, &session.account.id).await? else { return Ok(()) };
        let shop = shop_in(tx, session.mode, &session.account.id).await?.value;
        let app = self.in_zone_of(&shop);
        let (rules, now) = (app.recheck_rules(), app.now().max(kept.value.as_of));
        let events = match handed_in {
            true => kept.value.submitted(&verification(session), rules, now),
            false => kept.value.refused(&session.id, rules, now),
        };
        if events.is_empty() {
            return Ok(());
        }
        app.keep_rechecks(tx, session.mode, &kept, &events).await
    }

    async fn next_recheck(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        passed: Timestamp,
        weight: u32,
    ) -> Result<Chosen, Error> {
        let rules = self.recheck_rules();
        let (from, to) = plan::window(passed, 0, rules);
        let load = tx.recheck_load(mode, from, to).await?;
        Ok(plan::choose(passed, weight, &load, rules))
    }

    /// A penalty is a bad record. What a shop's end brings is none: nobody is asked any more.
    pub(crate) async fn bad_record(
        &self,
        tx: &mut dyn Tx,
        shop: &Shop,
        happened: ShopHappened,
        violation: &str,
    ) -> Result<(), Error> {
        if !matches!(happened, ShopHappened::Warned | ShopHappened::TemporarilyClosed) {
            return Ok(());
        }
        let Some(mut kept) = tx.rechecks(shop.mode, &shop.id).await? else { return Ok(()) };
        let now = self.now().max(kept.value.as_of);
        let chance = || {
            let mut bits = [0; 8];
            self.entropy.fill(&mut bits);
            u64::from_le_bytes(bits)
        };
        let events = kept.value.bad_record(violation, chance, self.recheck_rules(), now);
        self.keep_rechecks(tx, shop.mode, &kept, &events).await
    }

    /// Whether a missed re-check blocks something of a shop.
    pub(crate) async fn recheck_blocks(
        &self,
        tx: &mut dyn Tx,
        shop: &Shop,
        what: Blocks,
    ) -> Result<bool, Error> {
        Ok(self.recheck_rules().blocks.contains(&what) && self.recheck_missed(tx, shop).await?)
    }

    /// Whether a shop missed a re-check that is not done yet.
    pub(crate) async fn recheck_missed(&self, tx: &mut dyn Tx, shop: &Shop) -> Result<bool, Error> {
        let Some(mut kept) = tx.rechecks(shop.mode, &shop.id).await? else { return Ok(false) };
        let app = self.on_shop(tx, shop).await?;
        // However late the job is that notices it.
        kept.value.tick(app.recheck_rules(), app.now().max(kept.value.as_of));
        Ok(kept.value.restricted.is_some())
    }

    /// Lets a deadline of a shop's re-checks happen, and ends the job with it. Too early or done before, it changes
    /// nothing; of a shop that ended, nobody is asked.
    pub(crate) async fn recheck_deadline(&self, mode: Mode, id: &str, job: &LeasedJob) -> Result<(), Error> {
        let mut tx = self.store.begin().await?;
        if tx.finish(job).await?.is_err() {
            return Ok(());
        }
        let shop = shop_in(tx.as_mut(), mode, id).await?.value;
        let app = self.on_shop(tx.as_mut(), &shop).await?;
        if let Some(mut kept) = tx.rechecks(mode, id).await?.filter(|_| shop.still_there().is_ok()) {
            let now = app.now().max(kept.value.as_of);
            let events = kept.value.tick(app.recheck_rules(), now);
            if events.is_empty() {
                // Rules may have changed since it was planned.
                app.plan_recheck(tx.as_mut(), mode, &kept.value).await?;
            } else {
                app.keep_rechecks(tx.as_mut(), mode, &kept, &events).await?;
            }
        }
        tx.commit().await?;
        self.bell.notify_one();
        Ok(())
    }

    /// Keeps the first ones of a shop.
    pub(crate) async fn begin_rechecks(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        rechecks: &Rechecks,
        events: &[Event],
    ) -> Result<(), Error> {
        tx.insert_rechecks(mode, rechecks, self.due_day(rechecks)).await?;
        self.rechecks_changed(tx, mode, rechecks, events).await
    }

    pub(crate) async fn keep_rechecks(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        kept: &Stored<Rechecks>,
        events: &[Event],
    ) -> Result<(), Error> {
        tx.save_rechecks(mode, kept, self.due_day(&kept.value)).await?;
        self.rechecks_changed(tx, mode, &kept.value, events).await
    }

    /// Tells what happened. A day that was drawn is told to nobody before it comes.
    async fn rechecks_changed(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        rechecks: &Rechecks,
        events: &[Event],
    ) -> Result<(), Error> {
        let account = Account { kind: AccountKind::Shop, id: rechecks.shop.clone() };
        for event in events {
            let mut data = json!({ "id": rechecks.shop, "shop": rechecks.shop });
            match &event.happened {
                Happened::Planned => data["due_at"] = json!(rechecks.due),
                Happened::Asked { why, due } => (data["why"], data["due_at"]) = (json!(why), json!(due)),
                Happened::Reminded { days } => data["days_left"] = json!(days),
                Happened::Restricted => {}
                Happened::Submitted { session } => data["verification_session"] = json!(session),
                Happened::Refused { session, due } => {
                    (data["verification_session"], data["due_at"]) = (json!(session), json!(due));
                }
                Happened::Denied { action } => data["action"] = json!(action),
                Happened::Passed { session, why } => {
                    (data["why"], data["verification_session"]) = (json!(why), json!(session));
                }
            }
            if event.happened == Happened::Restricted {
                self.carry_over_ends(tx, mode, &rechecks.shop).await?;
            }
            let object = (rechecks.shop.as_str(), event.at);
            self.append_at(tx, mode, event.happened.name(), &account, object, data).await?;
            self.message_recheck(tx, mode, &rechecks.shop, event).await?;
        }
        self.plan_recheck(tx, mode, rechecks).await
    }

    /// The time was over that the owner of a shop had who was never verified here: it is open no longer (row A1).
    async fn carry_over_ends(&self, tx: &mut dyn Tx, mode: Mode, id: &str) -> Result<(), Error> {
        let mut shop = shop_in(tx, mode, id).await?;
        let Some(happened) = shop.value.end_carry_over() else { return Ok(()) };
        tx.save_shop(&shop).await?;
        self.tell_shop(tx, &shop.value, happened).await
    }

    /// A job for the next moment at which time alone changes something: one for each such moment.
    async fn plan_recheck(&self, tx: &mut dyn Tx, mode: Mode, rechecks: &Rechecks) -> Result<(), Error> {
        let Some(at) = rechecks.next_deadline(self.recheck_rules()) else { return Ok(()) };
        let dedup = format!("recheck:{mode}:{}:{}", rechecks.shop, at.as_microsecond());
        let job = Job::RecheckDeadline { mode, shop: rechecks.shop.clone() };
        self.enqueue(tx, job, at, Some(dedup)).await
    }

    fn due_day(&self, rechecks: &Rechecks) -> Date {
        rechecks.due.to_zoned(self.recheck_rules().time_zone()).date()
    }
}

/// A session as re-checks see it.
fn verification(session: &Session) -> Verification {
    let (session, begun_at, action) = (&session.id, session.created_at, &session.action);
    Verification { session: session.clone(), begun_at, action: action.clone() }
}

async fn rechecks_in(tx: &mut dyn Tx, shop: &Shop) -> Result<Stored<Rechecks>, Error> {
    tx.rechecks(shop.mode, &shop.id).await?.ok_or(Error::NotFound("re-check: the owner was never verified"))
}
