//! What reaches people: mail by SMTP, SMS by a gateway of the operator's. Nothing of a letter goes into an error.

mod sms;
mod smtp;

#[cfg(test)]
mod tests;

pub use sms::{SmsSender, SmsSettings};
pub use smtp::{Security, SmtpSender, SmtpSettings};

/// Why a sender cannot be set up, in English.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SenderSetup(pub String);
