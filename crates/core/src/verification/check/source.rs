//! What an authoritative source said about an identity.

use jiff::Timestamp;
use serde::Serialize;

use super::{Check, Confirmation};
use crate::verification::program::CheckKind;
use crate::verification::{Finding, ReasonCode};

/// What a source answers about a name and a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The identity is as declared.
    Confirms,
    /// The number is known, under another name.
    NameDiffers,
    /// It knows nobody of this number.
    Unknown,
}

/// What a source says, with what it says of the phone, if it knows phones and was asked about one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Of name and number.
    pub answer: Answer,
    /// Whether the phone is the one that it has for this identity; `None` when it cannot say.
    pub phone: Option<bool>,
}

impl From<Answer> for Answered {
    fn from(answer: Answer) -> Self {
        Self { answer, phone: None }
    }
}

/// Of each thing that a source was asked about, whether it equals what the source has (row A5); `None` where it cannot say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Equals {
    /// The name.
    pub name: Option<bool>,
    /// The document's number.
    pub id_number: Option<bool>,
    /// The phone.
    pub phone: Option<bool>,
}

/// What kind of source was asked: by it the reason has another name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// It knows the name on a bank or payment account (row C5).
    PaymentAccount,
    /// It knows identities.
    Identity,
}

impl Answered {
    /// What is wrong with the identity by this source, if anything.
    pub const fn reason(self, of: SourceKind) -> Option<ReasonCode> {
        match (self.answer, of) {
            (Answer::NameDiffers, SourceKind::PaymentAccount) => Some(ReasonCode::PaymentNameMismatch),
            (Answer::NameDiffers, SourceKind::Identity) => Some(ReasonCode::SourceNameMismatch),
            (Answer::Unknown, _) => Some(ReasonCode::SourceIdentityUnknown),
            (Answer::Confirms, _) => match self.phone {
                Some(false) => Some(ReasonCode::SourcePhoneMismatch),
                _ => None,
            },
        }
    }

    /// Of each thing, whether it equals what the source has.
    pub const fn equals(self) -> Equals {
        let (name, id_number) = match self.answer {
            Answer::Confirms => (Some(true), Some(true)),
            Answer::NameDiffers => (Some(false), Some(true)),
            Answer::Unknown => (None, Some(false)),
        };
        Equals { name, id_number, phone: self.phone }
    }
}

/// The check of an identity by a source of this name; `None` when it could not be asked: a person looks then.
pub fn source(name: &str, of: SourceKind, answered: Option<Answered>, at: Timestamp) -> Check {
    let found = match answered {
        Some(answered) => answered.reason(of).map(Finding::fail),
        None => Some(Finding::review(ReasonCode::SourceUnavailable)),
    };
    let confirms = answered.is_some_and(|answered| answered.reason(of).is_none());
    let confirmed = confirms.then(|| Confirmation { source: name.to_owned(), at });
    let equals = answered.map(Answered::equals);
    Check { confirmed, equals, ..Check::new(CheckKind::Source, &[], found.into_iter().collect()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_thing_is_told_apart_and_what_a_source_cannot_say_is_said_by_nobody() {
        use Answer::{Confirms, NameDiffers, Unknown};
        use ReasonCode as R;
        use SourceKind::{Identity, PaymentAccount};
        let equals = |name, id_number, phone| Equals { name, id_number, phone };
        for (answer, phone, of, reason, told) in [
            (Confirms, None, Identity, None, equals(Some(true), Some(true), None)),
            (Confirms, Some(true), Identity, None, equals(Some(true), Some(true), Some(true))),
            (
                Confirms,
                Some(false),
                Identity,
                Some(R::SourcePhoneMismatch),
                equals(Some(true), Some(true), Some(false)),
            ),
            (NameDiffers, None, Identity, Some(R::SourceNameMismatch), equals(Some(false), Some(true), None)),
            (
                NameDiffers,
                Some(true),
                PaymentAccount,
                Some(R::PaymentNameMismatch),
                equals(Some(false), Some(true), Some(true)),
            ),
            (Unknown, None, PaymentAccount, Some(R::SourceIdentityUnknown), equals(None, Some(false), None)),
        ] {
            let answered = Answered { answer, phone };
            let check = source("registry", of, Some(answered), Timestamp::UNIX_EPOCH);
            assert_eq!(check.findings.first().map(|f| f.code), reason, "{answered:?}");
            assert_eq!((check.equals, check.confirmed.is_some()), (Some(told), reason.is_none()));
        }
        let silent = source("registry", Identity, None, Timestamp::UNIX_EPOCH);
        assert_eq!((silent.equals, silent.confirmed), (None, None));
    }
}
