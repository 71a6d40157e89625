//! The checks: what was handed in is looked at, decided, and told.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use shiren_core::account::AccountKind;
use shiren_core::account::shop::Company;
use shiren_core::id::{CaseId, DecisionId, SessionId};
use shiren_core::review::Case;
use shiren_core::see::{DocumentKind, DocumentReading, FaceTemplate, FieldKey};
use shiren_core::verification::check::{self, Check};
use shiren_core::verification::program::{CheckKind, LICENCE, Method, Program};
use shiren_core::verification::session::{Reason, Session, Status};
use shiren_core::verification::{
    Decision, Digest, Dossier, Evidence, Finding, Grounds, Outcome, ReasonCode, Severity, decide, examine,
};
use shiren_vault::Purpose;

use crate::baseline;
use crate::context::App;
use crate::error::Error;
use crate::look::{self, Given, Looked, Looking};
use crate::person::{Declared, identity_value, own};
use crate::pictures::place;
use crate::port::Tx;
use crate::progress::Stage;
use crate::record::{Claimed, DecisionRecord, EvidenceRecord, LeasedJob};
use crate::seal::Place;

/// Who the person is, as the documents say: sealed under the session's identity key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityRecord {
    /// Every field that was read, by its key; what was declared where nothing was read.
    pub fields: std::collections::BTreeMap<FieldKey, String>,
    /// Which kind of document the number is of; not known of those from before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentKind>,
}

impl IdentityRecord {
    fn of(readings: &[&DocumentReading]) -> Self {
        let mut fields = std::collections::BTreeMap::new();
        for reading in readings {
            for (key, field) in &reading.fields {
                fields.entry(*key).or_insert_with(|| field.value.clone());
            }
        }
        let numbered = |r: &&&DocumentReading| {
            [FieldKey::IdNumber, FieldKey::DocumentNumber].iter().any(|key| r.fields.contains_key(key))
        };
        Self { fields, document: readings.iter().find(numbered).and_then(|r| r.kind) }
    }

    /// The name, as the document has it: in one piece, or surname before given names.
    pub fn name(&self) -> Option<String> {
        let of = |key| self.fields.get(&key).map(String::as_str).filter(|v| !v.is_empty());
        let parts = || Some(format!("{} {}", of(FieldKey::Surname)?, of(FieldKey::GivenNames)?));
        of(FieldKey::Name).map(str::to_owned).or_else(parts)
    }

    /// The number that identifies the person: the resident's, else the document's.
    pub fn number(&self) -> Option<&str> {
        let of = |key| self.fields.get(&key).map(String::as_str).filter(|v| !v.is_empty());
        of(FieldKey::IdNumber).or_else(|| of(FieldKey::DocumentNumber))
    }
}

impl IdentityRecord {
    /// What makes a person of it, wherever they verify: a resident's number alone, which is given once. The number of a
    /// passport is one among those of its state, and that of a permit one among permits.
    pub fn key(&self) -> Option<String> {
        let number = self.number()?;
        let resident = self.fields.get(&FieldKey::IdNumber).is_some_and(|value| !value.is_empty());
        match self.document {
            Some(DocumentKind::Passport) if !resident => {
                let state = self.fields.get(&FieldKey::IssuingState).map_or("", String::as_str);
                Some(identity_value(&format!("passport:{state}:{number}")))
            }
            Some(DocumentKind::Permit) if !resident => Some(permit_key(number)),
            _ => Some(identity_value(number)),
        }
    }
}

/// Permits of foreigners have resident's numbers since 2023, and are those.
pub(crate) fn permit_key(number: &str) -> String {
    let number = identity_value(number);
    if number.chars().count() == 18 { number } else { format!("PERMIT:{number}") }
}

/// One session's pictures, opened.
struct Opened {
    session: Session,
    evidence: Vec<EvidenceRecord>,
    pictures: Vec<Vec<u8>>,
    pools: Vec<Vec<FaceTemplate>>,
    declared: Declared,
}

/// What looking came to.
struct Seen {
    looked: Looked,
    checks: Vec<Check>,
}

impl App {
    /// Looks at what was handed in, decides, and keeps the decision with everything that follows from it in one
    /// transaction, in which the job ends too: done twice, or by a worker that lost its lease, it counts once.
    pub(crate) async fn run_checks(&self, id: &SessionId, job: &LeasedJob) -> Result<(), Error> {
        self.progress.set(id, Stage::Reading { done: Vec::new() });
        let done = self.check_and_decide(id, job).await;
        self.progress.clear(id);
        done
    }

    async fn check_and_decide(&self, id: &SessionId, job: &LeasedJob) -> Result<(), Error> {
        let opened = self.open_session(id).await?;
        if opened.session.status != Status::Processing {
            // Called off, or decided by a worker that finished after its lease was lost.
            return self.finish_only(job).await;
        }
        let program = self.program_of(&opened.session)?;
        let method = opened.session.method_of(program)?.clone();
        let mut seen = self.look(&opened, &method).await?;
        self.progress.set(id, Stage::Deciding);
        let readings: Vec<&DocumentReading> =
            seen.looked.materials.iter().filter_map(|m| m.document.as_ref()).collect();
        let identity = IdentityRecord::of(&readings);
        seen.checks.extend(self.resembling(&opened.session, program, &method, &seen.looked).await?);
        let session = &opened.session;
        let operator =
            self.operator(session, (program, &method), &seen.looked, &identity, &seen.checks).await?;
        seen.checks.extend(operator);
        seen.checks.extend(self.another_user(session, &identity).await?);
        seen.checks.extend(self.same_as_kept(session, &method, &seen.looked, &identity).await?);
        let asked = self.asked(&opened.session, program, &method, &opened.declared, &identity).await;
        seen.checks.extend(asked);
        seen.checks.extend(self.payer(session, &method, &opened.declared, &identity).await?);
        let proven = method.declare.phone_code.in_mode(session.mode);
        seen.checks.extend(check::phone(session.phone_proof, proven));
        if let Some(company) = &session.company {
            seen.checks.extend(of_company(company, &seen.looked, &identity));
        }
        seen.checks.extend(self.against_registered(session, &opened.declared, &identity).await?);
        self.conclude(&opened, program, &method, seen, &identity, job).await
    }

    async fn open_session(&self, id: &SessionId) -> Result<Opened, Error> {
        let mut tx = self.store.snapshot().await?;
        let session = own(tx.as_mut(), id).await?.value;
        let mut evidence = tx.evidence_of(id).await?;
        evidence.retain(|e| session.pictures.get(&e.step) == Some(&e.id));
        let declared = self.declared(tx.as_mut(), &session).await?;
        let key = match evidence.first().filter(|_| session.status == Status::Processing) {
            Some(first) => self.existing_key(tx.as_mut(), &place(session.mode, first)).await?,
            None => None,
        };
        let mut pools = Vec::new();
        for record in &evidence {
            let of = (session.mode, &session.id);
            let pooled = record.live.as_ref().is_some_and(|proof| proof.pooled > 0);
            pools.push(if pooled {
                self.kept_templates(tx.as_mut(), of, &record.sha256).await?
            } else {
                Vec::new()
            });
        }
        drop(tx);
        let mut pictures = Vec::new();
        if let Some(key) = key {
            for record in &evidence {
                pictures.push(self.opened(&key, session.mode, record).await?.bytes);
            }
        }
        Ok(Opened { session, evidence, pictures, pools, declared })
    }

    /// Looks, on a thread of its own, as many at once as the machine is set to.
    async fn look(&self, opened: &Opened, method: &Method) -> Result<Seen, Error> {
        let permit = Arc::clone(&self.gaze).acquire_owned().await.map_err(|_| Error::Busy)?;
        let (eyes, today, threads) = (Arc::clone(&self.eyes), self.today(), self.settings.threads);
        let (progress, id) = (Arc::clone(&self.progress), opened.session.id.clone());
        let method_owned = method.clone();
        let of = opened.evidence.iter().zip(opened.pictures.iter().zip(&opened.pools));
        let pictures: Vec<(String, Vec<u8>, Vec<FaceTemplate>)> =
            of.map(|(e, (bytes, pool))| (e.step.clone(), bytes.clone(), pool.clone())).collect();
        let looking = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let given: Vec<Given<'_>> = pictures
                .iter()
                .filter_map(|(step, bytes, pool)| Some(Given { step: method_owned.step(step)?, bytes, pool }))
                .collect();
            let tell = |what: Looking<'_>| match what {
                Looking::Begun(_) => {}
                Looking::Done(step) => progress.read(&id, &step.id),
                Looking::Comparing => progress.set(&id, Stage::Comparing),
            };
            look::look(eyes.as_ref(), &given, today, threads, &tell)
        });
        let mut looked = looking.await.map_err(|e| Error::Internal(e.to_string()))??;
        for material in &mut looked.materials {
            let evidence = opened.evidence.iter().find(|e| e.step == material.step);
            material.live = evidence.and_then(|e| e.live.clone());
        }
        let declared = check::Declared {
            name: opened.declared.name.as_deref(),
            id_number: opened.declared.id_number.as_deref(),
        };
        let dossier = Dossier { materials: &looked.materials, declared, face: looked.face };
        let program = self.program_of(&opened.session)?;
        let checks = examine(program, method, opened.session.mode, &dossier, today);
        Ok(Seen { looked, checks })
    }

    fn decide(&self, opened: &Opened, program: &Program, method: &Method, checks: &[Check]) -> Decision {
        let evidence: Vec<Evidence> = opened.evidence.iter().filter_map(as_grounds).collect();
        let decision = decide(&Grounds {
            program,
            method,
            mode: opened.session.mode,
            checks,
            evidence: &evidence,
            models: &self.settings.models,
        });
        Decision { assisted: opened.session.assisted.clone(), ..decision }
    }

    async fn conclude(
        &self,
        opened: &Opened,
        program: &Program,
        method: &Method,
        mut seen: Seen,
        identity: &IdentityRecord,
        job: &LeasedJob,
    ) -> Result<(), Error> {
        let mut tx = self.store.begin().await?;
        if tx.finish(job).await?.is_err() {
            return Ok(());
        }
        let mut session = own(tx.as_mut(), &opened.session.id).await?;
        if session.value.status != Status::Processing {
            return Ok(tx.commit().await?);
        }
        let mut decision = self.decide(opened, program, method, &seen.checks);
        if let Some(key) = identity.key()
            && is_theirs(&decision)
            && self.is_banned(tx.as_mut(), &session.value, &key).await?
        {
            let banned = vec![Finding::fail(ReasonCode::SubjectBanned)];
            seen.checks.push(Check::new(CheckKind::Unique, &[], banned));
            decision = self.decide(opened, program, method, &seen.checks);
        }
        // Before a person looks too: whoever approves must know whom it is taken from, and by which rules (row C1).
        if is_theirs(&decision) {
            let claims = decision.outcome == Outcome::Verified;
            let of = (identity, &opened.declared);
            let taken = self.taken(tx.as_mut(), &session.value, of, claims).await?;
            if !taken.is_empty() {
                seen.checks.push(Check::new(CheckKind::Unique, &[], taken));
                decision = self.decide(opened, program, method, &seen.checks);
            }
        }
        self.keep_findings(tx.as_mut(), &session.value, identity, &seen.looked).await?;
        self.settle(tx.as_mut(), &mut session.value, program, &decision).await?;
        tx.save_session(&session).await?;
        tx.commit().await?;
        self.bell.notify_one();
        Ok(())
    }

    /// What another account holds of what this one needs for itself; where it `claims`, a free identity of an owner or a
    /// buyer is theirs by this. That of a sub-account is bound with everything else, when the sub-account follows.
    async fn taken(
        &self,
        tx: &mut dyn Tx,
        session: &Session,
        (identity, declared): (&IdentityRecord, &Declared),
        claims: bool,
    ) -> Result<Vec<Finding>, Error> {
        if session.export.is_some() {
            return Ok(Vec::new());
        }
        if session.account.kind == AccountKind::Staff {
            return self.taken_in_shop(tx, session, identity, declared).await;
        }
        let Some(key) = identity.key() else { return Ok(Vec::new()) };
        let held = match claims {
            true => matches!(self.claim_identity(tx, session, &key).await?, Claimed::TakenBy(_)),
            false => self.holder_of(tx, session, &key).await?.is_some(),
        };
        Ok(match (held, session.reclaims) {
            (false, _) => Vec::new(),
            (true, true) => vec![Finding::review(ReasonCode::IdentityInUse)],
            (true, false) => vec![Finding::fail(ReasonCode::IdentityInUse)],
        })
    }

    /// What was learnt of the person, sealed: who they are, and both faces for later comparisons.
    async fn keep_findings(
        &self,
        tx: &mut dyn Tx,
        session: &Session,
        identity: &IdentityRecord,
        looked: &Looked,
    ) -> Result<(), Error> {
        let plain = serde_json::to_vec(identity).map_err(|e| Error::Internal(e.to_string()))?;
        self.put_sealed(tx, &identity_place(session), &plain).await?;
        for material in &looked.materials {
            if let Some(face) = &material.face {
                let name = format!("template/{}", material.step);
                let plain = baseline::sealed(&face.template)?;
                self.put_sealed(tx, &template_place(session, &name), &plain).await?;
            }
        }
        Ok(())
    }

    /// The decision, the session's new status, the case if there is one, and who is told.
    async fn settle(
        &self,
        tx: &mut dyn Tx,
        session: &mut Session,
        program: &Program,
        decision: &Decision,
    ) -> Result<(), Error> {
        let now = self.now();
        let record = DecisionRecord {
            id: DecisionId::new(self.world_now(), self.ten()),
            session: session.id.clone(),
            at: now,
            outcome: decision.outcome,
            body: serde_json::to_value(decision).map_err(|e| Error::Internal(e.to_string()))?,
        };
        tx.insert_decision(&record).await?;
        let reasons: Vec<Reason> = decision.reasons.iter().map(Reason::from).collect();
        let case = if decision.outcome == Outcome::InReview {
            let id = CaseId::new(self.world_now(), self.ten());
            let silent = self.taken_silently(tx, session, &reasons).await?;
            let reasons = reasons.iter().cloned().chain(silent).collect();
            let office = self.office_of(tx, session.mode, &session.account).await?;
            Some(Case::open(id, session, reasons, false, program, &office, now))
        } else {
            None
        };
        let case_id = case.as_ref().map(|c| c.id.clone());
        let happened = session.decided(record.id, decision.outcome, reasons, case_id, now)?;
        if session.status == Status::RequiresInput {
            // The person gets as much time to mend it as they had to begin with.
            session.renew(program, now)?;
            self.expire_later(tx, session).await?;
        }
        self.tell(tx, session, happened).await?;
        if let Some(case) = &case {
            self.keep_case(tx, case).await?;
        }
        if session.status.is_final() {
            self.delete_pictures_later(tx, session).await?;
        }
        Ok(())
    }

    pub(crate) async fn finish_only(&self, job: &LeasedJob) -> Result<(), Error> {
        let mut tx = self.store.begin().await?;
        match tx.finish(job).await? {
            Ok(()) => Ok(tx.commit().await?),
            Err(_) => Ok(()),
        }
    }

    /// Who the person is, as the documents say.
    pub(crate) async fn identity(
        &self,
        tx: &mut dyn Tx,
        session: &Session,
    ) -> Result<Option<IdentityRecord>, Error> {
        match self.open_sealed(tx, &identity_place(session)).await? {
            Some(plain) => {
                serde_json::from_slice(&plain).map(Some).map_err(|e| Error::Internal(e.to_string()))
            }
            None => Ok(None),
        }
    }
}

/// The licence that was shown, against the company and the person.
fn of_company(company: &Company, looked: &Looked, identity: &IdentityRecord) -> Option<Check> {
    let licence = looked.materials.iter().find(|m| m.step == LICENCE)?.document.as_ref()?;
    let found = check::company(licence, company, identity.name().as_deref());
    Some(Check::new(CheckKind::Company, &[LICENCE], found))
}

/// Whether nothing failed, so that what others hold of this identity is theirs to know. Of a suspicion that goes to a
/// person although something failed, the reviewer alone learns it.
fn is_theirs(decision: &Decision) -> bool {
    let fails = decision.reasons.iter().any(|r| r.finding.severity == Severity::Fail);
    !fails && matches!(decision.outcome, Outcome::Verified | Outcome::InReview)
}

/// Where a face of a session is kept while its pictures are.
pub(crate) fn template_place<'a>(session: &'a Session, name: &'a str) -> Place<'a> {
    Place { mode: session.mode, owner: session.id.as_str(), purpose: Purpose::Face, name }
}

fn identity_place(session: &Session) -> Place<'_> {
    Place { mode: session.mode, owner: session.id.as_str(), purpose: Purpose::Identity, name: "identity" }
}

/// A picture's record as a decision names it.
fn as_grounds(record: &EvidenceRecord) -> Option<Evidence> {
    let mut sha256 = [0; 32];
    for (byte, pair) in sha256.iter_mut().zip(record.sha256.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(Evidence {
        step: record.step.clone(),
        shot: record.shot,
        sha256: Digest(sha256),
        bytes: record.bytes,
    })
}
