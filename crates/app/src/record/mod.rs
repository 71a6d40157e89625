//! What is kept beside the domain's own aggregates. Nothing here is personal in the clear: it is an id, a hash,
//! a time, or sealed.

mod access;
mod gate;
mod job;
mod notice;
mod pace;
mod phone_code;
mod rollout;

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shiren_core::account::Account;
use shiren_core::id::{
    ApiKeyId, AuditId, DecisionId, EventId, EvidenceId, SessionId, UploadId, WebhookEndpointId,
};
use shiren_core::see::Shot;
use shiren_core::see::liveness::Plan;
use shiren_core::verification::Outcome;
use shiren_core::verification::check::LiveProof;
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::Reason;

use crate::webhook::sign::Scheme;

pub use access::{
    AfterSalesPass, ApiKey, ClientLink, LinkOpened, ManagementPass, Role, Scope, SignIn, User, Visit,
};
pub use gate::{GateRecord, GateRulesRecord};
pub use job::{ClockWork, DeadJob, JobCounts, LeasedJob, NewJob};
pub use notice::{AccountMessage, Channel, MessageKind, NoticeKind, NoticeRecord, NoticeState, SendFault};
pub use pace::{PaceRecord, Paced};
pub use phone_code::PhoneCodeRecord;
pub use rollout::{DueMember, MemberCounts, MemberState, Settled};

/// A value with the version under which it was loaded: saving it under another one is a conflict.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored<T> {
    /// The value.
    pub value: T,
    /// Counts up with every save, from 1.
    pub version: i64,
}

/// SHA-256 of a secret that is shown once and never kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SecretHash(pub [u8; 32]);

/// How a picture was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TakenBy {
    /// From a live capture, by the page's camera.
    Live,
    /// By the page's camera.
    Camera,
    /// Chosen from files.
    File,
    /// Sent by the marketplace through the API.
    Api,
    /// Drawn by the product itself: a specimen, in test mode.
    Drawn,
}

/// A picture that was taken in. Its bytes are a blob, sealed under the session's evidence key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EvidenceRecord {
    /// Its id.
    pub id: EvidenceId,
    /// For which session.
    pub session: SessionId,
    /// For which step.
    pub step: String,
    /// What it is meant to show.
    pub shot: Shot,
    /// Of the bytes as they came, in hexadecimal.
    pub sha256: String,
    /// How many they were.
    pub bytes: u64,
    /// Under which key the sealed picture, without metadata, is kept; `None` once deleted.
    pub blob: Option<String>,
    /// Width and height in pixels, upright.
    pub size: (u32, u32),
    /// What the check at the moment of taking found.
    pub findings: Vec<Reason>,
    /// How it was taken.
    pub taken_by: TakenBy,
    /// What the person did meanwhile, when it was captured live.
    #[serde(default)]
    pub live: Option<LiveProof>,
    /// When.
    pub taken_at: Timestamp,
}

/// A decision: superseded, never changed.
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionRecord {
    /// Its id.
    pub id: DecisionId,
    /// About which session.
    pub session: SessionId,
    /// When.
    pub at: Timestamp,
    /// What it came to.
    pub outcome: Outcome,
    /// The whole of it (`shiren_core::verification::Decision`), as it is shown.
    pub body: serde_json::Value,
}

/// Which sealed record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey {
    /// Whose: the id of a session, an endpoint, a user.
    pub owner: String,
    /// Which one of them: `declared`, `identity`, `template/selfie`, `secret`.
    pub name: String,
}

/// An event that is to be appended.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEvent {
    /// Its id.
    pub id: EventId,
    /// Test or live.
    pub mode: Mode,
    /// What happened: `verification_session.verified`, `case.opened`, …
    pub kind: String,
    /// Whose account: events of one account are numbered.
    pub account: Account,
    /// The id of what it happened to.
    pub object: String,
    /// When.
    pub at: Timestamp,
    /// What receivers are told besides: ids, statuses, codes.
    pub data: serde_json::Value,
}

/// An event that was appended.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// What was appended.
    pub event: NewEvent,
    /// Its number among the account's events, from 1, without gaps.
    pub sequence: i64,
}

/// Where events are sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WebhookEndpoint {
    /// Its id.
    pub id: WebhookEndpointId,
    /// Events of which mode.
    pub mode: Mode,
    /// Where to.
    pub url: String,
    /// Only these types; all when empty.
    pub kinds: BTreeSet<String>,
    /// In the operator's words.
    pub description: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// Why nothing is sent any more, and since when.
    pub disabled: Option<(String, Timestamp)>,
    /// How what is sent there is signed.
    #[serde(default)]
    pub scheme: Scheme,
    /// What it is verified with, where anybody may know that: `whpk_…`.
    #[serde(default)]
    pub public_key: Option<String>,
    /// Until when the key that was replaced last signs too.
    #[serde(default)]
    pub former_until: Option<Timestamp>,
}

impl WebhookEndpoint {
    /// Whether it chose events of this type.
    pub fn wants(&self, kind: &str) -> bool {
        self.kinds.is_empty() || self.kinds.contains(kind)
    }
}

/// One attempt to deliver an event.
#[derive(Clone, Debug, PartialEq)]
pub struct DeliveryAttempt {
    /// Which event.
    pub event: EventId,
    /// To which endpoint.
    pub endpoint: WebhookEndpointId,
    /// 1 for the first.
    pub attempt: u32,
    /// When.
    pub at: Timestamp,
    /// What came back.
    pub status: Option<u16>,
    /// Why nothing came back.
    pub error: Option<String>,
}

/// Which request must not have a second effect.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdempotencyKey {
    /// Of which caller.
    pub api_key: ApiKeyId,
    /// Method and path as the router writes it, without ids.
    pub route: String,
    /// What the caller sent as `Idempotency-Key`.
    pub value: String,
}

/// An answer that was given under an idempotency key.
#[derive(Clone, Debug, PartialEq)]
pub struct IdempotentAnswer {
    /// Of method, address and body of the request that got it.
    pub request: SecretHash,
    /// Status and body, sealed under a key of the caller's: answers hold secrets that are shown once.
    pub sealed: shiren_vault::Sealed,
    /// When it may be forgotten.
    pub expires_at: Timestamp,
}

/// A value that only one account may hold, by its blind-index tags (one for each key version in use).
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// What is claimed: `identity`.
    pub kind: String,
    /// Test or live: worlds of their own.
    pub mode: Mode,
    /// Key version and tag.
    pub tags: Vec<(u32, Vec<u8>)>,
    /// Who claims it.
    pub account: Account,
    /// On the ground of which session.
    pub session: SessionId,
    /// When.
    pub at: Timestamp,
}

/// What came of claiming.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// Nobody else holds it; the account holds it now.
    Yes,
    /// This account holds it.
    TakenBy(Account),
}

/// A key that encrypts data of one owner for one purpose, itself encrypted.
#[derive(Clone, Debug, PartialEq)]
pub struct DataKeyRecord {
    /// Whose: the id of a session, an endpoint, a user.
    pub owner: String,
    /// For what; separate keys can be shredded separately.
    pub purpose: shiren_vault::Purpose,
    /// Wrapped under the master key of its version.
    pub wrapped: shiren_vault::WrappedKey,
}

/// A live capture that was begun and can be opened once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaptureRecord {
    /// Of its token.
    pub hash: SecretHash,
    /// For which session.
    pub session: SessionId,
    /// For which step.
    pub step: String,
    /// The visit of the browser that began it.
    pub visit: SecretHash,
    /// What will be asked.
    pub plan: Plan,
    /// Until when it can be opened.
    pub expires_at: Timestamp,
}

/// What came of opening a live capture.
#[derive(Clone, Debug, PartialEq)]
pub enum CaptureOpened {
    /// It is open now.
    Capture(Box<CaptureRecord>),
    /// It was opened before.
    Used,
    /// Its time is over.
    Expired,
    /// There is none.
    Unknown,
}

/// A picture that is on its way in pieces. The pieces are blobs, sealed as the session's pictures are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UploadRecord {
    /// Its id.
    pub id: UploadId,
    /// Of which session.
    pub session: SessionId,
    /// For which step.
    pub step: String,
    /// How it was taken.
    pub taken_by: TakenBy,
    /// Bytes altogether.
    pub length: u64,
    /// SHA-256 that all of them must have, in hexadecimal.
    pub sha256: String,
    /// Bytes of each piece that is kept, in their order.
    pub pieces: Vec<u64>,
    /// Until when it can be gone on with, by the world's time.
    pub expires_at: Timestamp,
    /// What became of it.
    pub picture: Option<EvidenceId>,
}

/// Somebody read or decided something: an entry of the audit log.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// Who: `user:usr_…`, `key:key_…`, `person`, `system`.
    pub actor: String,
    /// What they did: `case.viewed`, `evidence.read`, `field.revealed`, …
    pub action: String,
    /// To what: an id.
    pub object: String,
    /// Why, in their words or the system's.
    pub purpose: String,
}
