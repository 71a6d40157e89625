//! Pictures of a session: taken in, checked at once, sealed, shown, deleted.

use std::sync::Arc;

use jiff::ToSpan as _;
use sha2::{Digest as _, Sha256};
use shiren_core::id::{AuditId, EvidenceId, SessionId};
use shiren_core::see::Shot;
use shiren_core::verification::check::{Declared, LiveProof};
use shiren_core::verification::program::{Mode, Program, Step};
use shiren_core::verification::session::{Reason, Refusal, Session};
use shiren_core::verification::{Dossier, Finding, Material, ReasonCode, Severity, examine};
use shiren_vault::{DataKey, Purpose, Sealed};

use crate::context::App;
use crate::error::Error;
use crate::job::Job;
use crate::look::{self, Given};
use crate::person::own;
use crate::port::{Kept, Tx};
use crate::record::{AuditEntry, EvidenceRecord, TakenBy};
use crate::seal::Place;

/// Hours after which bytes without a record are nobody's: far longer than recording them takes.
const SWEPT_AFTER: i64 = 1;

/// A picture that was taken in, and what is wrong with it.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Its record.
    pub evidence: EvidenceRecord,
    /// Whether it can be handed in: nothing found that fails.
    pub usable: bool,
}

/// A picture, opened.
pub struct Opened {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// `image/jpeg`, `image/png` or `image/webp`.
    pub media_type: &'static str,
}

impl App {
    /// Takes a picture for a step: checks it, seals it, keeps it. It counts even when something is wrong with it,
    /// and says what; another one takes its place.
    ///
    /// # Errors
    /// When it is not the person's turn, there is no such step, or the file is no picture at all.
    pub async fn take_picture(
        &self,
        id: &SessionId,
        step: &str,
        bytes: Vec<u8>,
        taken_by: TakenBy,
    ) -> Result<Taken, Error> {
        self.take(id, step, bytes, taken_by, None).await
    }

    /// Takes the best frame of a live capture for its step.
    pub(crate) async fn take_live(
        &self,
        id: &SessionId,
        step: &str,
        bytes: Vec<u8>,
        proof: LiveProof,
    ) -> Result<Taken, Error> {
        self.take(id, step, bytes, TakenBy::Live, Some(proof)).await
    }

    async fn take(
        &self,
        id: &SessionId,
        step: &str,
        bytes: Vec<u8>,
        taken_by: TakenBy,
        live: Option<LiveProof>,
    ) -> Result<Taken, Error> {
        let mut tx = self.store.snapshot().await?;
        let session = own(tx.as_mut(), id).await?.value;
        let app = self.on_clock(tx.as_mut(), session.clock.as_ref()).await?;
        drop(tx);
        let program = self.program_of(&session)?;
        let step = session.method_of(program)?.step(step).ok_or(Refusal::NoSuchStep)?;
        if step.live.in_mode(session.mode) && taken_by == TakenBy::File {
            return Err(Error::Picture(ReasonCode::LiveCaptureRequired));
        }
        // Asked before the work, and again when it is kept.
        let evidence_id = EvidenceId::new(self.world_now(), self.ten());
        session.clone().take(program, &step.id, evidence_id.clone(), app.now())?;
        let kept = self.pictures.keep(&bytes)?;
        let sha256 = hex(&Sha256::digest(&bytes));
        let length = bytes.len() as u64;
        let mut material = app.glance(step.clone(), bytes).await?;
        material.live = live.clone();
        if let Some(code) = material.refused {
            return Err(Error::Picture(code));
        }
        let findings = app.weigh(program, &session, step, material);
        let usable = !findings.iter().any(|f| f.severity == Severity::Fail);
        let evidence = EvidenceRecord {
            id: evidence_id,
            session: id.clone(),
            step: step.id.clone(),
            shot: step.shot,
            sha256,
            bytes: length,
            blob: None,
            size: kept.size,
            findings,
            taken_by,
            live,
            taken_at: app.now(),
        };
        let evidence = self.keep(evidence, kept, program).await?;
        Ok(Taken { evidence, usable })
    }

    /// Draws a specimen with the face of the session's own selfie and takes it for both sides of the card: for
    /// people who try the product without a Chinese ID card. Test mode only.
    ///
    /// # Errors
    /// In live mode, without a selfie, when nothing here draws specimens, or when the selfie shows no face.
    pub async fn draw_specimen(&self, id: &SessionId) -> Result<Vec<Taken>, Error> {
        let mut tx = self.store.snapshot().await?;
        let session = own(tx.as_mut(), id).await?.value;
        let app = self.on_clock(tx.as_mut(), session.clock.as_ref()).await?;
        drop(tx);
        let drawer = self.specimens.clone().filter(|_| session.mode == Mode::Test);
        let drawer = drawer.ok_or(Error::Forbidden("specimens are for test mode"))?;
        let pictures = self.pictures_of(&session).await?;
        let selfie = pictures.iter().find(|p| p.shot == Shot::Selfie);
        let selfie = selfie.ok_or_else(|| Refusal::Missing(vec!["selfie".to_owned()]))?;
        let opened = self.open_picture(id, &selfie.id, "person", "draw a specimen").await?;
        let (today, mut seed) = (app.today(), [0; 8]);
        self.entropy.fill(&mut seed);
        let permit = Arc::clone(&self.gaze).acquire_owned().await.map_err(|_| Error::Busy)?;
        let drawing = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            drawer.draw(&opened.bytes, u64::from_le_bytes(seed), today)
        });
        let card = drawing.await.map_err(|e| Error::Internal(e.to_string()))??;
        let mut taken = Vec::new();
        for (shot, bytes) in [(Shot::IdFront, card.front), (Shot::IdBack, card.back)] {
            let program = self.program_of(&session)?;
            let step = session.method_of(program)?.steps.iter().find(|s| s.shot == shot);
            let step = step.ok_or(Refusal::NoSuchStep)?.id.clone();
            taken.push(self.take_picture(id, &step, bytes, TakenBy::Drawn).await?);
        }
        Ok(taken)
    }

    /// Looks at one picture, on a thread of its own.
    async fn glance(&self, step: Step, bytes: Vec<u8>) -> Result<Material, Error> {
        let permit = Arc::clone(&self.gaze).acquire_owned().await.map_err(|_| Error::Busy)?;
        let (eyes, today) = (Arc::clone(&self.eyes), self.today());
        let looking = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            look::one(eyes.as_ref(), Given { step: &step, bytes: &bytes, pool: &[] }, today, &|_| {})
        });
        Ok(looking.await.map_err(|e| Error::Internal(e.to_string()))??)
    }

    /// What the program makes of the picture alone.
    fn weigh(&self, program: &Program, session: &Session, step: &Step, material: Material) -> Vec<Reason> {
        let Ok(method) = session.method_of(program) else { return Vec::new() };
        let materials = [material];
        let dossier = Dossier { materials: &materials, declared: Declared::default(), face: None };
        let checks = examine(program, method, session.mode, &dossier, self.today());
        let here = checks.iter().filter(|c| c.steps.contains(&step.id));
        let mut findings: Vec<Reason> =
            here.flat_map(|c| &c.findings).map(|f| weighed(program, session.mode, step, f)).collect();
        findings.sort_by(|a, b| b.severity.cmp(&a.severity).then(a.code.cmp(&b.code)));
        findings.dedup_by(|a, b| a.code == b.code);
        findings
    }

    /// Seals and keeps: the blob first, so that a record never points at nothing. A blob that gets no record is
    /// deleted again; one that a killed process leaves can be opened by nobody once the session's key is gone.
    async fn keep(
        &self,
        evidence: EvidenceRecord,
        kept: Kept,
        program: &Program,
    ) -> Result<EvidenceRecord, Error> {
        let id = evidence.session.clone();
        let mut tx = self.store.begin().await?;
        let mode = own(tx.as_mut(), &id).await?.value.mode;
        let place = place(mode, &evidence);
        let key = self.data_key(tx.as_mut(), &place).await?;
        let sweep = Job::SweepPicture { evidence: evidence.id.clone() };
        let later = self.world_now().saturating_add(SWEPT_AFTER.hours()).unwrap_or(jiff::Timestamp::MAX);
        self.enqueue(tx.as_mut(), sweep, later, None).await?;
        tx.commit().await?;
        let blob = blob_of(&evidence.id);
        let mut plain = vec![media_number(kept.media_type)];
        plain.extend(kept.bytes);
        self.blobs.put(&blob, self.seal(&key, &place, &plain).0).await?;
        let evidence = EvidenceRecord { blob: Some(blob.clone()), ..evidence };
        if let Err(error) = self.count(&evidence, program).await {
            let _ = self.blobs.delete(&blob).await;
            return Err(error);
        }
        Ok(evidence)
    }

    /// Deletes the bytes of a picture that was never recorded. Done again, it changes nothing.
    pub(crate) async fn sweep_picture(&self, id: &EvidenceId) -> Result<(), Error> {
        let recorded = self.store.reader().await?.evidence(id).await?.is_some();
        if !recorded {
            self.blobs.delete(&blob_of(id)).await?;
        }
        Ok(())
    }

    /// Lets a picture that is kept count for its step.
    async fn count(&self, evidence: &EvidenceRecord, program: &Program) -> Result<(), Error> {
        let mut tx = self.store.begin().await?;
        let mut session = own(tx.as_mut(), &evidence.session).await?;
        let now = self.on_clock(tx.as_mut(), session.value.clock.as_ref()).await?.now();
        session.value.take(program, &evidence.step, evidence.id.clone(), now)?;
        tx.insert_evidence(evidence).await?;
        tx.save_session(&session).await?;
        Ok(tx.commit().await?)
    }

    /// The pictures that count in a session, in the order of its steps.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn pictures_of(&self, session: &Session) -> Result<Vec<EvidenceRecord>, Error> {
        let mut all = self.store.snapshot().await?.evidence_of(&session.id).await?;
        all.retain(|e| session.pictures.get(&e.step) == Some(&e.id));
        if let Some(method) = session.method.as_deref().and_then(|m| self.program_of(session).ok()?.method(m))
        {
            all.sort_by_key(|e| method.steps.iter().position(|s| s.id == e.step));
        }
        Ok(all)
    }

    /// Opens a picture for somebody; who and why goes into the log.
    ///
    /// # Errors
    /// When there is none of this session, or it is deleted.
    pub async fn open_picture(
        &self,
        session: &SessionId,
        id: &EvidenceId,
        actor: &str,
        purpose: &str,
    ) -> Result<Opened, Error> {
        let mut tx = self.store.begin().await?;
        let evidence =
            tx.evidence(id).await?.filter(|e| e.session == *session).ok_or(Error::NotFound("picture"))?;
        self.audit(tx.as_mut(), actor, "evidence.read", id.as_str(), purpose).await?;
        let mode = own(tx.as_mut(), session).await?.value.mode;
        let key = self.existing_key(tx.as_mut(), &place(mode, &evidence)).await?;
        tx.commit().await?;
        let key = key.ok_or(Error::NotFound("picture"))?;
        self.opened(&key, mode, &evidence).await
    }

    /// Opens a picture for the person who took it, while there is something for them to do or to be looked at; afterwards
    /// nobody but a reviewer sees it (row E15).
    ///
    /// # Errors
    /// As [`App::open_picture`]; when the session has ended.
    pub async fn open_own_picture(&self, session: &SessionId, id: &EvidenceId) -> Result<Opened, Error> {
        let ended = own(self.store.reader().await?.as_mut(), session).await?.value.status.is_final();
        if ended {
            return Err(Error::NotFound("picture"));
        }
        self.open_picture(session, id, "person", "shown to the person").await
    }

    pub(crate) async fn opened(
        &self,
        key: &DataKey,
        mode: Mode,
        evidence: &EvidenceRecord,
    ) -> Result<Opened, Error> {
        let blob = evidence.blob.as_deref().ok_or(Error::NotFound("picture"))?;
        let sealed = Sealed(self.blobs.get(blob).await?);
        let plain = Self::unseal(key, &place(mode, evidence), &sealed)?;
        let (media, bytes) = plain.split_first().ok_or_else(|| Error::Internal("an empty picture".into()))?;
        Ok(Opened { bytes: bytes.to_vec(), media_type: media_of(*media) })
    }

    /// Plans the deletion of a session's pictures, by the program's retention.
    pub(crate) async fn delete_pictures_later(
        &self,
        tx: &mut dyn Tx,
        session: &Session,
    ) -> Result<(), Error> {
        let retention = self.program_of(session)?.retention;
        let faces = i64::from(retention.face_pictures_hours).hours();
        let documents = (24 * i64::from(retention.document_pictures_days)).hours();
        for after in [faces, documents] {
            let at = self.now().saturating_add(after).unwrap_or(jiff::Timestamp::MAX);
            self.enqueue(tx, Job::DeletePictures { session: session.id.clone() }, at, None).await?;
        }
        Ok(())
    }

    /// Deletes what is due: everything of a redacted session, and pictures whose retention is over, replaced ones
    /// too. Done again, it changes nothing.
    pub(crate) async fn delete_pictures(&self, id: &SessionId) -> Result<(), Error> {
        let mut tx = self.store.snapshot().await?;
        let session = own(tx.as_mut(), id).await?.value;
        let all = tx.evidence_of(id).await?;
        drop(tx);
        let retention = self.program_of(&session)?.retention;
        let Some(ended) = session.ended_at else { return Ok(()) };
        let faces_over = ended.saturating_add(i64::from(retention.face_pictures_hours).hours());
        if faces_over.is_ok_and(|end| self.now() >= end) {
            // What was computed from the face goes with its pictures: the consent says so.
            let mut tx = self.store.begin().await?;
            self.shred(tx.as_mut(), id.as_str(), &[Purpose::Face]).await?;
            tx.commit().await?;
        }
        for evidence in all.iter().filter(|e| e.blob.is_some()) {
            let hours = if evidence.shot == Shot::Selfie {
                i64::from(retention.face_pictures_hours)
            } else {
                24 * i64::from(retention.document_pictures_days)
            };
            let over = ended.saturating_add(hours.hours()).is_ok_and(|end| self.now() >= end);
            if over || session.redacted_at.is_some() {
                if let Some(blob) = &evidence.blob {
                    self.blobs.delete(blob).await?;
                }
                let mut tx = self.store.begin().await?;
                tx.forget_blob(&evidence.id).await?;
                tx.commit().await?;
            }
        }
        Ok(())
    }

    /// Appends to the audit log.
    pub(crate) async fn audit(
        &self,
        tx: &mut dyn Tx,
        actor: &str,
        action: &str,
        object: &str,
        purpose: &str,
    ) -> Result<(), Error> {
        let now = self.world_now();
        let entry = AuditEntry {
            id: AuditId::new(now, self.ten()),
            at: now,
            actor: actor.to_owned(),
            action: action.to_owned(),
            object: object.to_owned(),
            purpose: purpose.to_owned(),
        };
        Ok(tx.append_audit(&entry).await?)
    }
}

/// Where a picture's bytes are kept.
fn blob_of(id: &EvidenceId) -> String {
    format!("evidence/{id}")
}

/// Where a picture is sealed for.
pub(crate) fn place(mode: Mode, evidence: &EvidenceRecord) -> Place<'_> {
    let (owner, name) = (evidence.session.as_str(), evidence.id.as_str());
    Place { mode, owner, purpose: Purpose::Evidence, name }
}

fn weighed(program: &Program, mode: Mode, step: &Step, finding: &Finding) -> Reason {
    Reason {
        code: finding.code,
        severity: program.severity.of(finding.code, mode, finding.severity),
        steps: vec![step.id.clone()],
        region: finding.region,
    }
}

const MEDIA: [&str; 3] = ["image/jpeg", "image/png", "image/webp"];

pub(crate) fn media_number(media: &str) -> u8 {
    MEDIA.iter().position(|m| *m == media).unwrap_or(0) as u8
}

pub(crate) fn media_of(number: u8) -> &'static str {
    MEDIA.get(usize::from(number)).copied().unwrap_or("application/octet-stream")
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
