//! What use cases need of the world.

pub mod row;
mod store;

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use shiren_core::account::Account;
use shiren_core::account::assertion::{AssertionFault, Claims};
use shiren_core::see::SeeError;
use shiren_core::verification::check::Answered;

use crate::record::SendFault;

pub use store::{
    AfterSalesQuery, BanQuery, CaseQuery, ClockQuery, CodesBy, EventQuery, LeaseLost, NoticeQuery,
    RolloutQuery, SessionQuery, ShopQuery, StaffCount, StaffQuery, Store, StoreError, Tx,
};

/// Tells the time. The domain never asks the system.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// Gives what cannot be guessed.
pub trait Entropy: Send + Sync {
    /// Fills a buffer.
    fn fill(&self, bytes: &mut [u8]);
}

/// Keys that encrypt keys and tags. The embedded default keeps them in a file beside the data, readable by its
/// owner only; a KMS is another implementation.
pub trait Keyring: Send + Sync {
    /// The key under which new data keys are wrapped, and its version.
    fn current(&self) -> (u32, shiren_vault::MasterKey);

    /// The key of a version; `None` when it is gone.
    fn version(&self, version: u32) -> Option<shiren_vault::MasterKey>;
}

/// Reads what the marketplace's app asserts of the account that is signed in there.
pub trait Assertions: Send + Sync {
    /// What it says, if the signature holds and is made with a known key in the one way that this key is for.
    ///
    /// # Errors
    /// When it cannot be read, or nobody known signed it so.
    fn read(&self, token: &str) -> Result<Claims, AssertionFault>;
}

/// Keeps what is too large for the store. It sees sealed bytes only.
#[async_trait]
pub trait Blobs: Send + Sync {
    /// Keeps bytes under a key of `[a-z0-9_/]`; whole or not at all. Keeping them again replaces them.
    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), BlobError>;
    /// What was kept.
    async fn get(&self, key: &str) -> Result<Vec<u8>, BlobError>;
    /// Deletes it; what is not there is deleted already.
    async fn delete(&self, key: &str) -> Result<(), BlobError>;
}

/// Why bytes could not be kept or found.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// There is nothing under this key.
    #[error("there is no blob {0}")]
    Missing(String),
    /// No space is left.
    #[error("no space is left for blobs")]
    Full,
    /// Anything else.
    #[error("blobs: {0}")]
    Other(String),
}

/// Sends webhooks. Refuses addresses inside the operator's own network unless told otherwise.
#[async_trait]
pub trait WebhookTransport: Send + Sync {
    /// Whether an address is one that may be called, as it stands and by what its name stands for now. A name that
    /// nobody knows yet may be: it is looked at again in the moment of sending.
    ///
    /// # Errors
    /// [`TransportError::Forbidden`] when it may not.
    async fn check(&self, url: &str) -> Result<(), TransportError>;
    /// Posts a body once and tells the status. Redirects are not followed.
    async fn post(
        &self,
        url: &str,
        headers: &BTreeMap<&'static str, String>,
        body: Vec<u8>,
        timeout: Duration,
    ) -> Result<u16, TransportError>;
}

/// Why a webhook could not be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The address is one that must not be called.
    #[error("the address is not allowed: {0}")]
    Forbidden(String),
    /// Nobody answered in time.
    #[error("no answer in time")]
    Timeout,
    /// It could not be reached.
    #[error("not reachable: {0}")]
    Unreachable(String),
}

/// Knows identities that pictures cannot prove: a bank, a payment account, a registry.
#[async_trait]
pub trait DataSource: Send + Sync {
    /// What decisions call it.
    fn name(&self) -> &str;
    /// Asks once, within seconds.
    async fn ask(&self, question: &Question) -> Result<Answered, SourceError>;
}

/// Whether somebody is who they say. Personal data: it has no `Debug`.
#[derive(Clone)]
pub struct Question {
    /// `q_…`, different for every question.
    pub id: String,
    /// Whose account.
    pub account: Account,
    /// The name.
    pub name: String,
    /// The document's number.
    pub id_number: String,
    /// The phone that they verify with, or that is registered of the account, where one is known: a source that knows phones
    /// says whether it has the same one for this identity.
    pub phone: Option<String>,
    /// The payment account that is asked about, where it is another one than is registered.
    pub payment_account: Option<String>,
    /// The bank card that is asked about, likewise.
    pub bank_card: Option<String>,
}

/// Why there is no answer, in English, without anything of the question.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SourceError(pub String);

/// Sends something to a person, by one channel.
#[async_trait]
pub trait Sender: Send + Sync {
    /// Whether somebody who is sent the same id twice gets it once. If not, nothing is sent again of which it is not
    /// known whether it arrived.
    fn sends_an_id_once(&self) -> bool;
    /// Sends it, within half a minute.
    async fn send(&self, letter: &Letter) -> Result<(), SendError>;
}

/// What is sent to a person. Personal data: it has no `Debug`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// `ntc_…`
    pub id: String,
    /// A mail address, or a phone number.
    pub to: String,
    /// In which language: `zh` or `en`.
    pub language: String,
    /// The subject, where the channel has one.
    pub subject: String,
    /// The text, whole.
    pub text: String,
    /// Which text it is, for gateways that fill templates of their own.
    #[serde(default)]
    pub template: String,
    /// What stands in it, by the template's names.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
}

/// Why something was not sent, without anything of the letter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It will never be taken.
    #[error("refused: {0}")]
    Refused(SendFault),
    /// It was surely not taken; perhaps later.
    #[error("not sent: {0}")]
    NotSent(SendFault),
    /// Nobody knows whether it was taken.
    #[error("perhaps sent: {0}")]
    Unclear(SendFault),
}

impl SendError {
    /// What went wrong.
    #[must_use]
    pub const fn fault(&self) -> SendFault {
        let (Self::Refused(fault) | Self::NotSent(fault) | Self::Unclear(fault)) = self;
        *fault
    }
}

/// What is kept of a picture.
#[derive(Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its bytes without anything that the pixels do not need: no place, no time, no device.
    pub bytes: Vec<u8>,
    /// `image/jpeg`, `image/png` or `image/webp`.
    pub media_type: &'static str,
    /// Width and height in pixels, as it stands upright.
    pub size: (u32, u32),
}

/// Tells what may be kept of a picture. Synchronous, and quick: no pixel is decoded.
pub trait Pictures: Send + Sync {
    /// The picture without its metadata.
    ///
    /// # Errors
    /// [`SeeError::Picture`] when it is none, or not one that is accepted.
    fn keep(&self, picture: &[u8]) -> Result<Kept, SeeError>;
}

/// Both sides of a marked specimen, photographed.
pub struct SpecimenCard {
    /// The portrait side, JPEG.
    pub front: Vec<u8>,
    /// The other side, JPEG.
    pub back: Vec<u8>,
}

/// Draws specimens for people who try the product without a Chinese ID card. Synchronous and slow.
pub trait Specimens: Send + Sync {
    /// A card of somebody who does not exist, with the face of the selfie.
    ///
    /// # Errors
    /// When the selfie cannot be used, or has no face (`face_not_found`).
    fn draw(&self, selfie: &[u8], seed: u64, today: Date) -> Result<SpecimenCard, SeeError>;
}
