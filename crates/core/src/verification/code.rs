//! One-time codes, which prove that a phone is somebody's: how often one is sent, how long it lives, how often it may be
//! tried. The digits themselves stand nowhere: of them a keyed hash is kept, made elsewhere.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::ReasonCode;
use crate::account::claim::Tag;

/// Digits of a code.
pub const DIGITS: usize = 6;

/// What codes live by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeRules {
    /// How often one may be tried, 1 to 10.
    pub tries: u32,
    /// Minutes for which one counts after it was sent, 1 to 60.
    pub minutes: u32,
    /// Seconds between two to one phone, 10 to 3600.
    pub pause_seconds: u32,
    /// Most to one phone for one account in 24 hours: whoever knows a phone uses up their own, and not its owner's.
    pub per_account_a_day: u32,
    /// Most to one phone in 24 hours, whoever asks: nobody is flooded.
    pub per_phone_a_day: u32,
    /// Most that are asked for from one address in an hour: offices and schools share one.
    pub per_address_an_hour: u32,
    /// Most that are asked for in one browser in an hour.
    pub per_device_an_hour: u32,
}

impl Default for CodeRules {
    fn default() -> Self {
        Self {
            tries: 5,
            minutes: 10,
            pause_seconds: 60,
            per_account_a_day: 5,
            per_phone_a_day: 15,
            per_address_an_hour: 30,
            per_device_an_hour: 5,
        }
    }
}

/// When codes were asked for before.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    /// To this phone, in the last 24 hours.
    pub phone: &'a [Timestamp],
    /// To this phone for this account, in the last 24 hours.
    pub account: &'a [Timestamp],
    /// From this address, in the last hour.
    pub address: &'a [Timestamp],
    /// In this browser, in the last hour.
    pub device: &'a [Timestamp],
}

/// Another code is not sent yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotYet {
    /// Why.
    pub code: ReasonCode,
    /// After so many seconds it can be asked for again.
    pub seconds: u32,
}

const DAY: SignedDuration = SignedDuration::from_hours(24);
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Whether another code may be sent; the longest wait counts.
///
/// # Errors
/// Why not, and for how long.
pub fn may_send(rules: &CodeRules, asked: &Asked<'_>, now: Timestamp) -> Result<(), NotYet> {
    let pause = SignedDuration::from_secs(i64::from(rules.pause_seconds));
    let last = asked.phone.iter().max();
    let waits = [
        (ReasonCode::PhoneCodeTooSoon, last.map(|at| pause - now.duration_since(*at))),
        (ReasonCode::PhoneCodesForAccount, full(asked.account, rules.per_account_a_day, DAY, now)),
        (ReasonCode::PhoneCodesToPhone, full(asked.phone, rules.per_phone_a_day, DAY, now)),
        (ReasonCode::PhoneCodesFromAddress, full(asked.address, rules.per_address_an_hour, HOUR, now)),
        (ReasonCode::PhoneCodesOnDevice, full(asked.device, rules.per_device_an_hour, HOUR, now)),
    ];
    let waits = waits.into_iter().filter_map(|(code, wait)| Some((code, wait?.as_millis())));
    match waits.filter(|(_, wait)| *wait > 0).max_by_key(|(_, wait)| *wait) {
        Some((code, wait)) => {
            Err(NotYet { code, seconds: u32::try_from((wait + 999) / 1000).unwrap_or(u32::MAX) })
        }
        None => Ok(()),
    }
}

/// How long it takes until fewer than `most` lie within the window.
fn full(times: &[Timestamp], most: u32, window: SignedDuration, now: Timestamp) -> Option<SignedDuration> {
    let mut recent: Vec<&Timestamp> = times.iter().filter(|at| now.duration_since(**at) < window).collect();
    recent.sort_unstable();
    let over = recent.len().checked_sub(most.max(1) as usize)?;
    recent.get(over).map(|at| window - now.duration_since(**at))
}

/// One code: sent once, or again as another one when the first surely did not arrive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OneTimeCode {
    /// The keyed hash of its digits, from the moment at which it left.
    pub tag: Option<Tag>,
    /// When it left.
    pub sent_at: Option<Timestamp>,
    /// How often it was tried.
    pub tries: u32,
    /// Whether it has done its work.
    pub used: bool,
}

/// What trying a code came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    /// It is the one.
    Right,
    /// It is another one, and may be tried again.
    Wrong,
    /// It was tried too often: a new one is needed.
    Spent,
    /// Its time is over, it was used before, or none was sent: a new one is needed.
    Over,
}

impl Tried {
    /// Why it does not go on, if it does not.
    pub const fn reason(self) -> Option<ReasonCode> {
        match self {
            Self::Right => None,
            Self::Wrong => Some(ReasonCode::PhoneCodeWrong),
            Self::Spent => Some(ReasonCode::PhoneCodeSpent),
            Self::Over => Some(ReasonCode::PhoneCodeExpired),
        }
    }
}

impl OneTimeCode {
    /// It leaves, with these digits.
    pub fn leave(&mut self, tag: Tag, now: Timestamp) {
        self.tag = Some(tag);
        self.sent_at = Some(now);
    }

    /// Whether it can be tried.
    pub fn lives(&self, rules: &CodeRules, now: Timestamp) -> bool {
        let time = SignedDuration::from_mins(i64::from(rules.minutes));
        let in_time = self.sent_at.is_some_and(|at| now.duration_since(at) < time);
        in_time && !self.used && self.tries < rules.tries
    }

    /// Somebody tries it. A right one counts once.
    pub fn attempt(&mut self, fits: bool, rules: &CodeRules, now: Timestamp) -> Tried {
        if !self.lives(rules, now) {
            return if self.used || self.tries < rules.tries { Tried::Over } else { Tried::Spent };
        }
        self.tries += 1;
        match fits {
            true => {
                self.used = true;
                Tried::Right
            }
            false if self.tries >= rules.tries => Tried::Spent,
            false => Tried::Wrong,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::histories::histories;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn sent() -> OneTimeCode {
        let mut code = OneTimeCode::default();
        code.leave(Tag("1:00".into()), at(0));
        code
    }

    #[test]
    fn a_code_is_tried_five_times_within_ten_minutes_and_counts_once() {
        let rules = CodeRules::default();
        let mut code = sent();
        for _ in 0..4 {
            assert_eq!(code.attempt(false, &rules, at(1)), Tried::Wrong);
        }
        let mut fifth = code.clone();
        assert_eq!(fifth.attempt(true, &rules, at(599)), Tried::Right);
        assert_eq!(fifth.attempt(true, &rules, at(599)), Tried::Over, "it counts once");
        assert_eq!(code.attempt(false, &rules, at(1)), Tried::Spent);
        assert_eq!(code.attempt(true, &rules, at(1)), Tried::Spent, "the right one comes too late");
        assert_eq!(sent().attempt(true, &rules, at(600)), Tried::Over);
        assert_eq!(OneTimeCode::default().attempt(true, &rules, at(0)), Tried::Over, "none was sent");
    }

    #[test]
    fn each_limit_has_a_reason_of_its_own() {
        let rules = CodeRules::default();
        let every = |n: i64, step: i64| (0..n).map(|i| at(i * step)).collect::<Vec<_>>();
        let told =
            |asked: Asked<'_>, now| may_send(&rules, &asked, at(now)).map_err(|n| (n.code.name(), n.seconds));
        let phone = every(1, 0);
        let one = Asked { phone: &phone, ..Asked::default() };
        assert_eq!(told(one, 1), Err(("phone_code_too_soon", 59)));
        assert_eq!(told(one, 60), Ok(()));
        let phone = every(5, 100);
        let five = Asked { phone: &phone, account: &phone, ..Asked::default() };
        assert_eq!(told(five, 500), Err(("phone_codes_for_account", 86_400 - 500)));
        assert_eq!(told(five, 86_400), Ok(()));
        let others = Asked { phone: &phone, ..Asked::default() };
        assert_eq!(told(others, 500), Ok(()), "what others asked for leaves this account its own");
        let phone = every(15, 100);
        let flooded = Asked { phone: &phone, ..Asked::default() };
        assert_eq!(told(flooded, 1_500), Err(("phone_codes_to_phone", 86_400 - 1_500)));
        let address = every(30, 10);
        let shared = Asked { address: &address, ..Asked::default() };
        assert_eq!(told(shared, 300), Err(("phone_codes_from_address", 3_300)));
        let device = every(5, 60);
        let browser = Asked { device: &device, ..Asked::default() };
        assert_eq!(told(browser, 300), Err(("phone_codes_on_device", 3_300)));
        assert_eq!(told(Asked::default(), 0), Ok(()));
    }

    proptest! {
        #![proptest_config(histories(10_000))]

        /// However somebody tries and whenever, no code is tried more often than the rules say, none counts twice, and
        /// none after its time.
        #[test]
        fn whatever_is_tried_a_code_keeps_its_promises(
            tries in proptest::collection::vec((any::<bool>(), 0i64..900), 0..40), most in 1u32..10, minutes in 1u32..15,
        ) {
            let rules = CodeRules { tries: most, minutes, ..CodeRules::default() };
            let (mut code, mut looked_at, mut right) = (sent(), 0, 0);
            for (fits, second) in tries {
                match code.attempt(fits, &rules, at(second)) {
                    Tried::Right => { right += 1; looked_at += 1; prop_assert!(second < i64::from(minutes) * 60); }
                    Tried::Wrong => looked_at += 1,
                    Tried::Spent if !fits && code.tries == most && looked_at < most => looked_at += 1,
                    Tried::Spent | Tried::Over => {}
                }
            }
            prop_assert!(looked_at <= most && right <= 1 && code.tries <= most);
        }

        /// Whoever waits as long as they are told is let through, and never a second earlier.
        #[test]
        fn the_wait_that_is_told_is_the_one_that_is_needed(
            phone in proptest::collection::vec(0i64..90_000, 0..24), address in proptest::collection::vec(0i64..90_000, 0..60),
            device in proptest::collection::vec(0i64..90_000, 0..12), account in proptest::collection::vec(0i64..90_000, 0..12),
        ) {
            let times = |of: &[i64]| of.iter().map(|s| at(*s)).collect::<Vec<_>>();
            let (phone, address, device) = (times(&phone), times(&address), times(&device));
            let account = times(&account);
            let asked = Asked { phone: &phone, account: &account, address: &address, device: &device };
            let rules = CodeRules::default();
            if let Err(told) = may_send(&rules, &asked, at(90_000)) {
                let seconds = i64::from(told.seconds);
                prop_assert_eq!(may_send(&rules, &asked, at(90_000 + seconds)), Ok(()));
                prop_assert!(may_send(&rules, &asked, at(90_000 + seconds - 1)).is_err());
            }
        }
    }
}
