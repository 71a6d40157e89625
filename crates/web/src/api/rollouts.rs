//! `/v1/rollouts` and `/v1/shops/{id}/facts`.

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use shiren_app::port::RolloutQuery;
use shiren_app::record::Scope;
use shiren_app::{Ahead, ChangeRollout, CreateRollout, PutShopFacts, RolloutAct, RolloutFile};
use shiren_core::account::shop::Shop;
use shiren_core::id::RolloutId;
use shiren_core::rollout::{Audience, Plan, Rollout, RolloutStatus, ShopFacts, Step};
use utoipa::{IntoParams, ToSchema};

use super::Problem;
use super::auth::Caller;
use super::body::{Json, Path, Query, unprocessable};
use super::once::Repeatable;
use super::page::{List, Window};
use crate::state::State;

/// From which day on how many in a hundred are asked.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StepView {
    #[schema(format = Date, example = "2026-12-01")]
    from: String,
    #[schema(minimum = 1, maximum = 100, example = 100)]
    percent: u8,
}

/// Days on which nobody is asked, both included.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BlackoutView {
    #[schema(format = Date, example = "2026-12-10")]
    from: String,
    #[schema(format = Date, example = "2026-12-12")]
    to: String,
}

/// How the accounts of a rollout stand.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct RolloutProgress {
    /// Not asked yet.
    waiting: u32,
    /// They had their turn, and are asked when it is the hour of it where their shop is.
    due: u32,
    /// Asked: each once.
    asked: u32,
    /// Not asked: asked otherwise or verified by then, exempt, or gone.
    left_out: u32,
}

/// A rollout.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct RolloutView {
    /// `rol_…`
    id: String,
    /// Always `rollout`.
    object: &'static str,
    /// `test` or `live`.
    mode: &'static str,
    /// `draft`, `started`, `paused`, `done` or `canceled`.
    #[schema(example = "draft")]
    status: &'static str,
    name: String,
    /// `shops`, `staff` or `staff_rechecks`.
    #[schema(example = "shops")]
    audience: &'static str,
    /// The condition in CEL.
    when: String,
    steps: Vec<StepView>,
    /// How many are asked on one day at most.
    capacity: u32,
    blackout: Vec<BlackoutView>,
    /// Days that a re-check may take.
    days: u32,
    /// Whether everybody is known who is meant: it takes a while after the start.
    enrolled: bool,
    /// Only when a single rollout is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    progress: Option<RolloutProgress>,
    /// By which clock it lives.
    test_clock: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
}

impl From<Rollout> for RolloutView {
    fn from(r: Rollout) -> Self {
        let step = |s: Step| StepView { from: s.from.to_string(), percent: s.percent };
        let closed = |(from, to): (Date, Date)| BlackoutView { from: from.to_string(), to: to.to_string() };
        Self {
            id: r.id.to_string(),
            object: "rollout",
            mode: r.mode.name(),
            status: r.status.name(),
            name: r.name,
            audience: r.audience.name(),
            when: r.when,
            steps: r.plan.steps.into_iter().map(step).collect(),
            capacity: r.plan.capacity,
            blackout: r.plan.blackout.into_iter().map(closed).collect(),
            days: r.plan.days,
            enrolled: r.enrolled,
            progress: None,
            test_clock: r.clock.map(|c| c.to_string()),
            created_at: r.created_at,
            started_at: r.started_at,
            ended_at: r.ended_at,
        }
    }
}

impl From<RolloutFile> for RolloutView {
    fn from(RolloutFile { rollout, counts }: RolloutFile) -> Self {
        let progress = RolloutProgress {
            waiting: counts.waiting.values().sum(),
            due: counts.due.values().sum(),
            asked: counts.asked,
            left_out: counts.left_out,
        };
        Self { progress: Some(progress), ..rollout.into() }
    }
}

/// What a rollout is made of.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DraftRollout {
    #[schema(example = "泄露严重的店铺", min_length = 1, max_length = 100)]
    name: String,
    /// `shops`: their owners, for a re-check. `staff`: users of sub-accounts whom nobody asked yet.
    /// `staff_rechecks`: users of sub-accounts who are bound, for a re-check.
    #[schema(example = "shops")]
    audience: String,
    /// Whom it means: a condition in CEL over `shop.type`, `shop.status`, `category`, `leak_severity`, `age_days`, `points`
    /// (what bad records weigh) and `verified_days` (-1 for never); for sub-accounts also `role`.
    #[schema(example = "leak_severity >= 7 && age_days > 30", min_length = 1, max_length = 1000)]
    when: String,
    /// From which day on how many in a hundred are asked; the last one is 100.
    #[schema(min_items = 1, max_items = 50)]
    steps: Vec<StepView>,
    /// How many are asked on one day at most.
    #[schema(minimum = 1, maximum = 1000000, example = 500)]
    capacity: u32,
    /// Days on which nobody is asked, besides those of all re-checks.
    #[serde(default)]
    #[schema(max_items = 50)]
    blackout: Vec<BlackoutView>,
    /// Days that a re-check may take, of owners and of users of sub-accounts who are bound.
    #[serde(default = "fortnight")]
    #[schema(minimum = 1, maximum = 90)]
    days: u32,
    /// In test mode: by which clock it lives. It asks accounts of that clock alone.
    #[serde(default)]
    #[schema(example = "clk_01aryz6s410000000000000000")]
    test_clock: Option<String>,
}

fn fortnight() -> u32 {
    14
}

fn day(field: &str, text: &str) -> Result<Date, Problem> {
    text.parse().map_err(|_| unprocessable(field, "a day, as 2026-11-01"))
}

impl DraftRollout {
    fn plan(&self) -> Result<Plan, Problem> {
        let steps =
            self.steps.iter().enumerate().map(|(n, s)| {
                Ok(Step { from: day(&format!("steps[{n}].from"), &s.from)?, percent: s.percent })
            });
        let blackout = self.blackout.iter().enumerate().map(|(n, b)| {
            let of = |end: &str, text: &str| day(&format!("blackout[{n}].{end}"), text);
            Ok((of("from", &b.from)?, of("to", &b.to)?))
        });
        Ok(Plan {
            steps: steps.collect::<Result<_, Problem>>()?,
            capacity: self.capacity,
            blackout: blackout.collect::<Result<_, Problem>>()?,
            days: self.days,
        })
    }
}

fn id_of(text: &str) -> Result<RolloutId, Problem> {
    text.parse().map_err(|_| Problem::from(shiren_app::Error::NotFound("rollout")))
}

/// Write a rollout down
///
/// It asks nobody before it is started: look at its forecast first.
#[utoipa::path(
    post, path = "/v1/rollouts", tag = "rollouts", security(("key" = [])),
    request_body = DraftRollout,
    responses(
        (status = 201, description = "Written down.", body = RolloutView),
    )
)]
pub(super) async fn create(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Json(new): Json<DraftRollout>,
) -> Result<Response, Problem> {
    caller.may(Scope::ShopsWrite)?;
    let plan = new.plan()?;
    let audience = Audience::named(&new.audience)
        .ok_or_else(|| unprocessable("audience", "shops, staff or staff_rechecks"))?;
    let clock =
        new.test_clock.map(|id| id.parse().map_err(|_| unprocessable("test_clock", "this is no clock's id")));
    let command = CreateRollout {
        mode: caller.0.mode,
        clock: clock.transpose()?,
        name: new.name,
        audience,
        when: new.when,
        plan,
        by: caller.actor(),
    };
    repeatable.run(&state, &caller, StatusCode::CREATED, command, RolloutView::from).await
}

/// Which rollouts to list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct WhichRollouts {
    /// Only in this status.
    status: Option<String>,
    /// At most so many, 1 to 100.
    #[serde(default, deserialize_with = "super::page::limit")]
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// Only those that are older than this one.
    #[serde(default, deserialize_with = "super::page::cursor")]
    after: Option<String>,
}

/// List rollouts
///
/// Newest first.
#[utoipa::path(
    get, path = "/v1/rollouts", tag = "rollouts", security(("key" = [])), params(WhichRollouts),
    responses(
        (status = 200, description = "A page of rollouts.", body = List<RolloutView>),
    )
)]
pub(super) async fn list(
    Shared(state): Shared<State>,
    caller: Caller,
    Query(which): Query<WhichRollouts>,
) -> Result<Json<List<RolloutView>>, Problem> {
    caller.may(Scope::ShopsRead)?;
    let window = Window::of(which.limit);
    let status = which.status.map(|name| {
        let named = RolloutStatus::ALL.into_iter().find(|s| s.name() == name);
        named.ok_or_else(|| unprocessable("status", "this is no status of a rollout"))
    });
    let after =
        which.after.map(|id| id.parse().map_err(|_| unprocessable("after", "this is no rollout's id")));
    let query = RolloutQuery {
        mode: caller.0.mode,
        status: status.transpose()?,
        after: after.transpose()?,
        limit: window.ask(),
    };
    Ok(Json(window.page(state.app.rollouts(&query).await?, RolloutView::from)))
}

/// Retrieve a rollout
#[utoipa::path(
    get, path = "/v1/rollouts/{id}", tag = "rollouts", security(("key" = [])),
    params(("id" = String, Path, example = "rol_01aryz6s410000000000000000")),
    responses(
        (status = 200, description = "The rollout.", body = RolloutView),
    )
)]
pub(super) async fn retrieve(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<RolloutView>, Problem> {
    caller.may(Scope::ShopsRead)?;
    Ok(Json(state.app.rollout(caller.0.mode, &id_of(&id)?).await?.into()))
}

/// One day of what is ahead.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct AheadDay {
    #[schema(format = Date, example = "2026-12-01")]
    day: String,
    /// How many are asked on it.
    asks: u32,
}

/// What is ahead of a rollout.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct RolloutForecast {
    /// Always `rollout_forecast`.
    object: &'static str,
    /// How many wait; of a draft, how many it would mean now.
    waiting: u32,
    /// Of a draft: how many are left out because their shop is exempt.
    exempt: u32,
    /// Of a draft: how many are left out because a fact that decides is not known of them.
    cannot_be_told: u32,
    /// Of a draft: there are more shops than were looked at (20,000).
    more: bool,
    /// The days on which somebody is asked, at most 400 days ahead.
    days: Vec<AheadDay>,
}

impl From<Ahead> for RolloutForecast {
    fn from(ahead: Ahead) -> Self {
        Self {
            object: "rollout_forecast",
            waiting: ahead.waiting,
            exempt: ahead.exempt,
            cannot_be_told: ahead.untold,
            more: ahead.more,
            days: ahead.days.into_iter().map(|(day, asks)| AheadDay { day: day.to_string(), asks }).collect(),
        }
    }
}

/// Forecast a rollout
///
/// How many it means and how many are asked on which day: of a draft, as if it was started now.
#[utoipa::path(
    get, path = "/v1/rollouts/{id}/forecast", tag = "rollouts", security(("key" = [])),
    params(("id" = String, Path, example = "rol_01aryz6s410000000000000000")),
    responses(
        (status = 200, description = "What is ahead.", body = RolloutForecast),
    )
)]
pub(super) async fn forecast(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<RolloutForecast>, Problem> {
    caller.may(Scope::ShopsRead)?;
    Ok(Json(state.app.rollout_ahead(caller.0.mode, &id_of(&id)?).await?.into()))
}

async fn change(
    (state, caller, repeatable): (State, Caller, Repeatable),
    id: &str,
    act: RolloutAct,
) -> Result<Response, Problem> {
    caller.may(Scope::ShopsWrite)?;
    let (mode, by) = (caller.0.mode, caller.actor());
    let command = ChangeRollout { mode, id: id_of(id)?, act, by };
    repeatable.run(&state, &caller, StatusCode::OK, command, RolloutView::from).await
}

/// Start a rollout
///
/// Who is meant now is noted, and asked day by day at 10 o'clock; the event `recheck.asked`, `staff.asked` or
/// `staff.recheck_asked` tells of each.
#[utoipa::path(
    post, path = "/v1/rollouts/{id}/start", tag = "rollouts", security(("key" = [])),
    params(("id" = String, Path, example = "rol_01aryz6s410000000000000000")),
    responses(
        (status = 200, description = "Started.", body = RolloutView),
    )
)]
pub(super) async fn start(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    change((state, caller, repeatable), &id, RolloutAct::Start).await
}

/// Pause a rollout
///
/// It asks nobody for now. Who was asked is asked.
#[utoipa::path(
    post, path = "/v1/rollouts/{id}/pause", tag = "rollouts", security(("key" = [])),
    params(("id" = String, Path, example = "rol_01aryz6s410000000000000000")),
    responses(
        (status = 200, description = "Paused.", body = RolloutView),
    )
)]
pub(super) async fn pause(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    change((state, caller, repeatable), &id, RolloutAct::Pause).await
}

/// Resume a rollout
#[utoipa::path(
    post, path = "/v1/rollouts/{id}/resume", tag = "rollouts", security(("key" = [])),
    params(("id" = String, Path, example = "rol_01aryz6s410000000000000000")),
    responses(
        (status = 200, description = "It asks again.", body = RolloutView),
    )
)]
pub(super) async fn resume(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    change((state, caller, repeatable), &id, RolloutAct::Resume).await
}

/// Call a rollout off
///
/// Who was asked is asked.
#[utoipa::path(
    post, path = "/v1/rollouts/{id}/cancel", tag = "rollouts", security(("key" = [])),
    params(("id" = String, Path, example = "rol_01aryz6s410000000000000000")),
    responses(
        (status = 200, description = "Called off.", body = RolloutView),
    )
)]
pub(super) async fn cancel(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    change((state, caller, repeatable), &id, RolloutAct::Cancel).await
}

/// What you say of a shop, for rollouts to choose by. Nothing personal.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ShopFactsBody {
    /// What it mostly sells, by your own name.
    #[serde(default)]
    #[schema(example = "toys", pattern = "^[a-z0-9_-]{1,64}$")]
    category: Option<String>,
    /// How grave its information leaks are, from 0 for none to 10.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 10, example = 7)]
    leak_severity: Option<u32>,
    /// Since when you know it, where that is longer than it is known here.
    #[serde(default)]
    #[schema(format = Date, example = "2019-05-01")]
    registered_on: Option<String>,
}

impl ShopFactsBody {
    fn of(shop: Shop) -> Self {
        Self {
            category: shop.facts.category,
            leak_severity: shop.facts.leak_severity,
            registered_on: shop.facts.registered_on.map(|day| day.to_string()),
        }
    }
}

/// Say what a shop is like
///
/// In place of what was said before: what is left out is not known any more.
#[utoipa::path(
    put, path = "/v1/shops/{id}/facts", tag = "shops", security(("key" = [])),
    params(("id" = String, Path, example = "shop-42")),
    request_body = ShopFactsBody,
    responses(
        (status = 200, description = "Kept.", body = ShopFactsBody),
    )
)]
pub(super) async fn put_facts(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(shop): Path<String>,
    Json(new): Json<ShopFactsBody>,
) -> Result<Response, Problem> {
    caller.may(Scope::ShopsWrite)?;
    let registered_on = new.registered_on.as_deref().map(|text| day("registered_on", text)).transpose()?;
    let facts = ShopFacts { category: new.category, leak_severity: new.leak_severity, registered_on };
    let command = PutShopFacts { mode: caller.0.mode, shop, facts };
    repeatable.run(&state, &caller, StatusCode::OK, command, ShopFactsBody::of).await
}
