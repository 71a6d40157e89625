//! What a person does: open the link, agree, choose, enter, photograph, hand in.

use std::collections::BTreeSet;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};
use shiren_core::account::reference::Reference;
use shiren_core::account::{Account, AccountKind};
use shiren_core::id::SessionId;
use shiren_core::identity::bank_card::BankCard;
use shiren_core::identity::cn_id::{CnId, CnIdError};
use shiren_core::identity::{name, text};
use shiren_core::verification::ReasonCode;
use shiren_core::verification::check::{Answer, Answered, SourceKind};
use shiren_core::verification::program::{Document, Method, Mode};
use shiren_core::verification::session::{Consent, Refusal, Session};
use shiren_vault::Purpose;

use crate::checks::permit_key;
use crate::context::{App, hash};
use crate::error::Error;
use crate::job::Job;
use crate::notices::phone_number;
use crate::port::Tx;
use crate::record::{Claimed, LinkOpened, Stored, Visit};
use crate::references::{asks_for, payment_account};
use crate::seal::Place;

/// What kind of value an identity claim is; of a shop's owner, who owns no other shop.
pub(crate) const IDENTITY: &str = "identity";

/// What kind of value the identity of an account is: somebody who owns a shop may buy, and recommend goods, so each kind
/// of account is a world of its own. Sub-accounts have a measure of their own, by their shop.
pub(crate) const fn identity_of(kind: AccountKind) -> &'static str {
    match kind {
        AccountKind::Shop | AccountKind::Staff | AccountKind::Platform => IDENTITY,
        AccountKind::Buyer => "identity:buyer",
        AccountKind::Influencer => "identity:influencer",
    }
}
/// How often a session is told before any picture that somebody holds an identity or is banned; whoever enters one number
/// after the other learns no more than that. Later it is told of who is before the camera alone.
const TOLD: u32 = 3;
/// Hours that a browser may act for a session after opening its link.
const VISIT_HOURS: i64 = 48;
/// Longest name and number, in characters.
const LONGEST_ENTRY: usize = 100;

/// What the person entered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declared {
    /// The name as the document has it.
    pub name: Option<String>,
    /// The document's number.
    pub id_number: Option<String>,
    /// The phone that they verify with: `+`, country code and number once it is kept.
    pub phone: Option<String>,
    /// Their payment account, where it is asked for.
    #[serde(default)]
    pub payment_account: Option<String>,
    /// Their bank card, where it is asked for.
    #[serde(default)]
    pub bank_card: Option<String>,
}

/// What a person says although something speaks against it; a person or a proof decides in the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Insists {
    /// That an identity which another account holds is theirs, or that a ban is a mistake.
    pub reclaims: bool,
    /// That these are other ones than the marketplace has registered.
    pub changes: BTreeSet<Reference>,
}

/// A browser that may act for a session.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The session.
    pub session: Session,
    /// What the cookie held; binds forms to the visit.
    pub cookie: String,
    /// Now, by the session's clock.
    pub now: Timestamp,
    /// In which zone its account's days count: dates and hours are told in it.
    pub zone: TimeZone,
}

impl App {
    /// Opens a link: gives the secret for the cookie. A link opens once; one that was shown on another screen opens for
    /// who tells the number beside it, and is used up by a wrong one. Where it must be known which account is signed in,
    /// it opens for who brings an assertion of that; without one, or with a wrong one, it stays as it is.
    ///
    /// # Errors
    /// When there is no such link, it was used, its time is over, the number is another one, or the account is not
    /// known to be the session's.
    pub async fn open_link(
        &self,
        secret: &str,
        number: Option<u8>,
        assertion: Option<&str>,
    ) -> Result<(SessionId, String), Error> {
        let now = self.world_now();
        let mut tx = self.store.begin().await?;
        let link = tx.link(hash(secret)).await?.ok_or(Error::NotFound("link"))?;
        if link.opened_at.is_some() {
            return Err(Error::LinkUsed);
        }
        if link.expires_at <= now {
            return Err(Error::LinkExpired);
        }
        let mut opened = own(tx.as_mut(), &link.session).await?;
        let app = self.on_clock(tx.as_mut(), opened.value.clock.as_ref()).await?;
        let before = (opened.value.expires_at, opened.value.opened_at, opened.value.assisted.clone());
        if let Err(refused) = app.opened_by(tx.as_mut(), &mut opened.value, assertion).await {
            if matches!(refused, Error::Assertion(_)) {
                tx.commit().await?;
                self.bell.notify_one();
            }
            return Err(refused);
        }
        let session = match tx.open_link(hash(secret), now).await? {
            LinkOpened::Session(session) => session,
            LinkOpened::Used(_) => return Err(Error::LinkUsed),
            LinkOpened::Expired(_) => return Err(Error::LinkExpired),
            LinkOpened::Unknown => return Err(Error::NotFound("link")),
        };
        if link.number.is_some() && link.number != number {
            tx.commit().await?;
            return Err(Error::LinkNumber);
        }
        opened.value.opened(self.program_of(&opened.value)?, app.now());
        if before != (opened.value.expires_at, opened.value.opened_at, opened.value.assisted.clone()) {
            tx.save_session(&opened).await?;
        }
        if before.0 != opened.value.expires_at {
            app.expire_later(tx.as_mut(), &opened.value).await?;
        }
        let (cookie, hash) = self.secret("");
        let expires_at = now.saturating_add(VISIT_HOURS.hours()).unwrap_or(now);
        tx.insert_visit(&Visit { hash, session: session.clone(), expires_at }).await?;
        tx.commit().await?;
        Ok((session, cookie))
    }

    /// Whether a link waits to be opened. Asking does not use it up.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn link_waits(&self, secret: &str) -> Result<bool, Error> {
        let link = self.store.reader().await?.link(hash(secret)).await?;
        Ok(link.is_some_and(|l| l.opened_at.is_none() && l.expires_at > self.world_now()))
    }

    /// Who this cookie is.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] when the cookie is of no visit, or its time is over.
    pub async fn visitor(&self, cookie: &str) -> Result<Visitor, Error> {
        let mut tx = self.store.reader().await?;
        let visit = tx.visit(hash(cookie)).await?.filter(|v| v.expires_at > self.world_now());
        let visit = visit.ok_or(Error::Unauthenticated)?;
        let session = tx.session(&visit.session).await?.ok_or(Error::Unauthenticated)?.value;
        let now = self.on_clock(tx.as_mut(), session.clock.as_ref()).await?.now();
        let zone = self.zone_of(tx.as_mut(), session.mode, &session.account).await?;
        Ok(Visitor { session, cookie: cookie.to_owned(), now, zone })
    }

    /// Keeps what the person agreed to.
    ///
    /// # Errors
    /// When it is not their turn.
    pub async fn consent(&self, id: &SessionId, consents: Vec<Consent>) -> Result<Session, Error> {
        self.change(id, |session, now| session.consent(consents, now)).await
    }

    /// Chooses a method.
    ///
    /// # Errors
    /// When it is not their turn, or there is no such method.
    pub async fn choose_method(&self, id: &SessionId, method: &str) -> Result<Session, Error> {
        let mut tx = self.store.begin().await?;
        let mut session = own(tx.as_mut(), id).await?;
        let program = self.program_of(&session.value)?;
        let now = self.on_clock(tx.as_mut(), session.value.clock.as_ref()).await?.now();
        session.value.choose(program, method, now)?;
        tx.save_session(&session).await?;
        tx.commit().await?;
        Ok(session.value)
    }

    /// Gives the person time again; what was good is kept.
    ///
    /// # Errors
    /// When there is nothing for them to do.
    pub async fn renew(&self, id: &SessionId) -> Result<Session, Error> {
        let mut tx = self.store.begin().await?;
        let mut session = own(tx.as_mut(), id).await?;
        let program = self.program_of(&session.value)?;
        let now = self.on_clock(tx.as_mut(), session.value.clock.as_ref()).await?.now();
        session.value.renew(program, now)?;
        tx.save_session(&session).await?;
        tx.commit().await?;
        Ok(session.value)
    }

    /// Keeps what the person entered, sealed; told at once what cannot be right (rows C5, C7), and whether the
    /// number belongs to another shop (C1), before any picture is taken. Who says that it is theirs all the same
    /// goes on, and a person decides in the end. So does who says that phone, payment account or bank card are other ones
    /// than the marketplace has registered (C3, C4), to prove it.
    ///
    /// # Errors
    /// [`Error::Entry`] with the field and the reason; when it is not their turn.
    pub async fn declare(
        &self,
        id: &SessionId,
        entered: Declared,
        insists: Insists,
    ) -> Result<Session, Error> {
        let mut tx = self.store.snapshot().await?;
        let session = own(tx.as_mut(), id).await?.value;
        let app = self.on_clock(tx.as_mut(), session.clock.as_ref()).await?;
        let registered = self.registered(tx.as_mut(), session.mode, &session.account).await?.kinds();
        drop(tx);
        let program = self.program_of(&session)?;
        let method = session.method_of(program)?;
        let entered = app.checked(entered, method, session.mode, &registered)?;
        session.clone().declare(app.now())?;
        if let Some(code) = self.vouched(&session, method, &entered).await.and_then(payer_reason) {
            return Err(Error::Entry { field: "name", code });
        }
        let mut tx = self.store.begin().await?;
        let mut session = own(tx.as_mut(), id).await?;
        let unentered = session.value.clone();
        session.value.declare(app.now())?;
        if session.value.account.kind == AccountKind::Staff {
            self.free_in_shop(tx.as_mut(), &session.value, &entered).await?;
        } else if let Some(number) = &entered.id_number {
            // Of a document that many states issue, the number alone tells nobody who it is.
            let key = declared_key(method.document, number);
            let (mut taken, mut banned) = (false, false);
            if let Some(key) = &key {
                taken = self.holder_of(tx.as_mut(), &session.value, key).await?.is_some();
                banned = app.is_banned(tx.as_mut(), &session.value, key).await?;
            }
            session.value.reclaims = taken && insists.reclaims;
            if (taken || banned) && !insists.reclaims && session.value.told < TOLD {
                let told = unentered.told + 1;
                session.value = Session { told, ..unentered };
                tx.save_session(&session).await?;
                tx.commit().await?;
                let code = if banned { ReasonCode::SubjectBanned } else { ReasonCode::IdentityInUse };
                return Err(Error::Entry { field: "id_number", code });
            }
        }
        let before = self.declared(tx.as_mut(), &session.value).await?;
        let (same, reachable) = (before.phone == entered.phone, self.sends_codes(session.value.mode));
        session.value.phone_entered(same, reachable);
        let (mode, account) = (session.value.mode, session.value.account.clone());
        let changes = match session.value.export {
            // Whoever asks for a copy may be somebody of before.
            Some(_) => BTreeSet::new(),
            None => self.registered(tx.as_mut(), mode, &account).await?.differ(&entered),
        };
        if let Some(kind) = changes.iter().find(|kind| !insists.changes.contains(kind)) {
            self.guessing(&session.value)?;
            return Err(Error::Entry { field: kind.name(), code: kind.changed() });
        }
        session.value.change_references(changes, same, reachable);
        let plain = serde_json::to_vec(&entered).map_err(|e| Error::Internal(e.to_string()))?;
        self.put_sealed(tx.as_mut(), &declared_place(&session.value), &plain).await?;
        tx.save_session(&session).await?;
        tx.commit().await?;
        Ok(session.value)
    }

    /// That something differs from what is registered is told ten times in a quarter of an hour, and not to whoever tries
    /// one number after the other.
    fn guessing(&self, session: &Session) -> Result<(), Error> {
        let told = |wait: jiff::SignedDuration| {
            Error::TooManyTries(u32::try_from(wait.as_secs()).unwrap_or(u32::MAX).max(1))
        };
        let who = format!("registered {} {}", session.mode, session.account);
        self.attempts.begin(&[who], self.world_now()).map_err(told)
    }

    /// What the person entered, for their own form and for the checks.
    pub(crate) async fn declared(&self, tx: &mut dyn Tx, session: &Session) -> Result<Declared, Error> {
        match self.open_sealed(tx, &declared_place(session)).await? {
            Some(plain) => serde_json::from_slice(&plain).map_err(|e| Error::Internal(e.to_string())),
            None => Ok(Declared::default()),
        }
    }

    /// What this person entered before, to fill the form again.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn entered(&self, visitor: &Visitor) -> Result<Declared, Error> {
        let mut tx = self.store.snapshot().await?;
        self.declared(tx.as_mut(), &visitor.session).await
    }

    /// Hands everything in, from a browser with this mark ([`App::device_mark`]), if it has one.
    ///
    /// # Errors
    /// What is missing; when it is not their turn; after too many attempts.
    pub async fn submit(&self, id: &SessionId, mark: Option<&str>) -> Result<Session, Error> {
        let mut tx = self.store.begin().await?;
        let mut session = own(tx.as_mut(), id).await?;
        let program = self.program_of(&session.value)?;
        let app = self.on_clock(tx.as_mut(), session.value.clock.as_ref()).await?;
        let happened = session.value.submit(program, app.now())?;
        if session.value.export.is_none() {
            session.value.device = self.device(tx.as_mut(), &session.value, mark).await?;
        }
        tx.save_session(&session).await?;
        let dedup = Some(format!("checks:{id}:{}", session.value.submissions.len()));
        app.keep_pace(tx.as_mut(), &session.value).await?;
        app.enqueue(tx.as_mut(), Job::RunChecks { session: id.clone() }, app.now(), dedup).await?;
        app.tell(tx.as_mut(), &session.value, happened).await?;
        tx.commit().await?;
        self.bell.notify_one();
        Ok(session.value)
    }

    async fn change(
        &self,
        id: &SessionId,
        act: impl FnOnce(&mut Session, Timestamp) -> Result<(), Refusal> + Send,
    ) -> Result<Session, Error> {
        let mut tx = self.store.begin().await?;
        let mut session = own(tx.as_mut(), id).await?;
        let now = self.on_clock(tx.as_mut(), session.value.clock.as_ref()).await?.now();
        act(&mut session.value, now)?;
        tx.save_session(&session).await?;
        tx.commit().await?;
        Ok(session.value)
    }

    /// What was entered in its normal form, or what cannot be right about it.
    fn checked(
        &self,
        entered: Declared,
        method: &Method,
        mode: Mode,
        registered: &BTreeSet<Reference>,
    ) -> Result<Declared, Error> {
        let entry = |field, code| Error::Entry { field, code };
        let present = |value: Option<String>| value.map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
        let (name, number) = (present(entered.name), present(entered.id_number));
        let phone = present(entered.phone);
        let (account, card) = (present(entered.payment_account), present(entered.bank_card));
        let values = [&name, &number, &phone, &account, &card];
        for ((field, need), value) in method.declare.entries().into_iter().zip(values) {
            if value.is_none() && asks_for(field, need, mode, registered) {
                return Err(entry(field, ReasonCode::MaterialMissing));
            }
            if value.as_ref().is_some_and(|v| v.chars().count() > LONGEST_ENTRY) {
                return Err(entry(field, ReasonCode::EntryTooLong));
            }
        }
        let chinese_number = matches!(method.document, Document::ResidentIdCard | Document::ResidencePermit);
        let number = match number {
            Some(number) if chinese_number => Some(self.chinese(&number).map_err(|c| entry("id_number", c))?),
            other => other.map(|n| text::compact(&n)),
        };
        let phone = match phone {
            Some(phone) => {
                Some(phone_number(&phone).ok_or_else(|| entry("phone", ReasonCode::PhoneInvalid))?)
            }
            None => None,
        };
        let account = match account {
            Some(account) => {
                let long = || entry("payment_account", ReasonCode::EntryTooLong);
                Some(payment_account(&account).ok_or_else(long)?)
            }
            None => None,
        };
        let card = match card.map(|card| BankCard::parse(&card)) {
            Some(Ok(card)) => Some(card.as_str().to_owned()),
            Some(Err(_)) => return Err(entry("bank_card", ReasonCode::BankCardInvalid)),
            None => None,
        };
        Ok(Declared {
            name: name.map(|n| name::normal(&n)),
            id_number: number,
            phone,
            payment_account: account,
            bank_card: card,
        })
    }

    fn chinese(&self, number: &str) -> Result<String, ReasonCode> {
        match CnId::parse(number, self.today()) {
            Ok(id) => Ok(id.as_str().to_owned()),
            Err(CnIdError::Length(_))
                if number.chars().all(|c| c.is_ascii_digit() || c == 'X' || c == 'x') =>
            {
                Err(ReasonCode::IdNumberInvalid)
            }
            // Another document's number: the wrong region was chosen.
            Err(CnIdError::Length(_)) => Err(ReasonCode::RegionMismatch),
            Err(_) => Err(ReasonCode::IdNumberInvalid),
        }
    }

    /// Who holds an identity ([`IdentityRecord::key`](crate::checks::IdentityRecord::key)), if it is another account than the session's. Sub-accounts have a measure of their own:
    /// see [`App::free_in_shop`].
    pub(crate) async fn holder_of(
        &self,
        tx: &mut dyn Tx,
        session: &Session,
        key: &str,
    ) -> Result<Option<Account>, Error> {
        if session.account.kind == AccountKind::Staff || session.export.is_some() {
            return Ok(None);
        }
        let tags = self.tags(IDENTITY, session.mode, key);
        let holder = tx.holder(identity_of(session.account.kind), session.mode, &tags).await?;
        Ok(holder.filter(|h| *h != session.account))
    }

    /// Claims an identity for the account of a session.
    pub(crate) async fn claim_identity(
        &self,
        tx: &mut dyn Tx,
        session: &Session,
        key: &str,
    ) -> Result<Claimed, Error> {
        let claim = crate::record::Claim {
            kind: identity_of(session.account.kind).to_owned(),
            mode: session.mode,
            tags: self.tags(IDENTITY, session.mode, key),
            account: session.account.clone(),
            session: session.id.clone(),
            at: self.now(),
        };
        Ok(tx.claim(&claim).await?)
    }
}

/// What is wrong by the payment account's source.
fn payer_reason(answer: Answer) -> Option<ReasonCode> {
    Answered::from(answer).reason(SourceKind::PaymentAccount)
}

/// What makes a person of somebody who entered this number of a document, in the writing of [`IdentityRecord::key`];
/// `None` where the issuing state belongs to it, which nobody enters.
///
/// [`IdentityRecord::key`]: crate::checks::IdentityRecord::key
pub(crate) fn declared_key(document: Document, number: &str) -> Option<String> {
    match document {
        Document::ResidentIdCard | Document::ResidencePermit => Some(identity_value(number)),
        Document::ForeignerPermanentResidence => Some(permit_key(number)),
        Document::HongKongMacaoTravelPermit | Document::TaiwanTravelPermit => Some(permit_key(number)),
        Document::Passport => None,
    }
}

/// One writing of a document's number, whoever typed or read it.
pub(crate) fn identity_value(number: &str) -> String {
    text::compact(number).to_uppercase()
}

pub(crate) fn declared_place(session: &Session) -> Place<'_> {
    Place { mode: session.mode, owner: session.id.as_str(), purpose: Purpose::Identity, name: "declared" }
}

/// The session of this id, whoever asks: the visit has been checked.
pub(crate) async fn own(tx: &mut dyn Tx, id: &SessionId) -> Result<Stored<Session>, Error> {
    tx.session(id).await?.ok_or(Error::NotFound("verification session"))
}
