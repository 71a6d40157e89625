//! How a sub-account and a verification go together: a session of its user moves the state machine, and what it binds
//! is unique within the shop (rows E8, E9, E13). A re-check is the same person once more (rows D4, E16).

use shiren_core::account::actor::Actor;
use shiren_core::account::claim::{Claim, ClaimChange, Claimed, Tag};
use shiren_core::account::shop::{Company, Shop};
use shiren_core::account::staff::{Passed, Staff};
use shiren_core::account::{Account, AccountKind};
use shiren_core::id::ClockId;
use shiren_core::review::Verdict;
use shiren_core::verification::program::{Document, Mode, Need, Program};
use shiren_core::verification::session::{Happened, Session};
use shiren_core::verification::{Finding, ReasonCode};

use crate::checks::IdentityRecord;
use crate::context::App;
use crate::error::Error;
use crate::person::{Declared, declared_key, identity_value};
use crate::pictures::hex;
use crate::port::{SessionQuery, Tx};
use crate::record;
use crate::sessions::{CreateSession, invalid};
use crate::shops::shop_in;

/// Who approved a session, and the reasons that were before them.
#[derive(Default)]
struct DecidedAbout {
    by: Option<Actor>,
    codes: Vec<ReasonCode>,
}

/// Who handed something in, as far as a shop must know them apart.
pub(crate) struct Shown {
    /// What makes a person of them ([`IdentityRecord::key`]): of a passport with its state.
    key: Option<String>,
    /// The number alone, as bindings from before states counted have it.
    number: Option<String>,
    phone: Option<String>,
}

impl Shown {
    /// By what was read, or else by what was entered for this kind of document.
    pub(crate) fn of(identity: &IdentityRecord, declared: &Declared, document: Option<Document>) -> Self {
        let entered = declared.id_number.as_deref();
        let as_entered = || declared_key(document?, entered?);
        let number = identity.number().or(entered).map(identity_value);
        Self { key: identity.key().or_else(as_entered), number, phone: declared.phone.clone() }
    }
}

/// Something that another person holds.
struct Held {
    /// Of which sub-account they are.
    by: Account,
    /// Where it was entered.
    field: &'static str,
    code: ReasonCode,
}

/// What stands behind a new session.
pub(crate) struct Behind {
    /// The clock that it lives by; the world's without one.
    pub(crate) clock: Option<ClockId>,
    /// The company of its shop.
    pub(crate) company: Option<Company>,
}

impl App {
    /// What stands behind a new session; and whether there may be one.
    pub(crate) async fn behind_session(
        &self,
        tx: &mut dyn Tx,
        new: &CreateSession,
        program: &Program,
    ) -> Result<Behind, Error> {
        let (mode, account, mut company) = (new.mode, &new.account, None);
        self.sound_clock(tx, mode, new.clock.as_ref()).await?;
        let registered = match account.kind {
            AccountKind::Buyer | AccountKind::Influencer => None,
            AccountKind::Platform => {
                return Err(invalid("account.kind", "nobody verifies for the platform"));
            }
            AccountKind::Shop => {
                let shop = tx.shop(mode, &account.id).await?.map(|shop| shop.value);
                shop.as_ref().map(Shop::still_there).transpose()?;
                shop.map(|shop| {
                    company = shop.company;
                    shop.clock
                })
            }
            AccountKind::Staff => {
                let none = || invalid("account.id", "there is no such sub-account");
                let staff = tx.staff(mode, &account.id).await?.ok_or_else(none)?.value;
                staff.may_verify()?;
                if program.methods.iter().any(|m| m.declare.phone != Need::Always) {
                    return Err(invalid("program", "for a sub-account it must always ask for the phone"));
                }
                Some(tx.shop(mode, &staff.shop).await?.and_then(|shop| shop.value.clock))
            }
        };
        let clock = match registered {
            Some(clock) if new.clock.is_some() && new.clock != clock => {
                return Err(invalid(
                    "test_clock",
                    "the account is registered, and lives by the time of its shop",
                ));
            }
            Some(clock) => clock,
            None => self.clock_of_person(tx, mode, account, new.clock.clone()).await?,
        };
        Ok(Behind { clock, company })
    }

    /// By which clock something new of an account lives that is registered nowhere: the given one, else that of the
    /// account's last session, so that what is counted for one account is counted by one clock.
    pub(crate) async fn clock_of_person(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        account: &Account,
        given: Option<ClockId>,
    ) -> Result<Option<ClockId>, Error> {
        if given.is_some() || mode != Mode::Test {
            return Ok(given);
        }
        let last = SessionQuery {
            mode: Some(mode),
            account_kind: Some(account.kind),
            account_id: Some(account.id.clone()),
            limit: 1,
            ..SessionQuery::default()
        };
        Ok(tx.sessions(&last).await?.pop().and_then(|session| session.clock))
    }

    /// Lets the account of a session follow what happened to it, in the same transaction.
    pub(crate) async fn account_follows(
        &self,
        tx: &mut dyn Tx,
        session: &Session,
        what: Happened,
    ) -> Result<(), Error> {
        if session.export.is_some() {
            return self.export_follows(tx, session, what).await;
        }
        if what == Happened::Verified {
            self.register_changes(tx, session).await?;
        }
        match session.account.kind {
            AccountKind::Influencer | AccountKind::Platform => Ok(()),
            AccountKind::Buyer => self.buyer_follows(tx, session, what).await,
            AccountKind::Shop => self.shop_follows(tx, session, what).await,
            AccountKind::Staff => self.staff_follows(tx, session, what).await,
        }
    }

    /// Handed in, the countdown stands still; passed, the user is bound; otherwise it goes on.
    async fn staff_follows(&self, tx: &mut dyn Tx, session: &Session, what: Happened) -> Result<(), Error> {
        let Some(mut staff) = tx.staff(session.mode, &session.account.id).await? else { return Ok(()) };
        let shop = shop_in(tx, session.mode, &staff.value.shop).await?.value;
        let app = self.in_zone_of(&shop);
        let (rules, now) = (app.staff_rules(), app.staff_now(&staff.value));
        let (id, of) = (session.id.clone(), &mut staff.value);
        let mine = of.review.as_ref().is_some_and(|review| review.session == id);
        let done = match what {
            // An appeal is looked at although what it is about was refused.
            Happened::Processing | Happened::InReview if !mine => of.submit(id, rules, now)?,
            Happened::Verified if mine => {
                let about = self.decided_about(tx, session).await?;
                let passed = self.passed(tx, session, of, &about).await?;
                self.unbind_holders(tx, session, &about).await?;
                let done = of.pass(passed, rules, now)?;
                self.keep_baseline(tx, session).await?;
                done
            }
            Happened::RequiresInput | Happened::Rejected | Happened::Expired | Happened::Canceled if mine => {
                of.refuse(id, rules, now)?
            }
            // Nothing that it waits for. Removed meanwhile, it follows nobody.
            _ => return Ok(()),
        };
        app.keep_staff(tx, session.mode, &staff, &done).await
    }

    /// Who approved a session, and about what: what another one holds is taken from them where that was the question
    /// (row C1).
    async fn decided_about(&self, tx: &mut dyn Tx, session: &Session) -> Result<DecidedAbout, Error> {
        let case = match &session.case {
            Some(id) => tx.case(id).await?.map(|case| case.value),
            None => None,
        };
        let approved = case.and_then(|case| {
            let decision = case.decided.filter(|d| d.verdict == Verdict::Approve)?;
            let codes = case.reasons.iter().map(|r| r.code).collect();
            Some(DecidedAbout { by: decision.by.actor(), codes })
        });
        Ok(approved.unwrap_or_default())
    }

    /// Unbinds whoever holds identity or phone in this shop at another sub-account, where a reviewer decided about that.
    async fn unbind_holders(
        &self,
        tx: &mut dyn Tx,
        session: &Session,
        about: &DecidedAbout,
    ) -> Result<(), Error> {
        let Some(by) = &about.by else { return Ok(()) };
        let known = self.as_shown(tx, session).await?;
        for held in self.held_by_others(tx, session, &known).await? {
            if held.by == session.account || !about.codes.contains(&held.code) {
                continue;
            }
            let Some(mut staff) = tx.staff(session.mode, &held.by.id).await? else { continue };
            // Identity and phone may be of one sub-account, which lets go of both.
            if staff.value.bound().is_none() {
                continue;
            }
            let shop = shop_in(tx, session.mode, &staff.value.shop).await?.value;
            let app = self.in_zone_of(&shop);
            let done = staff.value.unbind(by.clone(), app.staff_rules(), app.staff_now(&staff.value))?;
            app.keep_staff(tx, session.mode, &staff, &done).await?;
            if held.code == ReasonCode::StaffIdentityInUse {
                self.tell_reclaimed(tx, session, &held.by).await?;
            }
        }
        Ok(())
    }

    /// Which sub-account approving a session takes something from; perhaps the session's own, where another person is
    /// bound to it.
    pub(crate) async fn holder_in_shop(
        &self,
        tx: &mut dyn Tx,
        session: &Session,
    ) -> Result<Option<Account>, Error> {
        let known = self.as_shown(tx, session).await?;
        let held = self.held_by_others(tx, session, &known).await?;
        let about = |held: &Held| session.reasons.iter().any(|r| r.code == held.code);
        Ok(held.into_iter().find(about).map(|held| held.by))
    }

    /// Who the person is by what was read and entered.
    async fn as_shown(&self, tx: &mut dyn Tx, session: &Session) -> Result<Shown, Error> {
        let declared = self.declared(tx, session).await?;
        let identity = self.identity(tx, session).await?.unwrap_or_default();
        Ok(Shown::of(&identity, &declared, self.document_of(session)))
    }

    /// The document that the person chose to show.
    pub(crate) fn document_of(&self, session: &Session) -> Option<Document> {
        let program = self.program_of(session).ok()?;
        session.method_of(program).ok().map(|method| method.document)
    }

    async fn passed(
        &self,
        tx: &mut dyn Tx,
        session: &Session,
        staff: &Staff,
        about: &DecidedAbout,
    ) -> Result<Passed, Error> {
        let known = self.as_shown(tx, session).await?;
        let missing = || invalid("verdict", "number or phone of the person are not known: ask again");
        let key = known.key.as_deref().ok_or_else(missing)?;
        let phone = known.phone.as_deref().ok_or_else(missing)?;
        let tag = |of, value: &str| self.one_tag(&kind(of, &scope(&staff.shop)), session.mode, value);
        // Who is bound keeps the tag that they have, whichever master key made it.
        let bound = match staff.bound() {
            Some(bound) if self.is_bound(staff, session.mode, &known)? => Some(bound.identity.clone()),
            _ => None,
        };
        Ok(Passed {
            session: session.id.clone(),
            identity: bound.unwrap_or_else(|| tag(Claimed::Identity, key)),
            phone: tag(Claimed::Phone, phone),
            assisted: session.assisted.is_some(),
            replaces: about.by.clone().filter(|_| about.codes.contains(&ReasonCode::StaffUserImmutable)),
        })
    }

    /// Whether this person is the one who is bound to a sub-account. Who was bound before the states of passports counted is
    /// known by the number alone.
    pub(crate) fn is_bound(&self, staff: &Staff, mode: Mode, who: &Shown) -> Result<bool, Error> {
        let Some(bound) = staff.bound() else { return Ok(false) };
        let kind = kind(Claimed::Identity, &scope(&staff.shop));
        for value in [&who.key, &who.number].into_iter().flatten() {
            if self.is_tag(&kind, mode, value, &bound.identity)? == Some(true) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What of this session cannot be bound: other sub-accounts of the shop hold it, or another person is bound.
    pub(crate) async fn taken_in_shop(
        &self,
        tx: &mut dyn Tx,
        session: &Session,
        identity: &IdentityRecord,
        declared: &Declared,
    ) -> Result<Vec<Finding>, Error> {
        let known = Shown::of(identity, declared, self.document_of(session));
        if known.key.is_none() || known.phone.is_none() {
            return Ok(vec![Finding::fail(ReasonCode::MaterialMissing)]);
        }
        let taken = self.held_by_others(tx, session, &known).await?;
        Ok(taken.into_iter().map(|held| Finding::fail(held.code)).collect())
    }

    /// Told before any picture is taken. Of a passport the state is not known then: it is told with the result.
    ///
    /// # Errors
    /// [`Error::Entry`] with the field that another sub-account of the shop holds, or that is not of who is bound.
    pub(crate) async fn free_in_shop(
        &self,
        tx: &mut dyn Tx,
        session: &Session,
        entered: &Declared,
    ) -> Result<(), Error> {
        let known = Shown::of(&IdentityRecord::default(), entered, self.document_of(session));
        match self.held_by_others(tx, session, &known).await?.into_iter().next() {
            Some(Held { field, code, .. }) => Err(Error::Entry { field, code }),
            None => Ok(()),
        }
    }

    async fn held_by_others(
        &self,
        tx: &mut dyn Tx,
        session: &Session,
        known: &Shown,
    ) -> Result<Vec<Held>, Error> {
        if session.export.is_some() {
            return Ok(Vec::new());
        }
        let Some(staff) = tx.staff(session.mode, &session.account.id).await? else { return Ok(Vec::new()) };
        let scope = scope(&staff.value.shop);
        let asked = [
            (Claimed::Identity, known.key.clone(), "id_number", ReasonCode::StaffIdentityInUse),
            (Claimed::Phone, known.phone.clone(), "phone", ReasonCode::StaffPhoneInUse),
        ];
        let mut held = Vec::new();
        if known.key.is_some()
            && staff.value.bound().is_some()
            && !self.is_bound(&staff.value, session.mode, known)?
        {
            let (field, code) = ("id_number", ReasonCode::StaffUserImmutable);
            held.push(Held { by: session.account.clone(), field, code });
        }
        for (of, value, field, code) in asked {
            let Some(value) = value else { continue };
            let kind = kind(of, &scope);
            let tags = self.tags(&kind, session.mode, &value);
            if let Some(by) = tx.holder(&kind, session.mode, &tags).await?.filter(|h| *h != session.account) {
                held.push(Held { by, field, code });
            }
        }
        Ok(held)
    }

    /// Makes and releases what a change of a sub-account says, or fails as a whole.
    pub(crate) async fn change_claims(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        staff: &Staff,
        changes: &[ClaimChange],
    ) -> Result<(), Error> {
        for change in changes {
            match change {
                ClaimChange::Release(claim) => {
                    tx.release(&kind(claim.of, &claim.scope), mode, &[parts(&claim.tag)?]).await?;
                }
                ClaimChange::Make(claim) => self.make_claim(tx, mode, staff, claim).await?,
            }
        }
        Ok(())
    }

    async fn make_claim(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        staff: &Staff,
        claim: &Claim,
    ) -> Result<(), Error> {
        let session = staff.bindings.last().map(|b| b.session.clone());
        let wanted = record::Claim {
            kind: kind(claim.of, &claim.scope),
            mode,
            tags: vec![parts(&claim.tag)?],
            account: Account { kind: AccountKind::Staff, id: staff.id.clone() },
            session: session.ok_or_else(|| Error::Internal("a claim without a binding".into()))?,
            at: staff.as_of,
        };
        match (tx.claim(&wanted).await?, claim.of) {
            (record::Claimed::Yes, _) => Ok(()),
            (record::Claimed::TakenBy(_), Claimed::Identity) => {
                Err(Error::InUse(ReasonCode::StaffIdentityInUse))
            }
            (record::Claimed::TakenBy(_), Claimed::Phone) => Err(Error::InUse(ReasonCode::StaffPhoneInUse)),
        }
    }

    /// The blind-index tag of a value as text: the version of its key, and the tag in hexadecimal.
    pub(crate) fn one_tag(&self, kind: &str, mode: Mode, value: &str) -> Tag {
        let (version, tag) = self.current_tag(kind, mode, value);
        Tag(format!("{version}:{}", hex(&tag)))
    }
}

/// Staff are unique within their shop; as [`Claim::scope`] says it.
fn scope(shop: &str) -> String {
    format!("shop:{shop}")
}

/// What the claims table calls it: equal values in two shops have nothing in common there.
fn kind(of: Claimed, scope: &str) -> String {
    let of = match of {
        Claimed::Identity => "identity",
        Claimed::Phone => "phone",
    };
    format!("{of}@{scope}")
}

/// Version and bytes of a tag.
pub(crate) fn parts(tag: &Tag) -> Result<(u32, Vec<u8>), Error> {
    let unreadable = || Error::Internal("a tag cannot be read".to_owned());
    let (version, text) = tag.0.split_once(':').ok_or_else(unreadable)?;
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = text.as_bytes().chunks(2).map(byte).collect();
    Ok((version.parse().map_err(|_| unreadable())?, bytes.ok_or_else(unreadable)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_read_as_it_was_written() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(parts(&Tag(format!("7:{}", hex(&bytes)))).unwrap(), (7, bytes));
        for damaged in ["", "7", "7:0g", "x:00", ":00"] {
            assert!(parts(&Tag(damaged.into())).is_err(), "{damaged}");
        }
    }
}
