//! Sub-accounts of a shop's staff (子账号): one state machine from creation to the end.
//!
//! ```text
//!            ask            7 days            owner lifts          2 days
//! unasked ───────▶ asked ───────────▶ frozen ────────────▶ lifted ────────▶ frozen …
//!    │               │                  │                    │
//!    └───────────────┴── submit, pass ──┴────────────────────┴──▶ verified ── unbind ──▶ asked
//!
//! verified ── re-check: scheduled, or the marketplace asks ──▶ asked ── submit, pass as the same person ──▶ verified
//!
//! temporary:  waiting ── window opens ──▶ open ── window closes ──▶ disabled
//! ```
//!
//! Time is an argument. Every command first brings the account up to date, so that a deadline counts from its own
//! moment however late anybody looks, and it happens once. A command that is refused changes nothing.
//!
//! Nothing of the person stands here: identity and phone are tags, made elsewhere. What the sub-account can do in
//! the shop is the marketplace's and outlives every user (E11); certificates are none of its business (E28).

mod banner;
mod binding;
mod countdown;
mod demand;
mod event;
mod exemption;
mod promotion;
mod rules;
#[cfg(test)]
mod tests;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use banner::{Banner, Urgency};
pub use binding::Binding;
pub use countdown::{Countdown, Left};
pub use demand::Demand;
pub use event::{DisabledWhy, Done, Event, Happened, RecheckWhy, Refusal};
pub use exemption::Waived;
pub use promotion::{DayOfYear, Promotion, PromotionError, Window};
pub use rules::{StaffRules, StaffRulesError};

use super::actor::Actor;
use super::claim::{ClaimChange, Tag};
use crate::id::SessionId;

/// What somebody does in a shop (岗位); messages are routed by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Runs the shop for its owner.
    Manager,
    /// Answers buyers.
    CustomerService,
    /// Lists goods, takes part in promotions.
    Operations,
    /// Handles money.
    Finance,
    /// Sends goods.
    Warehouse,
    /// Anything else.
    Other,
}

impl Role {
    /// All.
    pub const ALL: [Self; 6] =
        [Self::Manager, Self::CustomerService, Self::Operations, Self::Finance, Self::Warehouse, Self::Other];

    /// The name used everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Manager => "manager",
            Self::CustomerService => "customer_service",
            Self::Operations => "operations",
            Self::Finance => "finance",
            Self::Warehouse => "warehouse",
            Self::Other => "other",
        }
    }
}

/// Where a sub-account stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Nobody asked for a verification yet.
    Unasked,
    /// Its user must verify before the countdown ends.
    Asked(Countdown),
    /// Time ran out.
    Frozen {
        /// When.
        since: Timestamp,
    },
    /// The owner lifted the freeze for a while.
    Lifted(Countdown),
    /// A verified user is bound.
    Verified {
        /// Since when.
        since: Timestamp,
    },
    /// Temporary, before its window.
    Waiting(Window),
    /// Temporary, in its window.
    Open(Window),
    /// The end.
    Disabled {
        /// When.
        since: Timestamp,
        /// Why.
        why: DisabledWhy,
    },
}

impl Standing {
    /// The names of all, in the order of their declaration.
    pub const NAMES: [&str; 8] =
        ["unasked", "asked", "frozen", "lifted", "verified", "waiting", "open", "disabled"];

    /// The name used everywhere.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Unasked => "unasked",
            Self::Asked(_) => "asked",
            Self::Frozen { .. } => "frozen",
            Self::Lifted(_) => "lifted",
            Self::Verified { .. } => "verified",
            Self::Waiting(_) => "waiting",
            Self::Open(_) => "open",
            Self::Disabled { .. } => "disabled",
        }
    }
}

/// A verification that is being looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// The verification session.
    pub session: SessionId,
    /// Since when.
    pub since: Timestamp,
}

/// A freeze that was lifted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lift {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Actor,
}

/// What a sub-account is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewStaff {
    /// The marketplace's own id for it.
    pub id: String,
    /// The marketplace's own id for the shop.
    pub shop: String,
    /// The shop's type, as exemptions name it.
    pub shop_type: String,
    /// Its name, for ever (E24).
    pub name: String,
    /// What its user does.
    pub role: Role,
    /// For a promotion only, without verification (E10).
    pub temporary: bool,
}

/// What can change about a sub-account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amendment {
    /// Its name: only the one that it has.
    pub name: Option<String>,
    /// What its user does.
    pub role: Option<Role>,
    /// The phone that guards sign-ins (E17).
    pub security_phone: Option<Tag>,
}

/// What a passed verification binds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    /// The verification session.
    pub session: SessionId,
    /// The person's identity.
    pub identity: Tag,
    /// The phone that they verified with.
    pub phone: Tag,
    /// Captured on an administrator's phone (E19).
    pub assisted: bool,
    /// Who unbinds another person that is bound for it: a reviewer who decided about just that (C1). `None` keeps them.
    pub replaces: Option<Actor>,
}

/// A sub-account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staff {
    /// The marketplace's own id for it.
    pub id: String,
    /// The marketplace's own id for the shop.
    pub shop: String,
    /// The shop's type.
    pub shop_type: String,
    /// Its name.
    pub name: String,
    /// What its user does.
    pub role: Role,
    /// The phone that guards sign-ins; no verification reads or writes it (E17).
    pub security_phone: Option<Tag>,
    /// Where it stands.
    pub standing: Standing,
    /// The verification that is being looked at.
    pub review: Option<Review>,
    /// Everybody who ever stood behind it, in order.
    pub bindings: Vec<Binding>,
    /// Every lift since its user was asked last.
    pub lifts: Vec<Lift>,
    /// When the next scheduled re-check is due; `None` when nobody is bound, one is asked for, or none is scheduled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_check: Option<Timestamp>,
    /// A demand that waits for its shop's exemption to end (E18).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waived: Option<Waived>,
    /// The latest moment that it was brought up to.
    pub as_of: Timestamp,
}

impl Staff {
    /// Makes one.
    ///
    /// # Errors
    /// When the name is not sound; for a temporary one when no promotion is near, or it cannot have the role.
    pub fn create(new: NewStaff, rules: &StaffRules, now: Timestamp) -> Result<(Self, Done), Refusal> {
        let sound = (1..=64).contains(&new.name.chars().count()) && !new.name.chars().any(char::is_control);
        if !sound {
            return Err(Refusal::NameUnsound);
        }
        if new.temporary {
            rules.role_of_temporary(new.role)?;
        }
        let zone = rules.zone();
        let today = now.to_zoned(zone.clone()).date();
        let window = match new.temporary {
            true => Some(
                Promotion::open_for_creation(&rules.promotions, today, &zone)
                    .ok_or(Refusal::OutsidePromotion)?,
            ),
            false => None,
        };
        let mut staff = Self {
            id: new.id,
            shop: new.shop,
            shop_type: new.shop_type,
            name: new.name,
            role: new.role,
            security_phone: None,
            standing: window.map_or(Standing::Unasked, Standing::Waiting),
            review: None,
            bindings: vec![],
            lifts: vec![],
            next_check: None,
            waived: None,
            as_of: now,
        };
        let mut done =
            Done { events: vec![Event { at: now, happened: Happened::Created { window } }], claims: vec![] };
        staff.catch_up(rules, now, &mut done.events);
        Ok((staff, done))
    }

    /// Brings it up to date.
    ///
    /// # Errors
    /// When the clock was turned back.
    pub fn tick(&mut self, rules: &StaffRules, now: Timestamp) -> Result<Done, Refusal> {
        self.command(rules, now, |_, _| Ok(()))
    }

    /// The next moment at which time alone will change or say something.
    pub fn next_deadline(&self, rules: &StaffRules) -> Option<Timestamp> {
        if self.waived.is_some() {
            return self.exemption_ends(rules);
        }
        match &self.standing {
            Standing::Asked(countdown) | Standing::Lifted(countdown) => {
                let reminder = countdown.next_reminder(rules).map(|(_, at)| at);
                countdown.end().map(|end| reminder.map_or(end, |r| r.min(end)))
            }
            Standing::Verified { .. } => self.next_check.map(|due| rules.asks_at(due)),
            Standing::Waiting(window) => Some(window.opens_at),
            Standing::Open(window) => Some(window.closes_at),
            _ => None,
        }
    }

    /// Asks its user to verify (E13, E6).
    ///
    /// # Errors
    /// When it was asked, or is verified, temporary, disabled or exempt.
    pub fn ask(&mut self, rules: &StaffRules, now: Timestamp) -> Result<Done, Refusal> {
        self.command(rules, now, |staff, done| {
            staff.verifiable()?;
            match staff.standing {
                Standing::Unasked => {}
                Standing::Verified { .. } => return Err(Refusal::UserImmutable),
                _ => return Err(Refusal::AlreadyAsked),
            }
            if let Some(until) = staff.exempt(rules, now) {
                return Err(Refusal::Exempt(until));
            }
            staff.begin_countdown(rules, now, &mut done.events);
            Ok(())
        })
    }

    /// Asks the user who is bound to verify once more (D4, E16), within so many hours; without a number, as many as
    /// anybody has who is asked.
    ///
    /// # Errors
    /// When nobody is bound, they were asked already, the shop is exempt, or the hours are not 1 to 8760.
    pub fn ask_again(
        &mut self,
        hours: Option<u32>,
        rules: &StaffRules,
        now: Timestamp,
    ) -> Result<Done, Refusal> {
        self.command(rules, now, |staff, done| {
            staff.may_be_asked_again(rules, now)?;
            let hours = hours.unwrap_or(rules.freeze_after_hours);
            if !(1..=8760).contains(&hours) {
                return Err(Refusal::RecheckHours);
            }
            let long = SignedDuration::from_hours(i64::from(hours));
            staff.begin_recheck(RecheckWhy::Requested, long, rules, now, &mut done.events);
            Ok(())
        })
    }

    /// Asks the user who is bound to verify once more, by a rollout (D2): within so many days, and never later than the
    /// scheduled re-check would be due. Nobody has less than after a refusal.
    ///
    /// # Errors
    /// When nobody is bound, they were asked already, the shop is exempt, or the days are not 1 to 365.
    pub fn ask_by_rollout(&mut self, days: u32, rules: &StaffRules, now: Timestamp) -> Result<Done, Refusal> {
        self.command(rules, now, |staff, done| {
            staff.may_be_asked_again(rules, now)?;
            if !(1..=365).contains(&days) {
                return Err(Refusal::RecheckHours);
            }
            let long = SignedDuration::from_hours(24 * i64::from(days));
            let scheduled = staff.next_check.map(|due| now.duration_until(due));
            let long = scheduled.map_or(long, |left| long.min(left)).max(rules.after_refusal());
            staff.begin_recheck(RecheckWhy::Rollout, long, rules, now, &mut done.events);
            Ok(())
        })
    }

    /// Takes the demand back, also one that waits for an exemption to end (E18); a freeze ends with it. Of a user who is
    /// bound the next re-check is due as if they had passed.
    ///
    /// # Errors
    /// When there is no demand.
    pub fn excuse(&mut self, rules: &StaffRules, now: Timestamp) -> Result<Done, Refusal> {
        self.command(rules, now, |staff, done| {
            staff.verifiable()?;
            match staff.standing {
                Standing::Asked(_) | Standing::Frozen { .. } | Standing::Lifted(_) => {}
                _ if staff.waived.is_some() => {}
                _ => return Err(Refusal::NotAsked),
            }
            staff.rest();
            staff.waived = None;
            staff.next_check = staff.bound().and_then(|_| rules.next_check(now));
            done.events.push(Event { at: now, happened: Happened::Excused });
            Ok(())
        })
    }

    /// Whether its user may begin a verification.
    ///
    /// # Errors
    /// When one is being looked at, or it is temporary or disabled, or verified and not asked for a re-check.
    pub fn may_verify(&self) -> Result<(), Refusal> {
        self.verifiable()?;
        match (&self.review, &self.standing) {
            (Some(review), _) => Err(Refusal::BeingReviewed(review.session.clone())),
            (None, Standing::Verified { .. }) => Err(Refusal::UserImmutable),
            _ => Ok(()),
        }
    }

    /// A verification was handed in; also when frozen, and before anybody asked.
    ///
    /// # Errors
    /// When one is being looked at, or it is temporary or disabled, or verified and not asked for a re-check.
    pub fn submit(
        &mut self,
        session: SessionId,
        rules: &StaffRules,
        now: Timestamp,
    ) -> Result<Done, Refusal> {
        self.command(rules, now, |staff, done| {
            staff.may_verify()?;
            if let Standing::Asked(countdown) | Standing::Lifted(countdown) = &mut staff.standing {
                countdown.stop(now);
            }
            staff.review = Some(Review { session: session.clone(), since: now });
            done.events.push(Event { at: now, happened: Happened::Submitted { session } });
            Ok(())
        })
    }

    /// The verification did not pass, or was taken back: at least a day is left (E13).
    ///
    /// # Errors
    /// When it is not being looked at.
    pub fn refuse(
        &mut self,
        session: SessionId,
        rules: &StaffRules,
        now: Timestamp,
    ) -> Result<Done, Refusal> {
        self.command(rules, now, |staff, done| {
            staff.end_review(&session)?;
            let freezes_at = match &mut staff.standing {
                Standing::Asked(countdown) | Standing::Lifted(countdown) => {
                    countdown.go_on(rules.after_refusal(), rules, now);
                    countdown.end()
                }
                _ => None,
            };
            done.events.push(Event { at: now, happened: Happened::Refused { session, freezes_at } });
            Ok(())
        })
    }

    /// The verification passed: its person is bound, and a freeze ends. Who was bound before is bound anew, by this
    /// verification and from now on.
    ///
    /// # Errors
    /// When it is not being looked at, or somebody else is bound (E25) whom nobody unbinds for it.
    pub fn pass(&mut self, passed: Passed, rules: &StaffRules, now: Timestamp) -> Result<Done, Refusal> {
        self.command(rules, now, |staff, done| {
            staff.end_review(&passed.session)?;
            let Passed { session, identity, phone, assisted, replaces } = passed;
            let same = staff.bound().map(|bound| bound.identity == identity);
            match (same, replaces) {
                (Some(false), None) => return Err(Refusal::UserImmutable),
                (Some(false), Some(by)) => {
                    staff.end_binding(by.clone(), now, done);
                    done.events.push(Event { at: now, happened: Happened::Unbound { by } });
                }
                (Some(true), _) => staff.end_binding(Actor::Person, now, done),
                (None, _) => {}
            }
            let happened = match same {
                Some(true) => Happened::Rechecked { session: session.clone(), assisted },
                _ => Happened::Verified { session: session.clone(), assisted },
            };
            let binding = Binding { session, identity, phone, assisted, from: now, ended: None };
            done.claims.extend(binding.claims(&staff.shop).map(ClaimChange::Make));
            staff.bindings.push(binding);
            staff.standing = Standing::Verified { since: now };
            staff.waived = None;
            staff.next_check = rules.next_check(now);
            done.events.push(Event { at: now, happened });
            Ok(())
        })
    }

    /// Unbinds the user (E3, E11): settings stay, and a new countdown begins; that of an exempt shop when the exemption
    /// ends. What they handed in for a re-check counts no more.
    ///
    /// # Errors
    /// When nobody is bound.
    pub fn unbind(&mut self, by: Actor, rules: &StaffRules, now: Timestamp) -> Result<Done, Refusal> {
        self.command(rules, now, |staff, done| {
            staff.verifiable()?;
            if staff.bound().is_none() {
                return Err(Refusal::NobodyBound);
            }
            staff.end_binding(by.clone(), now, done);
            staff.review = None;
            done.events.push(Event { at: now, happened: Happened::Unbound { by } });
            match staff.is_exempt(rules, now) {
                true => staff.waive(rules),
                false => staff.begin_countdown(rules, now, &mut done.events),
            }
            Ok(())
        })
    }

    /// Lifts the freeze for a while (E14).
    ///
    /// # Errors
    /// When it is not frozen, or was lifted as often as allowed.
    pub fn lift(&mut self, by: Actor, rules: &StaffRules, now: Timestamp) -> Result<Done, Refusal> {
        self.command(rules, now, |staff, done| {
            staff.verifiable()?;
            if !matches!(staff.standing, Standing::Frozen { .. }) {
                return Err(Refusal::NotFrozen);
            }
            if let Some(most) = rules.most_lifts.filter(|most| staff.lifts.len() >= *most as usize) {
                return Err(Refusal::NoLiftsLeft(most));
            }
            let countdown = Countdown::start(rules.lift(), staff.review.is_some(), rules, now);
            staff.standing = Standing::Lifted(countdown);
            staff.lifts.push(Lift { at: now, by: by.clone() });
            done.events.push(Event { at: now, happened: Happened::Lifted { by, until: countdown.end() } });
            Ok(())
        })
    }

    /// Changes what can be changed. The name cannot (E24).
    ///
    /// # Errors
    /// When it is disabled, another name is asked for, or a role that a temporary one cannot have.
    pub fn amend(
        &mut self,
        amendment: Amendment,
        rules: &StaffRules,
        now: Timestamp,
    ) -> Result<Done, Refusal> {
        self.command(rules, now, |staff, done| {
            if matches!(staff.standing, Standing::Disabled { .. }) {
                return Err(Refusal::Disabled);
            }
            if amendment.name.is_some_and(|name| name != staff.name) {
                return Err(Refusal::NameImmutable);
            }
            if let (Standing::Waiting(_) | Standing::Open(_), Some(role)) = (&staff.standing, amendment.role)
            {
                rules.role_of_temporary(role)?;
            }
            staff.role = amendment.role.unwrap_or(staff.role);
            staff.security_phone = amendment.security_phone.or(staff.security_phone.take());
            done.events.push(Event { at: now, happened: Happened::Amended { role: staff.role } });
            Ok(())
        })
    }

    /// Removes it: who stood behind it when stays known.
    ///
    /// # Errors
    /// When it is disabled.
    pub fn remove(&mut self, by: Actor, rules: &StaffRules, now: Timestamp) -> Result<Done, Refusal> {
        self.command(rules, now, |staff, done| {
            if matches!(staff.standing, Standing::Disabled { .. }) {
                return Err(Refusal::Disabled);
            }
            staff.end(DisabledWhy::Removed, by, now, done);
            Ok(())
        })
    }

    /// Its shop is closed for ever, and it with it. One that is disabled already stays as it is.
    ///
    /// # Errors
    /// When the clock was turned back.
    pub fn end_with_shop(&mut self, by: Actor, rules: &StaffRules, now: Timestamp) -> Result<Done, Refusal> {
        self.command(rules, now, |staff, done| {
            if !matches!(staff.standing, Standing::Disabled { .. }) {
                staff.end(DisabledWhy::ShopClosed, by, now, done);
            }
            Ok(())
        })
    }

    /// Whether it may be used at that moment, which must not be before the last command.
    pub fn works(&self, now: Timestamp) -> bool {
        match &self.standing {
            Standing::Unasked => true,
            // Not noticed yet: a re-check that was asked for meanwhile, and missed, unless its time stands still.
            Standing::Verified { .. } => self.review.is_some() || self.next_check.is_none_or(|due| now < due),
            Standing::Asked(countdown) | Standing::Lifted(countdown) => {
                countdown.end().is_none_or(|end| now < end)
            }
            Standing::Waiting(window) | Standing::Open(window) => {
                window.opens_at <= now && now < window.closes_at
            }
            Standing::Frozen { .. } | Standing::Disabled { .. } => false,
        }
    }

    /// Who stands behind it.
    pub fn bound(&self) -> Option<&Binding> {
        self.bindings.last().filter(|binding| binding.ended.is_none())
    }

    /// Who stood behind it at that moment: to whom its activity and violations then are attributed (E5).
    pub fn bound_at(&self, at: Timestamp) -> Option<&Binding> {
        self.bindings.iter().find(|b| b.held_at(at))
    }

    /// Whether the account that scanned its code is this one, under this shop (E23).
    ///
    /// # Errors
    /// When it is another.
    pub fn scanned_by(&self, shop: &str, id: &str) -> Result<(), Refusal> {
        if self.shop == shop && self.id == id { Ok(()) } else { Err(Refusal::AccountMismatch) }
    }

    /// Brings a copy up to date, lets `change` change it, and keeps it only when that was allowed.
    fn command(
        &mut self,
        rules: &StaffRules,
        now: Timestamp,
        change: impl FnOnce(&mut Self, &mut Done) -> Result<(), Refusal>,
    ) -> Result<Done, Refusal> {
        if now < self.as_of {
            return Err(Refusal::ClockBackwards(self.as_of));
        }
        let (mut next, mut done) = (self.clone(), Done::default());
        next.catch_up(rules, now, &mut done.events);
        change(&mut next, &mut done)?;
        *self = next;
        Ok(done)
    }

    fn catch_up(&mut self, rules: &StaffRules, now: Timestamp, events: &mut Vec<Event>) {
        self.follow_exemption(rules, now, events);
        while let Some(at) = self.next_deadline(rules).filter(|at| *at <= now) {
            self.meet(at, rules, events);
        }
        self.as_of = now;
    }

    /// Lets the deadline at this moment happen.
    fn meet(&mut self, at: Timestamp, rules: &StaffRules, events: &mut Vec<Event>) {
        match &mut self.standing {
            Standing::Asked(countdown) | Standing::Lifted(countdown) => {
                match countdown
                    .next_reminder(rules)
                    .filter(|(_, when)| *when <= at && countdown.end() != Some(at))
                {
                    Some((hours, _)) => {
                        countdown.reminded = Some(hours);
                        events.push(Event { at: at.max(self.as_of), happened: Happened::Reminded { hours } });
                    }
                    None => {
                        self.standing = Standing::Frozen { since: at };
                        events.push(Event { at, happened: Happened::Frozen });
                    }
                }
            }
            Standing::Verified { .. } => self.meet_check(at.max(self.as_of), rules, events),
            Standing::Waiting(window) => {
                self.standing = Standing::Open(*window);
                events.push(Event { at: at.max(self.as_of), happened: Happened::Opened });
            }
            Standing::Open(_) => self.disable(DisabledWhy::WindowOver, at, events),
            _ => {}
        }
    }

    /// The time of a scheduled re-check has come; that of a shop that is exempt now goes by.
    fn meet_check(&mut self, at: Timestamp, rules: &StaffRules, events: &mut Vec<Event>) {
        let Some(due) = self.next_check.take() else { return };
        if self.is_exempt(rules, at) {
            self.next_check = rules.next_check(due.max(at));
            return;
        }
        // Rules may have changed since it was planned: nobody has less than a day.
        let long = at.duration_until(due).max(rules.after_refusal());
        self.begin_recheck(RecheckWhy::Scheduled, long, rules, at, events);
    }

    fn begin_recheck(
        &mut self,
        why: RecheckWhy,
        long: SignedDuration,
        rules: &StaffRules,
        at: Timestamp,
        events: &mut Vec<Event>,
    ) {
        let freezes_at = self.start_countdown(long, rules, at);
        events.push(Event { at, happened: Happened::RecheckAsked { why, freezes_at } });
    }

    fn end(&mut self, why: DisabledWhy, by: Actor, now: Timestamp, done: &mut Done) {
        self.end_binding(by, now, done);
        self.review = None;
        self.disable(why, now, &mut done.events);
    }

    fn disable(&mut self, why: DisabledWhy, at: Timestamp, events: &mut Vec<Event>) {
        (self.next_check, self.waived) = (None, None);
        self.standing = Standing::Disabled { since: at, why };
        events.push(Event { at, happened: Happened::Disabled { why } });
    }

    fn begin_countdown(&mut self, rules: &StaffRules, now: Timestamp, events: &mut Vec<Event>) {
        let freezes_at = self.start_countdown(rules.freeze_after(), rules, now);
        events.push(Event { at: now, happened: Happened::Asked { freezes_at } });
    }

    /// Its user has so much time; when that ends, if nothing is being looked at.
    fn start_countdown(&mut self, long: SignedDuration, rules: &StaffRules, now: Timestamp) -> Timestamp {
        let countdown = Countdown::start(long, self.review.is_some(), rules, now);
        self.standing = Standing::Asked(countdown);
        self.lifts.clear();
        (self.next_check, self.waived) = (None, None);
        countdown.end().unwrap_or(now.saturating_add(long).unwrap_or(Timestamp::MAX))
    }

    fn end_review(&mut self, session: &SessionId) -> Result<(), Refusal> {
        match &self.review {
            Some(review) if review.session == *session => {
                self.review = None;
                Ok(())
            }
            _ => Err(Refusal::NotBeingReviewed(session.clone())),
        }
    }

    fn end_binding(&mut self, by: Actor, now: Timestamp, done: &mut Done) {
        let shop = self.shop.clone();
        if let Some(binding) = self.bindings.last_mut().filter(|b| b.ended.is_none()) {
            binding.ended = Some((now, by));
            done.claims.extend(binding.claims(&shop).map(ClaimChange::Release));
        }
    }

    /// Whether who is bound can be asked once more.
    fn may_be_asked_again(&self, rules: &StaffRules, now: Timestamp) -> Result<(), Refusal> {
        self.verifiable()?;
        match self.standing {
            Standing::Verified { .. } => {}
            _ if self.bound().is_some() => return Err(Refusal::AlreadyAsked),
            _ => return Err(Refusal::NobodyBound),
        }
        self.exempt(rules, now).map_or(Ok(()), |until| Err(Refusal::Exempt(until)))
    }

    fn verifiable(&self) -> Result<(), Refusal> {
        match self.standing {
            Standing::Waiting(_) | Standing::Open(_) => Err(Refusal::Temporary),
            Standing::Disabled { .. } => Err(Refusal::Disabled),
            _ => Ok(()),
        }
    }
}
