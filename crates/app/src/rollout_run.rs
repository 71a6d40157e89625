//! Rollouts at work: who is meant is noted page by page, and every day as many are asked as may be.
//!
//! Each step is one transaction, in which its job ends and the next one is enqueued: a process that dies leaves a step done
//! or not begun. Each saves the rollout, so that two steps of one rollout never count side by side.
//!
//! What becomes of each is in [`crate::rollout_turn`]; who is due is asked by a later step, at the hour that was noted.

use jiff::Timestamp;
use shiren_core::id::RolloutId;
use shiren_core::rollout::{Rollout, RolloutStatus};

use crate::context::App;
use crate::error::Error;
use crate::job::Job;
use crate::port::Tx;
use crate::record::LeasedJob;
use crate::rollout_turn::ForOwners;

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
        let mut owners = ForOwners::new();
        let more = self.take_turns(tx, rollout, &mut owners).await?;
        for asked in owners.values() {
            self.message_asked(tx, rollout.mode, asked).await?;
        }
        Ok(more)
    }

    async fn take_turns(
        &self,
        tx: &mut dyn Tx,
        rollout: &Rollout,
        owners: &mut ForOwners,
    ) -> Result<bool, Error> {
        let (now, today, rules) = (self.now(), self.rollout_day(), self.recheck_rules());
        let due = tx.members_due(&rollout.id, now, AT_ONCE).await?;
        for member in &due {
            self.take_turn(tx, rollout, &member.account, member.day, owners).await?;
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
            self.take_turn(tx, rollout, account, today, owners).await?;
        }
        // Whoever is left out takes nobody's place: a full page may leave room.
        Ok(many > 0 && accounts.len() == many as usize)
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
