//! Cases: what a reviewer sees and decides. Every look at personal data is in the log, with who and why.

use async_trait::async_trait;
use shiren_core::account::reference::Reference;
use shiren_core::account::{Account, AccountKind};
use shiren_core::id::{CaseId, EvidenceId, UserId};
use shiren_core::review::{Case, CaseDecision, Judged, Reviewer, Verdict};
use shiren_core::see::FieldKey;
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::Session;

use crate::bans::BannedAlike;
use crate::checks::IdentityRecord;
use crate::command::Command;
use crate::context::App;
use crate::error::Error;
use crate::event::{CASE_DECIDED, CASE_PROPOSED};
use crate::person::{Declared, own};
use crate::pictures::Opened;
use crate::port::{CaseQuery, Tx};
use crate::record::{AuditEntry, DecisionRecord, EvidenceRecord, Stored};
use crate::sessions::invalid;

/// Shortest and longest note on a decision, in characters.
const NOTE: (usize, usize) = (3, 2000);

/// A case with what belongs to it. Values are masked.
#[derive(Clone, Debug)]
pub struct CaseFile {
    /// The case.
    pub case: Case,
    /// Its session.
    pub session: Session,
    /// The decision that brought it here.
    pub decision: Option<DecisionRecord>,
    /// The pictures that count.
    pub pictures: Vec<EvidenceRecord>,
    /// What the documents say, masked.
    pub read: Vec<(FieldKey, String)>,
    /// What the person entered, masked: `name`, `id_number`.
    pub declared: Vec<(&'static str, String)>,
    /// What the marketplace has registered where the person entered something else, and what they entered; both masked.
    pub differ: Vec<(Reference, String, String)>,
    /// What the person wrote, if anything.
    pub message: Option<String>,
    /// Who holds the identity, when it is not this account: approving takes it from them. Of a sub-account, the one whose
    /// user approving unbinds; perhaps its own.
    pub holder: Option<Account>,
    /// The banned owners whom the person resembles, the most alike first.
    pub banned: Vec<BannedAlike>,
    /// Who looked at it before.
    pub log: Vec<AuditEntry>,
}

impl App {
    /// Lists cases, soonest deadline first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn cases(&self, query: &CaseQuery) -> Result<Vec<Case>, Error> {
        Ok(self.store.snapshot().await?.cases(query).await?)
    }

    /// A case of a mode.
    ///
    /// # Errors
    /// When there is none.
    pub async fn case(&self, mode: Mode, id: &CaseId) -> Result<Case, Error> {
        let mut tx = self.store.snapshot().await?;
        Ok(case_in(tx.as_mut(), Some(mode), id).await?.value)
    }

    /// Opens a case for a reviewer: that they looked goes into the log.
    ///
    /// # Errors
    /// When there is none.
    pub async fn open_case(&self, id: &CaseId, actor: &str) -> Result<CaseFile, Error> {
        let mut tx = self.store.begin().await?;
        let case = case_in(tx.as_mut(), None, id).await?.value;
        self.audit(tx.as_mut(), actor, "case.viewed", id.as_str(), "review").await?;
        let session = own(tx.as_mut(), &case.session).await?.value;
        let decision = match &session.decision {
            Some(id) => tx.decision(id).await?,
            None => None,
        };
        let identity = self.identity(tx.as_mut(), &session).await?.unwrap_or_default();
        let declared = self.declared(tx.as_mut(), &session).await?;
        let differ = self.differing(tx.as_mut(), &session, &declared).await?;
        let message = self.message_in(tx.as_mut(), &session).await?;
        let holder = match identity.key().filter(|_| case.decided.is_none()) {
            _ if session.account.kind == AccountKind::Staff && case.decided.is_none() => {
                self.holder_in_shop(tx.as_mut(), &session).await?
            }
            Some(key) => self.holder_of(tx.as_mut(), &session, &key).await?,
            None => None,
        };
        let banned = match &decision {
            Some(decision) => self.candidates_of(tx.as_mut(), decision, (actor, id)).await?,
            None => Vec::new(),
        };
        let log = tx.audit_of(id.as_str()).await?;
        tx.commit().await?;
        let pictures = self.pictures_of(&session).await?;
        let (read, declared) = (masked_identity(&identity), masked_declared(&declared));
        Ok(CaseFile {
            case,
            session,
            decision,
            pictures,
            read,
            declared,
            differ,
            message,
            holder,
            banned,
            log,
        })
    }

    /// Opens a picture of a case for a reviewer; that they looked goes into the log.
    ///
    /// # Errors
    /// When there is no such case, or the picture is not of its session.
    pub async fn open_case_picture(
        &self,
        id: &CaseId,
        picture: &EvidenceId,
        actor: &str,
    ) -> Result<Opened, Error> {
        let session = case_in(self.store.snapshot().await?.as_mut(), None, id).await?.value.session;
        self.open_picture(&session, picture, actor, &format!("review of {id}")).await
    }

    /// Shows one field in the clear: `read.name`, `declared.id_number`, …; the reason goes into the log.
    ///
    /// # Errors
    /// When there is no such case or field, or no reason is given.
    pub async fn reveal(&self, id: &CaseId, field: &str, reason: &str, actor: &str) -> Result<String, Error> {
        if reason.trim().chars().count() < NOTE.0 {
            return Err(invalid("reason", "say why you need to see it"));
        }
        let mut tx = self.store.begin().await?;
        let case = case_in(tx.as_mut(), None, id).await?.value;
        let session = own(tx.as_mut(), &case.session).await?.value;
        let value = match field.split_once('.') {
            Some(("read", key)) => self
                .identity(tx.as_mut(), &session)
                .await?
                .and_then(|i| i.fields.into_iter().find(|(k, _)| k.name() == key).map(|(_, v)| v)),
            Some(("declared", key)) => {
                let declared = self.declared(tx.as_mut(), &session).await?;
                match key {
                    "name" => declared.name,
                    "id_number" => declared.id_number,
                    _ => None,
                }
            }
            _ => None,
        };
        let value = value.ok_or(Error::NotFound("field"))?;
        let purpose = format!("{field}: {}", reason.trim());
        self.audit(tx.as_mut(), actor, "field.revealed", id.as_str(), &purpose).await?;
        tx.commit().await?;
        Ok(value)
    }

    /// Decides a case, or says what one makes of it where two must say the same.
    ///
    /// # Errors
    /// When there is none, it is decided already, they said the same before, the note is too short, or the identity is
    /// another account's.
    pub async fn decide_case(
        &self,
        mode: Option<Mode>,
        id: &CaseId,
        verdict: Verdict,
        note: &str,
        by: Reviewer,
    ) -> Result<Case, Error> {
        self.run(DecideCase { mode, id: id.clone(), verdict, note: note.to_owned(), by }).await
    }
}

/// Decides a case, or says what one makes of it where two must say the same: then nothing but that is kept.
#[derive(Clone, Debug)]
pub struct DecideCase {
    /// In which mode it must be; either when `None`.
    pub mode: Option<Mode>,
    /// Which case.
    pub id: CaseId,
    /// What is made of it.
    pub verdict: Verdict,
    /// In the reviewer's words.
    pub note: String,
    /// Who decides.
    pub by: Reviewer,
}

#[async_trait]
impl Command for DecideCase {
    type Done = Case;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<Case, Error> {
        let Self { mode, id, verdict, note, by } = self;
        let length = note.trim().chars().count();
        if !(NOTE.0..=NOTE.1).contains(&length) {
            return Err(invalid("note", "say in 3 to 2000 characters what it rests on"));
        }
        let mut case = case_in(tx, mode, &id).await?;
        let mut session = own(tx, &case.value.session).await?;
        let app = &app.on_clock(tx, session.value.clock.as_ref()).await?;
        let now = app.now();
        let actor = actor(&by);
        let gone = app.gone(tx, &case.value).await?;
        case.value.forget_opinions(|by| gone.contains(by));
        let opinion = CaseDecision { verdict, note: note.trim().to_owned(), by, at: now };
        if case.value.judge(opinion)? == Judged::Proposed {
            tx.save_case(&case).await?;
            app.audit(tx, &actor, "case.proposed", id.as_str(), verdict.name()).await?;
            app.tell_case(tx, &case.value, CASE_PROPOSED).await?;
            return Ok(case.value);
        }
        if verdict == Verdict::Approve {
            let identity = app.identity(tx, &session.value).await?.unwrap_or_default();
            if let Some(key) = identity.key() {
                app.claim_reviewed(tx, &session.value, &case.value, &key).await?;
            }
        }
        let happened = session.value.reviewed(verdict, now)?;
        if session.value.status.is_final() {
            app.delete_pictures_later(tx, &session.value).await?;
        } else {
            let program = app.program_of(&session.value)?;
            session.value.renew(program, now)?;
            app.expire_later(tx, &session.value).await?;
        }
        tx.save_case(&case).await?;
        tx.save_session(&session).await?;
        app.audit(tx, &actor, "case.decided", id.as_str(), verdict.name()).await?;
        app.tell_case(tx, &case.value, CASE_DECIDED).await?;
        app.tell(tx, &session.value, happened).await?;
        app.message_result(tx, &session.value, happened).await?;
        Ok(case.value)
    }
}

impl App {
    /// Those with an opinion of a case who may no longer review: people who were disabled, keys that were revoked.
    async fn gone(&self, tx: &mut dyn Tx, case: &Case) -> Result<Vec<Reviewer>, Error> {
        if case.opinions.is_empty() {
            return Ok(Vec::new());
        }
        let keys = tx.api_keys().await?;
        let mut gone = Vec::new();
        for opinion in &case.opinions {
            let may = match &opinion.by {
                Reviewer::User(id) => tx.user(id).await?.is_some_and(|u| u.value.disabled_at.is_none()),
                Reviewer::Key(name) => {
                    keys.iter().any(|k| k.name == *name && k.mode == case.mode && k.revoked_at.is_none())
                }
                Reviewer::System => false,
            };
            if !may {
                gone.push(opinion.by.clone());
            }
        }
        Ok(gone)
    }

    /// Closes the case of a session of which nothing is left to decide.
    pub(crate) async fn withdraw_case(
        &self,
        tx: &mut dyn Tx,
        id: &CaseId,
        by: Reviewer,
        why: &str,
    ) -> Result<(), Error> {
        let mut case = case_in(tx, None, id).await?;
        let actor = actor(&by);
        case.value.withdraw(by, self.now())?;
        tx.save_case(&case).await?;
        self.audit(tx, &actor, "case.withdrawn", id.as_str(), why).await?;
        self.tell_case(tx, &case.value, CASE_DECIDED).await
    }
}

/// How the log names somebody at the console.
pub fn user_actor(id: &UserId) -> String {
    format!("user:{id}")
}

pub(crate) fn actor(by: &Reviewer) -> String {
    match by {
        Reviewer::User(id) => user_actor(id),
        Reviewer::Key(name) => format!("key:{name}"),
        Reviewer::System => "system".to_owned(),
    }
}

async fn case_in(tx: &mut dyn Tx, mode: Option<Mode>, id: &CaseId) -> Result<Stored<Case>, Error> {
    let case = tx.case(id).await?.filter(|c| mode.is_none_or(|m| c.value.mode == m));
    case.ok_or(Error::NotFound("case"))
}

fn masked_identity(identity: &IdentityRecord) -> Vec<(FieldKey, String)> {
    identity.fields.iter().map(|(key, value)| (*key, masked(*key, value))).collect()
}

fn masked_declared(declared: &Declared) -> Vec<(&'static str, String)> {
    let shown = [
        ("name", declared.name.as_deref().map(|v| masked(FieldKey::Name, v))),
        ("id_number", declared.id_number.as_deref().map(|v| masked(FieldKey::IdNumber, v))),
    ];
    shown.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}

/// What of a value may be seen without a reason: enough to recognise it, not enough to use it.
pub fn masked(key: FieldKey, value: &str) -> String {
    let chars: Vec<char> = value.chars().collect();
    let n = chars.len();
    let (head, tail) = match key {
        FieldKey::Name | FieldKey::Surname | FieldKey::GivenNames | FieldKey::LegalPerson => (1, 0),
        FieldKey::IdNumber | FieldKey::DocumentNumber | FieldKey::PersonalNumber if n > 8 => (3, 2),
        FieldKey::IdNumber | FieldKey::DocumentNumber | FieldKey::PersonalNumber => (1, 1),
        FieldKey::Address => (6.min(n / 3), 0),
        FieldKey::BirthDate => (4, 0),
        _ => return value.to_owned(),
    };
    let hidden = n.saturating_sub(head + tail);
    chars.iter().take(head).collect::<String>()
        + &"*".repeat(hidden)
        + &chars.iter().skip(n.saturating_sub(tail).max(head)).collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_value_is_recognised_and_of_no_use() {
        for (key, value, shown) in [
            (FieldKey::Name, "司马梓怡", "司***"),
            (FieldKey::IdNumber, "330106197712059716", "330*************16"),
            (FieldKey::DocumentNumber, "E12", "E*2"),
            (FieldKey::DocumentNumber, "E", "E"),
            (FieldKey::BirthDate, "1977-12-05", "1977******"),
            (FieldKey::Address, "浙江省杭州市西湖区明湖北路276号", "浙江省杭州************"),
            (FieldKey::Sex, "M", "M"),
            (FieldKey::Name, "", ""),
        ] {
            assert_eq!(masked(key, value), shown);
        }
    }
}
