//! Work for later, in the store beside the data.

use serde::{Deserialize, Serialize};
use shiren_core::account::Account;
use shiren_core::id::{
    AfterSalesId, AttachmentId, BanId, CaseId, ClockId, EventId, EvidenceId, NoticeId, RolloutId, SessionId,
    UploadId, WebhookEndpointId,
};
use shiren_core::verification::program::Mode;

use crate::replay::Span;

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
    /// Send the events of a span to an endpoint once more, some at a time.
    ReplayWebhooks {
        /// Where to.
        endpoint: WebhookEndpointId,
        /// Of which events.
        span: Span,
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
    /// Delete what is left of an upload whose time is over.
    SweepUpload {
        /// Which.
        upload: UploadId,
    },
    /// Send something to a person.
    SendNotice {
        /// What.
        notice: NoticeId,
    },
    /// Let a sub-account's deadline happen.
    StaffDeadline {
        /// In which mode.
        mode: Mode,
        /// The marketplace's own id of the sub-account.
        staff: String,
    },
    /// Look at the sub-accounts of the next shops that a change of the exemptions concerns.
    FollowExemptions {
        /// In which mode.
        mode: Mode,
        /// Behind this shop, by the marketplace's own id.
        after: Option<String>,
    },
    /// Let a deadline of a shop's re-checks happen.
    RecheckDeadline {
        /// In which mode.
        mode: Mode,
        /// The marketplace's own id of the shop.
        shop: String,
    },
    /// Note who of the next shops a rollout means.
    EnrolRollout {
        /// Which.
        rollout: RolloutId,
        /// Behind this shop, by the marketplace's own id.
        after: Option<String>,
    },
    /// Let a rollout ask whoever it may ask now.
    RunRollout {
        /// Which.
        rollout: RolloutId,
    },
    /// Erase what a session for a copy of personal data showed, once its time is over.
    EndExport {
        /// Which.
        session: SessionId,
    },
    /// Let a deadline of a case happen.
    CaseDeadline {
        /// Which.
        case: CaseId,
    },
    /// Erase the identity records of an account that ended, or of who left it, once their years are over.
    EraseRecords {
        /// In which mode.
        mode: Mode,
        /// Which account's.
        account: Account,
    },
    /// Let a ban's term end.
    EndBan {
        /// Which.
        ban: BanId,
    },
    /// Let a deadline of an after-sales request happen.
    AfterSalesDeadline {
        /// Which.
        aftersales: AfterSalesId,
    },
    /// Delete what is left of a photograph or video that did not come whole.
    SweepAttachment {
        /// Of which after-sales request.
        aftersales: AfterSalesId,
        /// Which.
        attachment: AttachmentId,
    },
    /// Bring a clock that is turned by hand a step further.
    AdvanceClock {
        /// Which.
        clock: ClockId,
    },
    /// Wipe what was shredded out of the store's files. Enqueued with every shredding and without a dedup key: one
    /// that runs already may have begun too early.
    Scrub,
}

impl Job {
    /// Whether a clock that is turned by hand waits for it. What reaches somebody outside does not: receivers and
    /// gateways live by the world's time. Nor does what tidies the store.
    pub const fn lives_by_a_clock(&self) -> bool {
        match self {
            Self::RunChecks { .. }
            | Self::ExpireSession { .. }
            | Self::DeletePictures { .. }
            | Self::StaffDeadline { .. }
            | Self::RecheckDeadline { .. }
            | Self::EnrolRollout { .. }
            | Self::RunRollout { .. }
            | Self::EndExport { .. }
            | Self::CaseDeadline { .. }
            | Self::EraseRecords { .. }
            | Self::EndBan { .. }
            | Self::AfterSalesDeadline { .. } => true,
            Self::DeliverWebhook { .. }
            | Self::ReplayWebhooks { .. }
            | Self::SendNotice { .. }
            | Self::SweepPicture { .. }
            | Self::SweepUpload { .. }
            | Self::SweepAttachment { .. }
            | Self::AdvanceClock { .. }
            | Self::FollowExemptions { .. }
            | Self::Scrub => false,
        }
    }

    /// The names of all kinds.
    pub const KINDS: [&'static str; 21] = [
        "run_checks",
        "deliver_webhook",
        "replay_webhooks",
        "expire_session",
        "end_export",
        "delete_pictures",
        "sweep_picture",
        "sweep_upload",
        "send_notice",
        "staff_deadline",
        "follow_exemptions",
        "recheck_deadline",
        "enrol_rollout",
        "run_rollout",
        "case_deadline",
        "end_ban",
        "erase_records",
        "aftersales_deadline",
        "sweep_attachment",
        "advance_clock",
        "scrub",
    ];

    /// What it is about, for lists: ids, as they stand in the store.
    pub fn about(&self) -> String {
        let Ok(serde_json::Value::Object(fields)) = serde_json::to_value(self) else { return String::new() };
        let said =
            fields.iter().filter(|(name, _)| *name != "kind").map(|(name, value)| match value.as_str() {
                Some(text) => format!("{name}={text}"),
                None => format!("{name}={value}"),
            });
        said.collect::<Vec<_>>().join(" ")
    }

    /// The name in lists and metrics.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::RunChecks { .. } => "run_checks",
            Self::DeliverWebhook { .. } => "deliver_webhook",
            Self::ReplayWebhooks { .. } => "replay_webhooks",
            Self::ExpireSession { .. } => "expire_session",
            Self::DeletePictures { .. } => "delete_pictures",
            Self::SweepPicture { .. } => "sweep_picture",
            Self::SweepUpload { .. } => "sweep_upload",
            Self::SendNotice { .. } => "send_notice",
            Self::StaffDeadline { .. } => "staff_deadline",
            Self::FollowExemptions { .. } => "follow_exemptions",
            Self::RecheckDeadline { .. } => "recheck_deadline",
            Self::EnrolRollout { .. } => "enrol_rollout",
            Self::RunRollout { .. } => "run_rollout",
            Self::EndExport { .. } => "end_export",
            Self::CaseDeadline { .. } => "case_deadline",
            Self::EraseRecords { .. } => "erase_records",
            Self::EndBan { .. } => "end_ban",
            Self::AfterSalesDeadline { .. } => "aftersales_deadline",
            Self::SweepAttachment { .. } => "sweep_attachment",
            Self::AdvanceClock { .. } => "advance_clock",
            Self::Scrub => "scrub",
        }
    }
}
