//! What pages of the marketplace load from here: the yellow strip (row E27), under a name that stays.

use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::asset;
use crate::state::State;

/// An hour: the name does not change with what stands behind it.
const CACHE_CONTROL: &str = "public, max-age=3600";

/// Its route.
pub(crate) fn router() -> Router<State> {
    Router::new().route("/embed/strip.js", get(strip))
}

/// A script that says what it is given, and asks nothing of this service: any page may load it.
async fn strip() -> Response {
    let Some(asset) = asset::named("strip.js") else { return StatusCode::NOT_FOUND.into_response() };
    let mut answer = asset::answer(asset, CACHE_CONTROL);
    let headers = answer.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    answer
}
