//! What is kept beside the domain's own aggregates. Nothing here is personal in the clear: it is an id, a hash,
//! a time, or sealed.

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shiren_core::account::Account;
use shiren_core::id::{
    ApiKeyId, AuditId, ClockId, DecisionId, EventId, EvidenceId, JobId, NoticeId, SessionId, SignInId,
    UploadId, UserId, WebhookEndpointId,
};
use shiren_core::see::Shot;
use shiren_core::see::liveness::Plan;
use shiren_core::verification::Outcome;
use shiren_core::verification::check::LiveProof;
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::Reason;

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

/// How something reaches a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// By mail.
    Email,
    /// By SMS.
    Sms,
}

impl Channel {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Email, Self::Sms];

    /// The name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }

    /// The channel of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.name() == name)
    }
}

/// How far a notice has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeState {
    /// To be sent.
    Waiting,
    /// Being sent: found so after a crash, nobody knows whether it was.
    Sending,
    /// The gateway took it.
    Sent,
    /// Test mode: kept in the sandbox, and sent to nobody.
    Sandbox,
    /// Nobody knows whether the gateway took it.
    Unclear,
    /// The gateway refuses it, or did not take it for too long.
    Failed,
    /// Nothing is left to go on with.
    Dropped,
}

impl NoticeState {
    /// The name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Sandbox => "sandbox",
            Self::Unclear => "unclear",
            Self::Failed => "failed",
            Self::Dropped => "dropped",
        }
    }
}

/// A link to go on later that is sent to a person. To whom is sealed elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeRecord {
    /// Its id.
    pub id: NoticeId,
    /// Of which session.
    pub session: SessionId,
    /// Test or live.
    pub mode: Mode,
    /// How it goes.
    pub channel: Channel,
    /// In which language: `zh` or `en`.
    pub language: String,
    /// Who asked for it: `person`, or `key:` and a name.
    pub asked_by: String,
    /// How far it has come.
    pub state: NoticeState,
    /// What went wrong last.
    #[serde(default)]
    pub fault: Option<SendFault>,
    /// When it was asked for.
    pub created_at: Timestamp,
}

/// What went wrong on the way through a gateway. Kept with the notice, and told at the console in the reader's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum SendFault {
    /// Nobody configured one.
    #[error("no gateway is configured")]
    NoGateway,
    /// It is nowhere that letters could go to.
    #[error("the address is none")]
    Address,
    /// The text cannot stand in such a letter.
    #[error("the letter cannot be written")]
    Unwritable,
    /// No connection.
    #[error("it cannot be reached")]
    Unreachable,
    /// A connection, and then nothing.
    #[error("it does not answer in time")]
    Silent,
    /// No encryption that both speak, or a certificate that nothing vouches for.
    #[error("TLS cannot be agreed on")]
    Tls,
    /// The status of HTTP that it answered.
    #[error("status {0}")]
    Http(u16),
    /// The reply code of SMTP that it answered (RFC 5321, 4.2).
    #[error("smtp {0}")]
    Smtp(u16),
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

/// What an API key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Create, cancel and redact sessions; hand in pictures.
    SessionsWrite,
    /// Retrieve and list sessions.
    SessionsRead,
    /// Retrieve and list cases.
    CasesRead,
    /// Decide cases.
    CasesWrite,
    /// Read events.
    EventsRead,
    /// Manage webhook endpoints.
    WebhooksWrite,
    /// Register shops and sub-accounts, and change them.
    ShopsWrite,
    /// Retrieve and list shops and sub-accounts.
    ShopsRead,
    /// Move money of deposits.
    DepositsWrite,
    /// Retrieve deposits, and ask what may be listed.
    DepositsRead,
    /// Find the responsible person of a shop or a sub-account; every look is in the log.
    PeopleRead,
    /// Make clocks and turn them, in test mode.
    ClocksWrite,
}

impl Scope {
    /// All.
    pub const ALL: [Self; 12] = [
        Self::SessionsWrite,
        Self::SessionsRead,
        Self::CasesRead,
        Self::CasesWrite,
        Self::EventsRead,
        Self::WebhooksWrite,
        Self::ShopsWrite,
        Self::ShopsRead,
        Self::DepositsWrite,
        Self::DepositsRead,
        Self::PeopleRead,
        Self::ClocksWrite,
    ];

    /// The name used everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SessionsWrite => "sessions_write",
            Self::SessionsRead => "sessions_read",
            Self::CasesRead => "cases_read",
            Self::CasesWrite => "cases_write",
            Self::EventsRead => "events_read",
            Self::WebhooksWrite => "webhooks_write",
            Self::ShopsWrite => "shops_write",
            Self::ShopsRead => "shops_read",
            Self::DepositsWrite => "deposits_write",
            Self::DepositsRead => "deposits_read",
            Self::PeopleRead => "people_read",
            Self::ClocksWrite => "clocks_write",
        }
    }

    /// The scope of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }
}

/// An API key. The secret is shown once; its hash is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// What its owner calls it.
    pub name: String,
    /// Which of the two worlds it opens.
    pub mode: Mode,
    /// What it may do.
    pub scopes: BTreeSet<Scope>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// What somebody at the console may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Look at cases and decide them.
    Reviewer,
    /// Also manage users, keys and endpoints.
    Admin,
}

/// Somebody who works at the console.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// What they sign in with; unique.
    pub login: String,
    /// Argon2id, in PHC form.
    pub password: String,
    /// What they may do.
    pub role: Role,
    /// When they were created.
    pub created_at: Timestamp,
    /// Since when they may not sign in.
    pub disabled_at: Option<Timestamp>,
}

/// Somebody signed in at the console.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignIn {
    /// Its id.
    pub id: SignInId,
    /// Who.
    pub user: UserId,
    /// When.
    pub created_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
}

/// The link that brings a person to their session: opened once, it becomes a visit.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientLink {
    /// Of the secret in the link.
    pub hash: SecretHash,
    /// Which session it opens.
    pub session: SessionId,
    /// Until when it can be opened.
    pub expires_at: Timestamp,
    /// The number, 10 to 99, that stands beside it on the screen that it was made for, and that whoever opens it must
    /// tell.
    pub number: Option<u8>,
}

/// What came of opening a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkOpened {
    /// It was fresh, and is used now.
    Session(SessionId),
    /// It was used before.
    Used(SessionId),
    /// Its time is over.
    Expired(SessionId),
    /// There is no such link.
    Unknown,
}

/// A browser that has opened a link, known by a cookie.
#[derive(Clone, Debug, PartialEq)]
pub struct Visit {
    /// Of the secret in the cookie.
    pub hash: SecretHash,
    /// Which session it may act for.
    pub session: SessionId,
    /// Until when.
    pub expires_at: Timestamp,
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

/// A piece of work to be done later. Ids only, never personal data.
#[derive(Clone, Debug, PartialEq)]
pub struct NewJob {
    /// Its id.
    pub id: JobId,
    /// What is to be done.
    pub job: crate::job::Job,
    /// Not before, by the world's time.
    pub run_at: Timestamp,
    /// Which clock it belongs to: the clock waits for it, and it is done at the clock's time.
    pub clock: Option<ClockId>,
    /// Not before that clock shows this: until it is released there, `run_at` does not count.
    pub held_until: Option<Timestamp>,
    /// While a job of this key is waiting or running, another one is not enqueued.
    pub dedup: Option<String>,
}

/// A job that a worker holds for a while.
#[derive(Clone, Debug, PartialEq)]
pub struct LeasedJob {
    /// Its id.
    pub id: JobId,
    /// What is to be done.
    pub job: crate::job::Job,
    /// Which clock it belongs to.
    pub clock: Option<ClockId>,
    /// 1 for the first.
    pub attempt: u32,
    /// Counts up with every lease: what was leased again cannot be finished under an older one.
    pub fence: i64,
}

/// What a clock has to wait for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClockWork {
    /// Jobs of it that were released, and are neither done nor given up.
    pub released: i64,
    /// The earliest time that a job of it is held until.
    pub next: Option<Timestamp>,
}

/// How many jobs wait, run, and were given up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobCounts {
    /// Waiting, due or not.
    pub waiting: i64,
    /// Held by a worker.
    pub running: i64,
    /// Given up.
    pub dead: i64,
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
