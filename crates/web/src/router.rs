//! All routes, and what stands before them: limits, ids of requests, security headers.

use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, StatusCode, header};
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;

use crate::api::{self, Problem};
use crate::state::State;
use crate::{asset, console, docs, health, limit, metrics, person};

/// A request that takes longer has gone wrong, or its sender sends too slowly.
const PATIENCE: Duration = Duration::from_secs(60);

/// Everything that is served.
pub fn router(state: State) -> Router {
    let always = |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    let limited = axum::middleware::from_fn_with_state(state.clone(), limit::pages);
    Router::new()
        .merge(api::router())
        .merge(person::router().merge(console::router()).merge(docs::router()).route_layer(limited))
        .route("/assets/{name}", get(asset::serve))
        .route("/openapi.json", get(health::openapi))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::show))
        .route_layer(axum::middleware::from_fn(metrics::count))
        .fallback(nothing)
        .layer(DefaultBodyLimit::max(state.site.largest_request))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, PATIENCE))
        .layer(CatchPanicLayer::new())
        .layer(always(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(always(header::REFERRER_POLICY, "no-referrer"))
        .layer(always(header::CACHE_CONTROL, "no-store"))
        .with_state(state)
}

async fn nothing() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not_found", "there is no such page")
}
