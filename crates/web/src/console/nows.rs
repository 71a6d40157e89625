//! What time it is for what is listed: the world's, or what its test clock shows.

use std::collections::BTreeMap;

use jiff::Timestamp;
use shiren_core::id::ClockId;
use shiren_core::verification::program::Mode;

use crate::state::State;

/// The world's time, and what some clocks show.
pub(super) struct Nows {
    world: Timestamp,
    turned: BTreeMap<ClockId, Timestamp>,
}

impl Nows {
    /// With the clocks that these live by.
    pub(super) async fn of(state: &State, clocks: Vec<Option<ClockId>>) -> Self {
        let mut nows = Self { world: state.app.now(), turned: BTreeMap::new() };
        for clock in clocks.into_iter().flatten() {
            if nows.turned.contains_key(&clock) {
                continue;
            }
            if let Ok(found) = state.app.test_clock(Mode::Test, &clock).await {
                nows.turned.insert(clock, found.now);
            }
        }
        nows
    }

    /// The time by which something lives.
    pub(super) fn by(&self, clock: Option<&ClockId>) -> Timestamp {
        clock.and_then(|clock| self.turned.get(clock)).copied().unwrap_or(self.world)
    }
}
