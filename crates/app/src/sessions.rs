//! Verification sessions as the marketplace handles them: create, retrieve, list, redact.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::{Timestamp, ToSpan as _};
use shiren_core::account::Account;
use shiren_core::gate::sound_action;
use shiren_core::id::{ClockId, SessionId};
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::{NewSession, Refusal, Session, Status};
use shiren_vault::Purpose;

use crate::command::Command;
use crate::context::App;
use crate::error::Error;
use crate::job::Job;
use crate::notices::Contact;
use crate::pages::SessionsOf;
use crate::port::{SessionQuery, Tx};
use crate::record::{ClientLink, DecisionRecord, Stored};
use crate::staff_verification::Behind;

/// Most remarks on a session, and the longest key and value, in characters.
const METADATA: (usize, usize, usize) = (20, 40, 500);
/// Longest address to return to.
const RETURN_URL: usize = 2000;

/// Creates a session, with a link that brings the person to it.
#[derive(Clone, Debug)]
pub struct CreateSession {
    /// Test or live.
    pub mode: Mode,
    /// Name of the program.
    pub program: String,
    /// Whose account.
    pub account: Account,
    /// By which clock it lives, in test mode; without it, by that of its account.
    pub clock: Option<ClockId>,
    /// Where the person goes afterwards: `https`, or `http` to the same machine.
    pub return_url: Option<String>,
    /// The action that it is for, if it is for one alone: the gate's rules may want that.
    pub action: Option<String>,
    /// The marketplace's own remarks.
    pub metadata: BTreeMap<String, String>,
    /// Where a link to go on later may be sent.
    pub contact: Contact,
    /// Whether whoever opens a link must be signed in at the marketplace as the account, whatever the program says.
    pub account_assertion: bool,
}

/// Makes another link to a session that waits for the person: the first one was lost, or is used.
#[derive(Clone, Debug)]
pub struct NewLink {
    /// In which mode it must be.
    pub mode: Mode,
    /// Which session.
    pub id: SessionId,
}

/// Deletes what a session holds of the person; the outcome stays. The keys are gone when it is done, the sealed
/// pictures and the traces in the store's files a little later.
#[derive(Clone, Debug)]
pub struct RedactSession {
    /// In which mode it must be.
    pub mode: Mode,
    /// Which session.
    pub id: SessionId,
}

/// A session with the secret of its fresh link, which is never shown again.
#[derive(Clone, Debug)]
pub struct Created {
    /// The session.
    pub session: Session,
    /// What stands behind `/v/` in the link.
    pub link_secret: String,
}

#[async_trait]
impl Command for CreateSession {
    type Done = Created;

    const RINGS: bool = false;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<Created, Error> {
        let unknown = || invalid("program", format!("there is no program {:?}", self.program));
        let program = app.program_named(&self.program).ok_or_else(unknown)?;
        if !self.account.is_sound() {
            return Err(invalid("account.id", "1 to 128 characters, none of them a control character"));
        }
        sound_return_url(self.return_url.as_deref())?;
        sound_metadata(&self.metadata)?;
        sound_action(self.action.as_deref())?;
        if (self.account_assertion || program.account_assertion.in_mode(self.mode)) && !app.reads_assertions()
        {
            return Err(invalid("account_assertion", "no keys are set: see [platform] assertion_keys"));
        }
        let Behind { clock, company } = app.behind_session(tx, &self, program).await?;
        let contact = self.contact.checked()?;
        let app = &app.on_clock(tx, clock.as_ref()).await?;
        let now = app.now();
        let new = NewSession {
            id: SessionId::new(app.world_now(), app.ten()),
            mode: self.mode,
            clock,
            company,
            account: self.account,
            return_url: self.return_url,
            action: self.action,
            metadata: self.metadata,
            account_assertion: self.account_assertion,
        };
        let (mut session, happened) = Session::new(new, program, now);
        session.waits_until(app.link_end());
        tx.insert_session(&session).await?;
        app.keep_contact(tx, &session, &contact).await?;
        let link_secret = app.link(tx, &session).await?;
        app.expire_later(tx, &session).await?;
        app.tell(tx, &session, happened).await?;
        Ok(Created { session, link_secret })
    }
}

#[async_trait]
impl Command for NewLink {
    type Done = Created;

    const RINGS: bool = false;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<Created, Error> {
        let mut session = session_in(tx, self.mode, &self.id).await?;
        let app = &app.on_clock(tx, session.value.clock.as_ref()).await?;
        if session.value.status.is_final() {
            return Err(Refusal::Ended(session.value.status).into());
        }
        session.value.waits_until(app.link_end());
        tx.save_session(&session).await?;
        let link_secret = app.link(tx, &session.value).await?;
        Ok(Created { session: session.value, link_secret })
    }
}

#[async_trait]
impl Command for RedactSession {
    type Done = Session;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<Session, Error> {
        let session = session_in(tx, self.mode, &self.id).await?;
        app.on_clock(tx, session.value.clock.as_ref()).await?.redact(tx, session).await
    }
}

impl App {
    /// Deletes what a session holds of the person, on the view of its clock.
    pub(crate) async fn redact(
        &self,
        tx: &mut dyn Tx,
        mut session: Stored<Session>,
    ) -> Result<Session, Error> {
        let happened = session.value.redact(self.now())?;
        let all = [Purpose::Identity, Purpose::Face, Purpose::Baseline, Purpose::Evidence];
        self.shred(tx, session.value.id.as_str(), &all).await?;
        tx.save_session(&session).await?;
        let job = Job::DeletePictures { session: session.value.id.clone() };
        self.enqueue(tx, job, self.now(), None).await?;
        self.tell(tx, &session.value, happened).await?;
        Ok(session.value)
    }

    /// Until when a session waits for a link that is made now to be opened.
    pub(crate) fn link_end(&self) -> Timestamp {
        self.link_end_from(self.now())
    }

    fn link_end_from(&self, now: Timestamp) -> Timestamp {
        now.saturating_add(self.settings.link_minutes.minutes()).unwrap_or(Timestamp::MAX)
    }

    /// A fresh link; gives its secret.
    pub(crate) async fn link(&self, tx: &mut dyn Tx, session: &Session) -> Result<String, Error> {
        let (secret, hash) = self.secret("");
        let expires_at = self.link_end_from(self.world_now());
        tx.insert_link(&ClientLink {
            hash,
            session: session.id.clone(),
            expires_at,
            number: None,
            opened_at: None,
        })
        .await?;
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
        // A decision never changes: whichever the session names is the one that counted then.
        let mut tx = self.store.reader().await?;
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

    /// Lets a session end whose time is over. Done again, or too early, it changes nothing.
    pub(crate) async fn expire_session(&self, id: &SessionId) -> Result<(), Error> {
        let mut tx = self.store.begin().await?;
        let Some(mut session) = tx.session(id).await? else { return Ok(()) };
        let app = self.on_clock(tx.as_mut(), session.value.clock.as_ref()).await?;
        match session.value.expire(app.now()) {
            Some(happened) => {
                tx.save_session(&session).await?;
                app.delete_pictures_later(tx.as_mut(), &session.value).await?;
                app.tell(tx.as_mut(), &session.value, happened).await?;
            }
            // It was renewed: it ends later.
            None if !session.value.status.is_final() && session.value.expires_at > app.now() => {
                app.expire_later(tx.as_mut(), &session.value).await?
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

/// The verifications of an account that passed for it, the newest first, at most so many. Sessions for a copy of personal
/// data are none, however many there were since.
pub(crate) async fn verifications(
    tx: &mut dyn Tx,
    mode: Mode,
    account: &Account,
    most: u32,
) -> Result<Vec<Session>, Error> {
    let mut sessions = SessionsOf::account(mode, account, Some(Status::Verified), most);
    let mut found = Vec::new();
    while let Some(page) = sessions.next(tx).await? {
        found.extend(page.into_iter().filter(|session| session.export.is_none()));
        if found.len() >= most as usize {
            break;
        }
    }
    found.truncate(most as usize);
    Ok(found)
}

pub(crate) fn invalid(field: &'static str, problem: impl Into<String>) -> Error {
    Error::Invalid { field, problem: problem.into() }
}

/// What may stand in an address (RFC 3986): ASCII that is seen. Brackets may only around an IPv6 host: a name will do.
pub(crate) fn in_address(c: char) -> bool {
    c.is_ascii_graphic() && !matches!(c, '[' | ']')
}

pub(crate) fn sound_return_url(url: Option<&str>) -> Result<(), Error> {
    let Some(url) = url else { return Ok(()) };
    let local = ["http://localhost", "http://127.0.0.1"].iter().any(|start| {
        url.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/', '?']))
    });
    let sound = url.chars().count() <= RETURN_URL
        && (url.strip_prefix("https://").is_some_and(|rest| !rest.is_empty()) || local)
        && url.chars().all(in_address);
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
