//! Sub-accounts of a shop's staff: made, asked, unbound, lifted and removed by the marketplace, and frozen by time.
//!
//! The rules are the state machine's ([`shiren_core::account::staff`]). What stands here is that a change, the claims
//! that go with it, its events and the job for the next deadline are one transaction.

use async_trait::async_trait;
use jiff::Timestamp;
use shiren_core::account::actor::Actor;
use shiren_core::account::shop::{Shop, ShopStatus};
use shiren_core::account::staff::{
    Amendment, Banner, DisabledWhy, Done, Event, Happened, NewStaff, Refusal, Role, Staff,
};
use shiren_core::account::{Account, AccountKind};
use shiren_core::recheck::{Blocks, RecheckRefusal};
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::CalledOff;

use crate::command::Command;
use crate::context::App;
use crate::error::Error;
use crate::job::Job;
use crate::notices::phone_number;
use crate::port::{StaffCount, StaffQuery, Tx};
use crate::record::{LeasedJob, Stored};
use crate::sessions::invalid;
use crate::shops::shop_in;

/// What kind of value a security phone's tag is of.
pub(crate) const SECURITY_PHONE: &str = "security_phone";

/// What a sub-account is made of.
#[derive(Clone, Debug)]
pub struct NewSubAccount {
    /// The marketplace's own id for it.
    pub id: String,
    /// Its name, for ever (row E24).
    pub name: String,
    /// What its user does.
    pub role: Role,
    /// For a promotion only, without verification (row E10).
    pub temporary: bool,
}

/// Makes a sub-account of a shop.
#[derive(Clone, Debug)]
pub struct CreateStaff {
    /// Test or live.
    pub mode: Mode,
    /// Of which shop.
    pub shop: String,
    /// What it is made of.
    pub new: NewSubAccount,
}

/// What is done to a sub-account.
#[derive(Clone)]
pub enum StaffAct {
    /// Its user is asked to verify (rows E6, E13).
    Ask,
    /// Its user, who is bound, is asked to verify once more (rows D4, E16).
    Recheck {
        /// Within how many hours; as many as anybody has who is asked, without a number.
        hours: Option<u32>,
    },
    /// The demand is taken back (row E18).
    Excuse,
    /// Its user is unbound (rows E3, E11).
    Unbind {
        /// By whom.
        by: Actor,
    },
    /// A freeze is lifted for a while (row E14).
    Lift {
        /// By whom.
        by: Actor,
    },
    /// Role or security phone change. A name is given to be refused, unless it is the one that stands (row E24).
    Amend {
        /// Its name.
        name: Option<String>,
        /// What its user does.
        role: Option<Role>,
        /// The phone that guards sign-ins (row E17). Personal data.
        security_phone: Option<String>,
    },
    /// It is removed; who stood behind it when stays known.
    Remove {
        /// By whom.
        by: Actor,
    },
}

/// Changes a sub-account.
#[derive(Clone)]
pub struct ChangeStaff {
    /// Test or live.
    pub mode: Mode,
    /// Which.
    pub id: String,
    /// How.
    pub act: StaffAct,
}

/// A sub-account as it is now.
#[derive(Clone, Debug)]
pub struct StaffFile {
    /// The sub-account.
    pub staff: Staff,
    /// Now, by its shop's clock.
    pub now: Timestamp,
}

#[async_trait]
impl Command for CreateStaff {
    type Done = StaffFile;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<StaffFile, Error> {
        let account = Account { kind: AccountKind::Staff, id: self.new.id.clone() };
        if !account.is_sound() {
            return Err(invalid("id", "1 to 128 characters, none of them a control character"));
        }
        let shop = shop_in(tx, self.mode, &self.shop).await?.value;
        shop.still_there()?;
        let app = app.on_shop(tx, &shop).await?;
        if app.recheck_blocks(tx, &shop, Blocks::Staff).await? {
            return Err(RecheckRefusal::Missed.into());
        }
        if tx.staff(self.mode, &self.new.id).await?.is_some() {
            return Err(Error::Exists("sub-account"));
        }
        let rules = app.staff_rules();
        let quota = app.staff_quota(&shop);
        if tx.staff_count(self.mode, &shop.id).await? >= quota {
            return Err(Refusal::QuotaFull(quota).into());
        }
        let NewSubAccount { id, name, role, temporary } = self.new;
        let new = NewStaff { id, shop: shop.id, shop_type: shop.shop_type, name, role, temporary };
        let (staff, done) = Staff::create(new, rules, app.now())?;
        tx.insert_staff(self.mode, &staff).await?;
        app.staff_changed(tx, self.mode, &staff, &done).await?;
        Ok(StaffFile { staff, now: app.now() })
    }
}

#[async_trait]
impl Command for ChangeStaff {
    type Done = StaffFile;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<StaffFile, Error> {
        let (app, mut staff) = app.staff_in(tx, self.mode, &self.id).await?;
        let (rules, now) = (app.staff_rules(), app.staff_now(&staff.value));
        let of = &mut staff.value;
        let done = match self.act {
            StaffAct::Ask => of.ask(rules, now),
            StaffAct::Recheck { hours } => of.ask_again(hours, rules, now),
            StaffAct::Excuse => of.excuse(rules, now),
            StaffAct::Unbind { by } => of.unbind(by, rules, now),
            StaffAct::Lift { by } => of.lift(by, rules, now),
            StaffAct::Remove { by } => of.remove(by, rules, now),
            StaffAct::Amend { name, role, security_phone } => {
                let security_phone = match security_phone {
                    Some(phone) => Some(phone_number(&phone).ok_or_else(|| {
                        let form = "+ with country code and number, or a mobile number of mainland China";
                        invalid("security_phone", form)
                    })?),
                    None => None,
                };
                let security_phone = security_phone.map(|p| app.one_tag(SECURITY_PHONE, self.mode, &p));
                of.amend(Amendment { name, role, security_phone }, rules, now)
            }
        }?;
        app.keep_staff(tx, self.mode, &staff, &done).await?;
        Ok(StaffFile { staff: staff.value, now })
    }
}

impl App {
    /// A sub-account of a mode, as it is now.
    ///
    /// # Errors
    /// When there is none.
    pub async fn staff(&self, mode: Mode, id: &str) -> Result<StaffFile, Error> {
        let (app, staff) = self.staff_in(self.store.snapshot().await?.as_mut(), mode, id).await?;
        Ok(StaffFile { now: app.staff_now(&staff.value), staff: staff.value })
    }

    /// Lists the sub-accounts of a shop, newest first.
    ///
    /// # Errors
    /// When there is no such shop.
    pub async fn staff_of(&self, query: &StaffQuery) -> Result<Vec<StaffFile>, Error> {
        let mut tx = self.store.snapshot().await?;
        let shop = shop_in(tx.as_mut(), query.mode, &query.shop).await?.value;
        let app = self.on_shop(tx.as_mut(), &shop).await?;
        let found = tx.staff_of(query).await?;
        Ok(found.into_iter().map(|staff| StaffFile { now: app.staff_now(&staff), staff }).collect())
    }

    /// How many of a shop stand how (row E2).
    ///
    /// # Errors
    /// When there is no such shop.
    pub async fn staff_counts(&self, mode: Mode, shop: &str) -> Result<Vec<StaffCount>, Error> {
        let mut tx = self.store.snapshot().await?;
        shop_in(tx.as_mut(), mode, shop).await?;
        Ok(tx.staff_counts(mode, shop).await?)
    }

    /// How many sub-accounts a shop may have (row E5).
    pub fn staff_quota(&self, shop: &Shop) -> u32 {
        let verified = shop.status() == ShopStatus::Open && shop.owner().is_some();
        self.staff_rules().quota(verified).max(shop.staff_quota.unwrap_or(0))
    }

    /// What the strip above everything says in a sub-account (row E27); `None` when it says nothing.
    ///
    /// # Errors
    /// When there is none.
    pub async fn staff_banner(&self, mode: Mode, id: &str) -> Result<Option<Banner>, Error> {
        let (app, staff) = self.staff_in(self.store.snapshot().await?.as_mut(), mode, id).await?;
        Ok(staff.value.banner(app.staff_rules(), app.staff_now(&staff.value)))
    }

    /// Lets a sub-account's deadline happen, and ends the job with it. Too early or done before, it changes nothing.
    pub(crate) async fn staff_deadline(&self, mode: Mode, id: &str, job: &LeasedJob) -> Result<(), Error> {
        let mut tx = self.store.begin().await?;
        if tx.finish(job).await?.is_err() {
            return Ok(());
        }
        let (app, mut staff) = self.staff_in(tx.as_mut(), mode, id).await?;
        let now = app.staff_now(&staff.value);
        let done = staff.value.tick(app.staff_rules(), now)?;
        if done == Done::default() {
            // Rules may have changed since it was planned.
            app.plan_deadline(tx.as_mut(), mode, &staff.value).await?;
        } else {
            app.keep_staff(tx.as_mut(), mode, &staff, &done).await?;
        }
        tx.commit().await?;
        self.bell.notify_one();
        Ok(())
    }

    /// The sub-account of this id, and the view of the clock that its shop lives by.
    pub(crate) async fn staff_in(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        id: &str,
    ) -> Result<(Self, Stored<Staff>), Error> {
        let staff = tx.staff(mode, id).await?.ok_or(Error::NotFound("sub-account"))?;
        let shop = shop_in(tx, mode, &staff.value.shop).await?.value;
        Ok((self.on_shop(tx, &shop).await?, staff))
    }

    /// Now, for a sub-account: machines' clocks may differ, and its time never goes backwards.
    pub(crate) fn staff_now(&self, staff: &Staff) -> Timestamp {
        self.now().max(staff.as_of)
    }

    /// Saves what a command did to a sub-account, with all that goes with it.
    pub(crate) async fn keep_staff(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        staff: &Stored<Staff>,
        done: &Done,
    ) -> Result<(), Error> {
        self.keep_staff_untold(tx, mode, staff, done).await?;
        for event in &done.events {
            self.message_staff(tx, mode, &staff.value, event).await?;
        }
        Ok(())
    }

    /// The same, without a message to whoever is responsible: who calls this sees to it.
    pub(crate) async fn keep_staff_untold(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        staff: &Stored<Staff>,
        done: &Done,
    ) -> Result<(), Error> {
        self.change_claims(tx, mode, &staff.value, &done.claims).await?;
        tx.save_staff(mode, staff).await?;
        self.staff_changed(tx, mode, &staff.value, done).await
    }

    async fn staff_changed(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        staff: &Staff,
        done: &Done,
    ) -> Result<(), Error> {
        let account = Account { kind: AccountKind::Staff, id: staff.id.clone() };
        for event in &done.events {
            let mut data =
                serde_json::to_value(&event.happened).map_err(|e| Error::Internal(e.to_string()))?;
            if let Some(fields) = data.as_object_mut() {
                // The event has its type already.
                fields.remove("type");
                fields.insert("id".to_owned(), staff.id.clone().into());
                fields.insert("shop".to_owned(), staff.shop.clone().into());
                fields.insert("status".to_owned(), staff.standing.name().into());
            }
            self.append_at(tx, mode, event.happened.name(), &account, (&staff.id, event.at), data).await?;
        }
        if let Some(why) = done.events.iter().filter_map(called_off).next_back() {
            self.forget_faces_of_staff(tx, staff).await?;
            self.call_off_sessions(tx, mode, &account, staff.bound().map(|b| &b.session), why).await?;
            self.erase_records_later(tx, mode, &account).await?;
        }
        self.plan_deadline(tx, mode, staff).await
    }

    /// A job for the next moment at which time alone changes something: one for each such moment.
    async fn plan_deadline(&self, tx: &mut dyn Tx, mode: Mode, staff: &Staff) -> Result<(), Error> {
        let Some(at) = staff.next_deadline(self.staff_rules()) else { return Ok(()) };
        let dedup = format!("staff:{mode}:{}:{}", staff.id, at.as_microsecond());
        let job = Job::StaffDeadline { mode, staff: staff.id.clone() };
        self.enqueue(tx, job, at, Some(dedup)).await
    }
}

/// Nobody is bound any more: what is under way is of nobody's, and why.
const fn called_off(event: &Event) -> Option<CalledOff> {
    match event.happened {
        Happened::Unbound { .. } => Some(CalledOff::UserUnbound),
        Happened::Disabled { why: DisabledWhy::Removed | DisabledWhy::WindowOver } => {
            Some(CalledOff::AccountRemoved)
        }
        Happened::Disabled { why: DisabledWhy::ShopClosed } => Some(CalledOff::ShopEnded),
        _ => None,
    }
}
