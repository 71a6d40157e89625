//! Rollouts at work: who is meant is noted page by page, and every day as many are asked as may be.
//!
//! Each step is one transaction, in which its job ends and the next one is enqueued: a process that dies leaves a step done
//! or not begun. Each saves the rollout, so that two steps of one rollout never count side by side.

use jiff::civil::{Date, Time, time};
use jiff::{Timestamp, ToSpan as _};
use shiren_core::account::staff::Refusal;
use shiren_core::id::RolloutId;
use shiren_core::recheck::{RecheckRefusal, Rechecks};
use shiren_core::rollout::{Audience, Rollout, RolloutStatus};

use crate::context::App;
use crate::error::Error;
use crate::job::Job;
use crate::port::Tx;
use crate::record::{LeasedJob, MemberState};

/// When on a day people are asked: not while they sleep.
const MORNING: Time = time(10, 0, 0, 0);
/// Accounts that are asked in one transaction.
const AT_ONCE: u32 = 50;

impl App {
    /// Notes who of the next shops is meant, and ends the job with it.
    pub(crate) async fn enrol_rollout(
        &self,
        id: &RolloutId,
        after: Option<String>,
        job: &LeasedJob,
    ) -> Result<(), Error> {
        let Some(known) = self.store.reader().await?.rollout(id).await? else { return Ok(()) };
        let condition = self.rollout_condition(&known.value).await?;
        let mut tx = self.store.begin().await?;
        if tx.finish(job).await?.is_err() {
            return Ok(());
        }
        let Some(mut kept) = tx.rollout(id).await? else { return Ok(()) };
        if !matches!(kept.value.status, RolloutStatus::Started | RolloutStatus::Paused) || kept.value.enrolled
        {
            return Ok(tx.commit().await?);
        }
        let app = self.on_clock(tx.as_mut(), kept.value.clock.as_ref()).await?;
        let (meant, next) = app.meant(tx.as_mut(), &kept.value, &condition, after).await?;
        tx.enrol(id, &meant.members).await?;
        match next {
            Some(after) => app.enrol_later(tx.as_mut(), id, Some(after)).await?,
            None => {
                kept.value.enrolled = true;
                app.plan_rollout(tx.as_mut(), &kept.value, true).await?;
            }
        }
        tx.save_rollout(&kept).await?;
        tx.commit().await?;
        self.bell.notify_one();
        Ok(())
    }

    /// Asks as many as may be asked now, and ends the job with it. Too early or done before, it asks nobody.
    pub(crate) async fn run_rollout(&self, id: &RolloutId, job: &LeasedJob) -> Result<(), Error> {
        let mut tx = self.store.begin().await?;
        if tx.finish(job).await?.is_err() {
            return Ok(());
        }
        let Some(mut kept) = tx.rollout(id).await? else { return Ok(()) };
        if kept.value.status != RolloutStatus::Started || !kept.value.enrolled {
            return Ok(tx.commit().await?);
        }
        let app = self.on_clock(tx.as_mut(), kept.value.clock.as_ref()).await?;
        let more = app.ask_some(tx.as_mut(), &kept.value).await?;
        if tx.member_counts(id).await?.waiting.is_empty() {
            let happened = kept.value.finish(app.now())?;
            app.tell_rollout(tx.as_mut(), &kept.value, happened).await?;
        } else {
            app.plan_rollout(tx.as_mut(), &kept.value, more).await?;
        }
        tx.save_rollout(&kept).await?;
        tx.commit().await?;
        self.bell.notify_one();
        Ok(())
    }

    /// Asks some; tells whether there may be more for today.
    async fn ask_some(&self, tx: &mut dyn Tx, rollout: &Rollout) -> Result<bool, Error> {
        let today = self.rollout_day();
        if self.now() < self.morning_of(today) {
            return Ok(true);
        }
        let asked = tx.members_asked_on(&rollout.id, today).await?;
        let takes = rollout.plan.takes(today, asked, self.recheck_rules());
        let many = takes.at_most.min(AT_ONCE);
        let accounts = tx.members_waiting(&rollout.id, takes.below, many).await?;
        for account in &accounts {
            let state = match rollout.audience {
                Audience::Shops => self.ask_shop(tx, rollout, account).await?,
                Audience::Staff | Audience::StaffRechecks => {
                    self.ask_sub_account(tx, rollout, account).await?
                }
            };
            tx.settle_member(&rollout.id, account, state, today).await?;
        }
        // Whoever is left out takes nobody's place: a full page may leave room.
        Ok(many > 0 && accounts.len() == many as usize)
    }

    async fn ask_shop(&self, tx: &mut dyn Tx, rollout: &Rollout, id: &str) -> Result<MemberState, Error> {
        let shop = tx.shop(rollout.mode, id).await?.map(|shop| shop.value);
        let Some(shop) = shop.filter(|s| s.still_there().is_ok() && s.clock == rollout.clock) else {
            return Ok(MemberState::LeftOut);
        };
        let app = self.in_zone_of(&shop);
        if app.exempts(&shop) {
            return Ok(MemberState::LeftOut);
        }
        let rules = app.recheck_rules();
        let hours = 24 * i64::from(rollout.plan.days);
        let Some(mut kept) = tx.rechecks(rollout.mode, id).await? else {
            // Its owner was never verified here: the first check is this one.
            let now = self.now();
            let (mut first, mut events) = Rechecks::await_first(id.to_owned(), rules.latest(now), now);
            events.extend(first.ask_by_rollout(&rollout.id, later(now, hours), rules, now)?);
            app.begin_rechecks(tx, rollout.mode, &first, &events).await?;
            return Ok(MemberState::Asked);
        };
        let now = self.now().max(kept.value.as_of);
        match kept.value.ask_by_rollout(&rollout.id, later(now, hours), rules, now) {
            Ok(events) => app.keep_rechecks(tx, rollout.mode, &kept, &events).await?,
            Err(RecheckRefusal::AlreadyAsked) => return Ok(MemberState::LeftOut),
            Err(refusal) => return Err(refusal.into()),
        }
        Ok(MemberState::Asked)
    }

    async fn ask_sub_account(
        &self,
        tx: &mut dyn Tx,
        rollout: &Rollout,
        id: &str,
    ) -> Result<MemberState, Error> {
        if tx.staff(rollout.mode, id).await?.is_none() {
            return Ok(MemberState::LeftOut);
        }
        let (app, mut staff) = self.staff_in(tx, rollout.mode, id).await?;
        let now = app.staff_now(&staff.value);
        let rules = app.staff_rules();
        let asked = match rollout.audience {
            Audience::StaffRechecks => staff.value.ask_by_rollout(rollout.plan.days, rules, now),
            Audience::Shops | Audience::Staff => staff.value.ask(rules, now),
        };
        match asked {
            Ok(done) => app.keep_staff(tx, rollout.mode, &staff, &done).await?,
            // That passes, and is tried again; every other refusal stands.
            Err(refusal @ Refusal::ClockBackwards(_)) => return Err(refusal.into()),
            Err(_) => return Ok(MemberState::LeftOut),
        }
        Ok(MemberState::Asked)
    }

    /// A job for the next moment at which somebody may be asked: today, if there may be more for it.
    pub(crate) async fn plan_rollout(
        &self,
        tx: &mut dyn Tx,
        rollout: &Rollout,
        today_too: bool,
    ) -> Result<(), Error> {
        let (rules, now, today) = (self.recheck_rules(), self.now(), self.rollout_day());
        let asked = tx.members_asked_on(&rollout.id, today).await?;
        let at = if today_too && rollout.plan.takes(today, asked, rules).at_most > 0 {
            self.morning_of(today).max(now)
        } else {
            let Some(next) = rollout.plan.next_day(today, rules) else { return Ok(()) };
            self.morning_of(next)
        };
        let counts = tx.member_counts(&rollout.id).await?;
        let settled = counts.asked + counts.left_out;
        let dedup = format!("rollout:{}:{settled}:{}", rollout.id, at.as_microsecond());
        self.enqueue(tx, Job::RunRollout { rollout: rollout.id.clone() }, at, Some(dedup)).await
    }

    fn morning_of(&self, day: Date) -> Timestamp {
        let zone = self.recheck_rules().time_zone();
        day.to_datetime(MORNING).to_zoned(zone).map_or(Timestamp::MAX, |z| z.timestamp())
    }
}

fn later(now: Timestamp, hours: i64) -> Timestamp {
    now.saturating_add(hours.hours()).unwrap_or(Timestamp::MAX)
}
