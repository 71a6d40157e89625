//! A person to turn to: messages, appeals, and identities that somebody claims back.

use shiren_core::account::AccountKind;
use shiren_core::id::{CaseId, SessionId};
use shiren_core::review::Case;
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::{Reason, Session};
use shiren_core::verification::{ReasonCode, Severity};

use crate::context::App;
use crate::error::Error;
use crate::person::{IDENTITY, declared_place, identity_of, own};
use crate::port::Tx;
use crate::record::Claimed;
use crate::seal::Place;
use crate::sessions::{invalid, session_in};

/// Longest message, in characters.
const MESSAGE: usize = 2000;

impl App {
    /// Keeps a message to a human, sealed; the latest counts. The marketplace is told that there is one.
    ///
    /// # Errors
    /// When there is nothing in it, or more than 2000 characters.
    pub async fn leave_message(&self, id: &SessionId, message: &str) -> Result<(), Error> {
        let mut tx = self.store.begin().await?;
        let session = own(tx.as_mut(), id).await?.value;
        let app = self.on_clock(tx.as_mut(), session.clock.as_ref()).await?;
        app.keep_message(tx.as_mut(), &session, message).await?;
        tx.commit().await?;
        self.bell.notify_one();
        Ok(())
    }

    /// Hands what the checks refused to a person, with what the person says about it.
    ///
    /// # Errors
    /// As [`App::leave_message`]; when nothing was refused, or it is not the person's turn.
    pub async fn appeal(&self, id: &SessionId, message: &str) -> Result<Session, Error> {
        let mut tx = self.store.begin().await?;
        let mut session = own(tx.as_mut(), id).await?;
        let app = self.on_clock(tx.as_mut(), session.value.clock.as_ref()).await?;
        let now = app.now();
        app.keep_message(tx.as_mut(), &session.value, message).await?;
        let program = self.program_of(&session.value)?;
        let case = CaseId::new(app.world_now(), app.ten());
        let happened = session.value.appeal(program, case.clone(), now)?;
        let mut reasons = session.value.reasons.clone();
        reasons.extend(app.taken_silently(tx.as_mut(), &session.value, &reasons).await?);
        let office = app.office_of(tx.as_mut(), session.value.mode, &session.value.account).await?;
        let case = Case::open(case, &session.value, reasons, true, program, &office, now);
        tx.save_session(&session).await?;
        app.keep_case(tx.as_mut(), &case).await?;
        app.tell(tx.as_mut(), &session.value, happened).await?;
        tx.commit().await?;
        self.bell.notify_one();
        Ok(session.value)
    }

    /// The latest message of a session's person; that it was read goes into the log.
    ///
    /// # Errors
    /// When there is no such session in this mode, or no message.
    pub async fn message(&self, mode: Mode, id: &SessionId, actor: &str) -> Result<String, Error> {
        let mut tx = self.store.begin().await?;
        let session = session_in(tx.as_mut(), mode, id).await?.value;
        let message = self.message_in(tx.as_mut(), &session).await?.ok_or(Error::NotFound("message"))?;
        self.audit(tx.as_mut(), actor, "message.read", id.as_str(), "to answer it").await?;
        tx.commit().await?;
        Ok(message)
    }

    pub(crate) async fn message_in(
        &self,
        tx: &mut dyn Tx,
        session: &Session,
    ) -> Result<Option<String>, Error> {
        let plain = self.open_sealed(tx, &message_place(session)).await?;
        plain.map(|p| String::from_utf8(p.to_vec()).map_err(|e| Error::Internal(e.to_string()))).transpose()
    }

    async fn keep_message(&self, tx: &mut dyn Tx, session: &Session, message: &str) -> Result<(), Error> {
        let message = message.trim();
        if !(1..=MESSAGE).contains(&message.chars().count()) {
            return Err(invalid("message", format!("1 to {MESSAGE} characters")));
        }
        self.put_sealed(tx, &message_place(session), message.as_bytes()).await?;
        self.audit(tx, "person", "message.left", session.id.as_str(), "contact").await?;
        self.tell_message(tx, session).await
    }

    /// That another account holds the identity of what goes to a person, where the reasons do not say so because something
    /// else failed: for whoever reviews it, and not for the person.
    pub(crate) async fn taken_silently(
        &self,
        tx: &mut dyn Tx,
        session: &Session,
        reasons: &[Reason],
    ) -> Result<Option<Reason>, Error> {
        let identity = self.identity(tx, session).await?.unwrap_or_default();
        let known = reasons.iter().any(|r| r.code == ReasonCode::IdentityInUse);
        let Some(key) = identity.key().filter(|_| !known) else { return Ok(None) };
        let holder = self.holder_of(tx, session, &key).await?;
        let (code, severity, steps, region) = (ReasonCode::IdentityInUse, Severity::Review, Vec::new(), None);
        Ok(holder.map(|_| Reason { code, severity, steps, region }))
    }

    /// Claims the identity of a session that a reviewer approves. One that another account holds is taken from it
    /// when the reviewer decided about just that (row C1); both accounts are told.
    pub(crate) async fn claim_reviewed(
        &self,
        tx: &mut dyn Tx,
        session: &Session,
        case: &Case,
        key: &str,
    ) -> Result<(), Error> {
        if session.export.is_some() {
            return Ok(());
        }
        if session.account.kind == AccountKind::Staff {
            // Bound with everything else when the sub-account follows, and taken from who holds it there.
            return Ok(());
        }
        if self.is_banned(tx, session, key).await? {
            // A reviewer who finds the ban wrong lifts it first: that is recorded.
            return Err(Error::InUse(ReasonCode::SubjectBanned));
        }
        let Claimed::TakenBy(holder) = self.claim_identity(tx, session, key).await? else {
            return Ok(());
        };
        if !case.reasons.iter().any(|r| r.code == ReasonCode::IdentityInUse) {
            // Claimed by the other account since the case was opened: nobody has looked at that.
            return Err(Error::InUse(ReasonCode::IdentityInUse));
        }
        let tags = self.tags(IDENTITY, session.mode, key);
        tx.release(identity_of(session.account.kind), session.mode, &tags).await?;
        self.claim_identity(tx, session, key).await?;
        self.tell_reclaimed(tx, session, &holder).await?;
        self.evict(tx, session.mode, &holder, key).await
    }
}

fn message_place(session: &Session) -> Place<'_> {
    Place { name: "message", ..declared_place(session) }
}
