//! All routes, and what stands before them: limits, ids of requests, security headers.

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::api::{self, Problem};
use crate::state::State;
use crate::{aftersales, asset, console, docs, embed, health, limit, management, metrics, person};

/// A request that takes longer has gone wrong, or its sender sends too slowly.
const PATIENCE: Duration = Duration::from_secs(60);

/// Everything that is served.
pub fn router(state: State) -> Router {
    let always = |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    let limited = from_fn_with_state(state.clone(), limit::pages);
    // As one layer: axum puts each layer of its own into a box, for every route and every request.
    let around = ServiceBuilder::new()
        .layer(always(header::CACHE_CONTROL, "no-store"))
        .layer(always(header::REFERRER_POLICY, "no-referrer"))
        .layer(always(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(CatchPanicLayer::new())
        .layer(from_fn(patiently))
        .layer(DefaultBodyLimit::max(state.site.largest_request));
    Router::new()
        .merge(api::router())
        .merge(
            person::router()
                .merge(aftersales::router())
                .merge(console::router())
                .merge(docs::router())
                .merge(management::router())
                .merge(embed::router())
                .route_layer(limited),
        )
        .route("/assets/{name}", get(asset::serve))
        .route("/openapi.json", get(health::openapi))
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::show))
        .route_layer(from_fn(metrics::count))
        .fallback(nothing)
        .layer(around)
        .with_state(state)
}

/// Does not wait for ever. A response that goes on for long (an event stream, a channel) has begun by then.
async fn patiently(request: Request, next: Next) -> Response {
    let late = |_| {
        Problem::new(StatusCode::REQUEST_TIMEOUT, "request_timeout", "the request took longer than a minute")
            .fix("Send it again; with a slow line, send smaller pictures.")
            .into_response()
    };
    tokio::time::timeout(PATIENCE, next.run(request)).await.unwrap_or_else(late)
}

async fn nothing() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not_found", "there is no such page")
}
