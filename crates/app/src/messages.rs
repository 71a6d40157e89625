//! Messages to whoever is responsible for an account (rows E5, E8, D4): reminders, freezes, results of reviews, re-checks,
//! penalties, after-sales requests, and what the operator has to say.
//!
//! To whom is told by who was bound at that moment: the user of a sub-account, and the shop's owner where nobody is bound.
//! The phone is the one that they verified with (认证手机). It is opened when the message leaves, which is in the log. The
//! notice and its job are in the transaction of what happened; what leaves, leaves at most once ([`crate::notices`]).

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use shiren_core::account::shop::{Shop, ShopHappened};
use shiren_core::account::staff::{Event, Happened as StaffHappened, Role, Staff};
use shiren_core::account::{Account, AccountKind};
use shiren_core::aftersales::{self, AfterSales};
use shiren_core::id::{NoticeId, SessionId};
use shiren_core::recheck;
use shiren_core::verification::Sentences;
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::{Happened, Session};

use crate::command::Command;
use crate::context::App;
use crate::error::Error;
use crate::event::MESSAGE_READ;
use crate::job::Job;
use crate::pages::StaffOf;
use crate::person::{declared_place, own};
use crate::port::{Letter, NoticeQuery, Tx};
use crate::record::{AccountMessage, MessageKind, NoticeKind, NoticeRecord, NoticeState};
use crate::seal::Place;
use crate::sessions::{invalid, session_in};
use crate::shops::shop_in;

/// Longest text of an operator's message in one language, in characters: four SMS of 70 characters.
const LONGEST_TEXT: usize = 280;
/// Most messages of the operator's to one shop in 24 hours.
const MOST_A_DAY: usize = 50;
/// Notices of a shop that are looked through for those of a day.
const LOOKED_THROUGH: u32 = 500;

/// What the operator says, in both languages. Personal data may stand in it: it has no `Debug`.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct MessageText {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// Sends an operator's message to who is responsible in a shop now.
#[derive(Clone)]
pub struct SendMessage {
    /// Test or live.
    pub mode: Mode,
    /// To whom of which shop.
    pub shop: String,
    /// Whoever has this role there; its owner where nobody is bound to it, and without a role.
    pub role: Option<Role>,
    /// What it is about: one of [`MessageKind::OPERATORS`].
    pub kind: MessageKind,
    /// What it says.
    pub text: MessageText,
    /// Who sends it: `key:` and a name.
    pub by: String,
}

/// Whose messages.
#[derive(Clone, Debug)]
pub enum InboxOf {
    /// Those about this account.
    Account(Account),
    /// Those to the person of this verification session.
    Session(SessionId),
}

/// Notes that whoever a message is for has seen it.
#[derive(Clone, Debug)]
pub struct ReadMessage {
    /// In which mode.
    pub mode: Mode,
    /// Which.
    pub id: NoticeId,
}

#[async_trait]
impl Command for ReadMessage {
    type Done = NoticeRecord;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<NoticeRecord, Error> {
        let missing = || Error::NotFound("message");
        let mut stored =
            tx.notice(&self.id).await?.filter(|n| n.value.mode == self.mode).ok_or_else(missing)?;
        let message = stored.value.message.clone().ok_or_else(missing)?;
        // Seen twice, it is read since the first time.
        if stored.value.read_at.is_none() {
            let session = own(tx, &stored.value.session).await?.value;
            let app = app.on_clock(tx, session.clock.as_ref()).await?;
            stored.value.read_at = Some(app.now());
            tx.save_notice(&stored).await?;
            let data = json!({ "id": self.id, "kind": message.kind.name(), "account": message.account });
            app.append(tx, self.mode, MESSAGE_READ, &message.account, self.id.as_str(), data).await?;
        }
        Ok(stored.value)
    }
}

#[async_trait]
impl Command for SendMessage {
    /// One for each person.
    type Done = Vec<NoticeRecord>;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<Vec<NoticeRecord>, Error> {
        if !MessageKind::OPERATORS.contains(&self.kind) {
            return Err(invalid("kind", "penalty, frozen or invitation"));
        }
        let text = self.text.checked()?;
        if !app.reaches_people(self.mode) {
            return Err(invalid("shop", "no gateway is configured that could send it"));
        }
        let shop = shop_in(tx, self.mode, &self.shop).await?.value;
        let app = app.on_clock(tx, shop.clock.as_ref()).await?;
        app.not_too_many(tx, &shop).await?;
        let people = app.people_of(tx, &shop, self.role).await?;
        if people.is_empty() {
            return Err(invalid("shop", "nobody was verified for it yet"));
        }
        let mut sent = Vec::new();
        for (session, account) in people {
            let message = AccountMessage { kind: self.kind, account, number: None };
            let notice = app.send_to(tx, &shop, &session, message, &self.by, app.now()).await?;
            let name = text_name(&notice.id);
            let plain = serde_json::to_vec(&text).map_err(|e| Error::Internal(e.to_string()))?;
            let session = own(tx, &session).await?.value;
            app.put_sealed(tx, &Place { name: &name, ..declared_place(&session) }, &plain).await?;
            sent.push(notice);
        }
        app.audit(tx, &self.by, "message.sent", &shop.id, self.kind.name()).await?;
        Ok(sent)
    }
}

impl MessageText {
    fn checked(self) -> Result<Self, Error> {
        let sound = |text: &str| {
            let length = text.trim().chars().count();
            (1..=LONGEST_TEXT).contains(&length) && !text.chars().any(|c| c.is_control() && c != '\n')
        };
        for (field, text) in [("text.zh", &self.zh), ("text.en", &self.en)] {
            if !sound(text) {
                return Err(invalid(field, format!("1 to {LONGEST_TEXT} printable characters")));
            }
        }
        Ok(Self { zh: self.zh.trim().to_owned(), en: self.en.trim().to_owned() })
    }
}

impl App {
    /// What became of a session that a reviewer looked at: nobody waits before the page for it (row E8).
    pub(crate) async fn message_result(
        &self,
        tx: &mut dyn Tx,
        session: &Session,
        what: Happened,
    ) -> Result<(), Error> {
        let kind = match what {
            Happened::Verified => MessageKind::ReviewPassed,
            Happened::RequiresInput => MessageKind::ReviewAgain,
            Happened::Rejected => MessageKind::ReviewRefused,
            Happened::Canceled => MessageKind::ReviewCalledOff,
            _ => return Ok(()),
        };
        // Whoever stands behind the account is not who asks for a copy of their data.
        if !self.reaches_people(session.mode) || session.export.is_some() {
            return Ok(());
        }
        let message = AccountMessage { kind, account: session.account.clone(), number: None };
        let shop = match session.account.kind {
            AccountKind::Shop => Some(session.account.id.clone()),
            AccountKind::Staff => tx.staff(session.mode, &session.account.id).await?.map(|s| s.value.shop),
            AccountKind::Buyer | AccountKind::Influencer | AccountKind::Platform => None,
        };
        self.write_down(tx, session, shop.as_deref(), message, "system", self.now()).await.map(drop)
    }

    /// What happened to a sub-account, told to its user, or to the owner where nobody is bound.
    pub(crate) async fn message_staff(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        staff: &Staff,
        event: &Event,
    ) -> Result<(), Error> {
        let hours = |until: Timestamp| u32::try_from(event.at.duration_until(until).as_hours().max(0)).ok();
        let (kind, number) = match event.happened {
            StaffHappened::Asked { freezes_at } => (MessageKind::StaffAsked, hours(freezes_at)),
            StaffHappened::RecheckAsked { freezes_at, .. } => {
                (MessageKind::StaffRecheckAsked, hours(freezes_at))
            }
            StaffHappened::Reminded { hours } => (MessageKind::StaffReminded, Some(hours)),
            StaffHappened::Frozen => (MessageKind::StaffFrozen, None),
            _ => return Ok(()),
        };
        let Some(shop) = tx.shop(mode, &staff.shop).await? else { return Ok(()) };
        let bound = staff.bound_at(event.at).map(|b| b.session.clone());
        let account = Account { kind: AccountKind::Staff, id: staff.id.clone() };
        self.inform(tx, &shop.value, bound, AccountMessage { kind, account, number }, event.at).await
    }

    /// Sub-accounts of one shop were asked in one step, and nobody is bound to them: the owner gets one message, however
    /// many they are.
    pub(crate) async fn message_asked(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        asked: &[(Staff, Event)],
    ) -> Result<(), Error> {
        let (first, event) = match asked {
            [] => return Ok(()),
            [(staff, event)] => return self.message_staff(tx, mode, staff, event).await,
            [(staff, event), ..] => (staff, event),
        };
        let Some(shop) = tx.shop(mode, &first.shop).await? else { return Ok(()) };
        let account = Account { kind: AccountKind::Shop, id: shop.value.id.clone() };
        let (kind, number) = (MessageKind::StaffAskedMany, u32::try_from(asked.len()).ok());
        self.inform(tx, &shop.value, None, AccountMessage { kind, account, number }, event.at).await
    }

    /// What happened to a shop's re-checks, told to its owner.
    pub(crate) async fn message_recheck(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        shop: &str,
        event: &recheck::Event,
    ) -> Result<(), Error> {
        let (kind, number) = match &event.happened {
            recheck::Happened::Asked { due, .. } => {
                let days = event.at.duration_until(*due).as_hours().max(0).div_euclid(24);
                (MessageKind::RecheckAsked, u32::try_from(days).ok())
            }
            recheck::Happened::Reminded { days } => (MessageKind::RecheckReminded, Some(*days)),
            recheck::Happened::Restricted => (MessageKind::RecheckRestricted, None),
            _ => return Ok(()),
        };
        let Some(shop) = tx.shop(mode, shop).await? else { return Ok(()) };
        let account = Account { kind: AccountKind::Shop, id: shop.value.id.clone() };
        self.inform(tx, &shop.value, None, AccountMessage { kind, account, number }, event.at).await
    }

    /// What a penalty did to a shop, told to its owner.
    pub(crate) async fn message_penalty(
        &self,
        tx: &mut dyn Tx,
        shop: &Shop,
        what: ShopHappened,
    ) -> Result<(), Error> {
        let kind = match what {
            ShopHappened::Warned => MessageKind::ShopWarned,
            ShopHappened::TemporarilyClosed => MessageKind::ShopClosedForNow,
            ShopHappened::PermanentlyClosed => MessageKind::ShopClosedForEver,
            _ => return Ok(()),
        };
        let account = Account { kind: AccountKind::Shop, id: shop.id.clone() };
        let message = AccountMessage { kind, account, number: None };
        self.inform(tx, shop, None, message, self.now()).await
    }

    /// What becomes of an after-sales request, told to its buyer, once they have verified for it.
    pub(crate) async fn message_aftersales(
        &self,
        tx: &mut dyn Tx,
        request: &AfterSales,
        what: aftersales::Happened,
        at: Timestamp,
    ) -> Result<(), Error> {
        let days = |until: Timestamp| u32::try_from(at.duration_until(until).as_hours().max(0) / 24).ok();
        let (kind, number) = match what {
            aftersales::Happened::Reminded => {
                (MessageKind::AfterSalesReminded, request.close_at.and_then(days))
            }
            aftersales::Happened::MoreNeeded => {
                (MessageKind::AfterSalesMoreNeeded, request.close_at.and_then(days))
            }
            aftersales::Happened::Accepted => (MessageKind::AfterSalesAccepted, None),
            aftersales::Happened::Rejected => (MessageKind::AfterSalesRejected, None),
            aftersales::Happened::Completed => (MessageKind::AfterSalesCompleted, None),
            aftersales::Happened::Closed if request.closed_uncompleted() => {
                (MessageKind::AfterSalesClosed, None)
            }
            aftersales::Happened::Closed => (MessageKind::AfterSalesLapsed, None),
            _ => return Ok(()),
        };
        let Some(session) = request.verification.as_ref().filter(|_| self.reaches_people(request.mode))
        else {
            return Ok(());
        };
        let session = own(tx, session).await?.value;
        let message = AccountMessage { kind, account: request.buyer.clone(), number };
        self.write_down(tx, &session, None, message, "system", at).await.map(drop)
    }

    /// That the identity by which a shop's owner was certified is another account's now, told to who was certified.
    pub(crate) async fn message_evicted(
        &self,
        tx: &mut dyn Tx,
        shop: &Shop,
        owner: &SessionId,
    ) -> Result<(), Error> {
        let account = Account { kind: AccountKind::Shop, id: shop.id.clone() };
        let message = AccountMessage { kind: MessageKind::ShopEvicted, account, number: None };
        self.inform(tx, shop, Some(owner.clone()), message, self.now()).await
    }

    /// To whoever is bound, or else to the owner of that moment; where neither is known, nothing can be sent.
    async fn inform(
        &self,
        tx: &mut dyn Tx,
        shop: &Shop,
        bound: Option<SessionId>,
        message: AccountMessage,
        at: Timestamp,
    ) -> Result<(), Error> {
        let responsible = bound.or_else(|| shop.owner_at(at).map(|o| o.session.clone()));
        match responsible.filter(|_| self.reaches_people(shop.mode)) {
            Some(session) => self.send_to(tx, shop, &session, message, "system", at).await.map(drop),
            None => Ok(()),
        }
    }

    async fn send_to(
        &self,
        tx: &mut dyn Tx,
        shop: &Shop,
        session: &SessionId,
        message: AccountMessage,
        by: &str,
        at: Timestamp,
    ) -> Result<NoticeRecord, Error> {
        let session = own(tx, session).await?.value;
        self.write_down(tx, &session, Some(&shop.id), message, by, at).await
    }

    /// The notice and its job.
    async fn write_down(
        &self,
        tx: &mut dyn Tx,
        session: &Session,
        shop: Option<&str>,
        message: AccountMessage,
        by: &str,
        at: Timestamp,
    ) -> Result<NoticeRecord, Error> {
        let now = self.world_now();
        // In the language that they agreed in.
        let language = session.consents.last().map_or("zh", |c| c.language.as_str());
        let notice = NoticeRecord {
            id: NoticeId::new(now, self.ten()),
            session: session.id.clone(),
            mode: session.mode,
            kind: NoticeKind::Message,
            message: Some(message),
            shop: shop.map(str::to_owned),
            channel: self.way_of_messages(session.mode),
            language: language.to_owned(),
            asked_by: by.to_owned(),
            state: NoticeState::Waiting,
            fault: None,
            created_at: at,
            instead_of: None,
            read_at: None,
        };
        tx.insert_notice(&notice).await?;
        self.enqueue(tx, Job::SendNotice { notice: notice.id.clone() }, now, None).await?;
        Ok(notice)
    }

    /// Who is responsible in a shop now: whoever is bound to sub-accounts of the role, or its owner.
    async fn people_of(
        &self,
        tx: &mut dyn Tx,
        shop: &Shop,
        role: Option<Role>,
    ) -> Result<Vec<(SessionId, Account)>, Error> {
        let mut people = Vec::new();
        let mut all = role.map(|role| (role, StaffOf::shop(shop, None)));
        while let Some((role, pages)) = &mut all {
            let Some(page) = pages.next(tx).await? else { break };
            for staff in page.iter().filter(|s| s.role == *role) {
                if let Some(binding) = staff.bound_at(self.staff_now(staff)) {
                    let account = Account { kind: AccountKind::Staff, id: staff.id.clone() };
                    people.push((binding.session.clone(), account));
                }
            }
        }
        if people.is_empty()
            && let Some(owner) = shop.owner_at(self.now())
        {
            let account = Account { kind: AccountKind::Shop, id: shop.id.clone() };
            people.push((owner.session.clone(), account));
        }
        Ok(people)
    }

    async fn not_too_many(&self, tx: &mut dyn Tx, shop: &Shop) -> Result<(), Error> {
        let query = NoticeQuery {
            shop: Some((shop.mode, shop.id.clone())),
            limit: LOOKED_THROUGH,
            ..NoticeQuery::default()
        };
        let mut earlier = tx.notices(&query).await?;
        let own =
            |n: &NoticeRecord| n.message.as_ref().is_some_and(|m| MessageKind::OPERATORS.contains(&m.kind));
        earlier.retain(own);
        let day = SignedDuration::from_hours(24);
        let left = earlier.get(MOST_A_DAY - 1).map(|n| day - self.now().duration_since(n.created_at));
        match left.filter(|left| left.is_positive()) {
            Some(left) => {
                Err(Error::TooManyMessages(u32::try_from(left.as_secs()).unwrap_or(u32::MAX).max(1)))
            }
            None => Ok(()),
        }
    }

    /// What was sent to the people of a shop, newest first.
    ///
    /// # Errors
    /// When there is no such shop.
    pub async fn messages(
        &self,
        mode: Mode,
        shop: &str,
        after: Option<NoticeId>,
        limit: u32,
    ) -> Result<Vec<NoticeRecord>, Error> {
        let mut tx = self.store.snapshot().await?;
        shop_in(tx.as_mut(), mode, shop).await?;
        let shop = Some((mode, shop.to_owned()));
        let query = NoticeQuery { shop, after, limit, ..NoticeQuery::default() };
        Ok(tx.notices(&query).await?)
    }

    /// The messages about an account, or to the person of a session, newest first.
    ///
    /// # Errors
    /// When there is no such session.
    pub async fn inbox(
        &self,
        mode: Mode,
        of: InboxOf,
        after: Option<NoticeId>,
        limit: u32,
    ) -> Result<Vec<NoticeRecord>, Error> {
        let mut tx = self.store.snapshot().await?;
        let query = NoticeQuery { messages: true, after, limit, ..NoticeQuery::default() };
        let query = match of {
            InboxOf::Account(account) => NoticeQuery { account: Some((mode, account)), ..query },
            InboxOf::Session(id) => {
                session_in(tx.as_mut(), mode, &id).await?;
                NoticeQuery { session: Some(id), ..query }
            }
        };
        Ok(tx.notices(&query).await?)
    }

    /// The phone of who a verification is of: the one that they verified with, or else the one that is registered.
    pub(crate) async fn responsible_phone(
        &self,
        tx: &mut dyn Tx,
        session: &Session,
    ) -> Result<Option<String>, Error> {
        match self.declared(tx, session).await?.phone {
            Some(phone) => Ok(Some(phone)),
            None => Ok(self.registered(tx, session.mode, &session.account).await?.phone),
        }
    }

    /// What is written. Opening the phone for it is in the log.
    pub(crate) async fn message_letter(
        &self,
        tx: &mut dyn Tx,
        session: &Session,
        notice: &NoticeRecord,
        to: String,
    ) -> Result<Letter, Error> {
        let gone = || Error::Internal("a message without what it is about".into());
        let message = notice.message.as_ref().ok_or_else(gone)?;
        let name = text_name(notice.instead_of.as_ref().unwrap_or(&notice.id));
        let own: Option<MessageText> = match self
            .open_sealed(tx, &Place { name: &name, ..declared_place(session) })
            .await?
        {
            Some(plain) => Some(serde_json::from_slice(&plain).map_err(|e| Error::Internal(e.to_string()))?),
            None => None,
        };
        let purpose = format!("to send {}: {}", notice.id, message.kind.name());
        self.audit(tx, "system", "phone.read", session.id.as_str(), &purpose).await?;
        let english = notice.language == "en";
        let said = match own {
            Some(text) => {
                if english {
                    text.en
                } else {
                    text.zh
                }
            }
            None => {
                let said = said(message);
                if english { said.en } else { said.zh }
            }
        };
        let (platform, account) = (&self.settings.platform, &message.account.id);
        let text = match (english, message.account.kind) {
            (true, _) => format!("{platform}: {said} (account {account})"),
            (false, _) => format!("【{platform}】{said}（账号 {account}）"),
        };
        let number = message.number.map(|n| ("number", n.to_string()));
        let parameters = [("account", account.clone()), ("text", said)].into_iter().chain(number);
        Ok(Letter {
            id: notice.id.to_string(),
            to,
            language: notice.language.clone(),
            subject: platform.clone(),
            text,
            template: message.kind.name().to_owned(),
            parameters: parameters.map(|(name, value)| (name.to_owned(), value)).collect(),
        })
    }
}

/// What a message says in both languages, where its words are the service's.
pub fn said(message: &AccountMessage) -> MessageText {
    let Sentences { zh, en } = sentences(message.kind);
    let number = message.number.map(|n| n.to_string()).unwrap_or_default();
    MessageText { zh: zh.replace("{n}", &number), en: en.replace("{n}", &number) }
}

fn text_name(id: &NoticeId) -> String {
    format!("text/{id}")
}

/// What each kind says; `{n}` is its number. Of the operator's own kinds, the operator says it.
const fn sentences(kind: MessageKind) -> Sentences {
    match kind {
        MessageKind::StaffAsked => Sentences {
            zh: "子账号的使用人需要在 {n} 小时内完成实人认证，逾期会冻结。",
            en: "The sub-account's user must verify within {n} hours; after that it freezes.",
        },
        MessageKind::StaffAskedMany => Sentences {
            zh: "店铺有 {n} 个子账号需要使用人完成实人认证，逾期会冻结。每个子账号的期限见子账号页面。",
            en: "{n} sub-accounts of the shop freeze unless their users verify in time. The page of sub-accounts says by when.",
        },
        MessageKind::StaffRecheckAsked => Sentences {
            zh: "你使用的子账号需要复核认证，请在 {n} 小时内完成，逾期会冻结。",
            en: "You must verify again for the sub-account that you use, within {n} hours; after that it freezes.",
        },
        MessageKind::StaffReminded => Sentences {
            zh: "子账号还有 {n} 小时就要冻结，请使用人尽快完成实人认证。",
            en: "The sub-account freezes in {n} hours. Its user must verify before.",
        },
        MessageKind::StaffFrozen => Sentences {
            zh: "子账号已冻结。完成实人认证后立即恢复，店主也可以临时解冻。",
            en: "The sub-account is frozen. Verifying unfreezes it at once; the owner can lift the freeze for a while.",
        },
        MessageKind::ReviewPassed => Sentences {
            zh: "你的认证已经通过人工审核。",
            en: "A person reviewed your verification: it has passed.",
        },
        MessageKind::ReviewAgain => Sentences {
            zh: "你的认证需要补充材料，请回到平台继续。",
            en: "A person reviewed your verification: something must be done again. Go on from the marketplace.",
        },
        MessageKind::ReviewRefused => Sentences {
            zh: "你的认证没有通过人工审核。如有疑问，请联系平台客服。",
            en: "A person reviewed your verification: it has not passed. Ask the marketplace if that is a mistake.",
        },
        MessageKind::ReviewCalledOff => Sentences {
            zh: "你的认证已取消，不再审核。原因请看认证页面，或者联系平台客服。",
            en: "Your verification was called off and is not reviewed any more. Its page says why; or ask the marketplace.",
        },
        MessageKind::RecheckAsked => Sentences {
            zh: "店铺需要复核认证，请店主在 {n} 天内完成。",
            en: "The shop's owner must verify again, within {n} days.",
        },
        MessageKind::RecheckReminded => Sentences {
            zh: "店铺的复核认证还剩 {n} 天，逾期会受限。",
            en: "{n} days are left to verify again; after that the shop is restricted.",
        },
        MessageKind::RecheckRestricted => Sentences {
            zh: "店铺逾期没有复核认证，已经受限；完成认证后立即恢复。",
            en: "The shop was not verified again in time and is restricted until its owner has.",
        },
        MessageKind::ShopWarned => Sentences {
            zh: "店铺因违规被警告，已记录在案。",
            en: "The shop was warned for a violation, which is on record.",
        },
        MessageKind::ShopClosedForNow => Sentences {
            zh: "店铺因违规被暂时关闭；店主重新认证通过后恢复。",
            en: "The shop was closed for a violation until its owner has verified again.",
        },
        MessageKind::ShopClosedForEver => Sentences {
            zh: "店铺因违规被永久关闭。如有疑问，请联系平台客服。",
            en: "The shop was closed for ever for a violation. Ask the marketplace if that is a mistake.",
        },
        MessageKind::AfterSalesMoreNeeded => Sentences {
            zh: "你的售后申请需要补充材料，请在 {n} 天内回到平台补充，逾期会关闭。",
            en: "More is needed for your after-sales request. Add it on the marketplace within {n} days, or it is closed.",
        },
        MessageKind::AfterSalesAccepted => {
            Sentences { zh: "你的售后申请已通过。", en: "Your after-sales request was accepted." }
        }
        MessageKind::AfterSalesRejected => Sentences {
            zh: "你的售后申请没有通过，原因请看平台上的申请页面。",
            en: "Your after-sales request was rejected; its page on the marketplace says why.",
        },
        MessageKind::AfterSalesCompleted => Sentences {
            zh: "你的售后申请已经办完。",
            en: "What was accepted of your after-sales request is done.",
        },
        MessageKind::AfterSalesLapsed => Sentences {
            zh: "你的售后申请因为没有按时继续，已经关闭。需要的话可以重新申请。",
            en: "Your after-sales request was closed because you did not go on in time. You can make another one.",
        },
        MessageKind::AfterSalesReminded => Sentences {
            zh: "你的售后申请已通过，平台还没有标记办完，{n} 天后会自动关闭。还没收到款或货，请联系平台客服。",
            en: "Your after-sales request was accepted and is not marked as done; it closes in {n} days. Contact the marketplace if money or goods are missing.",
        },
        MessageKind::AfterSalesClosed => Sentences {
            zh: "你的售后申请通过后，平台一直没有标记办完，现已关闭。还没收到款或货，请联系平台客服。",
            en: "Your after-sales request was accepted and never marked as done; it is closed now. Contact the marketplace if money or goods are missing.",
        },
        MessageKind::ShopEvicted => Sentences {
            zh: "店铺认证用的身份已由证件本人收回，店铺现在没有店主，不能营业；新店主认证通过后恢复。如有疑问，请联系平台客服。",
            en: "Whose identity it is took it back: the shop has no owner and cannot trade until another one has verified. Ask the marketplace if that is a mistake.",
        },
        MessageKind::Penalty | MessageKind::Frozen | MessageKind::Invitation => Sentences { zh: "", en: "" },
    }
}
