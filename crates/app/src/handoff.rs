//! From one screen to another: a person who began at a desk goes on with the phone.
//!
//! The desk shows a link as a code, and a number. The phone that opens the link is asked which of three numbers stands
//! there: a code that somebody else sent, from a screen that the person does not see, is no use to them (and one guess
//! in three uses it up). A link for another browser of the same device has no number: whoever sees it holds the session
//! already.

use jiff::{Timestamp, ToSpan as _};
use shiren_core::verification::session::Refusal;

use crate::context::{App, hash};
use crate::error::Error;
use crate::person::Visitor;
use crate::record::ClientLink;

/// Minutes for which a code can be opened: somebody is standing before it.
const MINUTES: i64 = 10;

/// What the desk shows.
#[derive(Clone, Debug)]
pub struct Handoff {
    /// What stands behind `/v/` in the link.
    pub link_secret: String,
    /// The number beside the code.
    pub number: u8,
    /// Until when it can be opened.
    pub expires_at: Timestamp,
}

impl App {
    /// Makes a link for another device of the same person.
    ///
    /// # Errors
    /// When there is nothing left for the person to do.
    pub async fn hand_over(&self, visitor: &Visitor) -> Result<Handoff, Error> {
        let mut byte = [0; 8];
        self.entropy.fill(&mut byte);
        let number = two_digits(u64::from_le_bytes(byte));
        let (link_secret, expires_at) = self.short_link(visitor, Some(number), "another device").await?;
        Ok(Handoff { link_secret, number, expires_at })
    }

    /// Makes a link for another browser, when this one cannot go on: its secret, and until when it can be opened.
    ///
    /// # Errors
    /// When there is nothing left for the person to do.
    pub async fn leave_browser(&self, visitor: &Visitor) -> Result<(String, Timestamp), Error> {
        self.short_link(visitor, None, "another browser").await
    }

    async fn short_link(
        &self,
        visitor: &Visitor,
        number: Option<u8>,
        whereto: &str,
    ) -> Result<(String, Timestamp), Error> {
        let session = &visitor.session;
        if session.status.is_final() {
            return Err(Refusal::Ended(session.status).into());
        }
        let expires_at = self.world_now().saturating_add(MINUTES.minutes()).unwrap_or(session.expires_at);
        let (secret, hash) = self.secret("");
        let link = ClientLink { hash, session: session.id.clone(), expires_at, number, opened_at: None };
        let mut tx = self.store.begin().await?;
        tx.insert_link(&link).await?;
        self.audit(tx.as_mut(), "person", "handoff.made", session.id.as_str(), whereto).await?;
        tx.commit().await?;
        Ok((secret, expires_at))
    }

    /// The three numbers that whoever opens this link chooses among, in rising order; `None` for a link without one.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn numbers(&self, secret: &str) -> Result<Option<[u8; 3]>, Error> {
        let link = self.store.snapshot().await?.link(hash(secret)).await?;
        let Some(right) = link.and_then(|l| l.number) else { return Ok(None) };
        // From the link itself, so that opening it twice does not tell which one is always there.
        let others = hash(&format!("numbers\n{secret}")).0;
        let mut numbers = vec![right];
        for bytes in others.chunks_exact(8) {
            let number = two_digits(u64::from_le_bytes(bytes.try_into().unwrap_or_default()));
            if numbers.len() < 3 && !numbers.contains(&number) {
                numbers.push(number);
            }
        }
        // Four draws of ninety that are all alike: then the next ones will do.
        while numbers.len() < 3 {
            let next = numbers.iter().max().map_or(10, |n| if *n < 99 { n + 1 } else { 10 });
            numbers.push(next);
        }
        numbers.sort_unstable();
        Ok(<[u8; 3]>::try_from(numbers).ok())
    }
}

/// 10 to 99, each as likely as the others to within 2⁻⁵⁷.
fn two_digits(random: u64) -> u8 {
    u8::try_from(10 + random % 90).unwrap_or(10)
}
