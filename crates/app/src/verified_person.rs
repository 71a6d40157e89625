//! The verified-person claim of an account, as the marketplace's payment system asks for it (row A2). Every look is in the
//! log, with who and why, also one that finds nobody.

use jiff::Timestamp;
use shiren_core::account::shop::ShopStatus;
use shiren_core::account::staff::{Staff, Standing};
use shiren_core::account::verified_person::{Lapse, has_run_out};
use shiren_core::account::{Account, AccountKind};
use shiren_core::id::SessionId;
use shiren_core::review::Verdict;
use shiren_core::see::FieldKey;
use shiren_core::verification::program::{Document, Mode};
use shiren_core::verification::session::{ProgramRef, Session};

use crate::cases::masked;
use crate::context::App;
use crate::error::Error;
use crate::person::own;
use crate::port::Tx;
use crate::responsible::sound_purpose;
use crate::sessions::verifications;

/// So many of an account's last verifications are looked at where no binding names the one that counts.
const LATEST: u32 = 10;

/// Asks for the claim of an account.
#[derive(Clone, Debug)]
pub struct AskClaim {
    /// Test or live.
    pub mode: Mode,
    /// Of which account.
    pub account: Account,
    /// Why, in the asker's words.
    pub purpose: String,
    /// Who asks: `key:` and a name.
    pub by: String,
}

/// Who was verified for an account, as far as payments need to know. Values are masked.
#[derive(Clone, Debug)]
pub struct VerifiedPersonClaim {
    /// When this was so, by the account's clock.
    pub as_of: Timestamp,
    /// Their name; `None` once it was erased.
    pub name: Option<String>,
    /// The document that they chose to show; `None` where none is known.
    pub document: Option<Document>,
    /// The assurance level of the decision.
    pub assurance_level: Option<String>,
    /// When they were verified.
    pub verified_at: Timestamp,
    /// Whether a person approved it.
    pub reviewed: bool,
    /// By which program.
    pub program: ProgramRef,
    /// In which verification session.
    pub session: SessionId,
    /// Why it does not count any more; it counts while there is nothing here.
    pub lapses: Vec<Lapse>,
}

impl App {
    /// The claim of an account.
    ///
    /// # Errors
    /// When nobody was ever verified for it, or no reason is given.
    pub async fn verified_person(&self, ask: AskClaim) -> Result<VerifiedPersonClaim, Error> {
        let purpose = sound_purpose(&ask.purpose)?;
        let mut tx = self.store.begin().await?;
        self.audit(tx.as_mut(), &ask.by, "claim.read", &ask.account.to_string(), purpose).await?;
        let found = self.who_was_verified(tx.as_mut(), ask.mode, &ask.account).await?;
        let claim = match found {
            Some((session, lapses)) => Some(self.claimed(tx.as_mut(), session, lapses).await?),
            None => None,
        };
        tx.commit().await?;
        claim.ok_or(Error::NotFound("verified person of this account"))
    }

    /// The verification that an account stands on, or stood on last, and what of the account speaks against it.
    pub(crate) async fn who_was_verified(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        account: &Account,
    ) -> Result<Option<(Session, Vec<Lapse>)>, Error> {
        let bound = match account.kind {
            AccountKind::Buyer | AccountKind::Influencer | AccountKind::Platform => None,
            AccountKind::Shop => match tx.shop(mode, &account.id).await? {
                // It is the marketplace's alone: its verifications are all that is known.
                None => None,
                Some(shop) => {
                    let shop = shop.value;
                    let Some(owner) = shop.owners.last() else { return Ok(None) };
                    let mut lapses = Vec::new();
                    if shop.status() != ShopStatus::Open {
                        lapses.push(Lapse::ShopNotOpen);
                    }
                    if self.recheck_missed(tx, &shop).await? {
                        lapses.push(Lapse::RecheckMissed);
                    }
                    Some((owner.session.clone(), lapses))
                }
            },
            AccountKind::Staff => match self.staff_of_claim(tx, mode, &account.id).await? {
                None => return Ok(None),
                bound => bound,
            },
        };
        match bound {
            Some((session, lapses)) => Ok(Some((own(tx, &session).await?.value, lapses))),
            None => Ok(self.verified_last(tx, mode, account).await?.map(|session| (session, Vec::new()))),
        }
    }

    async fn staff_of_claim(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        id: &str,
    ) -> Result<Option<(SessionId, Vec<Lapse>)>, Error> {
        if tx.staff(mode, id).await?.is_none() {
            return Ok(None);
        }
        let (app, staff) = self.staff_in(tx, mode, id).await?;
        let mut staff: Staff = staff.value;
        // However late the job is that notices a missed deadline.
        staff.tick(app.staff_rules(), app.staff_now(&staff))?;
        let mut lapses = Vec::new();
        if matches!(staff.standing, Standing::Frozen { .. }) {
            lapses.push(Lapse::StaffFrozen);
        }
        if staff.bound().is_none() {
            lapses.push(Lapse::UserUnbound);
        }
        Ok(staff.bindings.last().map(|binding| (binding.session.clone(), lapses)))
    }

    /// The last verification of an account that vouches for it, or else the last one of all that passed.
    async fn verified_last(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        account: &Account,
    ) -> Result<Option<Session>, Error> {
        let passed = verifications(tx, mode, account, LATEST).await?;
        Ok(passed.into_iter().max_by_key(|session| (session.vouches_since().is_some(), session.ended_at)))
    }

    async fn claimed(
        &self,
        tx: &mut dyn Tx,
        session: Session,
        mut lapses: Vec<Lapse>,
    ) -> Result<VerifiedPersonClaim, Error> {
        let app = self.on_clock(tx, session.clock.as_ref()).await?;
        let identity = self.identity(tx, &session).await?;
        if session.reclaimed_at.is_some() {
            lapses.push(Lapse::IdentityReclaimed);
        }
        match &identity {
            None => lapses.push(Lapse::IdentityErased),
            Some(identity) if has_run_out(&identity.fields, app.today()) => {
                lapses.push(Lapse::DocumentExpired);
            }
            Some(_) => {}
        }
        if let Some(key) = identity.as_ref().and_then(|i| i.key())
            && session.reclaimed_at.is_none()
            && app.is_banned(tx, &session, &key).await?
        {
            lapses.push(Lapse::SubjectBanned);
        }
        let decision = match &session.decision {
            Some(decision) => tx.decision(decision).await?,
            None => None,
        };
        let level = decision.as_ref().and_then(|d| d.body.pointer("/assurance/level")?.as_str());
        let case = match &session.case {
            Some(case) => tx.case(case).await?,
            None => None,
        };
        // The operator may have taken a program of their own away.
        let program = self.program_of(&session).ok();
        let method = program.and_then(|program| session.method_of(program).ok());
        Ok(VerifiedPersonClaim {
            as_of: app.now(),
            name: identity.and_then(|i| i.name()).map(|name| masked(FieldKey::Name, &name)),
            document: method.map(|method| method.document),
            assurance_level: level.map(str::to_owned),
            verified_at: session.ended_at.unwrap_or(session.created_at),
            reviewed: case.and_then(|c| c.value.decided).is_some_and(|d| d.verdict == Verdict::Approve),
            program: session.program,
            session: session.id,
            lapses,
        })
    }
}
