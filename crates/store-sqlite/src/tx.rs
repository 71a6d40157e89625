//! A transaction: everything of one command, put together from the files of this room.

use async_trait::async_trait;
use jiff::Timestamp;
use shiren_app::job::Job;
use shiren_app::port::{CaseQuery, EventQuery, LeaseLost, SessionQuery, StoreError, Tx};
use shiren_app::record::{
    ApiKey, AuditEntry, Claim, Claimed, ClientLink, DataKeyRecord, DecisionRecord, DeliveryAttempt, Event,
    EvidenceRecord, IdempotentAnswer, JobCounts, LeasedJob, LinkOpened, NewEvent, NewJob, RecordKey,
    SecretHash, SignIn, Stored, User, Visit, WebhookEndpoint,
};
use shiren_core::account::Account;
use shiren_core::id::{
    ApiKeyId, CaseId, DecisionId, EventId, EvidenceId, JobId, SessionId, SignInId, UserId, WebhookEndpointId,
};
use shiren_core::review::Case;
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::Session;
use shiren_vault::{Purpose, Sealed};
use sqlx::{Sqlite, Transaction};

use crate::error::Failure;
use crate::{access, audit, case, claim, endpoint, event, evidence, idempotency, job, secret, session};

/// Dropped without a commit, it is rolled back before its connection serves anybody else.
pub(crate) struct SqliteTx(pub(crate) Transaction<'static, Sqlite>);

type Result<T> = std::result::Result<T, StoreError>;

#[async_trait]
impl Tx for SqliteTx {
    async fn commit(self: Box<Self>) -> Result<()> {
        Ok(self.0.commit().await.map_err(Failure::from)?)
    }

    async fn session(&mut self, id: &SessionId) -> Result<Option<Stored<Session>>> {
        Ok(session::get(&mut self.0, id).await?)
    }

    async fn insert_session(&mut self, session: &Session) -> Result<()> {
        Ok(session::insert(&mut self.0, session).await?)
    }

    async fn save_session(&mut self, session: &Stored<Session>) -> Result<()> {
        Ok(session::save(&mut self.0, session).await?)
    }

    async fn sessions(&mut self, query: &SessionQuery) -> Result<Vec<Session>> {
        Ok(session::list(&mut self.0, query).await?)
    }

    async fn insert_evidence(&mut self, evidence: &EvidenceRecord) -> Result<()> {
        Ok(evidence::insert(&mut self.0, evidence).await?)
    }

    async fn evidence(&mut self, id: &EvidenceId) -> Result<Option<EvidenceRecord>> {
        Ok(evidence::get(&mut self.0, id).await?)
    }

    async fn evidence_of(&mut self, session: &SessionId) -> Result<Vec<EvidenceRecord>> {
        Ok(evidence::of(&mut self.0, session).await?)
    }

    async fn forget_blob(&mut self, id: &EvidenceId) -> Result<()> {
        Ok(evidence::forget_blob(&mut self.0, id).await?)
    }

    async fn insert_decision(&mut self, decision: &DecisionRecord) -> Result<()> {
        Ok(evidence::insert_decision(&mut self.0, decision).await?)
    }

    async fn decision(&mut self, id: &DecisionId) -> Result<Option<DecisionRecord>> {
        Ok(evidence::decision(&mut self.0, id).await?)
    }

    async fn put_record(&mut self, key: &RecordKey, sealed: &Sealed) -> Result<()> {
        Ok(secret::put(&mut self.0, key, sealed).await?)
    }

    async fn record(&mut self, key: &RecordKey) -> Result<Option<Sealed>> {
        Ok(secret::get(&mut self.0, key).await?)
    }

    async fn insert_data_key(&mut self, key: &DataKeyRecord) -> Result<()> {
        Ok(secret::insert_key(&mut self.0, key).await?)
    }

    async fn data_key(&mut self, owner: &str, purpose: Purpose) -> Result<Option<DataKeyRecord>> {
        Ok(secret::key(&mut self.0, owner, purpose).await?)
    }

    async fn shred_data_key(&mut self, owner: &str, purpose: Purpose) -> Result<bool> {
        Ok(secret::shred(&mut self.0, owner, purpose).await?)
    }

    async fn claim(&mut self, claim: &Claim) -> Result<Claimed> {
        Ok(claim::claim(&mut self.0, claim).await?)
    }

    async fn holder(&mut self, kind: &str, mode: Mode, tags: &[(u32, Vec<u8>)]) -> Result<Option<Account>> {
        Ok(claim::holder(&mut self.0, kind, mode, tags).await?)
    }

    async fn case(&mut self, id: &CaseId) -> Result<Option<Stored<Case>>> {
        Ok(case::get(&mut self.0, id).await?)
    }

    async fn insert_case(&mut self, case: &Case) -> Result<()> {
        Ok(case::insert(&mut self.0, case).await?)
    }

    async fn save_case(&mut self, case: &Stored<Case>) -> Result<()> {
        Ok(case::save(&mut self.0, case).await?)
    }

    async fn cases(&mut self, query: &CaseQuery) -> Result<Vec<Case>> {
        Ok(case::list(&mut self.0, query).await?)
    }

    async fn append_event(&mut self, event: &NewEvent) -> Result<Event> {
        Ok(event::append(&mut self.0, event).await?)
    }

    async fn event(&mut self, id: &EventId) -> Result<Option<Event>> {
        Ok(event::get(&mut self.0, id).await?)
    }

    async fn events(&mut self, query: &EventQuery) -> Result<Vec<Event>> {
        Ok(event::list(&mut self.0, query).await?)
    }

    async fn insert_endpoint(&mut self, endpoint: &WebhookEndpoint) -> Result<()> {
        Ok(endpoint::insert(&mut self.0, endpoint).await?)
    }

    async fn endpoint(&mut self, id: &WebhookEndpointId) -> Result<Option<Stored<WebhookEndpoint>>> {
        Ok(endpoint::get(&mut self.0, id).await?)
    }

    async fn save_endpoint(&mut self, endpoint: &Stored<WebhookEndpoint>) -> Result<()> {
        Ok(endpoint::save(&mut self.0, endpoint).await?)
    }

    async fn delete_endpoint(&mut self, id: &WebhookEndpointId) -> Result<bool> {
        Ok(endpoint::delete(&mut self.0, id).await?)
    }

    async fn endpoints(&mut self, mode: Mode) -> Result<Vec<WebhookEndpoint>> {
        Ok(endpoint::all(&mut self.0, mode).await?)
    }

    async fn insert_delivery(&mut self, attempt: &DeliveryAttempt) -> Result<()> {
        Ok(endpoint::insert_delivery(&mut self.0, attempt).await?)
    }

    async fn deliveries(&mut self, event: &EventId) -> Result<Vec<DeliveryAttempt>> {
        Ok(endpoint::deliveries(&mut self.0, event).await?)
    }

    async fn insert_api_key(&mut self, key: &ApiKey, hash: SecretHash) -> Result<()> {
        Ok(access::insert_api_key(&mut self.0, key, hash).await?)
    }

    async fn api_key(&mut self, hash: SecretHash) -> Result<Option<ApiKey>> {
        Ok(access::api_key(&mut self.0, hash).await?)
    }

    async fn api_keys(&mut self) -> Result<Vec<ApiKey>> {
        Ok(access::api_keys(&mut self.0).await?)
    }

    async fn revoke_api_key(&mut self, id: &ApiKeyId, now: Timestamp) -> Result<bool> {
        Ok(access::revoke_api_key(&mut self.0, id, now).await?)
    }

    async fn insert_user(&mut self, user: &User) -> Result<()> {
        Ok(access::insert_user(&mut self.0, user).await?)
    }

    async fn user(&mut self, id: &UserId) -> Result<Option<Stored<User>>> {
        Ok(access::user(&mut self.0, id).await?)
    }

    async fn user_by_login(&mut self, login: &str) -> Result<Option<Stored<User>>> {
        Ok(access::user_by_login(&mut self.0, login).await?)
    }

    async fn save_user(&mut self, user: &Stored<User>) -> Result<()> {
        Ok(access::save_user(&mut self.0, user).await?)
    }

    async fn users(&mut self) -> Result<Vec<User>> {
        Ok(access::users(&mut self.0).await?)
    }

    async fn insert_sign_in(&mut self, sign_in: &SignIn, hash: SecretHash) -> Result<()> {
        Ok(access::insert_sign_in(&mut self.0, sign_in, hash).await?)
    }

    async fn sign_in(&mut self, hash: SecretHash) -> Result<Option<SignIn>> {
        Ok(access::sign_in(&mut self.0, hash).await?)
    }

    async fn delete_sign_in(&mut self, id: &SignInId) -> Result<()> {
        Ok(access::delete_sign_in(&mut self.0, id).await?)
    }

    async fn insert_link(&mut self, link: &ClientLink) -> Result<()> {
        Ok(access::insert_link(&mut self.0, link).await?)
    }

    async fn open_link(&mut self, hash: SecretHash, now: Timestamp) -> Result<LinkOpened> {
        Ok(access::open_link(&mut self.0, hash, now).await?)
    }

    async fn insert_visit(&mut self, visit: &Visit) -> Result<()> {
        Ok(access::insert_visit(&mut self.0, visit).await?)
    }

    async fn visit(&mut self, hash: SecretHash) -> Result<Option<Visit>> {
        Ok(access::visit(&mut self.0, hash).await?)
    }

    async fn idempotent(
        &mut self,
        key: &ApiKeyId,
        idempotency_key: &str,
    ) -> Result<Option<IdempotentAnswer>> {
        Ok(idempotency::get(&mut self.0, key, idempotency_key).await?)
    }

    async fn insert_idempotent(
        &mut self,
        key: &ApiKeyId,
        idempotency_key: &str,
        answer: &IdempotentAnswer,
    ) -> Result<()> {
        Ok(idempotency::insert(&mut self.0, key, idempotency_key, answer).await?)
    }

    async fn enqueue(&mut self, job: &NewJob) -> Result<bool> {
        Ok(job::enqueue(&mut self.0, job).await?)
    }

    async fn finish(&mut self, job: &LeasedJob) -> Result<std::result::Result<(), LeaseLost>> {
        Ok(if job::finish(&mut self.0, job).await? { Ok(()) } else { Err(LeaseLost) })
    }

    async fn job_counts(&mut self) -> Result<JobCounts> {
        Ok(job::counts(&mut self.0).await?)
    }

    async fn dead_jobs(&mut self, limit: u32) -> Result<Vec<(JobId, Job, String)>> {
        Ok(job::dead(&mut self.0, limit).await?)
    }

    async fn requeue(&mut self, id: &JobId, now: Timestamp) -> Result<bool> {
        Ok(job::requeue(&mut self.0, id, now).await?)
    }

    async fn append_audit(&mut self, entry: &AuditEntry) -> Result<()> {
        Ok(audit::append(&mut self.0, entry).await?)
    }

    async fn audit_of(&mut self, object: &str) -> Result<Vec<AuditEntry>> {
        Ok(audit::of(&mut self.0, object).await?)
    }

    async fn sweep(&mut self, now: Timestamp) -> Result<u64> {
        Ok(access::sweep(&mut self.0, now).await?)
    }
}
