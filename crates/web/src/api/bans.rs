//! `/v1/bans`.

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shiren_app::LiftBan;
use shiren_app::port::BanQuery;
use shiren_app::record::Scope;
use shiren_core::account::actor::Actor;
use shiren_core::account::ban::{Ban, BanEnd};
use shiren_core::id::BanId;
use utoipa::{IntoParams, ToSchema};

use super::Problem;
use super::auth::Caller;
use super::body::{Json, Path, Query, unprocessable};
use super::once::Repeatable;
use super::page::{List, Window};
use crate::state::State;

/// The ban of an owner whose shop was closed permanently.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct BanView {
    #[schema(example = "ban_01aryz6s410000000000000000")]
    id: String,
    /// Always `ban`.
    object: &'static str,
    /// `test` or `live`.
    mode: &'static str,
    /// `in_force`, `term_over` or `lifted`.
    #[schema(example = "in_force")]
    status: &'static str,
    /// Your own id for the shop that was closed.
    #[schema(example = "shop-42")]
    shop: String,
    /// Your own id of the penalty that closed it.
    penalty: String,
    /// The verification that bound the person to the shop.
    verification_session: String,
    /// On what it rests.
    legal_basis: String,
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// When its term is over; none until it is lifted.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// How many pictures' faces are kept, to find who resembles the person.
    faces: u32,
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    /// The name of the API key by which it was lifted, or `user:` and the id of who did at the console.
    lifted_by: Option<String>,
    /// Why it was lifted.
    lifted_for: Option<String>,
}

impl From<Ban> for BanView {
    fn from(ban: Ban) -> Self {
        let (ended_at, end) = ban.ended.map_or((None, None), |(at, end)| (Some(at), Some(end)));
        let (status, lifted_by, lifted_for) = match end {
            None => ("in_force", None, None),
            Some(BanEnd::TermOver) => ("term_over", None, None),
            Some(BanEnd::Lifted { by, reason }) => {
                let by = match by {
                    Actor::Key(name) => Some(name),
                    Actor::User(id) => Some(shiren_app::user_actor(&id)),
                    _ => None,
                };
                ("lifted", by, Some(reason))
            }
        };
        Self {
            object: "ban",
            id: ban.id.to_string(),
            mode: ban.mode.name(),
            status,
            shop: ban.shop,
            penalty: ban.penalty,
            verification_session: ban.session.to_string(),
            legal_basis: ban.legal_basis,
            since: ban.since,
            until: ban.until,
            faces: if ended_at.is_some() { 0 } else { ban.faces },
            ended_at,
            lifted_by,
            lifted_for,
        }
    }
}

/// Which bans to list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct WhichBans {
    /// Only those that are in force (`true`) or ended.
    in_force: Option<bool>,
    /// At most so many, 1 to 100.
    #[serde(default, deserialize_with = "super::page::limit")]
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// Only those that are older than this one.
    #[serde(default, deserialize_with = "super::page::cursor")]
    after: Option<String>,
}

/// Why a ban is lifted.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Lifting {
    /// In your words; kept with the ban and in the log.
    #[schema(example = "The appeal was upheld.", min_length = 1, max_length = 500)]
    reason: String,
}

fn id_of(text: &str) -> Result<BanId, Problem> {
    text.parse().map_err(|_| Problem::from(shiren_app::Error::NotFound("ban")))
}

/// List bans
///
/// Newest first.
#[utoipa::path(
    get, path = "/v1/bans", tag = "bans", security(("key" = [])), params(WhichBans),
    responses(
        (status = 200, description = "A page of bans.", body = List<BanView>),
    )
)]
pub(super) async fn list(
    Shared(state): Shared<State>,
    caller: Caller,
    Query(which): Query<WhichBans>,
) -> Result<Json<List<BanView>>, Problem> {
    caller.may(Scope::ShopsRead)?;
    let after = which.after.map(|id| id.parse().map_err(|_| unprocessable("after", "this is no ban's id")));
    let window = Window::of(which.limit);
    let (mode, after, limit) = (caller.0.mode, after.transpose()?, window.ask());
    let query = BanQuery { mode, shop: None, in_force: which.in_force, after, limit };
    Ok(Json(window.page(state.app.bans(&query).await?, BanView::from)))
}

/// Retrieve a ban
#[utoipa::path(
    get, path = "/v1/bans/{id}", tag = "bans", security(("key" = [])),
    params(("id" = String, Path, example = "ban_01aryz6s410000000000000000")),
    responses(
        (status = 200, description = "The ban.", body = BanView),
    )
)]
pub(super) async fn retrieve(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<BanView>, Problem> {
    caller.may(Scope::ShopsRead)?;
    Ok(Json(state.app.ban(caller.0.mode, &id_of(&id)?).await?.into()))
}

/// Lift a ban
///
/// The person may open a shop again. Who lifted it and why stays with it.
#[utoipa::path(
    post, path = "/v1/bans/{id}/lift", tag = "bans", security(("key" = [])),
    params(("id" = String, Path, example = "ban_01aryz6s410000000000000000")),
    request_body = Lifting,
    responses(
        (status = 200, description = "Lifted.", body = BanView),
    )
)]
pub(super) async fn lift(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(id): Path<String>,
    Json(lifting): Json<Lifting>,
) -> Result<Response, Problem> {
    caller.may(Scope::ShopsWrite)?;
    let (mode, by) = (caller.0.mode, caller.actor());
    let command = LiftBan { mode, id: id_of(&id)?, reason: lifting.reason, by };
    repeatable.run(&state, &caller, StatusCode::OK, command, BanView::from).await
}
