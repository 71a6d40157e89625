//! Verification sessions as the marketplace handles them: create, retrieve, list, cancel, redact.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use shiren_core::account::Account;
use shiren_core::id::{ApiKeyId, SessionId};
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::{NewSession, Session, Status};
use shiren_vault::Purpose;

use crate::context::App;
use crate::error::Error;
use crate::job::Job;
use crate::port::{SessionQuery, Tx};
use crate::record::{ClientLink, DecisionRecord, IdempotentAnswer, SecretHash, Stored};

/// Most remarks on a session, and the longest key and value, in characters.
const METADATA: (usize, usize, usize) = (20, 40, 500);
/// Longest address to return to.
const RETURN_URL: usize = 2000;
/// Hours for which an idempotency key is remembered.
const KEY_HOURS: i64 = 24;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct CreateSession {
    /// Name of the program.
    pub program: String,
    /// Whose account.
    pub account: Account,
    /// Where the person goes afterwards: `https`, or `http` to the same machine.
    pub return_url: Option<String>,
    /// The marketplace's own remarks.
    pub metadata: BTreeMap<String, String>,
}

/// A request that must have one effect, however often it comes.
#[derive(Clone, Debug)]
pub struct Once {
    /// By which API key.
    pub key: ApiKeyId,
    /// The idempotency key.
    pub value: String,
    /// Of everything that was asked for.
    pub request: SecretHash,
}

/// A session with the secret of its fresh link, which is never shown again.
#[derive(Clone, Debug)]
pub struct Created {
    /// The session.
    pub session: Session,
    /// What stands behind `/v/` in the link.
    pub link_secret: String,
}

impl App {
    /// Creates a session, with a link that brings the person to it.
    ///
    /// # Errors
    /// When something asked for is wrong.
    pub async fn create_session(
        &self,
        mode: Mode,
        asked: CreateSession,
        once: Option<&Once>,
    ) -> Result<Created, Error> {
        let unknown = || invalid("program", format!("there is no program {:?}", asked.program));
        let program = self.program_named(&asked.program).ok_or_else(unknown)?;
        if !asked.account.is_sound() {
            return Err(invalid("account.id", "1 to 128 characters, none of them a control character"));
        }
        sound_return_url(asked.return_url.as_deref())?;
        sound_metadata(&asked.metadata)?;
        let now = self.now();
        let new = NewSession {
            id: SessionId::new(now, self.ten()),
            mode,
            account: asked.account,
            return_url: asked.return_url,
            metadata: asked.metadata,
        };
        let (session, happened) = Session::new(new, program, now);
        let mut tx = self.store.begin().await?;
        if let Some(earlier) = self.made_before(tx.as_mut(), mode, once).await? {
            tx.commit().await?;
            return Ok(earlier);
        }
        tx.insert_session(&session).await?;
        let link_secret = self.link(tx.as_mut(), &session).await?;
        self.expire_later(tx.as_mut(), &session).await?;
        self.tell(tx.as_mut(), &session, happened).await?;
        if let Some(once) = once {
            let expires_at = now.saturating_add(KEY_HOURS.hours()).unwrap_or(now);
            let body = session.id.as_str().into();
            let answer = IdempotentAnswer { request: once.request, status: 201, body, expires_at };
            tx.insert_idempotent(&once.key, &once.value, &answer).await?;
        }
        tx.commit().await?;
        Ok(Created { session, link_secret })
    }

    /// What was made under the same idempotency key, with a fresh link: the first one may have been lost.
    async fn made_before(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        once: Option<&Once>,
    ) -> Result<Option<Created>, Error> {
        let Some(once) = once else { return Ok(None) };
        let Some(answer) = tx.idempotent(&once.key, &once.value).await? else { return Ok(None) };
        if answer.request != once.request {
            return Err(Error::KeyReused);
        }
        let id = std::str::from_utf8(&answer.body).ok().and_then(|id| id.parse().ok());
        let id = id.ok_or_else(|| Error::Internal("an idempotent answer cannot be read".into()))?;
        let session = session_in(tx, mode, &id).await?.value;
        let link_secret = self.link(tx, &session).await?;
        Ok(Some(Created { session, link_secret }))
    }

    /// Another link to a session that waits for the person: the first one was lost, or is used.
    ///
    /// # Errors
    /// When there is no such session in this mode, or nothing for the person to do.
    pub async fn new_link(&self, mode: Mode, id: &SessionId) -> Result<Created, Error> {
        let mut tx = self.store.begin().await?;
        let session = session_in(tx.as_mut(), mode, id).await?.value;
        if session.status.is_final() {
            return Err(shiren_core::verification::session::Refusal::Ended(session.status).into());
        }
        let link_secret = self.link(tx.as_mut(), &session).await?;
        tx.commit().await?;
        Ok(Created { session, link_secret })
    }

    async fn link(&self, tx: &mut dyn Tx, session: &Session) -> Result<String, Error> {
        let (secret, hash) = self.secret("");
        let expires_at =
            self.now().saturating_add(self.settings.link_minutes.minutes()).unwrap_or(session.expires_at);
        tx.insert_link(&ClientLink { hash, session: session.id.clone(), expires_at }).await?;
        Ok(secret)
    }

    pub(crate) async fn expire_later(&self, tx: &mut dyn Tx, session: &Session) -> Result<(), Error> {
        let job = Job::ExpireSession { session: session.id.clone() };
        self.enqueue(tx, job, session.expires_at, None).await
    }

    /// A session of a mode, with the decision that counts.
    ///
    /// # Errors
    /// When there is none.
    pub async fn session(
        &self,
        mode: Mode,
        id: &SessionId,
    ) -> Result<(Session, Option<DecisionRecord>), Error> {
        let mut tx = self.store.snapshot().await?;
        let session = session_in(tx.as_mut(), mode, id).await?.value;
        let decision = match &session.decision {
            Some(id) => tx.decision(id).await?,
            None => None,
        };
        Ok((session, decision))
    }

    /// Lists sessions, newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sessions(&self, query: &SessionQuery) -> Result<Vec<Session>, Error> {
        Ok(self.store.snapshot().await?.sessions(query).await?)
    }

    /// Calls a session off, and its review with it.
    ///
    /// # Errors
    /// When there is none, or it has ended.
    pub async fn cancel_session(&self, mode: Mode, id: &SessionId, by: &str) -> Result<Session, Error> {
        let mut tx = self.store.begin().await?;
        let mut session = session_in(tx.as_mut(), mode, id).await?;
        if session.value.status == Status::InReview
            && let Some(case) = session.value.case.clone()
        {
            self.withdraw_case(tx.as_mut(), &case, by).await?;
        }
        let happened = session.value.cancel(self.now())?;
        tx.save_session(&session).await?;
        self.delete_pictures_later(tx.as_mut(), &session.value).await?;
        self.tell(tx.as_mut(), &session.value, happened).await?;
        tx.commit().await?;
        self.bell.notify_one();
        Ok(session.value)
    }

    /// Deletes what a session holds of the person; the outcome stays. The keys are gone when this returns, the
    /// sealed pictures a little later.
    ///
    /// # Errors
    /// When there is none, while it is being decided, or when it was redacted before.
    pub async fn redact_session(&self, mode: Mode, id: &SessionId) -> Result<Session, Error> {
        let mut tx = self.store.begin().await?;
        let mut session = session_in(tx.as_mut(), mode, id).await?;
        let happened = session.value.redact(self.now())?;
        for purpose in [Purpose::Identity, Purpose::Face, Purpose::Evidence] {
            tx.shred_data_key(id.as_str(), purpose).await?;
        }
        tx.save_session(&session).await?;
        let job = Job::DeletePictures { session: id.clone() };
        self.enqueue(tx.as_mut(), job, self.now(), None).await?;
        self.tell(tx.as_mut(), &session.value, happened).await?;
        tx.commit().await?;
        self.bell.notify_one();
        Ok(session.value)
    }

    /// Lets a session end whose time is over. Done again, or too early, it changes nothing.
    pub(crate) async fn expire_session(&self, id: &SessionId) -> Result<(), Error> {
        let mut tx = self.store.begin().await?;
        let Some(mut session) = tx.session(id).await? else { return Ok(()) };
        match session.value.expire(self.now()) {
            Some(happened) => {
                tx.save_session(&session).await?;
                self.delete_pictures_later(tx.as_mut(), &session.value).await?;
                self.tell(tx.as_mut(), &session.value, happened).await?;
            }
            // It was renewed: it ends later.
            None if !session.value.status.is_final() && session.value.expires_at > self.now() => {
                self.expire_later(tx.as_mut(), &session.value).await?
            }
            None => return Ok(()),
        }
        Ok(tx.commit().await?)
    }
}

/// The session of this id, if it is of this mode: the two worlds do not see one another.
pub(crate) async fn session_in(
    tx: &mut dyn Tx,
    mode: Mode,
    id: &SessionId,
) -> Result<Stored<Session>, Error> {
    tx.session(id).await?.filter(|s| s.value.mode == mode).ok_or(Error::NotFound("verification session"))
}

pub(crate) fn invalid(field: &'static str, problem: impl Into<String>) -> Error {
    Error::Invalid { field, problem: problem.into() }
}

fn sound_return_url(url: Option<&str>) -> Result<(), Error> {
    let Some(url) = url else { return Ok(()) };
    let local = ["http://localhost", "http://127.0.0.1"].iter().any(|start| {
        url.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/', '?']))
    });
    let sound = url.len() <= RETURN_URL
        && (url.starts_with("https://") || local)
        && !url.chars().any(|c| c.is_control() || c.is_whitespace());
    if sound { Ok(()) } else { Err(invalid("return_url", "an https address of at most 2000 characters")) }
}

fn sound_metadata(metadata: &BTreeMap<String, String>) -> Result<(), Error> {
    let (most, key, value) = METADATA;
    let long = |text: &str, most| text.is_empty() || text.chars().count() > most;
    if metadata.len() > most || metadata.iter().any(|(k, v)| long(k, key) || v.chars().count() > value) {
        let problem =
            format!("at most {most} entries, keys of 1 to {key} and values of up to {value} characters");
        return Err(invalid("metadata", problem));
    }
    Ok(())
}
