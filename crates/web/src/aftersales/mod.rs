//! The buyer's page of an after-sales request, as `page` describes its requests.

mod files;
mod stand;
mod visit;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, head, post};
use futures_util::stream::try_unfold;
use shiren_app::FileReader;
use shiren_core::aftersales::attachment::LARGEST_PIECE;

use crate::state::State;

pub(crate) use stand::{amount, kind_key, state_key};

/// The routes of the buyer's page.
pub(crate) fn router() -> Router<State> {
    let piece = DefaultBodyLimit::max(usize::try_from(LARGEST_PIECE).unwrap_or(usize::MAX));
    Router::new()
        .route("/a/{secret}", get(visit::open))
        .route("/aftersales", get(stand::show).post(stand::hand_in))
        .route("/aftersales/verify", post(stand::verify))
        .route("/aftersales/withdraw", post(stand::withdraw))
        .route("/aftersales/files", post(files::send))
        .route("/aftersales/file/{id}", get(files::show))
        .route("/aftersales/file/{id}/remove", post(files::remove))
        .route("/aftersales/uploads", post(files::begin))
        .route("/aftersales/upload/{id}", head(files::standing).patch(files::append).layer(piece))
}

/// A file, piece by piece, which nobody in between may keep. What it is was told by its first bytes; a browser that
/// thinks otherwise is not heard, and nothing in it may run.
pub(crate) fn stream(reader: FileReader) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(reader.media_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox")),
    ];
    let pieces = try_unfold(reader, async |mut reader| {
        Ok::<_, shiren_app::Error>(reader.next().await?.map(|piece| (Bytes::from(piece), reader)))
    });
    (headers, Body::from_stream(pieces)).into_response()
}
