//! Waiting for the checks: what really happens, as it happens.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use shiren_app::Stage as Now;
use shiren_core::verification::session::Status;

use super::visit::Person;
use crate::browser::{page, to};
use crate::page::{Checking, Stage};
use crate::state::State;

/// How often the state is looked at: often enough to follow, seldom enough for thousands who wait.
const LOOK: Duration = Duration::from_millis(150);

/// The page that waits.
pub(super) async fn checking(Shared(state): Shared<State>, person: Person) -> Response {
    if person.session().status != Status::Processing {
        return to("/verify");
    }
    let Ok(program) = state.app.program_of(person.session()) else { return to("/verify") };
    let frame = person.frame(&state, program, None);
    let (stage, _) = stage(state.app.progress().of(&person.session().id));
    page(StatusCode::OK, &Checking { frame, stage })
}

fn stage(now: Option<Now>) -> (Stage, Option<String>) {
    match now {
        None | Some(Now::Waiting) => (Stage::Reading, None),
        Some(Now::Reading { done }) => (Stage::Reading, done.last().cloned()),
        Some(Now::Comparing) => (Stage::Comparing, None),
        Some(Now::Deciding) => (Stage::Deciding, None),
    }
}

/// The stages as events, until there is an outcome.
pub(super) async fn progress(Shared(state): Shared<State>, person: Person) -> Response {
    let id = person.session().id.clone();
    let (mode, cookie) = (person.session().mode, person.visitor.cookie);
    let events = futures_util::stream::unfold(Some(None::<(Stage, Option<String>)>), move |last| {
        let (state, id, cookie) = (state.clone(), id.clone(), cookie.clone());
        async move {
            let last = last?;
            loop {
                let processing = match state.app.visitor(&cookie).await {
                    Ok(visitor) => {
                        visitor.session.status == Status::Processing && visitor.session.mode == mode
                    }
                    Err(_) => false,
                };
                if !processing {
                    return Some((event("done", None), None));
                }
                let now = stage(state.app.progress().of(&id));
                if last.as_ref() != Some(&now) {
                    return Some((event(now.0.name(), now.1.clone()), Some(Some(now))));
                }
                tokio::time::sleep(LOOK).await;
            }
        }
    });
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}

fn event(stage: &str, step: Option<String>) -> Result<Event, Infallible> {
    Ok(Event::default().data(json!({ "stage": stage, "step": step }).to_string()))
}
