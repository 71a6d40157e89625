//! What the marketplace has registered of an account, and what becomes of it when a person says that it changed (rows C3,
//! C4, C7). Sealed under a key of the account's own; a verification is held against it before anything is handed in and
//! again when it is decided. What passed is registered in the transaction in which it passes.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::json;
use shiren_core::account::Account;
use shiren_core::account::reference::Reference;
use shiren_core::identity::bank_card::BankCard;
use shiren_core::identity::name;
use shiren_core::see::FieldKey;
use shiren_core::verification::check::{self, Check};
use shiren_core::verification::program::{CheckKind, Mode, Need};
use shiren_core::verification::session::Session;
use shiren_core::verification::{Finding, ReasonCode};
use shiren_vault::Purpose;

use crate::checks::IdentityRecord;
use crate::command::Command;
use crate::context::App;
use crate::error::Error;
use crate::event::REFERENCES_KEPT;
use crate::notices::{masked_contact, phone_number};
use crate::person::{Declared, Visitor};
use crate::port::Tx;
use crate::seal::Place;
use crate::sessions::invalid;

/// Longest name of a payment account, in characters.
const LONGEST_ACCOUNT: usize = 64;
/// Longest name of a person, in characters.
const LONGEST_NAME: usize = 100;
/// Another name is registered: a person decided that whoever has it stands behind the account.
pub(crate) const NAME_CHANGED: &str = "account.name_changed";

/// What is registered of an account. Personal data: it has no `Debug`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct References {
    /// A phone.
    pub phone: Option<String>,
    /// A payment account, by its name there.
    pub payment_account: Option<String>,
    /// A bank card's number.
    pub bank_card: Option<String>,
    /// The name of who is to verify: of an individual, of a company's legal person or operator, of a sub-account's user.
    /// Nobody enters it: the document must say it.
    #[serde(default)]
    pub name: Option<String>,
}

/// Registers what a verification must agree with, in place of what was registered before.
#[derive(Clone)]
pub struct KeepReferences {
    /// Test or live.
    pub mode: Mode,
    /// Of which account.
    pub account: Account,
    /// What; nothing of it forgets all of it.
    pub references: References,
    /// Who: `key:` and a name.
    pub by: String,
}

#[async_trait]
impl Command for KeepReferences {
    /// Masked.
    type Done = References;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<References, Error> {
        let references = self.references.checked()?;
        let before = app.registered(tx, self.mode, &self.account).await?;
        app.register(tx, self.mode, &self.account, &references).await?;
        let mut changed: Vec<&str> = references.unlike(&before).into_iter().map(Reference::name).collect();
        changed.extend((references.name != before.name).then_some("name"));
        if !changed.is_empty() {
            // Which, and nothing of what they are.
            let data = json!({ "account": self.account, "changed": changed });
            let object = self.account.to_string();
            app.append(tx, self.mode, REFERENCES_KEPT, &self.account, &object, data).await?;
        }
        let mut kinds: Vec<&str> = references.kinds().into_iter().map(Reference::name).collect();
        kinds.extend(references.name.as_ref().map(|_| "name"));
        app.audit(tx, &self.by, "references.kept", &self.account.to_string(), &kinds.join(", ")).await?;
        Ok(references.masked())
    }
}

impl References {
    /// In its normal form, or what cannot be right about it.
    fn checked(self) -> Result<Self, Error> {
        let phone = self.phone.map(|p| {
            let form = "+ with country code and number, or a mobile number of mainland China";
            phone_number(&p).ok_or_else(|| invalid("phone", form))
        });
        let account = self.payment_account.map(|a| {
            payment_account(&a).ok_or_else(|| invalid("payment_account", "1 to 64 printable characters"))
        });
        let card = self.bank_card.map(|c| match BankCard::parse(&c) {
            Ok(card) => Ok(card.as_str().to_owned()),
            Err(why) => Err(invalid("bank_card", why.to_string())),
        });
        let name = self.name.map(|n| {
            let (normal, fits) = (name::normal(&n), (1..=LONGEST_NAME).contains(&n.trim().chars().count()));
            let sound = fits && !normal.is_empty() && !n.chars().any(char::is_control);
            sound.then_some(normal).ok_or_else(|| invalid("name", "1 to 100 printable characters"))
        });
        Ok(Self {
            name: name.transpose()?,
            phone: phone.transpose()?,
            payment_account: account.transpose()?,
            bank_card: card.transpose()?,
        })
    }

    fn of(&self, kind: Reference) -> Option<&str> {
        match kind {
            Reference::Phone => self.phone.as_deref(),
            Reference::PaymentAccount => self.payment_account.as_deref(),
            Reference::BankCard => self.bank_card.as_deref(),
        }
    }

    /// Which are other ones than there, or there or here alone.
    fn unlike(&self, other: &Self) -> BTreeSet<Reference> {
        Reference::ALL.into_iter().filter(|kind| self.of(*kind) != other.of(*kind)).collect()
    }

    /// Which there are.
    pub fn kinds(&self) -> BTreeSet<Reference> {
        Reference::ALL.into_iter().filter(|kind| self.of(*kind).is_some()).collect()
    }

    /// What was entered and is another one than is registered.
    pub(crate) fn differ(&self, entered: &Declared) -> BTreeSet<Reference> {
        let differs = |kind: &Reference| match (self.of(*kind), entered.reference(*kind)) {
            (Some(registered), Some(entered)) => registered != entered,
            _ => false,
        };
        Reference::ALL.into_iter().filter(differs).collect()
    }

    fn masked(&self) -> Self {
        let masked = |value: &Option<String>| value.as_deref().map(masked_reference);
        Self {
            name: self.name.as_deref().map(|name| crate::cases::masked(FieldKey::Name, name)),
            phone: masked(&self.phone),
            payment_account: masked(&self.payment_account),
            bank_card: masked(&self.bank_card),
        }
    }
}

impl Declared {
    pub(crate) fn reference(&self, kind: Reference) -> Option<&str> {
        match kind {
            Reference::Phone => self.phone.as_deref(),
            Reference::PaymentAccount => self.payment_account.as_deref(),
            Reference::BankCard => self.bank_card.as_deref(),
        }
    }
}

impl App {
    /// What is registered of an account, masked; the look is in the log.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn references(&self, mode: Mode, account: &Account, by: &str) -> Result<References, Error> {
        let mut tx = self.store.begin().await?;
        let registered = self.registered(tx.as_mut(), mode, account).await?;
        self.audit(tx.as_mut(), by, "references.read", &account.to_string(), "masked").await?;
        tx.commit().await?;
        Ok(registered.masked())
    }

    /// Which kinds are registered of the account that somebody verifies for.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn registered_kinds(&self, visitor: &Visitor) -> Result<BTreeSet<Reference>, Error> {
        let mut tx = self.store.snapshot().await?;
        let session = &visitor.session;
        Ok(self.registered(tx.as_mut(), session.mode, &session.account).await?.kinds())
    }

    pub(crate) async fn registered(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        account: &Account,
    ) -> Result<References, Error> {
        let owner = owner(mode, account);
        match self.open_sealed(tx, &place(mode, &owner)).await? {
            Some(plain) => serde_json::from_slice(&plain).map_err(|e| Error::Internal(e.to_string())),
            None => Ok(References::default()),
        }
    }

    /// Forgets what is registered of an account that ended.
    pub(crate) async fn forget_references(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        account: &Account,
    ) -> Result<(), Error> {
        self.register(tx, mode, account, &References::default()).await
    }

    async fn register(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        account: &Account,
        references: &References,
    ) -> Result<(), Error> {
        if !account.is_sound() {
            return Err(invalid("id", "1 to 128 characters, none of them a control character"));
        }
        let owner = owner(mode, account);
        if *references == References::default() {
            return self.shred(tx, &owner, &[Purpose::Identity]).await.map(drop);
        }
        let plain = serde_json::to_vec(references).map_err(|e| Error::Internal(e.to_string()))?;
        self.put_sealed(tx, &place(mode, &owner), &plain).await
    }

    /// What is registered and what was entered where they differ, masked.
    pub(crate) async fn differing(
        &self,
        tx: &mut dyn Tx,
        session: &Session,
        declared: &Declared,
    ) -> Result<Vec<(Reference, String, String)>, Error> {
        let registered = self.registered(tx, session.mode, &session.account).await?;
        let both = |kind: Reference| {
            let (was, is) = (registered.of(kind)?, declared.reference(kind)?);
            Some((kind, masked_reference(was), masked_reference(is)))
        };
        Ok(registered.differ(declared).into_iter().filter_map(both).collect())
    }

    /// Somebody passed who said that something changed: what they entered is registered from now on, and told without
    /// its value. What was entered after the last decision nobody has looked at: an appeal does not register it.
    pub(crate) async fn register_changes(&self, tx: &mut dyn Tx, session: &Session) -> Result<(), Error> {
        self.register_name(tx, session).await?;
        if session.changes.is_empty() || session.entered_again {
            return Ok(());
        }
        let entered = self.declared(tx, session).await?;
        let mut references = self.registered(tx, session.mode, &session.account).await?;
        for kind in &session.changes {
            let Some(value) = entered.reference(*kind).map(str::to_owned) else { continue };
            let place = match kind {
                Reference::Phone => &mut references.phone,
                Reference::PaymentAccount => &mut references.payment_account,
                Reference::BankCard => &mut references.bank_card,
            };
            *place = Some(value);
            let data = json!({ "account": session.account, "verification_session": session.id });
            let object = session.id.as_str();
            self.append(tx, session.mode, kind.happened(), &session.account, object, data).await?;
        }
        self.register(tx, session.mode, &session.account, &references).await
    }

    /// Somebody passed whose document has another name than is registered: a person decided about that, and theirs is
    /// registered from now on.
    async fn register_name(&self, tx: &mut dyn Tx, session: &Session) -> Result<(), Error> {
        let mut references = self.registered(tx, session.mode, &session.account).await?;
        let Some(registered) = references.name.clone() else { return Ok(()) };
        let Some(read) = self.identity(tx, session).await?.and_then(|identity| identity.name()) else {
            return Ok(());
        };
        if name::same(&registered, &read) {
            return Ok(());
        }
        references.name = Some(name::normal(&read));
        let data = json!({ "account": session.account, "verification_session": session.id });
        let object = session.id.as_str();
        self.append(tx, session.mode, NAME_CHANGED, &session.account, object, data).await?;
        self.register(tx, session.mode, &session.account, &references).await
    }

    /// What was entered against what is registered when it is decided; a changed account or card is asked about.
    pub(crate) async fn against_registered(
        &self,
        session: &Session,
        declared: &Declared,
        read: &IdentityRecord,
    ) -> Result<Option<Check>, Error> {
        if session.export.is_some() {
            return Ok(None);
        }
        let mut tx = self.store.snapshot().await?;
        let registered = self.registered(tx.as_mut(), session.mode, &session.account).await?;
        drop(tx);
        let differ = registered.differ(declared);
        let another = match (&registered.name, read.name()) {
            (Some(registered), Some(read)) => !name::same(registered, &read),
            _ => false,
        };
        let mut vouched = BTreeMap::new();
        for kind in differ.iter().filter(|k| **k != Reference::Phone && session.changes.contains(k)) {
            let of = Declared {
                payment_account: declared
                    .payment_account
                    .clone()
                    .filter(|_| *kind == Reference::PaymentAccount),
                bank_card: declared.bank_card.clone().filter(|_| *kind == Reference::BankCard),
                name: declared.name.clone().or_else(|| read.name()),
                id_number: declared.id_number.clone().or_else(|| read.number().map(str::to_owned)),
                phone: None,
            };
            if let Some(answer) = self.vouched_for(session, &of).await {
                vouched.insert(*kind, answer);
            }
        }
        let check = check::references(session, &differ, &vouched);
        if !another {
            return Ok(check);
        }
        // The law knows changes of legal persons, and people change their names: a person decides.
        let mut check = check.unwrap_or_else(|| Check::new(CheckKind::References, &[], Vec::new()));
        check.findings.push(Finding::review(ReasonCode::RegisteredNameDiffers));
        Ok(Some(check))
    }
}

/// Whether a field is asked for: always, or where the marketplace has registered what stands in it.
pub(crate) fn asks_for(field: &str, need: Need, mode: Mode, registered: &BTreeSet<Reference>) -> bool {
    need.in_mode(mode) || Reference::named(field).is_some_and(|kind| registered.contains(&kind))
}

/// A payment account in its one writing.
pub(crate) fn payment_account(text: &str) -> Option<String> {
    let plain = text.trim().to_lowercase();
    let length = plain.chars().count();
    ((1..=LONGEST_ACCOUNT).contains(&length) && !plain.chars().any(char::is_control)).then_some(plain)
}

/// Enough to recognise one's own: of what is no phone and no mail address, the last four characters at most.
fn masked_reference(value: &str) -> String {
    if value.contains('@') || value.starts_with('+') {
        return masked_contact(value);
    }
    let n = value.chars().count();
    let seen = if n > 8 { 4 } else { 1 };
    "*".repeat(n.saturating_sub(seen)) + &value.chars().skip(n.saturating_sub(seen)).collect::<String>()
}

/// Whose sealed record it is: the two modes are worlds of their own.
fn owner(mode: Mode, account: &Account) -> String {
    format!("account/{mode}/{account}")
}

fn place(mode: Mode, owner: &str) -> Place<'_> {
    Place { mode, owner, purpose: Purpose::Identity, name: "references" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_reference_cannot_be_used() {
        for (value, shown) in [
            ("+8613800138000", "+861******8000"),
            ("ann@example.com", "a***@example.com"),
            ("6222021234567894", "************7894"),
            ("annie", "****e"),
            ("a", "a"),
        ] {
            assert_eq!(masked_reference(value), shown);
        }
    }

    #[test]
    fn only_what_is_registered_and_entered_can_differ() {
        let registered =
            References { phone: Some("+1".into()), bank_card: Some("1".into()), ..References::default() };
        let differ = |phone: Option<&str>, card: Option<&str>, account: Option<&str>| {
            let owned = |v: Option<&str>| v.map(str::to_owned);
            let entered = Declared {
                phone: owned(phone),
                bank_card: owned(card),
                payment_account: owned(account),
                ..Declared::default()
            };
            registered.differ(&entered).into_iter().map(Reference::name).collect::<Vec<_>>()
        };
        assert_eq!(differ(Some("+1"), Some("1"), Some("a")), Vec::<&str>::new());
        assert_eq!(differ(Some("+2"), None, Some("a")), ["phone"]);
        assert_eq!(differ(None, Some("2"), None), ["bank_card"]);
        assert_eq!(differ(Some("+2"), Some("2"), None), ["phone", "bank_card"]);
    }
}
