//! How long people take (row D6), told for a program and its parts, never for a person.

use jiff::{SignedDuration, Timestamp};
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::Session;

use crate::context::App;
use crate::error::Error;
use crate::port::Tx;
use crate::record::{PaceRecord, Paced};

impl App {
    /// Keeps how long the person took, when they have just handed in for the first time.
    pub(crate) async fn keep_pace(&self, tx: &mut dyn Tx, session: &Session) -> Result<(), Error> {
        if session.export.is_some() {
            return Ok(());
        }
        let Some(handed_in) = session.submissions.last() else { return Ok(()) };
        // By who was verified before they handed in.
        let recheck = self.who_was_verified(tx, session.mode, &session.account).await?.is_some();
        let pictures = tx.evidence_of(&session.id).await?;
        let counts = pictures.iter().filter(|p| session.pictures.get(&p.step) == Some(&p.id));
        for pace in session.pace(counts.map(|p| (p.step.as_str(), p.taken_at))) {
            tx.insert_pace(&PaceRecord {
                mode: session.mode,
                program: session.program.name.clone(),
                recheck,
                part: pace.part,
                took: pace.took,
                at: *handed_in,
            })
            .await?;
        }
        Ok(())
    }

    /// How long people took who handed in during the last days.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn paces(&self, mode: Mode, days: u32) -> Result<Vec<Paced>, Error> {
        let back = SignedDuration::from_hours(24 * i64::from(days));
        let since = self.world_now().saturating_sub(back).unwrap_or(Timestamp::MIN);
        Ok(self.store.reader().await?.paces(mode, since).await?)
    }
}
