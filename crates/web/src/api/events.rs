//! `/v1/events`.

use axum::extract::State as Shared;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shiren_app::port::EventQuery;
use shiren_app::record::{DeliveryAttempt, Event, Scope};
use shiren_core::id::EventId;
use utoipa::{IntoParams, ToSchema};

use super::Problem;
use super::auth::Caller;
use super::body::{Json, Path, Query};
use super::page::{List, Window};
use super::sessions::AccountView;
use crate::state::State;

/// Something that happened.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct EventView {
    /// `evt_…`; the `webhook-id` of its deliveries.
    id: String,
    /// Always `event`.
    object: &'static str,
    /// `test` or `live`.
    mode: &'static str,
    #[serde(rename = "type")]
    #[schema(example = "verification_session.verified")]
    kind: String,
    /// Its number among the account's events, from 1, without gaps: retries may arrive out of order.
    sequence: i64,
    account: AccountView,
    #[schema(value_type = String, format = DateTime)]
    timestamp: Timestamp,
    /// Ids, status and codes; ask the API for more.
    #[schema(value_type = Object)]
    data: serde_json::Value,
    /// What came of delivering it; only when a single event is retrieved.
    #[serde(skip_serializing_if = "Option::is_none")]
    deliveries: Option<Vec<DeliveryView>>,
}

/// One attempt to deliver an event.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct DeliveryView {
    webhook_endpoint: String,
    attempt: u32,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What came back.
    status: Option<u16>,
    /// Why nothing came back.
    error: Option<String>,
}

impl From<Event> for EventView {
    fn from(Event { event, sequence }: Event) -> Self {
        Self {
            id: event.id.to_string(),
            object: "event",
            mode: event.mode.name(),
            kind: event.kind,
            sequence,
            account: (&event.account).into(),
            timestamp: event.at,
            data: event.data,
            deliveries: None,
        }
    }
}

impl From<DeliveryAttempt> for DeliveryView {
    fn from(d: DeliveryAttempt) -> Self {
        let webhook_endpoint = d.endpoint.to_string();
        Self { webhook_endpoint, attempt: d.attempt, at: d.at, status: d.status, error: d.error }
    }
}

/// Which events.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    /// Only of this session or case.
    object: Option<String>,
    /// At most so many, 1 to 100.
    #[serde(default, deserialize_with = "super::page::limit")]
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// Only behind this one.
    #[serde(default, deserialize_with = "super::page::cursor")]
    after: Option<String>,
}

/// List events
///
/// Oldest first: go on from the last one that you have.
#[utoipa::path(
    get, path = "/v1/events", tag = "events", security(("key" = [])), params(Which),
    responses(
        (status = 200, description = "A page of events.", body = List<EventView>),
    )
)]
pub(super) async fn list(
    Shared(state): Shared<State>,
    caller: Caller,
    Query(which): Query<Which>,
) -> Result<Json<List<EventView>>, Problem> {
    caller.may(Scope::EventsRead)?;
    let after = which.after.as_deref().map(|id| {
        let problem = |_| {
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "this is no event's id").field("after")
        };
        id.parse().map_err(problem)
    });
    let window = Window::of(which.limit);
    let query = EventQuery {
        mode: Some(caller.0.mode),
        account: None,
        object: which.object,
        after: after.transpose()?,
        since: None,
        limit: window.ask(),
    };
    Ok(Json(window.page(state.app.events(&query).await?, EventView::from)))
}

/// Retrieve an event
///
/// With what came of delivering it.
#[utoipa::path(
    get, path = "/v1/events/{id}", tag = "events", security(("key" = [])),
    params(("id" = String, Path, example = "evt_01aryz6s410000000000000000")),
    responses(
        (status = 200, description = "The event.", body = EventView),
    )
)]
pub(super) async fn retrieve(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<EventId>,
) -> Result<Json<EventView>, Problem> {
    caller.may(Scope::EventsRead)?;
    let (event, deliveries) = state.app.event(caller.0.mode, &id).await?;
    let deliveries = deliveries.into_iter().map(DeliveryView::from).collect();
    Ok(Json(EventView { deliveries: Some(deliveries), ..event.into() }))
}
