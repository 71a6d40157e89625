//! Sessions that are called off before they end: by the marketplace, or because who they are for is no longer there
//! (rows E3, E11). What was handed in binds nobody then, nobody is left to review it, and the person learns why.

use std::pin::Pin;

use async_trait::async_trait;
use shiren_core::account::Account;
use shiren_core::id::SessionId;
use shiren_core::review::Reviewer;
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::{CalledOff, Session, Status};

use crate::command::Command;
use crate::context::App;
use crate::error::Error;
use crate::port::{SessionQuery, Tx};
use crate::record::Stored;
use crate::sessions::session_in;

/// Sessions of an account that are called off at once.
const AT_ONCE: u32 = 100;

/// Calls a session off, and its review with it.
#[derive(Clone, Debug)]
pub struct CancelSession {
    /// In which mode it must be.
    pub mode: Mode,
    /// Which session.
    pub id: SessionId,
    /// The name of the API key that does so.
    pub by: String,
}

#[async_trait]
impl Command for CancelSession {
    type Done = Session;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<Session, Error> {
        let session = session_in(tx, self.mode, &self.id).await?;
        let app = &app.on_clock(tx, session.value.clock.as_ref()).await?;
        app.call_off(tx, session, CalledOff::ByPlatform, Reviewer::Key(self.by)).await
    }
}

impl App {
    /// Calls off everything of an account that has not ended, in whatever state it is; but not `spared`. Its checks, if
    /// they are being made, come to nothing.
    ///
    /// In a box: an account that ends calls off sessions, and accounts follow their sessions.
    pub(crate) fn call_off_sessions<'a>(
        &'a self,
        tx: &'a mut dyn Tx,
        mode: Mode,
        account: &'a Account,
        spared: Option<&'a SessionId>,
        why: CalledOff,
    ) -> Pin<Box<dyn Future<Output = Result<(), Error>> + Send + 'a>> {
        Box::pin(async move {
            for status in [Status::RequiresInput, Status::Processing, Status::InReview] {
                let mut query = SessionQuery {
                    mode: Some(mode),
                    status: Some(status),
                    account_kind: Some(account.kind),
                    account_id: Some(account.id.clone()),
                    after: None,
                    limit: AT_ONCE,
                };
                loop {
                    let page = tx.sessions(&query).await?;
                    for found in page.iter().filter(|s| Some(&s.id) != spared && s.export.is_none()) {
                        let session = session_in(tx, mode, &found.id).await?;
                        let app = self.on_clock(tx, session.value.clock.as_ref()).await?;
                        app.call_off(tx, session, why, Reviewer::System).await?;
                    }
                    if page.len() < AT_ONCE as usize {
                        break;
                    }
                    query.after = page.last().map(|s| s.id.clone());
                }
            }
            Ok(())
        })
    }

    async fn call_off(
        &self,
        tx: &mut dyn Tx,
        mut session: Stored<Session>,
        why: CalledOff,
        by: Reviewer,
    ) -> Result<Session, Error> {
        let reviewed = session.value.case.clone().filter(|_| session.value.status == Status::InReview);
        let happened = session.value.cancel(why, self.now())?;
        if let Some(case) = &reviewed {
            self.withdraw_case(tx, case, by, "the session was called off").await?;
        }
        tx.save_session(&session).await?;
        self.delete_pictures_later(tx, &session.value).await?;
        self.tell(tx, &session.value, happened).await?;
        if reviewed.is_some() {
            self.message_result(tx, &session.value, happened).await?;
        }
        Ok(session.value)
    }
}
