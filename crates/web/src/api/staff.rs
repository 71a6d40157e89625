//! `/v1/shops/{id}/staff` and `/v1/staff`: sub-accounts.

use std::collections::BTreeMap;

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shiren_app::port::{StaffCount, StaffQuery};
use shiren_app::record::Scope;
use shiren_app::{ChangeStaff, CreateStaff, NewSubAccount, StaffAct, StaffFile};
use shiren_core::account::actor::Actor;
use shiren_core::account::staff::{Demand, Left, Role, Standing};
use utoipa::{IntoParams, ToSchema};

use super::Problem;
use super::auth::Caller;
use super::body::{Json, Path, Query, unprocessable};
use super::once::Repeatable;
use super::page::{List, Window};
use crate::state::State;

/// A sub-account of a shop.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct StaffView {
    /// Your own id for it.
    #[schema(example = "shop-42:7")]
    id: String,
    /// Always `staff`.
    object: &'static str,
    /// Your own id for its shop.
    #[schema(example = "shop-42")]
    shop: String,
    /// Its name, for ever.
    name: String,
    /// What its user does: `manager`, `customer_service`, `operations`, `finance`, `warehouse` or `other`.
    #[schema(value_type = String, example = "customer_service")]
    role: Role,
    /// `unasked`, `asked`, `frozen`, `lifted` or `verified`; for a temporary one `waiting` or `open`; `disabled` in
    /// the end.
    #[schema(example = "asked")]
    status: &'static str,
    /// Whether it may be used now.
    works: bool,
    /// Whether somebody is bound to it. A user who is bound is `asked` when a re-check is, and `frozen` when it was missed.
    bound: bool,
    /// What is asked of its user: a `first` verification, or a `recheck` of who is bound; `null` when nothing is.
    #[schema(example = "first")]
    demand: Option<&'static str>,
    /// When the next scheduled re-check of its user is due; they are asked before.
    #[schema(value_type = Option<String>, format = DateTime)]
    recheck_due_at: Option<Timestamp>,
    /// The verification session that is being looked at; the countdown stands still meanwhile.
    reviewed: Option<String>,
    /// When the countdown ends, or the window of a temporary one opens or closes.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// How many seconds are left of a countdown that stands still.
    seconds_left: Option<i64>,
    /// Since when it is frozen, verified or disabled.
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
    /// How often its freeze was lifted since its user was asked last.
    lifts: usize,
    /// Whether it has a phone that guards sign-ins. It is not the phone that its user verified with.
    security_phone: bool,
    /// How it stands by now.
    #[schema(value_type = String, format = DateTime)]
    as_of: Timestamp,
}

impl From<StaffFile> for StaffView {
    fn from(StaffFile { staff, now }: StaffFile) -> Self {
        let (until, seconds_left, since) = match &staff.standing {
            Standing::Unasked => (None, None, None),
            Standing::Asked(countdown) | Standing::Lifted(countdown) => match countdown.left {
                Left::Until(end) => (Some(end), None, None),
                Left::Millis(left) => (None, Some(left / 1000), None),
            },
            Standing::Frozen { since } | Standing::Verified { since } | Standing::Disabled { since, .. } => {
                (None, None, Some(*since))
            }
            Standing::Waiting(window) => (Some(window.opens_at), None, None),
            Standing::Open(window) => (Some(window.closes_at), None, None),
        };
        Self {
            object: "staff",
            status: staff.standing.name(),
            works: staff.works(now),
            bound: staff.bound().is_some(),
            demand: staff.demand().map(Demand::name),
            recheck_due_at: staff.next_check,
            reviewed: staff.review.map(|r| r.session.to_string()),
            until,
            seconds_left,
            since,
            lifts: staff.lifts.len(),
            security_phone: staff.security_phone.is_some(),
            as_of: now,
            id: staff.id,
            shop: staff.shop,
            name: staff.name,
            role: staff.role,
        }
    }
}

/// What a new sub-account is made of.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewStaff {
    /// Your own id for it, for ever; unique among all shops.
    #[schema(example = "shop-42:7", min_length = 1, max_length = 128)]
    id: String,
    /// Its name, which can never be changed.
    #[schema(example = "客服小王", min_length = 1, max_length = 64)]
    name: String,
    /// What its user does (岗位).
    #[schema(value_type = String, example = "customer_service")]
    role: Role,
    /// `ordinary`, or `temporary`: for a promotion only, and without verification.
    #[serde(default, rename = "type")]
    #[schema(value_type = String, example = "ordinary")]
    kind: Kind,
}

/// Kinds of sub-account.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    #[default]
    Ordinary,
    Temporary,
}

/// What can change about a sub-account.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Amend {
    /// Refused, unless it is the one that stands: a name is for ever.
    #[serde(default)]
    name: Option<String>,
    /// What its user does.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "finance")]
    role: Option<Role>,
    /// The phone that guards sign-ins. Kept as a tag only, and of no meaning for verification.
    #[serde(default)]
    #[schema(example = "+8613800138000")]
    security_phone: Option<String>,
}

/// On whose behalf you act.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OnBehalf {
    /// `owner`, when the shop's owner asked for it; without it, your own system did.
    #[serde(default)]
    #[schema(example = "owner")]
    by: Option<String>,
}

impl OnBehalf {
    fn actor(self, caller: &Caller) -> Result<Actor, Problem> {
        match self.by.as_deref() {
            None => Ok(Actor::Key(caller.0.name.clone())),
            Some("owner") => Ok(Actor::Owner),
            Some(_) => Err(unprocessable("by", "owner, or nothing")),
        }
    }
}

/// Create a sub-account
///
/// An ordinary one works at once; its user is asked to verify when you say so.
#[utoipa::path(
    post, path = "/v1/shops/{id}/staff", tag = "staff", security(("key" = [])),
    params(("id" = String, Path, example = "shop-42")),
    request_body = NewStaff,
    responses(
        (status = 201, description = "Created.", body = StaffView),
    )
)]
pub(super) async fn create(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(shop): Path<String>,
    Json(new): Json<NewStaff>,
) -> Result<Response, Problem> {
    caller.may(Scope::ShopsWrite)?;
    let temporary = matches!(new.kind, Kind::Temporary);
    let new = NewSubAccount { id: new.id, name: new.name, role: new.role, temporary };
    let command = CreateStaff { mode: caller.0.mode, shop, new };
    repeatable.run(&state, &caller, StatusCode::CREATED, command, StaffView::from).await
}

/// Which sub-accounts.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    /// Only in this status; `in_review` finds those whose verification is being looked at.
    status: Option<String>,
    /// Only those with (`true`) or without somebody who is bound: `status=asked&bound=true` finds re-checks.
    bound: Option<bool>,
    /// At most so many, 1 to 100.
    #[serde(default, deserialize_with = "super::page::limit")]
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// Only those that were made before this one.
    #[serde(default, deserialize_with = "super::page::cursor")]
    after: Option<String>,
}

/// What finds those whose verification is being looked at.
pub(super) const IN_REVIEW: &str = "in_review";

/// List the sub-accounts of a shop
///
/// Newest first.
#[utoipa::path(
    get, path = "/v1/shops/{id}/staff", tag = "staff", security(("key" = [])),
    params(("id" = String, Path, example = "shop-42"), Which),
    responses(
        (status = 200, description = "A page of sub-accounts.", body = List<StaffView>),
    )
)]
pub(super) async fn list(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(shop): Path<String>,
    Query(which): Query<Which>,
) -> Result<Json<List<StaffView>>, Problem> {
    caller.may(Scope::ShopsRead)?;
    let (standing, reviewed) = match which.status {
        Some(status) if status == IN_REVIEW => (None, Some(true)),
        Some(status) if !Standing::NAMES.contains(&status.as_str()) => {
            return Err(unprocessable("status", "there is no such status"));
        }
        standing => (standing, None),
    };
    let window = Window::of(which.limit);
    let (mode, after, limit) = (caller.0.mode, which.after, window.ask());
    let query = StaffQuery { mode, shop, standing, reviewed, bound: which.bound, after, limit };
    Ok(Json(window.page(state.app.staff_of(&query).await?, StaffView::from)))
}

/// How many sub-accounts of a shop stand how.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct StaffCountsView {
    /// Always `staff_counts`.
    object: &'static str,
    /// Your own id for the shop.
    #[schema(example = "shop-42")]
    shop: String,
    /// All, the disabled ones too.
    total: u32,
    /// So many in each status, the frozen, asked and lifted ones with those that are looked at.
    #[schema(example = json!({ "asked": 2, "disabled": 0, "frozen": 1, "lifted": 0, "open": 0, "unasked": 3, "verified": 4, "waiting": 0 }))]
    status: BTreeMap<&'static str, u32>,
    /// So many whose verification is being looked at, whatever their status.
    in_review: u32,
    /// So many of whose bound users a re-check is asked, missed ones too.
    recheck: u32,
}

/// Count the sub-accounts of a shop
///
/// By status, as the list filters them.
#[utoipa::path(
    get, path = "/v1/shops/{id}/staff_counts", tag = "staff", security(("key" = [])),
    params(("id" = String, Path, example = "shop-42")),
    responses(
        (status = 200, description = "How many there are.", body = StaffCountsView),
    )
)]
pub(super) async fn counts(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(shop): Path<String>,
) -> Result<Json<StaffCountsView>, Problem> {
    caller.may(Scope::ShopsRead)?;
    let counts = state.app.staff_counts(caller.0.mode, &shop).await?;
    let of = |which: &dyn Fn(&StaffCount) -> bool| counts.iter().filter(|c| which(c)).map(|c| c.count).sum();
    let status = Standing::NAMES.map(|name| (name, of(&|c| c.standing == name)));
    Ok(Json(StaffCountsView {
        object: "staff_counts",
        shop,
        total: of(&|_| true),
        status: status.into(),
        in_review: of(&|c| c.reviewed),
        recheck: of(&|c| c.bound && c.standing != "verified"),
    }))
}

/// Retrieve a sub-account
#[utoipa::path(
    get, path = "/v1/staff/{id}", tag = "staff", security(("key" = [])),
    params(("id" = String, Path, example = "shop-42:7")),
    responses(
        (status = 200, description = "The sub-account.", body = StaffView),
    )
)]
pub(super) async fn retrieve(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<StaffView>, Problem> {
    caller.may(Scope::ShopsRead)?;
    Ok(Json(state.app.staff(caller.0.mode, &id).await?.into()))
}

async fn change(
    state: &State,
    caller: &Caller,
    repeatable: Repeatable,
    id: String,
    act: StaffAct,
) -> Result<Response, Problem> {
    caller.may(Scope::ShopsWrite)?;
    let command = ChangeStaff { mode: caller.0.mode, id, act };
    repeatable.run(state, caller, StatusCode::OK, command, StaffView::from).await
}

/// Change a sub-account
///
/// Role and security phone. Name and user cannot be changed.
#[utoipa::path(
    post, path = "/v1/staff/{id}", tag = "staff", security(("key" = [])),
    params(("id" = String, Path, example = "shop-42:7")),
    request_body = Amend,
    responses(
        (status = 200, description = "Changed.", body = StaffView),
    )
)]
pub(super) async fn amend(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(id): Path<String>,
    Json(amend): Json<Amend>,
) -> Result<Response, Problem> {
    let Amend { name, role, security_phone } = amend;
    change(&state, &caller, repeatable, id, StaffAct::Amend { name, role, security_phone }).await
}

/// Ask the user of a sub-account to verify
///
/// Seven days later (a setting) it freezes, unless they have passed; while a submission is looked at, the time stands
/// still.
#[utoipa::path(
    post, path = "/v1/staff/{id}/ask", tag = "staff", security(("key" = [])),
    params(("id" = String, Path, example = "shop-42:7")),
    responses(
        (status = 200, description = "Asked.", body = StaffView),
    )
)]
pub(super) async fn ask(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    change(&state, &caller, repeatable, id, StaffAct::Ask).await
}

/// By when a re-check must be done.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Within {
    /// In so many hours from now, 1 to 8760; 168 without a number (a setting).
    #[serde(default)]
    #[schema(minimum = 1, maximum = 8760, example = 72)]
    hours: Option<u32>,
}

/// Ask the user of a sub-account for a re-check
///
/// Whoever is bound verifies once more: make a session as for the first time. The sub-account is `asked` meanwhile, and
/// `frozen` when it was missed. Another identity is refused; another face goes to a person. Scheduled ones come by
/// themselves, 180 days (a setting) after the last one that was passed.
#[utoipa::path(
    post, path = "/v1/staff/{id}/recheck", tag = "staff", security(("key" = [])),
    params(("id" = String, Path, example = "shop-42:7")),
    request_body = Within,
    responses(
        (status = 200, description = "Asked.", body = StaffView),
    )
)]
pub(super) async fn recheck(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(id): Path<String>,
    Json(within): Json<Within>,
) -> Result<Response, Problem> {
    change(&state, &caller, repeatable, id, StaffAct::Recheck { hours: within.hours }).await
}

/// Take the demand back
///
/// As when shops of this type become exempt; a freeze ends with it. Of a user who is bound the next re-check is due as if
/// they had passed.
#[utoipa::path(
    post, path = "/v1/staff/{id}/excuse", tag = "staff", security(("key" = [])),
    params(("id" = String, Path, example = "shop-42:7")),
    responses(
        (status = 200, description = "Excused.", body = StaffView),
    )
)]
pub(super) async fn excuse(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    change(&state, &caller, repeatable, id, StaffAct::Excuse).await
}

/// Unbind the user of a sub-account
///
/// Its settings stay; another user has seven days (a setting) to verify. Identity and phone are free again in the
/// shop, and who stood behind it until now stays known.
#[utoipa::path(
    post, path = "/v1/staff/{id}/unbind", tag = "staff", security(("key" = [])),
    params(("id" = String, Path, example = "shop-42:7")),
    request_body = OnBehalf,
    responses(
        (status = 200, description = "Unbound.", body = StaffView),
    )
)]
pub(super) async fn unbind(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(id): Path<String>,
    Json(behalf): Json<OnBehalf>,
) -> Result<Response, Problem> {
    let by = behalf.actor(&caller)?;
    change(&state, &caller, repeatable, id, StaffAct::Unbind { by }).await
}

/// Lift the freeze of a sub-account
///
/// For two days (a setting); not verified by then, it freezes again. Every lift is recorded.
#[utoipa::path(
    post, path = "/v1/staff/{id}/lift", tag = "staff", security(("key" = [])),
    params(("id" = String, Path, example = "shop-42:7")),
    request_body = OnBehalf,
    responses(
        (status = 200, description = "Lifted.", body = StaffView),
    )
)]
pub(super) async fn lift(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(id): Path<String>,
    Json(behalf): Json<OnBehalf>,
) -> Result<Response, Problem> {
    let by = behalf.actor(&caller)?;
    change(&state, &caller, repeatable, id, StaffAct::Lift { by }).await
}

/// Remove a sub-account
///
/// It will not work again; who stood behind it when stays known.
#[utoipa::path(
    post, path = "/v1/staff/{id}/remove", tag = "staff", security(("key" = [])),
    params(("id" = String, Path, example = "shop-42:7")),
    request_body = OnBehalf,
    responses(
        (status = 200, description = "Removed.", body = StaffView),
    )
)]
pub(super) async fn remove(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(id): Path<String>,
    Json(behalf): Json<OnBehalf>,
) -> Result<Response, Problem> {
    let by = behalf.actor(&caller)?;
    change(&state, &caller, repeatable, id, StaffAct::Remove { by }).await
}
