//! What every handler gets.

use std::ops::Deref;
use std::sync::Arc;

use shiren_app::App;

use crate::limit::{Limiting, Limits};
use crate::page::Support;

/// What every handler gets. One count for all of it: each request copies it several times, on every core.
#[derive(Clone)]
pub struct State(Arc<Parts>);

/// What it is made of.
pub struct Parts {
    /// The use cases.
    pub app: Arc<App>,
    /// What the deployment is.
    pub site: Site,
    /// Who has asked how often.
    pub limits: Limits,
}

impl Deref for State {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl State {
    /// Of the use cases and the deployment.
    pub fn new(app: Arc<App>, site: Site) -> Self {
        let limits = Limits::new(&site.limiting);
        Self(Arc::new(Parts { app, site, limits }))
    }
}

/// What the operator says of the deployment.
#[derive(Clone, Debug, Default)]
pub struct Site {
    /// Where people reach it, without a slash at the end: `https://verify.example`.
    pub public_url: String,
    /// Whether cookies may be sent over TLS only: as soon as the address is https.
    pub secure: bool,
    /// What the platform is called, on every page.
    pub name: String,
    /// Where people sign in again: an address of the marketplace.
    pub home: Option<String>,
    /// Apps of the operator's own, by a part of what their browsers write into `User-Agent`: pages stay in them.
    pub own_apps: Vec<String>,
    /// Origins of the marketplace's own pages, which may frame the page of sub-accounts. Nothing else is ever framed.
    pub embed_origins: Vec<String>,
    /// How people reach a human (row H6).
    pub support: Support,
    /// Largest request in bytes.
    pub largest_request: usize,
    /// How often somebody may ask.
    pub limiting: Limiting,
}
