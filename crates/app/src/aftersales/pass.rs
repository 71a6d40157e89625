//! The buyer comes in: a link that opens once, the visit that comes of it, and the way to a verification.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::{Timestamp, ToSpan as _};
use shiren_core::account::AccountKind;
use shiren_core::aftersales::{AfterSales, AfterSalesRefusal, State};
use shiren_core::id::AfterSalesId;
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::Status;

use super::{Written, aftersales_in};
use crate::command::Command;
use crate::context::{App, hash};
use crate::error::Error;
use crate::notices::Contact;
use crate::port::{SessionQuery, Tx};
use crate::record::AfterSalesPass;
use crate::sessions::CreateSession;

/// Hours that a browser may act for a request after opening its link.
const VISIT_HOURS: i64 = 48;
/// What a session that was begun from a request remarks.
const REMARK: &str = "aftersales";

/// A browser that may act for a request. Personal data: it has no `Debug`.
#[derive(Clone)]
pub struct AfterSalesVisitor {
    /// The request.
    pub request: AfterSales,
    /// What was written of it.
    pub written: Written,
    /// What the cookie held; binds forms to the visit.
    pub cookie: String,
    /// Now, by the request's clock.
    pub now: Timestamp,
}

/// Makes another link to a request.
#[derive(Clone, Debug)]
pub struct NewAfterSalesLink {
    /// In which mode it must be.
    pub mode: Mode,
    /// Which request.
    pub id: AfterSalesId,
}

/// Makes a link to a verification of the buyer, for a request that waits for it. One that was begun before goes on.
#[derive(Clone, Debug)]
pub struct StartVerification {
    /// Which request.
    pub id: AfterSalesId,
}

#[async_trait]
impl Command for NewAfterSalesLink {
    type Done = (AfterSales, String);

    const RINGS: bool = false;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<Self::Done, Error> {
        let request = aftersales_in(tx, Some(self.mode), &self.id).await?.value;
        let secret = app.aftersales_link(tx, &request.id).await?;
        Ok((request, secret))
    }
}

#[async_trait]
impl Command for StartVerification {
    /// What stands behind `/v/` in the link.
    type Done = String;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<String, Error> {
        let request = aftersales_in(tx, None, &self.id).await?.value;
        if request.state != State::VerificationRequired {
            return Err(AfterSalesRefusal::Transition(request.state, State::Submitted).into());
        }
        let app = &app.on_clock(tx, request.clock.as_ref()).await?;
        let begun = SessionQuery {
            mode: Some(request.mode),
            status: Some(Status::RequiresInput),
            account_kind: Some(AccountKind::Buyer),
            account_id: Some(request.buyer.id.clone()),
            limit: super::LOOKED_AT,
            ..SessionQuery::default()
        };
        let mine = tx.sessions(&begun).await?.into_iter().find(|s| {
            s.metadata.get(REMARK).map(String::as_str) == Some(request.id.as_str())
                && s.clock == request.clock
                && s.expires_at > app.now()
        });
        if let Some(mut session) = match &mine {
            Some(mine) => tx.session(&mine.id).await?,
            None => None,
        } {
            session.value.waits_until(app.link_end());
            tx.save_session(&session).await?;
            app.expire_later(tx, &session.value).await?;
            return app.link(tx, &session.value).await;
        }
        let create = CreateSession {
            mode: request.mode,
            program: app.settings.aftersales.program.clone(),
            account: request.buyer.clone(),
            clock: request.clock.clone(),
            return_url: app.way_back(),
            action: None,
            account_assertion: false,
            metadata: BTreeMap::from([(REMARK.to_owned(), request.id.to_string())]),
            contact: Contact::default(),
        };
        Ok(create.perform(app, tx).await?.link_secret)
    }
}

impl App {
    /// Where the person comes back to after a verification, where that is an address that sessions take.
    fn way_back(&self) -> Option<String> {
        let back = format!("{}/aftersales", self.settings.public_url);
        let local = ["http://localhost:", "http://127.0.0.1:"].iter().any(|l| back.starts_with(l));
        (back.starts_with("https://") || local).then_some(back)
    }

    /// A fresh link to a request; gives its secret.
    pub(super) async fn aftersales_link(&self, tx: &mut dyn Tx, id: &AfterSalesId) -> Result<String, Error> {
        let (secret, hash) = self.secret("");
        let minutes = self.settings.link_minutes.minutes();
        let expires_at = self.world_now().saturating_add(minutes).unwrap_or(Timestamp::MAX);
        let aftersales = id.clone();
        tx.insert_pass(&AfterSalesPass { hash, aftersales, is_link: true, expires_at, used_at: None })
            .await?;
        Ok(secret)
    }

    /// Opens a link of a request: gives the secret for the cookie. A link opens once.
    ///
    /// # Errors
    /// When there is no such link, it was used, or its time is over.
    pub async fn open_aftersales_link(&self, secret: &str) -> Result<String, Error> {
        let now = self.world_now();
        let mut tx = self.store.begin().await?;
        let link = tx.pass(hash(secret)).await?.filter(|p| p.is_link).ok_or(Error::NotFound("link"))?;
        if !tx.use_pass(hash(secret), now).await? {
            return Err(if link.expires_at <= now { Error::LinkExpired } else { Error::LinkUsed });
        }
        let (cookie, hash) = self.secret("");
        let expires_at = now.saturating_add(VISIT_HOURS.hours()).unwrap_or(now);
        let aftersales = link.aftersales;
        tx.insert_pass(&AfterSalesPass { hash, aftersales, is_link: false, expires_at, used_at: None })
            .await?;
        tx.commit().await?;
        Ok(cookie)
    }

    /// Whether a link to a request waits to be opened. Asking does not use it up.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn aftersales_link_waits(&self, secret: &str) -> Result<bool, Error> {
        let pass = self.store.reader().await?.pass(hash(secret)).await?;
        Ok(pass.is_some_and(|p| p.is_link && p.used_at.is_none() && p.expires_at > self.world_now()))
    }

    /// Who this cookie is.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when the cookie is of no visit, or its time is over.
    pub async fn aftersales_visitor(&self, cookie: &str) -> Result<AfterSalesVisitor, Error> {
        let mut tx = self.store.reader().await?;
        let now = self.world_now();
        let pass = tx.pass(hash(cookie)).await?.filter(|p| !p.is_link && p.expires_at > now);
        let pass = pass.ok_or(Error::Unauthenticated)?;
        let request = aftersales_in(tx.as_mut(), None, &pass.aftersales).await?.value;
        let now = self.on_clock(tx.as_mut(), request.clock.as_ref()).await?.now();
        let written = self.written(tx.as_mut(), &request).await?;
        Ok(AfterSalesVisitor { request, written, cookie: cookie.to_owned(), now })
    }
}
