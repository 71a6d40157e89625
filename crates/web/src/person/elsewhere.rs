//! From an app's own browser into a web browser: the page that explains how, with a link that is not used up.

use axum::extract::State as Shared;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::Response;
use shiren_core::verification::program::Mode;

use super::visit::{Person, moment};
use crate::browser::{self, language, page, shell};
use crate::form::{Button, Sent};
use crate::in_app::InApp;
use crate::page::{Elsewhere, Frame};
use crate::state::State;

/// Which app's browser asks, unless the person said that they go on in it.
pub(super) fn asked_in(state: &State, headers: &HeaderMap, uri: &Uri) -> Option<InApp> {
    let stays = uri.query().is_some_and(|q| q.split('&').any(|part| part == "here=1"));
    let said = headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
    InApp::of(said, &state.site.own_apps).filter(|_| !stays)
}

/// Instead of opening a link.
pub(super) fn explained(state: &State, app: InApp, secret: &str, headers: &HeaderMap, uri: &Uri) -> Response {
    let shell = shell(&state.site, language(headers, uri), String::new(), Mode::Live, uri);
    let frame = Frame { shell, stop: None, time: None, notice: None, can_write: false, assisted: false };
    let link = format!("{}/v/{secret}", state.site.public_url);
    let here = format!("/v/{secret}?here=1");
    page(StatusCode::OK, &Elsewhere { frame, app: Some(app), link, until: None, here })
}

/// For somebody who is here already, and whose camera is refused: a fresh link.
pub(super) async fn leave(
    Shared(state): Shared<State>,
    Sent(person, Button {}): Sent<Person, Button>,
) -> Response {
    let (secret, until) = match state.app.leave_browser(&person.visitor).await {
        Ok(made) => made,
        Err(error) => return person.failed(&state, &error),
    };
    let program = match state.app.program_of(person.session()) {
        Ok(program) => program,
        Err(error) => return person.failed(&state, &error),
    };
    let mut frame = person.frame(&state, program, None);
    // Here is a form's answer: another language asks for a page.
    frame.shell.back = "/verify".to_owned();
    let until = moment(until, &state, &frame.shell);
    let view = Elsewhere {
        frame,
        app: None,
        link: format!("{}/v/{secret}", state.site.public_url),
        until: Some(until),
        here: "/verify".to_owned(),
    };
    browser::page(StatusCode::OK, &view)
}
