//! Sends webhooks: over TLS, to public addresses only, and to nobody whom the receiver points at.
//!
//! Signing and the times of further attempts are pure and are in `shiren_app::webhook`.

mod addresses;
pub mod guard;
mod resolve;
pub mod transport;

#[cfg(test)]
mod tests;

pub use guard::{Refusal, Rules};
pub use transport::{HttpSettings, HttpTransport, SetupError};
