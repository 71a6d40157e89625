//! Figures for Prometheus: requests by route and status, jobs by state. No label holds anything of a person: routes
//! stand as they are written in the router, never with their ids.

use std::sync::OnceLock;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State as Shared};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use shiren_app::job::Job;

use crate::state::State;

/// Bounds of the histograms of seconds: an API call takes milliseconds, a set of pictures a second or two.
const SECONDS: [f64; 12] = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0];

/// Jobs that were given up, of which the kinds are counted at most: what stands here so long is no figure any more.
const MOST_DEAD: u32 = 10_000;

/// One recorder for the process, whoever asks first.
fn handle() -> Option<&'static PrometheusHandle> {
    static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    let install = || {
        let builder = PrometheusBuilder::new();
        builder
            .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS)
            .ok()?
            .install_recorder()
            .ok()
    };
    HANDLE.get_or_init(install).as_ref()
}

/// Counts and times a request.
pub(crate) async fn count(request: Request, next: Next) -> Response {
    handle();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "none".to_owned(), |p| p.as_str().to_owned());
    let method = request.method().to_string();
    let begun = Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_u16().to_string();
    metrics::histogram!("shiren_http_seconds", "method" => method, "route" => route, "status" => status)
        .record(begun.elapsed().as_secs_f64());
    response
}

/// All figures, in Prometheus' text form.
pub(crate) async fn show(Shared(state): Shared<State>) -> Response {
    let Some(handle) = handle() else { return StatusCode::SERVICE_UNAVAILABLE.into_response() };
    if let Ok(jobs) = state.app.job_counts().await {
        for (name, n) in [("waiting", jobs.waiting), ("running", jobs.running), ("dead", jobs.dead)] {
            metrics::gauge!("shiren_jobs", "state" => name).set(n as f64);
        }
    }
    if let Ok(dead) = state.app.dead_jobs(MOST_DEAD).await {
        for kind in Job::KINDS {
            let n = dead.iter().filter(|one| one.job.kind() == kind).count();
            metrics::gauge!("shiren_jobs_dead", "kind" => kind).set(n as f64);
        }
    }
    handle.run_upkeep();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], handle.render()).into_response()
}
