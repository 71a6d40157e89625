//! What is sent to people: a link to go on later, by mail or SMS, to where the marketplace said that they are reached;
//! a code, to the phone that it proves; a message, to the phone of whoever is responsible.
//!
//! What fails for good by one way goes by the other, where the person is reached there.
//!
//! Sent at most once for each time that it was asked for, as far as the gateway allows: before anything leaves, the
//! notice is *sending*. Found so again, and with a gateway that would send the same id twice, it stays unclear rather
//! than being sent a second time. Link and code are made at that moment, so that no job and no row ever holds them.

use std::time::Duration;

use async_trait::async_trait;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use shiren_core::id::{NoticeId, SessionId};
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::{Refusal, Session};

use crate::command::Command;
use crate::context::App;
use crate::endpoints::Delivered;
use crate::error::Error;
use crate::job::Job;
use crate::person::{declared_place, own};
use crate::phone_codes::proves_now;
use crate::port::{Letter, NoticeQuery, SendError, Sender, Tx};
use crate::record::{Channel, NoticeKind, NoticeRecord, NoticeState, SendFault, Stored};
use crate::seal::Place;
use crate::sessions::{invalid, session_in};

/// Seconds between two links that are sent for one session: long enough for the first to arrive.
const PAUSE_SECONDS: i64 = 60;
/// Most links that are sent for one session in a day: nobody's inbox is flooded by whoever holds the page.
const MOST_A_DAY: usize = 5;
/// Notices of a session that are looked through for its links: there are codes among them.
const LOOKED_THROUGH: u32 = 100;
/// A letter that was surely not taken is tried so often: with the waits below, for nine minutes at most. Later, nobody
/// waits for it any more.
const ATTEMPTS: u32 = 8;
/// Longest mail address (RFC 5321, 4.5.3.1.3, without the angle brackets).
const LONGEST_ADDRESS: usize = 254;
/// Fewest characters of a reason for seeing something in the clear.
const SHORTEST_REASON: usize = 4;

/// Where a person is reached. Personal data.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// A mail address.
    pub email: Option<String>,
    /// A phone number: `+` and the country code, or one of mainland China without.
    pub phone: Option<String>,
}

impl std::fmt::Debug for Contact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Contact").finish_non_exhaustive()
    }
}

impl Contact {
    /// In its normal form, or what cannot be right about it.
    pub(crate) fn checked(self) -> Result<Self, Error> {
        let email = self.email.map(|e| e.trim().to_owned());
        if email.as_deref().is_some_and(|e| !is_address(e)) {
            return Err(invalid("contact.email", "a mail address such as name@example.com"));
        }
        let phone = match self.phone {
            Some(phone) => Some(phone_number(&phone).ok_or_else(|| {
                invalid(
                    "contact.phone",
                    "+ with country code and number, or a mobile number of mainland China",
                )
            })?),
            None => None,
        };
        Ok(Self { email, phone })
    }

    fn on(&self, channel: Channel) -> Option<&str> {
        match channel {
            Channel::Email => self.email.as_deref(),
            Channel::Sms => self.phone.as_deref(),
        }
    }
}

/// Asks for a link to be sent to the person.
#[derive(Clone, Debug)]
pub struct SendLink {
    /// In which mode the session must be; whichever when `None`.
    pub mode: Option<Mode>,
    /// Which session.
    pub id: SessionId,
    /// How.
    pub channel: Channel,
    /// In which language: `zh` or `en`.
    pub language: String,
    /// Who asks: `person`, or `key:` and its name.
    pub by: String,
}

/// A notice in the console's list.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The notice.
    pub notice: NoticeRecord,
    /// To whom it went, masked; `None` when that is deleted.
    pub to: Option<String>,
}

#[async_trait]
impl Command for SendLink {
    type Done = (Session, NoticeRecord);

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<Self::Done, Error> {
        let session = match self.mode {
            Some(mode) => session_in(tx, mode, &self.id).await?.value,
            None => own(tx, &self.id).await?.value,
        };
        if session.status.is_final() {
            return Err(Refusal::Ended(session.status).into());
        }
        if session.mode == Mode::Live && app.sender(self.channel).is_none() {
            return Err(invalid("deliver", "no gateway is configured for this channel"));
        }
        if app.contact(tx, &session).await?.on(self.channel).is_none() {
            return Err(invalid("deliver", "the session has no contact for this channel"));
        }
        app.not_too_often(tx, &session).await?;
        let now = app.now();
        let notice = NoticeRecord {
            id: NoticeId::new(now, app.ten()),
            session: session.id.clone(),
            mode: session.mode,
            kind: NoticeKind::Link,
            message: None,
            shop: None,
            channel: self.channel,
            language: self.language,
            asked_by: self.by,
            state: NoticeState::Waiting,
            fault: None,
            created_at: now,
            instead_of: None,
            read_at: None,
        };
        tx.insert_notice(&notice).await?;
        app.audit(tx, &notice.asked_by, "link.asked", session.id.as_str(), notice.channel.name()).await?;
        app.enqueue(tx, Job::SendNotice { notice: notice.id.clone() }, now, None).await?;
        Ok((session, notice))
    }
}

impl App {
    pub(crate) async fn keep_contact(
        &self,
        tx: &mut dyn Tx,
        session: &Session,
        contact: &Contact,
    ) -> Result<(), Error> {
        if *contact == Contact::default() {
            return Ok(());
        }
        let plain = serde_json::to_vec(contact).map_err(|e| Error::Internal(e.to_string()))?;
        self.put_sealed(tx, &contact_place(session), &plain).await
    }

    async fn contact(&self, tx: &mut dyn Tx, session: &Session) -> Result<Contact, Error> {
        match self.open_sealed(tx, &contact_place(session)).await? {
            Some(plain) => serde_json::from_slice(&plain).map_err(|e| Error::Internal(e.to_string())),
            None => Ok(Contact::default()),
        }
    }

    /// Where a link can be sent to the person of a session, masked: they see their own, and whoever else sits before
    /// the page learns no more than they need to recognise it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn ways_to_send(&self, session: &Session) -> Result<Vec<(Channel, String)>, Error> {
        let contact = self.contact(self.store.snapshot().await?.as_mut(), session).await?;
        let can = |c: &Channel| session.mode == Mode::Test || self.sender(*c).is_some();
        let way = |c: Channel| Some((c, masked_contact(contact.on(c)?)));
        Ok(Channel::ALL.into_iter().filter(can).filter_map(way).collect())
    }

    fn sender(&self, channel: Channel) -> Option<&dyn Sender> {
        match channel {
            Channel::Email => self.senders.email.as_deref(),
            Channel::Sms => self.senders.sms.as_deref(),
        }
    }

    async fn not_too_often(&self, tx: &mut dyn Tx, session: &Session) -> Result<(), Error> {
        let query = NoticeQuery {
            session: Some(session.id.clone()),
            limit: LOOKED_THROUGH,
            ..NoticeQuery::default()
        };
        let mut earlier = tx.notices(&query).await?;
        earlier.retain(|n| n.kind == NoticeKind::Link);
        earlier.truncate(MOST_A_DAY);
        let since = |n: &NoticeRecord| self.now().duration_since(n.created_at);
        let wait = earlier.first().map(|n| PAUSE_SECONDS - since(n).as_secs()).filter(|left| *left > 0);
        let day = SignedDuration::from_hours(24);
        let oldest = (earlier.len() == MOST_A_DAY).then(|| earlier.last()).flatten();
        let full = oldest.map(|n| (day - since(n)).as_secs()).filter(|left| *left > 0);
        match wait.max(full) {
            Some(seconds) => Err(Error::TooManyLinks(u32::try_from(seconds).unwrap_or(u32::MAX))),
            None => Ok(()),
        }
    }

    /// Sends a notice, if that was not done before.
    pub(crate) async fn send_notice(&self, id: &NoticeId, attempt: u32) -> Result<Delivered, Error> {
        let Some((mut notice, letter)) = self.begin_to_send(id).await? else { return Ok(Delivered::Done) };
        if notice.value.mode == Mode::Test {
            return Ok(Delivered::Done);
        }
        let sent = match self.sender(notice.value.channel) {
            Some(sender) => sender.send(&letter).await,
            None => Err(SendError::Refused(SendFault::NoGateway)),
        };
        let again = self.sends_again(&notice.value);
        let tired = attempt >= ATTEMPTS;
        notice.value.fault = sent.as_ref().err().map(SendError::fault);
        notice.value.state = match &sent {
            Ok(()) => NoticeState::Sent,
            Err(SendError::NotSent(_)) if !tired => NoticeState::Waiting,
            Err(SendError::Unclear(_)) if !tired && again => NoticeState::Waiting,
            Err(SendError::Unclear(_)) => NoticeState::Unclear,
            Err(_) => NoticeState::Failed,
        };
        let mut tx = self.store.begin().await?;
        tx.save_notice(&notice).await?;
        let failed = notice.value.state == NoticeState::Failed;
        let goes_otherwise = failed && self.goes_otherwise(tx.as_mut(), &notice.value).await?;
        tx.commit().await?;
        let why = sent.err().map(|error| error.to_string()).unwrap_or_default();
        Ok(match notice.value.state {
            NoticeState::Waiting => Delivered::Again(self.jittered(attempt), why),
            NoticeState::Sent => Delivered::Done,
            NoticeState::Failed if goes_otherwise => Delivered::Done,
            _ => Delivered::GivenUp(why),
        })
    }

    /// Makes the letter with a fresh link, and notes that it is about to leave; `None` when it must not. In test mode
    /// the letter goes no further than this: sealed, for the console.
    async fn begin_to_send(&self, id: &NoticeId) -> Result<Option<(Stored<NoticeRecord>, Letter)>, Error> {
        let mut tx = self.store.begin().await?;
        let Some(mut notice) = tx.notice(id).await? else { return Ok(None) };
        let mut stored = own(tx.as_mut(), &notice.value.session).await?;
        let session = stored.value.clone();
        let app = self.on_clock(tx.as_mut(), session.clock.as_ref()).await?;
        let to = self.addressee(tx.as_mut(), &session, &notice.value).await?;
        let wanted = match notice.value.kind {
            NoticeKind::Link => !session.status.is_final(),
            NoticeKind::Message => true,
            NoticeKind::PhoneCode | NoticeKind::OldPhoneCode => {
                self.code_is_wanted(tx.as_mut(), &session, id).await?
            }
        };
        let refused = match (&notice.value.state, &to) {
            (NoticeState::Waiting, Some(_)) if wanted => None,
            (NoticeState::Waiting, _) => Some(NoticeState::Dropped),
            (NoticeState::Sending, Some(_)) if wanted && self.sends_again(&notice.value) => None,
            (NoticeState::Sending, _) => Some(NoticeState::Unclear),
            _ => return Ok(None),
        };
        if let Some(state) = refused {
            notice.value.state = state;
            tx.save_notice(&notice).await?;
            if wanted && to.is_none() && state == NoticeState::Dropped {
                self.goes_otherwise(tx.as_mut(), &notice.value).await?;
            }
            tx.commit().await?;
            return Ok(None);
        }
        let to = to.unwrap_or_default();
        let letter = match notice.value.kind {
            NoticeKind::Link => {
                stored.value.waits_until(app.link_end());
                tx.save_session(&stored).await?;
                let secret = self.link(tx.as_mut(), &session).await?;
                let link = format!("{}/v/{secret}", self.settings.public_url);
                self.letter(&notice.value, to, link)
            }
            NoticeKind::Message => self.message_letter(tx.as_mut(), &session, &notice.value, to).await?,
            NoticeKind::PhoneCode | NoticeKind::OldPhoneCode => {
                let gone = || Error::Internal("a notice without its code".into());
                let mut record = tx.last_phone_code(&session.id).await?.ok_or_else(gone)?;
                let digits = self.make_code(&mut record.value);
                tx.save_phone_code(&record).await?;
                if notice.value.kind == NoticeKind::OldPhoneCode {
                    let object = session.account.to_string();
                    self.audit(
                        tx.as_mut(),
                        "system",
                        "references.read",
                        &object,
                        "to send a code to the phone",
                    )
                    .await?;
                }
                self.code_letter(&notice.value, to, &digits)
            }
        };
        notice.value.state = NoticeState::Sending;
        if session.mode == Mode::Test {
            notice.value.state = NoticeState::Sandbox;
            let plain = serde_json::to_vec(&letter).map_err(|e| Error::Internal(e.to_string()))?;
            let name = letter_name(id);
            self.put_sealed(tx.as_mut(), &letter_place(&session, &name), &plain).await?;
        }
        tx.save_notice(&notice).await?;
        tx.commit().await?;
        notice.version += 1;
        Ok(Some((notice, letter)))
    }

    /// Lets what did not arrive by its own way go by the other one, once: a link or a message, where somebody is reached
    /// there. A code proves the phone that it goes to, and goes nowhere else. What perhaps arrived is not sent twice.
    async fn goes_otherwise(&self, tx: &mut dyn Tx, notice: &NoticeRecord) -> Result<bool, Error> {
        if !matches!(notice.kind, NoticeKind::Link | NoticeKind::Message) || notice.instead_of.is_some() {
            return Ok(false);
        }
        let now = self.world_now();
        let other = NoticeRecord {
            id: NoticeId::new(now, self.ten()),
            channel: notice.channel.other(),
            state: NoticeState::Waiting,
            fault: None,
            instead_of: Some(notice.id.clone()),
            ..notice.clone()
        };
        let session = own(tx, &notice.session).await?.value;
        let can = notice.mode == Mode::Test || self.sender(other.channel).is_some();
        if !can || self.addressee(tx, &session, &other).await?.is_none() {
            return Ok(false);
        }
        tx.insert_notice(&other).await?;
        self.enqueue(tx, Job::SendNotice { notice: other.id }, now, None).await?;
        Ok(true)
    }

    /// Whether anybody can be sent anything in a mode.
    pub(crate) fn reaches_people(&self, mode: Mode) -> bool {
        mode == Mode::Test || Channel::ALL.into_iter().any(|channel| self.sender(channel).is_some())
    }

    /// By which way messages go: by SMS, or by mail where there is no gateway for them.
    pub(crate) fn way_of_messages(&self, mode: Mode) -> Channel {
        let by_mail = mode == Mode::Live && self.sender(Channel::Sms).is_none();
        if by_mail { Channel::Email } else { Channel::Sms }
    }

    /// Where a notice goes; `None` when that is deleted.
    async fn addressee(
        &self,
        tx: &mut dyn Tx,
        session: &Session,
        notice: &NoticeRecord,
    ) -> Result<Option<String>, Error> {
        Ok(match notice.kind {
            NoticeKind::Link => self.contact(tx, session).await?.on(notice.channel).map(str::to_owned),
            NoticeKind::Message => match notice.channel {
                Channel::Sms => self.responsible_phone(tx, session).await?,
                Channel::Email => self.contact(tx, session).await?.email,
            },
            proves @ (NoticeKind::PhoneCode | NoticeKind::OldPhoneCode) => {
                self.phone_to_prove(tx, session, proves).await?
            }
        })
    }

    /// Whether a notice of which nobody knows whether it left may leave again. A code may not: its digits are made anew
    /// each time, and a gateway that sends an id once would leave the person with those that count no longer.
    fn sends_again(&self, notice: &NoticeRecord) -> bool {
        let once = self.sender(notice.channel).is_some_and(Sender::sends_an_id_once);
        once && matches!(notice.kind, NoticeKind::Link | NoticeKind::Message)
    }

    /// Whether it is the last code that was asked for, to the phone that stands there now, and still needed.
    async fn code_is_wanted(&self, tx: &mut dyn Tx, session: &Session, id: &NoticeId) -> Result<bool, Error> {
        let last = tx.last_phone_code(&session.id).await?;
        let Some(last) = last.filter(|last| last.value.notice == *id) else { return Ok(false) };
        let open = !session.status.is_final()
            && proves_now(session, self.program_of(session)?) == Some(last.value.proves);
        Ok(open && self.is_to_phone_of(tx, session, &last.value).await?)
    }

    /// The message with a code. The last line is for browsers that fill it in by themselves, on the pages of this host
    /// only: `@host #code`, as Apple and Chromium read it.
    fn code_letter(&self, notice: &NoticeRecord, to: String, digits: &str) -> Letter {
        let (platform, minutes) = (&self.settings.platform, self.settings.codes.minutes);
        let host = self.settings.public_url.split_once("://").map_or("", |(_, rest)| rest);
        let host = host.split(['/', ':']).next().unwrap_or_default();
        let (subject, text) = if notice.language == "en" {
            (
                format!("{platform}: your code"),
                format!(
                    "{platform}: your code is {digits}, for {minutes} minutes. Tell it to nobody, us included.\n\n\
                     @{host} #{digits}"
                ),
            )
        } else {
            (
                format!("{platform}：验证码"),
                format!(
                    "【{platform}】验证码 {digits}，{minutes} 分钟内有效。不要告诉任何人，包括我们的客服。\n\n@{host} #{digits}"
                ),
            )
        };
        let (id, language) = (notice.id.to_string(), notice.language.clone());
        let parameters = [("code", digits.to_owned()), ("minutes", minutes.to_string())];
        let parameters = parameters.map(|(name, value)| (name.to_owned(), value)).into();
        Letter { id, to, language, subject, text, template: "phone_code".to_owned(), parameters }
    }

    /// What is written. Nothing of the person: whoever reads along learns that somebody has something to finish.
    fn letter(&self, notice: &NoticeRecord, to: String, link: String) -> Letter {
        let (platform, minutes) = (&self.settings.platform, self.settings.link_minutes);
        let (subject, text) = if notice.language == "en" {
            (
                format!("{platform}: go on with your verification"),
                format!(
                    "{platform}: go on with your verification where you left off. The link opens once, within \
                     {minutes} minutes: {link}\nDid you not ask for it? Then do not open it, and pass it to nobody."
                ),
            )
        } else {
            (
                format!("{platform}：继续你的认证"),
                format!(
                    "【{platform}】点链接，从上次停下的地方继续认证。链接 {minutes} 分钟内有效，只能打开一次：{link}\n\
                     不是你要的？不要打开，也不要转给别人。"
                ),
            )
        };
        let (id, language) = (notice.id.to_string(), notice.language.clone());
        let parameters = [("link".to_owned(), link)].into();
        Letter { id, to, language, subject, text, template: "resume_link".to_owned(), parameters }
    }

    /// What was sent lately, newest first, to whom masked.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn notices(&self, query: &NoticeQuery) -> Result<Vec<Listed>, Error> {
        let mut tx = self.store.snapshot().await?;
        let mut listed = Vec::new();
        for notice in tx.notices(query).await? {
            let session = own(tx.as_mut(), &notice.session).await?.value;
            let to = self.addressee(tx.as_mut(), &session, &notice).await?;
            listed.push(Listed { to: to.as_deref().map(masked_contact), notice });
        }
        Ok(listed)
    }

    /// The letter that the sandbox keeps, in the clear; the reason goes into the log.
    ///
    /// # Errors
    /// When there is none, or no reason is given.
    pub async fn reveal_letter(&self, id: &NoticeId, reason: &str, actor: &str) -> Result<Letter, Error> {
        if reason.trim().chars().count() < SHORTEST_REASON {
            return Err(invalid("reason", "say why you need to see it"));
        }
        let mut tx = self.store.begin().await?;
        let notice = tx.notice(id).await?.ok_or(Error::NotFound("notice"))?.value;
        let session = own(tx.as_mut(), &notice.session).await?.value;
        let name = letter_name(id);
        let plain = self.open_sealed(tx.as_mut(), &letter_place(&session, &name)).await?;
        let plain = plain.ok_or(Error::NotFound("letter"))?;
        self.audit(tx.as_mut(), actor, "letter.revealed", id.as_str(), reason.trim()).await?;
        tx.commit().await?;
        serde_json::from_slice(&plain).map_err(|e| Error::Internal(e.to_string()))
    }

    /// Full jitter, as for other jobs, but never at once: gateways that are busy want a pause.
    fn jittered(&self, attempt: u32) -> Duration {
        let mut byte = [0; 2];
        self.entropy.fill(&mut byte);
        let share = f64::from(u16::from_le_bytes(byte)) / f64::from(u16::MAX);
        Duration::from_secs_f64(1.0 + f64::from(1u32 << attempt.min(9)) * share)
    }
}

fn contact_place(session: &Session) -> Place<'_> {
    Place { name: "contact", ..declared_place(session) }
}

fn letter_place<'a>(session: &'a Session, name: &'a str) -> Place<'a> {
    Place { name, ..declared_place(session) }
}

fn letter_name(id: &NoticeId) -> String {
    format!("letter/{id}")
}

/// The part of RFC 5321 that people's addresses are made of; whether there is such a mailbox only sending tells.
fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let plain = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && l.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !l.starts_with('-')
            && !l.ends_with('-')
    };
    text.len() <= LONGEST_ADDRESS
        && (1..=64).contains(&local.len())
        && local.chars().all(plain)
        && !local.split('.').any(str::is_empty)
        && domain.contains('.')
        && domain.split('.').all(label)
}

/// E.164: `+`, then up to 15 digits. A mobile number of mainland China may come without its country code.
/// A phone number in its one writing: `+`, country code and number.
pub(crate) fn phone_number(text: &str) -> Option<String> {
    let spoken = |c: &char| !matches!(c, ' ' | '-' | '(' | ')');
    international(&text.chars().filter(spoken).collect::<String>())
}

fn international(phone: &str) -> Option<String> {
    let digits = phone.strip_prefix('+').unwrap_or(phone);
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    if phone.starts_with('+') {
        return ((8..=15).contains(&digits.len()) && !digits.starts_with('0')).then(|| phone.to_owned());
    }
    let mobile = digits.len() == 11 && digits.starts_with('1') && digits.as_bytes()[1] >= b'3';
    mobile.then(|| format!("+86{digits}"))
}

/// Enough to recognise one's own.
pub(crate) fn masked_contact(value: &str) -> String {
    if let Some((local, domain)) = value.rsplit_once('@') {
        return format!("{}***@{domain}", local.chars().take(1).collect::<String>());
    }
    let n = value.chars().count();
    let seen = |i: usize| i < n.saturating_sub(9).min(4) || i + 4 >= n;
    value.chars().enumerate().map(|(i, c)| if seen(i) { c } else { '*' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_comes_in_one_form_or_not_at_all() {
        let email = |e: &str| Contact { email: Some(e.into()), phone: None }.checked().ok();
        for good in ["ann@example.com", " a.b+c@mail.example.cn "] {
            assert_eq!(email(good).unwrap().email.as_deref(), Some(good.trim()));
        }
        for bad in [
            "",
            "ann",
            "@example.com",
            "ann@local",
            "a b@example.com",
            "a@x.com\r\nBcc: b@x.com",
            "a..b@x.com",
        ] {
            assert!(email(bad).is_none(), "{bad:?}");
        }
        let phone =
            |p: &str| Contact { email: None, phone: Some(p.into()) }.checked().ok().and_then(|c| c.phone);
        assert_eq!(phone("138-0013 8000").as_deref(), Some("+8613800138000"));
        assert_eq!(phone("+1 (202) 555-0100").as_deref(), Some("+12025550100"));
        for bad in ["", "12800138000", "8000", "+0123456789", "+1234567890123456", "１３８00138000", "+86;rm"]
        {
            assert_eq!(phone(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_masked_contact_cannot_be_used() {
        assert_eq!(masked_contact("ann@example.com"), "a***@example.com");
        assert_eq!(masked_contact("+8613800138000"), "+861******8000");
    }

    #[test]
    fn a_contact_does_not_show_in_logs() {
        let contact = Contact { email: Some("ann@example.com".into()), phone: None };
        assert!(!format!("{contact:?}").contains("ann"));
    }
}
