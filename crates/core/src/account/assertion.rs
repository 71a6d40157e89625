//! Account assertions: the marketplace's own app says, signed, which account is signed in where a link is opened
//! (row E23). Here is what one must say to count; who signed it has been found out before ([`Claims`] come of a signature
//! that holds).
//!
//! It lives for five minutes at most and counts once: whoever reads one over somebody's shoulder comes too late.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::{Account, AccountKind};
use crate::verification::program::Mode;

/// Seconds from `iat` to `exp`, at most.
pub const LONGEST_LIFE: i64 = 300;
/// Seconds by which the marketplace's clock may go before ours.
pub const AHEAD: i64 = 30;
/// Characters of `jti`, at least and at most: fewer can be guessed or used twice by chance.
pub const ONCE: std::ops::RangeInclusive<usize> = 16..=128;

/// What an assertion says (RFC 7519), as it was signed. Times are whole seconds since 1970. Other claims are not looked
/// at.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Claims {
    /// Who signed it.
    pub iss: String,
    /// For whom it is.
    pub aud: Audience,
    /// The account that is signed in.
    pub sub: String,
    /// Of which kind it is.
    pub kind: AccountKind,
    /// The main account (the shop) that it is under; needed for sub-accounts.
    #[serde(default)]
    pub main: Option<String>,
    /// Test or live.
    pub mode: Mode,
    /// When it was signed.
    pub iat: i64,
    /// Until when it counts.
    pub exp: i64,
    /// From when on it counts.
    #[serde(default)]
    pub nbf: Option<i64>,
    /// Its own number, never given twice.
    pub jti: String,
    /// Who acts as that account, when it is somebody else (RFC 8693, 4.1): an administrator whose phone it is (E19).
    #[serde(default)]
    pub act: Option<Acting>,
}

/// For whom an assertion is: one, or several (RFC 7519, 4.1.3).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

impl Audience {
    fn has(&self, audience: &str) -> bool {
        match self {
            Self::One(one) => one == audience,
            Self::Several(several) => several.iter().any(|a| a == audience),
        }
    }
}

/// Who acts as somebody else.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Acting {
    /// Their own account.
    pub sub: String,
}

/// What an assertion must say here.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Who signs them.
    pub issuer: &'a str,
    /// What they call this service.
    pub audience: &'a str,
    /// The mode of what is opened.
    pub mode: Mode,
}

/// An assertion that counts, unless it counted before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asserted {
    /// The account that is signed in.
    pub account: Account,
    /// The main account that it is under.
    pub main: Option<String>,
    /// Who acts as that account, when it is somebody else.
    pub by: Option<String>,
    /// Its own number.
    pub once: String,
    /// Until when it could be used again.
    pub expires_at: Timestamp,
}

/// Why an assertion does not count. Which account was expected is never told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum AssertionFault {
    /// There is none, and one is needed.
    #[error("the account that is signed in was not asserted")]
    Missing,
    /// It is of another account, or of one under another main account.
    #[error("another account is signed in")]
    Mismatch,
    /// It is too long, no signed token, or says too little.
    #[error("the assertion cannot be read")]
    Unreadable,
    /// It names a key that is not known, or none where there are several.
    #[error("the assertion's key is not known")]
    Key,
    /// It is not signed in the one way that its key is for.
    #[error("the assertion is signed in another way than its key is for")]
    Algorithm,
    /// The signature does not hold.
    #[error("the assertion's signature does not hold")]
    Signature,
    /// Somebody else signed it.
    #[error("the assertion is of another issuer")]
    Issuer,
    /// It is for somebody else.
    #[error("the assertion is for another audience")]
    Audience,
    /// It is of the other mode.
    #[error("the assertion is of the other mode")]
    Mode,
    /// Its time is over.
    #[error("the assertion's time is over")]
    Expired,
    /// It counts for longer than five minutes.
    #[error("the assertion counts for longer than {LONGEST_LIFE} seconds")]
    LivesTooLong,
    /// It is from the future.
    #[error("the assertion does not count yet")]
    NotYet,
    /// It counted before.
    #[error("the assertion was used before")]
    Replayed,
    /// Somebody else acts as the account, which is not allowed here.
    #[error("assistance is not allowed here")]
    Assisted,
}

impl AssertionFault {
    /// All.
    pub const ALL: [Self; 14] = [
        Self::Missing,
        Self::Mismatch,
        Self::Unreadable,
        Self::Key,
        Self::Algorithm,
        Self::Signature,
        Self::Issuer,
        Self::Audience,
        Self::Mode,
        Self::Expired,
        Self::LivesTooLong,
        Self::NotYet,
        Self::Replayed,
        Self::Assisted,
    ];

    /// The stable name, for problems, pages and the log.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Missing | Self::Mismatch => "account_mismatch",
            Self::Unreadable => "assertion_unreadable",
            Self::Key => "assertion_key_unknown",
            Self::Algorithm => "assertion_algorithm",
            Self::Signature => "assertion_signature",
            Self::Issuer => "assertion_issuer",
            Self::Audience => "assertion_audience",
            Self::Mode => "assertion_mode",
            Self::Expired => "assertion_expired",
            Self::LivesTooLong => "assertion_lives_too_long",
            Self::NotYet => "assertion_not_yet_valid",
            Self::Replayed => "assertion_replayed",
            Self::Assisted => "assistance_not_allowed",
        }
    }
}

impl Claims {
    /// What it asserts, when it counts here and now.
    ///
    /// # Errors
    /// Why it does not.
    pub fn asserted(self, expected: Expected<'_>, now: Timestamp) -> Result<Asserted, AssertionFault> {
        if self.iss != expected.issuer {
            return Err(AssertionFault::Issuer);
        }
        if !self.aud.has(expected.audience) {
            return Err(AssertionFault::Audience);
        }
        if self.mode != expected.mode {
            return Err(AssertionFault::Mode);
        }
        let expires_at = self.lives_at(now)?;
        let account = Account { kind: self.kind, id: self.sub };
        let by = self.act.map(|act| act.sub).filter(|by| *by != account.id);
        let named = |id: &Option<String>| {
            id.iter().all(|id| Account { kind: account.kind, id: id.clone() }.is_sound())
        };
        let once = self.jti;
        if !account.is_sound() || !named(&by) || !named(&self.main) || !ONCE.contains(&once.chars().count()) {
            return Err(AssertionFault::Unreadable);
        }
        Ok(Asserted { account, main: self.main, by, once, expires_at })
    }

    /// Until when it counts, if it does now.
    fn lives_at(&self, now: Timestamp) -> Result<Timestamp, AssertionFault> {
        let at = |second| Timestamp::from_second(second).map_err(|_| AssertionFault::Unreadable);
        let (begins, ends) = (at(self.iat)?, at(self.exp)?);
        let soon = now.saturating_add(SignedDuration::from_secs(AHEAD)).unwrap_or(Timestamp::MAX);
        if begins > soon || self.nbf.map(at).transpose()?.is_some_and(|from| from > soon) {
            return Err(AssertionFault::NotYet);
        }
        if ends <= now || ends <= begins {
            return Err(AssertionFault::Expired);
        }
        if ends.duration_since(begins) > SignedDuration::from_secs(LONGEST_LIFE) {
            return Err(AssertionFault::LivesTooLong);
        }
        Ok(ends)
    }
}

impl Asserted {
    /// Whether it is of this account, which is under this shop if it is a sub-account.
    ///
    /// # Errors
    /// When it is of another.
    pub fn is_of(&self, account: &Account, shop: Option<&str>) -> Result<(), AssertionFault> {
        let under = match account.kind {
            AccountKind::Staff => self.main.as_deref().is_some_and(|main| Some(main) == shop),
            // A main account is under itself.
            _ => self.main.as_ref().is_none_or(|main| *main == account.id),
        };
        if self.account == *account && under { Ok(()) } else { Err(AssertionFault::Mismatch) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: i64 = 1_795_400_000;

    type Change = fn(&mut Claims);

    fn now() -> Timestamp {
        Timestamp::from_second(NOW).unwrap()
    }

    fn claims() -> Claims {
        Claims {
            iss: "https://market.example".into(),
            aud: Audience::One("https://verify.example".into()),
            sub: "42:7".into(),
            kind: AccountKind::Staff,
            main: Some("42".into()),
            mode: Mode::Live,
            iat: NOW,
            exp: NOW + 120,
            nbf: None,
            jti: "0123456789abcdef".into(),
            act: None,
        }
    }

    fn judged(claims: Claims) -> Result<Asserted, AssertionFault> {
        let expected = Expected {
            issuer: "https://market.example",
            audience: "https://verify.example",
            mode: Mode::Live,
        };
        claims.asserted(expected, now())
    }

    fn staff(id: &str) -> Account {
        Account { kind: AccountKind::Staff, id: id.into() }
    }

    #[test]
    fn a_sound_assertion_says_who_is_signed_in() {
        let asserted = judged(claims()).unwrap();
        assert_eq!((asserted.account, asserted.main.as_deref()), (staff("42:7"), Some("42")));
        assert_eq!(asserted.expires_at.as_second(), NOW + 120);
    }

    #[test]
    fn each_thing_that_is_wrong_has_its_own_name() {
        use AssertionFault::*;
        let table: [(Change, AssertionFault); 18] = [
            (|c| c.iss.push('/'), Issuer),
            (|c| c.aud = super::Audience::One("https://other.example".into()), Audience),
            (|c| c.aud = super::Audience::Several(vec![]), Audience),
            (|c| c.mode = crate::verification::program::Mode::Test, Mode),
            (|c| c.exp = NOW, Expired),
            (|c| (c.iat, c.exp) = (NOW - 600, NOW - 400), Expired),
            (|c| (c.iat, c.exp) = (NOW + 20, NOW + 10), Expired),
            (|c| c.exp = NOW + 301, LivesTooLong),
            (|c| c.exp = i64::MAX, Unreadable),
            (|c| c.iat = i64::MIN, Unreadable),
            (|c| (c.iat, c.exp) = (NOW + 31, NOW + 60), NotYet),
            (|c| c.nbf = Some(NOW + 31), NotYet),
            (|c| c.jti = "0123456789abcde".into(), Unreadable),
            (|c| c.jti = "x".repeat(129), Unreadable),
            (|c| c.sub = String::new(), Unreadable),
            (|c| c.sub = "42\n7".into(), Unreadable),
            (|c| c.main = Some(String::new()), Unreadable),
            (|c| c.act = Some(Acting { sub: String::new() }), Unreadable),
        ];
        for (n, (change, fault)) in table.into_iter().enumerate() {
            let mut changed = claims();
            change(&mut changed);
            assert_eq!(judged(changed), Err(fault), "row {n}");
        }
    }

    #[test]
    fn clocks_may_differ_a_little_and_several_audiences_may_be_named() {
        let aud = Audience::Several(vec!["https://else.example".into(), "https://verify.example".into()]);
        let ahead = Claims { aud, iat: NOW + 30, exp: NOW + 330, nbf: Some(NOW + 30), ..claims() };
        assert!(judged(ahead).is_ok());
    }

    #[test]
    fn only_the_account_itself_under_its_own_main_account_fits() {
        let asserted = judged(claims()).unwrap();
        assert_eq!(asserted.is_of(&staff("42:7"), Some("42")), Ok(()));
        for (account, shop) in [
            (staff("42:8"), Some("42")),
            (staff("42:7"), Some("43")),
            (staff("42:7"), None),
            (Account { kind: AccountKind::Shop, id: "42:7".into() }, None),
            (Account { kind: AccountKind::Shop, id: "42".into() }, Some("42")),
        ] {
            assert_eq!(asserted.is_of(&account, shop), Err(AssertionFault::Mismatch), "{account}");
        }
        // A sub-account whose main account is not named could be one of any shop.
        let nowhere = judged(Claims { main: None, ..claims() }).unwrap();
        assert_eq!(nowhere.is_of(&staff("42:7"), Some("42")), Err(AssertionFault::Mismatch));
        let owner = Account { kind: AccountKind::Shop, id: "42".into() };
        let of_owner = |main: Option<&str>| Claims {
            sub: "42".into(),
            kind: AccountKind::Shop,
            main: main.map(str::to_owned),
            ..claims()
        };
        assert_eq!(judged(of_owner(None)).unwrap().is_of(&owner, None), Ok(()));
        assert_eq!(judged(of_owner(Some("42"))).unwrap().is_of(&owner, None), Ok(()));
        assert!(judged(of_owner(Some("43"))).unwrap().is_of(&owner, None).is_err());
    }

    #[test]
    fn who_acts_as_somebody_else_is_told_and_oneself_is_nobody_else() {
        let acting = |sub: &str| Claims { act: Some(Acting { sub: sub.into() }), ..claims() };
        assert_eq!(judged(acting("42:admin")).unwrap().by.as_deref(), Some("42:admin"));
        assert_eq!(judged(acting("42:7")).unwrap().by, None);
    }

    proptest! {
        /// Whatever the times: what counts is neither over nor of tomorrow, and lives for five minutes at most.
        #[test]
        fn what_counts_lives_now_and_not_for_long(iat in -700i64..700, life in -700i64..700, nbf in proptest::option::of(-700i64..700)) {
            let changed = Claims {
                iat: NOW + iat, exp: NOW + iat + life, nbf: nbf.map(|n| NOW + n), ..claims()
            };
            let sound = iat <= AHEAD && nbf.is_none_or(|n| n <= AHEAD) && iat + life > 0 && (1..=LONGEST_LIFE).contains(&life);
            prop_assert_eq!(judged(changed).is_ok(), sound);
        }

        /// No number is too large to be looked at.
        #[test]
        fn no_time_is_too_strange(iat: i64, exp: i64, nbf: Option<i64>) {
            let _ = judged(Claims { iat, exp, nbf, ..claims() });
        }
    }
}
