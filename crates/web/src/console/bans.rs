//! Bans (row A9): the list, whoever awaits a look because of it, and lifting one.

use axum::extract::{Path, Query, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use shiren_app::port::{BanQuery, CaseQuery};
use shiren_app::{Error, LiftBan, user_actor};
use shiren_core::account::AccountKind;
use shiren_core::account::actor::Actor;
use shiren_core::account::ban::{Ban, BanEnd};
use shiren_core::id::BanId;
use shiren_core::review::Case;
use shiren_core::verification::ReasonCode;
use shiren_core::verification::program::Mode;

use super::cases::{deadline, row as case_row};
use super::nows::Nows;
use super::session::{Operator, SignedIn};
use super::shop::{ban_row, log};
use super::shops::mode_named;
use super::told::told;
use crate::api::Problem as ApiProblem;
use crate::browser::{page, to};
use crate::form::Sent;
use crate::page::{BanPage, BanState, Bans, CaseRow, Shell, word};
use crate::state::State;

/// Rows of a page.
const ROWS: u32 = 50;
/// Open cases that are looked through for candidates: the most urgent.
const CASES: u32 = 1_000;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    mode: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    page: String,
}

/// The list, and above it whoever awaits a look.
pub(super) async fn list(
    Shared(state): Shared<State>,
    reviewer: SignedIn,
    Query(filter): Query<Filter>,
) -> Response {
    let mode = mode_named(&filter.mode);
    let listed = BanState::ALL.into_iter().find(|s| s.name() == filter.state).unwrap_or_default();
    let in_force = match listed {
        BanState::InForce => Some(true),
        BanState::Ended => Some(false),
        BanState::All => None,
    };
    let query = BanQuery { mode, shop: None, in_force, after: filter.page.parse().ok(), limit: ROWS + 1 };
    let mut found = match state.app.bans(&query).await {
        Ok(found) => found,
        Err(error) => return ApiProblem::from(error).into_response(),
    };
    let more = found.len() > ROWS as usize;
    found.truncate(ROWS as usize);
    let behind =
        |last: &Ban| format!("/console/bans?mode={}&state={}&page={}", mode.name(), listed.name(), last.id);
    let next = found.last().filter(|_| more).map(behind);
    let frame = reviewer.frame(&state);
    let shell = &frame.shell;
    let candidates = match candidates(&state, shell, mode).await {
        Ok(candidates) => candidates,
        Err(error) => return ApiProblem::from(error).into_response(),
    };
    let rules = state.app.ban_rules();
    let term = match rules.days {
        Some(days) => shell.t(word("bans.term_days")).with("n", days).to_string(),
        None => shell.t(word("bans.for_ever")).into(),
    };
    let rows = found.iter().map(|ban| ban_row(&state, shell, ban)).collect();
    let basis = rules.legal_basis.clone();
    page(StatusCode::OK, &Bans { mode, state: listed, rows, next, candidates, term, basis, frame })
}

/// Open cases of shops that came from the ban list: somebody resembles a banned owner, could not be compared with all of
/// them, or says that being refused for a ban is wrong.
async fn candidates(state: &State, shell: &Shell, mode: Mode) -> Result<Vec<CaseRow>, Error> {
    let query = CaseQuery {
        mode: Some(mode),
        open: Some(true),
        account_kind: Some(AccountKind::Shop),
        limit: CASES,
        ..CaseQuery::default()
    };
    let cases = state.app.cases(&query).await?;
    let of_list = |code: ReasonCode| {
        matches!(
            code,
            ReasonCode::FaceResemblesBanned | ReasonCode::BanListNotSearched | ReasonCode::SubjectBanned
        )
    };
    let of = cases.iter().filter(|case| case.reasons.iter().any(|reason| of_list(reason.code)));
    let told = |code: ReasonCode| match code {
        ReasonCode::FaceResemblesBanned => Some(word("bans.resembles")),
        ReasonCode::BanListNotSearched => Some(word("bans.not_searched")),
        ReasonCode::SubjectBanned => Some(word("bans.appeals")),
        _ => None,
    };
    let nows = Nows::of(state, cases.iter().map(|case| case.clock.clone()).collect()).await;
    // What reviewers are told is more than what the person is.
    let row = |case: &Case| {
        let reasons = case.reasons.iter().filter_map(|reason| told(reason.code));
        CaseRow {
            reasons: reasons.map(|key| shell.t(key).into()).collect(),
            ..case_row(state, shell, &nows, case)
        }
    };
    Ok(of.map(row).collect())
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Of {
    #[serde(default)]
    mode: String,
    #[serde(default)]
    done: String,
}

/// One of them.
pub(super) async fn show(
    Shared(state): Shared<State>,
    reviewer: SignedIn,
    Path(id): Path<BanId>,
    Query(of): Query<Of>,
) -> Response {
    let mode = mode_named(&of.mode);
    shown(&state, &reviewer, (mode, &id), of.done == "lifted", String::new(), None).await
}

async fn shown(
    state: &State,
    who: &SignedIn,
    (mode, id): (Mode, &BanId),
    done: bool,
    reason: String,
    error: Option<String>,
) -> Response {
    let (ban, entries) = match state.app.ban_file(mode, id).await {
        Ok(file) => file,
        Err(error) => return ApiProblem::from(error).into_response(),
    };
    let mut frame = who.frame(state);
    // A form's own address cannot be opened: a change of language comes back to the page.
    frame.shell.back = format!("/console/bans/{id}?mode={}", mode.name());
    let shell = &frame.shell;
    let ended = ban.ended.as_ref().map(|(at, end)| {
        let (by, why) = match end {
            BanEnd::TermOver => (String::new(), String::new()),
            BanEnd::Lifted { by, reason } => (by_whom(by), reason.clone()),
        };
        (deadline(state, shell, *at, false), by, why)
    });
    let view = BanPage {
        mode,
        row: ban_row(state, shell, &ban),
        session: ban.session.to_string(),
        liftable: ended.is_none() && who.user.role.operates(),
        ended,
        log: log(state, shell, &entries),
        reason,
        done: done.then(|| shell.t(word("bans.done")).into()),
        error,
        frame,
    };
    let status = if view.error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    page(status, &view)
}

fn by_whom(by: &Actor) -> String {
    match by {
        Actor::User(id) => user_actor(id),
        Actor::Key(name) => name.clone(),
        Actor::Owner | Actor::Person | Actor::Clock => String::new(),
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Lifting {
    #[serde(default)]
    reason: String,
}

/// Lifts it: the person may open a shop again.
pub(super) async fn lift(
    Shared(state): Shared<State>,
    Path(id): Path<BanId>,
    Query(of): Query<Of>,
    Sent(Operator(officer), form): Sent<Operator, Lifting>,
) -> Response {
    let mode = mode_named(&of.mode);
    // A line break from a text field is a blank.
    let reason = form.reason.split_whitespace().collect::<Vec<_>>().join(" ");
    match state.app.run(LiftBan { mode, id: id.clone(), reason, by: officer.by() }).await {
        Ok(_) => to(&format!("/console/bans/{id}?mode={}&done=lifted", mode.name())),
        Err(error @ Error::NotFound(_)) => ApiProblem::from(error).into_response(),
        Err(error) => {
            let why = told(&officer.frame(&state).shell, error);
            shown(&state, &officer, (mode, &id), false, form.reason, Some(why)).await
        }
    }
}
