//! `/v1/staff/{id}/…`: what is to be said in a sub-account, and who stood behind it.

use axum::extract::State as Shared;
use jiff::Timestamp;
use serde::Serialize;
use shiren_app::record::Scope;
use shiren_core::account::actor::Actor;
use shiren_core::account::staff::{Binding, Demand};
use shiren_core::account::{Account, AccountKind};
use utoipa::ToSchema;

use super::Problem;
use super::auth::Caller;
use super::body::{Json, Path, Query};
use super::page::List;
use super::responsible::{AskedFor, ResponsibleView};
use crate::state::State;

/// The reminder strip (小黄条) of a sub-account.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct BannerView {
    /// Your own id for the sub-account.
    staff: String,
    /// Always `banner`.
    object: &'static str,
    /// `info`, `due`, `overdue` (the last day) or `frozen`; `null` when there is nothing to say.
    #[schema(example = "due")]
    urgency: Option<serde_json::Value>,
    /// What is asked for: a `first` verification, or a `recheck` of who is bound.
    #[schema(example = "recheck")]
    demand: Option<&'static str>,
    /// What it says, in both languages.
    #[schema(value_type = Option<Object>)]
    text: Option<serde_json::Value>,
    /// Until when there is time.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
}

/// What the strip says in a sub-account
#[utoipa::path(
    get, path = "/v1/staff/{id}/banner", tag = "staff", security(("key" = [])),
    params(("id" = String, Path, example = "shop-42:7")),
    responses(
        (status = 200, description = "What it says now.", body = BannerView),
    )
)]
pub(super) async fn banner(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<BannerView>, Problem> {
    caller.may(Scope::ShopsRead)?;
    let banner = state.app.staff_banner(caller.0.mode, &id).await?;
    let json = |value| serde_json::to_value(value).ok();
    Ok(Json(BannerView {
        staff: id,
        object: "banner",
        urgency: banner.as_ref().and_then(|b| serde_json::to_value(b.urgency).ok()),
        demand: banner.as_ref().and_then(|b| b.demand).map(Demand::name),
        text: banner.as_ref().and_then(|b| json(&b.text)),
        until: banner.and_then(|b| b.until),
    }))
}

/// From when to when a user stood behind a sub-account. Nothing of the person.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct BindingView {
    /// The verification that bound them.
    verification_session: String,
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    /// The first moment at which they did not any more; whoever passed a re-check was bound anew at that moment.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// Who ended it: `owner`, `person` (by passing a re-check), `user`, `key` or `clock`.
    ended_by: Option<String>,
    /// Captured on an administrator's phone.
    assisted: bool,
}

impl From<Binding> for BindingView {
    fn from(binding: Binding) -> Self {
        let by = |actor: &Actor| match actor {
            Actor::Owner => "owner",
            Actor::Person => "person",
            Actor::User(_) => "user",
            Actor::Key(_) => "key",
            Actor::Clock => "clock",
        };
        Self {
            verification_session: binding.session.to_string(),
            from: binding.from,
            until: binding.ended.as_ref().map(|(at, _)| *at),
            ended_by: binding.ended.as_ref().map(|(_, actor)| by(actor).to_owned()),
            assisted: binding.assisted,
        }
    }
}

/// List everybody who stood behind a sub-account
///
/// Newest first, all of them.
#[utoipa::path(
    get, path = "/v1/staff/{id}/bindings", tag = "staff", security(("key" = [])),
    params(("id" = String, Path, example = "shop-42:7")),
    responses(
        (status = 200, description = "All bindings.", body = List<BindingView>),
    )
)]
pub(super) async fn bindings(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<List<BindingView>>, Problem> {
    caller.may(Scope::ShopsRead)?;
    let bindings = state.app.staff(caller.0.mode, &id).await?.staff.bindings;
    let data = bindings.into_iter().rev().map(BindingView::from).collect();
    Ok(Json(List { object: "list", data, has_more: false }))
}

/// Find the person who stood behind a sub-account
///
/// At any moment of the past: to whom its activity and violations then are attributed. Values are masked, and every
/// look is in the log with its purpose.
#[utoipa::path(
    get, path = "/v1/staff/{id}/responsible", tag = "staff", security(("key" = [])),
    params(("id" = String, Path, example = "shop-42:7"), AskedFor),
    responses(
        (status = 200, description = "Who it was.", body = ResponsibleView),
    )
)]
pub(super) async fn responsible(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
    Query(asked): Query<AskedFor>,
) -> Result<Json<ResponsibleView>, Problem> {
    super::responsible::look(&state, &caller, Account { kind: AccountKind::Staff, id }, asked).await
}
