//! Events once more: to an endpoint whose receiver lost them, or was disabled while they happened.
//!
//! They keep their `webhook-id`, so that a receiver drops what it has.

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shiren_core::account::actor::Actor;
use shiren_core::id::{EventId, WebhookEndpointId};
use shiren_core::verification::program::Mode;

use crate::by::logged;
use crate::command::Command;
use crate::context::App;
use crate::endpoints::{EndpointRefusal, endpoint_in};
use crate::error::Error;
use crate::job::Job;
use crate::port::{EventQuery, Tx};
use crate::record::{Event, LeasedJob, WebhookEndpoint};
use crate::sessions::invalid;

/// Events that are enqueued in one transaction.
const AT_ONCE: u32 = 100;

/// Which events are sent once more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replay {
    /// This one, whether or not the endpoint chose its type.
    Event(EventId),
    /// All that happened from this moment on, of the types that the endpoint chose.
    Since(Timestamp),
    /// All that happened after this one, likewise.
    After(EventId),
}

/// A span of events, up to the moment in which it was asked for: what happens later is told anyway.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Span {
    /// Behind this one.
    after: Option<EventId>,
    /// From this moment on.
    since: Option<Timestamp>,
    /// Until then.
    until: Timestamp,
}

impl Span {
    fn next(&self, mode: Mode) -> EventQuery {
        let (mode, after) = (Some(mode), self.after.clone());
        EventQuery { mode, after, since: self.since, limit: AT_ONCE, ..EventQuery::default() }
    }
}

/// Sends events to an endpoint once more.
#[derive(Clone, Debug)]
pub struct ReplayEvents {
    /// In which mode.
    pub mode: Mode,
    /// Where to.
    pub endpoint: WebhookEndpointId,
    /// Which.
    pub replay: Replay,
    /// Who asks for it.
    pub by: Actor,
}

#[async_trait]
impl Command for ReplayEvents {
    type Done = ();

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<(), Error> {
        let endpoint = endpoint_in(tx, self.mode, &self.endpoint).await?.value;
        if endpoint.disabled.is_some() {
            return Err(EndpointRefusal::Disabled.into());
        }
        let until = app.world_now();
        let span = match self.replay {
            Replay::Event(id) => {
                known(tx, self.mode, &id, "event").await?;
                app.deliver_again(tx, &endpoint, id).await?;
                None
            }
            Replay::Since(since) if since > until => return Err(invalid("since", "a moment that is past")),
            Replay::Since(since) => Some(Span { after: None, since: Some(since), until }),
            Replay::After(id) => {
                known(tx, self.mode, &id, "after").await?;
                Some(Span { after: Some(id), since: None, until })
            }
        };
        if let Some(span) = span {
            let job = Job::ReplayWebhooks { endpoint: endpoint.id.clone(), span };
            app.enqueue(tx, job, until, None).await?;
        }
        app.audit(tx, &logged(&self.by), "webhook_endpoint.replayed", endpoint.id.as_str(), "by the operator")
            .await
    }
}

impl App {
    async fn deliver_again(
        &self,
        tx: &mut dyn Tx,
        endpoint: &WebhookEndpoint,
        event: EventId,
    ) -> Result<(), Error> {
        // Asked for twice before it was sent, it is sent once.
        let dedup = format!("replay:{}:{event}", endpoint.id);
        let job = Job::DeliverWebhook { event, endpoint: endpoint.id.clone() };
        self.enqueue(tx, job, self.world_now(), Some(dedup)).await
    }

    /// Enqueues the next events of a span.
    pub(crate) async fn replay(
        &self,
        endpoint: &WebhookEndpointId,
        span: &Span,
        job: &LeasedJob,
    ) -> Result<(), Error> {
        // Read beside the transaction: pages that are listed so miss no event that is committed later.
        let mut reader = self.store.reader().await?;
        let endpoint = reader.endpoint(endpoint).await?.map(|e| e.value).filter(|e| e.disabled.is_none());
        let events = match &endpoint {
            Some(endpoint) => reader.events(&span.next(endpoint.mode)).await?,
            None => Vec::new(),
        };
        drop(reader);
        let mut tx = self.store.begin().await?;
        if tx.finish(job).await?.is_err() {
            return Ok(());
        }
        if let Some(endpoint) = endpoint {
            self.replay_page(tx.as_mut(), &endpoint, span, &events).await?;
        }
        tx.commit().await?;
        self.bell.notify_one();
        Ok(())
    }

    async fn replay_page(
        &self,
        tx: &mut dyn Tx,
        endpoint: &WebhookEndpoint,
        span: &Span,
        events: &[Event],
    ) -> Result<(), Error> {
        let end = EventId::new(span.until, [u8::MAX; 10]);
        for event in events.iter().filter(|e| e.event.id <= end && endpoint.wants(&e.event.kind)) {
            self.deliver_again(tx, endpoint, event.event.id.clone()).await?;
        }
        let more = events.last().filter(|last| events.len() == AT_ONCE as usize && last.event.id <= end);
        if let Some(last) = more {
            let span = Span { after: Some(last.event.id.clone()), ..span.clone() };
            let job = Job::ReplayWebhooks { endpoint: endpoint.id.clone(), span };
            self.enqueue(tx, job, self.world_now(), None).await?;
        }
        Ok(())
    }
}

/// An event of the mode; otherwise the field is wrong.
async fn known(tx: &mut dyn Tx, mode: Mode, id: &EventId, field: &'static str) -> Result<(), Error> {
    let found = tx.event(id).await?.filter(|e| e.event.mode == mode);
    found.map(drop).ok_or_else(|| invalid(field, "there is no such event"))
}
