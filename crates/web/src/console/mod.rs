//! The reviewers' pages, as `page` describes their requests.

mod aftersales;
mod bans;
mod cases;
mod gate;
mod imports;
mod money;
mod notices;
mod nows;
mod operations;
mod pace;
mod rollouts;
mod session;
mod shop;
mod shops;
mod told;

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
        .route("/console/shops", get(shops::list))
        .route("/console/shops/{id}", get(shop::show))
        .route("/console/shops/{id}/responsible", post(shop::look))
        .route("/console/shops/{id}/reveal", post(shop::reveal))
        .route("/console/shops/{id}/penalty", post(shop::penalise))
        .route("/console/shops/{id}/end", post(shop::end))
        .route("/console/shops/{id}/deposit", post(shop::enter))
        .route("/console/shops/{id}/close", post(shop::close))
        .route("/console/shops/{id}/recheck", post(shop::recheck))
        .route("/console/rollouts", get(rollouts::list))
        .route("/console/rollouts/new", get(rollouts::new).post(rollouts::create))
        .route("/console/rollouts/check", post(rollouts::check))
        .route("/console/rollouts/{id}", get(rollouts::show))
        .route("/console/rollouts/{id}/start", post(rollouts::start))
        .route("/console/rollouts/{id}/pause", post(rollouts::pause))
        .route("/console/rollouts/{id}/resume", post(rollouts::resume))
        .route("/console/rollouts/{id}/cancel", post(rollouts::cancel))
        .route("/console/gate", get(gate::show))
        .route("/console/gate/edit", get(gate::edit).post(gate::send))
        .route("/console/gate/check", post(gate::check))
        .route("/console/bans", get(bans::list))
        .route("/console/bans/{id}", get(bans::show))
        .route("/console/bans/{id}/lift", post(bans::lift))
        .route("/console/pace", get(pace::show))
        .route("/console/import", imports::routes())
        .route("/console/notices", get(notices::list))
        .route("/console/notices/{id}/reveal", post(notices::reveal))
        .route("/console/operations", get(operations::show))
        .route("/console/operations/jobs/{id}/requeue", post(operations::requeue))
        .route("/console/operations/endpoints/{id}/enable", post(operations::enable))
        .route("/console/evidence/{id}", get(cases::picture))
}
