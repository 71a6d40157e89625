//! Work for later, in the store beside the data.

use serde::{Deserialize, Serialize};
use shiren_core::id::{EventId, EvidenceId, NoticeId, SessionId, WebhookEndpointId};

/// A piece of work. Ids only.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Job {
    /// Look at what was submitted, and decide.
    RunChecks {
        /// Which session.
        session: SessionId,
    },
    /// Send an event to an endpoint.
    DeliverWebhook {
        /// Which event.
        event: EventId,
        /// Where to.
        endpoint: WebhookEndpointId,
    },
    /// Let a session end whose time is over.
    ExpireSession {
        /// Which.
        session: SessionId,
    },
    /// Delete the pictures of a session, whose retention is over or which was redacted.
    DeletePictures {
        /// Which session's.
        session: SessionId,
    },
    /// Delete a picture's bytes if nothing was recorded of it: the process died between the two.
    SweepPicture {
        /// Which picture's.
        evidence: EvidenceId,
    },
    /// Send something to a person.
    SendNotice {
        /// What.
        notice: NoticeId,
    },
    /// Wipe what was shredded out of the store's files. Enqueued with every shredding and without a dedup key: one
    /// that runs already may have begun too early.
    Scrub,
}

impl Job {
    /// The name in lists and metrics.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::RunChecks { .. } => "run_checks",
            Self::DeliverWebhook { .. } => "deliver_webhook",
            Self::ExpireSession { .. } => "expire_session",
            Self::DeletePictures { .. } => "delete_pictures",
            Self::SweepPicture { .. } => "sweep_picture",
            Self::SendNotice { .. } => "send_notice",
            Self::Scrub => "scrub",
        }
    }
}
