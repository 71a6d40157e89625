//! The person's way, as `page` describes its requests.

mod code;
mod copy;
mod elsewhere;
mod forms;
mod guide;
mod handoff;
mod later;
mod live;
mod pictures;
mod stand;
mod uploads;
mod visit;
mod wait;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, head, post};

use crate::state::State;

pub(crate) use pictures::picture;
pub(crate) use stand::problems;
pub(crate) use visit::moment;

/// The routes of the person's pages.
pub(crate) fn router() -> Router<State> {
    let piece = DefaultBodyLimit::max(usize::try_from(shiren_app::LARGEST_CHUNK).unwrap_or(usize::MAX));
    Router::new()
        .route("/v/{secret}", get(visit::open).post(visit::open_with))
        .route("/verify", get(stand::stand))
        .route("/verify/result", get(stand::stand))
        .route("/verify/consent", post(forms::consent))
        .route("/verify/method", post(forms::method))
        .route("/verify/details", post(forms::details))
        .route("/verify/code", get(stand::stand).post(code::tell))
        .route("/verify/code/send", post(code::send))
        .route("/verify/code/lost", post(code::lost))
        .route("/verify/renew", post(forms::renew))
        .route("/verify/language", post(forms::language))
        .route("/verify/contact", post(forms::contact))
        .route("/verify/appeal", post(forms::appeal))
        .route("/verify/copy", post(copy::take))
        .route("/verify/specimen", post(forms::specimen))
        .route("/verify/submit", post(forms::submit))
        .route("/verify/review", get(stand::overview))
        .route("/verify/step/{step}", get(pictures::capture))
        .route("/verify/step/{step}/preview", get(pictures::preview))
        .route("/verify/phone", post(handoff::show))
        .route("/verify/browser", post(elsewhere::leave))
        .route("/verify/later", get(later::show).post(later::send))
        .route("/verify/follow", get(handoff::follow))
        .route("/verify/guide/{step}", get(guide::channel))
        .route("/verify/live", get(live::channel))
        .route("/verify/live/{step}", post(live::begin))
        .route("/verify/pictures/{step}", post(pictures::send))
        .route("/verify/pictures/{step}/file", post(pictures::send_file))
        .route("/verify/uploads/{step}", post(uploads::begin))
        .route("/verify/upload/{id}", head(uploads::standing).patch(uploads::append).layer(piece))
        .route("/verify/evidence/{id}", get(pictures::show))
        .route("/verify/checking", get(wait::checking))
        .route("/verify/progress", get(wait::progress))
}
