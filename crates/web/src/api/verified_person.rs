//! `/v1/accounts/{kind}/{id}/claim`: who was verified for an account, as payments need it.

use axum::extract::State as Shared;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shiren_app::record::Scope;
use shiren_app::{AskClaim, VerifiedPersonClaim};
use shiren_core::account::Account;
use shiren_core::account::verified_person::Lapse;
use utoipa::{IntoParams, ToSchema};

use super::Problem;
use super::auth::Caller;
use super::body::{Json, Path, Query};
use super::references::account;
use super::sessions::AccountView;
use crate::state::State;

/// Why you ask.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct AskedFor {
    /// Why you need to know, for the log.
    #[param(min_length = 4, max_length = 200, example = "payout 4711")]
    purpose: String,
}

/// Who was verified for an account, and whether that counts now. Values are masked.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ClaimView {
    /// Always `verified_person_claim`.
    object: &'static str,
    account: AccountView,
    /// `test` or `live`; in test mode nothing is proven about anybody.
    mode: &'static str,
    /// Whether it counts now.
    valid: bool,
    /// Why it does not: `shop_not_open`, `recheck_missed`, `staff_frozen`, `user_unbound`, `identity_reclaimed`,
    /// `identity_erased`, `document_expired`, `subject_banned`.
    #[schema(value_type = Vec<String>, example = json!([]))]
    reasons: Vec<Lapse>,
    /// The first character of the name; `null` once it was erased.
    #[schema(example = "王*")]
    name: Option<String>,
    /// The kind of document that was shown: `resident-id-card`, `residence-permit`, `hong-kong-macao-travel-permit`,
    /// `taiwan-travel-permit`, `foreigner-permanent-residence` or `passport`.
    #[schema(value_type = Option<String>, example = "resident-id-card")]
    document: Option<serde_json::Value>,
    /// `document_read`, `pictures_agree` or `source_confirmed`, each including those before it; what the decision
    /// rested on, whoever made it.
    #[schema(example = "pictures_agree")]
    assurance_level: Option<String>,
    /// Whether a person approved it, not the checks alone.
    reviewed: bool,
    #[schema(value_type = String, format = DateTime)]
    verified_at: Timestamp,
    program: ProgramView,
    /// The verification.
    verification_session: String,
    /// When this was so, by the account's clock.
    #[schema(value_type = String, format = DateTime)]
    as_of: Timestamp,
}

/// The version of the program that it was verified by.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct ProgramView {
    #[schema(example = "shop-owner")]
    name: String,
    version: u32,
}

impl ClaimView {
    fn of(account: &Account, mode: &'static str, claim: VerifiedPersonClaim) -> Self {
        Self {
            object: "verified_person_claim",
            account: AccountView::from(account),
            mode,
            valid: claim.lapses.is_empty(),
            reasons: claim.lapses,
            name: claim.name,
            document: claim.document.and_then(|document| serde_json::to_value(document).ok()),
            assurance_level: claim.assurance_level,
            reviewed: claim.reviewed,
            verified_at: claim.verified_at,
            program: ProgramView { name: claim.program.name, version: claim.program.version },
            verification_session: claim.session.to_string(),
            as_of: claim.as_of,
        }
    }
}

/// Who was verified for an account
///
/// For your payment system, before it pays out or names a payee. `valid` is asked anew each time; keep no copy of it. Each
/// look is in the log with its purpose. `not_found` when nobody was ever verified for the account in the key's mode, as of
/// an imported shop that was not asked yet. It needs the scope `claims_read`.
#[utoipa::path(
    get, path = "/v1/accounts/{kind}/{id}/claim", tag = "claims", security(("key" = [])),
    params(
        ("kind" = String, Path, example = "shop", description = "`shop`, `staff`, `buyer` or `influencer`."),
        ("id" = String, Path, example = "shop-42"),
        AskedFor,
    ),
    responses(
        (status = 200, description = "The claim.", body = ClaimView),
    )
)]
pub(super) async fn claim(
    Shared(state): Shared<State>,
    caller: Caller,
    Path((kind, id)): Path<(String, String)>,
    Query(asked): Query<AskedFor>,
) -> Result<Json<ClaimView>, Problem> {
    caller.may(Scope::ClaimsRead)?;
    let account = account(&kind, id)?;
    let (mode, by) = (caller.0.mode, format!("key:{}", caller.0.name));
    let ask = AskClaim { mode, account: account.clone(), purpose: asked.purpose, by };
    let claim = state.app.verified_person(ask).await?;
    Ok(Json(ClaimView::of(&account, mode.name(), claim)))
}
