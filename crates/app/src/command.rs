//! Commands: one transaction each, and at most one effect under an idempotency key.
//!
//! What is promised under a key: effect and answer are kept in the same transaction. A crash leaves both or neither,
//! so whoever asks again after it gets the answer that was lost, or the effect for the first time; there is no moment
//! between. A refused command changes nothing and keeps nothing: its key is free.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use jiff::ToSpan as _;
use shiren_core::verification::program::Mode;
use shiren_vault::Purpose;

use crate::context::{App, hash};
use crate::error::Error;
use crate::pictures::hex;
use crate::port::Tx;
use crate::record::{ApiKey, IdempotencyKey, IdempotentAnswer, SecretHash};
use crate::seal::Place;

/// Hours for which an idempotency key is remembered at least.
const KEY_HOURS: i64 = 24;

/// How often a command is tried that lost against another one, if it lost within [`SOON`]: what waited longer has waited
/// long enough.
const TRIES: u32 = 5;
const SOON: Duration = Duration::from_secs(3);

/// Longest pause before it is tried again, for each time that it was tried.
const PAUSE: Duration = Duration::from_millis(20);

/// Something to be done in one transaction.
///
/// On a store where several write at once it may lose against another one; then nothing of it has happened, and it is
/// done anew, from the beginning and on what is there by then.
#[async_trait]
pub trait Command: Clone + Send {
    /// What comes of it.
    type Done: Send;

    /// Whether workers are woken when it is done: it made work that somebody waits for.
    const RINGS: bool = true;

    /// Does it. The caller commits.
    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<Self::Done, Error>;
}

/// A request that must have one effect, however often it comes.
#[derive(Clone, Debug)]
pub struct Once {
    /// By which API key.
    pub caller: Arc<ApiKey>,
    /// Method and path as the router writes it, without ids: on another route the same key is another one.
    pub route: String,
    /// The idempotency key.
    pub value: String,
    /// Of method, address and body.
    pub request: SecretHash,
}

/// What a command was answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP's status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// An answer, and whether it had been given before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The answer.
    pub answer: Answer,
    /// Whether it comes from an earlier request of the same key.
    pub before: bool,
}

impl App {
    /// Does a command in a transaction of its own.
    ///
    /// # Errors
    /// Those of the command, and when the store fails.
    pub async fn run<C: Command>(&self, command: C) -> Result<C::Done, Error> {
        let (began, mut tries) = (Instant::now(), 1);
        loop {
            match self.try_once(command.clone()).await {
                Err(error) if self.tries_again(&error, began, tries).await => tries += 1,
                done => return done,
            }
        }
    }

    async fn try_once<C: Command>(&self, command: C) -> Result<C::Done, Error> {
        let mut tx = self.store.begin().await?;
        let done = command.perform(self, tx.as_mut()).await?;
        tx.commit().await?;
        self.ring::<C>();
        Ok(done)
    }

    /// Does a command once: asked again, it gives the answer of the first time, byte by byte.
    ///
    /// # Errors
    /// [`Error::KeyReused`] when the key was used for another request; those of the command.
    pub async fn run_once<C: Command>(
        &self,
        once: &Once,
        command: C,
        answer: impl Fn(C::Done) -> Answer + Send + Sync,
    ) -> Result<Answered, Error> {
        let (began, mut tries) = (Instant::now(), 1);
        loop {
            match self.try_once_for(once, command.clone(), &answer).await {
                Err(error) if self.tries_again(&error, began, tries).await => tries += 1,
                done => return done,
            }
        }
    }

    async fn try_once_for<C: Command>(
        &self,
        once: &Once,
        command: C,
        answer: &(impl Fn(C::Done) -> Answer + Send + Sync),
    ) -> Result<Answered, Error> {
        let mut tx = self.store.begin().await?;
        if let Some(answer) = self.answered_before(tx.as_mut(), once).await? {
            return Ok(Answered { answer, before: true });
        }
        let answer = answer(command.perform(self, tx.as_mut()).await?);
        // A conflict: somebody with the same key was faster, and the next try finds the answer.
        self.keep_answer(tx.as_mut(), once, &answer).await?;
        tx.commit().await?;
        self.ring::<C>();
        Ok(Answered { answer, before: false })
    }

    /// Whether a command that failed so is tried again; waits for a moment of chance before it is.
    async fn tries_again(&self, error: &Error, began: Instant, tries: u32) -> bool {
        let lost = matches!(error, Error::Busy | Error::Conflict);
        if !lost || tries >= TRIES || began.elapsed() > SOON {
            return false;
        }
        let mut chance = [0];
        self.entropy.fill(&mut chance);
        tokio::time::sleep(PAUSE * tries * u32::from(chance[0]) / 256).await;
        true
    }

    fn ring<C: Command>(&self) {
        if C::RINGS {
            self.bell.notify_one();
        }
    }

    async fn answered_before(&self, tx: &mut dyn Tx, once: &Once) -> Result<Option<Answer>, Error> {
        let Some(kept) = tx.idempotent(&once.key()).await? else { return Ok(None) };
        if kept.request != once.request {
            return Err(Error::KeyReused);
        }
        let name = once.name();
        let place = once.place(&name);
        let key = self.existing_key(tx, &place).await?;
        // Without its key nobody can read it any more: the caller's key was revoked meanwhile.
        let key = key.ok_or(Error::Unauthenticated)?;
        let plain = Self::unseal(&key, &place, &kept.sealed)?;
        let (status, body) = plain.split_first_chunk().ok_or_else(|| Error::Internal("no answer".into()))?;
        Ok(Some(Answer { status: u16::from_be_bytes(*status), body: body.to_vec() }))
    }

    async fn keep_answer(&self, tx: &mut dyn Tx, once: &Once, answer: &Answer) -> Result<(), Error> {
        let name = once.name();
        let place = once.place(&name);
        let key = self.data_key(tx, &place).await?;
        let plain = [&answer.status.to_be_bytes()[..], &answer.body].concat();
        let sealed = self.seal(&key, &place, &plain);
        let expires_at = self.world_now().saturating_add(KEY_HOURS.hours()).unwrap_or(jiff::Timestamp::MAX);
        let kept = IdempotentAnswer { request: once.request, sealed, expires_at };
        Ok(tx.insert_idempotent(&once.key(), &kept).await?)
    }
}

impl Once {
    fn key(&self) -> IdempotencyKey {
        IdempotencyKey {
            api_key: self.caller.id.clone(),
            route: self.route.clone(),
            value: self.value.clone(),
        }
    }

    /// Names the answer among the caller's: bound into its seal, so that none can stand in another one's place.
    fn name(&self) -> String {
        format!("answer/{}", hex(&hash(&format!("{}\n{}", self.route, self.value)).0))
    }

    fn place<'a>(&'a self, name: &'a str) -> Place<'a> {
        let mode: Mode = self.caller.mode;
        Place { mode, owner: self.caller.id.as_str(), purpose: Purpose::Secret, name }
    }
}
