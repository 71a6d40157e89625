//! `/v1/shops/{id}/deposit` and `/v1/deposit_categories`.

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shiren_app::record::Scope;
use shiren_app::{CloseShop, Deposit, Listing, MoveDeposit};
use shiren_core::deposit::{Category, Entry, LedgerAccount, Movement};
use utoipa::ToSchema;

use super::Problem;
use super::auth::Caller;
use super::body::{Json, Path, Query};
use super::once::Repeatable;
use super::page::{List, Place, Window};
use crate::state::State;

/// A shop's deposit. Amounts are integer cents.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct DepositView {
    /// Your own id for the shop.
    #[schema(example = "shop-42")]
    shop: String,
    /// Always `deposit`.
    object: &'static str,
    /// As the shop's own.
    #[schema(example = "open")]
    shop_status: &'static str,
    /// What is held.
    #[schema(example = 2_000_000)]
    held_cents: i64,
    /// What was paid in, ever.
    paid_cents: i64,
    /// What buyers got in disputes.
    compensated_cents: i64,
    /// What was deducted for broken rules.
    deducted_cents: i64,
    /// What was given back.
    refunded_cents: i64,
}

impl From<Deposit> for DepositView {
    fn from(Deposit { shop, ledger }: Deposit) -> Self {
        Self {
            object: "deposit",
            shop_status: shop.status().name(),
            held_cents: ledger.balance(LedgerAccount::Held),
            paid_cents: -ledger.balance(LedgerAccount::Paid),
            compensated_cents: ledger.balance(LedgerAccount::Compensated),
            deducted_cents: ledger.balance(LedgerAccount::Deducted),
            refunded_cents: ledger.balance(LedgerAccount::Refunded),
            shop: shop.id,
        }
    }
}

/// Money that moves.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Moved {
    /// `payment`, `compensation` or `deduction`.
    #[schema(value_type = String, example = "payment")]
    movement: Moving,
    /// Your own id of the payment, dispute or penalty: the same one again is the same entry.
    #[schema(example = "pay-4711", min_length = 1, max_length = 128)]
    reference: String,
    /// Integer cents.
    #[schema(example = 2_000_000, minimum = 1, maximum = 1_000_000_000_000_i64)]
    cents: i64,
}

/// What moves money before a shop closes.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Moving {
    Payment,
    Compensation,
    Deduction,
}

impl From<Moving> for Movement {
    fn from(moving: Moving) -> Self {
        match moving {
            Moving::Payment => Self::Payment,
            Moving::Compensation => Self::Compensation,
            Moving::Deduction => Self::Deduction,
        }
    }
}

/// How a shop is closed.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Closing {
    /// Your own id of the refund.
    #[schema(example = "refund-4711", min_length = 1, max_length = 128)]
    reference: String,
}

/// Retrieve a deposit
#[utoipa::path(
    get, path = "/v1/shops/{id}/deposit", tag = "deposits", security(("key" = [])),
    params(("id" = String, Path, example = "shop-42")),
    responses(
        (status = 200, description = "The deposit.", body = DepositView),
    )
)]
pub(super) async fn retrieve(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<DepositView>, Problem> {
    caller.may(Scope::DepositsRead)?;
    Ok(Json(state.app.deposit(caller.0.mode, &id).await?.into()))
}

/// Move money of a deposit
///
/// Notes what you moved: paid in by the shop, paid to a buyer in a dispute, or deducted for a broken rule. The same
/// reference with the same content again has no second effect.
#[utoipa::path(
    post, path = "/v1/shops/{id}/deposit/entries", tag = "deposits", security(("key" = [])),
    params(("id" = String, Path, example = "shop-42")),
    request_body = Moved,
    responses(
        (status = 201, description = "Noted.", body = DepositView),
    )
)]
pub(super) async fn enter(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(shop): Path<String>,
    Json(moved): Json<Moved>,
) -> Result<Response, Problem> {
    caller.may(Scope::DepositsWrite)?;
    let Moved { movement, reference, cents } = moved;
    let by = caller.actor();
    let command = MoveDeposit { mode: caller.0.mode, shop, movement: movement.into(), reference, cents, by };
    repeatable.run(&state, &caller, StatusCode::CREATED, command, DepositView::from).await
}

/// One entry of a deposit; never changed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct EntryView {
    /// Your own id of what it was.
    reference: String,
    /// `payment`, `compensation`, `deduction` or `refund`.
    movement: &'static str,
    cents: i64,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

impl From<Entry> for EntryView {
    fn from(entry: Entry) -> Self {
        Self { movement: entry.movement.name(), reference: entry.reference, cents: entry.cents, at: entry.at }
    }
}

/// List the entries of a deposit
///
/// Newest first.
#[utoipa::path(
    get, path = "/v1/shops/{id}/deposit/entries", tag = "deposits", security(("key" = [])),
    params(("id" = String, Path, example = "shop-42"), Place),
    responses(
        (status = 200, description = "A page of entries.", body = List<EntryView>),
    )
)]
pub(super) async fn entries(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
    Query(place): Query<Place>,
) -> Result<Json<List<EntryView>>, Problem> {
    caller.may(Scope::DepositsRead)?;
    let ledger = state.app.deposit(caller.0.mode, &id).await?.ledger;
    let entries = ledger.entries();
    let end = match &place.after {
        Some(after) => entries.iter().position(|e| e.reference == *after).unwrap_or(0),
        None => entries.len(),
    };
    let window = Window::of(place.limit);
    let shown = entries[..end].iter().rev().take(window.ask() as usize).cloned().collect();
    Ok(Json(window.page(shown, EntryView::from)))
}

/// Whether goods of a category may be listed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ListingView {
    category: CategoryView,
    /// Always `listing`.
    object: &'static str,
    /// Whether the shop may list goods of this category now.
    may_list: bool,
    /// Why not: `shop_not_open`, `recheck_missed`, `deposit_missing`.
    reasons: Vec<&'static str>,
    /// Cents that must still be paid in.
    missing_cents: i64,
}

impl From<Listing> for ListingView {
    fn from(listing: Listing) -> Self {
        Self {
            object: "listing",
            category: CategoryView::from(&listing.category),
            may_list: listing.reasons.is_empty(),
            reasons: listing.reasons,
            missing_cents: listing.missing,
        }
    }
}

/// Ask whether goods of a category may be listed
///
/// The shop must be open, and the category's deposit held.
#[utoipa::path(
    get, path = "/v1/shops/{id}/listings/{category}", tag = "deposits", security(("key" = [])),
    params(("id" = String, Path, example = "shop-42"), ("category" = String, Path, example = "laptops")),
    responses(
        (status = 200, description = "Whether they may.", body = ListingView),
    )
)]
pub(super) async fn listing(
    Shared(state): Shared<State>,
    caller: Caller,
    Path((id, category)): Path<(String, String)>,
) -> Result<Json<ListingView>, Problem> {
    caller.may(Scope::DepositsRead)?;
    Ok(Json(state.app.may_list(caller.0.mode, &id, &category).await?.into()))
}

/// A category of goods, and what must be held before they are listed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct CategoryView {
    #[schema(example = "laptops")]
    id: String,
    /// What people read, in both languages.
    #[schema(value_type = Object)]
    name: serde_json::Value,
    #[schema(example = 2_000_000)]
    cents: i64,
}

impl From<&Category> for CategoryView {
    fn from(category: &Category) -> Self {
        let name = serde_json::to_value(&category.name).unwrap_or_default();
        Self { id: category.id.clone(), name, cents: category.cents }
    }
}

/// List categories of goods
///
/// All of them, in the order of the operator's table.
#[utoipa::path(
    get, path = "/v1/deposit_categories", tag = "deposits", security(("key" = [])),
    responses(
        (status = 200, description = "The table.", body = List<CategoryView>),
    )
)]
pub(super) async fn categories(
    Shared(state): Shared<State>,
    caller: Caller,
) -> Result<Json<List<CategoryView>>, Problem> {
    caller.may(Scope::DepositsRead)?;
    let data = state.app.categories().iter().map(CategoryView::from).collect();
    Ok(Json(List { object: "list", data, has_more: false }))
}

/// Close a shop
///
/// For its owner, for ever. Its deposit goes back: in full, or less what was taken. Its sub-accounts end, and its owner
/// may open another shop.
#[utoipa::path(
    post, path = "/v1/shops/{id}/close", tag = "shops", security(("key" = [])),
    params(("id" = String, Path, example = "shop-42")),
    request_body = Closing,
    responses(
        (status = 200, description = "Closed; `refunded_cents` is what you pay out.", body = DepositView),
    )
)]
pub(super) async fn close(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(shop): Path<String>,
    Json(closing): Json<Closing>,
) -> Result<Response, Problem> {
    caller.may(Scope::ShopsWrite)?;
    caller.may(Scope::DepositsWrite)?;
    let by = caller.actor();
    let command = CloseShop { mode: caller.0.mode, shop, reference: closing.reference, by };
    repeatable.run(&state, &caller, StatusCode::OK, command, DepositView::from).await
}
