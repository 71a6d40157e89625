//! Why a use case did not do what was asked.

use shiren_core::account::assertion::AssertionFault;
use shiren_core::account::ban::BanRefusal;
use shiren_core::account::shop::ShopRefusal;
use shiren_core::account::staff;
use shiren_core::aftersales::AfterSalesRefusal;
use shiren_core::clock::ClockRefusal;
use shiren_core::deposit::LedgerError;
use shiren_core::gate::{AskedError, RulesError};
use shiren_core::recheck::RecheckRefusal;
use shiren_core::review::CaseRefusal;
use shiren_core::rollout::{RolloutRefusal, ShopFactsError};
use shiren_core::see::SeeError;
use shiren_core::verification::ReasonCode;
use shiren_core::verification::session::Refusal;

use crate::endpoints::EndpointRefusal;
use crate::port::{BlobError, StoreError};
use crate::uploads::UploadRefusal;

/// Why a use case did not do what was asked. Nothing was half done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or it belongs to somebody else.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// The session does not allow it as it stands.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The sub-account does not allow it as it stands.
    #[error(transparent)]
    Staff(#[from] staff::Refusal),
    /// The deposit does not allow it as it stands.
    #[error(transparent)]
    Deposit(#[from] LedgerError),
    /// The shop does not allow it as it stands, or what was given cannot be.
    #[error(transparent)]
    Shop(#[from] ShopRefusal),
    /// The webhook endpoint does not allow it as it stands, or may not be there.
    #[error(transparent)]
    Endpoint(#[from] EndpointRefusal),
    /// The ban does not allow it as it stands.
    #[error(transparent)]
    Ban(#[from] BanRefusal),
    /// The re-check does not allow it as it stands.
    #[error(transparent)]
    Recheck(#[from] RecheckRefusal),
    /// The rollout does not allow it as it stands, or cannot be so.
    #[error(transparent)]
    Rollout(#[from] RolloutRefusal),
    /// This cannot be said of a shop.
    #[error(transparent)]
    ShopFacts(#[from] ShopFactsError),
    /// The gate cannot be asked this.
    #[error(transparent)]
    Asked(#[from] AskedError),
    /// These rules cannot be the gate's.
    #[error(transparent)]
    GateRules(#[from] RulesError),
    /// Somebody changed it meanwhile: it has this version now.
    #[error("it was changed meanwhile and has version {0} now")]
    Stale(i64),
    /// Whoever opens a link is not known to be signed in as its account.
    #[error(transparent)]
    Assertion(#[from] AssertionFault),
    /// The after-sales request does not allow it as it stands, or what was given cannot be.
    #[error(transparent)]
    AfterSales(#[from] AfterSalesRefusal),
    /// The clock is not turned so.
    #[error(transparent)]
    Clock(#[from] ClockRefusal),
    /// It exists already.
    #[error("there is such a {0} already")]
    Exists(&'static str),
    /// Nothing is kept of anybody who verified for the account.
    #[error("nothing is kept of anybody who verified for this account: it was erased, or nobody ever did")]
    NothingKept,
    /// Only in test mode.
    #[error("clocks are turned in test mode only")]
    TestModeOnly,
    /// Something given is wrong.
    #[error("{field}: {problem}")]
    Invalid {
        /// Which part.
        field: &'static str,
        /// What is wrong with it, in English.
        problem: String,
    },
    /// What the person entered cannot be: a reason with sentences and a fix.
    #[error("{field}: {}", code.name())]
    Entry {
        /// Which field of the form.
        field: &'static str,
        /// Why.
        code: ReasonCode,
    },
    /// The picture cannot be used at all.
    #[error("the picture cannot be used: {}", .0.name())]
    Picture(ReasonCode),
    /// Another account holds what this one needs for itself.
    #[error("another account holds this: {}", .0.name())]
    InUse(ReasonCode),
    /// The case is decided already, or somebody else must confirm it.
    #[error(transparent)]
    Case(#[from] CaseRefusal),
    /// Nobody is signed in, or the key or link is not known.
    #[error("not signed in, or the key is not known")]
    Unauthenticated,
    /// The key or the person may not do this.
    #[error("not allowed: {0}")]
    Forbidden(&'static str),
    /// Too many sign-ins failed, or guesses: again after so many seconds.
    #[error("too many tries failed; again in {0} seconds")]
    TooManyTries(u32),
    /// A link was sent for this session a moment ago, or too many were today: again after so many seconds.
    #[error("a link was sent before; again in {0} seconds")]
    TooManyLinks(u32),
    /// Too many messages went to the people of a shop today: again after so many seconds.
    #[error("too many messages went to this shop today; again in {0} seconds")]
    TooManyMessages(u32),
    /// Another code is not sent yet: a reason, and after how many seconds it can be asked for again.
    #[error("no code is sent yet: {}; again in {seconds} seconds", code.name())]
    TooManyCodes {
        /// Why.
        code: ReasonCode,
        /// After so many seconds.
        seconds: u32,
    },
    /// The link was opened before.
    #[error("the link was used before")]
    LinkUsed,
    /// The link's time is over.
    #[error("the link's time is over")]
    LinkExpired,
    /// The number that belongs to the link is another one; the link is used up.
    #[error("the number does not belong to this link")]
    LinkNumber,
    /// A live capture cannot be opened, or finished: `used`, `expired`, `unknown`, `another_browser`, `unfinished`.
    #[error("the live capture is refused: {0}")]
    Capture(&'static str),
    /// The upload does not go on so.
    #[error(transparent)]
    Upload(#[from] UploadRefusal),
    /// The idempotency key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// There are as many as there may be.
    #[error("there are as many {0} as there may be; delete one first")]
    TooMany(&'static str),
    /// It changed meanwhile.
    #[error("it was changed meanwhile; load it and try again")]
    Conflict,
    /// Too much is going on.
    #[error("too busy; try again")]
    Busy,
    /// No space is left.
    #[error("no space is left")]
    Full,
    /// Something is broken on our side.
    #[error("{0}")]
    Internal(String),
}

impl From<StoreError> for Error {
    fn from(e: StoreError) -> Self {
        match e {
            StoreError::Conflict => Self::Conflict,
            StoreError::Busy => Self::Busy,
            StoreError::Full => Self::Full,
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<BlobError> for Error {
    fn from(e: BlobError) -> Self {
        match e {
            BlobError::Full => Self::Full,
            other => Self::Internal(other.to_string()),
        }
    }
}

impl From<SeeError> for Error {
    fn from(e: SeeError) -> Self {
        match e {
            SeeError::Picture { code, .. } => Self::Picture(code),
            other => Self::Internal(other.to_string()),
        }
    }
}
