//! Whether the phone that the person gave was shown to be theirs.

use super::Check;
use crate::verification::program::CheckKind;
use crate::verification::session::PhoneProof;
use crate::verification::{Finding, ReasonCode};

/// The check of the phone; `None` where nobody asks for it. One that no code could be sent to goes to a person.
pub fn phone(proof: PhoneProof, asked: bool) -> Option<Check> {
    match proof {
        PhoneProof::Code { at } => {
            Some(Check { phone_proven_at: Some(at), ..Check::new(CheckKind::Phone, &[], Vec::new()) })
        }
        PhoneProof::Open | PhoneProof::Unreachable => {
            let finding = Finding::review(ReasonCode::PhoneUnverified);
            asked.then(|| Check::new(CheckKind::Phone, &[], vec![finding]))
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn a_phone_is_proven_asked_about_or_nobody_cares() {
        let at = Timestamp::UNIX_EPOCH;
        for asked in [true, false] {
            let proven = phone(PhoneProof::Code { at }, asked).unwrap();
            assert_eq!((proven.phone_proven_at, proven.findings.len()), (Some(at), 0));
        }
        for proof in [PhoneProof::Open, PhoneProof::Unreachable] {
            assert_eq!(phone(proof, false), None);
            let told = phone(proof, true).unwrap();
            assert_eq!((told.findings[0].code, told.phone_proven_at), (ReasonCode::PhoneUnverified, None));
        }
    }
}
