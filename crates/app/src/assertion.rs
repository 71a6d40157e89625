//! Who is signed in where a link is opened (row E23): the assertion that the marketplace's app hands over is held against
//! the session's account.
//!
//! It is looked at before the link is opened: who scans a code that is for somebody else uses nothing up. Each refusal is
//! in the log, and that another account was there is told. An assertion that was read counts as used, whatever came of
//! it.

use serde_json::json;
use shiren_core::account::AccountKind;
use shiren_core::account::assertion::{Asserted, AssertionFault, Expected};
use shiren_core::verification::session::{Assistance, Session};

use crate::context::{App, hash};
use crate::error::Error;
use crate::event::ACCOUNT_MISMATCH;
use crate::port::Tx;

/// Longest assertion that is looked at, in bytes.
const LONGEST: usize = 4096;

/// What the operator says of account assertions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssertionRules {
    /// Who signs them (`iss`).
    pub issuer: String,
    /// What they call this service (`aud`).
    pub audience: String,
}

/// What an assertion that was handed over came to: who is signed in, if one was needed or given.
type Judged = Result<Option<Asserted>, (AssertionFault, Option<Asserted>)>;

impl App {
    /// Whether a link that waits opens only for who is signed in at the marketplace as its account. Asking does not use
    /// it up.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn asks_for_account(&self, secret: &str) -> Result<bool, Error> {
        let mut tx = self.store.reader().await?;
        let waits = |l: &crate::record::ClientLink| l.opened_at.is_none() && l.expires_at > self.world_now();
        let Some(link) = tx.link(hash(secret)).await?.filter(waits) else { return Ok(false) };
        Ok(tx.session(&link.session).await?.is_some_and(|s| s.value.account_assertion))
    }

    /// Whether assertions can be read here at all.
    pub(crate) fn reads_assertions(&self) -> bool {
        self.assertions.is_some()
    }

    /// Lets a session know who opens a link to it, or notes why they may not.
    ///
    /// # Errors
    /// [`Error::Assertion`] when they may not; the caller commits what was noted of it.
    pub(crate) async fn opened_by(
        &self,
        tx: &mut dyn Tx,
        session: &mut Session,
        token: Option<&str>,
    ) -> Result<(), Error> {
        match self.judged(tx, session, token).await? {
            Ok(asserted) => {
                let by = asserted.and_then(|a| a.by);
                if let Some(by) = by {
                    let action = "link.assistance_asserted";
                    self.audit(tx, &format!("account:{by}"), action, session.id.as_str(), "row E19").await?;
                    session.assisted = Some(Assistance { by, at: self.now() });
                }
                Ok(())
            }
            Err((fault, asserted)) => {
                self.audit(tx, "person", "link.account_refused", session.id.as_str(), fault.code()).await?;
                if let Some(other) = asserted.filter(|_| fault == AssertionFault::Mismatch) {
                    self.tell_mismatch(tx, session, &other).await?;
                }
                Err(fault.into())
            }
        }
    }

    async fn judged(&self, tx: &mut dyn Tx, session: &Session, token: Option<&str>) -> Result<Judged, Error> {
        let Some(token) = token else {
            let missing = (AssertionFault::Missing, None);
            return Ok(if session.account_assertion { Err(missing) } else { Ok(None) });
        };
        let asserted = match self.read_assertion(session, token) {
            Ok(asserted) => asserted,
            Err(fault) => return Ok(Err((fault, None))),
        };
        let once = hash(&format!("{}\n{}", self.settings.assertion.issuer, asserted.once));
        if !tx.use_assertion(once, asserted.expires_at).await? {
            return Ok(Err((AssertionFault::Replayed, None)));
        }
        let shop = match session.account.kind {
            AccountKind::Staff => tx.staff(session.mode, &session.account.id).await?.map(|s| s.value.shop),
            _ => None,
        };
        if let Err(fault) = asserted.is_of(&session.account, shop.as_deref()) {
            return Ok(Err((fault, Some(asserted))));
        }
        if asserted.by.is_some() && !self.program_of(session)?.assisted {
            return Ok(Err((AssertionFault::Assisted, None)));
        }
        Ok(Ok(Some(asserted)))
    }

    fn read_assertion(&self, session: &Session, token: &str) -> Result<Asserted, AssertionFault> {
        if token.len() > LONGEST {
            return Err(AssertionFault::Unreadable);
        }
        // Who cannot read any knows none of their keys.
        let claims = self.assertions.as_ref().ok_or(AssertionFault::Key)?.read(token)?;
        let rules = &self.settings.assertion;
        let expected = Expected { issuer: &rules.issuer, audience: &rules.audience, mode: session.mode };
        claims.asserted(expected, self.world_now())
    }

    /// Tells that another account was signed in where a link was opened: which one, for the marketplace alone.
    async fn tell_mismatch(&self, tx: &mut dyn Tx, session: &Session, other: &Asserted) -> Result<(), Error> {
        let data = json!({
            "id": session.id, "status": session.status.name(), "account": session.account,
            "opened_by": { "account": other.account, "main": other.main },
        });
        self.append(tx, session.mode, ACCOUNT_MISMATCH, &session.account, session.id.as_str(), data).await
    }
}
