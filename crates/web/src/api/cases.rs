//! `/v1/cases`.

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shiren_app::DecideCase;
use shiren_app::port::CaseQuery;
use shiren_app::record::Scope;
use shiren_core::id::CaseId;
use shiren_core::review::{Case, CaseDecision, Lateness, Reviewer, Verdict};
use utoipa::{IntoParams, ToSchema};

use super::Problem;
use super::auth::Caller;
use super::body::{Json, Path, Query};
use super::once::Repeatable;
use super::page::{List, Window};
use super::reason::ReasonView;
use super::sessions::{AccountView, account_kind};
use crate::state::State;

/// A human review.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct CaseView {
    /// `case_…`
    id: String,
    /// Always `case`.
    object: &'static str,
    /// `test` or `live`.
    mode: &'static str,
    /// `open` or `decided`.
    status: &'static str,
    verification_session: String,
    account: AccountView,
    /// Why it came here.
    reasons: Vec<ReasonView>,
    #[schema(value_type = String, format = DateTime)]
    opened_at: Timestamp,
    /// By when it must be decided; missed, it never passes by itself.
    #[schema(value_type = String, format = DateTime)]
    due_at: Timestamp,
    /// From when on it is escalated: a share of its time, 75 % unless its program says otherwise.
    #[schema(value_type = String, format = DateTime)]
    escalate_at: Timestamp,
    /// How late it is, or was when it was decided: `in_time`, `escalated` or `overdue`.
    #[schema(example = "in_time")]
    lateness: &'static str,
    #[schema(value_type = Option<String>, format = DateTime)]
    escalated_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    overdue_at: Option<Timestamp>,
    /// Whether a year was counted whose holidays are not announced yet, by weekends and the days that the law fixes: the true
    /// deadline may be later.
    assumed: bool,
    /// By which clock it lives, in test mode.
    test_clock: Option<String>,
    /// Whether it needs two reviewers who say the same: `never`, `on_reject` or `always`.
    #[schema(example = "always")]
    four_eyes: &'static str,
    /// Whether somebody said what they make of it, and it waits for another one who says the same.
    awaits_another: bool,
    /// What reviewers said, each the latest that they said.
    opinions: Vec<OpinionView>,
    /// `approve`, `reject`, `ask_again`, or `withdrawn` when the session was called off.
    verdict: Option<serde_json::Value>,
    /// In the reviewer's words.
    note: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    decided_at: Option<Timestamp>,
}

/// What a reviewer makes of a case.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct OpinionView {
    /// `approve`, `reject` or `ask_again`.
    #[schema(example = "approve")]
    verdict: &'static str,
    /// In their words.
    note: String,
    /// `user:usr_…`, or `key:` and the key's name.
    #[schema(example = "user:usr_01aryz6s410000000000000000")]
    by: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

impl From<&CaseDecision> for OpinionView {
    fn from(opinion: &CaseDecision) -> Self {
        let by = match &opinion.by {
            Reviewer::User(id) => shiren_app::user_actor(id),
            Reviewer::Key(name) => format!("key:{name}"),
            Reviewer::System => "system".to_owned(),
        };
        Self { verdict: opinion.verdict.name(), note: opinion.note.clone(), by, at: opinion.at }
    }
}

impl From<Case> for CaseView {
    fn from(case: Case) -> Self {
        let (awaits_another, lateness) = (case.awaits_another(), case.lateness().name());
        let decided = case.decided;
        Self {
            id: case.id.to_string(),
            object: "case",
            mode: case.mode.name(),
            status: if decided.is_some() { "decided" } else { "open" },
            verification_session: case.session.to_string(),
            account: (&case.account).into(),
            reasons: case.reasons.iter().map(ReasonView::from).collect(),
            opened_at: case.opened_at,
            due_at: case.due_at,
            escalate_at: case.escalate_at,
            lateness,
            escalated_at: case.escalated_at,
            overdue_at: case.overdue_at,
            assumed: case.assumed,
            test_clock: case.clock.map(|c| c.to_string()),
            four_eyes: case.four_eyes.name(),
            awaits_another,
            opinions: case.opinions.iter().map(OpinionView::from).collect(),
            verdict: decided.as_ref().and_then(|d| serde_json::to_value(d.verdict).ok()),
            decided_at: decided.as_ref().map(|d| d.at),
            note: decided.map(|d| d.note),
        }
    }
}

/// Which cases.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    /// `open` or `decided`; both without it.
    status: Option<String>,
    /// `escalated`, what is overdue among them, or `overdue`.
    late: Option<String>,
    /// Only of accounts of this kind.
    account_kind: Option<String>,
    /// Only of the account of this id.
    account_id: Option<String>,
    /// At most so many, 1 to 100.
    #[serde(default, deserialize_with = "super::page::limit")]
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// Only behind this one.
    #[serde(default, deserialize_with = "super::page::cursor")]
    after: Option<String>,
}

/// List cases
///
/// The soonest deadline first.
#[utoipa::path(
    get, path = "/v1/cases", tag = "cases", security(("key" = [])), params(Which),
    responses(
        (status = 200, description = "A page of cases.", body = List<CaseView>),
    )
)]
pub(super) async fn list(
    Shared(state): Shared<State>,
    caller: Caller,
    Query(which): Query<Which>,
) -> Result<Json<List<CaseView>>, Problem> {
    caller.may(Scope::CasesRead)?;
    let invalid = |field, problem: &str| {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", problem).field(field)
    };
    let open = match which.status.as_deref() {
        None => None,
        Some("open") => Some(true),
        Some("decided") => Some(false),
        Some(_) => return Err(invalid("status", "open or decided")),
    };
    let late = match which.late.as_deref().map(Lateness::named) {
        None => None,
        Some(Some(late)) if late != Lateness::InTime => Some(late),
        Some(_) => return Err(invalid("late", "escalated or overdue")),
    };
    let after =
        which.after.as_deref().map(|id| id.parse().map_err(|_| invalid("after", "this is no case's id")));
    let window = Window::of(which.limit);
    let kind = which.account_kind.as_deref().map(|kind| account_kind(kind, "account_kind"));
    let query = CaseQuery {
        mode: Some(caller.0.mode),
        open,
        account_kind: kind.transpose()?,
        account_id: which.account_id,
        late,
        after: after.transpose()?,
        limit: window.ask(),
    };
    Ok(Json(window.page(state.app.cases(&query).await?, CaseView::from)))
}

/// Retrieve a case
#[utoipa::path(
    get, path = "/v1/cases/{id}", tag = "cases", security(("key" = [])),
    params(("id" = String, Path, example = "case_01aryz6s410000000000000000")),
    responses(
        (status = 200, description = "The case.", body = CaseView),
    )
)]
pub(super) async fn retrieve(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<CaseId>,
) -> Result<Json<CaseView>, Problem> {
    caller.may(Scope::CasesRead)?;
    Ok(Json(state.app.case(caller.0.mode, &id).await?.into()))
}

/// A decision on a case.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Decide {
    /// `approve`, `reject` or `ask_again`.
    #[schema(example = "approve")]
    verdict: String,
    /// What it rests on, for colleagues; 3 to 2000 characters.
    #[schema(min_length = 3, max_length = 2000)]
    note: String,
}

/// Decide a case
///
/// Once; a case that is decided stays so. Where it needs two reviewers, the first one's is a proposal: the case stays open
/// and waits for another one who says the same. Keys of different names are different reviewers.
#[utoipa::path(
    post, path = "/v1/cases/{id}/decide", tag = "cases", security(("key" = [])), request_body = Decide,
    params(("id" = String, Path, example = "case_01aryz6s410000000000000000")),
    responses(
        (status = 200, description = "Decided, or proposed.", body = CaseView),
    )
)]
pub(super) async fn decide(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(id): Path<CaseId>,
    Json(decide): Json<Decide>,
) -> Result<Response, Problem> {
    caller.may(Scope::CasesWrite)?;
    let verdict = match decide.verdict.as_str() {
        "approve" => Verdict::Approve,
        "reject" => Verdict::Reject,
        "ask_again" => Verdict::AskAgain,
        _ => {
            let problem = "approve, reject or ask_again";
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", problem).field("verdict"));
        }
    };
    let by = Reviewer::Key(caller.0.name.clone());
    let command = DecideCase { mode: Some(caller.0.mode), id, verdict, note: decide.note, by };
    repeatable.run(&state, &caller, StatusCode::OK, command, CaseView::from).await
}
