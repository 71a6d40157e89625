//! `/v1/accounts/{kind}/{id}/references`.

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use shiren_app::record::Scope;
use shiren_app::{KeepReferences, References};
use shiren_core::account::{Account, AccountKind};
use utoipa::ToSchema;

use super::Problem;
use super::auth::Caller;
use super::body::{Json, Path, unprocessable};
use super::once::Repeatable;
use crate::state::State;

/// What is registered of an account, masked.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ReferencesView {
    /// Always `references`.
    object: &'static str,
    /// Of which account.
    #[schema(value_type = Object, example = json!({ "kind": "shop", "id": "shop-42" }))]
    account: Account,
    /// The name of who is to verify.
    #[schema(example = "王*")]
    name: Option<String>,
    /// A phone; `null` when none is registered.
    #[schema(example = "+861******8000")]
    phone: Option<String>,
    /// A payment account.
    #[schema(example = "a***@example.com")]
    payment_account: Option<String>,
    /// A bank card.
    #[schema(example = "************7894")]
    bank_card: Option<String>,
}

impl ReferencesView {
    fn of(account: Account, masked: References) -> Self {
        let References { phone, payment_account, bank_card, name } = masked;
        Self { object: "references", account, name, phone, payment_account, bank_card }
    }
}

/// What is registered from now on, in place of what was.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Registered {
    /// The name of who is to verify: an individual's own, a company's legal person's or operator's, a sub-account's user's. A
    /// document with another one goes to a person (`registered_name_differs`).
    #[serde(default)]
    #[schema(example = "王芳", min_length = 1, max_length = 100)]
    name: Option<String>,
    /// A phone: `+` with country code and number, or a mobile number of mainland China.
    #[serde(default)]
    #[schema(example = "+8613800138000", max_length = 24)]
    phone: Option<String>,
    /// A payment account, by its name there; case does not matter.
    #[serde(default)]
    #[schema(example = "ann@example.com", min_length = 1, max_length = 64)]
    payment_account: Option<String>,
    /// A bank card's number, 12 to 19 digits with a right check digit.
    #[serde(default)]
    #[schema(example = "6222021234567894", max_length = 30)]
    bank_card: Option<String>,
}

/// Register what a verification must agree with
///
/// In place of all that was registered of the account before; nothing forgets all of it. It is sealed, and never given back
/// but masked. Whoever verifies for the account is asked for what is registered; another phone, payment account or card is
/// told before anything is handed in (`phone_changed`, `payment_account_changed`, `bank_card_changed`), with a way to
/// prove it. Once that verification has passed, the new one is registered by itself, and `account.phone_changed` or its
/// like tells you. A `name` is asked of nobody: the document must say it, or a person decides, after whom the document's is
/// registered (`account.name_changed`).
#[utoipa::path(
    post, path = "/v1/accounts/{kind}/{id}/references", tag = "references", security(("key" = [])),
    params(
        ("kind" = String, Path, example = "shop", description = "`shop`, `staff` or `buyer`."),
        ("id" = String, Path, example = "shop-42"),
    ),
    request_body = Registered,
    responses(
        (status = 200, description = "Registered.", body = ReferencesView),
    )
)]
pub(super) async fn keep(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path((kind, id)): Path<(String, String)>,
    Json(new): Json<Registered>,
) -> Result<Response, Problem> {
    caller.may(Scope::SessionsWrite)?;
    let account = account(&kind, id)?;
    let Registered { name, phone, payment_account, bank_card } = new;
    let command = KeepReferences {
        mode: caller.0.mode,
        account: account.clone(),
        references: References { phone, payment_account, bank_card, name },
        by: format!("key:{}", caller.0.name),
    };
    let view = |masked| ReferencesView::of(account.clone(), masked);
    repeatable.run(&state, &caller, StatusCode::OK, command, view).await
}

/// Retrieve what is registered of an account
///
/// Masked; each look is in the log.
#[utoipa::path(
    get, path = "/v1/accounts/{kind}/{id}/references", tag = "references", security(("key" = [])),
    params(
        ("kind" = String, Path, example = "shop", description = "`shop`, `staff` or `buyer`."),
        ("id" = String, Path, example = "shop-42"),
    ),
    responses(
        (status = 200, description = "What is registered.", body = ReferencesView),
    )
)]
pub(super) async fn retrieve(
    Shared(state): Shared<State>,
    caller: Caller,
    Path((kind, id)): Path<(String, String)>,
) -> Result<Json<ReferencesView>, Problem> {
    caller.may(Scope::SessionsRead)?;
    let account = account(&kind, id)?;
    let by = format!("key:{}", caller.0.name);
    let masked = state.app.references(caller.0.mode, &account, &by).await?;
    Ok(Json(ReferencesView::of(account, masked)))
}

/// The account that a path names.
pub(super) fn account(kind: &str, id: String) -> Result<Account, Problem> {
    let none = || Problem::new(StatusCode::NOT_FOUND, "not_found", "there is no such kind of account");
    let account = Account { kind: AccountKind::named(kind).ok_or_else(none)?, id };
    match account.is_sound() {
        true => Ok(account),
        false => Err(unprocessable("id", "1 to 128 characters, none of them a control character")),
    }
}
