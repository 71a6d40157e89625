//! SMS by a service of the operator's: a POST, signed as webhooks are (Standard Webhooks), of
//!
//! ```json
//! {"id": "ntc_…", "to": "+8613800138000", "language": "zh", "text": "…", "template": "resume_link",
//!  "parameters": {"link": "https://…"}}
//! ```
//!
//! Templates: `resume_link` with `link`; `phone_code` with `code` and `minutes`; those of messages with `account`, `text`
//! and sometimes `number`. The text is the same, whole.
//!
//! 2xx: taken. 4xx other than 408 and 429: will never be. Everything else may be asked again, with the same id: whoever
//! has taken it before answers 2xx and sends nothing.

use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, redirect};
use serde_json::json;
use shiren_app::port::{Clock as _, Letter, SendError, Sender};
use shiren_app::record::SendFault;
use shiren_app::webhook::sign::{self, Secret, Signer};
use url::{Host, Url};

use super::SenderSetup;
use crate::clock::SystemClock;
use crate::webhook::transport::tls;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// Where and how to send.
#[derive(Clone)]
pub struct SmsSettings {
    /// `https`; `http` only on this machine.
    pub url: String,
    /// `whsec_…`, shared with whoever answers.
    pub secret: String,
}

/// Sends SMS through a service of the operator's.
pub struct SmsSender {
    url: Url,
    signer: Signer,
    client: Client,
}

impl SmsSender {
    /// A sender by its settings.
    ///
    /// # Errors
    /// When the address or the secret cannot be used, or TLS cannot be set up.
    pub fn new(settings: &SmsSettings) -> Result<Self, SenderSetup> {
        let told = |e: &dyn std::fmt::Display| SenderSetup(format!("sms: {e}"));
        let url = Url::parse(&settings.url).map_err(|e| told(&e))?;
        let here = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        };
        if url.scheme() != "https" && !(url.scheme() == "http" && here) {
            return Err(told(&"the address must be https, or http on this machine"));
        }
        let secret: Secret = settings.secret.parse().map_err(|e: sign::NotASecret| told(&e))?;
        let client = Client::builder()
            .tls_backend_preconfigured(tls(&[]).map_err(|e| told(&e))?)
            .no_proxy()
            .redirect(redirect::Policy::none())
            .timeout(PATIENCE)
            .build()
            .map_err(|e| told(&e))?;
        Ok(Self { url, signer: secret.into(), client })
    }
}

#[async_trait]
impl Sender for SmsSender {
    fn sends_an_id_once(&self) -> bool {
        true
    }

    async fn send(&self, letter: &Letter) -> Result<(), SendError> {
        let body = json!({
            "id": letter.id, "to": letter.to, "language": letter.language, "text": letter.text,
            "template": letter.template, "parameters": letter.parameters,
        });
        let body = body.to_string().into_bytes();
        let signers = std::slice::from_ref(&self.signer);
        let headers = sign::headers(&letter.id, SystemClock.now(), &body, signers);
        let mut request = self.client.post(self.url.clone()).header(CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let answer = request.body(body).send().await.map_err(|error| {
            if error.is_connect() {
                SendError::NotSent(SendFault::Unreachable)
            } else {
                SendError::Unclear(SendFault::Silent)
            }
        })?;
        match answer.status().as_u16() {
            200..=299 => Ok(()),
            status @ (408 | 429) => Err(SendError::NotSent(SendFault::Http(status))),
            status @ 400..=499 => Err(SendError::Refused(SendFault::Http(status))),
            status => Err(SendError::Unclear(SendFault::Http(status))),
        }
    }
}
