//! The devices of a shop's owner (rows D8, G9): a browser keeps a random mark of its own, and with each verification that
//! passed stands the mark's keyed hash. Whether the next one comes from a known device follows from that.
//!
//! The mark is worth nothing anywhere else, and of nobody but owners anything is kept. The hash goes when the shop ends,
//! the verification is redacted, or did not pass.

use shiren_core::account::AccountKind;
use shiren_core::account::claim::Tag;
use shiren_core::account::shop::Shop;
use shiren_core::recheck::device::{Device, known};
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::Session;
use shiren_vault::is_tag_of;

use crate::context::App;
use crate::error::Error;
use crate::port::Tx;
use crate::staff_verification::parts;

/// What kind of value a device's tag is of.
const DEVICE: &str = "device";
/// Letters of a mark: 256 bits in hexadecimal.
const LETTERS: usize = 64;

impl App {
    /// The mark that a browser is to keep: the one that it has, or a fresh one when it has none of ours.
    pub fn device_mark(&self, has: Option<&str>) -> String {
        has.filter(|mark| is_mark(mark)).map_or_else(|| self.secret("").0, str::to_owned)
    }

    /// What a verification of a shop's owner is handed in with; `None` of anybody else, without a
    /// mark, and where the shop is not registered.
    pub(crate) async fn device(
        &self,
        tx: &mut dyn Tx,
        session: &Session,
        mark: Option<&str>,
    ) -> Result<Option<Device>, Error> {
        let Some(mark) = mark.filter(|mark| is_mark(mark)) else { return Ok(None) };
        if session.account.kind != AccountKind::Shop {
            return Ok(None);
        }
        let Some(shop) = tx.shop(session.mode, &session.account.id).await? else { return Ok(None) };
        let mut compared = Vec::new();
        for owner in &shop.value.owners {
            if let Some(seen) = tx.session(&owner.session).await?.and_then(|s| s.value.device) {
                compared.push(self.is_tag(DEVICE, session.mode, mark, &seen.tag)?);
            }
        }
        Ok(Some(Device { tag: self.one_tag(DEVICE, session.mode, mark), known: known(compared) }))
    }

    /// Forgets the devices of everybody who ever owned a shop: it ended.
    pub(crate) async fn forget_devices(&self, tx: &mut dyn Tx, shop: &Shop) -> Result<(), Error> {
        for owner in &shop.owners {
            if let Some(mut session) = tx.session(&owner.session).await?
                && session.value.device.take().is_some()
            {
                tx.save_session(&session).await?;
            }
        }
        Ok(())
    }

    /// Whether a tag is of this value, whichever master key made it; `None` when that key is gone.
    pub(crate) fn is_tag(
        &self,
        kind: &str,
        mode: Mode,
        value: &str,
        tag: &Tag,
    ) -> Result<Option<bool>, Error> {
        let (version, bytes) = parts(tag)?;
        let master = self.keyring.version(version);
        Ok(master.map(|master| is_tag_of(&bytes, &master, kind, mode, value.as_bytes())))
    }
}

fn is_mark(text: &str) -> bool {
    text.len() == LETTERS && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_what_was_made_here_and_nothing_else() {
        assert!(is_mark(&"0123456789abcdef".repeat(4)));
        for other in [String::new(), "0".repeat(63), "0".repeat(65), "G".repeat(64), "A".repeat(64)] {
            assert!(!is_mark(&other), "{other}");
        }
    }
}
