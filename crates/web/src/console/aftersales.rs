//! After-sales requests at the console: the list, one request, taking and deciding it.

use axum::extract::{Path, Query, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use shiren_app::port::AfterSalesQuery;
use shiren_app::{AfterSalesFile, DecideAfterSales, Error, TakeAfterSales};
use shiren_core::aftersales::attachment::AttachmentKind;
use shiren_core::aftersales::{AfterSales, AfterSalesRefusal, Ground, Verdict};
use shiren_core::id::{AfterSalesId, AttachmentId};
use shiren_core::review::Reviewer;
use shiren_core::verification::program::Mode;

use super::cases::{deadline, deadline_by};
use super::nows::Nows;
use super::session::SignedIn;
use crate::aftersales::{amount, kind_key, state_key, stream};
use crate::api::Problem as ApiProblem;
use crate::browser::{page, to};
use crate::form::{Button, Sent};
use crate::page::{AfterSalesCase, AfterSalesRow, AfterSalesRows, Event, Said, Shell, ShownFile, word};
use crate::state::State;

/// Rows of a page.
const ROWS: u32 = 50;
/// Why reviewers look, in the log.
const REVIEW: &str = "review";

#[derive(Debug, Default, Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    view: String,
    #[serde(default)]
    page: String,
}

/// The list.
pub(super) async fn list(
    Shared(state): Shared<State>,
    reviewer: SignedIn,
    Query(filter): Query<Filter>,
) -> Response {
    let all = filter.view == "all";
    let query = AfterSalesQuery {
        to_review: !all,
        after: filter.page.parse().ok(),
        limit: ROWS + 1,
        ..AfterSalesQuery::default()
    };
    let mut found = match state.app.aftersales_list(&query).await {
        Ok(found) => found,
        Err(error) => return ApiProblem::from(error).into_response(),
    };
    let more = found.len() > ROWS as usize;
    found.truncate(ROWS as usize);
    let view = if all { "all" } else { "review" };
    let last = found.last().filter(|_| more);
    let next = last.map(|last| format!("/console/aftersales?view={view}&page={}", last.id));
    let frame = reviewer.frame(&state);
    let nows = Nows::of(&state, found.iter().map(|request| request.clock.clone()).collect()).await;
    let rows = found.iter().map(|request| row(&state, &reviewer, &frame.shell, (request, &nows))).collect();
    page(StatusCode::OK, &AfterSalesRows { frame, all, rows, next })
}

fn row(
    state: &State,
    reviewer: &SignedIn,
    shell: &Shell,
    (request, nows): (&AfterSales, &Nows),
) -> AfterSalesRow {
    let now = nows.by(request.clock.as_ref());
    AfterSalesRow {
        id: request.id.to_string(),
        due: match &request.review {
            Some(review) => deadline_by(state, shell, now, review.due_at, true),
            None => deadline_by(state, shell, now, request.created_at, false),
        },
        escalated: request.review.as_ref().is_some_and(|r| r.escalated),
        buyer: request.buyer.to_string(),
        order: request.order.clone(),
        kind: shell.t(kind_key(request.kind)).into(),
        amount: amount(request.amount_cents, &request.currency),
        state: shell.t(state_key(request.state)).into(),
        taken: taken(reviewer, shell, request),
        test: request.mode == Mode::Test,
    }
}

/// Who has it before them, in words.
fn taken(reviewer: &SignedIn, shell: &Shell, request: &AfterSales) -> Option<String> {
    let (who, _) = request.review.as_ref()?.taken.as_ref()?;
    Some(match who {
        Reviewer::User(id) if *id == reviewer.user.id => shell.t(word("after_desk.taken_by_you")).into(),
        Reviewer::User(id) => shell.t(word("after_desk.taken_by")).with("who", id).into(),
        Reviewer::Key(name) => shell.t(word("after_desk.taken_by")).with("who", name).into(),
        // Nobody takes one by itself.
        Reviewer::System => String::new(),
    })
}

/// One request.
pub(super) async fn show(
    Shared(state): Shared<State>,
    reviewer: SignedIn,
    Path(id): Path<AfterSalesId>,
) -> Response {
    opened(&state, &reviewer, &id, String::new(), None).await
}

async fn opened(
    state: &State,
    reviewer: &SignedIn,
    id: &AfterSalesId,
    message: String,
    error: Option<String>,
) -> Response {
    let file = match state.app.open_aftersales(None, id, &reviewer.actor(), REVIEW).await {
        Ok(file) => file,
        Err(error) => return ApiProblem::from(error).into_response(),
    };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let nows = Nows::of(state, vec![file.request.clock.clone()]).await;
    page(status, &view(state, reviewer, (file, &nows), message, error))
}

fn view(
    state: &State,
    reviewer: &SignedIn,
    (file, nows): (AfterSalesFile, &Nows),
    message: String,
    error: Option<String>,
) -> AfterSalesCase {
    let frame = reviewer.frame(state);
    let (shell, request) = (&frame.shell, &file.request);
    let mine = Reviewer::User(reviewer.user.id.clone());
    let holder = request.review.as_ref().and_then(|r| r.taken.as_ref()).map(|(who, _)| who);
    let handed_in = request.attachments.iter().filter(|a| a.handed_in).map(|a| ShownFile {
        id: a.id.to_string(),
        video: a.kind == AttachmentKind::Video,
        handed_in: true,
    });
    let decided = request.decisions.iter().zip(&file.written.messages).map(|(d, message)| Said {
        ground: format!(
            "{} · {}",
            shell.t(state_key(d.verdict.state())),
            shell.language.of(d.ground.sentence())
        ),
        message: message.clone(),
        at: crate::person::moment(d.at, state, shell),
    });
    AfterSalesCase {
        row: row(state, reviewer, shell, (request, nows)),
        texts: file.written.texts.clone(),
        files: handed_in.collect(),
        decided: decided.collect(),
        grounds: Ground::ALL.map(|g| (g.name(), shell.language.of(g.sentence()).to_owned())).into(),
        waits: request.state.is_reviewed(),
        mine: holder == Some(&mine),
        forgotten: request.forgotten_at.is_some(),
        version: file.version,
        events: file
            .log
            .iter()
            .map(|e| Event {
                at: deadline(state, shell, e.at, false),
                what: e.action.clone(),
                who: e.actor.clone(),
            })
            .collect(),
        message,
        error,
        frame,
    }
}

/// Takes it before them.
pub(super) async fn take(
    Shared(state): Shared<State>,
    Path(id): Path<AfterSalesId>,
    Sent(reviewer, Button {}): Sent<SignedIn, Button>,
) -> Response {
    let by = Reviewer::User(reviewer.user.id.clone());
    match state.app.run(TakeAfterSales { mode: None, id: id.clone(), by }).await {
        Ok(_) => to(&format!("/console/aftersales/{id}")),
        Err(error) => told(&state, &reviewer, &id, String::new(), error).await,
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Decide {
    #[serde(default)]
    verdict: String,
    #[serde(default)]
    ground: String,
    #[serde(default)]
    message: String,
    /// A number; forms are read as texts.
    #[serde(default)]
    version: String,
}

/// The decision; then the list.
pub(super) async fn decide(
    Shared(state): Shared<State>,
    Path(id): Path<AfterSalesId>,
    Sent(reviewer, form): Sent<SignedIn, Decide>,
) -> Response {
    let sent = (Verdict::named(&form.verdict), Ground::named(&form.ground), form.version.parse());
    let (Some(verdict), Some(ground), Ok(version)) = sent else {
        return to(&format!("/console/aftersales/{id}"));
    };
    let command = DecideAfterSales {
        mode: None,
        id: id.clone(),
        verdict,
        ground,
        message: Some(form.message.clone()),
        version: Some(version),
        by: Reviewer::User(reviewer.user.id.clone()),
    };
    match state.app.run(command).await {
        Ok(_) => to("/console/aftersales"),
        Err(error) => told(&state, &reviewer, &id, form.message, error).await,
    }
}

async fn told(
    state: &State,
    reviewer: &SignedIn,
    id: &AfterSalesId,
    message: String,
    error: Error,
) -> Response {
    let shell = reviewer.frame(state).shell;
    let sentence = match &error {
        Error::Conflict | Error::Stale(_) => shell.t(word("after_desk.changed")).into(),
        Error::AfterSales(AfterSalesRefusal::NoMessage) => shell.t(word("after_desk.no_message")).into(),
        Error::AfterSales(AfterSalesRefusal::Taken | AfterSalesRefusal::NotTaken) => {
            shell.t(word("after_desk.not_yours")).into()
        }
        Error::AfterSales(_) => shell.t(word("after_desk.changed")).into(),
        Error::Invalid { .. } => shell.t(word("after_desk.long")).into(),
        _ => ApiProblem::from(error).title,
    };
    opened(state, reviewer, id, message, Some(sentence)).await
}

/// A photograph or video; who looked goes into the log.
pub(super) async fn file(
    Shared(state): Shared<State>,
    reviewer: SignedIn,
    Path((id, file)): Path<(AfterSalesId, AttachmentId)>,
) -> Response {
    match state.app.open_aftersales_file(None, &id, &file, &reviewer.actor(), REVIEW).await {
        Ok(reader) => stream(reader),
        Err(error) => ApiProblem::from(error).into_response(),
    }
}
