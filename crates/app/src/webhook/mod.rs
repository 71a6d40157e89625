//! Webhooks as the Standard Webhooks specification has them: how they are signed and when they are tried again.
//!
//! Pure: sending is the business of [`crate::port::WebhookTransport`].

pub mod schedule;
pub mod sign;
