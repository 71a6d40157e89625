//! Going on with the phone: the code, the number beside it, and what the phone has done so far.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use fast_qr::convert::svg::SvgBuilder;
use fast_qr::{ECL, QRBuilder};
use serde_json::{Value, json};
use shiren_core::verification::session::{Session, Status};

use super::visit::{Person, moment};
use crate::browser::page;
use crate::form::{Button, Sent};
use crate::page::{FailureKind, Phone, PhoneStep, shot_title};
use crate::state::State;

/// How often the session is looked at.
const LOOK: Duration = Duration::from_millis(700);

/// A fresh code.
pub(super) async fn show(
    Shared(state): Shared<State>,
    Sent(person, Button {}): Sent<Person, Button>,
) -> Response {
    let handoff = match state.app.hand_over(&person.visitor).await {
        Ok(handoff) => handoff,
        Err(error) => return person.failed(&state, &error),
    };
    let program = match state.app.program_of(person.session()) {
        Ok(program) => program,
        Err(error) => return person.failed(&state, &error),
    };
    let link = format!("{}/v/{}", state.site.public_url, handoff.link_secret);
    let Ok(code) = QRBuilder::new(link.as_str()).ecl(ECL::M).build() else {
        return person.failure(&state, FailureKind::Broken);
    };
    let mut frame = person.frame(&state, program, None);
    // Here is a form's answer: another language asks for a page.
    frame.shell.back = "/verify".to_owned();
    let session = person.session();
    let mut steps = vec![
        PhoneStep { id: "consent".into(), title: frame.t("phone.consent").to_string() },
        PhoneStep { id: "method".into(), title: frame.t("phone.method").to_string() },
    ];
    if let Ok(method) = session.method_of(program) {
        steps.extend(method.steps.iter().map(|s| PhoneStep {
            id: s.id.clone(),
            title: shot_title(s.shot, method.document, &frame.shell).to_string(),
        }));
    }
    let view = Phone {
        // What it is stands around it.
        code: SvgBuilder::default().to_str(&code).replacen(
            "<svg ",
            "<svg aria-hidden=\"true\" focusable=\"false\" ",
            1,
        ),
        link,
        number: handoff.number,
        until: moment(handoff.expires_at, &state, &frame.shell),
        steps,
        frame,
    };
    page(StatusCode::OK, &view)
}

/// What has been done, as events, while it is the person's turn.
pub(super) async fn follow(Shared(state): Shared<State>, person: Person) -> Response {
    let cookie = person.visitor.cookie;
    let events = futures_util::stream::unfold(Some(Value::Null), move |last| {
        let (state, cookie) = (state.clone(), cookie.clone());
        async move {
            let last = last?;
            loop {
                let now = match state.app.visitor(&cookie).await {
                    Ok(visitor) => stand(&visitor.session),
                    Err(_) => json!({ "over": true }),
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

/// What is done: nothing of the person, only which steps.
fn stand(session: &Session) -> Value {
    let mut done: Vec<&str> = session.pictures.keys().map(String::as_str).collect();
    if session.has_consent() {
        done.push("consent");
    }
    if session.method.is_some() {
        done.push("method");
    }
    json!({ "done": done, "over": session.status != Status::RequiresInput })
}
