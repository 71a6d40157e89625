//! What the operator must look after.

use axum::extract::{Path, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use shiren_app::record::{DeadJob, WebhookEndpoint};
use shiren_app::{EnableEndpoint, Error, RequeueJob};
use shiren_core::id::{JobId, WebhookEndpointId};
use shiren_core::verification::program::Mode;

use super::cases::deadline;
use super::session::{Operator, SignedIn};
use crate::api::Problem as ApiProblem;
use crate::browser::{page, to};
use crate::form::{Button, Sent};
use crate::page::{DeadJobRow, EndpointRow, Operations, Shell};
use crate::state::State;

/// Jobs that are shown.
const ROWS: u32 = 100;
/// This page.
const HERE: &str = "/console/operations";

/// The page.
pub(super) async fn show(Shared(state): Shared<State>, reviewer: SignedIn) -> Response {
    match shown(&state, &reviewer).await {
        Ok(operations) => page(StatusCode::OK, &operations),
        Err(error) => ApiProblem::from(error).into_response(),
    }
}

async fn shown(state: &State, reviewer: &SignedIn) -> Result<Operations, Error> {
    let mut jobs = state.app.dead_jobs(ROWS + 1).await?;
    let more = jobs.len() > ROWS as usize;
    jobs.truncate(ROWS as usize);
    let mut endpoints = state.app.endpoints(Mode::Live).await?;
    endpoints.extend(state.app.endpoints(Mode::Test).await?);
    let frame = reviewer.frame(state);
    Ok(Operations {
        jobs: jobs.into_iter().map(|job| job_row(state, &frame.shell, job)).collect(),
        endpoints: endpoints.into_iter().map(|one| endpoint_row(state, &frame.shell, one)).collect(),
        more,
        may_act: reviewer.user.role.operates(),
        frame,
    })
}

/// Lets a job be tried again.
pub(super) async fn requeue(
    Shared(state): Shared<State>,
    Path(id): Path<JobId>,
    Sent(Operator(officer), Button {}): Sent<Operator, Button>,
) -> Response {
    done(state.app.run(RequeueJob { id, by: officer.actor() }).await)
}

#[derive(Debug, Deserialize)]
pub(super) struct Which {
    mode: String,
}

/// Takes an endpoint into use again.
pub(super) async fn enable(
    Shared(state): Shared<State>,
    Path(id): Path<WebhookEndpointId>,
    Sent(Operator(officer), which): Sent<Operator, Which>,
) -> Response {
    let mode = if which.mode == Mode::Test.name() { Mode::Test } else { Mode::Live };
    done(state.app.run(EnableEndpoint { mode, id, by: officer.by() }).await.map(drop))
}

/// Back to the page, which shows what became of it; also when somebody else was faster.
fn done(done: Result<(), Error>) -> Response {
    match done {
        Ok(()) | Err(Error::NotFound(_) | Error::Endpoint(_) | Error::Conflict) => to(HERE),
        Err(error) => ApiProblem::from(error).into_response(),
    }
}

fn job_row(state: &State, shell: &Shell, dead: DeadJob) -> DeadJobRow {
    DeadJobRow {
        at: deadline(state, shell, dead.died_at, false),
        kind: dead.job.kind(),
        about: dead.job.about(),
        error: dead.error,
        id: dead.id.to_string(),
    }
}

fn endpoint_row(state: &State, shell: &Shell, endpoint: WebhookEndpoint) -> EndpointRow {
    let rest = endpoint.url.split_once("://").map_or("", |(_, rest)| rest);
    EndpointRow {
        id: endpoint.id.to_string(),
        mode: endpoint.mode.name(),
        host: rest.split(['/', '?', '#']).next().unwrap_or_default().to_owned(),
        description: endpoint.description,
        disabled: endpoint.disabled.map(|(why, since)| (why, deadline(state, shell, since, false))),
    }
}
