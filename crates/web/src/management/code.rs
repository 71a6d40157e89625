//! The code with which the user of a sub-account verifies (row E1), and what their phone has done so far.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Path, Query, State as Shared};
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use fast_qr::convert::svg::SvgBuilder;
use fast_qr::{ECL, QRBuilder};
use serde::Deserialize;
use serde_json::{Value, json};
use shiren_app::Error;
use shiren_core::id::SessionId;
use shiren_core::verification::program::{Mode, Program};
use shiren_core::verification::session::{Session, Status};

use super::list::row;
use super::visit::{Manager, page, query};
use crate::api::Problem as ApiProblem;
use crate::browser::to;
use crate::form::Sent;
use crate::page::{ManageCode, PhoneCode, PhoneStep};
use crate::person::moment;
use crate::state::State;

/// How often the session is looked at.
const LOOK: Duration = Duration::from_millis(700);

#[derive(Debug, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    staff: String,
}

/// Before the code: what is going to happen, and how the sub-account stands.
pub(super) async fn ask(
    Shared(state): Shared<State>,
    manager: Manager,
    Query(which): Query<Which>,
) -> Response {
    shown(&state, &manager, &which.staff, None).await
}

/// A fresh code.
pub(super) async fn make(
    Shared(state): Shared<State>,
    Sent(manager, which): Sent<Manager, Which>,
) -> Response {
    let made = match state.app.invite(&manager.visit, &which.staff).await {
        Ok(made) => made,
        // It has changed: the page says how it stands.
        Err(Error::Staff(_)) => return to(&format!("/manage/code?{}", query("staff", &which.staff))),
        Err(Error::NotFound(_) | Error::Invalid { .. }) => return to("/manage"),
        Err(error) => return ApiProblem::from(error).into_response(),
    };
    let link = format!("{}/v/{}", state.site.public_url, made.link_secret);
    let Ok(code) = QRBuilder::new(link.as_str()).ecl(ECL::M).build() else {
        return ApiProblem::from(Error::Internal("a code could not be drawn".into())).into_response();
    };
    // What it is stands around it.
    let svg = SvgBuilder::default().to_str(&code);
    let svg = svg.replacen("<svg ", "<svg aria-hidden=\"true\" focusable=\"false\" ", 1);
    let frame = manager.frame(&state);
    let titles = ["opened", "consent", "method", "pictures", "sent", "decided"];
    let keys = [
        crate::page::word("manage.step_opened"),
        crate::page::word("phone.consent"),
        crate::page::word("phone.method"),
        crate::page::word("manage.step_pictures"),
        crate::page::word("manage.step_sent"),
        crate::page::word("manage.step_decided"),
    ];
    let steps = titles.into_iter().zip(keys);
    let code = PhoneCode {
        svg,
        link,
        until: moment(made.session.expires_at, &state, &frame.shell),
        follow: format!("/manage/follow/{}", made.session.id),
        steps: steps.map(|(id, key)| PhoneStep { id: id.to_owned(), title: frame.t(key).into() }).collect(),
        own_app: made.session.account_assertion,
    };
    shown(&state, &manager, &which.staff, Some(code)).await
}

async fn shown(state: &State, manager: &Manager, staff: &str, code: Option<PhoneCode>) -> Response {
    let file = match state.app.managed(&manager.visit, staff).await {
        Ok(file) => file,
        Err(Error::NotFound(_)) => return to("/manage"),
        Err(error) => return ApiProblem::from(error).into_response(),
    };
    let mut frame = manager.frame(state);
    let back = format!("/manage/code?{}", query("staff", staff));
    // Here may be a form's answer: another language asks for a page.
    frame.shell.back.clone_from(&back);
    let row = row(state, &frame.shell, &file);
    page(state, StatusCode::OK, &ManageCode { frame, row, code, back })
}

/// What has been done, as events, until it is decided or somebody looks at it.
pub(super) async fn follow(
    Shared(state): Shared<State>,
    manager: Manager,
    Path(id): Path<SessionId>,
) -> Response {
    let visit = manager.visit;
    let events = futures_util::stream::unfold(Some(Value::Null), move |last| {
        let (state, visit, id) = (state.clone(), visit.clone(), id.clone());
        async move {
            let last = last?;
            loop {
                // A visit ends while its page is open.
                let lasts = visit.expires_at > state.app.world_now();
                let now = match state.app.followed(&visit, &id).await.ok().filter(|_| lasts) {
                    Some(session) => stand(&session, state.app.program_of(&session).ok()),
                    None => json!({ "over": true }),
                };
                if now["over"] == true {
                    return Some((told(&now), None));
                }
                if now != last {
                    return Some((told(&now), Some(now)));
                }
                tokio::time::sleep(LOOK).await;
            }
        }
    });
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}

fn told(what: &Value) -> Result<Event, Infallible> {
    Ok(Event::default().data(what.to_string()))
}

/// What is done: nothing of the person, not even which document.
fn stand(session: &Session, program: Option<&Program>) -> Value {
    let method = program.and_then(|p| session.method_of(p).ok());
    let mode: Mode = session.mode;
    let taken = method.is_some_and(|m| {
        m.steps.iter().filter(|s| s.need.in_mode(mode)).all(|s| session.pictures.contains_key(&s.id))
    });
    let done = [
        ("opened", session.opened_at.is_some()),
        ("consent", session.has_consent()),
        ("method", method.is_some()),
        ("pictures", taken),
        ("sent", !matches!(session.status, Status::RequiresInput)),
    ];
    let done: Vec<&str> = done.into_iter().filter(|(_, done)| *done).map(|(id, _)| id).collect();
    let over = session.status.is_final() || session.status == Status::InReview;
    json!({ "done": done, "over": over })
}
