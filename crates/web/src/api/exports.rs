//! `/v1/accounts/{kind}/{id}/exports`: the person's own copy of their data.

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use shiren_app::ExportData;
use shiren_app::record::Scope;
use utoipa::ToSchema;

use super::Problem;
use super::auth::Caller;
use super::body::{Json, Path};
use super::once::Repeatable;
use super::references::account;
use super::sessions::{ContactView, SessionView};
use crate::state::State;

/// How the person comes to it.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewExport {
    /// Where the person goes afterwards; https.
    #[serde(default)]
    return_url: Option<String>,
    /// Where a link to go on later may be sent. The copy itself is sent nowhere.
    #[serde(default, deserialize_with = "super::body::object")]
    contact: ContactView,
}

/// Let a person take a copy of their data
///
/// Gives a session with a single-use link for the person, who verifies once more: document and live face must be of the
/// person whose data is kept for the account. Once it has passed, they take the copy on that page, once, within
/// `export_minutes`; it is handed to nobody else, and you are told `verification_session.exported`. The session says nothing
/// about the account, at the gate neither, and what it showed is erased when its time is over. `nothing_to_export` when
/// nothing is kept: it was erased, or nobody ever verified.
#[utoipa::path(
    post, path = "/v1/accounts/{kind}/{id}/exports", tag = "exports", security(("key" = [])),
    params(
        ("kind" = String, Path, example = "buyer", description = "`shop`, `staff`, `buyer` or `influencer`."),
        ("id" = String, Path, example = "buyer-7"),
    ),
    request_body = NewExport,
    responses(
        (status = 201, description = "The session in which they verify for it.", body = SessionView),
    )
)]
pub(super) async fn create(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path((kind, id)): Path<(String, String)>,
    Json(asked): Json<NewExport>,
) -> Result<Response, Problem> {
    caller.may(Scope::SessionsWrite)?;
    let command = ExportData {
        mode: caller.0.mode,
        account: account(&kind, id)?,
        return_url: asked.return_url,
        contact: asked.contact.into(),
        by: format!("key:{}", caller.0.name),
    };
    let view = |created| SessionView::created(&state, created);
    repeatable.run(&state, &caller, StatusCode::CREATED, command, view).await
}
