//! Sealing: what is personal is encrypted before it leaves this room, under a key of its owner and purpose.

use shiren_core::verification::program::Mode;
use shiren_vault::{Context, DataKey, Purpose, Sealed, Zeroizing, tag};

use crate::context::App;
use crate::error::Error;
use crate::job::Job;
use crate::port::Tx;
use crate::record::{DataKeyRecord, RecordKey};

/// Where a sealed record is kept: all of it is bound into the seal.
pub(crate) struct Place<'a> {
    pub(crate) mode: Mode,
    pub(crate) owner: &'a str,
    pub(crate) purpose: Purpose,
    pub(crate) name: &'a str,
}

impl Place<'_> {
    fn context(&self) -> Context<'_> {
        Context { mode: self.mode, kind: self.purpose.name(), owner: self.owner, name: self.name }
    }

    /// Where its key is kept.
    fn of_key(&self) -> Context<'_> {
        Context { mode: self.mode, kind: "data_key", owner: self.owner, name: self.purpose.name() }
    }

    fn key(&self) -> RecordKey {
        RecordKey { owner: self.owner.to_owned(), name: self.name.to_owned() }
    }
}

impl App {
    /// The data key of a place; made when there is none yet.
    pub(crate) async fn data_key(&self, tx: &mut dyn Tx, place: &Place<'_>) -> Result<DataKey, Error> {
        if let Some(key) = self.existing_key(tx, place).await? {
            return Ok(key);
        }
        let mut bytes = Zeroizing::new([0; 32]);
        self.entropy.fill(bytes.as_mut());
        let key = DataKey::generate(*bytes);
        let (version, master) = self.keyring.current();
        let wrapped = key.wrap(&master, version, self.nonce(), &place.of_key());
        let (owner, purpose) = (place.owner.to_owned(), place.purpose);
        tx.insert_data_key(&DataKeyRecord { owner, purpose, wrapped }).await?;
        Ok(key)
    }

    /// The data key of a place, if there is one: perhaps none was made, or it was shredded.
    pub(crate) async fn existing_key(
        &self,
        tx: &mut dyn Tx,
        place: &Place<'_>,
    ) -> Result<Option<DataKey>, Error> {
        let Some(record) = tx.data_key(place.owner, place.purpose).await? else { return Ok(None) };
        let version = record.wrapped.master;
        let master = self
            .keyring
            .version(version)
            .ok_or_else(|| Error::Internal(format!("master key version {version} is not in the keyring")))?;
        let key = DataKey::unwrap(&record.wrapped, &master, &place.of_key()).map_err(|e| cannot_open(&e))?;
        Ok(Some(key))
    }

    /// Seals bytes for a place.
    pub(crate) fn seal(&self, key: &DataKey, place: &Place<'_>, plain: &[u8]) -> Sealed {
        key.seal(self.nonce(), &place.context(), plain)
    }

    /// Opens what was sealed for a place.
    pub(crate) fn unseal(
        key: &DataKey,
        place: &Place<'_>,
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        key.open(&place.context(), sealed).map_err(|e| cannot_open(&e))
    }

    /// Keeps a sealed record.
    pub(crate) async fn put_sealed(
        &self,
        tx: &mut dyn Tx,
        place: &Place<'_>,
        plain: &[u8],
    ) -> Result<(), Error> {
        let key = self.data_key(tx, place).await?;
        let sealed = self.seal(&key, place, plain);
        Ok(tx.put_record(&place.key(), &sealed).await?)
    }

    /// A sealed record, opened; `None` when there is none or its key was shredded.
    pub(crate) async fn open_sealed(
        &self,
        tx: &mut dyn Tx,
        place: &Place<'_>,
    ) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        let Some(sealed) = tx.record(&place.key()).await? else { return Ok(None) };
        match self.existing_key(tx, place).await? {
            Some(key) => Ok(Some(Self::unseal(&key, place, &sealed)?)),
            None => Ok(None),
        }
    }

    /// Forgets an owner's data keys, and sees to it that no file of the store keeps them; false when there was none.
    pub(crate) async fn shred(
        &self,
        tx: &mut dyn Tx,
        owner: &str,
        purposes: &[Purpose],
    ) -> Result<bool, Error> {
        let mut any = false;
        for purpose in purposes {
            any |= tx.shred_data_key(owner, *purpose).await?;
        }
        if any {
            self.enqueue(tx, Job::Scrub, self.world_now(), None).await?;
        }
        Ok(any)
    }

    /// The blind-index tags of a value that count.
    pub(crate) fn tags(&self, kind: &str, mode: Mode, value: &str) -> Vec<(u32, Vec<u8>)> {
        vec![self.current_tag(kind, mode, value)]
    }

    /// The blind-index tag of a value under the current master key, and the key's version.
    pub(crate) fn current_tag(&self, kind: &str, mode: Mode, value: &str) -> (u32, Vec<u8>) {
        let (version, master) = self.keyring.current();
        (version, tag(&master, kind, mode, value.as_bytes()))
    }

    fn nonce(&self) -> [u8; 24] {
        let mut nonce = [0; 24];
        self.entropy.fill(&mut nonce);
        nonce
    }
}

fn cannot_open(error: &dyn std::fmt::Display) -> Error {
    Error::Internal(format!("a sealed record does not open: {error}"))
}
