//! The reviewers' pages, as `page` describes their requests.

mod aftersales;
mod cases;
mod imports;
mod notices;
mod pace;
mod session;

use axum::Router;
use axum::routing::{get, post};

use crate::state::State;

/// The routes of the console.
pub(crate) fn router() -> Router<State> {
    Router::new()
        .route("/console", get(session::entrance))
        .route("/console/sign-in", post(session::sign_in))
        .route("/console/sign-out", post(session::sign_out))
        .route("/console/cases", get(cases::list))
        .route("/console/cases/{id}", get(cases::show))
        .route("/console/cases/{id}/reveal", post(cases::reveal))
        .route("/console/cases/{id}/decide", post(cases::decide))
        .route("/console/aftersales", get(aftersales::list))
        .route("/console/aftersales/{id}", get(aftersales::show))
        .route("/console/aftersales/{id}/take", post(aftersales::take))
        .route("/console/aftersales/{id}/decide", post(aftersales::decide))
        .route("/console/aftersales/{id}/files/{file}", get(aftersales::file))
        .route("/console/pace", get(pace::show))
        .route("/console/import", imports::routes())
        .route("/console/notices", get(notices::list))
        .route("/console/notices/{id}/reveal", post(notices::reveal))
        .route("/console/evidence/{id}", get(cases::picture))
}
