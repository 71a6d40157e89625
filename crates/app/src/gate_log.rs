//! What the gate was asked, kept later and many at once: writing each down before it is answered would make every answer
//! wait for the disk. A process that dies loses what it has not written yet, at most the last [`EVERY`]; and where more is
//! asked than [`KEPT`] in that time, each that is kept stands for several. It is for trying rules, and no record of who was
//! let through.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::context::App;
use crate::error::Error;
use crate::record::GateRecord;

/// So often it is written down.
const EVERY: Duration = Duration::from_secs(5);
/// Requests that are written each time at most: two a second, five million in 30 days.
const KEPT: usize = 10;
/// Requests that wait at most; more are not counted.
const MOST: usize = 50_000;

/// What was asked and is not written yet.
#[derive(Default)]
pub(crate) struct GateLog(Mutex<Vec<GateRecord>>);

impl GateLog {
    /// Notes a request, if there is room.
    pub(crate) fn note(&self, record: GateRecord) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < MOST {
            waiting.push(record);
        } else {
            metrics::counter!("shiren_gate_requests_left_out").increment(1);
        }
    }

    /// Takes what waits: all of it, or evenly some, each of which stands for as many.
    fn take(&self) -> Vec<GateRecord> {
        let waiting = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let (all, each) = (waiting.len(), waiting.len().div_ceil(KEPT).max(1));
        let some = waiting.into_iter().enumerate().step_by(each);
        let stands_for = |n: usize| u32::try_from(each.min(all - n)).unwrap_or(u32::MAX);
        some.map(|(n, record)| GateRecord { stands_for: stands_for(n), ..record }).collect()
    }
}

impl App {
    /// Writes down what the gate was asked. What cannot be written is lost.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn keep_gate_requests(&self) -> Result<(), Error> {
        let records = self.gate_log.take();
        if records.is_empty() {
            return Ok(());
        }
        let mut tx = self.store.begin().await?;
        tx.insert_gate_requests(&records).await?;
        Ok(tx.commit().await?)
    }

    /// Writes down what the gate is asked, every few seconds until told to stop, and then what is left.
    pub async fn keep_gate_log(&self, mut stop: watch::Receiver<bool>) {
        let mut last = false;
        while !last {
            last = *stop.borrow();
            if let Err(error) = self.keep_gate_requests().await {
                tracing::warn!(%error, "what the gate was asked could not be written down");
            }
            if !last {
                tokio::select! {
                    () = tokio::time::sleep(EVERY) => {}
                    _ = stop.changed() => {}
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::Timestamp;
    use shiren_core::account::AccountKind;
    use shiren_core::gate::dry_run::Past;
    use shiren_core::gate::{Asked, Standing};
    use shiren_core::verification::program::Mode;

    use super::*;

    fn asked(amount: i64) -> GateRecord {
        let asked = Asked {
            event: "purchase".to_owned(),
            amount_cents: Some(amount),
            currency: Some("CNY".to_owned()),
            category: None,
            account: AccountKind::Buyer,
        };
        let past = Past { asked, standing: Standing::default() };
        GateRecord {
            mode: Mode::Test,
            at: Timestamp::UNIX_EPOCH,
            past,
            version: 0,
            stands_for: 1,
            asked_by: BTreeSet::new(),
        }
    }

    #[test]
    fn few_are_kept_each_and_many_by_some_that_stand_for_all_of_them() {
        let log = GateLog::default();
        for many in [0, 1, 10, 11, 25, 1_003] {
            (0..many).for_each(|n| log.note(asked(n)));
            let kept = log.take();
            assert!(
                kept.len() <= KEPT && (many > 10 || kept.len() == many as usize),
                "{many}: {}",
                kept.len()
            );
            assert_eq!(kept.iter().map(|r| i64::from(r.stands_for)).sum::<i64>(), many);
            assert!(log.take().is_empty());
        }
        // Those that are kept are of all of the time.
        (0..1_000).for_each(|n| log.note(asked(n)));
        let amounts: Vec<i64> = log.take().iter().filter_map(|r| r.past.asked.amount_cents).collect();
        assert_eq!(amounts, [0, 100, 200, 300, 400, 500, 600, 700, 800, 900]);
    }
}
