//! Going on later: a link to the same session, sent to where the marketplace said that the person is reached.

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use shiren_app::record::Channel;
use shiren_app::{Error, SendLink};

use super::visit::Person;
use crate::browser::{page, to};
use crate::form::Sent;
use crate::page::{Later, Way};
use crate::state::State;

/// Where a link can be sent.
pub(super) async fn show(Shared(state): Shared<State>, person: Person) -> Response {
    offered(&state, &person, None).await
}

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    channel: String,
}

/// Has one sent.
pub(super) async fn send(Shared(state): Shared<State>, Sent(person, form): Sent<Person, Asked>) -> Response {
    let Some(channel) = Channel::named(&form.channel) else { return to("/verify/later") };
    let command = SendLink {
        mode: None,
        id: person.session().id.clone(),
        channel,
        language: person.language.name().to_owned(),
        by: "person".to_owned(),
    };
    match state.app.run(command).await {
        Ok(_) => to("/verify?later=1"),
        Err(Error::TooManyLinks(seconds)) => offered(&state, &person, Some(seconds.div_ceil(60))).await,
        Err(error) => person.failed(&state, &error),
    }
}

async fn offered(state: &State, person: &Person, wait_minutes: Option<u32>) -> Response {
    let program = match state.app.program_of(person.session()) {
        Ok(program) => program,
        Err(error) => return person.failed(state, &error),
    };
    let ways = match state.app.ways_to_send(person.session()).await {
        Ok(ways) => ways.into_iter().map(|(channel, to)| Way { channel, to }).collect(),
        Err(error) => return person.failed(state, &error),
    };
    let status = if wait_minutes.is_some() { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::OK };
    page(status, &Later { frame: person.frame(state, program, None), ways, wait_minutes })
}
