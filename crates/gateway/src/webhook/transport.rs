//! Posts a webhook once.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Response, redirect};
use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_platform_verifier::Verifier;
use shiren_app::port::{TransportError, WebhookTransport};

use super::guard::{self, Refusal, Rules};
use super::resolve::{GuardedResolver, Lookup, SystemLookup};

/// Who calls.
const USER_AGENT: &str = concat!("Shiren/", env!("CARGO_PKG_VERSION"));

/// How much of an answer is taken before it is hung up on. Nothing of it is used; it is taken because some servers
/// note an error when the caller hangs up while they talk.
const ANSWER_LIMIT: usize = 64 * 1024;

/// How webhooks are sent.
#[derive(Clone, Debug, Default)]
pub struct HttpSettings {
    /// Where to.
    pub rules: Rules,
    /// Certificates in PEM, of authorities that are trusted besides those of the system: a company's own.
    pub authorities: Vec<u8>,
}

/// Why no webhooks can be sent at all.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The given authorities cannot be read.
    #[error("the certificates of additional authorities cannot be read: {0}")]
    Authorities(String),
    /// There is nobody to trust, or TLS cannot be set up.
    #[error("TLS for webhooks: {0}. Are certificates of authorities installed (package ca-certificates)?")]
    Tls(rustls::Error),
    /// The client cannot be made.
    #[error("the HTTP client cannot be made: {0}")]
    Client(reqwest::Error),
}

/// How long a name may take to be found when an address is looked at that is not called yet. Whoever registers it waits.
const LOOK_UP: Duration = Duration::from_secs(3);

/// Sends over HTTP/1.1 and TLS.
#[derive(Clone)]
pub struct HttpTransport {
    client: Client,
    rules: Rules,
    lookup: Arc<dyn Lookup>,
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport").field("rules", &self.rules).finish_non_exhaustive()
    }
}

impl HttpTransport {
    /// A transport with the system's authorities and name servers.
    pub fn new(settings: &HttpSettings) -> Result<Self, SetupError> {
        Self::with_lookup(settings, Arc::new(SystemLookup))
    }

    pub(super) fn with_lookup(settings: &HttpSettings, lookup: Arc<dyn Lookup>) -> Result<Self, SetupError> {
        let rules = settings.rules;
        let client = Client::builder()
            .tls_backend_preconfigured(tls(&settings.authorities)?)
            .dns_resolver(Arc::new(GuardedResolver { lookup: Arc::clone(&lookup), rules }))
            // A proxy from the environment would connect where we do not see it.
            .no_proxy()
            .redirect(redirect::Policy::none())
            .user_agent(USER_AGENT)
            // A connection that is kept may be closed while it is used again, and then nobody knows whether the
            // webhook arrived. They are sent too seldom for it to pay.
            .pool_max_idle_per_host(0)
            .build()
            .map_err(SetupError::Client)?;
        Ok(Self { client, rules, lookup })
    }

    async fn post_once(
        &self,
        url: &str,
        headers: &BTreeMap<&'static str, String>,
        body: Vec<u8>,
    ) -> Result<Response, TransportError> {
        let url = guard::check(url, self.rules).map_err(forbidden)?;
        let headers = header_map(headers)?;
        self.client.post(url).headers(headers).body(body).send().await.map_err(|error| why(&error))
    }
}

#[async_trait]
impl WebhookTransport for HttpTransport {
    async fn check(&self, url: &str) -> Result<(), TransportError> {
        let url = guard::check(url, self.rules).map_err(forbidden)?;
        let Some(name) = url.domain() else { return Ok(()) };
        match tokio::time::timeout(LOOK_UP, self.lookup.lookup(name.to_owned())).await {
            Ok(Ok(found)) => guard::allowed(name, found, self.rules).map(drop).map_err(forbidden),
            // Not known, or not in time: it may be tomorrow, and then it is looked at before anything is sent.
            Ok(Err(_)) | Err(_) => Ok(()),
        }
    }

    async fn post(
        &self,
        url: &str,
        headers: &BTreeMap<&'static str, String>,
        body: Vec<u8>,
        timeout: Duration,
    ) -> Result<u16, TransportError> {
        let until = tokio::time::Instant::now() + timeout;
        let answer = tokio::time::timeout_at(until, self.post_once(url, headers, body));
        let answer = answer.await.map_err(|_| TransportError::Timeout)??;
        let status = answer.status().as_u16();
        // The receiver has said whether it took the webhook: what becomes of the rest of its answer changes nothing.
        let _ = tokio::time::timeout_at(until, hear_out(answer)).await;
        Ok(status)
    }
}

/// TLS by rustls with ring, trusting whom the system trusts. Made here and not taken from the process, where
/// nobody may have chosen an implementation yet.
pub(crate) fn tls(authorities: &[u8]) -> Result<ClientConfig, SetupError> {
    let provider = Arc::new(ring::default_provider());
    let extra: Vec<_> = CertificateDer::pem_slice_iter(authorities)
        .collect::<Result<_, _>>()
        .map_err(|error| SetupError::Authorities(error.to_string()))?;
    let verifier = Verifier::new_with_extra_roots(extra, Arc::clone(&provider)).map_err(SetupError::Tls)?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(SetupError::Tls)?
        // "Dangerous" is the name of every way to give a verifier; this one verifies.
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(config)
}

fn header_map(headers: &BTreeMap<&'static str, String>) -> Result<HeaderMap, TransportError> {
    let mut map = HeaderMap::new();
    map.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in headers {
        let unfit = |_| TransportError::Forbidden(format!("the header {name} cannot be sent"));
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unfit(()))?;
        map.insert(name, HeaderValue::from_str(value).map_err(|_| unfit(()))?);
    }
    Ok(map)
}

/// Takes the answer up to the limit.
async fn hear_out(mut answer: Response) {
    let mut heard = 0;
    while heard < ANSWER_LIMIT {
        match answer.chunk().await {
            Ok(Some(chunk)) => heard += chunk.len(),
            Ok(None) | Err(_) => return,
        }
    }
}

fn forbidden(refusal: Refusal) -> TransportError {
    TransportError::Forbidden(refusal.to_string())
}

/// What went wrong, without the URL: its path may be as secret as a password.
fn why(error: &reqwest::Error) -> TransportError {
    let causes: Vec<_> = std::iter::successors(error.source(), |error| (*error).source()).collect();
    match causes.iter().find_map(|cause| cause.downcast_ref::<Refusal>()) {
        Some(refusal) => forbidden(refusal.clone()),
        None => TransportError::Unreachable(cause_text(&causes)),
    }
}

/// The last cause is the one that tells most: "connection refused", "certificate has expired".
fn cause_text(causes: &[&(dyn Error + 'static)]) -> String {
    causes.last().map_or_else(|| "the request failed".to_owned(), |cause| cause.to_string())
}
