//! A verification session: one run of a program for one account, as a state machine.
//!
//! ```text
//! requires_input ──submit──▶ processing ──┬──▶ verified
//!       ▲  ▲                              ├──▶ rejected
//!       │  └──────────────────────────────┤
//!       └────────────── in_review ◀───────┘
//! requires_input ──appeal──▶ in_review            rejected by the checks alone ──appeal──▶ in_review
//! requires_input ──▶ expired | canceled          in_review ──▶ verified | rejected | requires_input | canceled
//! ```
//!
//! A transition is a method that checks whether it is allowed and gives the event that it caused. Nothing of the
//! person stands in a session: what they entered and photographed is sealed elsewhere, under the session's id.

mod export;
mod happened;
pub mod pace;
mod refusal;
mod status;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use export::{CopyStanding, Export};
pub use happened::Happened;
pub use refusal::Refusal;
pub use status::Status;

use super::program::{Method, Mode, Program, Step};
use super::{Outcome, ReasonCode, Severity};
use crate::account::Account;
use crate::account::reference::Reference;
use crate::account::shop::Company;
use crate::id::{CaseId, ClockId, DecisionId, EvidenceId, SessionId};
use crate::recheck::device::Device;
use crate::review::Verdict;
use crate::see::Region;

/// What a person agrees to, separately.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConsentTo {
    /// That identity data is processed.
    Identity,
    /// That the face is processed: sensitive data, which the law wants asked for by itself (PIPL 29).
    Face,
}

impl ConsentTo {
    /// Both, as every session needs them.
    pub const ALL: [Self; 2] = [Self::Identity, Self::Face];
}

/// That a person agreed, to which words, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Consent {
    /// To what.
    pub to: ConsentTo,
    /// Version of the text.
    pub version: String,
    /// Language of the text shown: `zh` or `en`.
    pub language: String,
    /// SHA-256 of the text shown, in hexadecimal.
    pub text_sha256: String,
    /// When.
    #[schemars(with = "String")]
    pub at: Timestamp,
}

/// Which program, in which version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct ProgramRef {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u32,
}

/// How far it is shown that the phone of a session is the person's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhoneProof {
    /// Not at all, so far.
    #[default]
    Open,
    /// Nothing here can send a code to it: where one is asked for, a person decides.
    Unreachable,
    /// They told the code that was sent to it.
    Code {
        /// When.
        at: Timestamp,
    },
}

/// Why a session was called off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CalledOff {
    /// The marketplace did so.
    ByPlatform,
    /// The user of its sub-account was unbound meanwhile: whoever comes next begins anew (row E11).
    UserUnbound,
    /// Its sub-account was removed.
    AccountRemoved,
    /// Its shop, or that of its sub-account, ended.
    ShopEnded,
}

impl CalledOff {
    /// All.
    pub const ALL: [Self; 4] = [Self::ByPlatform, Self::UserUnbound, Self::AccountRemoved, Self::ShopEnded];

    /// The name used everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ByPlatform => "by_platform",
            Self::UserUnbound => "user_unbound",
            Self::AccountRemoved => "account_removed",
            Self::ShopEnded => "shop_ended",
        }
    }
}

/// One reason why a session is not verified, without anything of the person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// Which.
    pub code: ReasonCode,
    /// How heavy, as the program weighs it.
    pub severity: Severity,
    /// In which steps' pictures, or which things are missing.
    pub steps: Vec<String>,
    /// Where in the picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
}

impl From<&super::Reason> for Reason {
    fn from(reason: &super::Reason) -> Self {
        Self {
            code: reason.finding.code,
            severity: reason.finding.severity,
            steps: reason.steps.clone(),
            region: reason.finding.region,
        }
    }
}

/// One run of a program for one account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Test or live.
    pub mode: Mode,
    /// By which clock it lives; the world's without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<ClockId>,
    /// Whose account.
    pub account: Account,
    /// The company behind the shop, of the owner of a company's shop: its licence is looked at too (row A6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<Company>,
    /// By which rules, for ever.
    pub program: ProgramRef,
    /// Where it stands.
    pub status: Status,
    /// The method that the person chose.
    pub method: Option<String>,
    /// What the person agreed to.
    pub consents: Vec<Consent>,
    /// Whether what the person entered is kept (sealed, elsewhere).
    pub declared: bool,
    /// When they entered it for the first time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared_at: Option<Timestamp>,
    /// The picture that counts for each step, by the step's id.
    pub pictures: BTreeMap<String, EvidenceId>,
    /// Steps of which another picture was taken since the last decision.
    #[serde(default)]
    pub retaken: BTreeSet<String>,
    /// Whether the entries were made again since the last decision.
    #[serde(default)]
    pub entered_again: bool,
    /// Whether the person says that an identity which another account holds is theirs: a person decides then.
    #[serde(default)]
    pub reclaims: bool,
    /// How often it was told that another account holds an identity that was entered, or that its owner is banned.
    #[serde(default)]
    pub told: u32,
    /// Whether no person had a part in its rejection: one looks at it when the person asks for that.
    #[serde(default)]
    pub rejected_by_checks: bool,
    /// How far it is shown that the phone is the person's.
    #[serde(default)]
    pub phone_proof: PhoneProof,
    /// What the person says to be another one than the marketplace has registered: it is registered when they pass.
    #[serde(default)]
    pub changes: BTreeSet<Reference>,
    /// How far it is shown that a registered phone that changes is the person's too.
    #[serde(default)]
    pub old_phone: PhoneProof,
    /// When it was submitted, each time.
    pub submissions: Vec<Timestamp>,
    /// Why the last submission did not verify it; empty before, and once it did.
    pub reasons: Vec<Reason>,
    /// The decision that counts.
    pub decision: Option<DecisionId>,
    /// The review, open or done.
    pub case: Option<CaseId>,
    /// Where the person goes afterwards.
    pub return_url: Option<String>,
    /// The marketplace's own name and id of the action that it is for, if it is for one alone (row D9).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// The marketplace's own remarks, at most 20 of at most 500 characters.
    pub metadata: BTreeMap<String, String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When a link to it was opened for the first time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened_at: Option<Timestamp>,
    /// Until when the person may go on.
    pub expires_at: Timestamp,
    /// When it reached a final status.
    pub ended_at: Option<Timestamp>,
    /// Why it was called off, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub called_off: Option<CalledOff>,
    /// When what it held of the person was deleted.
    pub redacted_at: Option<Timestamp>,
    /// When its identity turned out to be another account's (row C1): it vouches for this account no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reclaimed_at: Option<Timestamp>,
    /// Whether whoever opens a link must be signed in at the marketplace as the session's account.
    #[serde(default)]
    pub account_assertion: bool,
    /// Whose phone was used, when it was somebody else's that was signed in as the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assisted: Option<Assistance>,
    /// What it was handed in with last, of the owner of a shop (row G9); kept of one that passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Device>,
    /// Made for the person's own copy of their data alone (row E15): its account does not follow it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub export: Option<Export>,
}

/// Somebody helped with their phone (row E19).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Assistance {
    /// The account of who helped, by the marketplace's own id.
    pub by: String,
    /// When they opened the link, the last time.
    #[schemars(with = "String")]
    pub at: Timestamp,
}

/// What a new session is made of.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Its id.
    pub id: SessionId,
    /// Test or live.
    pub mode: Mode,
    /// By which clock it lives; the world's without one.
    pub clock: Option<ClockId>,
    /// Whose account.
    pub account: Account,
    /// The company behind the shop, where there is one.
    pub company: Option<Company>,
    /// Where the person goes afterwards.
    pub return_url: Option<String>,
    /// The action that it is for, if it is for one alone.
    pub action: Option<String>,
    /// The marketplace's own remarks.
    pub metadata: BTreeMap<String, String>,
    /// Whether the marketplace asks that whoever opens a link is signed in as the account, whatever the program says.
    pub account_assertion: bool,
}

impl Session {
    /// Begins one.
    pub fn new(new: NewSession, program: &Program, now: Timestamp) -> (Self, Happened) {
        let time = SignedDuration::from_mins(i64::from(program.deadlines.session_minutes));
        let session = Self {
            id: new.id,
            mode: new.mode,
            clock: new.clock,
            account: new.account,
            company: new.company,
            program: ProgramRef { name: program.name.clone(), version: program.version },
            status: Status::RequiresInput,
            method: None,
            consents: Vec::new(),
            declared: false,
            declared_at: None,
            pictures: BTreeMap::new(),
            retaken: BTreeSet::new(),
            entered_again: false,
            reclaims: false,
            told: 0,
            rejected_by_checks: false,
            phone_proof: PhoneProof::Open,
            changes: BTreeSet::new(),
            old_phone: PhoneProof::Open,
            submissions: Vec::new(),
            reasons: Vec::new(),
            decision: None,
            case: None,
            return_url: new.return_url,
            action: new.action,
            metadata: new.metadata,
            created_at: now,
            opened_at: None,
            expires_at: now.saturating_add(time).unwrap_or(Timestamp::MAX),
            ended_at: None,
            called_off: None,
            redacted_at: None,
            reclaimed_at: None,
            account_assertion: new.account_assertion || program.account_assertion.in_mode(new.mode),
            assisted: None,
            device: None,
            export: None,
        };
        (session, Happened::Created)
    }

    /// Since when it vouches for its account, if it does: it was verified for it, and its identity is still the account's.
    pub fn vouches_since(&self) -> Option<Timestamp> {
        let vouches = self.status == Status::Verified && self.reclaimed_at.is_none() && self.export.is_none();
        self.ended_at.filter(|_| vouches)
    }

    /// Notes that its identity turned out to be another account's: what it was handed in with is nobody's device to know
    /// again.
    pub fn reclaimed(&mut self, now: Timestamp) {
        self.reclaimed_at.get_or_insert(now);
        self.device = None;
    }

    /// Keeps what the person agreed to; agreeing again replaces it.
    ///
    /// # Errors
    /// When it is not the person's turn, or too late.
    pub fn consent(&mut self, consents: Vec<Consent>, now: Timestamp) -> Result<(), Refusal> {
        self.persons_turn(now)?;
        for consent in consents {
            self.consents.retain(|c| c.to != consent.to);
            self.consents.push(consent);
        }
        Ok(())
    }

    /// Whether everything that must be agreed to was.
    pub fn has_consent(&self) -> bool {
        ConsentTo::ALL.into_iter().all(|to| self.consents.iter().any(|c| c.to == to))
    }

    /// Chooses a way through the program. Another one than before lets go of the pictures.
    ///
    /// # Errors
    /// Without consent, when it is not the person's turn, too late, or when the program has no such method.
    pub fn choose(&mut self, program: &Program, method: &str, now: Timestamp) -> Result<(), Refusal> {
        self.consented_turn(now)?;
        if program.method(method).is_none() {
            return Err(Refusal::NoSuchMethod);
        }
        if self.method.as_deref() != Some(method) {
            self.method = Some(method.to_owned());
            self.pictures.clear();
            self.reasons.clear();
        }
        Ok(())
    }

    /// Notes that the person's entries are kept.
    ///
    /// # Errors
    /// Without consent, when it is not the person's turn, or too late.
    pub fn declare(&mut self, now: Timestamp) -> Result<(), Refusal> {
        self.consented_turn(now)?;
        self.declared = true;
        self.declared_at.get_or_insert(now);
        self.entered_again = true;
        Ok(())
    }

    /// Notes whether the phone that was entered is the one from before, and whether a code can be sent to it. What was
    /// shown of another phone counts no longer.
    pub fn phone_entered(&mut self, same: bool, reachable: bool) {
        match self.phone_proof {
            PhoneProof::Code { .. } if same => {}
            _ if reachable => self.phone_proof = PhoneProof::Open,
            _ => self.phone_proof = PhoneProof::Unreachable,
        }
    }

    /// Notes what the person says to be another one than is registered. Of a phone that changes both are proven; another
    /// change of it begins anew.
    pub fn change_references(&mut self, changes: BTreeSet<Reference>, same_phone: bool, reachable: bool) {
        if !changes.contains(&Reference::Phone) || !same_phone {
            self.old_phone = if reachable { PhoneProof::Open } else { PhoneProof::Unreachable };
        }
        self.changes = changes;
    }

    /// Whether the person must still show that the phone is theirs.
    pub fn awaits_phone(&self, program: &Program) -> bool {
        let asked =
            |m: &Method| m.declare.phone_code.in_mode(self.mode) || self.changes.contains(&Reference::Phone);
        self.phone_proof == PhoneProof::Open && self.method_of(program).is_ok_and(asked)
    }

    /// Whether the person must still show that the registered phone is theirs too, or say that they have it no longer.
    pub fn awaits_old_phone(&self) -> bool {
        self.changes.contains(&Reference::Phone) && self.old_phone == PhoneProof::Open
    }

    /// The registered phone cannot be reached any more: a person decides.
    ///
    /// # Errors
    /// As [`Session::may_prove_phone`].
    pub fn lost_old_phone(&mut self, program: &Program, now: Timestamp) -> Result<(), Refusal> {
        self.may_prove_phone(program, now)?;
        if self.awaits_old_phone() {
            self.old_phone = PhoneProof::Unreachable;
        }
        Ok(())
    }

    /// Whether a code may be sent or tried now.
    ///
    /// # Errors
    /// Without consent, method or entries, when it is not the person's turn, or too late.
    pub fn may_prove_phone(&self, program: &Program, now: Timestamp) -> Result<(), Refusal> {
        self.consented_turn(now)?;
        self.method_of(program)?;
        if self.declared { Ok(()) } else { Err(Refusal::Missing(vec!["phone".to_owned()])) }
    }

    /// The person told the code that was sent to their phone, or to the registered one that changes.
    ///
    /// # Errors
    /// As [`Session::may_prove_phone`].
    pub fn prove_phone(&mut self, program: &Program, now: Timestamp) -> Result<(), Refusal> {
        self.may_prove_phone(program, now)?;
        match self.awaits_phone(program) || !self.awaits_old_phone() {
            true => self.phone_proof = PhoneProof::Code { at: now },
            false => self.old_phone = PhoneProof::Code { at: now },
        }
        Ok(())
    }

    /// Takes a picture for a step, in place of an earlier one.
    ///
    /// # Errors
    /// Without consent or method, when it is not the person's turn, too late, or when the method has no such step.
    pub fn take(
        &mut self,
        program: &Program,
        step: &str,
        evidence: EvidenceId,
        now: Timestamp,
    ) -> Result<Option<EvidenceId>, Refusal> {
        self.consented_turn(now)?;
        if self.method_of(program)?.step(step).is_none() {
            return Err(Refusal::NoSuchStep);
        }
        self.retaken.insert(step.to_owned());
        Ok(self.pictures.insert(step.to_owned(), evidence))
    }

    /// The chosen method.
    ///
    /// # Errors
    /// When none was chosen.
    pub fn method_of<'p>(&self, program: &'p Program) -> Result<&'p Method, Refusal> {
        self.method.as_deref().and_then(|id| program.method(id)).ok_or(Refusal::NoMethod)
    }

    /// What is still missing before it can be submitted: ids of steps, `name`, `id_number`, `phone`.
    pub fn missing(&self, program: &Program) -> Vec<String> {
        let Ok(method) = self.method_of(program) else { return vec!["method".to_owned()] };
        let open = |s: &&Step| s.need.in_mode(self.mode) && !self.pictures.contains_key(&s.id);
        let pictures = method.steps.iter().filter(open).map(|s| s.id.clone());
        let entries = method
            .declare
            .entries()
            .into_iter()
            .filter(|(_, need)| need.in_mode(self.mode) && !self.declared)
            .map(|(item, _)| item.to_owned());
        entries.chain(pictures).collect()
    }

    /// What the last decision found fault with, and the person has not done again since. A fault between two
    /// pictures is answered by either; one of the entries, by entering again or by another picture.
    pub fn to_mend(&self) -> Vec<&Reason> {
        let answered = |r: &Reason| {
            r.steps.iter().any(|s| self.retaken.contains(s)) || (r.code.is_of_entries() && self.entered_again)
        };
        self.reasons.iter().filter(|r| r.severity == Severity::Fail && !answered(r)).collect()
    }

    /// Hands everything in.
    ///
    /// # Errors
    /// Without consent or method, with something missing or a phone that is not shown to be theirs, when it is not the
    /// person's turn, too late, or after too many attempts.
    pub fn submit(&mut self, program: &Program, now: Timestamp) -> Result<Happened, Refusal> {
        self.consented_turn(now)?;
        self.method_of(program)?;
        let missing = self.missing(program);
        if !missing.is_empty() {
            return Err(Refusal::Missing(missing));
        }
        if self.awaits_phone(program) || self.awaits_old_phone() {
            return Err(Refusal::PhoneUnverified);
        }
        let window = SignedDuration::from_hours(i64::from(program.deadlines.attempt_hours));
        let recent = self.submissions.iter().filter(|at| now.duration_since(**at) < window).count();
        if recent >= program.deadlines.attempts as usize {
            return Err(Refusal::TooManyAttempts);
        }
        self.submissions.push(now);
        self.status = Status::Processing;
        Ok(Happened::Processing)
    }

    /// What the checks came to. Going to review needs the id of the case.
    ///
    /// # Errors
    /// When the session is not being processed: a decision was made already, or it was called off meanwhile.
    pub fn decided(
        &mut self,
        decision: DecisionId,
        outcome: Outcome,
        reasons: Vec<Reason>,
        case: Option<CaseId>,
        now: Timestamp,
    ) -> Result<Happened, Refusal> {
        if self.status != Status::Processing {
            return Err(Refusal::NotProcessing(self.status));
        }
        self.decision = Some(decision);
        self.reasons = reasons;
        self.retaken.clear();
        self.entered_again = false;
        Ok(match outcome {
            Outcome::Verified => self.end(Status::Verified, now),
            Outcome::Rejected => {
                self.rejected_by_checks = true;
                self.end(Status::Rejected, now)
            }
            Outcome::RequiresInput => self.again(),
            Outcome::InReview => {
                self.case = case;
                self.status = Status::InReview;
                Happened::InReview
            }
        })
    }

    /// Hands to a person what the checks could not be made of: they were given up. Needs the id of the case.
    ///
    /// # Errors
    /// When the session is not being processed.
    pub fn not_checked(&mut self, reason: Reason, case: CaseId) -> Result<Happened, Refusal> {
        if self.status != Status::Processing {
            return Err(Refusal::NotProcessing(self.status));
        }
        self.reasons = vec![reason];
        self.retaken.clear();
        self.entered_again = false;
        self.case = Some(case);
        self.status = Status::InReview;
        Ok(Happened::InReview)
    }

    /// Whether nobody has checked what was handed in, because the checks were given up.
    pub fn awaits_checks(&self) -> bool {
        let unchecked = self.reasons.iter().any(|r| r.code == ReasonCode::NotChecked);
        self.status == Status::InReview && unchecked
    }

    /// The checks that were given up are made after all. Its case is to be withdrawn.
    ///
    /// # Errors
    /// When they were not given up, or a person has decided meanwhile.
    pub fn check_again(&mut self) -> Result<Happened, Refusal> {
        if !self.awaits_checks() {
            return Err(Refusal::NotInReview(self.status));
        }
        self.reasons.clear();
        self.case = None;
        self.status = Status::Processing;
        Ok(Happened::Processing)
    }

    /// Whether a person can be asked to look at it again: something was decided, and the person may still act, or no person
    /// had a part in it (PIPL 24).
    pub fn may_appeal(&self) -> bool {
        let decided = !self.reasons.is_empty() && self.redacted_at.is_none();
        match self.status {
            Status::RequiresInput => decided,
            Status::Rejected => decided && self.rejected_by_checks,
            _ => false,
        }
    }

    /// Hands what the last decision refused to a person. Needs the id of the case.
    ///
    /// # Errors
    /// When nothing was decided yet, a phone was entered since that is not shown to be the person's, it is not their turn,
    /// or too late.
    pub fn appeal(&mut self, program: &Program, case: CaseId, now: Timestamp) -> Result<Happened, Refusal> {
        if self.status != Status::Rejected {
            self.persons_turn(now)?;
            if !self.may_appeal() {
                return Err(Refusal::NothingDecided);
            }
        } else if !self.may_appeal() {
            return Err(Refusal::Ended(self.status));
        }
        if self.awaits_phone(program) || self.awaits_old_phone() {
            return Err(Refusal::PhoneUnverified);
        }
        self.case = Some(case);
        self.status = Status::InReview;
        self.rejected_by_checks = false;
        self.ended_at = None;
        Ok(Happened::InReview)
    }

    /// What a reviewer made of it.
    ///
    /// # Errors
    /// When it is not in review.
    pub fn reviewed(&mut self, verdict: Verdict, now: Timestamp) -> Result<Happened, Refusal> {
        if self.status != Status::InReview {
            return Err(Refusal::NotInReview(self.status));
        }
        Ok(match verdict {
            Verdict::Approve => {
                self.reasons.clear();
                self.end(Status::Verified, now)
            }
            Verdict::Reject => self.end(Status::Rejected, now),
            Verdict::AskAgain => self.again(),
            Verdict::Withdrawn => return self.cancel(CalledOff::ByPlatform, now),
        })
    }

    /// Gives the person time again, up to the program's own measure from now.
    ///
    /// # Errors
    /// When there is nothing for the person to do.
    pub fn renew(&mut self, program: &Program, now: Timestamp) -> Result<(), Refusal> {
        if self.status != Status::RequiresInput {
            return Err(Refusal::NotYourTurn(self.status));
        }
        let time = SignedDuration::from_mins(i64::from(program.deadlines.session_minutes));
        self.expires_at = self.expires_at.max(now.saturating_add(time).unwrap_or(Timestamp::MAX));
        Ok(())
    }

    /// Keeps it open at least as long as a link to it can be opened.
    pub fn waits_until(&mut self, end: Timestamp) {
        if self.status == Status::RequiresInput {
            self.expires_at = self.expires_at.max(end);
        }
    }

    /// Somebody opened a link to it: the program's measure of time begins now (row E21). One whose time is over stays
    /// so.
    pub fn opened(&mut self, program: &Program, now: Timestamp) {
        if self.status == Status::RequiresInput && now < self.expires_at {
            let time = SignedDuration::from_mins(i64::from(program.deadlines.session_minutes));
            self.expires_at = now.saturating_add(time).unwrap_or(Timestamp::MAX);
            self.opened_at.get_or_insert(now);
        }
    }

    /// Calls it off.
    ///
    /// # Errors
    /// When it has ended already.
    pub fn cancel(&mut self, why: CalledOff, now: Timestamp) -> Result<Happened, Refusal> {
        if self.status.is_final() {
            return Err(Refusal::Ended(self.status));
        }
        self.called_off = Some(why);
        Ok(self.end(Status::Canceled, now))
    }

    /// Lets it end when its time has run out and it is the person's turn; otherwise nothing happens.
    pub fn expire(&mut self, now: Timestamp) -> Option<Happened> {
        let over = self.status == Status::RequiresInput && now >= self.expires_at;
        over.then(|| self.end(Status::Expired, now))
    }

    /// Notes that what it held of the person was deleted; the outcome stays.
    ///
    /// # Errors
    /// While it is being processed or reviewed, or when it was redacted before.
    pub fn redact(&mut self, now: Timestamp) -> Result<Happened, Refusal> {
        if matches!(self.status, Status::Processing | Status::InReview) {
            return Err(Refusal::Busy(self.status));
        }
        if self.redacted_at.is_some() {
            return Err(Refusal::Redacted);
        }
        if !self.status.is_final() {
            self.cancel(CalledOff::ByPlatform, now)?;
        }
        self.pictures.clear();
        self.declared = false;
        self.metadata.clear();
        self.device = None;
        self.redacted_at = Some(now);
        Ok(Happened::Redacted)
    }

    fn again(&mut self) -> Happened {
        self.status = Status::RequiresInput;
        Happened::RequiresInput
    }

    fn end(&mut self, status: Status, now: Timestamp) -> Happened {
        self.status = status;
        self.ended_at = Some(now);
        if status != Status::Verified {
            self.device = None;
        }
        match status {
            Status::Verified => Happened::Verified,
            Status::Rejected => Happened::Rejected,
            Status::Expired => Happened::Expired,
            _ => Happened::Canceled,
        }
    }

    fn persons_turn(&self, now: Timestamp) -> Result<(), Refusal> {
        match self.status {
            Status::RequiresInput if now >= self.expires_at => Err(Refusal::Expired),
            Status::RequiresInput => Ok(()),
            status if status.is_final() => Err(Refusal::Ended(status)),
            status => Err(Refusal::NotYourTurn(status)),
        }
    }

    fn consented_turn(&self, now: Timestamp) -> Result<(), Refusal> {
        self.persons_turn(now)?;
        if self.has_consent() { Ok(()) } else { Err(Refusal::NoConsent) }
    }
}
