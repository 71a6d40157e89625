//! Whether what was entered is what the marketplace has registered of the account (rows C3, C4).

use std::collections::{BTreeMap, BTreeSet};

use super::{Answer, Answered, Check, SourceKind};
use crate::account::reference::Reference;
use crate::verification::Finding;
use crate::verification::program::CheckKind;
use crate::verification::session::{PhoneProof, Session};

/// The check of what is registered; `None` where nothing differs. `differ` is what was entered otherwise; `vouched` what
/// the source said that was asked about it.
///
/// What the person did not say to be changed must be entered again. A phone that both phones' codes prove needs nobody;
/// neither does an account or a card that the source confirms. Everything else goes to a person.
pub fn references(
    session: &Session,
    differ: &BTreeSet<Reference>,
    vouched: &BTreeMap<Reference, Answer>,
) -> Option<Check> {
    let proven = |proof: PhoneProof| matches!(proof, PhoneProof::Code { .. });
    let finding = |kind: &Reference| {
        if !session.changes.contains(kind) {
            return Some(Finding::fail(kind.changed()));
        }
        match (kind, vouched.get(kind)) {
            (Reference::Phone, _) if proven(session.phone_proof) && proven(session.old_phone) => None,
            (Reference::Phone, _) | (_, None) => Some(Finding::review(kind.changed())),
            (_, Some(answer)) => {
                Answered::from(*answer).reason(SourceKind::PaymentAccount).map(Finding::fail)
            }
        }
    };
    (!differ.is_empty())
        .then(|| Check::new(CheckKind::References, &[], differ.iter().filter_map(finding).collect()))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::account::{Account, AccountKind};
    use crate::id::SessionId;
    use crate::verification::program::{Mode, built_in};
    use crate::verification::session::NewSession;

    /// What is said to change, what differs, the new and the old phone, the source's answer; and what is found.
    type Case = (
        &'static [Reference],
        &'static [Reference],
        PhoneProof,
        PhoneProof,
        Option<Answer>,
        Option<&'static [(&'static str, &'static str)]>,
    );

    fn session(changes: &[Reference], new: PhoneProof, old: PhoneProof) -> Session {
        let made = NewSession {
            id: SessionId::new(Timestamp::UNIX_EPOCH, [1; 10]),
            clock: None,
            mode: Mode::Test,
            account: Account { kind: AccountKind::Shop, id: "42".into() },
            company: None,
            return_url: None,
            action: None,
            metadata: Default::default(),
            account_assertion: false,
        };
        let mut session = Session::new(made, built_in("shop-owner").unwrap(), Timestamp::UNIX_EPOCH).0;
        session.changes = changes.iter().copied().collect();
        (session.phone_proof, session.old_phone) = (new, old);
        session
    }

    #[test]
    fn what_differs_is_told_proven_or_decided_by_a_person() {
        use PhoneProof::{Open, Unreachable};
        use Reference::{BankCard, PaymentAccount, Phone};
        let code = PhoneProof::Code { at: Timestamp::UNIX_EPOCH };
        let table: [Case; 14] = [
            (&[], &[], Open, Open, None, None),
            (&[Phone], &[], Open, Open, None, None),
            (&[], &[Phone], code, code, None, Some(&[("phone_changed", "fail")])),
            (&[], &[BankCard], Open, Open, Some(Answer::Confirms), Some(&[("bank_card_changed", "fail")])),
            (&[Phone], &[Phone], code, code, None, Some(&[])),
            (&[Phone], &[Phone], code, Unreachable, None, Some(&[("phone_changed", "review")])),
            (&[Phone], &[Phone], code, Open, None, Some(&[("phone_changed", "review")])),
            (&[Phone], &[Phone], Unreachable, code, None, Some(&[("phone_changed", "review")])),
            (&[BankCard], &[BankCard], Open, Open, Some(Answer::Confirms), Some(&[])),
            (&[BankCard], &[BankCard], Open, Open, None, Some(&[("bank_card_changed", "review")])),
            (
                &[BankCard],
                &[BankCard],
                Open,
                Open,
                Some(Answer::NameDiffers),
                Some(&[("payment_name_mismatch", "fail")]),
            ),
            (
                &[PaymentAccount],
                &[PaymentAccount],
                Open,
                Open,
                Some(Answer::Unknown),
                Some(&[("source_identity_unknown", "fail")]),
            ),
            (
                &[PaymentAccount],
                &[PaymentAccount],
                Open,
                Open,
                None,
                Some(&[("payment_account_changed", "review")]),
            ),
            (&[Phone], &[Phone, BankCard], code, code, None, Some(&[("bank_card_changed", "fail")])),
        ];
        for (changes, differ, new, old, answer, told) in table {
            let vouched = answer.map(|a| differ.iter().map(|k| (*k, a)).collect()).unwrap_or_default();
            let check = references(&session(changes, new, old), &differ.iter().copied().collect(), &vouched);
            let found = check.map(|c| {
                let of = |f: &Finding| (f.code.name(), format!("{:?}", f.severity).to_lowercase());
                c.findings.iter().map(of).collect::<Vec<_>>()
            });
            let told = told.map(|t| t.iter().map(|(c, s)| (*c, (*s).to_owned())).collect::<Vec<_>>());
            assert_eq!(found, told, "{changes:?} {differ:?} {new:?} {old:?} {answer:?}");
        }
    }
}
