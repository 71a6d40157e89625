//! Asks over HTTPS: the marketplace's own service, which knows the bank, payment or registry account of a shop.
//!
//! The question is a `POST` of JSON, signed as webhooks are (Standard Webhooks, `v1`):
//!
//! ```json
//! {"question": "q_…", "account": {"kind": "shop", "id": "42"}, "name": "王小明", "id_number": "1101…",
//!  "phone": "+86138…"}
//! ```
//!
//! The answer is status 200 and `{"answer": "confirms" | "name_differs" | "unknown"}`, with `"phone_equals": true | false` from
//! who knows which phone this identity has; everything else is no answer.

use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, redirect};
use serde::{Deserialize, Serialize};
use shiren_app::port::{Clock, DataSource, Question, SourceError};
use shiren_app::webhook::sign::{self, Secret, Signer};
use shiren_core::account::Account;
use shiren_core::verification::check::{Answer, Answered};
use url::{Host, Url};

use crate::clock::SystemClock;
use crate::webhook::transport::tls;

/// How long an answer may take: somebody waits for it.
const PATIENCE: Duration = Duration::from_secs(5);
/// How large an answer may be.
const LONGEST: usize = 64 * 1024;

/// Where and how to ask.
#[derive(Clone, Debug)]
pub struct SourceSettings {
    /// What decisions call it.
    pub name: String,
    /// `https`; `http` only on this machine.
    pub url: String,
    /// `whsec_…`, shared with whoever answers.
    pub secret: String,
}

/// A source that is asked over HTTPS.
#[derive(Debug)]
pub struct HttpSource {
    name: String,
    url: Url,
    signer: Signer,
    client: Client,
}

#[derive(Serialize)]
struct Asked<'a> {
    question: &'a str,
    account: &'a Account,
    name: &'a str,
    id_number: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_account: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bank_card: Option<&'a str>,
}

#[derive(Deserialize)]
struct Told {
    answer: Word,
    #[serde(default)]
    phone_equals: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    Confirms,
    NameDiffers,
    Unknown,
}

impl HttpSource {
    /// A source by its settings.
    ///
    /// # Errors
    /// When the address or the secret cannot be used, or TLS cannot be set up.
    pub fn new(settings: &SourceSettings) -> Result<Self, SourceError> {
        let told = |what: String| SourceError(format!("{}: {what}", settings.name));
        let url = Url::parse(&settings.url).map_err(|e| told(format!("the address: {e}")))?;
        let here = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        };
        if url.scheme() != "https" && !(url.scheme() == "http" && here) {
            return Err(told("the address must be https, or http on this machine".into()));
        }
        let secret: Secret = settings.secret.parse().map_err(|e: sign::NotASecret| told(e.to_string()))?;
        let client = Client::builder()
            .tls_backend_preconfigured(tls(&[]).map_err(|e| told(e.to_string()))?)
            .no_proxy()
            .redirect(redirect::Policy::none())
            .timeout(PATIENCE)
            .build()
            .map_err(|e| told(e.to_string()))?;
        Ok(Self { name: settings.name.clone(), url, signer: secret.into(), client })
    }

    /// Nothing of the question or the answer goes into an error: both are personal data.
    async fn answer(&self, question: &Question) -> Result<Answered, &'static str> {
        let asked = Asked {
            question: &question.id,
            account: &question.account,
            name: &question.name,
            id_number: &question.id_number,
            phone: question.phone.as_deref(),
            payment_account: question.payment_account.as_deref(),
            bank_card: question.bank_card.as_deref(),
        };
        let body = serde_json::to_vec(&asked).map_err(|_| "the question cannot be written")?;
        let signers = std::slice::from_ref(&self.signer);
        let headers = sign::headers(&question.id, SystemClock.now(), &body, signers);
        let mut request = self.client.post(self.url.clone()).header(CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let mut response = request.body(body).send().await.map_err(|_| "it cannot be reached in time")?;
        if response.status() != 200 {
            return Err("it does not answer with 200");
        }
        let mut text = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|_| "its answer breaks off")? {
            if text.len() + chunk.len() > LONGEST {
                return Err("its answer is too long");
            }
            text.extend_from_slice(&chunk);
        }
        let told: Told = serde_json::from_slice(&text).map_err(|_| "its answer cannot be read")?;
        let answer = match told.answer {
            Word::Confirms => Answer::Confirms,
            Word::NameDiffers => Answer::NameDiffers,
            Word::Unknown => Answer::Unknown,
        };
        // What was not asked is not answered.
        Ok(Answered { answer, phone: told.phone_equals.filter(|_| question.phone.is_some()) })
    }
}

#[async_trait]
impl DataSource for HttpSource {
    fn name(&self) -> &str {
        &self.name
    }

    async fn ask(&self, question: &Question) -> Result<Answered, SourceError> {
        self.answer(question).await.map_err(|what| SourceError(format!("{}: {what}", self.name)))
    }
}
