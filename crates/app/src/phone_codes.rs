//! Codes that prove phones (row F5): sent by SMS, told on the page.
//!
//! The digits are made at the moment at which they leave, and stand in no row, job or log: what is kept is a keyed hash,
//! bound to the notice that took them there. In test mode the message goes no further than the console, sealed. Secrets
//! that people hold live by the world's time; when a phone was proven is a moment of the session.

use async_trait::async_trait;
use jiff::ToSpan as _;
use shiren_core::account::Account;
use shiren_core::account::claim::Tag;
use shiren_core::id::{NoticeId, SessionId};
use shiren_core::verification::code::{Asked, DIGITS, NotYet, Tried, may_send};
use shiren_core::verification::program::{Mode, Program};
use shiren_core::verification::session::Session;

use crate::command::Command;
use crate::context::{App, hash};
use crate::error::Error;
use crate::job::Job;
use crate::notices::masked_contact;
use crate::person::{Visitor, own};
use crate::pictures::hex;
use crate::port::{CodesBy, Tx};
use crate::record::{Channel, NoticeKind, NoticeRecord, NoticeState, PhoneCodeRecord};
use crate::sessions::invalid;

/// What tags of phones are made of where codes are counted.
const PHONE: &str = "phone_code_phone";
/// What tags of addresses are made of.
const ADDRESS: &str = "phone_code_address";
/// What tags of the digits are made of.
const CODE: &str = "phone_code";

/// Has a code sent to the phone that the person entered.
#[derive(Clone)]
pub struct SendCode {
    /// For which session.
    pub session: SessionId,
    /// What the cookie of the visit holds: codes are counted by browser.
    pub cookie: String,
    /// Where the request comes from, if that is known.
    pub address: Option<String>,
    /// In which language: `zh` or `en`.
    pub language: String,
}

/// Tries a code that the person entered.
#[derive(Clone)]
pub struct TryCode {
    /// For which session.
    pub session: SessionId,
    /// What was entered.
    pub code: String,
}

/// Where proving a phone stands, for its page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeStanding {
    /// The phone, masked.
    pub to: String,
    /// Whether a code is on its way or can be tried.
    pub sent: bool,
    /// Seconds until another one can be sent.
    pub wait_seconds: u32,
    /// Minutes for which a code counts.
    pub minutes: u32,
    /// Whether it is the registered phone that changes, and not the one that was entered.
    pub old: bool,
}

#[async_trait]
impl Command for SendCode {
    type Done = Session;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<Session, Error> {
        let session = own(tx, &self.session).await?.value;
        let now = app.on_clock(tx, session.clock.as_ref()).await?.now();
        let program = app.program_of(&session)?;
        session.may_prove_phone(program, now)?;
        // Nobody asks for it, or it is proven: nothing is sent, and nobody pays for it.
        let Some(proves) = proves_now(&session, program) else { return Ok(session) };
        let phone = app.phone_to_prove(tx, &session, proves).await?;
        let phone = phone.ok_or_else(|| invalid("phone", "no phone was entered"))?;
        let asked_at = app.world_now();
        let record = PhoneCodeRecord {
            notice: NoticeId::new(asked_at, app.ten()),
            session: session.id.clone(),
            mode: session.mode,
            proves,
            phone: app.one_tag(PHONE, session.mode, &phone),
            device: Tag(hex(&hash(&self.cookie).0)),
            address: self.address.map(|address| app.one_tag(ADDRESS, session.mode, &address)),
            code: Default::default(),
            asked_at,
        };
        app.may_ask(tx, &session.account, &record)
            .await?
            .map_err(|NotYet { code, seconds }| Error::TooManyCodes { code, seconds })?;
        let notice = NoticeRecord {
            id: record.notice.clone(),
            session: session.id.clone(),
            mode: session.mode,
            kind: proves,
            message: None,
            shop: None,
            channel: Channel::Sms,
            language: self.language,
            asked_by: "person".to_owned(),
            state: NoticeState::Waiting,
            fault: None,
            created_at: asked_at,
            instead_of: None,
            read_at: None,
        };
        tx.insert_notice(&notice).await?;
        tx.insert_phone_code(&record).await?;
        app.audit(tx, "person", "phone_code.asked", session.id.as_str(), notice.channel.name()).await?;
        app.enqueue(tx, Job::SendNotice { notice: record.notice }, asked_at, None).await?;
        Ok(session)
    }
}

#[async_trait]
impl Command for TryCode {
    type Done = Tried;

    const RINGS: bool = false;

    /// A wrong one counts: what it came to is no error here, or it would be forgotten.
    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<Tried, Error> {
        let mut session = own(tx, &self.session).await?;
        let program = app.program_of(&session.value)?;
        let view = app.on_clock(tx, session.value.clock.as_ref()).await?;
        session.value.may_prove_phone(program, view.now())?;
        let Some(mut last) = tx.last_phone_code(&self.session).await? else { return Ok(Tried::Over) };
        let proves = proves_now(&session.value, program);
        if proves != Some(last.value.proves) || !app.is_to_phone_of(tx, &session.value, &last.value).await? {
            return Ok(Tried::Over);
        }
        let fits = match &last.value.code.tag {
            Some(tag) => app.fits(tag, &last.value, &digits(&self.code))?,
            None => false,
        };
        let tried = last.value.code.attempt(fits, &app.settings.codes, app.world_now());
        tx.save_phone_code(&last).await?;
        if tried == Tried::Right {
            session.value.prove_phone(program, view.now())?;
            tx.save_session(&session).await?;
            let which = match last.value.proves {
                NoticeKind::OldPhoneCode => "the registered one, by a code sent to it",
                _ => "the one entered, by a code sent to it",
            };
            app.audit(tx, "person", "phone.proven", self.session.as_str(), which).await?;
        }
        Ok(tried)
    }
}

impl App {
    /// Whether a code can reach a phone: in test mode the console shows it.
    pub fn sends_codes(&self, mode: Mode) -> bool {
        mode == Mode::Test || self.senders.sms.is_some()
    }

    /// Where proving the phone stands for whoever sits before the page.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn code_standing(&self, visitor: &Visitor) -> Result<CodeStanding, Error> {
        let mut tx = self.store.snapshot().await?;
        let session = &visitor.session;
        let proves = proves_now(session, self.program_of(session)?).unwrap_or(NoticeKind::PhoneCode);
        let phone = self.phone_to_prove(tx.as_mut(), session, proves).await?.unwrap_or_default();
        let tag = self.one_tag(PHONE, session.mode, &phone);
        let last = tx.last_phone_code(&session.id).await?.filter(|last| last.value.phone == tag);
        let now = self.world_now();
        let asked = tx.codes_asked(session.mode, &CodesBy::Phone(tag.clone()), ago(now, 24)).await?;
        let mine = CodesBy::PhoneOf(tag, session.account.clone());
        let account = tx.codes_asked(session.mode, &mine, ago(now, 24)).await?;
        let asked = Asked { phone: &asked, account: &account, ..Asked::default() };
        let wait = may_send(&self.settings.codes, &asked, now);
        let runs = |record: &PhoneCodeRecord| {
            record.code.sent_at.is_none() || record.code.lives(&self.settings.codes, now)
        };
        Ok(CodeStanding {
            to: masked_contact(&phone),
            sent: last.is_some_and(|last| runs(&last.value)),
            wait_seconds: wait.err().map_or(0, |not_yet| not_yet.seconds),
            minutes: self.settings.codes.minutes,
            old: proves == NoticeKind::OldPhoneCode,
        })
    }

    /// The registered phone cannot be reached any more: a person decides.
    ///
    /// # Errors
    /// When it is not the person's turn.
    pub async fn lost_old_phone(&self, id: &SessionId) -> Result<Session, Error> {
        let mut tx = self.store.begin().await?;
        let mut session = own(tx.as_mut(), id).await?;
        let program = self.program_of(&session.value)?;
        let now = self.on_clock(tx.as_mut(), session.value.clock.as_ref()).await?.now();
        session.value.lost_old_phone(program, now)?;
        tx.save_session(&session).await?;
        tx.commit().await?;
        Ok(session.value)
    }

    /// The phone that a code goes to.
    pub(crate) async fn phone_to_prove(
        &self,
        tx: &mut dyn Tx,
        session: &Session,
        proves: NoticeKind,
    ) -> Result<Option<String>, Error> {
        Ok(match proves {
            NoticeKind::OldPhoneCode => self.registered(tx, session.mode, &session.account).await?.phone,
            _ => self.declared(tx, session).await?.phone,
        })
    }

    /// Whether a code went to the phone that stands there now.
    pub(crate) async fn is_to_phone_of(
        &self,
        tx: &mut dyn Tx,
        session: &Session,
        record: &PhoneCodeRecord,
    ) -> Result<bool, Error> {
        let phone = self.phone_to_prove(tx, session, record.proves).await?.unwrap_or_default();
        Ok(record.phone == self.one_tag(PHONE, record.mode, &phone))
    }

    async fn may_ask(
        &self,
        tx: &mut dyn Tx,
        account: &Account,
        new: &PhoneCodeRecord,
    ) -> Result<Result<(), NotYet>, Error> {
        let now = new.asked_at;
        let mine = CodesBy::PhoneOf(new.phone.clone(), account.clone());
        let account = tx.codes_asked(new.mode, &mine, ago(now, 24)).await?;
        let phone = tx.codes_asked(new.mode, &CodesBy::Phone(new.phone.clone()), ago(now, 24)).await?;
        let device = tx.codes_asked(new.mode, &CodesBy::Device(new.device.clone()), ago(now, 1)).await?;
        let address = match &new.address {
            Some(tag) => tx.codes_asked(new.mode, &CodesBy::Address(tag.clone()), ago(now, 1)).await?,
            None => Vec::new(),
        };
        let asked = Asked { phone: &phone, account: &account, address: &address, device: &device };
        Ok(may_send(&self.settings.codes, &asked, now))
    }

    /// The digits of a code that leaves now; of them the record keeps a keyed hash.
    pub(crate) fn make_code(&self, record: &mut PhoneCodeRecord) -> String {
        let digits = self.six_digits();
        let tag = self.one_tag(CODE, record.mode, &bound(&record.notice, &digits));
        record.code.leave(tag, self.world_now());
        digits
    }

    /// Told in the same time whether it fits or not.
    fn fits(&self, tag: &Tag, record: &PhoneCodeRecord, digits: &str) -> Result<bool, Error> {
        Ok(self.is_tag(CODE, record.mode, &bound(&record.notice, digits), tag)?.unwrap_or(false))
    }

    /// Each of the million as likely as any other: what would make some likelier is drawn again.
    fn six_digits(&self) -> String {
        const ALL: u32 = 10u32.pow(DIGITS as u32);
        const FAIR: u32 = u32::MAX - u32::MAX % ALL;
        loop {
            let mut bytes = [0; 4];
            self.entropy.fill(&mut bytes);
            let drawn = u32::from_le_bytes(bytes);
            if drawn < FAIR {
                return format!("{:0width$}", drawn % ALL, width = DIGITS);
            }
        }
    }
}

/// Which phone is to be proven next: the one that was entered comes first.
pub(crate) fn proves_now(session: &Session, program: &Program) -> Option<NoticeKind> {
    match () {
        () if session.awaits_phone(program) => Some(NoticeKind::PhoneCode),
        () if session.awaits_old_phone() => Some(NoticeKind::OldPhoneCode),
        () => None,
    }
}

/// Digits that were sent with one notice are none of another.
fn bound(notice: &NoticeId, digits: &str) -> String {
    format!("{notice}\n{digits}")
}

/// The digits of what somebody entered: as phones and people write them, with spaces, or of full width.
fn digits(entered: &str) -> String {
    let plain = |c: char| match c {
        '0'..='9' => Some(c),
        '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10),
        _ => None,
    };
    entered.chars().take(64).filter_map(plain).take(DIGITS + 1).collect()
}

fn ago(now: jiff::Timestamp, hours: i64) -> jiff::Timestamp {
    now.saturating_sub(hours.hours()).unwrap_or(jiff::Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_enter_it_and_is_never_longer() {
        for (entered, read) in [
            ("123456", "123456"),
            (" 123 456 ", "123456"),
            ("１２３４５６", "123456"),
            ("1234567", "1234567"),
            ("12345678901234567890", "1234567"),
            ("code", ""),
            ("", ""),
        ] {
            assert_eq!(digits(entered), read, "{entered:?}");
        }
    }
}
