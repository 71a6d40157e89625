//! Deposits (保证金): what a category asks, and a ledger of what was paid, taken and given back.
//!
//! Money is integer cents. Every entry moves an amount from one account to another, so that the ledger balances by
//! its form; an entry is known by its reference, so that the same command twice has one effect.

mod categories;

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use categories::{Categories, CategoriesError, Category};

/// The most that one entry may move: ten billion yuan.
pub const MOST_CENTS: i64 = 1_000_000_000_000;

/// Accounts of a shop's ledger. What is paid in comes out of `Paid`; the sum over all is always 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LedgerAccount {
    /// The shop's own purse: minus what it paid.
    Paid,
    /// What is held for it.
    Held,
    /// What buyers got in disputes.
    Compensated,
    /// What was deducted for broken rules.
    Deducted,
    /// What was given back.
    Refunded,
}

/// What moves money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Movement {
    /// The shop pays in.
    Payment,
    /// A buyer is compensated in a dispute.
    Compensation,
    /// A broken rule costs.
    Deduction,
    /// Everything that is left goes back, as the shop closes.
    Refund,
}

impl Movement {
    /// All.
    pub const ALL: [Self; 4] = [Self::Payment, Self::Compensation, Self::Deduction, Self::Refund];

    /// The name used everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Compensation => "compensation",
            Self::Deduction => "deduction",
            Self::Refund => "refund",
        }
    }

    /// The type of the event that tells it.
    pub const fn happened(self) -> &'static str {
        match self {
            Self::Payment => "deposit.paid",
            Self::Compensation => "deposit.compensated",
            Self::Deduction => "deposit.deducted",
            Self::Refund => "deposit.refunded",
        }
    }

    /// From which account to which.
    pub const fn between(self) -> (LedgerAccount, LedgerAccount) {
        match self {
            Self::Payment => (LedgerAccount::Paid, LedgerAccount::Held),
            Self::Compensation => (LedgerAccount::Held, LedgerAccount::Compensated),
            Self::Deduction => (LedgerAccount::Held, LedgerAccount::Deducted),
            Self::Refund => (LedgerAccount::Held, LedgerAccount::Refunded),
        }
    }
}

/// One entry. Never changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What it is known by: the marketplace's own id of the payment, dispute, penalty or closing.
    pub reference: String,
    /// What moved it.
    pub movement: Movement,
    /// How much, above 0; a refund may be of 0.
    pub cents: i64,
    /// When.
    pub at: Timestamp,
}

/// Why an entry is not made. The ledger is unchanged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// No amount that can be moved.
    #[error("an amount is 1 to {MOST_CENTS} cents")]
    Amount,
    /// No reference.
    #[error("a reference has 1 to 128 printable characters")]
    Reference,
    /// The reference stands for another entry.
    #[error("the reference stands for another entry already")]
    Conflict,
    /// Less is held.
    #[error("only {held} cents are held")]
    Insufficient {
        /// What is held.
        held: i64,
    },
    /// The deposit was given back.
    #[error("the deposit was refunded")]
    Closed,
    /// More than the ledger can count.
    #[error("the ledger cannot count so much")]
    Overflow,
}

impl LedgerError {
    /// The stable name, for problems.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Amount => "deposit_amount",
            Self::Reference => "deposit_reference",
            Self::Conflict => "deposit_reference_used",
            Self::Insufficient { .. } => "deposit_insufficient",
            Self::Closed => "deposit_refunded",
            Self::Overflow => "deposit_overflow",
        }
    }
}

/// The ledger does not add up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the ledger does not add up: {0}")]
pub struct Unreconciled(pub &'static str);

/// One shop's deposit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    entries: Vec<Entry>,
}

impl Ledger {
    /// All entries, in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What an account holds, in cents.
    pub fn balance(&self, account: LedgerAccount) -> i64 {
        // Entries are added only while every partial sum can be counted.
        self.entries.iter().fold(0, |sum, entry| {
            let (from, to) = entry.movement.between();
            sum + i64::from(to == account) * entry.cents - i64::from(from == account) * entry.cents
        })
    }

    /// Whether it was given back.
    pub fn is_closed(&self) -> bool {
        self.entries.iter().any(|e| e.movement == Movement::Refund)
    }

    /// The shop pays in. `false`: this reference was paid before.
    ///
    /// # Errors
    /// When the amount or the reference is not sound, the reference means something else, or after the refund.
    pub fn pay(&mut self, reference: &str, cents: i64, at: Timestamp) -> Result<bool, LedgerError> {
        self.enter(Movement::Payment, reference, cents, at)
    }

    /// A buyer is compensated. `false`: under this reference it was done before.
    ///
    /// # Errors
    /// As [`Self::pay`], and when less is held.
    pub fn compensate(&mut self, reference: &str, cents: i64, at: Timestamp) -> Result<bool, LedgerError> {
        self.enter(Movement::Compensation, reference, cents, at)
    }

    /// A broken rule costs. `false`: under this reference it was done before.
    ///
    /// # Errors
    /// As [`Self::pay`], and when less is held.
    pub fn deduct(&mut self, reference: &str, cents: i64, at: Timestamp) -> Result<bool, LedgerError> {
        self.enter(Movement::Deduction, reference, cents, at)
    }

    /// Gives everything back that is left, and closes. The amount; the same for the same reference again.
    ///
    /// # Errors
    /// When the reference is not sound or means something else, or when it was given back under another.
    pub fn refund(&mut self, reference: &str, at: Timestamp) -> Result<i64, LedgerError> {
        if let Some(entry) = self.entries.iter().find(|e| e.reference == reference) {
            return if entry.movement == Movement::Refund {
                Ok(entry.cents)
            } else {
                Err(LedgerError::Conflict)
            };
        }
        let held = self.balance(LedgerAccount::Held);
        self.add(Movement::Refund, reference, held, at)?;
        Ok(held)
    }

    /// Whether goods of a category may be listed: its deposit is held.
    pub fn covers(&self, category: &Category) -> bool {
        self.missing(category) == 0 && !self.is_closed()
    }

    /// Cents that are missing for a category.
    pub fn missing(&self, category: &Category) -> i64 {
        (category.cents - self.balance(LedgerAccount::Held)).max(0)
    }

    /// Counts everything again.
    ///
    /// # Errors
    /// When accounts do not sum to 0, something is held that cannot be, or a reference stands twice.
    pub fn reconcile(&self) -> Result<(), Unreconciled> {
        let mut accounts = BTreeMap::<LedgerAccount, i128>::new();
        let mut seen = std::collections::BTreeSet::new();
        for (n, entry) in self.entries.iter().enumerate() {
            if !seen.insert(&entry.reference) {
                return Err(Unreconciled("a reference stands twice"));
            }
            if entry.cents < 0 {
                return Err(Unreconciled("an entry moves less than nothing"));
            }
            let (from, to) = entry.movement.between();
            *accounts.entry(from).or_default() -= i128::from(entry.cents);
            *accounts.entry(to).or_default() += i128::from(entry.cents);
            if accounts.get(&LedgerAccount::Held).is_some_and(|held| *held < 0) {
                return Err(Unreconciled("more was taken than was held"));
            }
            if entry.movement == Movement::Refund && n + 1 != self.entries.len() {
                return Err(Unreconciled("something follows the refund"));
            }
        }
        let held = accounts.get(&LedgerAccount::Held).copied().unwrap_or(0);
        if self.is_closed() && held != 0 {
            return Err(Unreconciled("something is held after the refund"));
        }
        if accounts.values().sum::<i128>() != 0 {
            return Err(Unreconciled("the accounts do not sum to 0"));
        }
        Ok(())
    }

    fn enter(
        &mut self,
        movement: Movement,
        reference: &str,
        cents: i64,
        at: Timestamp,
    ) -> Result<bool, LedgerError> {
        if !(1..=MOST_CENTS).contains(&cents) {
            return Err(LedgerError::Amount);
        }
        if let Some(entry) = self.entries.iter().find(|e| e.reference == reference) {
            let same = entry.movement == movement && entry.cents == cents;
            return if same { Ok(false) } else { Err(LedgerError::Conflict) };
        }
        self.add(movement, reference, cents, at)?;
        Ok(true)
    }

    fn add(
        &mut self,
        movement: Movement,
        reference: &str,
        cents: i64,
        at: Timestamp,
    ) -> Result<(), LedgerError> {
        if !(1..=128).contains(&reference.chars().count()) || reference.chars().any(char::is_control) {
            return Err(LedgerError::Reference);
        }
        if self.is_closed() {
            return Err(LedgerError::Closed);
        }
        let held = self.balance(LedgerAccount::Held);
        if movement == Movement::Payment {
            // What was paid bounds every other account.
            let paid = self.balance(LedgerAccount::Paid);
            paid.checked_sub(cents).ok_or(LedgerError::Overflow)?;
        } else if cents > held {
            return Err(LedgerError::Insufficient { held });
        }
        self.entries.push(Entry { reference: reference.to_owned(), movement, cents, at });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::histories::histories;

    const THEN: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn laptops_need_twenty_thousand_yuan_before_they_are_listed() {
        let laptops = Categories::built_in().category("laptops").unwrap();
        assert!(laptops.cents >= 2_000_000);
        let mut ledger = Ledger::default();
        ledger.pay("p1", 1_999_999, THEN).unwrap();
        assert_eq!((ledger.covers(laptops), ledger.missing(laptops)), (false, 1));
        ledger.pay("p2", 1, THEN).unwrap();
        assert!(ledger.covers(laptops));
        ledger.compensate("dispute", 500, THEN).unwrap();
        assert!(!ledger.covers(laptops));
    }

    #[test]
    fn a_refund_is_in_full_or_less_what_was_taken() {
        let mut ledger = Ledger::default();
        ledger.pay("p", 10_000, THEN).unwrap();
        assert_eq!(ledger.clone().refund("r", THEN), Ok(10_000));
        ledger.compensate("c", 2_500, THEN).unwrap();
        ledger.deduct("d", 1_000, THEN).unwrap();
        assert_eq!((ledger.refund("r", THEN), ledger.refund("r", THEN)), (Ok(6_500), Ok(6_500)));
        assert_eq!(ledger.refund("r2", THEN), Err(LedgerError::Closed));
        assert_eq!(ledger.pay("p2", 1, THEN), Err(LedgerError::Closed));
        assert_eq!(ledger.balance(LedgerAccount::Refunded), 6_500);
    }

    #[test]
    fn what_cannot_be_entered_is_refused() {
        let mut ledger = Ledger::default();
        ledger.pay("p", 100, THEN).unwrap();
        assert_eq!(ledger.pay("p", 100, THEN), Ok(false));
        assert_eq!(ledger.pay("p", 101, THEN), Err(LedgerError::Conflict));
        assert_eq!(ledger.deduct("p", 100, THEN), Err(LedgerError::Conflict));
        assert_eq!(ledger.deduct("d", 101, THEN), Err(LedgerError::Insufficient { held: 100 }));
        for cents in [0, -1, i64::MIN, MOST_CENTS + 1, i64::MAX] {
            assert_eq!(ledger.pay("x", cents, THEN), Err(LedgerError::Amount));
        }
        for reference in ["", "a\nb", &"x".repeat(129)] {
            assert_eq!(ledger.pay(reference, 1, THEN), Err(LedgerError::Reference));
        }
    }

    #[test]
    fn a_ledger_that_was_tampered_with_does_not_reconcile() {
        for entries in [
            r#"[{"reference":"a","movement":"deduction","cents":1,"at":"2026-01-01T00:00:00Z"}]"#,
            r#"[{"reference":"a","movement":"payment","cents":-1,"at":"2026-01-01T00:00:00Z"}]"#,
        ] {
            let ledger: Ledger = serde_json::from_str(&format!("{{\"entries\":{entries}}}")).unwrap();
            assert!(ledger.reconcile().is_err(), "{entries}");
        }
    }

    proptest! {
        #![proptest_config(histories(10_000))]

        #[test]
        fn no_cent_is_lost_or_doubled(
            steps in prop::collection::vec((0u8..16, 0u8..12, prop_oneof![0i64..500, Just(MOST_CENTS)]), 0..60)
        ) {
            let mut ledger = Ledger::default();
            let (mut paid, mut taken) = (0i64, 0i64);
            for (what, reference, cents) in steps {
                let (reference, before) = (reference.to_string(), ledger.clone());
                let result = match what {
                    0..8 => ledger.pay(&reference, cents, THEN).inspect(|new| paid += i64::from(*new) * cents),
                    8..11 => ledger.compensate(&reference, cents, THEN).inspect(|new| taken += i64::from(*new) * cents),
                    11..15 => ledger.deduct(&reference, cents, THEN).inspect(|new| taken += i64::from(*new) * cents),
                    _ => ledger.refund(&reference, THEN).map(|back| {
                        assert_eq!(back, paid - taken);
                        true
                    }),
                };
                if result.is_err() {
                    prop_assert_eq!(&ledger, &before);
                }
                prop_assert_eq!(ledger.reconcile(), Ok(()));
                let held = ledger.balance(LedgerAccount::Held);
                prop_assert_eq!(held + ledger.balance(LedgerAccount::Refunded), paid - taken);
                prop_assert!(held >= 0);
            }
        }
    }
}
