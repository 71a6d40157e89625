//! What was sent to people, and what the sandbox of test mode keeps of it.

use axum::extract::{Path, Query, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use shiren_app::port::NoticeQuery;
use shiren_app::record::{Channel, NoticeState, SendFault};
use shiren_app::{Error, Listed};
use shiren_core::id::NoticeId;

use super::cases::deadline;
use super::session::SignedIn;
use crate::api::Problem as ApiProblem;
use crate::browser::page;
use crate::form::Sent;
use crate::page::{NoticeRow, Notices, Shell, Shown, word};
use crate::state::State;

/// Rows of a page.
const ROWS: u32 = 50;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Behind {
    #[serde(default)]
    page: String,
}

/// The list.
pub(super) async fn list(
    Shared(state): Shared<State>,
    reviewer: SignedIn,
    Query(behind): Query<Behind>,
) -> Response {
    listed(&state, &reviewer, behind.page.parse().ok(), None, None).await
}

#[derive(Debug, Deserialize)]
pub(super) struct Reveal {
    #[serde(default)]
    reason: String,
}

/// One letter in the clear, on top; never in an address.
pub(super) async fn reveal(
    Shared(state): Shared<State>,
    Path(id): Path<NoticeId>,
    Sent(reviewer, form): Sent<SignedIn, Reveal>,
) -> Response {
    match state.app.reveal_letter(&id, &form.reason, &reviewer.actor()).await {
        Ok(letter) => {
            let shown = Shown { to: letter.to, text: letter.text };
            listed(&state, &reviewer, None, Some((id, shown)), None).await
        }
        Err(Error::Invalid { problem, .. }) => listed(&state, &reviewer, None, None, Some(problem)).await,
        Err(error) => ApiProblem::from(error).into_response(),
    }
}

async fn listed(
    state: &State,
    reviewer: &SignedIn,
    after: Option<NoticeId>,
    shown: Option<(NoticeId, Shown)>,
    error: Option<String>,
) -> Response {
    let query = NoticeQuery { after, limit: ROWS + 1, ..NoticeQuery::default() };
    let mut notices = match state.app.notices(&query).await {
        Ok(notices) => notices,
        Err(error) => return ApiProblem::from(error).into_response(),
    };
    let more = notices.len() > ROWS as usize;
    notices.truncate(ROWS as usize);
    let last = notices.last().filter(|_| more);
    let next = last.map(|last| format!("/console/notices?page={}", last.notice.id));
    let frame = reviewer.frame(state);
    let rows = notices.into_iter().map(|one| row(state, &frame.shell, one, shown.as_ref())).collect();
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    page(status, &Notices { frame, rows, next, error })
}

fn row(state: &State, shell: &Shell, one: Listed, shown: Option<&(NoticeId, Shown)>) -> NoticeRow {
    let notice = one.notice;
    NoticeRow {
        at: deadline(state, shell, notice.created_at, false),
        channel: shell.t(channel_key(notice.channel)).into(),
        to: one.to.unwrap_or_else(|| "—".to_owned()),
        state: shell.t(state_key(notice.state)).into(),
        session: notice.session.to_string(),
        kept: notice.state == NoticeState::Sandbox,
        shown: shown.filter(|(id, _)| *id == notice.id).map(|(_, shown)| shown.clone()),
        fault: notice.fault.map(|fault| told(shell, fault)),
        id: notice.id.to_string(),
    }
}

fn told(shell: &Shell, fault: SendFault) -> String {
    let key = match fault {
        SendFault::NoGateway => word("notices.fault_no_gateway"),
        SendFault::Address => word("notices.fault_address"),
        SendFault::Unwritable => word("notices.fault_unwritable"),
        SendFault::Unreachable => word("notices.fault_unreachable"),
        SendFault::Silent => word("notices.fault_silent"),
        SendFault::Tls => word("notices.fault_tls"),
        SendFault::Http(status) => return shell.t(word("notices.fault_http")).with("n", status).to_string(),
        SendFault::Smtp(code) => return shell.t(word("notices.fault_smtp")).with("n", code).to_string(),
    };
    shell.t(key).into()
}

const fn channel_key(channel: Channel) -> &'static str {
    match channel {
        Channel::Email => word("notices.email"),
        Channel::Sms => word("notices.sms"),
    }
}

const fn state_key(state: NoticeState) -> &'static str {
    match state {
        NoticeState::Waiting => word("notices.waiting"),
        NoticeState::Sending => word("notices.sending"),
        NoticeState::Sent => word("notices.sent"),
        NoticeState::Sandbox => word("notices.sandbox"),
        NoticeState::Unclear => word("notices.unclear"),
        NoticeState::Failed => word("notices.failed"),
        NoticeState::Dropped => word("notices.dropped"),
    }
}
