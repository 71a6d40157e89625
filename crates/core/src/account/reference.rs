//! What the marketplace has registered of an account and a verification must agree with (rows C3, C4): kinds only. The
//! values are personal and sealed elsewhere.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::verification::ReasonCode;

/// A kind of what is registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reference {
    /// A phone.
    Phone,
    /// A payment account.
    PaymentAccount,
    /// A bank card.
    BankCard,
}

impl Reference {
    /// All.
    pub const ALL: [Self; 3] = [Self::Phone, Self::PaymentAccount, Self::BankCard];

    /// The name used everywhere, also of the field in which it is entered.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::PaymentAccount => "payment_account",
            Self::BankCard => "bank_card",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.name() == name)
    }

    /// What is said when another one is entered.
    pub const fn changed(self) -> ReasonCode {
        match self {
            Self::Phone => ReasonCode::PhoneChanged,
            Self::PaymentAccount => ReasonCode::PaymentAccountChanged,
            Self::BankCard => ReasonCode::BankCardChanged,
        }
    }

    /// The type of the event that tells that another one is registered.
    pub const fn happened(self) -> &'static str {
        match self {
            Self::Phone => "account.phone_changed",
            Self::PaymentAccount => "account.payment_account_changed",
            Self::BankCard => "account.bank_card_changed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_own_names() {
        for kind in Reference::ALL {
            assert_eq!(Reference::named(kind.name()), Some(kind));
            assert_eq!(kind.changed().name(), format!("{}_changed", kind.name()));
            assert_eq!(kind.happened(), format!("account.{}_changed", kind.name()));
        }
        assert_eq!(Reference::named("name"), None);
    }
}
