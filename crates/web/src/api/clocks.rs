//! `/v1/test/clocks`.

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use shiren_app::port::ClockQuery;
use shiren_app::record::Scope;
use shiren_app::{AdvanceClock, CreateClock, DeleteClock, Turn};
use shiren_core::clock::{FURTHEST, TestClock};
use shiren_core::id::ClockId;
use utoipa::ToSchema;

use super::Problem;
use super::auth::Caller;
use super::body::{Json, Path, Query, unprocessable};
use super::once::Repeatable;
use super::page::{List, Place, Window};
use crate::state::State;

/// A clock that is turned by hand.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ClockView {
    /// `clk_…`
    id: String,
    /// Always `test_clock`.
    object: &'static str,
    /// In your words.
    name: String,
    /// `ready`, or `advancing` until every job that is due has run; `failed` when it stopped on its way because something
    /// is broken on our side: it stands where `now` says, and can be advanced again. `deleted`: it stands still for good.
    #[schema(example = "ready")]
    status: &'static str,
    /// What it shows.
    #[schema(value_type = String, format = DateTime)]
    now: Timestamp,
    /// Where it is going.
    #[schema(value_type = Option<String>, format = DateTime)]
    advancing_to: Option<Timestamp>,
    /// When it was made, by the world's time.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<TestClock> for ClockView {
    fn from(clock: TestClock) -> Self {
        Self {
            id: clock.id.to_string(),
            object: "test_clock",
            status: match (clock.is_advancing(), clock.failed) {
                _ if clock.deleted => "deleted",
                (true, _) => "advancing",
                (false, true) => "failed",
                (false, false) => "ready",
            },
            name: clock.name,
            now: clock.now,
            advancing_to: clock.target,
            created_at: clock.created_at,
        }
    }
}

/// What a new clock is made of.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewClock {
    /// In your words.
    #[serde(default)]
    #[schema(max_length = 100)]
    name: String,
    /// What it shows at first; the world's time without it.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-10-27T00:00:00Z")]
    now: Option<Timestamp>,
}

/// How far a clock is turned: one of the two.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Advance {
    /// Until it shows this.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-01T00:00:00Z")]
    to: Option<Timestamp>,
    /// By so many minutes.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 5_260_320)]
    by_minutes: Option<i64>,
}

impl Advance {
    fn read(&self) -> Result<Turn, Problem> {
        match (self.to, self.by_minutes) {
            (Some(to), None) => Ok(Turn::To(to)),
            (None, Some(minutes)) if (0..=FURTHEST.as_mins()).contains(&minutes) => {
                Ok(Turn::By(SignedDuration::from_mins(minutes)))
            }
            (None, Some(_)) => Err(unprocessable("by_minutes", "0 to 5260320, which are ten years")),
            _ => Err(unprocessable("to", "either to or by_minutes")),
        }
    }
}

/// Create a clock
///
/// Shops that are registered with it, and everything that belongs to them, live by its time.
#[utoipa::path(
    post, path = "/v1/test/clocks", tag = "test clocks", security(("key" = [])),
    request_body = NewClock,
    responses(
        (status = 201, description = "Created.", body = ClockView),
    )
)]
pub(super) async fn create(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Json(new): Json<NewClock>,
) -> Result<Response, Problem> {
    caller.may(Scope::ClocksWrite)?;
    let command = CreateClock { mode: caller.0.mode, name: new.name, now: new.now };
    repeatable.run(&state, &caller, StatusCode::CREATED, command, ClockView::from).await
}

/// Advance a clock
///
/// Accepted at once; the clock is `advancing` and stops at the time of every due job until that job has run. Webhooks
/// and notices leave by the world's time, and the clock does not wait for them.
#[utoipa::path(
    post, path = "/v1/test/clocks/{id}/advance", tag = "test clocks", security(("key" = [])),
    params(("id" = String, Path, example = "clk_01aryz6s410000000000000000")),
    request_body = Advance,
    responses(
        (status = 202, description = "On its way.", body = ClockView),
    )
)]
pub(super) async fn advance(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(id): Path<ClockId>,
    Json(asked): Json<Advance>,
) -> Result<Response, Problem> {
    caller.may(Scope::ClocksWrite)?;
    let command = AdvanceClock { mode: caller.0.mode, id, turn: asked.read()? };
    repeatable.run(&state, &caller, StatusCode::ACCEPTED, command, ClockView::from).await
}

/// Retrieve a clock
#[utoipa::path(
    get, path = "/v1/test/clocks/{id}", tag = "test clocks", security(("key" = [])),
    params(("id" = String, Path, example = "clk_01aryz6s410000000000000000")),
    responses(
        (status = 200, description = "The clock.", body = ClockView),
    )
)]
pub(super) async fn retrieve(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<ClockId>,
) -> Result<Json<ClockView>, Problem> {
    caller.may(Scope::ClocksWrite)?;
    Ok(Json(state.app.test_clock(caller.0.mode, &id).await?.into()))
}

/// Delete a clock
///
/// It stands still for good: no deadline of what belongs to it happens any more, and nothing new can be made with it. What
/// belongs to it stays readable, as it was at that time. An advancing one is refused. Deleting it twice is deleting it
/// once.
#[utoipa::path(
    delete, path = "/v1/test/clocks/{id}", tag = "test clocks", security(("key" = [])),
    params(("id" = String, Path, example = "clk_01aryz6s410000000000000000")),
    responses(
        (status = 200, description = "Deleted.", body = ClockView),
    )
)]
pub(super) async fn delete(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(id): Path<ClockId>,
) -> Result<Response, Problem> {
    caller.may(Scope::ClocksWrite)?;
    let command = DeleteClock { mode: caller.0.mode, id };
    repeatable.run(&state, &caller, StatusCode::OK, command, ClockView::from).await
}

/// List clocks
///
/// Newest first.
#[utoipa::path(
    get, path = "/v1/test/clocks", tag = "test clocks", security(("key" = [])), params(Place),
    responses(
        (status = 200, description = "A page of clocks.", body = List<ClockView>),
    )
)]
pub(super) async fn list(
    Shared(state): Shared<State>,
    caller: Caller,
    Query(place): Query<Place>,
) -> Result<Json<List<ClockView>>, Problem> {
    caller.may(Scope::ClocksWrite)?;
    let after = place
        .after
        .as_deref()
        .map(|id| id.parse().map_err(|_| unprocessable("after", "this is no clock's id")));
    let window = Window::of(place.limit);
    let query = ClockQuery { after: after.transpose()?, limit: window.ask() };
    let clocks = state.app.test_clocks(caller.0.mode, &query).await?;
    Ok(Json(window.page(clocks, ClockView::from)))
}
