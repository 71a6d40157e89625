//! What leaves the machine or touches its disks: blobs, master keys, what the marketplace signs, webhooks, certificates, clock and randomness.
//!
//! Adapters behind the ports of `shiren_app`; no rule of the domain lives here, and no database.

pub mod assertion;
pub mod blobs;
pub mod certificate;
pub mod clock;
mod durable;
pub mod entropy;
pub mod keyring;
pub mod sender;
pub mod source;
pub mod webhook;
