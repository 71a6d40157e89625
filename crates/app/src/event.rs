//! Events: what happened, in the same transaction as that it happened, and a job for everyone who is to be told.

use jiff::Timestamp;
use serde_json::json;
use shiren_core::account::ban::BanHappened;
use shiren_core::account::reference::Reference;
use shiren_core::account::shop::ShopHappened;
use shiren_core::account::{Account, staff};
use shiren_core::aftersales;
use shiren_core::deposit::Movement;
use shiren_core::id::{EventId, JobId};
use shiren_core::review::Case;
use shiren_core::rollout::RolloutHappened;
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::{Happened, Session};

use crate::context::App;
use crate::endpoints::EndpointHappened;
use crate::error::Error;
use crate::job::Job;
use crate::port::{EventQuery, Tx};
use crate::record::{DeliveryAttempt, Event, NewEvent, NewJob};
use crate::references::NAME_CHANGED;

/// All types of events, as endpoints choose among them.
pub fn kinds() -> Vec<&'static str> {
    Happened::ALL
        .iter()
        .map(|h| h.name())
        .chain(ShopHappened::ALL.iter().map(|h| h.name()))
        .chain(BanHappened::ALL.iter().map(|h| h.name()))
        .chain(shiren_core::recheck::Happened::NAMES)
        .chain(RolloutHappened::ALL.iter().map(|h| h.name()))
        .chain(staff::Happened::NAMES)
        .chain(aftersales::Happened::ALL.iter().map(|h| h.name()))
        .chain(Movement::ALL.iter().map(|m| m.happened()))
        .chain(Reference::ALL.iter().map(|r| r.happened()))
        .chain(EndpointHappened::ALL.iter().map(|h| h.name()))
        .chain([
            CASE_OPENED,
            CASE_ESCALATED,
            CASE_OVERDUE,
            CASE_PROPOSED,
            CASE_DECIDED,
            MESSAGE_LEFT,
            RECLAIMED,
            ACCOUNT_MISMATCH,
            MESSAGE_READ,
            GATE_RULES_CHANGED,
            SHOP_FACTS_CHANGED,
            SHOP_TIME_ZONE_CHANGED,
            REFERENCES_KEPT,
            NAME_CHANGED,
        ])
        .collect()
}

pub(crate) const CASE_OPENED: &str = "case.opened";
/// Nobody has decided a case, and most of its time has passed.
pub(crate) const CASE_ESCALATED: &str = "case.escalated";
/// Nobody has decided a case by its deadline.
pub(crate) const CASE_OVERDUE: &str = "case.overdue";
/// A reviewer said what they make of a case, and another one must say the same.
pub(crate) const CASE_PROPOSED: &str = "case.proposed";
pub(crate) const CASE_DECIDED: &str = "case.decided";
/// The person of a session wrote to a human.
const MESSAGE_LEFT: &str = "verification_session.message_left";
/// Another account was signed in where a link to a session was opened.
pub(crate) const ACCOUNT_MISMATCH: &str = "verification_session.account_mismatch";
/// Whoever a message is for has seen it.
pub(crate) const MESSAGE_READ: &str = "message.read";
/// The gate asks other rules.
pub(crate) const GATE_RULES_CHANGED: &str = "gate.rules_changed";
/// The marketplace says something else of a shop, for rollouts to choose by.
pub(crate) const SHOP_FACTS_CHANGED: &str = "shop.facts_changed";
/// The days of a shop count in another zone.
pub(crate) const SHOP_TIME_ZONE_CHANGED: &str = "shop.time_zone_changed";
/// The marketplace registered something else that verifications must agree with.
pub(crate) const REFERENCES_KEPT: &str = "account.references_kept";
/// An account lost its identity to another one, whose person it is.
const RECLAIMED: &str = "identity.reclaimed";

impl App {
    /// Tells what happened to a session: its id, status and reason codes, nothing of the person. The account that it
    /// is for follows first.
    pub(crate) async fn tell(&self, tx: &mut dyn Tx, session: &Session, what: Happened) -> Result<(), Error> {
        self.account_follows(tx, session, what).await?;
        let codes: Vec<&str> = session.reasons.iter().map(|r| r.code.name()).collect();
        let mut data = json!({
            "id": session.id, "status": session.status.name(), "account": session.account,
            "program": session.program, "reasons": codes,
        });
        if let Some(why) = session.called_off {
            data["called_off"] = why.name().into();
        }
        if session.export.is_some() {
            data["purpose"] = "export".into();
        }
        if let Some(help) = &session.assisted {
            data["assisted_by"] = help.by.as_str().into();
        }
        self.append(tx, session.mode, what.name(), &session.account, session.id.as_str(), data).await
    }

    /// Tells what happened to a case.
    pub(crate) async fn tell_case(&self, tx: &mut dyn Tx, case: &Case, what: &str) -> Result<(), Error> {
        let data = json!({
            "id": case.id, "verification_session": case.session, "account": case.account, "due_at": case.due_at,
            "verdict": case.decided.as_ref().map(|d| d.verdict), "awaits_another": case.awaits_another(),
            "lateness": case.lateness(),
        });
        self.append(tx, case.mode, what, &case.account, case.id.as_str(), data).await
    }

    /// Tells that the person of a session wrote to a human; what they wrote stays sealed.
    pub(crate) async fn tell_message(&self, tx: &mut dyn Tx, session: &Session) -> Result<(), Error> {
        let data = json!({ "id": session.id, "status": session.status.name(), "account": session.account });
        self.append(tx, session.mode, MESSAGE_LEFT, &session.account, session.id.as_str(), data).await
    }

    /// Tells whoever held an identity that it is another account's now.
    pub(crate) async fn tell_reclaimed(
        &self,
        tx: &mut dyn Tx,
        session: &Session,
        holder: &Account,
    ) -> Result<(), Error> {
        let data =
            json!({ "account": holder, "by_account": session.account, "verification_session": session.id });
        self.append(tx, session.mode, RECLAIMED, holder, session.id.as_str(), data).await
    }

    pub(crate) async fn append(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        kind: &str,
        account: &Account,
        object: &str,
        data: serde_json::Value,
    ) -> Result<(), Error> {
        self.append_at(tx, mode, kind, account, (object, self.now()), data).await
    }

    /// Appends an event of an earlier moment: a deadline's own, however late it was noticed.
    pub(crate) async fn append_at(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        kind: &str,
        account: &Account,
        (object, at): (&str, Timestamp),
        data: serde_json::Value,
    ) -> Result<(), Error> {
        let now = self.world_now();
        let id = EventId::new(now, self.ten());
        let event = NewEvent {
            id: id.clone(),
            mode,
            kind: kind.to_owned(),
            account: account.clone(),
            object: object.to_owned(),
            at,
            data,
        };
        tx.append_event(&event).await?;
        for endpoint in tx.endpoints(mode).await? {
            if endpoint.wants(kind) && endpoint.disabled.is_none() {
                let job = Job::DeliverWebhook { event: id.clone(), endpoint: endpoint.id.clone() };
                self.enqueue(tx, job, now, None).await?;
            }
        }
        Ok(())
    }

    /// Enqueues a job. One that lives by the clock of this view is held until the clock shows `run_at`; for all others
    /// it is the world's time.
    pub(crate) async fn enqueue(
        &self,
        tx: &mut dyn Tx,
        job: Job,
        run_at: Timestamp,
        dedup: Option<String>,
    ) -> Result<(), Error> {
        let now = self.world_now();
        let id = JobId::new(now, self.ten());
        let turned = self.turned().filter(|_| job.lives_by_a_clock());
        let held_until = turned.filter(|t| run_at > t.now).map(|_| run_at);
        let clock = turned.map(|t| t.clock.clone());
        let run_at = if clock.is_some() { now } else { run_at };
        tx.enqueue(&NewJob { id, job, run_at, clock, held_until, dedup }).await?;
        Ok(())
    }

    /// Lists events, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn events(&self, query: &EventQuery) -> Result<Vec<Event>, Error> {
        Ok(self.store.reader().await?.events(query).await?)
    }

    /// An event of a mode, with what came of delivering it.
    ///
    /// # Errors
    /// When there is none.
    pub async fn event(&self, mode: Mode, id: &EventId) -> Result<(Event, Vec<DeliveryAttempt>), Error> {
        let mut tx = self.store.snapshot().await?;
        let event = tx.event(id).await?.filter(|e| e.event.mode == mode).ok_or(Error::NotFound("event"))?;
        let deliveries = tx.deliveries(id).await?;
        Ok((event, deliveries))
    }
}
