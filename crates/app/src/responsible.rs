//! Who stands behind a shop or a sub-account at a moment (rows A5, E5). Every look is in the log, with who and why.

use jiff::Timestamp;
use shiren_core::account::Account;
use shiren_core::account::AccountKind;
use shiren_core::id::SessionId;
use shiren_core::see::FieldKey;
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::Status;

use crate::cases::masked;
use crate::context::App;
use crate::error::Error;
use crate::person::own;
use crate::port::Tx;
use crate::sessions::invalid;
use crate::shops::shop_in;

/// Shortest and longest reason for a look, in characters.
const PURPOSE: (usize, usize) = (4, 200);

/// A look for the responsible person.
#[derive(Clone, Debug)]
pub struct LookUp {
    /// Test or live.
    pub mode: Mode,
    /// Of which shop or sub-account.
    pub account: Account,
    /// At which moment; now without it.
    pub at: Option<Timestamp>,
    /// Why, in the officer's words.
    pub purpose: String,
    /// Who looks: `key:` and a name.
    pub by: String,
}

/// Who it was.
#[derive(Clone, Debug)]
pub struct Responsible {
    /// At which moment.
    pub at: Timestamp,
    /// Nobody was, when `None`.
    pub person: Option<KnownPerson>,
}

/// A person as the verification that bound them knows them; values are masked.
#[derive(Clone, Debug)]
pub struct KnownPerson {
    /// The verification.
    pub session: SessionId,
    /// Since when they are bound.
    pub from: Timestamp,
    /// Until when they were.
    pub until: Option<Timestamp>,
    /// Captured on an administrator's phone.
    pub assisted: bool,
    /// When the person whose identity it is took it back: whoever passed with it may have been somebody else.
    pub reclaimed_at: Option<Timestamp>,
    /// Their name; `None` once it was deleted.
    pub name: Option<String>,
    /// Their document's number.
    pub number: Option<String>,
    /// The assurance level of the decision, as it is shown there.
    pub assurance: Option<serde_json::Value>,
}

/// What of a person can be shown in the clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonField {
    /// Their name.
    Name,
    /// Their document's number.
    Number,
}

impl PersonField {
    /// The name in requests and in the log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Number => "number",
        }
    }

    /// The field of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Name, Self::Number].into_iter().find(|f| f.name() == name)
    }
}

/// From when to when, by which verification, and whether it was captured on somebody else's phone.
type Bound = (SessionId, Timestamp, Option<Timestamp>, bool);

impl App {
    /// Looks for the responsible person.
    ///
    /// # Errors
    /// When there is no such shop or sub-account, the moment lies ahead, or no reason is given.
    pub async fn responsible(&self, look: LookUp) -> Result<Responsible, Error> {
        let purpose = sound_purpose(&look.purpose)?;
        let mut tx = self.store.begin().await?;
        let (now, bound) = self.bound(tx.as_mut(), &look).await?;
        let at = look.at.unwrap_or(now);
        let purpose = format!("{at}: {purpose}");
        self.audit(tx.as_mut(), &look.by, "responsible.looked_up", &look.account.to_string(), &purpose)
            .await?;
        let person = match bound {
            Some(bound) => Some(self.known(tx.as_mut(), bound).await?),
            None => None,
        };
        tx.commit().await?;
        Ok(Responsible { at, person })
    }

    /// Shows one value of the responsible person in the clear, beside the masked rest. That it was looked at goes into the
    /// log, with who and why, before anything of it is given.
    ///
    /// # Errors
    /// As [`Self::responsible`]; when nobody was responsible, or the value was deleted.
    pub async fn reveal_responsible(
        &self,
        look: LookUp,
        field: PersonField,
    ) -> Result<(Responsible, String), Error> {
        let (account, by) = (look.account.to_string(), look.by.clone());
        let purpose = format!("{}: {}", field.name(), look.purpose.trim());
        let mode = look.mode;
        let found = self.responsible(look).await?;
        let Some(person) = &found.person else { return Err(Error::NotFound("person")) };
        let mut tx = self.store.begin().await?;
        let session = own(tx.as_mut(), &person.session).await?.value;
        let identity = self.identity(tx.as_mut(), &session).await?.unwrap_or_default();
        let value = match field {
            PersonField::Name => identity.name(),
            PersonField::Number => identity.number().map(str::to_owned),
        };
        let value = value.ok_or(Error::NotFound("value"))?;
        let purpose = format!("{mode}, at {}: {purpose}", found.at);
        self.audit(tx.as_mut(), &by, "responsible.revealed", &account, &purpose).await?;
        tx.commit().await?;
        Ok((found, value))
    }

    async fn bound(&self, tx: &mut dyn Tx, look: &LookUp) -> Result<(Timestamp, Option<Bound>), Error> {
        let id = look.account.id.as_str();
        match look.account.kind {
            AccountKind::Buyer | AccountKind::Influencer | AccountKind::Platform => {
                Err(Error::NotFound("account"))
            }
            AccountKind::Shop => {
                let shop = shop_in(tx, look.mode, id).await?.value;
                let now = self.on_clock(tx, shop.clock.as_ref()).await?.now();
                let owner = shop.owner_at(past(look.at, now)?);
                Ok((now, owner.map(|o| (o.session.clone(), o.from, o.until, false))))
            }
            AccountKind::Staff => {
                let (app, staff) = self.staff_in(tx, look.mode, id).await?;
                let now = app.staff_now(&staff.value);
                let binding = staff.value.bound_at(past(look.at, now)?);
                let until = |b: &shiren_core::account::staff::Binding| b.ended.as_ref().map(|(at, _)| *at);
                Ok((now, binding.map(|b| (b.session.clone(), b.from, until(b), b.assisted))))
            }
        }
    }

    async fn known(&self, tx: &mut dyn Tx, (id, from, until, assisted): Bound) -> Result<KnownPerson, Error> {
        let session = own(tx, &id).await?.value;
        let identity = self.identity(tx, &session).await?.unwrap_or_default();
        let decision = match &session.decision {
            Some(decision) if session.status == Status::Verified => tx.decision(decision).await?,
            _ => None,
        };
        Ok(KnownPerson {
            session: id,
            from,
            until,
            assisted,
            reclaimed_at: session.reclaimed_at,
            name: identity.name().map(|name| masked(FieldKey::Name, &name)),
            number: identity.number().map(|number| masked(FieldKey::IdNumber, number)),
            assurance: decision.and_then(|d| d.body.get("assurance").cloned()),
        })
    }
}

/// Why somebody looks, in their words, as the log keeps it.
pub(crate) fn sound_purpose(purpose: &str) -> Result<&str, Error> {
    let purpose = purpose.trim();
    let fits = (PURPOSE.0..=PURPOSE.1).contains(&purpose.chars().count());
    if fits && !purpose.chars().any(char::is_control) {
        return Ok(purpose);
    }
    Err(invalid("purpose", "say in 4 to 200 characters why you need to know"))
}

/// The moment that is asked about, which must not lie ahead.
fn past(at: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, Error> {
    match at {
        Some(at) if at > now => Err(invalid("at", "this moment lies ahead")),
        at => Ok(at.unwrap_or(now)),
    }
}
