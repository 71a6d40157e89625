//! Identity records after the end of an account: kept as long as the program says (电子商务法 31 and 网络交易监督管理办法 want
//! three years after exit), and then erased, by a job on the account's clock.
//!
//! A shop ends when it is closed, a sub-account when it is disabled; the user of a sub-account leaves when they are unbound.
//! Of buyers and influencers no end is known: the marketplace has their sessions redacted.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use shiren_core::account::shop::{PenaltyKind, Shop};
use shiren_core::account::staff::{Staff, Standing};
use shiren_core::account::{Account, AccountKind};
use shiren_core::id::SessionId;
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::Session;

use crate::context::App;
use crate::error::Error;
use crate::job::Job;
use crate::pages::SessionsOf;
use crate::port::{SessionQuery, Tx};
use crate::record::LeasedJob;

/// Sessions of an account that are looked at at once.
const AT_ONCE: u32 = 100;

/// An account that may have ended, and since when.
enum Ended {
    Shop(Option<Timestamp>),
    Staff(Box<Staff>),
}

impl Ended {
    /// Since when a verification of it is a thing of the past; `None` while it is not.
    fn since(&self, session: &SessionId) -> Option<Timestamp> {
        match self {
            Self::Shop(closed) => *closed,
            Self::Staff(staff) => match staff.standing {
                Standing::Disabled { since, .. } => Some(since),
                _ => {
                    let binding = staff.bindings.iter().find(|b| b.session == *session)?;
                    binding.ended.as_ref().map(|(at, _)| *at)
                }
            },
        }
    }

    /// Since when all of it is.
    fn whole(&self) -> Option<Timestamp> {
        match self {
            Self::Shop(closed) => *closed,
            Self::Staff(staff) => match staff.standing {
                Standing::Disabled { since, .. } => Some(since),
                _ => None,
            },
        }
    }
}

impl App {
    /// An account ended, or its user left it: its identity records are erased when their years are over.
    pub(crate) async fn erase_records_later(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        account: &Account,
    ) -> Result<(), Error> {
        let Some(program) = self.program_named(account.kind.program()) else { return Ok(()) };
        let any = SessionQuery {
            mode: Some(mode),
            account_kind: Some(account.kind),
            account_id: Some(account.id.clone()),
            limit: 1,
            ..SessionQuery::default()
        };
        if tx.sessions(&any).await?.is_empty() {
            return Ok(());
        }
        let years = program.retention.identity_record_years_after_exit;
        let zone = self.zone_of(tx, mode, account).await?;
        self.erase_records_at(tx, mode, account, years_after(self.now(), years, &zone)).await
    }

    async fn erase_records_at(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        account: &Account,
        at: Timestamp,
    ) -> Result<(), Error> {
        let dedup = format!("erase:{mode}:{account}:{}", at.as_microsecond());
        let job = Job::EraseRecords { mode, account: account.clone() };
        self.enqueue(tx, job, at, Some(dedup)).await
    }

    /// Erases the identity records of an account whose years are over, a transaction each, and ends the job with what is left
    /// planned. Done again, or of an account that goes on, it changes nothing.
    pub(crate) async fn erase_records(
        &self,
        mode: Mode,
        account: &Account,
        job: &LeasedJob,
    ) -> Result<(), Error> {
        let mut tx = self.store.snapshot().await?;
        let Some((app, ended)) = self.ended(tx.as_mut(), mode, account).await? else {
            drop(tx);
            return self.finish_only(job).await;
        };
        let sessions = app.sessions_of(tx.as_mut(), mode, account).await?;
        let zone = app.zone_of(tx.as_mut(), mode, account).await?;
        drop(tx);
        let mut next: Option<Timestamp> = None;
        for session in sessions.iter().filter(|s| s.redacted_at.is_none()) {
            let Some(since) = ended.since(&session.id) else { continue };
            // The operator may have taken a program of their own away: the law's three years then.
            let years = app.program_of(session).map_or(3, |p| p.retention.identity_record_years_after_exit);
            let due = years_after(since, years, &zone);
            if due <= app.now() {
                app.erase_record(&session.id, since).await?;
            } else {
                next = Some(next.map_or(due, |next| next.min(due)));
            }
        }
        let mut tx = self.store.begin().await?;
        if tx.finish(job).await?.is_err() {
            return Ok(());
        }
        match next {
            Some(at) => app.erase_records_at(tx.as_mut(), mode, account, at).await?,
            // What was registered of it is of nobody any more.
            None if ended.whole().is_some() => app.forget_references(tx.as_mut(), mode, account).await?,
            None => {}
        }
        tx.commit().await?;
        self.bell.notify_one();
        Ok(())
    }

    /// Erases one, unless it was erased before or is looked at just now.
    async fn erase_record(&self, id: &SessionId, since: Timestamp) -> Result<(), Error> {
        let mut tx = self.store.begin().await?;
        let Some(session) = tx.session(id).await? else { return Ok(()) };
        if session.value.redacted_at.is_some() || !session.value.status.is_final() {
            return Ok(());
        }
        let purpose = format!("the account ended {since}, and its years are over");
        self.audit(tx.as_mut(), "system", "identity.erased", id.as_str(), &purpose).await?;
        self.redact(tx.as_mut(), session).await?;
        Ok(tx.commit().await?)
    }

    /// An account as far as its end goes, with the view of its clock; `None` where no end can be known.
    async fn ended(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        account: &Account,
    ) -> Result<Option<(Self, Ended)>, Error> {
        Ok(match account.kind {
            AccountKind::Shop => match tx.shop(mode, &account.id).await? {
                Some(shop) => {
                    let app = self.on_clock(tx, shop.value.clock.as_ref()).await?;
                    Some((app, Ended::Shop(closed_since(&shop.value))))
                }
                None => None,
            },
            AccountKind::Staff => match tx.staff(mode, &account.id).await? {
                Some(_) => {
                    let (app, staff) = self.staff_in(tx, mode, &account.id).await?;
                    Some((app, Ended::Staff(Box::new(staff.value))))
                }
                None => None,
            },
            AccountKind::Buyer | AccountKind::Influencer | AccountKind::Platform => None,
        })
    }

    async fn sessions_of(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        account: &Account,
    ) -> Result<Vec<Session>, Error> {
        let mut sessions = SessionsOf::account(mode, account, None, AT_ONCE);
        let mut found = Vec::new();
        while let Some(page) = sessions.next(tx).await? {
            found.extend(page);
        }
        Ok(found)
    }
}

/// Since when a shop is closed for ever, by its owner or for a violation, whichever came first.
fn closed_since(shop: &Shop) -> Option<Timestamp> {
    let permanent = shop.penalties.iter().filter(|p| p.kind == PenaltyKind::PermanentClosure).map(|p| p.at);
    permanent.chain(shop.closed_at).min()
}

/// The same day and hour so many years later, where the account is.
fn years_after(at: Timestamp, years: u32, zone: &TimeZone) -> Timestamp {
    at.to_zoned(zone.clone()).saturating_add(i64::from(years).years()).timestamp()
}
