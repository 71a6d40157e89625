//! The owner's page of a shop's sub-accounts, as `page` describes its requests: opened by a link that the marketplace
//! makes, in a tab or in a frame of the marketplace's own page.
//!
//! It shows how sub-accounts stand, and never who stands behind them (row E15).

mod code;
mod list;
mod visit;

use axum::Router;
use axum::routing::{get, post};

pub(crate) use list::row;

use crate::state::State;

/// Its routes.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/m/{secret}", get(visit::open))
        .route("/manage", get(list::show))
        .route("/manage/unbind", post(list::unbind))
        .route("/manage/lift", post(list::lift))
        .route("/manage/code", get(code::ask).post(code::make))
        .route("/manage/follow/{session}", get(code::follow))
}
