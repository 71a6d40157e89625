//! `/v1/shops/{id}/recheck` and `/v1/rechecks/forecast`.

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use shiren_app::record::Scope;
use shiren_app::{AskRecheck, RecheckFile};
use shiren_core::recheck::Why;
use shiren_core::recheck::plan::Forecast;
use utoipa::{IntoParams, ToSchema};

use super::Problem;
use super::auth::Caller;
use super::body::{Json, Path, Query, unprocessable};
use super::once::Repeatable;
use super::page::List;
use crate::state::State;

/// How a shop's re-checks stand. Days that were drawn for bad records are told to nobody before they come.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct RecheckView {
    /// Your own id for the shop.
    #[schema(example = "shop-42")]
    shop: String,
    /// Always `recheck`.
    object: &'static str,
    /// `resting`, `asked`, or `restricted` once it was missed, until it is done.
    #[schema(example = "asked")]
    status: &'static str,
    /// Why one is asked for: `scheduled`, `unscheduled`, `action` or `rollout`.
    why: Option<&'static str>,
    /// Before which action.
    action: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    asked_at: Option<Timestamp>,
    /// By when what is asked for must be done; it stands still while something is looked at.
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<Timestamp>,
    /// Since when what was handed in is looked at.
    #[schema(value_type = Option<String>, format = DateTime)]
    looked_at_since: Option<Timestamp>,
    /// When the next scheduled one is due.
    #[schema(value_type = String, format = DateTime)]
    scheduled_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    restricted_since: Option<Timestamp>,
    /// When the last one was passed; never yet, of a shop that was imported or asked by a rollout.
    #[schema(value_type = Option<String>, format = DateTime)]
    passed_at: Option<Timestamp>,
    /// The verification that was passed.
    verification_session: Option<String>,
}

impl From<RecheckFile> for RecheckView {
    fn from(RecheckFile { rechecks, .. }: RecheckFile) -> Self {
        let status = rechecks.status().name();
        let (session, passed_at) = rechecks.passed.unzip();
        let asked = rechecks.asked;
        Self {
            shop: rechecks.shop,
            object: "recheck",
            status,
            why: asked.as_ref().map(|a| a.why.name()),
            asked_at: asked.as_ref().map(|a| a.at),
            due_at: asked.as_ref().map(|a| a.due),
            looked_at_since: asked.as_ref().and_then(|a| a.held.as_ref()).map(|h| h.since),
            action: asked.and_then(|a| match a.why {
                Why::Action(action) => Some(action),
                Why::Scheduled | Why::Unscheduled | Why::Rollout(_) => None,
            }),
            scheduled_at: rechecks.due,
            restricted_since: rechecks.restricted,
            passed_at,
            verification_session: session.map(|s| s.to_string()),
        }
    }
}

/// Before what a re-check is asked for.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BeforeAction {
    /// Your own name and id of the action: the event `recheck.passed` says it again.
    #[schema(example = "live:room-7", min_length = 1, max_length = 128)]
    action: String,
}

/// Retrieve the re-check of a shop
#[utoipa::path(
    get, path = "/v1/shops/{id}/recheck", tag = "rechecks", security(("key" = [])),
    params(("id" = String, Path, example = "shop-42")),
    responses(
        (status = 200, description = "How it stands.", body = RecheckView),
    )
)]
pub(super) async fn retrieve(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<RecheckView>, Problem> {
    caller.may(Scope::ShopsRead)?;
    Ok(Json(state.app.recheck(caller.0.mode, &id).await?.into()))
}

/// Ask for a re-check before an action
///
/// As before going live. Then make a verification session for the shop: when it is verified, the event `recheck.passed`
/// names the action. The same action again while it is asked for is the same re-check.
#[utoipa::path(
    post, path = "/v1/shops/{id}/recheck", tag = "rechecks", security(("key" = [])),
    params(("id" = String, Path, example = "shop-42")),
    request_body = BeforeAction,
    responses(
        (status = 200, description = "Asked for.", body = RecheckView),
    )
)]
pub(super) async fn ask(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(shop): Path<String>,
    Json(before): Json<BeforeAction>,
) -> Result<Response, Problem> {
    caller.may(Scope::ShopsWrite)?;
    let command = AskRecheck { mode: caller.0.mode, shop, action: before.action, by: caller.actor() };
    repeatable.run(&state, &caller, StatusCode::OK, command, RecheckView::from).await
}

/// Which days of the forecast.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Span {
    /// The first day, as `2026-11-01`.
    #[param(format = Date, example = "2026-11-01")]
    from: String,
    /// The last day, within a year.
    #[param(format = Date, example = "2026-11-30")]
    to: String,
}

/// One day of the forecast.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ForecastView {
    #[schema(example = "2026-11-01")]
    day: String,
    /// How many re-checks fall due on it, as it is planned now.
    due: u32,
    /// How many may: none on days of a promotion.
    capacity: u32,
}

impl From<Forecast> for ForecastView {
    fn from(day: Forecast) -> Self {
        Self { day: day.day.to_string(), due: day.due, capacity: day.capacity }
    }
}

/// Forecast re-checks
///
/// How many scheduled re-checks fall due on each day, beside how many may.
#[utoipa::path(
    get, path = "/v1/rechecks/forecast", tag = "rechecks", security(("key" = [])), params(Span),
    responses(
        (status = 200, description = "Each day of the span.", body = List<ForecastView>),
    )
)]
pub(super) async fn forecast(
    Shared(state): Shared<State>,
    caller: Caller,
    Query(span): Query<Span>,
) -> Result<Json<List<ForecastView>>, Problem> {
    caller.may(Scope::ShopsRead)?;
    let day =
        |field, text: &str| text.parse::<Date>().map_err(|_| unprocessable(field, "a day, as 2026-11-01"));
    let (from, to) = (day("from", &span.from)?, day("to", &span.to)?);
    let days = state.app.recheck_forecast(caller.0.mode, from, to).await?;
    let data = days.into_iter().map(ForecastView::from).collect();
    Ok(Json(List { object: "list", data, has_more: false }))
}
