//! Webhooks as the Standard Webhooks specification has them: how they are signed and when they are tried again.
//!
//! Pure: sending is the business of [`crate::port::WebhookTransport`].

pub mod schedule;
pub mod sign;

/// What endpoints live by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookRules {
    /// Hours for which a key that is replaced signs too, where nothing else is said.
    pub overlap_hours: u32,
    /// When a delivery that failed is tried again.
    pub retries: schedule::Schedule,
}

/// Most hours for which a replaced key may sign: a week.
pub const LONGEST_OVERLAP: u32 = 7 * 24;

impl Default for WebhookRules {
    /// A day, what Standard Webhooks' own service grants, and the schedule of the specification.
    fn default() -> Self {
        Self { overlap_hours: 24, retries: schedule::Schedule::default() }
    }
}
