//! Rollouts at work: who is meant is noted page by page, and every day as many are asked as may be.
//!
//! Each step is one transaction, in which its job ends and the next one is enqueued: a process that dies leaves a step done
//! or not begun. Each saves the rollout, so that two steps of one rollout never count side by side.
//!
//! Whose turn comes while it is night or a promotion where their shop is, is due ([`MemberState::Due`]) and asked by a later
//! step, at the hour that was noted.

use jiff::civil::Date;
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
        if tx.member_counts(id).await?.unasked() == 0 {
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

    /// Asks some, those first who are due; tells whether there may be more for today.
    async fn ask_some(&self, tx: &mut dyn Tx, rollout: &Rollout) -> Result<bool, Error> {
        let (now, today, rules) = (self.now(), self.rollout_day(), self.recheck_rules());
        let due = tx.members_due(&rollout.id, now, AT_ONCE).await?;
        for member in &due {
            self.take_turn(tx, rollout, &member.account, member.day).await?;
        }
        let room = AT_ONCE.saturating_sub(u32::try_from(due.len()).unwrap_or(AT_ONCE));
        if room == 0 || rollout.plan.asks_at(today, now, rules) > now {
            return Ok(true);
        }
        let taken = tx.members_taken_on(&rollout.id, today).await?;
        let takes = rollout.plan.takes(today, taken, rules);
        let many = takes.at_most.min(room);
        let accounts = tx.members_waiting(&rollout.id, takes.below, many).await?;
        for account in &accounts {
            self.take_turn(tx, rollout, account, today).await?;
        }
        // Whoever is left out takes nobody's place: a full page may leave room.
        Ok(many > 0 && accounts.len() == many as usize)
    }

    /// Asks somebody whose turn is or was on this day, unless it is not the hour of it where their shop is.
    async fn take_turn(
        &self,
        tx: &mut dyn Tx,
        rollout: &Rollout,
        account: &str,
        turn: Date,
    ) -> Result<(), Error> {
        let state = match rollout.audience {
            Audience::Shops => self.ask_shop(tx, rollout, account, turn).await?,
            Audience::Staff | Audience::StaffRechecks => {
                self.ask_sub_account(tx, rollout, account, turn).await?
            }
        };
        Ok(tx.settle_member(&rollout.id, account, state, turn).await?)
    }

    /// When somebody of this view's shop is asked, if that is not now.
    fn due_at(&self, rollout: &Rollout, turn: Date) -> Option<Timestamp> {
        let (now, rules) = (self.now(), self.recheck_rules());
        Some(rollout.plan.asks_at(turn, now, rules)).filter(|at| *at > now)
    }

    async fn ask_shop(
        &self,
        tx: &mut dyn Tx,
        rollout: &Rollout,
        id: &str,
        turn: Date,
    ) -> Result<MemberState, Error> {
        let shop = tx.shop(rollout.mode, id).await?.map(|shop| shop.value);
        let Some(shop) = shop.filter(|s| s.still_there().is_ok() && s.clock == rollout.clock) else {
            return Ok(MemberState::LeftOut);
        };
        let app = self.in_zone_of(&shop);
        if app.exempts(&shop) {
            return Ok(MemberState::LeftOut);
        }
        let (rules, due) = (app.recheck_rules(), app.due_at(rollout, turn).map(MemberState::Due));
        let hours = 24 * i64::from(rollout.plan.days);
        let Some(mut kept) = tx.rechecks(rollout.mode, id).await? else {
            if let Some(due) = due {
                return Ok(due);
            }
            // Its owner was never verified here: the first check is this one.
            let now = self.now();
            let (mut first, mut events) = Rechecks::await_first(id.to_owned(), rules.latest(now), now);
            events.extend(first.ask_by_rollout(&rollout.id, later(now, hours), rules, now)?);
            app.begin_rechecks(tx, rollout.mode, &first, &events).await?;
            return Ok(MemberState::Asked);
        };
        let now = self.now().max(kept.value.as_of);
        match kept.value.ask_by_rollout(&rollout.id, later(now, hours), rules, now) {
            Ok(events) => {
                if let Some(due) = due {
                    return Ok(due);
                }
                app.keep_rechecks(tx, rollout.mode, &kept, &events).await?;
                Ok(MemberState::Asked)
            }
            Err(RecheckRefusal::AlreadyAsked) => Ok(MemberState::LeftOut),
            Err(refusal) => Err(refusal.into()),
        }
    }

    async fn ask_sub_account(
        &self,
        tx: &mut dyn Tx,
        rollout: &Rollout,
        id: &str,
        turn: Date,
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
            Ok(done) => {
                if let Some(at) = app.due_at(rollout, turn) {
                    return Ok(MemberState::Due(at));
                }
                app.keep_staff(tx, rollout.mode, &staff, &done).await?;
                Ok(MemberState::Asked)
            }
            // That passes, and is tried again; every other refusal stands.
            Err(refusal @ Refusal::ClockBackwards(_)) => Err(refusal.into()),
            Err(_) => Ok(MemberState::LeftOut),
        }
    }

    /// A job for the next moment at which somebody may be asked: today, if there may be more for it.
    pub(crate) async fn plan_rollout(
        &self,
        tx: &mut dyn Tx,
        rollout: &Rollout,
        today_too: bool,
    ) -> Result<(), Error> {
        let counts = tx.member_counts(&rollout.id).await?;
        let due = tx.members_due(&rollout.id, Timestamp::MAX, 1).await?.pop();
        let turn = match due {
            Some(_) if counts.waiting.is_empty() => None,
            _ => self.next_turn(tx, rollout, today_too).await?,
        };
        let due = due.map(|member| member.at.max(self.now()));
        let Some(at) = turn.into_iter().chain(due).min() else { return Ok(()) };
        let (unasked, settled) = (counts.unasked(), counts.asked + counts.left_out);
        let dedup = format!("rollout:{}:{unasked}:{settled}:{}", rollout.id, at.as_microsecond());
        self.enqueue(tx, Job::RunRollout { rollout: rollout.id.clone() }, at, Some(dedup)).await
    }

    /// The next moment at which somebody who waits has their turn.
    async fn next_turn(
        &self,
        tx: &mut dyn Tx,
        rollout: &Rollout,
        today_too: bool,
    ) -> Result<Option<Timestamp>, Error> {
        let (rules, today) = (self.recheck_rules(), self.rollout_day());
        let taken = tx.members_taken_on(&rollout.id, today).await?;
        let day = if today_too && rollout.plan.takes(today, taken, rules).at_most > 0 {
            Some(today)
        } else {
            rollout.plan.next_day(today, rules)
        };
        Ok(day.map(|day| rollout.plan.asks_at(day, self.now(), rules)))
    }
}

fn later(now: Timestamp, hours: i64) -> Timestamp {
    now.saturating_add(hours.hours()).unwrap_or(Timestamp::MAX)
}
