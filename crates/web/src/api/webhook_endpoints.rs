//! `/v1/webhook_endpoints`.

use std::collections::BTreeSet;

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shiren_app::record::{Scope, WebhookEndpoint};
use shiren_app::{CreateEndpoint, DeleteEndpoint};
use shiren_core::id::WebhookEndpointId;
use utoipa::ToSchema;

use super::Problem;
use super::auth::Caller;
use super::body::{Json, Path};
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
    /// Why nothing is sent any more.
    disabled_because: Option<String>,
    /// For verifying signatures; only when it was just created.
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
            disabled_because: e.disabled.map(|(why, _)| why),
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
}

/// Create a webhook endpoint
///
/// Gives the signing secret, once.
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
    let NewEndpoint { url, events: kinds, description } = new;
    let command = CreateEndpoint { mode: caller.0.mode, url, kinds, description };
    let view = |(endpoint, secret): (WebhookEndpoint, String)| EndpointView {
        secret: Some(secret),
        ..endpoint.into()
    };
    repeatable.run(&state, &caller, StatusCode::CREATED, command, view).await
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

/// Delete a webhook endpoint
#[utoipa::path(
    delete, path = "/v1/webhook_endpoints/{id}", tag = "webhook endpoints", security(("key" = [])),
    params(("id" = String, Path, example = "we_01aryz6s410000000000000000")),
    responses(
        (status = 204, description = "Deleted, and its secret with it."),
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
