//! The reviewer: takes a request before them, looks at it, decides. Every look is in the log, with who and why.

use async_trait::async_trait;
use shiren_core::aftersales::{AfterSales, Decided, Ground, State, Verdict};
use shiren_core::id::{AfterSalesId, AttachmentId};
use shiren_core::review::Reviewer;
use shiren_core::verification::program::Mode;

use super::files::FileReader;
use super::{Written, aftersales_in, message_name, sound_text, written_place};
use crate::cases::actor;
use crate::command::Command;
use crate::context::App;
use crate::error::Error;
use crate::port::Tx;
use crate::record::AuditEntry;
use crate::sessions::invalid;

/// Shortest purpose of a look, in characters.
const SHORTEST_PURPOSE: usize = 3;
/// Longest purpose of a look, in characters.
const LONGEST_PURPOSE: usize = 200;

/// A request with what belongs to it, for somebody who may see it. Personal data: it has no `Debug`.
#[derive(Clone)]
pub struct AfterSalesFile {
    /// The request.
    pub request: AfterSales,
    /// The version under which it is kept: a decision on an older one is refused.
    pub version: i64,
    /// What was written.
    pub written: Written,
    /// Who looked at it before.
    pub log: Vec<AuditEntry>,
}

/// Takes a request before them, so that nobody else decides it meanwhile.
#[derive(Clone, Debug)]
pub struct TakeAfterSales {
    /// In which mode it must be; either when `None`.
    pub mode: Option<Mode>,
    /// Which request.
    pub id: AfterSalesId,
    /// Who does.
    pub by: Reviewer,
}

/// Decides a request. One that waits is taken with it.
#[derive(Clone)]
pub struct DecideAfterSales {
    /// In which mode it must be; either when `None`.
    pub mode: Option<Mode>,
    /// Which request.
    pub id: AfterSalesId,
    /// What is made of it.
    pub verdict: Verdict,
    /// On which ground.
    pub ground: Ground,
    /// What the buyer is told besides, up to 2000 characters: personal.
    pub message: Option<String>,
    /// The version that was looked at, if a newer one shall be refused.
    pub version: Option<i64>,
    /// Who decides.
    pub by: Reviewer,
}

#[async_trait]
impl Command for TakeAfterSales {
    type Done = AfterSales;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<AfterSales, Error> {
        let mut request = aftersales_in(tx, self.mode, &self.id).await?;
        let app = app.on_clock(tx, request.value.clock.as_ref()).await?;
        let who = actor(&self.by);
        let event = request.value.take(self.by, &app.settings.aftersales, app.now())?;
        app.audit(tx, &who, "aftersales.taken", self.id.as_str(), "review").await?;
        let events: Vec<_> = event.into_iter().collect();
        app.keep_aftersales(tx, &request, &events).await?;
        Ok(request.value)
    }
}

#[async_trait]
impl Command for DecideAfterSales {
    type Done = AfterSales;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<AfterSales, Error> {
        let mut request = aftersales_in(tx, self.mode, &self.id).await?;
        if self.version.is_some_and(|seen| seen != request.version) {
            return Err(Error::Stale(request.version));
        }
        let app = app.on_clock(tx, request.value.clock.as_ref()).await?;
        let (rules, now) = (&app.settings.aftersales, app.now());
        let message = self.message.as_deref().map(str::trim).filter(|m| !m.is_empty());
        let message = message.map(|m| sound_text("message", m)).transpose()?;
        let who = actor(&self.by);
        let mut events = Vec::new();
        if request.value.state == State::Submitted {
            events.extend(request.value.take(self.by.clone(), rules, now)?);
        }
        let decided = Decided {
            verdict: self.verdict,
            ground: self.ground,
            message: message.is_some(),
            by: self.by,
            at: now,
        };
        events.push(request.value.decide(decided, rules, now)?);
        if let Some(message) = message {
            let name = message_name(request.value.decisions.len() - 1);
            app.put_sealed(tx, &written_place(&request.value, &name), message.as_bytes()).await?;
        }
        app.audit(tx, &who, "aftersales.decided", self.id.as_str(), "review").await?;
        app.keep_aftersales(tx, &request, &events).await?;
        Ok(request.value)
    }
}

impl App {
    /// Opens a request for somebody who may see what was written; that they looked, and why, goes into the log.
    ///
    /// # Errors
    /// When there is none, or no purpose is given.
    pub async fn open_aftersales(
        &self,
        mode: Option<Mode>,
        id: &AfterSalesId,
        actor: &str,
        purpose: &str,
    ) -> Result<AfterSalesFile, Error> {
        let purpose = sound_purpose(purpose)?;
        let mut tx = self.store.begin().await?;
        let request = aftersales_in(tx.as_mut(), mode, id).await?;
        self.audit(tx.as_mut(), actor, "aftersales.viewed", id.as_str(), purpose).await?;
        // What the buyer has not handed in is theirs alone.
        let written = Written { draft: None, ..self.written(tx.as_mut(), &request.value).await? };
        let log = tx.audit_of(id.as_str()).await?;
        tx.commit().await?;
        Ok(AfterSalesFile { request: request.value, version: request.version, written, log })
    }

    /// Opens a photograph or video of a request; that they looked, and why, goes into the log.
    ///
    /// # Errors
    /// When there is none that was handed in, or no purpose is given.
    pub async fn open_aftersales_file(
        &self,
        mode: Option<Mode>,
        id: &AfterSalesId,
        file: &AttachmentId,
        actor: &str,
        purpose: &str,
    ) -> Result<FileReader, Error> {
        let purpose = sound_purpose(purpose)?;
        let mut tx = self.store.begin().await?;
        let request = aftersales_in(tx.as_mut(), mode, id).await?.value;
        if request.attachment(file).is_none_or(|a| !a.handed_in) {
            return Err(Error::NotFound("file"));
        }
        let reader = self.file_reader(tx.as_mut(), &request, file).await?;
        let read = format!("{file}: {purpose}");
        self.audit(tx.as_mut(), actor, "aftersales.file_read", id.as_str(), &read).await?;
        tx.commit().await?;
        Ok(reader)
    }

    /// Opens a photograph or video for the buyer whose it is; the log says so.
    ///
    /// # Errors
    /// When there is none, or it did not come whole.
    pub async fn open_own_file(&self, id: &AfterSalesId, file: &AttachmentId) -> Result<FileReader, Error> {
        let mut tx = self.store.begin().await?;
        let request = aftersales_in(tx.as_mut(), None, id).await?.value;
        let reader = self.file_reader(tx.as_mut(), &request, file).await?;
        let read = format!("{file}: shown to the person");
        self.audit(tx.as_mut(), "person", "aftersales.file_read", id.as_str(), &read).await?;
        tx.commit().await?;
        Ok(reader)
    }
}

fn sound_purpose(purpose: &str) -> Result<&str, Error> {
    let purpose = purpose.trim();
    let fits = (SHORTEST_PURPOSE..=LONGEST_PURPOSE).contains(&purpose.chars().count())
        && !purpose.chars().any(char::is_control);
    if fits {
        Ok(purpose)
    } else {
        Err(invalid("purpose", "say in 3 to 200 characters why you need to see it"))
    }
}
