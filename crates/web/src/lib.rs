//! HTTP: the API, the person's pages, the console.
//!
//! Handlers read requests, call one use case of `shiren_app`, and show what came of it. No rule stands here, no
//! SQL, no model.

pub mod api;
mod health;
mod router;
mod state;

pub use router::router;
pub use state::{Contact, Site, State};
