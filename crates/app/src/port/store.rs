//! The store: aggregates whole, records by their keys, everything of one command in one transaction.

use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::civil::Date;
use shiren_core::account::ban::Ban;
use shiren_core::account::claim::Tag;
use shiren_core::account::shop::{Shop, ShopStatus};
use shiren_core::account::staff::Staff;
use shiren_core::account::{Account, AccountKind};
use shiren_core::aftersales::{AfterSales, State};
use shiren_core::clock::TestClock;
use shiren_core::deposit::Ledger;
use shiren_core::id::{
    AfterSalesId, ApiKeyId, BanId, CaseId, ClockId, DecisionId, EventId, EvidenceId, JobId, NoticeId,
    RolloutId, SessionId, SignInId, UploadId, UserId, WebhookEndpointId,
};
use shiren_core::recheck::plan::Load;
use shiren_core::recheck::{RecheckStatus, Rechecks};
use shiren_core::review::{Case, Lateness};
use shiren_core::rollout::{Rollout, RolloutStatus};
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::{Session, Status};
use shiren_vault::{Purpose, Sealed};

use crate::record::{
    AfterSalesPass, ApiKey, AuditEntry, CaptureOpened, CaptureRecord, Claim, Claimed, ClientLink, ClockWork,
    DataKeyRecord, DeadJob, DecisionRecord, DeliveryAttempt, DueMember, Event, EvidenceRecord, GateRecord,
    GateRulesRecord, IdempotencyKey, IdempotentAnswer, JobCounts, LeasedJob, LinkOpened, ManagementPass,
    MemberCounts, MemberState, NewEvent, NewJob, NoticeRecord, PaceRecord, Paced, PhoneCodeRecord, RecordKey,
    Scope, SecretHash, SignIn, Stored, UploadRecord, User, Visit, WebhookEndpoint,
};

/// Why the store did not do what was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// It was changed by somebody else since it was loaded, or exists already: load it again and try again.
    #[error("it was changed meanwhile")]
    Conflict,
    /// The transaction lost against another one: the whole command can be tried again.
    #[error("the store is busy")]
    Busy,
    /// No space is left.
    #[error("no space is left in the store")]
    Full,
    /// What is in the store cannot be read: another version wrote it, or it is damaged.
    #[error("a row cannot be read: {0}")]
    Unreadable(String),
    /// Anything else.
    #[error("store: {0}")]
    Other(String),
}

/// The job was leased again by another worker: what this one did must not count.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the lease was lost")]
pub struct LeaseLost;

/// A store. Every implementation passes the contract suite in `shiren-testkit`.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Begins a transaction that may write. Dropped without [`Tx::commit`], it never happened.
    async fn begin(&self) -> Result<Box<dyn Tx>, StoreError>;

    /// Begins one that only reads, and keeps no writer waiting. Writing through it is an error.
    async fn snapshot(&self) -> Result<Box<dyn Tx>, StoreError>;

    /// Only reads too, each read at its own moment: for one of them, or where moments do not matter. Cheaper than a
    /// snapshot; there is nothing to commit.
    async fn reader(&self) -> Result<Box<dyn Tx>, StoreError>;

    /// Leases the job that is due longest, in a transaction of its own: waiting jobs whose time has come, and
    /// running ones whose lease is over. Never one that is held for a clock. `None` when nothing is due.
    async fn lease(
        &self,
        worker: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<LeasedJob>, StoreError>;

    /// Holds on to a job; false when the lease was lost.
    async fn heartbeat(&self, job: &LeasedJob, until: Timestamp) -> Result<bool, StoreError>;

    /// Puts a failed job back, not to be tried before `run_at`; nothing when the lease was lost.
    async fn retry(&self, job: &LeasedJob, run_at: Timestamp, error: &str) -> Result<(), StoreError>;

    /// Gives a job up; it stays to be looked at. Nothing when the lease was lost.
    async fn bury(&self, job: &LeasedJob, error: &str, now: Timestamp) -> Result<(), StoreError>;

    /// Makes sure that what was deleted and committed is in none of its files any more, logs included, as far as the files
    /// are its own: what a database server keeps of its own log and backups is the operator's. `Busy` when somebody still
    /// reads what stands there.
    async fn scrub(&self) -> Result<(), StoreError>;

    /// Whether it answers and its schema is current.
    async fn ready(&self) -> Result<(), StoreError>;
}

/// Which sessions to list, newest first.
#[derive(Clone, Debug, Default)]
pub struct SessionQuery {
    /// In which mode; both when `None`.
    pub mode: Option<Mode>,
    /// Only in this status.
    pub status: Option<Status>,
    /// Only of accounts of this kind.
    pub account_kind: Option<AccountKind>,
    /// Only of the account of this id.
    pub account_id: Option<String>,
    /// Only older than this one.
    pub after: Option<SessionId>,
    /// At most so many.
    pub limit: u32,
}

/// Which cases to list, soonest deadline first.
#[derive(Clone, Debug, Default)]
pub struct CaseQuery {
    /// In which mode; both when `None`.
    pub mode: Option<Mode>,
    /// Only undecided (`true`) or decided ones.
    pub open: Option<bool>,
    /// Only of accounts of this kind.
    pub account_kind: Option<AccountKind>,
    /// Only of the account of this id.
    pub account_id: Option<String>,
    /// Only what is so late, or later.
    pub late: Option<Lateness>,
    /// Only behind this one, in the order of deadline and id.
    pub after: Option<CaseId>,
    /// At most so many.
    pub limit: u32,
}

/// Which events to list, oldest first.
#[derive(Clone, Debug, Default)]
pub struct EventQuery {
    /// In which mode; both when `None`.
    pub mode: Option<Mode>,
    /// Only of this account.
    pub account: Option<Account>,
    /// Only of this object.
    pub object: Option<String>,
    /// Only behind this one.
    pub after: Option<EventId>,
    /// Only those that were told in this moment of the world's time or later.
    pub since: Option<Timestamp>,
    /// At most so many.
    pub limit: u32,
}

/// Which notices to list, newest first.
#[derive(Clone, Debug, Default)]
pub struct NoticeQuery {
    /// Only of this session.
    pub session: Option<SessionId>,
    /// Only messages to the people of the shop of this id, in this mode.
    pub shop: Option<(Mode, String)>,
    /// Only messages about this account, in this mode.
    pub account: Option<(Mode, Account)>,
    /// Only messages: no links and no codes.
    pub messages: bool,
    /// Only older than this one.
    pub after: Option<NoticeId>,
    /// At most so many.
    pub limit: u32,
}

/// By what codes are counted that were asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodesBy {
    /// To this phone.
    Phone(Tag),
    /// To this phone, for sessions of this account.
    PhoneOf(Tag, Account),
    /// In this browser.
    Device(Tag),
    /// From this address.
    Address(Tag),
}

/// Which shops to list, newest first.
#[derive(Clone, Debug)]
pub struct ShopQuery {
    /// In which mode.
    pub mode: Mode,
    /// Only of this status.
    pub status: Option<ShopStatus>,
    /// Only those whose re-checks stand so; none that is closed for ever.
    pub rechecks: Option<RecheckStatus>,
    /// Only those of a company (`true`) or of an individual.
    pub company: Option<bool>,
    /// Only those of the company of this 统一社会信用代码, in its normal form.
    pub credit_code: Option<String>,
    /// Only those that were added before this one.
    pub after: Option<String>,
    /// At most so many.
    pub limit: u32,
}

impl ShopQuery {
    /// All of a mode, so many at once.
    pub const fn of(mode: Mode, limit: u32) -> Self {
        Self { mode, status: None, rechecks: None, company: None, credit_code: None, after: None, limit }
    }
}

/// Which bans to list, newest first.
#[derive(Clone, Debug)]
pub struct BanQuery {
    /// In which mode.
    pub mode: Mode,
    /// Only those for which this shop was closed.
    pub shop: Option<String>,
    /// Only those that are in force (`true`) or ended, as far as it was noticed.
    pub in_force: Option<bool>,
    /// Only older than this one.
    pub after: Option<BanId>,
    /// At most so many.
    pub limit: u32,
}

/// Which after-sales requests to list.
#[derive(Clone, Debug, Default)]
pub struct AfterSalesQuery {
    /// In which mode; both when `None`.
    pub mode: Option<Mode>,
    /// Only where they stand so.
    pub state: Option<State>,
    /// Only of the buyer of this id.
    pub buyer: Option<String>,
    /// Those that are to be reviewed, soonest deadline first; all, newest first, when not.
    pub to_review: bool,
    /// Only behind this one, in the order asked for.
    pub after: Option<AfterSalesId>,
    /// At most so many.
    pub limit: u32,
}

/// Which sub-accounts to list, newest first.
#[derive(Clone, Debug)]
pub struct StaffQuery {
    /// In which mode.
    pub mode: Mode,
    /// Of which shop.
    pub shop: String,
    /// Only of this standing, by its name.
    pub standing: Option<String>,
    /// Only those with (`true`) or without a verification that is being looked at.
    pub reviewed: Option<bool>,
    /// Only those with (`true`) or without somebody who is bound.
    pub bound: Option<bool>,
    /// Only those that were added before this one.
    pub after: Option<String>,
    /// At most so many.
    pub limit: u32,
}

/// How many sub-accounts of a shop stand alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffCount {
    /// By the name of their standing.
    pub standing: String,
    /// With or without a verification that is being looked at.
    pub reviewed: bool,
    /// With or without somebody who is bound.
    pub bound: bool,
    /// So many.
    pub count: u32,
}

/// Which rollouts to list, newest first.
#[derive(Clone, Debug)]
pub struct RolloutQuery {
    /// In which mode.
    pub mode: Mode,
    /// Only of this status.
    pub status: Option<RolloutStatus>,
    /// Only older than this one.
    pub after: Option<RolloutId>,
    /// At most so many.
    pub limit: u32,
}

/// Which clocks to list, newest first.
#[derive(Clone, Debug, Default)]
pub struct ClockQuery {
    /// Only older than this one.
    pub after: Option<ClockId>,
    /// At most so many.
    pub limit: u32,
}

/// Everything of one command: seen together, written together or not at all.
///
/// After an error it can only be dropped. Times are kept to the microsecond.
#[async_trait]
pub trait Tx: Send {
    /// Makes it true.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;

    // Sessions.

    /// The session of this id.
    async fn session(&mut self, id: &SessionId) -> Result<Option<Stored<Session>>, StoreError>;
    /// Adds one; `Conflict` when the id exists.
    async fn insert_session(&mut self, session: &Session) -> Result<(), StoreError>;
    /// Saves one; `Conflict` when it was changed since it was loaded.
    async fn save_session(&mut self, session: &Stored<Session>) -> Result<(), StoreError>;
    /// Lists some.
    async fn sessions(&mut self, query: &SessionQuery) -> Result<Vec<Session>, StoreError>;

    // What belongs to a session.

    /// Adds a picture's record.
    async fn insert_evidence(&mut self, evidence: &EvidenceRecord) -> Result<(), StoreError>;
    /// The picture's record.
    async fn evidence(&mut self, id: &EvidenceId) -> Result<Option<EvidenceRecord>, StoreError>;
    /// All of a session, oldest first, also those that no longer count.
    async fn evidence_of(&mut self, session: &SessionId) -> Result<Vec<EvidenceRecord>, StoreError>;
    /// Notes that the picture's bytes are deleted.
    async fn forget_blob(&mut self, id: &EvidenceId) -> Result<(), StoreError>;
    /// Adds a decision.
    async fn insert_decision(&mut self, decision: &DecisionRecord) -> Result<(), StoreError>;
    /// A decision.
    async fn decision(&mut self, id: &DecisionId) -> Result<Option<DecisionRecord>, StoreError>;

    // Secrets: sealed records and the keys to them.

    /// Keeps a sealed record, in place of an earlier one.
    async fn put_record(&mut self, key: &RecordKey, sealed: &Sealed) -> Result<(), StoreError>;
    /// A sealed record.
    async fn record(&mut self, key: &RecordKey) -> Result<Option<Sealed>, StoreError>;
    /// Keeps a data key; `Conflict` when there is one for this owner and purpose.
    async fn insert_data_key(&mut self, key: &DataKeyRecord) -> Result<(), StoreError>;
    /// The data key of an owner for a purpose.
    async fn data_key(&mut self, owner: &str, purpose: Purpose) -> Result<Option<DataKeyRecord>, StoreError>;
    /// Forgets a data key, and with it everything sealed under it; false when there was none.
    async fn shred_data_key(&mut self, owner: &str, purpose: Purpose) -> Result<bool, StoreError>;

    // Uniqueness.

    /// Claims a value for an account. The same account may claim it again.
    async fn claim(&mut self, claim: &Claim) -> Result<Claimed, StoreError>;
    /// Who holds a value, by any of its tags.
    async fn holder(
        &mut self,
        kind: &str,
        mode: Mode,
        tags: &[(u32, Vec<u8>)],
    ) -> Result<Option<Account>, StoreError>;
    /// The tags of all values of a kind that an account holds.
    async fn claims_of(
        &mut self,
        kind: &str,
        mode: Mode,
        account: &Account,
    ) -> Result<Vec<(u32, Vec<u8>)>, StoreError>;
    /// Whoever holds a value holds it no longer.
    async fn release(&mut self, kind: &str, mode: Mode, tags: &[(u32, Vec<u8>)]) -> Result<(), StoreError>;

    // Shops and their sub-accounts, by the marketplace's own ids.

    /// The shop of this id.
    async fn shop(&mut self, mode: Mode, id: &str) -> Result<Option<Stored<Shop>>, StoreError>;
    /// Adds one; `Conflict` when the id exists in its mode.
    async fn insert_shop(&mut self, shop: &Shop) -> Result<(), StoreError>;
    /// Saves one; `Conflict` when it was changed since it was loaded.
    async fn save_shop(&mut self, shop: &Stored<Shop>) -> Result<(), StoreError>;
    /// Lists some.
    async fn shops(&mut self, query: &ShopQuery) -> Result<Vec<Shop>, StoreError>;
    /// The sub-account of this id.
    async fn staff(&mut self, mode: Mode, id: &str) -> Result<Option<Stored<Staff>>, StoreError>;
    /// Adds one of a shop that exists; `Conflict` when the id exists in this mode.
    async fn insert_staff(&mut self, mode: Mode, staff: &Staff) -> Result<(), StoreError>;
    /// Saves one; `Conflict` when it was changed since it was loaded.
    async fn save_staff(&mut self, mode: Mode, staff: &Stored<Staff>) -> Result<(), StoreError>;
    /// Lists some.
    async fn staff_of(&mut self, query: &StaffQuery) -> Result<Vec<Staff>, StoreError>;
    /// How many of a shop stand how.
    async fn staff_counts(&mut self, mode: Mode, shop: &str) -> Result<Vec<StaffCount>, StoreError>;
    /// How many of a shop there are that are not disabled.
    async fn staff_count(&mut self, mode: Mode, shop: &str) -> Result<u32, StoreError>;

    /// The deposit of a shop.
    async fn ledger(&mut self, mode: Mode, shop: &str) -> Result<Option<Stored<Ledger>>, StoreError>;
    /// Adds that of a shop that exists; `Conflict` when it has one.
    async fn insert_ledger(&mut self, mode: Mode, shop: &str, ledger: &Ledger) -> Result<(), StoreError>;
    /// Saves one; `Conflict` when it was changed since it was loaded.
    async fn save_ledger(
        &mut self,
        mode: Mode,
        shop: &str,
        ledger: &Stored<Ledger>,
    ) -> Result<(), StoreError>;

    // Re-checks of shops.

    /// Those of a shop.
    async fn rechecks(&mut self, mode: Mode, shop: &str) -> Result<Option<Stored<Rechecks>>, StoreError>;
    /// Adds those of a shop that exists, the next one due on this day; `Conflict` when it has them.
    async fn insert_rechecks(&mut self, mode: Mode, rechecks: &Rechecks, due: Date)
    -> Result<(), StoreError>;
    /// Saves them; `Conflict` when they were changed since they were loaded.
    async fn save_rechecks(
        &mut self,
        mode: Mode,
        rechecks: &Stored<Rechecks>,
        due: Date,
    ) -> Result<(), StoreError>;
    /// How many fall due on each day of a span, both ends included; days without one are left out.
    async fn recheck_load(&mut self, mode: Mode, from: Date, to: Date) -> Result<Load, StoreError>;

    // The ban list.

    /// The ban of this id.
    async fn ban(&mut self, id: &BanId) -> Result<Option<Stored<Ban>>, StoreError>;
    /// Adds one of whoever has these tags; `Conflict` when the id exists.
    async fn insert_ban(&mut self, ban: &Ban, tags: &[(u32, Vec<u8>)]) -> Result<(), StoreError>;
    /// Saves one; `Conflict` when it was changed since it was loaded.
    async fn save_ban(&mut self, ban: &Stored<Ban>) -> Result<(), StoreError>;
    /// Forgets of whom it is.
    async fn forget_ban_tags(&mut self, id: &BanId) -> Result<(), StoreError>;
    /// Those of whoever has any of these tags, in the order of tags and age.
    async fn banned(&mut self, mode: Mode, tags: &[(u32, Vec<u8>)]) -> Result<Vec<Ban>, StoreError>;
    /// Lists some.
    async fn bans(&mut self, query: &BanQuery) -> Result<Vec<Ban>, StoreError>;

    // After-sales requests, and who may act for one.

    /// The request of this id.
    async fn aftersales(&mut self, id: &AfterSalesId) -> Result<Option<Stored<AfterSales>>, StoreError>;
    /// Adds one; `Conflict` when the id exists.
    async fn insert_aftersales(&mut self, request: &AfterSales) -> Result<(), StoreError>;
    /// Saves one; `Conflict` when it was changed since it was loaded.
    async fn save_aftersales(&mut self, request: &Stored<AfterSales>) -> Result<(), StoreError>;
    /// Lists some.
    async fn aftersales_list(&mut self, query: &AfterSalesQuery) -> Result<Vec<AfterSales>, StoreError>;
    /// Adds a pass of a request that exists.
    async fn insert_pass(&mut self, pass: &AfterSalesPass) -> Result<(), StoreError>;
    /// The pass of this hash, used or over or not.
    async fn pass(&mut self, hash: SecretHash) -> Result<Option<AfterSalesPass>, StoreError>;
    /// Uses a pass up: true for exactly one of many who try, in its time.
    async fn use_pass(&mut self, hash: SecretHash, now: Timestamp) -> Result<bool, StoreError>;

    // Clocks that are turned by hand.

    /// The clock of this id.
    async fn clock(&mut self, id: &ClockId) -> Result<Option<Stored<TestClock>>, StoreError>;
    /// Adds one; `Conflict` when the id exists.
    async fn insert_clock(&mut self, clock: &TestClock) -> Result<(), StoreError>;
    /// Saves one; `Conflict` when it was changed since it was loaded.
    async fn save_clock(&mut self, clock: &Stored<TestClock>) -> Result<(), StoreError>;
    /// Lists some.
    async fn clocks(&mut self, query: &ClockQuery) -> Result<Vec<TestClock>, StoreError>;
    /// What a clock has to wait for.
    async fn clock_work(&mut self, id: &ClockId) -> Result<ClockWork, StoreError>;
    /// Lets the jobs of a clock run that are held until this moment of it or an earlier one; by the world's time they
    /// are due at `due`. Gives how many.
    async fn release_jobs(
        &mut self,
        id: &ClockId,
        until: Timestamp,
        due: Timestamp,
    ) -> Result<u64, StoreError>;

    // Cases.

    /// The case of this id.
    async fn case(&mut self, id: &CaseId) -> Result<Option<Stored<Case>>, StoreError>;
    /// Adds one.
    async fn insert_case(&mut self, case: &Case) -> Result<(), StoreError>;
    /// Saves one; `Conflict` when it was changed since it was loaded.
    async fn save_case(&mut self, case: &Stored<Case>) -> Result<(), StoreError>;
    /// Lists some.
    async fn cases(&mut self, query: &CaseQuery) -> Result<Vec<Case>, StoreError>;

    // What is sent to people.

    /// The notice of this id.
    async fn notice(&mut self, id: &NoticeId) -> Result<Option<Stored<NoticeRecord>>, StoreError>;
    /// Adds one; `Conflict` when the id exists.
    async fn insert_notice(&mut self, notice: &NoticeRecord) -> Result<(), StoreError>;
    /// Saves one; `Conflict` when it was changed since it was loaded.
    async fn save_notice(&mut self, notice: &Stored<NoticeRecord>) -> Result<(), StoreError>;
    /// Lists some.
    async fn notices(&mut self, query: &NoticeQuery) -> Result<Vec<NoticeRecord>, StoreError>;

    /// Adds a code of a notice that exists; `Conflict` when the notice has one.
    async fn insert_phone_code(&mut self, code: &PhoneCodeRecord) -> Result<(), StoreError>;
    /// Saves one; `Conflict` when it was changed since it was loaded.
    async fn save_phone_code(&mut self, code: &Stored<PhoneCodeRecord>) -> Result<(), StoreError>;
    /// The one of a session that was asked for last.
    async fn last_phone_code(
        &mut self,
        session: &SessionId,
    ) -> Result<Option<Stored<PhoneCodeRecord>>, StoreError>;
    /// When codes were asked for after a moment, oldest first. They are remembered for two days.
    async fn codes_asked(
        &mut self,
        mode: Mode,
        by: &CodesBy,
        since: Timestamp,
    ) -> Result<Vec<Timestamp>, StoreError>;

    // Events and where they go.

    /// Appends an event and gives it the next number of its account.
    async fn append_event(&mut self, event: &NewEvent) -> Result<Event, StoreError>;
    /// The event of this id.
    async fn event(&mut self, id: &EventId) -> Result<Option<Event>, StoreError>;
    /// Lists some. Pages that a [`reader`](Store::reader) lists miss none: what is committed later comes later.
    async fn events(&mut self, query: &EventQuery) -> Result<Vec<Event>, StoreError>;
    /// Adds an endpoint.
    async fn insert_endpoint(&mut self, endpoint: &WebhookEndpoint) -> Result<(), StoreError>;
    /// The endpoint of this id.
    async fn endpoint(
        &mut self,
        id: &WebhookEndpointId,
    ) -> Result<Option<Stored<WebhookEndpoint>>, StoreError>;
    /// Saves one.
    async fn save_endpoint(&mut self, endpoint: &Stored<WebhookEndpoint>) -> Result<(), StoreError>;
    /// Deletes one; false when there was none.
    async fn delete_endpoint(&mut self, id: &WebhookEndpointId) -> Result<bool, StoreError>;
    /// All of a mode, oldest first.
    async fn endpoints(&mut self, mode: Mode) -> Result<Vec<WebhookEndpoint>, StoreError>;
    /// Notes an attempt to deliver.
    async fn insert_delivery(&mut self, attempt: &DeliveryAttempt) -> Result<(), StoreError>;
    /// The attempts to deliver an event, oldest first.
    async fn deliveries(&mut self, event: &EventId) -> Result<Vec<DeliveryAttempt>, StoreError>;

    // Who may do what.

    /// Adds an API key.
    async fn insert_api_key(&mut self, key: &ApiKey, hash: SecretHash) -> Result<(), StoreError>;
    /// The key whose secret has this hash, revoked or not.
    async fn api_key(&mut self, hash: SecretHash) -> Result<Option<ApiKey>, StoreError>;
    /// All keys, oldest first.
    async fn api_keys(&mut self) -> Result<Vec<ApiKey>, StoreError>;
    /// Changes what a key may do; the key as it is then, or `None` when there is none or it was revoked.
    async fn change_key_scopes(
        &mut self,
        id: &ApiKeyId,
        add: &BTreeSet<Scope>,
        remove: &BTreeSet<Scope>,
    ) -> Result<Option<ApiKey>, StoreError>;
    /// Revokes a key; false when there is none or it was revoked before.
    async fn revoke_api_key(&mut self, id: &ApiKeyId, now: Timestamp) -> Result<bool, StoreError>;
    /// Adds a user; `Conflict` when the login is taken.
    async fn insert_user(&mut self, user: &User) -> Result<(), StoreError>;
    /// The user of this id.
    async fn user(&mut self, id: &UserId) -> Result<Option<Stored<User>>, StoreError>;
    /// The user who signs in so.
    async fn user_by_login(&mut self, login: &str) -> Result<Option<Stored<User>>, StoreError>;
    /// Saves one.
    async fn save_user(&mut self, user: &Stored<User>) -> Result<(), StoreError>;
    /// All, by login.
    async fn users(&mut self) -> Result<Vec<User>, StoreError>;
    /// Adds a sign-in.
    async fn insert_sign_in(&mut self, sign_in: &SignIn, hash: SecretHash) -> Result<(), StoreError>;
    /// The sign-in whose cookie has this hash, also when it is over.
    async fn sign_in(&mut self, hash: SecretHash) -> Result<Option<SignIn>, StoreError>;
    /// Ends one.
    async fn delete_sign_in(&mut self, id: &SignInId) -> Result<(), StoreError>;
    /// Adds a client link.
    async fn insert_link(&mut self, link: &ClientLink) -> Result<(), StoreError>;
    /// The link of this hash, opened or not.
    async fn link(&mut self, hash: SecretHash) -> Result<Option<ClientLink>, StoreError>;
    /// Opens a link: exactly one of many who try gets [`LinkOpened::Session`].
    async fn open_link(&mut self, hash: SecretHash, now: Timestamp) -> Result<LinkOpened, StoreError>;
    /// Adds a visit.
    async fn insert_visit(&mut self, visit: &Visit) -> Result<(), StoreError>;
    /// The visit whose cookie has this hash, also when it is over.
    async fn visit(&mut self, hash: SecretHash) -> Result<Option<Visit>, StoreError>;

    /// Adds a link to the page of a shop's sub-accounts; `Conflict` when the hash is taken.
    async fn insert_management_link(&mut self, link: &ManagementPass) -> Result<(), StoreError>;
    /// Takes such a link away, unless its time is over: exactly one of many who try gets it.
    async fn take_management_link(
        &mut self,
        hash: SecretHash,
        now: Timestamp,
    ) -> Result<Option<ManagementPass>, StoreError>;
    /// Adds a visit to such a page.
    async fn insert_management_visit(&mut self, visit: &ManagementPass) -> Result<(), StoreError>;
    /// The visit whose cookie has this hash, also when it is over.
    async fn management_visit(&mut self, hash: SecretHash) -> Result<Option<ManagementPass>, StoreError>;

    /// Notes that an assertion is used, by the hash of its number; false when it was used before. It is remembered until
    /// its time is over.
    async fn use_assertion(&mut self, hash: SecretHash, expires_at: Timestamp) -> Result<bool, StoreError>;

    /// Adds a live capture.
    async fn insert_capture(&mut self, capture: &CaptureRecord) -> Result<(), StoreError>;
    /// How many live captures of a session were begun whose token's time ends after this. They are remembered for 30
    /// days.
    async fn captures_since(&mut self, session: &SessionId, at: Timestamp) -> Result<u32, StoreError>;
    /// Adds an upload of a session that exists; `Conflict` when the id exists.
    async fn insert_upload(&mut self, upload: &UploadRecord) -> Result<(), StoreError>;
    /// The upload of this id.
    async fn upload(&mut self, id: &UploadId) -> Result<Option<Stored<UploadRecord>>, StoreError>;
    /// Saves one; `Conflict` when it was changed since it was loaded, or is gone.
    async fn save_upload(&mut self, upload: &Stored<UploadRecord>) -> Result<(), StoreError>;
    /// Deletes one; false when there was none.
    async fn delete_upload(&mut self, id: &UploadId) -> Result<bool, StoreError>;
    /// All of a session, oldest first.
    async fn uploads_of(&mut self, session: &SessionId) -> Result<Vec<UploadRecord>, StoreError>;

    /// Opens a live capture: exactly one of many who try gets it.
    async fn open_capture(&mut self, hash: SecretHash, now: Timestamp) -> Result<CaptureOpened, StoreError>;

    // Rollouts.

    /// The rollout of this id.
    async fn rollout(&mut self, id: &RolloutId) -> Result<Option<Stored<Rollout>>, StoreError>;
    /// Adds one; `Conflict` when the id exists.
    async fn insert_rollout(&mut self, rollout: &Rollout) -> Result<(), StoreError>;
    /// Saves one; `Conflict` when it was changed since it was loaded.
    async fn save_rollout(&mut self, rollout: &Stored<Rollout>) -> Result<(), StoreError>;
    /// Lists some.
    async fn rollouts(&mut self, query: &RolloutQuery) -> Result<Vec<Rollout>, StoreError>;
    /// Notes accounts, with their places, that a rollout which exists means. Those that are noted already stay as they are.
    async fn enrol(&mut self, rollout: &RolloutId, members: &[(String, u8)]) -> Result<(), StoreError>;
    /// Accounts that wait at a place below this one, in the order of places and ids.
    async fn members_waiting(
        &mut self,
        rollout: &RolloutId,
        below: u8,
        limit: u32,
    ) -> Result<Vec<String>, StoreError>;
    /// Accounts that are due until then, those first who are due first.
    async fn members_due(
        &mut self,
        rollout: &RolloutId,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<DueMember>, StoreError>;
    /// Notes what became of an account that waits or is due, and on which day its turn was; `Conflict` of any other one.
    async fn settle_member(
        &mut self,
        rollout: &RolloutId,
        account: &str,
        state: MemberState,
        day: Date,
    ) -> Result<(), StoreError>;
    /// How many accounts had their turn on a day: they were asked, or are due.
    async fn members_taken_on(&mut self, rollout: &RolloutId, day: Date) -> Result<u32, StoreError>;
    /// How many accounts were asked whose turn was on each day, oldest first; days without one are left out.
    async fn members_asked_by_day(&mut self, rollout: &RolloutId) -> Result<Vec<(Date, u32)>, StoreError>;
    /// How the accounts stand.
    async fn member_counts(&mut self, rollout: &RolloutId) -> Result<MemberCounts, StoreError>;

    // The gate.

    /// The newest version of the gate's rules, or this one.
    async fn gate_rules(
        &mut self,
        mode: Mode,
        version: Option<i64>,
    ) -> Result<Option<GateRulesRecord>, StoreError>;
    /// Adds a version; `Conflict` when there is one of this number.
    async fn insert_gate_rules(&mut self, rules: &GateRulesRecord) -> Result<(), StoreError>;
    /// Keeps what the gate was asked.
    async fn insert_gate_requests(&mut self, requests: &[GateRecord]) -> Result<(), StoreError>;
    /// What the gate was asked since then, the newest first.
    async fn gate_requests(
        &mut self,
        mode: Mode,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<GateRecord>, StoreError>;

    // The rest.

    /// The answer that was given under an idempotency key.
    async fn idempotent(&mut self, key: &IdempotencyKey) -> Result<Option<IdempotentAnswer>, StoreError>;
    /// Keeps an answer; `Conflict` when there is one.
    async fn insert_idempotent(
        &mut self,
        key: &IdempotencyKey,
        answer: &IdempotentAnswer,
    ) -> Result<(), StoreError>;
    /// Enqueues a job; false when one of its dedup key is waiting or running.
    async fn enqueue(&mut self, job: &NewJob) -> Result<bool, StoreError>;
    /// Notes in this transaction that a job is done. `Ok(Err(LeaseLost))` when another worker holds it: then
    /// nothing of this transaction may be committed.
    async fn finish(&mut self, job: &LeasedJob) -> Result<Result<(), LeaseLost>, StoreError>;
    /// How many jobs there are.
    async fn job_counts(&mut self) -> Result<JobCounts, StoreError>;
    /// Gives a job up in this transaction; it stays to be looked at. `Ok(Err(LeaseLost))` as with [`finish`](Tx::finish).
    async fn bury(
        &mut self,
        job: &LeasedJob,
        error: &str,
        now: Timestamp,
    ) -> Result<Result<(), LeaseLost>, StoreError>;
    /// Dead jobs, newest first.
    async fn dead_jobs(&mut self, limit: u32) -> Result<Vec<DeadJob>, StoreError>;
    /// The dead job of this id.
    async fn dead_job(&mut self, id: &JobId) -> Result<Option<DeadJob>, StoreError>;
    /// Puts a dead job back to be tried now, its attempts counted anew; false when it is not dead, `Conflict` when
    /// another one of its dedup key is waiting or running.
    async fn requeue(&mut self, id: &JobId, now: Timestamp) -> Result<bool, StoreError>;
    /// Appends to the audit log.
    async fn append_audit(&mut self, entry: &AuditEntry) -> Result<(), StoreError>;
    /// The log's entries about an object, oldest first.
    async fn audit_of(&mut self, object: &str) -> Result<Vec<AuditEntry>, StoreError>;
    /// Keeps how long somebody took.
    async fn insert_pace(&mut self, pace: &PaceRecord) -> Result<(), StoreError>;
    /// How long people took who handed in since then, for each part of each program, by their names.
    async fn paces(&mut self, mode: Mode, since: Timestamp) -> Result<Vec<Paced>, StoreError>;
    /// Deletes what is over: how long people took more than 400 days ago, what the gate was asked more than 30 days ago, links, visits, sign-ins, idempotent answers whose time is past. Gives how many.
    /// Deletes what is over: how long people took more than 400 days ago, links, visits, sign-ins, used assertions, idempotent answers whose time is past. Gives how many.
    /// Deletes what is over: how long people took more than 400 days ago, links, visits, passes, sign-ins, idempotent answers whose time is past. Gives how many.
    async fn sweep(&mut self, now: Timestamp) -> Result<u64, StoreError>;
}
