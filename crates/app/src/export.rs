//! The person's own copy of their data (row E15; 个人信息保护法 45): after a new verification of the same person, once, and
//! for a short time, on the page on which they passed. It is handed to that browser alone, never sent, and recorded.
//!
//! A session for it ([`Session::export`]) goes the way of every other one, with its own check: document and live face must
//! be of the person whose data is kept. Its account does not follow it. What it showed is erased when its time is over.

use std::io::{Cursor, Write as _};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shiren_core::account::Account;
use shiren_core::id::SessionId;
use shiren_core::see::{Band, FaceTemplate};
use shiren_core::verification::check::Check;
use shiren_core::verification::program::{CheckKind, Method, Mode};
use shiren_core::verification::session::{CopyStanding, Export, Happened, NewSession, Session};
use shiren_core::verification::{Finding, ReasonCode};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::alike::selfie;
use crate::baseline;
use crate::checks::{IdentityRecord, template_place};
use crate::command::Command;
use crate::context::App;
use crate::error::Error;
use crate::job::Job;
use crate::look::Looked;
use crate::notices::Contact;
use crate::pages::SessionsOf;
use crate::person::own;
use crate::pictures::place;
use crate::port::{StoreError, Tx};
use crate::sessions::{Created, invalid, sound_return_url};

/// Sessions of an account that are looked at at once.
const AT_ONCE: u32 = 100;
/// Most verifications of one account that a copy is made of, the newest first.
const MOST_SESSIONS: usize = 1000;
/// Most bytes of pictures in a copy: it is made in memory. Older pictures are named in it and left out.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// Makes a session in which a person verifies for a copy of their data.
#[derive(Clone, Debug)]
pub struct ExportData {
    /// Test or live.
    pub mode: Mode,
    /// What is kept of whom was verified for this account.
    pub account: Account,
    /// Where the person goes afterwards.
    pub return_url: Option<String>,
    /// Where a link to go on later may be sent. The copy itself is sent nowhere.
    pub contact: Contact,
    /// Who asks for it: `key:` and a name.
    pub by: String,
}

/// A copy, ready to be taken.
struct Copy {
    /// Which verifications it is of.
    of: Vec<SessionId>,
    /// A ZIP archive.
    archive: Vec<u8>,
}

#[async_trait]
impl Command for ExportData {
    type Done = Created;

    const RINGS: bool = false;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<Created, Error> {
        if !self.account.is_sound() {
            return Err(invalid("id", "1 to 128 characters, none of them a control character"));
        }
        sound_return_url(self.return_url.as_deref())?;
        let contact = self.contact.checked()?;
        let kept = app.kept_of(tx, self.mode, &self.account).await?;
        // Whose data is kept has a right to it, whatever became of the account since.
        let Some((newest, _)) = kept.first() else { return Err(Error::NothingKept) };
        let app = &app.on_clock(tx, newest.clock.as_ref()).await?;
        let program = app.program_named(self.account.kind.program()).ok_or(Error::NothingKept)?;
        let new = NewSession {
            id: SessionId::new(app.world_now(), app.ten()),
            mode: self.mode,
            clock: newest.clock.clone(),
            account: self.account,
            company: None,
            return_url: self.return_url,
            action: None,
            metadata: Default::default(),
            account_assertion: false,
        };
        let (mut session, happened) = Session::new(new, program, app.now());
        session.export = Some(Export::default());
        session.waits_until(app.link_end());
        tx.insert_session(&session).await?;
        app.keep_contact(tx, &session, &contact).await?;
        let link_secret = app.link(tx, &session).await?;
        app.expire_later(tx, &session).await?;
        app.audit(tx, &self.by, "export.asked", session.id.as_str(), &session.account.to_string()).await?;
        app.tell(tx, &session, happened).await?;
        Ok(Created { session, link_secret })
    }
}

impl App {
    /// For how long a copy can be taken.
    fn copy_time(&self) -> SignedDuration {
        SignedDuration::from_mins(self.settings.export_minutes)
    }

    /// How the copy of a session stands now; `None` when it is for none, or did not pass.
    pub fn copy_standing(&self, session: &Session, now: Timestamp) -> Option<CopyStanding> {
        session.copy(self.copy_time(), now)
    }

    /// The verifications of an account of which something is kept, with who the person was, the newest first. What turned
    /// out to be somebody else's identity is not the account's to hand out.
    async fn kept_of(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        account: &Account,
    ) -> Result<Vec<(Session, IdentityRecord)>, Error> {
        let mut sessions = SessionsOf::account(mode, account, None, AT_ONCE);
        let mut kept = Vec::new();
        while let Some(page) = sessions.next(tx).await? {
            for session in page {
                if session.export.is_some() || session.reclaimed_at.is_some() {
                    continue;
                }
                if let Some(identity) = self.identity(tx, &session).await? {
                    kept.push((session, identity));
                }
            }
            if kept.len() >= MOST_SESSIONS {
                break;
            }
        }
        Ok(kept)
    }

    /// The check of a session for a copy: the person whose data is kept, by document and face. `None` of every other
    /// session.
    pub(crate) async fn same_as_kept(
        &self,
        session: &Session,
        method: &Method,
        looked: &Looked,
        identity: &IdentityRecord,
    ) -> Result<Option<Check>, Error> {
        if session.export.is_none() {
            return Ok(None);
        }
        let mut tx = self.store.snapshot().await?;
        let kept = self.kept_of(tx.as_mut(), session.mode, &session.account).await?;
        let nothing = kept.is_empty();
        let mine = of_this_person(kept, identity);
        let mut faces = Vec::new();
        for (of, _) in &mine {
            faces.push(((), self.faces_of(tx.as_mut(), of).await?));
        }
        drop(tx);
        let found = match selfie(looked, method) {
            _ if nothing => Some(Finding::fail(ReasonCode::ExportNothingKept)),
            _ if mine.is_empty() => Some(Finding::fail(ReasonCode::ExportAnotherPerson)),
            None => None,
            Some((_, face)) => self.face_as_kept(face, faces).await?,
        };
        Ok(Some(Check::new(CheckKind::Unique, &[], found.into_iter().collect())))
    }

    /// Whether a face is one that is kept of the person, where any is: a person looks where that cannot be told.
    async fn face_as_kept(
        &self,
        face: FaceTemplate,
        kept: Vec<((), Vec<FaceTemplate>)>,
    ) -> Result<Option<Finding>, Error> {
        let any = kept.iter().any(|(_, faces)| !faces.is_empty());
        let compared = self.most_alike(face, kept).await?;
        let is = |band| compared.iter().any(|(_, face)| face.band == band);
        Ok(match any {
            false => None,
            true if is(Band::Same) => None,
            true if is(Band::Uncertain) || compared.is_empty() => {
                Some(Finding::review(ReasonCode::FaceUncertain))
            }
            true => Some(Finding::fail(ReasonCode::ExportAnotherPerson)),
        })
    }

    /// What is kept of the face of a verification: the baseline, and what its pictures gave while they are there.
    async fn faces_of(&self, tx: &mut dyn Tx, session: &Session) -> Result<Vec<FaceTemplate>, Error> {
        let mut faces = self.baseline(tx, session.mode, &session.id).await?;
        for step in session.pictures.keys() {
            let name = format!("template/{step}");
            if let Some(plain) = self.open_sealed(tx, &template_place(session, &name)).await? {
                faces.push(baseline::opened(&plain)?);
            }
        }
        Ok(faces)
    }

    /// What becomes of a session for a copy: what it showed is erased when it is needed no longer.
    pub(crate) async fn export_follows(
        &self,
        tx: &mut dyn Tx,
        session: &Session,
        what: Happened,
    ) -> Result<(), Error> {
        let after = match what {
            Happened::Verified => self.copy_time(),
            Happened::Exported | Happened::Expired | Happened::Canceled => SignedDuration::ZERO,
            // Who was rejected may ask a person to look at it again.
            Happened::Rejected => {
                let days = self.program_of(session)?.retention.document_pictures_days;
                SignedDuration::from_hours(24 * i64::from(days))
            }
            _ => return Ok(()),
        };
        let at = self.now().saturating_add(after).unwrap_or(Timestamp::MAX);
        self.enqueue(tx, Job::EndExport { session: session.id.clone() }, at, None).await
    }

    /// Erases what a session for a copy showed, once nothing can come of it any more. Too early, or done before, it changes
    /// nothing.
    pub(crate) async fn end_export(&self, id: &SessionId) -> Result<(), Error> {
        let mut tx = self.store.begin().await?;
        let Some(session) = tx.session(id).await? else { return Ok(()) };
        let app = self.on_clock(tx.as_mut(), session.value.clock.as_ref()).await?;
        let ready = matches!(app.copy_standing(&session.value, app.now()), Some(CopyStanding::Ready(_)));
        let over = session.value.status.is_final() && session.value.redacted_at.is_none();
        if session.value.export.is_none() || ready || !over {
            return Ok(());
        }
        app.redact(tx.as_mut(), session).await?;
        tx.commit().await?;
        self.bell.notify_one();
        Ok(())
    }

    /// Takes the copy of a session that passed for it: a ZIP archive, for exactly one of many who try. `None` when there is
    /// none to take: the session's standing says why.
    ///
    /// # Errors
    /// When the store or the blobs fail: then it was not taken.
    pub async fn take_copy(&self, id: &SessionId) -> Result<Option<Vec<u8>>, Error> {
        let mut tx = self.store.snapshot().await?;
        let session = own(tx.as_mut(), id).await?.value;
        let app = self.on_clock(tx.as_mut(), session.clock.as_ref()).await?;
        if !matches!(app.copy_standing(&session, app.now()), Some(CopyStanding::Ready(_))) {
            return Ok(None);
        }
        let copy = app.copied(tx.as_mut(), &session).await?;
        drop(tx);
        let mut tx = self.store.begin().await?;
        let mut session = own(tx.as_mut(), id).await?;
        if !session.value.take_copy(app.copy_time(), app.now()) {
            return Ok(None);
        }
        match tx.save_session(&session).await {
            Ok(()) => {}
            Err(StoreError::Conflict) => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        for of in &copy.of {
            let purpose = format!("own copy by {id}");
            app.audit(tx.as_mut(), "person", "data.exported", of.as_str(), &purpose).await?;
        }
        app.tell(tx.as_mut(), &session.value, Happened::Exported).await?;
        tx.commit().await?;
        self.bell.notify_one();
        Ok(Some(copy.archive))
    }

    /// Everything that is kept of the person of a session for a copy: `data.json`, and the pictures that are still there.
    async fn copied(&self, tx: &mut dyn Tx, session: &Session) -> Result<Copy, Error> {
        let identity = self.identity(tx, session).await?.unwrap_or_default();
        let mine = of_this_person(self.kept_of(tx, session.mode, &session.account).await?, &identity);
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let (mut verifications, mut left) = (Vec::new(), MOST_BYTES);
        for (of, identity) in &mine {
            let pictures = self.pictures_into(tx, of, &mut zip, &mut left).await?;
            verifications.push(self.verification_of(tx, of, identity, pictures).await?);
        }
        let of: Vec<SessionId> = mine.into_iter().map(|(session, _)| session.id).collect();
        let standing = self.who_was_verified(tx, session.mode, &session.account).await?;
        let registered = match standing.filter(|(standing, _)| of.contains(&standing.id)) {
            Some(_) => Some(self.registered(tx, session.mode, &session.account).await?),
            // What is registered now is of whoever stands behind the account now.
            None => None,
        };
        let data = json!({
            "object": "personal_data", "made_at": self.now(), "platform": self.settings.platform,
            "account": session.account, "mode": session.mode.name(), "verifications": verifications,
            "registered": registered,
        });
        zip.start_file("data.json", stored()).map_err(internal)?;
        let text = serde_json::to_vec_pretty(&data).map_err(internal)?;
        zip.write_all(&text).map_err(internal)?;
        let archive = zip.finish().map_err(internal)?.into_inner();
        Ok(Copy { of, archive })
    }

    /// Puts the pictures of a verification that are still there into the archive; what of each stands in `data.json`.
    async fn pictures_into(
        &self,
        tx: &mut dyn Tx,
        session: &Session,
        zip: &mut ZipWriter<Cursor<Vec<u8>>>,
        left: &mut usize,
    ) -> Result<Vec<Value>, Error> {
        let mut told = Vec::new();
        for (n, record) in tx.evidence_of(&session.id).await?.into_iter().enumerate() {
            let key = match record.blob {
                Some(_) => self.existing_key(tx, &place(session.mode, &record)).await?,
                None => None,
            };
            let opened = match &key {
                Some(key) => Some(self.opened(key, session.mode, &record).await?),
                None => None,
            };
            let (deleted, mut file) = (opened.is_none(), None);
            if let Some(opened) = opened.filter(|opened| opened.bytes.len() <= *left) {
                let end = opened.media_type.rsplit('/').next().unwrap_or_default();
                let name = format!("{}/{}-{}.{end}", session.id, n + 1, record.step);
                zip.start_file(name.as_str(), stored()).map_err(internal)?;
                zip.write_all(&opened.bytes).map_err(internal)?;
                *left -= opened.bytes.len();
                file = Some(name);
            }
            let looks = self.looks_at(tx, record.id.as_str()).await?;
            told.push(json!({
                "step": record.step, "taken_at": record.taken_at, "file": file, "deleted": deleted, "looks": looks,
            }));
        }
        Ok(told)
    }

    async fn verification_of(
        &self,
        tx: &mut dyn Tx,
        session: &Session,
        identity: &IdentityRecord,
        pictures: Vec<Value>,
    ) -> Result<Value, Error> {
        let decision = match &session.decision {
            Some(decision) => tx.decision(decision).await?,
            None => None,
        };
        let mut looks = self.looks_at(tx, session.id.as_str()).await?;
        if let Some(case) = &session.case {
            looks.extend(self.looks_at(tx, case.as_str()).await?);
        }
        let reasons: Vec<&str> = session.reasons.iter().map(|r| r.code.name()).collect();
        Ok(json!({
            "id": session.id, "program": session.program, "method": session.method,
            "status": session.status.name(), "created_at": session.created_at, "ended_at": session.ended_at,
            "consents": session.consents, "entered": self.declared(tx, session).await?,
            "read": identity.fields, "message": self.message_in(tx, session).await?,
            "reasons": reasons, "assurance": decision.and_then(|d| d.body.get("assurance").cloned()),
            "face_numbers_kept": !self.faces_of(tx, session).await?.is_empty(),
            "pictures": pictures, "looks": looks,
        }))
    }

    /// Who looked at something, when and why.
    async fn looks_at(&self, tx: &mut dyn Tx, object: &str) -> Result<Vec<Value>, Error> {
        let log = tx.audit_of(object).await?.into_iter();
        let told = log.map(|e| json!({ "at": e.at, "by": e.actor, "did": e.action, "why": e.purpose }));
        Ok(told.collect())
    }
}

/// Those of the person of an identity.
fn of_this_person(
    kept: Vec<(Session, IdentityRecord)>,
    identity: &IdentityRecord,
) -> Vec<(Session, IdentityRecord)> {
    let Some(key) = identity.key() else { return Vec::new() };
    kept.into_iter().filter(|(_, of)| of.key().as_ref() == Some(&key)).collect()
}

/// Pictures are compressed already.
fn stored() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored)
}

fn internal(error: impl std::fmt::Display) -> Error {
    Error::Internal(format!("a copy of personal data: {error}"))
}
