//! Whether it lives, and whether it can work.

use axum::extract::State as Shared;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;

use crate::state::State;

/// The process answers.
pub(crate) async fn live() -> &'static str {
    "ok\n"
}

/// The store answers too.
pub(crate) async fn ready(Shared(state): Shared<State>) -> (StatusCode, &'static str) {
    match state.app.ready().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n"),
    }
}

/// The description of the API.
pub(crate) async fn openapi() -> impl IntoResponse {
    let json = crate::api::openapi().to_string();
    ([(header::CONTENT_TYPE, "application/json")], json)
}
