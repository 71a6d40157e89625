//! Events: what happened, in the same transaction as that it happened, and a job for everyone who is to be told.

use serde_json::json;
use shiren_core::account::Account;
use shiren_core::id::{EventId, JobId};
use shiren_core::review::Case;
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::{Happened, Session};

use crate::context::App;
use crate::error::Error;
use crate::job::Job;
use crate::port::{EventQuery, Tx};
use crate::record::{DeliveryAttempt, Event, NewEvent, NewJob};

/// All types of events, as endpoints choose among them.
pub fn kinds() -> Vec<&'static str> {
    Happened::ALL
        .iter()
        .map(|h| h.name())
        .chain([CASE_OPENED, CASE_DECIDED, MESSAGE_LEFT, RECLAIMED])
        .collect()
}

pub(crate) const CASE_OPENED: &str = "case.opened";
pub(crate) const CASE_DECIDED: &str = "case.decided";
/// The person of a session wrote to a human.
const MESSAGE_LEFT: &str = "verification_session.message_left";
/// An account lost its identity to another one, whose person it is.
const RECLAIMED: &str = "identity.reclaimed";

impl App {
    /// Tells what happened to a session: its id, status and reason codes, nothing of the person.
    pub(crate) async fn tell(&self, tx: &mut dyn Tx, session: &Session, what: Happened) -> Result<(), Error> {
        let codes: Vec<&str> = session.reasons.iter().map(|r| r.code.name()).collect();
        let data = json!({
            "id": session.id, "status": session.status.name(), "account": session.account,
            "program": session.program, "reasons": codes,
        });
        self.append(tx, session.mode, what.name(), &session.account, session.id.as_str(), data).await
    }

    /// Tells what happened to a case.
    pub(crate) async fn tell_case(&self, tx: &mut dyn Tx, case: &Case, what: &str) -> Result<(), Error> {
        let data = json!({
            "id": case.id, "verification_session": case.session, "account": case.account, "due_at": case.due_at,
            "verdict": case.decided.as_ref().map(|d| d.verdict),
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

    async fn append(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        kind: &str,
        account: &Account,
        object: &str,
        data: serde_json::Value,
    ) -> Result<(), Error> {
        let now = self.now();
        let id = EventId::new(now, self.ten());
        let event = NewEvent {
            id: id.clone(),
            mode,
            kind: kind.to_owned(),
            account: account.clone(),
            object: object.to_owned(),
            at: now,
            data,
        };
        tx.append_event(&event).await?;
        for endpoint in tx.endpoints(mode).await? {
            let wanted = endpoint.kinds.is_empty() || endpoint.kinds.contains(kind);
            if wanted && endpoint.disabled.is_none() {
                let job = Job::DeliverWebhook { event: id.clone(), endpoint: endpoint.id.clone() };
                self.enqueue(tx, job, now, None).await?;
            }
        }
        Ok(())
    }

    pub(crate) async fn enqueue(
        &self,
        tx: &mut dyn Tx,
        job: Job,
        run_at: jiff::Timestamp,
        dedup: Option<String>,
    ) -> Result<(), Error> {
        let id = JobId::new(self.now(), self.ten());
        tx.enqueue(&NewJob { id, job, run_at, dedup }).await?;
        Ok(())
    }

    /// Lists events, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn events(&self, query: &EventQuery) -> Result<Vec<Event>, Error> {
        Ok(self.store.snapshot().await?.events(query).await?)
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
