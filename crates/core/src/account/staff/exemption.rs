//! Exempt shop types (E18): whoever is asked already is asked no more while the exemption lasts, and anew when it ends.
//!
//! The rules can change at any time, so an exemption may begin, move or end while a countdown runs. An exemption has no
//! beginning of its own: it holds from when it is noticed, and a freeze ends with it. It ends on its date; or, when the
//! rules say so later than that, in the moment that is noticed: nobody loses time that they did not know of.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::event::{Event, Happened, RecheckWhy};
use super::{Staff, StaffRules, Standing};

/// A demand that waits for its shop's exemption to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waived {
    /// When that was to be, as far as was known the last time; `None` without a date.
    pub until: Option<Timestamp>,
}

impl Staff {
    /// Whether its shop's type need not verify for now.
    pub fn is_exempt(&self, rules: &StaffRules, now: Timestamp) -> bool {
        self.exempt(rules, now).is_some()
    }

    /// Until when its shop's type is exempt, if it is.
    pub(super) fn exempt(&self, rules: &StaffRules, now: Timestamp) -> Option<Option<Date>> {
        let today = now.to_zoned(rules.zone()).date();
        rules.exempt.get(&self.shop_type).copied().filter(|until| until.is_none_or(|date| today < date))
    }

    /// Whether bringing it up to date would follow a change of the exemptions: what its next deadline was planned by
    /// holds no more.
    pub fn exemption_changed(&self, rules: &StaffRules, now: Timestamp) -> bool {
        match self.waived {
            Some(waived) => !self.is_exempt(rules, now) || waived.until != self.exemption_ends(rules),
            None => self.demand().is_some() && self.is_exempt(rules, now),
        }
    }

    /// When the exemption ends, by the rules as they are: in the past when it is over, `None` while there is no date.
    pub(super) fn exemption_ends(&self, rules: &StaffRules) -> Option<Timestamp> {
        match rules.exempt.get(&self.shop_type) {
            None => Some(self.as_of),
            Some(until) => until.map(|date| {
                date.to_zoned(rules.zone()).map_or(Timestamp::MAX, |midnight| midnight.timestamp())
            }),
        }
    }

    /// What is asked waits, and what has waited is asked again.
    pub(super) fn follow_exemption(&mut self, rules: &StaffRules, now: Timestamp, events: &mut Vec<Event>) {
        // Exempt when it was last looked at, by the rules of today: an exemption that is over by now counts as well.
        if self.demand().is_some() && self.is_exempt(rules, self.as_of) {
            self.waive(rules);
            events.push(Event { at: now, happened: Happened::Excused });
            if !self.is_exempt(rules, now) {
                self.waived = Some(Waived { until: None });
            }
        }
        let Some(Waived { until: known }) = self.waived else { return };
        if self.is_exempt(rules, now) {
            self.waived = Some(Waived { until: self.exemption_ends(rules) });
            return;
        }
        // The day that everybody knew of, however late it is noticed.
        let ends = self.exemption_ends(rules);
        let at = known.filter(|known| ends == Some(*known) && *known >= self.as_of).unwrap_or(now);
        match self.bound().is_some() {
            false => self.begin_countdown(rules, at, events),
            true => self.begin_recheck(RecheckWhy::Scheduled, rules.freeze_after(), rules, at, events),
        }
    }

    /// What is asked waits until the exemption ends.
    pub(super) fn waive(&mut self, rules: &StaffRules) {
        self.rest();
        (self.next_check, self.waived) = (None, Some(Waived { until: self.exemption_ends(rules) }));
    }

    /// Nothing is asked.
    pub(super) fn rest(&mut self) {
        self.standing = match self.bound() {
            Some(binding) => Standing::Verified { since: binding.from },
            None => Standing::Unasked,
        };
    }
}
