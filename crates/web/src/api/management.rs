//! `/v1/shops/{id}/management_links`: the page where a shop's owner sees and manages its sub-accounts.

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shiren_app::record::Scope;
use shiren_app::{MakeManagementLink, ManagementLink};
use utoipa::ToSchema;

use super::Problem;
use super::auth::Caller;
use super::body::{Json, Path};
use super::once::Repeatable;
use crate::state::State;

/// Where the link leads.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewManagementLink {
    /// The sub-account to whose code it leads at once: for when you have just created it. Without it, to the list.
    #[serde(default)]
    #[schema(example = "shop-42:7")]
    staff: Option<String>,
}

/// A link to the page of a shop's sub-accounts.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ManagementLinkView {
    /// Always `management_link`.
    object: &'static str,
    /// Your own id for the shop.
    shop: String,
    /// Send the owner there at once: it opens once. Give it to nobody else.
    url: String,
    /// Until when it can be opened.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// Make a link to the page of a shop's sub-accounts
///
/// For whoever is signed in at your place as the shop's owner: it shows how each sub-account stands, lets them unbind a
/// user and lift a freeze, and shows the code to verify with. Never who stands behind a sub-account. Opens once, within
/// five minutes; the browser that opened it may manage for an hour.
#[utoipa::path(
    post, path = "/v1/shops/{id}/management_links", tag = "staff", security(("key" = [])),
    params(("id" = String, Path, example = "shop-42")),
    request_body = NewManagementLink,
    responses(
        (status = 201, description = "A fresh link.", body = ManagementLinkView),
    )
)]
pub(super) async fn manage(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(shop): Path<String>,
    Json(asked): Json<NewManagementLink>,
) -> Result<Response, Problem> {
    caller.may(Scope::ShopsWrite)?;
    let command = MakeManagementLink {
        mode: caller.0.mode,
        shop: shop.clone(),
        staff: asked.staff,
        by: caller.0.name.clone(),
    };
    let view = |made: ManagementLink| ManagementLinkView {
        object: "management_link",
        shop: shop.clone(),
        url: format!("{}/m/{}", state.site.public_url, made.secret),
        expires_at: made.expires_at,
    };
    repeatable.run(&state, &caller, StatusCode::CREATED, command, view).await
}
