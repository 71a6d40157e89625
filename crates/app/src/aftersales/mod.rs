//! After-sales requests (row F12): what a buyer and the marketplace do with them.
//!
//! The rules are the state machine's ([`shiren_core::aftersales`]). What stands here is that a change, its events and the
//! job for its next deadline are one transaction, that what the buyer writes and shows is sealed under keys of the
//! request, and that it is submitted only on a verification of the buyer.

mod files;
mod pass;
mod review;

use async_trait::async_trait;
use jiff::{Timestamp, ToSpan as _};
use serde_json::json;
use shiren_core::account::{Account, AccountKind};
use shiren_core::aftersales::{
    AfterSales, AfterSalesRefusal, AfterSalesRules, Event, Kind, NewAfterSales, State,
};
use shiren_core::id::{AfterSalesId, ClockId, SessionId};
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::{Happened, Session};
use shiren_vault::Purpose;

use crate::command::Command;
use crate::context::App;
use crate::error::Error;
use crate::job::Job;
use crate::port::{AfterSalesQuery, Tx};
use crate::record::{LeasedJob, Stored};
use crate::seal::Place;
use crate::sessions::{invalid, verifications};

pub use files::{AppendedFile, FileReader, NewFile};
pub use pass::{AfterSalesVisitor, NewAfterSalesLink, StartVerification};
pub use review::{AfterSalesFile, DecideAfterSales, TakeAfterSales};

/// Longest text of a buyer, and longest message to them, in characters.
const LONGEST_TEXT: usize = 2000;
/// How many of a buyer's verifications are looked at, the newest first.
const LOOKED_AT: u32 = 20;
/// How many of a buyer's requests follow one verification.
const FOLLOWING: u32 = 100;

/// Makes a request, with a link that brings the buyer to it.
#[derive(Clone)]
pub struct CreateAfterSales {
    /// Test or live.
    pub mode: Mode,
    /// The marketplace's own id of the buyer.
    pub buyer: String,
    /// The marketplace's own id of the order.
    pub order: String,
    /// What is asked for.
    pub kind: Kind,
    /// How much money it is about, in cents.
    pub amount_cents: i64,
    /// In which currency.
    pub currency: String,
    /// What the buyer wrote at the marketplace, if they did: personal.
    pub text: Option<String>,
    /// By which clock it lives, in test mode; without it, by that of the buyer's last session.
    pub clock: Option<ClockId>,
}

/// A request with the secret of its fresh link, which is never shown again.
#[derive(Clone, Debug)]
pub struct CreatedAfterSales {
    /// The request.
    pub request: AfterSales,
    /// What stands behind `/a/` in the link.
    pub link_secret: String,
}

/// Keeps what the buyer wrote, in place of what they had not handed in yet.
#[derive(Clone)]
pub struct WriteAfterSales {
    /// Which request.
    pub id: AfterSalesId,
    /// Their words, 1 to 2000 characters: personal.
    pub text: String,
}

/// Hands a request in: submitted when the buyer is verified, else it waits for that.
#[derive(Clone, Debug)]
pub struct SubmitAfterSales {
    /// In which mode it must be; either when `None`.
    pub mode: Option<Mode>,
    /// Which request.
    pub id: AfterSalesId,
}

/// A request that was handed in.
#[derive(Clone, Debug)]
pub struct Submitted {
    /// The request.
    pub request: AfterSales,
    /// The program that the buyer must be verified by first, if they must.
    pub verify_by: Option<String>,
}

/// Withdraws a request.
#[derive(Clone, Debug)]
pub struct WithdrawAfterSales {
    /// In which mode it must be; either when `None`.
    pub mode: Option<Mode>,
    /// Which request.
    pub id: AfterSalesId,
}

/// Tells that what was accepted is carried out.
#[derive(Clone, Debug)]
pub struct CompleteAfterSales {
    /// In which mode it must be.
    pub mode: Mode,
    /// Which request.
    pub id: AfterSalesId,
}

/// What was written of a request, in the clear: personal, so it has no `Debug`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// What the buyer wrote at first, and each answer.
    pub texts: Vec<String>,
    /// What they have not handed in yet.
    pub draft: Option<String>,
    /// The message of each decision, empty where there is none.
    pub messages: Vec<String>,
}

#[async_trait]
impl Command for CreateAfterSales {
    type Done = CreatedAfterSales;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<CreatedAfterSales, Error> {
        app.sound_clock(tx, self.mode, self.clock.as_ref()).await?;
        let buyer = Account { kind: AccountKind::Buyer, id: self.buyer };
        let clock = app.clock_of_person(tx, self.mode, &buyer, self.clock).await?;
        let app = app.on_clock(tx, clock.as_ref()).await?;
        let new = NewAfterSales {
            id: AfterSalesId::new(app.world_now(), app.ten()),
            mode: self.mode,
            clock,
            buyer,
            order: self.order,
            kind: self.kind,
            amount_cents: self.amount_cents,
            currency: self.currency,
        };
        let (mut request, event) = AfterSales::create(new, &app.settings.aftersales, app.now())?;
        if let Some(text) = &self.text {
            request.wrote(app.now())?;
            app.keep_text(tx, &request, text).await?;
        }
        tx.insert_aftersales(&request).await?;
        app.aftersales_changed(tx, &request, &[event]).await?;
        let link_secret = app.aftersales_link(tx, &request.id).await?;
        Ok(CreatedAfterSales { request, link_secret })
    }
}

#[async_trait]
impl Command for WriteAfterSales {
    type Done = AfterSales;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<AfterSales, Error> {
        let mut request = aftersales_in(tx, None, &self.id).await?;
        let app = app.on_clock(tx, request.value.clock.as_ref()).await?;
        request.value.wrote(app.now())?;
        app.keep_text(tx, &request.value, &self.text).await?;
        tx.save_aftersales(&request).await?;
        Ok(request.value)
    }
}

#[async_trait]
impl Command for SubmitAfterSales {
    type Done = Submitted;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<Submitted, Error> {
        let mut request = aftersales_in(tx, self.mode, &self.id).await?;
        let app = app.on_clock(tx, request.value.clock.as_ref()).await?;
        let rules = &app.settings.aftersales;
        let verified = app.verified_for_aftersales(tx, &request.value).await?;
        let waits = verified.is_none().then(|| rules.program.clone());
        if waits.is_some() && request.value.state == State::VerificationRequired {
            // Handed in before, and it waits still.
            return Ok(Submitted { request: request.value, verify_by: waits });
        }
        let event = request.value.submit(verified, rules, app.now())?;
        app.keep_aftersales(tx, &request, &[event]).await?;
        Ok(Submitted { request: request.value, verify_by: waits })
    }
}

#[async_trait]
impl Command for WithdrawAfterSales {
    type Done = AfterSales;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<AfterSales, Error> {
        let mut request = aftersales_in(tx, self.mode, &self.id).await?;
        let app = app.on_clock(tx, request.value.clock.as_ref()).await?;
        let event = request.value.withdraw(app.now())?;
        app.keep_aftersales(tx, &request, &[event]).await?;
        Ok(request.value)
    }
}

#[async_trait]
impl Command for CompleteAfterSales {
    type Done = AfterSales;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<AfterSales, Error> {
        let mut request = aftersales_in(tx, Some(self.mode), &self.id).await?;
        let app = app.on_clock(tx, request.value.clock.as_ref()).await?;
        let event = request.value.complete(app.now())?;
        app.keep_aftersales(tx, &request, &[event]).await?;
        Ok(request.value)
    }
}

impl App {
    /// A request of a mode, and the version under which it is kept.
    ///
    /// # Errors
    /// When there is none.
    pub async fn aftersales(&self, mode: Mode, id: &AfterSalesId) -> Result<Stored<AfterSales>, Error> {
        aftersales_in(self.store.reader().await?.as_mut(), Some(mode), id).await
    }

    /// The rules that requests live by.
    pub fn aftersales_rules(&self) -> &AfterSalesRules {
        &self.settings.aftersales
    }

    /// Lists requests.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn aftersales_list(&self, query: &AfterSalesQuery) -> Result<Vec<AfterSales>, Error> {
        Ok(self.store.reader().await?.aftersales_list(query).await?)
    }

    /// The verification of its buyer on which a request can be submitted: passed by the program that the rules name,
    /// no longer ago than they say. This is the one place that asks.
    async fn verified_for_aftersales(
        &self,
        tx: &mut dyn Tx,
        request: &AfterSales,
    ) -> Result<Option<SessionId>, Error> {
        let rules = &self.settings.aftersales;
        let days = (24 * i64::from(rules.verified_days)).hours();
        // As the gate counts: nothing that was reclaimed by somebody else.
        let counts = |s: &Session| {
            let until = s.vouches_since().map(|at| at.saturating_add(days).unwrap_or(Timestamp::MAX));
            s.program.name == rules.program
                && s.redacted_at.is_none()
                && until.is_some_and(|until| self.now() < until)
        };
        let passed = verifications(tx, request.mode, &request.buyer, LOOKED_AT).await?;
        Ok(passed.into_iter().find(counts).map(|s| s.id))
    }

    /// A buyer was verified: what waits for that is submitted, in the same transaction.
    pub(crate) async fn buyer_follows(
        &self,
        tx: &mut dyn Tx,
        session: &Session,
        what: Happened,
    ) -> Result<(), Error> {
        let rules = &self.settings.aftersales;
        if what != Happened::Verified || session.program.name != rules.program {
            return Ok(());
        }
        let query = AfterSalesQuery {
            mode: Some(session.mode),
            state: Some(State::VerificationRequired),
            buyer: Some(session.account.id.clone()),
            limit: FOLLOWING,
            ..AfterSalesQuery::default()
        };
        for waiting in tx.aftersales_list(&query).await? {
            let Some(mut request) = tx.aftersales(&waiting.id).await? else { continue };
            let app = self.on_clock(tx, request.value.clock.as_ref()).await?;
            match request.value.submit(Some(session.id.clone()), rules, app.now()) {
                Ok(event) => app.keep_aftersales(tx, &request, &[event]).await?,
                // Its time is over, and only nobody noticed yet; or something was taken away again: it waits for that.
                Err(AfterSalesRefusal::Firm(_) | AfterSalesRefusal::Missing(_)) => {}
                Err(refusal) => return Err(refusal.into()),
            }
        }
        Ok(())
    }

    async fn keep_aftersales(
        &self,
        tx: &mut dyn Tx,
        request: &Stored<AfterSales>,
        events: &[Event],
    ) -> Result<(), Error> {
        tx.save_aftersales(request).await?;
        self.aftersales_changed(tx, &request.value, events).await
    }

    /// Tells what happened, nothing of the person, and makes the job for the next moment at which time alone changes
    /// something: one for each such moment.
    async fn aftersales_changed(
        &self,
        tx: &mut dyn Tx,
        request: &AfterSales,
        events: &[Event],
    ) -> Result<(), Error> {
        for (happened, at) in events {
            let last = request.decisions.last();
            let data = json!({
                "id": request.id, "state": request.state.name(), "kind": request.kind.name(),
                "order": request.order, "amount_cents": request.amount_cents, "currency": request.currency,
                "account": request.buyer, "verification_session": request.verification,
                "due_at": request.review.as_ref().map(|r| r.due_at), "close_at": request.close_at,
                "ground": last.map(|d| d.ground.name()),
            });
            let object = (request.id.as_str(), *at);
            self.append_at(tx, request.mode, happened.name(), &request.buyer, object, data).await?;
            self.message_aftersales(tx, request, *happened, *at).await?;
        }
        let Some(at) = request.next_deadline(&self.settings.aftersales) else { return Ok(()) };
        let dedup = format!("aftersales:{}:{}", request.id, at.as_microsecond());
        let job = Job::AfterSalesDeadline { aftersales: request.id.clone() };
        self.enqueue(tx, job, at, Some(dedup)).await
    }

    /// Lets a deadline of a request happen, and ends the job with it. Too early or done before, it changes nothing.
    pub(crate) async fn aftersales_deadline(&self, id: &AfterSalesId, job: &LeasedJob) -> Result<(), Error> {
        let mut reader = self.store.reader().await?;
        let found = aftersales_in(reader.as_mut(), None, id).await?.value;
        let rules = &self.settings.aftersales;
        let now = self.on_clock(reader.as_mut(), found.clock.as_ref()).await?.now();
        drop(reader);
        if found.forget_at(rules).is_some_and(|at| now >= at) {
            // What has ended gets no more files: these are all. Their bytes go first, so that none is left behind.
            for attachment in &found.attachments {
                self.delete_file(&found.id, attachment).await?;
            }
        }
        let mut tx = self.store.begin().await?;
        if tx.finish(job).await?.is_err() {
            return Ok(());
        }
        let mut request = aftersales_in(tx.as_mut(), None, id).await?;
        let app = self.on_clock(tx.as_mut(), request.value.clock.as_ref()).await?;
        let before = request.value.clone();
        // By the same time, so that nothing is forgotten whose bytes were not deleted.
        let events = request.value.tick(rules, now);
        if request.value.forgotten_at != before.forgotten_at {
            app.shred(tx.as_mut(), id.as_str(), &[Purpose::Evidence, Purpose::Identity]).await?;
        }
        if request.value == before {
            // Rules may have changed since it was planned.
            app.aftersales_changed(tx.as_mut(), &request.value, &[]).await?;
        } else {
            app.keep_aftersales(tx.as_mut(), &request, &events).await?;
        }
        tx.commit().await?;
        self.bell.notify_one();
        Ok(())
    }

    async fn keep_text(&self, tx: &mut dyn Tx, request: &AfterSales, text: &str) -> Result<(), Error> {
        let name = text_name(request.texts);
        self.put_sealed(tx, &written_place(request, &name), sound_text("text", text)?.as_bytes()).await
    }

    /// What was written of a request, opened.
    async fn written(&self, tx: &mut dyn Tx, request: &AfterSales) -> Result<Written, Error> {
        let mut written = Written::default();
        for n in 0..request.texts {
            written.texts.extend(self.one_text(tx, request, &text_name(n)).await?);
        }
        if request.has_draft {
            written.draft = self.one_text(tx, request, &text_name(request.texts)).await?;
        }
        for n in 0..request.decisions.len() {
            written.messages.push(self.one_text(tx, request, &message_name(n)).await?.unwrap_or_default());
        }
        Ok(written)
    }

    async fn one_text(
        &self,
        tx: &mut dyn Tx,
        request: &AfterSales,
        name: &str,
    ) -> Result<Option<String>, Error> {
        let plain = self.open_sealed(tx, &written_place(request, name)).await?;
        plain.map(|p| String::from_utf8(p.to_vec()).map_err(|e| Error::Internal(e.to_string()))).transpose()
    }
}

/// A text that can be kept: 1 to 2000 characters, blanks around it not counted.
fn sound_text<'t>(field: &'static str, text: &'t str) -> Result<&'t str, Error> {
    let text = text.trim();
    if (1..=LONGEST_TEXT).contains(&text.chars().count()) {
        Ok(text)
    } else {
        Err(invalid(field, format!("1 to {LONGEST_TEXT} characters")))
    }
}

fn text_name(n: u32) -> String {
    format!("text/{n}")
}

fn message_name(n: usize) -> String {
    format!("message/{n}")
}

/// Words are sealed under another key than pictures.
fn written_place<'a>(request: &'a AfterSales, name: &'a str) -> Place<'a> {
    Place { mode: request.mode, owner: request.id.as_str(), purpose: Purpose::Identity, name }
}

async fn aftersales_in(
    tx: &mut dyn Tx,
    mode: Option<Mode>,
    id: &AfterSalesId,
) -> Result<Stored<AfterSales>, Error> {
    let found = tx.aftersales(id).await?.filter(|r| mode.is_none_or(|m| r.value.mode == m));
    found.ok_or(Error::NotFound("after-sales request"))
}
