//! `/v1/shops/{id}/penalties`.

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shiren_app::record::Scope;
use shiren_app::{PenaliseShop, Penalised};
use shiren_core::account::shop::{NewPenalty, Penalty, PenaltyKind};
use utoipa::ToSchema;

use super::Problem;
use super::auth::Caller;
use super::body::{Json, Path, Query};
use super::once::Repeatable;
use super::page::{List, Place, Window};
use crate::state::State;

/// A penalty of a shop.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct PenaltyView {
    /// Your own id of it.
    #[schema(example = "penalty-7")]
    reference: String,
    /// Always `penalty`.
    object: &'static str,
    /// `warning`, `temporary_closure` or `permanent_closure`.
    #[schema(example = "temporary_closure")]
    kind: &'static str,
    /// Which rule was broken.
    #[schema(example = "counterfeit-goods")]
    violation: String,
    /// Why.
    reason: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// When the shop was restored after a temporary closure; it is not closed again for this one.
    #[schema(value_type = Option<String>, format = DateTime)]
    restored_at: Option<Timestamp>,
    /// The verification that its owner passed for that.
    verification_session: Option<String>,
}

impl From<Penalty> for PenaltyView {
    fn from(penalty: Penalty) -> Self {
        Self {
            object: "penalty",
            kind: penalty.kind.name(),
            restored_at: penalty.restored.as_ref().map(|r| r.at),
            verification_session: penalty.restored.map(|r| r.session.to_string()),
            reference: penalty.reference,
            violation: penalty.violation,
            reason: penalty.reason,
            at: penalty.at,
        }
    }
}

/// A penalty that was imposed, and the shop as it stands by it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct PenalisedView {
    #[serde(flatten)]
    penalty: PenaltyView,
    /// Your own id for the shop.
    shop: String,
    /// How the shop stands now.
    #[schema(example = "temporarily_closed")]
    shop_status: &'static str,
    /// What of the deposit you pay out, when the shop was closed for ever.
    refunded_cents: Option<i64>,
    /// The ban of its owner, when the shop was closed for ever and its owner is known.
    #[schema(example = "ban_01aryz6s410000000000000000")]
    ban: Option<String>,
}

impl From<Penalised> for PenalisedView {
    fn from(Penalised { shop, penalty, refunded_cents, ban }: Penalised) -> Self {
        let (shop_status, ban) = (shop.status().name(), ban.map(|id| id.to_string()));
        Self { penalty: penalty.into(), shop_status, shop: shop.id, refunded_cents, ban }
    }
}

/// What is imposed.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Imposed {
    /// Your own id of it: the same one again is the same penalty.
    #[schema(example = "penalty-7", min_length = 1, max_length = 128)]
    reference: String,
    /// `warning`: on record, and no more. `temporary_closure`: until the owner has passed the same verification again.
    /// `permanent_closure`: for ever.
    #[schema(value_type = String, example = "temporary_closure")]
    kind: PenaltyKind,
    /// Which rule was broken, by a name of your own list.
    #[schema(example = "counterfeit-goods", pattern = "^[a-z0-9_-]{1,64}$")]
    violation: String,
    /// Why, without anything of a person.
    #[schema(
        example = "Three buyers proved that the goods are counterfeit.",
        min_length = 1,
        max_length = 500
    )]
    reason: String,
    /// What it takes from the deposit, in integer cents; an entry of the deposit with the penalty's reference.
    #[serde(default)]
    #[schema(example = 50_000, minimum = 0, maximum = 1_000_000_000_000_i64)]
    deduct_cents: i64,
    /// Your own id of the refund of what is left; needed for a permanent closure while a deposit may be held.
    #[serde(default)]
    #[schema(example = "refund-4711", min_length = 1, max_length = 128)]
    refund_reference: Option<String>,
}

/// Impose a penalty on a shop
///
/// A temporary closure ends when a verification session of the owner, of the same program and created after it, has
/// passed. A permanent closure also ends the shop's sub-accounts, gives back what is left of its deposit, and bans its owner. The same
/// penalty again has no second effect.
#[utoipa::path(
    post, path = "/v1/shops/{id}/penalties", tag = "penalties", security(("key" = [])),
    params(("id" = String, Path, example = "shop-42")),
    request_body = Imposed,
    responses(
        (status = 201, description = "Imposed.", body = PenalisedView),
    )
)]
pub(super) async fn impose(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(shop): Path<String>,
    Json(imposed): Json<Imposed>,
) -> Result<Response, Problem> {
    caller.may(Scope::ShopsWrite)?;
    let Imposed { reference, kind, violation, reason, deduct_cents, refund_reference } = imposed;
    if deduct_cents != 0 || kind == PenaltyKind::PermanentClosure {
        caller.may(Scope::DepositsWrite)?;
    }
    let new = NewPenalty { reference, kind, violation, reason };
    let (mode, by) = (caller.0.mode, caller.actor());
    let command = PenaliseShop { mode, shop, new, deduct_cents, refund_reference, by };
    repeatable.run(&state, &caller, StatusCode::CREATED, command, PenalisedView::from).await
}

/// List the penalties of a shop
///
/// Newest first.
#[utoipa::path(
    get, path = "/v1/shops/{id}/penalties", tag = "penalties", security(("key" = [])),
    params(("id" = String, Path, example = "shop-42"), Place),
    responses(
        (status = 200, description = "A page of penalties.", body = List<PenaltyView>),
    )
)]
pub(super) async fn list(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
    Query(place): Query<Place>,
) -> Result<Json<List<PenaltyView>>, Problem> {
    caller.may(Scope::ShopsRead)?;
    let penalties = state.app.shop(caller.0.mode, &id).await?.penalties;
    let end = match &place.after {
        Some(after) => penalties.iter().position(|p| p.reference == *after).unwrap_or(0),
        None => penalties.len(),
    };
    let window = Window::of(place.limit);
    let shown = penalties[..end].iter().rev().take(window.ask() as usize).cloned().collect();
    Ok(Json(window.page(shown, PenaltyView::from)))
}
