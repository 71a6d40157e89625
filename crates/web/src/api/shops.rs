//! `/v1/shops`.

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shiren_app::port::ShopQuery;
use shiren_app::record::Scope;
use shiren_app::{PutShopZone, RegisterShop};
use shiren_core::account::shop::{Company, CompanyRole, Shop, ShopStatus};
use shiren_core::account::zone::{UnknownZone, ZoneName};
use shiren_core::account::{Account, AccountKind};
use utoipa::{IntoParams, ToSchema};

use super::Problem;
use super::auth::Caller;
use super::body::{Json, Path, Query, unprocessable};
use super::once::Repeatable;
use super::page::{List, Window};
use super::responsible::{AskedFor, ResponsibleView};
use crate::state::State;

/// A shop.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ShopView {
    /// Your own id for it.
    #[schema(example = "shop-42")]
    id: String,
    /// Always `shop`.
    object: &'static str,
    /// `test` or `live`.
    mode: &'static str,
    #[serde(rename = "type")]
    #[schema(example = "c2c")]
    shop_type: String,
    /// `registered`, also when its owner was evicted; `open` once its owner is certified; `temporarily_closed` for a violation until the owner has passed
    /// the same verification again; `permanently_closed` for a violation; `closed` by its owner.
    #[schema(example = "registered")]
    status: &'static str,
    /// How many sub-accounts it may have.
    staff_quota: u32,
    /// The verification that certified the owner; nothing before, and after the owner was evicted.
    verification_session: Option<String>,
    /// By which clock it lives.
    test_clock: Option<String>,
    /// In which time zone its days count: its own, or the platform's.
    #[schema(example = "Asia/Shanghai")]
    time_zone: String,
    /// The company that it is of; nothing for an individual's.
    #[serde(skip_serializing_if = "Option::is_none")]
    company: Option<CompanyView>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl ShopView {
    fn of(state: &State, shop: Shop) -> Self {
        Self {
            object: "shop",
            mode: shop.mode.name(),
            status: shop.status().name(),
            staff_quota: state.app.staff_quota(&shop),
            time_zone: state.app.zone_of_shop(&shop).iana_name().unwrap_or("UTC").to_owned(),
            verification_session: shop.owner().map(|o| o.session.to_string()),
            test_clock: shop.clock.map(|c| c.to_string()),
            company: shop.company.as_ref().map(CompanyView::of),
            id: shop.id,
            shop_type: shop.shop_type,
            created_at: shop.created_at,
        }
    }
}

/// A company, by its business licence.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct CompanyView {
    #[schema(example = "91350100M000100Y43")]
    credit_code: String,
    /// As you registered it, if you did.
    #[schema(example = "样本贸易有限公司")]
    name: Option<String>,
    /// As whom the shop's owner verifies: `legal_person` or `operator`.
    #[schema(example = "legal_person")]
    verifies_as: &'static str,
}

impl CompanyView {
    fn of(company: &Company) -> Self {
        Self {
            credit_code: company.credit_code().to_owned(),
            name: company.name().map(str::to_owned),
            verifies_as: company.role().name(),
        }
    }
}

/// What a company's business licence must say. Whoever verifies as the shop's owner shows it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewCompany {
    /// 统一社会信用代码 (GB 32100), both of whose check digits must be right.
    #[schema(example = "91350100M000100Y43", min_length = 18, max_length = 18)]
    credit_code: String,
    /// Its name; where the licence has another one, a person decides.
    #[serde(default)]
    #[schema(example = "样本贸易有限公司", min_length = 1, max_length = 100)]
    name: Option<String>,
    /// As whom the shop's owner verifies: `legal_person` (法定代表人, whose name stands on the licence) or `operator` (经办人).
    #[schema(value_type = String, example = "legal_person", pattern = "^(legal_person|operator)$")]
    verifies_as: CompanyRole,
}

impl NewCompany {
    fn sound(self) -> Result<Company, Problem> {
        let company = Company::new(&self.credit_code, self.verifies_as);
        let company = company.map_err(|e| unprocessable("company.credit_code", &e.to_string()))?;
        match self.name {
            Some(name) => company.named(&name).map_err(|e| unprocessable("company.name", &e.to_string())),
            None => Ok(company),
        }
    }
}

/// Which shops to list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// Only in this status.
    status: Option<String>,
    /// At most so many, 1 to 100.
    #[serde(default, deserialize_with = "super::page::limit")]
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// Only those that were added before this one.
    #[serde(default, deserialize_with = "super::page::cursor")]
    after: Option<String>,
}

/// What a shop is registered with.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewShop {
    /// Your own id for it, for ever: never a name, phone or number of a person.
    #[schema(example = "shop-42", min_length = 1, max_length = 128)]
    id: String,
    /// Its type, as the operator's exemptions name it.
    #[serde(rename = "type")]
    #[schema(example = "c2c", pattern = "^[a-z0-9_-]{1,64}$")]
    shop_type: String,
    /// In test mode: by which clock it lives, with everything that belongs to it.
    #[serde(default)]
    #[schema(example = "clk_01aryz6s410000000000000000")]
    test_clock: Option<String>,
    /// The company that it is of; an individual's without one.
    #[serde(default)]
    company: Option<NewCompany>,
    /// In which time zone its days count, and those of its sub-accounts, by its IANA name; the platform's without one.
    #[serde(default)]
    #[schema(example = "America/New_York", max_length = 64)]
    time_zone: Option<String>,
}

/// In which time zone the days of a shop count.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewZone {
    /// Its IANA name; `null` for the platform's.
    #[schema(required, example = "Pacific/Auckland", max_length = 64)]
    #[serde(deserialize_with = "Option::deserialize")]
    time_zone: Option<String>,
}

fn zone(name: Option<String>) -> Result<Option<ZoneName>, Problem> {
    let read =
        |name: String| name.parse().map_err(|e: UnknownZone| unprocessable("time_zone", &e.to_string()));
    name.map(read).transpose()
}

/// Register a shop
///
/// It is open once a verification session of its owner has passed.
#[utoipa::path(
    post, path = "/v1/shops", tag = "shops", security(("key" = [])),
    request_body = NewShop,
    responses(
        (status = 201, description = "Registered.", body = ShopView),
    )
)]
pub(super) async fn create(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Json(new): Json<NewShop>,
) -> Result<Response, Problem> {
    caller.may(Scope::ShopsWrite)?;
    let clock =
        new.test_clock.map(|id| id.parse().map_err(|_| unprocessable("test_clock", "this is no clock's id")));
    let clock = clock.transpose()?;
    let company = new.company.map(NewCompany::sound).transpose()?;
    let (mode, time_zone) = (caller.0.mode, zone(new.time_zone)?);
    let command = RegisterShop { mode, id: new.id, shop_type: new.shop_type, clock, company, time_zone };
    let view = |shop| ShopView::of(&state, shop);
    repeatable.run(&state, &caller, StatusCode::CREATED, command, view).await
}

/// Set the time zone of a shop
///
/// What was planned until then stays as it was told: due days, windows of temporary sub-accounts, deadlines of cases.
#[utoipa::path(
    put, path = "/v1/shops/{id}/time_zone", tag = "shops", security(("key" = [])),
    params(("id" = String, Path, example = "shop-42")),
    request_body = NewZone,
    responses(
        (status = 200, description = "Kept.", body = ShopView),
    )
)]
pub(super) async fn put_zone(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(shop): Path<String>,
    Json(new): Json<NewZone>,
) -> Result<Response, Problem> {
    caller.may(Scope::ShopsWrite)?;
    let command = PutShopZone { mode: caller.0.mode, shop, time_zone: zone(new.time_zone)? };
    let view = |shop| ShopView::of(&state, shop);
    repeatable.run(&state, &caller, StatusCode::OK, command, view).await
}

/// Retrieve a shop
#[utoipa::path(
    get, path = "/v1/shops/{id}", tag = "shops", security(("key" = [])),
    params(("id" = String, Path, example = "shop-42")),
    responses(
        (status = 200, description = "The shop.", body = ShopView),
    )
)]
pub(super) async fn retrieve(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<ShopView>, Problem> {
    caller.may(Scope::ShopsRead)?;
    let shop = state.app.shop(caller.0.mode, &id).await?;
    Ok(Json(ShopView::of(&state, shop)))
}

/// List shops
///
/// Newest first.
#[utoipa::path(
    get, path = "/v1/shops", tag = "shops", security(("key" = [])), params(Wanted),
    responses(
        (status = 200, description = "A page of shops.", body = List<ShopView>),
    )
)]
pub(super) async fn list(
    Shared(state): Shared<State>,
    caller: Caller,
    Query(wanted): Query<Wanted>,
) -> Result<Json<List<ShopView>>, Problem> {
    caller.may(Scope::ShopsRead)?;
    let window = Window::of(wanted.limit);
    let status = wanted.status.map(|name| {
        let named = ShopStatus::ALL.into_iter().find(|s| s.name() == name);
        named.ok_or_else(|| unprocessable("status", "this is no status of a shop"))
    });
    let query = ShopQuery {
        status: status.transpose()?,
        after: wanted.after,
        ..ShopQuery::of(caller.0.mode, window.ask())
    };
    Ok(Json(window.page(state.app.shops(&query).await?, |shop| ShopView::of(&state, shop))))
}

/// Find the responsible person of a shop
///
/// At any moment of the past. Values are masked, and every look is in the log with its purpose.
#[utoipa::path(
    get, path = "/v1/shops/{id}/responsible", tag = "shops", security(("key" = [])),
    params(("id" = String, Path, example = "shop-42"), AskedFor),
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
    super::responsible::look(&state, &caller, Account { kind: AccountKind::Shop, id }, asked).await
}
