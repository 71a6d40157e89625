//! Webhook endpoints: added, listed, given another key, taken into use again, deleted; and deliveries to them.

use std::collections::BTreeSet;
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use shiren_core::account::actor::Actor;
use shiren_core::account::{Account, AccountKind};
use shiren_core::id::{EventId, WebhookEndpointId};
use shiren_core::verification::program::Mode;
use shiren_vault::{Purpose, Zeroizing};

use crate::by::logged;
use crate::command::Command;
use crate::context::App;
use crate::error::Error;
use crate::event::kinds;
use crate::port::{TransportError, Tx};
use crate::record::{DeliveryAttempt, Event, LeasedJob, Stored, WebhookEndpoint};
use crate::seal::Place;
use crate::sessions::{in_address, invalid};
use crate::webhook::LONGEST_OVERLAP;
use crate::webhook::sign::{self, Scheme, Signer};

/// Most endpoints of a mode.
const MOST: usize = 20;
/// Most replaced keys that sign beside the one that counts: every one makes each webhook longer.
const MOST_FORMER: usize = 4;
/// How long a receiver may take to answer (Standard Webhooks: 15 to 30 s).
const TIMEOUT: Duration = Duration::from_secs(20);

/// What happens to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EndpointHappened {
    /// It was added. The other ones are told.
    Created,
    /// Its address, its choice of events or its description is another one.
    Changed,
    /// Another key signs what is sent there.
    KeyRotated,
    /// Nothing is sent there any more: the receiver said so. The other ones are told.
    Disabled,
    /// What happens is sent there again.
    Enabled,
    /// It was deleted.
    Deleted,
}

impl EndpointHappened {
    pub(crate) const ALL: [Self; 6] =
        [Self::Created, Self::Changed, Self::KeyRotated, Self::Disabled, Self::Enabled, Self::Deleted];

    /// The type of the event.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Created => "webhook_endpoint.created",
            Self::Changed => "webhook_endpoint.changed",
            Self::KeyRotated => "webhook_endpoint.key_rotated",
            Self::Disabled => "webhook_endpoint.disabled",
            Self::Enabled => "webhook_endpoint.enabled",
            Self::Deleted => "webhook_endpoint.deleted",
        }
    }
}

/// What is not done with an endpoint. It is unchanged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointRefusal {
    /// It takes webhooks already.
    #[error("the endpoint is not disabled")]
    Enabled,
    /// It takes none.
    #[error("the endpoint is disabled")]
    Disabled,
    /// Its address is one that must not be called.
    #[error("the address is not allowed: {0}")]
    Address(String),
}

impl EndpointRefusal {
    /// The stable name, for problems.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Enabled => "endpoint_enabled",
            Self::Disabled => "endpoint_disabled",
            Self::Address(_) => "address_not_allowed",
        }
    }
}

/// Adds an endpoint; gives its signing secret, which is not shown again, where it has one.
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
    /// How what is sent there is signed.
    pub scheme: Scheme,
}

/// Changes where an endpoint is, what it is told, or how it is described. What is not given stays.
#[derive(Clone, Debug)]
pub struct ChangeEndpoint {
    /// In which mode.
    pub mode: Mode,
    /// Which.
    pub id: WebhookEndpointId,
    /// Where to.
    pub url: Option<String>,
    /// Only these types; all when empty.
    pub kinds: Option<BTreeSet<String>>,
    /// In the operator's words.
    pub description: Option<String>,
    /// Who does so.
    pub by: Actor,
}

/// Gives an endpoint another key. The one before it signs too for a while, so that receivers change without a gap.
#[derive(Clone, Debug)]
pub struct RotateKey {
    /// In which mode.
    pub mode: Mode,
    /// Which.
    pub id: WebhookEndpointId,
    /// Hours for which the key that is replaced signs too; the setting without it. With 0 it stops at once, and so do
    /// those that were replaced before.
    pub overlap_hours: Option<u32>,
    /// By which scheme the new one signs; as before without it.
    pub scheme: Option<Scheme>,
    /// Who does so.
    pub by: Actor,
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

/// Lets an endpoint take webhooks again after its receiver said that it takes none.
#[derive(Clone, Debug)]
pub struct EnableEndpoint {
    /// In which mode.
    pub mode: Mode,
    /// Which.
    pub id: WebhookEndpointId,
    /// Who does so.
    pub by: Actor,
}

/// A key that was replaced and signs a while longer.
#[derive(Serialize, Deserialize)]
struct Former {
    key: String,
    until: Timestamp,
}

#[async_trait]
impl Command for CreateEndpoint {
    type Done = (WebhookEndpoint, Option<String>);

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<Self::Done, Error> {
        sound(&self.url, &self.kinds, &self.description)?;
        if tx.endpoints(self.mode).await?.len() >= MOST {
            return Err(Error::TooMany("webhook endpoints"));
        }
        let now = app.now();
        let signer = new_key(app, self.scheme)?;
        let endpoint = WebhookEndpoint {
            id: WebhookEndpointId::new(now, app.ten()),
            mode: self.mode,
            url: self.url,
            kinds: self.kinds,
            description: self.description,
            created_at: now,
            disabled: None,
            scheme: self.scheme,
            public_key: signer.public(),
            former_until: None,
        };
        // Before it is there: an endpoint is not told that it was added.
        app.tell_endpoint(tx, &endpoint, EndpointHappened::Created).await?;
        tx.insert_endpoint(&endpoint).await?;
        app.put_sealed(tx, &secret_place(&endpoint), signer.reveal().as_bytes()).await?;
        Ok((endpoint, shown(&signer)))
    }
}

#[async_trait]
impl Command for RotateKey {
    type Done = (WebhookEndpoint, Option<String>);

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<Self::Done, Error> {
        let mut stored = endpoint_in(tx, self.mode, &self.id).await?;
        let hours = self.overlap_hours.unwrap_or(app.settings.webhooks.overlap_hours);
        if hours > LONGEST_OVERLAP {
            return Err(invalid("overlap_hours", format!("0 to {LONGEST_OVERLAP}")));
        }
        let now = app.now();
        let endpoint = &mut stored.value;
        let former = app.former_after(tx, endpoint, hours, now).await?;
        let signer = new_key(app, self.scheme.unwrap_or(endpoint.scheme))?;
        endpoint.scheme = signer.scheme();
        endpoint.public_key = signer.public();
        endpoint.former_until = former.iter().map(|f| f.until).max();
        let sealed = Zeroizing::new(serde_json::to_vec(&former).map_err(|e| Error::Internal(e.to_string()))?);
        app.put_sealed(tx, &former_place(endpoint), &sealed).await?;
        app.put_sealed(tx, &secret_place(endpoint), signer.reveal().as_bytes()).await?;
        tx.save_endpoint(&stored).await?;
        let (endpoint, what) = (stored.value, EndpointHappened::KeyRotated);
        app.audit(tx, &logged(&self.by), what.name(), endpoint.id.as_str(), "by the API").await?;
        app.tell_endpoint(tx, &endpoint, what).await?;
        Ok((endpoint, shown(&signer)))
    }
}

#[async_trait]
impl Command for EnableEndpoint {
    type Done = WebhookEndpoint;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<WebhookEndpoint, Error> {
        let mut stored = endpoint_in(tx, self.mode, &self.id).await?;
        if stored.value.disabled.take().is_none() {
            return Err(EndpointRefusal::Enabled.into());
        }
        tx.save_endpoint(&stored).await?;
        let (endpoint, what) = (stored.value, EndpointHappened::Enabled);
        app.audit(tx, &logged(&self.by), what.name(), endpoint.id.as_str(), "by the operator").await?;
        app.tell_endpoint(tx, &endpoint, what).await?;
        Ok(endpoint)
    }
}

#[async_trait]
impl Command for ChangeEndpoint {
    type Done = WebhookEndpoint;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<WebhookEndpoint, Error> {
        let mut stored = endpoint_in(tx, self.mode, &self.id).await?;
        let (before, endpoint) = (stored.value.clone(), &mut stored.value);
        endpoint.url = self.url.unwrap_or_else(|| before.url.clone());
        endpoint.kinds = self.kinds.unwrap_or_else(|| before.kinds.clone());
        endpoint.description = self.description.unwrap_or_else(|| before.description.clone());
        sound(&endpoint.url, &endpoint.kinds, &endpoint.description)?;
        if *endpoint == before {
            return Ok(before);
        }
        tx.save_endpoint(&stored).await?;
        let (endpoint, what) = (stored.value, EndpointHappened::Changed);
        app.audit(tx, &logged(&self.by), what.name(), endpoint.id.as_str(), "by the API").await?;
        app.tell_endpoint(tx, &endpoint, what).await?;
        Ok(endpoint)
    }
}

/// Deletes an endpoint and its keys. Fails when there is none.
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

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<(), Error> {
        let endpoint = endpoint_in(tx, self.mode, &self.id).await?.value;
        tx.delete_endpoint(&self.id).await?;
        app.shred(tx, self.id.as_str(), &[Purpose::Secret]).await?;
        app.tell_endpoint(tx, &endpoint, EndpointHappened::Deleted).await
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

    /// An endpoint of a mode.
    ///
    /// # Errors
    /// When there is none.
    pub async fn endpoint(&self, mode: Mode, id: &WebhookEndpointId) -> Result<WebhookEndpoint, Error> {
        Ok(endpoint_in(self.store.reader().await?.as_mut(), mode, id).await?.value)
    }

    /// Whether an address may be an endpoint's. Asked before the transaction that keeps it, because names are looked up.
    ///
    /// # Errors
    /// [`EndpointRefusal::Address`] when it may not: it is no web address, or one inside the operator's own network.
    pub async fn check_address(&self, url: &str) -> Result<(), Error> {
        match self.webhooks.check(url).await {
            Err(TransportError::Forbidden(why)) => Err(EndpointRefusal::Address(why).into()),
            _ => Ok(()),
        }
    }

    /// Tells what happened to an endpoint. Its address stays out of it: a path may be as secret as a password.
    async fn tell_endpoint(
        &self,
        tx: &mut dyn Tx,
        endpoint: &WebhookEndpoint,
        what: EndpointHappened,
    ) -> Result<(), Error> {
        let account = Account { kind: AccountKind::Platform, id: endpoint.id.to_string() };
        let data = json!({
            "id": endpoint.id, "signature": endpoint.scheme, "former_key_signs_until": endpoint.former_until,
            "disabled_because": endpoint.disabled.as_ref().map(|(why, _)| why),
        });
        self.append(tx, endpoint.mode, what.name(), &account, endpoint.id.as_str(), data).await
    }

    /// The keys that sign beside the next one: the one that counts now, for so many hours, and those before it whose
    /// time is not over.
    async fn former_after(
        &self,
        tx: &mut dyn Tx,
        endpoint: &WebhookEndpoint,
        hours: u32,
        now: Timestamp,
    ) -> Result<Vec<Former>, Error> {
        if hours == 0 {
            return Ok(Vec::new());
        }
        let Some(key) = self.open_sealed(tx, &secret_place(endpoint)).await? else { return Ok(Vec::new()) };
        let key = std::str::from_utf8(&key).map_err(|_| unreadable())?.to_owned();
        let until = now.saturating_add(SignedDuration::from_hours(hours.into())).unwrap_or(Timestamp::MAX);
        let mut former = vec![Former { key, until }];
        former.extend(self.former(tx, endpoint, now).await?);
        if former.len() > MOST_FORMER {
            let problem = "four replaced keys sign already: wait until one of them is over, or rotate with 0";
            return Err(invalid("overlap_hours", problem));
        }
        Ok(former)
    }

    /// The keys that were replaced and sign a while longer.
    async fn former(
        &self,
        tx: &mut dyn Tx,
        endpoint: &WebhookEndpoint,
        now: Timestamp,
    ) -> Result<Vec<Former>, Error> {
        if endpoint.former_until.is_none_or(|until| until <= now) {
            return Ok(Vec::new());
        }
        let Some(kept) = self.open_sealed(tx, &former_place(endpoint)).await? else { return Ok(Vec::new()) };
        let former: Vec<Former> = serde_json::from_slice(&kept).map_err(|_| unreadable())?;
        Ok(former.into_iter().filter(|f| f.until > now).collect())
    }

    /// What signs for an endpoint now, the newest first; nothing when its keys were shredded.
    async fn signers(
        &self,
        tx: &mut dyn Tx,
        endpoint: &WebhookEndpoint,
        now: Timestamp,
    ) -> Result<Vec<Signer>, Error> {
        let Some(key) = self.open_sealed(tx, &secret_place(endpoint)).await? else { return Ok(Vec::new()) };
        let mut signers = vec![read(&key)?];
        for former in self.former(tx, endpoint, now).await? {
            signers.push(read(former.key.as_bytes())?);
        }
        Ok(signers)
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
        if stored.value.disabled.is_some() {
            return Ok(Delivered::Done);
        }
        let now = self.now();
        let signers = self.signers(tx.as_mut(), &stored.value, now).await?;
        drop(tx);
        if signers.is_empty() {
            return Ok(Delivered::Done);
        }
        let body = payload(&event);
        let headers = sign::headers(event.event.id.as_str(), now, &body, &signers);
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
            && stored.value.disabled.is_none()
        {
            stored.value.disabled = Some(("the receiver answered 410 Gone".to_owned(), now));
            tx.save_endpoint(&stored).await?;
            self.tell_endpoint(tx.as_mut(), &stored.value, EndpointHappened::Disabled).await?;
        }
        tx.commit().await?;
        Ok(match status {
            Some(200..=299 | 410) => Delivered::Done,
            _ => {
                let why = error.unwrap_or_else(|| format!("status {}", status.unwrap_or_default()));
                match self.settings.webhooks.retries.delay_before(job.attempt + 1) {
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

/// Where the keys are that were replaced.
fn former_place(endpoint: &WebhookEndpoint) -> Place<'_> {
    Place { name: "former", ..secret_place(endpoint) }
}

/// The endpoint of this id, if it is of this mode.
pub(crate) async fn endpoint_in(
    tx: &mut dyn Tx,
    mode: Mode,
    id: &WebhookEndpointId,
) -> Result<Stored<WebhookEndpoint>, Error> {
    tx.endpoint(id).await?.filter(|e| e.value.mode == mode).ok_or(Error::NotFound("webhook endpoint"))
}

fn new_key(app: &App, scheme: Scheme) -> Result<Signer, Error> {
    Signer::generate(scheme, app.entropy.as_ref()).map_err(|_| Error::Internal("no key can be made".into()))
}

/// Whether an endpoint can be so.
fn sound(url: &str, chosen: &BTreeSet<String>, description: &str) -> Result<(), Error> {
    let rest = ["https://", "http://"].iter().find_map(|scheme| url.strip_prefix(scheme));
    if !rest.is_some_and(|rest| {
        !rest.is_empty() && !rest.starts_with(['/', '?', '#']) && rest.chars().all(in_address)
    }) {
        return Err(invalid("url", "an http or https address"));
    }
    if url.chars().count() > 2000 {
        return Err(invalid("url", "at most 2000 characters"));
    }
    if description.chars().count() > 200 {
        return Err(invalid("description", "at most 200 characters"));
    }
    match chosen.iter().find(|k| !kinds().contains(&k.as_str())) {
        Some(unknown) => Err(invalid("events", format!("there is no event {unknown:?}"))),
        None => Ok(()),
    }
}

/// What the receiver needs and nobody else may know; `None` when what everybody may know is enough.
fn shown(signer: &Signer) -> Option<String> {
    (signer.scheme() == Scheme::V1).then(|| signer.reveal().to_string())
}

fn read(key: &[u8]) -> Result<Signer, Error> {
    std::str::from_utf8(key).ok().and_then(|key| key.parse().ok()).ok_or_else(unreadable)
}

fn unreadable() -> Error {
    Error::Internal("a key of webhooks cannot be read".into())
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
