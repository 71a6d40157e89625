//! What every handler gets.

use std::sync::Arc;

use shiren_app::App;

/// What every handler gets.
#[derive(Clone)]
pub struct State {
    /// The use cases.
    pub app: Arc<App>,
    /// What the deployment is.
    pub site: Arc<Site>,
}

/// What the operator says of the deployment.
#[derive(Clone, Debug)]
pub struct Site {
    /// Where people reach it, without a slash at the end: `https://verify.example`.
    pub public_url: String,
    /// Whether cookies may be sent over TLS only: as soon as the address is https.
    pub secure: bool,
    /// How people reach a human: a telephone number, an address, a chat.
    pub contact: Contact,
    /// Largest request in bytes.
    pub largest_request: usize,
}

/// How people reach a human (row H6).
#[derive(Clone, Debug, Default)]
pub struct Contact {
    /// A page, or `mailto:` or `tel:`.
    pub url: String,
    /// What is written on it.
    pub text: String,
}
