//! Proving a phone: a code is sent to it, and told here.

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use shiren_app::{Error, SendCode, TryCode};
use shiren_core::verification::ReasonCode;
use shiren_core::verification::program::Program;

use super::visit::Person;
use crate::browser::{page, to};
use crate::form::{Button, Sent};
use crate::limit::{Client, counted_as};
use crate::page::{Code, Stop};
use crate::state::State;

#[derive(Debug, Deserialize)]
pub(super) struct Told {
    #[serde(default)]
    code: String,
}

/// Has a code sent, or another one.
pub(super) async fn send(
    Shared(state): Shared<State>,
    client: Client,
    Sent(person, Button {}): Sent<Person, Button>,
) -> Response {
    match ask(&state, &person, client).await {
        Ok(()) => to("/verify"),
        Err(Error::TooManyCodes { code, .. }) => refused(&state, &person, code).await,
        Err(error) => person.failed(&state, &error),
    }
}

/// After the entries: a code is sent at once, unless one that was sent a moment ago still counts.
pub(super) async fn begin(state: &State, person: &Person, client: Client) -> Response {
    match ask(state, person, client).await {
        Ok(()) | Err(Error::TooManyCodes { code: ReasonCode::PhoneCodeTooSoon, .. }) => to("/verify"),
        Err(Error::TooManyCodes { code, .. }) => refused(state, person, code).await,
        Err(error) => person.failed(state, &error),
    }
}

async fn ask(state: &State, person: &Person, client: Client) -> Result<(), Error> {
    let command = SendCode {
        session: person.session().id.clone(),
        cookie: person.visitor.cookie.clone(),
        address: counted_as(client),
        language: person.language.name().to_owned(),
    };
    state.app.run(command).await.map(drop)
}

/// The registered phone cannot be reached: it goes on without its code, and a person decides.
pub(super) async fn lost(
    Shared(state): Shared<State>,
    Sent(person, Button {}): Sent<Person, Button>,
) -> Response {
    match state.app.lost_old_phone(&person.session().id).await {
        Ok(_) => to("/verify"),
        Err(error) => person.failed(&state, &error),
    }
}

/// The code, as it was entered.
pub(super) async fn tell(Shared(state): Shared<State>, Sent(person, form): Sent<Person, Told>) -> Response {
    let tried = TryCode { session: person.session().id.clone(), code: form.code };
    match state.app.run(tried).await.map(|tried| tried.reason()) {
        Ok(None) => to("/verify"),
        Ok(Some(code)) => refused(&state, &person, code).await,
        Err(error) => person.failed(&state, &error),
    }
}

async fn refused(state: &State, person: &Person, code: ReasonCode) -> Response {
    match state.app.program_of(person.session()) {
        Ok(program) => shown(state, person, program, Some(code)).await,
        Err(error) => person.failed(state, &error),
    }
}

/// The page, with why something was refused.
pub(super) async fn shown(
    state: &State,
    person: &Person,
    program: &Program,
    refused: Option<ReasonCode>,
) -> Response {
    let standing = match state.app.code_standing(&person.visitor).await {
        Ok(standing) => standing,
        Err(error) => return person.failed(state, &error),
    };
    let full = [
        ReasonCode::PhoneCodesForAccount,
        ReasonCode::PhoneCodesToPhone,
        ReasonCode::PhoneCodesFromAddress,
        ReasonCode::PhoneCodesOnDevice,
    ];
    let view = Code {
        frame: person.frame(state, program, Some(Stop::Document)),
        to: standing.to,
        sent: standing.sent,
        old: standing.old,
        minutes: standing.minutes,
        wait_seconds: standing.wait_seconds,
        error: refused.map(|code| person.language.advice(code)),
        ask_a_person: refused.is_some_and(|code| full.contains(&code)),
    };
    let status = match refused {
        None => StatusCode::OK,
        Some(code) if full.contains(&code) || code == ReasonCode::PhoneCodeTooSoon => {
            StatusCode::TOO_MANY_REQUESTS
        }
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    page(status, &view)
}
