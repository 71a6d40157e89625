//! `/v1/webhook_endpoints`.

use std::collections::BTreeSet;

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shiren_app::record::{Scope, WebhookEndpoint};
use shiren_app::webhook::sign::Scheme;
use shiren_app::{
    ChangeEndpoint, CreateEndpoint, DeleteEndpoint, EnableEndpoint, Replay, ReplayEvents, RotateKey,
};
use shiren_core::account::actor::Actor;
use shiren_core::id::WebhookEndpointId;
use utoipa::ToSchema;

use super::Problem;
use super::auth::Caller;
use super::body::{Json, Path, unprocessable};
use super::once::Repeatable;
use super::page::List;
use crate::state::State;

/// Where events are sent.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct EndpointView {
    /// `we_…`
    id: String,
    /// Always `webhook_endpoint`.
    object: &'static str,
    /// `test` or `live`.
    mode: &'static str,
    url: String,
    /// Only these types; all when empty.
    events: BTreeSet<String>,
    description: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Why nothing is sent any more: the receiver answered 410.
    disabled_because: Option<String>,
    /// Since when.
    #[schema(value_type = Option<String>, format = DateTime)]
    disabled_at: Option<Timestamp>,
    /// How what is sent there is signed: `v1` (HMAC-SHA256) or `v1a` (Ed25519).
    #[schema(example = "v1")]
    signature: &'static str,
    /// `whpk_…`, with which signatures of `v1a` are verified; `null` for `v1`.
    public_key: Option<String>,
    /// Until when the key that was replaced last signs too.
    #[schema(value_type = Option<String>, format = DateTime)]
    former_key_signs_until: Option<Timestamp>,
    /// `whsec_…`, with which signatures of `v1` are verified; only when it was just made.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl From<WebhookEndpoint> for EndpointView {
    fn from(e: WebhookEndpoint) -> Self {
        Self {
            id: e.id.to_string(),
            object: "webhook_endpoint",
            mode: e.mode.name(),
            url: e.url,
            events: e.kinds,
            description: e.description,
            created_at: e.created_at,
            disabled_at: e.disabled.as_ref().map(|(_, since)| *since),
            disabled_because: e.disabled.map(|(why, _)| why),
            signature: e.scheme.name(),
            public_key: e.public_key,
            former_key_signs_until: e.former_until,
            secret: None,
        }
    }
}

/// What a new endpoint is made of.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewEndpoint {
    /// https, and not inside the operator's own network.
    #[schema(example = "https://marketplace.example/webhooks/shiren", max_length = 2000)]
    url: String,
    /// Only these types; all without it.
    #[serde(default)]
    events: BTreeSet<String>,
    /// In your words.
    #[serde(default)]
    #[schema(max_length = 200)]
    description: String,
    /// `v1`: you verify with the secret that the answer holds. `v1a`: with a public key, which lets whoever reads your
    /// settings sign nothing; fewer libraries can. `v1` without it.
    #[serde(default)]
    #[schema(example = "v1")]
    signature: Option<String>,
}

/// What is changed of an endpoint: what is not given stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangedEndpoint {
    /// https, and not inside the operator's own network.
    #[serde(default)]
    #[schema(example = "https://marketplace.example/webhooks/shiren", max_length = 2000)]
    url: Option<String>,
    /// Only these types; all when empty.
    #[serde(default)]
    events: Option<BTreeSet<String>>,
    /// In your words.
    #[serde(default)]
    #[schema(max_length = 200)]
    description: Option<String>,
}

/// How a key is replaced.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Rotation {
    /// Hours for which the key that is replaced signs too: 24 without a number (a setting). With 0 it stops at once, and
    /// so do those that were replaced before: for a key that leaked.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 168, example = 24)]
    overlap_hours: Option<u32>,
    /// `v1` or `v1a` for the new key; as before without it.
    #[serde(default)]
    #[schema(example = "v1")]
    signature: Option<String>,
}

/// Which events are sent once more: one of the three.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Again {
    /// This one.
    #[serde(default)]
    #[schema(example = "evt_01aryz6s410000000000000000")]
    event: Option<String>,
    /// All from this moment on, of the types that the endpoint chose.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
    /// All behind this one, likewise.
    #[serde(default)]
    after: Option<String>,
}

impl Again {
    fn read(self) -> Result<Replay, Problem> {
        let id =
            |field, text: String| text.parse().map_err(|_| unprocessable(field, "this is no event's id"));
        match (self.event, self.since, self.after) {
            (Some(event), None, None) => Ok(Replay::Event(id("event", event)?)),
            (None, Some(since), None) => Ok(Replay::Since(since)),
            (None, None, Some(after)) => Ok(Replay::After(id("after", after)?)),
            _ => Err(unprocessable("event", "one of event, since and after")),
        }
    }
}

/// Events that are sent once more.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ReplayView {
    /// Always `webhook_replay`.
    object: &'static str,
    /// Where to.
    webhook_endpoint: String,
    /// `accepted`: they are on their way. What came of each stands in `deliveries` of the event.
    status: &'static str,
}

fn by(caller: &Caller) -> Actor {
    Actor::Key(caller.0.name.clone())
}

fn scheme(named: Option<&str>) -> Result<Option<Scheme>, Problem> {
    let known = |name| Scheme::named(name).ok_or_else(|| unprocessable("signature", "v1 or v1a"));
    named.map(known).transpose()
}

fn with_secret((endpoint, secret): (WebhookEndpoint, Option<String>)) -> EndpointView {
    EndpointView { secret, ..endpoint.into() }
}

/// Create a webhook endpoint
///
/// Gives the signing secret, once; with `v1a` a public key instead.
#[utoipa::path(
    post, path = "/v1/webhook_endpoints", tag = "webhook endpoints", security(("key" = [])),
    request_body = NewEndpoint,
    responses(
        (status = 201, description = "Created.", body = EndpointView),
    )
)]
pub(super) async fn create(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Json(new): Json<NewEndpoint>,
) -> Result<Response, Problem> {
    caller.may(Scope::WebhooksWrite)?;
    let NewEndpoint { url, events: kinds, description, signature } = new;
    let scheme = scheme(signature.as_deref())?.unwrap_or_default();
    state.app.check_address(&url).await?;
    let command = CreateEndpoint { mode: caller.0.mode, url, kinds, description, scheme };
    repeatable.run(&state, &caller, StatusCode::CREATED, command, with_secret).await
}

/// Retrieve a webhook endpoint
#[utoipa::path(
    get, path = "/v1/webhook_endpoints/{id}", tag = "webhook endpoints", security(("key" = [])),
    params(("id" = String, Path, example = "we_01aryz6s410000000000000000")),
    responses(
        (status = 200, description = "The endpoint.", body = EndpointView),
    )
)]
pub(super) async fn retrieve(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<WebhookEndpointId>,
) -> Result<Json<EndpointView>, Problem> {
    caller.may(Scope::WebhooksWrite)?;
    Ok(Json(state.app.endpoint(caller.0.mode, &id).await?.into()))
}

/// Change a webhook endpoint
///
/// Its address, its choice of events, its description. What is on its way already goes to the new address.
#[utoipa::path(
    post, path = "/v1/webhook_endpoints/{id}", tag = "webhook endpoints", security(("key" = [])),
    params(("id" = String, Path, example = "we_01aryz6s410000000000000000")),
    request_body = ChangedEndpoint,
    responses(
        (status = 200, description = "Changed.", body = EndpointView),
    )
)]
pub(super) async fn change(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(id): Path<WebhookEndpointId>,
    Json(changed): Json<ChangedEndpoint>,
) -> Result<Response, Problem> {
    caller.may(Scope::WebhooksWrite)?;
    let ChangedEndpoint { url, events: kinds, description } = changed;
    if let Some(url) = &url {
        state.app.check_address(url).await?;
    }
    let command = ChangeEndpoint { mode: caller.0.mode, id, url, kinds, description, by: by(&caller) };
    repeatable.run(&state, &caller, StatusCode::OK, command, EndpointView::from).await
}

/// Replace the signing key of a webhook endpoint
///
/// Gives the new secret, once. For a while both keys sign, so that you can change without losing a webhook:
/// `webhook-signature` holds two signatures then, and one that fits is enough.
#[utoipa::path(
    post, path = "/v1/webhook_endpoints/{id}/rotate", tag = "webhook endpoints", security(("key" = [])),
    params(("id" = String, Path, example = "we_01aryz6s410000000000000000")),
    request_body = Rotation,
    responses(
        (status = 200, description = "Replaced.", body = EndpointView),
    )
)]
pub(super) async fn rotate(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(id): Path<WebhookEndpointId>,
    Json(asked): Json<Rotation>,
) -> Result<Response, Problem> {
    caller.may(Scope::WebhooksWrite)?;
    let Rotation { overlap_hours, signature } = asked;
    let scheme = scheme(signature.as_deref())?;
    let command = RotateKey { mode: caller.0.mode, id, overlap_hours, scheme, by: by(&caller) };
    repeatable.run(&state, &caller, StatusCode::OK, command, with_secret).await
}

/// List webhook endpoints
#[utoipa::path(
    get, path = "/v1/webhook_endpoints", tag = "webhook endpoints", security(("key" = [])),
    responses(
        (status = 200, description = "All of them, at most 20.", body = List<EndpointView>),
    )
)]
pub(super) async fn list(
    Shared(state): Shared<State>,
    caller: Caller,
) -> Result<Json<List<EndpointView>>, Problem> {
    caller.may(Scope::WebhooksWrite)?;
    let data = state.app.endpoints(caller.0.mode).await?.into_iter().map(EndpointView::from).collect();
    Ok(Json(List { object: "list", data, has_more: false }))
}

/// Enable a webhook endpoint again
///
/// After its receiver answered 410. What happened meanwhile was not sent: replay it from `disabled_at` on.
#[utoipa::path(
    post, path = "/v1/webhook_endpoints/{id}/enable", tag = "webhook endpoints", security(("key" = [])),
    params(("id" = String, Path, example = "we_01aryz6s410000000000000000")),
    responses(
        (status = 200, description = "It takes webhooks again.", body = EndpointView),
    )
)]
pub(super) async fn enable(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(id): Path<WebhookEndpointId>,
) -> Result<Response, Problem> {
    caller.may(Scope::WebhooksWrite)?;
    let command = EnableEndpoint { mode: caller.0.mode, id, by: by(&caller) };
    repeatable.run(&state, &caller, StatusCode::OK, command, EndpointView::from).await
}

/// Send events to a webhook endpoint once more
///
/// One, or all of a span up to now. They keep their `webhook-id`, so that you drop what you have, and their
/// `sequence`; they do not come in order.
#[utoipa::path(
    post, path = "/v1/webhook_endpoints/{id}/replay", tag = "webhook endpoints", security(("key" = [])),
    params(("id" = String, Path, example = "we_01aryz6s410000000000000000")),
    request_body = Again,
    responses(
        (status = 202, description = "On their way.", body = ReplayView),
    )
)]
pub(super) async fn replay(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(id): Path<WebhookEndpointId>,
    Json(again): Json<Again>,
) -> Result<Response, Problem> {
    caller.may(Scope::WebhooksWrite)?;
    let webhook_endpoint = id.to_string();
    let command = ReplayEvents { mode: caller.0.mode, endpoint: id, replay: again.read()?, by: by(&caller) };
    let view = |()| ReplayView {
        object: "webhook_replay",
        webhook_endpoint: webhook_endpoint.clone(),
        status: "accepted",
    };
    repeatable.run(&state, &caller, StatusCode::ACCEPTED, command, view).await
}

/// Delete a webhook endpoint
#[utoipa::path(
    delete, path = "/v1/webhook_endpoints/{id}", tag = "webhook endpoints", security(("key" = [])),
    params(("id" = String, Path, example = "we_01aryz6s410000000000000000")),
    responses(
        (status = 204, description = "Deleted, and its keys with it."),
    )
)]
pub(super) async fn delete(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(id): Path<WebhookEndpointId>,
) -> Result<Response, Problem> {
    caller.may(Scope::WebhooksWrite)?;
    let command = DeleteEndpoint { mode: caller.0.mode, id };
    repeatable.run(&state, &caller, StatusCode::NO_CONTENT, command, |()| ()).await
}
