//! The turn of one account in a rollout: it is asked, left out, or due later.
//!
//! It is due while it is night or a promotion where its shop is. Owners of shops get one message for all of their
//! sub-accounts that are asked in one step, not a burst of them.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use shiren_core::account::staff::{Event, Happened, Refusal, Staff};
use shiren_core::recheck::{RecheckRefusal, Rechecks};
use shiren_core::rollout::{Audience, Rollout};

use crate::context::App;
use crate::error::Error;
use crate::port::Tx;
use crate::record::MemberState;

/// Sub-accounts that were asked in a step and that nobody is bound to, by their shops.
pub(crate) type ForOwners = BTreeMap<String, Vec<(Staff, Event)>>;

impl App {
    /// Asks somebody whose turn is or was on this day, unless it is not the hour of it where their shop is.
    pub(crate) async fn take_turn(
        &self,
        tx: &mut dyn Tx,
        rollout: &Rollout,
        account: &str,
        turn: Date,
        owners: &mut ForOwners,
    ) -> Result<(), Error> {
        let state = match rollout.audience {
            Audience::Shops => self.ask_shop(tx, rollout, account, turn).await?,
            Audience::Staff | Audience::StaffRechecks => {
                self.ask_sub_account(tx, rollout, account, turn, owners).await?
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
        owners: &mut ForOwners,
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
                app.keep_staff_untold(tx, rollout.mode, &staff, &done).await?;
                for event in done.events {
                    let asked = matches!(event.happened, Happened::Asked { .. });
                    if asked && staff.value.bound_at(event.at).is_none() {
                        let of = owners.entry(staff.value.shop.clone()).or_default();
                        of.push((staff.value.clone(), event));
                    } else {
                        app.message_staff(tx, rollout.mode, &staff.value, &event).await?;
                    }
                }
                Ok(MemberState::Asked)
            }
            // That passes, and is tried again; every other refusal stands.
            Err(refusal @ Refusal::ClockBackwards(_)) => Err(refusal.into()),
            Err(_) => Ok(MemberState::LeftOut),
        }
    }
}

fn later(now: Timestamp, hours: i64) -> Timestamp {
    now.saturating_add(hours.hours()).unwrap_or(Timestamp::MAX)
}
