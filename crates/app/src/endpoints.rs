//! Webhook endpoints: added, listed, deleted; and deliveries to them.

use std::collections::BTreeSet;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::json;
use shiren_core::id::{EventId, WebhookEndpointId};
use shiren_core::verification::program::Mode;
use shiren_vault::Purpose;

use crate::command::Command;
use crate::context::App;
use crate::error::Error;
use crate::event::kinds;
use crate::port::Tx;
use crate::record::{DeliveryAttempt, Event, LeasedJob, WebhookEndpoint};
use crate::seal::Place;
use crate::sessions::{in_address, invalid};
use crate::webhook::schedule;
use crate::webhook::sign::{self, Secret};

/// Most endpoints of a mode.
const MOST: usize = 20;
/// How long a receiver may take to answer (Standard Webhooks: 15 to 30 s).
const TIMEOUT: Duration = Duration::from_secs(20);

/// Adds an endpoint; gives its signing secret, which is not shown again.
#[derive(Clone, Debug)]
pub struct CreateEndpoint {
    /// Events of which mode.
    pub mode: Mode,
    /// Where to.
    pub url: String,
    /// Only these types; all when empty.
    pub kinds: BTreeSet<String>,
    /// In the operator's words.
    pub description: String,
}

/// What becomes of a delivery.
pub(crate) enum Delivered {
    /// Taken, or nobody wants it any more.
    Done,
    /// To be tried again after so long.
    Again(Duration, String),
    /// Given up.
    GivenUp(String),
}

#[async_trait]
impl Command for CreateEndpoint {
    type Done = (WebhookEndpoint, String);

    const RINGS: bool = false;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<Self::Done, Error> {
        self.check()?;
        if tx.endpoints(self.mode).await?.len() >= MOST {
            return Err(Error::TooMany("webhook endpoints"));
        }
        let now = app.now();
        let endpoint = WebhookEndpoint {
            id: WebhookEndpointId::new(now, app.ten()),
            mode: self.mode,
            url: self.url,
            kinds: self.kinds,
            description: self.description,
            created_at: now,
            disabled: None,
        };
        let secret = Secret::generate(app.entropy.as_ref()).reveal();
        tx.insert_endpoint(&endpoint).await?;
        app.put_sealed(tx, &secret_place(&endpoint), secret.as_bytes()).await?;
        Ok((endpoint, secret.to_string()))
    }
}

impl CreateEndpoint {
    fn check(&self) -> Result<(), Error> {
        let rest = ["https://", "http://"].iter().find_map(|scheme| self.url.strip_prefix(scheme));
        if !rest.is_some_and(|rest| {
            !rest.is_empty() && !rest.starts_with(['/', '?', '#']) && rest.chars().all(in_address)
        }) {
            return Err(invalid("url", "an http or https address"));
        }
        if self.url.chars().count() > 2000 {
            return Err(invalid("url", "at most 2000 characters"));
        }
        if self.description.chars().count() > 200 {
            return Err(invalid("description", "at most 200 characters"));
        }
        match self.kinds.iter().find(|k| !kinds().contains(&k.as_str())) {
            Some(unknown) => Err(invalid("events", format!("there is no event {unknown:?}"))),
            None => Ok(()),
        }
    }
}

/// Deletes an endpoint and its secret. Fails when there is none.
#[derive(Clone, Debug)]
pub struct DeleteEndpoint {
    /// In which mode.
    pub mode: Mode,
    /// Which.
    pub id: WebhookEndpointId,
}

#[async_trait]
impl Command for DeleteEndpoint {
    type Done = ();
    const RINGS: bool = false;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<(), Error> {
        let found = tx.endpoint(&self.id).await?.filter(|e| e.value.mode == self.mode);
        found.ok_or(Error::NotFound("webhook endpoint"))?;
        tx.delete_endpoint(&self.id).await?;
        app.shred(tx, self.id.as_str(), &[Purpose::Secret]).await?;
        Ok(())
    }
}

impl App {
    /// All endpoints of a mode, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn endpoints(&self, mode: Mode) -> Result<Vec<WebhookEndpoint>, Error> {
        Ok(self.store.snapshot().await?.endpoints(mode).await?)
    }

    /// Sends an event to an endpoint once.
    pub(crate) async fn deliver(
        &self,
        event: &EventId,
        endpoint: &WebhookEndpointId,
        job: &LeasedJob,
    ) -> Result<Delivered, Error> {
        let mut tx = self.store.snapshot().await?;
        let (Some(event), Some(stored)) = (tx.event(event).await?, tx.endpoint(endpoint).await?) else {
            return Ok(Delivered::Done);
        };
        let secret = self.open_sealed(tx.as_mut(), &secret_place(&stored.value)).await?;
        drop(tx);
        let Some(secret) = secret.filter(|_| stored.value.disabled.is_none()) else {
            return Ok(Delivered::Done);
        };
        let now = self.now();
        let body = payload(&event);
        let secret = std::str::from_utf8(&secret).ok().and_then(|s| s.parse::<Secret>().ok());
        let secret = secret.ok_or_else(|| Error::Internal("a webhook secret cannot be read".into()))?;
        let headers = sign::headers(event.event.id.as_str(), now, &body, &[secret]);
        let answer = self.webhooks.post(&stored.value.url, &headers, body, TIMEOUT).await;
        let (status, error) = match &answer {
            Ok(status) => (Some(*status), None),
            Err(e) => (None, Some(e.to_string())),
        };
        let mut tx = self.store.begin().await?;
        tx.insert_delivery(&DeliveryAttempt {
            event: event.event.id.clone(),
            endpoint: endpoint.clone(),
            attempt: job.attempt,
            at: now,
            status,
            error: error.clone(),
        })
        .await?;
        // 410 is the receiver's way to say: never again (Standard Webhooks).
        if status == Some(410)
            && let Some(mut stored) = tx.endpoint(endpoint).await?
        {
            stored.value.disabled = Some(("the receiver answered 410 Gone".to_owned(), now));
            tx.save_endpoint(&stored).await?;
        }
        tx.commit().await?;
        Ok(match status {
            Some(200..=299 | 410) => Delivered::Done,
            _ => {
                let why = error.unwrap_or_else(|| format!("status {}", status.unwrap_or_default()));
                match schedule::delay_before(job.attempt + 1) {
                    Some(wait) => Delivered::Again(wait, why),
                    None => Delivered::GivenUp(why),
                }
            }
        })
    }
}

fn secret_place(endpoint: &WebhookEndpoint) -> Place<'_> {
    Place { mode: endpoint.mode, owner: endpoint.id.as_str(), purpose: Purpose::Secret, name: "signing" }
}

/// Thin: who wants to know more asks the API.
fn payload(event: &Event) -> Vec<u8> {
    let what = &event.event;
    let body = json!({
        "id": what.id, "type": what.kind, "timestamp": what.at, "mode": what.mode,
        "sequence": event.sequence, "data": what.data,
    });
    body.to_string().into_bytes()
}
