//! The person's own copy of their data: taken on the page on which they passed, and on no other.

use axum::extract::State as Shared;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use shiren_core::verification::session::{CopyStanding, Session};

use super::visit::{Person, moment};
use crate::browser::to;
use crate::form::{Button, Sent};
use crate::page::OwnCopy;
use crate::state::State;

/// How the copy stands, as the page says it; `None` when the session is for none.
pub(super) fn standing(state: &State, person: &Person, session: &Session) -> Option<OwnCopy> {
    let standing = state.app.copy_standing(session, person.visitor.now)?;
    let shell = person.shell(state);
    Some(match standing {
        CopyStanding::Ready(until) => OwnCopy::Ready(moment(until, state, &shell)),
        CopyStanding::Taken(at) => OwnCopy::Taken(moment(at, state, &shell)),
        CopyStanding::Over => OwnCopy::Over,
    })
}

/// Takes it, once. Where there is nothing to take, the page says why.
pub(super) async fn take(
    Shared(state): Shared<State>,
    Sent(person, Button {}): Sent<Person, Button>,
) -> Response {
    let id = &person.session().id;
    match state.app.take_copy(id).await {
        Ok(Some(archive)) => {
            let name = format!("attachment; filename=\"my-data-{id}.zip\"");
            let headers = [
                (header::CONTENT_TYPE, "application/zip".to_owned()),
                (header::CONTENT_DISPOSITION, name),
                (header::CACHE_CONTROL, "private, no-store".to_owned()),
            ];
            (headers, archive).into_response()
        }
        Ok(None) => to("/verify"),
        Err(error) => person.failed(&state, &error),
    }
}
