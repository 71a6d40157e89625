//! Listening: plain or over TLS, until told to stop; requests that have begun are finished.

use std::time::Duration;

use axum::Router;
use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use shiren_app::port::Clock as _;
use shiren_gateway::certificate::{self, CertifiedPem, Names};
use shiren_gateway::clock::SystemClock;

use super::config::{Config, Tls};
use super::other;
use crate::exit::Failure;

/// How long requests that have begun may take after the signal to stop.
const GRACE: Duration = Duration::from_secs(20);

/// How long a client may take to begin, and for the head of each request: whoever sends nothing, or a byte now and then,
/// would hold a connection for ever.
const HEAD: Duration = Duration::from_secs(30);

/// Serves until SIGINT or SIGTERM.
pub(crate) async fn serve(config: &Config, router: Router) -> Result<(), Failure> {
    let handle = Handle::new();
    let stopping = handle.clone();
    tokio::spawn(async move {
        stopped().await;
        tracing::info!("stopping: what has begun is finished");
        stopping.graceful_shutdown(Some(GRACE));
    });
    let service = router.into_make_service_with_connect_info::<std::net::SocketAddr>();
    let address = config.server.listen;
    let failed = |e: std::io::Error| Failure::Other(format!("{address}: {e}"));
    match certified(config)? {
        Some(pem) => {
            let tls = pem.server_config().map_err(other)?;
            let tls = RustlsConfig::from_config(std::sync::Arc::new(tls));
            let mut server =
                axum_server::bind_rustls(address, tls).handle(handle).first_request_timeout(HEAD);
            server.http_builder().http1().header_read_timeout(HEAD);
            server.serve(service).await.map_err(failed)
        }
        None => {
            let mut server = axum_server::bind(address).handle(handle).first_request_timeout(HEAD);
            server.http_builder().http1().header_read_timeout(HEAD);
            server.serve(service).await.map_err(failed)
        }
    }
}

/// Ends when the process is told to stop.
pub(crate) async fn stopped() {
    let interrupt = tokio::signal::ctrl_c();
    let mut terminate = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(signal) => signal,
        Err(_) => return drop(interrupt.await),
    };
    tokio::select! {
        _ = interrupt => {}
        _ = terminate.recv() => {}
    }
}

fn certified(config: &Config) -> Result<Option<CertifiedPem>, Failure> {
    match config.server.tls {
        Tls::Off => Ok(None),
        Tls::Files => {
            let (chain, key) = (&config.server.certificate, &config.server.private_key);
            CertifiedPem::load(chain.as_ref(), key.as_ref()).map(Some).map_err(other)
        }
        Tls::SelfSigned => {
            let mut names = vec!["localhost".to_owned()];
            names.extend(certificate::local_addresses().iter().map(ToString::to_string));
            names.extend(host(&config.server.public_url));
            let now = SystemClock.now();
            certificate::self_signed(&config.folder()?.join("tls"), &Names::new(names).map_err(other)?, now)
                .map(Some)
                .map_err(other)
        }
    }
}

/// The host of an address.
fn host(url: &str) -> Option<String> {
    let rest = url.split_once("://")?.1;
    let host = rest.split(['/', '?']).next()?.rsplit_once(':').map_or(rest, |(host, _)| host);
    (!host.is_empty()).then(|| host.to_owned())
}
