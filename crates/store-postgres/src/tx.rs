//! A transaction: everything of one command, put together from the files of this room.

use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::civil::Date;
use shiren_app::port::{
    AfterSalesQuery, BanQuery, CaseQuery, ClockQuery, CodesBy, EventQuery, LeaseLost, NoticeQuery,
    RolloutQuery, SessionQuery, ShopQuery, StaffCount, StaffQuery, StoreError, Tx,
};
use shiren_app::record::{
    AfterSalesPass, ApiKey, AuditEntry, CaptureOpened, CaptureRecord, Claim, Claimed, ClientLink, ClockWork,
    DataKeyRecord, DeadJob, DecisionRecord, DeliveryAttempt, DueMember, Event, EvidenceRecord, GateRecord,
    GateRulesRecord, IdempotencyKey, IdempotentAnswer, JobCounts, LeasedJob, LinkOpened, ManagementPass,
    MemberCounts, MemberState, NewEvent, NewJob, NoticeRecord, PaceRecord, Paced, PhoneCodeRecord, RecordKey,
    Scope, SecretHash, SignIn, Stored, UploadRecord, User, Visit, WebhookEndpoint,
};
use shiren_core::account::Account;
use shiren_core::account::ban::Ban;
use shiren_core::account::shop::Shop;
use shiren_core::account::staff::Staff;
use shiren_core::aftersales::AfterSales;
use shiren_core::clock::TestClock;
use shiren_core::deposit::Ledger;
use shiren_core::id::{
    AfterSalesId, ApiKeyId, BanId, CaseId, ClockId, DecisionId, EventId, EvidenceId, JobId, NoticeId,
    RolloutId, SessionId, SignInId, UploadId, UserId, WebhookEndpointId,
};
use shiren_core::recheck::Rechecks;
use shiren_core::recheck::plan::Load;
use shiren_core::review::Case;
use shiren_core::rollout::Rollout;
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::Session;
use shiren_vault::{Purpose, Sealed};
use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, Postgres, Transaction};

use crate::error::Failure;
use crate::sql::Hold;
use crate::{
    access, aftersales, audit, ban, capture, case, claim, clock, endpoint, event, evidence, gate,
    idempotency, job, ledger, management, notice, pace, phone_code, recheck, rollout, secret, session, shop,
    staff, upload,
};

/// Dropped without a commit, it is rolled back before its connection serves anybody else.
pub(crate) struct PgTx {
    db: Db,
    failed: bool,
}

/// What statements go to.
enum Db {
    /// Made true together, or not at all.
    Writing(Transaction<'static, Postgres>),
    /// Reads that all see one moment.
    Snapshot(Transaction<'static, Postgres>),
    /// Reads that each see their own.
    Reading(PoolConnection<Postgres>),
}

type Result<T> = std::result::Result<T, StoreError>;

impl PgTx {
    pub(crate) fn writing(db: Transaction<'static, Postgres>) -> Self {
        Self { db: Db::Writing(db), failed: false }
    }

    pub(crate) fn snapshot(db: Transaction<'static, Postgres>) -> Self {
        Self { db: Db::Snapshot(db), failed: false }
    }

    pub(crate) fn reading(db: PoolConnection<Postgres>) -> Self {
        Self { db: Db::Reading(db), failed: false }
    }

    /// After an error PostgreSQL takes no more statements, and answers COMMIT by rolling back without an error.
    fn db(&mut self) -> Result<&mut PgConnection> {
        if self.failed {
            return Err(StoreError::Other("an earlier step of this transaction failed".to_owned()));
        }
        Ok(match &mut self.db {
            Db::Writing(db) | Db::Snapshot(db) => db,
            Db::Reading(db) => db,
        })
    }

    /// What is loaded in a transaction that writes is held until it ends.
    fn hold(&self) -> Hold {
        match self.db {
            Db::Writing(_) => Hold::Row,
            Db::Snapshot(_) | Db::Reading(_) => Hold::Nothing,
        }
    }

    fn noted<T>(&mut self, result: std::result::Result<T, Failure>) -> Result<T> {
        self.failed |= result.is_err();
        Ok(result?)
    }
}

#[async_trait]
impl Tx for PgTx {
    async fn commit(self: Box<Self>) -> Result<()> {
        let mut this = *self;
        this.db()?;
        match this.db {
            Db::Writing(db) => Ok(db.commit().await.map_err(Failure::from)?),
            Db::Snapshot(_) | Db::Reading(_) => {
                Err(StoreError::Other("there is nothing to commit here".to_owned()))
            }
        }
    }

    async fn session(&mut self, id: &SessionId) -> Result<Option<Stored<Session>>> {
        let hold = self.hold();
        let done = session::get(self.db()?, hold, id).await;
        self.noted(done)
    }

    async fn insert_session(&mut self, session: &Session) -> Result<()> {
        let done = session::insert(self.db()?, session).await;
        self.noted(done)
    }

    async fn save_session(&mut self, session: &Stored<Session>) -> Result<()> {
        let done = session::save(self.db()?, session).await;
        self.noted(done)
    }

    async fn sessions(&mut self, query: &SessionQuery) -> Result<Vec<Session>> {
        let done = session::list(self.db()?, query).await;
        self.noted(done)
    }

    async fn insert_evidence(&mut self, evidence: &EvidenceRecord) -> Result<()> {
        let done = evidence::insert(self.db()?, evidence).await;
        self.noted(done)
    }

    async fn evidence(&mut self, id: &EvidenceId) -> Result<Option<EvidenceRecord>> {
        let done = evidence::get(self.db()?, id).await;
        self.noted(done)
    }

    async fn evidence_of(&mut self, session: &SessionId) -> Result<Vec<EvidenceRecord>> {
        let done = evidence::of(self.db()?, session).await;
        self.noted(done)
    }

    async fn forget_blob(&mut self, id: &EvidenceId) -> Result<()> {
        let done = evidence::forget_blob(self.db()?, id).await;
        self.noted(done)
    }

    async fn insert_decision(&mut self, decision: &DecisionRecord) -> Result<()> {
        let done = evidence::insert_decision(self.db()?, decision).await;
        self.noted(done)
    }

    async fn decision(&mut self, id: &DecisionId) -> Result<Option<DecisionRecord>> {
        let done = evidence::decision(self.db()?, id).await;
        self.noted(done)
    }

    async fn put_record(&mut self, key: &RecordKey, sealed: &Sealed) -> Result<()> {
        let done = secret::put(self.db()?, key, sealed).await;
        self.noted(done)
    }

    async fn record(&mut self, key: &RecordKey) -> Result<Option<Sealed>> {
        let done = secret::get(self.db()?, key).await;
        self.noted(done)
    }

    async fn insert_data_key(&mut self, key: &DataKeyRecord) -> Result<()> {
        let done = secret::insert_key(self.db()?, key).await;
        self.noted(done)
    }

    async fn data_key(&mut self, owner: &str, purpose: Purpose) -> Result<Option<DataKeyRecord>> {
        let hold = self.hold();
        let done = secret::key(self.db()?, hold, owner, purpose).await;
        self.noted(done)
    }

    async fn shred_data_key(&mut self, owner: &str, purpose: Purpose) -> Result<bool> {
        let done = secret::shred(self.db()?, owner, purpose).await;
        self.noted(done)
    }

    async fn claim(&mut self, claim: &Claim) -> Result<Claimed> {
        let done = claim::claim(self.db()?, claim).await;
        self.noted(done)
    }

    async fn holder(&mut self, kind: &str, mode: Mode, tags: &[(u32, Vec<u8>)]) -> Result<Option<Account>> {
        let hold = self.hold();
        let done = claim::holder(self.db()?, hold, kind, mode, tags).await;
        self.noted(done)
    }

    async fn claims_of(&mut self, kind: &str, mode: Mode, account: &Account) -> Result<Vec<(u32, Vec<u8>)>> {
        let done = claim::of(self.db()?, kind, mode, account).await;
        self.noted(done)
    }

    async fn release(&mut self, kind: &str, mode: Mode, tags: &[(u32, Vec<u8>)]) -> Result<()> {
        let done = claim::release(self.db()?, kind, mode, tags).await;
        self.noted(done)
    }

    async fn shop(&mut self, mode: Mode, id: &str) -> Result<Option<Stored<Shop>>> {
        let hold = self.hold();
        let done = shop::get(self.db()?, hold, mode, id).await;
        self.noted(done)
    }

    async fn insert_shop(&mut self, shop: &Shop) -> Result<()> {
        let done = shop::insert(self.db()?, shop).await;
        self.noted(done)
    }

    async fn save_shop(&mut self, shop: &Stored<Shop>) -> Result<()> {
        let done = shop::save(self.db()?, shop).await;
        self.noted(done)
    }

    async fn shops(&mut self, query: &ShopQuery) -> Result<Vec<Shop>> {
        let done = shop::list(self.db()?, query).await;
        self.noted(done)
    }

    async fn staff(&mut self, mode: Mode, id: &str) -> Result<Option<Stored<Staff>>> {
        let hold = self.hold();
        let done = staff::get(self.db()?, hold, mode, id).await;
        self.noted(done)
    }

    async fn insert_staff(&mut self, mode: Mode, staff: &Staff) -> Result<()> {
        let done = staff::insert(self.db()?, mode, staff).await;
        self.noted(done)
    }

    async fn save_staff(&mut self, mode: Mode, staff: &Stored<Staff>) -> Result<()> {
        let done = staff::save(self.db()?, mode, staff).await;
        self.noted(done)
    }

    async fn staff_of(&mut self, query: &StaffQuery) -> Result<Vec<Staff>> {
        let done = staff::list(self.db()?, query).await;
        self.noted(done)
    }

    async fn staff_counts(&mut self, mode: Mode, shop: &str) -> Result<Vec<StaffCount>> {
        let done = staff::counts(self.db()?, mode, shop).await;
        self.noted(done)
    }

    async fn staff_count(&mut self, mode: Mode, shop: &str) -> Result<u32> {
        let done = staff::count(self.db()?, mode, shop).await;
        self.noted(done)
    }

    async fn ledger(&mut self, mode: Mode, shop: &str) -> Result<Option<Stored<Ledger>>> {
        let hold = self.hold();
        let done = ledger::get(self.db()?, hold, mode, shop).await;
        self.noted(done)
    }

    async fn insert_ledger(&mut self, mode: Mode, shop: &str, ledger: &Ledger) -> Result<()> {
        let done = ledger::insert(self.db()?, mode, shop, ledger).await;
        self.noted(done)
    }

    async fn save_ledger(&mut self, mode: Mode, shop: &str, ledger: &Stored<Ledger>) -> Result<()> {
        let done = ledger::save(self.db()?, mode, shop, ledger).await;
        self.noted(done)
    }

    async fn rechecks(&mut self, mode: Mode, shop: &str) -> Result<Option<Stored<Rechecks>>> {
        let hold = self.hold();
        let done = recheck::get(self.db()?, hold, mode, shop).await;
        self.noted(done)
    }

    async fn insert_rechecks(&mut self, mode: Mode, rechecks: &Rechecks, due: Date) -> Result<()> {
        let done = recheck::insert(self.db()?, mode, rechecks, due).await;
        self.noted(done)
    }

    async fn save_rechecks(&mut self, mode: Mode, rechecks: &Stored<Rechecks>, due: Date) -> Result<()> {
        let done = recheck::save(self.db()?, mode, rechecks, due).await;
        self.noted(done)
    }

    async fn recheck_load(&mut self, mode: Mode, from: Date, to: Date) -> Result<Load> {
        let done = recheck::load(self.db()?, mode, from, to).await;
        self.noted(done)
    }

    async fn ban(&mut self, id: &BanId) -> Result<Option<Stored<Ban>>> {
        let hold = self.hold();
        let done = ban::get(self.db()?, hold, id).await;
        self.noted(done)
    }

    async fn insert_ban(&mut self, ban: &Ban, tags: &[(u32, Vec<u8>)]) -> Result<()> {
        let done = ban::insert(self.db()?, ban, tags).await;
        self.noted(done)
    }

    async fn save_ban(&mut self, ban: &Stored<Ban>) -> Result<()> {
        let done = ban::save(self.db()?, ban).await;
        self.noted(done)
    }

    async fn forget_ban_tags(&mut self, id: &BanId) -> Result<()> {
        let done = ban::forget_tags(self.db()?, id).await;
        self.noted(done)
    }

    async fn banned(&mut self, mode: Mode, tags: &[(u32, Vec<u8>)]) -> Result<Vec<Ban>> {
        let done = ban::of(self.db()?, mode, tags).await;
        self.noted(done)
    }

    async fn bans(&mut self, query: &BanQuery) -> Result<Vec<Ban>> {
        let done = ban::list(self.db()?, query).await;
        self.noted(done)
    }

    async fn aftersales(&mut self, id: &AfterSalesId) -> Result<Option<Stored<AfterSales>>> {
        let hold = self.hold();
        let done = aftersales::get(self.db()?, hold, id).await;
        self.noted(done)
    }

    async fn insert_aftersales(&mut self, request: &AfterSales) -> Result<()> {
        let done = aftersales::insert(self.db()?, request).await;
        self.noted(done)
    }

    async fn save_aftersales(&mut self, request: &Stored<AfterSales>) -> Result<()> {
        let done = aftersales::save(self.db()?, request).await;
        self.noted(done)
    }

    async fn aftersales_list(&mut self, query: &AfterSalesQuery) -> Result<Vec<AfterSales>> {
        let done = aftersales::list(self.db()?, query).await;
        self.noted(done)
    }

    async fn insert_pass(&mut self, pass: &AfterSalesPass) -> Result<()> {
        let done = aftersales::insert_pass(self.db()?, pass).await;
        self.noted(done)
    }

    async fn pass(&mut self, hash: SecretHash) -> Result<Option<AfterSalesPass>> {
        let hold = self.hold();
        let done = aftersales::pass(self.db()?, hold, hash).await;
        self.noted(done)
    }

    async fn use_pass(&mut self, hash: SecretHash, now: Timestamp) -> Result<bool> {
        let done = aftersales::use_pass(self.db()?, hash, now).await;
        self.noted(done)
    }

    async fn clock(&mut self, id: &ClockId) -> Result<Option<Stored<TestClock>>> {
        let hold = self.hold();
        let done = clock::get(self.db()?, hold, id).await;
        self.noted(done)
    }

    async fn insert_clock(&mut self, clock: &TestClock) -> Result<()> {
        let done = clock::insert(self.db()?, clock).await;
        self.noted(done)
    }

    async fn save_clock(&mut self, clock: &Stored<TestClock>) -> Result<()> {
        let done = clock::save(self.db()?, clock).await;
        self.noted(done)
    }

    async fn clocks(&mut self, query: &ClockQuery) -> Result<Vec<TestClock>> {
        let done = clock::list(self.db()?, query).await;
        self.noted(done)
    }

    async fn clock_work(&mut self, id: &ClockId) -> Result<ClockWork> {
        let done = clock::work(self.db()?, id).await;
        self.noted(done)
    }

    async fn release_jobs(&mut self, id: &ClockId, until: Timestamp, due: Timestamp) -> Result<u64> {
        let done = clock::release(self.db()?, id, until, due).await;
        self.noted(done)
    }

    async fn case(&mut self, id: &CaseId) -> Result<Option<Stored<Case>>> {
        let hold = self.hold();
        let done = case::get(self.db()?, hold, id).await;
        self.noted(done)
    }

    async fn insert_case(&mut self, case: &Case) -> Result<()> {
        let done = case::insert(self.db()?, case).await;
        self.noted(done)
    }

    async fn save_case(&mut self, case: &Stored<Case>) -> Result<()> {
        let done = case::save(self.db()?, case).await;
        self.noted(done)
    }

    async fn cases(&mut self, query: &CaseQuery) -> Result<Vec<Case>> {
        let done = case::list(self.db()?, query).await;
        self.noted(done)
    }

    async fn insert_upload(&mut self, upload: &UploadRecord) -> Result<()> {
        let done = upload::insert(self.db()?, upload).await;
        self.noted(done)
    }

    async fn upload(&mut self, id: &UploadId) -> Result<Option<Stored<UploadRecord>>> {
        let hold = self.hold();
        let done = upload::get(self.db()?, hold, id).await;
        self.noted(done)
    }

    async fn save_upload(&mut self, upload: &Stored<UploadRecord>) -> Result<()> {
        let done = upload::save(self.db()?, upload).await;
        self.noted(done)
    }

    async fn delete_upload(&mut self, id: &UploadId) -> Result<bool> {
        let done = upload::delete(self.db()?, id).await;
        self.noted(done)
    }

    async fn uploads_of(&mut self, session: &SessionId) -> Result<Vec<UploadRecord>> {
        let hold = self.hold();
        let done = upload::of(self.db()?, hold, session).await;
        self.noted(done)
    }

    async fn notice(&mut self, id: &NoticeId) -> Result<Option<Stored<NoticeRecord>>> {
        let hold = self.hold();
        let done = notice::get(self.db()?, hold, id).await;
        self.noted(done)
    }

    async fn insert_notice(&mut self, notice: &NoticeRecord) -> Result<()> {
        let done = notice::insert(self.db()?, notice).await;
        self.noted(done)
    }

    async fn save_notice(&mut self, notice: &Stored<NoticeRecord>) -> Result<()> {
        let done = notice::save(self.db()?, notice).await;
        self.noted(done)
    }

    async fn notices(&mut self, query: &NoticeQuery) -> Result<Vec<NoticeRecord>> {
        let done = notice::list(self.db()?, query).await;
        self.noted(done)
    }

    async fn insert_phone_code(&mut self, code: &PhoneCodeRecord) -> Result<()> {
        let done = phone_code::insert(self.db()?, code).await;
        self.noted(done)
    }

    async fn save_phone_code(&mut self, code: &Stored<PhoneCodeRecord>) -> Result<()> {
        let done = phone_code::save(self.db()?, code).await;
        self.noted(done)
    }

    async fn last_phone_code(&mut self, session: &SessionId) -> Result<Option<Stored<PhoneCodeRecord>>> {
        let hold = self.hold();
        let done = phone_code::last(self.db()?, hold, session).await;
        self.noted(done)
    }

    async fn codes_asked(&mut self, mode: Mode, by: &CodesBy, since: Timestamp) -> Result<Vec<Timestamp>> {
        let done = phone_code::asked(self.db()?, mode, by, since).await;
        self.noted(done)
    }

    async fn append_event(&mut self, event: &NewEvent) -> Result<Event> {
        let done = event::append(self.db()?, event).await;
        self.noted(done)
    }

    async fn event(&mut self, id: &EventId) -> Result<Option<Event>> {
        let done = event::get(self.db()?, id).await;
        self.noted(done)
    }

    async fn events(&mut self, query: &EventQuery) -> Result<Vec<Event>> {
        let done = match self.db {
            Db::Reading(_) => event::list_settled(self.db()?, query).await,
            Db::Writing(_) | Db::Snapshot(_) => event::list(self.db()?, query).await,
        };
        self.noted(done)
    }

    async fn insert_endpoint(&mut self, endpoint: &WebhookEndpoint) -> Result<()> {
        let done = endpoint::insert(self.db()?, endpoint).await;
        self.noted(done)
    }

    async fn endpoint(&mut self, id: &WebhookEndpointId) -> Result<Option<Stored<WebhookEndpoint>>> {
        let hold = self.hold();
        let done = endpoint::get(self.db()?, hold, id).await;
        self.noted(done)
    }

    async fn save_endpoint(&mut self, endpoint: &Stored<WebhookEndpoint>) -> Result<()> {
        let done = endpoint::save(self.db()?, endpoint).await;
        self.noted(done)
    }

    async fn delete_endpoint(&mut self, id: &WebhookEndpointId) -> Result<bool> {
        let done = endpoint::delete(self.db()?, id).await;
        self.noted(done)
    }

    async fn endpoints(&mut self, mode: Mode) -> Result<Vec<WebhookEndpoint>> {
        let done = endpoint::all(self.db()?, mode).await;
        self.noted(done)
    }

    async fn insert_delivery(&mut self, attempt: &DeliveryAttempt) -> Result<()> {
        let done = endpoint::insert_delivery(self.db()?, attempt).await;
        self.noted(done)
    }

    async fn deliveries(&mut self, event: &EventId) -> Result<Vec<DeliveryAttempt>> {
        let done = endpoint::deliveries(self.db()?, event).await;
        self.noted(done)
    }

    async fn insert_api_key(&mut self, key: &ApiKey, hash: SecretHash) -> Result<()> {
        let done = access::insert_api_key(self.db()?, key, hash).await;
        self.noted(done)
    }

    async fn api_key(&mut self, hash: SecretHash) -> Result<Option<ApiKey>> {
        let done = access::api_key(self.db()?, hash).await;
        self.noted(done)
    }

    async fn api_keys(&mut self) -> Result<Vec<ApiKey>> {
        let done = access::api_keys(self.db()?).await;
        self.noted(done)
    }

    async fn change_key_scopes(
        &mut self,
        id: &ApiKeyId,
        add: &BTreeSet<Scope>,
        remove: &BTreeSet<Scope>,
    ) -> Result<Option<ApiKey>> {
        let done = access::change_key_scopes(self.db()?, id, add, remove).await;
        self.noted(done)
    }

    async fn revoke_api_key(&mut self, id: &ApiKeyId, now: Timestamp) -> Result<bool> {
        let done = access::revoke_api_key(self.db()?, id, now).await;
        self.noted(done)
    }

    async fn insert_user(&mut self, user: &User) -> Result<()> {
        let done = access::insert_user(self.db()?, user).await;
        self.noted(done)
    }

    async fn user(&mut self, id: &UserId) -> Result<Option<Stored<User>>> {
        let hold = self.hold();
        let done = access::user(self.db()?, hold, id).await;
        self.noted(done)
    }

    async fn user_by_login(&mut self, login: &str) -> Result<Option<Stored<User>>> {
        let hold = self.hold();
        let done = access::user_by_login(self.db()?, hold, login).await;
        self.noted(done)
    }

    async fn save_user(&mut self, user: &Stored<User>) -> Result<()> {
        let done = access::save_user(self.db()?, user).await;
        self.noted(done)
    }

    async fn users(&mut self) -> Result<Vec<User>> {
        let done = access::users(self.db()?).await;
        self.noted(done)
    }

    async fn insert_sign_in(&mut self, sign_in: &SignIn, hash: SecretHash) -> Result<()> {
        let done = access::insert_sign_in(self.db()?, sign_in, hash).await;
        self.noted(done)
    }

    async fn sign_in(&mut self, hash: SecretHash) -> Result<Option<SignIn>> {
        let done = access::sign_in(self.db()?, hash).await;
        self.noted(done)
    }

    async fn delete_sign_in(&mut self, id: &SignInId) -> Result<()> {
        let done = access::delete_sign_in(self.db()?, id).await;
        self.noted(done)
    }

    async fn insert_link(&mut self, link: &ClientLink) -> Result<()> {
        let done = access::insert_link(self.db()?, link).await;
        self.noted(done)
    }

    async fn link(&mut self, hash: SecretHash) -> Result<Option<ClientLink>> {
        let done = access::link(self.db()?, hash).await;
        self.noted(done)
    }

    async fn open_link(&mut self, hash: SecretHash, now: Timestamp) -> Result<LinkOpened> {
        let done = access::open_link(self.db()?, hash, now).await;
        self.noted(done)
    }

    async fn insert_visit(&mut self, visit: &Visit) -> Result<()> {
        let done = access::insert_visit(self.db()?, visit).await;
        self.noted(done)
    }

    async fn visit(&mut self, hash: SecretHash) -> Result<Option<Visit>> {
        let done = access::visit(self.db()?, hash).await;
        self.noted(done)
    }

    async fn idempotent(&mut self, key: &IdempotencyKey) -> Result<Option<IdempotentAnswer>> {
        let done = idempotency::get(self.db()?, key).await;
        self.noted(done)
    }

    async fn insert_idempotent(&mut self, key: &IdempotencyKey, answer: &IdempotentAnswer) -> Result<()> {
        let done = idempotency::insert(self.db()?, key, answer).await;
        self.noted(done)
    }

    async fn enqueue(&mut self, job: &NewJob) -> Result<bool> {
        let done = job::enqueue(self.db()?, job).await;
        self.noted(done)
    }

    async fn finish(&mut self, job: &LeasedJob) -> Result<std::result::Result<(), LeaseLost>> {
        let done = job::finish(self.db()?, job).await;
        Ok(if self.noted(done)? { Ok(()) } else { Err(LeaseLost) })
    }

    async fn job_counts(&mut self) -> Result<JobCounts> {
        let done = job::counts(self.db()?).await;
        self.noted(done)
    }

    async fn bury(
        &mut self,
        job: &LeasedJob,
        error: &str,
        now: Timestamp,
    ) -> Result<std::result::Result<(), LeaseLost>> {
        let done = job::bury(self.db()?, job, error, now).await;
        Ok(if self.noted(done)? { Ok(()) } else { Err(LeaseLost) })
    }

    async fn dead_jobs(&mut self, limit: u32) -> Result<Vec<DeadJob>> {
        let done = job::dead(self.db()?, limit).await;
        self.noted(done)
    }

    async fn dead_job(&mut self, id: &JobId) -> Result<Option<DeadJob>> {
        let done = job::dead_of(self.db()?, id).await;
        self.noted(done)
    }

    async fn requeue(&mut self, id: &JobId, now: Timestamp) -> Result<bool> {
        let done = job::requeue(self.db()?, id, now).await;
        self.noted(done)
    }

    async fn append_audit(&mut self, entry: &AuditEntry) -> Result<()> {
        let done = audit::append(self.db()?, entry).await;
        self.noted(done)
    }

    async fn audit_of(&mut self, object: &str) -> Result<Vec<AuditEntry>> {
        let done = audit::of(self.db()?, object).await;
        self.noted(done)
    }

    async fn insert_management_link(&mut self, link: &ManagementPass) -> Result<()> {
        let done = management::insert_link(self.db()?, link).await;
        self.noted(done)
    }

    async fn take_management_link(
        &mut self,
        hash: SecretHash,
        now: Timestamp,
    ) -> Result<Option<ManagementPass>> {
        let done = management::take_link(self.db()?, hash, now).await;
        self.noted(done)
    }

    async fn insert_management_visit(&mut self, visit: &ManagementPass) -> Result<()> {
        let done = management::insert_visit(self.db()?, visit).await;
        self.noted(done)
    }

    async fn management_visit(&mut self, hash: SecretHash) -> Result<Option<ManagementPass>> {
        let done = management::visit(self.db()?, hash).await;
        self.noted(done)
    }

    async fn use_assertion(&mut self, hash: SecretHash, expires_at: Timestamp) -> Result<bool> {
        let done = access::use_assertion(self.db()?, hash, expires_at).await;
        self.noted(done)
    }

    async fn insert_capture(&mut self, capture: &CaptureRecord) -> Result<()> {
        let done = capture::insert(self.db()?, capture).await;
        self.noted(done)
    }

    async fn captures_since(&mut self, session: &SessionId, at: Timestamp) -> Result<u32> {
        let hold = self.hold();
        let done = capture::since(self.db()?, hold, session, at).await;
        self.noted(done)
    }

    async fn open_capture(&mut self, hash: SecretHash, now: Timestamp) -> Result<CaptureOpened> {
        let done = capture::open(self.db()?, hash, now).await;
        self.noted(done)
    }

    async fn insert_pace(&mut self, pace: &PaceRecord) -> Result<()> {
        let done = pace::insert(self.db()?, pace).await;
        self.noted(done)
    }

    async fn paces(&mut self, mode: Mode, since: Timestamp) -> Result<Vec<Paced>> {
        let done = pace::list(self.db()?, mode, since).await;
        self.noted(done)
    }

    async fn rollout(&mut self, id: &RolloutId) -> Result<Option<Stored<Rollout>>> {
        let hold = self.hold();
        let done = rollout::get(self.db()?, hold, id).await;
        self.noted(done)
    }

    async fn insert_rollout(&mut self, rollout: &Rollout) -> Result<()> {
        let done = rollout::insert(self.db()?, rollout).await;
        self.noted(done)
    }

    async fn save_rollout(&mut self, rollout: &Stored<Rollout>) -> Result<()> {
        let done = rollout::save(self.db()?, rollout).await;
        self.noted(done)
    }

    async fn rollouts(&mut self, query: &RolloutQuery) -> Result<Vec<Rollout>> {
        let done = rollout::list(self.db()?, query).await;
        self.noted(done)
    }

    async fn enrol(&mut self, rollout: &RolloutId, members: &[(String, u8)]) -> Result<()> {
        let done = rollout::enrol(self.db()?, rollout, members).await;
        self.noted(done)
    }

    async fn members_waiting(&mut self, rollout: &RolloutId, below: u8, limit: u32) -> Result<Vec<String>> {
        let done = rollout::waiting(self.db()?, rollout, below, limit).await;
        self.noted(done)
    }

    async fn members_due(
        &mut self,
        rollout: &RolloutId,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<DueMember>> {
        let done = rollout::due(self.db()?, rollout, until, limit).await;
        self.noted(done)
    }

    async fn settle_member(
        &mut self,
        rollout: &RolloutId,
        account: &str,
        state: MemberState,
        day: Date,
    ) -> Result<()> {
        let done = rollout::settle(self.db()?, rollout, account, state, day).await;
        self.noted(done)
    }

    async fn members_taken_on(&mut self, rollout: &RolloutId, day: Date) -> Result<u32> {
        let done = rollout::taken_on(self.db()?, rollout, day).await;
        self.noted(done)
    }

    async fn members_asked_by_day(&mut self, rollout: &RolloutId) -> Result<Vec<(Date, u32)>> {
        let done = rollout::asked_by_day(self.db()?, rollout).await;
        self.noted(done)
    }

    async fn member_counts(&mut self, rollout: &RolloutId) -> Result<MemberCounts> {
        let done = rollout::counts(self.db()?, rollout).await;
        self.noted(done)
    }

    async fn gate_rules(&mut self, mode: Mode, version: Option<i64>) -> Result<Option<GateRulesRecord>> {
        let done = gate::rules(self.db()?, mode, version).await;
        self.noted(done)
    }

    async fn insert_gate_rules(&mut self, rules: &GateRulesRecord) -> Result<()> {
        let done = gate::insert_rules(self.db()?, rules).await;
        self.noted(done)
    }

    async fn insert_gate_requests(&mut self, requests: &[GateRecord]) -> Result<()> {
        let done = gate::insert(self.db()?, requests).await;
        self.noted(done)
    }

    async fn gate_requests(&mut self, mode: Mode, since: Timestamp, limit: u32) -> Result<Vec<GateRecord>> {
        let done = gate::list(self.db()?, mode, since, limit).await;
        self.noted(done)
    }

    async fn sweep(&mut self, now: Timestamp) -> Result<u64> {
        let done = access::sweep(self.db()?, now).await;
        self.noted(done)
    }
}
